//! The table of STU3's elements as a layout for its XML form.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use super::{KNOWN, element_of};
use crate::fhir::xml::{Content, Element, Elements, Layout};

/// Elements that change the meaning of what they stand in, besides those that are required.
const MODIFIERS: &[&str] = &["active", "except", "implicitRules", "modifierExtension", "notDone", "status"];

static LAYOUTS: LazyLock<BTreeMap<&'static str, Arc<Elements>>> = LazyLock::new(|| {
    let of = |elements: &[super::Element], resource| {
        Arc::new(Elements::new(elements.iter().flat_map(properties).collect(), resource))
    };
    // What every primitive has beside its value.
    let beside: Vec<super::Element> = "@id:string extension:Extension*".split(' ').filter_map(element_of).collect();
    let all = KNOWN.iter().map(|(name, known)| (*name, of(&known.elements, known.resource)));
    all.chain([("Element", of(&beside, false))]).collect()
});

/// The layout of STU3.
pub struct Stu3;

impl Layout for Stu3 {
    fn elements(&self, of: &str) -> Option<Arc<Elements>> {
        LAYOUTS.get(of).cloned()
    }
}

/// The properties of an element: a choice is one for each of its types.
fn properties(element: &super::Element) -> Vec<Element> {
    let property = |kind: &'static str| {
        let name = match element.choice {
            true => format!("{}{}{}", element.name, kind[..1].to_ascii_uppercase(), &kind[1..]),
            false => element.name.to_owned(),
        };
        Element {
            name: name.into(),
            repeats: element.repeats,
            attribute: element.attribute,
            always: element.required || MODIFIERS.contains(&element.name),
            summary: element.summary,
            content: Content::of(kind),
        }
    };
    element.kinds().map(property).collect()
}
