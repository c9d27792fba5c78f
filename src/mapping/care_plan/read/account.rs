//! What became of every element of the resources that were read.
//!
//! An element is carried where the care plan would be another one without it. That is found out by reading again without
//! it, so that no table of what is read can differ from what is. Each resource is read with those around it alone.

use std::collections::BTreeMap;

use serde_json::Value;

use super::frame::frame;
use super::{Reader, Row};
use crate::fhir::{Issue, IssueCode, ResourceKey};
use crate::mapping::care_plan::has_profile;
use crate::mapping::{Fate, Trace};

/// Types that say something themselves; all others are read where one of these refers to them.
const SPEAKING: &[&str] = &[
    "Patient",
    "PractitionerRole",
    "RelatedPerson",
    "Encounter",
    "CareTeam",
    "Procedure",
    "Condition",
    "Consent",
    "Goal",
    "Observation",
    "CommunicationRequest",
    "DeviceUseStatement",
    "Provenance",
    "Composition",
    "QuestionnaireResponse",
];

/// Resources around one that are read with it, and how far references are followed.
const MOST_AROUND: usize = 60;
const STEPS: usize = 3;

/// How often is read at most. More than any plan needs; a Bundle that is larger is told so.
const MOST_READINGS: usize = 100_000;

/// What is read besides the content of a plan.
const BESIDE: &[&str] = &["/documentId", "/version", "/recordedAt", "/source", "/patient"];

/// What is carried of a resource, and what is not.
#[derive(Default)]
struct Found {
    /// Element, and a pointer into the document that is another one without it.
    carried: Vec<(String, String)>,
    unread: Vec<(String, Option<&'static str>)>,
}

/// Adds to the trace a row for every element that stands nowhere in the document, with a warning where it may have said
/// something; and puts the elements of people in the place of rows for them as a whole. `beside` is what is read from
/// the resources besides (who sent them, when).
pub fn account(resources: &[Value], trace: &mut Trace, warnings: &mut Vec<Issue>, beside: &dyn Fn(&[&Value]) -> Value) {
    let mut account = Account::new(resources, beside);
    let whole: BTreeMap<String, Vec<String>> = whole_rows(&trace.rows);
    let unread: Vec<&str> =
        trace.rows.iter().filter(|row| row.target.is_none()).map(|row| row.source.as_str()).collect();
    let mut rows: BTreeMap<usize, Vec<Row>> = BTreeMap::new();
    for (at, resource) in resources.iter().enumerate() {
        let Some(key) = ResourceKey::of(resource).filter(|key| !unread.contains(&key.to_string().as_str())) else {
            continue;
        };
        if account.readings >= MOST_READINGS {
            let text = "The Bundle is too large to tell of every element what became of it.";
            warnings.push(Issue::warning(IssueCode::Incomplete, "care-plan-not-told", text).at(key.to_string()));
            break;
        }
        let (mut found, renamed) = account.of(at, &whole);
        // Of what makes one value together, the value itself comes first.
        found.carried.sort_by_key(|(element, _)| !element.ends_with(".value") && !element.ends_with(".code"));
        let source = |element: &str| format!("{key}#{}.{element}", key.resource_type);
        let told = rows.entry(at).or_default();
        let fate = || Fate::Converted { reason: "what it says, in the words of the document".to_owned() };
        for (element, pointer) in found.carried {
            let place = renamed.iter().find_map(|(here, there)| Some(format!("{there}{}", within(&pointer, here)?)));
            let beside = || BESIDE.iter().any(|part| within(&pointer, part).is_some()).then(|| pointer.clone());
            // What decides what the resource is has no row yet; all else has one of its own.
            let at = source(&element);
            let near = |row: &&Row| row.source.starts_with(&at) || at.starts_with(row.source.as_str());
            let of_it =
                || trace.rows.iter().filter(|row| !is_whole(&row.source) && row.source.starts_with(&format!("{key}#")));
            let kind = || of_it().find_map(|row| entry(row.target.as_deref()?)).or_else(|| part(&pointer));
            let kind = || if of_it().any(|row| near(&row)) { None } else { kind() };
            if let Some(target) = place.or_else(beside).or_else(kind) {
                told.push(Row { source: source(&element), target: Some(target), via: None, fate: fate() });
            }
        }
        for (element, frame) in found.unread {
            let reason = frame.unwrap_or("a care plan has no place for it").to_owned();
            let at = source(&element);
            if unread.contains(&at.as_str()) {
                continue;
            }
            if frame.is_none() {
                let text = "A care plan has no place for this element; it was not taken in.";
                let warning = Issue::warning(IssueCode::NotSupported, "care-plan-element-not-read", text);
                warnings.push(warning.at(at.as_str()));
            }
            told.push(Row { source: at, target: None, via: None, fate: Fate::NotCarried { reason } });
        }
    }
    trace.rows.retain(|row| !is_whole(&row.source) || row.target.is_none());
    trace.rows.extend(rows.into_values().flatten());
}

/// The part of the plan that a place lies in: `/icd`.
fn part(pointer: &str) -> Option<String> {
    Some(format!("/{}", pointer.split('/').nth(1)?))
}

/// The entry of a list, or the part of the plan, that a place lies in: `/problems/2`, `/goal`.
fn entry(pointer: &str) -> Option<String> {
    let part = part(pointer)?;
    let number = pointer.split('/').nth(2).filter(|step| step.parse::<usize>().is_ok());
    Some(number.map_or_else(|| part.clone(), |number| format!("{part}/{number}")))
}

/// Rows for a resource as a whole: its key, and where it went.
fn whole_rows(rows: &[Row]) -> BTreeMap<String, Vec<String>> {
    let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for row in rows.iter().filter(|row| is_whole(&row.source)) {
        if let (Some((key, _)), Some(target)) = (row.source.split_once('#'), &row.target) {
            found.entry(key.to_owned()).or_default().push(target.clone());
        }
    }
    found
}

fn is_whole(source: &str) -> bool {
    source.contains('#') && source.ends_with('.')
}

fn within<'p>(pointer: &'p str, above: &str) -> Option<&'p str> {
    pointer.strip_prefix(above).filter(|rest| rest.is_empty() || rest.starts_with('/'))
}

