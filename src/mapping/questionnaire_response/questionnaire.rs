//! The form itself: a Questionnaire with the published structure and our words.

use serde_json::{Value, json};

use super::edition::Edition;
use super::item::{Item, Kind};
use super::items::{self, ITEMS};
use crate::mapping::common::element::Object;

/// The Questionnaire of an edition as R4, also that of zib2017.
pub fn questionnaire(edition: Edition) -> Value {
    form(edition, true)
}

/// The same without the words of its items: what a response is checked against, which may repeat the words of the
/// published form.
pub fn skeleton(edition: Edition) -> Value {
    form(edition, false)
}

fn form(edition: Edition, words: bool) -> Value {
    json!({
        "resourceType": "Questionnaire",
        "id": edition.id(),
        "url": edition.canonical(),
        "version": edition.version(),
        "name": edition.id().replace('-', ""),
        "title": "Proactieve zorgplanning: wat met de patiënt is afgesproken",
        "status": "draft",
        "subjectType": ["Patient"],
        "description": "De structuur is die van het gepubliceerde formulier; de woorden zijn van Overdracht.",
        "item": ITEMS.iter().filter_map(|item| self::item(item, edition, words)).collect::<Vec<_>>(),
    })
}

fn item(item: &Item, edition: Edition, words: bool) -> Option<Value> {
    let mut object = Object::new();
    object.set("linkId", item.link(edition)?);
    if !item.prefix.is_empty() {
        object.set("prefix", item.prefix);
    }
    object.maybe("text", words.then_some(item.text)).set("type", answer_type(item, edition));
    if let Some((question, answer)) = item.when {
        let asked = items::named(question)?.link(edition)?;
        let answer = edition.said(&answer);
        let mut coding = Object::new();
        coding.maybe("system", (!answer.system.is_empty()).then_some(answer.system)).set("code", answer.code);
        object
            .set("enableWhen", json!([{ "question": asked, "operator": "=", "answerCoding": coding.build() }]))
            .set("enableBehavior", "any");
    }
    if item.kind != Kind::Group {
        object.set("required", false);
    }
    object.set("repeats", item.repeats);
    if item.read_only {
        object.set("readOnly", true);
    }
    let options = item.options.of(edition).map(|code| {
        let said = edition.said(code);
        let mut coding = Object::new();
        coding.maybe("system", (!said.system.is_empty()).then_some(said.system));
        coding.set("code", said.code).set("display", said.display);
        let mut option = json!({ "valueCoding": coding.build() });
        if item.read_only {
            option["initialSelected"] = Value::Bool(true);
        }
        option
    });
    object.list("answerOption", options.collect());
    object.list("item", item.items.iter().filter_map(|below| self::item(below, edition, words)).collect());
    Some(object.build())
}

/// FHIR's type of an item.
fn answer_type(item: &Item, edition: Edition) -> &'static str {
    match item.kind {
        Kind::Group => "group",
        Kind::Text | Kind::OtherWords => "string",
        Kind::Moment => "dateTime",
        Kind::Day if edition == Edition::Zib2020Beta => "dateTime",
        Kind::Day => "date",
        Kind::Treatment if edition != Edition::Zib2017 => "open-choice",
        _ => "choice",
    }
}
