//! The treatment directive: zib TreatmentDirective2 of 2020 in R4, zib TreatmentDirective of 2017 in STU3.
//!
//! | R4 | STU3 |
//! |---|---|
//! | `provision.type`, `specificationOther` | the modifier TreatmentPermitted, and an exception with its restrictions |
//! | `provision.code` | the extension Treatment |
//! | actors: patient and relatives | the extension Verification, with whom it was verified |
//! | actors: professionals | `consentingParty` |
//! | `provision.period` | `period` |

use serde_json::{Value, json};

use super::consent::{rest, treatment};
use super::draft::{Draft, extend, list, take, take_extensions};
use super::names::nictiz;
use super::reference::target;
use crate::domain::common::codes::{self, ICD_DECISION, TREATMENT_DECISION, TREATMENT_DECISION_SYSTEM};
use crate::fhir::systems::{NULL_FLAVOR, SNOMED};
use crate::mapping::care_plan::{self, DECISION, SPECIFICATION_OTHER};
use crate::mapping::common::element::{NOT_STATED, STATED_AS, coding, is_stated, stated_as};

const PERMITTED_SYSTEM: &str = "urn:oid:2.16.840.1.113883.2.4.3.11.60.40.4";
/// Decision of the dataset, TreatmentPermitted with its words, type of the exception.
const DECISIONS: &[(&str, &str, &str, &str)] =
    &[("0", "JA", "Ja", "permit"), ("1", "JA_MAAR", "Ja, maar met beperkingen", "deny"), ("2", "NEE", "Nee", "deny")];
const PATIENT: (&str, &str) = ("116154003", "Patient");
/// STU3's own URI of the null flavours: the one place where PZP writes it.
const NULL_FLAVOR_STU3: &str = "http://hl7.org/fhir/v3/NullFlavor";
const ROLE: &str = "http://terminology.hl7.org/CodeSystem/v3-RoleCode";
/// Beside the words of whom it was verified with: who that is.
const PARTY: &str = "http://hl7.org/fhir/4.0/StructureDefinition/extension-Consent.provision.actor.reference";

fn permitted() -> String {
    nictiz("zib-TreatmentDirective-TreatmentPermitted")
}

fn restrictions() -> String {
    nictiz("zib-TreatmentDirective-Restrictions")
}

fn verification() -> String {
    nictiz("zib-TreatmentDirective-Verification")
}

pub(super) fn to_stu3(draft: &mut Draft<'_>) {
    decision_to_stu3(draft);
    let mut provision = draft.take("provision").unwrap_or(json!({}));
    take(&mut provision, "type");
    parties_to_stu3(draft, list(take(&mut provision, "actor")));
    for code in list(take(&mut provision, "code")) {
        extend(&mut draft.body, json!({ "url": treatment(), "valueCodeableConcept": code }));
    }
    if let Some(period) = take(&mut provision, "period") {
        draft.set("period", period);
    }
    for extension in list(take(&mut provision, "extension")) {
        extend(&mut draft.body, extension);
    }
    rest(draft, provision);
}

/// The words of R4 (`specificationOther`) with what stands beside them, taken out of the modifiers.
fn take_specification(draft: &mut Draft<'_>) -> Option<Value> {
    let (mut said, left): (Vec<Value>, Vec<Value>) =
        draft.take_list("modifierExtension").into_iter().partition(|one| one["url"] == SPECIFICATION_OTHER);
    draft.set_list("modifierExtension", left);
    (!said.is_empty()).then(|| said.remove(0))
}

