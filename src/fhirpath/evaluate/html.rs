//! `htmlChecks()`: a narrative is XHTML of the allowed elements and attributes and says something.
//! Source: <http://hl7.org/fhir/R4/narrative.html#xhtml>.

use quick_xml::Reader;
use quick_xml::escape::unescape;
use quick_xml::events::{BytesStart, Event};

use crate::fhir::xhtml::{ELEMENTS, is_script, may_have};

/// True of well-formed XHTML in one `div`, of allowed elements and attributes only, with a text that is not blank
/// or an image. No script can hide in it: neither as an element, an event attribute nor a `javascript:` address.
pub(super) fn is_safe_narrative(narrative: &str) -> bool {
    let mut reader = Reader::from_str(narrative);
    let (mut depth, mut roots, mut says_something) = (0_usize, 0, false);
    loop {
        match reader.read_event() {
            Ok(Event::Start(element)) => {
                if depth == 0 && (roots > 0 || element.name().as_ref() != "div") || !is_allowed(&element) {
                    return false;
                }
                roots += usize::from(depth == 0);
                depth += 1;
            }
            Ok(Event::Empty(element)) => {
                if depth == 0 || !is_allowed(&element) {
                    return false;
                }
                says_something |= element.name().as_ref() == "img";
            }
            Ok(Event::End(_)) => depth = depth.saturating_sub(1),
            Ok(Event::Text(text)) => {
                let blank = text.trim_ascii().is_empty();
                if depth == 0 && !blank {
                    return false;
                }
                says_something |= !blank;
            }
            Ok(Event::CData(text)) => says_something |= !text.trim_ascii().is_empty(),
            Ok(Event::GeneralRef(_)) => says_something = true,
            Ok(Event::Comment(_) | Event::Decl(_)) => {}
            Ok(Event::PI(_) | Event::DocType(_)) => return false,
            Ok(Event::Eof) => return depth == 0 && roots == 1 && says_something,
            Err(_) => return false,
        }
    }
}

fn is_allowed(element: &BytesStart<'_>) -> bool {
    let name = element.name();
    let name = name.as_ref();
    if !ELEMENTS.contains(&name) {
        return false;
    }
    element.attributes().all(|attribute| {
        let Ok(attribute) = attribute else { return false };
        let key = attribute.key.as_ref();
        let scripted = matches!(key, "href" | "src" | "cite" | "longdesc")
            && unescape(&attribute.value).map_or(true, |address| is_script(&address));
        may_have(name, key) && !scripted
    })
}
