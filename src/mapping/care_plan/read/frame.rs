//! Elements that a plan does not carry and that say nothing besides what it does: they are told in the trace, and nobody
//! is warned of them.

use serde_json::Value;

use crate::fhir::systems::OVERDRACHT;
use crate::mapping::care_plan::consent::{DEACTIVATION_CODE, SPECIFICATION_OTHER};
use crate::mapping::care_plan::has_profile;
use crate::mapping::common::element::is_stated;

const HOLDS: &str = "what is taken in holds";
const KIND: &str = "the kind of statement says it";
const PLAN: &str = "the plan says it once, of the patient or the conversation";
const AGAIN: &str = "another element says it too";

/// Elements of a resource as a whole, of every type, and why they say nothing.
const OF_ANY: &[(&str, &str)] = &[
    ("meta", "it says of the resource what it is"),
    ("text", "the narrative says again what the elements say"),
    ("language", "the narrative's language"),
    ("contained", "each is a resource of its own"),
    ("subject", PLAN),
    ("patient", PLAN),
    ("encounter", PLAN),
    ("context", PLAN),
    ("performer", PLAN),
    ("status", HOLDS),
    ("active", HOLDS),
    ("lifecycleStatus", HOLDS),
    ("clinicalStatus", HOLDS),
    ("verificationStatus", HOLDS),
    ("intent", KIND),
    ("scope", KIND),
    ("category", KIND),
    ("method", KIND),
    ("policy", KIND),
    ("policyRule", KIND),
];

/// The same for one type.
const OF_TYPE: &[(&str, &[&str], &str)] = &[
    ("Procedure", &["code", "performedPeriod", "performedDateTime"], PLAN),
    ("CommunicationRequest", &["authoredOn", "requester", "sender", "recipient", "reasonCode"], PLAN),
    ("PractitionerRole", &["practitioner", "organization"], "it leads to what says nothing"),
];

/// Types whose own name for a statement is not kept: the document has one name.
const NAMED_BY_DOCUMENT: &[&str] = &[
    "Procedure",
    "Condition",
    "Consent",
    "Goal",
    "Observation",
    "CommunicationRequest",
    "DeviceUseStatement",
    "Encounter",
    "CareTeam",
    "RelatedPerson",
    "PractitionerRole",
];

/// Why the element at a pointer into a resource says nothing of its own; none where it may say something.
/// `has_persons` where the contact persons are resources of their own.
pub fn frame(resource: &Value, pointer: &str, has_persons: bool) -> Option<&'static str> {
    let (above, name) = pointer.rsplit_once('/')?;
    let kind = resource["resourceType"].as_str()?;
    let value = resource.pointer(pointer)?;
    let beside = resource.pointer(above)?;
    if above.is_empty() {
        let any = OF_ANY.iter().find(|(known, _)| *known == name).map(|(_, reason)| *reason);
        let own =
            || OF_TYPE.iter().find(|(of, names, _)| *of == kind && names.contains(&name)).map(|(.., reason)| *reason);
        let named = (name == "identifier" && NAMED_BY_DOCUMENT.contains(&kind)).then_some("the document has one name");
        let copy = match (kind, name) {
            ("Patient", "contact") => has_persons,
            ("Patient", "gender") => !beside["_gender"].is_null(),
            ("Device", "udiCarrier") => !beside["identifier"].is_null(),
            ("Location", "name") => !beside["managingOrganization"].is_null(),
            _ => false,
        };
        if let Some(reason) = any.or_else(own).or(named).or(copy.then_some(AGAIN)) {
            return Some(reason);
        }
    }
    let is_list = matches!(kind, "Composition" | "Provenance" | "QuestionnaireResponse");
    let is_ours =
        ["Overdracht-SharingConsent", "Overdracht-CarePlanAnswer"].iter().any(|ours| has_profile(resource, ours));
    if is_list || is_ours || is_derived(beside, name, value) {
        return Some("it was derived from the plan");
    }
    of_coding(beside, name, value, above)
        .or_else(|| of_person(beside, name, above))
        .or_else(|| of_directive(resource, pointer, name, value))
        .or_else(|| of_extension(value))
        .or_else(|| of_reference(kind, name, value))
}

