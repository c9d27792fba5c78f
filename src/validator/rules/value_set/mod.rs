//! What a ValueSet includes and excludes: code systems by absolute URL that are code systems, and codes that they have.
//!
//! Source: <http://hl7.org/fhir/R4/valueset.html>.

mod filter;

use serde_json::Value;

use super::{list, text};
use crate::fhir::Severity;
use crate::validator::kind::Kind;
use crate::validator::path::Path;
use crate::validator::primitive::is_absolute;
use crate::validator::schema::Schema;
use crate::validator::sink::{Flow, Sink};
use crate::validator::terminology::Membership;
use crate::validator::walk::Walk;

pub fn check<S: Sink>(walk: &mut Walk<'_, '_, S>, set: &Value, at: &Path<'_>) -> Flow {
    let Some(compose) = set.get("compose") else { return Flow::Continue(()) };
    let at = at.name("compose");
    for part in ["include", "exclude"] {
        let all = at.name(part);
        for (i, include) in list(compose, part).iter().enumerate() {
            check_include(walk, include, &all.index(i))?;
        }
    }
    Flow::Continue(())
}

fn check_include<S: Sink>(walk: &mut Walk<'_, '_, S>, include: &Value, at: &Path<'_>) -> Flow {
    let Some(system) = text(include, "system") else { return Flow::Continue(()) };
    if !is_absolute(system) {
        return walk.error(at, || Kind::IncludeRelative);
    }
    if let Some((_, version)) = system.split_once('|') {
        // A version that says nothing does no harm.
        let severity = if version.is_empty() { Severity::Warning } else { Severity::Error };
        return walk.report(at, severity, || Kind::IncludeVersion);
    }
    match what(walk.schema(), system) {
        What::System => {}
        What::Unknown => {
            if let Some(url) = walk.schema().by_oid(system) {
                return walk.error(at, || Kind::IncludeByOid { system: url.into() });
            }
        }
        What::ValueSet => return walk.error(at, || Kind::IncludeNoSystem),
        What::Supplement => return walk.error(at, || Kind::IncludeSupplement),
    }
    let version = text(include, "version");
    let is_out =
        |walk: &Walk<'_, '_, S>, code| walk.schema().terminology.in_version(system, version, code) == Membership::Out;
    let all = at.name("concept");
    for (i, concept) in list(include, "concept").iter().enumerate() {
        if text(concept, "code").is_some_and(|code| is_out(walk, code)) {
            walk.error(&all.index(i), || Kind::UnknownCode { system: system.into() })?;
        }
    }
    let filters = list(include, "filter");
    let definition = (!filters.is_empty()).then(|| walk.schema().definitions.code_system(system)).flatten();
    let all = at.name("filter");
    for (i, one) in filters.iter().enumerate() {
        filter::check(walk, (system, version), definition.as_deref(), one, &all.index(i))?;
    }
    Flow::Continue(())
}

/// What the definitions have under the URL of a code system.
enum What {
    System,
    Supplement,
    ValueSet,
    Unknown,
}

fn what(schema: &Schema, url: &str) -> What {
    let definitions = &schema.definitions;
    // Asked of every include: what is kept ready is enough.
    match definitions.code_table(url) {
        Some(system) if system.is_supplement() => What::Supplement,
        Some(_) => What::System,
        None if definitions.entry(url).is_some_and(|entry| &*entry.resource_type == "ValueSet") => What::ValueSet,
        None => What::Unknown,
    }
}
