//! Provenance: concepts of R4 are codings of STU3, and who and what stand under the name of their type.

use serde_json::{Value, json};

use super::draft::{Draft, list, rename};
use super::observation::lists;

/// Elements that say a reference, in an agent and in an entity.
const AGENT: &[(&str, &str)] = &[("who", "whoReference"), ("onBehalfOf", "onBehalfOfReference")];
const ENTITY: &[(&str, &str)] = &[("what", "whatReference")];

pub(super) fn to_stu3(draft: &mut Draft<'_>) {
    draft.rename("occurredPeriod", "period");
    if let Some(at) = draft.take("occurredDateTime") {
        draft.set("period", json!({ "start": at.clone(), "end": at }));
    }
    if let Some(activity) = draft.take("activity") {
        draft.set("activity", activity["coding"][0].clone());
    }
    let reasons = draft.take_list("reason");
    draft.set_list("reason", reasons.iter().map(|one| one["coding"][0].clone()).collect());
    each(&mut draft.body, "agent", &mut agent_to_stu3);
    each(&mut draft.body, "entity", &mut |entity| {
        ENTITY.iter().for_each(|(r4, stu3)| rename(entity, r4, stu3));
        each(entity, "agent", &mut agent_to_stu3);
    });
}

/// STU3 has one list of roles: R4's type, which is first, and its roles.
fn agent_to_stu3(agent: &mut Value) {
    AGENT.iter().for_each(|(r4, stu3)| rename(agent, r4, stu3));
    let roles = list(super::draft::take(agent, "role"));
    rename(agent, "type", "role");
    lists(agent, &["role"]);
    if !roles.is_empty() {
        super::kept::keep(agent, "Provenance.agent", "role", &Value::Array(roles));
    }
}

pub(super) fn to_r4(draft: &mut Draft<'_>) {
    draft.rename("period", "occurredPeriod");
    if let Some(activity) = draft.take("activity") {
        draft.set("activity", json!({ "coding": [activity] }));
    }
    let reasons = draft.take_list("reason");
    draft.set_list("reason", reasons.into_iter().map(|one| json!({ "coding": [one] })).collect());
    each(&mut draft.body, "agent", &mut agent_to_r4);
    each(&mut draft.body, "entity", &mut |entity| {
        ENTITY.iter().for_each(|(r4, stu3)| rename(entity, stu3, r4));
        each(entity, "agent", &mut agent_to_r4);
    });
}

fn agent_to_r4(agent: &mut Value) {
    AGENT.iter().for_each(|(r4, stu3)| rename(agent, stu3, r4));
    let mut roles = list(super::draft::take(agent, "role"));
    if !roles.is_empty() {
        agent["type"] = roles.remove(0);
    }
    if !roles.is_empty() {
        agent["role"] = Value::Array(roles);
    }
}

fn each(object: &mut Value, name: &str, step: &mut impl FnMut(&mut Value)) {
    object.get_mut(name).and_then(Value::as_array_mut).into_iter().flatten().for_each(step);
}
