//! A StructureMap: names that are known where they stand, paths that are there, and transforms with what they need.
//!
//! Source: <http://hl7.org/fhir/R4/structuremap.html>, <http://hl7.org/fhir/R4/mapping-language.html>.

use ahash::{AHashMap, AHashSet};
use serde_json::Value;

use super::fixed::shown;
use super::{list, text};
use crate::fhirpath;
use crate::validator::compile::navigate::{children_named, is_place};
use crate::validator::kind::Kind;
use crate::validator::node::Source;
use crate::validator::path::Path;
use crate::validator::schema::Schema;
use crate::validator::sink::{Flow, Sink};
use crate::validator::structure::choice;
use crate::validator::walk::Walk;

pub fn check<S: Sink>(walk: &mut Walk<'_, '_, S>, map: &Value, at: &Path<'_>) -> Flow {
    let imports: Vec<_> = list(map, "import").iter().filter_map(Value::as_str).collect();
    let found = imports.iter().filter_map(|url| walk.schema().definitions.resource("StructureMap", url));
    let found: Vec<_> = found.collect();
    let mut groups = Groups { by_name: AHashMap::new(), complete: found.len() == imports.len() };
    for group in list(map, "group").iter().chain(found.iter().flat_map(|map| list(map, "group"))) {
        if let Some(name) = text(group, "name") {
            groups.by_name.entry(name).or_insert(group);
        }
    }
    let all = at.name("group");
    for (i, group) in list(map, "group").iter().enumerate() {
        let here = all.index(i);
        name(walk, text(group, "name"), &here)?;
        if text(group, "extends").is_some_and(|name| groups.lacks(name)) {
            walk.error(&here.name("extends"), || Kind::MapGroupUnknown)?;
        }
        let mut rules = Rules { map, groups: &groups, known: AHashMap::new(), log: Vec::new() };
        rules.inputs(walk, group, &here)?;
        rules.all(walk, group, &here)?;
    }
    Flow::Continue(())
}

/// A name in the mapping language begins with a letter and has letters and digits alone.
fn name<S: Sink>(walk: &mut Walk<'_, '_, S>, name: Option<&str>, at: &Path<'_>) -> Flow {
    let is_one = |name: &str| {
        name.starts_with(|c: char| c.is_ascii_alphabetic()) && name.bytes().all(|b| b.is_ascii_alphanumeric())
    };
    match name {
        Some(name) if !is_one(name) => walk.error(at, || Kind::MapName),
        _ => Flow::Continue(()),
    }
}

/// The groups of a map and of those that it imports.
struct Groups<'m> {
    by_name: AHashMap<&'m str, &'m Value>,
    /// Whether every import is here.
    complete: bool,
}

impl Groups<'_> {
    fn lacks(&self, name: &str) -> bool {
        self.complete && !self.by_name.contains_key(name)
    }
}

/// What a variable stands for: definitions of an element, and its type.
#[derive(Clone)]
struct Meaning {
    sources: Vec<Source>,
    type_name: Box<str>,
}

/// A variable by its name, and whether it is read from or written to.
type Key<'m> = (&'m str, bool);

/// The rules of one group. A variable that hides another is put on top of it, and taken off where its rule ends.
struct Rules<'g, 'm> {
    map: &'m Value,
    groups: &'g Groups<'m>,
    known: AHashMap<Key<'m>, Vec<Option<Meaning>>>,
    log: Vec<Key<'m>>,
}

