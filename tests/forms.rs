//! The form over HTTP: served, taken in, and found.

mod common;
#[path = "common/door.rs"]
mod door;
#[path = "common/service.rs"]
mod harness;
#[path = "common/people.rs"]
mod people;

use door::R4;
use harness::{CARE_PLAN, FHIR_JSON, Local, bsn, changed, fixture};
use overdracht::client::json::Answer;
use overdracht::fhir::systems::{AGB, BSN};
use overdracht::fhir::xml;
use serde_json::{Value, json};

const ZIB2020: &str = "https://api.iknl.nl/docs/pzp/r4/Questionnaire/ACP-zib2020";
const BETA: &str = "https://fhir.iknl.nl/fhir/Questionnaire/ACP-zib2020";

fn patient(answer: &Answer) -> String {
    let reference = answer.body["patient"].as_str().unwrap_or_else(|| panic!("{} {}", answer.status, answer.body));
    reference.strip_prefix("Patient/").expect("a patient").to_owned()
}

#[tokio::test]
async fn the_form_is_served_by_id_and_by_either_canonical() {
    if !common::packages() {
        return;
    }
    let service = Local::start().await;
    let form = service.get("/fhir/Questionnaire/ACP-zib2020").await;
    assert_eq!((form.status, form.body["url"].as_str()), (200, Some(ZIB2020)));
    for (canonical, version) in [(ZIB2020, "1.0.0-rc2"), (BETA, "0.1.3-beta3")] {
        for url in [canonical.to_owned(), format!("{canonical}|{version}")] {
            let found = service.get(&format!("/fhir/Questionnaire?url={url}")).await;
            assert_eq!((found.status, &found.body["total"]), (200, &Value::from(1)), "{url}");
            assert_eq!(found.body["entry"][0]["resource"]["version"], version);
        }
    }
    assert_eq!(service.get("/fhir/Questionnaire?url=https://elsewhere.example/form").await.body["total"], 0);
    assert_eq!(service.get("/fhir/Questionnaire/other").await.status, 404);
    assert_eq!(service.get("/fhir/Questionnaire?patient=1").await.status, 400);
    service.stop().await;
}

#[tokio::test]
async fn a_plan_that_came_as_a_document_is_found_as_a_form() {
    if !common::packages() {
        return;
    }
    let service = Local::start().await;
    for name in ["ovarian-peritoneal", "lung-brain", "breast-bone-liver", "prostate-bone", "primary-unknown"] {
        let accepted = service.post(CARE_PLAN, &fixture(&format!("{name}/care-plan"))).await;
        let id = patient(&accepted);
        for subject in [format!("Patient/{id}"), id.clone()] {
            let found =
                service.get(&format!("/fhir/QuestionnaireResponse?subject={subject}&questionnaire={ZIB2020}")).await;
            assert_eq!((found.status, &found.body["total"]), (200, &Value::from(1)), "{name}: {}", found.body);
            let form = &found.body["entry"][0]["resource"];
            assert_eq!(form["subject"]["reference"], format!("Patient/{id}"));
        }
        // What became of the plan in its form is told apart from what became of it in its resources.
        let trace = service.get(&format!("{}/trace", accepted.location.expect("a location"))).await.body;
        let lost = |rows: &Value| {
            let rows = rows.as_array().expect("rows").iter().filter(|row| row["fate"] == "not-carried");
            rows.count()
        };
        assert_eq!((lost(&trace["rows"]), lost(&trace["form"]) > 0), (0, true), "{name}");
    }
    service.stop().await;
}

// --- POST /fhir/QuestionnaireResponse -------------------------------------------------------------------------------

const DOOR: &str = "/fhir/QuestionnaireResponse";

fn published(release: &str, date: &str) -> Option<Value> {
    let path = common::shared(&format!("pzp/{release}/QuestionnaireResponse-HendrikHartman-{date}.json"))?;
    Some(serde_json::from_str(&std::fs::read_to_string(path).expect("readable")).expect("JSON"))
}

fn hendrik(number: u32) -> Value {
    json!({
        "resourceType": "Patient",
        "identifier": [{ "system": BSN, "value": bsn(number) }],
        "name": [{ "use": "official", "family": "Hartman", "given": ["Hendrik"] }],
        "birthDate": "1961-01-01",
    })
}

