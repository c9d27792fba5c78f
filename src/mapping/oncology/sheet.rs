//! A resource in the making, together with where its fields come from.

use serde_json::{Value, json};

use crate::domain::{Coded, PartialDate};
use crate::mapping::Trace;
use crate::mapping::common::element::{Object, Spot, extension, extension_path};

use super::{answer, ours, ours_path};

/// Writes elements and their rows in the trace at once, so that no field is carried unnoticed.
pub struct Sheet<'t> {
    pub at: Spot,
    pub id: String,
    object: Object,
    extensions: Vec<Value>,
    notes: Vec<Value>,
    pub trace: &'t mut Trace,
}

impl<'t> Sheet<'t> {
    /// A resource of this type for the part of the document at `source`.
    pub fn new(
        resource_type: &str,
        id: &str,
        ours: &str,
        official: &[&str],
        source: &str,
        trace: &'t mut Trace,
    ) -> Self {
        Sheet {
            at: Spot::resource(source, resource_type, id),
            id: id.to_owned(),
            object: Object::resource(resource_type, id, ours, official),
            extensions: Vec::new(),
            notes: Vec::new(),
            trace,
        }
    }

    pub fn set(&mut self, element: &str, value: impl Into<Value>) -> &mut Self {
        self.object.set(element, value);
        self
    }

    /// An element that a field of the document became unchanged.
    pub fn carry(&mut self, field: &str, element: &str, value: impl Into<Value>) -> &mut Self {
        self.trace.carried(&self.at.down(field, element));
        self.set(element, value)
    }

    /// An element that a field of the document became in another form.
    pub fn convert(&mut self, field: &str, element: &str, value: impl Into<Value>, reason: &str) -> &mut Self {
        self.trace.converted(&self.at.down(field, element), reason);
        self.set(element, value)
    }

    /// Only the row of the trace, for an element that is written elsewhere.
    pub fn carried(&mut self, field: &str, element: &str) -> &mut Self {
        self.trace.carried(&self.at.down(field, element));
        self
    }

    pub fn converted(&mut self, field: &str, element: &str, reason: &str) -> &mut Self {
        self.trace.converted(&self.at.down(field, element), reason);
        self
    }

    pub fn defaulted(&mut self, element: &str, reason: &str) -> &mut Self {
        self.trace.defaulted(&self.at.element(element), reason);
        self
    }

    pub fn extend(&mut self, extension: Value) -> &mut Self {
        self.extensions.push(extension);
        self
    }

    /// One of our extensions with an answer of a list, from a field.
    pub fn answer<C: Coded>(&mut self, field: &str, name: &str, given: Option<C>) -> &mut Self {
        if let Some(given) = given {
            self.carried(field, &ours_path(name));
            self.extend(answer(name, given));
        }
        self
    }

    /// An extension with a date, from a field.
    pub fn dated(&mut self, field: &str, url: &str, date: Option<PartialDate>) -> &mut Self {
        if let Some(date) = date {
            self.carried(field, &extension_path(url));
            self.extend(extension(url, "valueDateTime", date.to_string()));
        }
        self
    }

    /// One of our extensions with text, from a field.
    pub fn words(&mut self, field: &str, name: &str, text: Option<&str>) -> &mut Self {
        if let Some(text) = text {
            self.carried(field, &ours_path(name));
            self.extend(extension(&ours(name), "valueString", text));
        }
        self
    }

    /// A note, from a field.
    pub fn note(&mut self, field: &str, text: Option<&str>) -> &mut Self {
        if let Some(text) = text {
            self.carried(field, &format!("note[{}]", self.notes.len()));
            self.notes.push(json!({ "text": text }));
        }
        self
    }

    pub fn build(mut self) -> Value {
        self.object.list("extension", self.extensions).list("note", self.notes);
        self.object.build()
    }
}
