//! What both versions have under other URIs: profiles, extensions, code systems.

use serde_json::{Value, json};

use super::draft::take_extensions;
use crate::fhir::systems::PROFILE_BASE;
use crate::mapping::care_plan::PZP;

/// Base of the official profiles of PZP in STU3, 1.0.0-rc2.
pub const PZP_STU3: &str = "https://api.iknl.nl/docs/pzp/stu3/StructureDefinition/";
const NICTIZ: &str = "http://nictiz.nl/fhir/StructureDefinition/";

/// Extensions below [`NICTIZ`]: R4 (zib2020), STU3 (zib2017).
const EXTENSIONS: &[(&str, &str)] = &[
    ("ext-AddressInformation.AddressType", "zib-AddressInformation-AddressType"),
    ("ext-AdvanceDirective.Disorder", "zib-AdvanceDirective-Disorder"),
    ("ext-AnatomicalLocation.Laterality", "BodySite-Qualifier"),
    ("ext-CodeSpecification", "code-specification"),
    ("ext-Comment", "Comment"),
    ("ext-MedicalDevice.HealthProfessional", "zib-MedicalDevice-Practitioner"),
    ("ext-TreatmentDirective2.AdvanceDirective", "consent-additionalSources"),
];

/// Extension of the legal capacity below the base of PZP.
const LEGALLY_CAPABLE: (&str, &str) =
    ("ext-LegallyCapable-MedicalTreatmentDecisions", "ext-Patient.LegallyCapableMedicalTreatmentDecisions");

/// Code systems that STU3 has under another URI. STU3's are read; written are those of R4, as PZP does.
const SYSTEMS: &[(&str, &str)] = &[
    ("http://hl7.org/fhir/v3/", "http://terminology.hl7.org/CodeSystem/v3-"),
    ("http://hl7.org/fhir/v2/", "http://terminology.hl7.org/CodeSystem/v2-"),
    ("http://hl7.org/fhir/data-absent-reason", "http://terminology.hl7.org/CodeSystem/data-absent-reason"),
];

/// The profiles that the resource has in R4, on `meta` of the STU3 resource: there they say what it was made from.
fn r4_profile() -> String {
    format!("{PROFILE_BASE}ext-R4Profile")
}

pub(super) fn nictiz(name: &str) -> String {
    format!("{NICTIZ}{name}")
}

/// The profile of STU3 that says what one of R4 does, where PZP has both.
pub(super) fn profile_to_stu3(canonical: &Value) -> Option<Value> {
    Some(Value::from(format!("{PZP_STU3}{}", canonical.as_str()?.strip_prefix(PZP)?)))
}

pub(super) fn to_stu3(body: &mut Value) {
    urls(body, &|url| {
        if let Some(name) = url.strip_prefix(NICTIZ) {
            return EXTENSIONS.iter().find(|(r4, _)| *r4 == name).map(|(_, stu3)| nictiz(stu3));
        }
        (url.strip_prefix(PZP)? == LEGALLY_CAPABLE.0).then(|| format!("{PZP_STU3}{}", LEGALLY_CAPABLE.1))
    });
    let Some(profiles) = body["meta"]["profile"].as_array().cloned() else { return };
    let said: Vec<Value> = profiles.iter().filter_map(profile_to_stu3).collect();
    let Some(meta) = body["meta"].as_object_mut() else { return };
    meta.shift_remove("profile");
    if said.len() < profiles.len() {
        let url = r4_profile();
        let kept = profiles.iter().map(|one| json!({ "url": url, "valueUri": one }));
        let mut all: Vec<Value> = meta.get("extension").and_then(Value::as_array).cloned().unwrap_or_default();
        all.extend(kept);
        meta.insert("extension".into(), Value::Array(all));
    }
    if !said.is_empty() {
        meta.insert("profile".into(), Value::Array(said));
    }
}

pub(super) fn to_r4(body: &mut Value) {
    urls(body, &|url| {
        if let Some(name) = url.strip_prefix(NICTIZ) {
            return EXTENSIONS.iter().find(|(_, stu3)| *stu3 == name).map(|(r4, _)| nictiz(r4));
        }
        (url.strip_prefix(PZP_STU3)? == LEGALLY_CAPABLE.1).then(|| format!("{PZP}{}", LEGALLY_CAPABLE.0))
    });
    systems(body);
    if !body["meta"].is_object() {
        return;
    }
    let kept: Vec<Value> =
        take_extensions(&mut body["meta"], &r4_profile()).iter().map(|one| one["valueUri"].clone()).collect();
    let said = body["meta"]["profile"].as_array().into_iter().flatten();
    let said = said.filter_map(|one| Some(Value::from(format!("{PZP}{}", one.as_str()?.strip_prefix(PZP_STU3)?))));
    let profiles: Vec<Value> = if kept.is_empty() { said.collect() } else { kept };
    let Some(meta) = body["meta"].as_object_mut() else { return };
    meta.shift_remove("profile");
    if !profiles.is_empty() {
        meta.insert("profile".into(), Value::Array(profiles));
    }
}

/// Exchanges the URL of every extension, how deep it stands.
fn urls(value: &mut Value, other: &impl Fn(&str) -> Option<String>) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| urls(item, other)),
        Value::Object(object) => {
            for (name, value) in object.iter_mut() {
                if matches!(name.as_str(), "extension" | "modifierExtension") {
                    for extension in value.as_array_mut().into_iter().flatten() {
                        if let Some(new) = extension["url"].as_str().and_then(other) {
                            extension["url"] = Value::from(new);
                        }
                    }
                }
                urls(value, other);
            }
        }
        _ => {}
    }
}

fn systems(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(systems),
        Value::Object(object) => {
            if let Some(system) = object.get("system").and_then(Value::as_str) {
                let new = SYSTEMS.iter().find_map(|(stu3, r4)| Some(format!("{r4}{}", system.strip_prefix(stu3)?)));
                if let Some(new) = new {
                    object.insert("system".into(), Value::from(new));
                }
            }
            object.values_mut().for_each(systems);
        }
        _ => {}
    }
}
