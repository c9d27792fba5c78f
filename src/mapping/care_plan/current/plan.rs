//! The plan as one document: what holds of all that was said, or what one document says and how it stands; with for
//! each statement where it comes from, what it replaced, and what contradicts it.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::contradiction::contradictions;
use super::settle::{CONFLICTS_WITH, REPLACED_BY, holds, is_replaced, settle};
use super::stated::{gives, persons, stated};
use super::statement::{has_ended, is_sharing, said, statements};
use crate::fhir::ResourceKey;
use crate::mapping::care_plan::composition::{self, DOCUMENT_ENTRY};
use crate::mapping::care_plan::device::YES;
use crate::mapping::care_plan::{has_profile, is_treatment_directive, read};
use crate::mapping::common::element::{extension, extension_of, profiles, reference};

/// A document that was accepted, and what it became.
#[derive(Clone, Debug)]
pub struct Source {
    /// Of the service's own record.
    pub id: String,
    pub kind: String,
    /// The sender's system, and its own name for the document.
    pub system: String,
    pub document: String,
    pub version: u64,
    pub resources: Vec<ResourceKey>,
}

/// What is stored of a patient, settled for one moment.
pub struct Plans {
    resources: BTreeMap<String, Value>,
    sources: Vec<Source>,
    now: Timestamp,
    /// The place among `sources` of the one that each resource comes from.
    source_of: BTreeMap<ResourceKey, usize>,
    /// What each resource replaced, by their keys.
    replaced: BTreeMap<String, Vec<String>>,
}

impl Plans {
    /// `resources`: all of the patient, and the people and organisations that they name.
    pub fn new(resources: Vec<Value>, sources: Vec<Source>, now: Timestamp) -> Self {
        let settled = settle(resources, now);
        let keyed = settled.into_iter().filter_map(|one| Some((ResourceKey::of(&one)?.to_string(), one)));
        let resources: BTreeMap<String, Value> = keyed.collect();
        let mut source_of = BTreeMap::new();
        for (at, source) in sources.iter().enumerate() {
            for key in &source.resources {
                source_of.entry(key.clone()).or_insert(at);
            }
        }
        let mut replaced: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (key, one) in &resources {
            let by = extension_of(one, REPLACED_BY).and_then(|mark| mark["valueReference"]["reference"].as_str());
            if let Some(by) = by {
                replaced.entry(by.to_owned()).or_default().push(key.clone());
            }
        }
        Plans { resources, sources, now, source_of, replaced }
    }

    pub fn sources(&self) -> &[Source] {
        &self.sources
    }

    /// What holds now of all documents. `plan` has the properties of a native document without its envelope; each of
    /// `statements` tells at its pointer (`at`) where it comes from.
    pub fn current(&self) -> Value {
        let stands = |one: &Value| !self.is_statement(one) || (holds(one) && !has_ended(one, self.now));
        let conversation = self.newest_conversation();
        let mut chosen: Vec<&Value> = self
            .resources
            .values()
            .filter(|one| stands(one) && is_of_plan(one))
            .filter(|one| one["resourceType"] != "Encounter" || ResourceKey::of(one) == conversation)
            .collect();
        // Who agreed or was there is told also where a newer plan names other contact persons.
        let mentioned: BTreeSet<&str> = chosen.iter().flat_map(|one| persons(one)).collect();
        chosen.extend(
            self.resources
                .iter()
                .filter_map(|(key, one)| (mentioned.contains(key.as_str()) && !stands(one)).then_some(one)),
        );
        // Of two answers that contradict each other the plan gives neither: both stand among the statements.
        let told = chosen.iter().copied().filter(|one| is_treatment_directive(one) || !conflicts(one));
        let mut resources: Vec<Value> = self.one_each(told).into_iter().map(stated).collect();
        resources.push(self.entries(&chosen));
        let mut view = self.view(&resources, &chosen);
        if let Some(plan) = view.get_mut("plan").and_then(Value::as_object_mut) {
            // Not knowing whether there is an ICD wipes out no agreement on it, and does not stand beside one.
            let agreed = plan.contains_key("icd") || plan.contains_key("icdDeactivation");
            if agreed && plan.get("hasIcd").is_some_and(|answer| answer != YES) {
                plan.shift_remove("hasIcd");
            }
        }
        let ended: Vec<Value> = self
            .resources
            .values()
            .filter(|one| self.is_statement(one) && !is_replaced(one) && !stands(one))
            .filter(|one| !self.states(one).is_empty())
            .map(|one| self.named(one))
            .collect();
        view.insert("ended".to_owned(), Value::Array(ended));
        view.insert("documents".to_owned(), self.sources.iter().map(name_of).collect());
        Value::Object(view)
    }

