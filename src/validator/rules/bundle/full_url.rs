//! `fullUrl`: there, absolute, and not at odds with the resource's own id.

use serde_json::Value;

use super::{entries, text};
use crate::validator::kind::Kind;
use crate::validator::path::Path;
use crate::validator::resolve::typed;
use crate::validator::sink::{Flow, Sink};
use crate::validator::walk::Walk;

pub(super) fn check<S: Sink>(walk: &mut Walk<'_, '_, S>, bundle: &Value, type_name: &str, at: &Path<'_>) -> Flow {
    let list = at.name("entry");
    let optional = matches!(type_name, "transaction" | "batch" | "batch-response" | "transaction-response");
    for (i, entry) in entries(bundle).iter().enumerate() {
        let here = list.index(i);
        match (text(entry, "fullUrl"), entry.get("resource")) {
            (Some(url), _) if !url.contains(':') => walk.error(&here, || Kind::FullUrlRelative)?,
            (Some(url), Some(resource)) => fits(walk, url, resource, &here)?,
            (None, _) if !optional && entry.get("_fullUrl").is_none() => {
                walk.error(&here, || Kind::FullUrlMissing)?;
            }
            _ => {}
        }
    }
    Flow::Continue(())
}

/// A URL that looks like one of a RESTful server ends in the type and id of its resource.
fn fits<S: Sink>(walk: &mut Walk<'_, '_, S>, url: &str, resource: &Value, at: &Path<'_>) -> Flow {
    let (Some(of_type), id) = (text(resource, "resourceType"), text(resource, "id")) else {
        return Flow::Continue(());
    };
    let place = typed(url).filter(|(name, _)| url.starts_with("http") && walk.schema().type_structure(name).is_some());
    let ends = |start: usize, id: &str| {
        let tail = url[start..].split("/_history/").next().unwrap_or_default();
        tail.strip_prefix(of_type).and_then(|t| t.strip_prefix('/')) == Some(id)
    };
    match (place, id) {
        (Some(_), None) => walk.error(at, || Kind::FullUrlWithoutId),
        (Some((_, start)), Some(id)) if !ends(start, id) => walk.error(at, || Kind::FullUrlMismatch),
        // A canonical URL is no place where the resource is kept, unless it looks like one.
        (None, _) if text(resource, "url") == Some(url) => walk.error(at, || Kind::FullUrlMismatch),
        _ => Flow::Continue(()),
    }
}
