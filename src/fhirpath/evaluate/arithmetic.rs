//! `+ - * / div mod &`. What cannot be represented (an overflow, a division by zero) is empty.

use super::compare::number;
use super::*;
use crate::fhirpath::program::Arithmetic;
use rust_decimal::Decimal;

impl<'a> Env<'_, 'a> {
    pub(super) fn calculate(&self, op: &'a Op, frame: Frame<'_, 'a>, sink: Sink<'_, 'a>) -> Run {
        let result = match &op.kind {
            OpKind::Negate(operand) => negated(op, self.value(operand, frame)?)?,
            OpKind::Arithmetic(Arithmetic::Concatenate, left, right) => {
                Some(self.concatenated(op, self.text(left, frame)?, self.text(right, frame)?)?)
            }
            OpKind::Arithmetic(arithmetic, left, right) => {
                match (self.value(left, frame)?, self.value(right, frame)?) {
                    (Some(left), Some(right)) => self.apply(op, *arithmetic, left, right)?,
                    _ => None,
                }
            }
            _ => None,
        };
        result.map_or(Ok(()), sink)
    }

    /// `&`: what is empty counts as the empty text.
    fn concatenated(&self, op: &Op, left: Option<Cow<'a, str>>, right: Option<Cow<'a, str>>) -> Result<Item<'a>, Stop> {
        let mut joined = left.unwrap_or_default().into_owned();
        joined.push_str(&right.unwrap_or_default());
        Ok(Item::Text(Cow::Owned(self.bounded(op, joined)?)))
    }

    fn apply(
        &self,
        op: &Op,
        arithmetic: Arithmetic,
        left: Item<'a>,
        right: Item<'a>,
    ) -> Result<Option<Item<'a>>, Stop> {
        let subtract = arithmetic == Arithmetic::Subtract;
        match (&left, &right) {
            (Item::Integer(left), Item::Integer(right)) => Ok(integers(arithmetic, *left, *right)),
            (Item::Text(left), Item::Text(right)) if arithmetic == Arithmetic::Add => {
                Ok(Some(Item::Text(Cow::Owned(self.bounded(op, format!("{left}{right}"))?))))
            }
            (Item::Moment(moment), Item::Quantity(quantity)) if is_sum(arithmetic) => {
                match dates::shift(moment, quantity, subtract) {
                    Ok(moved) => Ok(moved.map(Item::Moment)),
                    Err(kind) => fail(op, kind),
                }
            }
            _ => {
                if let (Some(left), Some(right)) = (number(&left), number(&right)) {
                    return Ok(decimals(arithmetic, left, right));
                }
                let (Some(left), Some(right)) = (self.as_quantity(&left), self.as_quantity(&right)) else {
                    return fail(op, EvalErrorKind::WrongType);
                };
                let result = match arithmetic {
                    Arithmetic::Add | Arithmetic::Subtract => left.add(&right, subtract),
                    Arithmetic::Multiply | Arithmetic::Divide => {
                        left.multiply(&right, arithmetic == Arithmetic::Divide)
                    }
                    _ => return fail(op, EvalErrorKind::WrongType),
                };
                Ok(result.map(|quantity| Item::Quantity(Box::new(quantity))))
            }
        }
    }
}

fn negated<'a>(op: &Op, item: Option<Item<'a>>) -> Result<Option<Item<'a>>, Stop> {
    match item {
        None => Ok(None),
        Some(Item::Integer(value)) => Ok(value.checked_neg().map(Item::Integer)),
        Some(Item::Decimal(value)) => Ok(Some(Item::Decimal(-value))),
        Some(Item::Quantity(mut quantity)) => {
            quantity.value = -quantity.value;
            Ok(Some(Item::Quantity(quantity)))
        }
        Some(_) => fail(op, EvalErrorKind::WrongType),
    }
}

fn is_sum(arithmetic: Arithmetic) -> bool {
    matches!(arithmetic, Arithmetic::Add | Arithmetic::Subtract)
}

fn integers<'a>(arithmetic: Arithmetic, left: i64, right: i64) -> Option<Item<'a>> {
    match arithmetic {
        Arithmetic::Add => left.checked_add(right),
        Arithmetic::Subtract => left.checked_sub(right),
        Arithmetic::Multiply => left.checked_mul(right),
        Arithmetic::Div => left.checked_div(right),
        Arithmetic::Mod => left.checked_rem(right),
        Arithmetic::Divide | Arithmetic::Concatenate => return decimals(arithmetic, left.into(), right.into()),
    }
    .map(Item::Integer)
}

fn decimals<'a>(arithmetic: Arithmetic, left: Decimal, right: Decimal) -> Option<Item<'a>> {
    match arithmetic {
        Arithmetic::Add => left.checked_add(right),
        Arithmetic::Subtract => left.checked_sub(right),
        Arithmetic::Multiply => left.checked_mul(right),
        Arithmetic::Divide => left.checked_div(right),
        Arithmetic::Mod => left.checked_rem(right),
        Arithmetic::Div => return i64::try_from(left.checked_div(right)?.trunc()).ok().map(Item::Integer),
        Arithmetic::Concatenate => None,
    }
    .map(Item::Decimal)
}
