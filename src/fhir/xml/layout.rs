//! What a form needs to know of a type: its elements, in order.

use std::sync::Arc;

use ahash::AHashMap;

/// Tells the elements of the types of one release of FHIR.
pub trait Layout: Send + Sync {
    /// The elements of a type (`Patient`, `HumanName`), or of an element that has elements of its own
    /// (`Patient.contact`). `Element` is what every primitive has beside its value.
    fn elements(&self, of: &str) -> Option<Arc<Elements>>;
}

/// One element as JSON names it: a choice is an element for each of its types.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Element {
    pub name: Box<str>,
    pub repeats: bool,
    /// Written as attribute in XML.
    pub attribute: bool,
    /// Must be there, or changes the meaning of what is around it.
    pub always: bool,
    /// Belongs to the summary of its type.
    pub summary: bool,
    pub content: Content,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    /// A primitive that is a string in JSON.
    Text,
    Boolean,
    Number,
    Xhtml,
    /// Any resource.
    Resource,
    /// What [`Layout::elements`] knows by this name.
    Type(Box<str>),
}

impl Content {
    /// Of a type by its code. Primitives are those with a small first letter.
    pub fn of(code: &str) -> Content {
        match code {
            "boolean" => Content::Boolean,
            "integer" | "positiveInt" | "unsignedInt" | "decimal" => Content::Number,
            "xhtml" => Content::Xhtml,
            "Resource" => Content::Resource,
            _ if code.starts_with(|first: char| first.is_ascii_lowercase()) => Content::Text,
            _ => Content::Type(code.into()),
        }
    }

    pub fn is_primitive(&self) -> bool {
        matches!(self, Content::Text | Content::Boolean | Content::Number)
    }
}

/// The elements of one type.
#[derive(Debug, Default)]
pub struct Elements {
    list: Vec<Element>,
    index: AHashMap<Box<str>, usize>,
    resource: bool,
}

impl Elements {
    /// In the order of XML. `resource`: whether the type can stand by itself.
    pub fn new(list: Vec<Element>, resource: bool) -> Self {
        let index = list.iter().enumerate().map(|(at, element)| (element.name.clone(), at)).collect();
        Elements { list, index, resource }
    }

    pub fn get(&self, name: &str) -> Option<&Element> {
        self.list.get(*self.index.get(name)?)
    }

    /// Where the element stands among those of its type.
    pub fn place(&self, name: &str) -> Option<usize> {
        self.index.get(name).copied()
    }

    pub fn iter(&self) -> impl Iterator<Item = &Element> {
        self.list.iter()
    }

    pub fn is_resource(&self) -> bool {
        self.resource
    }
}

/// The elements that stand for one whose name ends in `[x]` where there is a choice of types; what else holds for them
/// is that of `like`.
pub(super) fn expand<'c>(like: &Element, codes: impl Iterator<Item = &'c str>) -> Vec<Element> {
    let name = &*like.name;
    let element = |name: &str, content| Element { name: name.into(), content, ..like.clone() };
    match name.strip_suffix("[x]") {
        Some(stem) => codes.map(|code| element(&format!("{stem}{}", capitalised(code)), Content::of(code))).collect(),
        None => codes.take(1).map(|code| element(name, Content::of(code))).collect(),
    }
}

fn capitalised(code: &str) -> String {
    let mut letters = code.chars();
    letters.next().map_or_else(String::new, |first| first.to_ascii_uppercase().to_string() + letters.as_str())
}
