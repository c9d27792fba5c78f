//! The queries of the care planning guide (R4, both methods) over HTTP, on everybody of the fixtures: in JSON and XML,
//! in the URL and in the body. What must be found is worked out here from what is stored, without the search.

mod common;
#[path = "common/door.rs"]
mod door;
#[path = "common/service.rs"]
mod harness;
#[path = "common/people.rs"]
mod people;

use std::collections::BTreeSet;

use door::{FHIR_XML, Seen, call, get};
use harness::{FHIR_JSON, Local, fixture};
use overdracht::fhir::systems::BSN;
use overdracht::validator::{Options, Validator};
use people::{at, coded, record, reference, take_in};
use serde_json::{Value, json};

const SCT: &str = "http://snomed.info/sct";
const SCOPE: &str = "http://terminology.hl7.org/CodeSystem/consentscope";
const CATEGORY: &str = "http://terminology.hl7.org/CodeSystem/consentcategorycodes";
const PZP: &str = "https://api.iknl.nl/docs/pzp/r4";
const ICD_TYPES: &[&str] = &["72506001", "465460004", "468542000", "704707009", "1263462004", "1236894001"];
const WISHES: &[&str] = &["153851000146100", "395091006", "340171000146104", "247751003", "570801000146104"];

/// A query of the guide, and what it asks for.
struct Asked {
    name: &'static str,
    resource_type: &'static str,
    /// How it names the patient.
    by: &'static str,
    parameters: String,
    /// Whether a resource of the type matches, given the whole record.
    matches: fn(&Value, &[Value]) -> bool,
    /// Where the references that are included stand in a match.
    includes: &'static str,
}

fn is_conversation(procedure: &Value) -> bool {
    coded(procedure, "code", SCT, &["713603004"])
}

fn led_to<'r>(resource: &Value, path: &str, record: &'r [Value]) -> Vec<&'r Value> {
    let references: Vec<_> = at(resource, path).into_iter().filter_map(|it| it["reference"].as_str()).collect();
    record.iter().filter(|other| references.contains(&reference(other).as_str())).collect()
}

fn is_directive(consent: &Value, _: &[Value]) -> bool {
    coded(consent, "scope", SCOPE, &["treatment"]) && coded(consent, "category", SCT, &["129125009"])
}

fn has_icd(statement: &Value, record: &[Value]) -> bool {
    led_to(statement, "device", record).iter().any(|device| coded(device, "type", SCT, ICD_TYPES))
}

fn guide() -> Vec<Asked> {
    let asked = |name, resource_type, parameters: String, matches, includes| Asked {
        name,
        resource_type,
        by: "patient",
        parameters,
        matches,
        includes,
    };
    vec![
        asked(
            "1a",
            "Procedure",
            format!("code={SCT}|713603004&_include=Procedure:encounter"),
            |it, _| is_conversation(it),
            "encounter",
        ),
        asked(
            "1b",
            "Encounter",
            format!("reason-reference:Procedure.code={SCT}|713603004&_include=Encounter:reason-reference"),
            |it, record| led_to(it, "reasonReference", record).iter().any(|it| is_conversation(it)),
            "reasonReference",
        ),
        asked(
            "2",
            "Consent",
            format!("scope={SCOPE}|treatment&category={SCT}|129125009&_include=Consent:actor"),
            is_directive,
            "provision.actor.reference",
        ),
        asked(
            "3",
            "Consent",
            format!("scope={SCOPE}|adr&category={CATEGORY}|acd&_include=Consent:actor"),
            |it, _| coded(it, "scope", SCOPE, &["adr"]) && coded(it, "category", CATEGORY, &["acd"]),
            "provision.actor.reference",
        ),
        asked("4", "Goal", format!("category={SCT}|713603004"), |it, _| coded(it, "category", SCT, &["713603004"]), ""),
        asked(
            "5, the system on the first code alone",
            "Observation",
            format!("code={SCT}|{}", WISHES.join(",")),
            |it, _| coded(it, "code", SCT, WISHES),
            "",
        ),
        asked(
            "6",
            "DeviceUseStatement",
            format!(
                "device.type:in={PZP}/ValueSet/ACP-MedicalDeviceProductType-ICD&_include=DeviceUseStatement:device"
            ),
            has_icd,
            "device",
        ),
        asked(
            "6 with a list",
            "DeviceUseStatement",
            format!("device.type={SCT}|{}&_include=DeviceUseStatement:device", ICD_TYPES.join(",")),
            has_icd,
            "device",
        ),
        asked(
            "7",
            "CommunicationRequest",
            format!("category={SCT}|223449006"),
            |it, _| coded(it, "category", SCT, &["223449006"]),
            "",
        ),
        asked("the pilot's question", "Consent", "scope=treatment&category=129125009".to_owned(), is_directive, ""),
        Asked {
            name: "form",
            resource_type: "QuestionnaireResponse",
            by: "subject",
            parameters: format!("questionnaire={PZP}/Questionnaire/ACP-zib2020"),
            matches: |it, _| it["questionnaire"].as_str().is_some_and(|it| it.contains("/Questionnaire/ACP-zib2020")),
            includes: "",
        },
    ]
}

