//! Observations: TNM and other stages, tumour characteristics, performance status, cause of death.

use serde_json::{Value, json};

use super::{Context, condition};
use crate::domain::registry_record::PerformanceScore;
use crate::domain::tumour::{Axis, Classification, Marker, MarkerResult, StagingSystem, Tnm};
use crate::domain::{Coded, PartialDate, keys};
use crate::fhir::systems::{ICD10_NL, LOINC, NULL_FLAVOR, OVERDRACHT, SNOMED};
use crate::mapping::Trace;
use crate::mapping::common::element::concept_of;
use crate::mapping::common::narrative::{self, narrative};
use crate::mapping::oncology::{
    Sheet, answer, code_system, concept, condition_reference, observation_category, patient_reference,
};

pub const TNM_CATEGORY: &str = "Overdracht-TnmCategory";
pub const STAGE: &str = "Overdracht-Stage";
pub const CHARACTERISTIC: &str = "Overdracht-TumourCharacteristic";
pub const PERFORMANCE: &str = "Overdracht-PerformanceStatus";
pub const CAUSE_OF_DEATH: &str = "Overdracht-CauseOfDeath";

/// What every Observation of the record carries.
pub fn base(sheet: &mut Sheet, context: &Context<'_>, category: &str) {
    sheet
        .set("status", "final")
        .set("category", observation_category(category))
        .set("subject", patient_reference(context.ids));
}

/// The tumour as what the Observation is about.
fn about_tumour(sheet: &mut Sheet, context: &Context<'_>) {
    sheet.set("focus", json!([condition_reference(&context.tumour)]));
}

fn effective(sheet: &mut Sheet, date: Option<PartialDate>) {
    if let Some(date) = date {
        sheet.carry("date", "effectiveDateTime", date.to_string());
    }
}

/// Observations of all stages, and `Condition.stage`.
pub fn staging(context: &Context<'_>, trace: &mut Trace) -> (Vec<Value>, Vec<Value>) {
    let (mut resources, mut stages) = (Vec::new(), Vec::new());
    for (i, tnm) in context.record.content.tumour.tnm.iter().enumerate() {
        let at = format!("/tumour/tnm/{i}");
        let key = keys::tnm(tnm);
        let mut members = Vec::new();
        for (axis, category) in tnm.categories() {
            let id = context.ids.derived(&format!("tnm/{key}/{axis:?}"));
            let value = category.within(tnm.classification);
            resources.push(category_observation(context, &id, tnm, axis, &value, &at, trace));
            members.push(id);
        }
        let id = context.ids.derived(&format!("tnm/{key}"));
        resources.push(tnm_stage(context, &id, tnm, &members, &at, trace));
        let mut assessments = vec![id];
        assessments.extend(members);
        stages.push(condition::stage(stage_summary(tnm), &assessments, tnm.classification));
    }
    for (i, stage) in context.record.content.tumour.other_stages.iter().enumerate() {
        let id = context.ids.derived(&format!("stage/{}", keys::other_stage(stage)));
        let mut sheet = Sheet::new("Observation", &id, STAGE, &[], &format!("/tumour/otherStages/{i}"), &mut *trace);
        let system = stage.name.clone().unwrap_or_else(|| stage.system.dutch().to_owned());
        sheet.set("text", narrative("Stadium", &[(system.as_str(), stage.stage.clone())]));
        base(&mut sheet, context, "exam");
        about_tumour(&mut sheet, context);
        let mut code = concept(stage.system);
        code["text"] = json!(system);
        sheet.carried("system", "code.coding[0]").set("code", code);
        if stage.name.is_some() {
            sheet.carried("name", "code.text");
        }
        sheet.carry("stage", "valueCodeableConcept", stage_value(stage.system, &stage.stage));
        effective(&mut sheet, stage.date);
        resources.push(sheet.build());
        let summary = json!({ "text": format!("{system} {}", stage.stage) });
        stages.push(condition::stage(summary, &[id], stage.system));
    }
    (resources, stages)
}

/// A stage as a code of its system, where the system is one that we list.
fn stage_value(system: StagingSystem, stage: &str) -> Value {
    match system {
        StagingSystem::Other => json!({ "text": stage }),
        listed => {
            let system = format!("{OVERDRACHT}/CodeSystem/stage-{}", listed.code().to_lowercase());
            json!({ "coding": [{ "system": system, "code": stage }], "text": stage })
        }
    }
}