impl<'m> Rules<'_, 'm> {
    fn add(&mut self, name: &'m str, is_source: bool, meaning: Option<Meaning>) {
        self.known.entry((name, is_source)).or_default().push(meaning);
        self.log.push((name, is_source));
    }

    fn forget(&mut self, down_to: usize) {
        for key in self.log.drain(down_to..) {
            if let Some(stack) = self.known.get_mut(&key) {
                stack.pop();
            }
        }
    }

    fn find(&self, name: &'m str, is_source: bool) -> Option<&Option<Meaning>> {
        self.known.get(&(name, is_source))?.last()
    }

    fn inputs<S: Sink>(&mut self, walk: &mut Walk<'_, '_, S>, group: &'m Value, at: &Path<'_>) -> Flow {
        let mut seen = AHashSet::new();
        let all = at.name("input");
        for (i, input) in list(group, "input").iter().enumerate() {
            let here = all.index(i);
            name(walk, text(input, "name"), &here)?;
            let Some(variable) = text(input, "name") else { continue };
            if !seen.insert(variable) {
                walk.error(&here, || Kind::MapNameTwice)?;
                continue;
            }
            let mode = text(input, "mode").unwrap_or_default();
            let meaning = match text(input, "type") {
                Some(type_name) => self.input_type(walk, type_name, mode, &here)?,
                None => None,
            };
            self.add(variable, mode == "source", meaning);
        }
        Flow::Continue(())
    }

    fn input_type<S: Sink>(
        &self,
        walk: &mut Walk<'_, '_, S>,
        type_name: &str,
        mode: &str,
        at: &Path<'_>,
    ) -> std::ops::ControlFlow<(), Option<Meaning>> {
        let schema = walk.schema();
        let declared = list(self.map, "structure").iter().find(|s| text(s, "alias") == Some(type_name));
        let Some(declared) = declared else {
            let meaning = whole(schema, schema.type_structure(type_name));
            if meaning.is_none() {
                walk.error(at, || Kind::MapType { type_name: shown(&type_name.into(), "") })?;
            }
            return std::ops::ControlFlow::Continue(meaning);
        };
        // What is written may be read.
        let wanted = text(declared, "mode");
        if matches!((wanted, mode), (Some("source"), "target") | (Some("queried" | "produced"), _)) {
            walk.error(at, || Kind::MapMode)?;
        }
        std::ops::ControlFlow::Continue(whole(schema, text(declared, "url").and_then(|url| schema.structure(url))))
    }

    fn all<S: Sink>(&mut self, walk: &mut Walk<'_, '_, S>, within: &'m Value, at: &Path<'_>) -> Flow {
        let all = at.name("rule");
        for (i, rule) in list(within, "rule").iter().enumerate() {
            let before = self.log.len();
            self.rule(walk, rule, &all.index(i))?;
            self.forget(before);
        }
        Flow::Continue(())
    }

    fn rule<S: Sink>(&mut self, walk: &mut Walk<'_, '_, S>, rule: &'m Value, at: &Path<'_>) -> Flow {
        name(walk, text(rule, "name"), at)?;
        let sources = at.name("source");
        for (i, source) in list(rule, "source").iter().enumerate() {
            self.source(walk, source, &sources.index(i))?;
        }
        let targets = at.name("target");
        for (i, target) in list(rule, "target").iter().enumerate() {
            self.target(walk, target, &targets.index(i))?;
        }
        self.all(walk, rule, at)?;
        let dependents = at.name("dependent");
        for (i, dependent) in list(rule, "dependent").iter().enumerate() {
            self.dependent(walk, dependent, &dependents.index(i))?;
        }
        Flow::Continue(())
    }

    fn source<S: Sink>(&mut self, walk: &mut Walk<'_, '_, S>, source: &'m Value, at: &Path<'_>) -> Flow {
        let variable = text(source, "variable");
        name(walk, variable, at)?;
        let Some(context) = text(source, "context") else { return Flow::Continue(()) };
        let Some(meaning) = self.find(context, true).cloned() else {
            return walk.error(at, || Kind::MapVariable { name: shown(&context.into(), "") });
        };
        let meaning = match (meaning, text(source, "element")) {
            (Some(around), Some(element)) => {
                let Some(mut found) = below(walk.schema(), &around, element) else {
                    return walk.error(at, || Kind::MapPath { element: shown(&element.into(), "") });
                };
                if let Some(wanted) = text(source, "type") {
                    let possible = found.as_ref().is_none_or(|f| is_a(walk.schema(), wanted, f));
                    if !possible {
                        walk.error(at, || Kind::MapType { type_name: shown(&wanted.into(), "") })?;
                    }
                    found = whole(walk.schema(), walk.schema().type_structure(wanted));
                }
                found
            }
            (meaning, None) => meaning,
            (None, Some(_)) => None,
        };
        if let Some(variable) = variable {
            self.add(variable, true, meaning);
        }
        Flow::Continue(())
    }

    fn target<S: Sink>(&mut self, walk: &mut Walk<'_, '_, S>, target: &'m Value, at: &Path<'_>) -> Flow {
        let variable = text(target, "variable");
        name(walk, variable, at)?;
        let schema = walk.schema();
        let parameters = list(target, "parameter");
        let transform = text(target, "transform");
        let created = || match (transform, parameters) {
            (Some("create"), [one]) => choice(one, "value").and_then(Value::as_str),
            _ => None,
        };
        let mut meaning = None;
        if let Some(context) = text(target, "context") {
            let Some(around) = self.find(context, false).cloned() else {
                return walk.error(at, || Kind::MapVariable { name: shown(&context.into(), "") });
            };
            if let (Some(around), Some(element)) = (around, text(target, "element")) {
                let Some(found) = below(schema, &around, element) else {
                    return walk.error(at, || Kind::MapPath { element: shown(&element.into(), "") });
                };
                meaning = found;
                parameters_fit(walk, transform, parameters, at)?;
            }
        } else if let Some(type_name) = created() {
            if self.resolve(schema, type_name).is_none() && variable.is_some() {
                walk.error(at, || Kind::MapType { type_name: shown(&type_name.into(), "") })?;
            }
        } else if transform == Some("uuid") {
            parameters_fit(walk, transform, parameters, at)?;
        }
        if let Some(type_name) = created() {
            meaning = self.resolve(schema, type_name);
        }
        if let Some(variable) = variable {
            self.add(variable, false, meaning);
        }
        Flow::Continue(())
    }

    /// A type by the alias of a structure, its url or its name.
    fn resolve(&self, schema: &Schema, type_name: &str) -> Option<Meaning> {
        let declared = list(self.map, "structure").iter().find(|s| text(s, "alias") == Some(type_name));
        match declared.and_then(|s| text(s, "url")) {
            Some(url) => whole(schema, schema.structure(url)),
            None => whole(schema, schema.type_structure(type_name)),
        }
    }

    fn dependent<S: Sink>(&mut self, walk: &mut Walk<'_, '_, S>, dependent: &'m Value, at: &Path<'_>) -> Flow {
        let Some(group) = text(dependent, "name") else { return Flow::Continue(()) };
        let Some(group) = self.groups.by_name.get(group) else {
            return match self.groups.lacks(group) {
                true => walk.error(at, || Kind::MapGroupUnknown),
                false => Flow::Continue(()),
            };
        };
        let (inputs, variables) = (list(group, "input"), list(dependent, "variable"));
        if inputs.len() != variables.len() {
            return walk.error(at, || Kind::MapArguments { wanted: inputs.len(), found: variables.len() });
        }
        let all = at.name("variable");
        for (i, (input, variable)) in inputs.iter().zip(variables).enumerate() {
            let Some(variable) = variable.as_str() else { continue };
            let reads = text(input, "mode") == Some("source");
            let known = self.find(variable, reads).is_some() || (reads && self.find(variable, false).is_some());
            if !known {
                walk.error(&all.index(i), || Kind::MapVariable { name: shown(&variable.into(), "") })?;
            }
        }
        Flow::Continue(())
    }
}

