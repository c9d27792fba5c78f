//! A CodeSystem on its own: codes and properties that are there once, a count that is right, values of the declared
//! type, and a supplement that adds to codes that are there.
//!
//! Source: <http://hl7.org/fhir/R4/codesystem.html>.

use ahash::{AHashMap, AHashSet};
use serde_json::Value;

use super::{list, text};
use crate::fhir::Severity;
use crate::fhir::definitions::Canonical;
use crate::validator::kind::Kind;
use crate::validator::path::Path;
use crate::validator::primitive::is_absolute;
use crate::validator::reason::NotAllCodes;
use crate::validator::sink::{Flow, Sink};
use crate::validator::terminology::Membership;
use crate::validator::walk::Walk;

pub fn check<S: Sink>(walk: &mut Walk<'_, '_, S>, system: &Value, at: &Path<'_>) -> Flow {
    let properties = properties(walk, system, at)?;
    let supplements = text(system, "supplements");
    let is_supplement = text(system, "content") == Some("supplement");
    if is_supplement && supplements.is_none() {
        walk.error(at, || Kind::SupplementOfNothing)?;
        walk.error(&at.name("content"), || Kind::SupplementOfNothing)?;
    }
    if !is_supplement && supplements.is_some() {
        walk.error(&at.name("content"), || Kind::SupplementContent)?;
    }
    if supplements.is_some() && system.get("caseSensitive").is_some() {
        walk.error(&at.name("caseSensitive"), || Kind::SupplementCase)?;
    }
    let mut concepts = Concepts { properties, supplements, codes: AHashSet::new(), count: 0 };
    concepts.check(walk, system, at)?;
    concepts.all_values(walk, system, at)?;
    set_of_all(walk, system, concepts.count, at)?;
    if let Some(base) = supplements.and_then(|url| walk.schema().definitions.code_system(url)) {
        let meaning = text(system, "hierarchyMeaning");
        if meaning.is_some_and(|own| text(&base, "hierarchyMeaning").is_some_and(|of_base| own != of_base)) {
            walk.error(at, || Kind::SupplementHierarchy)?;
        }
        let (own, known) = (system.get("count"), base.get("count"));
        if is_supplement && own.is_some() && known.is_some() && own != known {
            walk.error(&at.name("count"), || Kind::SupplementCount)?;
        }
    }
    let all = at.name("concept");
    match text(system, "content") {
        Some("not-present") if concepts.count > 0 => walk.error(&all.index(0), || Kind::ContentPresent),
        Some("complete") if system.get("count").and_then(Value::as_u64).is_some_and(|n| n != concepts.count) => {
            walk.error(&at.name("count"), || Kind::CodeCount { found: concepts.count })
        }
        _ => Flow::Continue(()),
    }
}

/// The value set of all codes, where it is here, takes this code system whole and nothing else.
fn set_of_all<S: Sink>(walk: &mut Walk<'_, '_, S>, system: &Value, count: u64, at: &Path<'_>) -> Flow {
    let set = text(system, "valueSet").and_then(|url| walk.schema().definitions.value_set(url));
    let Some(set) = set else { return Flow::Continue(()) };
    let is_complete = text(system, "content") == Some("complete");
    let includes = set.get("compose").map_or(&[][..], |compose| list(compose, "include"));
    let reason = match includes {
        [include] if text(include, "system") != text(system, "url") => NotAllCodes::OtherSystem,
        [include] if ["valueSet", "concept", "filter"].iter().any(|part| include.get(part).is_some()) => {
            NotAllCodes::Part
        }
        [_] if is_complete && set.get("expansion").is_some_and(|e| listed(e) != count) => NotAllCodes::Count,
        [_] => return Flow::Continue(()),
        _ => NotAllCodes::Includes,
    };
    walk.error(at, || Kind::AllCodesSet { reason })
}

/// How many codes an expansion lists, those within others too; what is but a heading has no code.
fn listed(expansion: &Value) -> u64 {
    let all = list(expansion, "contains").iter();
    all.map(|item| u64::from(item.get("code").is_some()) + listed(item)).sum()
}

/// The declared properties, code → type, and whether its values are codes of the code system.
type Properties<'v> = AHashMap<&'v str, Declared<'v>>;

