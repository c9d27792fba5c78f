//! `pattern[x]`: at least this; arrays contain what the pattern lists.

use serde_json::Value;

use crate::validator::kind::Kind;
use crate::validator::node::Node;
use crate::validator::path::Path;
use crate::validator::property::property_of;
use crate::validator::sink::{Flow, Sink};
use crate::validator::walk::Walk;

pub fn check<S: Sink>(walk: &mut Walk<'_, '_, S>, node: &Node, value: &Value, at: &Path<'_>) -> Flow {
    for pattern in &node.patterns {
        compare(walk, pattern, value, at)?;
    }
    Flow::Continue(())
}

/// Whether a value has all that the pattern has.
pub fn contains(pattern: &Value, value: &Value) -> bool {
    match (pattern, value) {
        (Value::Object(pattern), Value::Object(value)) => {
            pattern.iter().all(|(k, p)| property_of(value, k).is_some_and(|v| contains(p, v)))
        }
        (Value::Array(pattern), Value::Array(value)) => pattern.iter().all(|p| value.iter().any(|v| contains(p, v))),
        _ => same_primitive(pattern, value),
    }
}

/// Reports each place that lacks something. For an array it is the array's owner that lacks an item.
fn compare<S: Sink>(walk: &mut Walk<'_, '_, S>, pattern: &Value, value: &Value, at: &Path<'_>) -> Flow {
    match (pattern, value) {
        (Value::Object(pattern), Value::Object(value)) => {
            for (name, wanted) in pattern {
                match (wanted, property_of(value, name)) {
                    (_, None) => walk.error(at, || Kind::NotPattern { expected: super::fixed::shown(wanted, name) })?,
                    (Value::Array(_), Some(found)) if contains(wanted, found) => {}
                    (Value::Array(_), Some(_)) => {
                        walk.error(at, || Kind::NotPattern { expected: super::fixed::shown(wanted, name) })?;
                    }
                    (_, Some(found)) => compare(walk, wanted, found, &at.name(name))?,
                }
            }
            Flow::Continue(())
        }
        _ if contains(pattern, value) && has_precision(pattern, value) => Flow::Continue(()),
        _ => walk.error(at, || Kind::NotPattern { expected: super::fixed::shown(pattern, "") }),
    }
}

/// Whether a number is as precise as it is asked to be: 1.0 is another statement than 1.
pub fn has_precision(wanted: &Value, value: &Value) -> bool {
    !matches!((wanted, value), (Value::Number(wanted), Value::Number(value)) if wanted != value)
}

/// Numbers are the same as numbers; everything else as it is written.
pub fn same_primitive(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => a == b || a.as_f64() == b.as_f64(),
        _ => a == b,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_array_may_hold_more_than_the_pattern_in_any_order() {
        let pattern = json!({ "coding": [{ "code": "a" }] });
        assert!(contains(&pattern, &json!({ "coding": [{ "code": "b" }, { "code": "a", "display": "A" }] })));
        assert!(!contains(&pattern, &json!({ "coding": [{ "code": "b" }] })));
        assert!(!super::super::fixed::equal(&json!({ "a": 1 }), &json!({ "a": 1, "b": 2 })));
        assert!(super::super::fixed::equal(&json!(1.0), &json!(1.0)));
    }
}
