//! Generating the snapshot of a StructureDefinition from its differential and the snapshot of its base.
//!
//! A definition is turned into a tree: an element has children and slices, and each slice has children and slices of
//! its own. The differential is such a tree too, with holes; it is laid over the base's, which is unfolded where the
//! differential walks into a type. Paths and ids are made when the tree is written out, so a sub-tree can be moved
//! without renaming anything in it. Source: <http://hl7.org/fhir/R4/profiling.html#snapshot>.

mod apply;
mod merge;
mod steps;
mod tree;
mod unfold;

use std::cell::RefCell;
use std::sync::Arc;

use serde_json::{Value, json};

use self::apply::Apply;
use self::tree::Node;
use super::{Issue, IssueCode};

/// Where the definitions come from that a differential builds on.
pub trait Structures {
    /// The StructureDefinition with this canonical, with a snapshot.
    fn structure(&self, canonical: &str) -> Option<Arc<Value>>;
}

/// A definition with its snapshot.
#[derive(Debug)]
pub struct Generated {
    /// Without differential and prose. Without snapshot too when there was nothing to build it on.
    pub definition: Arc<Value>,
    /// What in the differential could not be applied, and what it builds on that is not there.
    pub issues: Vec<Issue>,
}

thread_local! {
    /// Canonicals whose snapshot is being generated on this thread: a definition that builds on itself must end.
    static UNDER_WAY: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
}

/// So many profiles may stand for the types of elements within each other.
const DEEPEST: usize = 24;

/// Lays the differential of `definition` over the snapshot of its base.
pub fn generate(definition: &Value, structures: &dyn Structures) -> Generated {
    let url = text(definition, "url").to_owned();
    let mut report = Report { url: url.clone(), issues: Vec::new() };
    let (circular, deep) = UNDER_WAY.with_borrow(|urls| (urls.contains(&url), urls.len() >= DEEPEST));
    let mut definition = definition.clone();
    if circular {
        report.error("snapshot-circular", "builds on itself");
    } else if deep {
        report.error("snapshot-too-deep", "is the profile of a type within many others and was left out");
    } else {
        UNDER_WAY.with_borrow_mut(|urls| urls.push(url));
        let made = elements(&definition, structures, &mut report);
        // What is no object at all is no definition.
        if let (Some(elements), Some(map)) = (made, definition.as_object_mut()) {
            map.insert("snapshot".into(), json!({ "element": elements }));
        }
        UNDER_WAY.with_borrow_mut(Vec::pop);
    }
    super::pack::slim(&mut definition);
    Generated { definition: Arc::new(definition), issues: report.issues }
}

fn elements(definition: &Value, structures: &dyn Structures, report: &mut Report) -> Option<Vec<Value>> {
    let base = base_of(definition, structures, report);
    let type_name = text(definition, "type").rsplit('/').next().unwrap_or_default();
    let differential = tree::read(definition.pointer("/differential/element"));
    let specializes = text(definition, "derivation") != "constraint";
    let mut root = match base {
        Some(base) => tree::read(base.pointer("/snapshot/element"))?,
        // A root type such as Element has all its elements in the differential.
        None if specializes && definition.get("baseDefinition").is_none() => Node::new(type_name),
        None => return None,
    };
    if !type_name.is_empty() {
        root.name = type_name.to_owned();
    }
    if let Some(differential) = differential {
        Apply { structures, report, adds_elements: specializes, type_name: type_name.to_owned() }
            .node(&mut root, differential);
    }
    let mut elements = tree::write(root);
    if !specializes {
        elements.iter_mut().for_each(|element| refer_to_type(element, type_name));
    }
    Some(elements)
}

/// What an element of a type refers to (`#Observation.referenceRange`) is the type's, whatever a profile on it says of
/// that element where it stands.
fn refer_to_type(element: &mut Value, type_name: &str) {
    if let Some(Value::String(reference)) = element.get_mut("contentReference")
        && reference.starts_with('#')
    {
        reference.insert_str(0, &type_canonical(type_name));
    }
}

/// The base definition; where it is not there, the plain type, so that the differential's own rules can be checked.
fn base_of(definition: &Value, structures: &dyn Structures, report: &mut Report) -> Option<Arc<Value>> {
    let base = definition.get("baseDefinition").and_then(Value::as_str)?;
    let has_snapshot = |found: &Arc<Value>| found.pointer("/snapshot/element/0").is_some();
    if let Some(found) = structures.structure(base).filter(has_snapshot) {
        return Some(found);
    }
    report.error(
        "snapshot-base-missing",
        &format!("builds on {base}, which is not there: only its own rules are checked"),
    );
    structures.structure(&type_canonical(text(definition, "type"))).filter(has_snapshot)
}

fn type_canonical(type_name: &str) -> String {
    if type_name.contains(':') {
        return type_name.to_owned();
    }
    format!("http://hl7.org/fhir/StructureDefinition/{type_name}")
}

fn text<'a>(json: &'a Value, key: &str) -> &'a str {
    json.get(key).and_then(Value::as_str).unwrap_or_default()
}

/// Collects what goes wrong in one definition.
struct Report {
    url: String,
    issues: Vec<Issue>,
}

impl Report {
    fn error(&mut self, id: &'static str, what: &str) {
        let issue = Issue::error(IssueCode::Processing, id, format!("{} {what}.", self.url));
        if !self.issues.contains(&issue) {
            self.issues.push(issue);
        }
    }

    fn warning(&mut self, id: &'static str, what: &str) {
        let issue = Issue::warning(IssueCode::Processing, id, format!("{} {what}.", self.url));
        if !self.issues.contains(&issue) {
            self.issues.push(issue);
        }
    }
}
