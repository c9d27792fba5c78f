//! Laying a differential over its base.

use serde_json::{Map, Value, json};

use super::merge::merge;
use super::tree::Node;
use super::{Report, Structures};

pub(super) struct Apply<'a> {
    pub structures: &'a dyn Structures,
    pub report: &'a mut Report,
    /// A new type may add elements; a profile may not.
    pub adds_elements: bool,
    /// The type that the definition is of.
    pub type_name: String,
}

impl Apply<'_> {
    /// Lays `differential` over `node`: its own rules, then its children, and then the slices, which start as the
    /// element that they divide.
    pub fn node(&mut self, node: &mut Node, differential: Node) {
        let Node { element, children, slices, .. } = differential;
        self.check(node, &element);
        let says = |key: &str| element.contains_key(key);
        let (says_type, says_max, says_binding) = (says("type"), says("max"), says("binding"));
        merge(&mut node.element, element);
        if says_type && !says_max {
            self.max_of_extension(node);
        }
        if !says_binding && !is_coded(node) {
            node.element.shift_remove("binding");
        }
        // The root of a type that is made from nothing has what its differential gives it.
        let typed = node.element.contains_key("type") || node.element.contains_key("contentReference");
        if !children.is_empty() && node.children.is_empty() && (typed || !self.adds_elements) {
            self.unfold(node);
        }
        for child in self.choices_as_slices(node, children) {
            match node.child_mut(&child.name) {
                Some(base) => self.node(base, child),
                None if self.adds_elements => {
                    // A new element with elements of its own has those of its type before them.
                    let mut new = Node::new(&child.name);
                    self.node(&mut new, child);
                    node.children.push(new);
                }
                None => {
                    let what = format!("has a rule for {} under {}, which has no such element", child.name, node.name);
                    self.report.error("snapshot-element-unknown", &what);
                }
            }
        }
        for slice in slices {
            self.slice(node, slice);
        }
    }

    fn slice(&mut self, node: &mut Node, differential: Node) {
        let Some(name) = differential.slice.clone() else { return };
        let at = node.slices.iter().position(|slice| slice.slice.as_deref() == Some(&*name)).unwrap_or_else(|| {
            let (at, slice) = new_slice(node, &name);
            node.slices.insert(at, slice);
            at
        });
        if !node.element.contains_key("slicing")
            && let Some(slicing) = implied_slicing(&node.name)
        {
            node.element.insert("slicing".into(), slicing);
        }
        self.node(&mut node.slices[at], differential);
    }

    /// `valueQuantity` is short for the slice `value[x]:valueQuantity`, and for no other types than those that are named so.
    fn choices_as_slices(&mut self, node: &Node, children: Vec<Node>) -> Vec<Node> {
        let mut normal = Node::new("");
        let mut short: Vec<(String, Option<Value>)> = Vec::new();
        for child in children {
            let known = node.children.iter().any(|base| base.name == child.name);
            let choice = node.children.iter().find(|base| !known && chosen_type(base, &child.name).is_some());
            let Some(choice) = choice else {
                let at = normal.child_or_new(&child.name);
                let earlier = std::mem::replace(at, child);
                at.slices.splice(0..0, earlier.slices);
                continue;
            };
            if !choice.element.contains_key("slicing") {
                short.push((choice.name.clone(), chosen_type(choice, &child.name).cloned()));
            }
            let slice = normal.child_or_new(&choice.name).slice_or_new(&child.name);
            merge(&mut slice.element, child.element);
            slice.children.extend(child.children);
        }
        for child in &mut normal.children {
            let types = short.iter().filter(|(name, _)| *name == child.name).filter_map(|(_, of)| of.clone());
            let types: Vec<Value> = types.collect();
            if !types.is_empty() && !child.element.contains_key("slicing") && !child.element.contains_key("type") {
                let mut slicing = implied_slicing(&child.name).unwrap_or_default();
                slicing["rules"] = "closed".into();
                child.element.insert("slicing".into(), slicing);
                child.element.insert("type".into(), types.into());
            }
        }
        normal.children
    }

    /// An extension may come as often as its own definition allows, where the profile does not say.
    fn max_of_extension(&mut self, node: &mut Node) {
        let profile = node.element.get("type").and_then(|types| types.pointer("/0/profile/0")).and_then(Value::as_str);
        let Some(profile) = profile.filter(|_| is_extension(&node.name)) else { return };
        let definition = self.structures.structure(profile);
        let max = definition.as_ref().and_then(|found| found.pointer("/snapshot/element/0/max"));
        if let Some(max) = max.filter(|max| max.as_str() != Some("*")) {
            let base = node.element.get("max").and_then(Value::as_str).unwrap_or("*");
            if base == "*" {
                node.element.insert("max".into(), max.clone());
            }
        }
    }

    /// Says where the differential allows more than the base does; it is followed all the same.
    fn check(&mut self, node: &Node, differential: &Map<String, Value>) {
        let number = |element: &Map<String, Value>, key: &str| match element.get(key) {
            Some(Value::String(text)) if text == "*" => Some(u64::MAX),
            Some(Value::String(text)) => text.parse().ok(),
            Some(value) => value.as_u64(),
            None => None,
        };
        let place = || node.slice.as_ref().map_or(node.name.clone(), |slice| format!("{}:{slice}", node.name));
        if let (Some(base), Some(own)) = (number(&node.element, "max"), number(differential, "max"))
            && own > base
        {
            self.report.warning("snapshot-max-widened", &format!("allows more of {} than its base does", place()));
        }
        if let (Some(base), Some(own)) = (number(&node.element, "min"), number(differential, "min"))
            && own < base
        {
            self.report.warning("snapshot-min-widened", &format!("needs fewer of {} than its base does", place()));
        }
    }
}

