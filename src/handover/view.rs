//! A handover as `GET /api/v1/handovers/{id}` shows it.

use serde_json::{Value, json};

use crate::consent::carries_care_plan;
use crate::store::{Delivery, DeliveryState};

/// State, receiver and every attempt; nothing of the clinical content.
pub fn view(delivery: &Delivery) -> Value {
    let withheld = if carries_care_plan(&delivery.bundle) {
        json!([])
    } else {
        json!([{ "what": "care-plan", "why": "The patient refuses sharing of the care plan." }])
    };
    let attempts: Vec<Value> = delivery
        .attempts
        .iter()
        .map(|attempt| {
            json!({
                "number": attempt.number,
                "started": attempt.started.to_string(),
                "finished": attempt.finished.to_string(),
                "status": attempt.status,
                "outcome": attempt.outcome,
                "requestId": attempt.request_id,
            })
        })
        .collect();
    let mut view = json!({
        "id": delivery.id,
        "state": "waiting",
        "patient": format!("Patient/{}", delivery.patient),
        "receiver": {
            "system": delivery.receiver.system,
            "value": delivery.receiver.value,
            "name": delivery.receiver.name,
            "endpoint": delivery.receiver.endpoint,
        },
        "bundleIdentifier": delivery.bundle_identifier,
        "withheld": withheld,
        "created": delivery.created.to_string(),
        "attempts": attempts,
    });
    match &delivery.state {
        DeliveryState::Waiting => view["due"] = json!(delivery.due.to_string()),
        DeliveryState::Delivered { at, location } => {
            view["state"] = json!("delivered");
            view["ended"] = json!(at.to_string());
            if let Some(location) = location {
                view["location"] = json!(location);
            }
        }
        DeliveryState::Parked { at, reason } => ended(&mut view, "parked", at, reason),
        DeliveryState::Cancelled { at, reason } => ended(&mut view, "cancelled", at, reason),
        DeliveryState::Superseded { at, by } => {
            ended(&mut view, "superseded", at, "A newer handover replaces it.");
            view["supersededBy"] = json!(by);
        }
    }
    view
}

fn ended(view: &mut Value, state: &str, at: &jiff::Timestamp, reason: &str) {
    view["state"] = json!(state);
    view["ended"] = json!(at.to_string());
    view["reason"] = json!(reason);
}
