//! Ids of elements are unique within a resource.

use ahash::AHashSet;
use serde_json::Value;

use crate::validator::kind::Kind;
use crate::validator::path::Path;
use crate::validator::sink::{Flow, Sink};
use crate::validator::walk::Walk;

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
        let here = at.name(name);
        // Elements of a definition carry the same ids in snapshot and differential.
        if name == "snapshot" {
            children(walk, value, &mut AHashSet::new(), &here)?;
            continue;
        }
        match value {
            Value::Array(items) => {
                for (i, item) in items.iter().enumerate() {
                    element(walk, item, seen, &here.index(i))?;
                }
            }
            Value::Object(_) => element(walk, value, seen, &here)?,
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
    if map.contains_key("resourceType") {
        return Flow::Continue(());
    }
    if let Some(id) = map.get("id").and_then(Value::as_str)
        && !seen.insert(id)
    {
        walk.error(at, || Kind::DuplicateId)?;
    }
    children(walk, value, seen, at)
}