fn practice() -> Value {
    json!({
        "resourceType": "Organization", "name": "Huisartsenpraktijk De Brink",
        "identifier": [{ "system": AGB, "value": "01999911" }],
    })
}

fn beside(form: &Value, patient: Value) -> Value {
    let part = |name: &str, resource: Value| json!({ "name": name, "resource": resource });
    json!({ "resourceType": "Parameters", "parameter": [
        part("form", form.clone()), part("patient", patient), part("source", practice()),
    ] })
}

/// A small form that says everything itself.
fn whole(subject: Value) -> Value {
    json!({
        "resourceType": "QuestionnaireResponse",
        "identifier": { "system": "https://his.example/forms", "value": "form-7" },
        "questionnaire": format!("{ZIB2020}|1.0.0-rc2"),
        "status": "completed",
        "subject": subject,
        "authored": "2026-01-05T09:00:00+01:00",
        "author": { "identifier": { "system": AGB, "value": "01999911" }, "display": "Huisartsenpraktijk De Brink" },
        "item": [
            { "linkId": "963", "answer": [{ "valueDateTime": "2026-01-05T08:30:00+01:00" }] },
            { "linkId": "7", "item": [
                { "linkId": "964", "answer": [{ "valueString": "Hendrik" }] },
                { "linkId": "966", "answer": [{ "valueString": "Hartman" }] },
            ] },
            { "linkId": "967", "answer": [{ "valueDate": "1961-01-01" }] },
            { "linkId": "83", "item": [{ "linkId": "1409", "item": [
                { "linkId": "1410", "answer": [{ "valueCoding": { "system": "http://snomed.info/sct", "code": "89666000" } }] },
                { "linkId": "1386", "answer": [{ "valueCoding": { "system": "urn:oid:2.16.840.1.113883.2.4.3.11.60.40.4.25.1", "code": "2" } }] },
            ] }] },
        ],
    })
}

fn messages(answer: &Answer) -> Vec<(String, String)> {
    let issues = answer.body["issue"].as_array().cloned().unwrap_or_default();
    let said = |issue: &Value, at: &str| issue.pointer(at).and_then(Value::as_str).unwrap_or_default().to_owned();
    issues.iter().map(|issue| (said(issue, "/details/coding/0/code"), said(issue, "/expression/0"))).collect()
}

async fn forms_of(service: &Local, patient: &str, canonical: &str) -> Vec<Value> {
    service.search("QuestionnaireResponse", &[("subject", patient), ("questionnaire", canonical)]).await
}

/// The stored form of an answer, by its Location.
async fn stored(service: &Local, answer: &Answer) -> Value {
    let location = answer.location.as_deref().unwrap_or_else(|| panic!("{} {}", answer.status, answer.body));
    service.http.get(location).await.expect("an answer").body
}

#[tokio::test]
async fn a_published_form_is_taken_in_with_its_patient_and_sender_beside_it() {
    if !common::packages() {
        return;
    }
    for date in ["20201001", "20221108"] {
        let Some(sent) = published("r4", date) else { return };
        let service = Local::start().await;
        let body = beside(&sent, hendrik(1));
        let answer = service.send(DOOR, FHIR_JSON, body.to_string()).await;
        assert_eq!(answer.status, 201, "{}", answer.body);
        let form = stored(&service, &answer).await;
        assert_eq!(form["item"], sent["item"], "the form is kept as it was sent");
        let subject = form["subject"]["reference"].as_str().expect("a subject").to_owned();
        assert_eq!(forms_of(&service, &subject, BETA).await.len(), 1, "as it was sent");
        assert_eq!(forms_of(&service, &subject, ZIB2020).await.len(), 1, "as the guide asks for it");
        let directives =
            service.search("Consent", &[("patient", &subject), ("category", "http://snomed.info/sct|129125009")]).await;
        assert_eq!(directives.len(), 8);
        // Again: nothing changes. With another answer: the next version.
        let again = service.send(DOOR, FHIR_JSON, body.to_string()).await;
        assert_eq!((again.status, &again.location), (200, &answer.location), "{}", again.body);
        let mut other = body.clone();
        other["parameter"][0]["resource"]["authored"] = json!("2025-08-26T10:00:00Z");
        let next = service.send(DOOR, FHIR_JSON, other.to_string()).await;
        assert_eq!(next.status, 201, "{}", next.body);
        assert!(next.location.expect("a location").ends_with("/_history/2"));
        service.stop().await;
    }
}

