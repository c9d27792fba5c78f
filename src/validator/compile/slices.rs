//! Slices compiled to conditions.

use std::sync::OnceLock;

use ahash::AHashMap;
use serde_json::Value;
use smallvec::SmallVec;

use super::navigate::navigate;
use crate::validator::node::{Source, Variant};
use crate::validator::rules::binding::BindingRule;
use crate::validator::schema::Schema;
use crate::validator::slicing::{Condition, Expected, Group, Slice, Step, written};
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
    let mut group = Group {
        rules: slicing.rules,
        ordered: slicing.ordered,
        slices: Vec::new(),
        by_url: None,
        exclusive: false,
        undecidable: None,
        default: None,
    };
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
    let undecidable =
        |s: &Slice| &*s.name != "@default" && s.conditions.iter().any(|c| matches!(c.expected, Expected::Nothing));
    group.undecidable = group.slices.iter().position(undecidable).map(|at| at as u16);
    let pairs = || group.slices.iter().enumerate().flat_map(|(i, a)| group.slices[i + 1..].iter().map(move |b| (a, b)));
    group.exclusive = by_url || pairs().all(|(a, b)| excludes(&a.conditions, &b.conditions));
    group
}

/// Whether nothing meets both: a property of the item itself is one text or another, is there or is not.
fn excludes(these: &[Condition], those: &[Condition]) -> bool {
    let mut pairs = these.iter().flat_map(|a| those.iter().map(move |b| (a, b)));
    pairs.any(|(a, b)| {
        let differ = match (&a.expected, &b.expected) {
            (Expected::Fixed(Value::String(a)), Expected::Fixed(Value::String(b))) => a != b,
            (Expected::Exists(a), Expected::Exists(b)) => a != b,
            (Expected::Nothing, _) | (_, Expected::Nothing) => true,
            _ => false,
        };
        differ && a.path.len() <= 1 && written(&a.path) == written(&b.path)
    })
}

fn urls(slices: &[Slice]) -> AHashMap<Box<str>, u16> {
    let mut urls = AHashMap::new();
    for (at, slice) in slices.iter().enumerate() {
        for condition in &slice.conditions {
            if let Expected::Fixed(Value::String(url)) = &condition.expected {
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
            let expected = match expected(schema, *kind, &place) {
                Expected::Nothing => untold(&place, type_name),
                expected => expected,
            };
            Condition { path: place.steps, expected }
        });
        all.extend(condition);
    }
    // What gives nothing to tell by is left out where something else does.
    if all.iter().any(|c| !matches!(c.expected, Expected::Nothing)) {
        all.retain(|c| !matches!(c.expected, Expected::Nothing));
    }
    // A slicing without discriminators leaves it to its readers: here nothing is in its slices.
    if all.is_empty() {
        let expected = if slicing.discriminators.is_empty() { Expected::Never } else { Expected::Nothing };
        all.push(Condition { path: Vec::new(), expected });
    }
    all
}

/// What to tell a slice by where a profile that would say so is not there. Of an extension its name says it.
fn untold(place: &super::navigate::Place, type_name: &str) -> Expected {
    let Some(missing) = place.missing.clone() else { return Expected::Nothing };
    match &place.steps[..] {
        [Step::Name(name)] if type_name == "Extension" && &**name == "url" => {
            Expected::Fixed(missing.split('|').next().unwrap_or(&missing).into())
        }
        _ => Expected::Missing(missing),
    }
}

fn expected(schema: &Schema, kind: DiscriminatorKind, place: &super::navigate::Place) -> Expected {
    let elements = || place.sources.iter().map(|s| schema.element(*s));
    match kind {
        DiscriminatorKind::Value | DiscriminatorKind::Pattern => match values(schema, &place.sources) {
            Expected::Nothing => values(schema, &place.sliced),
            expected => expected,
        },
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
    let sources = urls.iter().map(|url| schema.structure(url).map(|structure| (structure, 0)).ok_or(url));
    match sources.collect::<Result<Vec<Source>, _>>() {
        Ok(sources) if sources.is_empty() => Expected::Nothing,
        Ok(sources) => Expected::Profile(sources),
        Err(missing) => Expected::Missing(missing.clone()),
    }
}

/// A fixed value or pattern here, or a required binding.
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
    let binding = sources.iter().rev().find_map(|s| schema.element(*s).binding.as_ref());
    match binding.filter(|b| b.strength == Strength::Required) {
        Some(binding) => BindingRule::of(binding, type_name)
            .into_iter()
            .next()
            .map_or(Expected::Nothing, |rule| Expected::Binding(Box::new(rule))),
        None => Expected::Nothing,
    }
}
