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

/// The codes right above or below each concept, told by how they are nested as well as by properties.
fn neighbours<'t>(table: &'t CodeTable, property: &str) -> Vec<Vec<&'t str>> {
    if !matches!(property, "parent" | "child") {
        return Vec::new();
    }
    let mut all = vec![Vec::new(); table.concepts().len()];
    for (at, concept) in table.concepts().iter().enumerate() {
        for &parent in &concept.parents {
            match property {
                "parent" => all[at].push(&*table.concepts()[parent].code),
                _ => all[parent].push(&*concept.code),
            }
        }
    }
    all
}

fn one(table: &CodeTable, property: &str, op: &str, value: &str) -> Option<Vec<bool>> {
    let near = neighbours(table, property);
    let each = |test: &dyn Fn(usize, &Concept) -> bool| {
        Some(table.concepts().iter().enumerate().map(|(at, concept)| test(at, concept)).collect())
    };
    // A concept that the system does not have has nothing below it.
    let nothing = || vec![false; table.concepts().len()];
    match op {
        "is-a" => Some(table.below(value, true).unwrap_or_else(nothing)),
        "descendent-of" => Some(table.below(value, false).unwrap_or_else(nothing)),
        "is-not-a" => Some(table.below(value, true).unwrap_or_else(nothing).into_iter().map(|below| !below).collect()),
        "generalizes" => Some(table.above(value).unwrap_or_else(nothing)),
        "=" => each(&|at, concept| all_values(concept, property, near.get(at)).any(|found| found == value)),
        "in" | "not-in" => {
            let listed: AHashSet<&str> = value.split(',').map(str::trim).collect();
            each(&|at, concept| {
                all_values(concept, property, near.get(at)).any(|found| listed.contains(found)) == (op == "in")
            })
        }
        "exists" => {
            each(&|at, concept| all_values(concept, property, near.get(at)).next().is_some() == (value == "true"))
        }
        "regex" => {
            let whole = pattern::whole(value)?;
            each(&|at, concept| all_values(concept, property, near.get(at)).any(|found| whole.is_match(found)))
        }
        _ => None,
    }
}

fn all_values<'a>(
    concept: &'a Concept,
    property: &'a str,
    near: Option<&'a Vec<&'a str>>,
) -> impl Iterator<Item = &'a str> {
    values(concept, property).chain(near.into_iter().flatten().copied())
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
