//! Procedures: each treatment, the response to it, and decisions not to treat.

use serde_json::{Value, json};

use super::{Context, observation};
use crate::domain::Coded;
use crate::domain::registry_record::{Outcome, Response, Treatment, TreatmentKind, TreatmentStatus};
use crate::fhir::systems::{LOINC, SNOMED};
use crate::mapping::Trace;
use crate::mapping::common::element::{concept_of, extension};
use crate::mapping::common::narrative::{self, narrative};
use crate::mapping::oncology::{
    EPISODE, Sheet, answer, code_system, coding, concept, condition_reference, nl_core, numbers_of, ours, ours_path,
    patient_reference,
};

pub const TREATMENT: &str = "Overdracht-OncologyTreatment";
pub const NO_TREATMENT: &str = "Overdracht-NoTumourTreatment";
pub const RESPONSE: &str = "Overdracht-TreatmentResponse";

/// SNOMED CT procedure of each kind; the kind itself is in `ext-TreatmentKind`.
fn snomed(kind: TreatmentKind) -> (&'static str, &'static str) {
    match kind {
        TreatmentKind::Chemotherapy => ("367336001", "chemotherapie"),
        TreatmentKind::HormoneTherapy => ("169413002", "hormonale therapie"),
        TreatmentKind::TargetedTherapy => DRUGS,
        TreatmentKind::Immunotherapy => ("76334006", "immunotherapie"),
        TreatmentKind::SurgeryOfPrimary | TreatmentKind::Metastasectomy => ("387713003", "chirurgische verrichting"),
        TreatmentKind::Ablation => ("387713003", "chirurgische verrichting"),
        TreatmentKind::Hipec => ("367336001", "chemotherapie"),
        TreatmentKind::RadiotherapyOfPrimary | TreatmentKind::RadiotherapyOfMetastases => {
            ("108290001", "radiotherapie")
        }
    }
}

/// Of a combination of medicines.
const DRUGS: (&str, &str) = ("416608005", "medicamenteuze behandeling");

fn status(status: TreatmentStatus) -> &'static str {
    match status {
        TreatmentStatus::Planned => "preparation",
        TreatmentStatus::Ongoing => "in-progress",
        TreatmentStatus::Completed => "completed",
        TreatmentStatus::Stopped => "stopped",
    }
}

/// Period, subject, tumour and episode: what treatments share.
fn base(sheet: &mut Sheet, context: &Context<'_>) {
    let episode = json!({ "reference": format!("EpisodeOfCare/{}", context.ids.derived("episode-of-care")) });
    sheet
        .extend(extension(EPISODE, "valueReference", episode))
        .set("subject", patient_reference(context.ids))
        .set("reasonReference", json!([condition_reference(&context.tumour)]));
}

pub fn treatments(context: &Context<'_>, trace: &mut Trace) -> Vec<Value> {
    let mut resources = Vec::new();
    for (i, treatment) in context.record.content.treatments.iter().enumerate() {
        let at = format!("/treatments/{i}");
        let id = context.ids.derived(&format!("treatment/{}", treatment.id));
        resources.push(procedure(context, &id, treatment, &at, trace));
        resources.extend(response(context, &id, treatment, &at, trace));
    }
    resources
}

/// `carboplatine met pembrolizumab` in words: kinds, and medicines in brackets.
pub fn title(treatment: &Treatment) -> String {
    let kinds = treatment.kinds.iter().map(|kind| kind.dutch()).collect::<Vec<_>>().join(" met ");
    let agents =
        if treatment.agents.is_empty() { String::new() } else { format!(" ({})", treatment.agents.join(", ")) };
    format!("{kinds}{agents}")
}

