//! The loop: lease what is due, try it, record it; sleep until the next is due, or until it is woken.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use jiff::{SignedDuration, Timestamp};
use tokio::sync::{Notify, watch};
use uuid::Uuid;

use super::{Policy, Verdict, attempt, verdict};
use crate::client::{Answer, Client, Trace};
use crate::consent::{Gate, Standing};
use crate::store::{Attempt, Commit, CommitError, Delivery, DeliveryPut, DeliveryState, Store, StoreError};

/// How often recording is tried before the delivery is left to be sent again.
const RECORD_ATTEMPTS: usize = 5;
const RECORD_PAUSE: Duration = Duration::from_millis(200);
const SHORTEST_SLEEP: Duration = Duration::from_millis(100);

/// How a Bundle gets to its receiver.
#[async_trait]
pub trait Sender: Send + Sync + 'static {
    /// A conditional create by `Bundle.identifier` at the receiver's endpoint.
    async fn send(&self, delivery: &Delivery, trace: Trace) -> Answer;
}

#[async_trait]
impl Sender for Client {
    async fn send(&self, delivery: &Delivery, trace: Trace) -> Answer {
        let body = delivery.bundle.to_string().into_bytes();
        self.conditional_create(&delivery.receiver.endpoint, &delivery.bundle_identifier, body, trace).await
    }
}

#[derive(Clone, Debug)]
pub struct WorkerOptions {
    /// Unique among the instances that share a store.
    pub name: String,
    pub policy: Policy,
    /// How long a delivery is ours; renewed at half of it while an attempt goes on.
    pub lease: Duration,
    /// Deliveries on their way at the same time.
    pub concurrency: usize,
    /// The longest sleep: what another instance queued is found after it.
    pub idle: Duration,
}

impl Default for WorkerOptions {
    fn default() -> Self {
        WorkerOptions {
            name: "outbox".into(),
            policy: Policy::default(),
            lease: Duration::from_secs(60),
            concurrency: 16,
            idle: Duration::from_secs(2),
        }
    }
}

/// Everything from outside, clock and chance too.
pub struct Worker {
    pub store: Arc<dyn Store>,
    pub sender: Arc<dyn Sender>,
    pub gate: Arc<dyn Gate>,
    pub options: WorkerOptions,
    pub clock: fn() -> Timestamp,
    /// In 0..=1: spreads the waits.
    pub chance: fn() -> f64,
    pub request_id: fn() -> Uuid,
    /// Notified when a delivery was queued.
    pub wake: Arc<Notify>,
}

impl Worker {
    /// Runs until `shutdown` becomes true; attempts that are on their way are finished and recorded first. One receiver
    /// that is slow delays no other: each takes one of the places, and what becomes due meanwhile is taken too.
    pub async fn run(&self, mut shutdown: watch::Receiver<bool>) {
        let mut running = FuturesUnordered::new();
        loop {
            let stopping = *shutdown.borrow_and_update();
            let places = if stopping { 0 } else { self.options.concurrency.saturating_sub(running.len()) };
            if places > 0 {
                running.extend(self.lease(places).await.into_iter().map(|delivery| self.attempt(delivery)));
            }
            if stopping && running.is_empty() {
                return;
            }
            let free = !stopping && running.len() < self.options.concurrency;
            let sleep = if free { self.until_next().await } else { self.options.idle };
            tokio::select! {
                Some(()) = running.next(), if !running.is_empty() => {}
                () = self.wake.notified(), if free => {}
                () = tokio::time::sleep(sleep), if free => {}
                changed = shutdown.changed(), if !stopping => if changed.is_err() { return },
            }
        }
    }

    /// What is due now. A store that fails is logged and asked again later.
    async fn lease(&self, places: usize) -> Vec<Delivery> {
        let now = (self.clock)();
        match self.store.lease(&self.options.name, now, self.lease_end(now), places).await {
            Ok(leased) => leased,
            Err(error) => {
                tracing::error!(%error, "the outbox could not read the store");
                Vec::new()
            }
        }
    }

    /// One delivery: consent, sending, recording. Whatever fails here leaves the delivery waiting, at the latest until
    /// its lease ends; to send it again is harmless.
    async fn attempt(&self, delivery: Delivery) {
        match self.gate.standing(&delivery).await {
            Ok(Standing::Go) => {
                let id = delivery.id.clone();
                let (attempt, verdict) = self.send(delivery).await;
                self.record(&id, |current, newer| {
                    attempt::record(&self.options.name, current, &attempt, &verdict, newer)
                })
                .await;
            }
            Ok(Standing::Withdrawn(reason)) => {
                let now = (self.clock)();
                self.record(&delivery.id, |current, _| attempt::cancel(current, reason, now)).await;
            }
            Err(error) => {
                tracing::error!(delivery = delivery.id, %error, "consent could not be checked: nothing was sent");
            }
        }
    }

