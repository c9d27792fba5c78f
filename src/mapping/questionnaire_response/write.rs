//! A care plan → a filled form.

use serde_json::{Value, json};

use super::draft::{Draft, Named};
use super::edition::Edition;
use super::item::{Item, Kind};
use super::items::{self, ITEMS};
use super::read::is_within;
use crate::domain::CarePlan;
use crate::domain::common::codes::{Code, find, find_in};
use crate::mapping::{Fate, Trace};

/// A form that was filled in.
#[derive(Clone, Debug)]
pub struct Written {
    /// The items of the QuestionnaireResponse, in the order and nesting of the form.
    pub items: Vec<Value>,
    /// JSON pointer into the document → linkId, for every leaf of the document besides the envelope's own
    /// (`documentId`, `version`, `recordedAt`, `source`).
    pub trace: Trace,
}

/// What of the envelope stands around a form, not in it.
const AROUND: &[&str] = &["/documentId", "/version", "/recordedAt", "/source"];

/// The form of this edition, filled with what the plan says. What the form cannot say is in the trace as not carried;
/// nothing is answered that the plan does not say or imply.
pub fn write(plan: &CarePlan, edition: Edition) -> Written {
    let mut writer = Writer { edition, draft: Draft::of(plan, edition), trace: Trace::default() };
    let items = writer.items(ITEMS, 0, None);
    let document = plan.to_json();
    writer.people(&document);
    let mut all = Vec::new();
    leaves(&document, "", &mut all);
    for leaf in all {
        let told = writer.trace.rows.iter().any(|row| is_within(&leaf, &row.source));
        if !told && !AROUND.iter().any(|around| is_within(&leaf, around)) {
            let reason = writer.draft.reason(&leaf);
            writer.trace.not_carried(leaf, reason);
        }
    }
    Written { items, trace: writer.trace }
}

struct Writer {
    edition: Edition,
    draft: Draft,
    trace: Trace,
}

/// An answer's value, the words that go with its code, and why they are not what the document says.
struct Said {
    value: Value,
    words: Option<String>,
    converted: Option<&'static str>,
}

impl Said {
    fn as_it_is(value: Value) -> Option<Said> {
        Some(Said { value, words: None, converted: None })
    }
}

impl Writer {
    /// `number` is that of the repeated group or answer that they stand in, `code` what that answer says.
    fn items(&mut self, items: &'static [Item], number: usize, code: Option<&Said>) -> Vec<Value> {
        let mut written = Vec::new();
        let mut said_something = false;
        for item in items {
            let Some(link) = item.link(self.edition) else { continue };
            let before = written.len();
            if item.kind == Kind::Group {
                for i in 0..if item.repeats { self.length(item.to) } else { 1 } {
                    let below = self.items(item.items, if item.repeats { i } else { number }, None);
                    if !below.is_empty() {
                        written.push(json!({ "linkId": link, "item": below }));
                    }
                }
            } else {
                let answers = self.answers(item, link, number, code);
                if !answers.is_empty() {
                    written.push(json!({ "linkId": link, "answer": answers }));
                }
            }
            said_something |= written.len() > before && item.kind != Kind::Fixed;
        }
        // What a group says of itself says nothing where nothing is answered.
        if said_something { written } else { Vec::new() }
    }

    /// Of people who stand in the form: their key, and the mention that gives them their place.
    fn people(&mut self, document: &Value) {
        for Named { entry, mention, link } in std::mem::take(&mut self.draft.named) {
            if !self.trace.rows.iter().any(|row| is_within(&row.source, &entry)) {
                continue;
            }
            let target = items::named(link).and_then(|item| item.link(self.edition)).map(str::to_owned);
            let reason = "the place in the form says who it is".to_owned();
            let sources = [format!("{entry}/key"), mention];
            for source in sources.into_iter().filter(|source| document.pointer(source).is_some()) {
                self.trace.add(source, target.clone(), Fate::Converted { reason: reason.clone() });
            }
        }
    }

    fn length(&self, list: &str) -> usize {
        self.draft.value.pointer(list).and_then(Value::as_array).map_or(0, Vec::len)
    }

    fn answers(&mut self, item: &'static Item, link: &str, number: usize, code: Option<&Said>) -> Vec<Value> {
        if !item.repeats {
            return self.answer(item, link, number, code).into_iter().collect();
        }
        let count = match item.to.strip_suffix("/#") {
            Some(list) => self.length(list),
            None => self.draft.present,
        };
        (0..count).filter_map(|i| self.answer(item, link, i, code)).collect()
    }

    fn answer(&mut self, item: &'static Item, link: &str, number: usize, code: Option<&Said>) -> Option<Value> {
        let pointer = item.to.replace('#', &number.to_string());
        let value = self.draft.value.pointer(&pointer)?.clone();
        let said = self.said(item, &value, code)?;
        self.told(item, link, &pointer, said.converted);
        let below = self.items(item.items, number, Some(&said));
        let mut answer = said.value;
        if !below.is_empty() {
            answer["item"] = Value::Array(below);
        }
        Some(answer)
    }

