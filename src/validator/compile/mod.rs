//! From definitions to a node: everything that they say about one place, united.

mod children;
pub(in crate::validator) mod navigate;
mod slices;

use ahash::AHashMap;

use super::node::{Bound, Node, Shape, Source};
use super::primitive::Primitive;
use super::rules::binding::BindingRule;
use super::rules::form::FormRule;
use super::rules::reference::Target;
use super::schema::Schema;
use super::structure::{StructureKind, Type};

/// The definitions of a place with those that their types lead to.
#[derive(Default)]
pub(super) struct Closure {
    pub sources: Vec<Source>,
    pub alternatives: Vec<Vec<Source>>,
    pub missing: Vec<Box<str>>,
}

impl Closure {
    fn add(&mut self, source: Source) {
        if !self.sources.contains(&source) {
            self.sources.push(source);
        }
    }
}

/// Follows content references, the datatype's own definition and the profiles on it, until nothing is added.
pub(super) fn closure(schema: &Schema, sources: &[Source], type_name: &str) -> Closure {
    let mut closure = Closure::default();
    let any_resource = matches!(type_name, "Resource" | "DomainResource");
    if !any_resource && let Some(structure) = schema.type_structure(type_name) {
        closure.add((structure, 0));
    }
    for source in sources {
        closure.add(*source);
    }
    let mut next = 0;
    while next < closure.sources.len() {
        let (structure, at) = closure.sources[next];
        next += 1;
        let element = schema.element((structure, at));
        if at == 0 {
            let own = schema.get(structure);
            if own.is_profile
                && !own.type_name.contains("://")
                && let Some(base) = schema.type_structure(&own.type_name)
            {
                closure.add((base, 0));
            }
        }
        if let Some(reference) = &element.content_reference {
            let path = reference.rsplit('#').next().unwrap_or(reference);
            let home = reference.split_once('#').map_or("", |(url, _)| url);
            let home = if home.is_empty() { Some(structure) } else { schema.structure(home) };
            if let Some(target) = home.and_then(|h| schema.get(h).by_path(path).map(|e| (h, e))) {
                closure.add(target);
            }
        }
        if any_resource {
            continue;
        }
        for of_type in element.types.iter().filter(|t| &*t.code == type_name) {
            follow_profiles(schema, of_type, &mut closure);
        }
    }
    closure
}

fn follow_profiles(schema: &Schema, of_type: &Type, closure: &mut Closure) {
    let mut found = Vec::new();
    for profile in &of_type.profiles {
        // A profile may name an element of another (`url#Element.path`), which only contentReference-like uses need.
        let canonical = profile.split('#').next().unwrap_or(profile);
        match schema.structure(canonical) {
            Some(structure) => found.push((structure, 0)),
            None => closure.missing.push(profile.clone()),
        }
    }
    match (found.as_slice(), of_type.profiles.len()) {
        ([one], 1) => closure.add(*one),
        ([], _) => {}
        // With one of several missing, none can be refused.
        (all, count) if all.len() == count => closure.alternatives.push(found),
        _ => {}
    }
}

/// Compiles the node for a value of `type_name` that these definitions hold for.
pub(super) fn node(schema: &Schema, sources: &[Source], type_name: &str) -> Node {
    let closure = closure(schema, sources, type_name);
    let shape = shape(schema, type_name);
    let mut node = Node {
        type_name: type_name.into(),
        sources: sources.into(),
        shape,
        paths: Vec::new(),
        table: AHashMap::new(),
        properties: Vec::new(),
        required: 0,
        sliced: 0,
        fixed: Vec::new(),
        patterns: Vec::new(),
        max_length: None,
        forms: Vec::new(),
        bounds: Vec::new(),
        bindings: Vec::new(),
        constraints: Vec::new(),
        targets: Vec::new(),
        aggregations: Vec::new(),
        alternatives: closure.alternatives.clone(),
        resource_types: Vec::new(),
        missing: closure.missing.clone(),
        gaps: closure.sources.iter().filter(|s| s.1 == 0).flat_map(|s| schema.get(s.0).gaps.clone()).collect(),
        focus: schema.types.intern(&focus(schema, &closure.sources, type_name)),
    };
    for source in &closure.sources {
        add_value_rules(schema, *source, &mut node);
    }
    if shape == Shape::AnyResource {
        add_resource_types(schema, sources, &mut node);
    } else {
        children::add(schema, &closure.sources, &mut node);
    }
    node
}

