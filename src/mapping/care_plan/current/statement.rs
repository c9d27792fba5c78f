//! What a resource of a care plan states, as the rule looks at it.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde_json::Value;

use super::policy::Statement;
use super::settle::is_replaced;
use crate::domain::common::Moment;
use crate::domain::common::codes::TREATMENT_DECISION_SYSTEM;
use crate::fhir::ResourceKey;
use crate::fhir::systems::{NULL_FLAVOR, SHARING_CONSENT};
use crate::mapping::care_plan::answers::{QUESTIONS, TITLES};
use crate::mapping::care_plan::consent::{DEACTIVATION_TEXT, decision, is_treatment_directive, specification};
use crate::mapping::care_plan::device::YES;
use crate::mapping::care_plan::people::{AUTHORISED_IN_WRITING, FIRST_CONTACT, LEGAL_REPRESENTATIVE};
use crate::mapping::common::element::{NL_CORE, STATED_AS, extension_of};

/// On a statement whose resource has no date of its own: when it was made (`valueDateTime`).
pub const SAID_ON: &str = "https://overdracht.example/fhir/StructureDefinition/ext-SaidOn";
pub(super) const ICD: &str = "answer icd-present";
pub(super) const CONTACT_PERSONS: &str = "contact persons";

/// Roles that somebody has until a newer plan gives them to another: the legal representative, the first contact, and
/// the others who speak for the patient (curator, guardian, mentor, who is authorised in writing).
const ROLES: [&str; 6] = [LEGAL_REPRESENTATIVE, FIRST_CONTACT, "03", "11", "15", AUTHORISED_IN_WRITING];

/// What a role of a contact person is about; none for a role that many can have.
pub(super) fn role_topic(concept: &Value) -> Option<String> {
    let code = concept["coding"][0]["code"].as_str()?;
    ROLES.contains(&code).then(|| role(code))
}

pub(super) fn role(code: &str) -> String {
    format!("role {code}")
}

/// The statements of one resource: what it says itself, and what follows from it, which replaces others but marks the
/// resource no further; of a contact person, one for each topic. None for one that states nothing that could be
/// replaced, and none for what was recorded by mistake. `now` tells what has ended, and what has yet to begin.
pub(super) fn statements(resource: &Value, now: Timestamp) -> Vec<Statement> {
    if resource["status"] == "entered-in-error" || resource["lifecycleStatus"] == "entered-in-error" {
        return Vec::new();
    }
    let today = now.to_zoned(TimeZone::UTC).date();
    let one = |topic: String, decision: Option<String>| vec![statement(resource, topic, decision, today)];
    match resource["resourceType"].as_str().unwrap_or_default() {
        "Consent" if is_treatment_directive(resource) => {
            let decided = decision(resource).filter(|(system, _)| *system == TREATMENT_DECISION_SYSTEM);
            let said = decided.map(|(_, code)| format!("{code} {}", specification(resource).unwrap_or_default()));
            let topic = format!("treatment {}", treatment(resource));
            // Who agrees on switching an ICD off has one.
            let implied = (topic == deactivation()).then(|| statement(resource, ICD.into(), Some(YES.into()), today));
            one(topic, said).into_iter().chain(implied).collect()
        }
        "Consent" if resource["scope"]["coding"][0]["code"] == "adr" => {
            one(format!("advance directive {}", declaration(resource)), Some("stands".to_owned()))
        }
        "Consent" if is_sharing(resource) => {
            one("sharing".to_owned(), resource["provision"]["type"].as_str().map(str::to_owned))
        }
        "Goal" => one("goal".to_owned(), coded(&resource["description"])),
        "Observation" => {
            let coding = &resource["code"]["coding"][0];
            let code = coding["code"].as_str().unwrap_or_default();
            let ours = coding["system"] == QUESTIONS;
            if !ours && !TITLES.iter().any(|(known, _)| *known == code) {
                return Vec::new();
            }
            let said = if ours { own_answer(resource) } else { answer(resource) };
            let topic = format!("answer {code}");
            // Who has no ICD has nothing to switch off.
            let none = topic == ICD && said.as_deref().is_some_and(|answer| answer != YES);
            let implied = none.then(|| statement(resource, deactivation(), Some("no ICD".into()), today));
            one(topic, said).into_iter().chain(implied).collect()
        }
        "DeviceUseStatement" => one(ICD.to_owned(), Some(YES.to_owned())),
        "CommunicationRequest" => one("answer informed-relatives".to_owned(), Some(YES.to_owned())),
        "CareTeam" => {
            let begins = resource["period"]["start"].as_str().and_then(|text| Moment::parse(text).ok());
            // Who is to be in charge later takes it from nobody yet.
            let topic = match begins.filter(|begins| begins.first_day() > today) {
                Some(later) => format!("in charge from {}", later.as_str()),
                None => "in charge".to_owned(),
            };
            let member = resource["participant"][0]["member"]["reference"].as_str();
            one(topic, Some(member.unwrap_or_default().to_owned()))
        }
        // One that is not in use and was not replaced was withdrawn.
        "RelatedPerson" if resource["active"] != false || is_replaced(resource) => {
            let roles = resource["relationship"].as_array().into_iter().flatten().filter_map(role_topic);
            let topics = std::iter::once(CONTACT_PERSONS.to_owned()).chain(roles);
            topics.map(|topic| statement(resource, topic, Some("named".to_owned()), today)).collect()
        }
        _ => Vec::new(),
    }
}

