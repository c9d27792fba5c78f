//! The properties of a node: what each definition says about each child, united by JSON name.

use std::sync::OnceLock;

use ahash::AHashMap;
use smallvec::SmallVec;

use super::slices;
use crate::validator::node::{Entry, ExtensionKind, Node, Property, Source, Variant};
use crate::validator::primitive::Primitive;
use crate::validator::schema::Schema;
use crate::validator::structure::{DiscriminatorKind, Element, SlicingRules, StructureKind, Type};

/// More properties than bits in the masks of a node: no FHIR type comes near.
const MOST: usize = 128;

struct Child<'s> {
    name: &'s str,
    choice: bool,
    sources: SmallVec<[Source; 4]>,
}

pub(super) fn add(schema: &Schema, closure: &[Source], node: &mut Node) {
    for child in collect(schema, closure) {
        if node.properties.len() == MOST {
            break;
        }
        let property = property(schema, &child);
        let at = node.properties.len();
        for (variant, of) in property.variants.iter().enumerate() {
            node.table.insert(of.json.clone(), Entry { property: at as u16, variant: variant as u16 });
        }
        if property.min > 0 {
            node.required |= 1 << at;
        }
        if !property.required_variants.is_empty() || property.groups.iter().any(|g| g.slices.iter().any(|s| s.min > 0))
        {
            node.sliced |= 1 << at;
        }
        node.properties.push(property);
    }
}

/// The children by name; a definition that writes `valueQuantity` for a choice speaks about `value[x]`.
fn collect<'s>(schema: &'s Schema, closure: &[Source]) -> Vec<Child<'s>> {
    let mut children: Vec<Child<'s>> = Vec::new();
    let mut index: AHashMap<&str, usize> = AHashMap::new();
    for &(structure, at) in closure {
        let of = schema.get(structure);
        for &child in &of.elements[at as usize].children {
            let element = &of.elements[child as usize];
            if of.kind == StructureKind::Primitive && &*element.name == "value" {
                continue;
            }
            let place = index.get(&*element.name).copied().or_else(|| {
                children
                    .iter()
                    .position(|c| c.choice && !element.choice && choice_type(schema, c, &element.name).is_some())
            });
            match place {
                Some(place) => {
                    children[place].choice |= element.choice;
                    children[place].sources.push((structure, child));
                }
                None => {
                    index.insert(&element.name, children.len());
                    let sources = SmallVec::from_slice(&[(structure, child)]);
                    children.push(Child { name: &element.name, choice: element.choice, sources });
                }
            }
        }
    }
    children
}

/// The type that a property's name gives a choice: `Quantity` for `valueQuantity`.
fn choice_type<'s>(schema: &'s Schema, child: &Child<'s>, json: &str) -> Option<&'s Type> {
    let suffix = json.strip_prefix(child.name)?;
    let elements = child.sources.iter().map(|s| schema.element(*s));
    elements.flat_map(|e| &e.types).find(|t| capitalized(&t.code) == suffix)
}

pub(super) fn capitalized(code: &str) -> String {
    let mut chars = code.chars();
    chars.next().map_or(String::new(), |c| c.to_ascii_uppercase().to_string() + chars.as_str())
}

fn property(schema: &Schema, child: &Child<'_>) -> Property {
    let elements: Vec<(Source, &Element)> = child.sources.iter().map(|s| (*s, schema.element(*s))).collect();
    // A definition under a name of one type says nothing about how often the choice as a whole occurs.
    let whole = || elements.iter().filter(|(_, e)| *e.name == *child.name);
    let min = whole().map(|(_, e)| e.min).max().unwrap_or(0);
    let max = whole().filter_map(|(_, e)| e.max).min();
    let origin = whole()
        .find(|(_, e)| (min > 0 && e.min == min) || (min == 0 && max.is_some() && e.max == max))
        .or(whole().next())
        .map_or(0, |(s, _)| s.0);
    let mut property = Property {
        name: child.name.into(),
        array: elements.iter().any(|(_, e)| e.array),
        min,
        max,
        origin,
        variants: if child.choice { choices(schema, child, &elements) } else { vec![single(schema, child, &elements)] },
        groups: Vec::new(),
        required_variants: Vec::new(),
        extension: match child.name {
            "extension" => Some(ExtensionKind::Plain),
            "modifierExtension" => Some(ExtensionKind::Modifier),
            _ => None,
        },
    };
    for (source, element) in &elements {
        if child.choice && *element.name != *child.name {
            if element.min > 0 {
                property.required_variants.push((element.name.clone(), element.name.clone()));
            }
            continue;
        }
        if child.choice && by_type(element) {
            slice_by_type(schema, *source, element, &mut property);
        } else if let Some(group) = slices::group(schema, *source, &property.variants[0]) {
            property.groups.push(group);
        }
    }
    property
}

