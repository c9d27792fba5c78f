//! The resources of a care plan → the document.
//!
//! Of our own resources the document comes back field for field: what the mapping filled in says so (`ext-StatedAs`),
//! and the Composition keeps keys and order (`ext-DocumentEntry`). Resources of another system have neither: a key is
//! then the resource's id, and roles say who represents the patient.

mod account;
mod agreements;
mod answers;
mod conversations;
mod frame;
mod people;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

pub use conversations::{Conversation, conversations};

use super::composition::DOCUMENT_ENTRY;
use super::current::{self, is_replaced};
use crate::fhir::{Issue, IssueCode, ResourceKey};
use crate::mapping::common::element::{NL_CORE, extension_of, is_stated};
use crate::mapping::common::provenance::{DOCUMENT_ID, DOCUMENT_VERSION};
use crate::mapping::common::{organization, patient};
use crate::mapping::trace::Row;
use crate::mapping::{Fate, Trace};
pub use account::account;

/// What was read from the resources of a care plan.
#[derive(Clone, Debug)]
pub struct Read {
    /// The care plan as a native document, for [`crate::domain::parse`]. Nothing is checked yet.
    pub document: Value,
    /// A row per element: `Goal/<id>#Goal.description` → JSON pointer into the document.
    pub trace: Trace,
    /// Resources and elements that stand nowhere in the document.
    pub warnings: Vec<Issue>,
}

impl Read {
    /// A resource that says something around the plan, such as who sent it, is not told as one that was not read.
    pub fn take_as_read(&mut self, resource: &Value, pointer: &str) {
        let Some(key) = ResourceKey::of(resource).map(|key| key.to_string()) else { return };
        let told = self.warnings.len();
        self.warnings.retain(|warning| warning.at.as_deref() != Some(key.as_str()));
        if self.warnings.len() < told {
            self.trace.rows.retain(|row| row.source != key);
            self.trace.add(key, Some(pointer.to_owned()), Fate::Carried);
        }
    }
}

/// The care plan that these resources say. `envelope` is a native document without content; its properties hold where
/// the resources do not say them (another system sends no Provenance of ours). Null for none.
pub fn read(resources: &[Value], envelope: &Value) -> Read {
    let mut read = Reader::read(resources.iter().collect());
    let mut document = envelope.as_object().cloned().unwrap_or_default();
    document.extend(read.document.as_object().cloned().unwrap_or_default());
    read.document = Value::Object(document);
    read
}

/// Lists in which every resource of the kind is an entry.
const ADDED: &[&str] = &["treatmentDirectives", "advanceDirectives", "contactPersons", "problems"];

struct Reader<'r> {
    resources: Vec<&'r Value>,
    by_key: BTreeMap<String, &'r Value>,
    /// List, key and reference, in the order of the document. Empty for resources of another system.
    entries: Vec<(&'r str, Option<&'r str>, &'r str)>,
    /// True for resources that this mapping made.
    ours: bool,
    document: Value,
    trace: Trace,
    warnings: Vec<Issue>,
    /// Keys of the resources that were read, also those that say nothing of their own.
    seen: BTreeSet<String>,
}

impl<'r> Reader<'r> {
    fn read(resources: Vec<&'r Value>) -> Read {
        let mut reader = Reader::new(resources);
        reader.envelope();
        reader.people();
        reader.agreements();
        reader.answers();
        reader.rest();
        Read { document: reader.document, trace: reader.trace, warnings: reader.warnings }
    }

    fn new(resources: Vec<&'r Value>) -> Self {
        let by_key = resources.iter().filter_map(|one| Some((ResourceKey::of(one)?.to_string(), *one))).collect();
        let composition = resources.iter().copied().find(|one| super::has_profile(one, "Overdracht-CarePlan"));
        let all = composition.and_then(|one| one["extension"].as_array()).into_iter().flatten();
        let entries = all.filter(|one| one["url"] == DOCUMENT_ENTRY).filter_map(|one| {
            let part = |name: &str| one["extension"].as_array()?.iter().find(|part| part["url"] == name);
            Some((
                part("list")?["valueCode"].as_str()?,
                part("key").and_then(|key| key["valueString"].as_str()),
                part("of")?["valueReference"]["reference"].as_str()?,
            ))
        });
        Reader {
            resources,
            by_key,
            entries: entries.collect(),
            ours: composition.is_some(),
            document: Value::Object(Map::new()),
            trace: Trace::default(),
            warnings: Vec::new(),
            seen: BTreeSet::new(),
        }
    }

