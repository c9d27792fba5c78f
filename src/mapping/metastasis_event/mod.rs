//! Metastasis event → a Condition for each site, tied to the Condition of the tumour.

mod condition;
mod facts;
pub mod settle;

use serde_json::{Value, json};

use super::oncology::{
    AUTHOR, Sheet, close, condition_status, opening, patient_reference, tumour_id, tumour_identifier, tumour_party,
};
use super::registry_record::refuse_other_patient;
use super::{Existing, Ids, Mapped, Party, Trace};
use crate::domain::MetastasisEvent;
use crate::domain::common::Practitioner;
use crate::domain::metastasis_event::TumourReference;
use crate::fhir::systems::SNOMED;
use crate::fhir::{Issue, ResourceKey};
use crate::mapping::common::narrative::narrative;
use crate::mapping::common::practitioner::{self, Canonicals};
use crate::mapping::oncology::nl_core;

pub use condition::METASTASIS;
/// Profile of a tumour that a metastasis event names before its registry record has arrived.
pub const PLACEHOLDER: &str = "Overdracht-TumourPlaceholder";
const REPORTER: &str = "reporter";

/// The tumour, where it has a number, and the reporter.
pub fn parties(event: &MetastasisEvent) -> Vec<Party> {
    let reporter = event.content.reporter.iter().flat_map(practitioner::parties);
    tumour_party(&event.envelope, event.content.tumour.number()).into_iter().chain(reporter).collect()
}

/// # Errors
/// The tumour's number names a tumour of another patient.
pub fn map(event: &MetastasisEvent, ids: &Ids, existing: &Existing) -> Result<Mapped, Vec<Issue>> {
    let envelope = &event.envelope;
    let reference = &event.content.tumour;
    // A primary that is unknown and has no number has no record to refer to.
    let tumour = reference.number().map(|number| tumour_id(envelope, Some(number), ids));
    let key = tumour.as_ref().map(|id| ResourceKey::new("Condition", id.as_str()));
    let stored = key.and_then(|key| existing.resources.get(&key));
    refuse_other_patient(stored, ids)?;
    let mut mapped = Mapped::default();
    let trace = &mut mapped.trace;
    let mut resources = opening(envelope, ids, existing, trace);
    if let Some(reporter) = &event.content.reporter {
        let made = reporter_resources(reporter, ids, trace);
        resources.extend(made.into_iter().map(|resource| existing.merged(resource, trace)));
    }
    let facts = facts::of(event, stored);
    if let Some(id) = &tumour
        && stored.is_none_or(is_placeholder)
    {
        resources.push(placeholder(event, id, ids, trace));
    }
    facts::trace(event, tumour.as_deref(), trace);
    for (i, site) in event.content.sites.iter().enumerate() {
        resources.push(condition::metastasis(event, i, site, &facts, tumour.as_deref(), ids, trace));
    }
    mapped.warnings = facts::warnings(event, &facts);
    mapped.resources = resources;
    close(envelope, ids, &mut mapped);
    Ok(mapped)
}

fn reporter_resources(reporter: &Practitioner, ids: &Ids, trace: &mut Trace) -> Vec<Value> {
    practitioner::practitioner(reporter, ids, REPORTER, "/reporter", Canonicals::default(), trace)
}

/// Who says it: the reporter, or else the author.
fn asserter(event: &MetastasisEvent, ids: &Ids) -> Option<Value> {
    let author = event.envelope.source.author.as_ref().map(|author| (author, AUTHOR));
    let (who, concept) = event.content.reporter.as_ref().map(|one| (one, REPORTER)).or(author)?;
    Some(practitioner::role_reference(who, ids, concept))
}

fn is_placeholder(condition: &Value) -> bool {
    let ours = format!("{}{PLACEHOLDER}", crate::fhir::systems::PROFILE_BASE);
    condition["meta"]["profile"].as_array().is_some_and(|profiles| profiles.contains(&json!(ours)))
}

/// The tumour as far as an event knows it: its number. The registry record replaces it under the same id.
fn placeholder(event: &MetastasisEvent, id: &str, ids: &Ids, trace: &mut Trace) -> Value {
    let mut sheet = Sheet::new("Condition", id, PLACEHOLDER, &[&nl_core("nl-core-Problem")], "/tumour", trace);
    let unknown = matches!(event.content.tumour, TumourReference::Unknown { .. });
    let title = if unknown { "Kanker, primaire tumor onbekend" } else { "Kanker, registratie nog niet ontvangen" };
    sheet.set("text", narrative(title, &[]));
    if let Some(number) = event.content.tumour.number() {
        let identifier = tumour_identifier(&event.envelope, number);
        sheet.set("identifier", json!([{ "system": identifier.system, "value": identifier.value }]));
    }
    condition_status(&mut sheet, "encounter-diagnosis", ("unconfirmed", crate::fhir::systems::NULL_FLAVOR, "UNK"));
    sheet
        .set("code", json!({ "coding": [{ "system": SNOMED, "code": "363346000", "display": "maligne neoplasma" }], "text": title }))
        .set("subject", patient_reference(ids));
    sheet.build()
}