#[tokio::test]
async fn a_form_that_names_no_sender_comes_from_the_organisation_that_runs_the_service_which_is_told() {
    if !common::packages() {
        return;
    }
    let service = Local::with(&[("OVERDRACHT_ORGANIZATION", "agb:06999901 Ziekenhuis De Waterlinie")]).await;
    let mut form = whole(json!({ "identifier": { "system": BSN, "value": hendrik(3)["identifier"][0]["value"] } }));
    form.as_object_mut().expect("an object").shift_remove("author");
    let answer = service.send(DOOR, FHIR_JSON, form.to_string()).await;
    assert_eq!(answer.status, 201, "{}", answer.body);
    let assumed = ("form-sender-assumed".to_owned(), "QuestionnaireResponse.author".to_owned());
    assert!(messages(&answer).contains(&assumed), "{}", answer.body);
    let said = answer.body["issue"][0]["diagnostics"].as_str().expect("words").to_owned();
    let document = said.split_whitespace().nth(4).expect("an id");
    let trace = service.get(&format!("/api/v1/documents/{document}/trace")).await.body;
    let rows = trace["rows"].as_array().expect("rows");
    let of_sender: Vec<_> = rows
        .iter()
        .filter(|row| row["source"].as_str().is_some_and(|at| at.starts_with("/source/organization")))
        .collect();
    assert!(!of_sender.is_empty(), "{rows:#?}");
    assert!(of_sender.iter().all(|row| row["fate"] == "defaulted"), "{of_sender:#?}");
    // Who names a sender is believed.
    let named = service.send(DOOR, FHIR_JSON, whole(form["subject"].clone()).to_string()).await;
    assert_eq!(named.status, 201, "{}", named.body);
    assert!(!messages(&named).contains(&assumed), "{}", named.body);
    service.stop().await;
}

#[tokio::test]
async fn a_form_of_stu3_is_taken_in_by_either_address_and_nothing_of_it_is_lost() {
    if !common::packages() {
        return;
    }
    for date in ["20201001", "20221108"] {
        let Some(sent) = published("stu3", date) else { return };
        let service = Local::start().await;
        let body = beside(&sent, hendrik(2)).to_string();
        let answer = service.send("/fhir/stu3/QuestionnaireResponse", FHIR_JSON, body.clone()).await;
        assert_eq!(answer.status, 201, "{}", answer.body);
        let same = service.send(DOOR, "application/fhir+json; fhirVersion=3.0", body).await;
        assert_eq!(same.status, 200, "{}", same.body);
        let form = stored(&service, &same).await;
        assert_eq!(form["questionnaire"], "https://api.iknl.nl/docs/pzp/stu3/Questionnaire/ACP-zib2017|1.0.0-rc2");
        let subject = form["subject"]["reference"].as_str().expect("a subject").to_owned();
        assert_eq!(forms_of(&service, &subject, ZIB2020).await.len(), 1);
        let said = answer.body["issue"][0]["diagnostics"].as_str().expect("words").to_owned();
        let document = said.split_whitespace().nth(4).expect("an id");
        let trace = service.get(&format!("/api/v1/documents/{document}/trace")).await.body;
        let lost: Vec<_> =
            trace["rows"].as_array().expect("rows").iter().filter(|row| row["fate"] == "not-carried").collect();
        assert!(lost.is_empty(), "{date}: {lost:#?}");
        service.stop().await;
    }
}

