//! Dutch narrative of the sections, from the narratives that the resources carry.

use serde_json::{Value, json};

use crate::mapping::common::narrative::escape;

pub(super) const XHTML: &str = "http://www.w3.org/1999/xhtml";

/// A `Narrative` of XHTML parts that are complete in themselves.
pub(super) fn narrative(parts: &[String]) -> Value {
    let div = format!("<div xmlns=\"{XHTML}\" lang=\"nl\" xml:lang=\"nl\">{}</div>", parts.concat());
    json!({ "status": "generated", "div": div })
}

pub(super) fn paragraph(text: &str) -> String {
    format!("<p>{}</p>", escape(text))
}

/// The narrative that a resource carries, or what its code says where it carries none.
pub(super) fn of_resource(resource: &Value) -> Option<String> {
    if let Some(div) = resource["text"]["div"].as_str() {
        return Some(div.to_owned());
    }
    let said = [&resource["code"], &resource["description"], &resource["type"], &resource["category"][0]];
    said.iter().find_map(|concept| words(concept)).map(|words| paragraph(&words))
}

/// What a CodeableConcept says to a person.
pub(super) fn words(concept: &Value) -> Option<String> {
    concept["text"].as_str().or_else(|| concept["coding"][0]["display"].as_str()).map(str::to_owned)
}
