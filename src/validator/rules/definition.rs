//! A profile's differential against the definition that it constrains: paths, order, bindings and discriminators.
//!
//! Source: <http://hl7.org/fhir/R4/profiling.html>.

use ahash::AHashMap;
use serde_json::Value;

use super::{list, narrowing, text};
use crate::validator::compile::navigate::{children_named, is_place};
use crate::validator::kind::Kind;
use crate::validator::node::Source;
use crate::validator::path::Path;
use crate::validator::schema::{CORE, Schema};
use crate::validator::sink::{Flow, Sink};
use crate::validator::walk::Walk;

/// Types that a binding can hold for, with those that are such a type under another name.
const BINDABLE: &[&str] = &[
    "code",
    "Coding",
    "CodeableConcept",
    "Quantity",
    "SimpleQuantity",
    "Age",
    "Count",
    "Distance",
    "Duration",
    "Money",
    "string",
    "uri",
    "url",
    "canonical",
];

/// Checks the differential of a profile; other definitions, and profiles whose base is not there, are let through.
pub fn check<S: Sink>(walk: &mut Walk<'_, '_, S>, definition: &Value, at: &Path<'_>) -> Flow {
    let schema = walk.schema();
    if let Some(type_name) = text(definition, "type")
        && !type_fits(schema, definition, type_name)
    {
        walk.error(&at.name("type"), || Kind::DefinitionType {
            type_name: super::fixed::shown(&type_name.into(), ""),
        })?;
    }
    if text(definition, "type").is_some_and(|t| t != "Extension") && !list(definition, "context").is_empty() {
        walk.error(&at.name("context").index(0), || Kind::ContextOfNoExtension)?;
    }
    if text(definition, "derivation") != Some("constraint") {
        return Flow::Continue(());
    }
    let (Some(type_name), Some(base)) = (text(definition, "type"), text(definition, "baseDefinition")) else {
        return Flow::Continue(());
    };
    let Some(base) = schema.structure(base).filter(|b| *schema.get(*b).type_name == *type_name) else {
        return Flow::Continue(());
    };
    if text(definition, "kind").is_some_and(|kind| kind != schema.get(base).kind.name()) {
        walk.error(at, || Kind::DefinitionKind)?;
    }
    let elements = definition.get("differential").map_or(&[][..], |d| list(d, "element"));
    let differential = at.name("differential");
    let all = differential.name("element");
    let places: Vec<Known> = elements.iter().map(|e| find(schema, base, type_name, e)).collect();
    let misplaced = out_of_order(elements, &places);
    let mut reason = None;
    for (i, (element, place)) in elements.iter().zip(&places).enumerate() {
        let here = all.index(i);
        if !text(element, "path").unwrap_or_default().contains('.') && element.get("slicing").is_some() {
            walk.error(&here, || Kind::DifferentialRootSlicing)?;
            reason.get_or_insert("the root is sliced");
        }
        match place {
            Known::Nowhere => {
                walk.error(&here, || Kind::DifferentialPath { path: shown(element) })?;
                reason.get_or_insert("an element has no match in the base definition");
            }
            Known::At(_) if misplaced[i] => walk.error(&here, || Kind::DifferentialOrder { path: shown(element) })?,
            _ => {}
        }
        let Known::At(sources) = place else { continue };
        let types = types(schema, element, sources);
        if element.get("binding").is_some() && !types.is_empty() && !types.iter().any(|t| BINDABLE.contains(&&**t)) {
            walk.error(&here, || Kind::DifferentialBinding)?;
        }
        discriminators(walk, element, sources, &types, &here)?;
        narrowing::check(walk, element, sources, &types, &here)?;
    }
    match reason {
        Some(reason) => walk.error(at, || Kind::SnapshotImpossible { reason: reason.into() }),
        None => Flow::Continue(()),
    }
}

/// A type of FHIR's own is constrained, unless this is its definition; a type of somebody else's is logical and has a URL.
fn type_fits(schema: &Schema, definition: &Value, type_name: &str) -> bool {
    if type_name.contains(':') {
        return text(definition, "kind") == Some("logical");
    }
    let own = text(definition, "url").and_then(|url| url.strip_prefix(CORE)) == Some(type_name);
    schema.type_structure(type_name).is_some() && (own || text(definition, "derivation") == Some("constraint"))
}

