//! What of a document can be judged beside the faults that its schema finds: every part that has none.
//!
//! One cause gets one fault: a place that has a fault is not read again, so that nothing which rests on it is held
//! against the sender too, and never gets a second one.

use std::collections::BTreeMap;

use serde::de::DeserializeOwned;
use serde_json::Value;

use super::Kind;
use super::common::Moment;
use super::schema;
use super::violation::{Violation, ViolationKind};

/// A document with what is wrong with it so far.
pub struct Review<'d> {
    document: &'d Value,
    faults: Vec<Violation>,
    places: BTreeMap<String, ViolationKind>,
}

impl<'d> Review<'d> {
    /// A document with the faults that its schema finds.
    pub fn new(kind: Kind, document: &'d Value) -> Self {
        let mut review = Review { document, faults: Vec::new(), places: BTreeMap::new() };
        schema::violations(kind, document).into_iter().for_each(|fault| review.add(fault));
        review
    }

    /// # Errors
    /// Every fault, in the order of the pointers.
    pub fn finish(mut self) -> Result<(), Vec<Violation>> {
        self.faults.sort();
        if self.faults.is_empty() { Ok(()) } else { Err(self.faults) }
    }

    /// Tells a fault that the schema cannot express, unless its place has one.
    pub fn fault(&mut self, fault: Violation) {
        if !self.places.contains_key(&fault.pointer) {
            self.add(fault);
        }
    }

    /// Two statements that cannot both be true.
    pub fn contradiction(&mut self, pointer: impl Into<String>, expected: impl Into<String>) {
        self.fault(Violation::contradiction(pointer, expected));
    }

    fn add(&mut self, fault: Violation) {
        self.places.entry(fault.pointer.clone()).or_insert(fault.kind);
        self.faults.push(fault);
    }

    /// True where the sender wrote something, right or wrong.
    pub fn is_there(&self, pointer: &str) -> bool {
        self.document.pointer(pointer).is_some()
    }

    /// True where it cannot be told what the sender says, if anything.
    pub fn is_doubtful(&self, pointer: &str) -> bool {
        let mut above = pointer;
        while let Some((rest, _)) = above.rsplit_once('/') {
            if self.places.get(rest) == Some(&ViolationKind::Type) {
                return true;
            }
            above = rest;
        }
        self.places.contains_key(pointer)
    }

    /// What stands there; none where nothing does, or a fault.
    pub fn at(&self, pointer: &str) -> Option<&'d Value> {
        if self.places.contains_key(pointer) { None } else { self.document.pointer(pointer) }
    }

    pub fn text(&self, pointer: &str) -> Option<&'d str> {
        self.at(pointer)?.as_str()
    }

    pub fn moment(&self, pointer: &str) -> Option<Moment> {
        Moment::parse(self.text(pointer)?).ok()
    }

    /// A part without any fault in it.
    pub fn whole<T: DeserializeOwned>(&self, pointer: &str) -> Option<T> {
        let below = format!("{pointer}/");
        let faulty = self.places.range(below.clone()..).next().is_some_and(|(place, _)| place.starts_with(&below));
        if faulty { None } else { T::deserialize(self.at(pointer)?).ok() }
    }

    /// A part as far as it has no fault in it; none where it cannot do without what has one.
    pub fn sound<T: DeserializeOwned>(&self, pointer: &str) -> Option<T> {
        T::deserialize(self.without_faults(self.document.pointer(pointer)?, pointer)?).ok()
    }

    fn without_faults(&self, value: &Value, at: &str) -> Option<Value> {
        let fault = self.places.get(at);
        match value {
            Value::Object(object) => {
                // The fault of a name that is not repeated stands at its object.
                let strange = fault == Some(&ViolationKind::Unknown);
                let known = object.iter().filter(|(name, _)| !strange || schema::is_plain(name));
                let sound = known.filter_map(|(name, value)| {
                    Some((name.clone(), self.without_faults(value, &format!("{at}/{name}"))?))
                });
                Some(Value::Object(sound.collect()))
            }
            Value::Array(items) => {
                let items = items.iter().enumerate();
                Some(Value::Array(
                    items.filter_map(|(i, item)| self.without_faults(item, &format!("{at}/{i}"))).collect(),
                ))
            }
            scalar => fault.is_none().then(|| scalar.clone()),
        }
    }

    /// The places to which a pointer leads, in which `*` stands for every item of a list.
    pub fn each(&self, pattern: &str) -> Vec<String> {
        let mut found = vec![(String::new(), self.document)];
        for step in pattern.split('/').skip(1) {
            let next = found.into_iter().flat_map(|(at, value)| -> Vec<(String, &'d Value)> {
                if step == "*" {
                    let items = value.as_array().into_iter().flatten().enumerate();
                    return items.map(|(i, item)| (format!("{at}/{i}"), item)).collect();
                }
                value.pointer(&format!("/{step}")).map(|value| (format!("{at}/{step}"), value)).into_iter().collect()
            });
            found = next.collect();
        }
        found.into_iter().map(|(at, _)| at).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_has_a_fault_is_not_judged_again_and_all_else_is() {
        let document = json!({
            "documentId": "d", "version": 0, "Jan Geheim": 1,
            "problems": [{ "key": "a", "text": 1 }, { "key": "b", "text": "x" }, "c"],
        });
        let mut review = Review::new(Kind::CarePlan, &document);
        assert_eq!((review.at("/version"), review.text("/documentId")), (None, Some("d")));
        assert_eq!(review.each("/problems/*/key"), ["/problems/0/key", "/problems/1/key"]);
        assert_eq!(review.each("/problems/1/key"), ["/problems/1/key"]);
        assert_eq!(review.each("/problems/*"), ["/problems/0", "/problems/1", "/problems/2"]);
        assert!(review.is_doubtful("/problems/2/key") && !review.is_doubtful("/problems/1/key"));
        let before = review.faults.len();
        review.contradiction("/version", "something else");
        assert_eq!(review.faults.len(), before, "one place, one fault");
        assert_eq!(review.whole::<Value>("/problems/0"), None);
        assert_eq!(review.sound::<Value>("/problems/0"), Some(json!({ "key": "a" })));
        assert_eq!(review.whole::<Value>("/problems/1"), Some(document["problems"][1].clone()));
        assert_eq!(review.sound::<Value>("").unwrap().get("Jan Geheim"), None);
    }
}