fn stage_summary(tnm: &Tnm) -> Value {
    let words = match (&tnm.stage_group, tnm.text()) {
        (Some(group), text) if text.is_empty() => format!("stadium {group}"),
        (Some(group), text) => format!("stadium {group} ({text})"),
        (None, text) => text,
    };
    json!({ "text": words })
}

/// The system of TNM categories and stage groups: the letters are the classification's own, the content is not carried.
fn tnm_value(value: &str, context: &Context<'_>, tnm: &Tnm) -> Value {
    let mut coding = json!({ "system": format!("{OVERDRACHT}/CodeSystem/tnm"), "code": value });
    if let Some(edition) = context.record.content.tumour.edition_of(tnm) {
        coding["version"] = json!(edition.code());
    }
    json!({ "coding": [coding], "text": value })
}

/// Method (edition) and what the classification rests on. Every Observation of a TNM says both.
fn tnm_frame(sheet: &mut Sheet, context: &Context<'_>, tnm: &Tnm) {
    base(sheet, context, "exam");
    about_tumour(sheet, context);
    sheet.answer("classification", "ext-TnmClassification", Some(tnm.classification));
    match (tnm.edition, context.record.content.tumour.edition_of(tnm)) {
        (Some(edition), _) => {
            sheet.carry("edition", "method", concept(edition));
        }
        (None, Some(edition)) => {
            sheet.set("method", concept(edition)).defaulted("method", "follows from kind and incidence date");
        }
        (None, None) => {}
    }
    effective(sheet, tnm.date);
}

fn category_observation(
    context: &Context<'_>,
    id: &str,
    tnm: &Tnm,
    axis: Axis,
    value: &str,
    at: &str,
    trace: &mut Trace,
) -> Value {
    let mut sheet = Sheet::new("Observation", id, TNM_CATEGORY, &[], at, trace);
    let (field, code, display) = match axis {
        Axis::T => ("t", "78873005", "T-categorie"),
        Axis::N => ("n", "277206009", "N-categorie"),
        Axis::M => ("m", "277208005", "M-categorie"),
    };
    sheet.set("text", narrative("TNM", &[(display, value.to_owned())]));
    tnm_frame(&mut sheet, context, tnm);
    sheet.set("code", concept_of(SNOMED, code, display));
    sheet.convert(
        field,
        "valueCodeableConcept",
        tnm_value(value, context, tnm),
        "with the letter of its classification, where none was written",
    );
    sheet.build()
}

fn tnm_stage(context: &Context<'_>, id: &str, tnm: &Tnm, members: &[String], at: &str, trace: &mut Trace) -> Value {
    let mut sheet = Sheet::new("Observation", id, STAGE, &[], at, trace);
    let (code, display) = match tnm.classification {
        Classification::Clinical => ("399537006", "klinische stadiumgroep"),
        Classification::Pathological => ("399588009", "pathologische stadiumgroep"),
    };
    let group = tnm.stage_group.clone();
    let rows = [("Stadium", group.clone().unwrap_or_default()), ("TNM", tnm.text())];
    sheet.set("text", narrative("TNM-stadium", &rows));
    tnm_frame(&mut sheet, context, tnm);
    sheet.set("code", concept_of(SNOMED, code, display));
    match group {
        Some(group) => {
            sheet.carry("stageGroup", "valueCodeableConcept", tnm_value(&group, context, tnm));
        }
        None => {
            sheet.set("dataAbsentReason", absent());
        }
    }
    if !members.is_empty() {
        let members: Vec<Value> =
            members.iter().map(|id| json!({ "reference": format!("Observation/{id}") })).collect();
        sheet.set("hasMember", members);
    }
    sheet.build()
}

/// `unknown` as the reason why there is no value.
pub fn absent() -> Value {
    json!({ "coding": [{ "system": "http://terminology.hl7.org/CodeSystem/data-absent-reason", "code": "unknown" }] })
}

