//! `toX()` and `convertsToX()`. Source: <http://hl7.org/fhirpath/N1/#conversion>.

use super::dates::date_of;
use super::*;
use crate::fhirpath::quantity::Quantity;
use crate::fhirpath::temporal::{Kind, Temporal};
use rust_decimal::Decimal;
use rust_decimal::prelude::One;

/// The conversion that a function asks for, and whether it only asks if it works.
pub(super) fn conversion(function: Function) -> Option<(Function, bool)> {
    use Function::*;
    Some(match function {
        ToBoolean | ToInteger | ToDecimal | ToText | ToDate | ToDateTime | ToTime | ToQuantity => (function, false),
        ConvertsToBoolean => (ToBoolean, true),
        ConvertsToInteger => (ToInteger, true),
        ConvertsToDecimal => (ToDecimal, true),
        ConvertsToText => (ToText, true),
        ConvertsToDate => (ToDate, true),
        ConvertsToDateTime => (ToDateTime, true),
        ConvertsToTime => (ToTime, true),
        ConvertsToQuantity => (ToQuantity, true),
        _ => return None,
    })
}

impl<'a> Env<'_, 'a> {
    /// `item` as the type that the function names, or `None` where it has no such form.
    pub(super) fn convert(&self, to: Function, item: Item<'a>) -> Option<Item<'a>> {
        let item = item.system(self.types);
        match to {
            Function::ToBoolean => to_boolean(&item).map(Item::Boolean),
            Function::ToInteger => match item {
                Item::Integer(_) => Some(item),
                Item::Boolean(value) => Some(Item::Integer(value.into())),
                Item::Text(text) => integer(&text).map(Item::Integer),
                _ => None,
            },
            Function::ToDecimal => match item {
                Item::Decimal(_) => Some(item),
                Item::Integer(value) => Some(Item::Decimal(value.into())),
                Item::Boolean(value) => Some(Item::Decimal(Decimal::from(u8::from(value)))),
                Item::Text(text) => decimal(&text).map(Item::Decimal),
                _ => None,
            },
            Function::ToText => self.to_text(item).map(Item::Text),
            Function::ToDate => match item {
                Item::Moment(moment) if moment.kind != Kind::Time => Some(Item::Moment(date_of(moment))),
                Item::Text(text) => {
                    Temporal::date(&text).or_else(|| Temporal::date_time(&text).map(date_of)).map(Item::Moment)
                }
                _ => None,
            },
            Function::ToDateTime => match item {
                Item::Moment(moment) if moment.kind != Kind::Time => {
                    Some(Item::Moment(Temporal { kind: Kind::DateTime, ..moment }))
                }
                Item::Text(text) => Temporal::date_time(&text).map(Item::Moment),
                _ => None,
            },
            Function::ToTime => match item {
                Item::Moment(moment) if moment.kind == Kind::Time => Some(item),
                Item::Text(text) => Temporal::time(text.strip_prefix('T').unwrap_or(&text)).map(Item::Moment),
                _ => None,
            },
            Function::ToQuantity => {
                let quantity = match &item {
                    Item::Text(text) => Quantity::parse(text),
                    Item::Boolean(value) => Some(Quantity::ucum(Decimal::from(u8::from(*value)), "1")),
                    other => self.as_quantity(other),
                };
                quantity.map(|quantity| Item::Quantity(Box::new(quantity)))
            }
            _ => None,
        }
    }

    fn to_text(&self, item: Item<'a>) -> Option<Cow<'a, str>> {
        Some(match item {
            Item::Text(text) => text,
            Item::Boolean(value) => Cow::Borrowed(if value { "true" } else { "false" }),
            Item::Integer(value) => Cow::Owned(value.to_string()),
            Item::Decimal(value) => Cow::Owned(value.to_string()),
            Item::Moment(moment) => Cow::Owned(moment.to_string()),
            Item::Quantity(quantity) => Cow::Owned(quantity.to_string()),
            Item::Node(node) => Cow::Owned(self.quantity(node)?.to_string()),
        })
    }
}

fn to_boolean(item: &Item<'_>) -> Option<bool> {
    match item {
        Item::Boolean(value) => Some(*value),
        Item::Integer(1) => Some(true),
        Item::Integer(0) => Some(false),
        Item::Decimal(value) if value.is_one() => Some(true),
        Item::Decimal(value) if value.is_zero() => Some(false),
        Item::Text(text) => match text.to_ascii_lowercase().as_str() {
            "true" | "t" | "yes" | "y" | "1" | "1.0" => Some(true),
            "false" | "f" | "no" | "n" | "0" | "0.0" => Some(false),
            _ => None,
        },
        _ => None,
    }
}

/// An optional sign and digits, nothing else.
fn integer(text: &str) -> Option<i64> {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    (!digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit())).then(|| text.parse().ok()).flatten()
}

/// An optional sign, digits, and optionally a point with more digits.
fn decimal(text: &str) -> Option<Decimal> {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, "0"));
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    (digits(whole) && digits(fraction)).then(|| Decimal::from_str_exact(text.strip_prefix('+').unwrap_or(text)).ok())?
}
