//! The published records of the care planning guide (STU3, two patients) taken in over HTTP, and every query of the guide
//! asked of them: R4 and STU3, JSON and XML, in the URL and in the body.

mod common;
#[path = "common/door.rs"]
mod door;
#[path = "common/service.rs"]
mod harness;
#[path = "common/people.rs"]
mod people;

use std::collections::BTreeMap;

use door::{FHIR_XML, call};
use harness::{FHIR_JSON, Local, REGISTRY, fixture};
use overdracht::fhir::stu3::Stu3;
use overdracht::fhir::xml;
use people::at;
use serde_json::{Value, json};

const SCT: &str = "http://snomed.info/sct";
const JSON_3: &str = "application/fhir+json; fhirVersion=3.0";
const XML_3: &str = "application/fhir+xml; fhirVersion=3.0";
const FORM: &str = "application/x-www-form-urlencoded";
const ICD: &str = "72506001,465460004,468542000,704707009,1263462004,1236894001";
const WISHES: &str = "153851000146100,395091006,340171000146104,247751003,570801000146104";

/// The published resources of one patient.
fn published(patient: &str) -> Option<Vec<Value>> {
    let folder = common::shared("pzp/stu3")?;
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| {
        let name = path.file_name().unwrap().to_str().unwrap();
        name.starts_with("converted-") && name.ends_with(&format!("{patient}.json"))
    });
    files.sort();
    Some(files.iter().map(|path| serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()).collect())
}

/// Taken in as one Bundle, in the form that is named; what was answered.
async fn take_in(service: &Local, patient: &str, resources: &[Value], form: &str) -> Value {
    let key = |one: &Value| format!("{}/{}", one["resourceType"].as_str().unwrap(), one["id"].as_str().unwrap());
    let entry = |one: &Value| json!({ "fullUrl": format!("https://his.example/fhir/{}", key(one)), "resource": one });
    let sender = json!({ "resourceType": "Organization", "id": "brink", "name": "Huisartsenpraktijk De Brink",
        "identifier": [{ "system": "http://fhir.nl/fhir/NamingSystem/agb-z", "value": "01999911" }] });
    let bundle = json!({
        "resourceType": "Bundle", "type": "collection",
        "meta": { "lastUpdated": "2025-12-01T10:00:00+01:00" },
        "identifier": { "system": "https://his.example/plans", "value": patient },
        "entry": resources.iter().chain([&sender]).map(entry).collect::<Vec<_>>(),
    });
    let body = match form {
        XML_3 => xml::write(&Stu3, &bundle).expect("it has a form in XML"),
        _ => bundle.to_string(),
    };
    let answer = call(service, "POST", "/api/v1/care-plan-bundles", &[("content-type", form)], Some(body)).await;
    assert_eq!(answer.status, 201, "{}", answer.text);
    serde_json::from_str(&answer.text).expect("JSON")
}

/// A query in both releases, and what tells its matches apart (in whichever of the two they come).
struct Asked {
    name: &'static str,
    resource_type: &'static str,
    by: &'static str,
    r4: String,
    stu3: String,
    said: fn(&Value) -> String,
}

fn text(one: &Value, places: &[&str]) -> String {
    let found = places.iter().find_map(|at| one.pointer(at));
    found.and_then(Value::as_str).map(str::to_owned).unwrap_or_default()
}

/// The treatment that a directive is about, its date, and what was decided in the words of the dataset.
fn directive(one: &Value) -> String {
    let extensions = at(one, "extension");
    let of_stu3 = extensions.iter().find(|it| text(it, &["/url"]).ends_with("zib-TreatmentDirective-Treatment"));
    let code = match of_stu3 {
        Some(found) => text(found, &["/valueCodeableConcept/coding/0/code"]),
        None => text(one, &["/provision/code/0/coding/0/code"]),
    };
    let permitted = at(one, "modifierExtension");
    let permitted = permitted.iter().find(|it| text(it, &["/url"]).ends_with("TreatmentPermitted"));
    let decided = match (permitted, one.pointer("/provision/type").and_then(Value::as_str)) {
        (Some(found), _) => text(found, &["/valueCodeableConcept/coding/0/code"]),
        (None, Some("permit")) => "JA".to_owned(),
        (None, Some(_)) => "NEE".to_owned(),
        (None, None) => {
            let stated = extensions.iter().find(|it| text(it, &["/url"]).ends_with("ext-TreatmentDecision"));
            let code = stated.map(|it| text(it, &["/valueCodeableConcept/coding/0/code"])).unwrap_or_default();
            if code == "1" { "JA_MAAR".to_owned() } else { code }
        }
    };
    format!("{code} {decided} {}", text(one, &["/dateTime"]))
}

