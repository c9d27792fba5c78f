//! The use case of taking a document in: parse, find or make the people in it, map, check, commit.
//!
//! When [`Intake::accept`] returns [`Accepted`], everything that the document causes is durable, its audit record
//! included. When it refuses, nothing of it is stored; the caller records the refusal, as it does those that never come
//! this far.

mod blame;
pub mod bundle;
mod current;
mod digest;
pub mod form;
mod known;
mod origin;
mod parties;
pub mod plans;
mod sender;

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use serde_json::{Value, json};
use tokio::sync::Mutex;
use uuid::Uuid;

use crate::domain::{self, Document, Envelope, Kind};
use crate::fhir::json::JsonError;
use crate::fhir::{AuditEvent, Issue, IssueCode, ResourceKey, systems};
use crate::mapping::{self, Existing, Ids, Mapped, Trace};
use crate::store::{
    AuditPut, Change, Commit, CommitError, DocumentPut, DocumentRecord, Expect, Put, Store, StoreError, Version,
};
use current::Before;
pub use digest::digest;
pub use known::Known;
pub use origin::Origin;

/// How often a document is decided again because what it builds on changed meanwhile.
const RETRIES: usize = 32;

/// Before the id of a document's record, in the `meta.source` of its Provenance.
const DOCUMENT: &str = "urn:uuid:";

/// Faults of a Bundle that keep nobody from reading what it says: its resources have ids.
const TOLERATED: &[&str] = &["bundle-full-url-missing"];

/// Types that belong to no patient.
const UNFILED: &[&str] = &["Organization", "Practitioner", "PractitionerRole", "Location", "HealthcareService"];

/// What tells whether the resources of a document may be stored.
pub trait Check: Send + Sync + 'static {
    /// Every finding about one resource: against base R4, the profiles that it claims, and these.
    fn check(&self, resource: &Value, profiles: &[&str]) -> Vec<Issue>;
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

/// Why nothing was stored.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    #[error(transparent)]
    NotJson(#[from] JsonError),
    /// Every fault at once, each at its place in the sender's document.
    #[error("the document breaks its schema or its result breaks a profile")]
    Invalid(Vec<Issue>),
    #[error("the document conflicts with what is stored")]
    Conflict(Issue),
    #[error("the record kept changing")]
    Busy,
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("the document could not be worked on")]
    Failed,
}

/// A refusal, with the patient where the document's person is known here.
#[derive(Debug)]
pub struct Refusal {
    pub why: Refused,
    pub patient: Option<String>,
}

impl From<Refused> for Refusal {
    fn from(why: Refused) -> Self {
        Refusal { why, patient: None }
    }
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        Refused::Store(error).into()
    }
}

/// Takes documents in.
#[derive(Clone)]
pub struct Intake {
    store: Arc<dyn Store>,
    check: Arc<dyn Check>,
    /// One patient's documents are decided one after the other, so that of two plans each sees what the other said.
    turns: Arc<[Mutex<()>]>,
}

/// Patients who have the same turn wait for each other; there are far more than there are requests at a time.
const TURNS: usize = 256;

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

/// A document that passed its door.
struct Sent {
    document: Document,
    /// As it was sent.
    body: Value,
    digest: String,
    id: String,
    kind: &'static str,
    /// Where the document was read from something else.
    origin: Option<Origin>,
}

impl Sent {
    fn new(kind: &'static str, document: Document, body: Value, digest: String, origin: Option<Origin>) -> Arc<Self> {
        let id = document_id(kind, document.envelope());
        Arc::new(Sent { id, digest, document, body, kind, origin })
    }

    /// A fault at the place in what was sent: of a form the item, of a Bundle the element.
    fn place(&self, issue: Issue) -> Issue {
        match &self.origin {
            Some(origin) => origin.place(issue),
            None => issue,
        }
    }

    fn ids(&self, patient: &str, parties: BTreeMap<mapping::Party, String>) -> Ids {
        let envelope = self.document.envelope();
        Ids {
            patient: patient.to_owned(),
            source: envelope.source.system.clone(),
            document: envelope.document_id.clone(),
            parties,
        }
    }

