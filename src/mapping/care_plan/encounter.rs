//! The conversation: Encounter, and the Procedure that it was held for.

use serde_json::{Value, json};

use super::context::{CONVERSATION, Context, pzp, snomed};
use crate::domain::common::codes::CONTACT_TYPE;
use crate::mapping::Trace;
use crate::mapping::common::element::{
    NL_CORE, NOT_STATED, Object, Spot, extension, extension_path, list_coding, list_words, reference, stated_as,
};
use crate::mapping::common::narrative::{self, narrative};

/// Whether the patient took part. `valueBoolean`.
pub(super) const PATIENT_PRESENT: &str = "https://overdracht.example/fhir/StructureDefinition/ext-PatientPresent";

const PARTICIPATION: &str = "http://terminology.hl7.org/CodeSystem/v3-ParticipationType";
/// Of a professional who did not hold the conversation.
const TOOK_PART: &str = "PART";

/// True for a participant who took part or assisted, and did not hold the conversation.
pub(super) fn took_part(participant: &Value) -> bool {
    let codings = participant["type"].as_array().into_iter().flatten().flat_map(|one| one["coding"].as_array());
    codings.flatten().any(|one| one["code"] == TOOK_PART || one["code"] == "SPRF")
}

pub fn encounter(context: Context<'_>, trace: &mut Trace) -> Option<Value> {
    if !context.has_conversation() {
        return None;
    }
    let id = context.id("encounter");
    let root = Spot::resource("", "Encounter", &id);
    let at = Spot::resource("/conversation", "Encounter", &id);
    let nl_core = format!("{NL_CORE}nl-core-Encounter");
    let mut resource = Object::resource("Encounter", &id, "Overdracht-Encounter", &[&pzp("ACP-Encounter"), &nl_core]);
    let conversation = context.content().conversation.as_ref();
    let kind = conversation.and_then(|one| one.contact_type.as_ref());
    resource.set(
        "text",
        narrative(
            "Gesprek over proactieve zorgplanning",
            &[
                ("Datum", context.date().map(|date| narrative::date(date.as_str())).unwrap_or_default()),
                ("Soort contact", kind.map(|code| list_words(CONTACT_TYPE, code)).unwrap_or_default()),
                ("Gevoerd door", display(context.conducted_by())),
            ],
        ),
    );
    resource.set("status", "finished");
    match kind {
        Some(kind) => {
            resource.set("class", list_coding(CONTACT_TYPE, kind));
            trace.code(&at.down("contactType", "class"), kind);
        }
        None => {
            let absent = "http://hl7.org/fhir/StructureDefinition/data-absent-reason";
            resource.set("class", json!({ "extension": [extension(absent, "valueCode", "unknown")] }));
            trace.defaulted(&at.down("contactType", "class"), "FHIR asks for a class; marked as not known");
        }
    }
    resource.set("subject", context.patient());
    if let Some(present) = conversation.and_then(|one| one.patient_present) {
        resource.set("extension", json!([extension(PATIENT_PRESENT, "valueBoolean", present)]));
        trace.carried(&at.down("patientPresent", &extension_path(PATIENT_PRESENT)));
    }
    resource.list("participant", participants(context, &at, trace));
    if let Some(date) = context.date() {
        let started = conversation.is_some_and(|one| one.started_at.is_some());
        let spot = if started { at.down("startedAt", "period.start") } else { root.down("filledInAt", "period.start") };
        if started {
            resource.set("period", json!({ "start": date.as_str() }));
        } else {
            resource.set("period", json!({ "start": date.as_str(), "_start": stated_as(NOT_STATED) }));
        }
        trace.carried(&spot);
    }
    let mut reason = reference("Procedure", &context.id("procedure"), Some(CONVERSATION.1.to_owned()));
    if let Some(comment) = conversation.and_then(|one| one.reason_comment.as_deref()) {
        let url = format!("{NL_CORE}ext-Comment");
        reason["extension"] = json!([extension(&url, "valueString", comment)]);
        trace.carried(&at.down("reasonComment", &format!("reasonReference[0].{}", extension_path(&url))));
    }
    resource.set("reasonReference", json!([reason]));
    Some(resource.build())
}

fn participants(context: Context<'_>, at: &Spot, trace: &mut Trace) -> Vec<Value> {
    let Some(conversation) = &context.content().conversation else { return Vec::new() };
    let mut participants = Vec::new();
    if let Some(professional) = context.conducted_by() {
        participants.push(json!({ "individual": professional }));
        trace.converted(&at.down("conductedBy", "participant[0].individual"), "a key became a reference");
    }
    for (i, key) in conversation.practitioners_present.iter().enumerate() {
        let Some(professional) = context.practitioner(key) else { continue };
        let element = format!("participant[{}].individual", participants.len());
        trace.converted(&at.down(&format!("practitionersPresent/{i}"), &element), "a key became a reference");
        let kind = json!([{ "coding": [{ "system": PARTICIPATION, "code": TOOK_PART }] }]);
        participants.push(json!({ "type": kind, "individual": professional }));
    }
    for (i, key) in conversation.contact_persons_present.iter().enumerate() {
        let element = format!("participant[{}].individual", participants.len());
        trace.converted(&at.down(&format!("contactPersonsPresent/{i}"), &element), "a key became a reference");
        participants.push(json!({ "individual": context.person(key) }));
    }
    participants
}

pub fn procedure(context: Context<'_>, trace: &mut Trace) -> Option<Value> {
    let encounter = context.encounter()?;
    let id = context.id("procedure");
    let nl_core = format!("{NL_CORE}nl-core-Procedure-event");
    let mut resource = Object::resource("Procedure", &id, "Overdracht-Procedure", &[&pzp("ACP-Procedure"), &nl_core]);
    let date = context.date();
    let said = date.map(|date| narrative::date(date.as_str())).unwrap_or_default();
    resource.set("text", narrative("Proactieve zorgplanning", &[("Datum", said)]));
    resource.set("status", "completed").set("code", snomed(CONVERSATION.0, CONVERSATION.1));
    trace.defaulted(
        &Spot::resource("/conversation", "Procedure", &id).element("code"),
        "every care plan comes from a conversation about advance care planning",
    );
    resource.set("subject", context.patient()).set("encounter", encounter);
    if let Some(date) = date {
        resource.set("performedPeriod", json!({ "start": date.as_str() }));
    }
    if let Some(professional) = context.conducted_by() {
        resource.set("performer", json!([{ "actor": professional }]));
    }
    Some(resource.build())
}

fn display(reference: Option<Value>) -> String {
    reference.and_then(|one| one["display"].as_str().map(str::to_owned)).unwrap_or_default()
}
