//! Ids of elements are unique within a resource, and that of a resource has a value.

use ahash::AHashSet;
use serde_json::Value;

use crate::validator::kind::Kind;
use crate::validator::path::Path;
use crate::validator::property::{property, property_of};
use crate::validator::sink::{Flow, Sink};
use crate::validator::walk::Walk;

/// An extension in place of a resource's id names no resource.
pub fn has_value<S: Sink>(walk: &mut Walk<'_, '_, S>, resource: &Value, at: &Path<'_>) -> Flow {
    if property(resource, "id").is_none() && property(resource, "_id").is_some() {
        return walk.error(&at.name("id"), || Kind::EmptyValue { type_name: "id" });
    }
    Flow::Continue(())
}

/// Looks at element ids alone: resources inside have ids of their own, and are looked at for themselves.
pub fn check<S: Sink>(walk: &mut Walk<'_, '_, S>, resource: &Value, at: &Path<'_>) -> Flow {
    let mut seen = AHashSet::new();
    children(walk, resource, &mut seen, at)
}

fn children<'v, S: Sink>(
    walk: &mut Walk<'_, '_, S>,
    value: &'v Value,
    seen: &mut AHashSet<&'v str>,
    at: &Path<'_>,
) -> Flow {
    let Value::Object(map) = value else { return Flow::Continue(()) };
    for (name, value) in map {
        // Elements of a definition carry the same ids in snapshot and differential.
        if name == "snapshot" {
            children(walk, value, &mut AHashSet::new(), &at.name(name))?;
            continue;
        }
        // What stands beside a primitive is at its place.
        let name = name.strip_prefix('_').unwrap_or(name);
        match value {
            Value::Array(items) => {
                let here = at.name(name);
                for (i, item) in items.iter().enumerate().filter(|(_, item)| item.is_object()) {
                    element(walk, item, seen, &here.index(i))?;
                }
            }
            Value::Object(_) => element(walk, value, seen, &at.name(name))?,
            _ => {}
        }
    }
    Flow::Continue(())
}

fn element<'v, S: Sink>(
    walk: &mut Walk<'_, '_, S>,
    value: &'v Value,
    seen: &mut AHashSet<&'v str>,
    at: &Path<'_>,
) -> Flow {
    let Value::Object(map) = value else { return Flow::Continue(()) };
    if property_of(map, "resourceType").is_some() {
        return Flow::Continue(());
    }
    if let Some(id) = property_of(map, "id").and_then(Value::as_str)
        && !seen.insert(id)
    {
        walk.error(at, || Kind::DuplicateId)?;
    }
    children(walk, value, seen, at)
}
