//! Dates of a life in their order: what was recorded neither precedes birth nor follows death or today.

use jiff::Timestamp;
use jiff::civil::Date;

use super::common::Moment;
use super::common::envelope::latest_past;
use super::review::Review;

/// What every date in a document about one person is held against. Partial dates are at fault only where no day that
/// they may stand for will do.
///
/// A pointer may have `*` for every item of a list, where it is not one of two.
pub struct Chronology<'r, 'd> {
    review: &'r mut Review<'d>,
    birth: Option<Date>,
    death: Option<Date>,
    limit: Date,
}

impl<'r, 'd> Chronology<'r, 'd> {
    /// Birth and death count as far as the review has no fault in them: the envelope is to be judged before.
    pub fn new(review: &'r mut Review<'d>, now: Timestamp) -> Self {
        let birth = review.moment("/patient/birthDate").map(|date| date.first_day());
        let death = review.moment("/patient/deceasedDate").map(|date| date.last_day());
        Chronology { review, birth, death, limit: latest_past(now) }
    }

    /// Something that is not in the future.
    pub fn not_ahead(&mut self, pattern: &str) {
        let limit = self.limit;
        self.each(pattern, "a date that does not lie in the future", |date| date.first_day() > limit);
    }

    /// Something that happened: after birth, not in the future, and not after death.
    pub fn past(&mut self, pattern: &str) {
        self.found(pattern);
        let death = self.death;
        let expected = "a date that is not after the death of the patient";
        self.each(pattern, expected, |date| death.is_some_and(|death| date.first_day() > death));
    }

    /// Something that was found out, which may be after death (a result, an autopsy).
    pub fn found(&mut self, pattern: &str) {
        self.not_ahead(pattern);
        self.after_birth(pattern);
    }

    /// Something planned: after birth, and within five years from now.
    pub fn planned(&mut self, pattern: &str) {
        let far = self.limit.checked_add(jiff::Span::new().years(5)).unwrap_or(Date::MAX);
        self.each(pattern, "a date within five years from now", |date| date.first_day() > far);
        self.after_birth(pattern);
    }

    /// Two dates that must come in this order; the same day will do.
    pub fn ordered(&mut self, first: &str, second: &str, expected: &str) {
        if let Some(first) = self.review.moment(first) {
            self.each(second, expected, |date| date.last_day() < first.first_day());
        }
    }

    fn after_birth(&mut self, pattern: &str) {
        let birth = self.birth;
        let expected = "a date that is not before the birth of the patient";
        self.each(pattern, expected, |date| birth.is_some_and(|birth| date.last_day() < birth));
    }

    fn each(&mut self, pattern: &str, expected: &str, wrong: impl Fn(&Moment) -> bool) {
        for pointer in self.review.each(pattern) {
            if self.review.moment(&pointer).is_some_and(|date| wrong(&date)) {
                self.review.contradiction(pointer, expected);
            }
        }
    }
}
