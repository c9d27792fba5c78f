//! Following a discriminator's path through definitions: where it leads, and the steps to walk in a resource.

use super::{Closure, closure};
use crate::validator::node::Source;
use crate::validator::schema::Schema;
use crate::validator::slicing::Step;

/// The end of a discriminator's path: the definitions there, and how to get there in a resource.
pub(super) struct Place {
    pub steps: Vec<Step>,
    pub sources: Vec<Source>,
    /// The same within slices of the elements on the way, which may say what the elements themselves do not.
    pub sliced: Vec<Source>,
    /// Profiles that the last step resolved to, where it was `resolve()`.
    pub resolved: Option<Vec<Box<str>>>,
    /// The first profile on the way that is not there, so that what it says here is not known.
    pub missing: Option<Box<str>>,
}

/// Follows `path` from these definitions; `None` where a step is not known.
pub(super) fn navigate(schema: &Schema, start: &[Source], type_name: &str, path: &str) -> Option<Place> {
    let mut place =
        Place { steps: Vec::new(), sources: start.to_vec(), sliced: Vec::new(), resolved: None, missing: None };
    let mut type_name: Box<str> = type_name.into();
    for part in parts(path) {
        if part == "$this" || part.is_empty() {
            continue;
        }
        if part == "resolve()" {
            let targets = targets(schema, &place.sources);
            let mut missing = targets.iter().filter(|target| schema.structure(target).is_none());
            place.missing = place.missing.or_else(|| missing.next().cloned());
            place.sources = targets.iter().filter_map(|t| schema.structure(t)).map(|s| (s, 0)).collect();
            type_name = place.sources.first().map_or("Resource".into(), |s| schema.get(s.0).type_name.clone());
            place.sliced.clear();
            place.resolved = Some(targets);
            place.steps.push(Step::Resolve);
            continue;
        }
        if let Some(code) = argument(part, "ofType").or_else(|| argument(part, "as")) {
            type_name = code.into();
            if let Some(Step::Choice(names)) = place.steps.last_mut() {
                let wanted = super::children::capitalized(code);
                let kept: Vec<Box<str>> = names.iter().filter(|n| n.ends_with(wanted.as_str())).cloned().collect();
                *names = kept.into();
            } else {
                place.steps.push(Step::OfType(code.into()));
            }
            continue;
        }
        let Closure { sources: around, missing, .. } = closure(schema, &place.sources, &type_name);
        place.missing = place.missing.or_else(|| missing.into_iter().next());
        place.resolved = None;
        if let Some(url) = argument(part, "extension") {
            let url = url.trim_matches(['\'', '"']);
            place.sources = schema.structure(url).map(|s| (s, 0)).into_iter().collect();
            place.sources.extend(extension_slices(schema, &around, url));
            place.sliced.clear();
            place.steps.push(Step::Extension(url.into()));
            type_name = "Extension".into();
            continue;
        }
        let (next, step) = child(schema, &around, part)?;
        type_name = next
            .iter()
            .rev()
            .find_map(|s| schema.element(*s).types.first())
            .map_or("BackboneElement".into(), |t| t.code.clone());
        let deeper = child(schema, &place.sliced, part).map(|(found, _)| found);
        let slices = next.iter().flat_map(|s| schema.element(*s).slices.iter().map(|slice| (s.0, *slice)));
        place.sliced = deeper.into_iter().flatten().chain(slices).collect();
        place.sources = next;
        place.steps.push(step);
    }
    Some(place)
}

/// Splits at dots outside parentheses and quotes.
fn parts(path: &str) -> impl Iterator<Item = &str> {
    let mut depth = 0;
    let mut quoted = false;
    path.split(move |c: char| {
        match c {
            '\'' => quoted = !quoted,
            '(' if !quoted => depth += 1,
            ')' if !quoted => depth -= 1,
            _ => {}
        }
        c == '.' && depth == 0 && !quoted
    })
}

fn argument<'p>(part: &'p str, function: &str) -> Option<&'p str> {
    part.strip_prefix(function)?.strip_prefix('(')?.strip_suffix(')')
}

/// The elements that these definitions of a value of this type have under a name.
pub fn children_named(schema: &Schema, sources: &[Source], type_name: &str, name: &str) -> Vec<Source> {
    let around = closure(schema, sources, type_name).sources;
    child(schema, &around, name).map(|(found, _)| found).unwrap_or_default()
}

/// Whether the elements of a type are known.
pub fn is_place(schema: &Schema, type_name: &str) -> bool {
    !matches!(type_name, "Resource" | "DomainResource") && schema.type_structure(type_name).is_some()
}

fn child(schema: &Schema, around: &[Source], name: &str) -> Option<(Vec<Source>, Step)> {
    let mut sources = Vec::new();
    let mut choices: Vec<Box<str>> = Vec::new();
    for &(structure, at) in around {
        let of = schema.get(structure);
        for &child in &of.elements[at as usize].children {
            let element = &of.elements[child as usize];
            let one_type = element.choice
                && name
                    .strip_prefix(&*element.name)
                    .is_some_and(|t| element.types.iter().any(|of| super::children::capitalized(&of.code) == t));
            if *element.name == *name || one_type {
                sources.push((structure, child));
                if element.choice && !one_type {
                    let names = element.types.iter().map(|t| super::children::capitalized(&t.code));
                    choices = names.map(|t| format!("{name}{t}").into()).collect();
                }
            }
        }
    }
    let step = if choices.is_empty() { Step::Name(name.into()) } else { Step::Choice(choices.into()) };
    (!sources.is_empty()).then_some((sources, step))
}

fn extension_slices(schema: &Schema, around: &[Source], url: &str) -> Vec<Source> {
    let mut found = Vec::new();
    for &(structure, at) in around {
        let of = schema.get(structure);
        for &child in &of.elements[at as usize].children {
            let element = &of.elements[child as usize];
            if matches!(&*element.name, "extension" | "modifierExtension") {
                let named =
                    |e: &u32| of.elements[*e as usize].types.iter().any(|t| t.profiles.iter().any(|p| **p == *url));
                found.extend(element.slices.iter().filter(|s| named(s)).map(|s| (structure, *s)));
            }
        }
    }
    found
}

/// Target profiles of a Reference: those of the definition that narrows most, which comes last.
fn targets(schema: &Schema, sources: &[Source]) -> Vec<Box<str>> {
    let lists = sources.iter().rev().map(|s| schema.element(*s));
    lists.flat_map(|e| e.types.iter()).find(|t| !t.targets.is_empty()).map(|t| t.targets.clone()).unwrap_or_default()
}
