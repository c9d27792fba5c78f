//! Small tools for building elements and for saying in the trace what they came from.

use serde_json::{Map, Value, json};

use crate::domain::common::codes::{self, Code};
use crate::domain::common::{Coding, ListCode};
use crate::fhir::systems::PROFILE_BASE;
use crate::mapping::trace::{Fate, Trace};

/// `http://nictiz.nl/fhir/StructureDefinition/ext-CodeSpecification`: the code of the zib beside FHIR's own.
pub const CODE_SPECIFICATION: &str = "http://nictiz.nl/fhir/StructureDefinition/ext-CodeSpecification";
pub const NL_CORE: &str = "http://nictiz.nl/fhir/StructureDefinition/";
/// Beside an element that the document did not state as it stands there: `valueCode` `not-stated`, `role` or
/// `relationship`, or the moment with its time as `valueDateTime`. What reading back needs so as to invent nothing.
pub const STATED_AS: &str = "https://overdracht.example/fhir/StructureDefinition/ext-StatedAs";
pub const NOT_STATED: &str = "not-stated";

/// Where a field stands in the source document and where it goes in a resource.
#[derive(Clone)]
pub struct Spot {
    /// JSON pointer.
    pub source: String,
    /// `Patient/<id>#Patient.name`.
    pub target: String,
}

impl Spot {
    /// The resource as a whole, for the part of the document at `source`.
    pub fn resource(source: impl Into<String>, resource_type: &str, id: &str) -> Self {
        Spot { source: source.into(), target: format!("{resource_type}/{id}#{resource_type}") }
    }

    /// A field below this one and the element that it becomes; an empty `element` is this element itself.
    pub fn down(&self, field: &str, element: &str) -> Self {
        let dot = if element.is_empty() || element.starts_with('[') { "" } else { "." };
        Spot { source: format!("{}/{field}", self.source), target: format!("{}{dot}{element}", self.target) }
    }

    /// The item of a list.
    pub fn item(&self, index: usize) -> Self {
        Spot { source: format!("{}/{index}", self.source), target: format!("{}[{index}]", self.target) }
    }

    /// Another element that the same field becomes.
    pub fn element(&self, element: &str) -> Self {
        Spot { source: self.source.clone(), target: format!("{}.{element}", self.target) }
    }
}

/// FHIRPath of the extension with this URL.
pub fn extension_path(url: &str) -> String {
    format!("extension('{url}')")
}

/// FHIRPath of the identifier of this system.
pub fn identifier_path(system: &str) -> String {
    format!("identifier.where(system = '{system}')")
}

impl Trace {
    /// A code of an extensible list, or the parts of one outside it.
    pub fn code(&mut self, spot: &Spot, code: &ListCode) {
        let ListCode::Other(other) = code else { return self.carried(spot) };
        for (field, there) in [("system", true), ("code", true), ("display", other.display.is_some())] {
            if there {
                self.carried(&spot.down(field, ""));
            }
        }
    }

    pub fn carried(&mut self, spot: &Spot) {
        self.add(&spot.source, Some(spot.target.clone()), Fate::Carried);
    }

    pub fn converted(&mut self, spot: &Spot, reason: impl Into<String>) {
        self.add(&spot.source, Some(spot.target.clone()), Fate::Converted { reason: reason.into() });
    }

    pub fn defaulted(&mut self, spot: &Spot, reason: impl Into<String>) {
        self.add(&spot.source, Some(spot.target.clone()), Fate::Defaulted { reason: reason.into() });
    }

    pub fn not_carried(&mut self, source: impl Into<String>, reason: impl Into<String>) {
        self.add(source, None, Fate::NotCarried { reason: reason.into() });
    }
}

/// A JSON object under construction: absent values leave no property.
#[derive(Default)]
pub struct Object(Map<String, Value>);

impl Object {
    pub fn new() -> Self {
        Self::default()
    }

    /// A resource with its profiles: ours by name, then the official canonicals.
    pub fn resource(resource_type: &str, id: &str, ours: &str, official: &[&str]) -> Self {
        let mut object = Self::new();
        object
            .set("resourceType", resource_type)
            .set("id", id)
            .set("meta", json!({ "profile": profiles(ours, official) }));
        object
    }

    pub fn set(&mut self, name: &str, value: impl Into<Value>) -> &mut Self {
        self.0.insert(name.to_owned(), value.into());
        self
    }

    pub fn maybe(&mut self, name: &str, value: Option<impl Into<Value>>) -> &mut Self {
        if let Some(value) = value {
            self.set(name, value);
        }
        self
    }

