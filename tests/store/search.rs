//! Searches over a store: the queries of the PZP guide, and the general rules of FHIR search.

use overdracht::fhir::IssueCode;
use overdracht::search::{Handling, ValueSets, parse};
use overdracht::store::{Commit, Expect, Put, Store, search};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::for_every_store;
use crate::support::*;

for_every_store! {
    the_queries_of_the_care_planning_guide_find_what_they_ask_for,
    a_patient_is_found_by_identifier,
    tokens_dates_strings_and_references_choose,
    includes_follow_references_both_ways,
    results_are_sorted_and_nothing_found_is_empty,
}

const SCT: &str = "http://snomed.info/sct";

fn concept(system: &str, code: &str) -> Value {
    json!({ "coding": [{ "system": system, "code": code }] })
}

fn to(reference: &str) -> Value {
    json!({ "reference": reference })
}

/// One patient's care plan as the guide has it, and a second patient who has the same.
fn plan_of(patient: &str) -> Vec<Value> {
    let subject = to(&format!("Patient/{patient}"));
    let id = |name: &str| format!("{name}-{patient}");
    let consent = |name: &str, scope: &str, category: Value| {
        json!({ "resourceType": "Consent", "id": id(name), "status": "active", "patient": subject,
            "scope": concept("http://terminology.hl7.org/CodeSystem/consentscope", scope), "category": [category],
            "provision": { "actor": [{ "reference": to(&format!("RelatedPerson/{}", id("rp"))) }, { "reference": to("Practitioner/pr") }] } })
    };
    let observation = |name: &str, code: &str, date: &str| {
        json!({ "resourceType": "Observation", "id": id(name), "status": "final", "subject": subject, "code": concept(SCT, code),
            "effectiveDateTime": date })
    };
    vec![
        json!({ "resourceType": "Patient", "id": patient, "name": [{ "family": "Müller", "given": ["Anna", "Eva"] }],
            "identifier": [{ "system": "http://fhir.nl/fhir/NamingSystem/bsn", "value": format!("bsn-{patient}") }],
            "telecom": [{ "system": "phone", "value": "1" }, { "system": "email", "value": "2" }], "birthDate": "1950-05-01" }),
        json!({ "resourceType": "RelatedPerson", "id": id("rp"), "patient": subject }),
        json!({ "resourceType": "Procedure", "id": id("talk"), "status": "completed", "subject": subject, "code": concept(SCT, "713603004"),
            "encounter": to(&format!("Encounter/{}", id("visit"))), "performedPeriod": { "start": "2024-05-01", "end": "2024-05-02" } }),
        json!({ "resourceType": "Encounter", "id": id("visit"), "subject": subject, "reasonReference": [to(&format!("Procedure/{}", id("talk")))] }),
        json!({ "resourceType": "Encounter", "id": id("other"), "subject": subject, "reasonReference": [to("Condition/none")] }),
        consent("directive", "treatment", concept(SCT, "129125009")),
        consent("advance", "adr", concept("http://terminology.hl7.org/CodeSystem/consentcategorycodes", "acd")),
        json!({ "resourceType": "Goal", "id": id("goal"), "subject": subject, "category": [concept(SCT, "713603004")], "startDate": "2024-04" }),
        observation("o1", "153851000146100", "2024-05-01"),
        observation("o2", "570801000146104", "2024-06-01T10:00:00+02:00"),
        observation("o3", "1", "2023"),
        json!({ "resourceType": "Device", "id": id("icd"), "type": concept(SCT, "72506001") }),
        json!({ "resourceType": "Device", "id": id("hearing-aid"), "type": concept(SCT, "2") }),
        json!({ "resourceType": "DeviceUseStatement", "id": id("use"), "subject": subject, "device": to(&format!("Device/{}", id("icd"))) }),
        json!({ "resourceType": "DeviceUseStatement", "id": id("use2"), "subject": subject, "device": to(&format!("Device/{}", id("hearing-aid"))) }),
        json!({ "resourceType": "CommunicationRequest", "id": id("inform"), "subject": subject, "category": [concept(SCT, "223449006")] }),
        json!({ "resourceType": "QuestionnaireResponse", "id": id("form"), "subject": subject,
            "questionnaire": "https://api.iknl.nl/docs/pzp/r4/Questionnaire/ACP-zib2020|1.0.0" }),
        json!({ "resourceType": "Provenance", "id": id("source"), "target": [to(&format!("Goal/{}", id("goal")))] }),
    ]
}

