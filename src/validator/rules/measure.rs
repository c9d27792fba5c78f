//! A MeasureReport against its Measure: the score that its kind of scoring asks for.
//!
//! Source: <http://hl7.org/fhir/R4/measure-definitions.html#Measure.scoring>.

use serde_json::Value;

use crate::validator::kind::Kind;
use crate::validator::path::Path;
use crate::validator::sink::{Flow, Sink};
use crate::validator::walk::Walk;

const SCORING: &str = "http://terminology.hl7.org/CodeSystem/measure-scoring";

/// Checks the groups of a report. A Measure that is not there, or is scored otherwise, is let through.
pub fn check<S: Sink>(walk: &mut Walk<'_, '_, S>, report: &Value, at: &Path<'_>) -> Flow {
    let Some(canonical) = report.get("measure").and_then(Value::as_str) else { return Flow::Continue(()) };
    let Some(measure) = walk.schema().definitions.resource("Measure", canonical) else { return Flow::Continue(()) };
    let Some(scoring) = scoring(&measure) else { return Flow::Continue(()) };
    let groups = at.name("group");
    for (i, group) in report.get("group").and_then(Value::as_array).into_iter().flatten().enumerate() {
        let Some(score) = group.get("measureScore") else { continue };
        let here = groups.index(i);
        let here = here.name("measureScore");
        match scoring {
            "cohort" => walk.error(&here, || Kind::MeasureScore { scoring: scoring.into() })?,
            "proportion" if !is_share(score) => walk.error(&here, || Kind::MeasureShare)?,
            _ => {}
        }
    }
    Flow::Continue(())
}

fn scoring(measure: &Value) -> Option<&str> {
    let codings = measure.get("scoring")?.get("coding")?.as_array()?;
    codings.iter().find(|c| c.get("system").and_then(Value::as_str) == Some(SCORING))?.get("code")?.as_str()
}

/// Between 0 and 1. A score without a number, or in a unit such as percent, is not judged.
fn is_share(score: &Value) -> bool {
    let in_unit = score.get("code").or(score.get("unit")).and_then(Value::as_str).is_some_and(|unit| unit != "1");
    let number = score.get("value").and_then(Value::as_f64);
    in_unit || number.is_none_or(|n| (0.0..=1.0).contains(&n))
}
