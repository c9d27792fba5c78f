//! Bundles: an index of their entries, made once, and the rules of each type of Bundle.
//!
//! Source: <http://hl7.org/fhir/R4/bundle.html>.

use ahash::AHashMap;
use serde_json::Value;

use crate::validator::kind::Kind;
use crate::validator::path::Path;
use crate::validator::resolve::typed;
use crate::validator::sink::{Flow, Sink};
use crate::validator::walk::{Scope, Walk};

/// The entries of a Bundle by what references may call them.
pub struct Index<'a> {
    by_url: AHashMap<&'a str, &'a Value>,
    by_versioned_url: AHashMap<(&'a str, &'a str), &'a Value>,
    /// By type and id, and whether the entry has a full URL: those without can be found by this alone.
    by_key: AHashMap<(&'a str, &'a str), (&'a Value, bool)>,
    urls: AHashMap<usize, &'a str>,
}

fn text<'a>(value: &'a Value, name: &str) -> Option<&'a str> {
    value.get(name)?.as_str()
}

fn entries(bundle: &Value) -> &[Value] {
    bundle.get("entry").and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

impl<'a> Index<'a> {
    pub fn of(bundle: &'a Value) -> Self {
        let mut index = Index {
            by_url: AHashMap::new(),
            by_versioned_url: AHashMap::new(),
            by_key: AHashMap::new(),
            urls: AHashMap::new(),
        };
        for entry in entries(bundle) {
            let Some(resource) = entry.get("resource") else { continue };
            if let Some(url) = text(entry, "fullUrl") {
                index.by_url.entry(url).or_insert(resource);
                if let Some(version) = resource.get("meta").and_then(|m| text(m, "versionId")) {
                    index.by_versioned_url.entry((url, version)).or_insert(resource);
                }
                index.urls.insert(std::ptr::from_ref(resource) as usize, url);
            }
            if let (Some(type_name), Some(id)) = (text(resource, "resourceType"), text(resource, "id")) {
                let has_url = entry.get("fullUrl").is_some();
                index.by_key.entry((type_name, id)).or_insert((resource, has_url));
            }
        }
        index
    }

    pub fn full_url_of(&self, resource: &Value) -> Option<&'a str> {
        self.urls.get(&(std::ptr::from_ref(resource) as usize)).copied()
    }

    /// Source: <http://hl7.org/fhir/R4/bundle.html#references>: a relative reference is completed with the base of the
    /// full URL of the entry that it stands in.
    pub fn resolve(&self, full_url: Option<&str>, reference: &str) -> Option<&'a Value> {
        let (plain, version) = match reference.split_once("/_history/") {
            Some((plain, version)) => (plain, Some(version)),
            None => (reference.split('#').next().unwrap_or(reference), None),
        };
        let found = |url: &str| match version {
            Some(version) => self.by_versioned_url.get(&(url, version)).copied(),
            None => self.by_url.get(url).copied(),
        };
        if plain.contains(':') {
            return found(plain);
        }
        if let Some(own) = full_url
            && let Some((_, start)) = typed(own)
        {
            let mut url = smallvec::SmallVec::<[u8; 128]>::new();
            url.extend_from_slice(&own.as_bytes()[..start]);
            url.extend_from_slice(plain.as_bytes());
            if let Some(resource) = std::str::from_utf8(&url).ok().and_then(found) {
                return Some(resource);
            }
        }
        // Asked from the Bundle itself there is no base to complete the reference with.
        let by_key = || self.by_key.get(&plain.split_once('/')?).filter(|(_, has_url)| !has_url || full_url.is_none());
        self.by_url.get(plain).copied().or_else(|| by_key().map(|(resource, _)| *resource))
    }
}

pub fn check<'a, S: Sink>(walk: &mut Walk<'_, 'a, S>, scope: &Scope<'_, 'a>, bundle: &'a Value, at: &Path<'_>) -> Flow {
    let type_name = text(bundle, "type").unwrap_or_default();
    full_urls(walk, bundle, type_name, at)?;
    match type_name {
        "document" => document(walk, scope, bundle, at)?,
        "message" => message(walk, scope, bundle, at)?,
        "searchset" => searchset(walk, bundle, at)?,
        _ => {}
    }
    links(walk, bundle, type_name, at)
}

/// Absolute, fitting the resource's own id, and present where resources refer to each other.
fn full_urls<S: Sink>(walk: &mut Walk<'_, '_, S>, bundle: &Value, type_name: &str, at: &Path<'_>) -> Flow {
    let list = at.name("entry");
    let stored = !matches!(type_name, "transaction" | "batch" | "batch-response" | "transaction-response");
    for (i, entry) in entries(bundle).iter().enumerate() {
        let here = list.index(i);
        let Some(url) = text(entry, "fullUrl") else { continue };
        if !url.contains(':') {
            walk.error(&here, || Kind::FullUrlRelative)?;
            continue;
        }
        let Some(resource) = entry.get("resource").filter(|_| stored) else { continue };
        let (Some(of_type), Some(id)) = (text(resource, "resourceType"), text(resource, "id")) else { continue };
        if let Some((name, start)) = typed(url).filter(|_| url.starts_with("http"))
            && walk.schema().type_structure(name).is_some()
            && url.get(start..) != Some(format!("{of_type}/{id}").as_str())
        {
            walk.error(&here, || Kind::FullUrlMismatch)?;
        }
    }
    Flow::Continue(())
}