async fn filled<F: Fixture>(fixture: &F) -> F::Store {
    let store = fixture.open();
    for patient in ["p1", "p2"] {
        let as_put = |body: Value| Put {
            key: overdracht::fhir::ResourceKey::of(&body).unwrap(),
            patient: Some(patient.into()),
            body,
            expect: Expect::Absent,
        };
        let commit = Commit {
            claims: vec![(bsn(&format!("bsn-{patient}")), key(&format!("Patient/{patient}")))],
            ..puts(1, plan_of(patient).into_iter().map(as_put).collect())
        };
        store.commit(commit).await.unwrap();
    }
    let practitioner = json!({ "resourceType": "Practitioner", "id": "pr", "name": [{ "family": "Bos" }] });
    let put = Put { key: key("Practitioner/pr"), patient: None, body: practitioner, expect: Expect::Absent };
    store.commit(puts(1, vec![put])).await.unwrap();
    store
}

struct Icds;

impl ValueSets for Icds {
    fn codes(&self, url: &str) -> Option<Vec<(String, String)>> {
        url.ends_with("/ACP-MedicalDeviceProductType-ICD")
            .then(|| ["72506001", "465460004"].map(|code| (SCT.to_owned(), code.to_owned())).to_vec())
    }
}

fn pairs(text: &str) -> Vec<(String, String)> {
    url::form_urlencoded::parse(text.as_bytes()).into_owned().collect()
}

/// Ids of matches and of what is included, of a query written as in a URL.
async fn find(store: &impl Store, query: &str) -> (Vec<String>, Vec<String>) {
    let (resource_type, query) = query.split_once('?').unwrap();
    let query = parse(resource_type, &pairs(query), Handling::Strict, &Icds).unwrap();
    let results = search(store, &query).await.unwrap();
    let ids = |found: Vec<Value>| found.iter().map(|body| body["id"].as_str().unwrap().to_owned()).collect();
    (ids(results.matches), ids(results.included))
}

async fn the_queries_of_the_care_planning_guide_find_what_they_ask_for<F: Fixture>(fixture: F) {
    let store = filled(&fixture).await;
    let observations = "153851000146100,395091006,340171000146104,247751003,570801000146104";
    let rows: [(&str, String, &[&str], &[&str]); 10] = [
        ("1a", "Procedure?patient=p1&code=http://snomed.info/sct|713603004&_include=Procedure:encounter".into(), &["talk-p1"], &["visit-p1"]),
        ("1b", "Encounter?patient=p1&reason-reference:Procedure.code=http://snomed.info/sct|713603004&_include=Encounter:reason-reference".into(), &["visit-p1"], &["talk-p1"]),
        ("2", "Consent?patient=p1&scope=http://terminology.hl7.org/CodeSystem/consentscope|treatment&category=http://snomed.info/sct|129125009&_include=Consent:actor".into(), &["directive-p1"], &["rp-p1", "pr"]),
        ("3", "Consent?patient=p1&scope=http://terminology.hl7.org/CodeSystem/consentscope|adr&category=http://terminology.hl7.org/CodeSystem/consentcategorycodes|acd&_include=Consent:actor".into(), &["advance-p1"], &["rp-p1", "pr"]),
        ("4", "Goal?patient=p1&category=http://snomed.info/sct|713603004".into(), &["goal-p1"], &[]),
        ("5", format!("Observation?patient=Patient/p1&code=http://snomed.info/sct|{observations}"), &["o1-p1", "o2-p1"], &[]),
        ("6", "DeviceUseStatement?patient=p1&device.type:in=https://api.iknl.nl/docs/pzp/r4/ValueSet/ACP-MedicalDeviceProductType-ICD&_include=DeviceUseStatement:device".into(), &["use-p1"], &["icd-p1"]),
        ("6 with a list", "DeviceUseStatement?patient=p1&device.type=http://snomed.info/sct|72506001,465460004&_include=DeviceUseStatement:device".into(), &["use-p1"], &["icd-p1"]),
        ("7", "CommunicationRequest?patient=https://example.org/fhir/Patient/p1&category=http://snomed.info/sct|223449006".into(), &["inform-p1"], &[]),
        ("form", "QuestionnaireResponse?subject=Patient/p1&questionnaire=https://api.iknl.nl/docs/pzp/r4/Questionnaire/ACP-zib2020".into(), &["form-p1"], &[]),
    ];
    for (row, query, matches, included) in rows {
        let found = find(&store, &query).await;
        assert_eq!((strs(&found.0), strs(&found.1)), (matches.to_vec(), included.to_vec()), "row {row}");
    }
}

fn strs(strings: &[String]) -> Vec<&str> {
    strings.iter().map(String::as_str).collect()
}

