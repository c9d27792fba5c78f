//! Bundles: an index of their entries, made once, and the rules of each type of Bundle.
//!
//! Source: <http://hl7.org/fhir/R4/bundle.html>.

mod document;
mod full_url;
mod links;
mod request;
mod search;
mod signature;

use ahash::{AHashMap, AHashSet};
use serde_json::Value;
use smallvec::SmallVec;

use super::text;
use crate::validator::kind::Kind;
use crate::validator::path::Path;
use crate::validator::primitive::is_absolute;
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
    /// Full URLs, with a version where one is asked for, that more than one entry has.
    twice: AHashSet<(&'a str, Option<&'a str>)>,
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
            twice: AHashSet::new(),
        };
        for entry in entries(bundle) {
            let Some(resource) = entry.get("resource") else { continue };
            if let Some(url) = text(entry, "fullUrl") {
                if index.by_url.insert(url, resource).is_some() {
                    index.twice.insert((url, None));
                }
                if let Some(version) = resource.get("meta").and_then(|m| text(m, "versionId"))
                    && index.by_versioned_url.insert((url, version), resource).is_some()
                {
                    index.twice.insert((url, Some(version)));
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

    /// Whether a resource goes by this `Type/id`.
    fn has(&self, name: &str) -> bool {
        name.split_once('/').is_some_and(|key| self.by_key.contains_key(&key))
    }

    pub fn full_url_of(&self, resource: &Value) -> Option<&'a str> {
        self.urls.get(&(std::ptr::from_ref(resource) as usize)).copied()
    }

    /// What keeps a reference of an entry from leading to one resource: its form, the entry that it stands in, or what it
    /// leads to.
    pub fn flaw(&self, full_url: Option<&str>, reference: &str) -> Option<Kind> {
        let type_name = text(self.bundle, "type").unwrap_or_default();
        let Some(full_url) = full_url else {
            return match type_name {
                "batch-response" | "transaction-response" => None,
                // Who gets these completes what is relative with its own base.
                "batch" | "transaction" => (!reference.contains([':', '?'])).then_some(Kind::ReferenceWithoutBase),
                _ => Some(Kind::FullUrlMissing),
            };
        };
        let (plain, version) = versioned(reference);
        if reference.contains(':') && is_absolute(reference) {
            return self.twice.contains(&(plain, version)).then_some(Kind::ReferenceSeveral);
        }
        // Who asks by a query wants a server to find out, which none does but for a batch or a transaction.
        let asks = reference.contains('?');
        if asks || !matches!(reference.matches('/').count(), 1 | 3) {
            let is_asked = asks && matches!(type_name, "batch" | "transaction");
            return (!is_asked).then_some(Kind::ReferenceRelative);
        }
        let (wanted, id) = plain.split_once('/')?;
        if full_url.starts_with("urn:") {
            let base = full_url.rfind(':').map_or(0, |colon| colon + 1);
            let found = self.by_url.get(std::str::from_utf8(&joined(&full_url[..base], id)).ok()?)?;
            return (text(found, "resourceType") != Some(wanted)).then_some(Kind::ReferenceOfOtherType);
        }
        if self.twice.is_empty() {
            return None;
        }
        let target = joined(&full_url[..typed(full_url)?.1], plain);
        self.twice.contains(&(std::str::from_utf8(&target).ok()?, version)).then_some(Kind::ReferenceSeveral)
    }

    /// Source: <http://hl7.org/fhir/R4/bundle.html#references>: a relative reference is completed with the base of the
    /// full URL of the entry that it stands in.
    pub fn resolve(&self, full_url: Option<&str>, reference: &str) -> Option<&'a Value> {
        let (plain, version) = versioned(reference);
        let found = |url: &str| match version {
            Some(version) => self.by_versioned_url.get(&(url, version)).copied(),
            None => self.by_url.get(url).copied(),
        };
        if plain.contains(':') {
            return found(plain);
        }
        let base = full_url.and_then(typed).map(|(_, start)| start).filter(|start| *start > 0);
        if let (Some(own), Some(start)) = (full_url, base) {
            let url = joined(&own[..start], plain);
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

fn joined(base: &str, rest: &str) -> SmallVec<[u8; 128]> {
    let mut url = SmallVec::from_slice(base.as_bytes());
    url.extend_from_slice(rest.as_bytes());
    url
}

/// A reference without the version and fragment that it may end in, and the version.
fn versioned(reference: &str) -> (&str, Option<&str>) {
    match reference.split_once("/_history/") {
        Some((plain, version)) => (plain, Some(version)),
        None => (reference.split('#').next().unwrap_or(reference), None),
    }
}

pub fn check<'a, S: Sink>(walk: &mut Walk<'_, 'a, S>, scope: &Scope<'_, 'a>, bundle: &'a Value, at: &Path<'_>) -> Flow {
    let type_name = text(bundle, "type").unwrap_or_default();
    full_url::check(walk, bundle, type_name, at)?;
    match type_name {
        "document" => document::check(walk, scope, bundle, at)?,
        "message" => document::message(walk, scope, bundle, at)?,
        "batch" | "transaction" => request::check(walk, scope.bundle, bundle, type_name, at)?,
        "searchset" => search::check(walk, bundle, at)?,
        _ => {}
    }
    signature::check(walk, bundle, at)?;
    links::check(walk, scope.bundle, bundle, type_name, at)
}
