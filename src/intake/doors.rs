//! The doors by which a document comes in: native, a form, and the resources of another system. Behind each of them a
//! document goes the same way.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::digest::digest;
use super::known::Known;
use super::origin::{Origin, is_told};
use super::sent::Sent;
use super::{Accepted, Context, End, Intake, RETRIES, Refusal, Refused, VERSION_CONFLICT, bundle, document_id, form};
use crate::domain::{self, Kind};
use crate::fhir::Issue;
use crate::mapping;

/// Faults of a Bundle that keep nobody from reading what it says: its resources have ids.
const TOLERATED: &[&str] = &["bundle-full-url-missing"];

impl Intake {
    /// Takes in a document of this kind. The same document again changes nothing and says so; an older version than
    /// is stored, or the same version with other content, is a conflict. Two documents about one person that come at the
    /// same time make one Patient.
    pub async fn accept(&self, kind: Kind, body: &[u8], context: &Context) -> Result<Accepted, Refusal> {
        let body = crate::fhir::json::parse(body).map_err(Refused::NotJson)?;
        let document = domain::parse(kind, &body, context.now)
            .map_err(|faults| Refused::Invalid(faults.iter().map(mapping::issue).collect()))?;
        let digest = digest(&body);
        self.take(&Sent::new(kind.as_str(), document, body, digest, None), context, End::Durable).await
    }

    /// Takes in a filled form of the published questionnaire: the properties of a native document, with the
    /// QuestionnaireResponse in `form` instead of content. Such forms name no patient, so the patient stands beside it.
    /// Everything that [`Intake::accept`] promises holds.
    pub async fn accept_form(&self, body: &[u8], context: &Context) -> Result<Accepted, Refusal> {
        let body = crate::fhir::json::parse(body).map_err(Refused::NotJson)?;
        let origin = form::read(&body).map_err(Refused::Invalid)?;
        let digest = digest(&body);
        self.take_from(origin, body, digest, context, End::Durable).await
    }

    /// Takes in a filled form as FHIR: a QuestionnaireResponse, or Parameters with `form`, `patient` and `source`. It
    /// must be valid, against its Questionnaire too. Everything that [`Intake::accept`] promises holds; a form that
    /// names no version is the next one where it says something else than before.
    pub async fn accept_response(&self, sent: Value, context: &Context) -> Result<Accepted, Refusal> {
        let faults = self.faults_of(&sent).await?;
        let known = Known::look_up(self.store.as_ref(), &sent).await?;
        let origin = after(&faults, form::read_fhir(&sent, &known, &self.own).map(|read| vec![read]))?.remove(0);
        self.take_wrapped(origin, sent, context, End::Durable).await
    }

    /// Takes in a Bundle of R4 resources of a care plan: alone, or as `bundle` beside the properties of a native
    /// document that it does not say itself. Its resources must be valid. `sent` is what came where that was something
    /// else (a Bundle of another release of FHIR). A Bundle that tells of several conversations is the plan of each: all
    /// are looked at before the first is taken in, then they are taken in from the oldest to the newest. Everything that
    /// [`Intake::accept`] promises holds of each.
    pub async fn accept_bundle(&self, body: Value, sent: Value, context: &Context) -> Result<Vec<Accepted>, Refusal> {
        bundle::beside(&body).map_err(Refused::Invalid)?;
        let faults = self.faults_of(bundle::of(&body)).await?;
        let known = Known::look_up(self.store.as_ref(), &body).await?;
        let plans = after(&faults, bundle::read(&body, &known))?;
        if plans.len() > 1 {
            self.foresee(&plans, &sent, context).await?;
        }
        let mut accepted = Vec::new();
        for plan in plans {
            accepted.push(self.take_wrapped(plan, sent.clone(), context, End::Durable).await?);
        }
        Ok(accepted)
    }

    /// Every fault of every plan at once, each once.
    async fn foresee(&self, plans: &[Origin], sent: &Value, context: &Context) -> Result<(), Refusal> {
        let mut found: Vec<Issue> = Vec::new();
        let mut patient = None;
        for plan in plans {
            match self.take_wrapped(plan.clone(), sent.clone(), context, End::Foreseen).await {
                Ok(_) => {}
                Err(Refusal { why: Refused::Invalid(faults), patient: of }) => {
                    patient = patient.or(of);
                    found.extend(faults);
                }
                Err(other) => return Err(other),
            }
        }
        let mut told = BTreeSet::new();
        found.retain(|issue| told.insert((issue.id, issue.at.clone(), issue.text.clone())));
        if found.is_empty() { Ok(()) } else { Err(Refusal { why: Refused::Invalid(found), patient }) }
    }

    /// Faults of what was sent itself, whatever is read from it.
    async fn faults_of(&self, resource: &Value) -> Result<Vec<Issue>, Refusal> {
        let (check, resource) = (self.check.clone(), resource.clone());
        let work = move || check.check(&resource, &[]);
        let issues = tokio::task::spawn_blocking(work).await.map_err(|_| Refused::Failed)?;
        let faults = issues.into_iter().filter(|issue| issue.severity.refuses() && !TOLERATED.contains(&issue.id));
        Ok(faults.collect())
    }

    /// A document that came as FHIR is kept as it was sent, beside what it says around its content.
    async fn take_wrapped(
        &self,
        origin: Origin,
        sent: Value,
        context: &Context,
        end: End,
    ) -> Result<Accepted, Refusal> {
        let digest = digest(&sent);
        let mut body = json!({});
        for name in ["documentId", "version", "recordedAt"] {
            body[name] = origin.document[name].clone();
        }
        body["sent"] = sent;
        self.take_from(origin, body, digest, context, end).await
    }

    /// Takes in a care plan that was read from something else. Where its version is counted, two that come at the same
    /// time are counted one after the other.
    async fn take_from(
        &self,
        origin: Origin,
        body: Value,
        digest: String,
        context: &Context,
        end: End,
    ) -> Result<Accepted, Refusal> {
        for _ in 0..RETRIES {
            let (mut origin, mut body) = (origin.clone(), body.clone());
            let mut document = origin.parse(context.now).map_err(Refused::Invalid)?;
            let counted = origin.counted;
            if counted {
                let former = self.store.document(&document_id(origin.kind, document.envelope())).await?;
                let same = former.as_ref().is_some_and(|former| former.digest == digest);
                let version = former.map_or(1, |former| former.version + u64::from(!same));
                origin.document["version"] = Value::from(version);
                body["version"] = Value::from(version);
                document = origin.parse(context.now).map_err(Refused::Invalid)?;
            }
            let sent = Sent::new(origin.kind, document, body, digest.clone(), Some(origin));
            match self.take(&sent, context, end).await {
                Err(Refusal { why: Refused::Conflict(issue), .. }) if counted && issue.id == VERSION_CONFLICT => {}
                done => return done,
            }
        }
        Err(Refused::Busy.into())
    }
}

/// What was read, with the faults of what was sent before those of reading that are not the same again.
fn after(faults: &[Issue], read: Result<Vec<Origin>, Vec<Issue>>) -> Result<Vec<Origin>, Refused> {
    let join = |unread: Vec<Issue>| -> Vec<Issue> {
        let new = unread.into_iter().filter(|fault| !is_told(faults, fault, false));
        faults.iter().cloned().chain(new).collect()
    };
    match read {
        Ok(origins) => Ok(origins.into_iter().map(|one| Origin { faults: join(one.faults.clone()), ..one }).collect()),
        Err(unread) => Err(Refused::Invalid(join(unread))),
    }
}
