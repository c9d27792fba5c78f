//! What every document carries around its content.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Organization, Patient, Practitioner, shows_nothing};
use crate::domain::chronology::Chronology;
use crate::domain::review::Review;

/// Who sent which version of which document, when it was recorded, and about whom.
///
/// Read from the whole document: the other properties belong to the kind.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Envelope {
    pub document_id: String,
    /// From 1; a version older than what is stored is refused.
    pub version: u64,
    pub recorded_at: Timestamp,
    pub source: Source,
    pub patient: Patient,
}

#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Source {
    /// URI of the sending system.
    pub system: String,
    pub organization: Organization,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub author: Option<Practitioner>,
}

shows_nothing!(Envelope, Source);

/// Clocks differ: what was recorded up to a day ahead of ours is not the future.
const TOLERANCE: jiff::SignedDuration = jiff::SignedDuration::from_hours(24);

/// Faults of the envelope that the schema cannot express: dates that lie ahead of `now`, or contradict each other.
pub fn check(review: &mut Review, now: Timestamp) {
    let recorded = review.text("/recordedAt").and_then(|text| text.parse::<Timestamp>().ok());
    if recorded.is_some_and(|recorded| recorded.to_zoned(jiff::tz::TimeZone::UTC).date() > latest_past(now)) {
        review.contradiction("/recordedAt", "a moment that does not lie in the future");
    }
    let mut time = Chronology::new(review, now);
    let (birth, death) = ("/patient/birthDate", "/patient/deceasedDate");
    time.not_ahead(birth);
    time.not_ahead(death);
    time.ordered(birth, death, "a date that is not before the birth date");
    if review.at("/patient/deceased") == Some(&Value::Bool(false)) && review.at(death).is_some() {
        review.contradiction("/patient/deceased", "true, where a date of death is given");
    }
}

/// The latest day that may still be called the past, or today.
pub fn latest_past(now: Timestamp) -> jiff::civil::Date {
    let limit = now.checked_add(TOLERANCE).unwrap_or(now);
    limit.to_zoned(jiff::tz::TimeZone::UTC).date()
}
