//! The trace that the service keeps: of documents through every door, against the resources that it stored.

use overdracht::domain::Kind;
use overdracht::fhir::ResourceKey;
use overdracht::fhir::systems::{AGB, BSN};
use overdracht::mapping::{Fate, trace::Row};
use serde_json::{Value, json};

use super::check::{elements, faults};
use super::common;
use super::generate::document;
use super::harness::{CARE_PLAN, FHIR_JSON, Local, METASTASIS, REGISTRY, bsn, fixture};

const BUNDLE: &str = "/api/v1/care-plan-bundles";
const FORM: &str = "/fhir/QuestionnaireResponse";

struct Kept {
    rows: Vec<Row>,
    resources: Vec<Value>,
    document: String,
}

/// The trace of a document by its id, and what its resources are.
async fn kept(service: &Local, document: &str) -> Kept {
    let report = service.get(&format!("/api/v1/documents/{document}/trace")).await.body;
    let rows = serde_json::from_value(report["rows"].clone()).expect("rows");
    let record = service.store().document(document).await.expect("read").expect("a record");
    let mut resources = Vec::new();
    for key in &record.resources {
        resources.push(service.store().read(key).await.expect("read").expect("stored").body);
    }
    Kept { rows, resources, document: document.to_owned() }
}

/// The Provenance that leads to the document, and from it to each of its resources.
fn provenance_faults(kept: &Kept, document_id: &str) -> Vec<String> {
    let mut found = Vec::new();
    let all: Vec<&Value> = kept.resources.iter().filter(|one| one["resourceType"] == "Provenance").collect();
    let [provenance] = all.as_slice() else { return vec![format!("{} Provenances", all.len())] };
    if provenance["meta"]["source"] != format!("urn:uuid:{}", kept.document) {
        found.push("the Provenance leads to another document".to_owned());
    }
    if provenance["entity"][0]["what"]["identifier"]["value"] != document_id {
        found.push("the Provenance names another document of the sender".to_owned());
    }
    let targets: Vec<&Value> =
        provenance["target"].as_array().into_iter().flatten().map(|one| &one["reference"]).collect();
    for key in kept.resources.iter().filter_map(ResourceKey::of).filter(|key| key.resource_type != "Provenance") {
        if targets.iter().filter(|target| ***target == key.to_string()).count() != 1 {
            found.push(format!("the Provenance does not list {}", key.resource_type));
        }
    }
    if targets.len() + 1 != kept.resources.len() {
        found.push(format!("the Provenance lists {} of {} resources", targets.len(), kept.resources.len() - 1));
    }
    found
}

#[tokio::test]
async fn what_is_kept_of_a_native_document_is_so_of_what_is_stored() {
    if !common::packages() {
        return;
    }
    let service = Local::start().await;
    let doors = [(Kind::RegistryRecord, REGISTRY), (Kind::MetastasisEvent, METASTASIS), (Kind::CarePlan, CARE_PLAN)];
    let (mut seen, mut refused) = (0, 0);
    for seed in 0..36_u64 {
        let (kind, door) = doors[usize::try_from(seed % 3).expect("small")];
        let (mut sent, _) = document(kind, seed);
        sent["documentId"] = json!(format!("x{seed}"));
        // Several documents about one person: what was stored before is united with what comes.
        sent["patient"]["identifiers"]["bsn"] = json!(bsn(u32::try_from(seed % 4).expect("small") + 10));
        if let Some(identifiers) = sent["patient"]["identifiers"].as_object_mut() {
            identifiers.shift_remove("hospitalNumbers");
        }
        let taken = service.post(door, &sent).await;
        // The schema takes words that a code of FHIR cannot be, and generated numbers may name two organisations.
        if matches!(taken.status, 409 | 422) {
            println!("seed {seed}: {}", taken.body);
            refused += 1;
            continue;
        }
        assert_eq!(taken.status, 201, "seed {seed}: {}", taken.body);
        seen += 1;
        let kept = kept(&service, taken.body["document"]["id"].as_str().expect("an id")).await;
        let resources: Vec<Value> =
            kept.resources.iter().filter(|one| one["resourceType"] != "QuestionnaireResponse").cloned().collect();
        // What stands in the record from an earlier document about the same person is not this document's to tell.
        let own = |fault: &String| !fault.ends_with("and no row says so");
        let wrong: Vec<_> = faults(&sent, &resources, &kept.rows).into_iter().filter(own).collect();
        assert_eq!(wrong, Vec::<String>::new(), "seed {seed} of {}", kind.as_str());
        assert_eq!(provenance_faults(&kept, sent["documentId"].as_str().expect("text")), Vec::<String>::new());
    }
    assert!(seen > 24, "{seen} were taken in, {refused} refused");
    service.stop().await;
}

