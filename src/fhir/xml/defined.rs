//! The layout of R4, from HL7's StructureDefinitions.

use std::sync::Arc;

use ahash::AHashMap;
use parking_lot::RwLock;
use serde_json::Value;

use super::layout::{Content, Element, Elements, Layout, expand};
use crate::fhir::definitions::Definitions;

type Known = AHashMap<Box<str>, Option<Arc<Elements>>>;

/// Reads a definition when its type is first met, and keeps what it says of elements.
pub struct Defined {
    definitions: Arc<Definitions>,
    known: RwLock<Known>,
}

impl Defined {
    pub fn new(definitions: Arc<Definitions>) -> Self {
        Defined { definitions, known: RwLock::default() }
    }

    /// Of how many types and elements is known what they consist of.
    pub fn kept(&self) -> usize {
        self.known.read().len()
    }
}

impl Layout for Defined {
    fn elements(&self, of: &str) -> Option<Arc<Elements>> {
        if let Some(known) = self.known.read().get(of) {
            return known.clone();
        }
        let type_name = of.split('.').next().unwrap_or(of);
        // What a sender makes up is not remembered: neither names that nothing has, nor those of elements that a type lacks.
        if type_name.contains(['#', '|']) || self.known.read().contains_key(type_name) {
            return None;
        }
        let read = read(&*self.definitions.structure_for_type(type_name)?, type_name);
        let mut known = self.known.write();
        known.entry(type_name.into()).or_insert(None);
        known.extend(read);
        known.get(of).cloned().flatten()
    }
}

/// The elements of a type and of each of its elements that has some; none where the definition is no type of its own.
fn read(definition: &Value, type_name: &str) -> Known {
    let text = |name: &str| definition[name].as_str().unwrap_or_default();
    let is_type = matches!(text("kind"), "resource" | "complex-type")
        && text("type") == type_name
        && text("derivation") != "constraint";
    let elements = definition["snapshot"]["element"].as_array().filter(|_| is_type).map_or(&[][..], Vec::as_slice);
    let mut groups: Vec<(&str, Vec<Element>)> = Vec::new();
    for element in elements {
        let path = element["path"].as_str().unwrap_or_default();
        match path.rsplit_once('.') {
            Some((parent, name)) => {
                // A snapshot lists children right after their element.
                let at = groups.iter().position(|(path, _)| *path == parent).unwrap_or_else(|| {
                    groups.push((parent, Vec::new()));
                    groups.len() - 1
                });
                groups[at].1.extend(children(element, name));
            }
            None => groups.push((path, Vec::new())),
        }
    }
    let paths: Vec<Box<str>> = groups.iter().map(|(path, _)| (*path).into()).collect();
    let standing = text("kind") == "resource" && definition["abstract"] != true;
    let of = |(path, mut list): (&str, Vec<Element>)| {
        for element in &mut list {
            let own = format!("{path}.{}", element.name);
            if paths.iter().any(|path| **path == own) {
                element.content = Content::Type(own.into());
            }
        }
        (path.into(), Some(Arc::new(Elements::new(list, standing && path == type_name))))
    };
    groups.into_iter().map(of).collect()
}

fn children(element: &Value, name: &str) -> Vec<Element> {
    let repeats = element["base"]["max"].as_str().or(element["max"].as_str()).is_some_and(|max| max != "1");
    let like = Element {
        name: name.into(),
        repeats,
        attribute: element["representation"].as_array().is_some_and(|them| them.iter().any(|it| it == "xmlAttr")),
        always: element["isModifier"] == true || element["min"].as_u64() > Some(0),
        summary: element["isSummary"] == true,
        content: Content::Text,
    };
    if let Some(other) = element["contentReference"].as_str() {
        return vec![Element { content: Content::Type(other.trim_start_matches('#').into()), ..like }];
    }
    let types = element["type"].as_array().map_or(&[][..], Vec::as_slice);
    // Types of FHIRPath are strings.
    let codes = types.iter().filter_map(|it| it["code"].as_str());
    let codes = codes.map(|code| if code.contains("://") { "string" } else { code });
    expand(&like, codes)
}
