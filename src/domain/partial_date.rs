//! Dates that are known to the day, the month or the year, and comparing them without guessing.

use std::fmt;
use std::str::FromStr;

use jiff::civil::Date;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// `2023`, `2023-05` or `2023-05-17`: always a day, month or year of the calendar.
///
/// It stands for an unknown day between [`first_day`](Self::first_day) and [`last_day`](Self::last_day). There is no
/// `Ord`: whether one lies before another has three answers ([`Answer`]).
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct PartialDate {
    first: Date,
    precision: Precision,
}

/// How much of a date is known, the coarsest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Precision {
    Year,
    Month,
    Day,
}

/// The text is no date, or names a day that the calendar does not have. Does not repeat the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected a date of the calendar as YYYY, YYYY-MM or YYYY-MM-DD")]
pub struct NotADate;

/// The answer to a question about dates that are not wholly known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Answer {
    Yes,
    No,
    /// True for some of the days that the dates may stand for, and untrue for others.
    NotDeterminable,
}

impl Answer {
    fn between(certainly: bool, possibly: bool) -> Answer {
        match (certainly, possibly) {
            (true, _) => Answer::Yes,
            (false, true) => Answer::NotDeterminable,
            (false, false) => Answer::No,
        }
    }
}

impl std::ops::Not for Answer {
    type Output = Answer;

    fn not(self) -> Answer {
        match self {
            Answer::Yes => Answer::No,
            Answer::No => Answer::Yes,
            Answer::NotDeterminable => Answer::NotDeterminable,
        }
    }
}

impl PartialDate {
    pub fn year(self) -> i16 {
        self.first.year()
    }

    pub fn precision(self) -> Precision {
        self.precision
    }

    /// The earliest day that it may stand for.
    pub fn first_day(self) -> Date {
        self.first
    }

    /// The latest day that it may stand for.
    pub fn last_day(self) -> Date {
        match self.precision {
            Precision::Day => self.first,
            Precision::Month => self.first.last_of_month(),
            Precision::Year => self.first.last_of_year(),
        }
    }

    /// Does it lie before `other`? The same day is not before.
    pub fn before(self, other: PartialDate) -> Answer {
        Answer::between(self.last_day() < other.first_day(), self.first_day() < other.last_day())
    }

    /// Does it lie before `other`, or on the same day?
    pub fn on_or_before(self, other: PartialDate) -> Answer {
        !other.before(self)
    }

    /// Does it lie after `other`? The same day is not after.
    pub fn after(self, other: PartialDate) -> Answer {
        other.before(self)
    }

    /// Does it lie on or before `day`?
    pub fn by(self, day: Date) -> Answer {
        self.on_or_before(day.into())
    }

    /// The same date `months` later, as precise as this one (the last day of a month stays within the month). None
    /// where the calendar ends, or where a year alone is moved by something else than whole years.
    pub fn plus_months(self, months: i32) -> Option<PartialDate> {
        if self.precision == Precision::Year && months % 12 != 0 {
            return None;
        }
        let first = self.first.checked_add(jiff::Span::new().try_months(months).ok()?).ok()?;
        Some(PartialDate { first, precision: self.precision })
    }
}

impl From<Date> for PartialDate {
    fn from(day: Date) -> Self {
        PartialDate { first: day, precision: Precision::Day }
    }
}

/// `len` digits at the start of `text`.
fn digits(text: &str, len: usize) -> Option<i16> {
    (text.len() == len && text.bytes().all(|b| b.is_ascii_digit())).then(|| text.parse().ok()).flatten()
}

impl FromStr for PartialDate {
    type Err = NotADate;

    fn from_str(text: &str) -> Result<Self, NotADate> {
        let mut parts = text.split('-');
        let year = parts.next().and_then(|p| digits(p, 4)).filter(|year| *year > 0).ok_or(NotADate)?;
        let mut two =
            || parts.next().map(|p| digits(p, 2).and_then(|n| i8::try_from(n).ok()).ok_or(NotADate)).transpose();
        let (month, day) = (two()?, two()?);
        let precision = match (month, day) {
            (None, _) => Precision::Year,
            (_, None) => Precision::Month,
            _ => Precision::Day,
        };
        if parts.next().is_some() {
            return Err(NotADate);
        }
        let first = Date::new(year, month.unwrap_or(1), day.unwrap_or(1)).map_err(|_| NotADate)?;
        Ok(PartialDate { first, precision })
    }
}

