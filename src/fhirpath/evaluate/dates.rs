//! Adding to dates and times, and the clock.

use crate::fhirpath::error::EvalErrorKind;
use crate::fhirpath::quantity::{Quantity, Unit};
use crate::fhirpath::temporal::{Kind, Precision, Temporal};
use jiff::Span;
use jiff::civil::{DateTime, Time};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

/// `moment` plus (or minus) a duration, as precise as it was. Whole calendar units are added; what is finer than the
/// moment is first turned into units that it has (`@2014 + 24 months` is `@2016`). `None` past the calendar's ends.
///
/// # Errors
/// `WrongType` for a quantity that is no duration; UCUM's months and years in an expression, which have no calendar, are none.
pub(super) fn shift(moment: &Temporal, by: &Quantity, subtract: bool) -> Result<Option<Temporal>, EvalErrorKind> {
    let unit = match &by.unit {
        Unit::Calendar(unit) | Unit::Either(unit) => unit,
        other => match other.as_ucum() {
            Some("wk") => "week",
            Some("d") => "day",
            Some("h") => "hour",
            Some("min") => "minute",
            Some("s") => "second",
            Some("ms") => "millisecond",
            _ => return Err(EvalErrorKind::WrongType),
        },
    };
    let amount = if subtract { -by.value } else { by.value };
    Ok(moved(moment, amount, unit))
}

fn moved(moment: &Temporal, amount: Decimal, unit: &str) -> Option<Temporal> {
    let (amount, unit) = coarsened(moment, amount, unit)?;
    let whole = amount.trunc().to_i64()?;
    let span = Span::new();
    let span = match unit {
        "year" => span.try_years(whole),
        "month" => span.try_months(whole),
        "week" => span.try_weeks(whole),
        "day" => span.try_days(whole),
        "hour" => span.try_hours(whole),
        "minute" => span.try_minutes(whole),
        // Seconds are the one unit that counts with a fraction.
        "second" => span.try_nanoseconds(times(amount, 1_000_000_000)?.trunc().to_i64()?),
        _ => span.try_milliseconds(whole),
    }
    .ok()?;
    let time = Time::new(
        moment.hour as i8,
        moment.minute as i8,
        moment.second.min(59) as i8,
        i32::try_from(moment.nanosecond).ok()?,
    )
    .ok()?;
    if moment.kind == Kind::Time {
        let time = time.wrapping_add(span);
        return Some(with(moment, None, time));
    }
    let date = jiff::civil::Date::new(moment.year, moment.month as i8, moment.day as i8).ok()?;
    let moved = DateTime::from_parts(date, time).checked_add(span).ok()?;
    (moved.year() > 0).then(|| with(moment, Some(moved.date()), moved.time()))
}

/// The amount in a unit that the moment is precise enough for.
fn coarsened<'u>(moment: &Temporal, amount: Decimal, unit: &'u str) -> Option<(Decimal, &'u str)> {
    if moment.kind == Kind::Time {
        return matches!(unit, "hour" | "minute" | "second" | "millisecond").then_some((amount, unit));
    }
    // Each unit in days, or for months in months, and the precision that takes it as it is.
    let days = |divisor: i64| amount / Decimal::from(divisor);
    let in_days = match unit {
        "week" => times(amount, 7)?,
        "day" => amount,
        "hour" => days(24),
        "minute" => days(24 * 60),
        "second" => days(24 * 3600),
        "millisecond" => days(24 * 3_600_000),
        "month" if moment.precision == Precision::Year => {
            return Some(((amount / Decimal::from(12)).trunc(), "year"));
        }
        _ => return Some((amount, unit)),
    };
    Some(match moment.precision {
        Precision::Year => ((in_days / Decimal::from(365)).trunc(), "year"),
        Precision::Month => ((in_days / Decimal::from(30)).trunc(), "month"),
        Precision::Day => (in_days.trunc(), "day"),
        Precision::Hour if matches!(unit, "minute" | "second" | "millisecond") => (times(in_days, 24)?.trunc(), "hour"),
        Precision::Minute if matches!(unit, "second" | "millisecond") => (times(in_days, 24 * 60)?.trunc(), "minute"),
        _ => (amount, unit),
    })
}

fn times(amount: Decimal, factor: i64) -> Option<Decimal> {
    amount.checked_mul(factor.into())
}

fn with(moment: &Temporal, date: Option<jiff::civil::Date>, time: Time) -> Temporal {
    let mut moved = *moment;
    if let Some(date) = date {
        (moved.year, moved.month, moved.day) = (date.year(), date.month() as u8, date.day() as u8);
    }
    (moved.hour, moved.minute, moved.second) = (time.hour() as u8, time.minute() as u8, time.second() as u8);
    moved.nanosecond = time.subsec_nanosecond() as u32;
    if moved.nanosecond != 0 && moved.digits == 0 {
        moved.digits = if moved.nanosecond.is_multiple_of(1_000_000) { 3 } else { 9 };
    }
    moved
}

/// What the clock of the context shows: to the millisecond, with its offset.
pub(super) fn now(clock: &jiff::Zoned) -> Temporal {
    Temporal {
        kind: Kind::DateTime,
        precision: Precision::Second,
        year: clock.year(),
        month: clock.month() as u8,
        day: clock.day() as u8,
        hour: clock.hour() as u8,
        minute: clock.minute() as u8,
        second: clock.second() as u8,
        nanosecond: u32::try_from(clock.subsec_nanosecond()).unwrap_or(0) / 1_000_000 * 1_000_000,
        digits: 3,
        offset: i16::try_from(clock.offset().seconds() / 60).ok(),
    }
}

/// The date of `now`.
pub(super) fn date_of(now: Temporal) -> Temporal {
    let precision = now.precision.min(Precision::Day);
    let midnight = Temporal { hour: 0, minute: 0, second: 0, nanosecond: 0, digits: 0, ..now };
    Temporal { kind: Kind::Date, precision, offset: None, ..midnight }
}

/// The time of day of `now`.
pub(super) fn time_of(now: Temporal) -> Temporal {
    Temporal { kind: Kind::Time, year: 1, month: 1, day: 1, offset: None, ..now }
}
