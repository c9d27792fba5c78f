//! Faults are told all at once, each at its place: those of the schema, and those that it cannot express.

mod common;
#[allow(dead_code)] // Only care plans are asked of it here.
#[path = "careplan/generate.rs"]
mod generate;
#[path = "common/service.rs"]
mod harness;
#[path = "faults/plant.rs"]
mod plant;

use std::collections::BTreeSet;
use std::process::Command;

use generate::Schemas;
use harness::{CARE_PLAN, Local, METASTASIS, REGISTRY, fixture};
use jiff::Timestamp;
use overdracht::domain::{self, Kind};
use plant::planted;
use proptest::prelude::*;
use serde_json::{Value, json};

fn now() -> Timestamp {
    "2026-11-22T12:00:00Z".parse().unwrap()
}

/// The places at which a document has faults, one by one.
fn told(kind: Kind, document: &Value) -> Vec<String> {
    let faults = domain::parse(kind, document, now()).err().unwrap_or_default();
    let mut places: Vec<String> = faults.into_iter().map(|fault| fault.pointer).collect();
    places.sort();
    places
}

fn places(outcome: &Value) -> Vec<&str> {
    outcome["issue"]
        .as_array()
        .unwrap()
        .iter()
        .map(|issue| issue["expression"][0].as_str().unwrap_or_default())
        .collect()
}

/// Eleven faults of the schema and nine that it cannot express.
const TWENTY: [&str; 20] = [
    "/advanceDirectives/1/representative",
    "/conversation/contactPersonsPresent/0",
    "/conversation/contactType",
    "/conversation/patientPresent",
    "/euthanasiaPosition/date",
    "/goal/goal",
    "/icd/endDate",
    "/icdDeactivation/decision",
    "/inCharge/acceptedBy",
    "/inCharge/to",
    "/patient/deceasedDate",
    "/patient/gender",
    "/patient/identifiers/bsn",
    "/patient/name/lastName/name",
    "/recordedAt",
    "/sharingConsent",
    "/source/system",
    "/treatmentDirectives/0/decision",
    "/treatmentDirectives/1/treatment",
    "/treatmentDirectives/2/endedAt",
];

#[tokio::test]
async fn twenty_mistakes_get_twenty_issues_over_http() {
    if !common::packages() {
        return;
    }
    let service = Local::start().await;
    let answer = service.post(CARE_PLAN, &fixture("invalid/care-plan-twenty-mistakes")).await;
    assert_eq!((answer.status, places(&answer.body)), (422, TWENTY.to_vec()), "{:#}", answer.body);
    for (path, kind, name) in [
        (REGISTRY, Kind::RegistryRecord, "ovarian-peritoneal/registry-record"),
        (METASTASIS, Kind::MetastasisEvent, "breast-bone-liver/metastasis-event-1"),
    ] {
        let (document, expected) =
            (0..).map(|seed| planted(kind, fixture(name), seed, 20)).find(|(_, all)| all.len() == 20).unwrap();
        let answer = service.post(path, &document).await;
        let found: BTreeSet<&str> = places(&answer.body).into_iter().collect();
        assert_eq!((answer.status, places(&answer.body).len()), (422, 20), "{:#}", answer.body);
        assert_eq!(found, expected.iter().map(String::as_str).collect(), "{name}");
    }
    service.stop().await;
}

#[test]
fn twenty_mistakes_get_twenty_issues_from_the_command() {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/invalid/care-plan-twenty-mistakes.json");
    let ran = Command::new(env!("CARGO_BIN_EXE_overdracht")).args(["map", "care-plan", file]).output().unwrap();
    let outcome: Value = serde_json::from_slice(&ran.stdout).unwrap();
    assert_eq!((ran.status.code(), places(&outcome)), (Some(1), TWENTY.to_vec()));
}

#[test]
fn each_fault_of_the_table_is_found_alone_at_its_place() {
    let mut never = Vec::new();
    for kind in Kind::ALL {
        for row in plant::table(*kind) {
            let documents = bases(*kind).into_iter().filter_map(|document| row.plant(document, 0));
            let mut count = 0;
            for (document, at) in documents {
                assert_eq!(told(*kind, &document), [at], "{row:?}");
                count += 1;
            }
            if count == 0 {
                never.push(format!("{kind:?} {row:?}"));
            }
        }
    }
    assert!(never.is_empty(), "no document has a place for {never:#?}");
}

