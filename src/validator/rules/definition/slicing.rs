//! Slicing: of what can be sliced, set up before its slices, by what is there, and as the base does it.

use ahash::AHashSet;
use serde_json::Value;

use super::super::{list, text};
use super::narrowing::slice_of_base;
use super::{Answer, Element, narrowest, plain};
use crate::fhirpath;
use crate::validator::kind::Kind;
use crate::validator::node::Source;
use crate::validator::path::Path;
use crate::validator::reason::NotByType;
use crate::validator::sink::Sink;
use crate::validator::structure::{DiscriminatorKind, SlicingRules, Structure};
use crate::validator::walk::Walk;

/// An element that is sliced repeats where it is first defined, and what it is told by is there. Gives whether it does
/// not repeat.
pub(super) fn check<S: Sink>(walk: &mut Walk<'_, '_, S>, element: &Element<'_>, at: &Path<'_>) -> Answer<bool> {
    let Some(slicing) = element.json.get("slicing") else { return Answer::Continue(false) };
    let schema = walk.schema();
    let root = element.path.split('.').next().unwrap_or_default();
    let Some(defined) = schema.type_structure(root).map(|s| schema.get(s)) else { return Answer::Continue(false) };
    let Some(defined) = defined.by_path(element.path).map(|e| &defined.elements[e as usize]) else {
        return Answer::Continue(false);
    };
    let here = at.name("slicing");
    let once = defined.max == Some(1) && !defined.choice;
    if once {
        walk.error(&here, || Kind::SlicingOfOne)?;
    }
    // What an element of a differential is, its base may narrow: only its own types tell what is there.
    let mut focuses: Vec<_> = element.types.iter().map(|t| focus(walk, t, element.path)).collect();
    if focuses.is_empty() {
        focuses.push(fhirpath::TypeId::UNKNOWN);
    }
    let discriminators = here.name("discriminator");
    for (i, discriminator) in list(slicing, "discriminator").iter().enumerate() {
        let Some(path) = text(discriminator, "path") else { continue };
        if fhirpath::check(path, &focuses, &schema.types, &[]).is_err() {
            walk.error(&discriminators.index(i), || Kind::DifferentialDiscriminator { path: plain(&path.into(), "") })?;
        }
    }
    Answer::Continue(once)
}

/// The type that expressions on an element meet: an element with elements of its own is known by its path.
pub(super) fn focus<S: Sink>(walk: &Walk<'_, '_, S>, type_name: &str, path: &str) -> fhirpath::TypeId {
    let types = &walk.schema().types;
    match type_name {
        // The names are a sender's: those of no type are not kept.
        "BackboneElement" | "Element" => types.find(path),
        other => types.find(other),
    }
}

/// Whether the id of an element names a slice of one of these, which stand before it, and the element does not.
pub(super) fn unnamed(element: &Value, earlier: &AHashSet<&str>) -> bool {
    let id = text(element, "id").unwrap_or_default();
    let last = id.rsplit('.').next().unwrap_or_default();
    let Some((name, _)) = last.split_once(':').filter(|_| element.get("sliceName").is_none()) else { return false };
    let whole = &id[..id.len() - last.len() + name.len()];
    !name.ends_with("[x]") && earlier.contains(whole)
}

/// What may be sliced without this differential saying so.
pub(super) struct Sliced<'e> {
    /// Sliced in the base, wherever it stands there, or in what came before.
    paths: AHashSet<&'e str>,
    /// Has a profile of its type, which may slice what is below it.
    profiled: AHashSet<&'e str>,
}

impl<'e> Sliced<'e> {
    pub(super) fn in_base(base: &'e Structure) -> Self {
        let paths = base.elements.iter().filter(|e| e.slicing.is_some()).map(|e| &*e.path).collect();
        Sliced { paths, profiled: AHashSet::new() }
    }

    pub(super) fn add(&mut self, element: &'e Value) {
        let Some(path) = text(element, "path") else { return };
        if element.get("slicing").is_some() {
            self.paths.insert(path);
        }
        if list(element, "type").iter().any(|t| t.get("profile").is_some()) {
            self.profiled.insert(path);
        }
    }

    fn may_be(&self, path: &str) -> bool {
        self.paths.contains(path) || path.rmatch_indices('.').any(|(dot, _)| self.profiled.contains(&path[..dot]))
    }
}

/// Reports a slice of what is not sliced yet, here or in the base. Extensions and choices of types need not say it.
pub(super) fn set_up<S: Sink>(
    walk: &mut Walk<'_, '_, S>,
    element: &Value,
    sliced: &Sliced<'_>,
    sources: &[Source],
    here: &Path<'_>,
) -> Answer<bool> {
    let (Some(slice), Some(path)) = (text(element, "sliceName"), text(element, "path")) else {
        return Answer::Continue(false);
    };
    let last = path.rsplit('.').next().unwrap_or_default();
    let implied = last.ends_with("[x]") || matches!(last, "extension" | "modifierExtension");
    let base = narrowest(walk.schema(), sources, |e| e.slicing.as_ref()).is_some();
    // A choice may be named by one of its types.
    let choice = sources.iter().any(|s| walk.schema().element(*s).choice);
    if implied || sliced.may_be(path) || base || choice {
        return Answer::Continue(false);
    }
    walk.error(here, || Kind::SliceNotSetUp { slice: plain(&slice.into(), "") })?;
    Answer::Continue(true)
}