#[tokio::test]
async fn an_older_document_about_the_same_person_tells_what_gave_way() {
    if !common::packages() {
        return;
    }
    let service = Local::start().await;
    let newer = fixture("prostate-bone/care-plan");
    assert_eq!(service.post(CARE_PLAN, &newer).await.status, 201);
    let mut older = newer.clone();
    older["documentId"] = json!("older");
    older["recordedAt"] = json!("2020-01-01T00:00:00Z");
    older["patient"]["name"]["lastName"]["name"] = json!("Anders");
    let taken = service.post(CARE_PLAN, &older).await;
    assert_eq!(taken.status, 201, "{}", taken.body);
    let kept = kept(&service, taken.body["document"]["id"].as_str().expect("an id")).await;
    let fate = |source: &str| kept.rows.iter().find(|row| row.source == source).map(|row| row.fate.clone());
    assert!(matches!(fate("/patient/name/lastName/name"), Some(Fate::NotCarried { .. })));
    assert_eq!(fate("/patient/birthDate"), Some(Fate::Carried));
    service.stop().await;
}

/// The targets of a form's or a Bundle's trace, and what stands in them.
fn sent_faults(kept: &Kept, said: impl Fn(&str) -> Vec<String>) -> Vec<String> {
    let mut found = Vec::new();
    for row in &kept.rows {
        let place = format!("{} → {}", row.source, row.target.as_deref().unwrap_or("-"));
        let Some((key, path)) = row.target.as_deref().and_then(|target| target.split_once('#')) else {
            if !matches!(row.fate, Fate::NotCarried { .. }) {
                found.push(format!("{place}: no resource"));
            }
            continue;
        };
        let resource = kept.resources.iter().find(|one| ResourceKey::of(one).is_some_and(|one| one.to_string() == key));
        let Some(resource) = resource else {
            found.push(format!("{place}: no such resource"));
            continue;
        };
        match elements(resource, path) {
            Ok(there) if there.is_empty() => found.push(format!("{place}: no such element")),
            Ok(there) if row.fate == Fate::Carried => {
                let text = there.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
                // A group of answers, or what the service knows by itself, has no value of its own.
                let values = said(&row.source);
                if !values.is_empty() && !values.iter().any(|value| text.contains(value.as_str())) {
                    found.push(format!("{place}: it holds something else"));
                }
            }
            Ok(_) => {}
            Err(error) => found.push(error),
        }
    }
    found
}

/// The values of an answer: texts as they stand in JSON, codes.
fn answers(items: &Value, link: &str, found: &mut Vec<String>) {
    for item in items.as_array().into_iter().flatten() {
        for answer in item["answer"].as_array().into_iter().flatten() {
            if item["linkId"] == link {
                let value = answer.as_object().and_then(|one| one.iter().find(|(name, _)| name.starts_with("value")));
                let value = value.map(|(_, value)| if value["code"].is_string() { &value["code"] } else { value });
                found.extend(value.map(|value| value.to_string()));
            }
            answers(&answer["item"], link, found);
        }
        answers(&item["item"], link, found);
    }
}

