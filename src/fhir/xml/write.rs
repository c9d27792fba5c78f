//! From the JSON form to XML.

use quick_xml::escape::escape;
use serde_json::{Map, Value};

use super::layout::{Content, Element, Elements, Layout};
use super::{DEPTH_LIMIT, NAMESPACE, narrative};

/// What stands at this place is no FHIR, and is not left out unseen.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("what stands at {at} has no form in XML")]
pub struct Unwritable {
    /// Names of elements; a property that is unknown is not named.
    pub at: String,
}

/// The text of a resource, elements in the order of the layout, without spaces between.
///
/// # Errors
/// A type or property that the layout does not know, or another JSON type than FHIR has there. Nothing is dropped.
pub fn write(layout: &dyn Layout, resource: &Value) -> Result<String, Unwritable> {
    let mut writing = Writing { layout, out: String::new(), path: Vec::new() };
    writing.out.push_str("<?xml version=\"1.0\" encoding=\"UTF-8\"?>");
    writing.resource(resource)?;
    Ok(writing.out)
}

struct Writing<'l> {
    layout: &'l dyn Layout,
    out: String,
    path: Vec<Box<str>>,
}

impl Writing<'_> {
    fn fail<T>(&self) -> Result<T, Unwritable> {
        Err(Unwritable { at: self.path.join(".") })
    }

    fn resource(&mut self, resource: &Value) -> Result<(), Unwritable> {
        let Some(map) = resource.as_object() else { return self.fail() };
        let Some(name) = map.get("resourceType").and_then(Value::as_str) else { return self.fail() };
        let Some(elements) = self.layout.elements(name).filter(|it| it.is_resource()) else { return self.fail() };
        let namespace = self.path.is_empty().then_some(NAMESPACE);
        self.path.push(name.into());
        self.object(name, namespace, map, 1, &elements)?;
        self.path.pop();
        Ok(())
    }

    /// An element with what stands in it; `told` properties of the map are none of the elements.
    fn object(
        &mut self,
        name: &str,
        namespace: Option<&str>,
        map: &Map<String, Value>,
        told: usize,
        elements: &Elements,
    ) -> Result<(), Unwritable> {
        if self.path.len() > DEPTH_LIMIT {
            return self.fail();
        }
        self.out.push('<');
        self.out.push_str(name);
        if let Some(namespace) = namespace {
            self.attribute("xmlns", namespace);
        }
        let mut told = told;
        for element in elements.iter().filter(|element| element.attribute) {
            let Some(value) = map.get(&*element.name) else { continue };
            let Some(value) = value.as_str() else { return self.fail() };
            self.attribute(&element.name, value);
            told += 1;
        }
        if told == map.len() {
            self.out.push_str("/>");
            return Ok(());
        }
        self.out.push('>');
        for element in elements.iter().filter(|element| !element.attribute) {
            told += self.element(element, map)?;
        }
        if told != map.len() {
            return self.fail();
        }
        self.close(name);
        Ok(())
    }

    /// All there is of one element; how many properties that were.
    fn element(&mut self, element: &Element, map: &Map<String, Value>) -> Result<usize, Unwritable> {
        let value = map.get(&*element.name);
        let beside = element.content.is_primitive().then(|| map.get(&format!("_{}", element.name))).flatten();
        if value.is_none() && beside.is_none() {
            return Ok(0);
        }
        self.path.push(element.name.clone());
        let (values, parts) = (items(value), items(beside));
        if values.is_empty() && parts.is_empty() {
            return self.fail();
        }
        for at in 0..values.len().max(parts.len()) {
            self.item(element, values.get(at), parts.get(at))?;
        }
        self.path.pop();
        Ok(usize::from(value.is_some()) + usize::from(beside.is_some()))
    }

    fn item(&mut self, element: &Element, value: Option<&Value>, part: Option<&Value>) -> Result<(), Unwritable> {
        let name = &*element.name;
        match (&element.content, value) {
            (Content::Xhtml, Some(Value::String(div))) => {
                let Some(div) = narrative::to_xml(div) else { return self.fail() };
                self.out.push_str(&div);
                Ok(())
            }
            (Content::Resource, Some(resource)) => {
                self.open(name);
                self.resource(resource)?;
                self.close(name);
                Ok(())
            }
            (Content::Type(of), Some(Value::Object(map))) => {
                let Some(elements) = self.layout.elements(of) else { return self.fail() };
                self.object(name, None, map, 0, &elements)
            }
            (Content::Text | Content::Boolean | Content::Number, value) => self.primitive(name, value, part),
            _ => self.fail(),
        }
    }

    fn primitive(&mut self, name: &str, value: Option<&Value>, part: Option<&Value>) -> Result<(), Unwritable> {
        let value = match value {
            None | Some(Value::Null) => None,
            Some(Value::String(text)) => Some(text.clone()),
            Some(scalar @ (Value::Bool(_) | Value::Number(_))) => Some(scalar.to_string()),
            Some(Value::Array(_) | Value::Object(_)) => return self.fail(),
        };
        let empty = Map::new();
        let part = match part {
            None | Some(Value::Null) => &empty,
            Some(Value::Object(part)) => part,
            Some(_) => return self.fail(),
        };
        if value.is_none() && part.is_empty() {
            return self.fail();
        }
        let Some(elements) = self.layout.elements("Element") else { return self.fail() };
        let start = self.out.len() + 1 + name.len();
        self.object(name, None, part, 0, &elements)?;
        if let Some(value) = value {
            let mut attribute = String::new();
            push_attribute(&mut attribute, "value", &value);
            self.out.insert_str(start, &attribute);
        }
        Ok(())
    }

    fn attribute(&mut self, name: &str, value: &str) {
        push_attribute(&mut self.out, name, value);
    }

    fn open(&mut self, name: &str) {
        self.out.push('<');
        self.out.push_str(name);
        self.out.push('>');
    }

    fn close(&mut self, name: &str) {
        self.out.push_str("</");
        self.out.push_str(name);
        self.out.push('>');
    }
}

/// White space is written as references, which readers keep as they are; a character that XML cannot have becomes
/// U+FFFD (FHIR has no such characters either).
fn push_attribute(out: &mut String, name: &str, value: &str) {
    out.push(' ');
    out.push_str(name);
    out.push_str("=\"");
    for letter in escape(value).chars() {
        match letter {
            '\n' => out.push_str("&#10;"),
            '\r' => out.push_str("&#13;"),
            '\t' => out.push_str("&#9;"),
            '\u{0}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => out.push('\u{fffd}'),
            other => out.push(other),
        }
    }
    out.push('"');
}

fn items(value: Option<&Value>) -> &[Value] {
    match value {
        None => &[],
        Some(Value::Array(items)) => items,
        Some(one) => std::slice::from_ref(one),
    }
}
