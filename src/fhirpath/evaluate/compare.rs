//! Order: numbers, texts, dates and times, quantities.

use super::*;
use crate::fhirpath::item::decimal;
use crate::fhirpath::quantity::{Quantity, Unit};
use crate::fhirpath::temporal::Temporal;
use rust_decimal::Decimal;
use serde_json::Value;
use std::cmp::Ordering;

impl Env<'_, '_> {
    /// How two values lie to each other; `None` where that cannot be told.
    ///
    /// # Errors
    /// `WrongType` for values between which there is no order.
    pub(super) fn compare(&self, left: &Item<'_>, right: &Item<'_>) -> Result<Option<Ordering>, EvalErrorKind> {
        if let (Item::Text(left), Item::Text(right)) = (left, right) {
            return Ok(Some(left.cmp(right)));
        }
        if let (Some(left), Some(right)) = (number(left), number(right)) {
            return Ok(Some(left.cmp(&right)));
        }
        match (left, right) {
            (Item::Moment(left), Item::Moment(right)) if left.comparable(right) => return Ok(left.compare(right)),
            // A text where no type said that it is a date.
            (Item::Moment(left), Item::Text(right)) => {
                let right = Temporal::any(right).filter(|right| left.comparable(right));
                return right.map(|right| left.compare(&right)).ok_or(EvalErrorKind::WrongType);
            }
            (Item::Text(left), Item::Moment(right)) => {
                let left = Temporal::any(left).filter(|left| left.comparable(right));
                return left.map(|left| left.compare(right)).ok_or(EvalErrorKind::WrongType);
            }
            // No value, or a number that no decimal holds.
            (Item::Node(node), _) | (_, Item::Node(node)) if node.value().is_null() || node.value().is_number() => {
                return Ok(None);
            }
            _ => {}
        }
        match (self.as_quantity(left), self.as_quantity(right)) {
            (Some(left), Some(right)) => Ok(left.compare(&right)),
            _ => Err(EvalErrorKind::WrongType),
        }
    }

    /// A quantity, an element that is one, or a number (of unit one).
    pub(super) fn as_quantity(&self, item: &Item<'_>) -> Option<Quantity> {
        match item {
            Item::Quantity(quantity) => Some((**quantity).clone()),
            Item::Node(node) => self.quantity(*node),
            other => number(other).map(|value| Quantity::ucum(value, "1")),
        }
    }

    /// The value of a FHIR Quantity; none of one with a comparator, which is no value but a bound.
    pub(super) fn quantity(&self, node: Node<'_>) -> Option<Quantity> {
        let Value::Object(object) = node.value() else { return None };
        let open = node.of() == TypeId::UNKNOWN && (object.contains_key("unit") || object.contains_key("code"));
        if !(open || self.types.is_a(node.of(), builtin::QUANTITY)) || object.contains_key("comparator") {
            return None;
        }
        let Some(Value::Number(value)) = object.get("value") else { return None };
        let value = decimal(value.as_str())?;
        let text = |name: &str| object.get(name).and_then(Value::as_str);
        let unit = match (text("system"), text("code"), text("unit")) {
            (Some("http://unitsofmeasure.org"), Some(code), _) => Unit::of_element(code),
            (system, Some(code), _) => Unit::Other(format!("{}|{code}", system.unwrap_or_default()).into()),
            (_, None, Some(unit)) => Unit::Other(unit.into()),
            (_, None, None) => Unit::Ucum("1".into()),
        };
        Some(Quantity { value, unit })
    }
}

pub(super) fn number(item: &Item<'_>) -> Option<Decimal> {
    match item {
        Item::Integer(value) => Some((*value).into()),
        Item::Decimal(value) => Some(*value),
        _ => None,
    }
}
