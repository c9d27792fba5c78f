//! The document Bundle: complete, resolvable, and silent about what may not travel.

use std::collections::BTreeSet;

use overdracht::consent::{Decision, Purpose, Statement, Statements, decide};
use overdracht::domain::{self, Kind};
use overdracht::fhir::{ResourceKey, systems};
use overdracht::handover::{Author, Composed, Handover, compose};
use overdracht::mapping::{self, Existing, Ids};
use serde_json::Value;
use uuid::Uuid;

use crate::record;

fn decision(care_plan: Statement) -> Decision {
    decide(Purpose::HandoverToTreating, &Statements { care_plan, ..Statements::default() })
}

fn composed(resources: &[Value], decision: Decision) -> Composed {
    let author = Author { system: systems::AGB.into(), value: "06999901".into(), name: "Ziekenhuis".into() };
    compose(&Handover {
        patient: record::PATIENT,
        resources,
        author: &author,
        decision,
        now: "2026-03-06T08:00:00Z".parse().expect("a timestamp"),
        bundle: Uuid::from_u128(1),
        composition: Uuid::from_u128(2),
    })
    .expect("the patient is there")
}

fn types(bundle: &Value) -> Vec<&str> {
    let entries = bundle["entry"].as_array().expect("entries");
    entries.iter().filter_map(|entry| entry["resource"]["resourceType"].as_str()).collect()
}

fn section<'a>(bundle: &'a Value, title: &str) -> &'a Value {
    let sections = bundle["entry"][0]["resource"]["section"].as_array().expect("sections");
    sections.iter().find(|section| section["title"] == title).unwrap_or_else(|| panic!("no section {title}"))
}

fn references(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(object) => {
            found.extend(object.get("reference").and_then(Value::as_str).map(str::to_owned));
            object.values().for_each(|child| references(child, found));
        }
        Value::Array(list) => list.iter().for_each(|child| references(child, found)),
        _ => {}
    }
}

#[test]
fn the_composition_comes_first_and_every_reference_resolves_in_the_bundle() {
    let Composed { bundle, identifier, withheld } = composed(&record::record(), decision(Statement::Yes));
    assert_eq!(types(&bundle)[0], "Composition");
    assert_eq!((&bundle["type"], &bundle["identifier"]["value"]), (&"document".into(), &identifier.into()));
    assert!(withheld.is_empty());
    let urls: Vec<&str> =
        bundle["entry"].as_array().expect("entries").iter().filter_map(|entry| entry["fullUrl"].as_str()).collect();
    let unique: BTreeSet<&str> = urls.iter().copied().collect();
    assert_eq!(unique.len(), bundle["entry"].as_array().expect("entries").len());
    let mut found = Vec::new();
    references(&bundle, &mut found);
    assert!(found.len() > 8);
    for reference in found {
        assert!(unique.contains(reference.as_str()), "{reference} dangles");
    }
}

#[test]
fn the_limits_come_first_and_what_was_replaced_stays_behind() {
    let Composed { bundle, .. } = composed(&record::record(), decision(Statement::Yes));
    let first = &bundle["entry"][0]["resource"]["section"][0];
    assert_eq!(first["title"], "Behandelgrenzen en wensen");
    let words = first["text"]["div"].as_str().expect("a narrative");
    assert!(words.contains("NIET uitvoeren") && words.contains("zijn vervangen (1)"), "{words}");
    assert!(!words.contains("WEL uitvoeren"), "the inactive directive is not shown as current");
    assert_eq!(types(&bundle).iter().filter(|kind| **kind == "Consent").count(), 1);
    let course = section(&bundle, "Doel van de behandeling en verwacht beloop");
    assert_eq!(course["entry"].as_array().map(Vec::len), Some(1), "the treatment that goes on");
    let persons = section(&bundle, "Betrokkenen en regie");
    assert_eq!(persons["emptyReason"]["coding"][0]["code"], "unavailable");
}

#[test]
fn a_refused_plan_leaves_no_trace_but_the_word_that_it_was_withheld() {
    let Composed { bundle, withheld, .. } = composed(&record::record(), decision(Statement::No));
    assert_eq!(withheld.len(), 1);
    let kinds = types(&bundle);
    assert!(!kinds.contains(&"Consent") && !kinds.contains(&"Goal"), "{kinds:?}");
    assert!(kinds.contains(&"Condition") && kinds.contains(&"Procedure"));
    let limits = section(&bundle, "Behandelgrenzen en wensen");
    assert_eq!(limits["emptyReason"]["coding"][0]["code"], "withheld");
    let text = bundle.to_string();
    for of_the_plan in ["89666000", "Klachten verlichten", "Verzonnen Contact", "NIET uitvoeren"] {
        assert!(!text.contains(of_the_plan), "{of_the_plan} travelled");
    }
}

#[test]
fn nothing_recorded_is_not_the_same_as_no_limits() {
    let Composed { bundle, .. } = composed(&[record::patient()], decision(Statement::Unknown));
    let limits = section(&bundle, "Behandelgrenzen en wensen");
    assert_eq!(limits["emptyReason"]["coding"][0]["code"], "unavailable");
    let words = limits["text"]["div"].as_str().expect("a narrative");
    assert_eq!(words.matches("niet vastgelegd").count(), 6);
}

/// The registry record and the metastasis event of a fixture, as resources of one patient.
fn fixture(patient: &str) -> Vec<Value> {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(patient);
    let now = "2026-11-22T12:00:00Z".parse().expect("a timestamp");
    let documents =
        [("registry-record.json", Kind::RegistryRecord), ("metastasis-event-1.json", Kind::MetastasisEvent)];
    let mut all: Vec<Value> = Vec::new();
    for (file, kind) in documents {
        let text = std::fs::read_to_string(root.join(file)).expect("a fixture");
        let json = serde_json::from_str(&text).expect("JSON");
        let document = domain::parse(kind, &json, now).expect("a valid document");
        let ids = Ids {
            patient: record::PATIENT.into(),
            source: document.envelope().source.system.clone(),
            document: file.into(),
            parties: Default::default(),
        };
        let mapped = mapping::map(&document, &ids, &Existing::default()).expect("mapped");
        for resource in mapped.resources {
            if !all.iter().any(|one| ResourceKey::of(one) == ResourceKey::of(&resource)) {
                all.push(resource);
            }
        }
    }
    all
}

#[test]
fn the_fixtures_travel_whole_when_only_a_plan_would_be_withheld() {
    for patient in ["ovarian-peritoneal", "lung-brain", "melanoma-five-sites", "prostate-bone", "primary-unknown"] {
        let resources = fixture(patient);
        let with = composed(&resources, decision(Statement::Yes)).bundle;
        let without = composed(&resources, decision(Statement::No)).bundle;
        assert_eq!(types(&with), types(&without), "{patient}: nothing of these documents is care plan");
        for title in ["Diagnose en metastasen", "Behandeling", "Doel van de behandeling en verwacht beloop"] {
            assert!(section(&with, title)["entry"].is_array(), "{patient}: {title} is empty");
        }
        let urls: BTreeSet<&str> =
            with["entry"].as_array().expect("entries").iter().filter_map(|entry| entry["fullUrl"].as_str()).collect();
        let mut found = Vec::new();
        references(&with, &mut found);
        let dangling: Vec<_> = found.iter().filter(|reference| !urls.contains(reference.as_str())).collect();
        assert!(dangling.is_empty(), "{patient}: {dangling:?}");
    }
}