    /// What one document says, and how each of its statements stands. None where no care plan has this id.
    pub fn document(&self, id: &str) -> Option<Value> {
        let source = self.sources.iter().find(|source| source.id == id)?;
        let chosen: Vec<&Value> =
            source.resources.iter().filter_map(|key| self.resources.get(&key.to_string())).collect();
        let resources: Vec<Value> = chosen.iter().map(|one| (*one).clone()).collect();
        let mut view = self.view(&resources, &chosen);
        view.insert("document".to_owned(), name_of(source));
        Some(Value::Object(view))
    }

    /// Of answers to one question that agree, one: the newest. A plan has several directives, declarations and persons.
    fn one_each<'p>(&self, resources: impl Iterator<Item = &'p Value>) -> Vec<&'p Value> {
        let mut answers: BTreeMap<(String, String), &Value> = BTreeMap::new();
        let mut all = Vec::new();
        let newest = |one: &Value| said(one).map(|said| (said.last_day(), said.as_str().to_owned()));
        for one in resources {
            let kind = one["resourceType"].as_str().unwrap_or_default();
            let several = kind == "RelatedPerson" || (kind == "Consent" && !is_sharing(one));
            match self.states(one).into_iter().next().filter(|_| !several) {
                Some(statement) => {
                    let answer = answers.entry((kind.to_owned(), statement.topic)).or_insert(one);
                    if newest(one) > newest(answer) {
                        *answer = one;
                    }
                }
                None => all.push(one),
            }
        }
        all.extend(answers.into_values());
        all
    }

    /// Plan, statements and marks of these resources; `chosen` are those that are shown.
    fn view(&self, resources: &[Value], chosen: &[&Value]) -> Map<String, Value> {
        let read = read::read(resources, &Value::Null);
        let mut places: BTreeMap<String, String> = BTreeMap::new();
        for row in &read.trace.rows {
            let Some((key, _)) = row.source.split_once('#') else { continue };
            let Some(target) = &row.target else { continue };
            places.entry(key.to_owned()).or_insert_with(|| part_of(target));
        }
        let place = |resource: &Value| {
            let found = places.get(&ResourceKey::of(resource)?.to_string()).cloned();
            found.or_else(|| match resource["resourceType"].as_str()? {
                "CareTeam" => Some("/inCharge".to_owned()),
                "DeviceUseStatement" => Some("/icd".to_owned()),
                _ => {
                    let alone = read::read(std::slice::from_ref(resource), &Value::Null);
                    alone.trace.rows.first().and_then(|row| row.target.as_deref()).map(part_of)
                }
            })
        };
        let mut statements: Vec<Value> = chosen
            .iter()
            .filter(|one| self.is_statement(one))
            .map(|one| {
                let mut statement = self.named(one);
                statement["standing"] = json!(self.standing(one));
                if let Some(at) = place(one) {
                    statement["at"] = json!(at);
                }
                let replaced: Vec<Value> = self.replaced_by(one).map(|earlier| self.named(earlier)).collect();
                let with = self.marked(one, CONFLICTS_WITH).map(|other| self.named(other)).collect::<Vec<_>>();
                let by = self.marked(one, REPLACED_BY).next().map(|newer| self.named(newer));
                for (name, value) in [("replaced", replaced), ("conflictsWith", with)] {
                    if !value.is_empty() {
                        statement[name] = Value::Array(value);
                    }
                }
                if let Some(by) = by {
                    statement["replacedBy"] = by;
                }
                statement
            })
            .collect();
        statements.sort_by_key(|one| one["at"].to_string());
        let mut marks: Vec<Value> = contradictions(chosen)
            .into_iter()
            .map(|one| {
                let at: BTreeSet<String> = one.resources.iter().filter_map(|resource| place(resource)).collect();
                json!({ "kind": one.kind, "text": one.words, "at": at })
            })
            .collect();
        let mut told = BTreeSet::new();
        for one in chosen.iter().filter(|one| self.standing(one) == "conflict") {
            let sides: Vec<&Value> = std::iter::once(*one).chain(self.marked(one, CONFLICTS_WITH)).collect();
            if !told.insert(sides.iter().filter_map(|side| ResourceKey::of(side)).collect::<BTreeSet<_>>()) {
                continue;
            }
            let words: Vec<String> = sides.iter().map(|side| composition::said(side).1).collect();
            let text = format!("TEGENSTRIJDIG: {}: {}", composition::said(one).0, words.join(" / "));
            let at: BTreeSet<String> = sides.iter().filter_map(|side| place(side)).collect();
            marks.push(json!({ "kind": "conflict", "text": text, "at": at }));
        }
        Map::from_iter([
            ("asOf".to_owned(), json!(self.now.to_string())),
            ("plan".to_owned(), read.document),
            ("statements".to_owned(), Value::Array(statements)),
            ("marks".to_owned(), Value::Array(marks)),
        ])
    }

    fn is_statement(&self, resource: &Value) -> bool {
        const KINDS: [&str; 7] = [
            "Consent",
            "Goal",
            "Observation",
            "DeviceUseStatement",
            "CommunicationRequest",
            "CareTeam",
            "RelatedPerson",
        ];
        resource["resourceType"].as_str().is_some_and(|kind| KINDS.contains(&kind)) && is_of_plan(resource)
    }

    fn states(&self, resource: &Value) -> Vec<super::policy::Statement> {
        statements(resource, self.now)
    }

    fn standing(&self, resource: &Value) -> &'static str {
        if is_replaced(resource) {
            "replaced"
        } else if !holds(resource) || has_ended(resource, self.now) {
            "ended"
        } else if conflicts(resource) {
            "conflict"
        } else if self.states(resource).iter().all(|one| one.decision.is_none()) {
            "undecided"
        } else {
            "current"
        }
    }

    /// What a statement is called where it is mentioned: which, what it says, when it was said, and in which document.
    fn named(&self, resource: &Value) -> Value {
        let key = ResourceKey::of(resource);
        let source = key.as_ref().and_then(|key| self.sources.get(*self.source_of.get(key)?));
        let (label, words) = composition::said(resource);
        let mut named = json!({ "resource": key.map(|key| key.to_string()), "about": label, "says": words });
        if let Some(said) = said(resource) {
            named["said"] = json!(said.as_str());
        }
        if let Some(source) = source {
            named["document"] = name_of(source);
        }
        named
    }

    /// The resources to which a mark leads.
    fn marked<'p>(&'p self, resource: &'p Value, url: &'static str) -> impl Iterator<Item = &'p Value> {
        let marks = resource["extension"].as_array().into_iter().flatten().filter(move |one| one["url"] == url);
        marks.filter_map(|one| self.resources.get(one["valueReference"]["reference"].as_str()?))
    }

    fn replaced_by<'p>(&'p self, resource: &'p Value) -> impl Iterator<Item = &'p Value> {
        let key = ResourceKey::of(resource).map(|key| key.to_string()).unwrap_or_default();
        self.replaced.get(&key).into_iter().flatten().filter_map(|earlier| self.resources.get(earlier))
    }

    fn newest_conversation(&self) -> Option<ResourceKey> {
        let all = self.resources.values().filter(|one| one["resourceType"] == "Encounter" && is_of_plan(one));
        let begun = |one: &&Value| one["period"]["start"].as_str().unwrap_or_default().to_owned();
        all.filter(|one| one["status"] != "entered-in-error").max_by_key(begun).and_then(ResourceKey::of)
    }

    /// A Composition that says of the chosen resources where they stand in the one document: the entries that the
    /// documents' own Compositions have, each key once.
    fn entries(&self, chosen: &[&Value]) -> Value {
        let here: BTreeMap<String, &Value> =
            chosen.iter().filter_map(|one| Some((ResourceKey::of(one)?.to_string(), *one))).collect();
        let mut compositions: Vec<&Value> =
            self.resources.values().filter(|one| has_profile(one, "Overdracht-CarePlan")).collect();
        // Who the newest plan names comes first.
        compositions.sort_by_key(|one| std::cmp::Reverse(one["date"].to_string()));
        let all = compositions.into_iter().flat_map(|one| one["extension"].as_array().into_iter().flatten());
        let (mut entries, mut known, mut keys) = (Vec::new(), BTreeSet::new(), BTreeSet::new());
        for entry in all.filter(|one| one["url"] == DOCUMENT_ENTRY) {
            let part = |name: &str| extension_of(entry, name);
            let list = part("list").and_then(|one| one["valueCode"].as_str()).unwrap_or_default();
            let of = part("of").map_or(&Value::Null, |one| &one["valueReference"]);
            let Some((at, target)) = of["reference"].as_str().and_then(|at| here.get_key_value(at)) else { continue };
            if list == "treatmentDirectives" || !known.insert((list.to_owned(), at.clone())) || !gives(target, list) {
                continue;
            }
            let key = part("key").and_then(|one| one["valueString"].as_str());
            let key = key.map(|key| free(key, list, &mut keys));
            entries.push(document_entry(list, key.as_deref(), of.clone()));
        }
        entries.extend(composition::directives(chosen).into_iter().map(|one| {
            document_entry(
                "treatmentDirectives",
                None,
                reference("Consent", one["id"].as_str().unwrap_or_default(), None),
            )
        }));
        json!({
            "resourceType": "Composition", "id": "current", "meta": { "profile": profiles("Overdracht-CarePlan", &[]) },
            "extension": entries,
        })
    }
}

