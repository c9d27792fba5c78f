//! What a search answers besides its matches, in R4 and STU3, and whether the CapabilityStatement tells the truth of it.

mod common;
#[path = "common/door.rs"]
mod door;
#[path = "common/service.rs"]
mod harness;
#[path = "common/people.rs"]
mod people;

use std::collections::BTreeSet;

use door::{FHIR_XML, Seen, call, get};
use harness::{CARE_PLAN, FHIR_JSON, Local, fixture};
use overdracht::fhir::stu3;
use people::{at, record, reference, take_in};
use serde_json::{Value, json};

const BASES: [&str; 2] = ["/fhir", "/fhir/stu3"];
const FORM: &str = "application/x-www-form-urlencoded";

/// The Bundle that a search answers with.
async fn ask(service: &Local, path: &str) -> Value {
    let answer = get(service, path, FHIR_JSON).await;
    assert_eq!(answer.status, 200, "{path}: {}", answer.text);
    answer.resource()
}

fn entries(bundle: &Value, mode: &str) -> BTreeSet<String> {
    at(bundle, "entry").iter().filter(|it| it["search"]["mode"] == mode).map(|it| reference(&it["resource"])).collect()
}

/// All pages of a search: matches and what is included, a pair a page.
async fn pages(service: &Local, path: &str) -> Vec<(BTreeSet<String>, BTreeSet<String>)> {
    let (mut pages, mut next) = (Vec::new(), Some(path.to_owned()));
    while let Some(path) = next.take() {
        let bundle = ask(service, &path).await;
        pages.push((entries(&bundle, "match"), entries(&bundle, "include")));
        let links = at(&bundle, "link");
        let link = links.into_iter().find(|it| it["relation"] == "next").and_then(|it| it["url"].as_str());
        next = link.map(|url| url.strip_prefix(&service.url).expect("a link of this service").to_owned());
    }
    pages
}

/// Everything that a resource refers to.
fn references(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| references(item, found)),
        Value::Object(object) => {
            found.extend(object.get("reference").and_then(Value::as_str).map(str::to_owned));
            object.values().for_each(|value| references(value, found));
        }
        _ => {}
    }
}

#[tokio::test]
async fn a_page_holds_what_its_own_matches_include_and_nothing_else() {
    if !common::packages() {
        return;
    }
    let service = Local::start().await;
    let patients = take_in(&service).await;
    let patient = &patients[3];
    for base in BASES {
        let query = format!("{base}/Consent?patient={patient}&_include=Consent:actor");
        let whole = ask(&service, &query).await;
        let (all, included) = (entries(&whole, "match"), entries(&whole, "include"));
        assert!(all.len() > 4 && included.len() > 2, "{base}: {all:?} {included:?}");
        let pages = pages(&service, &format!("{query}&_count=1")).await;
        assert_eq!(pages.len(), all.len(), "{base}");
        let mut sizes = BTreeSet::new();
        for (matches, page) in &pages {
            let one = matches.first().and_then(|it| it.split_once('/')).expect("a match");
            let mut led = BTreeSet::new();
            references(&ask(&service, &format!("{base}/{}/{}", one.0, one.1)).await, &mut led);
            assert!(page.is_subset(&led), "{base}: {one:?} {page:?}");
            let alone = ask(&service, &format!("{base}/Consent?_id={}&_include=Consent:actor", one.1)).await;
            assert_eq!(*page, entries(&alone, "include"), "{base}: {one:?}");
            sizes.insert(page.len());
        }
        assert!(sizes.len() > 1, "{base}: every page includes as much, so this shows nothing");
        assert_eq!(pages.iter().flat_map(|(matches, _)| matches.clone()).collect::<BTreeSet<_>>(), all, "{base}");
        assert_eq!(pages.iter().flat_map(|(_, page)| page.clone()).collect::<BTreeSet<_>>(), included, "{base}");
    }
    service.stop().await;
}