fn procedure(context: &Context<'_>, id: &str, treatment: &Treatment, at: &str, trace: &mut Trace) -> Value {
    let mut sheet = Sheet::new("Procedure", id, TREATMENT, &[&nl_core("nl-core-Procedure-event")], at, trace);
    sheet.set("text", text(treatment));
    base(&mut sheet, context);
    let identifier = json!([{ "system": numbers_of(&context.ids.source, "treatment"), "value": treatment.id }]);
    sheet.carried("id", "identifier[0].value").set("identifier", identifier);
    sheet.convert("status", "status", status(treatment.status), "in the words of FHIR");
    let (code, display) = match treatment.kinds.as_slice() {
        [one] => snomed(*one),
        _ if treatment.is_systemic() => DRUGS,
        several => several.first().map_or(DRUGS, |kind| snomed(*kind)),
    };
    let mut concept_of_kind = concept_of(SNOMED, code, display);
    concept_of_kind["text"] = json!(title(treatment));
    sheet.set("code", concept_of_kind);
    for (i, kind) in treatment.kinds.iter().enumerate() {
        sheet.answer(&format!("kinds/{i}"), "ext-TreatmentKind", Some(*kind));
    }
    if let Some(line) = treatment.line {
        sheet.carried("line", &ours_path("ext-TreatmentLine"));
        sheet.extend(extension(&ours("ext-TreatmentLine"), "valuePositiveInt", line));
    }
    sheet.answer("intent", "ext-TreatmentIntent", treatment.intent);
    sheet.answer("target", "ext-TreatmentTarget", treatment.target);
    for (i, site) in treatment.metastasis_sites.iter().enumerate() {
        sheet.answer(&format!("metastasisSites/{i}"), "ext-SiteGroup", Some(*site));
    }
    sheet.answer("technique", "ext-TreatmentTechnique", treatment.technique);
    for (i, agent) in treatment.agents.iter().enumerate() {
        sheet.words(&format!("agents/{i}"), "ext-TreatmentAgent", Some(agent));
    }
    let mut period = json!({});
    if let Some(start) = treatment.start {
        period["start"] = json!(start.to_string());
        sheet.carried("start", "performedPeriod.start");
    }
    if let Some(end) = treatment.end {
        period["end"] = json!(end.to_string());
        sheet.carried("end", "performedPeriod.end");
    }
    if treatment.start.is_some() || treatment.end.is_some() {
        sheet.set("performedPeriod", period);
    }
    sheet.note("description", treatment.description.as_deref());
    if let Some(outcome) = treatment.outcome {
        let code = match outcome {
            Outcome::Successful => "385669000",
            Outcome::PartiallySuccessful => "385670004",
            Outcome::Unsuccessful => "385671000",
        };
        sheet.convert("outcome", "outcome", concept_of(SNOMED, code, outcome.dutch()), "in the codes of FHIR");
    }
    changes(&mut sheet, treatment);
    sheet.build()
}

/// Each change with its reasons; why a treatment was stopped is the reason of its status too.
fn changes(sheet: &mut Sheet, treatment: &Treatment) {
    for (i, change) in treatment.changes.iter().enumerate() {
        let mut parts = vec![extension("change", "valueCodeableConcept", concept(change.change))];
        sheet.carried(
            &format!("changes/{i}/change"),
            &format!("{}.extension('change')", ours_path("ext-TreatmentChange")),
        );
        for (j, reason) in change.reasons.iter().enumerate() {
            parts.push(extension("reason", "valueCodeableConcept", concept(*reason)));
            sheet.carried(
                &format!("changes/{i}/reasons/{j}"),
                &format!("{}.extension('reason')", ours_path("ext-TreatmentChange")),
            );
        }
        if let Some(date) = change.date {
            parts.push(extension("date", "valueDateTime", date.to_string()));
            sheet.carried(
                &format!("changes/{i}/date"),
                &format!("{}.extension('date')", ours_path("ext-TreatmentChange")),
            );
        }
        if let Some(note) = &change.note {
            parts.push(extension("note", "valueString", note.as_str()));
            sheet.carried(
                &format!("changes/{i}/note"),
                &format!("{}.extension('note')", ours_path("ext-TreatmentChange")),
            );
        }
        sheet.extend(json!({ "url": ours("ext-TreatmentChange"), "extension": parts }));
    }
    let stop = treatment.changes.iter().rfind(|change| change.change.code() == "stopped");
    if let Some(stop) = stop.filter(|_| treatment.status == TreatmentStatus::Stopped) {
        sheet.set("statusReason", reasons(&stop.reasons));
    }
}

/// Reasons as one concept: coded where there is one, in words always.
fn reasons<C: Coded>(reasons: &[C]) -> Value {
    let words = reasons.iter().map(|reason| reason.dutch()).collect::<Vec<_>>().join("; ");
    match reasons {
        [one] => json!({ "coding": [coding(*one)], "text": words }),
        _ => json!({ "text": words }),
    }
}

