//! Compiling a ValueSet.

use std::collections::BTreeSet;
use std::sync::Arc;

use ahash::AHashMap;
use serde_json::Value;

use super::{CodeTable, Codes, Gap, Membership, Part, SystemCodes, ValueSet, filter};

/// Where the value sets and code systems come from that a value set refers to.
pub trait Terms {
    /// A ValueSet by `url` or `url|version`.
    fn value_set(&self, canonical: &str) -> Option<Arc<Value>>;
    /// A code system by `url` or `url|version`.
    fn code_table(&self, canonical: &str) -> Option<Arc<CodeTable>>;
}

/// Compiles a ValueSet from its `compose`; from its published `expansion` where that decides more.
pub fn compile(value_set: &Value, terms: &dyn Terms) -> ValueSet {
    Compiler { terms, under_way: Vec::new(), made: AHashMap::new(), gaps: BTreeSet::new() }.value_set(value_set)
}

/// The most value sets that import one another in a row; guards the stack.
const DEEPEST: usize = 50;

struct Compiler<'a> {
    terms: &'a dyn Terms,
    under_way: Vec<String>,
    /// Many sets may import one; it is made once, so that sets that import each other do not multiply.
    made: AHashMap<Box<str>, Arc<ValueSet>>,
    gaps: BTreeSet<Gap>,
}

impl Compiler<'_> {
    fn value_set(&mut self, json: &Value) -> ValueSet {
        let compose = json.get("compose");
        let outer = std::mem::take(&mut self.gaps);
        let include = parts(compose, "include").iter().map(|part| self.part(part)).collect();
        let exclude = parts(compose, "exclude").iter().map(|part| self.part(part)).collect();
        let mut set = ValueSet { include, exclude, ..ValueSet::default() };
        if parts(compose, "include").is_empty() && json.get("expansion").is_none() {
            self.gaps = outer;
            self.gaps.insert(Gap::Undefined);
            return ValueSet { gaps: vec![Gap::Undefined], ..ValueSet::undecided() };
        }
        let published = json.get("expansion").filter(|_| compose.is_none() || !self.gaps.is_empty());
        if let Some(published) = published.and_then(|published| expansion(published, self.terms)) {
            let gap = published.iter().any(|part| part.codes.as_ref().is_some_and(SystemCodes::is_open));
            self.gaps = BTreeSet::from_iter(gap.then_some(Gap::ExpansionIncomplete));
            set = ValueSet { include: published, ..ValueSet::default() };
        }
        let mut systems = BTreeSet::new();
        set.include.iter().for_each(|part| part.systems(&mut systems));
        set.systems = systems.into_iter().collect();
        set.any_system = set.include.iter().any(Part::is_of_any_system);
        set.gaps = std::mem::replace(&mut self.gaps, outer).into_iter().collect();
        set
    }

    fn part(&mut self, json: &Value) -> Part {
        let codes = json.get("system").and_then(Value::as_str).map(|system| self.system(system, json));
        let imports = json.get("valueSet").and_then(Value::as_array).into_iter().flatten();
        let imports = imports.filter_map(Value::as_str).map(|canonical| self.import(canonical)).collect();
        Part { codes, imports }
    }

    fn import(&mut self, canonical: &str) -> Arc<ValueSet> {
        if let Some(made) = self.made.get(canonical) {
            self.gaps.extend(made.gaps.iter().cloned());
            return made.clone();
        }
        let circular = self.under_way.iter().any(|under_way| under_way == canonical);
        let found = if circular { Err(Gap::Circular(canonical.into())) } else { self.importable(canonical) };
        let json = match found {
            Ok(json) => json,
            Err(gap) => {
                self.gaps.insert(gap);
                return Arc::new(ValueSet::undecided());
            }
        };
        self.under_way.push(canonical.to_owned());
        let set = Arc::new(self.value_set(&json));
        self.under_way.pop();
        self.gaps.extend(set.gaps.iter().cloned());
        self.made.insert(canonical.into(), set.clone());
        set
    }

    fn importable(&self, canonical: &str) -> Result<Arc<Value>, Gap> {
        if self.under_way.len() >= DEEPEST {
            return Err(Gap::TooDeep(canonical.into()));
        }
        self.terms.value_set(canonical).ok_or_else(|| Gap::ValueSetMissing(canonical.into()))
    }

    fn system(&mut self, system: &str, json: &Value) -> SystemCodes {
        let (url, pinned) = match json.get("version").and_then(Value::as_str) {
            Some(version) => (system, Some(format!("{system}|{version}"))),
            None => (system.split('|').next().unwrap_or(system), system.contains('|').then(|| system.to_owned())),
        };
        let any_version = self.terms.code_table(url);
        let fold = any_version.as_ref().is_some_and(|table| table.ignores_case());
        let listed = |codes: &mut dyn Iterator<Item = &str>, otherwise| {
            let codes = codes.map(|code| if fold { code.to_lowercase().into() } else { code.into() }).collect();
            Codes::Listed { codes, fold, otherwise }
        };
        let done = |codes| SystemCodes { system: url.into(), codes };
        if let Some(concepts) = json.get("concept").and_then(Value::as_array) {
            let mut codes = concepts.iter().filter_map(|concept| concept.get("code")?.as_str());
            return done(listed(&mut codes, Membership::Out));
        }
        let filters = json.get("filter").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        let table = match &pinned {
            Some(canonical) => self.terms.code_table(canonical),
            None => any_version.clone(),
        };
        let Some(table) = table else {
            self.gaps.insert(match pinned {
                Some(canonical) if any_version.is_some() => Gap::VersionMissing(canonical.into()),
                _ => Gap::CodeSystemMissing(url.into()),
            });
            return done(if filters.is_empty() { Codes::Whole } else { Codes::Some });
        };
        if !table.is_complete() {
            let none = table.concepts().is_empty();
            let gap = if none { Gap::CodeSystemMissing } else { Gap::CodeSystemIncomplete };
            self.gaps.insert(gap(url.into()));
        }
        if filters.is_empty() {
            return done(Codes::Table(table));
        }
        match filter::passing(&table, filters) {
            Ok(passing) => {
                let otherwise = if table.is_complete() { Membership::Out } else { Membership::Unknown };
                let mut codes = table.concepts().iter().zip(passing).filter(|(_, p)| *p).map(|(c, _)| &*c.code);
                done(listed(&mut codes, otherwise))
            }
            Err(filter) => {
                self.gaps.insert(Gap::Filter(filter));
                done(Codes::Some)
            }
        }
    }
}

