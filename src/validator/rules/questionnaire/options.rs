//! `answerOption` and `answerValueSet`: the answers to choose from.

use serde_json::Value;

use super::enable::choice;
use super::{Form, list, text};
use crate::validator::rules::pattern;
use crate::validator::sink::Sink;
use crate::validator::terminology::Membership;
use crate::validator::walk::Walk;

/// Whether an answer is one of the options; `Unknown` where that cannot be told.
pub(super) fn is_option<S: Sink>(
    walk: &Walk<'_, '_, S>,
    form: &Form<'_, '_>,
    question: &Value,
    given: &Value,
) -> Membership {
    let options = list(question, "answerOption");
    if !options.is_empty() {
        let fits = |option: &Value| choice(option, "value").is_some_and(|wanted| same(wanted, given));
        return if options.iter().any(fits) { Membership::In } else { Membership::Out };
    }
    let Some(value_set) = text(question, "answerValueSet") else { return Membership::In };
    let terminology = &walk.schema().terminology;
    let (system, code) = match given {
        Value::String(code) => (None, code.as_str()),
        coding => match text(coding, "code") {
            Some(code) => (Some(text(coding, "system").unwrap_or("")), code),
            None => return Membership::Out,
        },
    };
    // An answer is chosen from a list: it carries the name of the choice, or of none.
    if let (Some(system), Some(display)) = (system, text(given, "display"))
        && terminology.is_display(system, code, display) == Membership::Out
    {
        return Membership::Out;
    }
    match value_set.strip_prefix('#') {
        Some(id) => {
            let contained = form.value_set(terminology, id);
            contained.map_or(Membership::Unknown, |set| terminology.has(&set, system, code))
        }
        None => terminology.contains(value_set, system, code),
    }
}

/// Codings are the same by system and code, everything else by value.
pub(super) fn same(wanted: &Value, given: &Value) -> bool {
    match (text(wanted, "code"), text(given, "code")) {
        (Some(a), Some(b)) => a == b && text(wanted, "system") == text(given, "system"),
        _ => pattern::contains(wanted, given),
    }
}