#[tokio::test]
async fn pages_stay_what_they_were_while_a_new_plan_comes_in() {
    if !common::packages() {
        return;
    }
    let service = Local::start().await;
    let plan = fixture("prostate-bone/care-plan");
    let answer = service.post(CARE_PLAN, &plan).await;
    let patient =
        answer.body["patient"].as_str().expect("a patient").strip_prefix("Patient/").expect("its id").to_owned();
    let query = format!("/fhir/Consent?patient={patient}");
    let before = entries(&ask(&service, &query).await, "match");
    let first = ask(&service, &format!("{query}&_count=2")).await;
    let mut met: Vec<String> = entries(&first, "match").into_iter().collect();
    let mut newer = plan.clone();
    newer["documentId"] = json!("another-plan");
    newer["recordedAt"] = json!("2026-11-01T10:00:00+01:00");
    assert_eq!(service.post(CARE_PLAN, &newer).await.status, 201);
    let links = at(&first, "link");
    let next = links.into_iter().find(|it| it["relation"] == "next").and_then(|it| it["url"].as_str()).expect("a page");
    for (matches, _) in pages(&service, next.strip_prefix(&service.url).expect("a link of this service")).await {
        met.extend(matches);
    }
    assert_eq!(met.len(), before.len(), "each once");
    assert_eq!(met.into_iter().collect::<BTreeSet<_>>(), before);
    assert!(entries(&ask(&service, &query).await, "match").len() > before.len(), "a new search finds more");
    service.stop().await;
}

#[tokio::test]
async fn all_references_are_followed_where_all_are_asked_for() {
    if !common::packages() {
        return;
    }
    let service = Local::start().await;
    let patients = take_in(&service).await;
    let patient = &patients[3];
    let held: BTreeSet<String> = record(&service, patient).await.iter().map(reference).collect();
    for base in BASES {
        for wildcard in ["*", "Encounter:*"] {
            let bundle = ask(&service, &format!("{base}/Encounter?patient={patient}&_include={wildcard}")).await;
            let mut led = BTreeSet::new();
            let matches = at(&bundle, "entry").into_iter().filter(|it| it["search"]["mode"] == "match");
            matches.for_each(|it| references(&it["resource"], &mut led));
            let included = entries(&bundle, "include");
            assert!(included.len() > 3 && included.is_subset(&led), "{base} {wildcard}: {included:?}");
            let here: BTreeSet<String> = led.intersection(&held).cloned().collect();
            let missed: Vec<_> = here.difference(&included).filter(|it| !it.starts_with("Encounter/")).collect();
            assert!(missed.is_empty(), "{base} {wildcard}: {missed:?}");
        }
        let backwards =
            entries(&ask(&service, &format!("{base}/Encounter?patient={patient}&_revinclude=*")).await, "include");
        for kind in ["Procedure/", "Observation/"] {
            assert!(backwards.iter().any(|it| it.starts_with(kind)), "{base}: {kind} {backwards:?}");
        }
        // Also where one resource alone is asked for by its id.
        let mut met = BTreeSet::new();
        for encounter in entries(&ask(&service, &format!("{base}/Encounter?patient={patient}")).await, "match") {
            let id = encounter.strip_prefix("Encounter/").expect("an encounter");
            let of_one = ask(&service, &format!("{base}/Encounter?_id={id}&_revinclude=Procedure:encounter")).await;
            met.extend(entries(&of_one, "include"));
        }
        let procedures = backwards.iter().filter(|it| it.starts_with("Procedure/")).cloned();
        assert_eq!(met, procedures.collect(), "{base}");
        for wrong in ["_include=Nothing:*", "_include=Consent:*:Nothing:x", "_revinclude=Nothing:*", "_include="] {
            let refused = get(&service, &format!("{base}/Encounter?patient={patient}&{wrong}"), FHIR_JSON).await;
            assert_eq!((refused.status, refused.message().as_str()), (400, "search-not-supported"), "{wrong}");
        }
    }
    service.stop().await;
}

