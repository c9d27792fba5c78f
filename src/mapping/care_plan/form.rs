//! The plan as a filled form, so that whoever asks for the form finds one, whichever way the plan came.

use serde_json::{Value, json};

use super::context::Context;
use crate::mapping::Trace;
use crate::mapping::common::element::Object;
use crate::mapping::common::narrative::{self, narrative};
use crate::mapping::common::{practitioner, provenance};
use crate::mapping::questionnaire_response::{Edition, write};

/// Our profile of a filled form.
pub const FORM_PROFILE: &str = "Overdracht-QuestionnaireResponse";
/// The concept under which the form's id is derived.
pub const FORM: &str = "form";

/// The QuestionnaireResponse of the plan on the form of 1.0.0-rc2, and what became in it of every field of the plan.
pub fn form(context: Context<'_>) -> (Value, Trace) {
    let envelope = &context.plan.envelope;
    let written = write(context.plan, Edition::Zib2020);
    let mut resource = Object::resource("QuestionnaireResponse", &context.id(FORM), FORM_PROFILE, &[]);
    let filled_in = context.date().map(|date| narrative::date(date.as_str()));
    let recorded = narrative::date(&envelope.recorded_at.to_string());
    let rows = [("Ingevuld", filled_in.unwrap_or_default()), ("Vastgelegd", recorded)];
    resource.set("text", narrative("Formulier proactieve zorgplanning", &rows));
    resource.set("identifier", json!({ "system": provenance::DOCUMENT_ID, "value": envelope.document_id }));
    resource.set("questionnaire", Edition::Zib2020.canonical()).set("status", "completed");
    resource.set("subject", context.patient()).maybe("encounter", context.encounter());
    resource.set("authored", envelope.recorded_at.to_string());
    let author = envelope.source.author.as_ref();
    let author = author.map(|author| practitioner::role_reference(author, context.ids, super::AUTHOR));
    // STU3 has no form by an organisation: without a professional there is no author.
    resource.maybe("author", context.conducted_by().or(author));
    resource.list("item", written.items);
    (resource.build(), written.trace)
}