fn decision_to_stu3(draft: &mut Draft<'_>) {
    let Some((system, code)) = care_plan::decision(&draft.body) else {
        return draft.refuse("provision.type", "STU3 asks whether the treatment is permitted, and nothing says it");
    };
    let (system, code) = (system.to_owned(), code.to_owned());
    let said = take_specification(draft);
    let stated = take_extensions(&mut draft.body, DECISION).into_iter().next();
    let mut implied = Value::Null;
    let known = DECISIONS.iter().find(|(decision, ..)| system == TREATMENT_DECISION_SYSTEM && *decision == code);
    let mut coding = json!({});
    match known {
        Some(known) => {
            let mut exception = json!({});
            if let Some(mut said) = said {
                said["url"] = Value::from(restrictions());
                exception["extension"] = json!([said]);
            }
            // What is carried out with a restriction is a yes with restrictions.
            let row = if code == "0" && exception.get("extension").is_some() { &DECISIONS[1] } else { known };
            exception["type"] = Value::from(row.3);
            coding["system"] = Value::from(PERMITTED_SYSTEM);
            coding["code"] = Value::from(row.1);
            coding["display"] = Value::from(row.2);
            draft.set("except", json!([exception]));
            implied = r4_decision(row.0);
        }
        None => {
            coding["system"] = Value::from(system.as_str());
            coding["code"] = Value::from(code.as_str());
            let listed = listed_words(&code);
            // Words that only say the decision are its display; words of their own stay as R4 has them.
            let own = said.as_ref().filter(|said| stated.is_some() && is_stated(&said["_valueString"]));
            let words = said.as_ref().filter(|_| own.is_none()).and_then(|said| said["valueString"].as_str());
            if let Some(words) = words.or(listed) {
                coding["display"] = Value::from(words);
            }
            if let Some(own) = own {
                extend(&mut draft.body, own.clone());
            }
            if system == NULL_FLAVOR {
                implied = r4_decision(&code);
            }
        }
    }
    if let Some(stated) = stated.filter(|one| one["valueCodeableConcept"] != implied) {
        extend(&mut draft.body, stated);
    }
    let mut modifiers = draft.take_list("modifierExtension");
    modifiers.push(json!({ "url": permitted(), "valueCodeableConcept": { "coding": [coding] } }));
    draft.set_list("modifierExtension", modifiers);
}

fn listed_words(code: &str) -> Option<&'static str> {
    codes::find(TREATMENT_DECISION, code).or_else(|| codes::find(ICD_DECISION, code)).map(|one| one.display)
}

/// The concept of a decision as the mapping of a care plan writes it.
fn r4_decision(code: &str) -> Value {
    let known = codes::find(TREATMENT_DECISION, code).or_else(|| codes::find(ICD_DECISION, code));
    known.map_or(Value::Null, |one| json!({ "coding": [coding(one)] }))
}

fn parties_to_stu3(draft: &mut Draft<'_>, actors: Vec<Value>) {
    let mut said = vec![json!({ "url": "Verified", "valueBoolean": true })];
    if let Some(date) = draft.body.get("dateTime") {
        said.push(json!({ "url": "VerificationDate", "valueDateTime": date }));
    }
    let mut parties = Vec::new();
    for actor in actors {
        let mut reference = actor["reference"].clone();
        let beside = actor.get("extension").cloned();
        let display = reference["display"].clone();
        let mut with = match target(&reference) {
            Some("Patient") => json!({ "coding": [{ "system": SNOMED, "code": PATIENT.0, "display": PATIENT.1 }] }),
            Some("RelatedPerson") => {
                let mut other =
                    json!({ "coding": [{ "system": NULL_FLAVOR_STU3, "code": "OTH", "display": "Other" }] });
                if !display.is_null() {
                    other["text"] = display;
                }
                if reference.get("reference").is_some() {
                    take(&mut reference, "type");
                    extend(&mut other, json!({ "url": PARTY, "valueReference": reference }));
                }
                other
            }
            _ => {
                for one in list(beside) {
                    extend(&mut reference, one);
                }
                parties.push(reference);
                continue;
            }
        };
        for one in list(beside) {
            extend(&mut with, one);
        }
        said.push(json!({ "url": "VerifiedWith", "valueCodeableConcept": with }));
    }
    extend(&mut draft.body, json!({ "url": verification(), "extension": said }));
    draft.set_list("consentingParty", parties);
}

pub(super) fn to_r4(draft: &mut Draft<'_>) {
    let mut provision = json!({});
    decision_to_r4(draft, &mut provision);
    let actors = parties_to_r4(draft);
    if !actors.is_empty() {
        provision["actor"] = Value::Array(actors);
    }
    let codes = take_extensions(&mut draft.body, &treatment());
    let codes: Vec<Value> = codes.iter().map(|one| one["valueCodeableConcept"].clone()).collect();
    if !codes.is_empty() {
        provision["code"] = Value::Array(codes);
    }
    if let Some(period) = draft.take("period") {
        provision["period"] = period;
    }
    let ending = take_extensions(&mut draft.body, care_plan::REASON_FOR_ENDING);
    if !ending.is_empty() {
        provision["extension"] = Value::Array(ending);
    }
    draft.set("provision", provision);
}

