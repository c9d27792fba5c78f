//! The use case: one request to hand over, from finding the patient to the queued delivery.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde_json::Value;
use uuid::Uuid;

use super::compose::{Author, Composed, Handover, compose};
use super::references::referenced;
use super::{Directory, Listing};
use crate::consent::{ConsentSource, Decision, Purpose, decision, is_deceased, purpose_of};
use crate::fhir::audit_event::{Action, Agent, EventType, Outcome};
use crate::fhir::{AuditEvent, Identity, Issue, ResourceKey, systems};
use crate::store::{
    AuditPut, Commit, CommitError, Delivery, DeliveryKind, DeliveryPut, DeliveryState, Receiver, Store, StoreError,
};

/// How often a request is decided again because the record changed meanwhile.
const RETRIES: usize = 5;

/// Who is handed over.
#[derive(Clone, PartialEq, Eq)]
pub enum PatientRef {
    Bsn(String),
    /// Logical id.
    Id(String),
}

/// To whom.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReceiverRef {
    Agb(String),
    Ura(String),
}

impl ReceiverRef {
    fn identifier(&self) -> (&'static str, &str) {
        match self {
            ReceiverRef::Agb(value) => (systems::AGB, value),
            ReceiverRef::Ura(value) => (systems::URA, value),
        }
    }
}

#[derive(Clone, PartialEq, Eq)]
pub struct Request {
    pub patient: PatientRef,
    pub receiver: ReceiverRef,
}

/// What a request is handled with.
#[derive(Clone, Copy)]
pub struct Parts<'a> {
    pub store: &'a dyn Store,
    pub directory: &'a dyn Directory,
    pub consent: &'a dyn ConsentSource,
    pub author: &'a Author,
    /// Validates the composed Bundle; an error among the issues refuses the handover.
    pub check: &'a (dyn Fn(&Value) -> Vec<Issue> + Send + Sync),
}

/// The circumstances of one request.
#[derive(Clone, Debug)]
pub struct Context {
    pub now: Timestamp,
    /// A source of random ids.
    pub id: fn() -> Uuid,
    /// Who asks, for the audit trail.
    pub agent: Agent,
    pub request_id: String,
}

/// A handover that is durable and on its way.
#[derive(Clone, Debug)]
pub struct Queued {
    pub delivery: Delivery,
    pub decision: Decision,
    /// Ids of waiting deliveries that this one replaces.
    pub superseded: Vec<String>,
    /// What the check found and does not refuse.
    pub warnings: Vec<Issue>,
}

/// Why nothing was queued. Each is audited, except a failing store.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    #[error("No such patient is known here: send a document about the patient first.")]
    UnknownPatient,
    #[error("The receiver does not stand in the directory (OVERDRACHT_DIRECTORY): add it there, or name another.")]
    UnknownReceiver,
    #[error("The patient has died: a handover for care is not sent.")]
    Deceased,
    #[error("{}", .0.text())]
    Denied(Decision),
    #[error("The composed handover does not fit its profile.")]
    Invalid(Vec<Issue>),
    #[error("The record kept changing; try again.")]
    Busy,
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Composes, checks and queues. When this returns, Bundle, delivery and audit record are durable; waiting deliveries
/// to the same receiver that the new one replaces are superseded in the same commit.
pub async fn request(parts: Parts<'_>, request: &Request, context: &Context) -> Result<Queued, Refusal> {
    for _ in 0..RETRIES {
        match attempt(parts, request, context).await {
            Err(Attempted::Refused { refusal, patient }) => {
                refuse(parts.store, request, context, &refusal, patient).await?;
                return Err(refusal);
            }
            Err(Attempted::Commit(CommitError::Store(error))) => return Err(Refusal::Store(error)),
            Err(Attempted::Commit(_)) => {}
            Ok(queued) => return Ok(queued),
        }
    }
    Err(Refusal::Busy)
}

