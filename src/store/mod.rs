//! One [`Store`]: resources with their versions, documents, deliveries and the audit chain, written in one batch.
//!
//! An answer from [`Store::commit`] means that everything in the [`Commit`] is durable (fsync), or that nothing is.

pub mod search;
pub mod sled;
pub mod types;

use async_trait::async_trait;
use jiff::Timestamp;

use crate::fhir::Identity;
use crate::fhir::ResourceKey;
pub use search::{Results, SearchError, Shape, Today, search, search_as};
pub use types::*;

/// Guarantees hold for every implementation; one contract test suite runs over all of them.
#[async_trait]
pub trait Store: Send + Sync + 'static {
    /// Writes all of it or nothing. Resources whose content is what is stored already are not written again
    /// ([`Change::Unchanged`]). Preconditions are checked against the state in which the batch is written.
    async fn commit(&self, commit: Commit) -> Result<Committed, CommitError>;

    async fn read(&self, key: &ResourceKey) -> Result<Option<Version>, StoreError>;
    async fn read_version(&self, key: &ResourceKey, version: u64) -> Result<Option<Version>, StoreError>;
    /// Newest first.
    async fn history(&self, key: &ResourceKey) -> Result<Vec<Version>, StoreError>;
    /// Current resources of one patient (the Patient itself included), of one type or all.
    async fn compartment(&self, patient: &str, resource_type: Option<&str>) -> Result<Vec<Version>, StoreError>;
    /// Current resources of one type that lie in no patient's compartment (organisations, practitioners).
    async fn unfiled(&self, resource_type: &str) -> Result<Vec<Version>, StoreError>;
    /// The resource that a business identifier names.
    async fn find(&self, identity: &Identity) -> Result<Option<ResourceKey>, StoreError>;

    async fn document(&self, id: &str) -> Result<Option<DocumentRecord>, StoreError>;
    /// The document with those that it replaced, newest first.
    async fn document_history(&self, id: &str) -> Result<Vec<DocumentRecord>, StoreError>;
    async fn delivery(&self, id: &str) -> Result<Option<Delivery>, StoreError>;
    /// Deliveries of one patient, oldest first.
    async fn deliveries_of(&self, patient: &str) -> Result<Vec<Delivery>, StoreError>;
    /// Takes up to `max` deliveries that are due at `now` and not leased, and leases them to `worker` until `until`.
    /// Of one patient and receiver only the oldest that still waits can be taken; one that has ended (parked too) holds
    /// up no other. A lease counts as a change: the revision to expect is that of what is returned here.
    async fn lease(
        &self,
        worker: &str,
        now: Timestamp,
        until: Timestamp,
        max: usize,
    ) -> Result<Vec<Delivery>, StoreError>;
    /// The instant from which the next delivery can be leased: when it is due, or when its lease ends.
    async fn next_due(&self) -> Result<Option<Timestamp>, StoreError>;

    /// Audit records of one patient (or all), oldest first, from this sequence number on.
    async fn audit(&self, patient: Option<&str>, from: u64, max: usize) -> Result<Vec<AuditEntry>, StoreError>;

    /// Walks the audit chain from its first entry, and compares it with its anchors outside the store.
    async fn verify_audit(&self) -> Result<AuditVerdict, StoreError>;

    /// True where a write would be accepted (readiness).
    async fn healthy(&self) -> bool;
}
