//! Running a query over resources in memory.

use std::collections::{HashMap, HashSet};

use serde_json::Value;

use super::date::Period;
use super::parameter::{Kind, Parameter};
use super::query::{Filter, Include, Query, Sort};
use super::value::{fold, local};
use crate::fhir::ResourceKey;

/// Resources by type and id: what is looked through, and what references lead to.
#[derive(Default)]
pub struct Candidates<'a> {
    by_key: HashMap<(&'a str, &'a str), &'a Value>,
    in_order: Vec<&'a Value>,
}

/// A page of a search's answer: in order, each once.
#[derive(Debug, Default)]
pub struct Found<'a> {
    pub matches: Vec<&'a Value>,
    /// By `_include` and `_revinclude` of these matches, without what is among them.
    pub included: Vec<&'a Value>,
}

impl<'a> Candidates<'a> {
    pub fn new(resources: impl IntoIterator<Item = &'a Value>) -> Self {
        let mut candidates = Candidates::default();
        for resource in resources {
            if let Some(key) = name(resource)
                && candidates.by_key.insert(key, resource).is_none()
            {
                candidates.in_order.push(resource);
            }
        }
        candidates
    }

    fn get(&self, reference: &str) -> Option<&'a Value> {
        self.by_key.get(&local(reference)?).copied()
    }
}

fn name(resource: &Value) -> Option<(&str, &str)> {
    Some((resource.get("resourceType")?.as_str()?, resource.get("id")?.as_str()?))
}

impl Parameter {
    fn any<'v>(&self, resource: &'v Value, visit: &mut dyn FnMut(&'v Value) -> bool) -> bool {
        self.paths.iter().any(|path| path.any(resource, visit))
    }

    /// The references at this parameter whose type it may have.
    pub(super) fn references<'v>(&self, resource: &'v Value) -> Vec<&'v str> {
        let mut found = Vec::new();
        self.any(resource, &mut |value| {
            let reference = value.get("reference").and_then(Value::as_str);
            found.extend(reference.filter(|text| local(text).is_some_and(|(name, _)| self.may_target(name))));
            false
        });
        found
    }
}

impl Query {
    /// True where the resource is of the query's type and answers all its filters. Chains look at `candidates`.
    pub fn matches(&self, resource: &Value, candidates: &Candidates<'_>) -> bool {
        name(resource).is_some_and(|(found, _)| found == self.resource_type)
            && self.filters.iter().all(|filter| filter.holds(resource, candidates))
    }

    /// All matches in order, in pages of at most `size`, each with what its matches include. None where nothing is found.
    pub fn run<'a>(&self, candidates: &Candidates<'a>, size: usize) -> Vec<Found<'a>> {
        let mut matches: Vec<&'a Value> =
            candidates.in_order.iter().copied().filter(|resource| self.matches(resource, candidates)).collect();
        for sort in self.sort.iter().rev() {
            matches.sort_by(|a, b| sort.compare(a, b));
        }
        let page = |page: &[&'a Value]| Found { matches: page.to_vec(), included: self.include(page, candidates) };
        matches.chunks(size.max(1)).map(page).collect()
    }

    /// What is included with these matches.
    fn include<'a>(&self, matches: &[&'a Value], candidates: &Candidates<'a>) -> Vec<&'a Value> {
        let mut seen: HashSet<_> = matches.iter().filter_map(|resource| name(resource)).collect();
        let mut included = Vec::new();
        let mut from: Vec<&'a Value> = matches.to_vec();
        let mut first = true;
        while !from.is_empty() {
            let mut next = Vec::new();
            let now = |include: &&Include| first || include.iterate;
            for include in self.includes.iter().filter(now) {
                next.extend(from.iter().flat_map(|resource| include.targets(resource, candidates)));
            }
            for include in self.reverse_includes.iter().filter(now) {
                next.extend(include.sources(&from, candidates));
            }
            next.retain(|resource| name(resource).is_some_and(|key| seen.insert(key)));
            included.extend_from_slice(&next);
            from = next;
            first = false;
        }
        included
    }

    /// References that chains and includes follow and that are not among the candidates: fetch them, and ask again.
    pub fn wanted(&self, candidates: &Candidates<'_>) -> Vec<ResourceKey> {
        let mut wanted = HashSet::new();
        let mut follow = |parameter: &Parameter, resource: &Value| {
            for reference in parameter.references(resource) {
                if candidates.get(reference).is_none()
                    && let Some((resource_type, id)) = local(reference)
                {
                    wanted.insert(ResourceKey::new(resource_type, id));
                }
            }
        };
        for resource in &candidates.in_order {
            let Some((resource_type, _)) = name(resource) else { continue };
            for include in self.includes.iter().filter(|include| include.source == resource_type) {
                follow(include.parameter, resource);
            }
            for filter in self.filters.iter().filter(|_| resource_type == self.resource_type) {
                if let Filter::Chain { parameter, .. } = filter {
                    follow(parameter, resource);
                }
            }
            for (target, filter) in self.filters.iter().flat_map(Filter::chained) {
                if let Filter::Chain { parameter, .. } = filter
                    && target == resource_type
                {
                    follow(parameter, resource);
                }
            }
        }
        let mut wanted: Vec<_> = wanted.into_iter().collect();
        wanted.sort();
        wanted
    }

    /// True where the matches' own type does not suffice: whole compartments must be fetched.
    pub fn needs_neighbours(&self) -> bool {
        !self.includes.is_empty()
            || self.looks_back()
            || self.filters.iter().any(|filter| matches!(filter, Filter::Chain { .. }))
    }

    /// True where what points at the matches is looked for too.
    pub fn looks_back(&self) -> bool {
        self.points_back().next().is_some()
    }

    /// The types of what is looked for because it points at the matches.
    pub(super) fn points_back(&self) -> impl Iterator<Item = &str> {
        let inner = self.filters.iter().flat_map(Filter::chained).map(|(_, filter)| filter);
        let sources = self.filters.iter().chain(inner).filter_map(|filter| match filter {
            Filter::Has { source, .. } => Some(*source),
            _ => None,
        });
        self.reverse_includes.iter().map(|include| include.source.as_str()).chain(sources)
    }
}

