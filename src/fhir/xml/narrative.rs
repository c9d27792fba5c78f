//! A narrative between the two forms: markup of its own, which JSON carries as a text.

use std::borrow::Cow;

use quick_xml::Reader;
use quick_xml::escape::{resolve_html5_entity, resolve_xml_entity};
use quick_xml::events::Event;

/// The `div` of a narrative as it may stand in XML: HTML's named entities become characters. None where it is not one
/// well-formed element.
pub(super) fn to_xml(div: &str) -> Option<Cow<'_, str>> {
    let mut reader = Reader::from_str(div.trim());
    let (mut depth, mut roots, mut named) = (0_usize, 0_usize, false);
    loop {
        match reader.read_event().ok()? {
            Event::Start(tag) => {
                roots += usize::from(depth == 0);
                depth += 1;
                tag.attributes().all(|attribute| attribute.is_ok()).then_some(())?;
            }
            Event::Empty(tag) => {
                roots += usize::from(depth == 0);
                tag.attributes().all(|attribute| attribute.is_ok()).then_some(())?;
            }
            Event::End(_) => depth = depth.checked_sub(1)?,
            Event::GeneralRef(reference) => {
                let name: &str = reference.as_ref();
                let numbered = name.starts_with('#') && reference.resolve_char_ref().is_ok();
                named |= !numbered && resolve_xml_entity(name).is_none();
                (numbered || resolve_html5_entity(name).is_some()).then_some(())?;
            }
            Event::Eof => break,
            Event::Decl(_) | Event::DocType(_) | Event::PI(_) => return None,
            Event::Text(text) if depth == 0 && !text.trim().is_empty() => return None,
            Event::Text(_) | Event::CData(_) | Event::Comment(_) => {}
        }
    }
    if roots != 1 || depth != 0 {
        return None;
    }
    // Attributes may have them too, unseen by the reader.
    Some(if named || div.contains('&') { resolved(div) } else { Cow::Borrowed(div) })
}

fn resolved(div: &str) -> Cow<'_, str> {
    let mut text = String::with_capacity(div.len());
    let mut rest = div;
    while let Some(at) = rest.find('&') {
        text.push_str(&rest[..at]);
        rest = &rest[at..];
        let end = rest.find(';').unwrap_or(0);
        let name = rest.get(1..end).unwrap_or_default();
        match resolve_html5_entity(name).filter(|_| resolve_xml_entity(name).is_none()) {
            Some(characters) => {
                text.push_str(characters);
                rest = &rest[end + 1..];
            }
            None => {
                text.push('&');
                rest = &rest[1..];
            }
        }
    }
    text.push_str(rest);
    Cow::Owned(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entities_of_html_become_characters_and_those_of_xml_stay() {
        let div = "<div title=\"caf&eacute; &amp; bar\">a&nbsp;b &lt; &#233;</div>";
        assert_eq!(to_xml(div).as_deref(), Some("<div title=\"café &amp; bar\">a\u{a0}b &lt; &#233;</div>"));
    }

    #[test]
    fn what_is_not_one_well_formed_element_is_refused() {
        for bad in ["", "x", "<div>", "<div></p>", "<div/><div/>", "<div>&unknown;</div>", "<div a=1/>", "<div/>x"] {
            assert_eq!(to_xml(bad), None, "{bad}");
        }
    }
}