    /// The key under which a form is stored as it was sent.
    fn form(&self, patient: &str) -> Option<ResourceKey> {
        let form = self.origin.as_ref()?.form.as_ref()?;
        let id = self.ids(patient, BTreeMap::new()).derived(form::concept(form));
        Some(ResourceKey::new("QuestionnaireResponse", id))
    }

    /// Puts the form as it was sent in the place of the rendered one, or beside it where that is of another edition.
    fn keep_form(&self, mapped: &mut Mapped, patient: &str) {
        let form = self.origin.as_ref().and_then(|origin| origin.form.as_ref());
        let (Some(form), Some(key)) = (form, self.form(patient)) else { return };
        let is_form = |one: &Value| one["resourceType"] == "QuestionnaireResponse";
        let Some(at) = mapped.resources.iter().position(is_form) else { return };
        let stored = form::stored(form, &mapped.resources[at], &key.id);
        if ResourceKey::of(&mapped.resources[at]).as_ref() == Some(&key) {
            mapped.resources[at] = stored;
            // What was sent is not what was rendered: nothing is lost in it.
            mapped.form = Trace::default();
            return;
        }
        mapped.resources.insert(at + 1, stored);
        for provenance in mapped.resources.iter_mut().filter(|one| one["resourceType"] == "Provenance") {
            if let Some(targets) = provenance["target"].as_array_mut() {
                targets.push(json!({ "reference": key.to_string() }));
            }
        }
    }
}

impl Intake {
    pub fn new(store: Arc<dyn Store>, check: Arc<dyn Check>) -> Self {
        Intake { store, check, turns: (0..TURNS).map(|_| Mutex::new(())).collect() }
    }

    /// Takes in a document of this kind. The same document again changes nothing and says so; an older version than
    /// is stored, or the same version with other content, is a conflict. Two documents about one person that come at the
    /// same time make one Patient.
    pub async fn accept(&self, kind: Kind, body: &[u8], context: &Context) -> Result<Accepted, Refusal> {
        let body = crate::fhir::json::parse(body).map_err(Refused::NotJson)?;
        let document = domain::parse(kind, &body, context.now)
            .map_err(|faults| Refused::Invalid(faults.iter().map(mapping::issue).collect()))?;
        let digest = digest(&body);
        self.take(&Sent::new(kind.as_str(), document, body, digest, None), context).await
    }

    /// Takes in a filled form of the published questionnaire: the properties of a native document, with the
    /// QuestionnaireResponse in `form` instead of content. Such forms name no patient, so the patient stands beside it.
    /// Everything that [`Intake::accept`] promises holds.
    pub async fn accept_form(&self, body: &[u8], context: &Context) -> Result<Accepted, Refusal> {
        let body = crate::fhir::json::parse(body).map_err(Refused::NotJson)?;
        let origin = form::read(&body).map_err(Refused::Invalid)?;
        let digest = digest(&body);
        self.take_from(origin, body, digest, context).await
    }

    /// Takes in a filled form as FHIR: a QuestionnaireResponse, or Parameters with `form`, `patient` and `source`. It
    /// must be valid, against its Questionnaire too. Everything that [`Intake::accept`] promises holds; a form that
    /// names no version is the next one where it says something else than before.
    pub async fn accept_response(&self, sent: Value, context: &Context) -> Result<Accepted, Refusal> {
        self.hold_against_profiles(&sent).await?;
        let known = Known::look_up(self.store.as_ref(), &sent).await?;
        let origin = form::read_fhir(&sent, &known).map_err(Refused::Invalid)?;
        self.take_wrapped(origin, sent, context).await
    }

    /// Takes in a Bundle of R4 resources of a care plan: alone, or as `bundle` beside the properties of a native
    /// document that it does not say itself. Its resources must be valid. `sent` is what came where that was something
    /// else (a Bundle of another release of FHIR). Everything that [`Intake::accept`] promises holds.
    pub async fn accept_bundle(&self, body: Value, sent: Value, context: &Context) -> Result<Accepted, Refusal> {
        bundle::beside(&body).map_err(Refused::Invalid)?;
        self.hold_against_profiles(bundle::of(&body)).await?;
        let known = Known::look_up(self.store.as_ref(), &body).await?;
        let origin = bundle::read(&body, &known).map_err(Refused::Invalid)?;
        self.take_wrapped(origin, sent, context).await
    }