fn guide() -> Vec<Asked> {
    let asked = |name, resource_type, r4: String, stu3: String, said| Asked {
        name,
        resource_type,
        by: "patient",
        r4,
        stu3,
        said,
    };
    let both = |name, resource_type, query: String, said| asked(name, resource_type, query.clone(), query, said);
    let scope = "http://terminology.hl7.org/CodeSystem/consentscope";
    let pzp = "https://api.iknl.nl/docs/pzp";
    vec![
        both("1a", "Procedure", format!("code={SCT}|713603004&_include=Procedure:encounter"), |it| {
            text(it, &["/code/coding/0/code"])
        }),
        asked(
            "1b",
            "Encounter",
            format!("reason-reference:Procedure.code={SCT}|713603004&_include=Encounter:reason-reference"),
            format!("reason={SCT}|713603004"),
            |it| text(it, &["/period/start"]),
        ),
        asked(
            "2",
            "Consent",
            format!("scope={scope}|treatment&category={SCT}|129125009&_include=Consent:actor"),
            format!("category={SCT}|11291000146105&_include=Consent:actor"),
            directive,
        ),
        asked(
            "3",
            "Consent",
            format!(
                "scope={scope}|adr&category=http://terminology.hl7.org/CodeSystem/consentcategorycodes|acd\
                 &_include=Consent:actor"
            ),
            format!("category={SCT}|11341000146107&_include=Consent:actor"),
            |it| format!("{} {}", text(it, &["/dateTime"]), text(it, &["/sourceAttachment/title"])),
        ),
        both("4", "Goal", format!("category={SCT}|713603004"), |it| {
            format!("{} {}", text(it, &["/description/coding/0/code"]), text(it, &["/startDate", "/statusDate"]))
        }),
        both("4 by description", "Goal", format!("description={SCT}|385987000,1351964001,713148004"), |it| {
            format!("{} {}", text(it, &["/description/coding/0/code"]), text(it, &["/startDate", "/statusDate"]))
        }),
        both("5, the system on the first code alone", "Observation", format!("code={SCT}|{WISHES}"), |it| {
            format!("{} {}", text(it, &["/code/coding/0/code"]), text(it, &["/effectiveDateTime"]))
        }),
        asked(
            "6",
            "DeviceUseStatement",
            format!(
                "device.type:in={pzp}/r4/ValueSet/ACP-MedicalDeviceProductType-ICD&_include=DeviceUseStatement:device"
            ),
            format!(
                "device.type:in={pzp}/stu3/ValueSet/ACP-MedicalDeviceProductType-ICD&_include=DeviceUseSatement:device"
            ),
            |it| text(it, &["/timingPeriod/start"]),
        ),
        both(
            "6 with a list",
            "DeviceUseStatement",
            format!("device.type={SCT}|{ICD}&_include=DeviceUseStatement:device"),
            |it| text(it, &["/timingPeriod/start"]),
        ),
        both("7", "CommunicationRequest", format!("category={SCT}|223449006"), |it| text(it, &["/authoredOn"])),
        Asked {
            by: "subject",
            ..asked(
                "form",
                "QuestionnaireResponse",
                format!("questionnaire={pzp}/r4/Questionnaire/ACP-zib2020"),
                format!("questionnaire={pzp}/stu3/Questionnaire/ACP-zib2017"),
                |it| text(it, &["/status"]),
            )
        },
    ]
}

/// What was found of one query, in the way that it was asked: what its matches say, and how many of each type they led to.
type Answer = (Vec<String>, BTreeMap<String, usize>);

/// The query in every way that it may be asked in one release: all answer the same.
async fn ask(service: &Local, asked: &Asked, patient: &str, stu3: bool) -> Answer {
    let ways = if stu3 {
        [("/fhir/stu3", FHIR_JSON), ("/fhir/stu3", FHIR_XML), ("/fhir", JSON_3), ("/fhir", XML_3)].as_slice()
    } else {
        [("/fhir", FHIR_JSON), ("/fhir", FHIR_XML)].as_slice()
    };
    let own = if stu3 { &asked.stu3 } else { &asked.r4 };
    let query = format!("{}=Patient/{patient}&{own}", asked.by);
    let mut answers: Vec<Answer> = Vec::new();
    for (base, accept) in ways {
        let path = format!("{base}/{}", asked.resource_type);
        let got = call(service, "GET", &format!("{path}?{query}"), &[("accept", accept)], None).await;
        let headers = [("accept", *accept), ("content-type", FORM)];
        let body = Some(query.replace('|', "%7C"));
        let posted = call(service, "POST", &format!("{path}/_search"), &headers, body).await;
        for seen in [got, posted] {
            assert_eq!(seen.status, 200, "{}: {}", asked.name, seen.text);
            let bundle = if stu3 && seen.header("content-type").contains("xml") {
                xml::read(&Stu3, &seen.text).expect("XML of STU3").resource
            } else {
                seen.resource()
            };
            let entries = at(&bundle, "entry");
            assert_eq!(bundle.get("entry").is_none(), entries.is_empty(), "{}: no empty list", asked.name);
            let of = |mode: &'static str| {
                entries.iter().filter(move |it| it["search"]["mode"] == mode).map(|it| &it["resource"])
            };
            let mut matches: Vec<String> = of("match").map(asked.said).collect();
            matches.sort();
            assert_eq!(bundle["total"], json!(matches.len()), "{}", asked.name);
            let mut included = BTreeMap::new();
            for one in of("include") {
                *included.entry(text(one, &["/resourceType"])).or_default() += 1;
            }
            answers.push((matches, included));
        }
    }
    assert!(answers.windows(2).all(|pair| pair[0] == pair[1]), "{}: the answers differ: {answers:?}", asked.name);
    answers.remove(0)
}

