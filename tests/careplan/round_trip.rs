//! Document → resources → document, field for field.

use std::collections::BTreeSet;

use overdracht::domain::{self, Document, Kind};
use overdracht::mapping::care_plan;
use proptest::prelude::*;
use serde_json::Value;

use super::common::PEOPLE;
use super::generate::{Schemas, filled};
use super::{file, form, mapped, now, plan};

fn sent(document: &Document) -> Value {
    match document {
        Document::CarePlan(plan) => plan.to_json(),
        _ => panic!("a care plan"),
    }
}

/// What has no order: a patient's numbers.
fn normal(mut document: Value) -> Value {
    if let Some(numbers) = document.pointer_mut("/patient/identifiers/hospitalNumbers").and_then(Value::as_array_mut) {
        numbers.sort_by_key(|one| (one["organizationAgb"].to_string(), one["number"].to_string()));
    }
    document
}

/// Pointers at which two documents differ; never their values.
fn differences(one: &Value, other: &Value, at: &str, found: &mut Vec<String>) {
    match (one, other) {
        (Value::Object(left), Value::Object(right)) => {
            let names: BTreeSet<&String> = left.keys().chain(right.keys()).collect();
            for name in names {
                differences(&one[name.as_str()], &other[name.as_str()], &format!("{at}/{name}"), found);
            }
        }
        (Value::Array(left), Value::Array(right)) if left.len() == right.len() => {
            for (i, (left, right)) in left.iter().zip(right).enumerate() {
                differences(left, right, &format!("{at}/{i}"), found);
            }
        }
        _ if one == other => {}
        _ => found.push(at.to_owned()),
    }
}

fn lost(document: &Document) -> Vec<String> {
    let read = care_plan::read(&mapped(document).resources, &Value::Null);
    let mut found: Vec<String> = read.warnings.iter().map(|one| format!("warning {:?}", one.id)).collect();
    differences(&normal(sent(document)), &normal(read.document.clone()), "", &mut found);
    if let Err(faults) = domain::parse(Kind::CarePlan, &read.document, now()) {
        found.extend(faults.iter().map(|fault| format!("refused at {}", fault.pointer)));
    }
    found
}

#[test]
fn every_fixture_comes_back_from_its_resources() {
    for patient in PEOPLE {
        assert_eq!(lost(&plan(patient)), Vec::<String>::new(), "{patient}");
    }
}

#[test]
fn what_was_derived_for_a_form_does_not_come_back_as_said() {
    for date in ["20201001", "20221108"] {
        let Some((_, form)) = form(date) else { return };
        let document = domain::parse(Kind::CarePlan, &form.document, now()).unwrap();
        let consents = mapped(&document).resources;
        let derived = consents.iter().filter(|one| one["_dateTime"].is_object()).count();
        assert!(derived > 0, "{date}: the form has no date of discussion");
        assert_eq!(lost(&document), Vec::<String>::new(), "{date}");
    }
}

#[test]
fn the_same_agreement_said_three_times_stays_three() {
    let mut sent = file(&format!("fixtures/{}/care-plan.json", PEOPLE[0]));
    let agreement = serde_json::json!({ "treatment": "OTH", "otherTreatment": "sondevoeding", "decision": "2" });
    sent["treatmentDirectives"] = Value::Array(vec![agreement; 3]);
    let document = domain::parse(Kind::CarePlan, &sent, now()).unwrap();
    assert_eq!(lost(&document), Vec::<String>::new());
}

#[test]
fn resources_of_another_system_are_taken_in_by_the_same_door() {
    for patient in PEOPLE {
        let document = plan(patient);
        let ours = sent(&document);
        let theirs = |one: &&Value| {
            let profile = one["meta"]["profile"].to_string();
            !matches!(one["resourceType"].as_str(), Some("Composition" | "Provenance"))
                && !profile.contains("CarePlanAnswer")
        };
        let resources: Vec<Value> = mapped(&document).resources.iter().filter(theirs).cloned().collect();
        let envelope = serde_json::json!({
            "documentId": "theirs-1", "version": 1, "recordedAt": "2026-01-05T09:00:00Z", "source": ours["source"],
        });
        let read = care_plan::read(&resources, &envelope);
        let faults = domain::parse(Kind::CarePlan, &read.document, now()).err().unwrap_or_default();
        let faults: Vec<_> = faults.iter().map(|fault| (&fault.pointer, &fault.expected)).collect();
        assert!(faults.is_empty(), "{patient}: {faults:#?}");
        let said = |document: &Value| {
            let all = document["treatmentDirectives"].as_array().into_iter().flatten();
            all.map(|one| [&one["treatment"], &one["decision"], &one["specificationOther"]].map(Value::to_string))
                .collect::<Vec<_>>()
        };
        assert_eq!(said(&read.document), said(&ours), "{patient}");
        assert_eq!(read.document["legalRepresentative"].is_null(), ours["legalRepresentative"].is_null(), "{patient}");
    }
}

#[test]
fn what_a_plan_has_no_place_for_is_told() {
    let mut resources = mapped(&plan(PEOPLE[0])).resources;
    resources.push(serde_json::json!({ "resourceType": "Observation", "id": "weight", "code": { "text": "gewicht" } }));
    let read = care_plan::read(&resources, &Value::Null);
    let told: Vec<_> = read.warnings.iter().map(|one| (one.id, one.at.as_deref())).collect();
    assert_eq!(told, [("care-plan-not-read", Some("Observation/weight"))]);
}

#[test]
fn the_generator_fills_in_every_property_of_the_schema() {
    let schemas = Schemas::load();
    let mut seen = BTreeSet::new();
    (0..2000).for_each(|seed| filled(&schemas.plan(seed), "", &mut seen));
    let missing: Vec<_> = schemas.properties().difference(&seen).cloned().collect();
    assert!(missing.is_empty(), "{missing:#?}");
    assert_eq!(schemas.properties().len(), 394, "properties of the schema");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn a_document_comes_back_from_its_resources(seed in any::<u64>()) {
        let sent = Schemas::load().plan(seed);
        let document = domain::parse(Kind::CarePlan, &sent, now()).map_err(|faults| {
            TestCaseError::fail(faults.iter().map(|one| format!("{}: {}", one.pointer, one.expected)).collect::<Vec<_>>().join("; "))
        })?;
        prop_assert_eq!(lost(&document), Vec::<String>::new());
    }
}
