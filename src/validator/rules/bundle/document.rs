//! Documents and messages: what the first entry refers to is in the Bundle, and in a document the rest hangs together.
//!
//! Source: <http://hl7.org/fhir/R4/documents.html#content>.

use ahash::AHashMap;
use serde_json::Value;

use super::links::stylesheets;
use super::{Index, entries, text};
use crate::validator::kind::Kind;
use crate::validator::path::Path;
use crate::validator::resolve::typed;
use crate::validator::schema::Schema;
use crate::validator::sink::{Flow, Sink};
use crate::validator::walk::{Scope, Walk};

/// The first entry is the Composition; what it refers to is there (constraints bdl-9 to bdl-11 see to the rest).
pub(super) fn check<'a, S: Sink>(
    walk: &mut Walk<'_, 'a, S>,
    scope: &Scope<'_, 'a>,
    bundle: &'a Value,
    at: &Path<'_>,
) -> Flow {
    let Some(composition) = first(bundle) else { return Flow::Continue(()) };
    if text(composition, "resourceType") != Some("Composition") {
        return Flow::Continue(());
    }
    let list = at.name("entry");
    let entry = list.index(0);
    let here = entry.name("resource");
    for name in ["subject", "encounter", "author", "attester", "custodian", "event", "section"] {
        if let Some(value) = composition.get(name) {
            present(walk, scope, composition, value, &here.name(name))?;
        }
    }
    astray(walk, scope, bundle, at)?;
    unreachable_entries(walk, scope, bundle, composition, at)
}

/// What the header is about is there.
pub(super) fn message<'a, S: Sink>(
    walk: &mut Walk<'_, 'a, S>,
    scope: &Scope<'_, 'a>,
    bundle: &'a Value,
    at: &Path<'_>,
) -> Flow {
    let Some(header) = first(bundle) else { return Flow::Continue(()) };
    let list = at.name("entry");
    let entry = list.index(0);
    let here = entry.name("resource");
    if let Some(focus) = header.get("focus") {
        present(walk, scope, header, focus, &here.name("focus"))?;
    }
    astray(walk, scope, bundle, at)
}

fn first(bundle: &Value) -> Option<&Value> {
    entries(bundle).first()?.get("resource")
}

/// References within a value name entries of the Bundle.
fn present<'a, S: Sink>(
    walk: &mut Walk<'_, 'a, S>,
    scope: &Scope<'_, 'a>,
    resource: &'a Value,
    value: &'a Value,
    at: &Path<'_>,
) -> Flow {
    let schema = walk.schema();
    // The elements that a document is to hold the targets of are named one by one; extensions are none of them.
    let is_lost = |index: &Index<'a>, reference: &str, at: &Path<'_>| {
        at.last_name() != "valueReference"
            && index.resolve(index.full_url_of(resource), reference).is_none()
            && !is_definition(schema, reference)
    };
    each_reference(walk, scope, value, at, &is_lost)
}

/// What an entry refers to by a type and id that another has is that other: its full URL must lead there.
fn astray<'a, S: Sink>(walk: &mut Walk<'_, 'a, S>, scope: &Scope<'_, 'a>, bundle: &'a Value, at: &Path<'_>) -> Flow {
    let list = at.name("entry");
    for (i, entry) in entries(bundle).iter().enumerate().skip(1) {
        let Some(resource) = entry.get("resource").filter(|_| entry.get("fullUrl").is_some()) else { continue };
        let is_astray = |index: &Index<'a>, reference: &str, _: &Path<'_>| {
            index.has(reference.split("/_history/").next().unwrap_or(reference))
                && index.resolve(index.full_url_of(resource), reference).is_none()
        };
        each_reference(walk, scope, resource, &list.index(i).name("resource"), &is_astray)?;
    }
    Flow::Continue(())
}

