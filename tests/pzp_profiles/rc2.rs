//! What 1.0.0-rc2 says otherwise than the element map: facts, in the notation of the map.

/// Profiles that have another name.
pub const RENAMED: &[(&str, &str)] =
    &[("ACP-Medical-Policy-Goal", "ACP-MedicalPolicyGoal"), ("ACP-OtherImportantInformation", "ACP-SenseOfPurpose")];

/// Profiles that are gone.
pub const GONE: &[&str] = &["ACP-Communication", "ext-EncounterReference"];

/// Elements (the end of their id) that are gone, or ask for nothing any more.
pub const NOT_ASKED: &[(&str, &str)] = &[
    ("ACP-AdvanceDirective", "extension:encounter"),
    ("ACP-AdvanceDirective", "extension:encounter.value[x]"),
    ("ACP-TreatmentDirective", "extension:encounter"),
    ("ACP-TreatmentDirective", "extension:encounter.value[x]"),
    ("ACP-MedicalPolicyGoal", "extension:encounter"),
    ("ACP-MedicalPolicyGoal", "extension:encounter.value[x]"),
    ("ACP-MedicalDevice", "extension:encounter"),
    ("ACP-MedicalDevice", "extension:encounter.value[x]"),
    // A role may also be one of the added list: an invariant asks for one of either.
    ("ACP-ContactPerson", "RelatedPerson.relationship"),
    ("ACP-ContactPerson", "RelatedPerson.relationship:role"),
    ("ACP-Procedure", "Procedure.performer.actor"),
];

/// Profile, its base, element, constraint.
pub const ADDED: &[(&str, &str, &str, &str)] = &[
    ("ACP-ContactPerson", "nl-core-ContactPerson", "RelatedPerson", "invariant=ACP-ContactPerson-1"),
    (
        "ACP-ContactPerson",
        "nl-core-ContactPerson",
        "RelatedPerson.relationship:roleAdditional",
        "slice=roleAdditional min=0 max=* binding=required:https://fhir.iknl.nl/fhir/ValueSet/ACP-ContactPersonRole",
    ),
    ("ACP-InformRelativesRequest", "CommunicationRequest", "CommunicationRequest", "invariant=cr-date-required"),
    (
        "ACP-InformRelativesRequest",
        "CommunicationRequest",
        "CommunicationRequest.category",
        r#"min=1 patternCodeableConcept={"coding":[{"system":"http://snomed.info/sct","code":"223449006"}]}"#,
    ),
    (
        "ACP-InformRelativesRequest",
        "CommunicationRequest",
        "CommunicationRequest.subject",
        "min=1 type=Reference(ACP-Patient)",
    ),
    (
        "ACP-InformRelativesRequest",
        "CommunicationRequest",
        "CommunicationRequest.encounter",
        "type=Reference(ACP-Encounter)",
    ),
    (
        "ACP-InformRelativesRequest",
        "CommunicationRequest",
        "CommunicationRequest.requester",
        "min=1 type=Reference(ACP-HealthProfessional-PractitionerRole|ACP-HealthProfessional-Practitioner)",
    ),
    (
        "ACP-InformRelativesRequest",
        "CommunicationRequest",
        "CommunicationRequest.recipient",
        "type=Reference(ACP-ContactPerson)",
    ),
    (
        "ACP-InformRelativesRequest",
        "CommunicationRequest",
        "CommunicationRequest.sender",
        "min=1 type=Reference(ACP-Patient)",
    ),
    (
        "ACP-InformRelativesRequest",
        "CommunicationRequest",
        "CommunicationRequest.reasonCode",
        r#"min=1 patternCodeableConcept={"coding":[{"system":"http://snomed.info/sct","code":"713603004"}]}"#,
    ),
    (
        "ACP-MedicalPolicyGoal",
        "Goal",
        "Goal.category",
        r#"min=1 patternCodeableConcept={"coding":[{"system":"http://snomed.info/sct","code":"713603004"}]}"#,
    ),
    (
        "ACP-OrganDonationChoiceRegistration",
        "Observation",
        "Observation.method",
        r#"min=1 patternCodeableConcept={"coding":[{"system":"http://snomed.info/sct","code":"1156040003"}]}"#,
    ),
    (
        "ACP-SpecificCareWishes",
        "Observation",
        "Observation.method",
        r#"min=1 patternCodeableConcept={"coding":[{"system":"http://snomed.info/sct","code":"370819000"}]}"#,
    ),
];

/// Key, severity, expression.
pub const INVARIANTS: &[(&str, &str, &str)] = &[
    (
        "ACP-Patient-1",
        "warning",
        "extension.where(url = 'https://api.iknl.nl/docs/pzp/r4/StructureDefinition/ext-LegallyCapable-MedicalTreatmentDecisions')\
         .extension.where(url = 'legallyCapable').value = false implies (contact.relationship.coding.code contains '24' or \
         contact.extension.where(url = 'http://hl7.org/fhir/StructureDefinition/patient-relatedPerson').exists())",
    ),
    // A role of the zib's list, or the added one.
    (
        "ACP-ContactPerson-1",
        "error",
        "relationship.coding.where(system = 'urn:oid:2.16.840.1.113883.2.4.3.11.22.472' or \
         system = 'urn:oid:2.16.840.1.113883.2.4.3.11.60.40.4.23.1' or \
         (system = 'http://snomed.info/sct' and code = '310141000146103')).exists()",
    ),
    ("cr-date-required", "error", "authoredOn.exists() or encounter.exists()"),
];
