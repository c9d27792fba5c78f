//! The profiles that what is stored claims, by type.

use crate::fhir::systems::PROFILE_BASE;

const PZP: &str = "https://api.iknl.nl/docs/pzp/r4/StructureDefinition/ACP-";
const NL_CORE: &str = "http://nictiz.nl/fhir/StructureDefinition/nl-core-";

/// Type; names in the care planning guide, in nl-core, and of our own, each without what all of them begin with.
const TABLE: &[(&str, &str, &str, &str)] = &[
    ("CareTeam", "", "", "InCharge"),
    ("ClinicalImpression", "", "", "ExpectedCourse"),
    ("CommunicationRequest", "InformRelativesRequest", "", "InformRelativesRequest"),
    ("Composition", "", "", "CarePlan"),
    ("Condition", "", "Problem", "Comorbidity Metastasis PrimaryTumour Problem TumourPlaceholder"),
    (
        "Consent",
        "AdvanceDirective TreatmentDirective",
        "AdvanceDirective TreatmentDirective2",
        "AdvanceDirective SharingConsent TreatmentDirective",
    ),
    ("Device", "MedicalDevice.Product-ICD", "MedicalDevice.Product", "MedicalDevice.Product-ICD"),
    ("DeviceUseStatement", "MedicalDevice", "MedicalDevice", "MedicalDevice"),
    ("Encounter", "Encounter", "Encounter", "Encounter OncologyEncounter"),
    ("EpisodeOfCare", "", "", "EpisodeOfCare"),
    ("Goal", "MedicalPolicyGoal", "", "MedicalPolicyGoal"),
    ("Location", "", "HealthcareProvider", "Location"),
    (
        "Observation",
        "OrganDonationChoiceRegistration PositionRegardingEuthanasia PreferredPlaceOfDeath SenseOfPurpose \
         SpecificCareWishes",
        "",
        "CarePlanAnswer CauseOfDeath OrganDonationChoiceRegistration PatientReportedOutcome PerformanceStatus \
         PositionRegardingEuthanasia PreferredPlaceOfDeath SenseOfPurpose SpecificCareWishes Stage TnmCategory \
         TreatmentResponse TumourCharacteristic",
    ),
    ("Organization", "", "HealthcareProvider-Organization", "Organization"),
    ("Patient", "Patient", "Patient", "Patient"),
    ("Practitioner", "HealthProfessional-Practitioner", "HealthProfessional-Practitioner", "Practitioner"),
    (
        "PractitionerRole",
        "HealthProfessional-PractitionerRole",
        "HealthProfessional-PractitionerRole",
        "PractitionerRole",
    ),
    ("Procedure", "Procedure", "Procedure-event", "NoTumourTreatment OncologyTreatment Procedure"),
    ("Provenance", "", "", "Provenance"),
    ("QuestionnaireResponse", "", "", "QuestionnaireResponse"),
    ("RelatedPerson", "ContactPerson", "ContactPerson", "ContactPerson"),
];

/// Canonicals of the profiles on a type.
pub fn profiles(resource_type: &str) -> Vec<String> {
    let rows = TABLE.iter().filter(|(name, ..)| *name == resource_type);
    let own_base = format!("{PROFILE_BASE}Overdracht-");
    rows.flat_map(|(_, pzp, nl_core, own)| [(PZP, pzp), (NL_CORE, nl_core), (own_base.as_str(), own)])
        .flat_map(|(base, names)| names.split_whitespace().map(move |name| format!("{base}{name}")))
        .collect()
}
