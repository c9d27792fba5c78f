//! The use case of taking a document in: parse, find or make the people in it, map, check, commit.
//!
//! When [`Intake::accept`] returns [`Accepted`], everything that the document causes is durable, its audit record
//! included. When it refuses, nothing of it is stored; the caller records the refusal, as it does those that never come
//! this far.

mod blame;
pub mod bundle;
mod current;
mod digest;
mod doors;
pub mod form;
mod known;
mod origin;
mod parties;
pub mod plans;
mod refusal;
mod sender;
mod sent;

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use serde_json::Value;
use tokio::sync::Mutex;
use uuid::Uuid;

use crate::domain::{Document, Envelope, Kind};
use crate::fhir::{AuditEvent, Issue, IssueCode, ResourceKey, Source, systems};
use crate::mapping::{self, Existing, Ids, Mapped};
use crate::store::{
    AuditPut, Change, Commit, CommitError, Committed, DocumentPut, DocumentRecord, Expect, Put, Store, StoreError,
    Version,
};
use crate::validator::Language;
use current::Before;
pub use digest::digest;
pub use known::Known;
pub use origin::Origin;
pub use refusal::{Refusal, Refused};
pub use sender::Sender;
use sent::Sent;

/// How often a document is decided again because what it builds on changed meanwhile.
const RETRIES: usize = 32;

/// Before the id of a document's record, in the `meta.source` of its Provenance.
const DOCUMENT: &str = "urn:uuid:";

/// Types that belong to no patient.
const UNFILED: &[&str] = &["Organization", "Practitioner", "PractitionerRole", "Location", "HealthcareService"];

/// What tells whether the resources of a document may be stored.
pub trait Check: Send + Sync + 'static {
    /// Every finding about one resource: against base R4, the profiles that it claims, and these.
    fn check(&self, resource: &Value, profiles: &[&str]) -> Vec<Issue>;

    /// The same of a resource as it came: each finding with its line and column, and what only its XML has wrong, told
    /// in this language.
    fn check_source(&self, source: &Source, profiles: &[&str], language: Language) -> Vec<Issue>;
}

/// The circumstances of one document.
#[derive(Clone, Debug)]
pub struct Context {
    pub now: Timestamp,
    /// A source of random ids.
    pub id: fn() -> Uuid,
    /// Who, from where, under which request: completed here and committed with the resources.
    pub event: AuditEvent,
}

/// A document that is durable.
#[derive(Clone, Debug)]
pub struct Accepted {
    pub document: DocumentRecord,
    pub change: Change,
    pub resources: Vec<(ResourceKey, Change)>,
    /// The form as it was sent, where the document was one.
    pub form: Option<ResourceKey>,
    /// What the sender should know though the document is accepted.
    pub warnings: Vec<Issue>,
}

/// Takes documents in.
#[derive(Clone)]
pub struct Intake {
    store: Arc<dyn Store>,
    check: Arc<dyn Check>,
    /// One patient's documents are decided one after the other, so that of two plans each sees what the other said.
    turns: Arc<[Mutex<()>]>,
    /// The organisation that runs this, from which a form comes that names no sender.
    own: Sender,
}

/// Patients who have the same turn wait for each other; there are far more than there are requests at a time.
const TURNS: usize = 256;

/// How far a document is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    Durable,
    /// Up to the commit: whether it would be refused.
    Foreseen,
}

enum Attempt {
    Refused(Refusal),
    /// Something that this builds on changed between reading and writing.
    Again,
}

impl<E: Into<Refusal>> From<E> for Attempt {
    fn from(error: E) -> Self {
        Attempt::Refused(error.into())
    }
}

impl Intake {
    pub fn new(store: Arc<dyn Store>, check: Arc<dyn Check>) -> Self {
        let turns = (0..TURNS).map(|_| Mutex::new(())).collect();
        Intake { store, check, turns, own: Sender::default() }
    }

    /// `organization` runs this: a Reference with its AGB or URA as identifier, and its name.
    #[must_use]
    pub fn run_by(mut self, organization: &Value) -> Self {
        self.own = sender::by_identifier(organization);
        self
    }

    async fn take(&self, sent: &Arc<Sent>, context: &Context, end: End) -> Result<Accepted, Refusal> {
        for _ in 0..RETRIES {
            match self.attempt(sent, context, end).await {
                Ok(accepted) => return Ok(accepted),
                Err(Attempt::Refused(refusal)) => return Err(refusal),
                Err(Attempt::Again) => {}
            }
        }
        Err(Refused::Busy.into())
    }

