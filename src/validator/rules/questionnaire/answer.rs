//! One answer: its type, its limits, and whether it is one of the options.

use std::cmp::Ordering;

use serde_json::Value;

use super::{Form, extensions, options, text};
use crate::validator::kind::Kind;
use crate::validator::path::Path;
use crate::validator::resolve::typed;
use crate::validator::rules::bounds;
use crate::validator::sink::{Flow, Sink};
use crate::validator::terminology::Membership;
use crate::validator::walk::Walk;

const MIN_VALUE: &str = "http://hl7.org/fhir/StructureDefinition/minValue";
const MAX_VALUE: &str = "http://hl7.org/fhir/StructureDefinition/maxValue";
const MIN_QUANTITY: &str = "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-minQuantity";
const MAX_QUANTITY: &str = "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-maxQuantity";
const MIN_LENGTH: &str = "http://hl7.org/fhir/StructureDefinition/minLength";
const MAX_DECIMALS: &str = "http://hl7.org/fhir/StructureDefinition/maxDecimalPlaces";
const MIME_TYPE: &str = "http://hl7.org/fhir/StructureDefinition/mimeType";
const MAX_SIZE: &str = "http://hl7.org/fhir/StructureDefinition/maxSize";
const UNIT_OPTION: &str = "http://hl7.org/fhir/StructureDefinition/questionnaire-unitOption";

/// The properties that an answer to a question of this type may have.
fn expected(kind: &str) -> &'static [&'static str] {
    match kind {
        "boolean" => &["valueBoolean"],
        "decimal" => &["valueDecimal"],
        "integer" => &["valueInteger"],
        "date" => &["valueDate"],
        "dateTime" => &["valueDateTime"],
        "time" => &["valueTime"],
        "string" | "text" => &["valueString"],
        "url" => &["valueUri"],
        "attachment" => &["valueAttachment"],
        "reference" => &["valueReference"],
        "quantity" => &["valueQuantity"],
        // The options of a choice may be of these types; which they are is seen from the options.
        "choice" | "open-choice" => {
            &["valueCoding", "valueString", "valueInteger", "valueDate", "valueTime", "valueReference"]
        }
        _ => &[],
    }
}

pub(super) fn check<S: Sink>(
    walk: &mut Walk<'_, '_, S>,
    form: &Form<'_>,
    question: &Value,
    answer: &Value,
    at: &Path<'_>,
) -> Flow {
    let given = answer.as_object().and_then(|map| map.iter().find(|(name, _)| name.starts_with("value")));
    let Some((property, value)) = given else { return Flow::Continue(()) };
    let kind = text(question, "type").unwrap_or_default();
    let path = at.name(property);
    let allowed = expected(kind);
    if !allowed.contains(&property.as_str()) {
        let names = allowed.iter().map(|name| &name["value".len()..]).collect::<Vec<_>>().join(", ");
        return walk.error(&path, || Kind::AnswerType { expected: names.into() });
    }
    limits(walk, question, value, &path)?;
    match kind {
        "attachment" => attachment(walk, question, value, at),
        "quantity" => unit(walk, question, value, &path),
        "reference" => reference(walk, value, &path),
        "choice" | "open-choice" | "string" | "integer" | "date" | "time" => {
            option(walk, form, question, kind, property, value, at)
        }
        _ => Flow::Continue(()),
    }
}

fn limits<S: Sink>(walk: &mut Walk<'_, '_, S>, question: &Value, value: &Value, at: &Path<'_>) -> Flow {
    for (url, upper) in [(MIN_VALUE, false), (MIN_QUANTITY, false), (MAX_VALUE, true), (MAX_QUANTITY, true)] {
        for limit in extensions(question, url) {
            match bounds::compare(value, limit) {
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
        let length = answer.chars().count() as u64;
        if let Some(max) = question.get("maxLength").and_then(Value::as_u64).filter(|max| length > *max) {
            walk.error(at, || Kind::AnswerTooLong { max })?;
        }
        if let Some(min) = extensions(question, MIN_LENGTH).find_map(Value::as_u64).filter(|min| length < *min) {
            walk.error(at, || Kind::AnswerTooShort { min })?;
        }
    }
    if let (Value::Number(number), Some(max)) = (value, extensions(question, MAX_DECIMALS).find_map(Value::as_u64)) {
        let places = number.to_string().split_once('.').map_or(0, |(_, fraction)| fraction.len() as u64);
        if places > max {
            walk.error(at, || Kind::AnswerDecimals { max })?;
        }
    }
    Flow::Continue(())
}

fn attachment<S: Sink>(walk: &mut Walk<'_, '_, S>, question: &Value, value: &Value, at: &Path<'_>) -> Flow {
    let mut types = extensions(question, MIME_TYPE).filter_map(Value::as_str).peekable();
    if types.peek().is_some() && !types.any(|t| text(value, "contentType") == Some(t)) {
        walk.error(at, || Kind::AnswerMimeType)?;
    }
    let size = value.get("size").and_then(Value::as_u64);
    let max = extensions(question, MAX_SIZE).find_map(|v| v.as_f64()).map(|v| v as u64);
    match (size, max) {
        (Some(size), Some(max)) if size > max => walk.error(at, || Kind::AnswerMaxSize { max }),
        _ => Flow::Continue(()),
    }
}

fn unit<S: Sink>(walk: &mut Walk<'_, '_, S>, question: &Value, value: &Value, at: &Path<'_>) -> Flow {
    let mut units = extensions(question, UNIT_OPTION).peekable();
    let same =
        |unit: &Value| text(unit, "code") == text(value, "code") && text(unit, "system") == text(value, "system");
    if units.peek().is_some() && !units.any(same) {
        walk.error(at, || Kind::AnswerUnit)?;
    }
    Flow::Continue(())
}

fn reference<S: Sink>(walk: &mut Walk<'_, '_, S>, value: &Value, at: &Path<'_>) -> Flow {
    let name = text(value, "reference").and_then(typed).map(|(name, _)| name);
    match name {
        Some(name) if walk.schema().type_structure(name).is_none() => walk.error(at, || Kind::ReferenceTypeUnknown),
        _ => Flow::Continue(()),
    }
}

fn option<S: Sink>(
    walk: &mut Walk<'_, '_, S>,
    form: &Form<'_>,
    question: &Value,
    kind: &str,
    property: &str,
    value: &Value,
    at: &Path<'_>,
) -> Flow {
    if kind == "open-choice" && property == "valueString" {
        return Flow::Continue(());
    }
    match options::is_option(walk, form.questionnaire, question, value) {
        Membership::Out if property == "valueCoding" => walk.error(at, || Kind::AnswerNotAnOption),
        Membership::Out => walk.error(&at.name(property), || Kind::AnswerNotAnOption),
        Membership::Unknown => {
            let set = text(question, "answerValueSet").unwrap_or_default();
            walk.say_once(set, at, || Kind::ValueSetUnchecked { value_set: set.into() })
        }
        Membership::In => Flow::Continue(()),
    }
}
