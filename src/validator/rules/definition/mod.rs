//! A StructureDefinition against the definition that it is made from: what it is, paths, order, types, slices, bindings,
//! constraints, and what the definition of an extension says of itself.
//!
//! Source: <http://hl7.org/fhir/R4/profiling.html>, <http://hl7.org/fhir/R4/structuredefinition.html>.

mod extension;
mod invariants;
mod narrowing;
mod places;
mod property;
mod slicing;
mod types;

use ahash::AHashSet;
use serde_json::Value;

use super::fixed::shown as plain;
use super::{list, text};
use crate::validator::kind::Kind;
use crate::validator::node::Source;
use crate::validator::path::Path;
use crate::validator::reason::NoSnapshot;
use crate::validator::schema::{CORE, Schema};
use crate::validator::sink::{Flow, Sink};
use crate::validator::walk::Walk;
use places::{Known, find, out_of_order};

/// One element with what is known of it.
struct Element<'e> {
    json: &'e Value,
    path: &'e str,
    /// The types that it names itself.
    types: Vec<Box<str>>,
    in_snapshot: bool,
}

impl<'e> Element<'e> {
    fn of(json: &'e Value, in_snapshot: bool) -> Self {
        Element { json, path: text(json, "path").unwrap_or_default(), types: types::own(json), in_snapshot }
    }
}

/// Checks a definition; of one whose base is not there only what it says by itself.
pub fn check<S: Sink>(walk: &mut Walk<'_, '_, S>, definition: &Value, at: &Path<'_>) -> Flow {
    let schema = walk.schema();
    if let Some(type_name) = text(definition, "type")
        && !type_fits(schema, definition, type_name)
    {
        walk.error(&at.name("type"), || Kind::DefinitionType { type_name: plain(&type_name.into(), "") })?;
    }
    extension::contexts(walk, definition, at)?;
    let Some(canonical) = text(definition, "baseDefinition") else { return Flow::Continue(()) };
    let Some(base) = schema.structure(canonical) else {
        let profile = plain(&canonical.into(), "");
        return walk.say_once(canonical, &at.name("baseDefinition"), || Kind::UnknownProfile { profile });
    };
    let fits = agrees(walk, definition, base, at)?;
    extension::url(walk, definition, at)?;
    let (mut reason, mut unset) = (None, AHashSet::new());
    if text(definition, "derivation") == Some("constraint") && fits {
        reason = differential(walk, definition, base, &mut unset, at)?;
    }
    let inner = elements(walk, definition, base, &unset, at)?;
    match reason.or(inner.filter(|_| fits)) {
        Some(reason) => walk.error(at, || Kind::SnapshotImpossible { reason }),
        None => Flow::Continue(()),
    }
}

type Answer<T> = std::ops::ControlFlow<(), T>;

/// Derivation, type and kind are those that the base allows. Whether a snapshot can be thought of at all.
fn agrees<S: Sink>(walk: &mut Walk<'_, '_, S>, definition: &Value, base: u32, at: &Path<'_>) -> Answer<bool> {
    let schema = walk.schema();
    let base = schema.get(base);
    let Some(derivation) = text(definition, "derivation") else {
        walk.error(at, || Kind::DefinitionDerivation)?;
        return Answer::Continue(false);
    };
    let is_profile = derivation == "constraint";
    let kind = text(definition, "kind").unwrap_or_default();
    if kind != base.kind.name() && (is_profile || !base.is_abstract) {
        walk.error(at, || Kind::DefinitionKind)?;
    }
    let type_name = text(definition, "type").unwrap_or_default();
    let same = type_name.strip_prefix(CORE).unwrap_or(type_name) == &*base.type_name || type_name == &*base.type_name;
    if same != is_profile {
        walk.error(at, || Kind::DefinitionBaseType { base: base.type_name.clone() })?;
    }
    Answer::Continue(same)
}

