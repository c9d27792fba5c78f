//! The search parameters, by resource type: `name kind path`, where the kind is `t`oken, `r`eference, `d`ate, `s`tring,
//! `u`ri, `c`anonical or `q`uantity. Paths are those of the JSON form, `|` separates alternatives, `(system=email)` filters, and `>`
//! names the types that a reference may have. Source: R4 SearchParameter definitions (hl7.fhir.r4.core#4.0.1).

/// For every type.
pub const RESOURCE: &str = "_id t id; _lastUpdated d meta.lastUpdated; _profile u meta.profile; _source u meta.source; \
    _tag t meta.tag; _security t meta.security";

pub const PERSON: &str = "active t active; address s address; address-city s address.city; address-country s address.country; \
    address-postalcode s address.postalCode; address-use t address.use; gender t gender; identifier t identifier; \
    name s name; phonetic s name; telecom t telecom; email t telecom(system=email); phone t telecom(system=phone)";

/// Type, whether instances lie in a patient's compartment, rows shared with other types, rows of its own.
pub type Row = (&'static str, bool, &'static str, &'static str);

/// The same in R4 and STU3.
pub const LOCATION: &str = "address s address; address-city s address.city; address-country s address.country; \
    address-postalcode s address.postalCode; identifier t identifier; name s name|alias; \
    operational-status t operationalStatus; organization r managingOrganization >Organization; \
    partof r partOf >Location; status t status; type t type";

pub const TYPES: &[Row] = &[
    (
        "AuditEvent",
        true,
        "",
        "action t action; address s agent.network.address; agent r agent.who; \
        agent-name s agent.name; agent-role t agent.role; altid t agent.altId; date d recorded; entity r entity.what; \
        entity-name s entity.name; entity-role t entity.role; entity-type t entity.type; outcome t outcome; \
        patient r agent.who|entity.what >Patient; policy u agent.policy; site t source.site; source r source.observer; \
        subtype t subtype; type t type",
    ),
    (
        "CarePlan",
        true,
        "",
        "activity-reference r activity.reference; based-on r basedOn >CarePlan; category t category; \
        condition r addresses >Condition; date d period; encounter r encounter >Encounter; goal r goal >Goal; \
        identifier t identifier; intent t intent; part-of r partOf >CarePlan; patient r subject >Patient; \
        performer r activity.detail.performer; replaces r replaces >CarePlan; status t status; subject r subject",
    ),
    (
        "CareTeam",
        true,
        "",
        "category t category; date d period; encounter r encounter >Encounter; identifier t identifier; \
        participant r participant.member; patient r subject >Patient; status t status; subject r subject",
    ),
    (
        "ClinicalImpression",
        true,
        "",
        "assessor r assessor >Practitioner,PractitionerRole; date d date; encounter r encounter >Encounter; \
        finding-code t finding.itemCodeableConcept; finding-ref r finding.itemReference; identifier t identifier; \
        investigation r investigation.item; patient r subject >Patient; previous r previous >ClinicalImpression; \
        problem r problem; status t status; subject r subject; supporting-info r supportingInfo",
    ),
    (
        "CommunicationRequest",
        true,
        "",
        "authored d authoredOn; based-on r basedOn; category t category; \
        encounter r encounter >Encounter; group-identifier t groupIdentifier; identifier t identifier; medium t medium; \
        occurrence d occurrenceDateTime; patient r subject >Patient; priority t priority; recipient r recipient; \
        replaces r replaces >CommunicationRequest; requester r requester; sender r sender; status t status; \
        subject r subject",
    ),
    (
        "Composition",
        true,
        "",
        "attester r attester.party; author r author; category t category; \
        confidentiality t confidentiality; context t event.code; date d date; encounter r encounter >Encounter; \
        entry r section.entry; identifier t identifier; patient r subject >Patient; period d event.period; \
        related-id t relatesTo.targetIdentifier; related-ref r relatesTo.targetReference >Composition; \
        section t section.code; status t status; subject r subject; title s title; type t type",
    ),
    (
        "Condition",
        true,
        "",
        "abatement-date d abatementDateTime|abatementPeriod; abatement-string s abatementString; \
        asserter r asserter; body-site t bodySite; category t category; clinical-status t clinicalStatus; code t code; \
        encounter r encounter >Encounter; evidence t evidence.code; evidence-detail r evidence.detail; \
        identifier t identifier; onset-date d onsetDateTime|onsetPeriod; onset-info s onsetString; \
        patient r subject >Patient; recorded-date d recordedDate; severity t severity; stage t stage.summary; \
        subject r subject; verification-status t verificationStatus",
    ),
    (
        "Consent",
        true,
        "",
        "action t provision.action; actor r provision.actor.reference; category t category; \
        consentor r performer; data r provision.data.reference; date d dateTime; identifier t identifier; \
        organization r organization >Organization; patient r patient >Patient; period d provision.period; \
        purpose t provision.purpose; scope t scope; security-label t provision.securityLabel; \
        source-reference r sourceReference; status t status",
    ),
    (
        "Device",
        true,
        "",
        "device-name s deviceName.name|type.coding.display|type.text; identifier t identifier; \
        location r location >Location; \
        manufacturer s manufacturer; model s modelNumber; organization r owner >Organization; \
        patient r patient >Patient; status t status; type t type; udi-carrier s udiCarrier.carrierHRF; \
        udi-di s udiCarrier.deviceIdentifier; url u url",
    ),
    (
        "DeviceUseStatement",
        true,
        "",
        "device r device >Device; identifier t identifier; patient r subject >Patient; \
        subject r subject",
    ),
    (
        "DocumentReference",
        true,
        "",
        "author r author; category t category; contenttype t content.attachment.contentType; \
        custodian r custodian >Organization; date d date; description s description; \
        encounter r context.encounter >Encounter; format t content.format; identifier t masterIdentifier|identifier; \
        location u content.attachment.url; patient r subject >Patient; period d context.period; \
        related r context.related; relatesto r relatesTo.target >DocumentReference; status t status; subject r subject; \
        type t type",
    ),
    (
        "Encounter",
        true,
        "",
        "class t class; date d period; diagnosis r diagnosis.condition; \
        episode-of-care r episodeOfCare >EpisodeOfCare; identifier t identifier; location-period d location.period; \
        part-of r partOf >Encounter; participant r participant.individual; participant-type t participant.type; \
        patient r subject >Patient; practitioner r participant.individual >Practitioner; reason-code t reasonCode; \
        reason-reference r reasonReference >Condition,Observation,Procedure; \
        service-provider r serviceProvider >Organization; status t status; subject r subject; type t type",
    ),
    (
        "EpisodeOfCare",
        true,
        "",
        "care-manager r careManager >Practitioner; condition r diagnosis.condition >Condition; \
        date d period; identifier t identifier; organization r managingOrganization >Organization; \
        patient r patient >Patient; status t status; type t type",
    ),
    (
        "Goal",
        true,
        "",
        "achievement-status t achievementStatus; category t category; description t description; \
        identifier t identifier; lifecycle-status t lifecycleStatus; patient r subject >Patient; start-date d startDate; subject r subject; \
        target-date d target.dueDate",
    ),
    ("Location", false, "", LOCATION),
    (
        "Observation",
        true,
        "",
        "category t category; code t code; combo-code t code|component.code; \
        combo-value-concept t valueCodeableConcept|component.valueCodeableConcept; component-code t component.code; \
        component-value-concept t component.valueCodeableConcept; data-absent-reason t dataAbsentReason; \
        date d effectiveDateTime|effectivePeriod|effectiveInstant; derived-from r derivedFrom; device r device; \
        encounter r encounter >Encounter; focus r focus; has-member r hasMember; identifier t identifier; \
        method t method; part-of r partOf; patient r subject >Patient; performer r performer; status t status; \
        subject r subject; value-concept t valueCodeableConcept; value-date d valueDateTime|valuePeriod; \
        value-quantity q valueQuantity; value-string s valueString|valueCodeableConcept.text",
    ),
    (
        "Organization",
        false,
        "",
        "active t active; address s address; address-city s address.city; \
        address-country s address.country; address-postalcode s address.postalCode; address-use t address.use; \
        identifier t identifier; name s name|alias; partof r partOf >Organization; phonetic s name; type t type",
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
        "active t active; date d period; email t telecom(system=email); \
        identifier t identifier; organization r organization >Organization; phone t telecom(system=phone); \
        practitioner r practitioner >Practitioner; role t code; specialty t specialty; telecom t telecom",
    ),
    (
        "Procedure",
        true,
        "",
        "category t category; code t code; date d performedDateTime|performedPeriod; \
        encounter r encounter >Encounter; identifier t identifier; part-of r partOf; patient r subject >Patient; \
        performer r performer.actor; reason-code t reasonCode; reason-reference r reasonReference; status t status; \
        subject r subject",
    ),
    (
        "Provenance",
        true,
        "",
        "agent r agent.who; agent-role t agent.role; agent-type t agent.type; \
        entity r entity.what; patient r target >Patient; recorded d recorded; target r target; when d occurredDateTime",
    ),
    (
        "QuestionnaireResponse",
        true,
        "",
        "author r author; authored d authored; based-on r basedOn; \
        encounter r encounter >Encounter; identifier t identifier; part-of r partOf; patient r subject >Patient; \
        questionnaire c questionnaire; source r source; status t status; subject r subject",
    ),
    ("RelatedPerson", true, PERSON, "birthdate d birthDate; patient r patient >Patient; relationship t relationship"),
];

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::*;
    use crate::fhir::definitions::Definitions;

    /// Where the table differs from R4's own definitions, and why.
    const DIFFERENT: &[(&str, &str)] = &[
        ("Goal.description", "of R5: the care planning guide asks for it"),
        ("QuestionnaireResponse.questionnaire", "a canonical is compared as a URI, not resolved to a resource"),
    ];

    /// The alternatives of an expression for one type, written as paths of the JSON form.
    fn paths(expression: &str, resource_type: &str) -> BTreeSet<String> {
        let path = |alternative: &str| {
            let mut text = alternative.trim().replace(['\''], "");
            for (choice, before, after) in [(" as ", "(", ")"), (".as(", "", ")")] {
                if let Some((element, cast)) = text.split_once(choice)
                    && let Some((cast, rest)) = cast.split_once(after)
                {
                    let element = element.strip_prefix(before).unwrap_or(element);
                    text = format!("{element}{}{}{rest}", cast[..1].to_uppercase(), &cast[1..]);
                }
            }
            let text = text.split(".where(resolve()").next().unwrap_or_default().replace(".where(", "(");
            text.strip_prefix(resource_type)?.strip_prefix('.').map(str::to_owned)
        };
        expression.split('|').filter_map(path).collect()
    }

    #[test]
    fn the_table_says_what_the_definitions_of_r4_say() {
        let definitions = Definitions::builder().open().expect("`make definitions` was run");
        let mut published: BTreeMap<(String, String), (String, BTreeSet<String>)> = BTreeMap::new();
        for parameter in definitions.search_parameters(None) {
            let text = |name: &str| parameter[name].as_str().unwrap_or_default();
            for base in parameter["base"].as_array().into_iter().flatten().filter_map(|base| base.as_str()) {
                let known = published.entry((base.to_owned(), text("code").to_owned())).or_default();
                known.0 = text("type").to_owned();
                known.1.extend(paths(text("expression"), base));
            }
        }
        let mut found = BTreeSet::new();
        for &(name, _, shared, own) in TYPES {
            for row in [shared, own].iter().flat_map(|rows| rows.split(';')).filter(|row| !row.trim().is_empty()) {
                let words: Vec<&str> = row.split_whitespace().collect();
                let Some((kind, theirs)) = published.get(&(name.to_owned(), words[0].to_owned())) else {
                    found.insert(format!("{name}.{}", words[0]));
                    continue;
                };
                let ours = words[2].split('|').all(|path| {
                    // R4 names the element of a choice once for all its types.
                    theirs.contains(path) || theirs.iter().any(|element| is_choice(path, element))
                });
                if !(ours && kind.starts_with(words[1])) {
                    found.insert(format!("{name}.{}", words[0]));
                }
            }
        }
        assert_eq!(found, DIFFERENT.iter().map(|(name, _)| (*name).to_owned()).collect());
    }

    fn is_choice(path: &str, element: &str) -> bool {
        path.strip_prefix(element).is_some_and(|cast| cast.starts_with(|first: char| first.is_ascii_uppercase()))
    }
}
