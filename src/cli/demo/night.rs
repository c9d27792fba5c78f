//! The night GP's question, answered from what a FHIR search returned.

use serde_json::Value;

use crate::domain::common::codes::untagged;

/// What a locum asks first, in the order of urgency: SNOMED CT code of the treatment, and the Dutch words.
const ORDER: [(&str, &str); 7] = [
    ("89666000", "reanimatie"),
    ("32485007", "ziekenhuisopname"),
    ("305351004", "opname op intensive care"),
    ("40617009", "beademing"),
    ("281789004", "antibiotica"),
    ("116762002", "bloedproducten"),
    ("400231000146108", "ICD uitzetten"),
];
/// What the patient wants to tell, by code of the Observation.
const WISHES: [(&str, &str); 2] = [("395091006", "plek van overlijden"), ("153851000146100", "wensen")];

/// Question and answer in Dutch, as a clinician reads them: limits first, then goal and wishes.
pub fn answers(directives: &[Value], goals: &[Value], observations: &[Value]) -> Vec<(String, String)> {
    let mut rows: Vec<(usize, String, String)> = directives
        .iter()
        .filter(|consent| consent["status"] == "active" && consent["scope"]["coding"][0]["code"] == "treatment")
        .filter_map(|consent| {
            let treatment = &consent["provision"]["code"][0];
            let code = treatment["coding"][0]["code"].as_str().unwrap_or_default();
            // PZP says the ICD's deactivation in the text, beside a code that means "other".
            let text = treatment["text"].as_str().unwrap_or_default();
            let place = ORDER.iter().position(|(known, _)| *known == code || text.contains(known));
            let what = match place {
                Some(at) => ORDER[at].1.to_owned(),
                None => words(treatment)?,
            };
            Some((place.unwrap_or(ORDER.len()), what, decision(consent)))
        })
        .collect();
    rows.sort();
    let mut rows: Vec<(String, String)> = rows.into_iter().map(|(_, what, answer)| (what, answer)).collect();
    rows.extend(goals.iter().filter_map(|goal| Some(("doel van de behandeling".into(), words(&goal["description"])?))));
    for (code, what) in WISHES {
        let of_this = observations.iter().filter(|o| o["code"]["coding"][0]["code"] == code);
        rows.extend(of_this.filter_map(|o| Some((what.to_owned(), value(o)?))));
    }
    rows
}

fn decision(consent: &Value) -> String {
    let extensions = consent["modifierExtension"].as_array();
    let other = extensions.into_iter().flatten().find_map(|extension| {
        extension["valueString"].as_str().map(str::to_owned).or_else(|| words(&extension["valueCodeableConcept"]))
    });
    match (other, consent["provision"]["type"].as_str()) {
        (Some(other), _) => other,
        (None, Some("permit")) => "ja".into(),
        (None, Some("deny")) => "NEE".into(),
        (None, _) => "onbekend".into(),
    }
}

fn value(observation: &Value) -> Option<String> {
    let text = observation["valueString"].as_str().map(str::to_owned);
    text.or_else(|| words(&observation["valueCodeableConcept"]))
}

/// What a CodeableConcept says to a person.
fn words(concept: &Value) -> Option<String> {
    let coding = &concept["coding"][0];
    let display = || Some(untagged(coding["system"].as_str()?, coding["display"].as_str()?));
    Some(concept["text"].as_str().or_else(display)?.to_owned())
}
