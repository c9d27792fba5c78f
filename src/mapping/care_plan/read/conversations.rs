//! Resources of several conversations, as the plan of each.
//!
//! A care plan tells of one conversation. Another system may send a whole record: what was agreed in 2020 beside what
//! was agreed in 2025. Read as one plan, the answers of one would stand among those of the other.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::fhir::ResourceKey;
use crate::mapping::care_plan::has_profile;

/// The code of the procedure that a conversation is.
const CARE_PLANNING: &str = "713603004";

/// Types of what is said in a conversation, with where its date stands. Everything else is of nobody's conversation, and
/// goes to the newest and to those that refer to it.
const STATEMENTS: &[(&str, &[&str])] = &[
    ("Consent", &["/dateTime"]),
    ("Goal", &["/startDate", "/statusDate"]),
    ("Observation", &["/effectiveDateTime", "/effectivePeriod/start"]),
    ("CommunicationRequest", &["/authoredOn"]),
    ("Procedure", &["/performedDateTime", "/performedPeriod/start"]),
    ("Encounter", &["/period/start"]),
];

/// What was said in one conversation, and everything that it leads to.
#[derive(Clone, Debug)]
pub struct Conversation {
    /// What tells it from the others of the same patient, whatever else comes along; None where there is no other.
    pub name: Option<String>,
    pub resources: Vec<Value>,
}

/// The conversations that these resources tell of, the oldest first; one where they tell of none.
///
/// A statement belongs to the encounter that it names, else to the last conversation that is not later than itself, else
/// to the oldest; without a date, to the newest. Advance directives are papers of the patient's own and no part of a
/// conversation: they, people and devices stand in the newest plan.
pub fn conversations(resources: &[Value]) -> Vec<Conversation> {
    let mut encounters = encounters(resources.iter());
    let ours = resources.iter().any(|one| has_profile(one, "Overdracht-CarePlan"));
    if encounters.len() < 2 || ours {
        return vec![Conversation { name: None, resources: resources.to_vec() }];
    }
    encounters.sort_by_key(|one| date(one));
    let keys: Vec<String> = encounters.iter().filter_map(|one| key(one)).collect();
    let newest = encounters.len() - 1;
    let place = |one: &Value| home(one, resources, &encounters, &keys);
    let homes: Vec<Option<usize>> = resources.iter().map(place).collect();
    let by_key: BTreeMap<String, usize> =
        resources.iter().enumerate().filter_map(|(at, one)| Some((key(one)?, at))).collect();
    let of = |number: usize| {
        let own = (0..resources.len()).filter(|at| homes[*at].unwrap_or(newest) == number);
        let mut found: BTreeSet<usize> = own.collect();
        let mut open: Vec<usize> = found.iter().copied().collect();
        while let Some(at) = open.pop() {
            let mut led = Vec::new();
            references(&resources[at], &mut led);
            for next in led.into_iter().filter_map(|reference| by_key.get(reference).copied()) {
                if homes[next].is_none() && found.insert(next) {
                    open.push(next);
                }
            }
        }
        found.into_iter().map(|at| resources[at].clone()).collect()
    };
    let conversation = |(number, one): (usize, &&Value)| Conversation { name: Some(name(one)), resources: of(number) };
    encounters.iter().enumerate().map(conversation).collect()
}

/// The encounters in which care was planned: those of the procedure or the profile, or all where none says so.
pub fn encounters<'r>(resources: impl Iterator<Item = &'r Value> + Clone) -> Vec<&'r Value> {
    let of_type = |name: &'static str| resources.clone().filter(move |one| one["resourceType"] == name);
    let procedures: Vec<&Value> = of_type("Procedure").filter(|one| is_planning(&one["code"])).collect();
    let planned = |one: &&Value| {
        let own = key(one);
        let reasons = one["reasonReference"].as_array().into_iter().flatten();
        let mut reasons = reasons.filter_map(|reason| reason["reference"].as_str());
        has_profile(one, "ACP-Encounter")
            || one["reasonCode"].as_array().into_iter().flatten().any(is_planning)
            || reasons.any(|reason| procedures.iter().any(|one| key(one).as_deref() == Some(reason)))
            || procedures.iter().any(|procedure| procedure["encounter"]["reference"].as_str() == own.as_deref())
    };
    let found: Vec<&Value> = of_type("Encounter").filter(planned).collect();
    if found.is_empty() { of_type("Encounter").collect() } else { found }
}

fn is_planning(concept: &Value) -> bool {
    concept["coding"].as_array().into_iter().flatten().any(|coding| coding["code"] == CARE_PLANNING)
}

