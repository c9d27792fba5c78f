//! A resource on its way to the other version.

use serde_json::{Map, Value};

use super::{Loss, Others, Rendered};

/// The resource as it is so far, and what could not be carried.
pub(super) struct Draft<'o> {
    /// `Consent`.
    pub name: &'static str,
    pub body: Value,
    pub others: &'o Others<'o>,
    losses: Vec<Loss>,
    refused: bool,
}

impl<'o> Draft<'o> {
    pub fn new(name: &'static str, resource: &Value, others: &'o Others<'o>) -> Self {
        Draft { name, body: resource.clone(), others, losses: Vec::new(), refused: false }
    }

    pub fn finish(self) -> Rendered {
        Rendered { resource: (!self.refused).then_some(self.body), losses: self.losses }
    }

    /// Takes an element out, with what stands beside it where it is a primitive.
    pub fn take(&mut self, name: &str) -> Option<Value> {
        take(&mut self.body, name)
    }

    /// The items of an element that repeats; the element is gone.
    pub fn take_list(&mut self, name: &str) -> Vec<Value> {
        list(self.take(name))
    }

    pub fn set(&mut self, name: &str, value: impl Into<Value>) {
        self.body[name] = value.into();
    }

    /// An element that repeats; none where there are no items.
    pub fn set_list(&mut self, name: &str, items: Vec<Value>) {
        if !items.is_empty() {
            self.body[name] = Value::Array(items);
        }
    }

    /// Moves an element, with what stands beside it.
    pub fn rename(&mut self, from: &str, to: &str) {
        rename(&mut self.body, from, to);
    }

    pub fn rename_all(&mut self, names: &[(&str, &str)]) {
        names.iter().for_each(|(from, to)| self.rename(from, to));
    }

    pub fn rename_back(&mut self, names: &[(&str, &str)]) {
        names.iter().for_each(|(from, to)| self.rename(to, from));
    }

    /// Takes an element out and tells it, where it is there.
    pub fn leave_out(&mut self, name: &str, reason: &'static str) {
        if self.take(name).is_some() {
            self.lose(name, reason);
        }
    }

    pub fn lose(&mut self, element: &str, reason: &'static str) {
        self.losses.push(Loss { at: format!("{}.{element}", self.name), reason });
    }

    /// The resource cannot be said without this element: without it, it would say something else.
    pub fn refuse(&mut self, element: &str, reason: &'static str) {
        self.lose(element, reason);
        self.refused = true;
    }

    pub fn told(&mut self, losses: Vec<Loss>, below: &str) {
        let inside = |one: Loss| Loss { at: format!("{}.{below}.{}", self.name, one.at), ..one };
        let losses: Vec<Loss> = losses.into_iter().map(inside).collect();
        self.losses.extend(losses);
    }
}

/// Takes a property of an object out, with its `_name`; the latter only where it stands alone does nothing else hold.
pub(super) fn take(object: &mut Value, name: &str) -> Option<Value> {
    let object = object.as_object_mut()?;
    object.shift_remove(name)
}

pub(super) fn rename(object: &mut Value, from: &str, to: &str) {
    let Some(object) = object.as_object_mut() else { return };
    for mark in ["", "_"] {
        if let Some(value) = object.shift_remove(&format!("{mark}{from}")) {
            object.insert(format!("{mark}{to}"), value);
        }
    }
}

/// The items of a value that repeats; one that does not is its only item.
pub(super) fn list(value: Option<Value>) -> Vec<Value> {
    match value {
        Some(Value::Array(items)) => items,
        Some(Value::Null) | None => Vec::new(),
        Some(one) => vec![one],
    }
}

/// Exchanges a code by a table; a code that the table does not name stays.
pub(super) fn code(object: &mut Value, name: &str, table: &[(&str, &str)], back: bool) {
    let Some(said) = object[name].as_str() else { return };
    let found = table.iter().find(|(r4, stu3)| said == if back { *stu3 } else { *r4 });
    if let Some((r4, stu3)) = found {
        object[name] = Value::from(if back { *r4 } else { *stu3 });
    }
}

/// Adds to the extensions of an element, which becomes an object where it was none.
pub(super) fn extend(element: &mut Value, extension: Value) {
    if !element.is_object() {
        *element = Value::Object(Map::new());
    }
    match element["extension"].as_array_mut() {
        Some(all) => all.push(extension),
        None => element["extension"] = Value::Array(vec![extension]),
    }
}

/// Takes the extensions with this URL out of an element.
pub(super) fn take_extensions(element: &mut Value, url: &str) -> Vec<Value> {
    let Some(all) = element.get_mut("extension").and_then(Value::as_array_mut) else { return Vec::new() };
    let (taken, left): (Vec<Value>, Vec<Value>) = all.drain(..).partition(|one| one["url"] == url);
    if left.is_empty() {
        take(element, "extension");
    } else {
        element["extension"] = Value::Array(left);
    }
    taken
}
