//! Stores to test, and small commits for them.

use std::path::Path;

use jiff::Timestamp;
use overdracht::fhir::{Identity, ResourceKey};
use overdracht::store::sled::{AuditKey, SledOptions, SledStore};
use overdracht::store::{
    AuditPut, Commit, Delivery, DeliveryKind, DeliveryPut, DeliveryState, DocumentPut, DocumentRecord, Expect, Put,
    Receiver, Store,
};
use serde_json::{Value, json};

/// Makes stores of one kind; opening twice without closing is the caller's mistake.
pub trait Fixture {
    type Store: Store;
    fn new() -> Self;
    fn open(&self) -> Self::Store;
}

pub struct Sled(pub tempfile::TempDir);

impl Fixture for Sled {
    type Store = SledStore;

    fn new() -> Self {
        Sled(tempfile::tempdir().expect("a temporary directory"))
    }

    fn open(&self) -> SledStore {
        open_sled(self.0.path())
    }
}

pub fn options() -> SledOptions {
    SledOptions::new(AuditKey::new(vec![7; 32]).expect("long enough"))
}

pub fn open_sled(path: &Path) -> SledStore {
    SledStore::open(path, options()).expect("the store opens")
}

/// Instantiates tests that are generic over [`Fixture`] for every kind of store.
#[macro_export]
macro_rules! for_every_store {
    ($($name:ident),* $(,)?) => {
        mod on_sled {
            use $crate::support::{Fixture, Sled};
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $name() {
                    super::$name(Sled::new()).await;
                }
            )*
        }
    };
}

pub fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + second).expect("in range")
}

pub fn key(text: &str) -> ResourceKey {
    ResourceKey::parse(text).expect("a relative reference")
}

pub fn bsn(value: &str) -> Identity {
    Identity {
        resource_type: "Patient".into(),
        system: "http://fhir.nl/fhir/NamingSystem/bsn".into(),
        value: value.into(),
    }
}

pub fn put(reference: &str, patient: Option<&str>, content: &str, expect: Expect) -> Put {
    let key = key(reference);
    let body = json!({ "resourceType": key.resource_type, "id": key.id, "text": { "div": content } });
    Put { key, patient: patient.map(str::to_owned), body, expect }
}

pub fn puts(second: i64, puts: Vec<Put>) -> Commit {
    let patient = puts.iter().find_map(|put| put.patient.clone());
    Commit { puts, audit: vec![event(patient.as_deref(), "write")], ..Commit::at(at(second)) }
}

pub fn event(patient: Option<&str>, what: &str) -> AuditPut {
    AuditPut {
        patient: patient.map(str::to_owned),
        event: json!({ "resourceType": "AuditEvent", "outcomeDesc": what }),
    }
}

pub fn document(id: &str, version: u64, body: Value, expect: Option<u64>) -> DocumentPut {
    DocumentPut {
        record: DocumentRecord {
            id: id.into(),
            kind: "care-plan".into(),
            source: "urn:epd".into(),
            version,
            digest: format!("{version:064}"),
            patient: "p1".into(),
            resources: vec![key("Goal/1")],
            body,
            trace: json!([]),
            received: at(0),
        },
        expect,
    }
}

pub fn delivery(id: &str, patient: &str, receiver: &str, due: i64) -> Delivery {
    Delivery {
        id: id.into(),
        kind: DeliveryKind::Handover,
        patient: patient.into(),
        receiver: Receiver {
            system: "http://fhir.nl/fhir/NamingSystem/agb-z".into(),
            value: receiver.into(),
            name: "Huisartsenpost".into(),
            endpoint: "http://localhost/fhir".into(),
        },
        bundle_identifier: format!("urn:uuid:{id}"),
        bundle: json!({ "resourceType": "Bundle", "id": id }),
        state: DeliveryState::Waiting,
        attempts: Vec::new(),
        created: at(0),
        due: at(due),
        lease: None,
        revision: 0,
    }
}

pub fn queue(second: i64, deliveries: Vec<(Delivery, Option<u64>)>) -> Commit {
    Commit {
        deliveries: deliveries.into_iter().map(|(delivery, expect)| DeliveryPut { delivery, expect }).collect(),
        audit: vec![event(None, "queue")],
        ..Commit::at(at(second))
    }
}

/// What a reader sees of a resource besides what the store adds.
pub fn content(body: &Value) -> &str {
    body["text"]["div"].as_str().expect("the content of a test resource")
}
