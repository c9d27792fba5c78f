//! Requests of a batch or transaction: what a server would refuse or put elsewhere, and references that lead nowhere.
//!
//! The base specification leaves these to servers, so that they are warnings. Source:
//! <http://hl7.org/fhir/R4/http.html#transaction>.

use serde_json::Value;

use super::{Index, entries, text};
use crate::fhir::Severity;
use crate::validator::kind::Kind;
use crate::validator::path::Path;
use crate::validator::sink::{Flow, Sink};
use crate::validator::walk::{DEPTH_LIMIT, Walk};

pub(super) fn check<S: Sink>(
    walk: &mut Walk<'_, '_, S>,
    index: Option<&Index<'_>>,
    bundle: &Value,
    type_name: &str,
    at: &Path<'_>,
) -> Flow {
    if !S::ALL {
        return Flow::Continue(());
    }
    let list = at.name("entry");
    for (i, entry) in entries(bundle).iter().enumerate() {
        let here = list.index(i);
        let resource = entry.get("resource");
        if let Some(request) = entry.get("request")
            && let Some(kind) = flaw(request, resource)
        {
            let (request, own) = (here.name("request"), here.name("resource"));
            let place = match kind {
                Kind::RequestWithoutResource => &here,
                Kind::RequestOtherId => &own,
                _ => &request,
            };
            walk.report(place, Severity::Warning, || kind)?;
        }
        if let (Some(index), Some(resource), "transaction") = (index, resource, type_name) {
            references(walk, index, resource, &here.name("resource"), 0)?;
        }
    }
    Flow::Continue(())
}

/// What does not fit between a request and the resource that comes with it.
fn flaw(request: &Value, resource: Option<&Value>) -> Option<Kind> {
    let (method, url) = (text(request, "method")?, text(request, "url")?);
    let is_write = matches!(method, "POST" | "PUT");
    let (way, query) = url.split_once('?').map_or((url, None), |(way, query)| (way, Some(query)));
    // An operation or a search takes what it takes, and of an absolute address the base is not known.
    if !is_write || way.contains(['$', ':']) || way.contains("_search") || way.starts_with('/') {
        return None;
    }
    let Some(resource) = resource else { return Some(Kind::RequestWithoutResource) };
    let mut steps = way.split('/');
    let (of, id) = (steps.next()?, steps.next());
    if !of.is_empty() && text(resource, "resourceType").is_some_and(|own| own != of) {
        return Some(Kind::RequestOtherType);
    }
    match (method, id, text(resource, "id")) {
        ("PUT", None, _) if query.is_none() => Some(Kind::RequestWithoutId),
        ("PUT", Some(id), Some(own)) if id != own => Some(Kind::RequestOtherId),
        _ => None,
    }
}

/// References to entries, by URN, that no entry goes by.
fn references<S: Sink>(
    walk: &mut Walk<'_, '_, S>,
    index: &Index<'_>,
    value: &Value,
    at: &Path<'_>,
    depth: usize,
) -> Flow {
    if depth > DEPTH_LIMIT {
        return Flow::Continue(());
    }
    match value {
        Value::Object(map) => {
            for (name, inner) in map {
                let here = at.name(name);
                match inner {
                    Value::String(reference) if name == "reference" => {
                        let is_urn = reference.starts_with("urn:uuid:") || reference.starts_with("urn:oid:");
                        if is_urn && index.resolve(None, reference).is_none() {
                            walk.report(at, Severity::Warning, || Kind::NotInTransaction)?;
                        }
                    }
                    Value::Object(_) | Value::Array(_) => references(walk, index, inner, &here, depth + 1)?,
                    _ => {}
                }
            }
        }
        Value::Array(items) => {
            for (i, item) in items.iter().enumerate() {
                references(walk, index, item, &at.index(i), depth + 1)?;
            }
        }
        _ => {}
    }
    Flow::Continue(())
}
