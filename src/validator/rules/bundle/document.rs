//! Documents and messages: what the first entry refers to is in the Bundle, and in a document the rest hangs together.
//!
//! Source: <http://hl7.org/fhir/R4/documents.html#content>.

use ahash::AHashMap;
use serde_json::Value;

use super::links::stylesheets;
use super::{entries, text};
use crate::validator::kind::Kind;
use crate::validator::path::Path;
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
    match header.get("focus") {
        Some(focus) => present(walk, scope, header, focus, &here.name("focus")),
        None => Flow::Continue(()),
    }
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
    match value {
        Value::Array(items) => {
            for (i, item) in items.iter().enumerate() {
                present(walk, scope, resource, item, &at.index(i))?;
            }
        }
        Value::Object(map) => {
            if let Some(reference) = map.get("reference").and_then(Value::as_str) {
                let index = scope.bundle.map(|b| b.resolve(b.full_url_of(resource), reference));
                if !reference.starts_with('#') && index.is_some_and(|found| found.is_none()) && !is_elsewhere(reference)
                {
                    walk.error(at, || Kind::NotInBundle)?;
                }
            }
            for (name, inner) in map {
                if matches!(inner, Value::Object(_) | Value::Array(_)) {
                    present(walk, scope, resource, inner, &at.name(name))?;
                }
            }
        }
        _ => {}
    }
    Flow::Continue(())
}

/// An absolute URL may name something that is kept elsewhere.
fn is_elsewhere(reference: &str) -> bool {
    reference.starts_with("http:") || reference.starts_with("https:")
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