/// The conversation to which a statement belongs, by its number; none for what is no statement of a conversation.
fn home(one: &Value, resources: &[Value], encounters: &[&Value], keys: &[String]) -> Option<usize> {
    let kind = one["resourceType"].as_str()?;
    let own = key(one)?;
    let at = |key: &str| keys.iter().position(|known| known == key);
    if !STATEMENTS.iter().any(|(name, _)| *name == kind) || one["scope"]["coding"][0]["code"] == "adr" {
        return None;
    }
    // An encounter for something else is told with the newest plan.
    if kind == "Encounter" {
        return at(&own);
    }
    let named = one["encounter"]["reference"].as_str().and_then(at);
    let reason = |encounter: &&Value| {
        let reasons = encounter["reasonReference"].as_array().into_iter().flatten();
        reasons.into_iter().any(|reason| reason["reference"] == own.as_str())
    };
    if let Some(found) = named.or_else(|| encounters.iter().position(reason)) {
        return Some(found);
    }
    let newest = encounters.len() - 1;
    let Some(said) = date(one).or_else(|| date(resources.iter().find(|other| leads_to(other, &own))?)) else {
        return Some(newest);
    };
    let not_later = |encounter: &&Value| date(encounter).is_some_and(|held| is_not_later(&held, &said));
    Some(encounters.iter().rposition(not_later).unwrap_or(0))
}

/// By the part of both that is said: a year is not later than a day in it.
fn is_not_later(one: &str, other: &str) -> bool {
    let length = one.len().min(other.len()).min("2020-01-01".len());
    one.get(..length) <= other.get(..length)
}

fn date(one: &Value) -> Option<String> {
    let (_, places) = STATEMENTS.iter().find(|(name, _)| one["resourceType"] == *name)?;
    places.iter().find_map(|at| one.pointer(at)?.as_str()).map(str::to_owned)
}

/// The sender's own name of an encounter, which stays when other encounters come along.
fn name(encounter: &Value) -> String {
    let said = [&encounter["identifier"][0]["value"], &encounter["period"]["start"], &encounter["id"]];
    said.into_iter().find_map(Value::as_str).unwrap_or_default().to_owned()
}

fn key(one: &Value) -> Option<String> {
    ResourceKey::of(one).map(|key| key.to_string())
}

fn leads_to(one: &Value, key: &str) -> bool {
    let mut led = Vec::new();
    references(one, &mut led);
    led.contains(&key)
}

fn references<'v>(value: &'v Value, found: &mut Vec<&'v str>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| references(item, found)),
        Value::Object(object) => {
            found.extend(object.get("reference").and_then(Value::as_str));
            object.values().for_each(|value| references(value, found));
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn encounter(id: &str, date: &str) -> Value {
        json!({ "resourceType": "Encounter", "id": id, "identifier": [{ "value": format!("visit-{id}") }],
            "meta": { "profile": ["https://x/ACP-Encounter"] }, "period": { "start": date } })
    }

    fn of(kind: &str, id: &str, more: Value) -> Value {
        let mut one = json!({ "resourceType": kind, "id": id });
        one.as_object_mut().unwrap().extend(more.as_object().cloned().unwrap());
        one
    }

    /// Name and ids of each conversation.
    fn told(resources: &[Value]) -> Vec<(Option<String>, Vec<String>)> {
        let ids = |one: Conversation| one.resources.iter().map(|it| it["id"].as_str().unwrap().to_owned()).collect();
        conversations(resources).into_iter().map(|one| (one.name.clone(), ids(one))).collect()
    }

    #[test]
    fn each_statement_stands_in_its_conversation_with_what_it_leads_to() {
        let to = |reference: &str| json!({ "reference": reference });
        let resources = [
            encounter("new", "2025-07-29"),
            encounter("old", "2020-10-01"),
            of("Encounter", "broken-leg", json!({ "period": { "start": "2022-01-01" } })),
            of("Goal", "of-old", json!({ "startDate": "2020-10-01" })),
            of("Goal", "of-new", json!({ "statusDate": "2025-08" })),
            of("Consent", "between", json!({ "dateTime": "2022-11-08", "performer": [to("RelatedPerson/son")] })),
            of("Consent", "before", json!({ "dateTime": "2019" })),
            of("Consent", "undated", json!({})),
            of("Consent", "paper", json!({ "dateTime": "2018", "scope": { "coding": [{ "code": "adr" }] } })),
            of("Consent", "rests-on-it", json!({ "dateTime": "2020-10-01", "sourceReference": to("Consent/paper") })),
            of("Observation", "named", json!({ "effectiveDateTime": "2025-07-29", "encounter": to("Encounter/old") })),
            of("RelatedPerson", "son", json!({})),
            of("RelatedPerson", "daughter", json!({})),
        ];
        let own = |names: &str| names.split(' ').map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(
            told(&resources),
            [
                (Some("visit-old".into()), own("old of-old between before paper rests-on-it named son")),
                (Some("visit-new".into()), own("new broken-leg of-new undated paper son daughter")),
            ]
        );
    }

    #[test]
    fn one_conversation_is_one_plan_whatever_else_was_visited() {
        let visit = of("Encounter", "broken-leg", json!({ "period": { "start": "2022-01-01" } }));
        let goal = of("Goal", "goal", json!({}));
        assert_eq!(told(&[]), [(None, vec![])]);
        assert_eq!(told(std::slice::from_ref(&goal)), [(None, vec!["goal".into()])]);
        let talk = encounter("talk", "2025-07-29");
        assert_eq!(told(&[visit, goal, talk]), [(None, ["broken-leg", "goal", "talk"].map(str::to_owned).to_vec())]);
    }
}
