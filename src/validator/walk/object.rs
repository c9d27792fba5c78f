//! An object against its node: each property once, then what is missing.

use serde_json::{Map, Value};

use super::{Scope, Walk};
use crate::fhirpath;
use crate::validator::kind::Kind;
use crate::validator::node::{Node, Property, Shape, Variant};
use crate::validator::path::{Path, shown};
use crate::validator::property::property_of;
use crate::validator::rules;
use crate::validator::sink::{Flow, Sink};

impl<'a, S: Sink> Walk<'_, 'a, S> {
    /// Walks the properties of an object. `has_value` is set for the element part (`_birthDate`) of a primitive that has
    /// a value beside it: an id alone is then enough.
    pub fn object(
        &mut self,
        scope: &Scope<'_, 'a>,
        node: &'a Node,
        (owner, map): (&'a Value, &'a Map<String, Value>),
        has_value: bool,
        at: &Path<'_>,
    ) -> Flow {
        // An empty list is told of by itself; beside a primitive, the value is what is missing.
        let told = |value: &Value| node.shape == Shape::Object && value.is_array();
        let says_nothing = |(name, value): (&String, &Value)| name == "id" || (is_empty(value) && !told(value));
        if map.is_empty() || (!has_value && node.shape != Shape::Resource && map.iter().all(says_nothing)) {
            self.error(at, || Kind::EmptyObject)?;
        }
        let has_parts = map.keys().any(|k| k.starts_with('_'));
        let mut seen: u128 = 0;
        let around = std::mem::take(&mut self.asks_around);
        for (key, value) in map {
            let (name, is_part) = key.strip_prefix('_').map_or((key.as_str(), false), |name| (name, true));
            let Some(entry) = node.table.get(name) else {
                if key != "resourceType" || node.shape != Shape::Resource {
                    self.unknown_property(node, key, at)?;
                }
                continue;
            };
            let property = &node.properties[entry.property as usize];
            let variant = &property.variants[entry.variant as usize];
            let (value, sibling) = if is_part {
                if !variant.primitive {
                    self.unknown_property(node, key, at)?;
                    continue;
                }
                if property_of(map, name).is_some() {
                    continue;
                }
                (None, Some(value))
            } else {
                (Some(value), if has_parts && variant.primitive { property_of(map, &variant.sibling) } else { None })
            };
            let bit = 1u128 << entry.property;
            if seen & bit != 0 {
                self.error(at, || Kind::SeveralTypes { element: property.name.clone() })?;
            }
            if counts(property, variant, value, sibling) {
                seen |= bit;
            }
            if !variant.allowed && &*node.type_name == "Extension" && is_defined(map) {
                // What an extension may hold is its definition's to say, and so the extension is at fault.
                self.type_not_allowed(property, variant, at)?;
                let mut allowed = property.variants.iter().filter(|v| v.allowed).map(|v| &*v.type_name);
                if allowed.next() == Some("boolean") && allowed.next().is_none() {
                    self.error(&at.name(&variant.json), || Kind::WrongJsonType { expected: "true or false" })?;
                }
            } else if !variant.allowed {
                self.type_not_allowed(property, variant, &at.name(&variant.json))?;
            }
            self.property(scope, node, property, variant, value, sibling, at)?;
        }
        if self.asks_around && !matches!(node.shape, Shape::Primitive(_)) {
            rules::extension::check_around(self, scope, node, owner, fhirpath::Node::new(owner, None, node.focus), at)?;
        }
        self.asks_around = around;
        self.missing(node, seen, at)
    }

    fn unknown_property(&mut self, node: &Node, key: &str, at: &Path<'_>) -> Flow {
        self.error(at, || Kind::UnknownProperty {
            name: shown(key).into(),
            of_version: rules::version::of_element(&node.type_name, key).filter(|_| node.shape == Shape::Resource),
        })
    }

    fn type_not_allowed(&mut self, property: &Property, variant: &Variant, at: &Path<'_>) -> Flow {
        self.error(at, || Kind::TypeNotAllowed {
            element: property.name.clone(),
            type_name: variant.type_name.clone(),
            allowed: joined(property.variants.iter().filter(|v| v.allowed).map(|v| &*v.type_name)),
        })
    }

    /// Required properties, slices and types of a choice that are not there at all.
    pub fn missing(&mut self, node: &'a Node, seen: u128, at: &Path<'_>) -> Flow {
        for property in bits(node.required & !seen).map(|bit| &node.properties[bit]) {
            let profile = self.schema().get(property.origin).url.clone();
            self.error(at, || Kind::TooFew {
                element: property.name.clone(),
                min: property.min,
                found: 0,
                profile: (&*profile).into(),
            })?;
        }
        for bit in bits(node.sliced & !seen) {
            let property = &node.properties[bit];
            for slice in property.groups.iter().flat_map(|g| &g.slices).filter(|s| s.min > 0) {
                self.error(at, || Kind::SliceTooFew {
                    slice: format!("{}:{}", property.name, slice.name).into(),
                    min: slice.min,
                    found: 0,
                    nearly: None,
                })?;
            }
            for (name, _) in &property.required_variants {
                self.error(at, || Kind::SliceTooFew {
                    slice: format!("{}:{name}", property.name).into(),
                    min: 1,
                    found: 0,
                    nearly: None,
                })?;
            }
        }
        Flow::Continue(())
    }

    #[allow(clippy::too_many_arguments)]
    fn property(
        &mut self,
        scope: &Scope<'_, 'a>,
        node: &'a Node,
        property: &'a Property,
        variant: &'a Variant,
        value: Option<&'a Value>,
        sibling: Option<&'a Value>,
        at: &Path<'_>,
    ) -> Flow {
        let here = at.name(&variant.json);
        for (name, json) in &property.required_variants {
            if *json != variant.json {
                self.error(at, || Kind::SliceTooFew {
                    slice: format!("{}:{name}", property.name).into(),
                    min: 1,
                    found: 0,
                    nearly: None,
                })?;
            }
        }
        if !property.array {
            if matches!(value, Some(Value::Array(_))) || matches!(sibling, Some(Value::Array(_))) {
                return self.error(&here, || Kind::ExpectedSingle);
            }
            if property.max == Some(0) {
                self.too_many(property, 1, at)?;
            }
            return self.single(scope, node, property, variant, value, sibling, &here, at);
        }
        let items = match value {
            Some(Value::Array(items)) => items.as_slice(),
            None => &[],
            // What is meant is plain, and the rest of it is looked at.
            Some(item @ Value::Object(_)) => {
                self.error(&here, || Kind::ExpectedArray)?;
                std::slice::from_ref(item)
            }
            Some(Value::Null) => return self.error(&here, || Kind::NullValue),
            Some(_) => return self.error(&here, || Kind::ExpectedArray),
        };
        let parts = match sibling {
            Some(Value::Array(parts)) => parts.as_slice(),
            None => &[],
            Some(_) => return self.error(&here, || Kind::ExpectedArray),
        };
        let found = items.len().max(parts.len());
        if found == 0 || value.and_then(Value::as_array).is_some_and(Vec::is_empty) {
            return self.error(&here, || Kind::EmptyArray);
        }
        if (found as u32) < property.min {
            let profile = self.schema().get(property.origin).url.clone();
            self.error(at, || Kind::TooFew {
                element: property.name.clone(),
                min: property.min,
                found: found as u32,
                profile: (&*profile).into(),
            })?;
        }
        if property.max.is_some_and(|max| found as u32 > max) {
            self.too_many(property, found as u32, at)?;
        }
        self.items(scope, node, property, variant, items, parts, &here, at)
    }

    fn too_many(&mut self, property: &Property, found: u32, at: &Path<'_>) -> Flow {
        let profile = self.schema().get(property.origin).url.clone();
        self.error(at, || Kind::TooMany {
            element: property.name.clone(),
            max: property.max.unwrap_or(0),
            found,
            profile: (&*profile).into(),
        })
    }
}

/// Whether an extension has a definition of its own; the parts of another have short names.
fn is_defined(extension: &Map<String, Value>) -> bool {
    extension.get("url").and_then(Value::as_str).is_none_or(|url| url.contains(':'))
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Array(items) => items.is_empty(),
        Value::Object(map) => map.is_empty(),
        _ => false,
    }
}

/// Whether there is something that counts as the property: an empty list, null and what has the wrong shape do not.
fn counts(property: &Property, variant: &Variant, value: Option<&Value>, sibling: Option<&Value>) -> bool {
    let fits = |value: &Value| match value {
        Value::Array(items) => property.array && !items.is_empty(),
        Value::Null => false,
        Value::Object(_) => !variant.primitive,
        _ => !property.array,
    };
    let beside = |part: &Value| if property.array { part.is_array() && !is_empty(part) } else { part.is_object() };
    value.is_none_or(fits) && sibling.is_none_or(beside)
}

fn bits(mut mask: u128) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        (mask != 0).then(|| {
            let bit = mask.trailing_zeros() as usize;
            mask &= mask - 1;
            bit
        })
    })
}

pub(crate) fn joined<'s>(names: impl Iterator<Item = &'s str>) -> Box<str> {
    names.collect::<Vec<_>>().join(", ").into()
}
