//! A filled form → a care plan.

use serde_json::{Map, Value, json};

use super::edition::Edition;
use super::item::{Item, Kind};
use super::items;
use crate::domain::common::codes::find;
use crate::fhir::{Issue, IssueCode};
use crate::mapping::{Fate, Trace};

/// A form that was read.
#[derive(Clone, Debug)]
pub struct Form {
    /// The care plan as a native document, for [`crate::domain::parse`].
    pub document: Value,
    pub edition: Edition,
    /// A row per answer: linkId → JSON pointer into the document.
    pub trace: Trace,
    /// Where the answer of each row stands, as [`Said`] has it.
    pub places: Vec<String>,
    /// Answers of another type than the form asks. All else was read.
    pub faults: Vec<Issue>,
    /// What the sender should know though the form is accepted.
    pub warnings: Vec<Issue>,
}

/// How the place of an answer is said.
#[derive(Clone, Copy, Debug)]
pub enum Said<'a> {
    LinkId,
    /// As FHIRPath, below the QuestionnaireResponse that stands here.
    Element(&'a str),
}

/// The care plan that a filled form says, as [`read_all`] reads it; places are linkIds.
///
/// # Errors
/// The form is not a QuestionnaireResponse on the published form, or an answer has another type than the form asks.
pub fn read(response: &Value, envelope: &Value) -> Result<Form, Vec<Issue>> {
    let mut form = read_all(response, envelope, Said::LinkId)?;
    let faults = std::mem::take(&mut form.faults);
    if faults.is_empty() { Ok(form) } else { Err(faults) }
}

/// The care plan that a filled form says, and what cannot be read. `envelope` is a native document without content: `documentId`, `version`,
/// `recordedAt`, `source` and `patient`.
///
/// # Errors
/// The form is not a QuestionnaireResponse on the published form.
pub fn read_all(response: &Value, envelope: &Value, said: Said<'_>) -> Result<Form, Vec<Issue>> {
    let known = Edition::of(canonical(response)).filter(|_| response["resourceType"] == "QuestionnaireResponse");
    let Some(edition) = known else {
        let text =
            format!("Expected a QuestionnaireResponse on {}.", Edition::ALL.map(Edition::canonical).join(" or "));
        let at = match said {
            Said::LinkId => "QuestionnaireResponse",
            Said::Element(at) => at,
        };
        let at = format!("{at}.questionnaire");
        return Err(vec![Issue::error(IssueCode::NotSupported, "form-unknown", text).at(at)]);
    };
    let mut reader = Reader {
        edition,
        envelope,
        said,
        draft: Value::Object(Map::new()),
        added: Vec::new(),
        trace: Trace::default(),
        places: Vec::new(),
        warnings: Vec::new(),
        faults: Vec::new(),
    };
    reader.items(&response["item"], 0, "");
    let mut places = Vec::new();
    let content = finish(std::mem::take(&mut reader.draft), &mut places);
    let mut document = Value::Object(envelope.as_object().cloned().unwrap_or_default());
    if let Some(document) = document.as_object_mut() {
        document.extend(content);
    }
    for (pointer, value) in std::mem::take(&mut reader.added) {
        set(&mut document, &pointer, value);
    }
    reader.settle(&document, &places);
    let Reader { trace, places, warnings, faults, .. } = reader;
    Ok(Form { document, edition, trace, places, faults, warnings })
}

/// The form that a response is on: R4 names it, STU3 refers to it. Empty where it is on none.
pub fn canonical(response: &Value) -> &str {
    let form = &response["questionnaire"];
    form.as_str().or_else(|| form["reference"].as_str()).unwrap_or_default()
}

/// What the form itself says of the patient: name and date of birth, as a document says them.
pub fn patient(response: &Value) -> Value {
    let mut draft = Value::Null;
    if let Some(edition) = Edition::of(canonical(response)) {
        names(&response["item"], edition, &mut draft);
    }
    draft["patient"].take()
}

