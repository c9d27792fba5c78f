//! Registry record and metastasis event, from the sender's document to resources: the fixtures go through, wrong ones
//! are refused at the right place, and nothing of a document is lost on the way.

mod common;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;
use overdracht::domain::{self, Document, Kind, coded};
use overdracht::fhir::ResourceKey;
use overdracht::fhir::definitions::Definitions;
use overdracht::mapping::{self, Existing, Ids, Mapped};
use overdracht::validator::{Options, Validator};
use proptest::prelude::*;
use serde_json::{Value, json};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_owned()
}

fn read(path: &Path) -> Value {
    let text = fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    serde_json::from_str(&text).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

fn fixture(path: &str) -> Value {
    read(&root().join("fixtures").join(path))
}

/// The day on which the fixtures are looked at.
fn now() -> Timestamp {
    "2026-11-22T12:00:00Z".parse().unwrap()
}

fn kind_of(name: &str) -> Option<Kind> {
    [Kind::RegistryRecord, Kind::MetastasisEvent].into_iter().find(|kind| name.starts_with(kind.as_str()))
}

/// Every registry record and metastasis event of the six patients: name, kind, document.
fn fixtures() -> Vec<(String, Kind, Value)> {
    let mut found = Vec::new();
    for patient in common::PEOPLE {
        let mut names: Vec<String> = fs::read_dir(root().join("fixtures").join(patient))
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        for name in names {
            if let Some(kind) = kind_of(&name) {
                let path = format!("{patient}/{name}");
                let document = fixture(&path);
                found.push((path, kind, document));
            }
        }
    }
    found
}

fn parse(kind: Kind, document: &Value) -> Document {
    domain::parse(kind, document, now()).unwrap_or_else(|faults| panic!("{faults:#?}"))
}

/// Ids as intake would make them: one for each party, by its first identifier.
fn ids(document: &Document) -> Ids {
    let envelope = document.envelope();
    let parties: BTreeMap<_, _> = mapping::parties(document)
        .into_iter()
        .map(|party| {
            let name = format!("{}|{}", party.identifiers[0].system, party.identifiers[0].value);
            let id = Ids::shared(&[party.resource_type, &name]);
            (party, id)
        })
        .collect();
    let patient = parties.iter().find(|(party, _)| party.resource_type == "Patient").unwrap().1.clone();
    Ids { patient, source: envelope.source.system.clone(), document: envelope.document_id.clone(), parties }
}

fn map(document: &Document, existing: &Existing) -> Mapped {
    mapping::map(document, &ids(document), existing).unwrap_or_else(|issues| panic!("{issues:#?}"))
}

fn map_alone(kind: Kind, document: &Value) -> Mapped {
    map(&parse(kind, document), &Existing::default())
}

/// What is stored after these.
fn stored(mapped: &[&Mapped]) -> Existing {
    let mut existing = Existing::default();
    for resource in mapped.iter().flat_map(|one| &one.resources) {
        existing.resources.insert(ResourceKey::of(resource).unwrap(), resource.clone());
    }
    existing
}

fn ours(name: &str) -> String {
    format!("https://overdracht.example/fhir/StructureDefinition/{name}")
}

fn of_profile<'m>(mapped: &'m Mapped, name: &str) -> Vec<&'m Value> {
    let url = json!(ours(name));
    mapped.resources.iter().filter(|r| r["meta"]["profile"].as_array().unwrap().contains(&url)).collect()
}

fn extension<'v>(resource: &'v Value, name: &str) -> &'v Value {
    let url = ours(name);
    let none = &Value::Null;
    resource["extension"].as_array().and_then(|all| all.iter().find(|e| e["url"] == *url)).unwrap_or(none)
}

fn code<'v>(resource: &'v Value, name: &str) -> &'v str {
    extension(resource, name)["valueCodeableConcept"]["coding"][0]["code"].as_str().unwrap_or("-")
}

