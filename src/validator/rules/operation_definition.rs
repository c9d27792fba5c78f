//! An OperationDefinition whose parameters have profiles: those are on Parameters, and say what the operation says.
//!
//! Source: `OperationDefinition.inputProfile` and `.outputProfile`, <http://hl7.org/fhir/R4/operationdefinition.html>.

use serde_json::Value;

use super::fixed::shown;
use super::{list, text};
use crate::validator::kind::Kind;
use crate::validator::path::Path;
use crate::validator::sink::{Flow, Sink};
use crate::validator::structure::{Element, Structure};
use crate::validator::walk::Walk;

pub fn check<S: Sink>(walk: &mut Walk<'_, '_, S>, operation: &Value, at: &Path<'_>) -> Flow {
    for (name, used) in [("inputProfile", "in"), ("outputProfile", "out")] {
        let Some(canonical) = text(operation, name) else { continue };
        let here = at.name(name);
        let schema = walk.schema();
        let Some(profile) = schema.structure(canonical).map(|s| schema.get(s)) else {
            let profile = shown(&canonical.into(), "");
            walk.say_once(canonical, &here, || Kind::UnknownProfile { profile })?;
            continue;
        };
        if &*profile.type_name != "Parameters" {
            walk.error(&here, || Kind::ProfileOfOtherType { profile: (&*profile.url).into() })?;
            continue;
        }
        let all = here.name("parameter");
        for (i, parameter) in list(operation, "parameter").iter().enumerate() {
            if text(parameter, "use") != Some(used) {
                continue;
            }
            let Some(slice) = text(parameter, "name").and_then(|name| slice(profile, name)) else { continue };
            if let Some(property) = differs(profile, slice, parameter) {
                walk.error(&all.index(i), || Kind::OperationDiffers { property: property.into() })?;
            }
        }
    }
    Flow::Continue(())
}

/// The slice of `Parameters.parameter` whose name is fixed to this.
fn slice<'s>(profile: &'s Structure, name: &str) -> Option<&'s Element> {
    let whole = profile.child("parameter")?;
    let slices = whole.slices.iter().map(|slice| &profile.elements[*slice as usize]);
    slices.into_iter().find(|slice| {
        let named = child(profile, slice, "name");
        named.and_then(|e| e.fixed.as_ref().or(e.pattern.as_ref())).and_then(Value::as_str) == Some(name)
    })
}

fn child<'s>(profile: &'s Structure, of: &Element, name: &str) -> Option<&'s Element> {
    of.children.iter().map(|child| &profile.elements[*child as usize]).find(|child| &*child.name == name)
}

/// What the profile says otherwise of a parameter.
fn differs(profile: &Structure, slice: &Element, parameter: &Value) -> Option<&'static str> {
    if parameter.get("min").and_then(Value::as_u64).is_some_and(|min| min != u64::from(slice.min)) {
        return Some("min");
    }
    let max = text(parameter, "max").map(|max| max.parse::<u32>().ok());
    if max.is_some_and(|max| max != slice.max) {
        return Some("max");
    }
    let used = |name: &str| child(profile, slice, name).filter(|e| e.max != Some(0));
    let typed = match (used("value"), used("resource"), used("part")) {
        (Some(value), None, None) => value,
        (None, Some(resource), None) => resource,
        _ => return None,
    };
    // Parameters of several types say those in extensions.
    let own = text(parameter, "type").filter(|_| parameter.get("extension").is_none())?;
    let is_one = typed.types.len() == 1 && typed.types.iter().all(|t| &*t.code == own);
    (!is_one && own != "Element" && own != "Any" && own != "Resource").then_some("type")
}