fn whole(schema: &Schema, structure: Option<u32>) -> Option<Meaning> {
    structure.map(|s| Meaning { sources: vec![(s, 0)], type_name: schema.get(s).type_name.clone() })
}

/// An element below, without the type of a choice in its name: `None` where there is none, `Some(None)` where what it is
/// cannot be told.
fn below(schema: &Schema, around: &Meaning, element: &str) -> Option<Option<Meaning>> {
    if !is_place(schema, &around.type_name) {
        return Some(None);
    }
    let found = children_named(schema, &around.sources, &around.type_name, element);
    let sources: Vec<Source> = found.into_iter().filter(|s| *schema.element(*s).name == *element).collect();
    let types = sources.iter().rev().map(|s| &schema.element(*s).types).find(|types| !types.is_empty());
    let type_name = match types.map(Vec::as_slice) {
        _ if sources.is_empty() => return None,
        Some([one]) => one.code.clone(),
        Some(_) => return Some(None),
        None => "BackboneElement".into(),
    };
    Some(Some(Meaning { sources, type_name }))
}

/// Whether a type is the one that an element has, or made from it.
fn is_a(schema: &Schema, wanted: &str, element: &Meaning) -> bool {
    let types = &schema.types;
    types.is_a(types.intern(&element.type_name), types.intern("Resource"))
        || types.is_a(types.find(wanted), types.intern(&element.type_name))
}

/// As many parameters as the transform takes, and an expression that is one.
fn parameters_fit<S: Sink>(
    walk: &mut Walk<'_, '_, S>,
    transform: Option<&str>,
    parameters: &[Value],
    at: &Path<'_>,
) -> Flow {
    let count = parameters.len();
    let value = |i: usize| parameters.get(i).and_then(|p| choice(p, "value")).and_then(Value::as_str);
    let fits = match transform {
        Some("create" | "copy") => count < 2,
        Some("reference" | "evaluate") => count == 1,
        Some("cc") => count == 2 || count == 3,
        Some("append") => count > 0,
        Some("uuid") | None => count == 0,
        Some("translate") => {
            let output = value(2);
            let known = ["code", "system", "display", "Coding", "CodeableConcept"];
            count == 3 && output.is_none_or(|output| known.contains(&output))
        }
        Some(_) => true,
    };
    if !fits {
        walk.error(at, || Kind::MapParameters)?;
    }
    if transform == Some("evaluate")
        && let (1, Some(expression)) = (count, value(0))
        && let Err(error) = fhirpath::compile(expression, fhirpath::TypeId::UNKNOWN, &walk.schema().types)
    {
        return walk.error(at, || Kind::ExpressionWrong { reason: shown(&error.to_string().into(), "") });
    }
    Flow::Continue(())
}