/// What the differential of a profile says against its base; gives why no snapshot can be made of it. `unset` gets the
/// slices that stand before their slicing.
fn differential<'d, S: Sink>(
    walk: &mut Walk<'_, '_, S>,
    definition: &'d Value,
    base: u32,
    unset: &mut AHashSet<&'d str>,
    at: &Path<'_>,
) -> Answer<Option<NoSnapshot>> {
    let schema = walk.schema();
    let type_name = text(definition, "type").unwrap_or_default();
    let elements = definition.get("differential").map_or(&[][..], |d| list(d, "element"));
    let differential = at.name("differential");
    let all = differential.name("element");
    let places: Vec<Known> = elements.iter().map(|e| find(schema, base, type_name, e)).collect();
    let misplaced = out_of_order(elements, &places);
    let mut reason = None;
    let (mut sliced, mut earlier) = (slicing::Sliced::in_base(schema.get(base)), AHashSet::new());
    for (i, (json, place)) in elements.iter().zip(&places).enumerate() {
        let here = all.index(i);
        let element = Element::of(json, false);
        if !element.path.contains('.') && json.get("slicing").is_some() {
            walk.error(&here, || Kind::DifferentialRootSlicing)?;
            reason.get_or_insert(NoSnapshot::RootSliced);
        }
        match place {
            Known::Nowhere => {
                walk.error(&here, || Kind::DifferentialPath { path: shown(json) })?;
                reason.get_or_insert(NoSnapshot::NoMatch);
            }
            Known::At(_) if misplaced[i] => {
                walk.error(&here, || Kind::DifferentialOrder { path: shown(json) })?;
                reason.get_or_insert(NoSnapshot::Order);
            }
            _ => {}
        }
        if slicing::unnamed(json, &earlier) {
            walk.error(&here, || Kind::SliceUnnamed)?;
            reason.get_or_insert(NoSnapshot::SliceUnnamed);
        }
        earlier.extend(text(json, "id"));
        sliced.add(json);
        let Known::At(sources) = place else { continue };
        if slicing::set_up(walk, json, &sliced, sources, &here)? {
            reason.get_or_insert(NoSnapshot::SliceNotSetUp);
            unset.extend(text(json, "id"));
        }
        if slicing::by_type(walk, elements, i, &here)? {
            reason.get_or_insert(NoSnapshot::ChoiceSliced);
        }
        if slicing::changed(walk, json, sources, &here)? {
            reason.get_or_insert(NoSnapshot::SlicingChanged);
        }
        let of = types::allowed(schema, json, sources);
        if types::check(walk, &element, sources, &here)? {
            reason.get_or_insert(NoSnapshot::TypeNotAllowed);
        }
        if narrowing::check(walk, json, sources, &of, &here)? {
            reason.get_or_insert(NoSnapshot::Widens);
        }
    }
    Answer::Continue(reason)
}

/// What an element says by itself, in the differential and in the snapshot; gives why no snapshot can be made.
fn elements<S: Sink>(
    walk: &mut Walk<'_, '_, S>,
    definition: &Value,
    base: u32,
    unset: &AHashSet<&str>,
    at: &Path<'_>,
) -> Answer<Option<NoSnapshot>> {
    let type_name = text(definition, "type").unwrap_or_default();
    let root = type_name.rsplit('/').next().unwrap_or(type_name);
    let is_profile = text(definition, "derivation") == Some("constraint");
    let mut reason = None;
    for (part, in_snapshot) in [("differential", false), ("snapshot", true)] {
        let Some(view) = definition.get(part) else { continue };
        let of_part = at.name(part);
        let all = of_part.name("element");
        let mut keys = invariants::Keys::new(definition, base, in_snapshot);
        for (i, json) in list(view, "element").iter().enumerate() {
            let here = all.index(i);
            let element = Element::of(json, in_snapshot);
            let belongs = element.path.strip_prefix(root).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'));
            if !element.path.is_empty() && !root.is_empty() && !belongs {
                walk.error(&here, || Kind::ElementPath { type_name: plain(&root.into(), "") })?;
            }
            if let Some(slice) = text(json, "sliceName")
                && in_snapshot
                && text(json, "id").is_some_and(|id| unset.contains(id))
            {
                walk.error(&here, || Kind::SliceNotSetUp { slice: plain(&slice.into(), "") })?;
            }
            property::check(walk, &element, is_profile, &here)?;
            if slicing::check(walk, &element, &here)? && !in_snapshot {
                reason.get_or_insert(NoSnapshot::SlicingOfOne);
            }
            if types::profiles(walk, &element, &here)? && !in_snapshot {
                reason.get_or_insert(NoSnapshot::ProfileOfOtherType);
            }
            keys.check(walk, &element, &here)?;
        }
    }
    Answer::Continue(reason)
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

/// The definition of an element in the base that says most of it: profiles come after what they constrain.
fn narrowest<'s, T>(
    schema: &'s Schema,
    sources: &[Source],
    of: impl Fn(&'s crate::validator::structure::Element) -> Option<T>,
) -> Option<T> {
    sources.iter().rev().find_map(|source| of(schema.element(*source)))
}