#[tokio::test]
async fn what_points_at_a_resource_chooses_it() {
    if !common::packages() {
        return;
    }
    let service = Local::start().await;
    let patients = take_in(&service).await;
    let sct = "http://snomed.info/sct";
    let mut with_icd = 0;
    for patient in &patients {
        let record = record(&service, patient).await;
        let uses = record.iter().filter(|it| it["resourceType"] == "DeviceUseStatement").count();
        with_icd += usize::from(uses > 0);
        for base in BASES {
            let count = async |query: &str| entries(&ask(&service, &format!("{base}/{query}")).await, "match").len();
            let all = format!("patient={patient}&_has:DeviceUseStatement:device");
            let devices = record.iter().filter(|it| it["resourceType"] == "Device").count();
            assert_eq!(count(&format!("Device?{all}:patient={patient}")).await, devices, "{base}");
            assert_eq!(count(&format!("Device?{all}:patient=nobody")).await, 0, "{base}");
            // A chain in it, and it in a chain.
            let people = format!("Patient?_id={patient}&_has:DeviceUseStatement:patient:device.type={sct}");
            assert_eq!(count(&format!("{people}|72506001,468542000")).await, uses.min(1), "{base}");
            assert_eq!(count(&format!("{people}|1")).await, 0, "{base}");
            let talks =
                record.iter().filter(|it| it["resourceType"] == "Procedure" && it["encounter"].is_object()).count();
            let chained = format!("Procedure?patient={patient}&encounter._has:Procedure:encounter:code={sct}");
            assert_eq!(count(&format!("{chained}|713603004")).await, talks, "{base}");
        }
    }
    assert!(with_icd > 0 && with_icd < patients.len());
    for wrong in [
        "_has",
        "_has:Consent",
        "_has:Consent:scope:status",
        "_has:Nothing:patient:status",
        "_has:Consent:patient:colour",
    ] {
        for prefer in ["handling=strict", "handling=lenient"] {
            let path = format!("/fhir/Patient?_id={}&{wrong}=x", patients[0]);
            let refused = call(&service, "GET", &path, &[("prefer", prefer)], None).await;
            if wrong == "_has" && prefer == "handling=lenient" {
                assert!(refused.resource().to_string().contains("search-ignored"), "{}", refused.text);
            } else {
                assert_eq!(
                    (refused.status, refused.message().as_str()),
                    (400, "search-not-supported"),
                    "{wrong} {prefer}"
                );
            }
        }
    }
    // Nobody looks through everybody's record for who points at a professional.
    for costly in [
        "Practitioner?_has:Encounter:participant:status=finished",
        "Organization?_revinclude=Encounter:service-provider",
    ] {
        let refused = get(&service, &format!("/fhir/{costly}"), FHIR_JSON).await;
        assert_eq!((refused.status, refused.message().as_str()), (400, "search-needs-patient"), "{costly}");
    }
    service.stop().await;
}

#[tokio::test]
async fn a_summary_in_stu3_is_what_stu3_calls_its_summary() {
    if !common::packages() {
        return;
    }
    let service = Local::start().await;
    let patients = take_in(&service).await;
    let mut types = BTreeSet::new();
    for patient in &patients {
        for name in [
            "Consent",
            "Observation",
            "Goal",
            "Encounter",
            "Procedure",
            "CommunicationRequest",
            "DeviceUseStatement",
            "RelatedPerson",
        ] {
            let query = format!("/fhir/stu3/{name}?patient={patient}");
            let (whole, summary) =
                (ask(&service, &query).await, ask(&service, &format!("{query}&_summary=true")).await);
            for (whole, part) in at(&whole, "entry").iter().zip(at(&summary, "entry")) {
                let (whole, part) = (&whole["resource"], &part["resource"]);
                types.insert(name);
                for property in whole.as_object().expect("a resource").keys() {
                    let bare = property.strip_prefix('_').unwrap_or(property);
                    let Some((element, _)) = stu3::property(name, bare) else { continue };
                    let stays = part.get(property).is_some();
                    assert!(stays || !element.summary, "{name}.{property} belongs to the summary");
                    let meaning =
                        ["modifierExtension", "status", "except", "notDone", "active"].contains(&element.name);
                    assert!(
                        !stays || element.summary || element.required || meaning || bare == "id",
                        "{name}.{property} does not"
                    );
                }
                let tags = at(part, "meta.tag");
                assert_eq!(tags.len(), 1, "{tags:?}");
                assert_eq!(tags[0]["system"], "http://hl7.org/fhir/v3/ObservationValue");
            }
        }
    }
    assert!(types.len() > 6, "{types:?}");
    service.stop().await;
}

