//! The Condition of the tumour, and those of other conditions that matter for its treatment.

use serde_json::{Value, json};

use super::Context;
use crate::domain::metastasis_event::FirstTreatment;
use crate::domain::tumour::{CancerKind, Primary, national_scope};
use crate::domain::tumour::{Scope, Tumour};
use crate::domain::{Coded, PartialDate};
use crate::fhir::systems::{ICD_O_3, ICD10_NL};
use crate::mapping::Trace;
use crate::mapping::common::element::extension;
use crate::mapping::common::narrative::{self, narrative};
use crate::mapping::oncology::{
    ASSERTED_DATE, CONFIRMED, Sheet, answer, body_site, concept, condition_status, nl_core, ours, ours_path,
    patient_reference, recorder, side_path, tumour_identifier,
};

/// Profile of the Condition of a tumour.
pub const PRIMARY: &str = "Overdracht-PrimaryTumour";
/// Profile of another condition of the patient.
pub const COMORBIDITY: &str = "Overdracht-Comorbidity";

/// The tumour. `stages` is its `stage`, made with the Observations that it rests on.
pub fn primary(context: &Context<'_>, stored: Option<&Value>, stages: Vec<Value>, trace: &mut Trace) -> Value {
    let record = context.record;
    let tumour = &record.content.tumour;
    let problem = nl_core("nl-core-Problem");
    let mut sheet = Sheet::new("Condition", &context.tumour, PRIMARY, &[&problem], "/tumour", trace);
    sheet.set("text", text(tumour));
    if let Some(number) = &tumour.number {
        let identifier = tumour_identifier(&record.envelope, number);
        let value = json!([{ "system": identifier.system, "value": identifier.value }]);
        sheet.carried("number", "identifier[0].value").set("identifier", value);
    }
    condition_status(&mut sheet, "encounter-diagnosis", CONFIRMED);
    sheet.defaulted("verificationStatus", "a registry record is of an established diagnosis");
    sheet.carried("icd10", "code.coding[0]").set(
        "code",
        json!({ "coding": [{ "system": ICD10_NL, "code": tumour.icd10.as_str() }], "text": title(tumour) }),
    );
    place(&mut sheet, &tumour.primary);
    sheet.set("subject", patient_reference(context.ids));
    sheet.dated("incidenceDate", ASSERTED_DATE, Some(tumour.incidence_date));
    recorded(&mut sheet, context, stored);
    if let Some(recorder) = recorder(&record.envelope, context.ids) {
        sheet.set("recorder", recorder);
    }
    if let Some(histology) = &tumour.histology {
        let code = format!("{}/{}", histology.morphology.as_str(), histology.behaviour.code());
        let value = json!({ "coding": [{ "system": ICD_O_3, "code": code, "display": histology.behaviour.dutch() }] });
        let together = "morphology and behaviour are one code";
        sheet.converted("histology/morphology", &ours_path("ext-Histology"), together);
        sheet.converted("histology/behaviour", &ours_path("ext-Histology"), together);
        sheet.extend(extension(&ours("ext-Histology"), "valueCodeableConcept", value));
        sheet.answer("histology/grade", "ext-Grade", histology.grade);
    }
    sheet.answer("basisOfDiagnosis", "ext-BasisOfDiagnosis", tumour.basis_of_diagnosis);
    derived(&mut sheet, context);
    if !stages.is_empty() {
        sheet.set("stage", stages);
    }
    sheet.build()
}

/// What is derived from the record and kept with the tumour: metastasis events and the counts rest on it.
fn derived(sheet: &mut Sheet, context: &Context<'_>) {
    let record = context.record;
    let tumour = &record.content.tumour;
    sheet.extend(answer("ext-CancerKind", tumour.kind()));
    sheet.defaulted(&ours_path("ext-CancerKind"), "derived from topography and morphology");
    if let Some(lung) = tumour.lung_kind() {
        sheet.extend(answer("ext-LungCancerKind", lung));
    }
    sheet.extend(extension(&ours("ext-RareCancer"), "valueBoolean", tumour.is_rare()));
    let first = match record.first_treatment() {
        FirstTreatment::Began { date } => extension(&ours("ext-FirstTreatment"), "valueDateTime", date.to_string()),
        FirstTreatment::Never => extension(&ours("ext-FirstTreatment"), "valueCode", "never"),
        FirstTreatment::NotKnown => extension(&ours("ext-FirstTreatment"), "valueCode", "not-known"),
    };
    sheet.extend(first);
    let birth = record.envelope.patient.birth_date.as_ref().and_then(|date| date.as_str().parse::<PartialDate>().ok());
    let scope = national_scope(tumour.primary.topography(), tumour.morphology(), birth, Some(tumour.incidence_date));
    if let Scope::Out(reason) = scope {
        sheet.extend(answer("ext-OutOfNationalScope", reason));
    }
}

