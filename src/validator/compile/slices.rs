//! Slices compiled to conditions.

use std::sync::OnceLock;

use ahash::AHashMap;
use smallvec::SmallVec;

use super::navigate::navigate;
use crate::validator::node::{Source, Variant};
use crate::validator::rules::binding::BindingRule;
use crate::validator::schema::Schema;
use crate::validator::slicing::{Condition, Expected, Group, Slice, Step};
use crate::validator::structure::{DiscriminatorKind, Slicing, SlicingRules, Strength};

/// The slicing that one definition gives an element; `None` where it gives none that says anything.
pub(super) fn group(schema: &Schema, source: Source, of: &Variant) -> Option<Group> {
    let element = schema.element(source);
    let slicing = element.slicing.clone().unwrap_or(Slicing {
        discriminators: if &*of.type_name == "Extension" {
            vec![(DiscriminatorKind::Value, "url".into())]
        } else {
            Vec::new()
        },
        rules: SlicingRules::Open,
        ordered: false,
    });
    if element.slices.is_empty() && slicing.rules != SlicingRules::Closed {
        return None;
    }
    Some(build(schema, source, &element.slices, &slicing, &of.sources, &of.type_name))
}

fn build(
    schema: &Schema,
    source: Source,
    slices: &[u32],
    slicing: &Slicing,
    around: &[Source],
    type_name: &str,
) -> Group {
    let mut group =
        Group { rules: slicing.rules, ordered: slicing.ordered, slices: Vec::new(), by_url: None, default: None };
    for &at in slices {
        let element = schema.element((source.0, at));
        let mut sources: SmallVec<[Source; 4]> = SmallVec::from_slice(around);
        sources.push((source.0, at));
        let reslices = (!element.slices.is_empty()).then(|| {
            let own = element.slicing.as_ref().unwrap_or(slicing);
            Box::new(build(schema, source, &element.slices, own, &sources, type_name))
        });
        let name = element.slice_name.clone().unwrap_or_default();
        if &*name == "@default" {
            group.default = Some(group.slices.len() as u16);
        }
        let slice_type = element.types.first().map_or(type_name, |t| &*t.code);
        let slice_type = if type_name == "Resource" || element.types.is_empty() { type_name } else { slice_type };
        group.slices.push(Slice {
            conditions: conditions(schema, (source.0, at), slicing, slice_type),
            name,
            min: element.min,
            max: element.max,
            sources,
            type_name: slice_type.into(),
            node: OnceLock::new(),
            reslices,
        });
    }
    let by_url = type_name == "Extension" && slicing.discriminators.iter().all(|(_, path)| &**path == "url");
    group.by_url = by_url.then(|| urls(&group.slices));
    group
}

fn urls(slices: &[Slice]) -> AHashMap<Box<str>, u16> {
    let mut urls = AHashMap::new();
    for (at, slice) in slices.iter().enumerate() {
        for condition in &slice.conditions {
            if let Expected::Fixed(serde_json::Value::String(url)) = &condition.expected {
                urls.insert(url.as_str().into(), at as u16);
            }
        }
    }
    urls
}

fn conditions(schema: &Schema, source: Source, slicing: &Slicing, type_name: &str) -> Vec<Condition> {
    let mut all: Vec<Condition> = Vec::new();
    for (kind, path) in &slicing.discriminators {
        let condition = navigate(schema, &[source], type_name, path).map(|place| {
            let expected = expected(schema, *kind, &place);
            Condition { path: place.steps, expected }
        });
        all.extend(condition);
    }
    // What gives nothing to tell by is left out where something else does.
    if all.iter().any(|c| !matches!(c.expected, Expected::Nothing)) {
        all.retain(|c| !matches!(c.expected, Expected::Nothing));
    }
    if all.is_empty() {
        all.push(Condition { path: Vec::new(), expected: Expected::Nothing });
    }
    all
}