    /// The resources of a type that hold what is asked.
    fn of(&self, resource_type: &str, holds: impl Fn(&Value) -> bool) -> Vec<&'r Value> {
        let wanted = |one: &&Value| one["resourceType"] == resource_type && !is_void(one) && holds(one);
        self.resources.iter().copied().filter(wanted).collect()
    }

    /// The entries of a list with the key of each: those that the Composition names, then what else is `found` (of our
    /// own resources what somebody added to them).
    fn list(&self, list: &str, found: Vec<&'r Value>) -> Vec<(String, &'r Value)> {
        let named = self.entries.iter().filter(|(of, _, _)| *of == list);
        let mut all: Vec<(String, &'r Value)> = named
            .filter_map(|(_, key, at)| Some((key.unwrap_or_default().to_owned(), *self.by_key.get(*at)?)))
            .filter(|(_, one)| !is_void(one))
            .collect();
        let is_named = |one: &Value| {
            let key = ResourceKey::of(one).map(|key| key.to_string());
            self.entries.iter().any(|(_, _, at)| Some(*at) == key.as_deref())
        };
        // The Composition names its people elsewhere too: of those, nobody is added.
        let added = found.into_iter().filter(|one| !self.ours || (ADDED.contains(&list) && !is_named(one)));
        all.extend(added.map(|one| (one["id"].as_str().unwrap_or_default().to_owned(), one)));
        all
    }

    /// The resource that a Reference leads to; Null where it is not among these.
    fn at(&self, reference: &Value) -> &'r Value {
        let key = reference["reference"].as_str().map(|text| {
            let mut parts = text.rsplitn(3, '/');
            let id = parts.next().unwrap_or_default();
            format!("{}/{id}", parts.next().unwrap_or_default())
        });
        key.and_then(|key| self.by_key.get(&key).copied()).unwrap_or(&Value::Null)
    }

    /// The key of the entry of a list that a Reference leads to.
    fn key(&self, list: &str, reference: &Value) -> Option<String> {
        let at = ResourceKey::of(self.at(reference))?.to_string();
        if self.ours {
            let named = self.entries.iter().find(|(of, _, one)| *of == list && *one == at);
            return named.and_then(|(_, key, _)| key.map(str::to_owned));
        }
        at.split_once('/').map(|(_, id)| id.to_owned())
    }

    /// Says that a resource was read.
    fn saw(&mut self, resource: &Value) {
        self.seen.extend(ResourceKey::of(resource).map(|key| key.to_string()));
    }

    /// Puts what an element says where a pointer says; nothing where it says nothing.
    fn put(&mut self, resource: &Value, element: &str, pointer: &str, value: Option<impl Into<Value>>) {
        self.saw(resource);
        let Some(value) = value.map(Into::into).filter(|value| !value.is_null()) else { return };
        let source = ResourceKey::of(resource).map(|key| format!("{key}#{}.{element}", key.resource_type));
        let name = element.split(['.', '[']).next().unwrap_or_default();
        let fate = match value.is_object() || holds(&resource[name], &value) {
            true => Fate::Carried,
            false => Fate::Converted { reason: "what it says, in the words of the document".to_owned() },
        };
        self.trace.add(source.unwrap_or_default(), Some(pointer.to_owned()), fate);
        place(&mut self.document, pointer, value);
    }

    /// A primitive that the mapping did not fill in.
    fn stated(&mut self, resource: &Value, element: &str, pointer: &str) {
        let (parent, name) = element.rsplit_once('.').unwrap_or(("", element));
        let parent = if parent.is_empty() { resource } else { &resource[parent] };
        let value = is_stated(&parent[format!("_{name}").as_str()]).then(|| parent[name].clone());
        self.put(resource, element, pointer, value);
    }

    fn comment(&mut self, resource: &Value, pointer: &str) {
        let comment = extension_of(resource, &format!("{NL_CORE}ext-Comment")).map(|one| one["valueString"].clone());
        self.put(resource, "extension", pointer, comment);
    }

    fn note(&mut self, resource: &Value, pointer: &str) {
        self.put(resource, "note[0].text", pointer, Some(resource["note"][0]["text"].clone()));
    }

    fn envelope(&mut self) {
        for one in self.of("Provenance", |one| one["entity"][0]["what"]["identifier"]["system"] == DOCUMENT_ID) {
            let document = &one["entity"][0]["what"]["identifier"];
            self.put(one, "entity[0].what.identifier.value", "/documentId", Some(document["value"].clone()));
            let version = extension_of(document, DOCUMENT_VERSION).map(|one| one["valueDecimal"].clone());
            self.put(one, "entity[0].what.identifier.extension", "/version", version);
            self.put(one, "recorded", "/recordedAt", Some(one["recorded"].clone()));
            let system = document["assigner"]["identifier"]["value"].clone();
            self.put(one, "entity[0].what.identifier.assigner", "/source/system", Some(system));
            for agent in one["agent"].as_array().into_iter().flatten() {
                let who = self.at(&agent["who"]);
                if agent["type"]["coding"][0]["code"] == "author" {
                    let author = self.practitioner(who);
                    self.put(who, "", "/source/author", Some(author));
                } else if who["resourceType"] == "Organization" {
                    self.put(who, "", "/source/organization", Some(organization::read(who)));
                }
            }
        }
        if let Some(one) = self.of("Patient", |_| true).first().copied() {
            self.put(one, "", "/patient", Some(patient::read(one)));
        }
        for one in self.of("Composition", |one| super::has_profile(one, "Overdracht-CarePlan")) {
            self.stated(one, "date", "/filledInAt");
        }
        // The form that was rendered from the plan says nothing that the plan does not.
        for one in self.of("QuestionnaireResponse", |one| super::has_profile(one, super::FORM_PROFILE)) {
            self.saw(one);
        }
    }

    /// What was not read is told: a line of a care plan is never lost in silence.
    fn rest(&mut self) {
        for one in &self.resources {
            let Some(key) = ResourceKey::of(one).filter(|key| !self.seen.contains(&key.to_string())) else { continue };
            let (id, reason, text) = if is_void(one) {
                let text = "The resource says of itself that it does not hold; it was not taken in.";
                ("care-plan-void", "it says of itself that it does not hold", text)
            } else {
                let text = "The resource says nothing that a care plan has a place for; it was not taken in.";
                ("care-plan-not-read", "a care plan has no place for it", text)
            };
            self.trace.add(key.to_string(), None, Fate::NotCarried { reason: reason.to_owned() });
            self.warnings.push(Issue::warning(IssueCode::NotSupported, id, text).at(key.to_string()));
        }
    }
}