/// The same question in the URL and in the body, answered in JSON and in XML.
async fn everyway(service: &Local, resource_type: &str, parameters: &str) -> Vec<Seen> {
    let mut answers = Vec::new();
    let body = parameters.replace('|', "%7C");
    for accept in [FHIR_JSON, FHIR_XML] {
        answers.push(get(service, &format!("/fhir/{resource_type}?{parameters}"), accept).await);
        let headers = [("accept", accept), ("content-type", "application/x-www-form-urlencoded")];
        let path = format!("/fhir/{resource_type}/_search");
        answers.push(call(service, "POST", &path, &headers, Some(body.clone())).await);
    }
    answers
}

/// References of the entries with this mode.
fn entries(bundle: &Value, mode: &str) -> BTreeSet<String> {
    at(bundle, "entry").iter().filter(|it| it["search"]["mode"] == mode).map(|it| reference(&it["resource"])).collect()
}

#[tokio::test]
async fn each_query_of_the_guide_finds_what_it_asks_for_in_every_way_it_can_be_asked() {
    if !common::packages() {
        return;
    }
    let service = Local::start().await;
    let patients = take_in(&service).await;
    let validator = Validator::new(door::DEFINITIONS.clone(), Options::default());
    for asked in guide() {
        let mut found = 0;
        for patient in &patients {
            let record = record(&service, patient).await;
            let matches: Vec<&Value> = record
                .iter()
                .filter(|it| it["resourceType"] == asked.resource_type && (asked.matches)(it, &record))
                .collect();
            let wanted: BTreeSet<String> = matches.iter().map(|it| reference(it)).collect();
            let led: BTreeSet<String> = matches
                .iter()
                .filter(|_| !asked.includes.is_empty())
                .flat_map(|it| at(it, asked.includes))
                .filter_map(|it| it["reference"].as_str().map(str::to_owned))
                .filter(|it| !wanted.contains(it))
                .collect();
            found += wanted.len();
            for answer in
                everyway(&service, asked.resource_type, &format!("{}=Patient/{patient}&{}", asked.by, asked.parameters))
                    .await
            {
                assert_eq!(answer.status, 200, "{}: {}", asked.name, answer.text);
                let bundle = answer.resource();
                assert_eq!(bundle["total"], json!(wanted.len()), "{}", asked.name);
                assert_eq!(
                    bundle.get("entry").is_none(),
                    wanted.is_empty(),
                    "{}: nothing found is no list",
                    asked.name
                );
                assert_eq!(entries(&bundle, "match"), wanted, "{}", asked.name);
                assert_eq!(entries(&bundle, "include"), led, "{}", asked.name);
                let issues = validator.validate_text(&answer.text, &[]);
                let errors: Vec<_> = issues.iter().filter(|issue| issue.severity.refuses()).collect();
                assert!(errors.is_empty(), "{}: {errors:#?}", asked.name);
            }
            // The patient by id alone, by URL, and as whom the resource is about.
            for by in
                [format!("{}={patient}", asked.by), format!("{}={}/fhir/Patient/{patient}", asked.by, service.url)]
            {
                let answer =
                    get(&service, &format!("/fhir/{}?{by}&{}", asked.resource_type, asked.parameters), FHIR_JSON).await;
                assert_eq!(entries(&answer.resource(), "match"), wanted, "{} by {by}", asked.name);
            }
            if asked.resource_type != "Consent" {
                let path = format!("/fhir/{}?subject=Patient/{patient}&{}", asked.resource_type, asked.parameters);
                assert_eq!(
                    entries(&get(&service, &path, FHIR_JSON).await.resource(), "match"),
                    wanted,
                    "{}",
                    asked.name
                );
            }
        }
        assert!(found > 0, "{} found nothing in any record", asked.name);
    }
    service.stop().await;
}