fn text(treatment: &Treatment) -> Value {
    let on = |date: Option<crate::domain::PartialDate>| {
        date.map(|date| narrative::date(&date.to_string())).unwrap_or_default()
    };
    let words = |one: Option<&'static str>| one.unwrap_or_default().to_owned();
    let changes = treatment.changes.iter().map(|change| {
        let reasons = change.reasons.iter().map(|reason| reason.dutch()).collect::<Vec<_>>().join(", ");
        format!("{} ({reasons})", change.change.dutch())
    });
    narrative(
        "Behandeling",
        &[
            ("Wat", title(treatment)),
            ("Doel", words(treatment.intent.map(Coded::dutch))),
            ("Lijn", treatment.line.map(|line| line.to_string()).unwrap_or_default()),
            ("Status", treatment.status.dutch().to_owned()),
            ("Vanaf", on(treatment.start)),
            ("Tot", on(treatment.end)),
            ("Respons", words(treatment.response.as_ref().map(|response| response.result.dutch()))),
            ("Aangepast", changes.collect::<Vec<_>>().join("; ")),
            ("Toelichting", treatment.description.clone().unwrap_or_default()),
        ],
    )
}

/// Status of the disease after a treatment, with the codes of mCODE's cancer disease status.
fn response(
    context: &Context<'_>,
    procedure: &str,
    treatment: &Treatment,
    at: &str,
    trace: &mut Trace,
) -> Option<Value> {
    let response = treatment.response.as_ref()?;
    let id = context.ids.derived(&format!("response/{}", treatment.id));
    let mut sheet = Sheet::new("Observation", &id, RESPONSE, &[], &format!("{at}/response"), trace);
    let treated = title(treatment);
    sheet.set("text", narrative("Respons op behandeling", &[(treated.as_str(), response.result.dutch().to_owned())]));
    observation::base(&mut sheet, context, "exam");
    sheet
        .set("code", concept_of(LOINC, "97509-4", "Cancer disease progression"))
        .set("focus", json!([condition_reference(&context.tumour)]))
        .set("partOf", json!([{ "reference": format!("Procedure/{procedure}") }]));
    let code = match response.result {
        Response::Complete => "103338009",
        Response::Partial => "103337004",
        Response::Stable => "359746009",
        Response::Progression => "271299001",
        Response::NotEvaluable => "709137006",
    };
    let value = json!({ "coding": [
        { "system": SNOMED, "code": code },
        coding(response.result),
    ] });
    sheet.carry("result", "valueCodeableConcept", value);
    if let Some(date) = response.date {
        sheet.carry("date", "effectiveDateTime", date.to_string());
    }
    Some(sheet.build())
}

/// A Procedure that was not done: no treatment of the tumour, and why.
pub fn no_treatment(context: &Context<'_>, trace: &mut Trace) -> Vec<Value> {
    let mut resources = Vec::new();
    for (i, decision) in context.record.content.no_treatment_decisions.iter().enumerate() {
        let id = context.ids.derived(&format!("no-treatment/{}", decision.date));
        let at = format!("/noTreatmentDecisions/{i}");
        // The zib asks for a code of what was done: that nothing is done is not its Procedure.
        let mut sheet = Sheet::new("Procedure", &id, NO_TREATMENT, &[], &at, &mut *trace);
        let words = decision.reasons.iter().map(|reason| reason.dutch()).collect::<Vec<_>>().join("; ");
        sheet.set(
            "text",
            narrative(
                "Geen (verdere) behandeling van de tumor",
                &[
                    ("Besloten op", narrative::date(&decision.date.to_string())),
                    ("Reden", words),
                    ("Toelichting", decision.note.clone().unwrap_or_default()),
                ],
            ),
        );
        base(&mut sheet, context);
        sheet.set("status", "not-done").set("statusReason", reasons(&decision.reasons));
        let mut code = json!({ "coding": [{ "system": code_system("Finding"), "code": "tumour-directed-treatment" }] });
        code["text"] = json!("behandeling gericht op de tumor");
        sheet.set("code", code);
        for (j, reason) in decision.reasons.iter().enumerate() {
            sheet.carried(&format!("reasons/{j}"), &ours_path("ext-NoTreatmentReason"));
            sheet.extend(answer("ext-NoTreatmentReason", *reason));
        }
        sheet.carry("date", "performedDateTime", decision.date.to_string());
        sheet.note("note", decision.note.as_deref());
        resources.push(sheet.build());
    }
    resources
}
