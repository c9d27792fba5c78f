//! The ICD: Device, DeviceUseStatement, and the place where it is followed; and the problems of the plan.

use serde_json::{Value, json};

use super::context::{Context, pzp};
use crate::domain::care_plan::Icd;
use crate::domain::common::codes::{ICD_PRODUCT, LATERALITY, find};
use crate::fhir::systems::{ICD10_NL, SNOMED};
use crate::mapping::Trace;
use crate::mapping::common::element::{
    NL_CORE, NOT_STATED, Object, Spot, concept_of, extension, extension_path, identifier_path, listed, reference,
    stated_as,
};
use crate::mapping::common::narrative::narrative;
use crate::mapping::common::organization;

pub(super) const GTIN: &str = "https://www.gs1.org/gtin";
pub(super) const HIBC: &str = "urn:oid:2.16.840.1.113883.6.40";
const ANY_ICD: &str = "72506001";
/// The systems of which nl-core takes the name of a problem.
const NAMES_OF_PROBLEMS: [&str; 10] = [
    SNOMED,
    ICD10_NL,
    "http://hl7.org/fhir/sid/icpc-1-nl",
    "http://hl7.org/fhir/sid/icf-nl",
    "http://hl7.org/fhir/sid/dsm5",
    "http://www.nanda.org/",
    "urn:oid:2.16.840.1.113883.6.98",
    "urn:oid:2.16.840.1.113883.6.126",
    "urn:oid:2.16.840.1.113883.2.4.4.1.902.40",
    "urn:oid:2.16.840.1.113883.3.3210.14.2.2.35",
];
/// ICD-10: a disease that is not specified.
const UNSPECIFIED: &str = "R69";
pub(super) const YES: &str = "373066001";

/// Device and DeviceUseStatement where the plan says that there is an ICD or describes one, with organisation and
/// location where given.
pub fn icd(context: Context<'_>, trace: &mut Trace) -> Vec<Value> {
    let content = context.content();
    let empty = Icd::default();
    let icd = match (&content.icd, content.has_icd.as_deref()) {
        (Some(icd), _) => icd,
        (None, Some(YES)) => &empty,
        _ => return Vec::new(),
    };
    let mut resources = vec![product(context, icd, trace)];
    if let Some(place) = &icd.organization {
        resources.push(organization::organization(place, context.ids, "/icd/organization", trace));
        let id = context.id("icd-location");
        let nl_core = format!("{NL_CORE}nl-core-HealthcareProvider");
        let mut location = Object::resource("Location", &id, "Overdracht-Location", &[&nl_core]);
        location.set("text", narrative("Locatie", &[("Naam", place.name.clone())])).set("name", place.name.as_str());
        trace.carried(&Spot::resource("/icd/organization/name", "Location", &id).element("name"));
        let of = organization::id(place, context.ids);
        location.set("managingOrganization", reference("Organization", &of, Some(place.name.clone())));
        resources.push(location.build());
    }
    resources.push(statement(context, icd, trace));
    resources
}

fn product(context: Context<'_>, icd: &Icd, trace: &mut Trace) -> Value {
    let id = context.id("icd-product");
    let at = Spot::resource("/icd", "Device", &id);
    let nl_core = format!("{NL_CORE}nl-core-MedicalDevice.Product");
    let official = [pzp("ACP-MedicalDevice.Product-ICD"), nl_core];
    let official: Vec<&str> = official.iter().map(String::as_str).collect();
    let mut resource = Object::resource("Device", &id, "Overdracht-MedicalDevice.Product-ICD", &official);
    let code = icd.product_type.as_deref().unwrap_or(ANY_ICD);
    let words = find(ICD_PRODUCT, code).map_or(code, |known| known.display);
    let description = icd.description.clone().unwrap_or_default();
    resource.set("text", narrative("ICD", &[("Soort", words.to_owned()), ("Omschrijving", description)]));
    let (mut identifiers, mut carriers) = (Vec::new(), Vec::new());
    for (field, system, number) in [("gtin", GTIN, &icd.gtin), ("hibc", HIBC, &icd.hibc)] {
        if let Some(number) = number {
            trace.carried(&at.down(field, &identifier_path(system)));
            trace.carried(&at.down(field, &format!("udiCarrier[{}].carrierHRF", carriers.len())));
            identifiers.push(json!({ "system": system, "value": number }));
            carriers.push(json!({ "issuer": system, "carrierHRF": number }));
        }
    }
    resource.list("identifier", identifiers).list("udiCarrier", carriers);
    let mut kind = concept_of(SNOMED, code, words);
    match icd.product_type {
        Some(_) => trace.carried(&at.down("productType", "type")),
        None => {
            kind["extension"] = stated_as(NOT_STATED)["extension"].clone();
            trace.defaulted(&at.down("productType", "type"), "an ICD whose kind is not said");
        }
    }
    resource.set("type", kind);
    resource.set("patient", context.patient());
    if let Some(description) = &icd.description {
        resource.set("note", json!([{ "text": description }]));
        trace.carried(&at.down("description", "note[0].text"));
    }
    resource.build()
}

