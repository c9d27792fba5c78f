//! Resources of another version of FHIR, told before anything else, so that they get one answer and not a hundred.
//!
//! A resource does not say its version. What tells it: a definition's own `fhirVersion`, a version in the canonicals that
//! it claims, and elements that only another version has. Source: the lists of changes since the last version,
//! <http://hl7.org/fhir/R4/diff.html> and <http://hl7.org/fhir/R5/diff.html>.

use serde_json::{Map, Value};

use crate::validator::schema::{CORE, Schema};

const STU3: &str = "3.0 (STU3)";
const R5: &str = "5.0 (R5)";

/// Elements that R4 does not have, by type, with the version that has them.
const ELSEWHERE: &[(&str, &[&str], &str)] = &[
    ("AllergyIntolerance", &["assertedDate"], STU3),
    ("CarePlan", &["context", "definition"], STU3),
    ("Communication", &["context", "definition", "notDone", "notDoneReason"], STU3),
    ("CommunicationRequest", &["context", "topic"], STU3),
    ("Composition", &["class"], STU3),
    ("Condition", &["assertedDate", "context"], STU3),
    ("Consent", &["actor", "consentingParty", "except", "securityLabel"], STU3),
    ("Device", &["udi"], STU3),
    ("DiagnosticReport", &["codedDiagnosis", "context", "image"], STU3),
    ("DocumentReference", &["class", "created", "indexed"], STU3),
    ("Goal", &["status"], STU3),
    ("Immunization", &["explanation", "notGiven", "vaccinationProtocol"], STU3),
    ("MedicationAdministration", &["notGiven", "prescription", "reasonNotGiven"], STU3),
    ("MedicationDispense", &["notDone", "notDoneReasonCodeableConcept", "notDoneReasonReference"], STU3),
    ("MedicationRequest", &["context", "definition"], STU3),
    ("MedicationStatement", &["reasonNotTaken", "taken"], STU3),
    ("Observation", &["comment", "context", "related"], STU3),
    ("Procedure", &["context", "definition", "notDone", "notDoneReason"], STU3),
    ("QuestionnaireResponse", &["context", "parent"], STU3),
    ("Consent", &["controller", "decision", "grantee", "grantor", "manager", "regulatoryBasis"], R5),
    ("Encounter", &["actualPeriod", "admission", "plannedStartDate", "virtualService"], R5),
    ("MedicationRequest", &["device", "effectiveDosePeriod", "informationSource", "medication"], R5),
    ("Procedure", &["occurrenceDateTime", "occurrencePeriod", "reportedBoolean", "reportedReference"], R5),
];

/// Parts of a canonical that name a version.
const NAMED: &[(&str, &str)] = &[
    ("dstu2", "1.0 (DSTU2)"),
    ("1.0", "1.0 (DSTU2)"),
    ("stu3", STU3),
    ("3.0", STU3),
    ("r4b", "4.3 (R4B)"),
    ("4.3", "4.3 (R4B)"),
    ("r5", R5),
    ("5.0", R5),
];

/// Another version of FHIR, and the element that tells it, if one does.
pub struct Other {
    pub version: &'static str,
    pub element: Option<&'static str>,
}

/// The version of FHIR that has this element in resources of this type, which R4 does not have.
pub fn of_element(type_name: &str, name: &str) -> Option<&'static str> {
    ELSEWHERE.iter().find(|(of, names, _)| *of == type_name && names.contains(&name)).map(|(_, _, version)| *version)
}

/// The version of FHIR that a resource is of, where that is another one than R4.
pub fn other(schema: &Schema, type_name: &str, resource: &Map<String, Value>) -> Option<Other> {
    let whole = |version| Other { version, element: None };
    if let Some(stated) = resource.get("fhirVersion") {
        // An ImplementationGuide may be for several.
        let all = stated.as_array().map_or(std::slice::from_ref(stated), Vec::as_slice);
        let mut versions = all.iter().filter_map(Value::as_str).peekable();
        let first = versions.peek().and_then(|v| numbered(v));
        return first.filter(|_| versions.all(|v| numbered(v).is_some())).map(whole);
    }
    let profiles = resource.get("meta").and_then(|m| m.get("profile")).and_then(Value::as_array);
    let profiles = || profiles.into_iter().flatten().filter_map(Value::as_str);
    let claims = profiles().chain(resource.get("url").and_then(Value::as_str));
    if let Some(version) = claims.filter(|c| !schema.definitions.contains(c)).find_map(named) {
        return Some(whole(version));
    }
    let of_type = ELSEWHERE.iter().filter(|(of, ..)| *of == type_name);
    let all = of_type.flat_map(|(_, names, version)| names.iter().map(|name| (*name, *version)));
    let mut found = all.filter(|(name, _)| resource.contains_key(*name));
    // What claims a profile of R4 is of R4, and one leftover is a mistake in it. HL7's own go by one name in all versions.
    let is_r4 = || profiles().any(|claim| !claim.starts_with(CORE) && schema.structure(claim).is_some());
    match (found.next(), found.next()) {
        (Some(_), None) if is_r4() => None,
        (Some((element, version)), _) => Some(Other { version, element: Some(element) }),
        (None, _) => shaped(type_name, resource).then(|| whole(STU3)),
    }
}

/// HL7's own definitions go by their version too.
const OWN: &str = "http://hl7.org/fhir/";

/// The canonical of a definition of R4 that is named with the version.
///
/// Source: <http://hl7.org/fhir/versions.html#versions>.
pub fn plain(canonical: &str) -> Option<String> {
    let rest = canonical.strip_prefix(OWN)?.strip_prefix("4.0/")?;
    Some(format!("{OWN}{rest}"))
}

/// Whether a resource that is of another version may be of R4 as well: a definition that is for that version, or what
/// claims HL7's own definition of it beside.
pub fn may_be_r4(resource: &Map<String, Value>) -> bool {
    let profiles = resource.get("meta").and_then(|m| m.get("profile")).and_then(Value::as_array);
    let mut claims = profiles.into_iter().flatten().filter_map(Value::as_str);
    let is_own = |claim: &str| {
        let rest = claim.strip_prefix(OWN).and_then(|rest| rest.split_once('/'));
        rest.is_some_and(|(version, rest)| numbered(version).is_some() && rest.starts_with("StructureDefinition/"))
    };
    resource.contains_key("fhirVersion") || claims.any(is_own)
}

fn numbered(version: &str) -> Option<&'static str> {
    NAMED.iter().find(|(part, _)| part.contains('.') && version.starts_with(part)).map(|(_, name)| *name)
}

fn named(canonical: &str) -> Option<&'static str> {
    let path = canonical.split('|').next().unwrap_or(canonical);
    // A number may be of anything else, but in HL7's own space it is FHIR's.
    let is_version = |name: &str| path.starts_with(OWN) || !name.contains('.');
    let of = |part: &str| NAMED.iter().find(|(name, _)| part.eq_ignore_ascii_case(name) && is_version(name));
    path.split('/').find_map(of).map(|(_, version)| *version)
}

/// Elements that STU3 has in another form than R4.
fn shaped(type_name: &str, resource: &Map<String, Value>) -> bool {
    match type_name {
        "QuestionnaireResponse" => resource.get("questionnaire").is_some_and(Value::is_object),
        "Questionnaire" => has_options(resource.get("item")),
        _ => false,
    }
}

fn has_options(items: Option<&Value>) -> bool {
    items
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .any(|item| item.get("option").is_some() || item.get("options").is_some() || has_options(item.get("item")))
}
