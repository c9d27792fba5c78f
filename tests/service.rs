//! The service as its users meet it: over HTTP, each test with a store of its own.

mod common;
#[path = "common/service.rs"]
mod harness;

use std::collections::BTreeSet;
use std::process::Command;

use harness::{CARE_PLAN, FHIR_JSON, JSON, Local, METASTASIS, REGISTRY, bsn, changed, fixture, new_person};
use overdracht::fhir::systems::BSN;
use serde_json::{Value, json};

fn record() -> Value {
    fixture("ovarian-peritoneal/registry-record")
}

fn message(answer: &overdracht::client::json::Answer) -> &str {
    answer.body["issue"][0]["details"]["coding"][0]["code"].as_str().unwrap_or_default()
}

/// `Patient/…` of an accepted document, as a logical id.
fn patient(answer: &overdracht::client::json::Answer) -> String {
    let reference = answer.body["patient"].as_str().unwrap_or_else(|| panic!("{} {}", answer.status, answer.body));
    reference.strip_prefix("Patient/").expect("a patient").to_owned()
}

#[test]
fn every_route_that_is_served_stands_in_the_openapi_file_and_the_other_way_round() {
    let text = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/openapi.yaml")).expect("readable");
    let file: Value = serde_saphyr::from_str(&text).expect("YAML");
    let described: BTreeSet<(String, String)> = file["paths"]
        .as_object()
        .expect("paths")
        .iter()
        .flat_map(|(path, item)| {
            let methods = item.as_object().expect("an item").keys().filter(|key| *key != "parameters");
            methods.map(|method| (method.to_uppercase(), path.clone()))
        })
        .collect();
    let served = overdracht::http::served().map(|(method, path)| (method.to_owned(), path.to_owned())).collect();
    assert_eq!(described, served);
    let text = file.to_string();
    for (at, _) in text.match_indices("\"./") {
        let path = text[at + 1..].split(['"', '#']).next().expect("a path");
        assert!(std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(path).exists(), "{path} is referred to");
    }
}

#[tokio::test]
async fn a_document_is_accepted_once_and_a_repeat_says_unchanged() {
    if !common::packages() {
        return;
    }
    let service = Local::start().await;
    let first = service.post(REGISTRY, &record()).await;
    assert_eq!((first.status, &first.body["outcome"]), (201, &json!("created")), "{}", first.body);
    let state = service.state_of(&patient(&first)).await;
    let again = service.post(REGISTRY, &record()).await;
    assert_eq!((again.status, &again.body["outcome"]), (200, &json!("unchanged")));
    assert_eq!(again.location, first.location);
    assert_eq!(service.state_of(&patient(&first)).await, state);
    let document = service.get(first.location.as_deref().expect("a location")).await;
    assert_eq!(document.body["body"], record());
    let trace = service.get(&format!("{}/trace", first.location.expect("a location"))).await;
    assert!(!trace.body["rows"].as_array().expect("rows").is_empty());
    service.stop().await;
}

#[tokio::test]
async fn versions_only_go_forward() {
    if !common::packages() {
        return;
    }
    let service = Local::start().await;
    let version = |number: u32, stage: &str| {
        changed(
            changed(record(), "/version", json!(number)),
            "/patient/contactDetails/telephones/0/number",
            json!(stage),
        )
    };
    assert_eq!(service.post(REGISTRY, &version(2, "1")).await.status, 201);
    let other = service.post(REGISTRY, &version(2, "2")).await;
    assert_eq!((other.status, message(&other)), (409, "document-version-conflict"));
    assert_eq!(service.post(REGISTRY, &version(1, "1")).await.status, 409);
    let newer = service.post(REGISTRY, &version(3, "2")).await;
    assert_eq!((newer.status, &newer.body["outcome"]), (201, &json!("updated")));
    let somebody_else = changed(version(4, "2"), "/patient/identifiers", json!({ "bsn": bsn(1) }));
    let refused = service.post(REGISTRY, &somebody_else).await;
    assert_eq!((refused.status, message(&refused)), (409, "document-other-patient"));
    service.stop().await;
}

