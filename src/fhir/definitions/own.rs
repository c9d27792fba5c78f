//! Overdracht's own definitions, which the binary carries.

use std::sync::LazyLock;

use serde_json::Value;

use crate::fhir::systems;

/// File name and JSON of everything in `profiles/overdracht`; listed by `build.rs`.
pub(super) const OWN: &[(&str, &[u8])] = include!(concat!(env!("OUT_DIR"), "/own_definitions.rs"));

/// Overdracht's own definitions of this resource type, as they are published: what its resources name. Not what it says
/// of the definitions of others.
pub fn published(resource_type: &str) -> impl Iterator<Item = &'static Value> {
    static ALL: LazyLock<Vec<Value>> = LazyLock::new(|| {
        let all = OWN.iter().filter_map(|(_, text)| serde_json::from_slice::<Value>(text).ok());
        all.filter(|one| one["url"].as_str().is_some_and(|url| url.starts_with(systems::OVERDRACHT))).collect()
    });
    ALL.iter().filter(move |one| one["resourceType"] == resource_type)
}
