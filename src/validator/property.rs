//! Properties of an element by name: most elements have few, and looking through those is faster than hashing the name.

use serde_json::{Map, Value};

const FEW: usize = 12;

pub fn property<'v>(value: &'v Value, name: &str) -> Option<&'v Value> {
    property_of(value.as_object()?, name)
}

pub fn property_of<'v>(map: &'v Map<String, Value>, name: &str) -> Option<&'v Value> {
    if map.len() > FEW {
        return map.get(name);
    }
    map.iter().find(|(key, _)| *key == name).map(|(_, value)| value)
}