fn statement(context: Context<'_>, icd: &Icd, trace: &mut Trace) -> Value {
    let id = context.id("icd");
    let at = Spot::resource("/icd", "DeviceUseStatement", &id);
    let nl_core = format!("{NL_CORE}nl-core-MedicalDevice");
    let official = [pzp("ACP-MedicalDevice"), nl_core];
    let official: Vec<&str> = official.iter().map(String::as_str).collect();
    let mut resource = Object::resource("DeviceUseStatement", &id, "Overdracht-MedicalDevice", &official);
    resource.set("text", narrative("ICD aanwezig", &[("Toelichting", icd.comment.clone().unwrap_or_default())]));
    let mut extensions = vec![context.said_on()];
    if let Some(role) = icd.practitioner.as_deref().and_then(|key| context.practitioner(key)) {
        let url = format!("{NL_CORE}ext-MedicalDevice.HealthProfessional");
        extensions.push(extension(&url, "valueReference", role));
        trace.converted(&at.down("practitioner", &extension_path(&url)), "a key became a reference");
    }
    if let Some(place) = &icd.organization {
        let location = reference("Location", &context.id("icd-location"), Some(place.name.clone()));
        extensions.push(extension(&format!("{NL_CORE}ext-MedicalDevice.Location"), "valueReference", location));
    }
    resource.list("extension", extensions);
    resource.set("status", if icd.end_date.is_some() { "completed" } else { "active" });
    resource.set("subject", context.patient());
    let mut period = Object::new();
    for (field, element, moment) in [("startDate", "start", &icd.start_date), ("endDate", "end", &icd.end_date)] {
        if let Some(moment) = moment {
            period.set(element, moment.as_str());
            trace.carried(&at.down(field, &format!("timingPeriod.{element}")));
        }
    }
    if !period.is_empty() {
        resource.set("timingPeriod", period.build());
    }
    resource.set("device", reference("Device", &context.id("icd-product"), None));
    let indications = icd.indications.iter().enumerate().map(|(i, key)| {
        trace.converted(
            &at.down(&format!("indications/{i}"), &format!("reasonReference[{i}]")),
            "a key became a reference",
        );
        context.problem(key)
    });
    resource.list("reasonReference", indications.collect());
    if let Some(location) = &icd.location {
        let mut site = Object::new();
        if let Some(side) = &icd.laterality {
            let url = format!("{NL_CORE}ext-AnatomicalLocation.Laterality");
            site.set("extension", json!([extension(&url, "valueCodeableConcept", listed(LATERALITY, side))]));
            trace.carried(&at.down("laterality", &format!("bodySite.{}", extension_path(&url))));
        }
        let mut coding = Object::new();
        coding.set("system", location.system.as_str()).set("code", location.code.as_str());
        coding.maybe("display", location.display.as_deref());
        site.set("coding", json!([coding.build()]));
        resource.set("bodySite", site.build());
        for field in ["system", "code"] {
            trace.carried(&at.down(&format!("location/{field}"), &format!("bodySite.coding[0].{field}")));
        }
        if location.display.is_some() {
            trace.carried(&at.down("location/display", "bodySite.coding[0].display"));
        }
    }
    if let Some(comment) = &icd.comment {
        resource.set("note", json!([{ "text": comment }]));
        trace.carried(&at.down("comment", "note[0].text"));
    }
    resource.build()
}

/// A Condition for each problem that a directive or the device refers to.
pub fn problems(context: Context<'_>, trace: &mut Trace) -> Vec<Value> {
    let mut resources = Vec::new();
    for (i, problem) in context.content().problems.iter().enumerate() {
        let id = context.id(&format!("problem/{}", problem.key));
        let at = Spot::resource(format!("/problems/{i}"), "Condition", &id);
        trace.converted(&at.down("key", "id"), "a key became a reference");
        let nl_core = format!("{NL_CORE}nl-core-Problem");
        let mut resource = Object::resource("Condition", &id, "Overdracht-Problem", &[&nl_core]);
        let mut code = Object::new();
        if let Some(coded) = &problem.code {
            let mut coding = Object::new();
            coding.set("system", coded.system.as_str()).set("code", coded.code.as_str());
            coding.maybe("display", coded.display.as_deref());
            code.set("coding", json!([coding.build()]));
            for (field, there) in [("system", true), ("code", true), ("display", coded.display.is_some())] {
                if there {
                    trace.carried(&at.down(&format!("code/{field}"), &format!("code.coding[0].{field}")));
                }
            }
        }
        if let Some(text) = &problem.text {
            code.set("text", text.as_str());
            trace.carried(&at.down("text", "code.text"));
        }
        let words = problem.text.clone().or_else(|| problem.code.as_ref().and_then(|code| code.display.clone()));
        resource.set("text", narrative("Aandoening", &[("Naam", words.unwrap_or_default())]));
        resource.set(
            "clinicalStatus",
            concept_of("http://terminology.hl7.org/CodeSystem/condition-clinical", "active", "Active"),
        );
        let mut code = code.build();
        if problem.code.as_ref().is_none_or(|coded| !NAMES_OF_PROBLEMS.contains(&coded.system.as_str())) {
            let mut unspecified = json!({ "system": ICD10_NL, "code": UNSPECIFIED });
            unspecified["extension"] = stated_as(NOT_STATED)["extension"].clone();
            match code["coding"].as_array_mut() {
                Some(all) => all.push(unspecified),
                None => code["coding"] = json!([unspecified]),
            }
            let reason = "nl-core asks for a code of a national system; that of a disease that is not specified";
            trace.defaulted(&at.down("code", "code.coding"), reason);
        }
        resource.set("code", code).set("subject", context.patient());
        resources.push(resource.build());
    }
    resources
}