/// True for a statement that was a mistake, or that no longer holds without a word of when it ended or what replaced it:
/// as a statement of a plan it would hold again.
fn is_void(one: &Value) -> bool {
    let ends = ["/provision/period/end", "/timingPeriod/end", "/period/end"];
    let ended = || ends.iter().any(|at| one.pointer(at).is_some());
    let mistake = one["status"] == "entered-in-error" || one["lifecycleStatus"] == "entered-in-error";
    mistake || (!current::holds(one) && !is_replaced(one) && !ended())
}

/// Puts a value where a pointer says, making objects and lists on the way.
fn place(root: &mut Value, pointer: &str, value: Value) {
    let mut at = root;
    for part in pointer.split('/').skip(1) {
        at = match part.parse::<usize>() {
            Ok(index) => {
                if !at.is_array() {
                    *at = Value::Array(Vec::new());
                }
                let Some(items) = at.as_array_mut() else { return };
                while items.len() <= index {
                    items.push(Value::Null);
                }
                &mut items[index]
            }
            Err(_) => {
                if !at.is_object() {
                    *at = Value::Object(Map::new());
                }
                let Some(object) = at.as_object_mut() else { return };
                object.entry(part.to_owned()).or_insert(Value::Null)
            }
        };
    }
    *at = value;
}

/// Whether a value stands somewhere in an element as it is.
fn holds(element: &Value, value: &Value) -> bool {
    match element {
        Value::Object(object) => object.values().any(|one| holds(one, value)),
        Value::Array(items) => items.iter().any(|one| holds(one, value)),
        leaf => leaf == value,
    }
}
