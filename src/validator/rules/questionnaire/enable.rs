//! `enableWhen`: whether a question is asked, given the other answers.

use std::cmp::Ordering;

use serde_json::Value;

use super::{Form, list, text};
use crate::validator::rules::bounds;

/// Questions without conditions are always asked; several conditions are joined as `enableBehavior` says.
pub(super) fn is_enabled(form: &Form<'_>, question: &Value) -> bool {
    let conditions = list(question, "enableWhen");
    if conditions.is_empty() {
        return true;
    }
    let holds = |condition: &Value| {
        let asked = text(condition, "question").unwrap_or_default();
        let answers = form.answers.get(asked).map_or(&[][..], Vec::as_slice);
        condition_holds(condition, answers)
    };
    match text(question, "enableBehavior") {
        Some("all") => conditions.iter().all(holds),
        _ => conditions.iter().any(holds),
    }
}

fn condition_holds(condition: &Value, answers: &[&Value]) -> bool {
    let wanted = choice(condition, "answer");
    let operator = text(condition, "operator").unwrap_or_default();
    if operator == "exists" {
        return answers.iter().any(|a| choice(a, "value").is_some()) == (wanted == Some(&Value::Bool(true)));
    }
    let Some(wanted) = wanted else { return false };
    let mut given = answers.iter().filter_map(|a| choice(a, "value"));
    match operator {
        "=" => given.any(|v| same(wanted, v)),
        "!=" => !given.any(|v| same(wanted, v)),
        ">" => given.any(|v| bounds::compare(v, wanted) == Some(Ordering::Greater)),
        "<" => given.any(|v| bounds::compare(v, wanted) == Some(Ordering::Less)),
        ">=" => given.any(|v| matches!(bounds::compare(v, wanted), Some(Ordering::Greater | Ordering::Equal))),
        "<=" => given.any(|v| matches!(bounds::compare(v, wanted), Some(Ordering::Less | Ordering::Equal))),
        _ => true,
    }
}

/// The value of a choice, whatever its type.
pub(super) fn choice<'v>(value: &'v Value, prefix: &str) -> Option<&'v Value> {
    value.as_object()?.iter().find(|(name, _)| name.starts_with(prefix)).map(|(_, v)| v)
}

/// Codings are the same by system and code, everything else by value.
fn same(wanted: &Value, given: &Value) -> bool {
    match (text(wanted, "code"), text(given, "code")) {
        (Some(a), Some(b)) => a == b && text(wanted, "system") == text(given, "system"),
        _ => crate::validator::rules::pattern::contains(wanted, given),
    }
}