/// The type as the evaluator of constraints knows it: an element with elements of its own goes by its path.
fn focus<'s>(schema: &'s Schema, sources: &[Source], type_name: &'s str) -> std::borrow::Cow<'s, str> {
    if !matches!(type_name, "BackboneElement" | "Element") {
        return type_name.into();
    }
    let within = sources.iter().filter(|s| s.1 != 0 && !schema.get(s.0).is_profile).map(|s| schema.element(*s));
    within.filter(|e| !e.children.is_empty()).map(|e| &*e.path).next().unwrap_or(type_name).into()
}

fn shape(schema: &Schema, type_name: &str) -> Shape {
    if let Some(primitive) = Primitive::of(type_name) {
        return Shape::Primitive(primitive);
    }
    if matches!(type_name, "Resource" | "DomainResource") {
        return Shape::AnyResource;
    }
    match schema.type_structure(type_name).map(|s| schema.get(s).kind) {
        Some(StructureKind::Resource) => Shape::Resource,
        _ => Shape::Object,
    }
}

/// What one element says about the value itself.
fn add_value_rules(schema: &Schema, source: Source, node: &mut Node) {
    let element = schema.element(source);
    let structure = schema.get(source.0);
    let mut path = |name: &str| {
        if !node.paths.iter().any(|p| &**p == name) {
            node.paths.push(name.into());
        }
    };
    path(element.path.strip_suffix("[x]").unwrap_or(&element.path));
    if element.choice {
        path(&element.path);
    }
    if source.1 == 0 {
        path(&structure.url);
    }
    let push = |list: &mut Vec<serde_json::Value>, value: &Option<serde_json::Value>| {
        if let Some(value) = value
            && !list.contains(value)
        {
            list.push(value.clone());
        }
    };
    push(&mut node.fixed, &element.fixed);
    push(&mut node.patterns, &element.pattern);
    node.max_length = match (node.max_length, element.max_length) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    };
    if let Some(form) = &element.form {
        node.forms.push(FormRule::new(form.clone()));
    }
    for (upper, bound) in [(false, &element.min_value), (true, &element.max_value)] {
        if let Some(value) = bound {
            node.bounds.push(Bound { upper, value: value.clone() });
        }
    }
    if let Some(binding) = &element.binding {
        for rule in BindingRule::of(binding, &node.type_name) {
            if !node.bindings.iter().any(|b| b.is_same(&rule)) {
                node.bindings.push(rule);
            }
        }
    }
    for constraint in &element.constraints {
        if let Some(rule) = super::rules::constraint::needed(schema, constraint, node.focus)
            && !node.constraints.iter().any(|c| std::sync::Arc::ptr_eq(c, &rule))
        {
            node.constraints.push(rule);
        }
    }
    for of_type in element.types.iter().filter(|t| *t.code == *node.type_name) {
        if !of_type.aggregation.is_any() && !node.aggregations.contains(&of_type.aggregation) {
            node.aggregations.push(of_type.aggregation);
        }
        if of_type.targets.is_empty() {
            continue;
        }
        let targets: Vec<Target> = of_type.targets.iter().map(|t| Target::of(schema, t)).collect();
        if !node.targets.contains(&targets) {
            node.targets.push(targets);
        }
    }
}

fn add_resource_types(schema: &Schema, sources: &[Source], node: &mut Node) {
    for source in sources.iter().filter(|s| s.1 != 0) {
        let types = &schema.element(*source).types;
        if !types.is_empty() {
            node.resource_types.push(types.iter().map(|t| (t.code.clone(), t.profiles.clone())).collect());
        }
    }
}