#[tokio::test]
async fn a_form_says_in_several_ways_whom_it_is_about() {
    if !common::packages() {
        return;
    }
    let service = Local::start().await;
    let by_bsn = |number: u32| json!({ "identifier": { "system": BSN, "value": bsn(number) } });
    // Somebody new, by number: the name is that of the form.
    let new = service.send(DOOR, FHIR_JSON, whole(by_bsn(3)).to_string()).await;
    assert_eq!(new.status, 201, "{}", new.body);
    let subject = stored(&service, &new).await["subject"]["reference"].as_str().expect("a subject").to_owned();
    let person = service.get(&format!("/fhir/{subject}")).await.body;
    assert_eq!((&person["name"][0]["family"], &person["birthDate"]), (&json!("Hartman"), &json!("1961-01-01")));
    let hospital = json!({ "identifier": {
        "value": "P-77", "assigner": { "identifier": { "system": AGB, "value": "06999901" } },
    } });
    let mut contained = whole(json!({ "reference": "#p" }));
    contained["contained"] = json!([hendrik(3)]);
    contained["contained"][0]["id"] = json!("p");
    for (i, sent) in [whole(by_bsn(3)), whole(json!({ "reference": subject })), contained].into_iter().enumerate() {
        let mut sent = sent;
        sent["identifier"]["value"] = json!(format!("form-by-way-{i}"));
        let answer = service.send(DOOR, FHIR_JSON, sent.to_string()).await;
        assert_eq!(answer.status, 201, "{i}: {}", answer.body);
        let form = stored(&service, &answer).await;
        assert_eq!(form["subject"]["reference"], json!(subject), "{i}: one person");
        assert!(form["contained"].is_null());
    }
    let mut other = whole(hospital);
    other["identifier"]["value"] = json!("form-hospital");
    let answer = service.send(DOOR, FHIR_JSON, other.to_string()).await;
    assert_eq!(answer.status, 201, "{}", answer.body);
    let representation =
        service.http.get(answer.location.as_deref().expect("a location")).await.expect("an answer").body;
    assert_ne!(representation["subject"]["reference"], json!(subject));
    service.stop().await;
}

#[tokio::test]
async fn what_the_form_says_of_the_patient_is_added_and_contradicts_nothing_in_silence() {
    if !common::packages() {
        return;
    }
    let service = Local::start().await;
    let mut patient = hendrik(5);
    patient.as_object_mut().expect("an object").shift_remove("birthDate");
    patient["name"][0]["family"] = json!("Hartmans");
    let sent = beside(&whole(Value::Null), patient);
    let sent = sent.to_string().replace("\"subject\":null,", "");
    let answer = service.send(DOOR, FHIR_JSON, sent).await;
    assert_eq!(answer.status, 201, "{}", answer.body);
    let place = "Parameters.parameter[0].resource.item[1].item[1].answer[0]".to_owned();
    let told: Vec<_> = messages(&answer).into_iter().filter(|(id, _)| id == "form-other-patient").collect();
    assert_eq!(told, [("form-other-patient".to_owned(), place)]);
    let subject = stored(&service, &answer).await["subject"]["reference"].as_str().expect("a subject").to_owned();
    let person = service.get(&format!("/fhir/{subject}")).await.body;
    assert_eq!((&person["birthDate"], &person["name"][0]["family"]), (&json!("1961-01-01"), &json!("Hartmans")));
    service.stop().await;
}

