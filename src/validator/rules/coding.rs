//! A Coding on its own: its system is one, its code is known there, and its display is one of the code's.

use serde_json::Value;

use crate::fhir::Severity;
use crate::validator::kind::Kind;
use crate::validator::path::Path;
use crate::validator::property::property;
use crate::validator::schema::Schema;
use crate::validator::sink::{Flow, Sink};
use crate::validator::terminology::Membership;
use crate::validator::walk::{Scope, Walk};

/// A few systems share their url with a value set; those are systems.
fn names_value_set(schema: &Schema, url: &str) -> bool {
    url.contains("/ValueSet/") && schema.definitions.entry(url).is_some_and(|e| &*e.resource_type == "ValueSet")
}

pub fn check<S: Sink>(walk: &mut Walk<'_, '_, S>, scope: &Scope<'_, '_>, value: &Value, at: &Path<'_>) -> Flow {
    let text = |name: &str| property(value, name).and_then(Value::as_str);
    let Some(system) = text("system").filter(|s| !s.trim().is_empty()) else { return Flow::Continue(()) };
    let schema = walk.schema();
    if !system.contains(':') {
        return walk.error(&at.name("system"), || Kind::RelativeSystem);
    }
    if names_value_set(schema, system) {
        return walk.error(&at.name("system"), || Kind::ValueSetAsSystem);
    }
    if schema.terminology.is_supplement(system) {
        return walk.error(&at.name("system"), || Kind::SupplementAsSystem);
    }
    let Some(code) = text("code") else { return Flow::Continue(()) };
    let terminology = &schema.terminology;
    match terminology.in_system(system, code) {
        Membership::Out if text("version").is_some_and(|version| !terminology.has_version(system, version)) => {
            walk.report(at, Severity::Information, || Kind::CodeVersionUnchecked { system: system.into() })
        }
        Membership::Out => walk.error(&at.name("code"), || Kind::UnknownCode { system: system.into() }),
        Membership::In => match text("display").map(|d| terminology.is_display(system, code, d)) {
            Some(Membership::Out) => {
                // Where the resource does not say its language, or the system has no name in it, the name may be right.
                let language = [scope.resource, scope.root].iter().find_map(|r| property(r, "language")?.as_str());
                let is_known = language.is_some_and(|language| terminology.has_name_in(system, code, language));
                let severity = if is_known { Severity::Error } else { Severity::Warning };
                walk.report(&at.name("display"), severity, || Kind::WrongDisplay {
                    system: system.into(),
                    display: terminology.name(system, code),
                })
            }
            _ => Flow::Continue(()),
        },
        Membership::Unknown => Flow::Continue(()),
    }
}
