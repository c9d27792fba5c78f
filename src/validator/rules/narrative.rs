//! Narrative: the XHTML that FHIR allows, nothing that runs, and something to read (txt-1, txt-2).
//!
//! Source: <http://hl7.org/fhir/R4/narrative.html#xhtml>.

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use serde_json::Value;

use crate::fhir::xhtml::ELEMENTS;
use crate::validator::kind::Kind;
use crate::validator::path::Path;
use crate::validator::sink::{Flow, Sink};
use crate::validator::walk::{Scope, Walk};

const ATTRIBUTES: &[&str] = &[
    "abbr",
    "accesskey",
    "align",
    "alt",
    "axis",
    "bgcolor",
    "border",
    "cellhalign",
    "cellpadding",
    "cellspacing",
    "cellvalign",
    "char",
    "charoff",
    "charset",
    "cite",
    "class",
    "colspan",
    "compact",
    "coords",
    "dir",
    "frame",
    "headers",
    "height",
    "href",
    "hreflang",
    "hspace",
    "id",
    "lang",
    "longdesc",
    "name",
    "nowrap",
    "rel",
    "rev",
    "rowspan",
    "rules",
    "scope",
    "shape",
    "span",
    "src",
    "start",
    "style",
    "summary",
    "tabindex",
    "title",
    "type",
    "valign",
    "value",
    "vspace",
    "width",
    "xml:lang",
    "xmlns",
    "xml:space",
    "xml:base",
];

const XHTML: &str = "http://www.w3.org/1999/xhtml";

/// What is wrong with a narrative, at most one of each.
#[derive(Default)]
struct Findings {
    element: Option<Box<str>>,
    attribute: Option<Box<str>>,
    namespace: bool,
    malformed: bool,
    content: bool,
    links: Vec<String>,
    anchors: Vec<String>,
}

pub fn check<'a, S: Sink>(walk: &mut Walk<'_, 'a, S>, scope: &Scope<'_, 'a>, value: &'a Value, at: &Path<'_>) -> Flow {
    let Some(div) = value.as_str() else { return Flow::Continue(()) };
    let mut found = Findings::default();
    read(div, &mut found);
    if found.malformed {
        return walk.error(at, || Kind::NarrativeMalformed);
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
    if !found.content {
        walk.error(at, || Kind::NarrativeEmpty)?;
    }
    let dangling = |link: &String| !found.anchors.contains(link) && !has_id(scope.root, link);
    if found.links.iter().any(dangling) {
        walk.error(at, || Kind::NarrativeLink)?;
    }
    Flow::Continue(())
}

fn read(div: &str, found: &mut Findings) {
    let mut reader = Reader::from_str(div);
    reader.config_mut().check_end_names = true;
    let mut depth = 0usize;
    let mut roots = 0;
    loop {
        match reader.read_event() {
            Ok(Event::Start(start)) => {
                if depth == 0 {
                    roots += 1;
                    root(&start, found);
                }
                depth += 1;
                tag(&start, found);
            }
            Ok(Event::Empty(start)) => {
                if depth == 0 {
                    roots += 1;
                    root(&start, found);
                }
                tag(&start, found);
            }
            Ok(Event::End(_)) => depth -= 1,
            Ok(Event::Text(text)) => {
                let visible = text.bytes().any(|b| !b.is_ascii_whitespace());
                found.malformed |= visible && depth == 0;
                found.content |= visible;
            }
            Ok(Event::GeneralRef(_)) => found.content = true,
            Ok(Event::Eof) => break,
            Ok(Event::DocType(_) | Event::PI(_) | Event::CData(_)) => found.malformed = true,
            Ok(_) => {}
            Err(_) => {
                found.malformed = true;
                return;
            }
        }
    }
    found.malformed |= depth != 0 || roots != 1;
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
    if !ELEMENTS.iter().any(|e| **e == *name) {
        found.element.get_or_insert_with(|| shown(name));
    }
    found.content |= name == "img";
    for attribute in start.attributes() {
        let Ok(attribute) = attribute else {
            found.malformed = true;
            return;
        };
        let key = attribute.key.as_ref();
        if !ATTRIBUTES.iter().any(|a| **a == *key) && !key.starts_with("xmlns:") {
            found.attribute.get_or_insert_with(|| shown(key));
        }
        let text = || attribute.value.clone().into_owned();
        match (name, key) {
            ("a", "href") if attribute.value.starts_with('#') && attribute.value.len() > 1 => {
                found.links.push(text().split_off(1));
            }
            ("a", "href") | ("img", "src") if runs(&attribute.value) => {
                found.attribute.get_or_insert_with(|| shown(key));
            }
            (_, "id") | ("a", "name") => found.anchors.push(text()),
            _ => {}
        }
    }
}

fn runs(url: &str) -> bool {
    url.get(..11).is_some_and(|scheme| scheme.eq_ignore_ascii_case("javascript:"))
}

fn shown(name: &str) -> Box<str> {
    let plain = name.len() <= 32 && name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b':' | b'-' | b'_'));
    if plain { name.into() } else { "…".into() }
}

/// Whether a resource or element within has this id.
fn has_id(value: &Value, id: &str) -> bool {
    match value {
        Value::Array(items) => items.iter().any(|v| has_id(v, id)),
        Value::Object(map) => map.get("id").and_then(Value::as_str) == Some(id) || map.values().any(|v| has_id(v, id)),
        _ => false,
    }
}