    fn said(&self, item: &Item, value: &Value, code: Option<&Said>) -> Option<Said> {
        match item.kind {
            Kind::Group => None,
            Kind::Text => Said::as_it_is(json!({ "valueString": value.as_str()? })),
            Kind::Moment => Said::as_it_is(json!({ "valueDateTime": value.as_str()? })),
            Kind::Day if self.edition == Edition::Zib2020Beta => {
                Said::as_it_is(json!({ "valueDateTime": value.as_str()? }))
            }
            Kind::Day => Said::as_it_is(json!({ "valueDate": value.as_str()? })),
            Kind::YesNo => self.option(item, if value.as_bool()? { "1" } else { "0" }),
            Kind::Chosen => value.as_bool()?.then(|| self.first(item)).flatten(),
            Kind::Fixed => self.first(item),
            Kind::Treatment => match value["otherTreatment"].as_str() {
                Some(words) => Said::as_it_is(json!({ "valueString": words })),
                None => self.first(item),
            },
            Kind::IcdProduct => self.option(item, value.as_str()?).or_else(|| {
                let converted = Some("the form has one word for every kind of ICD");
                Some(Said { converted, ..self.first(item)? })
            }),
            Kind::Sharing => match value.as_str()? {
                "yes" => self.option(item, "441898007"),
                "unknown" => self.option(item, "UNK"),
                // A refusal is not "unknown": the form cannot say it.
                _ => None,
            },
            Kind::OtherWords => {
                let Said { words, converted, .. } = code?;
                let value = json!({ "valueString": words.as_ref()? });
                Some(Said { value, words: None, converted: *converted })
            }
            Kind::Code => self.code(item, value),
        }
    }

    fn option(&self, item: &Item, code: &str) -> Option<Said> {
        let option = item.options.of(self.edition).find(|option| option.code == code)?;
        self.coding(option)
    }

    fn first(&self, item: &Item) -> Option<Said> {
        self.coding(item.options.of(self.edition).next()?)
    }

    fn coding(&self, code: &Code) -> Option<Said> {
        Said::as_it_is(json!({ "valueCoding": self.edition.coding(code) }))
    }

    /// The option of a code; of one that the form does not offer the nearest that it does.
    fn code(&self, item: &Item, value: &Value) -> Option<Said> {
        let Some(code) = value.as_str() else { return self.other_coding(item, value) };
        if let Some(said) = self.option(item, code) {
            return Some(said);
        }
        let entry = find(item.options.list(), code)?;
        if let Some(other) = self.other(item) {
            let converted = Some("the form's list lacks the code: it is said in words");
            return Some(Said { words: Some(entry.display.to_owned()), converted, ..self.coding(other)? });
        }
        let nearest = match code {
            "713148004" => "225353007",
            "225353007" => "713148004",
            // The number before the point is the profession.
            _ => code.split_once('.').map(|(profession, _)| match profession {
                "01" => "01.000",
                "30" => "30.000",
                _ => "99.000",
            })?,
        };
        Some(Said { converted: Some("the form's list has no code as fine"), ..self.option(item, nearest)? })
    }

    /// A coding with words of its own: an option that the form lets be explained, or "other".
    fn other_coding(&self, item: &Item, value: &Value) -> Option<Said> {
        let (system, code) = (value["system"].as_str()?, value["code"].as_str()?);
        let words = value["display"].as_str();
        let asks = item.items.iter().find(|below| below.kind == Kind::OtherWords)?;
        let listed = find_in(item.options.list(), system, code);
        let listed = listed.and_then(|entry| item.options.of(self.edition).find(|option| *option == entry));
        if let Some(option) = listed.filter(|option| asks.when.is_none_or(|(_, asked)| asked.code == option.code)) {
            let converted = words.is_none().then_some("the form says it without the coding's own name");
            return Some(Said { words: words.map(str::to_owned), converted, ..self.coding(option)? });
        }
        let converted = Some("the form's list lacks the code: it is said in words");
        Some(Said { words: Some(words.unwrap_or(code).to_owned()), converted, ..self.coding(self.other(item)?)? })
    }

    /// The option "other", where the form asks which.
    fn other(&self, item: &Item) -> Option<&'static Code> {
        item.items.iter().find(|below| below.kind == Kind::OtherWords)?;
        item.options.of(self.edition).find(|option| matches!(option.code, "09" | "OTH"))
    }

    /// Says in the trace where a value went.
    fn told(&mut self, item: &Item, link: &str, pointer: &str, converted: Option<&'static str>) {
        let target = Some(link.to_owned());
        let sources: Vec<String> = match item.kind {
            Kind::Fixed if pointer.starts_with("/treatmentDirectives/") => vec![format!("{pointer}/treatment")],
            Kind::Fixed => Vec::new(),
            Kind::Treatment => ["treatment", "otherTreatment"]
                .map(|field| format!("{pointer}/{field}"))
                .into_iter()
                .filter(|field| self.draft.value.pointer(field).is_some())
                .collect(),
            _ => vec![pointer.to_owned()],
        };
        for here in sources {
            let source = self.draft.source(&here);
            if let Some(reason) = self.draft.derived.get(&here) {
                self.trace.add(source, target.clone(), Fate::Defaulted { reason: (*reason).to_owned() });
                continue;
            }
            let reason = converted.or_else(|| self.draft.converted.get(&here).copied());
            let fate = reason.map_or(Fate::Carried, |reason| Fate::Converted { reason: reason.to_owned() });
            let joined = self.draft.joined.iter().filter(|(_, into)| *into == here);
            let joined: Vec<String> = joined.map(|(from, _)| self.draft.source(from)).collect();
            self.trace.add(source, target.clone(), fate.clone());
            joined.into_iter().for_each(|from| self.trace.add(from, target.clone(), fate.clone()));
        }
    }
}

/// Every leaf of a document, as JSON pointers.
fn leaves(value: &Value, at: &str, found: &mut Vec<String>) {
    match value {
        Value::Object(object) => object.iter().for_each(|(key, value)| leaves(value, &format!("{at}/{key}"), found)),
        Value::Array(items) => items.iter().enumerate().for_each(|(i, item)| leaves(item, &format!("{at}/{i}"), found)),
        _ => found.push(at.to_owned()),
    }
}
