//! Contained resources: each has an id of its own and is referred to, or refers to its container (dom-3).

use ahash::{AHashMap, AHashSet};
use serde_json::Value;

use crate::validator::kind::Kind;
use crate::validator::path::Path;
use crate::validator::sink::{Flow, Sink};
use crate::validator::walk::Walk;

pub fn check<S: Sink>(walk: &mut Walk<'_, '_, S>, container: &Value, at: &Path<'_>) -> Flow {
    let Some(contained) = container.get("contained").and_then(Value::as_array) else { return Flow::Continue(()) };
    let named = reached(container, contained);
    each(walk, contained, &named, at)
}

/// The ids that the container names, and those that what it names does in turn.
fn reached<'v>(container: &'v Value, contained: &'v [Value]) -> AHashSet<&'v str> {
    let mut by_id: AHashMap<&str, Vec<&Value>> = AHashMap::new();
    for resource in contained {
        if let Some(id) = resource.get("id").and_then(Value::as_str) {
            by_id.entry(id).or_default().push(resource);
        }
    }
    let mut found = Vec::new();
    let own = container.as_object().into_iter().flatten().filter(|(name, _)| *name != "contained");
    own.for_each(|(_, value)| fragments(value, &mut found));
    let mut open: Vec<&Value> = contained.iter().filter(|resource| refers_to_container(resource)).collect();
    let mut named = AHashSet::new();
    loop {
        while let Some(id) = found.pop() {
            if named.insert(id) {
                open.extend(by_id.remove(id).into_iter().flatten());
            }
        }
        match open.pop() {
            Some(resource) => fragments(resource, &mut found),
            None => return named,
        }
    }
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
fn fragments<'v>(value: &'v Value, found: &mut Vec<&'v str>) {
    match value {
        Value::String(text) => {
            if let Some(id) = text.strip_prefix('#') {
                found.push(id);
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
