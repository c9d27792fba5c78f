//! `kill -9` between acceptance and delivery loses nothing: the receiver, with a store of its own, is the oracle.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use overdracht::client::json::JsonClient;
use serde_json::{Value, json};

use crate::people;
use crate::process::{Place, RECEIVER_AGB, client};

const MOMENTS: usize = 10;
const JSON: &str = "application/json";

/// What the service acknowledged: handover id and `Bundle.identifier`.
struct Acknowledged {
    id: String,
    identifier: String,
}

async fn hand_over(http: &JsonClient, service: &str, bsn: &str) -> Option<Acknowledged> {
    let request = json!({ "patient": { "bsn": bsn }, "receiver": { "agb": RECEIVER_AGB } });
    let answer = http.post(&format!("{service}/api/v1/handovers"), JSON, request.to_string()).await.ok()?;
    assert_eq!(answer.status, 201, "{}", answer.body);
    let text = |member: &str| answer.body[member].as_str().expect("the answer names the handover").to_owned();
    Some(Acknowledged { id: text("id"), identifier: text("bundleIdentifier") })
}

/// How often the receiver holds each `Bundle.identifier`.
async fn held(http: &JsonClient, gp: &str) -> BTreeMap<String, usize> {
    let list = http.get(&format!("{gp}/Bundle?_count=1000")).await.expect("the GP system answers").body;
    let mut count = BTreeMap::new();
    for entry in list["entry"].as_array().into_iter().flatten() {
        let identifier = entry["resource"]["identifier"]["value"].as_str().expect("a stored Bundle is identified");
        *count.entry(identifier.to_owned()).or_default() += 1;
    }
    count
}

async fn state(http: &JsonClient, service: &str, id: &str) -> Value {
    http.get(&format!("{service}/api/v1/handovers/{id}")).await.expect("the service answers").body
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_kill_at_any_moment_between_acceptance_and_delivery_loses_and_repeats_nothing() {
    let place = Place::new();
    let gp = place.gp(&["--delay", "20"]);
    place.directory(&gp.url);
    let http = client();
    let mut acknowledged = Vec::new();
    for moment in 0..MOMENTS {
        let service = place.service();
        let (bsn, plan) = people::care_plan(moment);
        let posted = http.post(&format!("{}/api/v1/care-plans", service.url), JSON, plan.to_string()).await;
        assert_eq!(posted.expect("an answer").status, 201);
        let url = service.url.clone();
        // Even moments fall after the acceptance, odd ones at any time since the request.
        let wait = Duration::from_millis(rand::random_range(0..60));
        if moment % 2 == 0 {
            acknowledged.push(hand_over(&http, &url, &bsn).await.expect("accepted"));
            tokio::time::sleep(wait).await;
            service.kill();
        } else {
            let request = tokio::spawn({
                let http = http.clone();
                async move { hand_over(&http, &url, &bsn).await }
            });
            tokio::time::sleep(wait).await;
            service.kill();
            acknowledged.extend(request.await.expect("the request ends"));
        }
    }

    let service = place.service();
    let until = Instant::now() + Duration::from_secs(90);
    for handover in &acknowledged {
        loop {
            let record = state(&http, &service.url, &handover.id).await;
            if record["state"] == "delivered" {
                break;
            }
            assert_eq!(record["state"], "waiting", "an acknowledged handover is neither lost nor given up: {record}");
            assert!(Instant::now() < until, "not delivered in time: {record}");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }
    let held = held(&http, &gp.url).await;
    for handover in &acknowledged {
        assert_eq!(held.get(&handover.identifier), Some(&1), "one document for each acknowledged handover");
    }
    assert!(held.values().all(|count| *count == 1), "no identifier is held twice");
    assert!(acknowledged.len() >= MOMENTS / 2);
}