impl Filter {
    fn holds(&self, resource: &Value, candidates: &Candidates<'_>) -> bool {
        match self {
            Filter::Values { parameter, tests, negated } => {
                let found = parameter
                    .any(resource, &mut |value| parameter.admits(value) && tests.iter().any(|test| test.passes(value)));
                found != *negated
            }
            Filter::Missing { parameter, missing } => parameter.any(resource, &mut |_| true) != *missing,
            Filter::Chain { parameter, targets } => parameter.references(resource).into_iter().any(|reference| {
                let Some(found) = candidates.get(reference) else { return false };
                let found_type = name(found).map(|(found, _)| found);
                targets.iter().any(|(wanted, filter)| found_type == Some(wanted) && filter.holds(found, candidates))
            }),
            Filter::Has { source, parameter, filter } => candidates.in_order.iter().any(|other| {
                name(other).is_some_and(|(found, _)| found == *source)
                    && parameter.references(other).into_iter().any(|reference| local(reference) == name(resource))
                    && filter.holds(other, candidates)
            }),
        }
    }

    /// The filters inside a chain, whichever way it leads, with the type that each is about, at every depth.
    fn chained(&self) -> Vec<(&'static str, &Filter)> {
        let inner: Vec<(&'static str, &Filter)> = match self {
            Filter::Chain { targets, .. } => targets.iter().map(|(target, filter)| (*target, filter)).collect(),
            Filter::Has { source, filter, .. } => vec![(*source, filter.as_ref())],
            Filter::Values { .. } | Filter::Missing { .. } => Vec::new(),
        };
        inner.into_iter().flat_map(|one| std::iter::once(one).chain(one.1.chained())).collect()
    }
}

impl Parameter {
    /// A reference to a type that the parameter is not about (a subject that is a group, for `patient`) is no value of it.
    fn admits(&self, value: &Value) -> bool {
        let typed = || local(value.get("reference")?.as_str()?).map(|(found, _)| found);
        self.kind != Kind::Reference || self.targets.is_empty() || typed().is_none_or(|found| self.may_target(found))
    }
}

impl Include {
    fn targets<'a>(&self, resource: &'a Value, candidates: &Candidates<'a>) -> Vec<&'a Value> {
        if name(resource).is_none_or(|(found, _)| found != self.source) {
            return Vec::new();
        }
        let wanted = |resource: &&Value| {
            self.target.as_deref().is_none_or(|target| name(resource).is_some_and(|(found, _)| found == target))
        };
        let references = self.parameter.references(resource).into_iter();
        references.filter_map(|reference| candidates.get(reference)).filter(wanted).collect()
    }

    fn sources<'a>(&self, of: &[&'a Value], candidates: &Candidates<'a>) -> Vec<&'a Value> {
        let of: HashSet<_> = of
            .iter()
            .filter_map(|resource| name(resource))
            .filter(|(found, _)| self.target.as_deref().is_none_or(|target| target == *found))
            .collect();
        let points_at_one = |resource: &&&'a Value| {
            name(resource).is_some_and(|(found, _)| found == self.source)
                && self
                    .parameter
                    .references(resource)
                    .into_iter()
                    .any(|reference| local(reference).is_some_and(|key| of.contains(&key)))
        };
        candidates.in_order.iter().filter(points_at_one).copied().collect()
    }
}

/// Sorts by the first value; what has none comes last, either way.
#[derive(PartialEq, PartialOrd)]
enum SortKey {
    Time(jiff::Timestamp),
    Number(f64),
    Text(String),
}

impl Sort {
    fn compare(&self, a: &Value, b: &Value) -> std::cmp::Ordering {
        match (self.key(a), self.key(b)) {
            (Some(a), Some(b)) => {
                let order = a.partial_cmp(&b).unwrap_or(std::cmp::Ordering::Equal);
                if self.descending { order.reverse() } else { order }
            }
            (a, b) => b.is_some().cmp(&a.is_some()),
        }
    }

    fn key(&self, resource: &Value) -> Option<SortKey> {
        let mut key = None;
        self.parameter.any(resource, &mut |value| {
            let text = |name: &str| value.get(name).and_then(Value::as_str);
            key = match self.parameter.kind {
                Kind::Date => Period::of(value).and_then(|period| period.start.or(period.end)).map(SortKey::Time),
                Kind::Quantity => value.get("value").and_then(|n| n.to_string().parse().ok()).map(SortKey::Number),
                _ => value
                    .as_str()
                    .or_else(|| text("reference"))
                    .or_else(|| text("code"))
                    .or_else(|| text("value"))
                    .or_else(|| text("family"))
                    .or_else(|| value.pointer("/coding/0/code")?.as_str())
                    .or_else(|| text("text"))
                    .map(|text| SortKey::Text(fold(text))),
            };
            key.is_some()
        });
        key
    }
}
