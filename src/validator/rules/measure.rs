//! A MeasureReport against its Measure: the groups and populations that it has, and the score that its kind of scoring
//! asks for.
//!
//! Source: <http://hl7.org/fhir/R4/measurereport.html> and `Measure.scoring`.

use serde_json::Value;

use super::{list, text};
use crate::validator::kind::Kind;
use crate::validator::path::Path;
use crate::validator::resolve;
use crate::validator::sink::{Flow, Sink};
use crate::validator::walk::Walk;

const SCORING: &str = "http://terminology.hl7.org/CodeSystem/measure-scoring";
const POPULATION: &str = "http://terminology.hl7.org/CodeSystem/measure-population";
/// A score that is no number, where the measure's guide allows that.
const OTHER_SCORE: &str = "http://hl7.org/fhir/us/davinci-deqm/StructureDefinition/extension-alternateScoreType";

/// Checks the groups of a report. A Measure that is not there is let through.
pub fn check<S: Sink>(walk: &mut Walk<'_, '_, S>, report: &Value, at: &Path<'_>) -> Flow {
    let Some(canonical) = text(report, "measure") else { return Flow::Continue(()) };
    let contained = canonical.strip_prefix('#').and_then(|id| resolve::contained(report, id));
    let loaded = match contained {
        Some(_) => None,
        None => walk.schema().definitions.resource("Measure", canonical),
    };
    let Some(measure) = contained.or(loaded.as_deref()) else { return Flow::Continue(()) };
    let kind = text(report, "type").unwrap_or_default();
    let (groups, wanted) = (list(report, "group"), list(measure, "group"));
    let here = at.name("group");
    let reported = |walk: &mut Walk<'_, '_, S>, group: &Value, wanted: &Value, at: &Path<'_>| {
        parts(
            walk,
            list(group, "population"),
            list(wanted, "population"),
            at,
            "population",
            |walk, population, at| subjects(walk, kind, population, at),
        )?;
        score(walk, kind, scoring(measure), group, at)?;
        parts(walk, list(group, "stratifier"), list(wanted, "stratifier"), at, "stratifier", |_, _, _| {
            Flow::Continue(())
        })
    };
    // One group alone needs no code to be told by; where both have one, it is the same.
    if let ([group], [wanted]) = (groups, wanted) {
        let path = here.index(0);
        if group.get("code").is_some() && wanted.get("code").is_some() && !same_code(group, wanted) {
            walk.error(&path, || Kind::MeasureGroupCode)?;
        }
        return reported(walk, group, wanted, &path);
    }
    let mut seen = vec![false; wanted.len()];
    for (i, group) in groups.iter().enumerate() {
        let path = here.index(i);
        if let Some(place) = place(walk, group, wanted, &mut seen, &path)? {
            reported(walk, group, &wanted[place], &path)?;
        }
    }
    if kind != "data-collection" && seen.contains(&false) {
        walk.error(at, || Kind::MeasureGroupMissing)?;
    }
    Flow::Continue(())
}

type Placed = std::ops::ControlFlow<(), Option<usize>>;

/// Which part of the measure a part of the report is for, told by code; reports one that is for none, or comes again.
fn place<S: Sink>(
    walk: &mut Walk<'_, '_, S>,
    part: &Value,
    wanted: &[Value],
    seen: &mut [bool],
    at: &Path<'_>,
) -> Placed {
    let Some(place) = wanted.iter().position(|w| same_code(part, w)) else {
        walk.error(at, || Kind::MeasureGroupCode)?;
        return Placed::Continue(None);
    };
    if std::mem::replace(&mut seen[place], true) {
        walk.error(at, || Kind::MeasureGroupTwice)?;
        return Placed::Continue(None);
    }
    Placed::Continue(Some(place))
}