    /// Faults of what was sent itself, before anything is read from it.
    async fn hold_against_profiles(&self, resource: &Value) -> Result<(), Refusal> {
        let (check, resource) = (self.check.clone(), resource.clone());
        let work = move || check.check(&resource, &[]);
        let issues = tokio::task::spawn_blocking(work).await.map_err(|_| Refused::Failed)?;
        let faults = issues.into_iter().filter(|issue| issue.severity.refuses() && !TOLERATED.contains(&issue.id));
        let faults: Vec<Issue> = faults.collect();
        if faults.is_empty() { Ok(()) } else { Err(Refused::Invalid(faults).into()) }
    }

    /// A document that came as FHIR is kept as it was sent, beside what it says around its content.
    async fn take_wrapped(&self, origin: Origin, sent: Value, context: &Context) -> Result<Accepted, Refusal> {
        let digest = digest(&sent);
        let mut body = json!({});
        for name in ["documentId", "version", "recordedAt"] {
            body[name] = origin.document[name].clone();
        }
        body["sent"] = sent;
        self.take_from(origin, body, digest, context).await
    }

    /// Takes in a care plan that was read from something else. Where its version is counted, two that come at the same
    /// time are counted one after the other.
    async fn take_from(
        &self,
        origin: Origin,
        body: Value,
        digest: String,
        context: &Context,
    ) -> Result<Accepted, Refusal> {
        for _ in 0..RETRIES {
            let (mut origin, mut body) = (origin.clone(), body.clone());
            let parsed = |origin: &Origin| {
                domain::parse(Kind::CarePlan, &origin.document, context.now).map_err(|faults| {
                    Refused::Invalid(faults.iter().map(|fault| origin.place(mapping::issue(fault))).collect())
                })
            };
            let mut document = parsed(&origin)?;
            let counted = origin.counted;
            if counted {
                let former = self.store.document(&document_id(origin.kind, document.envelope())).await?;
                let same = former.as_ref().is_some_and(|former| former.digest == digest);
                let version = former.map_or(1, |former| former.version + u64::from(!same));
                origin.document["version"] = Value::from(version);
                body["version"] = Value::from(version);
                document = parsed(&origin)?;
            }
            let sent = Sent::new(origin.kind, document, body, digest.clone(), Some(origin));
            match self.take(&sent, context).await {
                Err(Refusal { why: Refused::Conflict(issue), .. }) if counted && issue.id == VERSION_CONFLICT => {}
                done => return done,
            }
        }
        Err(Refused::Busy.into())
    }

    async fn take(&self, sent: &Arc<Sent>, context: &Context) -> Result<Accepted, Refusal> {
        for _ in 0..RETRIES {
            match self.attempt(sent, context).await {
                Ok(accepted) => return Ok(accepted),
                Err(Attempt::Refused(refusal)) => return Err(refusal),
                Err(Attempt::Again) => {}
            }
        }
        Err(Refused::Busy.into())
    }

    async fn attempt(&self, sent: &Arc<Sent>, context: &Context) -> Result<Accepted, Attempt> {
        let former = self.store.document(&sent.id).await?;
        let envelope = sent.document.envelope();
        if let Some(former) = &former {
            if former.version == envelope.version && former.digest == sent.digest {
                return self.unchanged(sent, former, context).await;
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
        match self.store.commit(commit).await {
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
            if let Some(origin) = &sent.origin {
                origin.precede(&mut mapped);
            }
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
            if faults.is_empty() { Ok((mapped, besides)) } else { Err(Refused::Invalid(faults)) }
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

    async fn unchanged(&self, sent: &Sent, former: &DocumentRecord, context: &Context) -> Result<Accepted, Attempt> {
        let mut commit = Commit::at(context.now);
        commit.audit.push(audit("document-unchanged", former, context));
        match self.store.commit(commit).await {
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