    async fn attempt(&self, sent: &Arc<Sent>, context: &Context, end: End) -> Result<Accepted, Attempt> {
        let former = self.store.document(&sent.id).await?;
        let envelope = sent.document.envelope();
        if let Some(former) = &former {
            if former.version == envelope.version && former.digest == sent.digest {
                return self.unchanged(sent, former, context, end).await;
            }
            if former.version >= envelope.version {
                let why = Refused::Conflict(version_conflict(former.version, envelope.version));
                return Err(Refusal { why, patient: Some(former.patient.clone()) }.into());
            }
        }
        if former.is_none() && self.came_by_another_door(sent).await? {
            return Err(Refusal::from(Refused::Conflict(other_door())).into());
        }
        let parties = parties::resolve(self.store.as_ref(), &mapping::parties(&sent.document), context.id).await?;
        let patient = parties.patient.clone().unwrap_or_else(|| sent.id.clone());
        let refusal = |why| Refusal { why, patient: Some(patient.clone()) };
        let _turn = self.turn(&patient).lock().await;
        let before = Before::read(self.store.as_ref(), &patient, former.as_ref()).await?;
        if former.as_ref().is_some_and(|former| former.patient != patient) {
            return Err(refusal(Refused::Conflict(other_patient())).into());
        }
        let ids = sent.ids(&patient, parties.ids.clone());
        let (mapped, besides) = match self.work(sent, ids, &parties.stored, before, context.now).await? {
            Ok(worked) => worked,
            // Somebody was stored between the look-up of one party and that of another.
            Err(_) if parties::is_outdated(self.store.as_ref(), &parties).await? => return Err(Attempt::Again),
            Err(why) => return Err(refusal(why).into()),
        };
        let mut commit = self.commit(sent, &patient, &parties, &mapped, former.as_ref(), context);
        commit.puts.extend(besides);
        let record = commit.document.as_ref().map(|put| put.record.clone()).ok_or(Refused::Failed)?;
        match self.committed(commit, end).await {
            Ok(committed) => Ok(Accepted {
                change: if former.is_some() { Change::Updated } else { Change::Created },
                document: record,
                form: sent.form(&patient),
                resources: committed.changes.into_iter().map(|(key, change, _)| (key, change)).collect(),
                warnings: mapped.warnings,
            }),
            Err(CommitError::Store(error)) => Err(refusal(Refused::Store(error)).into()),
            Err(CommitError::Stale(_) | CommitError::IdentityTaken(_)) => Err(Attempt::Again),
        }
    }

    /// True where a care plan of the same source and name was taken in as another kind of document: both would make the
    /// same resources, and neither would know of the other's versions.
    async fn came_by_another_door(&self, sent: &Sent) -> Result<bool, StoreError> {
        let kinds = [Kind::CarePlan.as_str(), form::KIND, bundle::KIND];
        if kinds.contains(&sent.kind) {
            for kind in kinds.into_iter().filter(|kind| *kind != sent.kind) {
                if self.store.document(&document_id(kind, sent.document.envelope())).await?.is_some() {
                    return Ok(true);
                }
            }
        }
        Ok(false)
    }

    fn turn(&self, patient: &str) -> &Mutex<()> {
        let sum = patient.bytes().fold(0_usize, |sum, byte| sum.wrapping_mul(31).wrapping_add(usize::from(byte)));
        &self.turns[sum % TURNS]
    }

    /// Maps, settles what holds now, and checks, on a thread where it may take its time.
    async fn work(
        &self,
        sent: &Arc<Sent>,
        ids: Ids,
        stored: &BTreeMap<ResourceKey, Version>,
        before: Before,
        now: Timestamp,
    ) -> Result<Result<(Mapped, Vec<Put>), Refused>, Refusal> {
        let (sent, check) = (sent.clone(), self.check.clone());
        let mut resources: BTreeMap<ResourceKey, Value> =
            stored.iter().map(|(key, version)| (key.clone(), version.body.clone())).collect();
        if matches!(sent.document, Document::RegistryRecord(_)) {
            for (key, condition) in before.conditions() {
                resources.entry(key).or_insert(condition);
            }
        }
        let work = move || {
            let mut mapped = mapping::map(&sent.document, &ids, &Existing { resources }).map_err(Refused::Invalid)?;
            sent.keep_form(&mut mapped, &ids.patient);
            name_document(&mut mapped, &sent.id);
            let besides = current::follow(&mut mapped, &before, &ids.patient, now);
            let faults: Vec<Issue> = mapped
                .resources
                .iter()
                .chain(&mapped.settled)
                .flat_map(|resource| {
                    let faults = check.check(resource, &[]).into_iter().filter(|issue| issue.severity.refuses());
                    faults
                        .map(|issue| sent.place(blame::at_the_source(issue, resource, &mapped.trace)))
                        .collect::<Vec<_>>()
                })
                .collect();
            if !faults.is_empty() {
                return Err(Refused::Invalid(faults));
            }
            if let Some(origin) = &sent.origin {
                origin.precede(&mut mapped);
            }
            Ok((mapped, besides))
        };
        tokio::task::spawn_blocking(work).await.map_err(|_| Refused::Failed.into())
    }