/// What the published resources of a type say in answer to a query.
fn expected(asked: &Asked, resources: &[Value]) -> Vec<String> {
    let category = match asked.name {
        "2" => Some("11291000146105"),
        "3" => Some("11341000146107"),
        _ => None,
    };
    let of = |one: &&Value| {
        one["resourceType"] == asked.resource_type
            && category.is_none_or(|code| text(one, &["/category/0/coding/0/code"]) == code)
    };
    let mut said: Vec<String> = resources.iter().filter(of).map(asked.said).collect();
    if asked.name == "form" {
        // One a conversation.
        said =
            resources.iter().filter(|it| it["resourceType"] == "Encounter").map(|_| "completed".to_owned()).collect();
    }
    said.sort();
    said
}

#[tokio::test]
async fn every_query_of_the_guide_finds_what_the_published_records_say() {
    if !common::packages() {
        return;
    }
    let (Some(first), Some(second)) = (published("Pat1"), published("Pat2")) else { return };
    assert_eq!(first.len() + second.len(), 74);
    let service = Local::start().await;
    let mut patients = Vec::new();
    for (name, resources, form) in [("Pat1", &first, JSON_3), ("Pat2", &second, XML_3)] {
        let taken = take_in(&service, name, resources, form).await;
        assert_eq!(taken["documents"].as_array().map(Vec::len), Some(2), "two conversations: {taken}");
        let told: Vec<&Value> = at(&taken, "warnings.id");
        // Parties whom nothing that was sent tells of, and when a conversation ended, have no place in a plan.
        let expected = ["care-plan-bundle-number", "care-plan-element-not-read"];
        assert!(told.iter().all(|id| expected.iter().any(|one| *id == one)), "{}", taken["warnings"]);
        patients.push((text(&taken, &["/patient"]).replace("Patient/", ""), resources));
    }
    // Somebody of whom no plan is known.
    let taken = service.post(REGISTRY, &fixture("prostate-bone/registry-record")).await;
    let nobody = text(&taken.body, &["/patient"]).replace("Patient/", "");
    for asked in guide() {
        for stu3 in [false, true] {
            let release = if stu3 { "STU3" } else { "R4" };
            let mut led = Vec::new();
            for (patient, resources) in &patients {
                let (matches, included) = ask(&service, &asked, patient, stu3).await;
                let wanted = expected(&asked, resources);
                assert!(!wanted.is_empty(), "{}: nothing is expected", asked.name);
                assert_eq!(matches, wanted, "{} {release}", asked.name);
                led.push(included);
            }
            let of = |rows: &[(&str, usize)]| -> BTreeMap<String, usize> {
                rows.iter().map(|(name, count)| ((*name).to_owned(), *count)).collect()
            };
            // Who has no number is somebody of one plan, and each patient has two; the second agreed alone.
            let alone = if stu3 {
                // The person, with the role beside it.
                of(&[("Patient", 1), ("Practitioner", 2), ("PractitionerRole", 2)])
            } else {
                of(&[("Patient", 1), ("PractitionerRole", 2)])
            };
            let mut with_relative = alone.clone();
            with_relative.insert("RelatedPerson".into(), 2);
            let wanted = match asked.name {
                "1a" => vec![of(&[("Encounter", 2)]); 2],
                "1b" if !stu3 => vec![of(&[("Procedure", 2)]); 2],
                "2" => vec![with_relative, alone],
                // In STU3 the patient is no party of an agreement, and stands for one.
                "3" if stu3 => vec![of(&[("Patient", 1), ("RelatedPerson", 1)]); 2],
                "3" => vec![of(&[("RelatedPerson", 1)]); 2],
                "6" | "6 with a list" => vec![of(&[("Device", 1)]); 2],
                _ => vec![of(&[]); 2],
            };
            assert_eq!(led, wanted, "{} {release}", asked.name);
            assert_eq!(ask(&service, &asked, &nobody, stu3).await, (Vec::new(), of(&[])), "{} {release}", asked.name);
        }
    }
    service.stop().await;
}