#[tokio::test]
async fn a_form_that_lacks_something_is_told_where_and_nothing_is_stored() {
    if !common::packages() {
        return;
    }
    let service = Local::start().await;
    let sent = || whole(json!({ "identifier": { "system": BSN, "value": bsn(4) } }));
    let without = |name: &str| {
        let mut form = sent();
        form.as_object_mut().expect("an object").shift_remove(name);
        form
    };
    let q = |element: &str| format!("QuestionnaireResponse.{element}");
    let mut wrong_bsn = sent();
    wrong_bsn["subject"]["identifier"]["value"] = json!("123456789");
    let mut no_option = sent();
    no_option["item"][3]["item"][0]["item"][1]["answer"][0]["valueCoding"]["code"] = json!("7");
    let mut future = sent();
    future["item"][0]["answer"][0]["valueDateTime"] = json!("3024-01-01T00:00:00Z");
    for (form, id, at) in [
        (without("identifier"), "form-no-identifier", q("identifier")),
        (without("authored"), "form-no-authored", q("authored")),
        (without("author"), "form-no-source", q("author")),
        (without("subject"), "form-no-patient", q("subject")),
        (without("questionnaire"), "form-unknown", q("questionnaire")),
        (json!({ "resourceType": "Parameters" }), "form-missing", "Parameters.parameter".to_owned()),
        (
            changed(
                beside(&sent(), json!({})),
                "/parameter/1",
                json!({ "name": "patient", "valueString": "somebody" }),
            ),
            "form-part-resource",
            "Parameters.parameter[1].resource".to_owned(),
        ),
        (
            changed(beside(&sent(), json!({ "resourceType": "Patient" })), "/parameter/2/name", json!("sender")),
            "form-part-unknown",
            "Parameters.parameter[2].name".to_owned(),
        ),
        (changed(sent(), "/status", json!("in-progress")), "form-not-finished", q("status")),
        (changed(sent(), "/subject", json!({ "reference": "Patient/nobody" })), "form-no-patient", q("subject")),
        (wrong_bsn, "document-wrong-value", q("subject")),
        (
            no_option,
            "questionnaire-answer-not-an-option",
            "QuestionnaireResponse.item[3].item[0].item[1].answer[0]".to_owned(),
        ),
        (future, "document-contradiction", q("item[0].answer[0]")),
    ] {
        let before = service.audited().await.len();
        let answer = service.send(DOOR, FHIR_JSON, form.to_string()).await;
        assert_eq!(answer.status, 422, "{id}: {}", answer.body);
        assert!(messages(&answer).contains(&(id.to_owned(), at.clone())), "{id} at {at}: {:?}", messages(&answer));
        assert_eq!(service.audited().await.len(), before + 1, "{id}");
    }
    let other =
        service.send("/fhir/Observation", FHIR_JSON, json!({ "resourceType": "Observation" }).to_string()).await;
    assert_eq!((other.status, messages(&other)[0].0.as_str()), (400, "create-type"));
    assert!(service.search("Patient", &[("identifier", &format!("{BSN}|{}", bsn(4)))]).await.is_empty());
    service.stop().await;
}

#[tokio::test]
async fn every_mistake_in_a_form_is_told_at_its_item_in_one_answer() {
    if !common::packages() {
        return;
    }
    let service = Local::start().await;
    let mut form = whole(json!({ "identifier": { "system": BSN, "value": "123456789" } }));
    form.as_object_mut().expect("an object").shift_remove("authored");
    form["status"] = json!("in-progress");
    form["author"]["identifier"]["value"] = json!("12");
    for (at, value) in [
        ("/item/0/answer/0/valueDateTime", json!("3024-01-01T00:00:00Z")),
        ("/item/2/answer/0", json!({ "valueString": "in 1961" })),
        ("/item/3/item/0/item/1/answer/0/valueCoding/code", json!("7")),
    ] {
        form = changed(form, at, value);
    }
    let places = [
        "author",
        "authored",
        "item[0].answer[0]",
        "item[2].answer[0].valueString",
        "item[3].item[0].item[1].answer[0]",
        "status",
        "subject",
    ];
    let answer = service.send(DOOR, FHIR_JSON, form.to_string()).await;
    assert_eq!(
        (answer.status, places_below(&answer, "QuestionnaireResponse.")),
        (422, places.map(str::to_owned).into())
    );
    // Beside the patient the places are those in Parameters; the subject of the form counts no more.
    let mut sent = beside(&form, hendrik(6));
    sent["parameter"][1]["resource"]["birthDate"] = json!("3024");
    let answer = service.send(DOOR, FHIR_JSON, sent.to_string()).await;
    let mut expected: Vec<String> = places[1..6].iter().map(|at| format!("parameter[0].resource.{at}")).collect();
    expected.push("parameter[1].resource".to_owned());
    assert_eq!((answer.status, places_below(&answer, "Parameters.")), (422, expected));
    service.stop().await;
}

/// The places of the issues of an answer, in order, without what they all begin with.
fn places_below(answer: &Answer, above: &str) -> Vec<String> {
    let all = messages(answer).into_iter();
    let all = all.map(|(id, at)| at.strip_prefix(above).map_or(format!("{id} {at}"), str::to_owned));
    let mut places: Vec<String> = all.collect();
    places.sort();
    places
}

