//! Narrative: the XHTML that FHIR allows, nothing that runs, and something to read (txt-1, txt-2).
//!
//! Source: <http://hl7.org/fhir/R4/narrative.html#xhtml>.

mod nesting;
mod url;

use std::borrow::Cow;

use ahash::AHashSet;
use quick_xml::Reader;
use quick_xml::escape::{EscapeError, resolve_xml_entity, unescape_with};
use quick_xml::events::{BytesStart, Event};
use serde_json::Value;
use smallvec::SmallVec;

use crate::fhir::Severity;
use crate::fhir::xhtml::{Element, is_script, may_have};
use crate::fhir::xml::SyntaxFault;
use crate::validator::kind::Kind;
use crate::validator::path::Path;
use crate::validator::rules::bundle::Index;
use crate::validator::sink::{Flow, Sink};
use crate::validator::walk::{Scope, Walk};
use nesting::Open;

/// Attributes of any element.
fn is_common(attribute: &str) -> bool {
    matches!(
        attribute,
        "abbr"
            | "accesskey"
            | "align"
            | "axis"
            | "char"
            | "charoff"
            | "class"
            | "colspan"
            | "dir"
            | "headers"
            | "id"
            | "lang"
            | "rowspan"
            | "scope"
            | "span"
            | "style"
            | "tabindex"
            | "title"
            | "valign"
            | "width"
            | "xml:lang"
            | "xml:space"
    )
}

/// Attributes of some elements alone.
const OF_ELEMENT: &[(&str, &[&str])] = &[
    ("a", &["charset", "coords", "href", "hreflang", "name", "rel", "rev", "shape", "type"]),
    ("area", &["alt", "coords", "href", "nohref", "shape"]),
    ("blockquote", &["cite"]),
    ("img", &["alt", "border", "height", "ismap", "longdesc", "src", "usemap"]),
    ("map", &["name"]),
    ("pre", &["space"]),
    ("q", &["cite"]),
    ("table", &["border", "cellpadding", "cellspacing", "frame", "rules", "summary"]),
    ("td", &["nowrap"]),
];

fn has_attribute(element: &str, name: &str) -> bool {
    let own = || OF_ELEMENT.iter().any(|(of, names)| *of == element && names.contains(&name));
    is_common(name) || name == "xmlns" || name.starts_with("xmlns:") || own()
}

const XHTML: &str = "http://www.w3.org/1999/xhtml";

/// What is wrong with a narrative, at most one of each.
#[derive(Default)]
struct Findings {
    element: Option<Box<str>>,
    attribute: Option<Box<str>>,
    /// One that HTML 4 has and few readers take.
    unusual: Option<Box<str>>,
    namespace: bool,
    malformed: bool,
    /// No XML by the letter, and read as what it means everywhere: a `<` in an attribute, the number of no character.
    careless: bool,
    /// What makes it so, where that can be told.
    fault: Option<SyntaxFault>,
    content: bool,
    /// A link or image that leads nowhere by what it is: empty, or of a scheme that names nothing to go to.
    url: bool,
    nesting: Option<Box<str>>,
    links: Vec<String>,
    anchors: AHashSet<String>,
}

impl Findings {
    fn broken(&mut self, fault: SyntaxFault) {
        self.malformed = true;
        self.fault.get_or_insert(fault);
    }
}

pub fn check<'a, S: Sink>(walk: &mut Walk<'_, 'a, S>, scope: &Scope<'_, 'a>, value: &'a Value, at: &Path<'_>) -> Flow {
    let Some(div) = value.as_str() else { return Flow::Continue(()) };
    let mut found = Findings::default();
    read(div, &mut found);
    if found.malformed {
        return walk.error(at, || Kind::NarrativeMalformed { fault: found.fault });
    }
    if found.careless {
        walk.report(at, Severity::Warning, || Kind::NarrativeMalformed { fault: None })?;
    }
    if found.namespace {
        walk.error(at, || Kind::NarrativeNamespace)?;
    }
    if let Some(name) = found.element.take() {
        walk.error(at, || Kind::NarrativeElement { name })?;
    }
    if let Some(name) = found.attribute.take() {
        walk.error(at, || Kind::NarrativeAttribute { name })?;
    }
    if let Some(name) = found.unusual.take() {
        walk.report(at, Severity::Warning, || Kind::NarrativeAttributeUnusual { name })?;
    }
    if let Some(name) = found.nesting.take() {
        walk.error(at, || Kind::NarrativeNesting { name })?;
    }
    if found.url {
        walk.error(at, || Kind::NarrativeUrl)?;
    }
    if !found.content {
        walk.error(at, || Kind::NarrativeEmpty)?;
    }
    let lookup = &walk.shared.lookup;
    let around = scope.bundle.map(Index::bundle);
    let dangling = |link: &String| {
        !found.anchors.contains(link)
            && !lookup.has_id(scope.root, link)
            && !around.is_some_and(|bundle| lookup.has_id(bundle, link))
    };
    if found.links.iter().any(dangling) {
        walk.error(at, || Kind::NarrativeLink)?;
    }
    Flow::Continue(())
}

