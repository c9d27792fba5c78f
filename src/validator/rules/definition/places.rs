//! Where the elements of a differential belong in the definition that it constrains.

use ahash::AHashMap;
use serde_json::Value;

use super::super::text;
use crate::validator::compile::navigate::{children_named, is_place};
use crate::validator::node::Source;
use crate::validator::schema::Schema;

/// Where an element of a differential belongs.
pub(super) enum Known {
    At(Vec<Source>),
    Nowhere,
    /// Below a choice or a resource of any type, which the differential itself may narrow.
    Untold,
}

pub(super) fn find(schema: &Schema, base: u32, type_name: &str, element: &Value) -> Known {
    let Some(path) = text(element, "path") else { return Known::Untold };
    let mut parts = path.split('.');
    // A logical model is known by its url, and its paths begin with the last part of that.
    if parts.next() != type_name.rsplit('/').next() {
        return Known::Nowhere;
    }
    let mut sources: Vec<Source> = vec![(base, 0)];
    let mut of_type: Box<str> = type_name.into();
    for part in parts {
        if !is_place(schema, &of_type) {
            return Known::Untold;
        }
        let name = part.strip_suffix("[x]").unwrap_or(part);
        let next = children_named(schema, &sources, &of_type, name);
        if next.is_empty() {
            return Known::Nowhere;
        }
        let last = next.iter().rev().map(|s| schema.element(*s));
        let several = next.iter().any(|s| schema.element(*s).choice);
        of_type = match last.flat_map(|e| &e.types).next() {
            _ if several => "Resource".into(),
            Some(one) => one.code.clone(),
            None => "BackboneElement".into(),
        };
        sources = next;
    }
    Known::At(sources)
}

/// Which elements stand before one that the base definition has earlier, under the same parent.
pub(super) fn out_of_order(elements: &[Value], places: &[Known]) -> Vec<bool> {
    let mut earliest: AHashMap<(&str, u32), u32> = AHashMap::new();
    let mut misplaced = vec![false; elements.len()];
    for (i, element) in elements.iter().enumerate().rev() {
        let (Some((parent, _)), Known::At(sources)) =
            (text(element, "id").and_then(|id| id.rsplit_once('.')), &places[i])
        else {
            continue;
        };
        let Some(&(structure, number)) = sources.first() else { continue };
        let known = earliest.entry((parent, structure)).or_insert(number);
        misplaced[i] = number > *known;
        *known = number.min(*known);
    }
    misplaced
}
