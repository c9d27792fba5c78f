//! The care plan as one document: a Composition in which a locum reads first what matters first.

use serde_json::{Value, json};

use super::consent::{DEACTIVATION_TEXT, decision, is_treatment_directive, specification};
use super::context::Context;
use crate::domain::common::codes::{ICD_DECISION, TREATMENT, TREATMENT_DECISION, find};
use crate::fhir::ResourceKey;
use crate::mapping::Trace;
use crate::mapping::common::element::{NL_CORE, NOT_STATED, Object, Spot, concept_of, extension, reference, stated_as};
use crate::mapping::common::narrative::{self, narrative};
use crate::mapping::common::{organization, provenance};

const LOINC: &str = crate::fhir::systems::LOINC;
/// Where a resource stands in the source document: list, key, reference.
pub const DOCUMENT_ENTRY: &str = "https://overdracht.example/fhir/StructureDefinition/ext-DocumentEntry";
/// The order in which treatments are read at night: resuscitation, hospital, intensive care, ventilation, antibiotics,
/// blood.
pub const READING_ORDER: &[&str] = &["89666000", "32485007", "305351004", "40617009", "281789004", "116762002"];

pub fn composition(context: Context<'_>, resources: &[Value], trace: &mut Trace) -> Value {
    let id = context.id("composition");
    let envelope = &context.plan.envelope;
    let at = Spot::resource("", "Composition", &id);
    let mut resource = Object::resource("Composition", &id, "Overdracht-CarePlan", &[]);
    let sections = sections(resources);
    resource.list("extension", entries(context, resources));
    let rows: Vec<(&str, String)> = sections
        .iter()
        .flat_map(|(_, _, entries)| entries.iter())
        .filter(|(label, _, _)| !label.is_empty())
        .map(|(label, words, _)| (label.as_str(), words.clone()))
        .collect();
    resource.set("text", narrative("Proactieve zorgplanning", &rows));
    resource.set("identifier", json!({ "system": provenance::DOCUMENT_ID, "value": envelope.document_id }));
    resource.set("status", "final");
    resource.set("type", concept_of(LOINC, "81334-5", "Patient Personal advance care plan"));
    resource.set("subject", context.patient()).maybe("encounter", context.encounter());
    match &context.content().filled_in_at {
        Some(moment) => {
            resource.set("date", moment.as_str());
            trace.carried(&at.down("filledInAt", "date"));
        }
        None => {
            resource.set("date", envelope.recorded_at.to_string()).set("_date", stated_as(NOT_STATED));
            trace.defaulted(&at.down("filledInAt", "date"), "the moment at which the document was recorded");
        }
    }
    let place = organization::id(&envelope.source.organization, context.ids);
    let author = context.conducted_by().unwrap_or_else(|| json!({ "reference": format!("Organization/{place}") }));
    resource.set("author", json!([author])).set("title", "Proactieve zorgplanning");
    resource.set("custodian", json!({ "reference": format!("Organization/{place}") }));
    let sections: Vec<Value> = sections
        .into_iter()
        .filter(|(_, _, entries)| !entries.is_empty())
        .map(|(title, code, entries)| {
            let rows: Vec<(&str, String)> = entries
                .iter()
                .filter(|(label, _, _)| !label.is_empty())
                .map(|(label, words, _)| (label.as_str(), words.clone()))
                .collect();
            json!({
                "title": title,
                "code": { "coding": [{ "system": super::answers::QUESTIONS, "code": code }] },
                "text": narrative(title, &rows),
                "entry": entries.iter().map(|(_, _, key)| json!({ "reference": key })).collect::<Vec<_>>(),
            })
        })
        .collect();
    resource.list("section", sections);
    resource.build()
}

/// Where the resources stand in the document: the lists with their keys, whom the document names as representative and
/// first contacts, and the order of the treatment directives.
fn entries(context: Context<'_>, resources: &[Value]) -> Vec<Value> {
    let content = context.content();
    let mut entries = Vec::new();
    let mut add = |list: &str, key: Option<&str>, of: Option<Value>| {
        let Some(mut of) = of else { return };
        if let Some(reference) = of.as_object_mut() {
            reference.shift_remove("display");
        }
        let mut parts = vec![extension("list", "valueCode", list)];
        parts.extend(key.map(|key| extension("key", "valueString", key)));
        parts.push(extension("of", "valueReference", of));
        entries.push(json!({ "url": DOCUMENT_ENTRY, "extension": parts }));
    };
    for entry in &content.practitioners {
        add("practitioners", Some(&entry.key), context.practitioner(&entry.key));
    }
    for entry in &content.contact_persons {
        add("contactPersons", Some(&entry.key), Some(context.person(&entry.key)));
    }
    for entry in &content.problems {
        add("problems", Some(&entry.key), Some(context.problem(&entry.key)));
    }
    for entry in &content.advance_directives {
        add("advanceDirectives", Some(&entry.key), Some(context.advance_directive(&entry.key)));
    }
    if let Some(key) = &content.legal_representative {
        add("legalRepresentative", None, Some(context.person(key)));
    }
    for key in &content.first_contacts {
        add("firstContacts", None, Some(context.person(key)));
    }
    for consent in resources.iter().filter(|one| is_treatment_directive(one)) {
        add("treatmentDirectives", None, consent["id"].as_str().map(|id| reference("Consent", id, None)));
    }
    entries
}

/// Title, code, and for each entry what is read: a label, words, and the reference.
type Section = (&'static str, &'static str, Vec<(String, String, String)>);