#[tokio::test]
async fn every_mistake_in_a_bundle_is_told_at_its_element_in_one_answer() {
    if !common::packages() {
        return;
    }
    let mut sent = bundle(resources_of("prostate-bone").await);
    let service = Local::start().await;
    let of = |sent: &Value, holds: &dyn Fn(&Value) -> bool| {
        let found = sent["entry"].as_array().expect("entries").iter().position(|entry| holds(&entry["resource"]));
        found.expect("such a resource")
    };
    let goal = of(&sent, &|one| one["resourceType"] == "Goal");
    let cpr = of(&sent, &|one| one["provision"]["code"][0]["coding"][0]["code"] == "89666000");
    let ward = of(&sent, &|one| one["provision"]["code"][0]["coding"][0]["code"] == "32485007");
    let place = of(&sent, &|one| one["code"]["coding"][0]["code"] == "395091006");
    let person = of(&sent, &|one| one["resourceType"] == "Patient");
    let encounter = of(&sent, &|one| one["resourceType"] == "Encounter");
    let again = sent["entry"][place].clone();
    // Structure, then meaning.
    sent["entry"][goal]["resource"].as_object_mut().expect("an object").shift_remove("lifecycleStatus");
    sent["entry"][encounter]["resource"]["status"] = json!("klaar");
    sent["entry"][person]["resource"]["birthDate"] = json!("3024");
    sent["entry"][cpr]["resource"]["dateTime"] = json!("3024-01-01");
    sent["entry"][cpr]["resource"].as_object_mut().expect("an object").shift_remove("_dateTime");
    sent["entry"][ward]["resource"]["provision"]["period"] = json!({ "end": "1990" });
    sent["entry"][place]["resource"]["effectiveDateTime"] = json!("3024-05");
    sent["entry"].as_array_mut().expect("entries").push(again);
    let last = sent["entry"].as_array().expect("entries").len() - 1;
    sent.as_object_mut().expect("an object").shift_remove("timestamp");
    let answer = service.send(BUNDLES, FHIR_JSON, sent.to_string()).await;
    assert_eq!(answer.status, 422);
    let told = places_below(&answer, "Bundle.");
    for at in [
        format!("entry[{goal}].resource"),
        format!("entry[{encounter}].resource.status"),
        format!("entry[{person}].resource.birthDate"),
        format!("entry[{cpr}].resource.dateTime"),
        format!("entry[{ward}].resource.provision.period.end"),
        format!("entry[{place}].resource.effectiveDateTime"),
        format!("entry[{last}].resource"),
    ] {
        assert_eq!(told.iter().filter(|one| **one == at).count(), 1, "{at} in {told:#?}");
    }
    assert!(told.len() <= 9, "{told:#?} {:#?}", answer.body);
    service.stop().await;
}

// --- POST /api/v1/care-plan-bundles ---------------------------------------------------------------------------------

const BUNDLES: &str = "/api/v1/care-plan-bundles";

/// The plan of a fixture as another service of ours would hand it on: a collection of what it made of it.
async fn resources_of(name: &str) -> Vec<Value> {
    let service = Local::start().await;
    let accepted = service.post(CARE_PLAN, &fixture(&format!("{name}/care-plan"))).await;
    let id = patient(&accepted);
    let store = service.store();
    let mut resources: Vec<Value> =
        store.compartment(&id, None).await.expect("read").into_iter().map(|version| version.body).collect();
    for kind in ["Organization", "Practitioner", "PractitionerRole", "Location"] {
        resources.extend(store.unfiled(kind).await.expect("read").into_iter().map(|version| version.body));
    }
    service.stop().await;
    resources
}

fn bundle(resources: Vec<Value>) -> Value {
    let entries: Vec<Value> = resources.into_iter().map(|one| json!({ "resource": one })).collect();
    json!({
        "resourceType": "Bundle", "type": "collection", "timestamp": "2026-11-02T10:00:00+01:00",
        "identifier": { "system": "https://his.example/plans", "value": "plan-9" }, "entry": entries,
    })
}

