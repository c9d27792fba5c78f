//! `minValue[x]` and `maxValue[x]`: numbers, dates, times and quantities.

use std::cmp::Ordering;

use jiff::{Span, Timestamp};
use serde_json::Value;

use super::fixed::shown;
use super::quantity;
use crate::validator::kind::Kind;
use crate::validator::node::{Bound, Node};
use crate::validator::path::Path;
use crate::validator::sink::{Flow, Sink};
use crate::validator::walk::Walk;

pub fn check<S: Sink>(walk: &mut Walk<'_, '_, S>, node: &Node, value: &Value, at: &Path<'_>) -> Flow {
    for bound in &node.bounds {
        let order = match (value, &bound.value) {
            (Value::String(time), Value::Object(_)) => match (walk.shared.now(), from_now(bound)) {
                (Some(now), Some(span)) => match now.checked_add(span) {
                    Ok(limit) => Some(compare_times(time, &limit.date().to_string())),
                    Err(_) => None,
                },
                _ => {
                    let limit = if bound.upper { "maxValue" } else { "minValue" };
                    walk.say_once(limit, at, || Kind::LimitUnchecked { limit })?;
                    None
                }
            },
            (value, limit) => {
                if quantity::is_of_other_kind(value, limit) {
                    walk.error(at, || Kind::UnitNotComparable)?;
                }
                compare(value, limit)
            }
        };
        let outside = matches!((bound.upper, order), (true, Some(Ordering::Greater)) | (false, Some(Ordering::Less)));
        if outside {
            let limit = shown(&bound.value, "");
            walk.error(at, || {
                if bound.upper { Kind::AboveMaximum { max: limit } } else { Kind::BelowMinimum { min: limit } }
            })?;
        }
    }
    Flow::Continue(())
}

/// A duration as the limit of a time: a minimum lies that long before now, a maximum that long after it.
///
/// Source: <http://hl7.org/fhir/R4/elementdefinition-definitions.html#ElementDefinition.minValue_x_>.
fn from_now(bound: &Bound) -> Option<Span> {
    let count = bound.value.get("value")?.as_i64()?;
    let count = if bound.upper { count } else { count.checked_neg()? };
    let span = Span::new();
    match bound.value.get("code")?.as_str()? {
        "a" => span.try_years(count),
        "mo" => span.try_months(count),
        "wk" => span.try_weeks(count),
        "d" => span.try_days(count),
        "h" => span.try_hours(count),
        "min" => span.try_minutes(count),
        "s" => span.try_seconds(count),
        _ => return None,
    }
    .ok()
}

/// How two values of one type compare; `None` where that cannot be said (units that do not convert, parts missing).
pub fn compare(value: &Value, limit: &Value) -> Option<Ordering> {
    match (value, limit) {
        (Value::Number(a), Value::Number(b)) => a.as_f64()?.partial_cmp(&b.as_f64()?),
        (Value::String(a), Value::String(b)) => Some(compare_times(a, b)),
        (Value::Object(_), Value::Object(_)) => quantity::compare(value, limit),
        _ => None,
    }
}

/// Moments compare as such, whatever their time zones; other dates and times as texts as far as both go, of which a shorter
/// one is equal to all within it.
pub fn compare_times(a: &str, b: &str) -> Ordering {
    if let (Some(a), Some(b)) = (moment(a), moment(b)) {
        return a.cmp(&b);
    }
    let both = a.len().min(b.len());
    a.as_bytes()[..both].cmp(&b.as_bytes()[..both])
}

/// A date with a time and a zone.
pub fn moment(text: &str) -> Option<Timestamp> {
    text.contains('T').then(|| text.parse().ok()).flatten()
}
