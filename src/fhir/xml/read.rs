//! From XML to the JSON form, with the place of every element in the text.
//!
//! What the layout does not know goes along as a property that the structural check refuses by name.

use std::sync::Arc;

use ahash::AHashMap;
use quick_xml::Reader;
use quick_xml::escape::{resolve_xml_entity, unescape_with};
use quick_xml::events::{BytesStart, Event};
use serde_json::{Map, Value};

use super::fault::SyntaxFault;
use super::layout::{self, Content, Elements, Layout};
use super::{DEPTH_LIMIT, NAMESPACE};

/// An XML element. Texts between elements mean nothing in FHIR and are refused, but for those in a narrative.
#[derive(Default)]
struct Element {
    name: String,
    attributes: Vec<(String, String)>,
    children: Vec<Element>,
    /// Where it starts and ends in the text.
    start: usize,
    end: usize,
}

/// A resource in the JSON form, and where in the text each FHIRPath expression of it starts.
pub struct Document {
    pub resource: Value,
    pub places: AHashMap<String, usize>,
    /// What is wrong with the XML alone and cannot be seen in the JSON form, by FHIRPath expression.
    pub faults: Vec<(String, Fault)>,
}

/// What XML says that JSON cannot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fault {
    /// The element stands after one that comes later in its type, or apart from the others of its name.
    Order,
    /// An attribute where FHIR has none.
    Attribute,
    /// Of another namespace than FHIR's.
    Namespace,
}

/// Reads a resource; the offset where it stops to be XML of FHIR otherwise, and why. Document types, and with them
/// entities of one's own, are refused.
pub fn read(layout: &dyn Layout, text: &str) -> Result<Document, (usize, SyntaxFault)> {
    let root = parse(text)?;
    let mut namespaces = root.attributes.iter().filter(|(name, _)| name.starts_with("xmlns"));
    let has_namespace = namespaces.clone().next().is_some();
    if !namespaces.any(|(_, value)| value == NAMESPACE) {
        return Err((root.start, SyntaxFault::of_root(&root.name, has_namespace)));
    }
    let mut reading = Reading { layout, text, places: AHashMap::new(), faults: Vec::new() };
    let resource = reading.resource(&root, &root.name);
    Ok(Document { resource, places: reading.places, faults: reading.faults })
}

fn parse(text: &str) -> Result<Element, (usize, SyntaxFault)> {
    let mut reader = Reader::from_str(text);
    let mut open: Vec<Element> = Vec::new();
    // Open elements of a narrative, whose content stays text.
    let mut narrative = 0_usize;
    loop {
        let start = reader.buffer_position() as usize;
        let event = reader.read_event().map_err(|error| (start, SyntaxFault::of(&error)))?;
        let end = reader.buffer_position() as usize;
        let closed = match event {
            Event::Start(_) if narrative > 0 => {
                narrative += 1;
                continue;
            }
            Event::End(_) if narrative > 1 => {
                narrative -= 1;
                continue;
            }
            Event::Empty(_) | Event::Text(_) | Event::GeneralRef(_) | Event::CData(_) if narrative > 0 => continue,
            Event::Start(tag) => {
                if open.len() >= DEPTH_LIMIT {
                    return Err((start, SyntaxFault::TooDeep));
                }
                let element = element(&tag, start)?;
                narrative = usize::from(element.name == "div");
                open.push(element);
                continue;
            }
            Event::Empty(tag) => element(&tag, start)?,
            Event::End(_) => {
                narrative = 0;
                open.pop().ok_or((start, SyntaxFault::EndTag))?
            }
            Event::Text(text) if text.trim().is_empty() => continue,
            Event::Decl(_) | Event::Comment(_) | Event::PI(_) => continue,
            Event::DocType(_) if text[end..].trim_start().get(..5).is_some_and(|t| t.eq_ignore_ascii_case("<html")) => {
                return Err((start, SyntaxFault::Html));
            }
            Event::DocType(_) => return Err((start, SyntaxFault::DocumentType)),
            Event::GeneralRef(_) => return Err((start, SyntaxFault::Reference)),
            Event::Text(_) | Event::CData(_) if open.is_empty() => return Err((start, SyntaxFault::NoXml)),
            Event::Text(_) | Event::CData(_) => return Err((start, SyntaxFault::TextBetween)),
            Event::Eof if open.is_empty() => return Err((start, SyntaxFault::Empty)),
            Event::Eof => return Err((start, SyntaxFault::EndsEarly)),
        };
        let closed = Element { end, ..closed };
        match open.last_mut() {
            Some(parent) => parent.children.push(closed),
            None => {
                let rest = text.get(end..).unwrap_or_default().trim_start();
                return if rest.is_empty() || rest.starts_with("<!--") {
                    Ok(closed)
                } else {
                    Err((end, SyntaxFault::GoesOn))
                };
            }
        }
    }
}

fn element(tag: &BytesStart<'_>, start: usize) -> Result<Element, (usize, SyntaxFault)> {
    let mut attributes = Vec::new();
    for attribute in tag.attributes() {
        let attribute = attribute.map_err(|_| (start, SyntaxFault::Attribute))?;
        let value = unescape_with(&attribute.value, resolve_xml_entity);
        let value = value.map_err(|_| (start, SyntaxFault::Reference))?.into_owned();
        attributes.push((attribute.key.as_ref().to_owned(), value));
    }
    Ok(Element { name: tag.local_name().as_ref().to_owned(), attributes, start, ..Element::default() })
}

