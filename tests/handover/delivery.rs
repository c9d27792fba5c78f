//! From request to acknowledgement, over the store on sled, to a GP system in a process of its own.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use overdracht::client::{Client, ClientOptions};
use overdracht::consent::{NoOtherSource, StoreGate};
use overdracht::fhir::audit_event::Agent;
use overdracht::fhir::systems;
use overdracht::handover::{
    Author, Context, FileDirectory, Parts, PatientRef, Queued, ReceiverRef, Refusal, Request, request, view,
};
use overdracht::outbox::{Policy, Worker, WorkerOptions};
use overdracht::store::sled::{AuditKey, SledOptions, SledStore};
use overdracht::store::{Delivery, DeliveryState, Store};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::sync::{Notify, watch};
use uuid::Uuid;

use crate::gp::Gp;
use crate::record;

struct Stage {
    folder: TempDir,
    store: Arc<SledStore>,
}

impl Stage {
    async fn with(resources: Vec<Value>) -> Stage {
        let folder = tempfile::tempdir().expect("a folder");
        let key = AuditKey::new(vec![7; 32]).expect("a key");
        let store = Arc::new(SledStore::open(&folder.path().join("store"), SledOptions::new(key)).expect("a store"));
        record::store(store.as_ref(), resources).await;
        Stage { folder, store }
    }

    fn gp(&self, arguments: &[&str]) -> Gp {
        Gp::start(&self.gp_data(), arguments)
    }

    fn gp_data(&self) -> std::path::PathBuf {
        self.folder.path().join("gp")
    }

    async fn request(&self, endpoint: &str) -> Result<Queued, Refusal> {
        self.request_to(endpoint, "Z3").await
    }

    async fn request_to(&self, endpoint: &str, kind: &str) -> Result<Queued, Refusal> {
        let directory = json!([{ "agb": "01999921", "name": "Ontvanger", "type": kind, "endpoint": endpoint }]);
        let directory = FileDirectory::parse(directory.to_string().as_bytes()).expect("a directory");
        let author = Author { system: systems::AGB.into(), value: "06999901".into(), name: "Ziekenhuis".into() };
        let parts = Parts {
            store: self.store.as_ref(),
            directory: &directory,
            consent: &NoOtherSource,
            author: &author,
            check: &|_| Vec::new(),
        };
        let context =
            Context { now: Timestamp::now(), id: Uuid::new_v4, agent: Agent::anonymous(), request_id: "r1".into() };
        let asked =
            Request { patient: PatientRef::Bsn(record::BSN.into()), receiver: ReceiverRef::Agb("01999921".into()) };
        request(parts, &asked, &context).await
    }

    /// Runs the outbox until no delivery waits, or the time is up.
    async fn work(&self, limit: Duration) {
        let (stop, stopped) = watch::channel(false);
        let worker = Worker {
            store: self.store.clone(),
            sender: Arc::new(Client::new(ClientOptions::default()).expect("a client")),
            gate: Arc::new(StoreGate { store: self.store.clone(), source: Arc::new(NoOtherSource) }),
            options: WorkerOptions { policy: quick(), idle: Duration::from_millis(100), ..WorkerOptions::default() },
            clock: Timestamp::now,
            chance: || 1.0,
            request_id: Uuid::new_v4,
            wake: Arc::new(Notify::new()),
        };
        let running = tokio::spawn(async move { worker.run(stopped).await });
        let began = std::time::Instant::now();
        while began.elapsed() < limit && self.store.next_due().await.expect("read").is_some() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        stop.send(true).expect("the worker runs");
        running.await.expect("the worker ends");
    }

    async fn delivery(&self, id: &str) -> Delivery {
        self.store.delivery(id).await.expect("read").expect("there")
    }

    async fn audited(&self) -> Vec<String> {
        let entries = self.store.audit(Some(record::PATIENT), 0, 1000).await.expect("read");
        let subtype =
            |entry: overdracht::store::AuditEntry| entry.event["subtype"][0]["code"].as_str().map(str::to_owned);
        entries.into_iter().filter_map(subtype).collect()
    }
}

fn quick() -> Policy {
    Policy {
        base: Duration::from_millis(20),
        cap: Duration::from_millis(100),
        floor: Duration::from_millis(10),
        max_attempts: 5,
        ..Policy::default()
    }
}

const LIMIT: Duration = Duration::from_secs(20);

#[tokio::test]
async fn a_receiver_that_fails_twice_gets_the_document_once() {
    let stage = Stage::with(record::record()).await;
    let gp = stage.gp(&["--fail", "2"]);
    let queued = stage.request(&gp.url).await.expect("queued").delivery;
    stage.work(LIMIT).await;
    let delivery = stage.delivery(&queued.id).await;
    let statuses: Vec<Option<u16>> = delivery.attempts.iter().map(|attempt| attempt.status).collect();
    assert_eq!(statuses, [Some(503), Some(503), Some(201)]);
    assert!(matches!(&delivery.state, DeliveryState::Delivered { location: Some(_), .. }));
    assert_eq!(gp.held(&queued.bundle_identifier).await.len(), 1);
    let expected = ["handover-queued", "delivery-attempt", "delivery-attempt", "delivery-attempt"];
    assert_eq!(stage.audited().await, expected);
    let seen = view(&delivery);
    assert_eq!((&seen["state"], seen["attempts"].as_array().map(Vec::len)), (&json!("delivered"), Some(3)));
    assert!(!seen.to_string().contains(record::BSN));
}

