//! Observation: a plain first note is the comment, and what it rests on or consists of is one list of related ones.

use serde_json::{Value, json};

use super::draft::{Draft, list, take};

const RENAMED: &[(&str, &str)] = &[("encounter", "context")];
/// Element of R4, and the type of the relation.
const RELATED: &[(&str, &str)] = &[("hasMember", "has-member"), ("derivedFrom", "derived-from")];

pub(super) fn to_stu3(draft: &mut Draft<'_>) {
    draft.rename_all(RENAMED);
    let mut notes = draft.take_list("note");
    // Who wrote a note, and when, has no place beside a comment: such a note is kept whole.
    let plain = |note: &Value| note.as_object().is_some_and(|note| note.len() == 1 && note.contains_key("text"));
    if notes.first().is_some_and(plain) {
        let first = notes.remove(0);
        draft.set("comment", first["text"].clone());
    }
    draft.set_list("note", notes);
    integer_to_stu3(&mut draft.body);
    each_component(&mut draft.body, integer_to_stu3);
    let mut related = Vec::new();
    for (element, kind) in RELATED {
        related.extend(draft.take_list(element).into_iter().map(|one| json!({ "type": kind, "target": one })));
    }
    draft.set_list("related", related);
}

pub(super) fn to_r4(draft: &mut Draft<'_>) {
    draft.rename_back(RENAMED);
    if let Some(comment) = draft.take("comment") {
        draft.set("note", json!([{ "text": comment }]));
    }
    for one in draft.take_list("related") {
        match RELATED.iter().find(|(_, kind)| one["type"] == *kind) {
            Some((element, _)) => {
                let mut all = draft.take_list(element);
                all.push(one["target"].clone());
                draft.set_list(element, all);
            }
            None => draft.lose("related", "R4 has no such relation between observations"),
        }
    }
    lists(&mut draft.body, &["interpretation"]);
    integer_to_r4(&mut draft.body);
    each_component(&mut draft.body, |component| {
        lists(component, &["interpretation"]);
        integer_to_r4(component);
    });
}

fn each_component(body: &mut Value, step: fn(&mut Value)) {
    body.get_mut("component").and_then(Value::as_array_mut).into_iter().flatten().for_each(step);
}

/// A whole number is a quantity without a unit: STU3 has no integer here.
fn integer_to_stu3(object: &mut Value) {
    if let Some(number) = take(object, "valueInteger") {
        object["valueQuantity"] = json!({ "value": number });
    }
}

fn integer_to_r4(object: &mut Value) {
    let quantity = &object["valueQuantity"];
    let alone = quantity.as_object().is_some_and(|one| one.len() == 1);
    if alone && quantity["value"].is_i64() {
        let number = quantity["value"].clone();
        take(object, "valueQuantity");
        object["valueInteger"] = number;
    }
}

/// Makes elements that R4 repeats lists.
pub(super) fn lists(object: &mut Value, names: &[&str]) {
    for name in names {
        if let Some(one) = take(object, name) {
            object[*name] = Value::Array(list(Some(one)));
        }
    }
}
