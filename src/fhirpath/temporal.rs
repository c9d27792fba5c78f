//! Dates, date-times and times as precise as they were written; comparing them has three answers.

use std::cmp::Ordering;
use std::fmt::{self, Display, Formatter};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Kind {
    Date,
    DateTime,
    Time,
}

/// The finest part that was written. A fraction makes the seconds more precise, it is no part of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Precision {
    Year,
    Month,
    Day,
    Hour,
    Minute,
    Second,
}

/// A moment of the Gregorian calendar or of the day. Parts finer than `precision` are at their least value.
/// Two are `==` when they were written alike.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Temporal {
    pub(super) kind: Kind,
    pub(super) precision: Precision,
    pub(super) year: i16,
    pub(super) month: u8,
    pub(super) day: u8,
    pub(super) hour: u8,
    pub(super) minute: u8,
    pub(super) second: u8,
    pub(super) nanosecond: u32,
    /// Digits of the fraction of a second that were written.
    pub(super) digits: u8,
    /// Minutes east of UTC.
    pub(super) offset: Option<i16>,
}

/// Does not print the moment, which may be a patient's birth date.
impl fmt::Debug for Temporal {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} to the {:?}", self.kind, self.precision)
    }
}

/// The widest offset in use, in minutes: a time without one can lie this far on either side.
const WIDEST_OFFSET: i64 = 14 * 60;

impl Temporal {
    const START: Temporal = Temporal {
        kind: Kind::Date,
        precision: Precision::Year,
        year: 1,
        month: 1,
        day: 1,
        hour: 0,
        minute: 0,
        second: 0,
        nanosecond: 0,
        digits: 0,
        offset: None,
    };

    /// `YYYY`, `YYYY-MM` or `YYYY-MM-DD`, a day that exists.
    pub(super) fn date(text: &str) -> Option<Temporal> {
        let mut moment = Self::START;
        date_part(&mut moment, text.as_bytes())?;
        Some(moment)
    }

    /// A date, or a date with `T`, a time and perhaps an offset (`Z`, `+01:00`).
    pub(super) fn date_time(text: &str) -> Option<Temporal> {
        let Some((date, time)) = text.split_once('T') else {
            return Self::date(text).map(|date| Temporal { kind: Kind::DateTime, ..date });
        };
        let mut moment = Temporal { kind: Kind::DateTime, ..Self::date(date)? };
        if time.is_empty() {
            return Some(moment);
        }
        if moment.precision != Precision::Day {
            return None;
        }
        let end = time.find(['Z', '+', '-']).unwrap_or(time.len());
        time_part(&mut moment, &time.as_bytes()[..end])?;
        moment.offset = match &time.as_bytes()[end..] {
            [] => None,
            [b'Z'] => Some(0),
            [sign, h1, h2, b':', m1, m2] => {
                let (hours, minutes) = (two(&[*h1, *h2])?, two(&[*m1, *m2])?);
                let offset = i16::from(hours) * 60 + i16::from(minutes);
                if minutes > 59 || i64::from(offset) > WIDEST_OFFSET {
                    return None;
                }
                Some(if *sign == b'-' { -offset } else { offset })
            }
            _ => return None,
        };
        Some(moment)
    }

    /// `hh`, `hh:mm`, `hh:mm:ss` or `hh:mm:ss.fff`.
    pub(super) fn time(text: &str) -> Option<Temporal> {
        let mut moment = Temporal { kind: Kind::Time, ..Self::START };
        time_part(&mut moment, text.as_bytes())?;
        Some(moment)
    }

    /// What follows `@` in an expression: `T10:00` is a time, `2020T` a date-time, `2020` a date.
    pub(super) fn literal(text: &str) -> Option<Temporal> {
        match text.strip_prefix('T') {
            Some(time) => Self::time(time),
            None if text.contains('T') => Self::date_time(text),
            None => Self::date(text),
        }
    }

    /// Whatever of the three `text` is written as.
    pub(super) fn any(text: &str) -> Option<Temporal> {
        if text.as_bytes().get(2) == Some(&b':') { Self::time(text) } else { Self::literal(text) }
    }

    pub(super) fn has_time(&self) -> bool {
        self.precision >= Precision::Hour
    }

    /// How `self` lies to `other`, as far as both are known: `None` where the less precise one leaves it open, and
    /// where a missing offset does. A date compares with a date-time; a time with neither ([`comparable`] says so).
    ///
    /// [`comparable`]: Temporal::comparable
    pub(super) fn compare(&self, other: &Temporal) -> Option<Ordering> {
        if self.kind == Kind::Time || !self.has_time() || !other.has_time() {
            return self.compare_parts(other);
        }
        match (self.offset, other.offset) {
            (Some(a), Some(b)) if a == b => self.compare_parts(other),
            (Some(_), Some(_)) => self.shifted(0).compare_parts(&other.shifted(0)),
            (None, None) => self.compare_parts(other),
            (Some(_), None) => self.compare_open(other),
            (None, Some(_)) => other.compare_open(self).map(Ordering::reverse),
        }
    }

    /// Where `open` lacks its offset: an answer that holds for every offset it could have.
    fn compare_open(&self, open: &Temporal) -> Option<Ordering> {
        let at = self.shifted(0);
        let earliest = open.moved(-WIDEST_OFFSET);
        let latest = open.moved(WIDEST_OFFSET);
        match (at.compare_parts(&earliest), at.compare_parts(&latest)) {
            (Some(Ordering::Less), _) => Some(Ordering::Less),
            (_, Some(Ordering::Greater)) => Some(Ordering::Greater),
            _ => None,
        }
    }