/// The first entry is the Composition; what it refers to is there (constraints bdl-9 to bdl-11 see to the rest).
fn document<'a, S: Sink>(walk: &mut Walk<'_, 'a, S>, scope: &Scope<'_, 'a>, bundle: &'a Value, at: &Path<'_>) -> Flow {
    let Some(composition) = entries(bundle).first().and_then(|e| e.get("resource")) else { return Flow::Continue(()) };
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

fn message<'a, S: Sink>(walk: &mut Walk<'_, 'a, S>, scope: &Scope<'_, 'a>, bundle: &'a Value, at: &Path<'_>) -> Flow {
    let Some(header) = entries(bundle).first().and_then(|e| e.get("resource")) else { return Flow::Continue(()) };
    let list = at.name("entry");
    let entry = list.index(0);
    let here = entry.name("resource");
    match header.get("focus") {
        Some(focus) => present(walk, scope, header, focus, &here.name("focus")),
        None => Flow::Continue(()),
    }
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
    let (true, Some(index)) = (S::ALL, scope.bundle) else { return Flow::Continue(()) };
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
    let mut open: Vec<usize> = number.get(&(std::ptr::from_ref(composition) as usize)).copied().into_iter().collect();
    while let Some(i) = open.pop() {
        if !std::mem::replace(&mut reached[i], true) {
            open.extend(&links[i]);
        }
    }
    let list = at.name("entry");
    for (i, _) in entries(bundle).iter().enumerate().filter(|(i, _)| reached.get(*i) == Some(&false)) {
        walk.report(&list.index(i), crate::fhir::Severity::Warning, || Kind::EntryUnreachable)?;
    }
    Flow::Continue(())
}

fn references<'v>(value: &'v Value, found: &mut Vec<&'v str>) {
    match value {
        Value::Array(items) => items.iter().for_each(|v| references(v, found)),
        Value::Object(map) => {
            found.extend(map.get("reference").and_then(Value::as_str));
            map.values().for_each(|v| references(v, found));
        }
        _ => {}
    }
}

fn searchset<S: Sink>(walk: &mut Walk<'_, '_, S>, bundle: &Value, at: &Path<'_>) -> Flow {
    let list = at.name("entry");
    let wanted = searched_types(bundle);
    for (i, entry) in entries(bundle).iter().enumerate() {
        let Some(resource) = entry.get("resource") else { continue };
        let entry_path = list.index(i);
        let here = entry_path.name("resource");
        let type_name = text(resource, "resourceType").unwrap_or_default();
        let mode = entry.get("search").and_then(|s| text(s, "mode"));
        // What a server says about the search is not kept under an id.
        if text(resource, "id").is_none() && mode != Some("outcome") && type_name != "OperationOutcome" {
            walk.error(&here, || Kind::SearchEntryWithoutId)?;
        }
        match mode {
            Some("outcome") if type_name != "OperationOutcome" => walk.error(&here, || Kind::SearchEntryOutcome)?,
            Some("match") | None
                if !wanted.is_empty() && !wanted.contains(&type_name) && type_name != "OperationOutcome" =>
            {
                walk.error(&here, || Kind::SearchEntryOfOtherType)?;
            }
            Some("match") if type_name == "OperationOutcome" && !wanted.contains(&type_name) && !wanted.is_empty() => {
                walk.error(&here, || Kind::SearchEntryOfOtherType)?;
            }
            _ => {}
        }
    }
    Flow::Continue(())
}

/// The types that the search in the self link asked for; empty where that cannot be told.
fn searched_types(bundle: &Value) -> Vec<&str> {
    let links = bundle.get("link").and_then(Value::as_array);
    let own = links.into_iter().flatten().find(|l| text(l, "relation") == Some("self")).and_then(|l| text(l, "url"));
    let Some(url) = own else { return Vec::new() };
    let (path, query) = url.split_once('?').unwrap_or((url, ""));
    if let Some(types) = query.split('&').find_map(|p| p.strip_prefix("_type=")) {
        return types.split(',').collect();
    }
    let last = path.rsplit('/').next().unwrap_or_default();
    if query.is_empty() || !last.starts_with(|c: char| c.is_ascii_uppercase()) { Vec::new() } else { vec![last] }
}

/// Paging links belong to search sets and histories.
fn links<S: Sink>(walk: &mut Walk<'_, '_, S>, bundle: &Value, type_name: &str, at: &Path<'_>) -> Flow {
    if matches!(type_name, "searchset" | "history") {
        return Flow::Continue(());
    }
    let list = at.name("link");
    let all = bundle.get("link").and_then(Value::as_array);
    for (i, link) in all.into_iter().flatten().enumerate() {
        if matches!(text(link, "relation"), Some("first" | "prev" | "previous" | "next" | "last")) {
            walk.error(&list.index(i).name("relation"), || Kind::LinkNotAllowed)?;
        }
    }
    Flow::Continue(())
}
