//! Steps of a path, children and descendants.

use super::*;
use crate::fhirpath::program::Step;
use crate::fhirpath::types::{Element, Form, Lookup};
use serde_json::{Map, Value};

/// Objects up to this size are searched from the front, which is faster than hashing the name.
const SMALL: usize = 16;

type Object = Map<String, Value>;

impl<'a> Env<'_, 'a> {
    pub(super) fn path(
        &self,
        base: Option<&'a Op>,
        steps: &'a [Step],
        frame: Frame<'_, 'a>,
        sink: Sink<'_, 'a>,
    ) -> Run {
        match base {
            None => frame.this.iter().try_for_each(|item| match item {
                Item::Node(node) => self.walk(*node, steps, sink),
                _ => Ok(()),
            }),
            Some(base) => self.each(base, frame, &mut |item| match item {
                Item::Node(node) => self.walk(node, steps, sink),
                _ => Ok(()),
            }),
        }
    }

    fn walk(&self, node: Node<'a>, steps: &'a [Step], sink: Sink<'_, 'a>) -> Run {
        match steps.split_first() {
            None => sink(Item::Node(node)),
            Some((step, rest)) => self.step(node, step, &mut |child| self.walk(child, rest, sink)),
        }
    }

    fn step(&self, node: Node<'a>, step: &'a Step, found: &mut impl FnMut(Node<'a>) -> Run) -> Run {
        self.tick()?;
        let Value::Object(object) = node.value() else { return self.beside(node, &step.name, found) };
        if let Some((_, element)) = step.known.iter().find(|(of, _)| *of == node.of()) {
            return self.element(object, element, found);
        }
        match self.types.element(node.of(), &step.name) {
            Lookup::Known(element) => self.element(object, element, found),
            Lookup::Absent => Ok(()),
            Lookup::Open => self.guess(object, &step.name, found),
        }
    }

    /// What a primitive has in its `_element`.
    fn beside(&self, node: Node<'a>, name: &str, found: &mut impl FnMut(Node<'a>) -> Run) -> Run {
        match node.sibling().and_then(|sibling| sibling.get(name)) {
            Some(value) => self.emit(Some(value), None, inferred(name), found),
            None => Ok(()),
        }
    }

    fn element(&self, object: &'a Object, element: &'a Element, found: &mut impl FnMut(Node<'a>) -> Run) -> Run {
        if let ([form], false) = (&*element.forms, element.choice) {
            return self.form(object, form, found);
        }
        // Of a choice, what is there decides, not what could be: an extension's value has fifty forms.
        for (key, _) in object {
            let property = key.strip_prefix('_').unwrap_or(key);
            if !property.starts_with(&*element.name) {
                continue;
            }
            if let Some(form) = element.forms.iter().find(|form| *form.property == *property) {
                if property.len() != key.len() && object.contains_key(property) {
                    continue;
                }
                self.form(object, form, found)?;
            }
        }
        Ok(())
    }

    fn form(&self, object: &'a Object, form: &'a Form, found: &mut impl FnMut(Node<'a>) -> Run) -> Run {
        let (mut value, mut sibling) = (None, None);
        if object.len() > SMALL {
            value = object.get(&*form.property);
            sibling = if form.sibling.is_empty() { None } else { object.get(&*form.sibling) };
        } else if form.sibling.is_empty() {
            value = object.iter().find(|(key, _)| **key == *form.property).map(|(_, value)| value);
        } else {
            for (key, content) in object {
                if **key == *form.property {
                    value = Some(content);
                } else if **key == *form.sibling {
                    sibling = Some(content);
                }
            }
        }
        self.emit(value, sibling, form.of, found)
    }

    /// Without a type: the property of that name, or a choice's whose end is the name of a type.
    fn guess(&self, object: &'a Object, name: &str, found: &mut impl FnMut(Node<'a>) -> Run) -> Run {
        let mut exact = (None, None);
        for (key, content) in object {
            match key.strip_prefix('_') {
                None if key == name => exact.0 = Some(content),
                Some(plain) if plain == name => exact.1 = Some(content),
                _ => {}
            }
        }
        if exact.0.is_some() || exact.1.is_some() {
            return self.emit(exact.0, exact.1, inferred(name), found);
        }
        for (key, content) in object {
            let property = key.strip_prefix('_').unwrap_or(key);
            let Some(of) = property.strip_prefix(name).and_then(builtin::from_suffix) else { continue };
            let of = self.types.find(of);
            if property.len() == key.len() {
                let sibling = object.iter().find(|(key, _)| key.strip_prefix('_') == Some(property));
                self.emit(Some(content), sibling.map(|(_, sibling)| sibling), of, found)?;
            } else if !object.contains_key(property) {
                self.emit(None, Some(content), of, found)?;
            }
        }
        Ok(())
    }

    /// The nodes of a property's value and the `_element` beside it; one each in arrays, where they lie in step.
    fn emit(
        &self,
        value: Option<&'a Value>,
        sibling: Option<&'a Value>,
        of: TypeId,
        found: &mut impl FnMut(Node<'a>) -> Run,
    ) -> Run {
        let (values, siblings) = match (value, sibling) {
            (None, None) => return Ok(()),
            (Some(Value::Array(values)), Some(Value::Array(siblings))) => (values.as_slice(), siblings.as_slice()),
            (Some(Value::Array(values)), _) => (values.as_slice(), &[][..]),
            (None, Some(Value::Array(siblings))) => (&[][..], siblings.as_slice()),
            (value, sibling) => return self.one(value, sibling, of, found),
        };
        for index in 0..values.len().max(siblings.len()) {
            self.tick()?;
            self.one(values.get(index), siblings.get(index), of, found)?;
        }
        Ok(())
    }

    fn one(
        &self,
        value: Option<&'a Value>,
        sibling: Option<&'a Value>,
        of: TypeId,
        found: &mut impl FnMut(Node<'a>) -> Run,
    ) -> Run {
        let sibling = sibling.filter(|sibling| sibling.is_object());
        match (value, sibling) {
            (None | Some(Value::Null), None) => Ok(()),
            (None | Some(Value::Null), Some(sibling)) => found(Node::without_value(sibling, of)),
            (Some(value), _) => found(Node::new(value, sibling, self.concrete(value, of))),
        }
    }

    /// A resource is of the type that it says it is.
    fn concrete(&self, value: &Value, of: TypeId) -> TypeId {
        let open = matches!(of, TypeId::UNKNOWN | builtin::RESOURCE | builtin::DOMAIN_RESOURCE);
        match value {
            Value::Object(object) if open => match object.get("resourceType") {
                Some(Value::String(name)) => match self.types.find(name) {
                    TypeId::UNKNOWN => of,
                    found => found,
                },
                _ => of,
            },
            _ => of,
        }
    }

    pub(super) fn children(&self, node: Node<'a>, found: &mut dyn FnMut(Node<'a>) -> Run) -> Run {
        let Value::Object(object) = node.value() else {
            let Some(Value::Object(beside)) = node.sibling() else { return Ok(()) };
            return beside
                .iter()
                .try_for_each(|(key, value)| self.emit(Some(value), None, inferred(key), &mut |child| found(child)));
        };
        for (key, content) in object {
            self.tick()?;
            let of = |property: &str| match self.types.of_property(node.of(), property) {
                TypeId::UNKNOWN => inferred(property),
                of => of,
            };
            match key.strip_prefix('_') {
                Some(property) if object.contains_key(property) => {}
                Some(property) => self.emit(None, Some(content), of(property), &mut |child| found(child))?,
                None if key == "resourceType" => {}
                None => {
                    let beside = |(other, _): &(&String, &Value)| other.strip_prefix('_') == Some(key.as_str());
                    let sibling = match content {
                        Value::Object(_) => None,
                        _ if object.len() > SMALL => object.get(&format!("_{key}")),
                        _ => object.iter().find(beside).map(|(_, sibling)| sibling),
                    };
                    self.emit(Some(content), sibling, of(key), &mut |child| found(child))?;
                }
            }
        }
        Ok(())
    }

    /// How many [`children`](Env::children) there are.
    pub(super) fn child_count(&self, node: Node<'a>) -> Result<i64, Stop> {
        let mut count = 0;
        match node.value() {
            Value::Object(object) if !object.keys().any(|key| key.starts_with('_')) => {
                for (key, content) in object {
                    self.tick()?;
                    count += match content {
                        Value::Array(values) => values.iter().filter(|value| !value.is_null()).count(),
                        Value::Null => 0,
                        _ => usize::from(key != "resourceType"),
                    };
                }
            }
            _ => self.children(node, &mut |_| {
                count += 1;
                Ok(())
            })?,
        }
        Ok(i64::try_from(count).unwrap_or(i64::MAX))
    }

    /// Children, their children, and so on; `depth` is bounded by what a parser of JSON or XML lets through.
    pub(super) fn descendants(&self, node: Node<'a>, depth: usize, found: &mut dyn FnMut(Node<'a>) -> Run) -> Run {
        if depth > DEEPEST {
            return Err(Stop::Error(EvalError { at: self.root.at, kind: EvalErrorKind::TooCostly }));
        }
        self.children(node, &mut |child| {
            found(child)?;
            self.descendants(child, depth + 1, found)
        })
    }
}

/// Deeper than this no resource is.
const DEEPEST: usize = 256;

/// Elements whose type their name tells.
fn inferred(name: &str) -> TypeId {
    match name {
        "extension" | "modifierExtension" => builtin::EXTENSION,
        _ => TypeId::UNKNOWN,
    }
}