/// The Bundle as it would go now, without queueing or auditing anything.
pub async fn preview(parts: Parts<'_>, request: &Request, context: &Context) -> Result<Composed, Refusal> {
    match prepare(parts, request, context).await {
        Ok(prepared) => Ok(prepared.composed),
        Err(Attempted::Refused { refusal, .. }) => Err(refusal),
        Err(Attempted::Commit(CommitError::Store(error))) => Err(Refusal::Store(error)),
        Err(Attempted::Commit(_)) => Err(Refusal::Busy),
    }
}

enum Attempted {
    Refused { refusal: Refusal, patient: Option<String> },
    Commit(CommitError),
}

impl From<StoreError> for Attempted {
    fn from(error: StoreError) -> Self {
        Attempted::Commit(error.into())
    }
}

struct Prepared {
    patient: String,
    listing: Listing,
    decision: Decision,
    composed: Composed,
    warnings: Vec<Issue>,
}

async fn prepare(parts: Parts<'_>, request: &Request, context: &Context) -> Result<Prepared, Attempted> {
    let refused = |refusal, patient: Option<&String>| Attempted::Refused { refusal, patient: patient.cloned() };
    let found = find_patient(parts.store, &request.patient).await?;
    let patient = found.ok_or_else(|| refused(Refusal::UnknownPatient, None))?;
    let (system, value) = request.receiver.identifier();
    let listing =
        parts.directory.find(system, value).ok_or_else(|| refused(Refusal::UnknownReceiver, Some(&patient)))?;

    let compartment = parts.store.compartment(&patient, None).await?;
    let mut resources: Vec<Value> = compartment.into_iter().map(|version| version.body).collect();
    if is_deceased(&resources) {
        return Err(refused(Refusal::Deceased, Some(&patient)));
    }
    let purpose = match purpose_of(parts.store, &resources, system, value).await? {
        // A practice of GPs to which the hospital hands over is the patient's own: the hospital says so by asking.
        Purpose::HandoverToOther if listing.is_gp_practice() => Purpose::HandoverToTreating,
        purpose => purpose,
    };
    let decision = decision(parts.consent, &patient, &resources, purpose).await;
    if !decision.allowed {
        return Err(refused(Refusal::Denied(decision), Some(&patient)));
    }
    load_referenced(parts.store, &mut resources).await?;
    let handover = Handover {
        patient: &patient,
        resources: &resources,
        author: parts.author,
        decision,
        now: context.now,
        bundle: (context.id)(),
        composition: (context.id)(),
    };
    let composed = compose(&handover).ok_or_else(|| refused(Refusal::UnknownPatient, None))?;
    let issues = (parts.check)(&composed.bundle);
    let (errors, warnings): (Vec<Issue>, Vec<Issue>) = issues.into_iter().partition(|issue| issue.severity.refuses());
    if !errors.is_empty() {
        return Err(refused(Refusal::Invalid(errors), Some(&patient)));
    }
    Ok(Prepared { patient, listing, decision, composed, warnings })
}