#[derive(Clone, Copy)]
struct Declared<'v> {
    of_type: Option<&'v str>,
    refers: bool,
}

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
            let url = text(system, "url").unwrap_or_default();
            // HL7's own code systems stand right below its base.
            let of_hl7 = url.strip_prefix("http://hl7.org/fhir/").is_some_and(|rest| !rest.contains('/'));
            let own = (!url.is_empty() && uri.starts_with(url)) || of_hl7;
            if !is_absolute(uri) || (!own && uri.contains("://hl7.org/fhir") && known_property(uri).is_none()) {
                walk.error(&all.index(i), || Kind::PropertyUri)?;
            }
            if let (Some(wanted), Some(given)) = (known_property(uri), text(property, "type"))
                && wanted != given
            {
                walk.error(&all.index(i), || Kind::PropertyType { expected: wanted.into() })?;
            }
            if let (Some(named), Some(code)) = (uri.strip_prefix(KNOWN), code)
                && known_property(uri).is_some()
                && named != code
                && known_property(&format!("{KNOWN}{code}")).is_some()
            {
                walk.error(&all.index(i), || Kind::PropertyCode { expected: named.into() })?;
            }
        }
        let named = text(property, "uri").and_then(|uri| uri.strip_prefix(KNOWN));
        let of_type = text(property, "type");
        let within = matches!(named, Some("parent" | "child" | "partOf" | "synonym"));
        // What a supplement says with a code is a code of what it supplements.
        let of_supplement = of_type == Some("code") && named.is_none() && system.get("supplements").is_some();
        let declared = Declared { of_type, refers: within || of_supplement };
        if twice || code.is_some_and(|code| known.insert(code, declared).is_some()) {
            walk.error(&all.index(i), || Kind::PropertyTwice)?;
        }
    }
    std::ops::ControlFlow::Continue(known)
}

/// Where FHIR's own properties are defined.
const KNOWN: &str = "http://hl7.org/fhir/concept-properties#";

/// The type of a property that FHIR itself defines.
///
/// Source: <http://hl7.org/fhir/R4/codesystem-concept-properties.html>.
fn known_property(uri: &str) -> Option<&'static str> {
    match uri.strip_prefix(KNOWN)? {
        "status" | "parent" | "child" | "partOf" | "synonym" => Some("code"),
        "inactive" | "notSelectable" => Some("boolean"),
        "deprecated" | "effectiveDate" | "deprecationDate" | "retirementDate" => Some("dateTime"),
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
                if self.is_outside_base(walk, code) {
                    // A supplement that makes a hierarchy of its own is odd, and adds to no code that is there.
                    let severity =
                        if parent.get("resourceType").is_some() { Severity::Error } else { Severity::Warning };
                    walk.report(&here, severity, || Kind::SupplementCode)?;
                }
            }
            self.check(walk, concept, &here)?;
        }
        Flow::Continue(())
    }

    /// The values of properties, once all codes are known.
    fn all_values<S: Sink>(&self, walk: &mut Walk<'_, '_, S>, parent: &Value, at: &Path<'_>) -> Flow {
        let all = at.name("concept");
        for (i, concept) in list(parent, "concept").iter().enumerate() {
            let here = all.index(i);
            self.values(walk, concept, &here)?;
            self.all_values(walk, concept, &here)?;
        }
        Flow::Continue(())
    }

    fn values<S: Sink>(&self, walk: &mut Walk<'_, '_, S>, concept: &Value, at: &Path<'_>) -> Flow {
        let all = at.name("property");
        for (i, property) in list(concept, "property").iter().enumerate() {
            let known = text(property, "code").and_then(|code| self.properties.get(code));
            let declared = known.and_then(|known| known.of_type);
            if known.is_some_and(|known| known.refers)
                && text(property, "valueCode").is_some_and(|code| self.is_unknown(walk, code))
            {
                walk.error(&all.index(i), || Kind::PropertyReference)?;
            }
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

    fn is_unknown<S: Sink>(&self, walk: &Walk<'_, '_, S>, code: &str) -> bool {
        match self.supplements {
            Some(_) => self.is_outside_base(walk, code),
            None => !self.codes.contains(code),
        }
    }

    /// Whether what is supplemented, in the version that is named, has no such code.
    fn is_outside_base<S: Sink>(&self, walk: &Walk<'_, '_, S>, code: &str) -> bool {
        let Some(base) = self.supplements.map(Canonical::parse) else { return false };
        walk.schema().terminology.in_version(base.url, base.version, code) == Membership::Out
    }
}