/// A new slice of `node` and its place among the slices: a reslice `a/b` starts as `a` and follows it.
fn new_slice(node: &Node, name: &str) -> (usize, Node) {
    let parent = name.rsplit_once('/').map(|(parent, _)| parent);
    let parent = parent.and_then(|parent| node.slices.iter().rposition(|s| s.slice.as_deref() == Some(parent)));
    let of = parent.map_or(node, |at| &node.slices[at]);
    let mut slice = Node { slice: Some(name.to_owned()), slices: Vec::new(), ..of.clone_without_slices() };
    slice.element.shift_remove("slicing");
    slice.element.insert("min".into(), 0.into());
    if let Some(chosen) = chosen_type(node, name) {
        slice.element.insert("type".into(), json!([chosen]));
    }
    let at = parent.map_or(node.slices.len(), |at| {
        let prefix = name.rsplit_once('/').map(|(parent, _)| format!("{parent}/")).unwrap_or_default();
        let within = |slice: &Node| slice.slice.as_deref().is_some_and(|name| name.starts_with(&prefix));
        at + 1 + node.slices[at + 1..].iter().take_while(|slice| within(slice)).count()
    });
    (at, slice)
}

/// The type that `name` chooses of a choice element: `valueQuantity` of `value[x]`.
fn chosen_type<'a>(choice: &'a Node, name: &str) -> Option<&'a Value> {
    let chosen = name.strip_prefix(choice.name.strip_suffix("[x]")?)?;
    let types = choice.element.get("type")?.as_array()?;
    types.iter().find(|kind| {
        let code = kind.get("code").and_then(Value::as_str).unwrap_or_default();
        code.len() == chosen.len() && code.eq_ignore_ascii_case(chosen) && code.get(1..) == chosen.get(1..)
    })
}

/// Types that a binding can be about, and those that nest or specialize them. No type at all is the type of the base.
fn is_coded(node: &Node) -> bool {
    const UNCODED: &[&str] = &["Reference", "Period", "Range", "dateTime", "date", "boolean", "Annotation", "Timing"];
    let types = node.element.get("type").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let uncoded = |kind: &Value| kind.get("code").and_then(Value::as_str).is_some_and(|code| UNCODED.contains(&code));
    types.is_empty() || !types.iter().all(uncoded)
}

fn is_extension(name: &str) -> bool {
    name == "extension" || name == "modifierExtension"
}

/// How elements are sliced of which the differential may leave it unsaid.
fn implied_slicing(name: &str) -> Option<Value> {
    let by = match name {
        "extension" | "modifierExtension" => json!({ "type": "value", "path": "url" }),
        choice if choice.ends_with("[x]") => json!({ "type": "type", "path": "$this" }),
        _ => return None,
    };
    Some(json!({ "discriminator": [by], "ordered": false, "rules": "open" }))
}

impl Node {
    fn clone_without_slices(&self) -> Node {
        Node {
            name: self.name.clone(),
            slice: None,
            element: self.element.clone(),
            children: self.children.clone(),
            slices: Vec::new(),
        }
    }
}
