//! Search sets: every entry has a resource, with an id, of a type that was asked for, or says what else it is.

use ahash::AHashSet;
use serde_json::Value;

use super::{entries, text};
use crate::fhir::Severity;
use crate::validator::kind::Kind;
use crate::validator::path::Path;
use crate::validator::schema::Schema;
use crate::validator::sink::{Flow, Sink};
use crate::validator::structure::StructureKind;
use crate::validator::walk::Walk;

pub(super) fn check<S: Sink>(walk: &mut Walk<'_, '_, S>, bundle: &Value, at: &Path<'_>) -> Flow {
    let list = at.name("entry");
    let wanted = searched_types(walk.schema(), bundle);
    for (i, entry) in entries(bundle).iter().enumerate() {
        let entry_path = list.index(i);
        let Some(resource) = entry.get("resource") else {
            walk.error(&entry_path, || Kind::SearchEntryWithoutResource)?;
            continue;
        };
        let here = entry_path.name("resource");
        let type_name = text(resource, "resourceType").unwrap_or_default();
        let mode = entry.get("search").and_then(|s| text(s, "mode"));
        // Without a mode it cannot be told what an entry is; what a server says about the search has no id.
        let severity = if mode.is_some() { Severity::Error } else { Severity::Warning };
        let is_outcome = mode == Some("outcome") || (mode.is_none() && type_name == "OperationOutcome");
        if is_outcome {
            if type_name != "OperationOutcome" {
                walk.error(&here, || Kind::SearchEntryOutcome)?;
            }
            continue;
        }
        if text(resource, "id").is_none() {
            walk.report(&here, severity, || Kind::SearchEntryWithoutId)?;
        }
        if mode != Some("include") && !wanted.is_empty() && !wanted.contains(type_name) {
            walk.report(&here, severity, || Kind::SearchEntryOfOtherType)?;
        }
    }
    Flow::Continue(())
}

/// The types that the search in the self link asked for; empty where that cannot be told.
fn searched_types<'b>(schema: &Schema, bundle: &'b Value) -> AHashSet<&'b str> {
    let links = bundle.get("link").and_then(Value::as_array);
    let own = links.into_iter().flatten().find(|l| text(l, "relation") == Some("self")).and_then(|l| text(l, "url"));
    let Some(url) = own else { return AHashSet::new() };
    let (path, query) = url.split_once('?').unwrap_or((url, ""));
    let last = path.rsplit('/').next().unwrap_or_default();
    if schema.type_structure(last).is_some_and(|s| schema.get(s).kind == StructureKind::Resource) {
        return AHashSet::from_iter([last]);
    }
    query.split('&').find_map(|p| p.strip_prefix("_type=")).map(|types| types.split(',').collect()).unwrap_or_default()
}