#[tokio::test]
async fn the_resources_of_another_system_are_taken_in_and_an_update_replaces_what_was_decided() {
    if !common::packages() {
        return;
    }
    let name = "prostate-bone";
    let sent = bundle(resources_of(name).await);
    let service = Local::start().await;
    let first = service.post(CARE_PLAN, &fixture(&format!("{name}/care-plan"))).await;
    let subject = patient(&first);
    // The GP changes what was agreed about resuscitation.
    let mut update = sent.clone();
    let directive = update["entry"]
        .as_array_mut()
        .expect("entries")
        .iter_mut()
        .map(|entry| &mut entry["resource"])
        .find(|one| one["provision"]["code"][0]["coding"][0]["code"] == "89666000" && one["scope"].is_object())
        .expect("a directive");
    directive["dateTime"] = json!("2026-11-01");
    directive.as_object_mut().expect("an object").shift_remove("_dateTime");
    directive["provision"]["type"] = json!("permit");
    directive["extension"] = json!([]);
    directive.as_object_mut().expect("an object").retain(|name, _| name != "extension" && name != "modifierExtension");
    let answer = service.send(BUNDLES, FHIR_JSON, update.to_string()).await;
    assert_eq!(answer.status, 201, "{}", answer.body);
    assert_eq!(patient(&answer), subject, "found by BSN");
    assert_eq!(answer.body["document"]["kind"], "care-plan-bundle");
    let directives = service.search("Consent", &[("patient", &subject), ("status", "active")]).await;
    let now: Vec<_> = directives
        .iter()
        .filter(|one| one["provision"]["code"][0]["coding"][0]["code"] == "89666000")
        .map(|one| one["provision"]["type"].as_str().unwrap_or_default().to_owned())
        .collect();
    assert_eq!(now, ["permit"]);
    assert_eq!(forms_of(&service, &subject, ZIB2020).await.len(), 2, "each plan as a form");
    // Again nothing; something else is the next version; in XML as well.
    assert_eq!(service.send(BUNDLES, FHIR_JSON, update.to_string()).await.status, 200);
    update["timestamp"] = json!("2026-11-03T10:00:00+01:00");
    let xml = xml::write(&*R4, &update).expect("XML");
    let next = service.send(BUNDLES, "application/fhir+xml", xml).await;
    assert_eq!((next.status, &next.body["document"]["version"]), (201, &json!(2)), "{}", next.body);
    service.stop().await;
}

#[tokio::test]
async fn the_resources_of_every_fixture_are_taken_in() {
    if !common::packages() {
        return;
    }
    for name in common::PEOPLE {
        let sent = bundle(resources_of(name).await);
        let service = Local::start().await;
        let answer = service.send(BUNDLES, FHIR_JSON, sent.to_string()).await;
        assert_eq!(answer.status, 201, "{name}: {}", answer.body);
        for warning in answer.body["warnings"].as_array().expect("warnings") {
            assert_ne!(warning["id"], "care-plan-not-read", "{name}: {warning}");
            assert!(warning["at"].as_str().is_some_and(|at| at.starts_with("Bundle.")), "{name}: {warning}");
        }
        let said = |plan: &Value| plan["treatmentDirectives"].as_array().map_or(0, Vec::len);
        let directives = service.search("Consent", &[("patient", &patient(&answer)), ("scope", "treatment")]).await;
        let own = fixture(&format!("{name}/care-plan"));
        let deactivation = usize::from(own["icdDeactivation"].is_object());
        assert_eq!(directives.len(), said(&own) + deactivation, "{name}");
        service.stop().await;
    }
}

