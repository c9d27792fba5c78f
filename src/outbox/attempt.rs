//! What an attempt changes: the delivery's new state and the AuditEvent of it, as one commit.

use jiff::Timestamp;

use super::Verdict;
use crate::fhir::audit_event::{Action, Agent, EventType, Outcome};
use crate::fhir::{AuditEvent, systems};
use crate::store::{Attempt, AuditPut, Commit, Delivery, DeliveryPut, DeliveryState};

/// The name under which the service appears in its own audit trail.
const OBSERVER: &str = "overdracht";

/// Appends the attempt and moves the delivery to where the verdict says. One that ended meanwhile keeps its end and
/// gains the attempt; one that would be tried again gives way to a newer one that waits for the same receiver.
pub(super) fn record(
    worker: &str,
    delivery: &Delivery,
    attempt: &Attempt,
    verdict: &Verdict,
    newer: Option<&Delivery>,
) -> Commit {
    let at = attempt.finished;
    let event = event(delivery, at, "delivery-attempt")
        .outcome(outcome_of(verdict), verdict.reason())
        .request_id(&attempt.request_id)
        .trace_id(&delivery.id)
        .build();
    let mut next = delivery.clone();
    next.lease = next.lease.filter(|lease| lease.worker != worker);
    next.attempts.push(attempt.clone());
    if delivery.state == DeliveryState::Waiting {
        match (verdict, newer) {
            (Verdict::Delivered { location, .. }, _) => {
                next.state = DeliveryState::Delivered { at, location: location.clone() };
            }
            (Verdict::Retry { .. }, Some(newer)) => {
                next.state = DeliveryState::Superseded { at, by: newer.id.clone() };
            }
            (Verdict::Retry { at: due, .. }, None) => next.due = *due,
            (Verdict::Parked { reason }, _) => next.state = DeliveryState::Parked { at, reason: reason.clone() },
        }
    }
    commit(delivery, next, at, event)
}

/// Ends a delivery that may no longer go; one that ended otherwise meanwhile keeps its end.
pub(super) fn cancel(delivery: &Delivery, reason: &str, now: Timestamp) -> Commit {
    let event =
        event(delivery, now, "delivery-cancelled").outcome(Outcome::Success, reason).trace_id(&delivery.id).build();
    let mut next = Delivery { lease: None, ..delivery.clone() };
    if delivery.state == DeliveryState::Waiting {
        next.state = DeliveryState::Cancelled { at: now, reason: reason.to_owned() };
    }
    commit(delivery, next, now, event)
}

fn event(delivery: &Delivery, at: Timestamp, subtype: &str) -> AuditEvent {
    AuditEvent::new(EventType::Export, Action::Execute, at, OBSERVER)
        .subtype(subtype)
        .purpose("TREAT")
        .agent(Agent::service(OBSERVER))
        .agent(Agent::receiver(&delivery.receiver.system, &delivery.receiver.value))
        .patient(&delivery.patient)
        .object(systems::URI, &delivery.bundle_identifier)
}

fn outcome_of(verdict: &Verdict) -> Outcome {
    match verdict {
        Verdict::Delivered { .. } => Outcome::Success,
        Verdict::Retry { .. } => Outcome::MinorFailure,
        Verdict::Parked { .. } => Outcome::SeriousFailure,
    }
}

fn commit(former: &Delivery, next: Delivery, at: Timestamp, event: serde_json::Value) -> Commit {
    let mut commit = Commit::at(at);
    commit.audit.push(AuditPut { patient: Some(former.patient.clone()), event });
    commit.deliveries.push(DeliveryPut { delivery: next, expect: Some(former.revision) });
    commit
}
