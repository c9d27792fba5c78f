//! Quantities: systems that are URIs, UCUM units that are ones, and comparing over units.

use std::cmp::Ordering;

use serde_json::Value;

use crate::fhir::systems::UCUM;
use crate::validator::kind::Kind;
use crate::validator::path::Path;
use crate::validator::primitive::is_absolute;
use crate::validator::property::property;
use crate::validator::sink::{Flow, Sink};
use crate::validator::walk::Walk;

pub fn check<S: Sink>(walk: &mut Walk<'_, '_, S>, value: &Value, at: &Path<'_>) -> Flow {
    let text = |name: &str| property(value, name).and_then(Value::as_str);
    match (text("system"), text("code")) {
        (Some(UCUM), Some(unit)) if !is_unit(unit) => walk.error(&at.name("code"), || Kind::BadUnit),
        (Some(system), Some(_)) if !is_absolute(system) => walk.error(at, || Kind::RelativeSystem),
        _ => Flow::Continue(()),
    }
}

pub fn is_unit(unit: &str) -> bool {
    // The units that nearly every quantity has need no parsing.
    matches!(
        unit,
        "kg" | "cm" | "m" | "g" | "mg" | "mm[Hg]" | "/min" | "%" | "Cel" | "1" | "a" | "d" | "h" | "wk" | "mo" | "min"
    ) || without_annotations(unit).is_some_and(|plain| octofhir_ucum::validate(&plain).is_ok())
}

/// What stands in braces is for people; whether they put spaces there changes no unit. `None` where braces do not pair.
fn without_annotations(unit: &str) -> Option<String> {
    let mut inside = false;
    let mut plain = String::with_capacity(unit.len());
    for c in unit.chars() {
        match (c, inside) {
            ('{', false) => {
                inside = true;
                plain.push_str("{x}");
            }
            ('}', true) => inside = false,
            ('{' | '}', _) => return None,
            (c, false) => plain.push(c),
            _ => {}
        }
    }
    (!inside).then_some(plain)
}

/// Whether two quantities are in units of UCUM that do not convert into each other, such as metres and kilograms.
pub fn is_of_other_kind(value: &Value, limit: &Value) -> bool {
    let unit = |v: &Value| {
        let of_ucum = v.get("system").and_then(Value::as_str) == Some(UCUM) && v.get("value").is_some();
        v.get("code").filter(|_| of_ucum).and_then(Value::as_str).map(str::to_owned)
    };
    let (Some(unit), Some(other)) = (unit(value), unit(limit)) else { return false };
    unit != other && octofhir_ucum::convert(1.0, &unit, &other).is_err()
}

/// Compares two quantities in one unit, or through UCUM where the units differ.
pub fn compare(value: &Value, limit: &Value) -> Option<Ordering> {
    let number = |v: &Value| property(v, "value").and_then(Value::as_f64);
    let text = |v: &Value, name: &str| property(v, name).and_then(Value::as_str).map(str::to_owned);
    let (a, b) = (number(value)?, number(limit)?);
    let (unit, other) = (text(value, "code"), text(limit, "code"));
    if unit.is_none() && other.is_none() {
        return (text(value, "unit") == text(limit, "unit")).then(|| a.partial_cmp(&b)).flatten();
    }
    if text(value, "system") != text(limit, "system") {
        return None;
    }
    let (unit, other) = (unit?, other?);
    if unit == other {
        return a.partial_cmp(&b);
    }
    (text(value, "system").as_deref() == Some(UCUM)).then_some(())?;
    octofhir_ucum::convert(a, &unit, &other).ok()?.partial_cmp(&b)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn units_convert_before_they_are_compared() {
        let of = |value: f64, code: &str| json!({ "value": value, "system": UCUM, "code": code });
        assert_eq!(compare(&of(10000.0, "m"), &of(5.0, "km")), Some(Ordering::Greater));
        assert_eq!(compare(&of(1.0, "m"), &of(5.0, "kg")), None);
        assert!(is_of_other_kind(&of(1.0, "m"), &of(5.0, "kg")) && !is_of_other_kind(&of(1.0, "g"), &of(5.0, "kg")));
        assert!(is_unit("mmol/L") && !is_unit("mmols per litre"));
        assert!(is_unit("{per week}/wk") && ["mg{x", "m}g", "{a{b}}"].iter().all(|unit| !is_unit(unit)));
    }
}
