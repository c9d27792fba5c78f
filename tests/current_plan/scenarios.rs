//! Plans of a hospital, a GP and a nursing home as they come in: what holds then, and that whoever asks in another way
//! (FHIR search, the handover) is told the same.

use std::collections::BTreeSet;

use overdracht::consent::{Purpose, Statement, Statements, decide};
use overdracht::fhir::{ResourceKey, systems};
use overdracht::handover::{Author, Handover, compose};
use serde_json::{Value, json};
use uuid::Uuid;

use super::common;
use super::{Local, current, other, patient, stored};

/// What came in, in this order, and what holds of it: the decisions about resuscitation that the plan gives (two in a
/// conflict), and the consent to share.
struct Scenario {
    name: &'static str,
    plans: Vec<Value>,
    resuscitation: &'static [&'static str],
    sharing: Option<&'static str>,
}

/// A plan about resuscitation, from one of three.
fn cpr(id: &str, day: &str, decision: &str) -> Value {
    other(id, day, json!({ "treatmentDirectives": [{ "treatment": "89666000", "decision": decision }] }))
}

/// A plan about sharing.
fn share(id: &str, day: &str, answer: &str) -> Value {
    other(id, day, json!({ "sharingConsent": answer }))
}

/// The next version of a plan, recorded a day later.
fn next(plan: &Value, version: u64, changes: Value) -> Value {
    let mut plan = plan.clone();
    plan["version"] = json!(version);
    plan["recordedAt"] = json!("2026-10-01T08:00:00Z");
    plan.as_object_mut().expect("an object").extend(changes.as_object().expect("an object").clone());
    plan
}

fn with(mut plan: Value, pointer: &str, value: Value) -> Value {
    let (above, name) = pointer.rsplit_once('/').expect("a pointer");
    plan.pointer_mut(above).expect("a place")[name] = value;
    plan
}

fn scenarios() -> Vec<Scenario> {
    let row = |name, plans, resuscitation, sharing| Scenario { name, plans, resuscitation, sharing };
    let (hospital, gp, home) = ("hospital-1", "gp-1", "home-1");
    let no = cpr(hospital, "2026-07-09", "2");
    let nothing = json!({ "treatmentDirectives": [], "specificCareWishes": { "wishes": "Rust" } });
    let ended = |plan: Value, day: &str| with(plan, "/treatmentDirectives/0/endedAt", json!(day));
    vec![
        row(
            "the newest of three holds",
            vec![no.clone(), cpr(gp, "2026-08-01", "0"), cpr(home, "2026-09-01", "2")],
            &["2"],
            None,
        ),
        row(
            "the newest holds, though it came first",
            vec![cpr(home, "2026-09-01", "0"), no.clone(), cpr(gp, "2026-08-01", "2")],
            &["0"],
            None,
        ),
        row("unknown undoes no decision", vec![no.clone(), cpr(gp, "2026-08-01", "UNK")], &["2"], None),
        row("unknown holds where there is nothing else", vec![cpr(gp, "2026-08-01", "UNK")], &["UNK"], None),
        row(
            "a decision replaces an unknown that is newer",
            vec![cpr(gp, "2026-08-01", "UNK"), no.clone()],
            &["2"],
            None,
        ),
        row(
            "two of one day that differ are both shown",
            vec![no.clone(), cpr(gp, "2026-07-09", "0")],
            &["0", "2"],
            None,
        ),
        row(
            "two of one day that agree are no conflict",
            vec![no.clone(), cpr(gp, "2026-07-09", "2")],
            &["2", "2"],
            None,
        ),
        row(
            "a month is not certainly older than a day in it",
            vec![no.clone(), with(cpr(gp, "2026-07-31", "0"), "/conversation/startedAt", json!("2026-07"))],
            &["0", "2"],
            None,
        ),
        row(
            "a third, newer, settles a conflict",
            vec![no.clone(), cpr(gp, "2026-07-09", "0"), cpr(home, "2026-07-10", "2")],
            &["2"],
            None,
        ),
        row(
            "a correction takes the place of what it corrects",
            vec![
                no.clone(),
                next(&no, 2, json!({ "treatmentDirectives": [{ "treatment": "89666000", "decision": "0" }] })),
            ],
            &["0"],
            None,
        ),
        row(
            "a correction of an older plan does not undo a newer one",
            vec![
                no.clone(),
                cpr(gp, "2026-08-01", "0"),
                next(
                    &no,
                    2,
                    json!({ "treatmentDirectives": [{ "treatment": "89666000", "decision": "1", "specificationOther": "Alleen thuis" }] }),
                ),
            ],
            &["0"],
            None,
        ),
        row(
            "what a new version no longer says is withdrawn",
            vec![no.clone(), next(&no, 2, nothing.clone())],
            &[],
            None,
        ),
        row(
            "what was replaced holds again where its successor is withdrawn",
            vec![no.clone(), cpr(gp, "2026-08-01", "0"), next(&cpr(gp, "2026-08-01", "0"), 2, nothing)],
            &["2"],
            None,
        ),
        row("what ended does not hold", vec![ended(no.clone(), "2026-08-01")], &[], None),
        row(
            "what the ended one replaced does not come back",
            vec![cpr(gp, "2026-03-01", "0"), ended(no.clone(), "2026-08-01")],
            &[],
            None,
        ),
        row("what ends later still holds", vec![ended(no.clone(), "2999-01-01")], &["2"], None),
        row(
            "with the death of the patient the record stays as it is",
            vec![no.clone(), with(cpr(gp, "2026-08-01", "UNK"), "/patient/deceasedDate", json!("2026-08-02"))],
            &["2"],
            None,
        ),
        row("sharing: unknown is no yes", vec![share(gp, "2026-08-01", "unknown")], &[], Some("unknown")),
        row(
            "sharing: a refusal after a yes",
            vec![share(gp, "2026-07-01", "yes"), share(home, "2026-08-01", "refused")],
            &[],
            Some("refused"),
        ),
        row(
            "sharing: a refusal is not undone by unknown",
            vec![share(gp, "2026-07-01", "refused"), share(home, "2026-08-01", "unknown")],
            &[],
            Some("refused"),
        ),
        row(
            "sharing: withdrawn and given again",
            vec![
                share(hospital, "2026-06-01", "yes"),
                share(gp, "2026-07-01", "refused"),
                share(home, "2026-08-01", "yes"),
            ],
            &[],
            Some("yes"),
        ),
        row(
            "sharing: withdrawn and given again, the refusal coming last",
            vec![
                share(hospital, "2026-06-01", "yes"),
                share(home, "2026-08-01", "yes"),
                share(gp, "2026-07-01", "refused"),
            ],
            &[],
            Some("yes"),
        ),
    ]
}