#[tokio::test]
async fn what_the_published_forms_say_is_found_by_the_queries_of_the_guide() {
    let names = ["20201001", "20221108"].map(|date| format!("pzp/r4/QuestionnaireResponse-HendrikHartman-{date}.json"));
    let Some(files) = names.iter().map(|name| common::shared(name)).collect::<Option<Vec<_>>>() else { return };
    if !common::packages() {
        return;
    }
    let service = Local::start().await;
    let plan = fixture("ovarian-peritoneal/care-plan");
    let mut patient = String::new();
    for (at, file) in files.iter().enumerate() {
        let form: Value = serde_json::from_slice(&std::fs::read(file).expect("readable")).expect("JSON");
        let mut sent = json!({ "documentId": format!("form-{at}"), "version": 1, "form": form });
        for property in ["recordedAt", "source", "patient"] {
            sent[property] = plan[property].clone();
        }
        let taken = service.post("/api/v1/questionnaire-responses", &sent).await;
        assert_eq!(taken.status, 201, "{}", taken.body);
        patient = taken.body["patient"].as_str().expect("a patient").to_owned();
    }
    // Each form tells of one conversation.
    let ask = async |asked: &Asked, accept: &str| {
        let path = format!("/fhir/{}?{}={patient}&{}", asked.resource_type, asked.by, asked.parameters);
        let answer = get(&service, &path, accept).await;
        assert_eq!(answer.status, 200, "{}: {}", asked.name, answer.text);
        answer.resource()
    };
    for asked in guide() {
        let (as_json, as_xml) = (ask(&asked, FHIR_JSON).await, ask(&asked, FHIR_XML).await);
        let (matches, included) = (entries(&as_json, "match"), entries(&as_json, "include"));
        assert_eq!((entries(&as_xml, "match"), entries(&as_xml, "include")), (matches.clone(), included.clone()));
        let found = (matches.len(), included.len());
        match asked.name {
            "1a" | "1b" => assert_eq!(found, (2, 2), "{}: a procedure and an encounter each", asked.name),
            "2" => {
                let current: BTreeSet<&str> = at(&as_json, "entry")
                    .into_iter()
                    .filter(|it| it["search"]["mode"] == "match" && it["resource"]["status"] == "active")
                    .flat_map(|it| at(&it["resource"], "provision.code.coding"))
                    .filter_map(|it| it["code"].as_str())
                    .collect();
                for treatment in ["89666000", "305351004", "40617009", "32485007", "281789004", "116762002"] {
                    assert!(current.contains(treatment), "{treatment}: {current:?}");
                }
            }
            "4" | "5, the system on the first code alone" => assert!(found.0 > 0, "{}", asked.name),
            "6" | "6 with a list" => assert_eq!(found.0, found.1, "{}: each use with its device", asked.name),
            _ => {}
        }
    }
    service.stop().await;
}

#[tokio::test]
async fn a_patient_is_found_by_bsn_in_the_body_and_then_asked_about_by_id() {
    if !common::packages() {
        return;
    }
    let service = Local::start().await;
    let patients = take_in(&service).await;
    for patient in &patients {
        let record = record(&service, patient).await;
        let person = record.iter().find(|it| it["resourceType"] == "Patient").expect("the patient");
        let numbers = at(person, "identifier");
        let bsn = numbers.iter().find(|it| it["system"] == BSN).and_then(|it| it["value"].as_str()).expect("a BSN");
        for accept in [FHIR_JSON, FHIR_XML] {
            let headers = [("accept", accept), ("content-type", "application/x-www-form-urlencoded")];
            let ask = async |path: &str, body: String| call(&service, "POST", path, &headers, Some(body)).await;
            let found = ask("/fhir/Patient/_search", format!("identifier={BSN}%7C{bsn}")).await.resource();
            assert_eq!(entries(&found, "match"), BTreeSet::from([format!("Patient/{patient}")]));
            assert!(!found["link"].to_string().contains(bsn));
            // In one step, in the body.
            let chained =
                ask("/fhir/Consent/_search", format!("patient.identifier={BSN}%7C{bsn}&scope=treatment")).await;
            let by_id = get(&service, &format!("/fhir/Consent?patient={patient}&scope=treatment"), accept).await;
            assert_eq!(entries(&chained.resource(), "match"), entries(&by_id.resource(), "match"));
        }
        for path in [
            format!("/fhir/Patient?identifier={BSN}|{bsn}"),
            format!("/fhir/Consent?patient.identifier={bsn}"),
            format!("/fhir/Consent?patient:identifier={BSN}|{bsn}"),
        ] {
            let refused = get(&service, &path, FHIR_XML).await;
            assert_eq!((refused.status, refused.message().as_str()), (400, "person-in-url"));
            assert!(!refused.text.contains(bsn) && refused.text.contains("_search"), "it says how to ask instead");
        }
    }
    service.stop().await;
}