/// As it was sent, and as FHIR's `date` and `dateTime` are written.
impl fmt::Display for PartialDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}", self.first.year())?;
        if self.precision != Precision::Year {
            write!(f, "-{:02}", self.first.month())?;
        }
        if self.precision == Precision::Day {
            write!(f, "-{:02}", self.first.day())?;
        }
        Ok(())
    }
}

/// A date may be a birth date: its value never reaches a log.
impl fmt::Debug for PartialDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PartialDate({:?})", self.precision)
    }
}

impl Serialize for PartialDate {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for PartialDate {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn date(text: &str) -> PartialDate {
        text.parse().unwrap()
    }

    #[test]
    fn what_the_calendar_lacks_is_no_date() {
        for text in [
            "",
            "23",
            "2023-",
            "2023-5",
            "2023-13",
            "2023-00",
            "2023-02-29",
            "2023-04-31",
            "2023-04-3",
            "2023-04-03-01",
            "2023-04-03T10:00:00Z",
            "0000",
            "+023",
            "２０２３",
            "20230403",
            " 2023",
            "-2023",
        ] {
            assert_eq!(text.parse::<PartialDate>(), Err(NotADate), "{text}");
        }
        assert!("2024-02-29".parse::<PartialDate>().is_ok());
    }

    #[test]
    fn partial_dates_overlap_until_they_do_not() {
        assert_eq!(date("2023").before(date("2024")), Answer::Yes);
        assert_eq!(date("2023-05").before(date("2023")), Answer::NotDeterminable);
        assert_eq!(date("2023-05-17").before(date("2023-05-17")), Answer::No);
        assert_eq!(date("2023-05-17").on_or_before(date("2023-05-17")), Answer::Yes);
        assert_eq!(date("2023-05").before(date("2023-05-31")), Answer::NotDeterminable);
        assert_eq!(date("2023-05").before(date("2023-05-01")), Answer::No);
        assert_eq!(date("2023-05").on_or_before(date("2023-05-31")), Answer::Yes);
        assert_eq!(date("2023-12-31").after(date("2023")), Answer::NotDeterminable);
        assert_eq!(date("2024-01-01").after(date("2023")), Answer::Yes);
    }

    #[test]
    fn months_are_added_as_precisely_as_is_known() {
        assert_eq!(date("2023-11-30").plus_months(3), Some(date("2024-02-29")));
        assert_eq!(date("2023-11").plus_months(3), Some(date("2024-02")));
        assert_eq!(date("2023").plus_months(12), Some(date("2024")));
        assert_eq!(date("2023").plus_months(3), None);
        assert_eq!(date("9999-12").plus_months(1), None);
    }

    #[test]
    fn debug_shows_no_date() {
        assert_eq!(format!("{:?}", date("1951-03-14")), "PartialDate(Day)");
    }

    fn any_date() -> impl Strategy<Value = PartialDate> {
        (1900i16..2100, proptest::option::of((1i8..=12, proptest::option::of(1i8..=28)))).prop_map(|(y, rest)| {
            match rest {
                None => date(&format!("{y:04}")),
                Some((m, None)) => date(&format!("{y:04}-{m:02}")),
                Some((m, Some(d))) => date(&format!("{y:04}-{m:02}-{d:02}")),
            }
        })
    }

    proptest! {
        #[test]
        fn a_date_reads_back_what_it_writes(d in any_date()) {
            prop_assert_eq!(d.to_string().parse::<PartialDate>(), Ok(d));
        }

        #[test]
        fn no_text_panics(text in "\\PC{0,14}|[0-9-]{0,12}") {
            if let Ok(d) = text.parse::<PartialDate>() {
                prop_assert_eq!(d.to_string(), text);
            }
        }

        /// The oracle: the answer is what all pairs of days agree on (their ends decide).
        #[test]
        fn an_answer_is_certain_exactly_when_all_days_agree(a in any_date(), b in any_date()) {
            let ends = |d: PartialDate| [d.first_day(), d.last_day()];
            let answers: Vec<bool> =
                ends(a).into_iter().flat_map(|x| ends(b).into_iter().map(move |y| x < y)).collect();
            let expected = match (answers.iter().all(|yes| *yes), answers.iter().any(|yes| *yes)) {
                (true, _) => Answer::Yes,
                (_, true) => Answer::NotDeterminable,
                _ => Answer::No,
            };
            prop_assert_eq!(a.before(b), expected);
            prop_assert_eq!(b.after(a), expected);
            prop_assert_eq!(b.on_or_before(a), !expected);
        }
    }
}