#[tokio::test]
async fn the_trace_of_a_form_leads_from_its_items_to_the_elements() {
    if !common::packages() {
        return;
    }
    let patient = json!({
        "resourceType": "Patient", "identifier": [{ "system": BSN, "value": bsn(7) }],
        "name": [{ "use": "official", "family": "Hartman", "given": ["Hendrik"] }], "birthDate": "1961-01-01",
    });
    let practice = json!({
        "resourceType": "Organization", "name": "Huisartsenpraktijk De Brink",
        "identifier": [{ "system": AGB, "value": "01999911" }],
    });
    for (release, door) in [("r4", FORM), ("stu3", "/fhir/stu3/QuestionnaireResponse")] {
        for date in ["20201001", "20221108"] {
            let path = format!("pzp/{release}/QuestionnaireResponse-HendrikHartman-{date}.json");
            let Some(path) = common::shared(&path) else { return };
            let form: Value = serde_json::from_slice(&std::fs::read(path).expect("readable")).expect("JSON");
            let service = Local::start().await;
            let part = |name: &str, resource: &Value| json!({ "name": name, "resource": resource });
            let parts = [part("form", &form), part("patient", &patient), part("source", &practice)];
            let body = json!({ "resourceType": "Parameters", "parameter": parts });
            let taken = service.send(door, FHIR_JSON, body.to_string()).await;
            assert_eq!(taken.status, 201, "{}", taken.body);
            let words = taken.body["issue"][0]["diagnostics"].as_str().expect("words");
            let kept = kept(&service, words.split_whitespace().nth(4).expect("an id")).await;
            let values = |link: &str| {
                let mut found = Vec::new();
                answers(&form["item"], link, &mut found);
                found
            };
            assert_eq!(sent_faults(&kept, values), Vec::<String>::new(), "{release} {date}");
            let via = |row: &&Row| row.via.as_deref() == Some("/specificCareWishes/wishes");
            let wishes = kept.rows.iter().find(via).unwrap_or_else(|| panic!("{release} {date}: no wishes"));
            assert!(wishes.source.parse::<u32>().is_ok(), "{} is a linkId", wishes.source);
            assert!(wishes.target.as_deref().is_some_and(|target| target.ends_with("#Observation.valueString")));
            service.stop().await;
        }
    }
}

#[tokio::test]
async fn the_trace_of_a_bundle_leads_from_its_elements_to_ours() {
    if !common::packages() {
        return;
    }
    let service = Local::start().await;
    for person in common::PEOPLE {
        let taken = service.post(CARE_PLAN, &fixture(&format!("{person}/care-plan"))).await;
        let own = kept(&service, taken.body["document"]["id"].as_str().expect("an id")).await;
        let theirs = own.resources.iter().filter(|one| {
            !matches!(one["resourceType"].as_str(), Some("QuestionnaireResponse" | "Provenance" | "Composition"))
        });
        let entries: Vec<Value> = theirs
            .map(|one| json!({ "fullUrl": format!("https://his.example/fhir/{}", ResourceKey::of(one).expect("a key")), "resource": one }))
            .collect();
        let bundle = json!({
            "resourceType": "Bundle", "type": "collection", "timestamp": "2026-06-01T10:00:00+02:00", "entry": entries,
            "identifier": { "system": "https://his.example/plans", "value": format!("plan-{person}") },
        });
        let sent = json!({ "bundle": bundle, "source": fixture(&format!("{person}/care-plan"))["source"] });
        let taken = service.post(BUNDLE, &sent).await;
        assert_eq!(taken.status, 201, "{person}: {}", taken.body);
        let kept = kept(&service, taken.body["document"]["id"].as_str().expect("an id")).await;
        let values = |source: &str| {
            let elements = if source.starts_with("Bundle") { elements(&bundle, source) } else { Ok(Vec::new()) };
            let elements = elements.unwrap_or_else(|error| panic!("{person}: {error}"));
            assert!(
                !source.starts_with("Bundle.entry") || !elements.is_empty(),
                "{person}: {source} is not in the Bundle"
            );
            elements.into_iter().filter(|value| !value.is_object() && !value.is_array()).map(Value::to_string).collect()
        };
        assert_eq!(sent_faults(&kept, values), Vec::<String>::new(), "{person}");
        assert!(kept.rows.iter().any(|row| row.source.starts_with("Bundle.entry") && row.via.is_some()));
    }
    service.stop().await;
}
