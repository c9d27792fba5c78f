//! The care plan as one document: a Composition in which a locum reads first what matters first.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::answers::TITLES;
use super::consent::is_treatment_directive;
use super::context::Context;
use super::current::{contradictions, holds, is_replaced};
use super::limits;
use super::people::ACCEPTED_BY_GP;
use crate::domain::common::codes::{
    ADVANCE_DIRECTIVE_TYPE, MEDICAL_POLICY_GOAL, PREFERRED_PLACE, RELATIONSHIP, ROLE, find_in, untagged,
};
use crate::fhir::ResourceKey;
use crate::mapping::Trace;
use crate::mapping::common::element::{
    NL_CORE, NOT_STATED, Object, Spot, concept_of, extension, extension_of, reference, stated_as,
};
use crate::mapping::common::narrative::{self, narrative};
use crate::mapping::common::{organization, provenance};

const LOINC: &str = crate::fhir::systems::LOINC;
/// Where a resource stands in the source document: list, key, reference.
pub const DOCUMENT_ENTRY: &str = "https://overdracht.example/fhir/StructureDefinition/ext-DocumentEntry";
pub fn composition(context: Context<'_>, resources: &[Value], trace: &mut Trace) -> Value {
    let id = context.id("composition");
    let envelope = &context.plan.envelope;
    let at = Spot::resource("", "Composition", &id);
    let mut resource = Object::resource("Composition", &id, "Overdracht-CarePlan", &[]);
    resource.list("extension", entries(context, resources));
    let all: Vec<&Value> = resources.iter().collect();
    let patient = resources.iter().find(|one| one["resourceType"] == "Patient").unwrap_or(&Value::Null);
    let (text, sections) = texts(patient, &all);
    resource.set("text", text);
    resource.set("identifier", json!({ "system": provenance::DOCUMENT_ID, "value": envelope.document_id }));
    trace.carried(&at.down("documentId", "identifier.value"));
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
    resource.list("section", sections);
    resource.build()
}

/// The Composition of a care plan as it reads now that its entries stand as they do; any other resource is left as it
/// is. `resources` by `Type/id`.
pub fn recompose(resource: &mut Value, resources: &BTreeMap<String, Value>) {
    if !has_profile(resource, "Overdracht-CarePlan") || resource["status"] == "entered-in-error" {
        return;
    }
    let sections = resource["section"].as_array().into_iter().flatten();
    let entries = sections.flat_map(|section| section["entry"].as_array().into_iter().flatten());
    let found: Vec<&Value> = entries.filter_map(|entry| resources.get(entry["reference"].as_str()?)).collect();
    let patient = resource["subject"]["reference"].as_str().and_then(|name| resources.get(name));
    let (text, sections) = texts(patient.unwrap_or(&Value::Null), &found);
    resource["text"] = text;
    if !sections.is_empty() {
        resource["section"] = Value::Array(sections);
    }
}

/// The narrative of the whole, and the sections.
fn texts(patient: &Value, resources: &[&Value]) -> (Value, Vec<Value>) {
    let sections = sections(resources);
    let rows = |entries: &[(String, String, String)]| -> Vec<(String, String)> {
        let read = entries.iter().filter(|(label, _, _)| !label.is_empty());
        read.map(|(label, words, _)| (label.clone(), words.clone())).collect()
    };
    let mut whole: Vec<(String, String)> =
        contradictions(resources).into_iter().map(|one| ("LET OP".to_owned(), one.words)).collect();
    let cannot = limits::capacity(patient, resources).filter(|capacity| capacity.cannot);
    whole.extend(cannot.map(|capacity| ("LET OP".to_owned(), capacity.words)));
    let agreed: Vec<Option<usize>> = directives(resources).into_iter().map(limits::place).collect();
    for (title, _, entries) in &sections {
        whole.extend(rows(entries));
        if *title == LIMITS {
            // Unknown is not absent.
            let unsaid = (0..limits::ALWAYS).filter(|at| !agreed.contains(&Some(*at)));
            whole.extend(unsaid.map(|at| (limits::LIMITS[at].1.to_owned(), limits::NOT_RECORDED.to_owned())));
        }
    }
    let name = patient["name"][0]["text"].as_str().map(|name| format!(": {name}")).unwrap_or_default();
    let text = narrative(&format!("Proactieve zorgplanning{name}"), &borrowed(&whole));
    let sections = sections.iter().filter(|(_, _, entries)| !entries.is_empty()).map(|(title, code, entries)| {
        json!({
            "title": title,
            "code": { "coding": [{ "system": super::answers::QUESTIONS, "code": code }] },
            "text": narrative(title, &borrowed(&rows(entries))),
            "entry": entries.iter().map(|(_, _, key)| json!({ "reference": key })).collect::<Vec<_>>(),
        })
    });
    (text, sections.collect())
}

