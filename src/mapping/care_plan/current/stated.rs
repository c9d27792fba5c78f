//! One stored resource as what it said, apart from the document that it came with.

use serde_json::{Value, json};

use super::settle::is_replaced;
use super::statement::{role, role_topic, said};
use crate::mapping::care_plan::people::{FIRST_CONTACT, LEGAL_REPRESENTATIVE};

/// The statement with its date and its parties as its own: what the mapping took from the conversation of one document
/// must not be taken from that of another. A contact person whom a newer plan does not name keeps no role.
pub(super) fn stated(resource: &Value) -> Value {
    let mut resource = resource.clone();
    let date = said(&resource);
    let Some(object) = resource.as_object_mut() else { return resource };
    object.shift_remove("_dateTime");
    object.shift_remove("_effectiveDateTime");
    if object.get("resourceType").is_some_and(|kind| kind == "Goal") && !object.contains_key("startDate") {
        object.extend(date.map(|date| ("startDate".to_owned(), json!(date.date()))));
    }
    let in_use = object.get("active").is_none_or(|active| active != false);
    if let Some(roles) = object.get_mut("relationship").and_then(Value::as_array_mut) {
        roles.retain(|role| if in_use { !is_replaced(role) } else { role_topic(role).is_none() });
    }
    let actors = resource.pointer_mut("/provision/actor").and_then(Value::as_array_mut);
    // An agreement has two parties at least: one alone stays what it is, taken from the conversation.
    for actor in actors.filter(|actors| actors.len() > 1).into_iter().flatten() {
        actor.as_object_mut().and_then(|actor| actor.shift_remove("extension"));
    }
    resource
}

/// The contact persons to whom a resource refers.
pub(super) fn persons(resource: &Value) -> Vec<&str> {
    let actors = resource["provision"]["actor"].as_array().into_iter().flatten().map(|actor| &actor["reference"]);
    let present = resource["participant"].as_array().into_iter().flatten().map(|one| &one["individual"]);
    let references = actors.chain(present).filter_map(|one| one["reference"].as_str());
    references.filter(|reference| reference.starts_with("RelatedPerson/")).collect()
}

/// False for a role that a newer plan gives to somebody else.
pub(super) fn gives(person: &Value, list: &str) -> bool {
    let topic = match list {
        "legalRepresentative" => role(LEGAL_REPRESENTATIVE),
        "firstContacts" => role(FIRST_CONTACT),
        _ => return true,
    };
    let roles = person["relationship"].as_array().into_iter().flatten();
    roles.filter(|role| role_topic(role).as_ref() == Some(&topic)).all(|role| !is_replaced(role))
}
