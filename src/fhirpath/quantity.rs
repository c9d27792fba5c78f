//! Quantities: a number with a unit, compared exactly, across units by UCUM.

use super::ast::{CALENDAR_UNITS, Unit as Written};
use octofhir_ucum::{EvalResult, Number, evaluate, parse_expression};
use rust_decimal::Decimal;
use rust_decimal::prelude::One;
use std::cmp::Ordering;
use std::fmt;

/// A value with its unit. Calendar units are kept apart from UCUM's: a year has no fixed number of seconds.
#[derive(Clone, PartialEq, Eq)]
pub struct Quantity {
    pub(super) value: Decimal,
    pub(super) unit: Unit,
}

#[derive(Clone, PartialEq, Eq)]
pub(super) enum Unit {
    /// A singular of [`CALENDAR_UNITS`].
    Calendar(&'static str),
    Ucum(Box<str>),
    /// UCUM's year or month in an element: FHIR's conversion makes it the calendar's, as which it is named here. In an
    /// expression `1 'a'` and `1 year` do not compare. Source: <http://hl7.org/fhir/R4/fhirpath.html#quantity>.
    Either(&'static str),
    /// A unit of another system, or words: equal to itself at most.
    Other(Box<str>),
}

/// Does not print the value, which may be a patient's.
impl fmt::Debug for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Quantity")
    }
}

impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.unit {
            Unit::Calendar(unit) if self.value.is_one() => write!(f, "{} {unit}", self.value),
            Unit::Calendar(unit) => write!(f, "{} {unit}s", self.value),
            Unit::Ucum(unit) | Unit::Other(unit) => write!(f, "{} '{unit}'", self.value),
            Unit::Either(_) => write!(f, "{} '{}'", self.value, self.unit.as_ucum().unwrap_or_default()),
        }
    }
}

impl Quantity {
    pub(super) fn written(value: Decimal, unit: &Written) -> Self {
        let unit = match unit {
            Written::Calendar(word) => Unit::Calendar(singular(word).unwrap_or(word)),
            Written::Ucum(code) => Unit::Ucum(code.as_str().into()),
        };
        Quantity { value, unit }
    }

    pub(super) fn ucum(value: Decimal, code: &str) -> Self {
        Quantity { value, unit: Unit::Ucum(code.into()) }
    }

