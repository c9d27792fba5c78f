//! What the service's own resources name is defined, served, and enough to check them where an unknown extension is an
//! error: on everything that a client can read.

mod common;
#[path = "common/door.rs"]
mod door;
#[path = "common/service.rs"]
mod harness;
#[path = "common/people.rs"]
mod people;

use std::collections::BTreeSet;
use std::sync::Arc;

use door::{DEFINITIONS, FHIR_XML, get};
use harness::{CARE_PLAN, FHIR_JSON, Local, fixture};
use overdracht::validator::{Options, UnknownExtensions, Validator};
use people::{record, reference, take_in};
use serde_json::{Value, json};

const OURS: &str = "https://overdracht.example/fhir/";
const TYPES: [&str; 4] = ["StructureDefinition", "CodeSystem", "ValueSet", "Questionnaire"];

/// Everybody of the fixtures, and of one two plans of one day more, which replace the first and contradict each other.
async fn everybody() -> (Local, Vec<String>) {
    let service = Local::start().await;
    let patients = take_in(&service).await;
    for (id, decision) in [("second", "0"), ("third", "2")] {
        let mut plan = fixture("prostate-bone/care-plan");
        plan["documentId"] = json!(id);
        plan["conversation"]["startedAt"] = json!("2026-11-19");
        plan["treatmentDirectives"] = json!([{ "treatment": "89666000", "decision": decision }]);
        let answer = service.post(CARE_PLAN, &plan).await;
        assert_eq!(answer.status, 201, "{}", answer.body);
    }
    (service, patients)
}

/// The definitions of ours that a value names, how deep it stands.
fn named(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(object) => object.values().for_each(|value| named(value, found)),
        Value::Array(items) => items.iter().for_each(|item| named(item, found)),
        Value::String(text) => {
            let name = text.strip_prefix(OURS).and_then(|rest| rest.split_once('/'));
            if name.is_some_and(|(kind, _)| TYPES.contains(&kind)) {
                found.insert(text.split('|').next().unwrap_or_default().to_owned());
            }
        }
        _ => {}
    }
}

/// Everything that a client of the FHIR side can read of these patients, in both releases, and what the service says of
/// itself.
async fn everything(service: &Local, patients: &[String]) -> Vec<Value> {
    let mut all = Vec::new();
    for patient in patients {
        for one in record(service, patient).await {
            let seen = get(service, &format!("/fhir/stu3/{}", reference(&one)), FHIR_JSON).await;
            assert_eq!(seen.status, 200, "{}: {}", reference(&one), seen.text);
            all.push(seen.resource());
            all.push(one);
        }
    }
    for path in ["/fhir/metadata", "/fhir/stu3/metadata", "/fhir/Questionnaire", "/fhir/Patient/none"] {
        all.push(get(service, path, FHIR_JSON).await.resource());
    }
    all.extend(service.audited().await.into_iter().map(|entry| entry.event));
    all
}

#[tokio::test]
async fn every_definition_of_ours_that_leaves_the_service_is_served() {
    if !common::packages() {
        return;
    }
    let (service, patients) = everybody().await;
    let mut found = BTreeSet::new();
    everything(&service, &patients).await.iter().for_each(|one| named(one, &mut found));
    for known in ["ext-R4Profile", "ext-ReplacedBy", "ext-ConflictsWith", "message-id", "audit-event-subtype"] {
        assert!(found.iter().any(|url| url.ends_with(known)), "{known} is nowhere in what was read");
    }
    // What a definition names is served too.
    let mut open: Vec<String> = found.iter().cloned().collect();
    while let Some(url) = open.pop() {
        let (kind, id) = url.strip_prefix(OURS).and_then(|rest| rest.split_once('/')).unwrap();
        for (path, accept) in
            [(format!("/fhir/{kind}?url={url}"), FHIR_JSON), (format!("/fhir/{kind}?url={url}"), FHIR_XML)]
        {
            let seen = get(&service, &path, accept).await;
            assert_eq!(seen.status, 200, "{path}: {}", seen.text);
            let bundle = seen.resource();
            assert_eq!((&bundle["total"], &bundle["entry"][0]["resource"]["url"]), (&json!(1), &json!(url)), "{url}");
        }
        let one = get(&service, &format!("/fhir/{kind}/{id}"), FHIR_JSON).await.resource();
        assert_eq!(one["url"], url.as_str());
        let mut more = BTreeSet::new();
        named(&one, &mut more);
        open.extend(more.into_iter().filter(|name| found.insert(name.clone())));
    }
    assert!(found.len() > 60, "{} definitions", found.len());
    assert_eq!(
        get(&service, "/fhir/ValueSet?url=https://overdracht.example/fhir/none", FHIR_JSON).await.resource()["total"],
        0
    );
    assert_eq!(get(&service, "/fhir/ValueSet/none", FHIR_JSON).await.status, 404);
    assert_eq!(get(&service, "/fhir/ValueSet?title=x", FHIR_JSON).await.status, 400);
    service.stop().await;
}

#[tokio::test]
async fn what_is_read_and_found_is_valid_where_an_unknown_extension_is_an_error() {
    if !common::packages() {
        return;
    }
    let (service, patients) = everybody().await;
    let options = Options { unknown_extensions: UnknownExtensions::Error, ..Options::default() };
    let validator = Validator::new(Arc::clone(&DEFINITIONS), options);
    let (mut wrong, mut searches) = (BTreeSet::new(), 0);
    let mut check = |what: &str, resource: &Value| {
        let issues = validator.validate(resource, &[]).into_iter().filter(|issue| issue.severity.refuses());
        wrong.extend(issues.map(|one| format!("{what}: {} at {}: {}", one.id, one.at.unwrap_or_default(), one.text)));
    };
    for patient in &patients {
        let all = record(&service, patient).await;
        let kinds: BTreeSet<&str> = all.iter().filter_map(|one| one["resourceType"].as_str()).collect();
        all.iter().for_each(|one| check("stored", one));
        let of_patient = ["Organization", "Practitioner", "PractitionerRole", "Location", "Patient", "Device"];
        for kind in kinds.into_iter().filter(|kind| !of_patient.contains(kind)) {
            let seen = get(&service, &format!("/fhir/{kind}?patient=Patient/{patient}&_include=*"), FHIR_JSON).await;
            if seen.status == 200 {
                searches += 1;
                check("found", &seen.resource());
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(searches > 50, "{searches} searches");
    service.stop().await;
}
