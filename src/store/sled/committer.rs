//! The one thread that writes: it takes what waits as one group, checks each commit against the state that the ones
//! before it leave, writes one batch, makes it durable, and only then answers.

use std::fs::File;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, OnceLock};

use jiff::Timestamp;
use parking_lot::{Mutex, RwLock};
use tokio::sync::{mpsc, oneshot};

use super::apply::{Prepared, apply};
use super::audit::{Anchor, AuditKey, Head};
use super::deliveries;
use super::view::{View, failed};
use crate::store::{CommitError, Committed, Delivery, StoreError};

/// Bounds of a group: what one batch holds in memory and one fsync makes durable.
const GROUP_JOBS: usize = 256;
const GROUP_BYTES: usize = 8 << 20;

pub enum Job {
    Commit(Box<Prepared>, oneshot::Sender<Result<Committed, CommitError>>),
    Lease(LeaseRequest, oneshot::Sender<Result<Vec<Delivery>, StoreError>>),
}

pub struct LeaseRequest {
    pub worker: String,
    pub now: Timestamp,
    pub until: Timestamp,
    pub max: usize,
}

impl Job {
    fn size(&self) -> usize {
        match self {
            Job::Commit(commit, _) => commit.size,
            Job::Lease(..) => 0,
        }
    }
}

/// What the committer and the readers share.
pub struct Shared {
    pub tree: sled::Tree,
    /// Held by readers for a whole scan, by the committer for a whole batch: nobody sees half a commit.
    pub gate: RwLock<()>,
    pub key: AuditKey,
    /// As of the last durable group.
    pub head: Mutex<Head>,
    /// Why nothing more is written. After a failed write nobody knows what the disk holds; only opening again tells.
    pub failure: OnceLock<Failure>,
}

#[derive(Debug)]
pub struct Failure {
    pub cause: String,
    /// True where the state in memory may hold half a batch, so that nothing may be read either.
    pub torn: bool,
}

impl Shared {
    fn fail(&self, cause: String, torn: bool) -> StoreError {
        // The first failure is the cause; what follows are its effects.
        let failure = self.failure.get_or_init(|| Failure { cause, torn });
        tracing::error!(cause = %failure.cause, "the store writes nothing any more until it is opened again");
        refusal(failure)
    }
}

pub fn refusal(failure: &Failure) -> StoreError {
    StoreError::Io(format!("writing failed before, and nothing is written until a restart: {}", failure.cause))
}

type Answer = Box<dyn FnOnce(Option<&Failure>) + Send>;

pub struct Committer {
    shared: Arc<Shared>,
    file: File,
    anchor: Option<Anchor>,
    head: Head,
}

impl Committer {
    /// `file` is a handle of sled's database file.
    pub fn new(shared: Arc<Shared>, file: File, anchor: Option<Anchor>) -> Self {
        let head = *shared.head.lock();
        Committer { shared, file, anchor, head }
    }

    /// Runs until every sender is gone; what was sent before that is still written.
    pub fn run(mut self, mut jobs: mpsc::Receiver<Job>) {
        while let Some(first) = jobs.blocking_recv() {
            let mut size = first.size();
            let mut group = vec![first];
            while group.len() < GROUP_JOBS
                && size < GROUP_BYTES
                && let Ok(job) = jobs.try_recv()
            {
                size += job.size();
                group.push(job);
            }
            self.group(group);
        }
    }

    fn group(&mut self, group: Vec<Job>) {
        let mut answers: Vec<Answer> = Vec::with_capacity(group.len());
        if self.shared.failure.get().is_none() {
            // A panic in sled must not leave callers waiting, nor the next group writing.
            let written = catch_unwind(AssertUnwindSafe(|| self.write(group, &mut answers)));
            if written.is_err() {
                self.shared.fail("a panic while writing".into(), true);
            }
        } else {
            answers.extend(group.into_iter().map(refused));
        }
        let failure = self.shared.failure.get();
        for answer in answers {
            answer(failure);
        }
        if failure.is_none()
            && let Some(anchor) = &mut self.anchor
            && let Err(cause) = anchor.note(&self.head)
        {
            self.shared.fail(format!("the audit anchor could not be written: {cause}"), false);
        }
    }

    fn write(&mut self, group: Vec<Job>, answers: &mut Vec<Answer>) {
        let shared = self.shared.clone();
        let mut view = View::new(&shared.tree);
        let mut head = self.head;
        for job in group {
            let before = head;
            view.savepoint();
            let kept = match job {
                Job::Commit(commit, to) => {
                    let result = apply(&mut view, &mut head, &shared.key, *commit);
                    keep(result, to, answers)
                }
                Job::Lease(LeaseRequest { worker, now, until, max }, to) => {
                    let result = deliveries::lease(&mut view, &worker, now, until, max);
                    keep(result, to, answers)
                }
            };
            if !kept {
                view.roll_back();
                head = before;
            }
        }
        view.savepoint();
        if head != self.head
            && let Err(error) = head.store(&mut view)
        {
            shared.fail(error.to_string(), false);
            return;
        }
        if view.is_empty() {
            return;
        }
        let batch = view.into_batch();
        {
            let _alone = shared.gate.write();
            if let Err(error) = shared.tree.apply_batch(batch) {
                shared.fail(failed(error).to_string(), true);
                return;
            }
        }
        // sled's flush hands the log to the kernel; only the fsync makes it durable.
        let durable = shared.tree.flush().map_err(|e| failed(e).to_string());
        let durable = durable.and_then(|_| self.file.sync_all().map_err(|e| e.to_string()));
        match durable {
            Ok(()) => {
                self.head = head;
                *shared.head.lock() = head;
            }
            Err(cause) => {
                shared.fail(cause, false);
            }
        }
    }
}

/// Queues the answer for when the group is durable; true where the job's writes stay in the group.
fn keep<T, E>(result: Result<T, E>, to: oneshot::Sender<Result<T, E>>, answers: &mut Vec<Answer>) -> bool
where
    T: Send + 'static,
    E: From<StoreError> + Send + 'static,
{
    let kept = result.is_ok();
    answers.push(Box::new(move |failure| {
        let result = failure.map_or(result, |failure| Err(refusal(failure).into()));
        // Who no longer waits for the answer does not get one.
        let _ = to.send(result);
    }));
    kept
}

fn refused(job: Job) -> Answer {
    Box::new(move |failure| {
        let Some(failure) = failure else { return };
        match job {
            Job::Commit(_, to) => drop(to.send(Err(refusal(failure).into()))),
            Job::Lease(_, to) => drop(to.send(Err(refusal(failure)))),
        }
    })
}