fn read(div: &str, found: &mut Findings) {
    let mut reader = Reader::from_str(div);
    reader.config_mut().check_end_names = true;
    let mut open: SmallVec<[Open; 16]> = SmallVec::new();
    let mut roots = 0;
    loop {
        match reader.read_event() {
            Ok(Event::Start(start)) => {
                roots += usize::from(open.is_empty());
                let opened = element(&start, &open, found);
                open.push(opened);
            }
            Ok(Event::Empty(start)) => {
                roots += usize::from(open.is_empty());
                element(&start, &open, found);
            }
            Ok(Event::End(_)) => _ = open.pop(),
            Ok(Event::Text(text)) if text.bytes().any(|b| !b.is_ascii_whitespace()) => characters(&open, found),
            // The names of HTML's characters are declared nowhere in the XML that this is.
            Ok(Event::GeneralRef(name)) => {
                match name.resolve_char_ref() {
                    Ok(None) if resolve_xml_entity(name.as_ref()).is_none() => found.broken(SyntaxFault::Reference),
                    Ok(None) => {}
                    number => found.careless |= !matches!(number, Ok(Some(c)) if is_character(c)),
                }
                characters(&open, found);
            }
            Ok(Event::Eof) => break,
            Ok(Event::DocType(_) | Event::CData(_)) => found.malformed = true,
            Ok(_) => {}
            Err(error) => {
                found.broken(SyntaxFault::of(&error));
                return;
            }
        }
    }
    if !open.is_empty() {
        found.broken(SyntaxFault::EndsEarly);
    }
    found.malformed |= roots != 1;
}

/// One element where these are open.
fn element(start: &BytesStart<'_>, open: &[Open], found: &mut Findings) -> Open {
    let name = start.name();
    let element = Element::find(name.as_ref());
    if open.is_empty() {
        root(start, found);
    } else if !nesting::allows(open, element) {
        found.nesting.get_or_insert_with(|| shown(name.as_ref()));
    }
    if element.is_none() {
        found.element.get_or_insert_with(|| shown(name.as_ref()));
    }
    tag(start, found);
    Open::new(open, element)
}

fn characters(open: &[Open], found: &mut Findings) {
    found.content = true;
    match open.last() {
        None => found.malformed = true,
        Some(parent) if !nesting::allows_text(parent) => {
            found.nesting.get_or_insert_with(|| "text".into());
        }
        Some(_) => {}
    }
}

fn root(start: &BytesStart<'_>, found: &mut Findings) {
    if start.name().as_ref() != "div" {
        found.element.get_or_insert_with(|| shown(start.name().as_ref()));
    }
    found.namespace |= !start.attributes().flatten().any(|a| a.key.as_ref() == "xmlns" && *a.value == *XHTML);
}

fn tag(start: &BytesStart<'_>, found: &mut Findings) {
    let name = start.name();
    let name = name.as_ref();
    found.content |= name == "img";
    for attribute in start.attributes() {
        let Ok(attribute) = attribute else {
            found.broken(SyntaxFault::Attribute);
            return;
        };
        let key = attribute.key.as_ref();
        if !has_attribute(name, key) {
            let found = if may_have(name, key) { &mut found.unusual } else { &mut found.attribute };
            found.get_or_insert_with(|| shown(key));
        }
        let Some(value) = meant(&attribute.value, found) else { return };
        match (name, key) {
            (_, "href" | "src" | "cite" | "longdesc") if is_script(&value) => {
                found.attribute.get_or_insert_with(|| shown(key));
            }
            ("a", "href") | ("img", "src") if leads_nowhere(name, &value) => found.url = true,
            ("a", "href") | ("img", "src") if value.starts_with('#') && value.len() > 1 => {
                found.links.push(value[1..].to_owned());
            }
            (_, "id") | ("a", "name") => _ = found.anchors.insert(value.into_owned()),
            (_, "xmlns") if *value != *XHTML => found.namespace = true,
            _ => {}
        }
    }
}

fn has_scheme(url: &str, schemes: &[&str]) -> bool {
    url.split_once(':').is_some_and(|(scheme, _)| schemes.iter().any(|s| scheme.eq_ignore_ascii_case(s)))
}

/// What the text of an attribute stands for; `None` where it names a character that XML does not.
fn meant<'t>(text: &'t str, found: &mut Findings) -> Option<Cow<'t, str>> {
    found.careless |= text.contains('<');
    match unescape_with(text, resolve_xml_entity) {
        Ok(value) => {
            found.careless |= matches!(&value, Cow::Owned(value) if !value.chars().all(is_character));
            Some(value)
        }
        Err(EscapeError::InvalidCharRef(_)) => {
            found.careless = true;
            Some(Cow::Borrowed(text))
        }
        Err(_) => {
            found.malformed = true;
            None
        }
    }
}

/// Source: <https://www.w3.org/TR/xml/#charsets>; what a `&#` names is one of these too.
fn is_character(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r') || (c >= ' ' && !matches!(c, '\u{fffe}' | '\u{ffff}'))
}

/// Nothing to follow: an empty or impossible address, or for a link a name where an address is wanted.
fn leads_nowhere(element: &str, url: &str) -> bool {
    url.trim().is_empty() || !url::is_written_right(url) || (element == "a" && has_scheme(url, &["urn", "cid"]))
}

fn shown(name: &str) -> Box<str> {
    let plain = name.len() <= 32 && name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b':' | b'-' | b'_'));
    if plain { name.into() } else { "…".into() }
}
