//! One answer: its type, its limits, and whether it is one of the options.

use serde_json::Value;

use super::enable::choice;
use super::{Form, extensions, limits, list, options, text};
use crate::validator::kind::Kind;
use crate::validator::path::Path;
use crate::validator::primitive::base64_length;
use crate::validator::resolve::typed;
use crate::validator::sink::{Flow, Sink};
use crate::validator::terminology::Membership;
use crate::validator::walk::{Walk, joined};

const MIME_TYPE: &str = "http://hl7.org/fhir/StructureDefinition/mimeType";
const MAX_SIZE: &str = "http://hl7.org/fhir/StructureDefinition/maxSize";
const UNIT_OPTION: &str = "http://hl7.org/fhir/StructureDefinition/questionnaire-unitOption";
const UNIT_VALUE_SET: &str = "http://hl7.org/fhir/StructureDefinition/questionnaire-unitValueSet";
const RESOURCE: &str = "http://hl7.org/fhir/StructureDefinition/questionnaire-referenceResource";
const EXCLUSIVE: &str = "http://hl7.org/fhir/StructureDefinition/questionnaire-optionExclusive";

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

/// `count` is how many answers the item has.
pub(super) fn check<S: Sink>(
    walk: &mut Walk<'_, '_, S>,
    form: &Form<'_, '_>,
    question: &Value,
    answer: &Value,
    count: usize,
    at: &Path<'_>,
) -> Flow {
    let given = answer.as_object().and_then(|map| map.iter().find(|(name, _)| name.starts_with("value")));
    let Some((property, value)) = given else { return Flow::Continue(()) };
    let kind = text(question, "type").unwrap_or_default();
    let path = at.name(property);
    let allowed = expected(kind);
    if !allowed.contains(&property.as_str()) {
        let names = joined(allowed.iter().map(|name| &name["value".len()..]));
        return walk.error(&path, || Kind::AnswerType { expected: names });
    }
    let options = list(question, "answerOption").len() * if count > 1 { 2 } else { 1 };
    if !form.affords(options + list(question, "extension").len()) {
        return Flow::Continue(());
    }
    limits::check(walk, form, question, value, &path)?;
    if property == "valueReference" && kind != "reference" && !has_references(question) {
        return walk.error(&path, || Kind::AnswerType { expected: "Coding".into() });
    }
    match kind {
        "attachment" => attachment(walk, question, value, at),
        "quantity" => unit(walk, question, value, &path),
        "reference" => reference(walk, question, value, &path),
        "choice" | "open-choice" | "string" | "integer" | "date" | "time" => {
            option(walk, form, question, kind, property, value, at)?;
            exclusive(walk, question, value, count, at)
        }
        _ => Flow::Continue(()),
    }
}

/// Whether a choice is between resources; else it is between codes and texts.
fn has_references(question: &Value) -> bool {
    list(question, "answerOption").iter().any(|option| option.get("valueReference").is_some())
}

fn attachment<S: Sink>(walk: &mut Walk<'_, '_, S>, question: &Value, value: &Value, at: &Path<'_>) -> Flow {
    let mut types = extensions(question, MIME_TYPE).filter_map(Value::as_str).peekable();
    let given = text(value, "contentType");
    if types.peek().is_some() && !types.any(|t| given.is_some_and(|given| given.starts_with(t))) {
        walk.error(at, || Kind::AnswerMimeType)?;
    }
    let size = text(value, "data").and_then(base64_length).or_else(|| value.get("size").and_then(Value::as_u64));
    let max = extensions(question, MAX_SIZE).find_map(|v| v.as_f64()).map(|v| v as u64);
    match (size, max) {
        (Some(size), Some(max)) if size > max => walk.error(at, || Kind::AnswerMaxSize { max }),
        _ => Flow::Continue(()),
    }
}

fn unit<S: Sink>(walk: &mut Walk<'_, '_, S>, question: &Value, value: &Value, at: &Path<'_>) -> Flow {
    let mut units = extensions(question, UNIT_OPTION).peekable();
    let fits = |unit: &Value| {
        let same = |name: &str, of: &str| text(unit, name).is_none_or(|wanted| text(value, of) == Some(wanted));
        same("system", "system") && same("code", "code") && same("display", "unit")
    };
    if units.peek().is_some() && !units.any(fits) {
        walk.error(at, || Kind::AnswerUnit)?;
    }
    let terminology = &walk.schema().terminology;
    for set in extensions(question, UNIT_VALUE_SET).filter_map(Value::as_str) {
        let code = text(value, "code").unwrap_or_default();
        if terminology.contains(set, text(value, "system"), code) == Membership::Out {
            walk.error(at, || Kind::AnswerUnit)?;
        }
    }
    Flow::Continue(())
}

fn reference<S: Sink>(walk: &mut Walk<'_, '_, S>, question: &Value, value: &Value, at: &Path<'_>) -> Flow {
    let Some((name, _)) = text(value, "reference").and_then(typed) else { return Flow::Continue(()) };
    if walk.schema().type_structure(name).is_none() {
        return walk.error(at, || Kind::ReferenceTypeUnknown);
    }
    let allowed: Vec<&str> = extensions(question, RESOURCE).filter_map(Value::as_str).collect();
    if allowed.is_empty() || allowed.contains(&name) {
        return Flow::Continue(());
    }
    walk.error(at, || Kind::AnswerReferenceType { allowed: joined(allowed.into_iter()) })
}

fn option<S: Sink>(
    walk: &mut Walk<'_, '_, S>,
    form: &Form<'_, '_>,
    question: &Value,
    kind: &str,
    property: &str,
    value: &Value,
    at: &Path<'_>,
) -> Flow {
    if property == "valueString"
        && (kind == "open-choice" || (kind == "choice" && question.get("answerOption").is_none()))
    {
        return Flow::Continue(());
    }
    match options::is_option(walk, form, question, value) {
        // A text that is a code of a value set is judged as the code that it is.
        Membership::Out
            if property != "valueCoding"
                && (question.get("answerOption").is_none() || !matches!(kind, "choice" | "open-choice")) =>
        {
            walk.error(&at.name(property), || Kind::AnswerNotAnOption)
        }
        Membership::Out => walk.error(at, || Kind::AnswerNotAnOption),
        Membership::Unknown => {
            let set = text(question, "answerValueSet").unwrap_or_default();
            let is_here = set.starts_with('#') || walk.schema().terminology.value_set(set).is_some();
            walk.say_once(set, at, || Kind::ValueSetUnchecked { value_set: set.into(), is_here })
        }
        Membership::In => Flow::Continue(()),
    }
}

/// An option such as "none of these" stands alone.
fn exclusive<S: Sink>(
    walk: &mut Walk<'_, '_, S>,
    question: &Value,
    value: &Value,
    count: usize,
    at: &Path<'_>,
) -> Flow {
    let excludes = |option: &&Value| extensions(option, EXCLUSIVE).any(|v| *v == Value::Bool(true));
    let mut excluding = list(question, "answerOption").iter().filter(excludes).filter_map(|o| choice(o, "value"));
    if count > 1 && excluding.any(|option| options::same(option, value)) {
        walk.error(at, || Kind::AnswerExclusive)?;
    }
    Flow::Continue(())
}
