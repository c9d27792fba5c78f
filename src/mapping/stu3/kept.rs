//! What R4 has and STU3 lacks, carried as FHIR's own cross-version extension: `…/4.0/…/extension-Observation.note`.

use serde_json::{Value, json};

use super::draft::{extend, list, take};

const BASE: &str = "http://hl7.org/fhir/4.0/StructureDefinition/extension-";

/// Element of R4, its type, whether it repeats. An element with children has their names and types in braces.
const KEPT: &[(&str, &str, bool)] = &[
    ("CareTeam.participant.role", "CodeableConcept", true),
    ("CommunicationRequest.statusReason", "CodeableConcept", false),
    ("Composition.author", "Reference", true),
    ("Composition.category", "CodeableConcept", true),
    ("Condition.clinicalStatus", "CodeableConcept", false),
    ("Condition.recorder", "Reference", false),
    ("Condition.stage", "{summary:CodeableConcept assessment:Reference type:CodeableConcept}", true),
    ("Condition.stage.type", "CodeableConcept", false),
    ("Condition.verificationStatus", "CodeableConcept", false),
    ("Consent.identifier", "Identifier", true),
    ("Consent.policyRule", "CodeableConcept", false),
    ("Consent.scope", "CodeableConcept", false),
    (
        "Device.udiCarrier",
        "{deviceIdentifier:String issuer:Uri jurisdiction:Uri carrierAIDC:Base64Binary carrierHRF:String entryType:Code}",
        true,
    ),
    ("Device.statusReason", "CodeableConcept", true),
    ("DeviceUseStatement.derivedFrom", "Reference", true),
    ("Encounter.serviceType", "CodeableConcept", false),
    ("Goal.achievementStatus", "CodeableConcept", false),
    ("Location.type", "CodeableConcept", true),
    ("Observation.interpretation", "CodeableConcept", true),
    ("Observation.focus", "Reference", true),
    ("Observation.note", "Annotation", true),
    ("Observation.partOf", "Reference", true),
    ("Observation.component.interpretation", "CodeableConcept", true),
    ("Procedure.asserter", "Reference", false),
    ("Procedure.recorder", "Reference", false),
    ("Procedure.statusReason", "CodeableConcept", false),
    ("Provenance.agent.role", "CodeableConcept", true),
    ("RelatedPerson.relationship", "CodeableConcept", true),
];

/// Children that repeat.
const REPEATED_CHILDREN: &[&str] = &["assessment"];

fn find(path: &str) -> Option<(&'static str, &'static str, bool)> {
    KEPT.iter().find(|(known, ..)| *known == path).copied()
}

/// The children that a type in braces names, with their types.
fn children(kind: &'static str) -> Option<impl Iterator<Item = (&'static str, &'static str)>> {
    let names = kind.strip_prefix('{')?.strip_suffix('}')?;
    Some(names.split(' ').filter_map(|one| one.split_once(':')))
}

/// Puts a value of an R4 element beside what STU3 knows of `parent`; false where no extension is meant for it.
pub(super) fn keep(parent: &mut Value, type_name: &str, property: &str, value: &Value) -> bool {
    let path = format!("{type_name}.{property}");
    let Some((_, kind, _)) = find(&path) else { return false };
    for mut one in list(Some(value.clone())) {
        untyped(&mut one);
        let mut extension = json!({ "url": format!("{BASE}{path}") });
        match children(kind) {
            Some(names) => {
                let parts = names.flat_map(|(name, kind)| {
                    let said = list(one.get(name).cloned()).into_iter();
                    said.map(move |value| part(name, kind, value))
                });
                extension["extension"] = Value::Array(parts.collect());
            }
            None => extension[format!("value{kind}")] = one,
        }
        extend(parent, extension);
    }
    true
}

fn part(url: &str, kind: &str, value: Value) -> Value {
    let mut extension = json!({ "url": url });
    extension[format!("value{kind}")] = value;
    extension
}

/// References of STU3 do not say the type of what they lead to.
fn untyped(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(untyped),
        Value::Object(object) => {
            if object.contains_key("reference") {
                object.shift_remove("type");
            }
            object.values_mut().for_each(untyped);
        }
        _ => {}
    }
}

/// Puts what was kept back where R4 has it, at whatever depth.
pub(super) fn restore(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(restore),
        Value::Object(object) => {
            object.values_mut().for_each(restore);
            own(value);
        }
        _ => {}
    }
}

fn own(element: &mut Value) {
    let Some(all) = element.get_mut("extension").and_then(Value::as_array_mut) else { return };
    let kept_as = |one: &Value| find(one["url"].as_str()?.strip_prefix(BASE)?);
    let (kept, left): (Vec<Value>, Vec<Value>) = all.drain(..).partition(|one| kept_as(one).is_some());
    if left.is_empty() {
        take(element, "extension");
    } else {
        element["extension"] = Value::Array(left);
    }
    for one in kept {
        let Some((path, kind, repeats)) = kept_as(&one) else { continue };
        let property = path.rsplit('.').next().unwrap_or_default();
        let value = match children(kind) {
            Some(names) => whole(&one, names),
            None => one[format!("value{kind}")].clone(),
        };
        match element.get_mut(property) {
            Some(Value::Array(items)) if repeats => items.push(value),
            _ if repeats => element[property] = Value::Array(vec![value]),
            _ => element[property] = value,
        }
    }
}

fn whole(extension: &Value, names: impl Iterator<Item = (&'static str, &'static str)>) -> Value {
    let mut value = json!({});
    for (name, kind) in names {
        let parts = extension["extension"].as_array().into_iter().flatten().filter(|part| part["url"] == name);
        let mut said: Vec<Value> = parts.map(|part| part[format!("value{kind}")].clone()).collect();
        if REPEATED_CHILDREN.contains(&name) && !said.is_empty() {
            value[name] = Value::Array(said);
        } else if let Some(one) = said.pop() {
            value[name] = one;
        }
    }
    value
}