fn conflicts(resource: &Value) -> bool {
    extension_of(resource, CONFLICTS_WITH).is_some()
}

/// The key, or one like it that no other entry of the list has.
fn free(key: &str, list: &str, taken: &mut BTreeSet<(String, String)>) -> String {
    let numbered = (2..).map(|number| {
        let short: String = key.chars().take(58).collect();
        format!("{short}-{number}")
    });
    let mut candidates = std::iter::once(key.to_owned()).chain(numbered);
    candidates.find(|one| taken.insert((list.to_owned(), one.clone()))).unwrap_or_default()
}

fn document_entry(list: &str, key: Option<&str>, of: Value) -> Value {
    let mut parts = vec![extension("list", "valueCode", list)];
    parts.extend(key.map(|key| extension("key", "valueString", key)));
    parts.push(extension("of", "valueReference", of));
    json!({ "url": DOCUMENT_ENTRY, "extension": parts })
}

/// True for what a care plan is read from.
fn is_of_plan(resource: &Value) -> bool {
    use crate::fhir::systems::PROFILE_BASE;
    use crate::mapping::care_plan::PZP;
    const OURS: [&str; 5] = [
        "Overdracht-CarePlanAnswer",
        "Overdracht-InCharge",
        "Overdracht-SharingConsent",
        "Overdracht-Problem",
        "Overdracht-Location",
    ];
    let parties = ["Patient", "Organization", "Practitioner", "PractitionerRole"];
    let profiles = resource["meta"]["profile"].as_array().into_iter().flatten().filter_map(Value::as_str);
    parties.iter().any(|kind| resource["resourceType"] == *kind)
        || profiles.into_iter().any(|profile| {
            profile.starts_with(PZP) || profile.strip_prefix(PROFILE_BASE).is_some_and(|name| OURS.contains(&name))
        })
}

fn name_of(source: &Source) -> Value {
    json!({
        "id": source.id, "kind": source.kind, "source": source.system, "documentId": source.document,
        "version": source.version,
    })
}

/// `/goal/date` → `/goal`; `/treatmentDirectives/0/decision` → `/treatmentDirectives/0`.
fn part_of(pointer: &str) -> String {
    let mut parts = pointer.split('/').skip(1);
    let first = parts.next().unwrap_or_default();
    match parts.next().filter(|second| second.bytes().all(|byte| byte.is_ascii_digit())) {
        Some(number) => format!("/{first}/{number}"),
        None => format!("/{first}"),
    }
}
