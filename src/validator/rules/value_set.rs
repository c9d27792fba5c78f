//! What a ValueSet includes and excludes: code systems by absolute URL that are code systems, and codes that they have.
//!
//! Source: <http://hl7.org/fhir/R4/valueset.html>.

use serde_json::Value;

use super::{list, text};
use crate::fhir::pattern;
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
    if system.contains('|') {
        return walk.error(at, || Kind::IncludeVersion);
    }
    match what(walk.schema(), system) {
        What::System | What::Unknown => {}
        What::ValueSet => return walk.error(at, || Kind::IncludeNoSystem),
        What::Supplement => return walk.error(at, || Kind::IncludeSupplement),
    }
    let is_out = |walk: &Walk<'_, '_, S>, code| walk.schema().terminology.in_system(system, code) == Membership::Out;
    let all = at.name("concept");
    for (i, concept) in list(include, "concept").iter().enumerate() {
        if text(concept, "code").is_some_and(|code| is_out(walk, code)) {
            walk.error(&all.index(i), || Kind::UnknownCode { system: system.into() })?;
        }
    }
    let all = at.name("filter");
    for (i, filter) in list(include, "filter").iter().enumerate() {
        let hierarchic = matches!(text(filter, "op"), Some("is-a" | "descendent-of" | "is-not-a" | "generalizes"));
        let about_concepts = matches!(text(filter, "property"), Some("concept" | "code"));
        if hierarchic && about_concepts && text(filter, "value").is_some_and(|code| is_out(walk, code)) {
            walk.error(&all.index(i), || Kind::UnknownCode { system: system.into() })?;
        }
        let broken = text(filter, "op") == Some("regex")
            && text(filter, "value").is_some_and(|expression| !pattern::is_one(expression));
        if broken {
            walk.error(&all.index(i), || Kind::FilterExpression)?;
        }
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
    match definitions.code_system(url) {
        Some(system) if text(&system, "content") == Some("supplement") => What::Supplement,
        Some(_) => What::System,
        None if definitions.value_set(url).is_some() => What::ValueSet,
        None => What::Unknown,
    }
}
