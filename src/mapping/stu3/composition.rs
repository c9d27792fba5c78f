//! Composition: one class, and an author that is a person; an organisation that wrote it is named and kept.

use serde_json::{Value, json};

use super::draft::Draft;
use super::observation::lists;
use super::reference::target;

pub(super) fn to_stu3(draft: &mut Draft<'_>) {
    let mut categories = draft.take_list("category");
    if !categories.is_empty() {
        draft.set("class", categories.remove(0));
    }
    draft.set_list("category", categories);
    let mut authors = draft.take_list("author");
    for author in &mut authors {
        if target(author) == Some("Organization") {
            let mut named = json!({});
            named["display"] = author.get("display").cloned().unwrap_or_else(|| Value::from("Organisatie"));
            super::kept::keep(&mut named, "Composition", "author", author);
            *author = named;
        }
    }
    draft.set_list("author", authors);
    for attester in draft.body.get_mut("attester").and_then(Value::as_array_mut).into_iter().flatten() {
        lists(attester, &["mode"]);
    }
}

pub(super) fn to_r4(draft: &mut Draft<'_>) {
    let class = draft.take("class");
    draft.set_list("category", class.into_iter().collect());
    let mut authors = draft.take_list("author");
    for author in &mut authors {
        let mut whole = json!({ "extension": author["extension"].clone() });
        super::kept::restore(&mut whole);
        if let Some(organization) = whole["author"].get(0) {
            *author = organization.clone();
        }
    }
    draft.set_list("author", authors);
    for attester in draft.body.get_mut("attester").and_then(Value::as_array_mut).into_iter().flatten() {
        if let Some(first) = attester["mode"].get(0).cloned() {
            attester["mode"] = first;
        }
    }
}