    /// `4 days`, `4.5 'mg'`, `4`: what `toQuantity()` reads.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let end = text.find(char::is_whitespace).unwrap_or(text.len());
        let (number, unit) = (&text[..end], text[end..].trim_start());
        let value = Decimal::from_str_exact(number.strip_prefix('+').unwrap_or(number)).ok()?;
        if unit.is_empty() {
            return Some(Quantity::ucum(value, "1"));
        }
        if let Some(calendar) = singular(unit) {
            return Some(Quantity { value, unit: Unit::Calendar(calendar) });
        }
        let code = unit.strip_prefix('\'')?.strip_suffix('\'')?;
        parse_expression(code).ok()?;
        Some(Quantity::ucum(value, code))
    }

    /// `None` where the units cannot be compared: other dimensions, or a calendar's year with UCUM's.
    pub(super) fn compare(&self, other: &Quantity) -> Option<Ordering> {
        if self.unit == other.unit {
            return Some(self.value.cmp(&other.value));
        }
        if let (Some(left), Some(right)) = (self.unit.months(), other.unit.months()) {
            return Some(self.value.checked_mul(left.into())?.cmp(&other.value.checked_mul(right.into())?));
        }
        let (left, right) = (self.base()?, other.base()?);
        if !left.1.is_commensurable(&right.1) || left.1.special.is_some() || right.1.special.is_some() {
            return None;
        }
        let difference = left.0.checked_sub(right.0)?;
        Some(match (difference.is_zero(), difference.is_negative()) {
            (true, _) => Ordering::Equal,
            (_, true) => Ordering::Less,
            _ => Ordering::Greater,
        })
    }

    /// Equivalence: as equality, but values are compared as far as the less precise one goes.
    pub(super) fn is_like(&self, other: &Quantity) -> bool {
        let (unit, other_unit) = (self.unit.about(), other.unit.about());
        if self.unit == other.unit || unit.is_some() && unit == other_unit {
            return super::evaluate::close(self.value, other.value);
        }
        match other.converted(&self.unit) {
            Some(value) => super::evaluate::close(self.value, value),
            None => self.compare(other).is_some_and(Ordering::is_eq),
        }
    }

    /// The value in base units, and the meaning of the unit.
    fn base(&self) -> Option<(Number, EvalResult)> {
        let meaning = evaluate(&parse_expression(self.unit.as_ucum()?).ok()?).ok()?;
        Some((Number::parse(&self.value.to_string())?.checked_mul(meaning.factor)?, meaning))
    }

    pub(super) fn add(&self, other: &Quantity, subtract: bool) -> Option<Quantity> {
        let added =
            |value: Decimal| if subtract { self.value.checked_sub(value) } else { self.value.checked_add(value) };
        let value = if self.unit == other.unit { other.value } else { other.converted(&self.unit)? };
        Some(Quantity { value: added(value)?, unit: self.unit.clone() })
    }

    /// The same quantity in the unit with this code or calendar word.
    pub(super) fn in_unit(&self, unit: &str) -> Option<Quantity> {
        let unit = match singular(unit) {
            Some(calendar) => Unit::Calendar(calendar),
            None => Unit::Ucum(unit.into()),
        };
        let value = if self.unit == unit { self.value } else { self.converted(&unit)? };
        Some(Quantity { value, unit })
    }

    fn converted(&self, unit: &Unit) -> Option<Decimal> {
        let target = evaluate(&parse_expression(unit.as_ucum()?).ok()?).ok()?;
        let (base, own) = self.base()?;
        if !own.is_commensurable(&target) || own.special.is_some() || target.special.is_some() {
            return None;
        }
        super::item::decimal(&base.checked_div(target.factor)?.to_string())
    }

    pub(super) fn multiply(&self, other: &Quantity, divide: bool) -> Option<Quantity> {
        let value = if divide { self.value.checked_div(other.value)? } else { self.value.checked_mul(other.value)? };
        // A number of years is years, though no unit of UCUM.
        if other.is_number() {
            return Some(Quantity { value, unit: self.unit.clone() });
        }
        if self.is_number() && !divide {
            return Some(Quantity { value, unit: other.unit.clone() });
        }
        let (left, right) = (self.unit.as_ucum()?, other.unit.as_ucum()?);
        let unit = match (left, right, divide) {
            (left, right, true) if left == right => "1".to_owned(),
            ("1", right, true) => format!("/({right})"),
            (left, right, true) => format!("({left})/({right})"),
            (left, right, false) => format!("({left}).({right})"),
        };
        Some(Quantity::ucum(value, &unit))
    }
}

impl Quantity {
    fn is_number(&self) -> bool {
        matches!(&self.unit, Unit::Ucum(unit) if &**unit == "1")
    }
}

fn singular(word: &str) -> Option<&'static str> {
    CALENDAR_UNITS.iter().find(|(one, many)| *one == word || *many == word).map(|(one, _)| *one)
}

impl Unit {
    /// How many months a calendar unit has that is made of them.
    fn months(&self) -> Option<u32> {
        match self {
            Unit::Calendar("month") | Unit::Either("month") => Some(1),
            Unit::Calendar("year") | Unit::Either("year") => Some(12),
            _ => None,
        }
    }

    /// The code of a FHIR element.
    pub(super) fn of_element(code: &str) -> Unit {
        match code {
            "a" => Unit::Either("year"),
            "mo" => Unit::Either("month"),
            code => Unit::Ucum(code.into()),
        }
    }

    /// UCUM's code of what is equivalent: of the calendar's years and months too.
    fn about(&self) -> Option<&str> {
        match self {
            Unit::Calendar("year") => Some("a"),
            Unit::Calendar("month") => Some("mo"),
            unit => unit.as_ucum(),
        }
    }

    /// UCUM's code, for calendar units too as far as they are of fixed length.
    /// Source: <http://hl7.org/fhirpath/N1/#time-valued-quantities>.
    pub(super) fn as_ucum(&self) -> Option<&str> {
        match self {
            Unit::Ucum(code) => Some(code),
            Unit::Other(_) => None,
            Unit::Either("year") => Some("a"),
            Unit::Either(_) => Some("mo"),
            Unit::Calendar(word) => match *word {
                "week" => Some("wk"),
                "day" => Some("d"),
                "hour" => Some("h"),
                "minute" => Some("min"),
                "second" => Some("s"),
                "millisecond" => Some("ms"),
                _ => None,
            },
        }
    }
}