/// Reports the references within a value that lead to no entry, where they should.
fn each_reference<'a, S: Sink>(
    walk: &mut Walk<'_, 'a, S>,
    scope: &Scope<'_, 'a>,
    value: &'a Value,
    at: &Path<'_>,
    is_lost: &impl Fn(&Index<'a>, &str, &Path<'_>) -> bool,
) -> Flow {
    match value {
        Value::Array(items) => {
            for (i, item) in items.iter().enumerate() {
                each_reference(walk, scope, item, &at.index(i), is_lost)?;
            }
        }
        // A Bundle within has entries of its own, and is looked at for itself.
        Value::Object(map) if map.get("resourceType").is_some_and(|of| of == "Bundle") => {}
        Value::Object(map) => {
            let reference = map.get("reference").and_then(Value::as_str).filter(|r| !r.starts_with('#'));
            if let (Some(index), Some(reference)) = (scope.bundle, reference)
                && is_lost(index, reference, at)
            {
                walk.error(at, || Kind::NotInBundle)?;
            }
            for (name, inner) in map {
                if matches!(inner, Value::Object(_) | Value::Array(_)) {
                    each_reference(walk, scope, inner, &at.name(name), is_lost)?;
                }
            }
        }
        _ => {}
    }
    Flow::Continue(())
}

/// A definition is found by its URL, wherever it is kept.
fn is_definition(schema: &Schema, reference: &str) -> bool {
    let name = typed(reference).filter(|(_, start)| *start > 0).map(|(name, _)| name);
    let has_url = |structure| schema.get(structure).child("url").is_some();
    name.and_then(|name| schema.type_structure(name)).is_some_and(has_url)
}

fn unreachable_entries<'a, S: Sink>(
    walk: &mut Walk<'_, 'a, S>,
    scope: &Scope<'_, 'a>,
    bundle: &'a Value,
    composition: &'a Value,
    at: &Path<'_>,
) -> Flow {
    let Some(index) = scope.bundle else { return Flow::Continue(()) };
    let resources: Vec<&Value> = entries(bundle).iter().filter_map(|e| e.get("resource")).collect();
    let number: AHashMap<usize, usize> =
        resources.iter().enumerate().map(|(i, r)| (std::ptr::from_ref(*r) as usize, i)).collect();
    let mut links: Vec<Vec<usize>> = vec![Vec::new(); resources.len()];
    for (i, resource) in resources.iter().enumerate() {
        let mut found = Vec::new();
        references(resource, &mut found);
        for reference in found {
            let target = index.resolve(index.full_url_of(resource), reference);
            if let Some(&to) = target.and_then(|t| number.get(&(std::ptr::from_ref(t) as usize))) {
                // Links count both ways: a Provenance points at what it is about.
                links[i].push(to);
                links[to].push(i);
            }
        }
    }
    let mut reached = vec![false; resources.len()];
    let of = |resource: &Value| number.get(&(std::ptr::from_ref(resource) as usize)).copied();
    let mut open: Vec<usize> = of(composition).into_iter().collect();
    open.extend(stylesheets(bundle).filter_map(|url| index.resolve(None, url)).filter_map(of));
    while let Some(i) = open.pop() {
        if !std::mem::replace(&mut reached[i], true) {
            open.extend(&links[i]);
        }
    }
    let list = at.name("entry");
    let with_resource = entries(bundle).iter().enumerate().filter(|(_, e)| e.get("resource").is_some());
    for ((i, _), _) in with_resource.zip(&reached).filter(|(_, reached)| !**reached) {
        walk.error(&list.index(i), || Kind::EntryUnreachable)?;
    }
    Flow::Continue(())
}

fn references<'v>(value: &'v Value, found: &mut Vec<&'v str>) {
    match value {
        Value::Array(items) => items.iter().for_each(|v| references(v, found)),
        Value::Object(map) => {
            for (name, value) in map {
                match value {
                    Value::String(text) if leads_on(name) => found.push(text),
                    _ => references(value, found),
                }
            }
        }
        _ => {}
    }
}

/// Properties that may name another entry: references, and addresses.
fn leads_on(name: &str) -> bool {
    matches!(name, "reference" | "url" | "valueUri" | "valueUrl")
}
