//! What every document carries around its content.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Organization, Patient, Practitioner, shows_nothing};
use crate::domain::violation::Violation;

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

impl Envelope {
    /// Faults that the schema cannot express: dates that lie ahead of `now`, and dates that contradict each other.
    pub fn faults(&self, now: Timestamp) -> Vec<Violation> {
        let limit = latest_past(now);
        let mut faults = Vec::new();
        if self.recorded_at.to_zoned(jiff::tz::TimeZone::UTC).date() > limit {
            faults.push(Violation::contradiction("/recordedAt", "a moment that does not lie in the future"));
        }
        let patient = &self.patient;
        for (pointer, moment) in
            [("/patient/birthDate", &patient.birth_date), ("/patient/deceasedDate", &patient.deceased_date)]
        {
            if moment.as_ref().is_some_and(|moment| moment.first_day() > limit) {
                faults.push(Violation::contradiction(pointer, "a date that does not lie in the future"));
            }
        }
        if let (Some(birth), Some(death)) = (&patient.birth_date, &patient.deceased_date)
            && death.last_day() < birth.first_day()
        {
            faults.push(Violation::contradiction("/patient/deceasedDate", "a date that is not before the birth date"));
        }
        if patient.deceased == Some(false) && patient.deceased_date.is_some() {
            faults.push(Violation::contradiction("/patient/deceased", "true, where a date of death is given"));
        }
        faults
    }
}

/// The latest day that may still be called the past, or today.
pub fn latest_past(now: Timestamp) -> jiff::civil::Date {
    let limit = now.checked_add(TOLERANCE).unwrap_or(now);
    limit.to_zoned(jiff::tz::TimeZone::UTC).date()
}
