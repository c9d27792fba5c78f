//! Keeping the care plan back where the patient refused sharing it, while the rest travels.

use serde_json::Value;

use super::narrative::{narrative, paragraph};
use crate::fhir::systems::PROFILE_BASE;

/// Base of the canonicals of PZP.
const PZP: &str = "https://api.iknl.nl/docs/pzp/r4/";

/// What may travel without the care plan: the resources of registry records and metastasis events, and the parties.
/// What is not on this list stays, so that a new kind of resource is withheld until someone decides.
const NOT_CARE_PLAN: &[&str] = &[
    "Overdracht-CauseOfDeath",
    "Overdracht-Comorbidity",
    "Overdracht-EpisodeOfCare",
    "Overdracht-ExpectedCourse",
    "Overdracht-Metastasis",
    "Overdracht-NoTumourTreatment",
    "Overdracht-OncologyEncounter",
    "Overdracht-OncologyTreatment",
    "Overdracht-Organization",
    "Overdracht-Patient",
    "Overdracht-PatientReportedOutcome",
    "Overdracht-PerformanceStatus",
    "Overdracht-Practitioner",
    "Overdracht-PractitionerRole",
    "Overdracht-PrimaryTumour",
    "Overdracht-Stage",
    "Overdracht-TnmCategory",
    "Overdracht-TreatmentResponse",
    "Overdracht-TumourCharacteristic",
    "Overdracht-TumourPlaceholder",
];
/// What a Patient says of itself where contact persons and legal capacity were left out.
const WITHOUT_PLAN: &str = "Gegevens van de patiënt, zonder wat bij de zorgplanning hoort.";
/// People and organisations are named by every document; a PZP profile on them says nothing about the plan.
const PARTIES: &[&str] = &["Patient", "Organization", "Practitioner", "PractitionerRole"];

/// True where a resource belongs to the care plan, or is not known to belong elsewhere.
pub fn is_care_plan(resource: &Value) -> bool {
    let kind = resource["resourceType"].as_str().unwrap_or_default();
    if PARTIES.contains(&kind) {
        return false;
    }
    let elsewhere = profiles(resource).any(|profile| {
        profile
            .strip_prefix(PROFILE_BASE)
            .is_some_and(|name| NOT_CARE_PLAN.contains(&name.split('|').next().unwrap_or(name)))
    });
    profiles(resource).any(|profile| profile.starts_with(PZP)) || !elsewhere
}

/// Takes from a party what the care plan wrote there: contact persons, legal capacity, and the claim to PZP's profile.
pub(super) fn strip(resource: &mut Value) {
    if resource["resourceType"] == "Patient"
        && let Some(patient) = resource.as_object_mut()
    {
        patient.remove("contact");
        // The narrative is of the whole resource, and a profile asks for one.
        patient.insert("text".to_owned(), narrative(&[paragraph(WITHOUT_PLAN)]));
    }
    let of_pzp = |url: &Value| url.as_str().is_some_and(|url| url.starts_with(PZP));
    for (list, url) in [("/extension", Some("url")), ("/meta/profile", None)] {
        if let Some(Value::Array(items)) = resource.pointer_mut(list) {
            items.retain(|item| !of_pzp(url.map_or(item, |key| &item[key])));
        }
    }
    if let Some(object) = resource.as_object_mut()
        && object.get("extension").and_then(Value::as_array).is_some_and(Vec::is_empty)
    {
        object.remove("extension");
    }
}

fn profiles(resource: &Value) -> impl Iterator<Item = &str> {
    resource["meta"]["profile"].as_array().into_iter().flatten().filter_map(Value::as_str)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn resource(kind: &str, profile: &str) -> Value {
        json!({ "resourceType": kind, "meta": { "profile": [profile] } })
    }

    #[test]
    fn what_is_not_known_to_be_something_else_is_care_plan() {
        let ours = |name: &str| format!("{PROFILE_BASE}{name}");
        assert!(is_care_plan(&resource("Consent", &ours("Overdracht-TreatmentDirective"))));
        assert!(is_care_plan(&resource("Goal", &ours("Something-New"))));
        assert!(is_care_plan(&json!({ "resourceType": "Observation" })));
        assert!(is_care_plan(&resource("Encounter", &format!("{PZP}StructureDefinition/ACP-Encounter"))));
        assert!(!is_care_plan(&resource("Condition", &ours("Overdracht-PrimaryTumour"))));
        assert!(!is_care_plan(&resource("Condition", &ours("Overdracht-PrimaryTumour|1.0"))));
        assert!(!is_care_plan(&resource("Patient", &format!("{PZP}StructureDefinition/ACP-Patient"))));
    }

    #[test]
    fn a_patient_loses_what_the_plan_wrote_there() {
        let mut patient = json!({
            "resourceType": "Patient",
            "meta": { "profile": [format!("{PZP}StructureDefinition/ACP-Patient"), format!("{PROFILE_BASE}Overdracht-Patient")] },
            "extension": [{ "url": format!("{PZP}StructureDefinition/ext-LegallyCapable") }],
            "contact": [{ "name": { "text": "x" } }],
            "text": { "status": "generated", "div": "<div>x</div>" },
            "birthDate": "1950",
        });
        strip(&mut patient);
        assert_eq!(
            patient,
            json!({
                "resourceType": "Patient", "meta": { "profile": [format!("{PROFILE_BASE}Overdracht-Patient")] },
                "birthDate": "1950", "text": narrative(&[paragraph(WITHOUT_PLAN)]),
            })
        );
    }
}