fn decision_to_r4(draft: &mut Draft<'_>, provision: &mut Value) {
    let (said, left): (Vec<Value>, Vec<Value>) =
        draft.take_list("modifierExtension").into_iter().partition(|one| one["url"] == permitted());
    draft.set_list("modifierExtension", left);
    let coding = said.first().map_or(Value::Null, |one| one["valueCodeableConcept"]["coding"][0].clone());
    let code = coding["code"].as_str().unwrap_or_default();
    let exceptions = draft.take_list("except");
    let mut words = exceptions.first().and_then(|one| {
        let found = one["extension"].as_array()?.iter().find(|one| one["url"] == restrictions())?;
        Some(found.clone())
    });
    let known = DECISIONS.iter().find(|(_, stu3, ..)| *stu3 == code);
    // Words that were carried as R4 has them.
    let carried = take_extensions(&mut draft.body, SPECIFICATION_OTHER).into_iter().next();
    let decision = match known {
        Some((decision, _, display, kind)) => {
            match (*decision, &words) {
                ("0" | "2", None) => provision["type"] = Value::from(*kind),
                ("1", None) => words = Some(json!({ "valueString": display })),
                _ => {}
            }
            Some(r4_decision(decision))
        }
        None => {
            let display = coding["display"].as_str().or_else(|| listed_words(code));
            let unsaid = |words| json!({ "valueString": words, "_valueString": stated_as(NOT_STATED) });
            words = carried.or_else(|| display.map(unsaid));
            Some(r4_decision(code)).filter(|one| !one.is_null())
        }
    };
    if said.is_empty() {
        draft.lose("modifierExtension", "TreatmentPermitted is missing, so that no decision is said");
    }
    if let Some(mut words) = words {
        words["url"] = Value::from(SPECIFICATION_OTHER);
        let mut modifiers = draft.take_list("modifierExtension");
        modifiers.push(words);
        draft.set_list("modifierExtension", modifiers);
    }
    let stated = draft.body["extension"].as_array().into_iter().flatten().any(|one| one["url"] == DECISION);
    if let Some(decision) = decision.filter(|_| !stated) {
        extend(&mut draft.body, json!({ "url": DECISION, "valueCodeableConcept": decision }));
    }
}

fn parties_to_r4(draft: &mut Draft<'_>) -> Vec<Value> {
    let role = json!({ "coding": [{ "system": ROLE, "code": "CONSENTER", "display": "consenter" }] });
    let mut actors = Vec::new();
    let mut add = |mut reference: Value, beside: Vec<Value>| {
        let mut actor = json!({});
        let mut own = beside;
        own.extend(take_extensions(&mut reference, STATED_AS));
        if !own.is_empty() {
            actor["extension"] = Value::Array(own);
        }
        actor["role"] = role.clone();
        actor["reference"] = reference;
        actors.push(actor);
    };
    for verified in take_extensions(&mut draft.body, &verification()) {
        for part in verified["extension"].as_array().into_iter().flatten().filter(|part| part["url"] == "VerifiedWith")
        {
            let mut with = part["valueCodeableConcept"].clone();
            let beside = take_extensions(&mut with, STATED_AS);
            let patient = with["coding"][0]["code"] == PATIENT.0;
            let reference = if patient {
                draft.body["patient"].clone()
            } else if let Some(party) = take_extensions(&mut with, PARTY).into_iter().next() {
                party["valueReference"].clone()
            } else {
                // Words alone: who it is, the reader of the whole plan finds among the contact persons.
                let words = with["text"].as_str().or_else(|| with["coding"][0]["display"].as_str());
                json!({ "type": "RelatedPerson", "display": words })
            };
            add(reference, beside);
        }
    }
    for party in draft.take_list("consentingParty") {
        add(party, Vec::new());
    }
    actors
}