/// Documents of a kind that have no fault.
fn bases(kind: Kind) -> Vec<Value> {
    if kind == Kind::CarePlan {
        let schemas = Schemas::load();
        return (0..400).map(|seed| schemas.plan(seed)).collect();
    }
    let mut found = Vec::new();
    for patient in common::PEOPLE {
        let all = std::fs::read_dir(format!("{}/fixtures/{patient}", env!("CARGO_MANIFEST_DIR"))).unwrap();
        let mut names: Vec<String> = all.map(|one| one.unwrap().file_name().into_string().unwrap()).collect();
        names.retain(|name| name.starts_with(kind.as_str()));
        names.sort();
        found.extend(names.iter().map(|name| fixture(&format!("{patient}/{}", name.trim_end_matches(".json")))));
    }
    found
}

#[test]
fn one_cause_is_told_once() {
    let plan = fixture("prostate-bone/care-plan");
    let with = |changes: &[(&str, Value)]| {
        let mut document = plan.clone();
        for (at, value) in changes {
            plant::put(&mut document, at, value.clone());
        }
        told(Kind::CarePlan, &document)
    };
    // Nobody can tell whom a mention means while a key is wrong.
    assert_eq!(with(&[("/practitioners/0/key", json!("een sleutel"))]), ["/practitioners/0/key"]);
    assert_eq!(with(&[("/practitioners", json!("tjin"))]), ["/practitioners"]);
    // A date of conversation that is wrong is not a missing one, and nothing is held against it.
    for wrong in [json!("2026-02-30"), json!("3026"), json!(1)] {
        assert_eq!(
            with(&[("/conversation/startedAt", wrong), ("/filledInAt", Value::Null)]),
            ["/conversation/startedAt"]
        );
    }
    assert_eq!(with(&[("/conversation", json!(1)), ("/filledInAt", Value::Null)]), ["/conversation"]);
    // A treatment that no list has may be another one.
    let other =
        [("/treatmentDirectives/0/treatment", json!("dialyse")), ("/treatmentDirectives/0/otherTreatment", json!("x"))];
    assert_eq!(with(&other), ["/treatmentDirectives/0/treatment"]);
    assert_eq!(with(&[("/documentId", json!(""))]), ["/documentId"]);

    let record = fixture("ovarian-peritoneal/registry-record");
    let with = |at: &str, value: Value| {
        let mut document = record.clone();
        plant::put(&mut document, at, value);
        told(Kind::RegistryRecord, &document)
    };
    // A birth date in the future is wrong itself; the rest is not before it.
    assert_eq!(with("/patient/birthDate", json!("3024")), ["/patient/birthDate"]);
    assert_eq!(with("/tumour/primary", json!(1)), ["/tumour/primary"]);
    assert_eq!(with("/tumour/primary/status", json!("?")), ["/tumour/primary/status"]);
    let event = fixture("breast-bone-liver/metastasis-event-1");
    for (at, value) in [("/tumour/status", json!("?")), ("/tumour", json!([])), ("/sites/0/icd10", json!("?"))] {
        let mut document = event.clone();
        plant::put(&mut document, at, value);
        assert_eq!(told(Kind::MetastasisEvent, &document), [at]);
    }
}

#[test]
fn nothing_that_can_be_sent_makes_reading_panic() {
    let strange = [json!(null), json!([]), json!({}), json!(""), json!("é/~"), json!(-1), json!([[{}]]), json!(true)];
    for kind in Kind::ALL {
        for document in bases(*kind).into_iter().take(12) {
            let mut all = vec![String::new()];
            plant::places(&document, "", &mut all);
            for (i, at) in all.iter().enumerate() {
                let mut broken = document.clone();
                *broken.pointer_mut(at).unwrap() = strange[i % strange.len()].clone();
                let told = told(*kind, &broken);
                let unique: BTreeSet<&String> = told.iter().collect();
                assert!(
                    unique.len() == told.len() || broken.pointer(at).is_some_and(Value::is_object),
                    "{at}: {told:?}"
                );
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn as_many_faults_as_were_made_are_told_each_at_its_place(seed in any::<u64>(), count in 1_usize..24) {
        for kind in Kind::ALL {
            let documents = if *kind == Kind::CarePlan { vec![Schemas::load().plan(seed)] } else { bases(*kind) };
            let document = documents[usize::try_from(seed % documents.len() as u64).unwrap()].clone();
            let (document, mut expected) = planted(*kind, document, seed, count);
            expected.sort();
            prop_assert_eq!(told(*kind, &document), expected);
        }
    }
}
