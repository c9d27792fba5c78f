//! The FHIR door as a GP system that runs on STU3 (zib2017) meets it.

mod common;
#[path = "common/door.rs"]
mod door;
#[path = "common/service.rs"]
mod harness;

use door::{FHIR_XML, Seen, call};
use harness::{CARE_PLAN, FHIR_JSON, Local, fixture};
use overdracht::fhir::stu3::Stu3;
use overdracht::fhir::xml;
use overdracht::validator::{Language, stu3::check};
use serde_json::{Value, json};

const SCT: &str = "http://snomed.info/sct";
const JSON_3: &str = "application/fhir+json; fhirVersion=3.0";
const XML_3: &str = "application/fhir+xml; fhirVersion=3.0";

/// The STU3 resource of an answer, in whichever form it came; sound, or the test ends.
fn resource(seen: &Seen) -> Value {
    let content_type = seen.header("content-type");
    assert!(content_type.contains("fhirVersion=3.0"), "{content_type}");
    let resource = if content_type.contains("xml") {
        xml::read(&Stu3, &seen.text).unwrap_or_else(|at| panic!("unreadable at {at:?}: {}", seen.text)).resource
    } else {
        serde_json::from_str(&seen.text).unwrap_or_else(|error| panic!("{error}: {}", seen.text))
    };
    let faults = check(&resource, Language::English);
    assert!(faults.is_empty(), "{faults:#?}");
    resource
}

/// Searches in every way that a GP system may: both bases, both forms, in the URL and in the body. All answer the same.
async fn search(service: &Local, query: &str) -> Vec<Value> {
    let (name, parameters) = query.split_once('?').unwrap();
    let form = ("content-type", "application/x-www-form-urlencoded");
    let mut answers: Vec<Value> = Vec::new();
    for (base, accept) in [("/fhir/stu3", FHIR_JSON), ("/fhir/stu3", FHIR_XML), ("/fhir", JSON_3), ("/fhir", XML_3)] {
        let got = call(service, "GET", &format!("{base}/{query}"), &[("accept", accept)], None).await;
        let url = format!("{base}/{name}/_search");
        let posted = call(service, "POST", &url, &[("accept", accept), form], Some(parameters.to_owned())).await;
        for seen in [got, posted] {
            assert_eq!(seen.status, 200, "{query}: {}", seen.text);
            let bundle = resource(&seen);
            assert_eq!(bundle["type"], "searchset");
            let entries = bundle["entry"].as_array().cloned().unwrap_or_default();
            let full = |entry: &Value| entry["fullUrl"].as_str().unwrap().contains(&format!("{base}/"));
            assert!(entries.iter().all(full), "{query}: full URLs below {base}");
            let shown: Vec<Value> = entries.iter().map(|entry| json!([entry["search"], entry["resource"]])).collect();
            answers.push(Value::Array(shown));
        }
    }
    assert!(answers.windows(2).all(|pair| pair[0] == pair[1]), "{query}: the answers differ");
    let entries = answers[0].as_array().cloned().unwrap_or_default();
    entries.iter().map(|entry| json!({ "mode": entry[0]["mode"], "resource": entry[1] })).collect()
}

fn of<'e>(entries: &'e [Value], mode: &str, name: &str) -> Vec<&'e Value> {
    let all = entries.iter().filter(|one| one["mode"] == mode && one["resource"]["resourceType"] == name);
    all.map(|one| &one["resource"]).collect()
}