#[tokio::test]
async fn two_documents_about_one_person_make_one_patient_even_at_the_same_time() {
    if !common::packages() {
        return;
    }
    let service = Local::start().await;
    let event = fixture("ovarian-peritoneal/metastasis-event-1");
    let documents: Vec<(&str, Value)> = (0..8)
        .flat_map(|i| [(REGISTRY, record(), i), (METASTASIS, event.clone(), i)])
        .map(|(path, document, i)| (path, changed(document, "/documentId", json!(format!("document-{i}")))))
        .collect();
    let answers =
        futures_util::future::join_all(documents.iter().map(|(path, document)| service.post(path, document))).await;
    let patients: BTreeSet<String> = answers.iter().map(patient).collect();
    assert_eq!(patients.len(), 1);
    let number = record()["patient"]["identifiers"]["bsn"].as_str().expect("a BSN").to_owned();
    assert_eq!(service.search("Patient", &[("identifier", &format!("{BSN}|{number}"))]).await.len(), 1);
    service.stop().await;
}

#[tokio::test]
async fn numbers_that_belong_to_two_people_are_a_conflict() {
    if !common::packages() {
        return;
    }
    let service = Local::start().await;
    assert_eq!(service.post(REGISTRY, &record()).await.status, 201);
    let wrong = changed(record(), "/patient/identifiers/bsn", json!(bsn(2)));
    let refused = service.post(REGISTRY, &changed(wrong, "/documentId", json!("other"))).await;
    assert_eq!((refused.status, message(&refused)), (409, "document-identity-conflict"), "{}", refused.body);
    service.stop().await;
}