struct Reading<'l> {
    layout: &'l dyn Layout,
    text: &'l str,
    places: AHashMap<String, usize>,
    faults: Vec<(String, Fault)>,
}

impl Reading<'_> {
    fn resource(&mut self, element: &Element, path: &str) -> Value {
        self.places.insert(path.to_owned(), element.start);
        let mut map = Map::new();
        map.insert("resourceType".into(), element.name.clone().into());
        if let Some(elements) = self.layout.elements(&element.name).filter(|it| it.is_resource()) {
            self.content(&elements, element, path, &mut map);
        }
        map.into()
    }

    /// Attributes and children as properties.
    fn content(&mut self, elements: &Elements, element: &Element, path: &str, map: &mut Map<String, Value>) {
        for (name, value) in &element.attributes {
            if name == "xmlns" && value != NAMESPACE {
                self.faults.push((path.to_owned(), Fault::Namespace));
            }
            if name.starts_with("xmlns") || name.contains(':') {
                continue;
            }
            // `value` is what makes a primitive of an element; its own reading takes it out.
            if name == "value" || elements.get(name).is_some_and(|known| known.attribute) {
                map.insert(name.clone(), value.clone().into());
            } else {
                self.faults.push((path.to_owned(), Fault::Attribute));
            }
        }
        let mut counts: AHashMap<&str, usize> = AHashMap::new();
        let mut latest = 0;
        let mut before = "";
        for child in &element.children {
            if let Some(place) = elements.place(&child.name) {
                let apart = counts.contains_key(child.name.as_str()) && before != child.name;
                if place < latest || apart {
                    self.faults.push((path.to_owned(), Fault::Order));
                }
                latest = latest.max(place);
            }
            before = &child.name;
            let Some(known) = elements.get(&child.name).filter(|known| !known.attribute) else {
                self.places.entry(format!("{path}.{}", child.name)).or_insert(child.start);
                map.insert(child.name.clone(), Value::Object(Map::new()));
                continue;
            };
            let count = counts.entry(&child.name).or_default();
            let here = if known.repeats {
                format!("{path}.{}[{count}]", child.name)
            } else {
                format!("{path}.{}", child.name)
            };
            // Twice a single element is an array where none may be, which the structural check says.
            let array = known.repeats || *count > 0;
            *count += 1;
            self.places.insert(here.clone(), child.start);
            if let Some(list) = here.strip_suffix("[0]") {
                self.places.insert(list.to_owned(), child.start);
            }
            let (value, part) = self.child(known, child, &here);
            put(map, &child.name, value, array, *count);
            if known.content.is_primitive() {
                put(map, &format!("_{}", child.name), part, array, *count);
            }
        }
        map.retain(|_, value| !matches!(value, Value::Null) && !value.as_array().is_some_and(|a| all_null(a)));
    }

    /// The value, and what stands beside it.
    fn child(&mut self, known: &layout::Element, child: &Element, path: &str) -> (Value, Value) {
        match &known.content {
            Content::Xhtml => (self.text.get(child.start..child.end).unwrap_or_default().into(), Value::Null),
            Content::Text | Content::Boolean | Content::Number => {
                let mut part = self.object("Element", child, path);
                let value = part.shift_remove("value").and_then(|v| v.as_str().map(|v| typed(&known.content, v)));
                match (value, part.is_empty()) {
                    (Some(value), true) => (value, Value::Null),
                    (None, true) => ("".into(), Value::Null),
                    (value, false) => (value.unwrap_or_default(), part.into()),
                }
            }
            Content::Resource => match child.children.as_slice() {
                [resource] => (self.resource(resource, path), Value::Null),
                _ => (Map::new().into(), Value::Null),
            },
            Content::Type(of) => (self.object(of, child, path).into(), Value::Null),
        }
    }

    fn object(&mut self, of: &str, element: &Element, path: &str) -> Map<String, Value> {
        let mut map = Map::new();
        let elements = self.layout.elements(of).unwrap_or_else(|| Arc::new(Elements::default()));
        self.content(&elements, element, path, &mut map);
        map
    }
}

/// Adds the `count`th value of a property; earlier ones that were not there are null.
fn put(map: &mut Map<String, Value>, name: &str, value: Value, array: bool, count: usize) {
    if !array {
        map.insert(name.to_owned(), value);
        return;
    }
    let slot = map.entry(name.to_owned()).or_insert_with(|| Value::Array(Vec::new()));
    if !slot.is_array() {
        *slot = Value::Array(vec![slot.take()]);
    }
    if let Value::Array(items) = slot {
        items.resize(count.saturating_sub(1), Value::Null);
        items.push(value);
    }
}

fn all_null(items: &[Value]) -> bool {
    items.iter().all(Value::is_null)
}

/// The JSON of a primitive's text; what does not fit stays text, which the structural check refuses.
fn typed(content: &Content, text: &str) -> Value {
    match content {
        Content::Boolean => text.parse::<bool>().map_or_else(|_| text.into(), Value::Bool),
        Content::Number => text.parse::<serde_json::Number>().map_or_else(|_| text.into(), Value::Number),
        _ => text.into(),
    }
}