/// A fixture's care plan taken in; the patient's id.
async fn patient(service: &Local, name: &str) -> String {
    let plan = fixture(&format!("{name}/care-plan"));
    let answer = service.post(CARE_PLAN, &plan).await;
    assert_eq!(answer.status, 201, "{}", answer.body);
    let bsn = plan["patient"]["identifiers"]["bsn"].as_str().unwrap();
    let identifier = format!("http://fhir.nl/fhir/NamingSystem/bsn|{bsn}");
    let found = service.search("Patient", &[("identifier", &identifier)]).await;
    found[0]["id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn every_query_of_the_guide_is_answered_in_stu3() {
    if !common::packages() {
        return;
    }
    let service = Local::start().await;
    let id = patient(&service, "prostate-bone").await;

    // 1a and 1b: the conversation by its procedure, and by its reason.
    let found =
        search(&service, &format!("Procedure?patient=Patient/{id}&code={SCT}|713603004&_include=Procedure:encounter"))
            .await;
    assert_eq!((of(&found, "match", "Procedure").len(), of(&found, "include", "Encounter").len()), (1, 1));
    let found = search(&service, &format!("Encounter?patient=Patient/{id}&reason={SCT}|713603004")).await;
    let encounters = of(&found, "match", "Encounter");
    assert_eq!(encounters.len(), 1);
    assert!(encounters[0]["diagnosis"][0]["condition"]["reference"].as_str().unwrap().starts_with("Procedure/"));
    assert!(search(&service, &format!("Encounter?patient=Patient/{id}&reason={SCT}|1")).await.is_empty());

    // 2 and 3: treatment directives and advance directives, with the parties to them.
    let found =
        search(&service, &format!("Consent?patient=Patient/{id}&category={SCT}|11291000146105&_include=Consent:actor"))
            .await;
    let directives = of(&found, "match", "Consent");
    assert!(directives.len() >= 4, "{} directives", directives.len());
    let permitted = "http://nictiz.nl/fhir/StructureDefinition/zib-TreatmentDirective-TreatmentPermitted";
    assert!(
        directives.iter().all(|one| one["modifierExtension"]
            .as_array()
            .unwrap()
            .iter()
            .any(|it| it["url"] == permitted))
    );
    assert!(directives.iter().all(|one| one.get("scope").is_none() && one.get("provision").is_none()));
    assert_eq!(of(&found, "include", "Patient").len(), 1);
    assert!(!of(&found, "include", "Practitioner").is_empty(), "who it was agreed with");
    let found =
        search(&service, &format!("Consent?patient=Patient/{id}&category={SCT}|11341000146107&_include=Consent:actor"))
            .await;
    let advance = of(&found, "match", "Consent");
    assert!(!advance.is_empty() && advance.iter().all(|one| one["category"].as_array().unwrap().len() == 2));

    // 4: the goal by its category, and by its description as the guide of before asked.
    for query in [format!("category={SCT}|713603004"), format!("description={SCT}|385987000,1351964001,713148004")] {
        let found = search(&service, &format!("Goal?patient=Patient/{id}&{query}")).await;
        let goals = of(&found, "match", "Goal");
        assert_eq!((goals.len(), &goals[0]["status"]), (1, &json!("in-progress")));
    }

    // 5: the observations; only the first code has the system.
    let codes = format!("{SCT}|153851000146100,395091006,340171000146104,247751003,570801000146104");
    let found = search(&service, &format!("Observation?patient=Patient/{id}&code={codes}")).await;
    let observations = of(&found, "match", "Observation");
    assert!(observations.len() >= 4, "{} observations", observations.len());
    assert!(observations.iter().all(|one| one.get("encounter").is_none() && one.get("note").is_none()));

    // 7: the request to inform the relatives.
    let found = search(&service, &format!("CommunicationRequest?patient=Patient/{id}&category={SCT}|223449006")).await;
    let requests = of(&found, "match", "CommunicationRequest");
    assert_eq!(requests.len(), 1, "the relatives are to be informed");
    assert!(requests[0]["requester"]["agent"]["reference"].as_str().unwrap().starts_with("Practitioner/"));

    // Nothing found is an empty Bundle.
    assert!(search(&service, &format!("Goal?patient=Patient/{id}&category={SCT}|1")).await.is_empty());
    service.stop().await;
}

#[tokio::test]
async fn an_icd_is_found_in_each_of_the_ways_in_which_it_is_asked_for() {
    if !common::packages() {
        return;
    }
    let service = Local::start().await;
    let mut with_icd = None;
    for name in ["ovarian-peritoneal", "lung-brain", "breast-bone-liver", "prostate-bone", "melanoma-five-sites"] {
        if !fixture(&format!("{name}/care-plan"))["icd"].is_null() {
            with_icd = Some(name);
        }
    }
    let id = patient(&service, with_icd.expect("a patient with an ICD")).await;
    let explicit = format!("{SCT}|72506001,465460004,468542000,704707009,1263462004,1236894001");
    let set = "https://api.iknl.nl/docs/pzp/stu3/ValueSet/ACP-MedicalDeviceProductType-ICD";
    for query in [
        format!("device.type={explicit}&_include=DeviceUseStatement:device"),
        format!("device.type={explicit}&_include=DeviceUseSatement:device"),
        format!("device.type:in={set}&_include=DeviceUseStatement:device"),
    ] {
        let found = search(&service, &format!("DeviceUseStatement?patient=Patient/{id}&{query}")).await;
        let counted = (of(&found, "match", "DeviceUseStatement").len(), of(&found, "include", "Device").len());
        assert_eq!(counted, (1, 1), "{query}");
    }
    service.stop().await;
}

#[tokio::test]
async fn a_resource_is_read_in_stu3_with_its_versions() {
    if !common::packages() {
        return;
    }
    let service = Local::start().await;
    let id = patient(&service, "lung-brain").await;
    for (base, accept) in [("/fhir/stu3", FHIR_JSON), ("/fhir/stu3", FHIR_XML), ("/fhir", JSON_3), ("/fhir", XML_3)] {
        let ask =
            async |path: String| call(&service, "GET", &format!("{base}/{path}"), &[("accept", accept)], None).await;
        let read = ask(format!("Patient/{id}")).await;
        assert_eq!((read.status, resource(&read)["id"].as_str().unwrap()), (200, id.as_str()));
        let version = ask(format!("Patient/{id}/_history/1")).await;
        assert_eq!(resource(&version), resource(&read));
        let history = ask(format!("Patient/{id}/_history")).await;
        assert_eq!(resource(&history)["type"], "history");
        let statement = resource(&ask("metadata".into()).await);
        assert_eq!(statement["fhirVersion"], "3.0.2");
        let consent = statement["rest"][0]["resource"].as_array().unwrap().iter().find(|one| one["type"] == "Consent");
        let names: Vec<&Value> =
            consent.unwrap()["searchParam"].as_array().unwrap().iter().map(|it| &it["name"]).collect();
        assert!(names.contains(&&json!("category")) && !names.contains(&&json!("scope")));
        let missing = ask("Patient/1".into()).await;
        assert_eq!((missing.status, resource(&missing)["resourceType"].as_str()), (404, Some("OperationOutcome")));
        let unknown = ask(format!("Consent?patient={id}&scope=treatment")).await;
        assert_eq!((unknown.status, resource(&unknown)["issue"][0]["severity"].as_str()), (400, Some("error")));
    }
    service.stop().await;
}

#[tokio::test]
async fn a_page_of_a_search_is_of_the_release_that_was_asked_for() {
    if !common::packages() {
        return;
    }
    let service = Local::start().await;
    let id = patient(&service, "prostate-bone").await;
    let first = call(&service, "GET", &format!("/fhir/stu3/Consent?patient={id}&_count=2"), &[], None).await;
    let bundle = resource(&first);
    let link = bundle["link"].as_array().unwrap().iter().find(|one| one["relation"] == "next").unwrap();
    let path = link["url"].as_str().unwrap().strip_prefix(&service.url).unwrap();
    assert!(path.starts_with("/fhir/stu3/Consent?"), "{path}");
    let next = call(&service, "GET", path, &[], None).await;
    let shown = resource(&next);
    assert!(!shown["entry"].as_array().unwrap().is_empty());
    assert!(shown["entry"].as_array().unwrap().iter().all(|one| one["resource"].get("provision").is_none()));
    service.stop().await;
}

#[tokio::test]
async fn a_part_of_a_resource_is_named_as_stu3_names_it() {
    if !common::packages() {
        return;
    }
    let service = Local::start().await;
    let id = patient(&service, "prostate-bone").await;
    for (view, there, gone) in [
        ("_elements=category", &["category", "status", "modifierExtension", "except"][..], "dateTime"),
        ("_summary=true", &["status", "category", "dateTime", "except"], "text"),
        ("_summary=data", &["status", "extension"], "text"),
        ("_summary=text", &["text", "status", "modifierExtension"], "category"),
    ] {
        let query = format!("patient={id}&category={SCT}|11291000146105&{view}");
        let seen = call(&service, "GET", &format!("/fhir/stu3/Consent?{query}"), &[], None).await;
        let bundle: Value = serde_json::from_str(&seen.text).unwrap();
        let entries = bundle["entry"].as_array().unwrap();
        let permit = |entry: &&Value| entry["resource"]["except"].is_array();
        let one = &entries.iter().find(permit).unwrap_or(&entries[0])["resource"];
        for name in there {
            assert!(one.get(name).is_some(), "{view}: {name} of {one}");
        }
        assert!(one.get(gone).is_none(), "{view}: {gone}");
    }
    service.stop().await;
}

#[tokio::test]
async fn a_person_in_a_url_is_refused_in_stu3_too() {
    if !common::packages() {
        return;
    }
    let service = Local::start().await;
    let refused = call(&service, "GET", "/fhir/stu3/Patient?identifier=999990019", &[], None).await;
    assert_eq!((refused.status, resource(&refused)["issue"][0]["code"].as_str()), (400, Some("security")));
    service.stop().await;
}

#[tokio::test]
async fn the_structure_of_a_stu3_resource_is_validated() {
    if !common::packages() {
        return;
    }
    let service = Local::start().await;
    let good = json!({ "resourceType": "Goal", "status": "achieved", "description": { "text": "x" } });
    let bad = json!({ "resourceType": "Goal", "lifecycleStatus": "completed", "description": { "text": "x" } });
    for (path, media_type) in
        [("/fhir/$validate", JSON_3), ("/fhir/stu3/$validate", FHIR_JSON), ("/fhir/stu3/Goal/$validate", FHIR_JSON)]
    {
        let errors = async |resource: &Value| {
            let headers = [("content-type", media_type), ("accept", media_type)];
            let seen = call(&service, "POST", path, &headers, Some(resource.to_string())).await;
            assert_eq!(seen.status, 200, "{}", seen.text);
            let outcome: Value = serde_json::from_str(&seen.text).unwrap();
            outcome["issue"].as_array().unwrap().iter().filter(|one| one["severity"] == "error").count()
        };
        assert_eq!((errors(&good).await, errors(&bad).await), (0, 2), "{path}");
    }
    service.stop().await;
}
