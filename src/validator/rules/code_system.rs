//! A CodeSystem on its own: codes and properties that are there once, a count that is right, values of the declared
//! type, and a supplement that adds to codes that are there.
//!
//! Source: <http://hl7.org/fhir/R4/codesystem.html>.

use ahash::{AHashMap, AHashSet};
use serde_json::Value;

use super::{list, text};
use crate::validator::kind::Kind;
use crate::validator::path::Path;
use crate::validator::primitive::is_absolute;
use crate::validator::sink::{Flow, Sink};
use crate::validator::terminology::Membership;
use crate::validator::walk::Walk;

pub fn check<S: Sink>(walk: &mut Walk<'_, '_, S>, system: &Value, at: &Path<'_>) -> Flow {
    let properties = properties(walk, system, at)?;
    let supplements = text(system, "supplements");
    let is_supplement = text(system, "content") == Some("supplement");
    if is_supplement && supplements.is_none() {
        walk.error(at, || Kind::SupplementOfNothing)?;
    }
    if !is_supplement && supplements.is_some() {
        walk.error(&at.name("content"), || Kind::SupplementContent)?;
    }
    if supplements.is_some() && system.get("caseSensitive").is_some() {
        walk.error(&at.name("caseSensitive"), || Kind::SupplementCase)?;
    }
    let mut concepts = Concepts { properties, supplements, codes: AHashSet::new(), count: 0 };
    concepts.check(walk, system, at)?;
    let all = at.name("concept");
    match text(system, "content") {
        Some("not-present") if concepts.count > 0 => walk.error(&all.index(0), || Kind::ContentPresent),
        Some("complete") if system.get("count").and_then(Value::as_u64).is_some_and(|n| n != concepts.count) => {
            walk.error(&at.name("count"), || Kind::CodeCount { found: concepts.count })
        }
        _ => Flow::Continue(()),
    }
}

/// The declared properties, code → type.
type Properties<'v> = AHashMap<&'v str, Option<&'v str>>;

fn properties<'v, S: Sink>(
    walk: &mut Walk<'_, '_, S>,
    system: &'v Value,
    at: &Path<'_>,
) -> std::ops::ControlFlow<(), Properties<'v>> {
    let mut known = Properties::new();
    let mut uris = AHashSet::new();
    let all = at.name("property");
    for (i, property) in list(system, "property").iter().enumerate() {
        let twice = text(property, "uri").is_some_and(|uri| !uris.insert(uri));
        let code = text(property, "code");
        if let Some(uri) = text(property, "uri") {
            let own = text(system, "url").is_some_and(|url| uri.starts_with(url));
            if !is_absolute(uri) || (!own && uri.contains("://hl7.org/fhir") && known_property(uri).is_none()) {
                walk.error(&all.index(i), || Kind::PropertyUri)?;
            }
            if let (Some(wanted), Some(given)) = (known_property(uri), text(property, "type"))
                && wanted != given
            {
                walk.error(&all.index(i), || Kind::PropertyType { expected: wanted.into() })?;
            }
        }
        if twice || code.is_some_and(|code| known.insert(code, text(property, "type")).is_some()) {
            walk.error(&all.index(i), || Kind::PropertyTwice)?;
        }
    }
    std::ops::ControlFlow::Continue(known)
}

/// The type of a property that FHIR itself defines.
///
/// Source: <http://hl7.org/fhir/R4/codesystem-concept-properties.html>.
fn known_property(uri: &str) -> Option<&'static str> {
    match uri.strip_prefix("http://hl7.org/fhir/concept-properties#")? {
        "status" | "parent" | "child" | "partOf" | "synonym" => Some("code"),
        "inactive" | "notSelectable" => Some("boolean"),
        "effectiveDate" | "deprecationDate" | "retirementDate" => Some("dateTime"),
        "comment" => Some("string"),
        "itemWeight" => Some("decimal"),
        _ => None,
    }
}

struct Concepts<'v> {
    properties: Properties<'v>,
    supplements: Option<&'v str>,
    codes: AHashSet<&'v str>,
    count: u64,
}

impl<'v> Concepts<'v> {
    fn check<S: Sink>(&mut self, walk: &mut Walk<'_, '_, S>, parent: &'v Value, at: &Path<'_>) -> Flow {
        let all = at.name("concept");
        for (i, concept) in list(parent, "concept").iter().enumerate() {
            let here = all.index(i);
            self.count += 1;
            if let Some(code) = text(concept, "code") {
                if !self.codes.insert(code) {
                    walk.error(&here, || Kind::CodeTwice)?;
                }
                let base = self.supplements.map(|url| url.split('|').next().unwrap_or(url));
                if let Some(base) = base
                    && walk.schema().terminology.in_system(base, code) == Membership::Out
                {
                    walk.error(&here, || Kind::SupplementCode)?;
                }
            }
            self.values(walk, concept, &here)?;
            self.check(walk, concept, &here)?;
        }
        Flow::Continue(())
    }

    fn values<S: Sink>(&self, walk: &mut Walk<'_, '_, S>, concept: &Value, at: &Path<'_>) -> Flow {
        let all = at.name("property");
        for (i, property) in list(concept, "property").iter().enumerate() {
            let declared = text(property, "code").and_then(|code| self.properties.get(code).copied().flatten());
            let given = property.as_object().and_then(|map| map.keys().find_map(|key| key.strip_prefix("value")));
            if let (Some(declared), Some(given)) = (declared, given)
                && !declared.eq_ignore_ascii_case(given)
            {
                walk.error(&all.index(i), || Kind::PropertyType {
                    expected: super::fixed::shown(&declared.into(), ""),
                })?;
            }
        }
        Flow::Continue(())
    }
}
