//! Dates of any precision as the span of time that they cover, and how two spans compare under a prefix.
//! A date without a zone is taken in UTC, in queries and resources alike.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Span, Timestamp};
use serde_json::Value;

/// From `start` up to, not including, `end`; open where none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Period {
    pub start: Option<Timestamp>,
    pub end: Option<Timestamp>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Prefix {
    Equal,
    NotEqual,
    Greater,
    Less,
    GreaterOrEqual,
    LessOrEqual,
    StartsAfter,
    EndsBefore,
    Approximately,
}

impl Prefix {
    /// Splits the prefix off a value; without one it is `eq`.
    pub fn split(text: &str) -> (Self, &str) {
        let prefix = match text.get(..2) {
            Some("eq") => Prefix::Equal,
            Some("ne") => Prefix::NotEqual,
            Some("gt") => Prefix::Greater,
            Some("lt") => Prefix::Less,
            Some("ge") => Prefix::GreaterOrEqual,
            Some("le") => Prefix::LessOrEqual,
            Some("sa") => Prefix::StartsAfter,
            Some("eb") => Prefix::EndsBefore,
            Some("ap") => Prefix::Approximately,
            _ => return (Prefix::Equal, text),
        };
        (prefix, &text[2..])
    }
}

impl Period {
    /// Reads `2024`, `2024-05`, `2024-05-01`, `2024-05-01T10:00` and finer, with or without zone.
    pub fn parse(text: &str) -> Option<Self> {
        if !text.is_ascii() {
            return None;
        }
        let midnight = |date: Date| date.to_zoned(TimeZone::UTC).ok().map(|zoned| zoned.timestamp());
        let days = |first: Date, next: Date| Some(Period { start: Some(midnight(first)?), end: Some(midnight(next)?) });
        let part = |range: std::ops::Range<usize>| {
            let digits = text.get(range)?;
            digits.bytes().all(|b| b.is_ascii_digit()).then(|| digits.parse::<i16>().ok())?
        };
        let dashed = |at: usize| text.as_bytes().get(at) == Some(&b'-');
        let year = part(0..4)?;
        match text.len() {
            4 => {
                let first = Date::new(year, 1, 1).ok()?;
                days(first, first.checked_add(Span::new().years(1)).ok()?)
            }
            7 if dashed(4) => {
                let first = Date::new(year, part(5..7)? as i8, 1).ok()?;
                days(first, first.checked_add(Span::new().months(1)).ok()?)
            }
            10 if dashed(4) && dashed(7) => {
                let day = Date::new(year, part(5..7)? as i8, part(8..10)? as i8).ok()?;
                days(day, day.tomorrow().ok()?)
            }
            length if length >= 16 && text.as_bytes()[10] == b'T' => Self::parse_time(text),
            _ => None,
        }
    }

    fn parse_time(text: &str) -> Option<Self> {
        let time = &text[11..];
        let zone = time.find(['Z', '+', '-']).unwrap_or(time.len());
        let (clock, zone) = time.split_at(zone);
        let (seconds, precision) = match clock.len() {
            5 => (format!("{clock}:00"), SignedDuration::from_mins(1)),
            8 => (clock.to_owned(), SignedDuration::from_secs(1)),
            10.. => {
                let places = u32::try_from(clock.len() - 9).ok().filter(|places| *places <= 9)?;
                (clock.to_owned(), SignedDuration::from_nanos(10_i64.pow(9 - places)))
            }
            _ => return None,
        };
        let zone = if zone.is_empty() { "Z" } else { zone };
        let start: Timestamp = format!("{}T{seconds}{zone}", &text[..10]).parse().ok()?;
        Some(Period { start: Some(start), end: Some(start.checked_add(precision).ok()?) })
    }

    /// Reads a date, dateTime, instant, Period or Timing of a resource.
    pub fn of(value: &Value) -> Option<Self> {
        if let Some(text) = value.as_str() {
            return Self::parse(text);
        }
        let limit = |name: &str| value.get(name).and_then(Value::as_str);
        let (start, end) = (limit("start"), limit("end"));
        if start.is_some() || end.is_some() {
            return Some(Period {
                start: start.and_then(Self::parse).and_then(|period| period.start),
                end: end.and_then(Self::parse).and_then(|period| period.end),
            });
        }
        let events = value.get("event")?.as_array()?;
        events.iter().filter_map(Self::of).reduce(|a, b| Period { start: a.start.min(b.start), end: a.end.max(b.end) })
    }

    /// Whether a resource's span (`self`) answers the prefix and the query's span.
    /// Source: <http://hl7.org/fhir/R4/search.html#prefix>.
    pub fn answers(&self, prefix: Prefix, query: &Period) -> bool {
        let starts = |a: &Period| a.start.unwrap_or(Timestamp::MIN);
        let ends = |a: &Period| a.end.unwrap_or(Timestamp::MAX);
        let (low, high) = (starts(query), ends(query));
        let within = low <= starts(self) && ends(self) <= high;
        match prefix {
            Prefix::Equal => within,
            Prefix::NotEqual => !within,
            Prefix::Greater => ends(self) > high,
            Prefix::Less => starts(self) < low,
            Prefix::GreaterOrEqual => ends(self) > high || within,
            Prefix::LessOrEqual => starts(self) < low || within,
            Prefix::StartsAfter => starts(self) >= high,
            Prefix::EndsBefore => ends(self) <= low,
            Prefix::Approximately => starts(self) < high && low < ends(self),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answers(stored: &str, query: &str) -> bool {
        let (prefix, text) = Prefix::split(query);
        Period::parse(stored).unwrap().answers(prefix, &Period::parse(text).unwrap())
    }

    #[test]
    fn precision_decides_what_equals() {
        for (stored, query, expected) in [
            ("2024-05-01", "2024", true),
            ("2024-05-01", "2024-05", true),
            ("2024-05", "2024-05-01", false),
            ("2024-05-01T10:00:00Z", "2024-05-01", true),
            ("2024-05-01T23:30:00-02:00", "2024-05-02", true),
            ("2024-05-01T10:00:00.250Z", "2024-05-01T10:00:00Z", true),
            ("2024-05-01T10:00:00Z", "2024-05-01T10:00Z", true),
            ("2024-05-01", "ne2024-05-02", true),
            ("2024-05-01", "gt2024-04-30", true),
            ("2024-05-01", "gt2024-05-01", false),
            ("2024-05-01", "ge2024-05-01", true),
            ("2024-05-01", "lt2024-05-01", false),
            ("2024-05-01", "le2024-05-01", true),
            ("2024-05", "gt2024-05-10", true),
            ("2024-05", "sa2024-05-10", false),
            ("2024-05-01", "eb2024-05-02", true),
            ("2024-05-01", "ap2024-05", true),
        ] {
            assert_eq!(answers(stored, query), expected, "{stored} {query}");
        }
    }

    #[test]
    fn what_is_no_date_is_none() {
        for text in [
            "",
            "24",
            "2024-13",
            "2024-02-30",
            "2024-5-1",
            "20245",
            "2024-05-01T",
            "2024-05-01T25:00",
            "tomorrow",
            "２０２４",
        ] {
            assert_eq!(Period::parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_period_open_at_one_side_goes_on() {
        let open = Period::of(&serde_json::json!({ "start": "2024-05-01" })).unwrap();
        assert!(open.answers(Prefix::Greater, &Period::parse("2030").unwrap()));
        assert!(!open.answers(Prefix::Equal, &Period::parse("2024").unwrap()));
    }
}
