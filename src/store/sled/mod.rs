//! The embedded store: sled 0.34 behind one committing thread.
//!
//! Reads see every commit whole, from the moment its batch is applied, which is before it is durable. Nobody outside
//! learns of a commit that a crash could still take back, as the audit record of a read is a commit of its own, and what
//! is durable is so in order.

mod apply;
mod audit;
mod committer;
mod content;
mod deliveries;
mod directory;
mod keys;
mod record;
mod view;

use std::fs::File;
use std::path::Path;
use std::sync::{Arc, OnceLock};
use std::thread::JoinHandle;

use async_trait::async_trait;
use jiff::Timestamp;
use parking_lot::{Mutex, RwLock};
use tokio::sync::{mpsc, oneshot};

use self::apply::{Pointer, Prepared};
use self::audit::{Anchor, Head};
pub use self::audit::{AnchorOptions, AuditKey};
use self::committer::{Committer, Job, LeaseRequest, Shared, refusal};
use self::directory::Directory;
use self::view::{Read, View, failed};
use super::{
    AuditEntry, AuditVerdict, Commit, CommitError, Committed, Delivery, DocumentRecord, Store, StoreError, Version,
};
use crate::fhir::{Identity, ResourceKey};

/// Layout of keys and records; a store of another layout is not opened.
const FORMAT: u32 = 1;
/// Commits that may wait for the committer; more wait for room.
const WAITING: usize = 1024;

#[derive(Clone, Debug)]
pub struct SledOptions {
    /// Key of the audit chain.
    pub audit_key: AuditKey,
    /// Where the chain is anchored outside the store.
    pub anchor: Option<AnchorOptions>,
    /// Bytes of pages that sled keeps in memory.
    pub cache: u64,
}

impl SledOptions {
    pub fn new(audit_key: AuditKey) -> Self {
        SledOptions { audit_key, anchor: None, cache: 64 << 20 }
    }
}

/// A [`Store`] in a directory of its own. Dropping it writes what was sent and gives the directory back.
pub struct SledStore {
    shared: Arc<Shared>,
    anchor: Option<AnchorOptions>,
    jobs: Option<mpsc::Sender<Job>>,
    committer: Option<JoinHandle<()>>,
    _directory: Directory,
}

impl SledStore {
    /// Opens the store in `path`, or makes one. Blocks while sled recovers what a crash left. Leases that a former
    /// process held are void, so that its deliveries go on at once.
    ///
    /// # Errors
    /// [`StoreError::Open`] where another process holds the directory, its layout is another, or the audit key is not
    /// the one that it was made with; [`StoreError::Corrupt`] where the end of the audit chain is not in order.
    pub fn open(path: &Path, options: SledOptions) -> Result<Self, StoreError> {
        let directory = Directory::take(path)?;
        let cannot_open = |cause: String| StoreError::Open(cause);
        let database = sled::Config::new()
            .path(path)
            .cache_capacity(options.cache)
            .mode(sled::Mode::HighThroughput)
            .open()
            .map_err(|error| cannot_open(failed(error).to_string()))?;
        let tree: sled::Tree = (*database).clone();
        check_format(&tree, &options.audit_key)?;
        let mut view = View::new(&tree);
        deliveries::void_leases(&mut view)?;
        tree.apply_batch(view.into_batch()).map_err(failed)?;
        let file = File::open(directory.database()).map_err(|error| cannot_open(error.to_string()))?;
        tree.flush().map_err(failed)?;
        file.sync_all().and_then(|()| directory.sync()).map_err(|error| StoreError::Io(error.to_string()))?;

        let head = Head::load(&tree)?;
        head.check(&tree)?;
        let anchor = options.anchor.as_ref().map(Anchor::open).transpose()?;
        let shared = Arc::new(Shared {
            tree,
            gate: RwLock::new(()),
            key: options.audit_key,
            head: Mutex::new(head),
            failure: OnceLock::new(),
        });
        let (jobs, queue) = mpsc::channel(WAITING);
        let committer = Committer::new(shared.clone(), file, anchor);
        let committer = std::thread::Builder::new()
            .name("store-committer".into())
            .spawn(move || committer.run(queue))
            .map_err(|error| cannot_open(error.to_string()))?;
        Ok(SledStore {
            shared,
            anchor: options.anchor,
            jobs: Some(jobs),
            committer: Some(committer),
            _directory: directory,
        })
    }