/// The populations or stratifiers of a group: each that the measure has, once, and no others.
fn parts<'p, S: Sink>(
    walk: &mut Walk<'_, '_, S>,
    found: &'p [Value],
    wanted: &[Value],
    at: &Path<'_>,
    name: &'static str,
    each: impl Fn(&mut Walk<'_, '_, S>, &'p Value, &Path<'_>) -> Flow,
) -> Flow {
    let here = at.name(name);
    let mut seen = vec![false; wanted.len()];
    for (i, part) in found.iter().enumerate() {
        let path = here.index(i);
        if place(walk, part, wanted, &mut seen, &path)?.is_some() {
            each(walk, part, &path)?;
        }
    }
    let is_observation = |w: &Value| {
        codings(w).any(|c| text(c, "system") == Some(POPULATION) && text(c, "code") == Some("measure-observation"))
    };
    if wanted.iter().zip(&seen).any(|(wanted, seen)| !seen && !is_observation(wanted)) {
        walk.error(at, || Kind::MeasureGroupMissing)?;
    }
    Flow::Continue(())
}

fn codings(part: &Value) -> impl Iterator<Item = &Value> {
    part.get("code").map_or(&[][..], |code| list(code, "coding")).iter()
}

/// The same by a coding that both have, or by text where neither has one. Stratifiers of a report carry several codes.
fn same_code(part: &Value, wanted: &Value) -> bool {
    let of = |v: &Value| match v.get("code") {
        Some(Value::Array(all)) => all.clone(),
        Some(one) => vec![one.clone()],
        None => Vec::new(),
    };
    let (found, wanted) = (of(part), of(wanted));
    found.iter().any(|found| {
        wanted.iter().any(|wanted| {
            let (a, b) = (list(found, "coding"), list(wanted, "coding"));
            let same = |a: &Value, b: &Value| {
                text(a, "code").is_some()
                    && text(a, "code") == text(b, "code")
                    && text(a, "system") == text(b, "system")
            };
            let by_text = a.is_empty() && b.is_empty() && text(found, "text").is_some();
            a.iter().any(|a| b.iter().any(|b| same(a, b))) || (by_text && text(found, "text") == text(wanted, "text"))
        })
    })
}

fn subjects<S: Sink>(walk: &mut Walk<'_, '_, S>, kind: &str, population: &Value, at: &Path<'_>) -> Flow {
    let nobody = population.get("count").and_then(Value::as_u64) == Some(0);
    // One reference names a List of subjects, however many they are.
    if population.get("subjectResults").is_some() && (kind != "subject-list" || nobody) {
        return walk.error(at, || Kind::MeasureSubjects);
    }
    Flow::Continue(())
}

fn scoring(measure: &Value) -> Option<&str> {
    let codings = measure.get("scoring")?.get("coding")?.as_array()?;
    codings.iter().find(|c| text(c, "system") == Some(SCORING)).and_then(|c| text(c, "code"))
}

fn score<S: Sink>(walk: &mut Walk<'_, '_, S>, kind: &str, scoring: Option<&str>, group: &Value, at: &Path<'_>) -> Flow {
    let here = at.name("measureScore");
    let score = group.get("measureScore");
    let scoring = if kind == "data-collection" { "data-collection" } else { scoring.unwrap_or_default() };
    match (scoring, score) {
        ("cohort" | "data-collection", Some(_)) => walk.error(&here, || Kind::MeasureScore { scoring: scoring.into() }),
        ("proportion" | "ratio" | "continuous-variable", None) => {
            walk.error(at, || Kind::MeasureScoreMissing { scoring: scoring.into() })
        }
        ("proportion" | "ratio" | "continuous-variable", Some(score)) => {
            let is_other = list(score, "extension").iter().any(|e| text(e, "url") == Some(OTHER_SCORE));
            match score.get("value").and_then(Value::as_f64) {
                None if !is_other => walk.error(&here, || Kind::MeasureScoreMissing { scoring: scoring.into() })?,
                Some(value) if scoring == "proportion" && !(0.0..=1.0).contains(&value) => {
                    walk.error(&here.name("value"), || Kind::MeasureShare)?;
                }
                _ => {}
            }
            for name in ["unit", "system", "code"] {
                if scoring == "proportion" && score.get(name).is_some() {
                    walk.error(&here.name(name), || Kind::MeasureScoreUnit)?;
                }
            }
            Flow::Continue(())
        }
        _ => Flow::Continue(()),
    }
}
