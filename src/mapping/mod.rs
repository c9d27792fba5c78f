//! Pure functions from documents to FHIR R4 resources and back, with a trace of every source field.
//!
//! Identity (decision 6): [`Party`] names the patients, organisations, practitioners and tumours of a document by
//! business identifier; the caller finds or makes an id for each and passes them back as [`Ids`]; everything else gets
//! an id derived from the patient, the source and the concept, so that mapping again makes the same resources.

pub mod bundle;
pub mod care_plan;
pub mod common;
pub mod ids;
pub mod metastasis_event;
pub mod oncology;
pub mod questionnaire_response;
pub mod registry_record;
pub mod stu3;
pub mod trace;
mod trace_text;

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::domain::{Document, Violation, ViolationKind};
use crate::fhir::{Issue, IssueCode, ResourceKey};
pub use ids::{Ids, Party};
pub use trace::{Fate, Trace};

/// What a document became.
#[derive(Clone, Debug, Default)]
pub struct Mapped {
    /// Resources with `resourceType`, `id` and `meta.profile`; references between them are relative (`Patient/…`).
    /// The Provenance that points to the source document is among them. The patient comes first.
    pub resources: Vec<Value>,
    /// Stored resources of other documents as they become through this one; they stay those documents' own.
    pub settled: Vec<Value>,
    pub trace: Trace,
    /// For a care plan: what became of its fields in the rendered form, which holds less than the other resources.
    pub form: Trace,
    /// What the sender should know though the document is accepted (`at` is a JSON pointer into the document).
    pub warnings: Vec<Issue>,
}

impl Mapped {
    /// What became of every field: `rows`, and `form` where a form was rendered.
    pub fn report(&self) -> Value {
        let mut report = json!({ "rows": self.trace.rows });
        if !self.form.rows.is_empty() {
            report["form"] = json!(self.form.rows);
        }
        report
    }

    /// The same for people.
    pub fn report_text(&self) -> String {
        let mut text = trace_text::text("What became of each field", &self.trace);
        if !self.form.rows.is_empty() {
            text.push_str(&trace_text::text("In the filled form, which holds less", &self.form));
        }
        text
    }
}

/// What is stored now of the parties of a document: Patient, Organization, Practitioner, and the Condition of a tumour.
/// Where the other Conditions of the patient are among them, a registry record settles the timing of metastases that
/// arrived before it.
#[derive(Clone, Debug, Default)]
pub struct Existing {
    pub resources: BTreeMap<ResourceKey, Value>,
}

impl Existing {
    /// `resource` as it becomes: merged with what is stored under its key; with itself where nothing is, so that the
    /// order of what merging unites is the same from the first document on. The trace tells what gave way.
    pub fn merged(&self, resource: Value, trace: &mut Trace) -> Value {
        let stored = ResourceKey::of(&resource).and_then(|key| self.resources.get(&key));
        let merged = common::merge::merge(stored.unwrap_or(&resource), &resource);
        trace.follow(&resource, &merged);
        merged
    }
}

/// Everyone and everything that a document names by business identifier: the patient first, where a number names the
/// patient; no party twice. The caller finds or makes a logical id for each ([`Ids::parties`]).
pub fn parties(document: &Document) -> Vec<Party> {
    let mut parties: Vec<Party> = Vec::new();
    let envelope = document.envelope();
    parties.extend(common::patient::party(&envelope.patient));
    let mut add = |party: Option<Party>| {
        if let Some(party) = party
            && !parties.contains(&party)
        {
            parties.push(party);
        }
    };
    add(common::organization::party(&envelope.source.organization));
    if let Some(author) = &envelope.source.author {
        common::practitioner::parties(author).into_iter().for_each(|party| add(Some(party)));
    }
    match document {
        Document::RegistryRecord(record) => {
            registry_record::parties(record).into_iter().for_each(|party| add(Some(party)))
        }
        Document::MetastasisEvent(event) => {
            metastasis_event::parties(event).into_iter().for_each(|party| add(Some(party)))
        }
        Document::CarePlan(plan) => care_plan::parties(plan).into_iter().for_each(|party| add(Some(party))),
    }
    parties
}

/// The resources of a document, with the trace of every source field. Pure: the same document, ids and stored parties
/// make the same resources.
///
/// # Errors
/// What cannot be said in FHIR; `at` is a JSON pointer into the document.
pub fn map(document: &Document, ids: &Ids, existing: &Existing) -> Result<Mapped, Vec<Issue>> {
    match document {
        Document::RegistryRecord(record) => registry_record::map(record, ids, existing),
        Document::MetastasisEvent(event) => metastasis_event::map(event, ids, existing),
        Document::CarePlan(plan) => care_plan::map(plan, ids, existing),
    }
}

/// A fault of a native document as an issue of the answer.
pub fn issue(violation: &Violation) -> Issue {
    let code = match violation.kind {
        ViolationKind::Missing => IssueCode::Required,
        ViolationKind::Unknown | ViolationKind::Type | ViolationKind::Count => IssueCode::Structure,
        ViolationKind::Value => IssueCode::Value,
        ViolationKind::Contradiction => IssueCode::BusinessRule,
    };
    Issue::error(code, violation.kind.id(), violation.expected.as_str()).at(violation.pointer.as_str())
}