async fn a_patient_is_found_by_identifier<F: Fixture>(fixture: F) {
    let store = filled(&fixture).await;
    let system = "http://fhir.nl/fhir/NamingSystem/bsn";
    assert_eq!(find(&store, &format!("Patient?identifier={system}|bsn-p2")).await.0, ["p2"]);
    assert!(find(&store, &format!("Patient?identifier={system}|bsn-p3")).await.0.is_empty());
    assert_eq!(find(&store, &format!("Goal?patient.identifier={system}|bsn-p2")).await.0, ["goal-p2"]);
    assert_eq!(find(&store, &format!("Goal?subject:Patient.identifier={system}|bsn-p2")).await.0, ["goal-p2"]);
    assert_eq!(find(&store, "Patient?_id=p1").await.0, ["p1"]);
    assert_eq!(find(&store, "Goal?_id=goal-p1,none").await.0, ["goal-p1"]);
}

async fn tokens_dates_strings_and_references_choose<F: Fixture>(fixture: F) {
    let store = filled(&fixture).await;
    for (query, expected) in [
        ("Observation?patient=p1&code=1", &["o3-p1"][..]),
        ("Observation?patient=p1&code=|1", &[]),
        ("Observation?patient=p1&code=http://snomed.info/sct|", &["o1-p1", "o2-p1", "o3-p1"]),
        ("Observation?patient=p1&code=http://loinc.org|1", &[]),
        ("Observation?patient=p1&code:not=1", &["o1-p1", "o2-p1"]),
        ("Observation?patient=p1&code:missing=true", &[]),
        ("Observation?patient=p1&value-concept:missing=true&code=1", &["o3-p1"]),
        ("Observation?patient=p1&status=final&code=1,153851000146100", &["o1-p1", "o3-p1"]),
        ("Observation?patient=p1&status=amended", &[]),
        ("Observation?patient=p1&date=2024-06-01", &["o2-p1"]),
        ("Observation?patient=p1&date=ge2024-05&date=lt2024-06", &["o1-p1"]),
        ("Observation?patient=p1&date=lt2024", &["o3-p1"]),
        ("Observation?patient=p1,p2&code=1", &["o3-p1", "o3-p2"]),
        ("Observation?patient=nobody&code=1", &[]),
        ("Observation?patient=p1&subject=Patient/p2", &[]),
        ("Procedure?patient=p1&date=2024-05", &["talk-p1"]),
        ("Goal?patient=p1&_lastUpdated=gt2027-01-01", &["goal-p1"]),
        ("Goal?patient=p1&_lastUpdated=lt2027-01-01", &[]),
        ("Patient?_id=p1&family=muller", &["p1"]),
        ("Patient?_id=p1&name=EV", &["p1"]),
        ("Patient?_id=p1&name=va", &[]),
        ("Patient?_id=p1&name:contains=va", &["p1"]),
        ("Patient?_id=p1&family:exact=Müller", &["p1"]),
        ("Patient?_id=p1&family:exact=müller", &[]),
        ("Patient?_id=p1&phone=1", &["p1"]),
        ("Patient?_id=p1&phone=2", &[]),
        ("Patient?_id=p1&birthdate=1950", &["p1"]),
        ("Practitioner?name=bos", &["pr"]),
    ] {
        assert_eq!(strs(&find(&store, query).await.0), expected, "{query}");
    }
}

async fn includes_follow_references_both_ways<F: Fixture>(fixture: F) {
    let store = filled(&fixture).await;
    let both = "Goal?patient=p1&_revinclude=Provenance:target&_include=Goal:subject";
    assert_eq!(strs(&find(&store, both).await.1), ["p1", "source-p1"]);
    let typed = "Consent?patient=p1&category=acd&_include=Consent:actor:Practitioner";
    assert_eq!(strs(&find(&store, typed).await.1), ["pr"]);
    let far = "Procedure?patient=p1&_include=Procedure:encounter&_include:iterate=Encounter:subject";
    assert_eq!(strs(&find(&store, far).await.1), ["visit-p1", "p1"]);
}

async fn results_are_sorted_and_nothing_found_is_empty<F: Fixture>(fixture: F) {
    let store = filled(&fixture).await;
    assert_eq!(strs(&find(&store, "Observation?patient=p1&_sort=date").await.0), ["o3-p1", "o1-p1", "o2-p1"]);
    assert_eq!(strs(&find(&store, "Observation?patient=p1&_sort=-date").await.0), ["o2-p1", "o1-p1", "o3-p1"]);
    assert_eq!(strs(&find(&store, "Observation?patient=p1&_sort=status,-code").await.0), ["o2-p1", "o1-p1", "o3-p1"]);
    assert_eq!(find(&store, "Goal?patient=nobody").await, (vec![], vec![]));
}

fn refused(query: &str) -> Vec<(IssueCode, String)> {
    let (resource_type, query) = query.split_once('?').unwrap();
    match parse(resource_type, &pairs(query), Handling::Strict, &Icds) {
        Ok(query) => query.plan().err().into_iter().map(|issue| (issue.code, issue.text)).collect(),
        Err(issues) => issues.into_iter().map(|issue| (issue.code, issue.text)).collect(),
    }
}

