//! The order in which a reader meets the resources of a section: what is asked first comes first, and the newest of a
//! kind before the older.

use std::cmp::Reverse;

use serde_json::Value;

use crate::fhir::ResourceKey;
use crate::fhir::systems::PROFILE_BASE;
use crate::mapping::care_plan::limits;

/// Our profiles, in reading order. Within a section only its own matter; another kind comes last.
const READING_ORDER: &[&str] = &[
    // Limits and wishes.
    "Overdracht-TreatmentDirective",
    "Overdracht-MedicalPolicyGoal",
    "Overdracht-PreferredPlaceOfDeath",
    "Overdracht-SpecificCareWishes",
    "Overdracht-SenseOfPurpose",
    "Overdracht-PositionRegardingEuthanasia",
    "Overdracht-AdvanceDirective",
    "Overdracht-MedicalDevice",
    "Overdracht-OrganDonationChoiceRegistration",
    "Overdracht-CarePlanAnswer",
    "Overdracht-Procedure",
    // Course and treatment.
    "Overdracht-ExpectedCourse",
    "Overdracht-NoTumourTreatment",
    "Overdracht-OncologyTreatment",
    "Overdracht-TreatmentResponse",
    "Overdracht-OncologyEncounter",
    // Diagnosis.
    "Overdracht-PrimaryTumour",
    "Overdracht-TumourPlaceholder",
    "Overdracht-Stage",
    "Overdracht-Metastasis",
    "Overdracht-PerformanceStatus",
    "Overdracht-TnmCategory",
    "Overdracht-TumourCharacteristic",
    "Overdracht-Comorbidity",
    "Overdracht-Problem",
    "Overdracht-PatientReportedOutcome",
    "Overdracht-CauseOfDeath",
    // Persons.
    "Overdracht-InCharge",
    "Overdracht-ContactPerson",
    "Overdracht-InformRelativesRequest",
    "Overdracht-EpisodeOfCare",
];
/// Where a resource says when it was, the most telling first.
const DATES: &[&str] = &[
    "/performedPeriod/start",
    "/performedDateTime",
    "/effectiveDateTime",
    "/onsetDateTime",
    "/dateTime",
    "/date",
    "/period/start",
    "/recordedDate",
];

/// Total: the same entries come in the same order, however they were found.
pub(super) fn in_reading_order(entries: &mut [&Value]) {
    entries.sort_by_cached_key(|one| {
        let kind = kind(one);
        let place = READING_ORDER.iter().position(|known| *known == kind).unwrap_or(READING_ORDER.len());
        (place, limits::place(one), Reverse(date(one).to_owned()), ResourceKey::of(one).map(|key| key.to_string()))
    });
}

/// The last part of the canonical of our profile that the resource claims.
fn kind(resource: &Value) -> &str {
    let mut claimed = resource["meta"]["profile"].as_array().into_iter().flatten().filter_map(Value::as_str);
    claimed.find_map(|profile| profile.strip_prefix(PROFILE_BASE)).unwrap_or_default()
}

/// FHIR dates of one precision sort as text; a less precise one counts as the start of what it may stand for.
fn date(resource: &Value) -> &str {
    DATES.iter().find_map(|path| resource.pointer(path)?.as_str()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn resource(kind: &str, id: usize, date: &str) -> Value {
        let profile = format!("{PROFILE_BASE}{kind}");
        json!({ "resourceType": "Basic", "id": id.to_string(), "meta": { "profile": ["other", profile] }, "date": date })
    }

    fn sorted(resources: &[Value]) -> Vec<&str> {
        let mut entries: Vec<&Value> = resources.iter().collect();
        in_reading_order(&mut entries);
        entries.iter().filter_map(|one| one["id"].as_str()).collect()
    }

    #[test]
    fn the_tumour_comes_before_its_metastases_and_the_newest_of_these_first() {
        let resources = [
            resource("Overdracht-Comorbidity", 0, "2026"),
            resource("Overdracht-Metastasis", 1, "2025-03"),
            resource("Overdracht-Metastasis", 2, "2026-01-07"),
            resource("Overdracht-PrimaryTumour", 3, "2019"),
            resource("Something-Else", 4, "2026"),
        ];
        assert_eq!(sorted(&resources), ["3", "2", "1", "0", "4"]);
    }

    /// Kinds that no section names: the document itself, what travels because another refers to it, and the filled form,
    /// which says again what the resources say.
    const REFERRED_TO: &[&str] = &[
        "Overdracht-CarePlan",
        "Overdracht-Encounter",
        "Overdracht-HandoverComposition",
        "Overdracht-HandoverDocument",
        "Overdracht-Location",
        "Overdracht-MedicalDevice.Product-ICD",
        "Overdracht-Organization",
        "Overdracht-Patient",
        "Overdracht-Practitioner",
        "Overdracht-PractitionerRole",
        "Overdracht-Provenance",
        "Overdracht-QuestionnaireResponse",
        "Overdracht-SharingConsent",
    ];

    #[test]
    fn every_kind_of_resource_has_its_place_or_stands_in_no_section() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("profiles/overdracht");
        let files = std::fs::read_dir(folder).expect("the profiles").flatten();
        let mut kinds: Vec<String> = files
            .filter_map(|file| file.file_name().into_string().ok())
            .filter_map(|name| Some(name.strip_prefix("StructureDefinition-")?.strip_suffix(".json")?.to_owned()))
            .filter(|name| name.starts_with("Overdracht-"))
            .collect();
        let mut known: Vec<&str> = READING_ORDER.iter().chain(REFERRED_TO).copied().collect();
        kinds.sort();
        known.sort_unstable();
        assert_eq!(kinds, known);
    }

    proptest! {
        #[test]
        fn the_order_does_not_depend_on_that_of_finding(
            mut kinds in prop::collection::vec((0..READING_ORDER.len(), "202[0-3]"), 0..12), turn in 0_usize..12,
        ) {
            kinds.sort();
            let all: Vec<Value> =
                kinds.iter().enumerate().map(|(id, (kind, date))| resource(READING_ORDER[*kind], id, date)).collect();
            let mut turned = all.clone();
            turned.rotate_left(turn % all.len().max(1));
            prop_assert_eq!(sorted(&all), sorted(&turned));
        }
    }
}
