//! Dates of a life in their order: what was recorded neither precedes birth nor follows death or today.

use jiff::Timestamp;
use jiff::civil::Date;

use super::common::Envelope;
use super::{Answer, PartialDate, Violation};

/// What every date in a document about one person is held against. Partial dates are at fault only where no day that
/// they may stand for will do.
pub struct Chronology {
    birth: Option<Date>,
    death: Option<Date>,
    limit: Date,
    pub faults: Vec<Violation>,
}

impl Chronology {
    pub fn new(envelope: &Envelope, now: Timestamp) -> Self {
        let today = now.to_zoned(jiff::tz::TimeZone::UTC).date();
        Chronology {
            birth: envelope.patient.birth_date.as_ref().map(|date| date.first_day()),
            death: envelope.patient.deceased_date.as_ref().map(|date| date.last_day()),
            // Clocks and time zones differ by up to a day.
            limit: today.tomorrow().unwrap_or(today),
            faults: Vec::new(),
        }
    }

    /// Something that happened: after birth, not in the future, and not after death.
    pub fn past(&mut self, pointer: &str, date: PartialDate) {
        if date.first_day() > self.limit {
            self.fault(pointer, "a date that does not lie in the future");
        } else if self.death.is_some_and(|death| date.first_day() > death) {
            self.fault(pointer, "a date that is not after the death of the patient");
        }
        self.after_birth(pointer, date);
    }

    /// Something that was found out, which may be after death (a result, an autopsy).
    pub fn found(&mut self, pointer: &str, date: PartialDate) {
        if date.first_day() > self.limit {
            self.fault(pointer, "a date that does not lie in the future");
        }
        self.after_birth(pointer, date);
    }

    /// Something planned: after birth, and within five years from now.
    pub fn planned(&mut self, pointer: &str, date: PartialDate) {
        if self.limit.checked_add(jiff::Span::new().years(5)).is_ok_and(|far| date.first_day() > far) {
            self.fault(pointer, "a date within five years from now");
        }
        self.after_birth(pointer, date);
    }

    /// Two dates that must come in this order; the same day will do.
    pub fn ordered(&mut self, first: Option<PartialDate>, pointer: &str, second: Option<PartialDate>, expected: &str) {
        if let (Some(first), Some(second)) = (first, second)
            && first.on_or_before(second) == Answer::No
        {
            self.fault(pointer, expected);
        }
    }

    pub fn fault(&mut self, pointer: &str, expected: &str) {
        self.faults.push(Violation::contradiction(pointer, expected));
    }

    fn after_birth(&mut self, pointer: &str, date: PartialDate) {
        if self.birth.is_some_and(|birth| date.last_day() < birth) {
            self.fault(pointer, "a date that is not before the birth of the patient");
        }
    }
}
