//! The document Bundle: a Composition first, then everything that it leads to.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde_json::{Value, json};
use uuid::Uuid;

use super::limits;
use super::narrative::{narrative, of_resource, paragraph};
use super::order::in_reading_order;
use super::references::{closure, full_url, rewrite};
use super::section::{Section, holds};
use super::withhold::{is_care_plan, strip};
use crate::consent::Decision;
use crate::fhir::{ResourceKey, systems};
use crate::mapping::care_plan::current::contradictions;
use crate::mapping::care_plan::limits::place;
use crate::mapping::common::narrative::date;

const DOCUMENT_PROFILE: &str = "Overdracht-HandoverDocument";
const COMPOSITION_PROFILE: &str = "Overdracht-HandoverComposition";
const EMPTY_REASON: &str = "http://terminology.hl7.org/CodeSystem/list-empty-reason";
const WITHHELD: &str = "De patiënt geeft geen toestemming om behandelgrenzen en wensen te delen. Zij zijn niet \
                        meegestuurd; er kunnen afspraken zijn. Vraag de patiënt of de afzender.";
const NOTHING: &str = "Hierover is bij de afzender niets vastgelegd. Dat betekent niet dat er niets is.";

/// The organisation that hands over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Author {
    /// Identifier system and value (AGB or URA).
    pub system: String,
    pub value: String,
    pub name: String,
}

impl Author {
    /// A Reference by identifier.
    pub fn reference(&self) -> Value {
        json!({ "identifier": { "system": self.system, "value": self.value }, "display": self.name })
    }
}

/// What a handover is composed of.
#[derive(Clone, Copy, Debug)]
pub struct Handover<'a> {
    /// Logical id of the Patient.
    pub patient: &'a str,
    /// The patient's compartment and what it refers to (organisations, practitioners), with relative references.
    pub resources: &'a [Value],
    pub author: &'a Author,
    pub decision: Decision,
    pub now: Timestamp,
    /// Of the Bundle: the key of the conditional create.
    pub bundle: Uuid,
    /// Of the Composition.
    pub composition: Uuid,
}

/// The Bundle, with what does not travel.
#[derive(Clone, Debug, PartialEq)]
pub struct Composed {
    pub bundle: Value,
    /// `urn:uuid:…`
    pub identifier: String,
    /// What was kept back, and why; empty where all travels.
    pub withheld: Vec<(&'static str, &'static str)>,
}

/// Pure. None where the patient is not among the resources. The same input gives the same Bundle.
pub fn compose(handover: &Handover<'_>) -> Option<Composed> {
    let may_travel = |resource: &&Value| handover.decision.care_plan || !is_care_plan(resource);
    let current: Vec<&Value> = handover.resources.iter().filter(|one| holds(one, handover.now)).collect();
    let available: BTreeMap<ResourceKey, &Value> =
        current.iter().filter(|one| may_travel(one)).filter_map(|one| Some((ResourceKey::of(one)?, *one))).collect();
    let patient = *available.get(&ResourceKey::new("Patient", handover.patient))?;
    let mut chosen = vec![patient];
    chosen.extend(available.values().copied().filter(|one| !Section::of(one).is_empty()));

    let travelling = closure(&chosen, &available);
    let author = author(handover, &travelling);
    let over = |one: &&Value| !holds(one, handover.now) && one["resourceType"] == "Consent";
    let replaced = handover.resources.iter().filter(over).count();
    let composition = composition(handover, &author, patient, &chosen, replaced);
    let keys: BTreeSet<ResourceKey> = travelling.iter().copied().chain([&author]).filter_map(ResourceKey::of).collect();

    let mut entries = vec![entry(composition, &keys, true)];
    entries.extend(travelling.iter().map(|one| entry((*one).clone(), &keys, handover.decision.care_plan)));
    if !travelling.iter().any(|one| ResourceKey::of(one) == ResourceKey::of(&author)) {
        entries.push(entry(author, &keys, true));
    }
    let identifier = format!("urn:uuid:{}", handover.bundle);
    let (content, withheld) = if handover.decision.care_plan {
        ("care-plan", Vec::new())
    } else {
        ("care-plan-withheld", vec![("care-plan", "The patient refuses sharing of the care plan.")])
    };
    let purpose = serde_json::to_value(handover.decision.purpose).unwrap_or_default();
    let bundle = json!({
        "resourceType": "Bundle",
        "id": handover.bundle.to_string(),
        "meta": {
            "profile": [format!("{}{DOCUMENT_PROFILE}", systems::PROFILE_BASE)],
            "tag": [
                { "system": systems::HANDOVER_CONTENT, "code": content },
                { "system": systems::CONSENT_PURPOSE, "code": purpose },
            ],
        },
        "identifier": { "system": systems::URI, "value": identifier },
        "type": "document",
        "timestamp": handover.now.to_string(),
        "entry": entries,
    });
    Some(Composed { bundle, identifier, withheld })
}

