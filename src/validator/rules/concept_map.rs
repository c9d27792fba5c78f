//! The codes that a ConceptMap maps from and to are in the code systems that it names.
//!
//! Source: <http://hl7.org/fhir/R4/conceptmap.html>.

use serde_json::Value;

use super::{list, text};
use crate::validator::kind::Kind;
use crate::validator::path::Path;
use crate::validator::sink::{Flow, Sink};
use crate::validator::terminology::Membership;
use crate::validator::walk::Walk;

pub fn check<S: Sink>(walk: &mut Walk<'_, '_, S>, map: &Value, at: &Path<'_>) -> Flow {
    let scope = |names: [&str; 2]| names.iter().find_map(|name| text(map, name));
    let (from, to) = (scope(["sourceCanonical", "sourceUri"]), scope(["targetCanonical", "targetUri"]));
    for (name, place) in [("sourceUri", "source"), ("targetUri", "target")] {
        let known = text(map, name).and_then(|url| walk.schema().definitions.entry(url));
        if known.is_some_and(|entry| &*entry.resource_type != "ValueSet") {
            walk.error(&at.name(place), || Kind::CanonicalOfOtherType { allowed: "ValueSet".into() })?;
        }
    }
    let groups = at.name("group");
    for (i, group) in list(map, "group").iter().enumerate() {
        let group_path = groups.index(i);
        let elements = group_path.name("element");
        for (i, element) in list(group, "element").iter().enumerate() {
            let element_path = elements.index(i);
            code(walk, (text(group, "source"), text(group, "sourceVersion")), from, element, &element_path)?;
            let targets = element_path.name("target");
            for (i, target) in list(element, "target").iter().enumerate() {
                code(walk, (text(group, "target"), text(group, "targetVersion")), to, target, &targets.index(i))?;
            }
        }
    }
    Flow::Continue(())
}

/// A code is in its code system, and in the value set that the map is for.
fn code<S: Sink>(
    walk: &mut Walk<'_, '_, S>,
    (system, version): (Option<&str>, Option<&str>),
    set: Option<&str>,
    holder: &Value,
    at: &Path<'_>,
) -> Flow {
    let (Some(system), Some(code)) = (system, text(holder, "code")) else { return Flow::Continue(()) };
    let terminology = &walk.schema().terminology;
    let set = set.filter(|set| terminology.value_set(set).is_some());
    match terminology.in_version(system, version, code) {
        Membership::Out => walk.error(&at.name("code"), || Kind::UnknownCode { system: system.into() }),
        Membership::In if set.is_some_and(|set| terminology.contains(set, Some(system), code) == Membership::Out) => {
            let value_set = super::fixed::shown(&set.unwrap_or_default().into(), "");
            walk.error(&at.name("code"), || Kind::CodeNotInValueSet { value_set, codes: "".into() })
        }
        _ => Flow::Continue(()),
    }
}