fn names(items: &Value, edition: Edition, draft: &mut Value) {
    for item in items.as_array().into_iter().flatten() {
        names(&item["item"], edition, draft);
        let link = item["linkId"].as_str().unwrap_or_default();
        let Some(question) = items::of(edition, link).filter(|one| one.to.starts_with("/patient/")) else { continue };
        let answer = &item["answer"][0];
        let said = match question.kind {
            Kind::Text => answer["valueString"].as_str(),
            _ => moment(answer).and_then(|moment| moment.split('T').next()),
        };
        if let Some(said) = said {
            set(draft, question.to, Value::from(said));
        }
    }
}

struct Reader<'e> {
    edition: Edition,
    envelope: &'e Value,
    said: Said<'e>,
    /// Lists are objects here: people under a name, treatments under their code, repetitions under their number.
    draft: Value,
    /// What the form says of the patient and the request does not.
    added: Vec<(String, Value)>,
    trace: Trace,
    places: Vec<String>,
    warnings: Vec<Issue>,
    faults: Vec<Issue>,
}

/// An answer of a form.
struct Answer<'a> {
    link: &'a str,
    /// Where it stands, as [`Said`] has it.
    at: String,
    value: &'a Value,
    number: usize,
}

impl Reader<'_> {
    /// Reads items; `group` is the number of the repeated group or answer that they stand in, `at` its element.
    fn items(&mut self, items: &Value, group: usize, at: &str) {
        let mut seen: Vec<&str> = Vec::new();
        for (i, item) in items.as_array().into_iter().flatten().enumerate() {
            let at = format!("{at}.item[{i}]");
            let link = item["linkId"].as_str().unwrap_or_default();
            let before = seen.iter().filter(|other| **other == link).count();
            seen.push(link);
            let is_list = items::of(self.edition, link).is_some_and(|item| item.kind == Kind::Group && item.repeats);
            let number = if is_list { before } else { group };
            self.items(&item["item"], number, &at);
            let answers = item["answer"].as_array().into_iter().flatten();
            for (i, value) in answers.enumerate() {
                let at = format!("{at}.answer[{i}]");
                // A repeated answer is numbered; a repeated group numbers what stands in it.
                let number = if number == 0 { i } else { number };
                self.answer(&Answer { link, at: self.place(link, &at), value, number });
                self.items(&value["item"], number, &at);
            }
        }
    }

    fn place(&self, link: &str, element: &str) -> String {
        match self.said {
            Said::LinkId => link.to_owned(),
            Said::Element(above) => format!("{above}{element}"),
        }
    }

    fn note(&mut self, answer: &Answer<'_>, target: Option<String>, fate: Fate) {
        self.trace.add(answer.link, target, fate);
        self.places.push(answer.at.clone());
    }

    fn answer(&mut self, answer: &Answer<'_>) {
        let Some(item) = items::of(self.edition, answer.link) else {
            let reason = "the published form has no such item".to_owned();
            self.note(answer, None, Fate::NotCarried { reason });
            let text = "The published form has no such item.";
            let warning = Issue::warning(IssueCode::NotSupported, "form-unknown-item", text);
            self.warnings.push(warning.at(answer.at.as_str()));
            return;
        };
        let pointer = item.to.replace('#', &answer.number.to_string());
        let Some((value, converted)) = self.value(item, answer.value, &pointer) else {
            let text = format!("Expected an answer of the type that the form asks ({:?}).", item.kind);
            let fault = Issue::error(IssueCode::Structure, "form-wrong-answer", text);
            self.faults.push(fault.at(answer.at.as_str()));
            return;
        };
        // The name of a treatment is one of the things that stand below its code.
        let target = Some(match (item.kind, value["otherTreatment"].is_string()) {
            (Kind::Treatment, true) => format!("{pointer}/otherTreatment"),
            (Kind::Treatment, false) => format!("{pointer}/treatment"),
            (Kind::Fixed, _) if pointer.starts_with("/treatmentDirectives/") => format!("{pointer}/treatment"),
            _ => pointer.clone(),
        });
        if pointer.starts_with("/patient/") {
            self.patient(answer, &pointer, value);
            return;
        }
        match converted {
            Some(reason) => self.note(answer, target, Fate::Converted { reason: reason.to_owned() }),
            None => self.note(answer, target, Fate::Carried),
        }
        if !value.is_null() {
            set(&mut self.draft, &pointer, value);
        }
    }

    /// Who the patient is says the request; the form's own words must not contradict it, and add what it does not say.
    fn patient(&mut self, answer: &Answer<'_>, pointer: &str, value: Value) {
        const ADDED: &[&str] = &["/patient/name/firstNames", "/patient/birthDate"];
        let said = self.envelope.pointer(pointer);
        if said.is_none() && ADDED.contains(&pointer) {
            self.note(answer, Some(pointer.to_owned()), Fate::Carried);
            self.added.push((pointer.to_owned(), value));
            return;
        }
        let same = said == Some(&value);
        let reason = if same { "the same as the patient of the request" } else { "the patient of the request holds" };
        self.note(answer, Some(pointer.to_owned()), Fate::Converted { reason: reason.to_owned() });
        if !same {
            let text = "The form names the patient otherwise than the request; the request holds.";
            let warning = Issue::warning(IssueCode::BusinessRule, "form-other-patient", text);
            self.warnings.push(warning.at(answer.at.as_str()));
        }
    }

    /// The value and, where it is not what was sent, why. Null where the answer adds nothing of its own.
    fn value(&self, item: &Item, answer: &Value, pointer: &str) -> Option<(Value, Option<&'static str>)> {
        let coding = &answer["valueCoding"];
        let code = coding["code"].as_str().map(|code| self.edition.understood(coding["system"].as_str(), code));
        match item.kind {
            Kind::Group => None,
            Kind::Text => Some((Value::from(answer["valueString"].as_str()?), None)),
            Kind::Moment => Some((Value::from(moment(answer)?), None)),
            Kind::Day => {
                Some((Value::from(moment(answer)?.split('T').next()?), Some("a day is meant, without a time")))
            }
            Kind::Code => {
                let other = coding["code"] != *code?;
                Some((Value::from(code?), other.then_some("the code of the dataset for that of the form")))
            }
            Kind::YesNo => match code? {
                "1" => Some((Value::Bool(true), Some("yes is true"))),
                "0" => Some((Value::Bool(false), Some("no is false"))),
                _ => None,
            },
            Kind::Chosen => code.map(|_| (Value::Bool(true), Some("what is chosen is true"))),
            Kind::Fixed => code.map(|_| (Value::Null, Some("the property says it"))),
            Kind::Treatment => match (code, answer["valueString"].as_str()) {
                (Some(_), _) => Some((json!({ "treatment": "OTH" }), None)),
                (None, Some(words)) => Some((json!({ "treatment": "OTH", "otherTreatment": words }), None)),
                (None, None) => None,
            },
            Kind::IcdProduct if find(item.options.list(), code?).is_some() => Some((Value::from(code?), None)),
            Kind::IcdProduct => Some((Value::from("72506001"), Some("the form's word became the code of the dataset"))),
            Kind::Sharing => match code? {
                "441898007" => Some((Value::from("yes"), Some("the code became a word"))),
                "UNK" => Some((Value::from("unknown"), Some("the code became a word"))),
                _ => None,
            },
            Kind::OtherWords => {
                let words = answer["valueString"].as_str()?;
                let said = find(item.options.list(), self.draft.pointer(pointer)?.as_str()?)?;
                Some((json!({ "system": said.system, "code": said.code, "display": words }), None))
            }
        }
    }

    /// Says of each answer where it stands in the document, not in the draft. What names a question that was not
    /// answered stands nowhere.
    fn settle(&mut self, document: &Value, places: &[(String, String)]) {
        for (row, at) in self.trace.rows.iter_mut().zip(&self.places) {
            let Some(target) = &mut row.target else { continue };
            if let Some((draft, place)) = places.iter().find(|(draft, _)| is_within(target, draft)) {
                *target = format!("{place}{}", &target[draft.len()..]);
            }
            if document.pointer(target).is_none() && !target.starts_with("/patient/") {
                let reason = "it names what the form asks, and nothing was answered".to_owned();
                (row.target, row.fate) = (None, Fate::NotCarried { reason });
                let text = "The form names this, and says nothing of it; it was not taken in.";
                let warning = Issue::warning(IssueCode::Incomplete, "form-not-answered", text);
                self.warnings.push(warning.at(at.as_str()));
            }
        }
    }
}

