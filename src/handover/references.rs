//! References within a document: what is referred to goes along, and every reference resolves inside the Bundle.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use uuid::Uuid;

use crate::fhir::{ResourceKey, systems};

/// `Type/id` keys of every relative reference in a resource.
pub(super) fn referenced(value: &Value) -> BTreeSet<ResourceKey> {
    let mut found = BTreeSet::new();
    visit(value, &mut |reference| {
        found.extend(ResourceKey::parse(reference));
    });
    found
}

fn visit(value: &Value, see: &mut impl FnMut(&str)) {
    match value {
        Value::Object(object) => {
            if let Some(reference) = object.get("reference").and_then(Value::as_str) {
                see(reference);
            }
            object.values().for_each(|child| visit(child, see));
        }
        Value::Array(list) => list.iter().for_each(|child| visit(child, see)),
        _ => {}
    }
}

/// The chosen resources and all that they lead to, among those that may travel; in the order of finding.
pub(super) fn closure<'a>(chosen: &[&'a Value], available: &BTreeMap<ResourceKey, &'a Value>) -> Vec<&'a Value> {
    let mut seen: BTreeSet<ResourceKey> = chosen.iter().filter_map(|one| ResourceKey::of(one)).collect();
    let mut all: Vec<&Value> = chosen.to_vec();
    let mut next = 0;
    while let Some(resource) = all.get(next) {
        for key in referenced(resource) {
            if let Some(target) = available.get(&key)
                && seen.insert(key)
            {
                all.push(target);
            }
        }
        next += 1;
    }
    all
}

/// `urn:uuid:…` of a resource: of its id where that is a UUID, else derived from type and id.
pub(super) fn full_url(key: &ResourceKey) -> String {
    let id = Uuid::parse_str(&key.id).unwrap_or_else(|_| {
        let name = format!("{}/{key}", systems::OVERDRACHT);
        Uuid::new_v5(&Uuid::NAMESPACE_URL, name.as_bytes())
    });
    format!("urn:uuid:{id}")
}

/// Makes relative references point to the entries of the Bundle. One whose target does not travel keeps its words
/// (`display`) or says that it was not sent; it never dangles.
pub(super) fn rewrite(value: &mut Value, travelling: &BTreeSet<ResourceKey>) {
    match value {
        Value::Object(object) => {
            if let Some(key) = object.get("reference").and_then(Value::as_str).and_then(ResourceKey::parse) {
                if travelling.contains(&key) {
                    object.insert("reference".into(), json!(full_url(&key)));
                } else {
                    object.remove("reference");
                    object.entry("display").or_insert_with(|| json!("niet meegestuurd (not sent)"));
                }
            }
            object.values_mut().for_each(|child| rewrite(child, travelling));
        }
        Value::Array(list) => list.iter_mut().for_each(|child| rewrite(child, travelling)),
        _ => {}
    }
}
