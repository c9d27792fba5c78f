//! The definition of an extension: its url, and where it may be used.

use serde_json::Value;

use super::super::{list, text};
use super::plain;
use crate::fhirpath;
use crate::validator::compile::navigate::children_named;
use crate::validator::kind::Kind;
use crate::validator::node::Source;
use crate::validator::path::Path;
use crate::validator::rules::extension::EXTENSION;
use crate::validator::schema::{CORE, Schema};
use crate::validator::sink::{Flow, Sink};
use crate::validator::structure::choice;
use crate::validator::walk::Walk;

/// `Extension.url` is fixed to the url of the definition.
pub(super) fn url<S: Sink>(walk: &mut Walk<'_, '_, S>, definition: &Value, at: &Path<'_>) -> Flow {
    let is_new = text(definition, "type") == Some("Extension") && text(definition, "baseDefinition") == Some(EXTENSION);
    let Some(url) = text(definition, "url").filter(|_| is_new) else { return Flow::Continue(()) };
    let view = definition.get("differential").or_else(|| definition.get("snapshot"));
    let elements = view.map_or(&[][..], |d| list(d, "element"));
    let fixed = elements.iter().find(|e| text(e, "path") == Some("Extension.url")).and_then(|e| choice(e, "fixed"));
    match fixed.and_then(Value::as_str) {
        Some(fixed) if fixed == url => Flow::Continue(()),
        _ => walk.error(at, || Kind::ExtensionUrlFixed),
    }
}

/// Contexts are said of extensions alone; those that name elements name ones that are there.
pub(super) fn contexts<S: Sink>(walk: &mut Walk<'_, '_, S>, definition: &Value, at: &Path<'_>) -> Flow {
    let schema = walk.schema();
    let is_extension = text(definition, "type") == Some("Extension");
    let mut focuses = Vec::new();
    let all = at.name("context");
    for (i, context) in list(definition, "context").iter().enumerate() {
        if !is_extension {
            walk.error(&all.index(i), || Kind::ContextOfNoExtension)?;
            continue;
        }
        let (Some("element"), Some(expression)) = (text(context, "type"), text(context, "expression")) else {
            continue;
        };
        if let Some((profile, _)) = expression.split_once('#')
            && schema.structure(profile).is_none()
        {
            let said = || Kind::UnknownProfile { profile: plain(&profile.into(), "") };
            walk.say_once(profile, &all.index(i), said)?;
            continue;
        }
        match place(schema, expression) {
            Some(types) => focuses.extend(types.iter().map(|t| schema.types.intern(t))),
            None => walk.error(&all.index(i), || Kind::ContextUnknown { context: plain(&expression.into(), "") })?,
        }
    }
    let all = at.name("contextInvariant");
    for (i, invariant) in list(definition, "contextInvariant").iter().enumerate() {
        if !is_extension {
            walk.error(&all.index(i), || Kind::ContextOfNoExtension)?;
            continue;
        }
        let Some(expression) = invariant.as_str().filter(|_| !focuses.is_empty()) else { continue };
        if let Err(error) = fhirpath::check(expression, &focuses, &schema.types, &["extension"]) {
            let reason = plain(&error.to_string().into(), "");
            walk.error(&all.index(i), || Kind::ExpressionWrong { reason })?;
        }
    }
    Flow::Continue(())
}

/// The types of the element that a context names; `None` where there is none. `profile#id` starts at a profile, whose
/// elements may be slices.
///
/// Source: <http://hl7.org/fhir/R4/valueset-extension-context-type.html>.
fn place(schema: &Schema, context: &str) -> Option<Vec<Box<str>>> {
    let (profile, path) = match context.split_once('#') {
        Some((profile, path)) => (Some(profile), path),
        None => (None, context),
    };
    let mut parts = path.split('.');
    // What later versions call the resources that have a canonical url.
    let root = match parts.next()? {
        "CanonicalResource" => "CodeSystem",
        "MetadataResource" => "PlanDefinition",
        root => root,
    };
    let structure = match profile {
        Some(profile) => schema.structure(profile)?,
        None => schema.structure(&format!("{CORE}{root}"))?,
    };
    let mut sources: Vec<Source> = vec![(structure, 0)];
    let mut types: Vec<Box<str>> = vec![schema.get(structure).type_name.clone()];
    let mut way = root.to_owned();
    for part in parts {
        let part = part.split_once(':').filter(|_| profile.is_some()).map_or(part, |(name, _)| name);
        let name = part.strip_suffix("[x]").unwrap_or(part);
        let next = children_named(schema, &sources, types.first()?, name);
        let next: Vec<Source> = next.into_iter().filter(|s| *schema.element(*s).name == *name).collect();
        let last = schema.element(*next.last()?);
        way = format!("{way}.{name}");
        types = match last.types.as_slice() {
            [] => vec!["Element".into()],
            all => all.iter().map(|t| t.code.clone()).collect(),
        };
        // An element with elements of its own is known by its path.
        if let [one] = types.as_mut_slice()
            && matches!(&**one, "BackboneElement" | "Element")
        {
            *one = last.path.clone();
        }
        sources = next;
    }
    Some(types)
}