/// True where a pointer is this one or lies below it.
pub(super) fn is_within(pointer: &str, above: &str) -> bool {
    pointer.strip_prefix(above).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

fn moment(answer: &Value) -> Option<&str> {
    answer["valueDateTime"].as_str().or_else(|| answer["valueDate"].as_str())
}

/// Puts a value where a pointer says, making objects on the way; an object joins what stands there.
fn set(root: &mut Value, pointer: &str, value: Value) {
    let mut at = root;
    for part in pointer.split('/').skip(1) {
        if !at.is_object() {
            *at = Value::Object(Map::new());
        }
        let Some(object) = at.as_object_mut() else { return };
        at = object.entry(part.to_owned()).or_insert(Value::Null);
    }
    match (at.as_object_mut(), value) {
        (Some(object), Value::Object(more)) => object.extend(more),
        (_, value) => *at = value,
    }
}

/// The draft as a document: named people get keys and stand where the plan mentions them, numbered things are lists.
/// `places` is told where each of them went.
fn finish(mut draft: Value, places: &mut Vec<(String, String)>) -> Map<String, Value> {
    let mut persons = Vec::new();
    let mut present = Vec::new();
    for (key, mut person) in take(&mut draft, "contactPersons") {
        match key.as_str() {
            "representative" => set(&mut draft, "/legalRepresentative", Value::from(key.as_str())),
            "first-contact" => set(&mut draft, "/firstContacts", json!([key])),
            _ => present.push(Value::from(key.as_str())),
        }
        for list in ["/roles", "/relationships", "/contactDetails/telephones", "/contactDetails/emails"] {
            if let Some(items) = person.pointer_mut(list) {
                *items =
                    Value::Array(items.as_object().into_iter().flat_map(|object| object.values().cloned()).collect());
            }
        }
        places.push((format!("/contactPersons/{key}"), format!("/contactPersons/{}", persons.len())));
        persons.push(keyed(&key, person));
    }
    if !present.is_empty() {
        set(&mut draft, "/conversation/contactPersonsPresent", Value::Array(present));
    }
    let practitioners: Vec<Value> =
        take(&mut draft, "practitioners").into_iter().map(|(key, one)| keyed(&key, one)).collect();
    if !practitioners.is_empty() {
        places.push(("/practitioners/conductor".to_owned(), "/practitioners/0".to_owned()));
        set(&mut draft, "/conversation/conductedBy", Value::from("conductor"));
        set(&mut draft, "/practitioners", Value::Array(practitioners));
    }
    let directives: Vec<Value> = take(&mut draft, "treatmentDirectives")
        .into_iter()
        // A treatment that was named but not decided upon says nothing.
        .filter(|(_, directive)| directive.get("decision").is_some())
        .enumerate()
        .map(|(i, (treatment, mut directive))| {
            places.push((format!("/treatmentDirectives/{treatment}"), format!("/treatmentDirectives/{i}")));
            directive["treatment"] = Value::from(treatment);
            directive
        })
        .collect();
    for (pointer, list) in [("/contactPersons", persons), ("/treatmentDirectives", directives)] {
        if !list.is_empty() {
            set(&mut draft, pointer, Value::Array(list));
        }
    }
    match draft {
        Value::Object(object) => object,
        _ => Map::new(),
    }
}

fn take(draft: &mut Value, name: &str) -> Map<String, Value> {
    let taken = draft.as_object_mut().and_then(|object| object.shift_remove(name));
    taken.and_then(|value| value.as_object().cloned()).unwrap_or_default()
}

fn keyed(key: &str, entry: Value) -> Value {
    let mut object = Map::from_iter([("key".to_owned(), Value::from(key))]);
    object.extend(entry.as_object().cloned().unwrap_or_default());
    Value::Object(object)
}
