//! Merging what a document says of a party with what is stored: identifiers are united, nothing is lost, and of the
//! demographics the newer statement holds.

use jiff::Timestamp;
use serde_json::{Map, Value};

use super::patient::RECORDED;

/// One resource of both. Lists that say which one it is or what it is (identifiers, profiles, extensions by URL) are
/// united; every other element is taken whole from the newer statement, or from the older one where only that has it.
///
/// Which is newer: the demographics' moment of recording, where both carry one; otherwise what comes in.
pub fn merge(stored: &Value, incoming: &Value) -> Value {
    let (Some(old), Some(new)) = (stored.as_object(), incoming.as_object()) else { return incoming.clone() };
    let incoming_is_older = match (recorded(stored), recorded(incoming)) {
        (Some(stored), Some(incoming)) => incoming < stored,
        _ => false,
    };
    let (newer, older) = if incoming_is_older { (old, new) } else { (new, old) };
    let mut merged = Map::new();
    for key in newer.keys().chain(older.keys().filter(|key| !newer.contains_key(*key))) {
        let value = match (newer.get(key), older.get(key)) {
            (Some(newer), Some(older)) => element(key, newer, older),
            (Some(one), None) | (None, Some(one)) => one.clone(),
            (None, None) => continue,
        };
        merged.insert(key.clone(), value);
    }
    // `deceasedBoolean` and `deceasedDateTime` are one element: a date holds, whoever says it.
    if merged.contains_key("deceasedDateTime") {
        merged.shift_remove("deceasedBoolean");
    }
    Value::Object(merged)
}

fn recorded(resource: &Value) -> Option<Timestamp> {
    let extensions = resource["extension"].as_array()?;
    extensions.iter().find(|extension| extension["url"] == RECORDED)?["valueDateTime"].as_str()?.parse().ok()
}

fn element(key: &str, newer: &Value, older: &Value) -> Value {
    match key {
        // A Composition has one identifier, and no list of them.
        "identifier" if newer.is_array() => {
            united(newer, older, |one| (one["system"].to_string(), one["value"].to_string()))
        }
        "extension" => united(newer, older, |one| (one["url"].to_string(), String::new())),
        "meta" => {
            let mut meta = newer.clone();
            if !older["profile"].is_null() {
                meta["profile"] = united(&newer["profile"], &older["profile"], |one| (one.to_string(), String::new()));
            }
            meta
        }
        _ => newer.clone(),
    }
}

/// Everything of `newer`, and of `older` what no item of `newer` has the name of; in a stable order, so that merging
/// the same again changes nothing.
fn united(newer: &Value, older: &Value, name: impl Fn(&Value) -> (String, String)) -> Value {
    let items = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let newer = items(newer);
    let mut all: Vec<Value> = newer.clone();
    all.extend(items(older).into_iter().filter(|item| newer.iter().all(|other| name(other) != name(item))));
    all.sort_by_key(|item| name(item));
    Value::Array(all)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_element_that_does_not_repeat_stays_what_it_is() {
        let one = json!({ "resourceType": "Composition", "identifier": { "system": "s", "value": "v" } });
        assert_eq!(merge(&one, &one), one);
    }

    fn patient(recorded: &str, identifiers: Value, family: &str, more: Value) -> Value {
        let mut patient = json!({
            "resourceType": "Patient",
            "meta": { "profile": ["a"] },
            "extension": [{ "url": RECORDED, "valueDateTime": recorded }],
            "identifier": identifiers,
            "name": [{ "family": family }],
        });
        for (key, value) in more.as_object().unwrap() {
            patient[key] = value.clone();
        }
        patient
    }

    #[test]
    fn the_newer_demographics_hold_whichever_comes_first() {
        let old = patient(
            "2025-01-01T00:00:00Z",
            json!([{ "system": "bsn", "value": "1" }]),
            "Oud",
            json!({ "gender": "male" }),
        );
        let new = patient("2025-02-01T00:00:00Z", json!([{ "system": "mr", "value": "2" }]), "Nieuw", json!({}));
        let (one, other) = (merge(&old, &new), merge(&new, &old));
        assert_eq!(one, other);
        assert_eq!((one["name"][0]["family"].as_str(), one["gender"].as_str()), (Some("Nieuw"), Some("male")));
        assert_eq!(one["identifier"].as_array().unwrap().len(), 2);
    }

    #[test]
    fn merging_the_same_again_changes_nothing() {
        let old = patient("2025-01-01T00:00:00Z", json!([{ "system": "bsn", "value": "1" }]), "Oud", json!({}));
        let new = patient("2025-02-01T00:00:00Z", json!([{ "system": "mr", "value": "2" }]), "Nieuw", json!({}));
        let once = merge(&old, &new);
        assert_eq!(merge(&once, &new), once);
    }

    #[test]
    fn a_date_of_death_is_not_lost_to_a_later_document_that_does_not_know_it() {
        let old = patient("2025-01-01T00:00:00Z", json!([]), "A", json!({ "deceasedDateTime": "2024-12-30" }));
        let new = patient("2025-02-01T00:00:00Z", json!([]), "A", json!({ "deceasedBoolean": false }));
        let merged = merge(&old, &new);
        assert_eq!(merged["deceasedDateTime"], "2024-12-30");
        assert!(merged.get("deceasedBoolean").is_none());
    }
}
