//! Contained resources: each has an id and is referred to, or refers to its container (dom-3).

use ahash::AHashSet;
use serde_json::Value;

use crate::validator::kind::Kind;
use crate::validator::path::Path;
use crate::validator::sink::{Flow, Sink};
use crate::validator::walk::Walk;

pub fn check<S: Sink>(walk: &mut Walk<'_, '_, S>, container: &Value, at: &Path<'_>) -> Flow {
    let Some(contained) = container.get("contained").and_then(Value::as_array) else { return Flow::Continue(()) };
    let mut named = AHashSet::new();
    fragments(container, &mut named);
    let here = at.name("contained");
    for (i, resource) in contained.iter().enumerate() {
        let Some(id) = resource.get("id").and_then(Value::as_str) else {
            walk.error(&here.index(i), || Kind::ContainedWithoutId)?;
            continue;
        };
        if !named.contains(id) && !refers_to_container(resource) {
            walk.error(&here.index(i), || Kind::ContainedUnused)?;
        }
    }
    Flow::Continue(())
}

/// Names behind `#` in references, canonicals and uris.
fn fragments<'v>(value: &'v Value, found: &mut AHashSet<&'v str>) {
    match value {
        Value::String(text) => {
            if let Some(id) = text.strip_prefix('#') {
                found.insert(id);
            }
        }
        Value::Array(items) => items.iter().for_each(|v| fragments(v, found)),
        Value::Object(map) => map.iter().filter(|(name, _)| *name != "div").for_each(|(_, v)| fragments(v, found)),
        _ => {}
    }
}

fn refers_to_container(value: &Value) -> bool {
    match value {
        Value::String(text) => text == "#",
        Value::Array(items) => items.iter().any(refers_to_container),
        Value::Object(map) => map.values().any(refers_to_container),
        _ => false,
    }
}