#[tokio::test]
async fn an_answer_has_the_shape_that_is_asked_for() {
    if !common::packages() {
        return;
    }
    let service = Local::start().await;
    let patients = take_in(&service).await;
    let patient = &patients[3];
    let ask = async |query: &str| get(&service, &format!("/fhir/{query}"), FHIR_JSON).await.resource();
    let all = ask(&format!("Consent?patient={patient}")).await;
    let everything = entries(&all, "match");

    // Pages: all matches once, in links that say nothing.
    let (mut pages, mut met) = (0, Vec::new());
    let mut next = Some(format!("{}/fhir/Consent?patient={patient}&_count=3&_sort=-date&_format=xml", service.url));
    while let Some(url) = next.take() {
        let answer = get(&service, url.strip_prefix(&service.url).expect("a link of this service"), "*/*").await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        assert!(answer.text.starts_with("<?xml"), "a further page has the form of the first");
        let bundle = answer.resource();
        assert_eq!(bundle["total"], all["total"]);
        met.extend(
            at(&bundle, "entry")
                .iter()
                .map(|it| it["resource"]["dateTime"].as_str().unwrap_or_default()[..4].to_owned()),
        );
        pages += 1;
        next = at(&bundle, "link").iter().find(|it| it["relation"] == "next").map(|it| {
            let url = it["url"].as_str().expect("a url").to_owned();
            assert!(!url.contains(patient.as_str()), "{url}");
            url
        });
    }
    assert_eq!((pages, met.len()), (everything.len().div_ceil(3), everything.len()));
    assert!(met.is_sorted_by(|a, b| a >= b), "newest first: {met:?}");

    // Numbers.
    for none in ["_count=0", "_summary=count"] {
        let counted = ask(&format!("Consent?patient={patient}&{none}")).await;
        assert_eq!((&counted["total"], counted.get("entry")), (&all["total"], None), "{none}");
    }
    assert!(ask(&format!("Consent?patient={patient}&_total=none")).await.get("total").is_none());

    // Parts: what changes the meaning is never left out.
    let validator = Validator::new(door::DEFINITIONS.clone(), Options::default());
    for (view, gone, stays) in [
        ("_elements=provision", "dateTime", "provision"),
        ("_summary=true", "text", "provision"),
        ("_summary=data", "text", "dateTime"),
        ("_summary=text", "provision", "text"),
    ] {
        for answer in everyway(&service, "Consent", &format!("patient={patient}&{view}")).await {
            for entry in at(&answer.resource(), "entry") {
                let resource = &entry["resource"];
                assert!(resource.get(gone).is_none() && resource.get(stays).is_some(), "{view}: {resource}");
                assert_eq!(resource["meta"]["tag"][0]["code"], "SUBSETTED");
                let whole =
                    at(&all, "entry").into_iter().find(|it| it["fullUrl"] == entry["fullUrl"]).expect("the same");
                let restriction = "modifierExtension";
                assert_eq!(resource.get(restriction), whole["resource"].get(restriction), "{view}");
                assert_eq!(resource["status"], whole["resource"]["status"], "{view}");
            }
        }
    }
    let summary = get(&service, &format!("/fhir/Consent?patient={patient}&_summary=true"), FHIR_XML).await;
    assert!(validator.validate_text(&summary.text, &[]).iter().all(|it| it.id != "structure-unknown-property"));
    let read = get(&service, &format!("/fhir/Patient/{patient}?_elements=birthDate"), FHIR_XML).await.resource();
    assert!(read.get("birthDate").is_some() && read.get("name").is_none());

    // Choosing by id, time and absence.
    let one = everything.iter().next().and_then(|it| it.strip_prefix("Consent/")).expect("one");
    assert_eq!(entries(&ask(&format!("Consent?_id={one}")).await, "match").len(), 1);
    assert_eq!(
        entries(&ask(&format!("Consent?patient={patient}&_lastUpdated=ge2020-01-01")).await, "match"),
        everything
    );
    assert!(ask(&format!("Consent?patient={patient}&_lastUpdated=lt2020-01-01")).await.get("entry").is_none());
    let directives = entries(&ask(&format!("Consent?patient={patient}&scope=treatment")).await, "match");
    let others = entries(&ask(&format!("Consent?patient={patient}&scope:not=treatment")).await, "match");
    assert_eq!(&directives | &others, everything);
    assert!(directives.is_disjoint(&others) && !others.is_empty());
    let without_source =
        entries(&ask(&format!("Consent?patient={patient}&source-reference:missing=true")).await, "match");
    let with_source =
        entries(&ask(&format!("Consent?patient={patient}&source-reference:missing=false")).await, "match");
    assert_eq!(&without_source | &with_source, everything);
    assert!(!with_source.is_empty());
    let by_text = ask(&format!("Consent?patient={patient}&category:text=verrichting")).await;
    assert_eq!(entries(&by_text, "match"), directives);
    service.stop().await;
}