    fn commit(
        &self,
        sent: &Sent,
        patient: &str,
        parties: &parties::Resolved,
        mapped: &Mapped,
        former: Option<&DocumentRecord>,
        context: &Context,
    ) -> Commit {
        let mut commit = Commit::at(context.now);
        commit.claims = parties.claims.clone();
        commit.puts = mapped.resources.iter().filter_map(|resource| put(resource, patient, parties)).collect();
        let envelope = sent.document.envelope();
        let record = DocumentRecord {
            id: sent.id.clone(),
            kind: sent.kind.to_owned(),
            source: envelope.source.system.clone(),
            version: envelope.version,
            digest: sent.digest.clone(),
            patient: patient.to_owned(),
            resources: commit.puts.iter().map(|put| put.key.clone()).collect(),
            body: sent.body.clone(),
            trace: mapped.report(),
            received: context.now,
        };
        commit.audit.push(audit("document-accepted", &record, context));
        commit.document = Some(DocumentPut { record, expect: former.map(|former| former.version) });
        commit
    }

    async fn committed(&self, commit: Commit, end: End) -> Result<Committed, CommitError> {
        match end {
            End::Durable => self.store.commit(commit).await,
            End::Foreseen => Ok(Committed { changes: Vec::new() }),
        }
    }

    async fn unchanged(
        &self,
        sent: &Sent,
        former: &DocumentRecord,
        context: &Context,
        end: End,
    ) -> Result<Accepted, Attempt> {
        let mut commit = Commit::at(context.now);
        commit.audit.push(audit("document-unchanged", former, context));
        match self.committed(commit, end).await {
            Ok(_) => Ok(Accepted {
                document: former.clone(),
                change: Change::Unchanged,
                form: sent.form(&former.patient),
                resources: former.resources.iter().map(|key| (key.clone(), Change::Unchanged)).collect(),
                warnings: Vec::new(),
            }),
            Err(CommitError::Store(error)) => Err(error.into()),
            Err(_) => Err(Attempt::Again),
        }
    }
}

/// A party that is stored is written over what was read of it, one that is new over nothing; the rest belongs to the
/// document, whose version guards it.
fn put(resource: &Value, patient: &str, parties: &parties::Resolved) -> Option<Put> {
    let key = ResourceKey::of(resource)?;
    let expect = match parties.stored.get(&key) {
        Some(version) => Expect::Version(version.version),
        None if parties.made.contains(&key) => Expect::Absent,
        None => Expect::Anything,
    };
    let filed = !UNFILED.contains(&key.resource_type.as_str());
    Some(Put { key, patient: filed.then(|| patient.to_owned()), body: resource.clone(), expect })
}

/// Lets the Provenance lead to the document's record: `/api/v1/documents/<id>`.
fn name_document(mapped: &mut Mapped, id: &str) {
    for provenance in mapped.resources.iter_mut().filter(|one| one["resourceType"] == "Provenance") {
        provenance["meta"]["source"] = Value::from(format!("{DOCUMENT}{id}"));
    }
}

fn audit(subtype: &str, record: &DocumentRecord, context: &Context) -> AuditPut {
    let event = context.event.clone().subtype(subtype).patient(&record.patient);
    let event = event.object(systems::URI, &format!("urn:uuid:{}", record.id));
    let event = record.resources.iter().fold(event, AuditEvent::resource);
    AuditPut { patient: Some(record.patient.clone()), event: event.build() }
}

/// The same id for the same source, kind and sender's document id.
fn document_id(kind: &str, envelope: &Envelope) -> String {
    let name = [&envelope.source.system, kind, &envelope.document_id].join("\u{1f}");
    let namespace = Uuid::new_v5(&Uuid::NAMESPACE_URL, format!("{}/documents", systems::OVERDRACHT).as_bytes());
    Uuid::new_v5(&namespace, name.as_bytes()).to_string()
}

const VERSION_CONFLICT: &str = "document-version-conflict";

fn version_conflict(stored: u64, sent: u64) -> Issue {
    let text = if stored == sent {
        format!(
            "Version {sent} of this document was accepted before with other content. Send a changed document as a new version."
        )
    } else {
        format!("Version {stored} of this document is stored, which is newer than version {sent}.")
    };
    Issue::error(IssueCode::Conflict, VERSION_CONFLICT, text).at("/version")
}

fn other_door() -> Issue {
    let text = "A care plan of this source and name came as another kind of document (native, form or Bundle). Send it \
                under another name, or as the kind that it was.";
    Issue::error(IssueCode::Conflict, "document-other-kind", text).at("/documentId")
}

fn other_patient() -> Issue {
    let text = "An earlier version of this document is about another patient. Send it under another documentId.";
    Issue::error(IssueCode::Conflict, "document-other-patient", text).at("/patient/identifiers")
}
