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
    let groups = at.name("group");
    for (i, group) in list(map, "group").iter().enumerate() {
        let group_path = groups.index(i);
        let elements = group_path.name("element");
        for (i, element) in list(group, "element").iter().enumerate() {
            let element_path = elements.index(i);
            code(walk, text(group, "source"), element, &element_path)?;
            let targets = element_path.name("target");
            for (i, target) in list(element, "target").iter().enumerate() {
                code(walk, text(group, "target"), target, &targets.index(i))?;
            }
        }
    }
    Flow::Continue(())
}

fn code<S: Sink>(walk: &mut Walk<'_, '_, S>, system: Option<&str>, holder: &Value, at: &Path<'_>) -> Flow {
    match (system, text(holder, "code")) {
        (Some(system), Some(code)) if walk.schema().terminology.in_system(system, code) == Membership::Out => {
            walk.error(&at.name("code"), || Kind::UnknownCode { system: system.into() })
        }
        _ => Flow::Continue(()),
    }
}
