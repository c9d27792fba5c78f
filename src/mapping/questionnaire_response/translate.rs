//! A filled form of one edition → the same answers on the form of another.

use serde_json::{Value, json};

use super::edition::Edition;
use super::items;
use super::read::{patient, read};
use super::write::write;
use crate::domain::{Document, Kind, parse};

/// When the plan of a form counts as recorded: later than anything that it tells of.
const RECORDED: &str = "2999-01-01T00:00:00Z";

/// The form as this edition has it, under its own id; None where it cannot be read as a plan.
/// Around the answers nothing changes.
pub fn translated(response: &Value, edition: Edition) -> Option<Value> {
    // What no form says must stand around a plan; none of it comes into the form.
    let said = patient(response);
    let mut around = json!({
        "documentId": "form", "version": 1, "recordedAt": RECORDED,
        "source": { "system": "urn:oid:2.999", "organization": { "name": "-" } },
        "patient": { "name": { "lastName": { "name": "-" } } },
    });
    let named = said["name"].is_object();
    if let (Some(around), Some(said)) = (around["patient"].as_object_mut(), said.as_object()) {
        around.extend(said.clone());
    }
    let document = read(response, &around).ok()?.document;
    let plan = match parse(Kind::CarePlan, &document, RECORDED.parse().ok()?).ok()? {
        Document::CarePlan(plan) => plan,
        Document::RegistryRecord(_) | Document::MetastasisEvent(_) => return None,
    };
    let mut other = response.clone();
    other["questionnaire"] = Value::from(edition.canonical());
    let mut items = write(&plan, edition).items;
    if !named {
        unnamed(&mut items, edition);
    }
    other["item"] = Value::Array(items);
    Some(other)
}

/// Takes out the name of a patient whom the form does not name.
fn unnamed(all: &mut Vec<Value>, edition: Edition) {
    let names = |link: &str| items::of(edition, link).is_some_and(|item| item.to.starts_with("/patient/name"));
    all.retain_mut(|one| {
        let Some(within) = one.get_mut("item").and_then(Value::as_array_mut) else {
            return !names(one["linkId"].as_str().unwrap_or_default());
        };
        unnamed(within, edition);
        !within.is_empty()
    });
}