#[tokio::test]
async fn includes_follow_references_of_one_type_and_onwards() {
    if !common::packages() {
        return;
    }
    let service = Local::start().await;
    let patients = take_in(&service).await;
    let patient = &patients[3];
    let ask = async |query: &str| {
        let answer = get(&service, &format!("/fhir/{query}"), FHIR_XML).await;
        assert_eq!(answer.status, 200, "{query}: {}", answer.text);
        answer.resource()
    };
    let types = |bundle: &Value| -> BTreeSet<String> {
        entries(bundle, "include").iter().map(|it| it.split('/').next().unwrap_or_default().to_owned()).collect()
    };
    let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<BTreeSet<_>>();
    let base = format!("Consent?patient={patient}&scope=treatment");
    let of_one_type = ask(&format!("{base}&_include=Consent:actor:RelatedPerson")).await;
    assert_eq!(types(&of_one_type), names(&["RelatedPerson"]));
    let onwards =
        ask(&format!("{base}&_include=Consent:actor:PractitionerRole&_include:iterate=PractitionerRole:practitioner"))
            .await;
    assert_eq!(types(&onwards), names(&["Practitioner", "PractitionerRole"]));
    let nothing = ask(&format!("{base}&_include=Consent:data")).await;
    assert_eq!(types(&nothing), names(&[]));
    let backwards = ask(&format!("Encounter?patient={patient}&_revinclude=Procedure:encounter")).await;
    assert!(types(&backwards).contains("Procedure"));
    for unknown in
        ["_include=Consent:nobody", "_include=Consent", "_include:iterate=Nothing:at-all", "_revinclude=Consent:scope"]
    {
        let refused = get(&service, &format!("/fhir/{base}&{unknown}"), FHIR_XML).await;
        assert_eq!((refused.status, refused.message().as_str()), (400, "search-not-supported"), "{unknown}");
    }
    service.stop().await;
}

#[tokio::test]
async fn what_is_unknown_is_an_error_unless_the_caller_is_lenient() {
    if !common::packages() {
        return;
    }
    let service = Local::start().await;
    let patients = take_in(&service).await;
    let path = format!("/fhir/Goal?patient={}&colour=red&_include=Goal:nobody", patients[0]);
    for accept in [FHIR_JSON, FHIR_XML] {
        for prefer in [None, Some("handling=strict")] {
            let headers: Vec<_> =
                [Some(("accept", accept)), prefer.map(|it| ("prefer", it))].into_iter().flatten().collect();
            let refused = call(&service, "GET", &path, &headers, None).await;
            assert_eq!((refused.status, refused.message().as_str()), (400, "search-not-supported"));
        }
        let lenient = call(&service, "GET", &path, &[("accept", accept), ("prefer", "handling=lenient")], None).await;
        assert_eq!(lenient.status, 200, "{}", lenient.text);
        let bundle = lenient.resource();
        let outcome =
            at(&bundle, "entry").into_iter().find(|it| it["search"]["mode"] == "outcome").expect("it says so");
        let text = outcome["resource"]["issue"][0]["diagnostics"].as_str().expect("words");
        assert!(text.contains("colour") && text.contains("_include") && !text.contains("red"), "{text}");
        assert!(!bundle["link"].to_string().contains("colour"), "what was asked, without what was left out");
        let validator = Validator::new(door::DEFINITIONS.clone(), Options::default());
        let issues = validator.validate_text(&lenient.text, &[]);
        assert!(!issues.iter().any(|issue| issue.severity.refuses()), "{issues:#?}");
    }
    service.stop().await;
}
