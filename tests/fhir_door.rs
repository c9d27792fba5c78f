//! The FHIR door in both forms: what comes in and goes out as JSON does so as XML.

mod common;
#[path = "common/door.rs"]
mod door;
#[path = "common/service.rs"]
mod harness;
#[path = "common/people.rs"]
mod people;

use std::collections::BTreeSet;
use std::sync::Arc;

use door::{DEFINITIONS, FHIR_XML, R4, call, get};
use harness::{CARE_PLAN, FHIR_JSON, Local, fixture};
use overdracht::fhir::FhirVersion;
use overdracht::fhir::xml;
use overdracht::search::Catalog;
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
        assert_eq!((refused.status, refused.message().as_str()), (400, "structure-not-xml"), "{bad}");
    }
    let marked = Some("\u{feff}{\"resourceType\": \"Basic\", \"code\": { \"text\": \"x\" }}".to_owned());
    let taken = call(&service, "POST", "/fhir/$validate", &[("content-type", FHIR_JSON)], marked).await;
    assert_eq!(taken.status, 200, "a byte order mark is no part of the text");
    for (bad, id) in [("{\"a\": 1, \"a\": 2}", "structure-duplicate-property"), ("[1,", "structure-not-json")] {
        let refused =
            call(&service, "POST", "/fhir/$validate", &[("content-type", FHIR_JSON)], Some(bad.to_owned())).await;
        assert_eq!((refused.status, refused.message().as_str()), (400, id), "{bad}");
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
        let (as_json, as_xml) = (without_position(as_json.resource()), without_position(as_xml.resource()));
        assert_eq!(as_json, as_xml);
    }
    service.stop().await;
}

/// An OperationOutcome without the line and column of its issues.
fn without_position(mut outcome: Value) -> Value {
    for issue in outcome["issue"].as_array_mut().expect("issues") {
        issue.as_object_mut().expect("an issue").remove("extension");
    }
    outcome
}

/// Id of the message, expression, line and column of each issue.
fn issues(outcome: &Value) -> Vec<(String, String, i64, i64)> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let all = outcome["issue"].as_array().expect("issues").iter();
    all.map(|issue| {
        let number = |i: usize| issue["extension"][i]["valueInteger"].as_i64().unwrap_or_default();
        (text(&issue["details"]["coding"][0]["code"]), text(&issue["expression"][0]), number(0), number(1))
    })
    .collect()
}

#[tokio::test]
async fn what_validate_finds_has_line_and_column_as_on_the_command_line() {
    if !common::packages() {
        return;
    }
    let service = Local::start().await;
    let validator = Validator::new(Arc::clone(&DEFINITIONS), Options::default());
    let json = "{\n  \"resourceType\": \"Basic\",\n  \"subject\": { \"reference\": \"Ding/1\" }\n}";
    let xml = "<Basic xmlns=\"http://hl7.org/fhir\">\n  <subject>\n    <reference value=\"Ding/1\" lang=\"x\"/>\n  </subject>\n  <id value=\"1\"/>\n</Basic>";
    for (media_type, text) in [(FHIR_JSON, json), (FHIR_XML, xml)] {
        let answer =
            call(&service, "POST", "/fhir/$validate", &[("content-type", media_type)], Some(text.into())).await;
        let found = validator.validate_text(text, &[]);
        let found: Vec<_> = found
            .iter()
            .map(|issue| {
                let (line, column) = issue.position.expect("a position");
                (issue.id.to_owned(), issue.at.clone().expect("a place"), i64::from(line), i64::from(column))
            })
            .collect();
        assert_eq!(issues(&answer.resource()), found);
    }
    let told: Vec<_> = validator.validate_text(xml, &[]).iter().map(|issue| issue.id).collect();
    assert!(told.starts_with(&["structure-xml-order", "structure-xml-attribute"]), "{told:?}");

    // Inside Parameters the place is that in the text, and what is wrong with the XML around the resource is not its.
    let wrapped = "<Parameters xmlns=\"http://hl7.org/fhir\" lang=\"x\"><parameter>\n<name value=\"resource\"/>\n<resource>\n\
                   <Basic><code><text value=\"x\"/></code>\n<id value=\"1\" lang=\"x\"/></Basic></resource></parameter></Parameters>";
    let answer = call(&service, "POST", "/fhir/$validate", &[("content-type", FHIR_XML)], Some(wrapped.into())).await;
    let at = |id: &str, at: &str, line, column| (id.to_owned(), at.to_owned(), line, column);
    let expected = [at("structure-xml-order", "Basic", 4, 1), at("structure-xml-attribute", "Basic.id", 5, 1)];
    assert_eq!(issues(&answer.resource())[..2], expected);
    service.stop().await;
}

