//! What a question says an answer may at least and at most be: values, lengths, decimals, forms.

use std::cmp::Ordering;

use serde_json::Value;

use super::{Form, extensions, text};
use crate::validator::kind::Kind;
use crate::validator::path::Path;
use crate::validator::reason::Unchecked;
use crate::validator::rules::bounds;
use crate::validator::sink::{Flow, Sink};
use crate::validator::walk::Walk;

const MIN_VALUE: &str = "http://hl7.org/fhir/StructureDefinition/minValue";
const MAX_VALUE: &str = "http://hl7.org/fhir/StructureDefinition/maxValue";
const MIN_QUANTITY: &str = "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-minQuantity";
const MAX_QUANTITY: &str = "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-maxQuantity";
const MIN_LENGTH: &str = "http://hl7.org/fhir/StructureDefinition/minLength";
const MAX_DECIMALS: &str = "http://hl7.org/fhir/StructureDefinition/maxDecimalPlaces";
const REGEX: &str = "http://hl7.org/fhir/StructureDefinition/regex";

pub(super) fn check<S: Sink>(
    walk: &mut Walk<'_, '_, S>,
    form: &Form<'_, '_>,
    question: &Value,
    value: &Value,
    at: &Path<'_>,
) -> Flow {
    for (url, upper) in [(MIN_VALUE, false), (MIN_QUANTITY, false), (MAX_VALUE, true), (MAX_QUANTITY, true)] {
        for limit in extensions(question, url) {
            match order(value, limit) {
                Some(Ordering::Less) if !upper => walk.error(at, || Kind::AnswerBelowMinimum)?,
                Some(Ordering::Greater) if upper => walk.error(at, || Kind::AnswerAboveMaximum)?,
                None => walk.error(at, || Kind::AnswerNotComparable)?,
                // Units without a system say nothing formal, even where they are written the same.
                Some(_) if value.is_object() && (text(value, "code").is_none() || text(limit, "code").is_none()) => {
                    walk.error(at, || Kind::AnswerNotComparable)?;
                }
                Some(_) => {}
            }
        }
    }
    if let Some(answer) = value.as_str() {
        of_text(walk, form, question, answer, at)?;
    }
    let number = if value.is_object() { value.get("value") } else { Some(value) };
    if let (Some(Value::Number(number)), Some(max)) =
        (number, extensions(question, MAX_DECIMALS).find_map(Value::as_u64))
    {
        let places = number.to_string().split_once('.').map_or(0, |(_, fraction)| fraction.len() as u64);
        if places > max {
            walk.error(at, || Kind::AnswerDecimals { max })?;
        }
    }
    Flow::Continue(())
}

/// A date that lacks its month or day counts as the first of them, so that a day within the last month that is allowed
/// is later than that month.
fn order(value: &Value, limit: &Value) -> Option<Ordering> {
    match (value, limit) {
        (Value::String(value), Value::String(limit)) => match bounds::compare_times(value, limit) {
            Ordering::Equal => Some(value.len().min(10).cmp(&limit.len().min(10))),
            other => Some(other),
        },
        _ => bounds::compare(value, limit),
    }
}

fn of_text<S: Sink>(
    walk: &mut Walk<'_, '_, S>,
    form: &Form<'_, '_>,
    question: &Value,
    answer: &str,
    at: &Path<'_>,
) -> Flow {
    let length = answer.chars().count() as u64;
    if let Some(max) = question.get("maxLength").and_then(Value::as_u64).filter(|max| length > *max) {
        walk.error(at, || Kind::AnswerTooLong { max })?;
    }
    if let Some(min) = extensions(question, MIN_LENGTH).find_map(Value::as_u64).filter(|min| length < *min) {
        walk.error(at, || Kind::AnswerTooShort { min })?;
    }
    for expression in extensions(question, REGEX).filter_map(Value::as_str) {
        match form.regex(expression) {
            Some(regex) if !regex.is_match(answer) => walk.error(at, || Kind::AnswerPattern)?,
            Some(_) => {}
            None => {
                let reason = Unchecked::Pattern;
                walk.say_once(expression, at, || Kind::ConstraintUnchecked { key: "regex".into(), reason })?;
            }
        }
    }
    Flow::Continue(())
}