pub fn characteristics(context: &Context<'_>, trace: &mut Trace) -> Vec<Value> {
    let mut resources = Vec::new();
    for (i, one) in context.record.content.tumour.characteristics.iter().enumerate() {
        let id = context.ids.derived(&format!("characteristic/{}", keys::characteristic(one)));
        let at = format!("/tumour/characteristics/{i}");
        let mut sheet = Sheet::new("Observation", &id, CHARACTERISTIC, &[], &at, &mut *trace);
        let name = one.name.clone().unwrap_or_else(|| one.marker.dutch().to_owned());
        let detail = one.detail.as_ref().map(|detail| format!(" ({detail})")).unwrap_or_default();
        let words = format!("{}{detail}", one.result.dutch());
        sheet.set("text", narrative("Tumorkenmerk", &[(name.as_str(), words.clone())]));
        base(&mut sheet, context, "laboratory");
        about_tumour(&mut sheet, context);
        let code = if one.marker == Marker::Other { json!({ "text": name }) } else { concept(one.marker) };
        match one.marker {
            Marker::Other => sheet.converted("marker", "code", "the name alone says which one it is"),
            _ => sheet.carried("marker", "code"),
        };
        sheet.set("code", code);
        if one.name.is_some() {
            sheet.carried("name", "code.text");
        }
        let mut value = concept(one.result);
        value["text"] = json!(words);
        if one.result == MarkerResult::Unknown && one.detail.is_none() {
            sheet.convert("result", "dataAbsentReason", absent(), "an unknown result is no value");
        } else {
            sheet.carry("result", "valueCodeableConcept", value);
        }
        if one.detail.is_some() {
            sheet.converted("detail", "valueCodeableConcept.text", "in brackets behind the result");
        }
        effective(&mut sheet, one.date);
        resources.push(sheet.build());
    }
    resources
}

pub fn performance(context: &Context<'_>, trace: &mut Trace) -> Vec<Value> {
    let mut resources = Vec::new();
    for (i, one) in context.record.content.performance_statuses.iter().enumerate() {
        let id = context.ids.derived(&format!("performance-status/{}", one.date));
        let at = format!("/performanceStatuses/{i}");
        let mut sheet = Sheet::new("Observation", &id, PERFORMANCE, &[], &at, &mut *trace);
        let on = narrative::date(&one.date.to_string());
        sheet.set("text", narrative("Performance status", &[(on.as_str(), one.score.dutch().to_owned())]));
        base(&mut sheet, context, "survey");
        sheet.set("code", concept_of(LOINC, "89247-1", "ECOG Performance Status score"));
        match one.score {
            PerformanceScore::Unknown => {
                sheet.convert("score", "dataAbsentReason", absent(), "an unknown score is no value");
            }
            score => {
                // The codes of the other scores are their numbers.
                let number: u8 = score.code().parse().unwrap_or_default();
                sheet.extend(answer("ext-PerformanceScore", score)).carry("score", "valueInteger", number);
            }
        }
        effective(&mut sheet, Some(one.date));
        resources.push(sheet.build());
    }
    resources
}

pub fn cause_of_death(context: &Context<'_>, trace: &mut Trace) -> Option<Value> {
    let cause = context.record.content.cause_of_death.as_ref()?;
    let id = context.ids.derived("cause-of-death");
    let mut sheet = Sheet::new("Observation", &id, CAUSE_OF_DEATH, &[], "/causeOfDeath", trace);
    let icd10 = cause.icd10.as_ref().map(|code| code.as_str().to_owned());
    let words = [cause.description.clone(), icd10.clone()].into_iter().flatten().collect::<Vec<_>>().join(", ");
    sheet.set("text", narrative("Doodsoorzaak", &[("Oorzaak", words)]));
    base(&mut sheet, context, "exam");
    sheet.set(
        "code",
        json!({ "coding": [{ "system": code_system("Finding"), "code": "cause-of-death" }], "text": "doodsoorzaak" }),
    );
    let mut value = json!({});
    if let Some(code) = icd10 {
        value["coding"] = json!([{ "system": ICD10_NL, "code": code }]);
        sheet.carried("icd10", "valueCodeableConcept.coding[0]");
    }
    if let Some(words) = &cause.description {
        value["text"] = json!(words);
        sheet.carried("description", "valueCodeableConcept.text");
    }
    sheet.set("valueCodeableConcept", value);
    if let Some(date) = &context.record.envelope.patient.deceased_date {
        sheet.set("effectiveDateTime", date.as_str());
    }
    Some(sheet.build())
}

/// Not known, in the words of the null flavours.
pub fn unknown_class() -> Value {
    json!({ "system": NULL_FLAVOR, "code": "UNK" })
}
