//! The search parameters of STU3 (3.0.2), as [`super::table`] writes those of R4.
//!
//! They differ from the specification where the guide of care planning asks it: `Goal.description`, and
//! `Consent.actor`, which also leads to the parties of an agreement, whom zib2017 has elsewhere.

use super::table::{LOCATION, PERSON, Row};

/// For every type.
pub const RESOURCE: &str = "_id t id; _lastUpdated d meta.lastUpdated; _profile u meta.profile; _tag t meta.tag; \
    _security t meta.security";

pub const TYPES: &[Row] = &[
    (
        "CareTeam",
        true,
        "",
        "category t category; context r context; date d period; encounter r context >Encounter; \
        identifier t identifier; participant r participant.member; patient r subject >Patient; status t status; \
        subject r subject",
    ),
    (
        "ClinicalImpression",
        true,
        "",
        "assessor r assessor >Practitioner; context r context; date d date; finding-code t finding.itemCodeableConcept; \
        finding-ref r finding.itemReference; identifier t identifier; investigation r investigation.item; \
        patient r subject >Patient; previous r previous >ClinicalImpression; problem r problem; status t status; \
        subject r subject",
    ),
    (
        "CommunicationRequest",
        true,
        "",
        "authored d authoredOn; based-on r basedOn; category t category; context r context; \
        encounter r context >Encounter; group-identifier t groupIdentifier; identifier t identifier; medium t medium; \
        occurrence d occurrenceDateTime; patient r subject >Patient; priority t priority; recipient r recipient; \
        replaces r replaces >CommunicationRequest; requester r requester.agent; sender r sender; status t status; \
        subject r subject",
    ),
    (
        "Composition",
        true,
        "",
        "attester r attester.party; author r author; class t class; confidentiality t confidentiality; \
        context t event.code; date d date; encounter r encounter >Encounter; entry r section.entry; \
        identifier t identifier; patient r subject >Patient; period d event.period; \
        related-id t relatesTo.targetIdentifier; related-ref r relatesTo.targetReference >Composition; \
        section t section.code; status t status; subject r subject; title s title; type t type",
    ),
    (
        "Condition",
        true,
        "",
        "abatement-date d abatementDateTime|abatementPeriod; abatement-string s abatementString; \
        asserted-date d assertedDate; asserter r asserter; body-site t bodySite; category t category; \
        clinical-status t clinicalStatus; code t code; context r context; encounter r context >Encounter; \
        evidence t evidence.code; evidence-detail r evidence.detail; identifier t identifier; \
        onset-date d onsetDateTime|onsetPeriod; onset-info s onsetString; patient r subject >Patient; \
        severity t severity; stage t stage.summary; subject r subject; verification-status t verificationStatus",
    ),
    (
        "Consent",
        true,
        "",
        "action t action|except.action; actor r actor.reference|except.actor.reference|consentingParty|\
        consentingParty.extension.valueReference|extension.extension.valueCodeableConcept.extension.valueReference|\
        patient; category t category; consentor r consentingParty; data r data.reference|except.data.reference; \
        date d dateTime; identifier t identifier; organization r organization >Organization; \
        patient r patient >Patient; period d period; purpose t purpose|except.purpose; \
        securitylabel t securityLabel|except.securityLabel; source r sourceReference; status t status",
    ),
    (
        "Device",
        true,
        "",
        "device-name s udi.name|type.coding.display|type.text; identifier t identifier; manufacturer s manufacturer; \
        model s model; organization r owner >Organization; patient r patient >Patient; status t status; type t type; \
        udi-carrier s udi.carrierHRF; udi-di s udi.deviceIdentifier; url u url",
    ),
    (
        "DeviceUseStatement",
        true,
        "",
        "device r device >Device; identifier t identifier; patient r subject >Patient; subject r subject",
    ),
    (
        "Encounter",
        true,
        "",
        "class t class; date d period; diagnosis r diagnosis.condition; episodeofcare r episodeOfCare >EpisodeOfCare; \
        identifier t identifier; location-period d location.period; part-of r partOf >Encounter; \
        participant r participant.individual; participant-type t participant.type; patient r subject >Patient; \
        practitioner r participant.individual >Practitioner; reason t reason; \
        service-provider r serviceProvider >Organization; status t status; subject r subject; type t type",
    ),
    (
        "EpisodeOfCare",
        true,
        "",
        "care-manager r careManager >Practitioner; condition r diagnosis.condition >Condition; date d period; \
        identifier t identifier; organization r managingOrganization >Organization; patient r patient >Patient; \
        status t status; type t type",
    ),
    (
        "Goal",
        true,
        "",
        "category t category; description t description; identifier t identifier; patient r subject >Patient; \
        start-date d startDate; status t status; subject r subject; target-date d target.dueDate",
    ),
    ("Location", false, "", LOCATION),
    (
        "Observation",
        true,
        "",
        "category t category; code t code; combo-code t code|component.code; \
        combo-value-concept t valueCodeableConcept|component.valueCodeableConcept; component-code t component.code; \
        component-value-concept t component.valueCodeableConcept; context r context; \
        data-absent-reason t dataAbsentReason; date d effectiveDateTime|effectivePeriod; device r device; \
        encounter r context >Encounter; identifier t identifier; method t method; patient r subject >Patient; \
        performer r performer; related-target r related.target; related-type t related.type; status t status; \
        subject r subject; value-concept t valueCodeableConcept; value-date d valueDateTime|valuePeriod; \
        value-quantity q valueQuantity; value-string s valueString",
    ),
    (
        "Organization",
        false,
        "",
        "active t active; address s address; address-city s address.city; address-country s address.country; \
        address-postalcode s address.postalCode; address-use t address.use; identifier t identifier; name s name|alias; \
        partof r partOf >Organization; phonetic s name; type t type",
    ),
    (
        "Patient",
        true,
        PERSON,
        "birthdate d birthDate; death-date d deceasedDateTime; family s name.family; \
        general-practitioner r generalPractitioner; given s name.given; language t communication.language; \
        link r link.other; organization r managingOrganization >Organization",
    ),
    ("Practitioner", false, PERSON, "communication t communication; family s name.family; given s name.given"),
    (
        "PractitionerRole",
        false,
        "",
        "active t active; date d period; email t telecom(system=email); identifier t identifier; \
        organization r organization >Organization; phone t telecom(system=phone); practitioner r practitioner >Practitioner; \
        role t code; specialty t specialty; telecom t telecom",
    ),
    (
        "Procedure",
        true,
        "",
        "category t category; code t code; context r context; date d performedDateTime|performedPeriod; \
        encounter r context >Encounter; identifier t identifier; part-of r partOf; patient r subject >Patient; \
        performer r performer.actor; status t status; subject r subject",
    ),
    (
        "Provenance",
        true,
        "",
        "agent r agent.whoReference; agent-role t agent.role; agent-type t agent.relatedAgentType; end d period.end; \
        entity-ref r entity.whatReference; patient r target >Patient; recorded d recorded; start d period.start; \
        target r target",
    ),
    (
        "QuestionnaireResponse",
        true,
        "",
        "author r author; authored d authored; based-on r basedOn; context r context; identifier t identifier; \
        parent r parent; patient r subject >Patient; questionnaire c questionnaire.reference; source r source; \
        status t status; subject r subject",
    ),
    ("RelatedPerson", true, PERSON, "birthdate d birthDate; patient r patient >Patient"),
];