struct Account<'r> {
    resources: &'r [Value],
    /// By index: what each refers to, and who refers to it.
    to: Vec<Vec<usize>>,
    from: Vec<Vec<usize>>,
    beside: &'r dyn Fn(&[&Value]) -> Value,
    has_persons: bool,
    readings: usize,
}

impl<'r> Account<'r> {
    fn new(resources: &'r [Value], beside: &'r dyn Fn(&[&Value]) -> Value) -> Self {
        let keys: BTreeMap<String, usize> =
            resources.iter().enumerate().filter_map(|(i, one)| Some((ResourceKey::of(one)?.to_string(), i))).collect();
        let mut from = vec![Vec::new(); resources.len()];
        let mut to = Vec::with_capacity(resources.len());
        for (i, one) in resources.iter().enumerate() {
            let mut all: Vec<usize> = Vec::new();
            references(one, &mut |name| all.extend(keys.get(name)));
            all.iter().for_each(|other| from[*other].push(i));
            to.push(all);
        }
        let has_persons = resources.iter().any(|one| one["resourceType"] == "RelatedPerson");
        Account { resources, to, from, beside, has_persons, readings: 0 }
    }

    /// What is carried of a resource, and where a whole resource that it is read with went: here, and in the document.
    fn of(&mut self, at: usize, whole: &BTreeMap<String, Vec<String>>) -> (Found, Vec<(String, String)>) {
        let root = self.speaker(at);
        let around = self.around(root, at);
        let mut scratch = self.resources[at].clone();
        let (before, rows) = self.read(&around, at, &scratch);
        let here = whole_rows(&rows);
        let keys = [root, at].map(|one| ResourceKey::of(&self.resources[one]).map(|key| key.to_string()));
        let places = |all: &BTreeMap<String, Vec<String>>, key: &str| all.get(key).cloned().unwrap_or_default();
        let pairs = keys.iter().flatten().map(|key| places(&here, key).into_iter().zip(places(whole, key)));
        let renamed = pairs.flatten().collect();
        let mut found = Found::default();
        self.descend(&mut scratch, &around, at, &before, ("", ""), &mut found);
        (found, renamed)
    }

    /// The resource that a resource is read through: itself, or the first that refers to it.
    fn speaker(&self, at: usize) -> usize {
        let mut one = at;
        for _ in 0..STEPS {
            let kind = self.resources[one]["resourceType"].as_str().unwrap_or_default();
            match self.from[one].iter().find(|other| **other != one && !is_list(&self.resources[**other])) {
                Some(other) if !SPEAKING.contains(&kind) => one = *other,
                _ => break,
            }
        }
        one
    }