fn timing(metastasis: &Value) -> String {
    let parts = extension(metastasis, "ext-MetastasisTiming")["extension"].as_array().unwrap().clone();
    let part = |url: &str| parts.iter().find(|part| part["url"] == url).cloned().unwrap_or_default();
    match part("timing")["valueCodeableConcept"]["coding"][0]["code"].as_str() {
        None => "not determinable".to_owned(),
        Some(code) if part("byConvention")["valueBoolean"] == true => format!("{code} by convention"),
        Some(code) => code.to_owned(),
    }
}

fn leaves(value: &Value, at: String, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(object) => object.iter().for_each(|(name, one)| leaves(one, format!("{at}/{name}"), found)),
        Value::Array(list) => list.iter().enumerate().for_each(|(i, one)| leaves(one, format!("{at}/{i}"), found)),
        _ => {
            found.insert(at);
        }
    }
}

#[test]
fn every_leaf_of_a_document_stands_in_the_trace_and_the_trace_names_nothing_else() {
    for (name, kind, document) in fixtures() {
        let mapped = map_alone(kind, &document);
        let mut expected = BTreeSet::new();
        leaves(&document, String::new(), &mut expected);
        let traced: BTreeSet<String> = mapped.trace.rows.iter().map(|row| row.source.clone()).collect();
        let missing: Vec<_> = expected.difference(&traced).collect();
        assert!(missing.is_empty(), "{name}: not traced: {missing:#?}");
        for row in &mapped.trace.rows {
            let exists = document.pointer(&row.source).is_some();
            assert!(exists, "{name}: {} stands in the trace and not in the document", row.source);
        }
    }
}

#[test]
fn the_trace_points_at_resources_that_are_made() {
    for (name, kind, document) in fixtures() {
        let mapped = map_alone(kind, &document);
        let made: BTreeSet<String> = mapped.resources.iter().map(|r| ResourceKey::of(r).unwrap().to_string()).collect();
        for row in &mapped.trace.rows {
            if let Some(target) = &row.target {
                let key = target.split('#').next().unwrap();
                assert!(made.contains(key), "{name}: {} became {target}, which is not made", row.source);
            }
        }
    }
}

fn references(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(object) => {
            for (name, one) in object {
                match one {
                    Value::String(text) if name == "reference" => found.push(text.clone()),
                    other => references(other, found),
                }
            }
        }
        Value::Array(list) => list.iter().for_each(|one| references(one, found)),
        _ => {}
    }
}

#[test]
fn no_reference_dangles_and_no_resource_is_made_twice() {
    for (name, kind, document) in fixtures() {
        let mapped = map_alone(kind, &document);
        let keys: Vec<String> = mapped.resources.iter().map(|r| ResourceKey::of(r).unwrap().to_string()).collect();
        let made: BTreeSet<&String> = keys.iter().collect();
        assert_eq!(made.len(), keys.len(), "{name}: a resource stands there twice");
        assert!(keys[0].starts_with("Patient/"), "{name}: the patient comes first");
        for resource in &mapped.resources {
            let mut found = Vec::new();
            references(resource, &mut found);
            for reference in found {
                assert!(made.contains(&reference), "{name}: {reference} is referred to and not made");
            }
        }
    }
}

#[test]
fn mapping_again_changes_nothing() {
    for (name, kind, document) in fixtures() {
        let parsed = parse(kind, &document);
        let first = map(&parsed, &Existing::default());
        let again = map(&parsed, &stored(&[&first]));
        assert_eq!(first.resources, again.resources, "{name}");
    }
}

#[test]
fn the_place_in_a_list_names_nothing() {
    for (name, kind, document) in fixtures() {
        let mut reversed = document.clone();
        let lists = ["treatments", "performanceStatuses", "comorbidities", "meetings", "consultations", "sites"];
        for list in lists {
            if let Some(list) = reversed.get_mut(list).and_then(Value::as_array_mut) {
                list.reverse();
            }
        }
        for list in ["tnm", "characteristics"] {
            if let Some(list) = reversed["tumour"].get_mut(list).and_then(Value::as_array_mut) {
                list.reverse();
            }
        }
        let by_key = |mapped: Mapped| -> BTreeMap<String, Value> {
            let without_order = mapped.resources.into_iter().filter(|r| {
                r["resourceType"] != "Provenance" && !(r["resourceType"] == "Condition" && r["stage"].is_array())
            });
            without_order.map(|r| (ResourceKey::of(&r).unwrap().to_string(), r)).collect()
        };
        let (one, other) = (by_key(map_alone(kind, &document)), by_key(map_alone(kind, &reversed)));
        assert_eq!(one, other, "{name}");
    }
}

