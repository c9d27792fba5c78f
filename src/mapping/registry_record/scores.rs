//! What the patient reports: a questionnaire is one Observation with a component for each scale.

use serde_json::{Number, Value, json};

use super::{Context, observation};
use crate::domain::PartialDate;
use crate::mapping::Trace;
use crate::mapping::common::narrative::narrative;
use crate::mapping::oncology::{Sheet, code_system};

pub const SCORES: &str = "Overdracht-PatientReportedOutcome";

/// A filled-in questionnaire.
struct Form<'d> {
    /// Name of the list of its scales, and of the property.
    list: &'static str,
    property: &'static str,
    title: &'static str,
    date: PartialDate,
    scored: Vec<(&'static str, &'static str, &'d Number)>,
}

pub fn scores(context: &Context<'_>, trace: &mut Trace) -> Vec<Value> {
    let content = &context.record.content;
    let c30 = content.qlq_c30.iter().enumerate().map(|(i, one)| {
        (i, Form { list: "QlqC30", property: "qlqC30", title: "EORTC QLQ-C30", date: one.date, scored: one.scored() })
    });
    let four = content.four_dimensional.iter().enumerate().map(|(i, one)| {
        let title = "Klachten in vier dimensies";
        (i, Form { list: "FourDimensional", property: "fourDimensional", title, date: one.date, scored: one.scored() })
    });
    c30.chain(four).map(|(i, form)| panel(context, i, &form, trace)).collect()
}

fn panel(context: &Context<'_>, index: usize, form: &Form<'_>, trace: &mut Trace) -> Value {
    let id = context.ids.derived(&format!("{}/{}", form.property, form.date));
    let at = format!("/{}/{index}", form.property);
    let mut sheet = Sheet::new("Observation", &id, SCORES, &[], &at, trace);
    let rows: Vec<(&str, String)> = form.scored.iter().map(|(_, dutch, score)| (*dutch, score.to_string())).collect();
    sheet.set("text", narrative(form.title, &rows));
    observation::base(&mut sheet, context, "survey");
    let system = code_system("PatientReportedOutcome");
    sheet.set("code", json!({ "coding": [{ "system": system, "code": form.property }], "text": form.title }));
    sheet.carry("date", "effectiveDateTime", form.date.to_string());
    let mut components = Vec::new();
    for (code, dutch, score) in &form.scored {
        sheet.carried(code, &format!("component[{}].valueQuantity.value", components.len()));
        components.push(json!({
            "code": { "coding": [{ "system": code_system(form.list), "code": code, "display": dutch }] },
            "valueQuantity": { "value": score, "unit": "score", "system": crate::fhir::systems::UCUM, "code": "{score}" },
        }));
    }
    sheet.set("component", components);
    sheet.build()
}