#[tokio::test]
async fn what_holds_of_several_plans_is_told_alike_by_every_door() {
    if !common::packages() {
        return;
    }
    let mut wrong = Vec::new();
    for Scenario { name, plans, resuscitation, sharing } in scenarios() {
        let service = stored(&plans).await;
        let view = current(&service).await;
        let directives = view["plan"]["treatmentDirectives"].as_array().into_iter().flatten();
        let mut said: Vec<&str> = directives
            .filter(|one| one["treatment"] == "89666000")
            .filter_map(|one| one["decision"].as_str())
            .collect();
        said.sort_unstable();
        if said != resuscitation || view["plan"]["sharingConsent"].as_str() != sharing {
            wrong.push(format!("{name}: resuscitation {said:?}, sharing {}", view["plan"]["sharingConsent"]));
        }
        wrong.extend(disagreements(&service, &view).await.into_iter().map(|one| format!("{name}: {one}")));
        service.stop().await;
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// Where the plan, a FHIR search and the handover do not name the same resources.
async fn disagreements(service: &Local, view: &Value) -> Vec<String> {
    let named = |one: &Value| one["resource"].as_str().unwrap_or_default().to_owned();
    let statements = view["statements"].as_array().into_iter().flatten();
    let told: BTreeSet<String> = statements
        .filter(|one| ["current", "undecided", "conflict"].iter().any(|standing| one["standing"] == *standing))
        .map(named)
        .filter(|name| !name.starts_with("RelatedPerson/"))
        .collect();
    let patient = patient(service).await;
    let mut found = BTreeSet::new();
    for kind in ["Consent", "Goal", "Observation", "DeviceUseStatement", "CommunicationRequest", "CareTeam"] {
        let all = service.search(kind, &[("patient", patient.as_str())]).await;
        found.extend(all.iter().filter(|one| stands(one)).filter_map(ResourceKey::of).map(|key| key.to_string()));
    }
    let mut wrong: Vec<String> =
        told.symmetric_difference(&found).map(|key| format!("plan and FHIR search differ in {key}")).collect();
    let record = service.store().compartment(&patient, None).await.expect("read");
    let resources: Vec<Value> = record.into_iter().map(|version| version.body).collect();
    let author = Author { system: systems::AGB.into(), value: "06999901".into(), name: "Ziekenhuis".into() };
    let statements = Statements { care_plan: Statement::Yes, ..Statements::default() };
    let composed = compose(&Handover {
        patient: &patient,
        resources: &resources,
        author: &author,
        decision: decide(Purpose::HandoverToTreating, &statements),
        now: jiff::Timestamp::now(),
        bundle: Uuid::from_u128(1),
        composition: Uuid::from_u128(2),
    });
    let bundle = composed.expect("the patient is there").bundle;
    let travels = |key: &str| {
        bundle["entry"]
            .as_array()
            .into_iter()
            .flatten()
            .any(|entry| ResourceKey::of(&entry["resource"]).is_some_and(|one| one.to_string() == key))
    };
    let sharing = |key: &str| {
        resources.iter().any(|one| {
            ResourceKey::of(one).is_some_and(|one| one.to_string() == key)
                && one["scope"]["coding"][0]["code"] == "patient-privacy"
        })
    };
    wrong.extend(told.iter().filter(|key| !sharing(key) && !travels(key)).map(|key| format!("{key} does not travel")));
    let replaced = resources.iter().filter(|one| !stands(one) && one["resourceType"] == "Consent");
    let replaced = replaced.filter_map(ResourceKey::of).map(|key| key.to_string());
    wrong.extend(replaced.filter(|key| travels(key)).map(|key| format!("{key} travels and does not hold")));
    wrong
}

/// What FHIR says of a resource that holds: by its status, its mark and its end.
fn stands(one: &Value) -> bool {
    let status = one["status"].as_str().or(one["lifecycleStatus"].as_str()).unwrap_or_default();
    let replaced = one["extension"].as_array().is_some_and(|all| {
        all.iter().any(|one| one["url"].as_str().is_some_and(|url| url.ends_with("/ext-ReplacedBy")))
    });
    let ended = one["provision"]["period"]["end"].as_str().is_some_and(|end| end < "2026-11");
    ["active", "proposed", "final"].contains(&status) && !replaced && !ended
}