/// Profiles that every document's resources share; they are published with the care plan's.
const SHARED: [&str; 5] = ["Patient", "Organization", "Practitioner", "PractitionerRole", "Provenance"];

/// The canonicals under our base in profiles, extensions and code systems of a resource.
fn canonicals(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(object) => object.values().for_each(|one| canonicals(one, found)),
        Value::Array(list) => list.iter().for_each(|one| canonicals(one, found)),
        Value::String(text) => {
            if let Some(rest) = text.strip_prefix("https://overdracht.example/fhir/")
                && (rest.starts_with("StructureDefinition/") || rest.starts_with("CodeSystem/"))
            {
                found.insert(rest.to_owned());
            }
        }
        _ => {}
    }
}

#[test]
fn every_definition_of_ours_that_a_resource_names_is_published() {
    let folder = root().join("profiles/overdracht");
    for (name, kind, document) in fixtures() {
        for resource in map_alone(kind, &document).resources {
            let own = SHARED.contains(&resource["resourceType"].as_str().unwrap());
            let mut found = BTreeSet::new();
            canonicals(&resource, &mut found);
            for canonical in found.iter().filter(|_| !own) {
                let path = folder.join(format!("{}.json", canonical.replace('/', "-")));
                assert!(path.exists(), "{name}: {} is missing", path.display());
                assert!(read(&path)["url"].as_str().unwrap().ends_with(canonical.as_str()), "{}", path.display());
            }
        }
    }
}

