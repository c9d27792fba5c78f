//! The types of an element: those of the base, and profiles and targets that are of them.

use serde_json::Value;

use super::super::{list, text};
use super::{Answer, Element, narrowest, plain};
use crate::validator::kind::Kind;
use crate::validator::node::Source;
use crate::validator::path::Path;
use crate::validator::schema::{CORE, Schema};
use crate::validator::sink::Sink;
use crate::validator::structure::{StructureKind, Type};
use crate::validator::walk::{Walk, joined};

/// Chains of bases end, though they be circles.
const LONGEST: usize = 1_000;

/// The type codes that an ElementDefinition names, without the base of HL7's own.
pub(super) fn own(element: &Value) -> Vec<Box<str>> {
    let codes = list(element, "type").iter().filter_map(|t| text(t, "code"));
    codes.map(|code| code.strip_prefix(CORE).unwrap_or(code).into()).collect()
}

/// The types that an element may have: its own list, else that of the base.
pub(super) fn allowed(schema: &Schema, element: &Value, sources: &[Source]) -> Vec<Box<str>> {
    let own = own(element);
    if !own.is_empty() {
        return own;
    }
    of_base(schema, sources).iter().map(|t| t.code.clone()).collect()
}

fn of_base<'s>(schema: &'s Schema, sources: &[Source]) -> &'s [Type] {
    narrowest(schema, sources, |e| (!e.types.is_empty()).then_some(e.types.as_slice())).unwrap_or_default()
}

/// Each type is one of the base's, and refers to what the base's may refer to. Gives whether one is not.
pub(super) fn check<S: Sink>(
    walk: &mut Walk<'_, '_, S>,
    element: &Element<'_>,
    sources: &[Source],
    at: &Path<'_>,
) -> Answer<bool> {
    let schema = walk.schema();
    let base = of_base(schema, sources);
    if base.is_empty() || !element.path.contains('.') {
        return Answer::Continue(false);
    }
    let mut wrong = false;
    let all = at.name("type");
    for (i, of_type) in list(element.json, "type").iter().enumerate() {
        let Some(code) = text(of_type, "code").map(|code| code.strip_prefix(CORE).unwrap_or(code)) else { continue };
        if code.starts_with("http://hl7.org/fhirpath/") {
            continue;
        }
        let here = all.index(i);
        let Some(of_base) = base.iter().find(|t| is_one(schema, code, &t.code)) else {
            wrong = true;
            walk.error(&here, || Kind::ElementType {
                type_name: plain(&code.into(), ""),
                allowed: joined(base.iter().map(|t| &*t.code)),
            })?;
            continue;
        };
        let profiles = here.name("targetProfile");
        for (i, target) in list(of_type, "targetProfile").iter().enumerate() {
            let Some(target) = target.as_str() else { continue };
            if !of_base.targets.is_empty() && !is_target(schema, target, &of_base.targets) {
                wrong = true;
                walk.error(&profiles.index(i), || Kind::ElementType {
                    type_name: plain(&target.into(), ""),
                    allowed: joined(of_base.targets.iter().map(|t| &**t)),
                })?;
            }
        }
    }
    Answer::Continue(wrong)
}

/// Whether a type is this one, or made from it where it is abstract. The logical id of a resource is published as string.
fn is_one(schema: &Schema, code: &str, of_base: &str) -> bool {
    if code == of_base || (of_base == "id" && code == "string") {
        return true;
    }
    let open = schema.type_structure(of_base).map(|s| schema.get(s));
    open.is_some_and(|s| s.is_abstract || s.kind == StructureKind::Logical) && descends(schema, code, of_base)
}

fn descends(schema: &Schema, code: &str, ancestor: &str) -> bool {
    let mut next = schema.type_structure(code);
    for _ in 0..LONGEST {
        let Some(structure) = next.map(|s| schema.get(s)) else { return false };
        if *structure.type_name == *ancestor {
            return true;
        }
        next = structure.base.as_deref().and_then(|base| schema.structure(base));
    }
    false
}

/// Whether a profile is one of these, or made from one. What is not there may be.
fn is_target(schema: &Schema, target: &str, allowed: &[Box<str>]) -> bool {
    let mut at: Box<str> = target.into();
    for _ in 0..LONGEST {
        let plain = at.split('|').next().unwrap_or(&at);
        if allowed.iter().any(|a| **a == *at || a.split('|').next() == Some(plain)) {
            return true;
        }
        let Some(structure) = schema.structure(&at) else { return true };
        match &schema.get(structure).base {
            Some(base) => at = base.clone(),
            None => return false,
        }
    }
    false
}

/// Profiles are of the type that they are named for, targets are resources, extensions change meaning or do not. Gives
/// whether a profile is for another type.
pub(super) fn profiles<S: Sink>(walk: &mut Walk<'_, '_, S>, element: &Element<'_>, at: &Path<'_>) -> Answer<bool> {
    let schema = walk.schema();
    let mut wrong = false;
    let all = at.name("type");
    for (i, of_type) in list(element.json, "type").iter().enumerate() {
        let here = all.index(i);
        let code = text(of_type, "code").unwrap_or_default();
        let known = |profile: &Value| profile.as_str().filter(|p| !p.contains('#')).and_then(|p| schema.structure(p));
        let profiles = here.name("profile");
        for (i, profile) in list(of_type, "profile").iter().enumerate() {
            let Some(structure) = known(profile).map(|s| schema.get(s)) else { continue };
            let here = profiles.index(i);
            if !(*structure.type_name == *code || structure.kind == StructureKind::Logical || code == "Resource") {
                wrong = true;
                walk.error(&here, || Kind::DifferentialProfileType)?;
            } else if code == "Extension" {
                match (structure.is_modifier(), element.path.ends_with(".modifierExtension")) {
                    (true, false) => walk.error(&here, || Kind::ExtensionIsModifier)?,
                    (false, true) => walk.error(&here, || Kind::ExtensionIsNoModifier)?,
                    _ => {}
                }
            }
        }
        let targets = here.name("targetProfile");
        for (i, profile) in list(of_type, "targetProfile").iter().enumerate() {
            let Some(structure) = known(profile).map(|s| schema.get(s)) else { continue };
            let fits = match code {
                // A canonical names what has a url of its own, which only some resources have.
                "canonical" => has_url(schema, &structure.type_name),
                _ => matches!(structure.kind, StructureKind::Resource | StructureKind::Logical),
            };
            if !fits {
                walk.error(&targets.index(i), || Kind::DifferentialProfileType)?;
            }
        }
    }
    Answer::Continue(wrong)
}

fn has_url(schema: &Schema, type_name: &str) -> bool {
    let own = schema.type_structure(type_name).map(|s| schema.get(s));
    type_name == "Resource"
        || own.is_some_and(|s| s.children(0).any(|c| &*c.name == "url" && c.types.iter().any(|t| &*t.code == "uri")))
}