    /// Runs a read where it may wait for the disk.
    async fn blocking<T, F>(&self, read: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&sled::Tree) -> Result<T, StoreError> + Send + 'static,
    {
        let shared = self.shared.clone();
        let task = tokio::task::spawn_blocking(move || {
            if let Some(failure) = shared.failure.get()
                && failure.torn
            {
                return Err(refusal(failure));
            }
            let _whole_commits = shared.gate.read();
            read(&shared.tree)
        });
        task.await.unwrap_or_else(|_| Err(StoreError::Io("a read was cut off".into())))
    }

    async fn send<T>(&self, job: Job, answer: oneshot::Receiver<T>) -> Result<T, StoreError> {
        let stopped = || StoreError::Io("the store has stopped".into());
        let jobs = self.jobs.as_ref().ok_or_else(stopped)?;
        jobs.send(job).await.map_err(|_| stopped())?;
        answer.await.map_err(|_| self.shared.failure.get().map_or_else(stopped, refusal))
    }
}

impl Drop for SledStore {
    fn drop(&mut self) {
        self.jobs = None;
        if let Some(committer) = self.committer.take() {
            // A committer that panicked has marked the store as failed already.
            let _ = committer.join();
        }
    }
}

/// Writes layout and a check of the audit key into a new store; compares them in one that exists.
fn check_format(tree: &sled::Tree, key: &AuditKey) -> Result<(), StoreError> {
    let expected = [&FORMAT.to_be_bytes()[..], &key.sign(&[b"the key of this store's audit chain"])[..]].concat();
    match record::read(tree, keys::FORMAT)? {
        None if tree.is_empty() => {
            let mut view = View::new(tree);
            record::write(&mut view, keys::FORMAT, &expected)?;
            tree.apply_batch(view.into_batch()).map_err(failed)
        }
        None => Err(StoreError::Open("the directory holds a database that is not Overdracht's".into())),
        Some(found) if found == expected => Ok(()),
        Some(found) if found.starts_with(&FORMAT.to_be_bytes()) => {
            Err(StoreError::Open("the audit key is not the one that this store was made with".into()))
        }
        Some(_) => {
            Err(StoreError::Open(format!("the store has another layout than {FORMAT}; it needs its own version")))
        }
    }
}

fn stored(from: &impl Read, key: ResourceKey, base: &[u8]) -> Result<Option<Version>, StoreError> {
    record::read(from, base)?.map(|bytes| content::decode(key, &bytes)).transpose()
}

fn current(from: &impl Read, key: &ResourceKey) -> Result<Option<Version>, StoreError> {
    let Some(pointer) = Pointer::read(from, key)? else { return Ok(None) };
    stored(from, key.clone(), &keys::current(pointer.patient.as_deref(), key))
}

fn unnamed() -> StoreError {
    StoreError::Corrupt("a resource in a compartment has no name".into())
}

fn compartment(
    from: &impl Read,
    patient: Option<&str>,
    resource_type: Option<&str>,
) -> Result<Vec<Version>, StoreError> {
    let prefix = keys::compartment(patient, resource_type);
    record::scan(from.scan(&prefix, &prefix))
        .map(|found| {
            let (base, bytes) = found?;
            content::decode(keys::resource_of(&base).ok_or_else(unnamed)?, &bytes)
        })
        .collect()
}

#[async_trait]
impl Store for SledStore {
    async fn commit(&self, commit: Commit) -> Result<Committed, CommitError> {
        let prepared = Prepared::new(commit)?;
        let (to, answer) = oneshot::channel();
        self.send(Job::Commit(Box::new(prepared), to), answer).await?
    }

    async fn read(&self, key: &ResourceKey) -> Result<Option<Version>, StoreError> {
        let key = key.clone();
        self.blocking(move |tree| current(tree, &key)).await
    }

    async fn read_version(&self, key: &ResourceKey, version: u64) -> Result<Option<Version>, StoreError> {
        let key = key.clone();
        self.blocking(move |tree| {
            let replaced = stored(tree, key.clone(), &keys::replaced(&key, version))?;
            Ok(replaced.or(current(tree, &key)?.filter(|current| current.version == version)))
        })
        .await
    }

