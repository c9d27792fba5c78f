//! A MeasureReport against its Measure: the groups and populations that it has, and the score that its kind of scoring
//! asks for.
//!
//! Source: <http://hl7.org/fhir/R4/measurereport.html> and `Measure.scoring`.

pub mod criteria;

use std::slice;

use ahash::AHashMap;
use serde_json::Value;

use super::{list, text};
use crate::validator::kind::Kind;
use crate::validator::path::Path;
use crate::validator::resolve;
use crate::validator::sink::{Flow, Sink};
use crate::validator::walk::{Scope, Walk};

const SCORING: &str = "http://terminology.hl7.org/CodeSystem/measure-scoring";
const POPULATION: &str = "http://terminology.hl7.org/CodeSystem/measure-population";
/// A score that is no number, where the measure's guide allows that.
const OTHER_SCORE: &str = "http://hl7.org/fhir/us/davinci-deqm/StructureDefinition/extension-alternateScoreType";

/// Checks the groups of a report. A Measure that is not there is let through.
pub fn check<'a, S: Sink>(walk: &mut Walk<'_, 'a, S>, scope: &Scope<'_, 'a>, report: &'a Value, at: &Path<'_>) -> Flow {
    let Some(canonical) = text(report, "measure") else { return Flow::Continue(()) };
    let contained = canonical.strip_prefix('#').and_then(|id| walk.shared.lookup.contained(report, id));
    let loaded = match contained {
        Some(_) => None,
        None => walk.schema().definitions.resource("Measure", canonical),
    };
    let Some(measure) = contained.or(loaded.as_deref()) else { return Flow::Continue(()) };
    let kind = text(report, "type").unwrap_or_default();
    let (groups, wanted) = (list(report, "group"), list(measure, "group"));
    // A report that is not finished, or failed, lacks what it has no result for.
    let is_complete = text(report, "status").is_none_or(|status| status == "complete");
    let here = at.name("group");
    let reported = |walk: &mut Walk<'_, 'a, S>, group: &Value, wanted: &Value, at: &Path<'_>| {
        let each = |walk: &mut Walk<'_, 'a, S>, population, at: &Path<'_>| subjects(walk, scope, kind, population, at);
        parts(walk, is_complete, (list(group, "population"), list(wanted, "population")), at, "population", each)?;
        if is_complete || group.get("measureScore").is_some() {
            score(walk, kind, scoring(measure), group, at)?;
        }
        let (found, wanted) = (list(group, "stratifier"), list(wanted, "stratifier"));
        parts(walk, is_complete, (found, wanted), at, "stratifier", |_, _, _| Flow::Continue(()))
    };
    // One group alone needs no code to be told by; where both have one, it is the same.
    if let ([group], [wanted]) = (groups, wanted) {
        let path = here.index(0);
        if group.get("code").is_some()
            && wanted.get("code").is_some()
            && Parts::of(slice::from_ref(wanted)).find(group).is_none()
        {
            walk.error(&path, || Kind::MeasureGroupCode)?;
        }
        return reported(walk, group, wanted, &path);
    }
    let mut parts = Parts::of(wanted);
    for (i, group) in groups.iter().enumerate() {
        let path = here.index(i);
        if let Some(place) = parts.place(walk, group, &path)? {
            reported(walk, group, &wanted[place], &path)?;
        }
    }
    if is_complete && kind != "data-collection" && parts.seen.contains(&false) {
        walk.error(at, || Kind::MeasureGroupMissing)?;
    }
    Flow::Continue(())
}

type Placed = std::ops::ControlFlow<(), Option<usize>>;

/// The parts of a measure by code, or by text where they have none; and which of them the report has.
struct Parts<'m> {
    by_code: AHashMap<(Option<&'m str>, &'m str), usize>,
    by_text: AHashMap<&'m str, usize>,
    seen: Vec<bool>,
}

impl<'m> Parts<'m> {
    fn of(wanted: &'m [Value]) -> Self {
        let mut parts = Parts { by_code: AHashMap::new(), by_text: AHashMap::new(), seen: vec![false; wanted.len()] };
        for (place, concept) in wanted.iter().enumerate().flat_map(|(i, part)| codes(part).iter().map(move |c| (i, c)))
        {
            for key in keys(concept) {
                parts.by_code.entry(key).or_insert(place);
            }
            if let Some(text) = text_alone(concept) {
                parts.by_text.entry(text).or_insert(place);
            }
        }
        parts
    }