#[tokio::test]
async fn xml_that_is_wrong_as_xml_is_not_taken_in() {
    if !common::packages() {
        return;
    }
    let service = Local::start().await;
    let bundle = "<Bundle xmlns=\"http://hl7.org/fhir\">\n<type value=\"collection\"/>\n<id value=\"1\"/></Bundle>";
    let form = "<QuestionnaireResponse xmlns=\"http://hl7.org/fhir\">\n<status value=\"completed\"/>\n<id value=\"1\"/></QuestionnaireResponse>";
    for (path, text) in [("/api/v1/care-plan-bundles", bundle), ("/fhir/QuestionnaireResponse", form)] {
        let headers = [("content-type", FHIR_XML), ("accept", "application/json")];
        let answer = call(&service, "POST", path, &headers, Some(text.into())).await;
        assert_eq!(answer.status, 422, "{}", answer.text);
        assert!(answer.text.contains("structure-xml-order"), "{}", answer.text);
    }
    let json = "{\n  \"resourceType\": \"QuestionnaireResponse\",\n  \"status\": \"wrong\"\n}";
    let headers = [("content-type", FHIR_JSON), ("accept", FHIR_JSON)];
    let answer = call(&service, "POST", "/fhir/QuestionnaireResponse", &headers, Some(json.into())).await;
    let found = issues(&answer.resource());
    let wrong = found.iter().find(|(_, at, ..)| at == "QuestionnaireResponse.status").expect("the wrong status");
    assert_eq!((wrong.2, wrong.3), (3, 3), "{found:?}");
    service.stop().await;
}

#[tokio::test]
async fn the_capability_statement_names_every_profile_that_is_claimed_and_no_other() {
    if !common::packages() {
        return;
    }
    let service = Local::start().await;
    let mut claimed: BTreeSet<(String, String)> = BTreeSet::new();
    let mut claim = |resource: &Value| {
        for profile in people::at(resource, "meta.profile") {
            let text = |value: &Value| value.as_str().expect("text").to_owned();
            claimed.insert((text(&resource["resourceType"]), text(profile)));
        }
    };
    for patient in people::take_in(&service).await {
        people::record(&service, &patient).await.iter().for_each(&mut claim);
    }
    for unfiled in ["Organization", "Practitioner", "PractitionerRole", "Location"] {
        let versions = service.store().unfiled(unfiled).await.expect("read");
        versions.iter().for_each(|version| claim(&version.body));
    }
    let statement = get(&service, "/fhir/metadata", FHIR_XML).await.resource();
    let mut named = BTreeSet::new();
    for resource in people::at(&statement, "rest.resource") {
        for profile in people::at(resource, "supportedProfile") {
            named.insert((
                resource["type"].as_str().expect("a type").to_owned(),
                profile.as_str().expect("text").to_owned(),
            ));
        }
        for include in people::at(resource, "searchInclude").into_iter().chain(people::at(resource, "searchRevInclude"))
        {
            let (source, name) = include.as_str().and_then(|it| it.split_once(':')).expect("a type and a parameter");
            assert!(Catalog::of_release(FhirVersion::R4).parameter(source, name).is_some(), "{include}");
        }
    }
    // Nobody of the fixtures died of a known cause, or has a metastasis that was told of before its tumour.
    for (resource_type, name) in [("Observation", "CauseOfDeath"), ("Condition", "TumourPlaceholder")] {
        let own = format!("https://overdracht.example/fhir/StructureDefinition/Overdracht-{name}");
        claimed.insert((resource_type.to_owned(), own));
    }
    assert_eq!(named.difference(&claimed).collect::<Vec<_>>(), Vec::<&(String, String)>::new(), "named by nobody");
    assert_eq!(claimed.difference(&named).collect::<Vec<_>>(), Vec::<&(String, String)>::new(), "not named");
    assert_eq!(
        statement["instantiates"][0],
        "https://api.iknl.nl/docs/pzp/r4/CapabilityStatement/ACP-CapabilityStatementProvider"
    );
    service.stop().await;
}

