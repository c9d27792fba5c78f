//! The sections of the handover, and which resource stands in which.

use jiff::Timestamp;
use serde_json::Value;

use super::withhold::is_care_plan;
use crate::mapping::care_plan::current;

/// In the order in which a locum reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Section {
    /// Treatment limits and wishes.
    Limits,
    /// The treatment now, its intent, and what was told about the expected course.
    Course,
    /// Diagnosis and metastases.
    Diagnosis,
    Treatment,
    /// Persons, and who is in charge.
    Persons,
}

impl Section {
    pub(super) const ALL: [Section; 5] =
        [Section::Limits, Section::Course, Section::Diagnosis, Section::Treatment, Section::Persons];

    pub(super) fn title(self) -> &'static str {
        match self {
            Section::Limits => "Behandelgrenzen en wensen",
            Section::Course => "Doel van de behandeling en verwacht beloop",
            Section::Diagnosis => "Diagnose en metastasen",
            Section::Treatment => "Behandeling",
            Section::Persons => "Betrokkenen en regie",
        }
    }

    /// LOINC code and its name.
    pub(super) fn code(self) -> (&'static str, &'static str) {
        match self {
            Section::Limits => ("42348-3", "Advance directives"),
            Section::Course => ("61146-7", "Goals"),
            Section::Diagnosis => ("29548-5", "Diagnosis"),
            Section::Treatment => ("47519-4", "History of Procedures Document"),
            Section::Persons => ("85847-2", "Patient Care team information"),
        }
    }

    /// True where the section is the care plan's alone.
    pub(super) fn is_care_plan(self) -> bool {
        self == Section::Limits
    }

    /// The sections whose entries name this resource. None where it travels only when another refers to it (parties,
    /// devices, encounters), or not at all (the care plan's own Composition, the consent to share).
    pub(super) fn of(resource: &Value) -> &'static [Section] {
        match resource["resourceType"].as_str().unwrap_or_default() {
            "Consent" if matches!(scope(resource), "treatment" | "adr") => &[Section::Limits],
            "Goal" | "DeviceUseStatement" => &[Section::Limits],
            "Observation" if is_care_plan(resource) => &[Section::Limits],
            "Observation" if resource["partOf"].is_array() => &[Section::Treatment],
            "Observation" | "Condition" => &[Section::Diagnosis],
            "Procedure" if is_care_plan(resource) => &[Section::Limits],
            "Procedure" if is_current(resource) => &[Section::Course, Section::Treatment],
            "Procedure" | "MedicationStatement" | "MedicationRequest" => &[Section::Treatment],
            "Encounter" if !is_care_plan(resource) => &[Section::Treatment],
            "ClinicalImpression" => &[Section::Course],
            "RelatedPerson" | "CareTeam" | "EpisodeOfCare" | "CommunicationRequest" => &[Section::Persons],
            _ => &[],
        }
    }
}

/// Going on, planned, or decided not to be done: what says where the treatment stands now.
fn is_current(procedure: &Value) -> bool {
    matches!(procedure["status"].as_str(), Some("preparation" | "in-progress" | "on-hold" | "not-done"))
}

fn scope(consent: &Value) -> &str {
    let codings = consent["scope"]["coding"].as_array().into_iter().flatten();
    codings.filter_map(|coding| coding["code"].as_str()).next().unwrap_or_default()
}

/// False for what was replaced, has ended by `now`, or was recorded by mistake: the handover says what holds now.
pub(super) fn holds(resource: &Value, now: Timestamp) -> bool {
    let codings = resource["verificationStatus"]["coding"].as_array().into_iter().flatten();
    let mistaken =
        codings.into_iter().any(|coding| matches!(coding["code"].as_str(), Some("entered-in-error" | "refuted")));
    current::holds(resource) && !current::has_ended(resource, now) && !mistaken
}
