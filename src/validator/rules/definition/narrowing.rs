//! What a differential says of an element narrows what its base says, and is of the element's own types.
//!
//! Source: <http://hl7.org/fhir/R4/profiling.html>.

use serde_json::Value;

use super::super::{fixed, pattern, text};
use super::Answer;
use crate::fhir::Severity;
use crate::validator::kind::Kind;
use crate::validator::node::Source;
use crate::validator::path::Path;
use crate::validator::schema::Schema;
use crate::validator::sink::Sink;
use crate::validator::structure::{Element, Strength, choice};
use crate::validator::walk::Walk;

/// `sources` are the definitions of the element in the base, and `types` those that it may still have. Gives whether it
/// allows what they do not.
pub(super) fn check<S: Sink>(
    walk: &mut Walk<'_, '_, S>,
    element: &Value,
    sources: &[Source],
    types: &[Box<str>],
    at: &Path<'_>,
) -> Answer<bool> {
    let schema = walk.schema();
    let mut wrong = false;
    if let Some(property) = widened(schema, element, sources) {
        walk.error(at, || Kind::DifferentialWidens { property: property.into() })?;
        wrong = true;
    }
    if let Some(property) = contradicts(schema, element, sources) {
        walk.error(at, || Kind::DifferentialWidens { property: property.into() })?;
        wrong = true;
    } else if let Some(property) = conflicts(schema, element, sources) {
        // A snapshot can be made of it, though nothing can hold for it.
        walk.report(at, Severity::Warning, || Kind::DifferentialWidens { property: property.into() })?;
    }
    let keys = element.as_object().into_iter().flat_map(|map| map.keys());
    let values = keys.filter_map(|key| key.strip_prefix("fixed").or_else(|| key.strip_prefix("pattern")));
    // What is no name of a type is no property either, and told as such.
    for name in values.filter(|name| !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric())) {
        if !types.is_empty() && !types.iter().any(|t| t.eq_ignore_ascii_case(name)) {
            walk.error(at, || Kind::DifferentialValueType { type_name: name.into() })?;
            wrong = true;
        }
    }
    Answer::Continue(wrong)
}

/// The property that allows more than the base does. A slice may occur less often than the whole list.
fn widened(schema: &Schema, element: &Value, sources: &[Source]) -> Option<&'static str> {
    let is_slice = text(element, "id").is_some_and(|id| id.contains(':')) || element.get("sliceName").is_some();
    let base = || sources.iter().map(|s| schema.element(*s));
    let min = element.get("min").and_then(Value::as_u64).filter(|_| !is_slice);
    if min.is_some_and(|min| base().any(|e| u64::from(e.min) > min)) {
        return Some("min");
    }
    let max = text(element, "max").map(|max| max.parse::<u32>().ok());
    if max.is_some_and(|max| base().filter_map(|e| e.max).any(|limit| max.is_none_or(|max| max > limit))) {
        return Some("max");
    }
    let slice = text(element, "sliceName").and_then(|name| slice_of_base(schema, sources, name));
    let own_max = text(element, "max").map(|max| max.parse::<u32>().ok());
    if let (Some(own), Some(limit)) = (own_max, slice.and_then(|slice| slice.max))
        && own.is_none_or(|own| own > limit)
    {
        return Some("max");
    }
    let strength = element.get("binding").and_then(|binding| text(binding, "strength"));
    let required = base().filter_map(|e| e.binding.as_ref()).any(|b| b.strength == Strength::Required);
    (required && strength.is_some_and(|strength| strength != "required")).then_some("binding")
}

/// The slice of this name that the base has already.
pub(super) fn slice_of_base<'s>(schema: &'s Schema, sources: &[Source], name: &str) -> Option<&'s Element> {
    sources.iter().rev().find_map(|source| {
        let slices = schema.element(*source).slices.iter().map(|slice| schema.element((source.0, *slice)));
        slices.into_iter().find(|slice| slice.slice_name.as_deref() == Some(name))
    })
}

/// A value that is fixed in the base stays, and a pattern has more at most.
fn contradicts(schema: &Schema, element: &Value, sources: &[Source]) -> Option<&'static str> {
    if element.get("sliceName").is_some() {
        return None;
    }
    let base = || sources.iter().map(|s| schema.element(*s));
    let (own_fixed, own_pattern) = (choice(element, "fixed"), choice(element, "pattern"));
    if let Some(own) = own_fixed
        && base().filter_map(|e| e.fixed.as_ref()).any(|fixed| !fixed::equal(fixed, own))
    {
        return Some("fixed");
    }
    let own = own_pattern?;
    base().filter_map(|e| e.pattern.as_ref()).any(|wanted| !pattern::contains(wanted, own)).then_some("pattern")
}

/// What allows nothing that the base allows, or lets go of a slice that the base needs.
fn conflicts(schema: &Schema, element: &Value, sources: &[Source]) -> Option<&'static str> {
    if let Some(name) = text(element, "sliceName") {
        let own = element.get("min").and_then(Value::as_u64)?;
        return slice_of_base(schema, sources, name).filter(|slice| u64::from(slice.min) > own).map(|_| "min");
    }
    let base = || sources.iter().map(|s| schema.element(*s));
    if let Some(own) = choice(element, "fixed") {
        return base().filter_map(|e| e.pattern.as_ref()).any(|p| !pattern::contains(p, own)).then_some("fixed");
    }
    let own = choice(element, "pattern")?;
    base().filter_map(|e| e.fixed.as_ref()).any(|fixed| !pattern::contains(own, fixed)).then_some("pattern")
}
