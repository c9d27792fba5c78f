//! Functions on numbers, and the bounds of what an imprecise value can be.

use super::compare::number;
use super::*;
use crate::fhirpath::temporal::{Kind, Precision, Temporal, days_in_month};
use rust_decimal::prelude::ToPrimitive;
use rust_decimal::{Decimal, MathematicalOps, RoundingStrategy};

/// How many items a function such as `ln()` is as much work as.
const HARD: usize = 100;

impl<'a> Env<'_, 'a> {
    /// A function of one number; of no number empty, of a quantity what it does to its value.
    pub(super) fn math(
        &self,
        op: &'a Op,
        function: Function,
        base: &'a Op,
        arguments: &'a [Op],
        frame: Frame<'_, 'a>,
    ) -> Result<Option<Item<'a>>, Stop> {
        let Some(mut item) = self.value(base, frame)? else { return Ok(None) };
        if let Item::Node(node) = item {
            let Some(quantity) = self.quantity(node) else { return fail(op, EvalErrorKind::WrongType) };
            item = Item::Quantity(Box::new(quantity));
        }
        let argument = match arguments.first() {
            None => None,
            Some(argument) => match self.value(argument, frame)? {
                Some(argument) => Some(argument),
                None => return Ok(None),
            },
        };
        if let Function::LowBoundary | Function::HighBoundary | Function::Precision = function {
            return Ok(boundary(function, &item, argument.as_ref()));
        }
        if let (Item::Quantity(quantity), Function::Abs) = (&item, function) {
            let mut quantity = quantity.clone();
            quantity.value = quantity.value.abs();
            return Ok(Some(Item::Quantity(quantity)));
        }
        let Some(value) = number(&item) else { return fail(op, EvalErrorKind::WrongType) };
        let other = match &argument {
            None => None,
            Some(argument) => match number(argument) {
                Some(other) => Some(other),
                None => return fail(op, EvalErrorKind::WrongType),
            },
        };
        self.spend(HARD);
        let integer = |value: Decimal| value.to_i64().map(Item::Integer);
        Ok(match (function, other) {
            (Function::Abs, _) => match item {
                Item::Integer(value) => value.checked_abs().map(Item::Integer),
                _ => Some(Item::Decimal(value.abs())),
            },
            (Function::Ceiling, _) => integer(value.ceil()),
            (Function::Floor, _) => integer(value.floor()),
            (Function::Truncate, _) => integer(value.trunc()),
            (Function::Round, digits) => match digits.unwrap_or_default().to_u32() {
                Some(digits) => {
                    let strategy = RoundingStrategy::MidpointAwayFromZero;
                    Some(Item::Decimal(value.round_dp_with_strategy(digits.min(28), strategy)))
                }
                None => return fail(op, EvalErrorKind::WrongType),
            },
            (Function::Exp, _) => value.checked_exp().map(Item::Decimal),
            (Function::Ln, _) => value.checked_ln().map(Item::Decimal),
            (Function::Sqrt, _) => value.sqrt().map(Item::Decimal),
            (Function::Log, Some(base)) => logarithm(value, base).map(Item::Decimal),
            (Function::Power, Some(exponent)) => match (&item, &argument) {
                (Item::Integer(value), Some(Item::Integer(exponent))) if *exponent >= 0 => {
                    u32::try_from(*exponent).ok().and_then(|exponent| value.checked_pow(exponent)).map(Item::Integer)
                }
                _ if value.is_sign_negative() && !exponent.is_integer() => None,
                _ => value.checked_powd(exponent).map(Item::Decimal),
            },
            _ => None,
        })
    }
}

/// Exact where the value is a whole power of the base.
fn logarithm(value: Decimal, base: Decimal) -> Option<Decimal> {
    let bottom = base.checked_ln()?;
    let quotient = value.checked_ln()?.checked_div(bottom)?;
    let whole = quotient.round();
    let exact = base.checked_powd(whole).is_some_and(|power| power == value);
    Some(if exact { whole } else { quotient })
}