fn borrowed(rows: &[(String, String)]) -> Vec<(&str, String)> {
    rows.iter().map(|(label, words)| (label.as_str(), words.clone())).collect()
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

const LIMITS: &str = "Behandelgrenzen";

/// Title, code, and for each entry what is read: a label, words, and the reference.
type Section = (&'static str, &'static str, Vec<(String, String, String)>);

/// The treatment directives as they are read at night.
pub(super) fn directives<'r>(resources: &[&'r Value]) -> Vec<&'r Value> {
    let mut directives: Vec<&Value> = resources.iter().copied().filter(|one| is_treatment_directive(one)).collect();
    directives.sort_by_key(|one| limits::place(one).unwrap_or(limits::LIMITS.len()));
    directives
}

fn sections(resources: &[&Value]) -> Vec<Section> {
    let directives = directives(resources);
    let entry = |one: &Value, label: String, words: String| {
        let words = match narrative::standing(one) {
            Some(standing) if holds(one) => format!("{words}. {standing}"),
            Some(standing) => format!("{standing}. Eerder: {words}"),
            None => words,
        };
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
            .copied()
            .filter(mine)
            .map(|one| {
                let (label, words) = line(one);
                entry(one, label, words)
            })
            .collect()
    };
    vec![
        (
            LIMITS,
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
fn directive_line(consent: &Value) -> (String, String) {
    (limits::treatment(consent), format!("{}{}", limits::decided(consent), limits::beside(consent)))
}

/// What a resource says in one line: a label, and words.
pub(super) fn said(resource: &Value) -> (String, String) {
    if is_treatment_directive(resource) { directive_line(resource) } else { line(resource) }
}

/// Label and content of any other resource in one line.
fn line(resource: &Value) -> (String, String) {
    let name = |value: &Value| value["text"].as_str().map(str::to_owned);
    let dated = |label: &str, value: &Value| match value.as_str() {
        Some(day) => format!("{label} {}", narrative::date(day)),
        None => String::new(),
    };
    let joined = |parts: &[String]| {
        parts.iter().filter(|part| !part.is_empty()).map(String::as_str).collect::<Vec<_>>().join(", ")
    };
    let shown = |reference: &Value| reference["display"].as_str().unwrap_or_default().to_owned();
    match resource["resourceType"].as_str().unwrap_or_default() {
        "Goal" => {
            let note = resource["note"][0]["text"].as_str().map(|note| format!(". {note}")).unwrap_or_default();
            ("Doel van behandeling".into(), format!("{}{note}", display(&resource["description"])))
        }
        "Observation" => {
            let value = match (&resource["valueString"], &resource["valueCodeableConcept"]) {
                (Value::String(text), _) => text.clone(),
                (_, Value::Object(_)) => display(&resource["valueCodeableConcept"]),
                _ if resource["dataAbsentReason"]["coding"][0]["code"] == "not-asked" => "Niet besproken".to_owned(),
                _ => "Nog onbekend".to_owned(),
            };
            let note = resource["note"][0]["text"].as_str().map(|note| format!(". {note}")).unwrap_or_default();
            let title = TITLES.iter().find(|(code, _)| resource["code"]["coding"][0]["code"] == *code);
            let title = title.map(|(_, title)| (*title).to_owned()).or_else(|| name(&resource["code"]));
            (title.unwrap_or_else(|| display(&resource["code"])), format!("{value}{note}"))
        }
        "RelatedPerson" => {
            let roles = resource["relationship"].as_array().into_iter().flatten().filter(|role| !is_replaced(role));
            let roles: Vec<String> = roles.map(display).collect();
            let telephones: Vec<&str> =
                resource["telecom"].as_array().into_iter().flatten().filter_map(|one| one["value"].as_str()).collect();
            let label = if roles.is_empty() { "Contactpersoon".to_owned() } else { roles.join(", ") };
            (label, [name(&resource["name"][0]).unwrap_or_default(), telephones.join(", ")].join(" "))
        }
        "CareTeam" => {
            let period = &resource["period"];
            let accepted = extension_of(resource, ACCEPTED_BY_GP)
                .and_then(|one| extension_of(one, "accepted"))
                .and_then(|one| one["valueBoolean"].as_bool());
            let accepted = match accepted {
                Some(true) => "aanvaard door de huisarts",
                Some(false) => "niet aanvaard door de huisarts",
                None => "niet bekend of de huisarts dit aanvaardt",
            };
            let who = shown(&resource["participant"][0]["member"]);
            let parts = [who, dated("vanaf", &period["start"]), dated("tot", &period["end"]), accepted.to_owned()];
            ("Regievoerder".into(), joined(&parts))
        }
        "Consent" if resource["scope"]["coding"][0]["code"] == "patient-privacy" => {
            let said = match resource["provision"]["type"].as_str() {
                Some("permit") => "de patiënt gaat akkoord",
                Some(_) => "de patiënt weigert",
                None => "niet bekend",
            };
            ("Delen met andere hulpverleners".into(), said.to_owned())
        }
        "Consent" => {
            let comment = extension_of(resource, &format!("{NL_CORE}ext-Comment"));
            let comment = comment.and_then(|one| one["valueString"].as_str()).unwrap_or_default().to_owned();
            (display(&resource["provision"]["code"][0]), joined(&[dated("van", &resource["dateTime"]), comment]))
        }
        "DeviceUseStatement" => {
            let period = &resource["timingPeriod"];
            let note = resource["note"][0]["text"].as_str().unwrap_or_default().to_owned();
            let parts = ["aanwezig".to_owned(), dated("vanaf", &period["start"]), dated("tot", &period["end"]), note];
            ("ICD".into(), joined(&parts))
        }
        "Encounter" => {
            let by = resource["participant"][0]["individual"]["display"].as_str();
            let by = by.map(|by| format!("met {by}")).unwrap_or_default();
            ("Gesprek".into(), joined(&[dated("op", &resource["period"]["start"]), by]))
        }
        "CommunicationRequest" => ("Naasten".into(), "de patiënt is gevraagd dit met hen te bespreken".into()),
        _ => (String::new(), String::new()),
    }
}

/// Dutch words of a concept. HL7's own codes carry none; the dataset's lists have them.
fn display(concept: &Value) -> String {
    let coding = &concept["coding"][0];
    let text = |field: &str| coding[field].as_str().unwrap_or_default();
    let listed = || {
        let mut lists = [RELATIONSHIP, ROLE, PREFERRED_PLACE, MEDICAL_POLICY_GOAL, ADVANCE_DIRECTIVE_TYPE].into_iter();
        lists.find_map(|list| find_in(list, text("system"), text("code"))).map(|code| code.display)
    };
    let said = coding["display"].as_str().or(concept["text"].as_str()).or_else(listed);
    untagged(text("system"), said.unwrap_or(text("code"))).to_owned()
}