/// What the mapping filled in says so.
fn is_derived(beside: &Value, name: &str, value: &Value) -> bool {
    let all_of = |items: &Vec<Value>| !items.is_empty() && items.iter().all(|item| !is_stated(item));
    !is_stated(&beside[format!("_{name}").as_str()]) || !is_stated(value) || value.as_array().is_some_and(all_of)
}

/// Codes say what their system and words say; of several codes of one concept one is taken in.
fn of_coding(beside: &Value, name: &str, value: &Value, above: &str) -> Option<&'static str> {
    match name {
        "display" | "system" | "version" | "userSelected" if beside["code"].is_string() => Some("the code says it"),
        "display" | "type" if beside["reference"].is_string() => Some("what is referred to says it"),
        _ => (above.ends_with("/coding") && value["code"].is_string() && beside.as_array()?.len() > 1)
            .then_some("another code of the same concept says it"),
    }
}

/// Names, addresses and numbers say as a whole what their parts say.
fn of_person(beside: &Value, name: &str, above: &str) -> Option<&'static str> {
    let step = above.split('/').nth(1)?;
    let has_parts = |name: &str| !beside[format!("_{name}").as_str()].is_null();
    let again = match (step, name) {
        ("name", "use" | "text") | ("address", "use" | "type" | "text") | ("telecom", "system" | "use") => true,
        ("name", "_family") => !beside["family"].is_null(),
        ("name", "family") | ("address", "line" | "country") => has_parts(name),
        ("identifier", "type" | "use") => true,
        // A hospital's numbers are told apart by whose they are.
        ("identifier", "system") => !beside["assigner"].is_null(),
        _ => false,
    };
    again.then_some(AGAIN)
}

/// A decision stands in several elements of a treatment directive, the words of some decisions among them.
fn of_directive(resource: &Value, pointer: &str, name: &str, value: &Value) -> Option<&'static str> {
    if resource["resourceType"] != "Consent" {
        return None;
    }
    let is_words = |one: &Value| one["url"] == SPECIFICATION_OTHER;
    let words = name == "modifierExtension" && value.as_array().is_some_and(|all| all.iter().all(is_words));
    let role = name == "role" && pointer.starts_with("/provision/actor/");
    let code = &resource["provision"]["code"][0];
    let deactivation = code["text"].as_str().is_some_and(|text| text.contains(DEACTIVATION_CODE));
    let coding = deactivation && pointer == "/provision/code/0/coding";
    (pointer == "/provision/type" || words || role || coding).then_some(AGAIN)
}

/// What we mark ourselves, that a value is not known, and how a part of a name is used.
fn of_extension(value: &Value) -> Option<&'static str> {
    const MARKS: &[&str] = &[
        "http://hl7.org/fhir/StructureDefinition/data-absent-reason",
        "http://hl7.org/fhir/StructureDefinition/iso21090-EN-qualifier",
        "http://nictiz.nl/fhir/StructureDefinition/ext-CodeSpecification",
    ];
    let is_mark =
        |one: &Value| one["url"].as_str().is_some_and(|url| url.starts_with(OVERDRACHT) || MARKS.contains(&url));
    let is_marks = |all: &Value| all.as_array().is_some_and(|all| !all.is_empty() && all.iter().all(is_mark));
    let only_marks = value.as_object().is_some_and(|one| one.len() == 1 && is_marks(&value["extension"]));
    (is_mark(value) || is_marks(value) || only_marks).then_some("a mark of another element")
}

/// The reason of a conversation is always the procedure.
fn of_reference(kind: &str, name: &str, value: &Value) -> Option<&'static str> {
    let is_procedure = |one: &Value| one.as_str().is_some_and(|name| name.starts_with("Procedure/"));
    let reasons = |all: &Value| all.as_array().is_some_and(|all| all.iter().all(|one| is_procedure(&one["reference"])));
    let reason = kind == "Encounter" && (is_procedure(value) || (name == "reasonReference" && reasons(value)));
    reason.then_some("it is always advance care planning")
}