    /// An array property, absent when empty.
    pub fn list(&mut self, name: &str, values: Vec<Value>) -> &mut Self {
        if !values.is_empty() {
            self.set(name, values);
        }
        self
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn build(self) -> Value {
        Value::Object(self.0)
    }
}

impl From<Object> for Value {
    fn from(object: Object) -> Value {
        object.build()
    }
}

/// `meta.profile`: ours by name, and the official ones.
pub fn profiles(ours: &str, official: &[&str]) -> Vec<Value> {
    std::iter::once(format!("{PROFILE_BASE}{ours}"))
        .chain(official.iter().map(|canonical| (*canonical).to_owned()))
        .map(Value::from)
        .collect()
}

pub fn extension(url: &str, name: &str, value: impl Into<Value>) -> Value {
    let mut object = Object::new();
    object.set("url", url).set(name, value);
    object.build()
}

/// The extension of an element that carries this URL.
pub fn extension_of<'e>(element: &'e Value, url: &str) -> Option<&'e Value> {
    element["extension"].as_array()?.iter().find(|extension| extension["url"] == url)
}

/// An element (or the `_name` beside a primitive) that only says how the document stated it.
pub fn stated_as(code: &str) -> Value {
    json!({ "extension": [extension(STATED_AS, "valueCode", code)] })
}

/// False for an element that the mapping filled in.
pub fn is_stated(element: &Value) -> bool {
    extension_of(element, STATED_AS).is_none_or(|one| one["valueCode"] != NOT_STATED)
}

/// The Coding of an entry of a list. A `display` is the system's own words, so that HL7's English systems, whose Dutch
/// words are the list's, get none.
pub fn coding(code: &Code) -> Value {
    if code.system.starts_with("http://terminology.hl7.org/") {
        return json!({ "system": code.system, "code": code.code });
    }
    json!({ "system": code.system, "code": code.code, "display": code.display })
}

pub fn concept(code: &Code) -> Value {
    json!({ "coding": [coding(code)] })
}

/// A CodeableConcept of one code outside our lists, with its Dutch meaning.
pub fn concept_of(system: &str, code: &str, display: &str) -> Value {
    json!({ "coding": [{ "system": system, "code": code, "display": display }] })
}

/// The concept of a code that the schema has checked against the list. One that is not on it (a document that did not
/// pass the schema) is kept as text, so that nothing is lost and nothing is invented.
pub fn listed(list: &'static [Code], code: &str) -> Value {
    codes::find(list, code).map_or_else(|| json!({ "text": code }), concept)
}

/// The Coding of a code of an extensible list.
pub fn list_coding(list: &'static [Code], code: &ListCode) -> Value {
    match code {
        ListCode::Listed(code) => codes::find(list, code).map_or_else(|| json!({ "code": code }), coding),
        ListCode::Other(other) => {
            let mut object = Object::new();
            object.set("system", other.system.as_str()).set("code", other.code.as_str());
            object.maybe("display", other.display.as_deref());
            object.build()
        }
    }
}

pub fn list_concept(list: &'static [Code], code: &ListCode) -> Value {
    json!({ "coding": [list_coding(list, code)] })
}

/// The code that a concept has of a list. One that is on no list is returned as it stands, for the door to refuse.
pub fn listed_code(list: &'static [Code], concept: &Value) -> Option<String> {
    let codings = || concept["coding"].as_array().into_iter().flatten();
    let known = codings().find_map(|one| codes::find_in(list, one["system"].as_str()?, one["code"].as_str()?));
    known
        .map(|code| code.code.to_owned())
        .or_else(|| codings().find_map(|one| one["code"].as_str().map(str::to_owned)))
        .or_else(|| concept["text"].as_str().map(str::to_owned))
}

/// The code of an extensible list that a Coding says.
pub fn list_code(list: &'static [Code], coding: &Value) -> Option<ListCode> {
    let code = coding["code"].as_str()?;
    match coding["system"].as_str() {
        Some(system) if codes::find_in(list, system, code).is_none() => Some(ListCode::Other(Coding {
            system: system.to_owned(),
            code: code.to_owned(),
            display: coding["display"].as_str().map(str::to_owned),
        })),
        _ => Some(ListCode::Listed(code.to_owned())),
    }
}

/// The Dutch words of a code of an extensible list.
pub fn list_words(list: &'static [Code], code: &ListCode) -> String {
    match code {
        ListCode::Listed(code) => {
            codes::find(list, code).map_or_else(|| code.clone(), |entry| entry.words().to_owned())
        }
        ListCode::Other(other) => other.display.clone().unwrap_or_else(|| other.code.clone()),
    }
}

/// A value of the domain as JSON; None where it is none.
pub fn json_of(value: Option<impl serde::Serialize>) -> Option<Value> {
    serde_json::to_value(value?).ok()
}

/// A relative reference with the type and what to show for it, where that is anything.
pub fn reference(resource_type: &str, id: &str, display: Option<String>) -> Value {
    let mut object = Object::new();
    let display = display.filter(|words| !words.is_empty());
    object.set("reference", format!("{resource_type}/{id}")).set("type", resource_type).maybe("display", display);
    object.build()
}