    fn compare_parts(&self, other: &Temporal) -> Option<Ordering> {
        let precision = self.precision.min(other.precision);
        let (left, right) = (self.parts(), other.parts());
        let ordering = left[..=precision as usize].cmp(&right[..=precision as usize]);
        if ordering.is_ne() || self.precision == other.precision { Some(ordering) } else { None }
    }

    /// Year to second; the second carries its fraction.
    fn parts(&self) -> [i64; 6] {
        let second = i64::from(self.second) * 1_000_000_000 + i64::from(self.nanosecond);
        [self.year.into(), self.month.into(), self.day.into(), self.hour.into(), self.minute.into(), second]
    }

    pub(super) fn comparable(&self, other: &Temporal) -> bool {
        (self.kind == Kind::Time) == (other.kind == Kind::Time)
    }

    /// The same instant written with `offset`; as it is when it has no offset.
    fn shifted(&self, offset: i16) -> Temporal {
        match self.offset {
            Some(own) => Temporal { offset: Some(offset), ..self.moved(i64::from(offset) - i64::from(own)) },
            None => *self,
        }
    }

    /// The clock moved by `minutes`, across midnight where need be.
    fn moved(&self, minutes: i64) -> Temporal {
        let total = i64::from(self.hour) * 60 + i64::from(self.minute) + minutes;
        let within = total.rem_euclid(24 * 60);
        let days = total.div_euclid(24 * 60);
        let (year, month, day) = add_days(self.year, self.month, self.day, days);
        Temporal { year, month, day, hour: (within / 60) as u8, minute: (within % 60) as u8, ..*self }
    }
}

fn add_days(year: i16, month: u8, day: u8, days: i64) -> (i16, u8, u8) {
    let moved = jiff::civil::Date::new(year, month as i8, day as i8)
        .ok()
        .and_then(|date| date.checked_add(jiff::Span::new().try_days(days).ok()?).ok());
    match moved {
        Some(date) => (date.year(), date.month() as u8, date.day() as u8),
        None => (year, month, day),
    }
}

fn two(bytes: &[u8]) -> Option<u8> {
    match bytes {
        [a @ b'0'..=b'9', b @ b'0'..=b'9'] => Some((a - b'0') * 10 + (b - b'0')),
        _ => None,
    }
}

fn date_part(moment: &mut Temporal, text: &[u8]) -> Option<()> {
    if !matches!(text.len(), 4 | 7 | 10) {
        return None;
    }
    moment.year = i16::from(two(&text[..2])?) * 100 + i16::from(two(&text[2..4])?);
    moment.precision = Precision::Year;
    if moment.year == 0 {
        return None;
    }
    if text.len() >= 7 {
        moment.month = two(&text[5..7]).filter(|month| text[4] == b'-' && (1..=12).contains(month))?;
        moment.precision = Precision::Month;
    }
    if text.len() == 10 {
        let last = days_in_month(moment.year, moment.month);
        moment.day = two(&text[8..10]).filter(|day| text[7] == b'-' && (1..=last).contains(day))?;
        moment.precision = Precision::Day;
    }
    Some(())
}

pub(super) fn days_in_month(year: i16, month: u8) -> u8 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        _ => 31,
    }
}

fn time_part(moment: &mut Temporal, text: &[u8]) -> Option<()> {
    let at = |from: usize| if from == 0 || text[from - 1] == b':' { two(&text[from..from + 2]) } else { None };
    if !matches!(text.len(), 2 | 5 | 8 | 10..) {
        return None;
    }
    moment.hour = at(0).filter(|hour| *hour < 24)?;
    moment.precision = Precision::Hour;
    if text.len() >= 5 {
        moment.minute = at(3).filter(|minute| *minute < 60)?;
        moment.precision = Precision::Minute;
    }
    if text.len() >= 8 {
        // A leap second is a second that FHIR's own regular expression takes.
        moment.second = at(6).filter(|second| *second <= 60)?;
        moment.precision = Precision::Second;
    }
    if text.len() >= 10 {
        let digits = &text[9..];
        if text[8] != b'.' || !digits.iter().all(u8::is_ascii_digit) {
            return None;
        }
        moment.digits = u8::try_from(digits.len()).ok()?;
        let padded = digits.iter().copied().chain(std::iter::repeat(b'0')).take(9);
        moment.nanosecond = padded.fold(0, |sum, digit| sum * 10 + u32::from(digit - b'0'));
    }
    Some(())
}

impl Display for Temporal {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        if self.kind != Kind::Time {
            write!(f, "{:04}", self.year)?;
            if self.precision >= Precision::Month {
                write!(f, "-{:02}", self.month)?;
            }
            if self.precision >= Precision::Day {
                write!(f, "-{:02}", self.day)?;
            }
            if self.has_time() {
                f.write_str("T")?;
            }
        }
        if self.has_time() {
            write!(f, "{:02}", self.hour)?;
        }
        if self.precision >= Precision::Minute {
            write!(f, ":{:02}", self.minute)?;
        }
        if self.precision >= Precision::Second {
            write!(f, ":{:02}", self.second)?;
        }
        if self.digits > 0 {
            let fraction = format!("{:09}", self.nanosecond);
            let shown = usize::from(self.digits).min(9);
            write!(f, ".{}{}", &fraction[..shown], "0".repeat(usize::from(self.digits) - shown))?;
        }
        match self.offset {
            None => Ok(()),
            Some(0) => f.write_str("Z"),
            Some(offset) => {
                let sign = if offset < 0 { '-' } else { '+' };
                write!(f, "{sign}{:02}:{:02}", offset.abs() / 60, offset.abs() % 60)
            }
        }
    }
}