fn single(schema: &Schema, child: &Child<'_>, elements: &[(Source, &Element)]) -> Variant {
    let code = elements.iter().find_map(|(_, e)| e.types.first()).map_or("BackboneElement", |t| &t.code);
    let kind = schema.type_structure(code).map(|s| schema.get(s).kind);
    let type_name = if kind == Some(StructureKind::Resource) { "Resource" } else { code };
    let referenced = elements.iter().any(|(_, e)| e.content_reference.is_some());
    variant(child.name.into(), if referenced { "BackboneElement" } else { type_name }, true, &child.sources)
}

fn variant(json: Box<str>, type_name: &str, allowed: bool, sources: &[Source]) -> Variant {
    Variant {
        sibling: format!("_{json}").into(),
        json,
        type_name: type_name.into(),
        allowed,
        primitive: Primitive::of(type_name).is_some(),
        sources: SmallVec::from_slice(sources),
        node: OnceLock::new(),
    }
}

fn choices(schema: &Schema, child: &Child<'_>, elements: &[(Source, &Element)]) -> Vec<Variant> {
    let mut variants: Vec<Variant> = Vec::new();
    for code in elements.iter().flat_map(|(_, e)| e.types.iter().map(|t| &t.code)) {
        let json: Box<str> = format!("{}{}", child.name, capitalized(code)).into();
        if variants.iter().any(|v| v.json == json) {
            continue;
        }
        let says = |e: &Element| e.types.is_empty() || e.types.iter().any(|t| t.code == *code);
        let whole = elements.iter().filter(|(_, e)| *e.name == *child.name);
        let allowed = whole.clone().all(|(_, e)| says(e));
        let named = |e: &Element| *e.name == *child.name || *e.name == *json;
        let sources: Vec<Source> =
            elements.iter().filter(|(_, e)| named(e) && says(e)).map(|(source, _)| *source).collect();
        variants.push(variant(json, code, allowed, &sources));
    }
    let _ = schema;
    variants
}

/// Whether a choice is sliced by its type, which the property's name decides.
fn by_type(element: &Element) -> bool {
    element.slicing.as_ref().is_none_or(|s| {
        s.discriminators.iter().all(|(kind, path)| *kind == DiscriminatorKind::Type && &**path == "$this")
    })
}

fn slice_by_type(schema: &Schema, source: Source, element: &Element, property: &mut Property) {
    let slices: Vec<(u32, &Element)> = element.slices.iter().map(|s| (*s, schema.element((source.0, *s)))).collect();
    let closed = element.slicing.as_ref().is_some_and(|s| s.rules == SlicingRules::Closed);
    let name = property.name.clone();
    for variant in &mut property.variants {
        let of_type = |e: &Element| {
            e.types.iter().any(|t| t.code == variant.type_name)
                && (e.types.len() < element.types.len() || element.types.len() == 1)
        };
        let mut covered = false;
        for (at, slice) in slices.iter().filter(|(_, e)| of_type(e)) {
            covered = true;
            variant.sources.push((source.0, *at));
            variant.allowed &= slice.max != Some(0);
            if slice.min > 0 && slice.types.len() == 1 {
                let slice_name = slice.slice_name.clone().unwrap_or_else(|| name.clone());
                property.required_variants.push((slice_name, variant.json.clone()));
            }
        }
        if closed && !covered && !slices.is_empty() {
            variant.allowed = false;
        }
    }
}
