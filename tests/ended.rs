//! A directive ends on its day, whether or not a document comes that says so: what a locum finds who asks in plain FHIR.

mod common;
#[path = "common/door.rs"]
mod door;
#[path = "common/service.rs"]
mod harness;

use door::{call, get};
use harness::{CARE_PLAN, FHIR_JSON, Local, fixture};
use overdracht::fhir::ResourceKey;
use overdracht::mapping::care_plan::current::{as_of, holds};
use overdracht::store::{Commit, Expect, Put};
use serde_json::{Value, json};

fn directive(end: &str) -> Value {
    json!({
        "resourceType": "Consent", "id": "1", "status": "active",
        "scope": { "coding": [{ "code": "treatment" }] },
        "text": { "status": "generated", "div": "<div xmlns=\"http://www.w3.org/1999/xhtml\"><p>x</p></div>" },
        "provision": { "type": "deny", "period": { "end": end } },
    })
}

#[test]
fn what_was_said_to_end_no_longer_holds_from_its_last_day_on() {
    let at = |text: &str| text.parse().expect("a time");
    for (end, now, over) in [
        ("2025-12-05", "2025-12-04T23:00:00Z", false),
        ("2025-12-05", "2025-12-06T00:00:00Z", true),
        ("2025-12", "2025-12-20T00:00:00Z", false),
        ("2025-12", "2026-01-01T00:00:00Z", true),
        ("2025", "2026-01-01T00:00:00Z", true),
        ("2099", "2026-01-01T00:00:00Z", false),
    ] {
        let as_read = as_of(&directive(end), at(now));
        assert_eq!(as_read.is_some(), over, "{end} at {now}");
        if let Some(one) = as_read {
            assert_eq!((&one["status"], holds(&one)), (&json!("inactive"), false));
            assert_eq!(one["provision"], directive(end)["provision"], "what was agreed stays readable");
            assert!(one["text"]["div"].as_str().expect("words").contains("Beëindigd"));
            assert_eq!(as_of(&one, at(now)), None, "once is enough");
        }
    }
    let mut mistake = directive("2020");
    mistake["status"] = json!("entered-in-error");
    assert_eq!(as_of(&mistake, at("2026-01-01T00:00:00Z")), None);
}

#[tokio::test]
async fn a_directive_that_has_ended_since_it_was_stored_is_found_as_inactive() {
    if !common::packages() {
        return;
    }
    let service = Local::start().await;
    let taken = service.post(CARE_PLAN, &fixture("prostate-bone/care-plan")).await;
    let patient =
        taken.body["patient"].as_str().expect("a patient").strip_prefix("Patient/").expect("an id").to_owned();
    let directives =
        service.search("Consent", &[("patient", &patient), ("scope", "treatment"), ("status", "active")]).await;
    // As it would be stored had its end lain ahead then.
    let mut ended = directives[0].clone();
    ended["provision"]["period"] = json!({ "end": "2026-01-01" });
    let key = ResourceKey::of(&ended).expect("a key");
    let mut commit = Commit::at("2025-12-01T10:00:00Z".parse().expect("a time"));
    commit.puts = vec![Put { key: key.clone(), patient: Some(patient.clone()), body: ended, expect: Expect::Anything }];
    service.store().commit(commit).await.expect("stored");

    for base in ["/fhir", "/fhir/stu3"] {
        let ask = async |query: String| get(&service, &format!("{base}/{query}"), FHIR_JSON).await;
        let ids = async |status: &str| {
            let bundle = ask(format!("Consent?patient={patient}&status={status}")).await.resource();
            let entries = bundle["entry"].as_array().cloned().unwrap_or_default();
            entries.iter().map(|it| it["resource"]["id"].as_str().expect("an id").to_owned()).collect::<Vec<_>>()
        };
        let (active, inactive) = (ids("active").await, ids("inactive").await);
        assert!(!active.contains(&key.id) && !active.is_empty(), "{base}");
        assert_eq!(inactive, [key.id.as_str()], "{base}");
        let all = ask(format!("Consent?patient={patient}")).await.resource();
        let one = all["entry"].as_array().expect("entries").iter().find(|it| it["resource"]["id"] == key.id.as_str());
        assert_eq!(one.expect("there")["resource"]["status"], "inactive", "{base}");
        let read = ask(key.to_string()).await;
        assert_eq!(read.resource()["status"], "inactive", "{base}");
        // Who had it before it ended does not go on with what they have.
        let tag = [("if-none-match", read.header("etag"))];
        assert_eq!(call(&service, "GET", &format!("{base}/{key}"), &tag, None).await.status, 200);
        // What was stored stays what it was.
        assert_eq!(ask(format!("{key}/_history/2")).await.resource()["status"], "active", "{base}");
    }
    service.stop().await;
}
