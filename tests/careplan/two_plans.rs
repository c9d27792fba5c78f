//! Two plans of one patient, whatever they say and whichever comes first.

use std::collections::BTreeMap;

use overdracht::domain::{self, Kind};
use overdracht::fhir::ResourceKey;
use overdracht::mapping::care_plan::current::plan::{Plans, Source};
use overdracht::mapping::care_plan::current::{holds, settle};
use overdracht::mapping::{self, Existing};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::generate::Schemas;
use super::now;

/// The resources of a generated plan; of the patient's own those of plan `a` hold.
fn resources(seed: u64, name: &str) -> Vec<Value> {
    let mut sent = Schemas::load().plan(seed);
    sent["documentId"] = json!(name);
    let document = domain::parse(Kind::CarePlan, &sent, now()).expect("a generated plan is accepted");
    // Two plans name other organisations and professionals.
    let mut ids = super::ids(&document);
    ids.parties.values_mut().for_each(|id| *id = format!("{name}-{id}"));
    let mapped = mapping::map(&document, &ids, &Existing::default()).expect("mapped");
    mapped.resources.into_iter().filter(|one| name == "a" || one["resourceType"] != "Patient").collect()
}

fn by_key(resources: Vec<Value>) -> BTreeMap<String, Value> {
    resources.into_iter().map(|one| (ResourceKey::of(&one).expect("a key").to_string(), one)).collect()
}

/// One resource a key: the roles of professionals whom both plans name.
fn united(one: &[Value], other: &[Value]) -> Vec<Value> {
    by_key(one.iter().chain(other).cloned().collect()).into_values().collect()
}

fn source(id: &str, resources: &[Value]) -> Source {
    Source {
        id: id.into(),
        kind: "care-plan".into(),
        system: "https://epd.example".into(),
        document: id.into(),
        version: 1,
        resources: resources.iter().filter_map(ResourceKey::of).collect(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn the_order_of_arrival_makes_no_difference(one in any::<u64>(), other in any::<u64>()) {
        let (a, b) = (resources(one, "a"), resources(other, "b"));
        let both = by_key(settle(united(&a, &b), now()));
        let later = |first: &[Value], second: &[Value]| by_key(settle(united(&settle(first.to_vec(), now()), second), now()));
        prop_assert_eq!(&both, &later(&a, &b));
        prop_assert_eq!(&both, &later(&b, &a));
        prop_assert_eq!(&both, &by_key(settle(both.values().cloned().collect(), now())), "settling again changes nothing");
    }

    #[test]
    fn what_holds_is_a_plan_that_its_own_door_accepts(one in any::<u64>(), other in any::<u64>()) {
        let (a, b) = (resources(one, "a"), resources(other, "b"));
        let sources = vec![source("a", &a), source("b", &b)];
        let plans = Plans::new(united(&a, &b), sources, now());
        let view = plans.current();
        let mut plan = json!({
            "documentId": "both", "version": 1, "recordedAt": "2026-01-05T09:00:00Z",
            "source": { "system": "https://epd.example", "organization": { "name": "Ziekenhuis" } },
        });
        plan.as_object_mut().expect("an object").extend(view["plan"].as_object().expect("a plan").clone());
        let faults = domain::parse(Kind::CarePlan, &plan, now()).err().unwrap_or_default();
        let faults: Vec<String> = faults.iter().map(|one| format!("{} {}", one.pointer, one.expected)).collect();
        prop_assert!(faults.is_empty(), "{:?}", faults);
        let statements = view["statements"].as_array().expect("statements");
        for statement in statements {
            prop_assert!(statement["document"]["id"].is_string(), "{}", statement);
            prop_assert!(statement["at"].is_string(), "{}", statement);
            let person = statement["at"].as_str().is_some_and(|at| at.starts_with("/contactPersons/"));
            prop_assert!(person || statement["standing"] != "replaced" && statement["standing"] != "ended", "{}", statement);
        }
    }

    #[test]
    fn a_plan_alone_holds_whole(seed in any::<u64>()) {
        let alone = resources(seed, "a");
        let settled = settle(alone.clone(), now());
        for (before, after) in alone.iter().zip(&settled) {
            // What ended by its own words, and the same treatment said twice, are the only reasons not to.
            let said = before["resourceType"] == "Consent" || before["resourceType"] == "CareTeam" || before["resourceType"] == "DeviceUseStatement" || before["resourceType"] == "Observation";
            prop_assert!(said || holds(after), "{}", after);
        }
    }

    #[test]
    fn what_two_plans_become_keeps_every_profile(one in any::<u64>(), other in any::<u64>()) {
        if !super::common::packages() {
            return Ok(());
        }
        // What the one arrival changes of the other is written without a further look.
        let sent = united(&resources(one, "a"), &resources(other, "b"));
        let before = by_key(sent.clone());
        for (key, settled) in by_key(settle(sent, now())) {
            prop_assert_eq!(super::refusing(&settled), super::refusing(&before[&key]), "{}", settled);
        }
    }
}

#[test]
fn not_knowing_of_an_icd_does_not_stand_beside_an_agreement_on_it() {
    let made = |name: &str, answers: Value| {
        let mut sent = super::file("fixtures/lung-brain/care-plan.json");
        sent["documentId"] = json!(name);
        let sent_object = sent.as_object_mut().expect("an object");
        sent_object.retain(|name, _| !name.to_lowercase().contains("icd"));
        sent_object.extend(answers.as_object().expect("an object").clone());
        super::mapped(&domain::parse(Kind::CarePlan, &sent, now()).expect("a plan")).resources
    };
    // The device came out, and was followed by an agreement that nobody withdrew.
    let a = made("a", json!({ "icd": { "endDate": "2025" }, "icdDeactivation": { "decision": "NASK" } }));
    let b = made("b", json!({ "hasIcd": "UNK" }));
    let plans = Plans::new(united(&a, &b), vec![source("a", &a), source("b", &b)], now());
    let plan = plans.current()["plan"].clone();
    assert_eq!((plan["icdDeactivation"]["decision"].as_str(), plan.get("hasIcd")), (Some("NASK"), None));
}
