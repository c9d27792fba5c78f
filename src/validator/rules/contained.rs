//! Contained resources: each has an id of its own and is referred to, or refers to its container (dom-3).

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
    each(walk, contained, &named, at)
}

fn each<S: Sink>(walk: &mut Walk<'_, '_, S>, contained: &[Value], named: &AHashSet<&str>, at: &Path<'_>) -> Flow {
    let all = at.name("contained");
    let mut ids = AHashSet::new();
    for (i, resource) in contained.iter().enumerate() {
        let here = all.index(i);
        match resource.get("id").and_then(Value::as_str) {
            None => walk.error(&here, || Kind::ContainedWithoutId)?,
            Some(id) => {
                if !ids.insert(id) {
                    walk.error(&here, || Kind::DuplicateId)?;
                }
                if !named.contains(id) && !refers_to_container(resource) {
                    walk.error(&here, || Kind::ContainedUnused)?;
                }
            }
        }
        // None may be there (dom-2), and who puts them there is told of them too.
        if let Some(inner) = resource.get("contained").and_then(Value::as_array) {
            each(walk, inner, named, &here)?;
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