fn place(sheet: &mut Sheet, primary: &Primary) {
    let status = match primary {
        Primary::Known { .. } => "known",
        Primary::Unknown => "unknown",
    };
    sheet.carried("primary/status", &ours_path("ext-PrimarySite"));
    sheet.extend(extension(&ours("ext-PrimarySite"), "valueCode", status));
    let Primary::Known { topography, laterality } = primary else { return };
    sheet.carried("primary/topography", "bodySite[0].coding");
    if laterality.is_some() {
        sheet.converted("primary/laterality", &side_path(), "in the code of the zib");
    }
    sheet.set("bodySite", json!([body_site(topography.as_str(), *laterality)]));
}

/// The first recording stays what it was: a later version of the record does not move it.
fn recorded(sheet: &mut Sheet, context: &Context<'_>, stored: Option<&Value>) {
    if let Some(date) = context.record.content.tumour.recorded_on {
        sheet.carry("recordedOn", "recordedDate", date.to_string());
        return;
    }
    let sent = context.record.envelope.recorded_at.to_string();
    let date = match stored.and_then(|condition| condition["recordedDate"].as_str()) {
        Some(stored) if *stored < *sent => stored.to_owned(),
        _ => sent,
    };
    sheet.set("recordedDate", date).defaulted("recordedDate", "when the first document of the tumour was recorded");
}

/// The tumour in Dutch words.
pub fn title(tumour: &Tumour) -> String {
    let side = tumour.primary.laterality().map(|side| format!(", {}", side.dutch())).unwrap_or_default();
    match tumour.kind() {
        CancerKind::PrimaryUnknown => "Kanker, primaire tumor onbekend".to_owned(),
        CancerKind::Other => format!("Kanker (ICD-10 {}){side}", tumour.icd10.as_str()),
        CancerKind::Melanoma => format!("Melanoom van de huid{side}"),
        kind => format!("Kanker van {}{side}", kind.dutch()),
    }
}

fn text(tumour: &Tumour) -> Value {
    let stage = tumour.tnm.iter().map(|tnm| {
        let group = tnm.stage_group.as_ref().map(|group| format!(" (stadium {group})")).unwrap_or_default();
        format!("{}{group}", tnm.text())
    });
    let others = tumour.other_stages.iter().map(|one| format!("{} {}", one.system.dutch(), one.stage));
    narrative(
        &title(tumour),
        &[
            ("Incidentiedatum", narrative::date(&tumour.incidence_date.to_string())),
            ("ICD-10", tumour.icd10.as_str().to_owned()),
            ("Zekerheid", tumour.basis_of_diagnosis.map(|basis| basis.dutch().to_owned()).unwrap_or_default()),
            ("Stadium", stage.chain(others).collect::<Vec<_>>().join("; ")),
        ],
    )
}

pub fn comorbidities(context: &Context<'_>, trace: &mut Trace) -> Vec<Value> {
    let problem = nl_core("nl-core-Problem");
    let mut resources = Vec::new();
    for (i, one) in context.record.content.comorbidities.iter().enumerate() {
        let id = context.ids.derived(&format!("comorbidity/{}", one.description));
        // The zib asks for a code: words alone are not its problem.
        let official: &[&str] = if one.coding.is_some() { &[problem.as_str()] } else { &[] };
        let mut sheet =
            Sheet::new("Condition", &id, COMORBIDITY, official, &format!("/comorbidities/{i}"), &mut *trace);
        let since = one.since.map(|date| narrative::date(&date.to_string())).unwrap_or_default();
        sheet.set("text", narrative("Bijkomende ziekte", &[("Naam", one.description.clone()), ("Sinds", since)]));
        condition_status(&mut sheet, "problem-list-item", CONFIRMED);
        let mut code = json!({});
        if let Some(coding) = &one.coding {
            code["coding"] = json!([coding]);
            sheet.carried("coding/system", "code.coding[0].system").carried("coding/code", "code.coding[0].code");
            if coding.display.is_some() {
                sheet.carried("coding/display", "code.coding[0].display");
            }
        }
        code["text"] = json!(one.description);
        sheet.carried("description", "code.text").set("code", code).set("subject", patient_reference(context.ids));
        if let Some(since) = one.since {
            sheet.carry("since", "onsetDateTime", since.to_string());
        }
        resources.push(sheet.build());
    }
    resources
}

/// One `stage` of the Condition.
pub fn stage(summary: Value, assessments: &[String], kind: impl Coded) -> Value {
    let assessments: Vec<Value> =
        assessments.iter().map(|id| json!({ "reference": format!("Observation/{id}") })).collect();
    json!({ "summary": summary, "assessment": assessments, "type": concept(kind) })
}