async fn attempt(parts: Parts<'_>, request: &Request, context: &Context) -> Result<Queued, Attempted> {
    let Prepared { patient, listing, decision, composed, warnings } = prepare(parts, request, context).await?;
    // By whichever code it was asked for: one receiver has one lane, in which the newer replaces the older.
    let receiver = Receiver {
        system: systems::AGB.to_owned(),
        value: listing.agb,
        name: listing.name,
        endpoint: listing.endpoint,
    };
    let delivery = Delivery {
        id: (context.id)().to_string(),
        kind: DeliveryKind::Handover,
        patient: patient.clone(),
        receiver,
        bundle_identifier: composed.identifier,
        bundle: composed.bundle,
        state: DeliveryState::Waiting,
        attempts: Vec::new(),
        created: context.now,
        due: context.now,
        lease: None,
        revision: 0,
    };
    let mut commit = Commit::at(context.now);
    let waiting = parts.store.deliveries_of(&patient).await?;
    let replaced: Vec<Delivery> = waiting.into_iter().filter(|former| is_replaced(former, &delivery)).collect();
    let superseded = replaced.iter().map(|former| former.id.clone()).collect();
    for former in replaced {
        let event = event(context, request, "delivery-superseded").patient(&patient);
        let event = event.object(systems::URI, &former.bundle_identifier).build();
        commit.audit.push(AuditPut { patient: Some(patient.clone()), event });
        let expect = Some(former.revision);
        let state = DeliveryState::Superseded { at: context.now, by: delivery.id.clone() };
        commit.deliveries.push(DeliveryPut { delivery: Delivery { state, ..former }, expect });
    }
    let event = event(context, request, "handover-queued").patient(&patient);
    let event = event.outcome(Outcome::Success, decision.text()).object(systems::URI, &delivery.bundle_identifier);
    commit.audit.push(AuditPut { patient: Some(patient), event: event.build() });
    if !decision.care_plan {
        let event = self::event(context, request, "care-plan-withheld").patient(&delivery.patient);
        let event = event.object(systems::URI, &delivery.bundle_identifier);
        commit.audit.push(AuditPut { patient: Some(delivery.patient.clone()), event: event.build() });
    }
    commit.deliveries.push(DeliveryPut { delivery: delivery.clone(), expect: None });
    parts.store.commit(commit).await.map_err(Attempted::Commit)?;
    Ok(Queued { delivery: Delivery { revision: 1, ..delivery }, decision, superseded, warnings })
}

/// One that waits for the same receiver and is not on its way at this moment. One that is on its way ends by itself, or
/// gives way when it would be tried again.
fn is_replaced(former: &Delivery, new: &Delivery) -> bool {
    former.state == DeliveryState::Waiting
        && former.kind == new.kind
        && (&former.receiver.system, &former.receiver.value) == (&new.receiver.system, &new.receiver.value)
        && former.lease.as_ref().is_none_or(|lease| lease.until < new.created)
}

async fn find_patient(store: &dyn Store, patient: &PatientRef) -> Result<Option<String>, StoreError> {
    match patient {
        PatientRef::Bsn(bsn) => {
            let identity =
                Identity { resource_type: "Patient".into(), system: systems::BSN.into(), value: bsn.clone() };
            Ok(store.find(&identity).await?.map(|key| key.id))
        }
        PatientRef::Id(id) => Ok(store.read(&ResourceKey::new("Patient", id)).await?.map(|version| version.key.id)),
    }
}

/// Adds what the resources refer to outside the compartment (organisations, practitioners and their roles).
async fn load_referenced(store: &dyn Store, resources: &mut Vec<Value>) -> Result<(), StoreError> {
    let mut known: BTreeSet<ResourceKey> = resources.iter().filter_map(ResourceKey::of).collect();
    let mut next = 0;
    while let Some(resource) = resources.get(next) {
        for key in referenced(resource) {
            // Another patient's record is not part of this one, whatever refers to it.
            if key.resource_type != "Patient"
                && known.insert(key.clone())
                && let Some(version) = store.read(&key).await?
            {
                resources.push(version.body);
            }
        }
        next += 1;
    }
    Ok(())
}

fn event(context: &Context, request: &Request, subtype: &str) -> AuditEvent {
    let (system, value) = request.receiver.identifier();
    AuditEvent::new(EventType::Export, Action::Create, context.now, "overdracht")
        .subtype(subtype)
        .purpose("TREAT")
        .agent(context.agent.clone())
        .agent(Agent::receiver(system, value))
        .request_id(&context.request_id)
}

async fn refuse(
    store: &dyn Store,
    request: &Request,
    context: &Context,
    refusal: &Refusal,
    patient: Option<String>,
) -> Result<(), Refusal> {
    let mut event = event(context, request, "handover-refused").outcome(Outcome::MinorFailure, &refusal.to_string());
    if let Some(patient) = &patient {
        event = event.patient(patient);
    }
    let mut commit = Commit::at(context.now);
    commit.audit.push(AuditPut { patient, event: event.build() });
    match store.commit(commit).await {
        Ok(_) => Ok(()),
        Err(CommitError::Store(error)) => Err(Refusal::Store(error)),
        Err(_) => Err(Refusal::Busy),
    }
}