    fn around(&self, root: usize, at: usize) -> Vec<usize> {
        let mut found = vec![root];
        let mut from = 0;
        for _ in 0..STEPS {
            let until = found.len();
            for i in from..until {
                let more = self.to[found[i]].iter().filter(|_| !is_list(&self.resources[found[i]]));
                for other in more.copied().collect::<Vec<_>>() {
                    if !found.contains(&other) && found.len() < MOST_AROUND {
                        found.push(other);
                    }
                }
            }
            from = until;
        }
        if !found.contains(&at) {
            found.push(at);
        }
        // Names and order of what we made ourselves stand in its Composition.
        let is_ours = |one: &usize| has_profile(&self.resources[*one], "Overdracht-CarePlan");
        let ours = (0..self.resources.len()).find(is_ours);
        found.extend(ours.filter(|one| !found.contains(one)));
        found
    }

    fn read(&mut self, around: &[usize], at: usize, changed: &Value) -> ((Value, Value), Vec<Row>) {
        self.readings += 1;
        let these: Vec<&Value> =
            around.iter().map(|one| if *one == at { changed } else { &self.resources[*one] }).collect();
        let beside = (self.beside)(&these);
        let read = Reader::read(these);
        ((read.document, beside), read.trace.rows)
    }

    /// Takes away one element after the other below `(pointer, element)`. True where one of them is carried.
    fn descend(
        &mut self,
        scratch: &mut Value,
        around: &[usize],
        at: usize,
        before: &(Value, Value),
        (pointer, element): (&str, &str),
        found: &mut Found,
    ) -> bool {
        let mut any = false;
        for (step, name) in steps(scratch.pointer(pointer).unwrap_or(&Value::Null)) {
            let pointer = format!("{pointer}/{step}");
            let element = match name {
                Some(name) if element.is_empty() => name.to_owned(),
                Some(name) => format!("{element}.{name}"),
                None => format!("{element}[{step}]"),
            };
            // What stands beside a list of primitives is told item by item: the list itself is another element.
            if step.starts_with('_') && scratch.pointer(&pointer).is_some_and(Value::is_array) {
                any |= self.descend(scratch, around, at, before, (&pointer, &element), found);
                continue;
            }
            let Some(place) = scratch.pointer_mut(&pointer) else { continue };
            let taken = std::mem::take(place);
            let is_part = taken.is_object() || taken.is_array();
            let ((document, beside), _) = self.read(around, at, scratch);
            let changed = changed(&before.0, &document, "").or_else(|| changed(&before.1, &beside, ""));
            if let Some(place) = scratch.pointer_mut(&pointer) {
                *place = taken;
            }
            match changed {
                None => {
                    let is_beside = pointer.rsplit('/').take(2).any(|step| step.starts_with('_'));
                    let element = if is_beside { format!("{element}.extension") } else { element };
                    found.unread.push((element, frame(scratch, &pointer, self.has_persons)));
                }
                Some(target) => {
                    any = true;
                    let (carried, unread) = (found.carried.len(), found.unread.len());
                    // Where only the whole of it counts (of two codes either will do), all of it is carried.
                    if !is_part || !self.descend(scratch, around, at, before, (&pointer, &element), found) {
                        found.carried.truncate(carried);
                        found.unread.truncate(unread);
                        found.carried.push((element, target));
                    }
                }
            }
        }
        any
    }
}

/// Lists lead to everything: what they name is read for its own sake.
fn is_list(resource: &Value) -> bool {
    matches!(resource["resourceType"].as_str(), Some("Composition" | "Provenance"))
}

/// The members of an element: step of the pointer, and name (none for an item of a list).
fn steps(value: &Value) -> Vec<(String, Option<String>)> {
    match value {
        Value::Object(object) => {
            let all = object.keys().filter(|name| !matches!(name.as_str(), "resourceType" | "id"));
            all.map(|name| (name.clone(), Some(name.trim_start_matches('_').to_owned()))).collect()
        }
        Value::Array(items) => (0..items.len()).map(|i| (i.to_string(), None)).collect(),
        _ => Vec::new(),
    }
}

fn references(value: &Value, name: &mut dyn FnMut(&str)) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| references(item, name)),
        Value::Object(object) => object.iter().for_each(|(member, value)| match value.as_str() {
            Some(text) if member == "reference" => name(text),
            _ => references(value, name),
        }),
        _ => {}
    }
}

/// The first place at which two documents differ.
fn changed(before: &Value, after: &Value, at: &str) -> Option<String> {
    match (before, after) {
        (Value::Object(old), Value::Object(new)) => {
            let names = old.keys().chain(new.keys().filter(|name| !old.contains_key(*name)));
            names.filter_map(|name| changed(&before[name], &after[name], &format!("{at}/{name}"))).next()
        }
        (Value::Array(old), Value::Array(new)) if old.len() == new.len() => {
            old.iter().zip(new).enumerate().find_map(|(i, (old, new))| changed(old, new, &format!("{at}/{i}")))
        }
        _ => (before != after).then(|| at.to_owned()),
    }
}
