//! Whether a question is asked, given the other answers: `enableWhen`, or an expression.

use std::cmp::Ordering;

use serde_json::Value;

use super::{Around, Form, MAKING, extensions, list, text};
use crate::validator::rules::{bounds, constraint, pattern};
use crate::validator::sink::Sink;
use crate::validator::walk::Walk;

const EXPRESSION: &str = "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-enableWhenExpression";

/// Questions without conditions are always asked; several conditions are joined as `enableBehavior` says. What cannot be
/// told (an expression that asks for more than the response, several conditions joined by nothing, more answers than can
/// be compared) counts as asked.
pub(super) fn is_enabled<'a, S: Sink>(
    walk: &Walk<'_, 'a, S>,
    form: &Form<'_, 'a>,
    question: &Value,
    around: Option<&Around<'_>>,
) -> bool {
    if let Some(expression) = extensions(question, EXPRESSION).find_map(|e| text(e, "expression")) {
        return !form.affords(MAKING) || constraint::holds(walk, form.scope, expression, form.response).unwrap_or(true);
    }
    let conditions = list(question, "enableWhen");
    let holds = |condition: &Value| {
        let asked = text(condition, "question").unwrap_or_default();
        let within = Around::nearest(around, form.questions(), asked).unwrap_or(form.response);
        let items = form.answers().within(within, asked);
        let answers: Vec<&Value> =
            items.flat_map(|item| list(item, "answer")).filter_map(|a| choice(a, "value")).collect();
        !form.affords(answers.len()) || condition_holds(condition, &answers)
    };
    match (text(question, "enableBehavior"), conditions) {
        (_, []) => true,
        (_, [one]) => holds(one),
        (Some("all"), all) => all.iter().all(holds),
        (Some("any"), all) => all.iter().any(holds),
        _ => true,
    }
}

fn condition_holds(condition: &Value, given: &[&Value]) -> bool {
    let wanted = choice(condition, "answer");
    let operator = text(condition, "operator").unwrap_or_default();
    if operator == "exists" {
        return given.is_empty() != (wanted == Some(&Value::Bool(true)));
    }
    let Some(wanted) = wanted else { return false };
    let order = |v: &Value| bounds::compare(v, wanted);
    // A text may look like a moment, and is none.
    let is_text = condition.get("answerString").is_some();
    let same = |v: &Value| if is_text { v == wanted } else { same(wanted, v) };
    match operator {
        "=" => given.iter().any(|v| same(v)),
        "!=" => !given.is_empty() && !given.iter().any(|v| same(v)),
        ">" => given.iter().any(|v| order(v) == Some(Ordering::Greater)),
        "<" => given.iter().any(|v| order(v) == Some(Ordering::Less)),
        ">=" => given.iter().any(|v| matches!(order(v), Some(Ordering::Greater | Ordering::Equal))),
        "<=" => given.iter().any(|v| matches!(order(v), Some(Ordering::Less | Ordering::Equal))),
        _ => true,
    }
}

/// The value of a choice, whatever its type.
pub(super) fn choice<'v>(value: &'v Value, prefix: &str) -> Option<&'v Value> {
    value.as_object()?.iter().find(|(name, _)| name.starts_with(prefix)).map(|(_, v)| v)
}

/// A Coding without a system asks for its code alone, a Quantity is the same in any unit and a moment in any time zone;
/// everything else is the same by value.
fn same(wanted: &Value, given: &Value) -> bool {
    // Of what has a code, a Quantity alone has a value.
    if wanted.get("value").is_some() {
        return bounds::compare(given, wanted) == Some(Ordering::Equal) || pattern::contains(wanted, given);
    }
    match (text(wanted, "code"), text(given, "code")) {
        (Some(a), Some(b)) => {
            a == b && (text(wanted, "system").is_none() || text(wanted, "system") == text(given, "system"))
        }
        _ => pattern::contains(wanted, given) || is_same_moment(wanted, given),
    }
}

fn is_same_moment(wanted: &Value, given: &Value) -> bool {
    let moment = |value: &Value| value.as_str().and_then(bounds::moment);
    moment(wanted).is_some_and(|wanted| moment(given) == Some(wanted))
}