#[tokio::test]
async fn a_bundle_with_mistakes_is_told_at_its_elements_and_changes_nothing() {
    if !common::packages() {
        return;
    }
    let sent = bundle(resources_of("lung-brain").await);
    let service = Local::start().await;
    let goal =
        sent["entry"].as_array().expect("entries").iter().position(|it| it["resource"]["resourceType"] == "Goal");
    let goal = goal.expect("a goal");
    let mut no_code = sent.clone();
    no_code["entry"][goal]["resource"]["description"] = json!({ "text": "zo lang mogelijk" });
    no_code["entry"][goal]["resource"].as_object_mut().expect("an object").shift_remove("meta");
    let mut no_status = sent.clone();
    no_status["entry"][goal]["resource"].as_object_mut().expect("an object").shift_remove("lifecycleStatus");
    let mut of_two = sent.clone();
    of_two["entry"].as_array_mut().expect("entries").push(json!({ "resource": hendrik(8) }));
    let last = of_two["entry"].as_array().expect("entries").len() - 1;
    of_two["entry"][last]["resource"]["id"] = json!("somebody-else");
    for (bundle, id, at) in [
        (no_status, "cardinality-too-few", format!("Bundle.entry[{goal}].resource")),
        (no_code, "document-wrong-value", format!("Bundle.entry[{goal}].resource.description")),
        (of_two, "care-plan-bundle-patients", format!("Bundle.entry[{last}].resource")),
        (json!({ "resourceType": "Patient" }), "bundle-expected", "Bundle".to_owned()),
        (json!({ "documentId": "x" }), "care-plan-bundle-missing", "/bundle".to_owned()),
    ] {
        let before = service.audited().await.len();
        let answer = service.send(BUNDLES, FHIR_JSON, bundle.to_string()).await;
        assert_eq!(answer.status, 422, "{id}: {}", answer.body);
        assert!(messages(&answer).iter().any(|(_, place)| *place == at), "{id} at {at}: {:?}", messages(&answer));
        assert!(messages(&answer).iter().any(|(known, _)| known == id), "{id} at {at}: {:?}", messages(&answer));
        assert_eq!(service.audited().await.len(), before + 1, "{id}");
    }
    service.stop().await;
}

#[tokio::test]
async fn one_plan_does_not_come_by_two_doors() {
    if !common::packages() {
        return;
    }
    let sent = bundle(resources_of("lung-brain").await);
    let service = Local::start().await;
    let native = fixture("lung-brain/care-plan");
    assert_eq!(service.post(CARE_PLAN, &native).await.status, 201);
    let mut beside = json!({ "bundle": sent });
    for name in ["documentId", "version", "recordedAt", "source", "patient"] {
        beside[name] = native[name].clone();
    }
    let refused = service.send(BUNDLES, FHIR_JSON, beside.to_string()).await;
    assert_eq!((refused.status, messages(&refused)[0].0.as_str()), (409, "document-other-kind"), "{}", refused.body);
    service.stop().await;
}

#[tokio::test]
async fn a_bundle_of_stu3_is_taken_in_by_the_same_door() {
    if !common::packages() {
        return;
    }
    let Some(folder) = common::shared("pzp/stu3") else { return };
    // The second patient had two conversations.
    for (person, plans) in [("Pat1", 1), ("Pat2", 2)] {
        let mut entries = Vec::new();
        let mut files: Vec<_> =
            std::fs::read_dir(&folder).expect("a folder").map(|it| it.expect("an entry").path()).collect();
        files.sort();
        for path in files {
            let name = path.file_name().expect("a name").to_string_lossy().into_owned();
            // Of the first patient the plan of 2020: that of 2025 is another document.
            if name.starts_with("converted-") && name.ends_with(&format!("{person}.json")) && !name.contains("2025") {
                let text = std::fs::read_to_string(&path).expect("readable");
                entries.push(json!({ "resource": serde_json::from_str::<Value>(&text).expect("JSON") }));
            }
        }
        assert!(entries.len() > 20, "{}", entries.len());
        let sent = json!({
            "source": { "system": "https://his.example", "organization": { "agb": "01999911", "name": "De Brink" } },
            "recordedAt": "2025-11-20T10:00:00Z", "documentId": format!("plan-{person}"),
            "bundle": { "resourceType": "Bundle", "type": "collection", "entry": entries },
        });
        let service = Local::start().await;
        let answer = service.send(BUNDLES, "application/fhir+json; fhirVersion=3.0", sent.to_string()).await;
        assert_eq!(answer.status, 201, "{person}: {}", answer.body);
        let subject = patient(&answer);
        let directives =
            service.search("Consent", &[("patient", &subject), ("category", "http://snomed.info/sct|129125009")]).await;
        assert!(directives.len() >= 7, "{person}: {}", directives.len());
        assert_eq!(forms_of(&service, &subject, ZIB2020).await.len(), plans, "{person}");
        service.stop().await;
    }
}