    /// Sends, keeping the lease meanwhile.
    async fn send(&self, mut delivery: Delivery) -> (Attempt, Verdict) {
        let request = (self.request_id)();
        let trace = Trace { request, trace: Uuid::parse_str(&delivery.id).unwrap_or(request) };
        let number = u32::try_from(delivery.attempts.len()).unwrap_or(u32::MAX).saturating_add(1);
        let started = (self.clock)();
        let sent = delivery.clone();
        let sending = self.sender.send(&sent, trace);
        tokio::pin!(sending);
        let answer = loop {
            tokio::select! {
                answer = &mut sending => break answer,
                () = tokio::time::sleep(self.options.lease / 2) => delivery = self.renew(delivery).await,
            }
        };
        let finished = (self.clock)();
        let verdict = verdict(&self.options.policy, number, &answer, finished, (self.chance)());
        let (status, outcome) = (answer.status(), verdict.reason().to_owned());
        let attempt = Attempt { number, started, finished, status, outcome, request_id: request.to_string() };
        log(&delivery.id, &verdict, &attempt);
        (attempt, verdict)
    }

    /// Commits what `change` makes of the delivery as it is stored now (it may have been superseded meanwhile); again
    /// where someone else was first.
    async fn record(&self, id: &str, change: impl Fn(&Delivery, Option<&Delivery>) -> Commit) {
        for _ in 0..RECORD_ATTEMPTS {
            let error = match self.current(id).await {
                Ok(None) => return,
                Ok(Some((current, newer))) => match self.store.commit(change(&current, newer.as_ref())).await {
                    Ok(_) => return,
                    Err(error) => error,
                },
                Err(error) => error.into(),
            };
            if !matches!(error, CommitError::Stale(_)) {
                tracing::error!(delivery = id, %error, "what came of a delivery could not be recorded");
                tokio::time::sleep(RECORD_PAUSE).await;
            }
        }
        tracing::error!(delivery = id, "given up recording: the delivery is sent again when its lease ends");
    }

    /// The delivery as it is stored, and a newer one that would replace it.
    async fn current(&self, id: &str) -> Result<Option<(Delivery, Option<Delivery>)>, StoreError> {
        let Some(current) = self.store.delivery(id).await? else { return Ok(None) };
        let newer = self.store.deliveries_of(&current.patient).await?.into_iter().rev().find(|other| {
            other.created > current.created
                && other.state == DeliveryState::Waiting
                && other.kind == current.kind
                && (&other.receiver.system, &other.receiver.value)
                    == (&current.receiver.system, &current.receiver.value)
        });
        Ok(Some((current, newer)))
    }

    /// The delivery with its lease renewed, where it is still ours.
    async fn renew(&self, delivery: Delivery) -> Delivery {
        let now = (self.clock)();
        let mut current = match self.store.delivery(&delivery.id).await {
            Ok(Some(current)) => current,
            Ok(None) => return delivery,
            Err(error) => {
                tracing::error!(delivery = delivery.id, %error, "a lease could not be renewed");
                return delivery;
            }
        };
        let Some(lease) = current.lease.as_mut().filter(|lease| lease.worker == self.options.name) else {
            return current;
        };
        lease.until = self.lease_end(now);
        let mut commit = Commit::at(now);
        commit.deliveries.push(DeliveryPut { expect: Some(current.revision), delivery: current.clone() });
        if let Err(error) = self.store.commit(commit).await {
            tracing::warn!(delivery = current.id, %error, "a lease could not be renewed");
        }
        current
    }

    fn lease_end(&self, now: Timestamp) -> Timestamp {
        let lease = SignedDuration::try_from(self.options.lease).unwrap_or(SignedDuration::MAX);
        now.saturating_add(lease).unwrap_or(Timestamp::MAX)
    }

    async fn until_next(&self) -> Duration {
        let Ok(Some(due)) = self.store.next_due().await else { return self.options.idle };
        let wait = Duration::try_from(due.duration_since((self.clock)())).unwrap_or(Duration::ZERO);
        // Never a busy loop: what is due may be held by another, and cannot be leased now.
        wait.max(SHORTEST_SLEEP).min(self.options.idle)
    }
}

fn log(delivery: &str, verdict: &Verdict, attempt: &Attempt) {
    let Attempt { number, status, outcome, request_id, .. } = attempt;
    match verdict {
        Verdict::Parked { .. } => {
            tracing::warn!(delivery, attempt = number, status, request_id, outcome, "a delivery needs a person");
        }
        _ => tracing::info!(delivery, attempt = number, status, request_id, outcome, "delivery attempted"),
    }
}