/// True for what its own words have ended by now.
pub fn has_ended(resource: &Value, now: Timestamp) -> bool {
    ends_by(resource, now.to_zoned(TimeZone::UTC).date())
}

fn ends_by(resource: &Value, today: Date) -> bool {
    let end = match resource["resourceType"].as_str().unwrap_or_default() {
        "Consent" => &resource["provision"]["period"]["end"],
        "DeviceUseStatement" => &resource["timingPeriod"]["end"],
        "CareTeam" => &resource["period"]["end"],
        _ => &Value::Null,
    };
    let end = end.as_str().and_then(|text| Moment::parse(text).ok());
    end.is_some_and(|end| end.last_day() <= today)
}

fn statement(resource: &Value, topic: String, decision: Option<String>, today: Date) -> Statement {
    Statement {
        topic,
        decision,
        said: said(resource),
        ended: ends_by(resource, today),
        name: ResourceKey::of(resource).map(|key| key.to_string()).unwrap_or_default(),
    }
}

/// When it was said: the resource's own date, or the one that stands beside it.
pub(super) fn said(resource: &Value) -> Option<Moment> {
    let whole = extension_of(&resource["_startDate"], STATED_AS).map(|one| &one["valueDateTime"]);
    let beside = extension_of(resource, SAID_ON).map(|one| &one["valueDateTime"]);
    let own = match resource["resourceType"].as_str()? {
        // The date of an advance directive is the declaration's own.
        "Consent" if resource["scope"]["coding"][0]["code"] == "adr" => None,
        "Consent" => resource.get("dateTime"),
        "Goal" => whole.or(resource.get("startDate")),
        "Observation" => resource.get("effectiveDateTime"),
        "CommunicationRequest" => resource.get("authoredOn"),
        _ => None,
    };
    own.or(beside).and_then(|date| Moment::parse(date.as_str()?).ok())
}

/// The topic of switching an ICD off.
fn deactivation() -> String {
    format!("treatment OTH {}", plain(DEACTIVATION_TEXT))
}

fn plain(words: &str) -> String {
    words.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

/// A treatment's code; for another treatment its words, however they are written.
fn treatment(consent: &Value) -> String {
    let code = &consent["provision"]["code"][0];
    let name = code["coding"][0]["code"].as_str().unwrap_or_default();
    let words = if name == "OTH" || name.is_empty() { code["text"].as_str().unwrap_or_default() } else { "" };
    format!("{name} {}", plain(words))
}

/// All that a declaration says: one that is repeated whole in a later plan is shown once, and one that says more or
/// less stays.
fn declaration(consent: &Value) -> String {
    let comment = extension_of(consent, &format!("{NL_CORE}ext-Comment")).map(|one| &one["valueString"]);
    [
        &consent["provision"]["code"][0]["coding"][0]["code"],
        &consent["dateTime"],
        comment.unwrap_or(&Value::Null),
        &consent["sourceAttachment"],
    ]
    .map(Value::to_string)
    .join(" ")
}

pub(super) fn is_sharing(consent: &Value) -> bool {
    consent["meta"]["profile"].as_array().is_some_and(|all| all.iter().any(|profile| profile == SHARING_CONSENT))
}

/// The code that answers a question of our own: what other kinds of resource say too (a device, a request).
fn own_answer(observation: &Value) -> Option<String> {
    let code = observation["valueCodeableConcept"]["coding"][0]["code"].as_str()?;
    (code != "UNK").then(|| code.to_owned())
}

/// What an Observation answers; none for the absence of an answer.
fn answer(observation: &Value) -> Option<String> {
    if let Some(text) = observation["valueString"].as_str() {
        return Some(text.trim().to_owned());
    }
    let code = coded(&observation["valueCodeableConcept"])?;
    // "Otherwise" says with its comment what it is.
    let more = code.ends_with(" OTH").then(|| observation["note"][0]["text"].as_str()).flatten();
    Some([code.as_str(), more.unwrap_or_default()].join(" "))
}

/// System and code of a concept, or its text; none for "unknown".
fn coded(concept: &Value) -> Option<String> {
    let coding = &concept["coding"][0];
    match (coding["system"].as_str(), coding["code"].as_str()) {
        (Some(NULL_FLAVOR), Some("UNK" | "ASKU" | "NASK")) => None,
        (system, Some(code)) => Some(format!("{} {code}", system.unwrap_or_default())),
        _ => concept["text"].as_str().map(str::to_owned),
    }
}