#[tokio::test]
async fn garbage_changes_nothing_and_is_recorded_once() {
    if !common::packages() {
        return;
    }
    // A handover that cannot go: nothing of it changes any more.
    let folder = tempfile::tempdir().expect("a folder");
    let directory = harness::directory(folder.path(), "http://gp.example/fhir");
    let service = Local::with(&[("OVERDRACHT_DIRECTORY", &directory)]).await;
    assert_eq!(service.post(REGISTRY, &record()).await.status, 201);
    let request =
        json!({ "patient": { "bsn": record()["patient"]["identifiers"]["bsn"] }, "receiver": { "agb": "01999911" } });
    let location = service.post("/api/v1/handovers", &request).await.location.expect("a handover");
    while service.get(&location).await.body["state"] != "parked" {
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    let text = |document: Value| document.to_string().into_bytes();
    let deep = [b"[".repeat(10_000), b"]".repeat(10_000)].concat();
    let mut unknown = record();
    unknown["onbekend"] = json!(1);
    let cases: Vec<(&str, &str, Vec<u8>, u16)> = vec![
        ("not JSON", JSON, b"Dit is geen JSON {".to_vec(), 400),
        ("empty", JSON, Vec::new(), 400),
        ("no UTF-8", JSON, vec![b'"', 0xff, 0xfe, b'"'], 400),
        ("50 MB", JSON, vec![b' '; 50_000_000], 413),
        ("10,000 levels", JSON, deep, 400),
        ("a property twice", JSON, br#"{"version": 1, "version": 2}"#.to_vec(), 400),
        ("another media type", "text/plain", text(record()), 415),
        ("a list", JSON, b"[1, 2]".to_vec(), 422),
        ("a version beyond all counting", JSON, text(changed(record(), "/version", json!(1e300))), 422),
        ("wrong types", JSON, text(changed(record(), "/version", json!("one"))), 422),
        ("an unknown field", JSON, text(unknown), 422),
        ("an invalid BSN", JSON, text(changed(record(), "/patient/identifiers/bsn", json!("123456789"))), 422),
        ("a date in 3024", JSON, text(changed(record(), "/patient/birthDate", json!("3024-01-01"))), 422),
        ("recorded in 3024", JSON, text(changed(record(), "/recordedAt", json!("3024-01-01T00:00:00Z"))), 422),
    ];
    let (before, service) = service.stored().await;
    assert!(before.len() > 50, "resources, index and document are there");
    for path in [
        REGISTRY,
        METASTASIS,
        CARE_PLAN,
        "/api/v1/questionnaire-responses",
        "/api/v1/care-plan-bundles",
        "/fhir/QuestionnaireResponse",
        "/api/v1/handovers",
    ] {
        for (case, media_type, body, status) in &cases {
            let audited = service.audited().await.len();
            let answer = service.send(path, media_type, body.clone()).await;
            assert_eq!(answer.status, *status, "{case} to {path}: {}", answer.body);
            assert_eq!(answer.body["resourceType"], "OperationOutcome", "{case} to {path}");
            assert!(!answer.body.to_string().contains("Wit"), "{case} to {path}: {}", answer.body);
            let chain = service.audited().await;
            assert_eq!(chain.len(), audited + 1, "{case} to {path}");
            assert_eq!(chain.last().map(|entry| &entry.event["outcome"]), Some(&json!("4")), "{case} to {path}");
        }
    }
    let (after, service) = service.stored().await;
    assert!(after == before, "resources, index and deliveries are byte for byte as before");
    service.stop().await;
}

#[tokio::test]
async fn a_person_is_found_by_bsn_in_the_body_and_never_in_a_url() {
    if !common::packages() {
        return;
    }
    let service = Local::start().await;
    let id = patient(&service.post(REGISTRY, &new_person(record(), 7)).await);
    let found = service.search("Patient", &[("identifier", &format!("{BSN}|{}", bsn(7)))]).await;
    assert_eq!(found[0]["id"], json!(id));
    for path in [
        format!("/fhir/Patient?identifier={BSN}|{}", bsn(7)),
        format!("/fhir/Condition?patient.identifier={BSN}|{}", bsn(7)),
        format!("/fhir/Patient/{}", bsn(7)),
        "/fhir/Patient?family=Wit".to_owned(),
    ] {
        let refused = service.get(&path).await;
        assert_eq!((refused.status, message(&refused)), (400, "person-in-url"));
        assert!(!refused.body.to_string().contains(&bsn(7)));
    }
    assert!(!service.search("Condition", &[("patient", &id)]).await.is_empty());
    let page = service.get(&format!("/fhir/Condition?patient={id}&_count=1")).await;
    let next = page.body["link"].as_array().expect("links").iter().find(|link| link["relation"] == "next");
    let next = next.and_then(|link| link["url"].as_str()).expect("a further page");
    assert!(!next.contains(&id));
    assert_eq!(service.http.get(next).await.expect("an answer").body["total"], page.body["total"]);
    let everybody = service.get("/fhir/Condition").await;
    assert_eq!((everybody.status, message(&everybody)), (400, "search-needs-patient"));
    service.stop().await;
}

#[tokio::test]
async fn a_resource_is_read_with_its_versions_and_every_access_is_recorded() {
    if !common::packages() {
        return;
    }
    let service = Local::start().await;
    let id = patient(&service.post(REGISTRY, &record()).await);
    for (path, status) in [
        (format!("/fhir/Patient/{id}"), 200),
        (format!("/fhir/Patient/{id}/_history"), 200),
        (format!("/fhir/Patient/{id}/_history/1"), 200),
        (format!("/fhir/Patient/{id}/_history/9"), 404),
        ("/fhir/Patient/nobody".to_owned(), 404),
        (format!("/fhir/Condition?patient={id}"), 200),
        (format!("/fhir/Condition?patient={id}&unknown=1"), 400),
        (format!("/api/v1/audit?patient=Patient/{id}"), 200),
    ] {
        let audited = service.audited().await.len();
        let answer = service.get(&path).await;
        assert_eq!(answer.status, status, "{path}: {}", answer.body);
        assert_eq!(service.audited().await.len(), audited + 1, "{path}");
    }
    let of_patient = service.store().audit(Some(&id), 0, 100).await.expect("the chain");
    assert_eq!(of_patient.len(), 6, "taking in, three reads, a search and the reading of the log");
    let response = reqwest::Client::new()
        .get(format!("{}/fhir/Patient/{id}", service.url))
        .header("if-none-match", "W/\"1\"")
        .send()
        .await
        .expect("an answer");
    assert_eq!(response.status(), 304);
    assert_eq!(response.headers()["etag"], "W/\"1\"");
    service.stop().await;
}

#[tokio::test]
async fn validate_answers_with_what_is_wrong_and_stores_nothing() {
    if !common::packages() {
        return;
    }
    let service = Local::start().await;
    let good = json!({ "resourceType": "Basic", "code": { "text": "x" } });
    let answer = service.send("/fhir/Basic/$validate", FHIR_JSON, good.to_string()).await;
    assert_eq!(answer.status, 200);
    let errors = |body: &Value| {
        let issues = body["issue"].as_array().cloned().unwrap_or_default();
        issues.iter().filter(|issue| issue["severity"] == "error").count()
    };
    assert_eq!(errors(&answer.body), 0, "{}", answer.body);
    let bad = json!({ "resourceType": "Basic", "onbekend": 1 });
    let wrapped = json!({ "resourceType": "Parameters", "parameter": [{ "name": "resource", "resource": bad }] });
    for body in [&bad, &wrapped] {
        let answer = service.send("/fhir/$validate", FHIR_JSON, body.to_string()).await;
        assert_eq!(answer.status, 200);
        assert!(errors(&answer.body) >= 2, "{}", answer.body);
    }
    let other_type = service.send("/fhir/Patient/$validate", FHIR_JSON, good.to_string()).await;
    assert_eq!(other_type.status, 400);
    service.stop().await;
}

#[tokio::test]
async fn validate_minds_what_is_to_be_done_with_the_resource() {
    if !common::packages() {
        return;
    }
    let service = Local::start().await;
    let basic = |id: Option<&str>| {
        let mut basic = json!({ "resourceType": "Basic", "code": { "text": "x" } });
        id.into_iter().for_each(|id| basic["id"] = json!(id));
        basic
    };
    let mode = |mode: &str, resource: Value| {
        json!({ "resourceType": "Parameters",
                "parameter": [{ "name": "mode", "valueCode": mode }, { "name": "resource", "resource": resource }] })
    };
    let delete = json!({ "resourceType": "Parameters", "parameter": [{ "name": "mode", "valueCode": "delete" }] });
    let cases = [
        ("/fhir/Basic/a/$validate", basic(Some("a")), None),
        ("/fhir/Basic/a/$validate", basic(Some("b")), Some("validate-other-id")),
        ("/fhir/Basic/$validate?mode=create", basic(None), None),
        ("/fhir/Basic/$validate", mode("update", basic(Some("a"))), None),
        ("/fhir/Basic/$validate", mode("update", basic(None)), Some("validate-update-without-id")),
        ("/fhir/Basic/a/$validate?mode=create", basic(None), Some("validate-create-at-id")),
        ("/fhir/Basic/a/$validate", delete, Some("validate-no-delete")),
        ("/fhir/Basic/$validate?profile=http://example.org/none", basic(None), Some("profile-unknown")),
    ];
    for (path, body, expected) in cases {
        let answer = service.send(path, FHIR_JSON, body.to_string()).await;
        assert_eq!(answer.status, 200, "{path}");
        let issues = answer.body["issue"].as_array().cloned().unwrap_or_default();
        let errors: Vec<Value> = issues.into_iter().filter(|issue| issue["severity"] == "error").collect();
        let ids: Vec<&str> = errors.iter().filter_map(|e| e["details"]["coding"][0]["code"].as_str()).collect();
        assert_eq!(ids, expected.into_iter().collect::<Vec<_>>(), "{path}");
    }
    for path in ["/fhir/Basic/$validate?mode=profile", "/fhir/Basic/$validate?mode=burn", "/fhir/Basic/$validate?x=1"] {
        assert_eq!(service.send(path, FHIR_JSON, basic(None).to_string()).await.status, 400, "{path}");
    }
    service.stop().await;
}

#[tokio::test]
async fn every_error_is_an_operation_outcome_in_the_language_that_is_asked_for() {
    if !common::packages() {
        return;
    }
    let service = Local::start().await;
    let http = reqwest::Client::new();
    let nowhere = http.get(format!("{}/nergens", service.url)).header("accept-language", "nl").send().await;
    let nowhere = nowhere.expect("an answer");
    assert_eq!(nowhere.status(), 404);
    assert!(nowhere.text().await.expect("a body").contains("Dit adres bestaat niet"));
    let method = http.delete(format!("{}{REGISTRY}", service.url)).send().await.expect("an answer");
    assert_eq!((method.status().as_u16(), &method.headers()["allow"]), (405, &"POST".parse().unwrap()));
    let foreign = http
        .get(format!("{}/fhir/Patient/1", service.url))
        .header("host", "evil.example")
        .send()
        .await
        .expect("an answer");
    assert_eq!(foreign.status(), 403);
    let html = http.get(format!("{}/fhir/Patient/1", service.url)).header("accept", "text/html").send().await;
    assert_eq!(html.expect("an answer").status(), 406);
    let id = "0b3f9f1e-2a61-4c43-9d3c-6b4b7d3f9a10";
    let own = http.get(format!("{}/health/ready", service.url)).header("x-request-id", id).send().await.unwrap();
    assert_eq!((own.status().as_u16(), &own.headers()["x-request-id"]), (200, &id.parse().unwrap()));
    let taken =
        http.get(format!("{}/health/live", service.url)).header("x-request-id", "999990007").send().await.unwrap();
    assert_ne!(taken.headers()["x-request-id"], "999990007", "only a UUID is taken over");
    service.stop().await;
}

#[tokio::test]
async fn the_capability_statement_is_valid_and_true() {
    if !common::packages() {
        return;
    }
    let service = Local::start().await;
    let statement = service.get("/fhir/metadata").await.body;
    let outcome = service.send("/fhir/$validate", FHIR_JSON, statement.to_string()).await.body;
    assert!(!outcome.to_string().contains("\"error\""), "{outcome}");
    for resource in statement["rest"][0]["resource"].as_array().expect("resources") {
        let name = resource["type"].as_str().expect("a type");
        for parameter in resource["searchParam"].as_array().expect("parameters") {
            let parameter = parameter["name"].as_str().expect("a name");
            let url = format!("{}/fhir/{name}/_search", service.url);
            let answer = service.http.post_form(&url, &[("_id", "x"), (&format!("{parameter}:missing"), "true")]).await;
            assert_eq!(answer.expect("an answer").status, 200, "{name} by {parameter}");
        }
    }
    service.stop().await;
}

#[test]
fn an_address_that_others_can_reach_is_refused_with_the_reason() {
    let dir = tempfile::tempdir().expect("a folder");
    let ended = Command::new(env!("CARGO_BIN_EXE_overdracht"))
        .args(["serve", "--listen", "0.0.0.0:0", "--data"])
        .arg(dir.path().join("data"))
        .output()
        .expect("it ran");
    assert_eq!(ended.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&ended.stderr).contains("access control"));
    assert!(!dir.path().join("data").exists());
}

#[tokio::test]
async fn a_service_that_is_told_to_end_ends_in_order_and_its_log_names_nobody() {
    if !common::packages() {
        return;
    }
    let dir = tempfile::tempdir().expect("a folder");
    let service = harness::serve(dir.path(), &[]);
    let http = overdracht::client::json::JsonClient::new(std::time::Duration::from_secs(30)).expect("a client");
    let taken = http.post(&format!("{}{REGISTRY}", service.url), JSON, record().to_string()).await.expect("an answer");
    assert_eq!(taken.status, 201, "{}", taken.body);
    let number = record()["patient"]["identifiers"]["bsn"].as_str().expect("a BSN").to_owned();
    let form = [("identifier", format!("{BSN}|{number}"))];
    let form: Vec<(&str, &str)> = form.iter().map(|(name, value)| (*name, value.as_str())).collect();
    http.post_form(&format!("{}/fhir/Patient/_search", service.url), &form).await.expect("an answer");
    http.get(&format!("{}/fhir/Patient?identifier={number}", service.url)).await.expect("an answer");
    let log_file = dir.path().join("service.log");
    assert!(service.end().success());
    let log = std::fs::read_to_string(log_file).expect("a log");
    assert!(log.contains("TRACE") && log.contains("stopped"), "logged at TRACE to the end");
    for value in [number.as_str(), "Geertruida", "Truus", "Lijsterlaan", "1951-03-14", "5100732"] {
        assert!(!log.contains(value), "a value of the patient stands in the log");
    }
}

/// The timing of the first metastasis of a patient, and whether it stands.
async fn metastasis(service: &Local, patient: &str) -> (String, String) {
    let conditions = service.search("Condition", &[("patient", patient)]).await;
    let of_metastasis = |one: &&Value| one["meta"]["profile"].to_string().contains("Overdracht-Metastasis");
    let one = conditions.iter().find(of_metastasis).expect("a metastasis");
    let timing = one["extension"].as_array().expect("extensions").iter();
    let timing = timing.filter(|it| it["url"].as_str().is_some_and(|url| url.ends_with("ext-MetastasisTiming")));
    let timing = timing.map(|it| it["extension"][0]["valueCodeableConcept"]["coding"][0]["code"].clone()).next();
    let text = |value: &Value| value.as_str().unwrap_or("not determinable").to_owned();
    (text(&timing.expect("a timing")), text(&one["verificationStatus"]["coding"][0]["code"]))
}

#[tokio::test]
async fn a_metastasis_that_came_before_the_record_of_its_tumour_is_settled_by_it_and_stays() {
    if !common::packages() {
        return;
    }
    let service = Local::start().await;
    let event = service.post(METASTASIS, &fixture("prostate-bone/metastasis-event-1")).await;
    let id = patient(&event);
    assert_eq!(metastasis(&service, &id).await.0, "not determinable");
    let record = fixture("prostate-bone/registry-record");
    let taken = service.post(REGISTRY, &record).await;
    assert_eq!(taken.status, 201, "{}", taken.body);
    let settled = metastasis(&service, &id).await;
    assert_eq!(settled, ("synchronous".to_owned(), "confirmed".to_owned()));

    let again = service.post(REGISTRY, &changed(record.clone(), "/version", json!(2))).await;
    assert_eq!((again.status, &again.body["outcome"]), (201, &json!("updated")));
    assert_eq!(metastasis(&service, &id).await, settled, "a new version of the record withdraws nothing of the event");

    let mut corrected = changed(record, "/version", json!(3));
    corrected["treatments"][0]["start"] = json!("2023-01-02");
    corrected["tumour"]["incidenceDate"] = json!("2023-01-01");
    let corrected = service.post(REGISTRY, &corrected).await;
    assert_eq!(corrected.status, 201, "{}", corrected.body);
    assert_eq!(metastasis(&service, &id).await.0, "metachronous");
    service.stop().await;
}

fn directives(consents: &[Value]) -> Vec<(&str, &str)> {
    consents
        .iter()
        .filter(|consent| consent["provision"]["code"][0]["coding"][0]["code"] == RESUSCITATION)
        .map(|consent| {
            (consent["status"].as_str().unwrap_or_default(), consent["dateTime"].as_str().unwrap_or_default())
        })
        .collect()
}

const RESUSCITATION: &str = "89666000";

#[tokio::test]
async fn the_newest_decision_holds_and_what_is_withdrawn_no_longer_does() {
    if !common::packages() {
        return;
    }
    let service = Local::start().await;
    let plan = fixture("prostate-bone/care-plan");
    let taken = service.post(CARE_PLAN, &plan).await;
    assert_eq!(taken.status, 201, "{}", taken.body);
    let id = patient(&taken);
    let at = plan["treatmentDirectives"].as_array().expect("directives").iter();
    let at = at.map(|one| one["treatment"].to_string()).position(|text| text.contains(RESUSCITATION)).expect("one");

    let mut newer = changed(plan.clone(), "/documentId", json!("another plan"));
    newer["treatmentDirectives"][at]["discussedAt"] = json!("2026-11-01");
    assert_eq!(service.post(CARE_PLAN, &newer).await.status, 201);
    let consents = service.search("Consent", &[("patient", &id)]).await;
    let mut found = directives(&consents);
    found.sort_unstable();
    assert_eq!(found.iter().map(|(status, _)| *status).collect::<Vec<_>>(), ["active", "inactive"]);
    assert_eq!(found[0].1, "2026-11-01");

    let mut corrected = changed(newer, "/version", json!(2));
    corrected["treatmentDirectives"].as_array_mut().expect("directives").remove(at);
    let updated = service.post(CARE_PLAN, &corrected).await;
    assert_eq!(updated.body["outcome"], "updated", "{}", updated.body);
    let consents = service.search("Consent", &[("patient", &id)]).await;
    let mut found = directives(&consents);
    found.sort_unstable();
    assert_eq!(found.iter().map(|(status, _)| *status).collect::<Vec<_>>(), ["active", "entered-in-error"]);
    assert_eq!(found[1].1, "2026-11-01");
    service.stop().await;
}

#[tokio::test]
async fn the_published_form_is_taken_in_with_the_patient_beside_it() {
    let Some(path) = common::shared("pzp/r4/QuestionnaireResponse-HendrikHartman-20201001.json") else { return };
    if !common::packages() {
        return;
    }
    let service = Local::start().await;
    let form: Value = serde_json::from_slice(&std::fs::read(path).expect("readable")).expect("JSON");
    let plan = fixture("ovarian-peritoneal/care-plan");
    let mut sent = json!({ "documentId": "form-1", "version": 1, "form": form });
    for property in ["recordedAt", "source", "patient"] {
        sent[property] = plan[property].clone();
    }
    let taken = service.post("/api/v1/questionnaire-responses", &sent).await;
    assert_eq!(
        (taken.status, &taken.body["document"]["kind"]),
        (201, &json!("questionnaire-response")),
        "{}",
        taken.body
    );
    assert_eq!(service.post("/api/v1/questionnaire-responses", &sent).await.status, 200);
    let trace = service.get(&format!("{}/trace", taken.location.expect("a location"))).await.body;
    let rows = trace["rows"].as_array().expect("rows").clone();
    assert!(rows.iter().any(|row| row["via"].as_str().is_some_and(|via| via.starts_with("/treatmentDirectives"))));
    assert!(rows.iter().any(|row| row["target"].as_str().is_some_and(|target| target.starts_with("Consent/"))));
    sent.as_object_mut().expect("an object").remove("form");
    assert_eq!(service.post("/api/v1/questionnaire-responses", &sent).await.status, 422);
    service.stop().await;
}