#[test]
fn what_cannot_be_asked_is_an_error_that_repeats_no_value() {
    for (query, code) in [
        ("Observation?code=secret", IssueCode::TooCostly),
        ("Observation?patient:not=secret", IssueCode::Value),
        ("Observation?patient=Group/secret", IssueCode::Value),
        ("Observation?colour=secret", IssueCode::NotSupported),
        ("Observation?secret123=x", IssueCode::NotSupported),
        ("Observation?date=secret", IssueCode::Value),
        ("Observation?date:exact=2024", IssueCode::NotSupported),
        ("Observation?code:above=secret", IssueCode::NotSupported),
        ("Observation?code:in=http://secret", IssueCode::NotSupported),
        ("Observation?code=", IssueCode::Value),
        ("Observation?patient=p1&_include=Observation:secret", IssueCode::NotSupported),
        ("Observation?patient=p1&_sort=secret", IssueCode::NotSupported),
        ("Observation?patient=p1&_count=secret", IssueCode::Value),
        ("Observation?code.text=secret", IssueCode::NotSupported),
        ("Observation?value-quantity=secret", IssueCode::Value),
        ("Basic?code=secret", IssueCode::NotSupported),
    ] {
        let issues = refused(query);
        assert_eq!(issues.len(), 1, "{query}: {issues:?}");
        assert_eq!(issues[0].0, code, "{query}: {issues:?}");
        assert!(!issues[0].1.contains("secret"), "{query}: {issues:?}");
    }
    assert_eq!(refused("Goal?a=1&b=2&start-date=x").len(), 3, "all mistakes at once");
}

#[test]
fn lenient_handling_leaves_out_what_is_unknown_and_says_so() {
    let query = parse("Goal", &pairs("patient=p1&colour=red&x9=1"), Handling::Lenient, &()).unwrap();
    assert_eq!(query.ignored, ["colour", "(not shown)"]);
    assert!(parse("Goal", &pairs("patient=p1&start-date=red"), Handling::Lenient, &()).is_err());
}

proptest! {
    #[test]
    fn no_query_makes_the_parser_panic_or_repeat_a_value(
        name in prop_oneof![
            "[a-z:._-]{0,12}",
            prop::sample::select(vec!["code", "code:not", "date", "patient", "patient.name", "subject:Patient.identifier", "value-quantity",
                "_sort", "_include", "_count", "_lastUpdated", "code:in", "has-member.code", "identifier", "_summary"]).prop_map(str::to_owned),
        ],
        value in prop_oneof!["\\PC{0,30}", "[0-9T:.,|\\\\+Zaegt-]{0,30}"],
    ) {
        let marked = format!("{value}ZQX7");
        for text in [value, marked] {
            if let Err(issues) = parse("Observation", &[(name.clone(), text)], Handling::Strict, &()) {
                prop_assert!(issues.iter().all(|issue| !issue.text.contains("ZQX7")));
            }
        }
    }

    /// Whatever the characters of a code, escaping it finds exactly it.
    #[test]
    fn an_escaped_token_finds_its_code_and_no_other(code in "\\PC{1,12}", other in "\\PC{1,12}") {
        let escaped: String =
            code.chars().flat_map(|c| if "\\,|$".contains(c) { vec!['\\', c] } else { vec![c] }).collect();
        let pairs = vec![("code".to_owned(), format!("urn:s|{escaped}"))];
        let query = parse("Observation", &pairs, Handling::Strict, &()).unwrap();
        let holder = |code: &str| json!({ "resourceType": "Observation", "id": "1", "code": concept("urn:s", code) });
        let candidates = Default::default();
        prop_assert!(query.matches(&holder(&code), &candidates));
        prop_assert_eq!(query.matches(&holder(&other), &candidates), code == other);
    }

    /// `:not` is the complement, and a list is the union of its members.
    #[test]
    fn lists_and_negation_keep_set_algebra(codes in prop::collection::vec(0..4_u8, 1..4), held in 0..5_u8) {
        let list = codes.iter().map(u8::to_string).collect::<Vec<_>>().join(",");
        let resource = json!({ "resourceType": "Observation", "id": "1", "code": concept("urn:s", &held.to_string()) });
        let answers = |name: &str| {
            let query = parse("Observation", &[(name.to_owned(), list.clone())], Handling::Strict, &()).unwrap();
            query.matches(&resource, &Default::default())
        };
        prop_assert_eq!(answers("code"), codes.contains(&held));
        prop_assert_eq!(answers("code:not"), !codes.contains(&held));
    }
}
