//! The FHIR door in both forms: what comes in and goes out as JSON does so as XML.

mod common;
#[path = "common/door.rs"]
mod door;
#[path = "common/service.rs"]
mod harness;

use door::{FHIR_XML, R4, call, get};
use harness::{CARE_PLAN, FHIR_JSON, Local, fixture};
use overdracht::fhir::xml;
use overdracht::validator::{Options, Validator};
use serde_json::{Value, json};

/// The answer without what differs between two answers to the same question: the address that was asked.
fn same(mut answer: Value) -> Value {
    answer.as_object_mut().expect("a resource").remove("link");
    answer
}

async fn with_plan() -> (Local, String) {
    let service = Local::start().await;
    let accepted = service.post(CARE_PLAN, &fixture("prostate-bone/care-plan")).await;
    let patient = accepted.body["patient"].as_str().unwrap_or_else(|| panic!("{}", accepted.body)).to_owned();
    (service, patient)
}

#[tokio::test]
async fn every_answer_says_the_same_in_xml_as_in_json_and_is_valid_in_both() {
    if !common::packages() {
        return;
    }
    let (service, patient) = with_plan().await;
    let validator = Validator::new(door::DEFINITIONS.clone(), Options::default());
    for (path, status) in [
        (format!("/fhir/{patient}"), 200),
        (format!("/fhir/{patient}/_history"), 200),
        (format!("/fhir/{patient}/_history/1"), 200),
        (format!("/fhir/Consent?patient={patient}&_include=Consent:actor"), 200),
        (format!("/fhir/Goal?patient={patient}&lifecycle-status=rejected"), 200),
        (format!("/fhir/Goal?patient={patient}&unknown=1"), 400),
        ("/fhir/metadata".to_owned(), 200),
        ("/fhir/Patient/nobody".to_owned(), 404),
        ("/fhir/nothing/at/all".to_owned(), 404),
    ] {
        let (as_json, as_xml) = (get(&service, &path, FHIR_JSON).await, get(&service, &path, FHIR_XML).await);
        assert_eq!((as_json.status, as_xml.status), (status, status), "{path}: {}", as_json.text);
        assert_eq!(as_json.header("content-type"), "application/fhir+json; charset=utf-8", "{path}");
        assert_eq!(as_xml.header("content-type"), "application/fhir+xml; charset=utf-8", "{path}");
        assert_eq!(same(as_xml.resource()), same(as_json.resource()), "{path}");
        for answer in [&as_json, &as_xml] {
            let issues = validator.validate_text(&answer.text, &[]);
            let errors: Vec<_> = issues.iter().filter(|issue| issue.severity.refuses()).collect();
            assert!(errors.is_empty(), "{path}: {errors:#?}");
        }
        let short = call(
            &service,
            "GET",
            &format!("{path}{}_format=xml", if path.contains('?') { '&' } else { '?' }),
            &[],
            None,
        )
        .await;
        assert_eq!(same(short.resource()), same(as_json.resource()), "{path}");
        assert!(short.text.starts_with("<?xml"), "{path}");
    }
    service.stop().await;
}

#[tokio::test]
async fn a_search_in_the_body_answers_in_the_form_that_is_asked_for_anywhere() {
    if !common::packages() {
        return;
    }
    let (service, patient) = with_plan().await;
    let form = ("content-type", "application/x-www-form-urlencoded");
    let search = |headers: Vec<(&'static str, &'static str)>, path: &'static str, body: String| {
        let service = &service;
        async move { call(service, "POST", path, &[vec![form], headers].concat(), Some(body)).await }
    };
    let plain = search(vec![], "/fhir/Consent/_search", format!("patient={patient}")).await;
    assert!(plain.resource()["total"].as_u64() > Some(5));
    for answer in [
        search(vec![("accept", FHIR_XML)], "/fhir/Consent/_search", format!("patient={patient}")).await,
        search(vec![], "/fhir/Consent/_search?_format=xml", format!("patient={patient}")).await,
        search(vec![], "/fhir/Consent/_search", format!("patient={patient}&_format=application%2Ffhir%2Bxml")).await,
    ] {
        assert_eq!(answer.header("content-type"), "application/fhir+xml; charset=utf-8");
        assert_eq!(same(answer.resource()), same(plain.resource()));
    }
    let refused = search(vec![], "/fhir/Consent/_search", format!("patient={patient}&_format=ttl")).await;
    assert_eq!((refused.status, refused.message().as_str()), (406, "not-acceptable"));
    service.stop().await;
}

#[tokio::test]
async fn what_cannot_be_given_or_taken_is_refused_with_the_reason() {
    if !common::packages() {
        return;
    }
    let service = Local::start().await;
    for accept in
        ["text/html", "application/fhir+turtle", "application/fhir+json; fhirVersion=5.0", "application/fhir+xml;q=0"]
    {
        let refused = get(&service, "/fhir/Patient/1", accept).await;
        assert_eq!((refused.status, refused.message().as_str()), (406, "not-acceptable"), "{accept}");
        let refused = get(&service, "/fhir/metadata", accept).await;
        assert_eq!(refused.status, 406, "{accept}");
    }
    let native = get(&service, "/api/v1/documents/1", "application/xml").await;
    assert_eq!(native.status, 406);
    let body = Some("<Basic xmlns=\"http://hl7.org/fhir\"/>".to_owned());
    for media_type in ["text/plain", "application/fhir+xml; fhirVersion=5.0", "application/xml; charset=latin1"] {
        let refused = call(&service, "POST", "/fhir/$validate", &[("content-type", media_type)], body.clone()).await;
        assert_eq!((refused.status, refused.message().as_str()), (415, "media-type"), "{media_type}");
    }
    for bad in ["<Basic", "{}", "<!DOCTYPE x><Basic xmlns=\"http://hl7.org/fhir\"/>"] {
        let refused =
            call(&service, "POST", "/fhir/$validate", &[("content-type", FHIR_XML)], Some(bad.to_owned())).await;
        assert_eq!((refused.status, refused.message().as_str()), (400, "xml-syntax"), "{bad}");
    }
    service.stop().await;
}

#[tokio::test]
async fn a_resource_is_validated_the_same_in_xml_as_in_json() {
    if !common::packages() {
        return;
    }
    let service = Local::start().await;
    let good = json!({ "resourceType": "Basic", "code": { "text": "x" } });
    let bad = json!({ "resourceType": "Basic", "subject": { "reference": "Ding/1" } });
    let wrapped = |resource: &Value| json!({ "resourceType": "Parameters", "parameter": [{ "name": "resource", "resource": resource }] });
    for resource in [&good, &bad, &wrapped(&good), &wrapped(&bad)] {
        let text = xml::write(&*R4, resource).expect("written");
        let headers = [("content-type", FHIR_JSON)];
        let as_json = call(&service, "POST", "/fhir/$validate", &headers, Some(resource.to_string())).await;
        let headers = [("content-type", "application/xml; charset=utf-8"), ("accept", FHIR_XML)];
        let as_xml = call(&service, "POST", "/fhir/$validate", &headers, Some(text)).await;
        assert_eq!((as_json.status, as_xml.status), (200, 200));
        assert_eq!(as_json.resource(), as_xml.resource());
    }
    service.stop().await;
}
