//! The filters of an include, on a code system that is here.

use ahash::AHashSet;
use serde_json::Value;

use super::code_table::{CodeTable, Concept};
use crate::fhir::pattern;

/// Marks the concepts that pass every filter; the filter that is not understood as the error.
pub(super) fn passing(table: &CodeTable, filters: &[Value]) -> Result<Vec<bool>, Box<str>> {
    let mut passing = vec![true; table.concepts().len()];
    for filter in filters {
        let text = |key: &str| filter.get(key).and_then(Value::as_str).unwrap_or_default();
        let (property, op, value) = (text("property"), text("op"), text("value"));
        let passes = one(table, property, op, value).ok_or_else(|| format!("{property} {op}"))?;
        passing.iter_mut().zip(passes).for_each(|(all, this)| *all &= this);
    }
    Ok(passing)
}

fn one(table: &CodeTable, property: &str, op: &str, value: &str) -> Option<Vec<bool>> {
    let each = |test: &dyn Fn(&Concept) -> bool| Some(table.concepts().iter().map(test).collect());
    // A concept that the system does not have has nothing below it.
    let nothing = || vec![false; table.concepts().len()];
    match op {
        "is-a" => Some(table.below(value, true).unwrap_or_else(nothing)),
        "descendent-of" => Some(table.below(value, false).unwrap_or_else(nothing)),
        "is-not-a" => Some(table.below(value, true).unwrap_or_else(nothing).into_iter().map(|below| !below).collect()),
        "generalizes" => Some(table.above(value).unwrap_or_else(nothing)),
        "=" => each(&|concept| values(concept, property).any(|found| found == value)),
        "in" | "not-in" => {
            let listed: AHashSet<&str> = value.split(',').map(str::trim).collect();
            each(&|concept| values(concept, property).any(|found| listed.contains(found)) == (op == "in"))
        }
        "exists" => each(&|concept| values(concept, property).next().is_some() == (value == "true")),
        "regex" => {
            let whole = pattern::whole(value)?;
            each(&|concept| values(concept, property).any(|found| whole.is_match(found)))
        }
        _ => None,
    }
}

/// `code`, `concept` and `display` are properties that every concept has without saying so.
fn values<'a>(concept: &'a Concept, property: &'a str) -> impl Iterator<Item = &'a str> {
    let built_in = match property {
        "code" | "concept" => Some(&*concept.code),
        "display" => concept.display.as_deref(),
        _ => None,
    };
    let told = concept.properties.iter().filter(move |(name, _)| **name == *property).map(|(_, value)| &**value);
    built_in.into_iter().chain(told)
}