fn sections(resources: &[Value]) -> Vec<Section> {
    let mut directives: Vec<&Value> = resources.iter().filter(|one| is_treatment_directive(one)).collect();
    directives.sort_by_key(|one| {
        let code = one["provision"]["code"][0]["coding"][0]["code"].as_str();
        READING_ORDER.iter().position(|treatment| Some(*treatment) == code).unwrap_or(READING_ORDER.len())
    });
    let entry = |one: &Value, label: String, words: String| {
        (label, words, ResourceKey::of(one).map(|key| key.to_string()).unwrap_or_default())
    };
    let of = |kinds: &[&str]| -> Vec<(String, String, String)> {
        let mine = |one: &&Value| {
            kinds.iter().any(|kind| match kind.split_once('#') {
                Some((resource_type, profile)) => one["resourceType"] == resource_type && has_profile(one, profile),
                None => one["resourceType"] == **kind,
            })
        };
        resources
            .iter()
            .filter(mine)
            .map(|one| {
                let (label, words) = line(one);
                entry(one, label, words)
            })
            .collect()
    };
    vec![
        (
            "Behandelgrenzen",
            "treatment-limits",
            directives
                .iter()
                .map(|one| {
                    let (label, words) = directive_line(one);
                    entry(one, label, words)
                })
                .collect(),
        ),
        (
            "Wensen",
            "wishes",
            of(&[
                "Goal",
                "Observation#Overdracht-SpecificCareWishes",
                "Observation#Overdracht-PreferredPlaceOfDeath",
                "Observation#Overdracht-PositionRegardingEuthanasia",
                "Observation#Overdracht-OrganDonationChoiceRegistration",
                "Observation#Overdracht-SenseOfPurpose",
            ]),
        ),
        (
            "Wilsverklaringen en eerdere afspraken",
            "advance-directives",
            of(&["Consent#Overdracht-AdvanceDirective", "Observation#Overdracht-CarePlanAnswer"]),
        ),
        ("ICD", "icd", of(&["DeviceUseStatement"])),
        ("Contactpersonen", "contact-persons", of(&["RelatedPerson"])),
        ("Regie", "in-charge", of(&["CareTeam"])),
        (
            "Gesprek",
            "conversation",
            of(&["Encounter", "Procedure", "CommunicationRequest", "Consent#Overdracht-SharingConsent"]),
        ),
    ]
}

pub fn has_profile(resource: &Value, name: &str) -> bool {
    let profiles = resource["meta"]["profile"].as_array();
    profiles.is_some_and(|all| all.iter().filter_map(Value::as_str).any(|one| one.rsplit('/').next() == Some(name)))
}

/// What a treatment directive says in one line: the treatment, and the decision with what was agreed otherwise.
pub fn directive_line(consent: &Value) -> (String, String) {
    let code = &consent["provision"]["code"][0];
    let label = match code["coding"][0]["code"].as_str() {
        Some("OTH") | None => match code["text"].as_str() {
            Some(DEACTIVATION_TEXT) => "uitzetten van de ICD in de laatste levensfase".to_owned(),
            words => words.unwrap_or("andere behandeling").to_owned(),
        },
        Some(known) => find(TREATMENT, known).map_or(known, |one| one.display).to_owned(),
    };
    let words = decision(consent)
        .and_then(|(_, code)| find(TREATMENT_DECISION, code).or_else(|| find(ICD_DECISION, code)))
        .map_or("", |one| one.display);
    let mut said = words.to_owned();
    let comment_url = format!("{NL_CORE}ext-Comment");
    let comment = consent["extension"]
        .as_array()
        .and_then(|all| all.iter().find(|one| one["url"] == comment_url.as_str()))
        .and_then(|one| one["valueString"].as_str());
    for more in [specification(consent).filter(|text| *text != words), comment].into_iter().flatten() {
        said = format!("{said}. {more}");
    }
    if let Some(date) = consent["dateTime"].as_str() {
        said = format!("{said} (besproken {})", narrative::date(date));
    }
    (label, said)
}

/// Title and content of the resource's own narrative, for lines that need no words of their own.
fn line(resource: &Value) -> (String, String) {
    let name = |value: &Value| value["text"].as_str().map(str::to_owned);
    match resource["resourceType"].as_str() {
        Some("Goal") => ("Doel van behandeling".into(), display(&resource["description"])),
        Some("Observation") => {
            let value = match (&resource["valueString"], &resource["valueCodeableConcept"]) {
                (Value::String(text), _) => text.clone(),
                (_, Value::Object(_)) => display(&resource["valueCodeableConcept"]),
                _ if resource["dataAbsentReason"]["coding"][0]["code"] == "not-asked" => "Niet besproken".to_owned(),
                _ => "Nog onbekend".to_owned(),
            };
            let note = resource["note"][0]["text"].as_str().map(|note| format!(". {note}")).unwrap_or_default();
            (name(&resource["code"]).unwrap_or_else(|| display(&resource["code"])), format!("{value}{note}"))
        }
        Some("RelatedPerson") => {
            let roles: Vec<String> = resource["relationship"].as_array().into_iter().flatten().map(display).collect();
            let telephones: Vec<&str> =
                resource["telecom"].as_array().into_iter().flatten().filter_map(|one| one["value"].as_str()).collect();
            (roles.join(", "), [name(&resource["name"][0]).unwrap_or_default(), telephones.join(", ")].join(" "))
        }
        Some("CareTeam") => {
            ("Regievoerder".into(), resource["participant"][0]["member"]["display"].as_str().unwrap_or_default().into())
        }
        Some("Consent") => (
            display(&resource["provision"]["code"][0]),
            narrative::date(resource["dateTime"].as_str().unwrap_or_default()),
        ),
        _ => (String::new(), String::new()),
    }
}

fn display(concept: &Value) -> String {
    concept["coding"][0]["display"].as_str().or(concept["text"].as_str()).unwrap_or_default().to_owned()
}
