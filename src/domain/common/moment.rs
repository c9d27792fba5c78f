//! Dates as far as they are known, with or without a time.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::shows_nothing;

/// `2023`, `2023-05`, `2023-05-17` or `2023-05-17T14:30:00+02:00`: FHIR's `dateTime`, and always a day that the
/// calendar has. The text is kept as it was sent.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Moment(String);

shows_nothing!(Moment);

/// The text is no such date. Does not repeat the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected a date of the calendar as YYYY, YYYY-MM or YYYY-MM-DD, or with time and time zone")]
pub struct NotAMoment;

impl Moment {
    pub fn parse(text: &str) -> Result<Self, NotAMoment> {
        let (date, time) = match text.split_once('T') {
            Some((date, time)) => (date, Some(time)),
            None => (text, None),
        };
        let shape =
            date.bytes().enumerate().all(|(i, b)| if i == 4 || i == 7 { b == b'-' } else { b.is_ascii_digit() });
        let calendar = match date.len() {
            4 => format!("{date}-01-01"),
            7 => format!("{date}-01"),
            10 => date.to_owned(),
            _ => return Err(NotAMoment),
        };
        let day: jiff::civil::Date = calendar.parse().map_err(|_| NotAMoment)?;
        let timed = match time {
            None => true,
            Some(time) => date.len() == 10 && time_fits(time) && text.parse::<jiff::Timestamp>().is_ok(),
        };
        if shape && timed && day.year() > 0 { Ok(Moment(text.to_owned())) } else { Err(NotAMoment) }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub fn has_time(&self) -> bool {
        self.0.contains('T')
    }

    /// The date without the time: FHIR's `date`.
    pub fn date(&self) -> &str {
        self.0.split('T').next().unwrap_or_default()
    }

    /// The earliest day that it may stand for.
    pub fn first_day(&self) -> jiff::civil::Date {
        let mut text = self.date().to_owned();
        while text.len() < 10 {
            text.push_str("-01");
        }
        text.parse().unwrap_or(jiff::civil::Date::MIN)
    }

    /// Certainly later than `other`: of two with a time their instants are compared, of others their days. `false`
    /// where it is not certain.
    pub fn certainly_after(&self, other: &Moment) -> bool {
        match (self.0.parse::<jiff::Timestamp>(), other.0.parse::<jiff::Timestamp>()) {
            (Ok(mine), Ok(theirs)) => mine > theirs,
            _ => self.first_day() > other.last_day(),
        }
    }

    /// The latest day that it may stand for.
    pub fn last_day(&self) -> jiff::civil::Date {
        match self.date().len() {
            4 => self.first_day().last_of_year(),
            7 => self.first_day().last_of_month(),
            _ => self.first_day(),
        }
    }
}

/// `hh:mm:ss`, a fraction if wanted, and `Z` or `±hh:mm`.
fn time_fits(time: &str) -> bool {
    let clock = time.len() > 8
        && time.bytes().take(8).enumerate().all(|(i, b)| if i == 2 || i == 5 { b == b':' } else { b.is_ascii_digit() });
    if !clock || &time[6..8] == "60" {
        return false;
    }
    let rest = &time[8..];
    let zone = match rest.strip_prefix('.') {
        Some(fraction) => fraction.trim_start_matches(|c: char| c.is_ascii_digit()),
        None => rest,
    };
    let signed = zone.len() == 6 && zone.starts_with(['+', '-']) && zone.as_bytes()[3] == b':';
    (zone == "Z" || signed) && !rest.starts_with(".Z") && !rest.starts_with(".+") && !rest.starts_with(".-")
}

impl Serialize for Moment {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Moment {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::parse(&String::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_days_of_the_calendar_are_moments() {
        for good in ["2023", "2023-05", "2024-02-29", "2023-05-17T14:30:00+02:00", "2023-05-17T14:30:00.125Z"] {
            assert!(Moment::parse(good).is_ok(), "{good}");
        }
        for bad in [
            "",
            "23",
            "2023-13",
            "2023-02-29",
            "2023-05-17T14:30",
            "2023-05-17T14:30:00",
            "2023-05-17T14:30:60Z",
            "2023-05T14:30:00Z",
            "2023-05-17T25:00:00Z",
            "2023/05/17",
            "2023-05-17T14:30:00.Z",
            "0000",
            "+023",
            "2023-05-17T14:30:00+2:00",
            "2023-05-17T14:30:0é",
        ] {
            assert!(Moment::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_month_stands_for_each_of_its_days() {
        let month = Moment::parse("2024-02").unwrap();
        assert_eq!(
            (month.first_day().to_string(), month.last_day().to_string()),
            ("2024-02-01".into(), "2024-02-29".into())
        );
    }
}