/// A value that a parameter of a kind takes.
fn value(kind: &str) -> &'static str {
    match kind {
        "token" => "urn:x|y",
        "date" => "ge2020-01-01",
        "uri" => "urn:x",
        "quantity" => "5.4",
        _ => "x",
    }
}

#[tokio::test]
async fn everything_that_the_capability_statement_claims_is_done() {
    if !common::packages() {
        return;
    }
    let service = Local::start().await;
    let patients = take_in(&service).await;
    let mut held = record(&service, &patients[3]).await;
    for name in ["Organization", "Practitioner", "PractitionerRole", "Location"] {
        held.extend(service.store().unfiled(name).await.expect("read").into_iter().map(|it| it.body));
    }
    for base in BASES {
        for accept in [FHIR_JSON, FHIR_XML] {
            let answer = call(&service, "GET", &format!("{base}/metadata"), &[("accept", accept)], None).await;
            assert_eq!(answer.status, 200);
        }
        let statement = ask(&service, &format!("{base}/metadata")).await;
        let post = async |path: &str, body: String| {
            let headers = [("content-type", FORM), ("accept", FHIR_JSON)];
            call(&service, "POST", &format!("{base}/{path}"), &headers, Some(body)).await
        };
        let known: Vec<&Value> = at(&statement, "rest.resource");
        assert!(known.len() > 18, "{base}: {}", known.len());
        for resource in known {
            let name = resource["type"].as_str().expect("a type");
            let parameters: Vec<(&str, &str)> = at(resource, "searchParam")
                .into_iter()
                .map(|it| (it["name"].as_str().expect("a name"), it["type"].as_str().expect("a type")))
                .collect();
            let by = if parameters.iter().any(|(name, _)| *name == "patient") { "patient" } else { "_id" };
            let of = format!("{by}={}", patients[3]);
            let answers = async |query: String| {
                let seen = post(&format!("{name}/_search"), query.clone()).await;
                assert_eq!(seen.status, 200, "{base}/{name}?{query}: {}", seen.text);
                assert_eq!(seen.resource()["type"], "searchset");
            };
            // All at once: one that is not taken refuses the whole.
            let pair = |(name, kind): &(&str, &str)| format!("{name}={}", value(kind).replace('|', "%7C"));
            let asked: Vec<String> = parameters.iter().map(pair).collect();
            answers(format!("{of}&{}", asked.join("&"))).await;
            if !DEFINITIONS_SERVED.iter().any(|(kind, _)| *kind == name) {
                let names: Vec<&str> = parameters.iter().map(|(name, _)| *name).collect();
                answers(format!("{of}&_sort={}", names.join(","))).await;
            }
            for (list, asked) in [("searchInclude", "_include"), ("searchRevInclude", "_revinclude")] {
                let includes = at(resource, list).into_iter().filter_map(Value::as_str);
                let includes: Vec<String> = includes.map(|it| format!("{asked}={it}")).collect();
                if !includes.is_empty() {
                    answers(format!("{of}&{}", includes.join("&"))).await;
                }
            }
            interactions(&service, base, resource, &held).await;
        }
    }
    service.stop().await;
}