    async fn history(&self, key: &ResourceKey) -> Result<Vec<Version>, StoreError> {
        let key = key.clone();
        self.blocking(move |tree| {
            let prefix = keys::history(&key);
            let mut versions: Vec<Version> = record::scan(Read::scan(tree, &prefix, &prefix))
                .map(|found| content::decode(key.clone(), &found?.1))
                .collect::<Result<_, _>>()?;
            versions.extend(current(tree, &key)?);
            versions.reverse();
            Ok(versions)
        })
        .await
    }

    async fn compartment(&self, patient: &str, resource_type: Option<&str>) -> Result<Vec<Version>, StoreError> {
        let (patient, resource_type) = (patient.to_owned(), resource_type.map(str::to_owned));
        self.blocking(move |tree| compartment(tree, Some(&patient), resource_type.as_deref())).await
    }

    async fn unfiled(&self, resource_type: &str) -> Result<Vec<Version>, StoreError> {
        let resource_type = resource_type.to_owned();
        self.blocking(move |tree| compartment(tree, None, Some(&resource_type))).await
    }

    async fn find(&self, identity: &Identity) -> Result<Option<ResourceKey>, StoreError> {
        let identity = identity.clone();
        self.blocking(move |tree| apply::named(tree, &identity)).await
    }

    async fn document(&self, id: &str) -> Result<Option<DocumentRecord>, StoreError> {
        let id = id.to_owned();
        self.blocking(move |tree| {
            record::read(tree, &keys::document(&id))?.as_deref().map(apply::read_document).transpose()
        })
        .await
    }

    async fn document_history(&self, id: &str) -> Result<Vec<DocumentRecord>, StoreError> {
        let id = id.to_owned();
        self.blocking(move |tree| {
            let prefix = keys::documents_replaced(&id);
            let mut records: Vec<DocumentRecord> = record::scan(Read::scan(tree, &prefix, &prefix))
                .map(|found| apply::read_document(&found?.1))
                .collect::<Result<_, _>>()?;
            if let Some(bytes) = record::read(tree, &keys::document(&id))? {
                records.push(apply::read_document(&bytes)?);
            }
            records.reverse();
            Ok(records)
        })
        .await
    }

    async fn delivery(&self, id: &str) -> Result<Option<Delivery>, StoreError> {
        let id = id.to_owned();
        self.blocking(move |tree| deliveries::read(tree, &id)).await
    }

    async fn deliveries_of(&self, patient: &str) -> Result<Vec<Delivery>, StoreError> {
        let patient = patient.to_owned();
        self.blocking(move |tree| deliveries::of_patient(tree, &patient)).await
    }

    async fn lease(
        &self,
        worker: &str,
        now: Timestamp,
        until: Timestamp,
        max: usize,
    ) -> Result<Vec<Delivery>, StoreError> {
        let (to, answer) = oneshot::channel();
        let request = LeaseRequest { worker: worker.to_owned(), now, until, max };
        self.send(Job::Lease(request, to), answer).await?
    }

    async fn next_due(&self) -> Result<Option<Timestamp>, StoreError> {
        self.blocking(deliveries::next_due).await
    }

    async fn audit(&self, patient: Option<&str>, from: u64, max: usize) -> Result<Vec<AuditEntry>, StoreError> {
        let patient = patient.map(str::to_owned);
        self.blocking(move |tree| audit::entries(tree, patient.as_deref(), from, max)).await
    }

    async fn verify_audit(&self) -> Result<AuditVerdict, StoreError> {
        let shared = self.shared.clone();
        let anchors = self.anchor.as_ref().map(|anchor| audit::anchors(&anchor.file)).transpose()?.unwrap_or_default();
        // Without the gate: entries never change, and a long walk must not hold up the committer.
        let walk = tokio::task::spawn_blocking(move || {
            let head = *shared.head.lock();
            audit::verify(&shared.tree, &shared.key, head, &anchors)
        });
        walk.await.unwrap_or_else(|_| Err(StoreError::Io("a read was cut off".into())))
    }

    async fn healthy(&self) -> bool {
        self.shared.failure.get().is_none() && self.jobs.as_ref().is_some_and(|jobs| !jobs.is_closed())
    }
}