#[tokio::test]
async fn who_has_a_version_already_is_told_so_and_a_head_has_no_body() {
    if !common::packages() {
        return;
    }
    let (service, patient) = with_plan().await;
    let path = format!("/fhir/{patient}");
    let whole = get(&service, &path, FHIR_XML).await;
    let (etag, modified) = (whole.header("etag").to_owned(), whole.header("last-modified").to_owned());
    assert_eq!(etag, "W/\"1\"");
    assert!(modified.ends_with("GMT"), "{modified}");
    for (name, value, status) in [
        ("if-none-match", etag.as_str(), 304),
        ("if-none-match", "W/\"7\", \"1\"", 304),
        ("if-none-match", "W/\"7\"", 200),
        ("if-modified-since", modified.as_str(), 304),
        ("if-modified-since", "Fri, 01 Jan 2100 00:00:00 GMT", 304),
        ("if-modified-since", "Mon, 01 Jan 2001 00:00:00 GMT", 200),
        ("if-modified-since", "yesterday", 200),
    ] {
        let answer = call(&service, "GET", &path, &[("accept", FHIR_XML), (name, value)], None).await;
        assert_eq!((answer.status, answer.text.is_empty()), (status, status == 304), "{name}: {value}");
        assert_eq!(answer.header("etag"), etag);
    }
    let tag_first = [("if-none-match", "W/\"7\""), ("if-modified-since", modified.as_str())];
    assert_eq!(call(&service, "GET", &path, &tag_first, None).await.status, 200, "the tag counts before the time");
    for (path, status) in [(path.as_str(), 200), ("/fhir/metadata", 200), ("/fhir/Patient/nobody", 404)] {
        let head = call(&service, "HEAD", path, &[("accept", FHIR_XML)], None).await;
        let whole = get(&service, path, FHIR_XML).await;
        assert_eq!((head.status, head.text.as_str()), (status, ""), "{path}");
        for header in ["content-type", "etag", "content-length"] {
            assert_eq!(head.header(header), whole.header(header), "{path}: {header}");
        }
    }
    let refused = call(&service, "PUT", &path, &[], None).await;
    assert_eq!((refused.status, refused.header("allow")), (405, "GET, HEAD"));
    service.stop().await;
}

#[tokio::test]
async fn a_history_comes_in_pages_and_from_a_time_on() {
    if !common::packages() {
        return;
    }
    let service = Local::start().await;
    let mut plan = fixture("prostate-bone/care-plan");
    let mut patient = String::new();
    for version in 1..=5 {
        plan["version"] = json!(version);
        plan["recordedAt"] = json!(format!("2026-07-1{version}T10:00:00+02:00"));
        plan["patient"]["contactDetails"]["telephones"] = json!([{ "number": format!("020-555000{version}") }]);
        let accepted = service.post(CARE_PLAN, &plan).await;
        patient = accepted.body["patient"].as_str().unwrap_or_else(|| panic!("{}", accepted.body)).to_owned();
    }
    let versions = |bundle: &Value| -> Vec<String> {
        let entries = people::at(bundle, "entry.resource.meta.versionId");
        entries.iter().map(|it| it.as_str().expect("text").to_owned()).collect()
    };
    let whole = get(&service, &format!("/fhir/{patient}/_history"), FHIR_JSON).await.resource();
    assert_eq!(versions(&whole), ["5", "4", "3", "2", "1"]);
    let (mut met, mut path) = (Vec::new(), Some(format!("/fhir/{patient}/_history?_count=2&_format=xml")));
    while let Some(page) = path.take() {
        let answer = get(&service, &page, "*/*").await;
        let bundle = answer.resource();
        assert!(answer.text.starts_with("<?xml") && bundle["total"] == 5, "{}", answer.text);
        met.push(versions(&bundle));
        let next = people::at(&bundle, "link").into_iter().find(|it| it["relation"] == "next");
        path = next.and_then(|it| it["url"].as_str()?.strip_prefix(&service.url).map(str::to_owned));
    }
    assert_eq!(met, [vec!["5", "4"], vec!["3", "2"], vec!["1"]]);
    let since = whole["entry"][1]["response"]["lastModified"].as_str().expect("a time");
    let later = get(&service, &format!("/fhir/{patient}/_history?_since={since}"), FHIR_JSON).await.resource();
    assert_eq!(versions(&later), ["5", "4"]);
    for bad in ["_count=x", "_since=yesterday", "_before=x"] {
        assert_eq!(get(&service, &format!("/fhir/{patient}/_history?{bad}"), FHIR_JSON).await.status, 400, "{bad}");
    }
    service.stop().await;
}

