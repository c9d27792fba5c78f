//! Registry record → Patient, Condition of the tumour, Observations, Procedures, EpisodeOfCare, Encounters and the
//! expected course.

mod condition;
mod course;
mod encounter;
mod observation;
mod procedure;
mod scores;
mod warnings;

use serde_json::{Value, json};

use super::metastasis_event::settle;
use super::oncology::{close, opening, ours, ours_path, tumour_id, tumour_party};
use super::{Existing, Ids, Mapped, Party};
use crate::domain::RegistryRecord;
use crate::fhir::{Issue, IssueCode, ResourceKey};
use crate::mapping::common::element::{Spot, extension};

/// The tumour, where it has a number.
pub fn parties(record: &RegistryRecord) -> Vec<Party> {
    tumour_party(&record.envelope, record.content.tumour.number.as_deref()).into_iter().collect()
}

/// What every part of the record needs to know.
struct Context<'d> {
    record: &'d RegistryRecord,
    ids: &'d Ids,
    /// Logical id of the tumour's Condition.
    tumour: String,
}

/// # Errors
/// The tumour's number names a tumour of another patient.
pub fn map(record: &RegistryRecord, ids: &Ids, existing: &Existing) -> Result<Mapped, Vec<Issue>> {
    let envelope = &record.envelope;
    let tumour = tumour_id(envelope, record.content.tumour.number.as_deref(), ids);
    let stored = existing.resources.get(&ResourceKey::new("Condition", tumour.as_str()));
    refuse_other_patient(stored, ids)?;
    let context = Context { record, ids, tumour };
    let mut mapped = Mapped { warnings: warnings::warnings(record), ..Mapped::default() };
    let trace = &mut mapped.trace;
    let mut resources = opening(envelope, ids, existing, trace);
    if let Some(opt_out) = record.content.registry_opt_out {
        let at = Spot::resource("/registryOptOut", "Patient", &ids.patient);
        trace.carried(&at.element(&ours_path("ext-RegistryOptOut")));
        put_extension(&mut resources[0], extension(&ours("ext-RegistryOptOut"), "valueBoolean", opt_out));
    }
    let (staging, stages) = observation::staging(&context, trace);
    resources.push(condition::primary(&context, stored, stages, trace));
    resources.extend(staging);
    resources.extend(observation::characteristics(&context, trace));
    resources.extend(observation::performance(&context, trace));
    resources.extend(observation::cause_of_death(&context, trace));
    resources.extend(condition::comorbidities(&context, trace));
    resources.push(encounter::episode(&context, trace));
    resources.extend(procedure::treatments(&context, trace));
    resources.extend(procedure::no_treatment(&context, trace));
    resources.extend(encounter::encounters(&context, trace));
    resources.extend(course::expected(&context, trace));
    resources.extend(scores::scores(&context, trace));
    mapped.settled = settle::settled(record, &context.tumour, existing);
    mapped.resources = resources;
    close(envelope, ids, &mut mapped);
    Ok(mapped)
}

/// A tumour belongs to one patient: a number that names another's is a mistake that must not join two people.
pub fn refuse_other_patient(stored: Option<&Value>, ids: &Ids) -> Result<(), Vec<Issue>> {
    let subject = stored.map(|condition| &condition["subject"]["reference"]);
    if subject.is_none_or(|subject| *subject == json!(format!("Patient/{}", ids.patient))) {
        return Ok(());
    }
    let text = "the number names a tumour of another patient";
    Err(vec![Issue::error(IssueCode::Conflict, "tumour-of-another-patient", text).at("/tumour/number")])
}

/// Sets an extension by its URL; others stay.
fn put_extension(resource: &mut Value, extension: Value) {
    let Some(object) = resource.as_object_mut() else { return };
    let list = object.entry("extension").or_insert_with(|| json!([]));
    if let Some(list) = list.as_array_mut() {
        list.retain(|other| other["url"] != extension["url"]);
        list.push(extension);
        list.sort_by_key(|one| one["url"].to_string());
    }
}
