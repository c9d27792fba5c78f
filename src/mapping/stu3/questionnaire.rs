//! Questionnaire and QuestionnaireResponse: options, conditions and the name of the form.

use serde_json::{Value, json};

use super::draft::{Draft, list, rename, take};

pub(super) fn to_stu3(draft: &mut Draft<'_>) {
    let mut losses = Vec::new();
    items(&mut draft.body, &mut |item| {
        rename(item, "answerOption", "option");
        for option in item.get_mut("option").and_then(Value::as_array_mut).into_iter().flatten() {
            if take(option, "initialSelected").is_some() {
                losses.push("STU3 has no option that is chosen beforehand");
            }
        }
        if let Some(canonical) = take(item, "answerValueSet") {
            item["options"] = json!({ "reference": canonical });
        }
        initial(item);
        let conditions = list(take(item, "enableWhen"));
        if take(item, "enableBehavior").is_some_and(|all| all == "all") && conditions.len() > 1 {
            losses.push("STU3 shows an item when any of its conditions holds");
        }
        let conditions: Vec<Value> = conditions.into_iter().filter_map(|one| condition(one, &mut losses)).collect();
        if !conditions.is_empty() {
            item["enableWhen"] = Value::Array(conditions);
        }
    });
    losses.into_iter().for_each(|reason| draft.lose("item", reason));
}

/// The first initial value; STU3 has one.
fn initial(item: &mut Value) {
    let Some(first) = list(take(item, "initial")).into_iter().next() else { return };
    for (name, value) in first.as_object().into_iter().flatten() {
        if let Some(kind) = name.strip_prefix("value") {
            item[format!("initial{kind}")] = value.clone();
        }
    }
}

/// STU3 asks whether there is an answer, or which.
fn condition(mut one: Value, losses: &mut Vec<&'static str>) -> Option<Value> {
    match take(&mut one, "operator").as_ref().and_then(Value::as_str) {
        Some("exists") => {
            rename(&mut one, "answerBoolean", "hasAnswer");
            Some(one)
        }
        Some("=") | None => Some(one),
        Some(_) => {
            losses.push("STU3 has no such comparison in a condition");
            None
        }
    }
}

pub(super) fn to_r4(draft: &mut Draft<'_>) {
    items(&mut draft.body, &mut |item| {
        rename(item, "option", "answerOption");
        if let Some(options) = take(item, "options") {
            item["answerValueSet"] = options["reference"].clone();
        }
        let given =
            item.as_object().into_iter().flatten().find_map(|(name, value)| {
                Some((name.clone(), name.strip_prefix("initial")?.to_owned(), value.clone()))
            });
        if let Some((name, kind, value)) = given {
            take(item, &name);
            let mut one = json!({});
            one[format!("value{kind}")] = value;
            item["initial"] = json!([one]);
        }
        let conditions = list(take(item, "enableWhen"));
        if conditions.len() > 1 {
            item["enableBehavior"] = Value::from("any");
        }
        let conditions: Vec<Value> = conditions
            .into_iter()
            .map(|mut one| {
                let exists = one.get("hasAnswer").is_some();
                rename(&mut one, "hasAnswer", "answerBoolean");
                one["operator"] = Value::from(if exists { "exists" } else { "=" });
                one
            })
            .collect();
        if !conditions.is_empty() {
            item["enableWhen"] = Value::Array(conditions);
        }
    });
}

fn items(parent: &mut Value, step: &mut impl FnMut(&mut Value)) {
    for item in parent.get_mut("item").and_then(Value::as_array_mut).into_iter().flatten() {
        step(item);
        items(item, step);
    }
}

const RENAMED: &[(&str, &str)] = &[("encounter", "context"), ("partOf", "parent")];

pub(super) fn response_to_stu3(draft: &mut Draft<'_>) {
    draft.rename_all(RENAMED);
    if let Some(form) = draft.take("questionnaire") {
        draft.set("questionnaire", json!({ "reference": form }));
    }
}

pub(super) fn response_to_r4(draft: &mut Draft<'_>) {
    draft.rename_back(RENAMED);
    if let Some(form) = draft.take("questionnaire") {
        draft.set("questionnaire", form["reference"].clone());
    }
}