#[tokio::test]
async fn what_validate_finds_is_told_in_the_language_that_is_asked_for() {
    if !common::packages() {
        return;
    }
    let service = Local::start().await;
    let resource = json!({ "resourceType": "Basic", "ding": 1 }).to_string();
    let words = |outcome: &Value| -> Vec<String> {
        let all = outcome["issue"].as_array().expect("issues").iter();
        all.map(|issue| issue["diagnostics"].as_str().unwrap_or_default().to_owned()).collect()
    };
    let told = |language: overdracht::validator::Language| -> Vec<String> {
        let options = Options { language, ..Options::default() };
        let found = Validator::new(Arc::clone(&DEFINITIONS), options).validate_text(&resource, &[]);
        found.into_iter().map(|issue| issue.text).collect()
    };
    use overdracht::validator::Language::{Dutch, English};
    assert_ne!(told(Dutch), told(English));
    for (asked, answered, spoken) in [
        ("nl", "nl", Dutch),
        ("de, nl-BE;q=0.8, en;q=0.2", "nl", Dutch),
        ("en, nl", "en", English),
        ("fr", "en", English),
    ] {
        let headers = [("content-type", FHIR_JSON), ("accept-language", asked)];
        let answer = call(&service, "POST", "/fhir/$validate", &headers, Some(resource.clone())).await;
        let outcome = answer.resource();
        assert_eq!((answer.status, outcome["language"].as_str()), (200, Some(answered)), "{asked}");
        assert_eq!(words(&outcome), told(spoken), "{asked}");
        assert_eq!(answer.headers["content-language"], answered, "{asked}");
        let varies: Vec<_> = answer.headers.get_all("vary").iter().map(|value| value.to_str().unwrap()).collect();
        assert_eq!(varies, ["Accept-Language", "Accept"]);
    }
    // What is well, what the address cannot have, what is no JSON and what STU3 lacks: each in Dutch.
    let good = r#"{"resourceType":"Parameters","parameter":[{"name":"resource","resource":{"resourceType":"Binary","contentType":"text/plain"}}]}"#;
    let with = |more: &str| good.replace("]}", &format!(",{more}]}}"));
    let twice = with(r#"{"name":"resource","resource":{"resourceType":"Binary"}}"#);
    let (unknown, deleted) =
        (with(r#"{"name":"profil","valueUri":"x"}"#), with(r#"{"name":"mode","valueCode":"delete"}"#));
    let other = "Deze Parameters hebben iets anders dan `resource`, `profile` en `mode`, of een tweede `resource`.";
    let modes = "Er staan twee verschillende waarden van `mode`, in het adres of in Parameters; laat er een weg.";
    for (path, body, status, id, text) in [
        ("/fhir/$validate", good, 200, "all-ok", "Geen bevindingen."),
        ("/fhir/$validate?_pretty=true", good, 200, "all-ok", "Geen bevindingen."),
        ("/fhir/$validate", &twice, 400, "validate-request", other),
        ("/fhir/$validate", &unknown, 400, "validate-request", other),
        ("/fhir/$validate?mode=create", &deleted, 400, "validate-request", modes),
        ("/fhir/$validate?mode=delete", &deleted, 200, "validate-no-delete", "Hier wordt niets verwijderd."),
        ("/fhir/$validate?mode=delete", good, 200, "validate-no-delete", "Hier wordt niets verwijderd."),
        (
            "/fhir/Binary/$validate?mode=update",
            good,
            200,
            "validate-update-without-id",
            "Wat bijgewerkt wordt, heeft een id.",
        ),
        (
            "/fhir/$validate?mode=x",
            good,
            400,
            "validate-request",
            "Een `mode` is `create`, `update`, `delete` of `profile`.",
        ),
        (
            "/fhir/$validate",
            "{",
            400,
            "structure-not-json",
            "Dit is geen JSON: regel 1, kolom 1: de tekst houdt op voordat alles wat geopend is, gesloten is.",
        ),
        (
            "/fhir/stu3/$validate",
            good,
            200,
            "stu3-structure-alone",
            "De structuur is nagegaan; regels en profielen worden alleen in R4 nagegaan.",
        ),
    ] {
        let headers = [("content-type", FHIR_JSON), ("accept-language", "nl-NL")];
        let answer = call(&service, "POST", path, &headers, Some(body.to_owned())).await;
        let outcome = answer.resource();
        let found: Vec<_> = outcome["issue"].as_array().expect("issues").iter().collect();
        let varies: Vec<_> = answer.headers.get_all("vary").iter().map(|value| value.to_str().unwrap()).collect();
        assert_eq!(varies, ["Accept-Language", "Accept"], "{path}");
        if id == "json-syntax" {
            assert_eq!(outcome["language"], "nl");
            assert_eq!(answer.headers["content-language"], "nl");
        }
        let found = found.iter().find(|issue| issue["details"]["coding"][0]["code"] == id);
        let found = found.unwrap_or_else(|| panic!("{path}: {outcome}"));
        assert_eq!((answer.status, found["diagnostics"].as_str()), (status, Some(text)), "{path}");
    }
    service.stop().await;
}