#[tokio::test]
async fn a_lost_acknowledgement_makes_no_second_document_even_over_a_restart_of_the_receiver() {
    let stage = Stage::with(record::record()).await;
    let gp = stage.gp(&["--fail", "1", "--fail-mode", "lost-acknowledgement"]);
    let queued = stage.request(&gp.url).await.expect("queued").delivery;
    stage.work(LIMIT).await;
    let delivery = stage.delivery(&queued.id).await;
    let statuses: Vec<Option<u16>> = delivery.attempts.iter().map(|attempt| attempt.status).collect();
    assert_eq!(statuses, [None, Some(200)]);
    assert!(matches!(delivery.state, DeliveryState::Delivered { .. }));
    let held = gp.held(&queued.bundle_identifier).await;
    assert_eq!(held.len(), 1);
    drop(gp);
    assert_eq!(stage.gp(&[]).held(&queued.bundle_identifier).await, held);
}

#[tokio::test]
async fn what_is_refused_is_parked_and_does_not_block_what_follows() {
    let stage = Stage::with(record::record()).await;
    let refusing = stage.gp(&["--refuse"]);
    let first = stage.request(&refusing.url).await.expect("queued").delivery;
    stage.work(LIMIT).await;
    let parked = stage.delivery(&first.id).await;
    assert!(matches!(parked.state, DeliveryState::Parked { .. }));
    assert_eq!(parked.attempts.len(), 1);
    let willing = Gp::start(&stage.folder.path().join("other"), &[]);
    let second = stage.request(&willing.url).await.expect("queued");
    assert!(second.superseded.is_empty(), "what is parked stays for a person to see");
    stage.work(LIMIT).await;
    assert!(matches!(stage.delivery(&second.delivery.id).await.state, DeliveryState::Delivered { .. }));
}

#[tokio::test]
async fn a_newer_handover_replaces_one_that_waits() {
    let stage = Stage::with(record::record()).await;
    let gp = stage.gp(&[]);
    let first = stage.request(&gp.url).await.expect("queued").delivery;
    let second = stage.request(&gp.url).await.expect("queued");
    assert_eq!(second.superseded, std::slice::from_ref(&first.id));
    stage.work(LIMIT).await;
    let replaced = stage.delivery(&first.id).await;
    assert_eq!(replaced.attempts.len(), 0);
    assert!(matches!(replaced.state, DeliveryState::Superseded { by, .. } if by == second.delivery.id));
    assert!(gp.held(&first.bundle_identifier).await.is_empty());
    assert_eq!(gp.held(&second.delivery.bundle_identifier).await.len(), 1);
}

#[tokio::test]
async fn consent_that_is_withdrawn_after_queueing_cancels_what_carries_the_plan() {
    let stage = Stage::with(record::record()).await;
    let gp = stage.gp(&[]);
    let queued = stage.request(&gp.url).await.expect("queued").delivery;
    record::store(stage.store.as_ref(), vec![record::sharing("deny", "2026-03-06")]).await;
    stage.work(LIMIT).await;
    assert!(matches!(stage.delivery(&queued.id).await.state, DeliveryState::Cancelled { .. }));
    assert!(gp.held(&queued.bundle_identifier).await.is_empty(), "nothing was sent");
    let without = stage.request(&gp.url).await.expect("queued");
    assert!(!without.decision.care_plan);
    stage.work(LIMIT).await;
    assert!(matches!(stage.delivery(&without.delivery.id).await.state, DeliveryState::Delivered { .. }));
    assert_eq!(view(&without.delivery)["withheld"].as_array().map(Vec::len), Some(1));
    let audited = stage.audited().await;
    for subtype in ["delivery-cancelled", "care-plan-withheld"] {
        assert!(audited.iter().any(|one| one == subtype), "{subtype} in {audited:?}");
    }
}

#[tokio::test]
async fn death_cancels_what_waits_and_refuses_what_is_new() {
    let stage = Stage::with(record::record()).await;
    let gp = stage.gp(&[]);
    let queued = stage.request(&gp.url).await.expect("queued").delivery;
    let mut patient = record::patient();
    patient["deceasedDateTime"] = json!("2026-03-07");
    record::store(stage.store.as_ref(), vec![patient]).await;
    stage.work(LIMIT).await;
    assert!(matches!(stage.delivery(&queued.id).await.state, DeliveryState::Cancelled { .. }));
    assert!(matches!(stage.request(&gp.url).await, Err(Refusal::Deceased)));
    assert!(gp.held(&queued.bundle_identifier).await.is_empty());
}

#[tokio::test]
async fn an_organisation_that_the_record_does_not_name_needs_an_explicit_yes() {
    let stage = Stage::with(record::record()).await;
    let denied = stage.request_to("http://127.0.0.1:9/fhir", "N6").await;
    assert!(matches!(denied, Err(Refusal::Denied(_))));
    assert_eq!(stage.audited().await, ["handover-refused"]);
    record::store(stage.store.as_ref(), vec![record::sharing("permit", "2026-03-06")]).await;
    assert!(stage.request_to("http://127.0.0.1:9/fhir", "N6").await.is_ok());
}

#[tokio::test]
async fn a_delivery_that_nobody_takes_is_given_up_and_stays_visible() {
    let stage = Stage::with(record::record()).await;
    let queued = stage.request("http://127.0.0.1:9/fhir").await.expect("queued").delivery;
    stage.work(LIMIT).await;
    let delivery = stage.delivery(&queued.id).await;
    assert_eq!(delivery.attempts.len(), 5);
    assert!(matches!(&delivery.state, DeliveryState::Parked { reason, .. } if reason.contains("given up")));
}
