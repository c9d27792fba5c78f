//! Bundles: an index of their entries, made once, and the rules of each type of Bundle.
//!
//! Source: <http://hl7.org/fhir/R4/bundle.html>.

mod document;
mod full_url;
mod links;
mod search;

use ahash::AHashMap;
use serde_json::Value;

use super::text;
use crate::validator::path::Path;
use crate::validator::resolve::typed;
use crate::validator::sink::{Flow, Sink};
use crate::validator::walk::{Scope, Walk};

/// The entries of a Bundle by what references may call them.
pub struct Index<'a> {
    bundle: &'a Value,
    by_url: AHashMap<&'a str, &'a Value>,
    by_versioned_url: AHashMap<(&'a str, &'a str), &'a Value>,
    /// By type and id, and whether the entry has a full URL: those without can be found by this alone.
    by_key: AHashMap<(&'a str, &'a str), (&'a Value, bool)>,
    urls: AHashMap<usize, &'a str>,
}

fn entries(bundle: &Value) -> &[Value] {
    bundle.get("entry").and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

impl<'a> Index<'a> {
    pub fn of(bundle: &'a Value) -> Self {
        let mut index = Index {
            bundle,
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

    pub fn bundle(&self) -> &'a Value {
        self.bundle
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
        let base = full_url.and_then(typed).map(|(_, start)| start).filter(|start| *start > 0);
        if let (Some(own), Some(start)) = (full_url, base) {
            let mut url = smallvec::SmallVec::<[u8; 128]>::new();
            url.extend_from_slice(&own.as_bytes()[..start]);
            url.extend_from_slice(plain.as_bytes());
            if let Some(resource) = std::str::from_utf8(&url).ok().and_then(found) {
                return Some(resource);
            }
        }
        // Asked from the Bundle itself there is no base to complete the reference with.
        let by_key = || self.by_key.get(&plain.split_once('/')?).filter(|(_, has_url)| !has_url || full_url.is_none());
        let by_url = || self.by_url.get(plain).filter(|_| full_url.is_none()).copied();
        by_url().or_else(|| by_key().map(|(resource, _)| *resource))
    }
}

pub fn check<'a, S: Sink>(walk: &mut Walk<'_, 'a, S>, scope: &Scope<'_, 'a>, bundle: &'a Value, at: &Path<'_>) -> Flow {
    let type_name = text(bundle, "type").unwrap_or_default();
    full_url::check(walk, bundle, type_name, at)?;
    match type_name {
        "document" => document::check(walk, scope, bundle, at)?,
        "message" => document::message(walk, scope, bundle, at)?,
        "searchset" => search::check(walk, bundle, at)?,
        _ => {}
    }
    links::check(walk, bundle, type_name, at)
}