/// The least or greatest value that `item` can stand for, or how many digits it has.
fn boundary<'a>(function: Function, item: &Item<'a>, precision: Option<&Item<'a>>) -> Option<Item<'a>> {
    let wanted = match precision {
        None => None,
        Some(Item::Integer(wanted)) => Some(u32::try_from(*wanted).ok()?),
        Some(_) => return None,
    };
    let high = function == Function::HighBoundary;
    match item {
        Item::Moment(moment) if function == Function::Precision => Some(Item::Integer(digits_of(moment))),
        Item::Moment(moment) => moment_boundary(moment, wanted, high).map(Item::Moment),
        Item::Quantity(quantity) if function != Function::Precision => {
            let mut quantity = quantity.clone();
            quantity.value = decimal_boundary(quantity.value, wanted, high)?;
            Some(Item::Quantity(quantity))
        }
        other => {
            let value = number(other)?;
            match function {
                Function::Precision => Some(Item::Integer(value.scale().into())),
                _ => decimal_boundary(value, wanted, high).map(Item::Decimal),
            }
        }
    }
}

fn decimal_boundary(value: Decimal, digits: Option<u32>, high: bool) -> Option<Decimal> {
    let half = Decimal::new(5, value.scale().checked_add(1).filter(|scale| *scale <= 28)?);
    let bound = if high { value.checked_add(half)? } else { value.checked_sub(half)? };
    let strategy = if high { RoundingStrategy::ToPositiveInfinity } else { RoundingStrategy::ToNegativeInfinity };
    let digits = digits.unwrap_or(8);
    if digits > 28 {
        return None;
    }
    let mut bound = bound.round_dp_with_strategy(digits, strategy);
    bound.rescale(digits);
    Some(bound)
}

/// Precisions as the specification numbers them: 4 the year, 6 the month, 8 the day, 17 the millisecond of a
/// date-time; 2 the hour of a time, 9 its millisecond.
fn digits_of(moment: &Temporal) -> i64 {
    let from_year = match moment.precision {
        Precision::Year => 4,
        Precision::Month => 6,
        Precision::Day => 8,
        Precision::Hour => 10,
        Precision::Minute => 12,
        Precision::Second if moment.digits == 0 => 14,
        Precision::Second => 17,
    };
    if moment.kind == Kind::Time { from_year - 8 } else { from_year }
}

fn moment_boundary(moment: &Temporal, wanted: Option<u32>, high: bool) -> Option<Temporal> {
    let default = match moment.kind {
        Kind::Date => 8,
        Kind::DateTime => 17,
        Kind::Time => 9,
    };
    let wanted = wanted.unwrap_or(default).saturating_add(if moment.kind == Kind::Time { 8 } else { 0 });
    let (target, digits) = match wanted {
        4 => (Precision::Year, 0),
        6 => (Precision::Month, 0),
        8 => (Precision::Day, 0),
        10 => (Precision::Hour, 0),
        12 => (Precision::Minute, 0),
        14 => (Precision::Second, 0),
        17 => (Precision::Second, 3),
        _ => return None,
    };
    if moment.kind == Kind::Date && target > Precision::Day {
        return None;
    }
    let mut bound = *moment;
    if high {
        if moment.precision < Precision::Month {
            bound.month = 12;
        }
        if moment.precision < Precision::Day {
            bound.day = days_in_month(bound.year, bound.month);
        }
        if moment.precision < Precision::Hour {
            bound.hour = 23;
        }
        if moment.precision < Precision::Minute {
            bound.minute = 59;
        }
        if moment.precision < Precision::Second {
            bound.second = 59;
        }
        if moment.digits == 0 {
            bound.nanosecond = 999_000_000;
        }
    }
    bound.precision = target;
    bound.digits = digits;
    // Without an offset the bound is that of the easternmost or westernmost clock.
    if bound.kind == Kind::DateTime && target >= Precision::Hour && bound.offset.is_none() {
        bound.offset = Some(if high { -12 * 60 } else { 14 * 60 });
    }
    Some(bound)
}