fn expected(schema: &Schema, kind: DiscriminatorKind, place: &super::navigate::Place) -> Expected {
    let elements = || place.sources.iter().map(|s| schema.element(*s));
    match kind {
        DiscriminatorKind::Value | DiscriminatorKind::Pattern => values(schema, &place.sources),
        DiscriminatorKind::Exists => {
            if elements().any(|e| e.max == Some(0)) {
                Expected::Exists(false)
            } else if elements().any(|e| e.min > 0) {
                Expected::Exists(true)
            } else {
                Expected::Nothing
            }
        }
        DiscriminatorKind::Type => types(schema, place),
        DiscriminatorKind::Profile => profiles(schema, place),
    }
}

fn types(schema: &Schema, place: &super::navigate::Place) -> Expected {
    let mut names: Vec<Box<str>> = match &place.resolved {
        Some(_) => place.sources.iter().map(|s| schema.get(s.0).type_name.clone()).collect(),
        // The definition that narrows most comes last.
        None => place
            .sources
            .iter()
            .rev()
            .map(|s| schema.element(*s))
            .find(|e| !e.types.is_empty())
            .map(|e| e.types.iter().map(|t| t.code.clone()).collect())
            .unwrap_or_default(),
    };
    names.dedup();
    if names.is_empty() { Expected::Nothing } else { Expected::Type(names) }
}

fn profiles(schema: &Schema, place: &super::navigate::Place) -> Expected {
    let urls: Vec<Box<str>> = match &place.resolved {
        Some(targets) => targets.clone(),
        None => place
            .sources
            .iter()
            .flat_map(|s| schema.element(*s).types.iter().flat_map(|t| t.profiles.iter().cloned()))
            .collect(),
    };
    let sources: Vec<Source> = urls.iter().filter_map(|u| schema.structure(u)).map(|s| (s, 0)).collect();
    if sources.is_empty() { Expected::Nothing } else { Expected::Profile(sources) }
}

/// A fixed value or pattern here, or a required binding, or fixed values and patterns further down.
fn values(schema: &Schema, sources: &[Source]) -> Expected {
    let type_name = sources.iter().rev().find_map(|s| schema.element(*s).types.first()).map_or("", |t| &*t.code);
    let around = super::closure(schema, sources, type_name).sources;
    for element in around.iter().map(|s| schema.element(*s)) {
        if let Some(fixed) = &element.fixed {
            return Expected::Fixed(fixed.clone());
        }
        if let Some(pattern) = &element.pattern {
            return Expected::Pattern(pattern.clone());
        }
    }
    let mut below = Vec::new();
    for source in sources {
        nested(schema, *source, &mut Vec::new(), &mut below);
    }
    if !below.is_empty() {
        return Expected::All(below);
    }
    let binding = sources.iter().rev().find_map(|s| schema.element(*s).binding.as_ref());
    match binding.filter(|b| b.strength == Strength::Required) {
        Some(binding) => BindingRule::of(binding, type_name)
            .into_iter()
            .next()
            .map_or(Expected::Nothing, |rule| Expected::Binding(Box::new(rule))),
        None => Expected::Nothing,
    }
}

fn nested(schema: &Schema, source: Source, path: &mut Vec<Box<str>>, found: &mut Vec<Condition>) {
    for &child in &schema.element(source).children {
        let element = schema.element((source.0, child));
        path.push(element.name.clone());
        let expected = match (&element.fixed, &element.pattern) {
            (Some(fixed), _) => Some(Expected::Fixed(fixed.clone())),
            (_, Some(pattern)) => Some(Expected::Pattern(pattern.clone())),
            _ => None,
        };
        if let Some(expected) = expected {
            let path = path.iter().map(|n| Step::Name(n.clone())).collect();
            found.push(Condition { path, expected });
        } else if path.len() < 4 {
            nested(schema, (source.0, child), path, found);
        }
        path.pop();
    }
}
