//! The criteria of a Measure in CQL: in which of its libraries they are defined.
//!
//! Source: <http://hl7.org/fhir/R4/measure.html>.

use serde_json::Value;

use super::super::{list, text};
use crate::validator::kind::Kind;
use crate::validator::path::Path;
use crate::validator::reason::NoCriterion;
use crate::validator::sink::{Flow, Sink};
use crate::validator::walk::Walk;

const ELM: &str = "application/elm+xml";

/// A Measure whose libraries are not all here is let through.
pub fn check<S: Sink>(walk: &mut Walk<'_, '_, S>, measure: &Value, at: &Path<'_>) -> Flow {
    let named: Vec<&str> = list(measure, "library").iter().filter_map(Value::as_str).collect();
    let found = named.iter().filter_map(|url| walk.schema().definitions.resource("Library", url));
    let libraries: Vec<_> = found.collect();
    if libraries.len() != named.len() {
        return Flow::Continue(());
    }
    let groups = at.name("group");
    for (i, group) in list(measure, "group").iter().enumerate() {
        let here = groups.index(i);
        let stratifiers = here.name("stratifier");
        for (i, stratifier) in list(group, "stratifier").iter().enumerate() {
            let Some(criteria) = stratifier.get("criteria") else { continue };
            let (Some("text/cql" | "text/cql.identifier"), Some(expression)) =
                (text(criteria, "language"), text(criteria, "expression"))
            else {
                continue;
            };
            let named = expression.split_once('.').map(|(library, _)| library);
            let mut fitting = libraries.iter().filter(|l| named.is_none_or(|name| text(l, "name") == Some(name)));
            let reason = match (fitting.next(), fitting.next()) {
                (Some(library), None) if is_compiled(library) => continue,
                (Some(_), None) => NoCriterion::NotCompiled,
                (Some(_), Some(_)) => NoCriterion::Several,
                (None, _) if libraries.is_empty() => NoCriterion::NoLibrary,
                (None, _) => NoCriterion::OtherLibraries,
            };
            let stratifier = stratifiers.index(i);
            walk.error(&stratifier.name("criteria"), || Kind::MeasureCriteria { reason })?;
        }
    }
    Flow::Continue(())
}

fn is_compiled(library: &Value) -> bool {
    list(library, "content").iter().any(|content| text(content, "contentType") == Some(ELM))
}