/// Reports slicing that is not that of the base, where the base is sliced: closed, it takes no more slices.
pub(super) fn changed<S: Sink>(
    walk: &mut Walk<'_, '_, S>,
    element: &Value,
    sources: &[Source],
    at: &Path<'_>,
) -> Answer<bool> {
    let base = narrowest(walk.schema(), sources, |e| e.slicing.as_ref().map(|slicing| (slicing, e.choice)));
    let Some((base, choice)) = base else { return Answer::Continue(false) };
    if let Some(name) = text(element, "sliceName")
        && !choice
        && base.rules == SlicingRules::Closed
        && slice_of_base(walk.schema(), sources, name).is_none()
    {
        walk.error(at, || Kind::SlicingChanged { property: "rules".into() })?;
        return Answer::Continue(true);
    }
    let Some(own) = element.get("slicing") else { return Answer::Continue(false) };
    let ordered = own.get("ordered").and_then(Value::as_bool);
    let property = if ordered.is_some_and(|ordered| !ordered && base.ordered) {
        "ordered"
    } else if !choice && loosens(base.rules, text(own, "rules")) {
        "rules"
    } else if !same_discriminators(list(own, "discriminator"), &base.discriminators) {
        "discriminator"
    } else {
        return Answer::Continue(false);
    };
    walk.error(at, || Kind::SlicingChanged { property: property.into() })?;
    Answer::Continue(true)
}

/// Whether these rules let in what those of the base keep out.
fn loosens(base: SlicingRules, own: Option<&str>) -> bool {
    match base {
        SlicingRules::Open => false,
        SlicingRules::OpenAtEnd => own == Some("open"),
        SlicingRules::Closed => own != Some("closed"),
    }
}

/// A differential may say nothing of them, and else has those of the base in their order, with more behind them.
fn same_discriminators(own: &[Value], base: &[(DiscriminatorKind, Box<str>)]) -> bool {
    own.is_empty()
        || base.is_empty()
        || base.iter().enumerate().all(|(i, (_, path))| own.get(i).is_some_and(|d| text(d, "path") == Some(&**path)))
}

/// Slices of a choice that each have a type of their own are told by it, in no order, and are named by it. Gives whether
/// they are not.
pub(super) fn by_type<S: Sink>(
    walk: &mut Walk<'_, '_, S>,
    elements: &[Value],
    at: usize,
    here: &Path<'_>,
) -> Answer<bool> {
    let element = &elements[at];
    let (Some(slicing), Some(path)) = (element.get("slicing"), text(element, "path")) else {
        return Answer::Continue(false);
    };
    let last = path.rsplit('.').next().unwrap_or_default();
    let Some(name) = last.strip_suffix("[x]") else { return Answer::Continue(false) };
    let below = format!("{}:", text(element, "id").unwrap_or_default());
    let of_this = |e: &&Value| {
        let rest = text(e, "id").and_then(|id| id.strip_prefix(&below));
        text(e, "path") == Some(path) && rest.is_some_and(|rest| !rest.contains(['.', '/']))
    };
    let slices: Vec<&Value> = elements[at + 1..].iter().take(MOST_TYPES).filter(of_this).collect();
    let mut types = Vec::new();
    for slice in &slices {
        match list(slice, "type") {
            [one] if text(one, "code").is_some_and(|code| !types.contains(&code)) => types.extend(text(one, "code")),
            // Several slices of one type are told by something else.
            _ => return Answer::Continue(false),
        }
    }
    if slices.is_empty() {
        return Answer::Continue(false);
    }
    let discriminators = list(slicing, "discriminator");
    let told = match discriminators {
        [] => true,
        [one] => text(one, "type") == Some("type") && text(one, "path") == Some("$this"),
        _ => false,
    };
    let named = slices.iter().zip(&types).all(|(slice, of)| {
        let wanted = text(slice, "sliceName").and_then(|own| own.strip_prefix(name));
        wanted.is_some_and(|own| own.eq_ignore_ascii_case(of))
    });
    let is_needed = |slice: &&&Value| slice.get("min").and_then(Value::as_u64).is_some_and(|min| min > 0);
    let broken = if slicing.get("ordered") == Some(&Value::Bool(true)) {
        NotByType::Ordered
    } else if !told {
        NotByType::Discriminator
    } else if !named {
        NotByType::Name
    } else if slices.iter().filter(is_needed).count() > 1 {
        NotByType::Needed
    } else {
        return Answer::Continue(false);
    };
    walk.error(here, || Kind::SlicingByType { broken })?;
    Answer::Continue(true)
}

/// More elements than a choice has types, with what stands below their slices.
const MOST_TYPES: usize = 500;