/// The stored Organization of the author, or one made for this document.
fn author(handover: &Handover<'_>, travelling: &[&Value]) -> Value {
    let Author { system, value, name } = handover.author;
    let is_author = |one: &Value| {
        one["resourceType"] == "Organization"
            && one["identifier"].as_array().is_some_and(|all| {
                all.iter().any(|identifier| identifier["system"] == *system && identifier["value"] == *value)
            })
    };
    let known = travelling.iter().copied().chain(handover.resources).find(|one| is_author(one));
    known.cloned().unwrap_or_else(|| {
        let id = Uuid::new_v5(&handover.bundle, format!("{system}|{value}").as_bytes());
        json!({
            "resourceType": "Organization",
            "id": id.to_string(),
            "meta": { "profile": [format!("{}Overdracht-Organization", systems::PROFILE_BASE)] },
            "text": crate::mapping::common::narrative::narrative("Zorgaanbieder", &[("Naam", name.clone())]),
            "identifier": [{ "system": system, "value": value }],
            "name": name,
        })
    })
}

fn composition(handover: &Handover<'_>, author: &Value, patient: &Value, chosen: &[&Value], replaced: usize) -> Value {
    let reference = |resource: &Value| ResourceKey::of(resource).map(|key| json!({ "reference": key.to_string() }));
    let sections: Vec<Value> =
        Section::ALL.into_iter().map(|one| section(one, handover, patient, chosen, replaced)).collect();
    let mut opening = vec![
        paragraph(&format!(
            "Overdracht van {}, opgesteld op {}.",
            handover.author.name,
            date(&handover.now.to_string())
        )),
        paragraph(&about(patient)),
    ];
    // Who reads no further than the opening has read the limits.
    match handover.decision.care_plan {
        true => opening.extend(first_of_all(patient, chosen)),
        false => opening.push(paragraph(WITHHELD)),
    }
    json!({
        "resourceType": "Composition",
        "id": handover.composition.to_string(),
        "meta": { "profile": [format!("{}{COMPOSITION_PROFILE}", systems::PROFILE_BASE)] },
        "language": "nl",
        "text": narrative(&opening),
        "identifier": { "system": systems::URI, "value": format!("urn:uuid:{}", handover.composition) },
        "status": "final",
        "type": { "coding": [{ "system": systems::LOINC, "code": "18761-7", "display": "Transfer summary note" }] },
        "subject": { "reference": format!("Patient/{}", handover.patient) },
        "date": handover.now.to_string(),
        "author": [reference(author)],
        "title": "Overdracht",
        "confidentiality": "N",
        "custodian": reference(author),
        "section": sections,
    })
}

/// What a locum must know before all else: what contradicts, who decides, and the limits of treatment.
fn first_of_all(patient: &Value, chosen: &[&Value]) -> Vec<String> {
    let mut agreed: Vec<&Value> =
        chosen.iter().copied().filter(|one| Section::of(one).contains(&Section::Limits)).collect();
    in_reading_order(&mut agreed);
    let warned = contradictions(&agreed).into_iter().map(|one| paragraph(&format!("LET OP: {}", one.words)));
    warned.chain(limits::capacity(patient, chosen)).chain([limits::table(&agreed)]).collect()
}

/// Who it is about, in a line.
fn about(patient: &Value) -> String {
    let name = patient["name"][0]["text"].as_str().unwrap_or("naam niet bekend");
    let born = patient["birthDate"].as_str().map(|born| format!(", geboren {}", date(born)));
    format!("Patiënt: {name}{}.", born.unwrap_or_default())
}

fn section(section: Section, handover: &Handover<'_>, patient: &Value, chosen: &[&Value], replaced: usize) -> Value {
    let mut entries: Vec<&Value> = chosen.iter().copied().filter(|one| Section::of(one).contains(&section)).collect();
    in_reading_order(&mut entries);
    let withheld = section.is_care_plan() && !handover.decision.care_plan;
    let mut parts = Vec::new();
    if section == Section::Limits && !withheld {
        parts.extend(first_of_all(patient, chosen));
        if replaced > 0 {
            parts.push(paragraph(&format!("Eerdere afspraken die zijn vervangen ({replaced}) zijn niet meegestuurd.")));
        }
    }
    // What the table of limits says is not said again.
    parts.extend(entries.iter().filter(|one| place(one).is_none()).filter_map(|one| of_resource(one)));
    let (code, display) = section.code();
    let mut json = json!({
        "title": section.title(),
        "code": { "coding": [{ "system": systems::LOINC, "code": code, "display": display }] },
    });
    if entries.is_empty() {
        let (reason, words) = if withheld { ("withheld", WITHHELD) } else { ("unavailable", NOTHING) };
        parts.push(paragraph(words));
        json["text"] = narrative(&parts);
        json["emptyReason"] = json!({ "coding": [{ "system": EMPTY_REASON, "code": reason }], "text": words });
    } else {
        json["text"] = narrative(&parts);
        let references = entries.iter().filter_map(|one| ResourceKey::of(one));
        json["entry"] = references.map(|key| json!({ "reference": key.to_string() })).collect();
    }
    json
}

/// The resource as it travels: without our versions, with references into the Bundle.
fn entry(mut resource: Value, travelling: &BTreeSet<ResourceKey>, whole: bool) -> Value {
    let url = ResourceKey::of(&resource).map(|key| full_url(&key));
    if let Some(meta) = resource.get_mut("meta").and_then(Value::as_object_mut) {
        meta.remove("versionId");
        meta.remove("lastUpdated");
    }
    if !whole {
        strip(&mut resource);
    }
    rewrite(&mut resource, travelling);
    json!({ "fullUrl": url, "resource": resource })
}
