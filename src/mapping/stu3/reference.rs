//! References. STU3 lets few elements refer to the role of a professional: the reference is to the person, and the
//! role stands beside it in an extension of Nictiz.

use serde_json::{Value, json};

use super::Others;
use super::draft::{extend, take, take_extensions};
use super::names::nictiz;

/// Nictiz's extension that holds the role of a professional.
pub(super) fn role_extension() -> String {
    nictiz("practitionerrole-reference")
}

/// The type that a reference leads to, where it says so.
pub(super) fn target(reference: &Value) -> Option<&str> {
    match reference["reference"].as_str() {
        Some(text) => {
            let mut parts = text.split('/').rev();
            let versioned = text.contains("/_history/");
            parts.nth(if versioned { 3 } else { 1 })
        }
        None => reference["type"].as_str(),
    }
}

/// Makes a reference to a role one to the person who has it.
pub(super) fn role_to_stu3(reference: &mut Value, others: &Others<'_>) {
    let mut role = reference.clone();
    let beside = take(&mut role, "extension");
    let text = role["reference"].as_str().unwrap_or_default().to_owned();
    let found = others(&text).map_or(Value::Null, |found| found["practitioner"].clone());
    let mut person = json!({});
    if let Some(one) = found.get("reference") {
        person["reference"] = one.clone();
    }
    if let Some(display) = found.get("display").or(role.get("display")) {
        person["display"] = display.clone();
    }
    if let Some(beside) = beside {
        person["extension"] = beside;
    }
    extend(&mut person, json!({ "url": role_extension(), "valueReference": role }));
    *reference = person;
}

/// Gives every reference to a person beside whom a role stands back to the role.
pub(super) fn to_r4(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(to_r4),
        Value::Object(object) => {
            object.values_mut().for_each(to_r4);
            let Some(role) = take_extensions(value, &role_extension()).into_iter().next() else { return };
            let mut role = role["valueReference"].clone();
            if let Some(beside) = take(value, "extension") {
                role["extension"] = beside;
            }
            *value = role;
        }
        _ => {}
    }
}
