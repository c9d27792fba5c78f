//! What the care team expects, and what of it was told: a ClinicalImpression.

use serde_json::{Value, json};

use super::Context;
use crate::domain::Coded;
use crate::domain::registry_record::ExpectedCourse;
use crate::mapping::Trace;
use crate::mapping::common::element::extension;
use crate::mapping::common::narrative::{self, narrative};
use crate::mapping::oncology::{Sheet, concept, condition_reference, ours, ours_path, patient_reference};

pub const EXPECTED_COURSE: &str = "Overdracht-ExpectedCourse";

pub fn expected(context: &Context<'_>, trace: &mut Trace) -> Vec<Value> {
    let mut resources = Vec::new();
    for (i, course) in context.record.content.expected_courses.iter().enumerate() {
        let id = context.ids.derived(&format!("expected-course/{}", course.date));
        let at = format!("/expectedCourses/{i}");
        let mut sheet = Sheet::new("ClinicalImpression", &id, EXPECTED_COURSE, &[], &at, &mut *trace);
        sheet
            .set("text", text(course))
            .set("status", "completed")
            .set("subject", patient_reference(context.ids))
            .set("problem", json!([condition_reference(&context.tumour)]));
        sheet.carry("date", "effectiveDateTime", course.date.to_string());
        let mut outlook = concept(course.outlook);
        outlook["text"] = json!(course.outlook.dutch());
        sheet.carry("outlook", "prognosisCodeableConcept", json!([outlook]));
        if let Some(statement) = &course.statement {
            sheet.carry("statement", "summary", statement.as_str());
        }
        told(&mut sheet, course);
        resources.push(sheet.build());
    }
    resources
}

fn told(sheet: &mut Sheet, course: &ExpectedCourse) {
    let mut parts = vec![extension("answer", "valueCodeableConcept", concept(course.told))];
    sheet.carried("told", &format!("{}.extension('answer')", ours_path("ext-ToldToPatient")));
    if let Some(date) = course.told_on {
        parts.push(extension("date", "valueDateTime", date.to_string()));
        sheet.carried("toldOn", &format!("{}.extension('date')", ours_path("ext-ToldToPatient")));
    }
    if let Some(words) = &course.told_words {
        parts.push(extension("words", "valueString", words.as_str()));
        sheet.carried("toldWords", &format!("{}.extension('words')", ours_path("ext-ToldToPatient")));
    }
    sheet.extend(json!({ "url": ours("ext-ToldToPatient"), "extension": parts }));
}

fn text(course: &ExpectedCourse) -> Value {
    let on = course.told_on.map(|date| format!(" op {}", narrative::date(&date.to_string()))).unwrap_or_default();
    narrative(
        "Verwacht beloop",
        &[
            ("Beoordeeld op", narrative::date(&course.date.to_string())),
            ("Verwachting", course.outlook.dutch().to_owned()),
            ("Toelichting", course.statement.clone().unwrap_or_default()),
            ("Aan de patiënt verteld", format!("{}{on}", course.told.dutch())),
            ("Wat is verteld", course.told_words.clone().unwrap_or_default()),
        ],
    )
}
