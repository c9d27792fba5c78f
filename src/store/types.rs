//! What goes into a store and comes out of it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::fhir::{Identity, ResourceKey};

/// A stored version of a resource. `body` carries `meta.versionId` and `meta.lastUpdated`.
#[derive(Clone, Debug, PartialEq)]
pub struct Version {
    pub key: ResourceKey,
    pub version: u64,
    pub at: Timestamp,
    pub body: Value,
}

/// All that one accepted document, handover, attempt or access causes.
#[derive(Clone, Debug)]
pub struct Commit {
    /// Becomes `meta.lastUpdated` of what is written.
    pub at: Timestamp,
    /// Business identifiers that name these resources from now on. One that names another resource fails the commit.
    pub claims: Vec<(Identity, ResourceKey)>,
    pub puts: Vec<Put>,
    pub document: Option<DocumentPut>,
    /// New deliveries, and new states of those that exist.
    pub deliveries: Vec<DeliveryPut>,
    /// AuditEvents in the order in which they join the chain. Never empty for a change of clinical data.
    pub audit: Vec<AuditPut>,
}

impl Commit {
    pub fn at(at: Timestamp) -> Self {
        Commit { at, claims: Vec::new(), puts: Vec::new(), document: None, deliveries: Vec::new(), audit: Vec::new() }
    }
}

/// A resource to write. The store sets `meta.versionId` and `meta.lastUpdated`.
#[derive(Clone, Debug)]
pub struct Put {
    pub key: ResourceKey,
    /// Logical id of the patient in whose compartment it lies; none for organisations, practitioners and the like.
    pub patient: Option<String>,
    pub body: Value,
    pub expect: Expect,
}

/// What must be stored under the key now for the put to hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expect {
    Anything,
    Absent,
    Version(u64),
}

/// A document that was accepted, with what it became.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DocumentRecord {
    /// UUID derived from source system, kind and the sender's document id.
    pub id: String,
    pub kind: String,
    pub source: String,
    /// The sender's own version; a lower one than stored is refused.
    pub version: u64,
    /// SHA-256 of the canonical form of what was sent, in hexadecimal.
    pub digest: String,
    pub patient: String,
    pub resources: Vec<ResourceKey>,
    pub body: Value,
    pub trace: Value,
    pub received: Timestamp,
}

#[derive(Clone, Debug)]
pub struct DocumentPut {
    pub record: DocumentRecord,
    /// The version of the document that must be stored now (none: no such document).
    pub expect: Option<u64>,
}

#[derive(Clone, Debug)]
pub struct AuditPut {
    pub patient: Option<String>,
    /// An AuditEvent, without anything of the clinical content.
    pub event: Value,
}

#[derive(Clone, Debug)]
pub struct AuditEntry {
    pub sequence: u64,
    pub patient: Option<String>,
    pub event: Value,
    /// HMAC-SHA256 over the former entry's value and this one, in hexadecimal.
    pub chain: String,
}

/// What a walk along the audit chain found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AuditVerdict {
    Whole {
        entries: u64,
    },
    /// The first entry that is missing, changed, or not what an anchor remembers.
    Broken {
        at: u64,
    },
}

/// A bundle on its way to a receiver, with every attempt.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Delivery {
    pub id: String,
    pub kind: DeliveryKind,
    pub patient: String,
    pub receiver: Receiver,
    /// `Bundle.identifier` (`urn:uuid:…`): the key of the conditional create.
    pub bundle_identifier: String,
    pub bundle: Value,
    pub state: DeliveryState,
    pub attempts: Vec<Attempt>,
    pub created: Timestamp,
    /// When the next attempt is due; meaningful while waiting.
    pub due: Timestamp,
    pub lease: Option<Lease>,
    /// Counts every change of this record; a stale writer is refused.
    pub revision: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DeliveryKind {
    Handover,
    RegistryBundle,
}

/// The only ends are delivered, parked, superseded and cancelled; nothing is deleted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "kebab-case")]
pub enum DeliveryState {
    Waiting,
    Delivered {
        at: Timestamp,
        location: Option<String>,
    },
    /// Needs a person: refused for good, or given up.
    Parked {
        at: Timestamp,
        reason: String,
    },
    Superseded {
        at: Timestamp,
        by: String,
    },
    Cancelled {
        at: Timestamp,
        reason: String,
    },
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receiver {
    /// Identifier system and value (AGB or URA) by which the receiver was asked for.
    pub system: String,
    pub value: String,
    pub name: String,
    /// FHIR base URL.
    pub endpoint: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempt {
    pub number: u32,
    pub started: Timestamp,
    pub finished: Timestamp,
    /// HTTP status; none where no answer came.
    pub status: Option<u16>,
    /// What happened, in words without patient data.
    pub outcome: String,
    pub request_id: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lease {
    pub worker: String,
    pub until: Timestamp,
}

#[derive(Clone, Debug)]
pub struct DeliveryPut {
    pub delivery: Delivery,
    /// The revision that must be stored now (none: no such delivery). The store writes revision + 1.
    pub expect: Option<u64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Change {
    Created,
    Updated,
    Unchanged,
}

/// What became durable: a row for each put, in their order.
#[derive(Clone, Debug)]
pub struct Committed {
    pub changes: Vec<(ResourceKey, Change, u64)>,
}

#[derive(Debug, thiserror::Error)]
pub enum CommitError {
    /// Something else was stored meanwhile: read again, decide again.
    #[error("{0} changed meanwhile")]
    Stale(String),
    /// The business identifier names another resource.
    #[error("an identifier of the {} names another resource already", .0.resource_type)]
    IdentityTaken(Identity),
    #[error(transparent)]
    Store(#[from] StoreError),
}

#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error("the store could not be opened: {0}")]
    Open(String),
    #[error("the store failed: {0}")]
    Io(String),
    /// What was read is not what was written.
    #[error("a record in the store is damaged: {0}")]
    Corrupt(String),
}