/// Against base R4, our profiles, and the Dutch ones where their packages are installed.
#[test]
fn what_is_mapped_is_valid() {
    let definitions = Arc::new(Definitions::builder().open().expect("`make definitions` has run"));
    let validator = Validator::new(definitions, Options::default());
    let mut wrong = BTreeSet::new();
    for (name, kind, document) in fixtures() {
        for resource in map_alone(kind, &document).resources {
            let issues = validator.validate(&resource, &[]);
            for issue in issues.iter().filter(|issue| issue.severity.refuses()) {
                wrong.insert(format!("{name}: {} {} at {:?}", issue.id, issue.text, issue.at));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// Differentials say what the base allows: each profile of the registry gets a snapshot, and nothing in it is at fault.
#[test]
fn every_profile_of_ours_makes_a_snapshot_without_fault() {
    let definitions = Definitions::builder().open().expect("`make definitions` has run");
    let mut wrong = Vec::new();
    for entry in fs::read_dir(root().join("profiles/overdracht")).unwrap() {
        let definition = read(&entry.unwrap().path());
        if definition["resourceType"] != "StructureDefinition" {
            continue;
        }
        let url = definition["url"].as_str().unwrap();
        let issues = definitions.snapshot_issues(url);
        wrong.extend(issues.iter().map(|issue| format!("{url}: {} {:?}", issue.text, issue.at)));
        let snapshot = definitions.structure(url).unwrap_or_else(|| panic!("{url} has no snapshot"));
        let has = |id: &Value| {
            let elements = snapshot["snapshot"]["element"].as_array().unwrap();
            elements.iter().any(|element| element["id"] == *id)
        };
        for element in definition["differential"]["element"].as_array().unwrap() {
            if !has(&element["id"]) {
                wrong.push(format!("{url}: {} is not in the snapshot", element["id"]));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_code_systems_that_are_published_hold_the_codes_of_the_types() {
    for (name, codes) in coded::lists() {
        let system = mapping::oncology::code_system(name);
        let id = system.rsplit('/').next().unwrap();
        let published = read(&root().join(format!("profiles/overdracht/CodeSystem-{id}.json")));
        assert_eq!(published["url"], *system);
        let concepts = published["concept"].as_array().unwrap().iter();
        let concepts: Vec<_> =
            concepts.map(|c| (c["code"].as_str().unwrap(), c["display"].as_str().unwrap())).collect();
        assert_eq!(concepts, codes, "{name}");
        let values = read(&root().join(format!("profiles/overdracht/ValueSet-{id}.json")));
        assert_eq!(values["compose"]["include"][0]["system"], *system);
    }
}

/// The lists of the schemas (`x-list`) and those of the code are the same.
#[test]
fn the_schemas_list_the_codes_that_the_types_know() {
    fn listed(value: &Value, found: &mut Vec<(String, Vec<String>)>) {
        if let Some(name) = value.get("x-list").and_then(Value::as_str) {
            let codes = value["enum"].as_array().unwrap().iter().map(|c| c.as_str().unwrap().to_owned());
            found.push((name.to_owned(), codes.collect()));
        }
        match value {
            Value::Object(object) => object.values().for_each(|one| listed(one, found)),
            Value::Array(list) => list.iter().for_each(|one| listed(one, found)),
            _ => {}
        }
    }
    let lists: BTreeMap<&str, Vec<&str>> =
        coded::lists().into_iter().map(|(name, codes)| (name, codes.into_iter().map(|c| c.0).collect())).collect();
    let mut found = Vec::new();
    for kind in [Kind::RegistryRecord, Kind::MetastasisEvent] {
        listed(&serde_json::from_str(kind.schema()).unwrap(), &mut found);
    }
    assert!(found.len() > 30);
    for (name, codes) in found {
        let Some(known) = lists.get(name.as_str()) else { panic!("{name} is on no list") };
        assert_eq!(codes, *known, "{name}");
    }
}

#[test]
fn every_property_of_the_schemas_is_described() {
    fn described(value: &Value, at: &str, missing: &mut Vec<String>) {
        if let Some(properties) = value.get("properties").and_then(Value::as_object)
            && value.get("type").is_some()
        {
            assert_eq!(value["additionalProperties"], false, "{at} lets unknown properties in");
            for (name, one) in properties {
                let words = one.get("description").is_some() || one.get("$ref").is_some();
                if !words {
                    missing.push(format!("{at}/{name}"));
                }
                described(one, &format!("{at}/{name}"), missing);
            }
        }
        if let Some(items) = value.get("items") {
            described(items, &format!("{at}/*"), missing);
        }
    }
    for kind in [Kind::RegistryRecord, Kind::MetastasisEvent] {
        let schema: Value = serde_json::from_str(kind.schema()).unwrap();
        let mut missing = Vec::new();
        described(&schema, kind.as_str(), &mut missing);
        assert!(missing.is_empty(), "{missing:#?}");
    }
}

/// `fixtures/invalid/<kind>/*.json`: a fixture, what is changed in it, and every fault that must be found, no more.
#[test]
fn wrong_documents_are_refused_at_the_place_that_is_wrong() {
    let mut cases = 0;
    for kind in [Kind::RegistryRecord, Kind::MetastasisEvent] {
        for entry in fs::read_dir(root().join("fixtures/invalid").join(kind.as_str())).unwrap() {
            let path = entry.unwrap().path();
            let case = read(&path);
            let mut document = fixture(case["base"].as_str().unwrap());
            for (pointer, value) in case["set"].as_object().into_iter().flatten() {
                set(&mut document, pointer, value.clone());
            }
            for pointer in case["remove"].as_array().into_iter().flatten() {
                remove(&mut document, pointer.as_str().unwrap());
            }
            let faults = domain::parse(kind, &document, now()).expect_err(&path.display().to_string());
            let found: BTreeSet<(&str, &str)> = faults.iter().map(|f| (f.pointer.as_str(), f.kind.id())).collect();
            let listed = case["faults"].as_array().unwrap().iter();
            let expected = listed.map(|f| (f[0].as_str().unwrap(), f[1].as_str().unwrap())).collect();
            assert_eq!(found, expected, "{}", path.display());
            cases += 1;
        }
    }
    assert!(cases >= 20, "only {cases} cases were found");
}

fn set(document: &mut Value, pointer: &str, value: Value) {
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    match document.pointer_mut(parent).unwrap() {
        Value::Object(object) => {
            object.insert(name.to_owned(), value);
        }
        Value::Array(list) if name == "-" => list.push(value),
        Value::Array(list) => list[name.parse::<usize>().unwrap()] = value,
        _ => panic!("{pointer}"),
    }
}

fn remove(document: &mut Value, pointer: &str) {
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    let removed = document.pointer_mut(parent).and_then(Value::as_object_mut).and_then(|object| object.remove(name));
    assert!(removed.is_some(), "{pointer}");
}

fn event_after_record(patient: &str, event: &str) -> Mapped {
    let record = map_alone(Kind::RegistryRecord, &fixture(&format!("{patient}/registry-record.json")));
    let event = parse(Kind::MetastasisEvent, &fixture(&format!("{patient}/{event}.json")));
    map(&event, &stored(&[&record]))
}

#[test]
fn peritoneal_spread_of_the_ovary_counts_as_direct_extension_and_pleura_as_metastasis() {
    let mapped = event_after_record("ovarian-peritoneal", "metastasis-event-1");
    let sites: BTreeMap<&str, (&str, &str)> = of_profile(&mapped, "Overdracht-Metastasis")
        .into_iter()
        .map(|m| (code(m, "ext-SiteGroup"), (code(m, "ext-Spread"), code(m, "ext-NationalSite"))))
        .collect();
    assert_eq!(sites["peritoneum"], ("direct-extension", "-"));
    assert_eq!(sites["pleura"], ("distant", "pleura"));
    assert!(mapped.warnings.iter().any(|w| w.id == "no-distant-metastasis" && w.at.as_deref() == Some("/sites/0")));
}

#[test]
fn an_event_that_arrives_before_its_record_refers_to_a_placeholder_and_is_settled_when_the_record_comes() {
    let event = map_alone(Kind::MetastasisEvent, &fixture("breast-bone-liver/metastasis-event-1.json"));
    let [placeholder] = of_profile(&event, "Overdracht-TumourPlaceholder")[..] else { panic!("one placeholder") };
    let [bone] = of_profile(&event, "Overdracht-Metastasis")[..] else { panic!("one metastasis") };
    assert_eq!(timing(bone), "not determinable");
    assert!(event.warnings.iter().any(|w| w.id == "timing-not-determinable"));

    let record = parse(Kind::RegistryRecord, &fixture("breast-bone-liver/registry-record.json"));
    let mapped = map(&record, &stored(&[&event]));
    let [primary] = of_profile(&mapped, "Overdracht-PrimaryTumour")[..] else { panic!("one tumour") };
    assert_eq!(primary["id"], placeholder["id"]);
    let [settled] = &mapped.settled[..] else { panic!("one settled metastasis") };
    assert_eq!((&settled["id"], timing(settled).as_str()), (&bone["id"], "metachronous"));
    assert!(settled["text"]["div"].as_str().unwrap().contains("metachroon"));
    assert!(of_profile(&mapped, "Overdracht-Metastasis").is_empty(), "it stays the event's");
    let mut known = stored(&[&event, &mapped]);
    known.resources.insert(ResourceKey::of(settled).unwrap(), settled.clone());
    assert!(map(&record, &known).settled.is_empty(), "what is settled is not settled again");

    // In the other order the outcome is the same.
    let after = event_after_record("breast-bone-liver", "metastasis-event-1");
    assert!(of_profile(&after, "Overdracht-TumourPlaceholder").is_empty(), "the record's Condition stays");
    let [direct] = of_profile(&after, "Overdracht-Metastasis")[..] else { panic!("one metastasis") };
    assert_eq!(sorted(direct), sorted(settled));
}

/// Without the order of extensions.
fn sorted(resource: &Value) -> Value {
    let mut resource = resource.clone();
    resource["extension"].as_array_mut().unwrap().sort_by_key(Value::to_string);
    resource
}

#[test]
fn metachronous_melanoma_is_counted_by_its_own_rule() {
    let mapped = event_after_record("melanoma-five-sites", "metastasis-event-1");
    let sites: BTreeMap<&str, &str> = of_profile(&mapped, "Overdracht-Metastasis")
        .into_iter()
        .map(|m| (code(m, "ext-SiteGroup"), code(m, "ext-NationalSite")))
        .collect();
    let expected = [
        ("bone", "other"),
        ("brain", "brain"),
        ("distant_lymph_nodes", "distant_lymph_nodes_and_skin"),
        ("liver", "other"),
        ("lung", "lung"),
    ];
    assert_eq!(sites, BTreeMap::from(expected));
}

#[test]
fn without_treatment_a_span_decides_and_says_so_and_a_month_leaves_it_open() {
    let mut document = fixture("primary-unknown/metastasis-event-1.json");
    let at = |document: &Value| {
        let mapped = map_alone(Kind::MetastasisEvent, document);
        timing(of_profile(&mapped, "Overdracht-Metastasis")[0])
    };
    assert_eq!(at(&document), "synchronous by convention");
    set(&mut document, "/detectedOn", json!("2026-11"));
    assert_eq!(at(&document), "not determinable");
    set(&mut document, "/tumour/facts/incidenceDate", json!("2026-07"));
    assert_eq!(at(&document), "metachronous by convention");
}

#[test]
fn a_statement_that_contradicts_the_dates_is_a_warning_and_is_kept() {
    let mut document = fixture("lung-brain/metastasis-event-1.json");
    set(&mut document, "/statedTiming", json!("metachronous"));
    let mapped = map_alone(Kind::MetastasisEvent, &document);
    let warned: Vec<_> = mapped.warnings.iter().map(|w| (w.id, w.at.as_deref().unwrap())).collect();
    assert_eq!(warned, [("timing-contradicts-dates", "/statedTiming")]);
    let brain = of_profile(&mapped, "Overdracht-Metastasis")[0];
    assert_eq!((timing(brain).as_str(), code(brain, "ext-StatedTiming")), ("synchronous", "metachronous"));
}

#[test]
fn an_unknown_primary_without_a_number_makes_no_tumour() {
    let mapped = map_alone(Kind::MetastasisEvent, &fixture("primary-unknown/metastasis-event-1.json"));
    assert!(of_profile(&mapped, "Overdracht-TumourPlaceholder").is_empty());
    let liver = of_profile(&mapped, "Overdracht-Metastasis")[0];
    let related = "http://hl7.org/fhir/StructureDefinition/condition-related";
    let related = liver["extension"].as_array().unwrap().iter().find(|e| e["url"] == related).unwrap();
    assert_eq!(related["valueReference"]["display"], "primaire tumor onbekend");
}

#[test]
fn a_number_that_names_a_tumour_of_another_patient_is_refused() {
    for path in ["lung-brain/registry-record.json", "lung-brain/metastasis-event-1.json"] {
        let kind = kind_of(path.split('/').next_back().unwrap()).unwrap();
        let record = map_alone(Kind::RegistryRecord, &fixture("lung-brain/registry-record.json"));
        let mut existing = stored(&[&record]);
        for condition in existing.resources.values_mut().filter(|r| r["resourceType"] == "Condition") {
            condition["subject"]["reference"] = json!("Patient/somebody-else");
        }
        let document = parse(kind, &fixture(path));
        let issues = mapping::map(&document, &ids(&document), &existing).expect_err(path);
        assert_eq!((issues[0].id, issues[0].at.as_deref()), ("tumour-of-another-patient", Some("/tumour/number")));
    }
}

#[test]
fn what_is_derived_stands_with_the_tumour() {
    let mapped = map_alone(Kind::RegistryRecord, &fixture("lung-brain/registry-record.json"));
    let tumour = of_profile(&mapped, "Overdracht-PrimaryTumour")[0];
    assert_eq!(code(tumour, "ext-CancerKind"), "lung");
    assert_eq!(code(tumour, "ext-LungCancerKind"), "non-small-cell-not-treatable");
    assert_eq!(extension(tumour, "ext-FirstTreatment")["valueDateTime"], "2026-03-03");
    let stage = of_profile(&mapped, "Overdracht-Stage")[0];
    assert_eq!(stage["method"]["coding"][0]["code"], "9", "lung cancer of 2026 is staged with the ninth edition");
}

#[test]
fn a_good_outlook_travels_with_what_was_told() {
    let mapped = map_alone(Kind::RegistryRecord, &fixture("melanoma-five-sites/registry-record.json"));
    let course = of_profile(&mapped, "Overdracht-ExpectedCourse")[0];
    assert_eq!(course["prognosisCodeableConcept"][0]["coding"][0]["code"], "years");
    assert!(course["summary"].as_str().unwrap().contains("genezing is niet uitgesloten"));
    let told = extension(course, "ext-ToldToPatient")["extension"].as_array().unwrap();
    assert_eq!(told[0]["valueCodeableConcept"]["coding"][0]["code"], "told");
}

#[test]
fn another_edition_of_tnm_than_the_one_that_holds_is_a_warning() {
    let mut document = fixture("breast-bone-liver/registry-record.json");
    set(&mut document, "/tumour/tnm/0/edition", json!("7"));
    let mapped = map_alone(Kind::RegistryRecord, &document);
    let warned: Vec<_> = mapped.warnings.iter().map(|w| (w.id, w.at.as_deref().unwrap())).collect();
    assert_eq!(warned, [("tnm-edition", "/tumour/tnm/0/edition")]);
}

/// Any JSON in the place of any part of a fixture.
fn any_json() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        (0u32..12).prop_map(Value::from),
        "\\PC{0,12}".prop_map(Value::from),
        "(19|20)[0-9]{2}(-[01][0-9](-[0-3][0-9])?)?".prop_map(Value::from),
        "[cp]?[TNM][0-4X][a-c]?".prop_map(Value::from),
        "C[0-9]{2}\\.[0-9]".prop_map(Value::from),
        Just(json!([])),
        Just(json!({})),
    ]
}

fn pointers(value: &Value, at: String, found: &mut Vec<String>) {
    match value {
        Value::Object(object) => object.iter().for_each(|(name, one)| pointers(one, format!("{at}/{name}"), found)),
        Value::Array(list) => list.iter().enumerate().for_each(|(i, one)| pointers(one, format!("{at}/{i}"), found)),
        _ => {}
    }
    if !at.is_empty() {
        found.push(at);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    /// Whatever stands in a document: no panic, no fault that repeats a value, and what the schema accepts the types
    /// hold (a fault at the root would say that they do not).
    #[test]
    fn any_change_of_a_document_is_mapped_or_refused_in_its_place(
        which in 0usize..14, place in any::<prop::sample::Index>(), value in any_json(),
    ) {
        let all = fixtures();
        let (name, kind, mut document) = all[which % all.len()].clone();
        let mut places = Vec::new();
        pointers(&document, String::new(), &mut places);
        let pointer = places[place.index(places.len())].clone();
        set(&mut document, &pointer, value);
        match domain::parse(kind, &document, now()) {
            Ok(parsed) => {
                let ids = Ids {
                    patient: "p".to_owned(), source: "s".to_owned(), document: "d".to_owned(), parties: BTreeMap::new(),
                };
                let mapped = mapping::map(&parsed, &ids, &Existing::default()).unwrap();
                prop_assert!(mapped.resources.len() > 3, "{name} {pointer}");
            }
            Err(faults) => {
                prop_assert!(!faults.is_empty());
                for fault in faults {
                    prop_assert!(!fault.pointer.is_empty(), "{name} {pointer}: {fault}");
                }
            }
        }
    }
}