/// A path is the definition's own text, and no patient's; it may still be anything.
fn shown(element: &Value) -> Box<str> {
    let path = text(element, "path").unwrap_or_default();
    let plain = path.len() <= 200 && path.bytes().all(|b| b.is_ascii_alphanumeric() || b".[]_".contains(&b));
    if plain { path.into() } else { "…".into() }
}

/// Where an element of a differential belongs.
enum Known {
    At(Vec<Source>),
    Nowhere,
    /// Below a choice or a resource of any type, which the differential itself may narrow.
    Untold,
}

fn find(schema: &Schema, base: u32, type_name: &str, element: &Value) -> Known {
    let Some(path) = text(element, "path") else { return Known::Untold };
    let mut parts = path.split('.');
    if parts.next() != Some(type_name) {
        return Known::Nowhere;
    }
    let mut sources: Vec<Source> = vec![(base, 0)];
    let mut of_type: Box<str> = type_name.into();
    for part in parts {
        if !is_place(schema, &of_type) {
            return Known::Untold;
        }
        let name = part.strip_suffix("[x]").unwrap_or(part);
        let next = children_named(schema, &sources, &of_type, name);
        if next.is_empty() {
            return Known::Nowhere;
        }
        let last = next.iter().rev().map(|s| schema.element(*s));
        let several = next.iter().any(|s| schema.element(*s).choice);
        of_type = match last.flat_map(|e| &e.types).next() {
            _ if several => "Resource".into(),
            Some(one) => one.code.clone(),
            None => "BackboneElement".into(),
        };
        sources = next;
    }
    Known::At(sources)
}

/// Which elements stand before one that the base definition has earlier, under the same parent.
fn out_of_order(elements: &[Value], places: &[Known]) -> Vec<bool> {
    let mut earliest: AHashMap<(&str, u32), u32> = AHashMap::new();
    let mut misplaced = vec![false; elements.len()];
    for (i, element) in elements.iter().enumerate().rev() {
        let (Some((parent, _)), Known::At(sources)) =
            (text(element, "id").and_then(|id| id.rsplit_once('.')), &places[i])
        else {
            continue;
        };
        let Some(&(structure, number)) = sources.first() else { continue };
        let known = earliest.entry((parent, structure)).or_insert(number);
        misplaced[i] = number > *known;
        *known = number.min(*known);
    }
    misplaced
}

/// The types that an element may have: its own list, else that of the base.
fn types(schema: &Schema, element: &Value, sources: &[Source]) -> Vec<Box<str>> {
    let own: Vec<Box<str>> = list(element, "type").iter().filter_map(|t| text(t, "code")).map(Box::from).collect();
    if !own.is_empty() {
        return own;
    }
    let base = sources.iter().rev().map(|s| &schema.element(*s).types).find(|types| !types.is_empty());
    base.into_iter().flatten().map(|t| t.code.clone()).collect()
}

/// The first step of a discriminator's path is `$this`, a function, or an element of a type that the sliced one has.
fn discriminators<S: Sink>(
    walk: &mut Walk<'_, '_, S>,
    element: &Value,
    sources: &[Source],
    types: &[Box<str>],
    at: &Path<'_>,
) -> Flow {
    let Some(slicing) = element.get("slicing") else { return Flow::Continue(()) };
    let schema = walk.schema();
    let at = at.name("slicing");
    let at = at.name("discriminator");
    for (i, discriminator) in list(slicing, "discriminator").iter().enumerate() {
        let first = text(discriminator, "path").and_then(|p| p.split('.').next()).unwrap_or("$this");
        let plain = first.bytes().all(|b| b.is_ascii_alphanumeric());
        let known = |t: &str| !is_place(schema, t) || !children_named(schema, sources, t, first).is_empty();
        if plain && !types.is_empty() && !types.iter().any(|t| known(t)) {
            walk.error(&at.index(i), || Kind::DifferentialDiscriminator { path: first.into() })?;
        }
    }
    Flow::Continue(())
}