/// Types of definition, of which none lies in a record, and one of each.
const DEFINITIONS_SERVED: [(&str, &str); 4] = [
    ("Questionnaire", "ACP-zib2020"),
    ("StructureDefinition", "ext-ReplacedBy"),
    ("ValueSet", "treatment"),
    ("CodeSystem", "message-id"),
];

/// Each interaction and operation that is claimed is there, and none that is not.
async fn interactions(service: &Local, base: &str, resource: &Value, held: &[Value]) {
    let name = resource["type"].as_str().expect("a type");
    let claimed: BTreeSet<&str> =
        at(resource, "interaction").into_iter().filter_map(|it| it["code"].as_str()).collect();
    let id = held.iter().find(|it| it["resourceType"] == name).and_then(|it| it["id"].as_str());
    let id = DEFINITIONS_SERVED.iter().find(|(kind, _)| *kind == name).map(|(_, id)| *id).or(id);
    let ask = async |method: &str, path: String, body: Option<String>| -> Seen {
        let headers = [("content-type", FHIR_JSON), ("accept", FHIR_JSON)];
        call(service, method, &format!("{base}/{path}"), &headers, body).await
    };
    if let Some(id) = id {
        for (interaction, path) in [
            ("read", format!("{name}/{id}")),
            ("vread", format!("{name}/{id}/_history/1")),
            ("history-instance", format!("{name}/{id}/_history")),
        ] {
            let status = ask("GET", path.clone(), None).await.status;
            assert_eq!(status == 200, claimed.contains(interaction), "{base}/{path}: {status}");
        }
        if resource["conditionalRead"] == "full-support" {
            let tag = ask("GET", format!("{name}/{id}"), None).await.header("etag").to_owned();
            let known = [("if-none-match", tag.as_str())];
            let again = call(service, "GET", &format!("{base}/{name}/{id}"), &known, None).await;
            assert_eq!(again.status, 304, "{base}/{name}");
        }
    }
    let empty = json!({ "resourceType": name }).to_string();
    let created = ask("POST", name.to_owned(), Some(empty.clone())).await;
    assert_eq!(created.status == 422, claimed.contains("create"), "{base}/{name}: {} {}", created.status, created.text);
    for (interaction, method) in [("update", "PUT"), ("patch", "PATCH"), ("delete", "DELETE")] {
        let status = ask(method, format!("{name}/{}", id.unwrap_or("x")), Some(empty.clone())).await.status;
        assert_eq!((status, claimed.contains(interaction)), (405, false), "{base}/{name} {method}");
    }
    for operation in at(resource, "operation") {
        let path = format!("{name}/${}", operation["name"].as_str().expect("a name"));
        assert_eq!(ask("POST", path.clone(), Some(empty.clone())).await.status, 200, "{base}/{path}");
    }
}

#[tokio::test]
async fn what_is_no_bsn_is_told_and_does_not_read_as_a_patient_without_a_plan() {
    if !common::packages() {
        return;
    }
    let service = Local::start().await;
    for base in BASES {
        for (asked, is_told) in [("999971244", false), ("999971245", true), ("99997124", true)] {
            let body = format!("identifier=http://fhir.nl/fhir/NamingSystem/bsn%7C{asked}");
            let headers = [("content-type", FORM), ("accept", FHIR_JSON)];
            let seen = call(&service, "POST", &format!("{base}/Patient/_search"), &headers, Some(body)).await;
            assert_eq!(seen.status, 200, "{}", seen.text);
            let bundle = seen.resource();
            assert_eq!(bundle["total"], 0);
            let told = at(&bundle, "entry.resource.issue.details.coding.code");
            assert_eq!(told.iter().any(|code| **code == "search-bsn"), is_told, "{asked}: {bundle}");
            assert!(!bundle["entry"].to_string().contains(asked), "it is not repeated");
        }
    }
    service.stop().await;
}