    fn find(&self, part: &Value) -> Option<usize> {
        let of = |concept: &Value| {
            let by_code = keys(concept).filter_map(|key| self.by_code.get(&key));
            by_code.chain(text_alone(concept).and_then(|text| self.by_text.get(text))).copied().min()
        };
        codes(part).iter().filter_map(of).min()
    }

    /// Which part of the measure a part of the report is for; reports one that is for none, or comes again.
    fn place<S: Sink>(&mut self, walk: &mut Walk<'_, '_, S>, part: &Value, at: &Path<'_>) -> Placed {
        let Some(place) = self.find(part) else {
            walk.error(at, || Kind::MeasureGroupCode)?;
            return Placed::Continue(None);
        };
        if std::mem::replace(&mut self.seen[place], true) {
            walk.error(at, || Kind::MeasureGroupTwice)?;
            return Placed::Continue(None);
        }
        Placed::Continue(Some(place))
    }
}

/// The concepts that a part goes by; stratifiers of a report carry several.
fn codes(part: &Value) -> &[Value] {
    match part.get("code") {
        Some(Value::Array(all)) => all,
        Some(one) => slice::from_ref(one),
        None => &[],
    }
}

fn keys(concept: &Value) -> impl Iterator<Item = (Option<&str>, &str)> {
    list(concept, "coding").iter().filter_map(|coding| Some((text(coding, "system"), text(coding, "code")?)))
}

/// The text of a concept without codings.
fn text_alone(concept: &Value) -> Option<&str> {
    text(concept, "text").filter(|_| list(concept, "coding").is_empty())
}

/// The populations or stratifiers of a group: each that the measure has, once, and no others; of a report that is not
/// complete some may be missing.
fn parts<'p, 'a, S: Sink>(
    walk: &mut Walk<'_, 'a, S>,
    is_complete: bool,
    (found, wanted): (&'p [Value], &[Value]),
    at: &Path<'_>,
    name: &'static str,
    each: impl Fn(&mut Walk<'_, 'a, S>, &'p Value, &Path<'_>) -> Flow,
) -> Flow {
    let here = at.name(name);
    let mut parts = Parts::of(wanted);
    for (i, part) in found.iter().enumerate() {
        let path = here.index(i);
        if parts.place(walk, part, &path)?.is_some() {
            each(walk, part, &path)?;
        }
    }
    let is_observation = |w: &Value| {
        codings(w).any(|c| text(c, "system") == Some(POPULATION) && text(c, "code") == Some("measure-observation"))
    };
    if is_complete && wanted.iter().zip(&parts.seen).any(|(wanted, seen)| !seen && !is_observation(wanted)) {
        walk.error(at, || Kind::MeasureGroupMissing)?;
    }
    Flow::Continue(())
}

fn codings(part: &Value) -> impl Iterator<Item = &Value> {
    part.get("code").map_or(&[][..], |code| list(code, "coding")).iter()
}

/// A subject list says who is counted, and no other report does.
fn subjects<'a, S: Sink>(
    walk: &mut Walk<'_, 'a, S>,
    scope: &Scope<'_, 'a>,
    kind: &str,
    population: &Value,
    at: &Path<'_>,
) -> Flow {
    let named = population.get("subjectResults");
    if kind != "subject-list" {
        return if named.is_some() { walk.error(at, || Kind::MeasureSubjects) } else { Flow::Continue(()) };
    }
    let found = named.map_or(Some(0), |named| counted(walk, scope, named));
    match (population.get("count").and_then(Value::as_u64), found) {
        (Some(stated), Some(found)) if stated != found => walk.error(at, || Kind::MeasureCount { found }),
        _ => Flow::Continue(()),
    }
}

/// How many subjects a reference names: those of a List in the same Bundle, or one; `None` where that cannot be told.
fn counted<'a, S: Sink>(walk: &Walk<'_, 'a, S>, scope: &Scope<'_, 'a>, named: &Value) -> Option<u64> {
    let reference = text(named, "reference").filter(|reference| !reference.starts_with('#'))?;
    let found = resolve::within(&walk.shared.lookup, scope, reference);
    let type_name = found.and_then(|found| text(found, "resourceType"));
    match type_name.or(resolve::typed(reference).map(|(name, _)| name))? {
        "Patient" | "Practitioner" | "PractitionerRole" | "Person" | "RelatedPerson" => Some(1),
        "List" => found.map(|found| list(found, "entry").len() as u64),
        _ => None,
    }
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