impl ValueSet {
    /// A value set of which nothing is known: any code might be in.
    fn undecided() -> ValueSet {
        ValueSet { undecided: true, any_system: true, ..ValueSet::default() }
    }
}

impl SystemCodes {
    fn is_open(&self) -> bool {
        matches!(&self.codes, Codes::Listed { otherwise: Membership::Unknown, .. })
    }
}

impl Part {
    fn is_of_any_system(&self) -> bool {
        self.codes.is_none() && self.imports.iter().all(|import| import.any_system)
    }

    fn systems(&self, all: &mut BTreeSet<Box<str>>) {
        all.extend(self.codes.iter().map(|codes| codes.system.clone()));
        all.extend(self.imports.iter().flat_map(|import| import.systems.iter().cloned()));
    }
}

fn parts<'a>(compose: Option<&'a Value>, key: &str) -> &'a [Value] {
    compose.and_then(|compose| compose.get(key)).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

/// Whether an expansion says that other codes may be in too.
fn is_unclosed(published: &Value) -> bool {
    const UNCLOSED: &str = "http://hl7.org/fhir/StructureDefinition/valueset-unclosed";
    let extensions = published.get("extension").and_then(Value::as_array).into_iter().flatten();
    let mut unclosed = extensions.filter(|e| e.get("url").and_then(Value::as_str) == Some(UNCLOSED));
    unclosed.any(|e| e.get("valueBoolean") != Some(&Value::Bool(false)))
}

/// A published expansion as one part a system; `None` where it has no codes.
fn expansion(published: &Value, terms: &dyn Terms) -> Option<Vec<Part>> {
    let mut found: Vec<(Box<str>, ahash::HashSet<Box<str>>)> = Vec::new();
    let count = collect(published, &mut found);
    let total = published.get("total").and_then(Value::as_u64);
    // Without a total, a page of it may be all that is here.
    let paged = total.is_none() && published.get("offset").is_some();
    let is_part = paged || is_unclosed(published) || total.is_some_and(|total| total > count);
    let otherwise = if is_part { Membership::Unknown } else { Membership::Out };
    let part = |(system, codes): (Box<str>, ahash::HashSet<Box<str>>)| {
        let fold = terms.code_table(&system).is_some_and(|table| table.ignores_case());
        let codes = if fold { codes.iter().map(|code| code.to_lowercase().into()).collect() } else { codes };
        let codes = Codes::Listed { codes, fold, otherwise };
        Part { codes: Some(SystemCodes { system, codes }), imports: Vec::new() }
    };
    (count > 0).then(|| found.into_iter().map(part).collect())
}

fn collect(within: &Value, found: &mut Vec<(Box<str>, ahash::HashSet<Box<str>>)>) -> u64 {
    let mut count = 0;
    for item in within.get("contains").and_then(Value::as_array).into_iter().flatten() {
        let text = |key: &str| item.get(key).and_then(Value::as_str);
        if let (Some(system), Some(code)) = (text("system"), text("code")) {
            count += 1;
            if item.get("abstract").and_then(Value::as_bool) != Some(true) {
                match found.iter_mut().find(|(known, _)| **known == *system) {
                    Some((_, codes)) => drop(codes.insert(code.into())),
                    None => found.push((system.into(), [Box::from(code)].into_iter().collect())),
                }
            }
        }
        count += collect(item, found);
    }
    count
}
