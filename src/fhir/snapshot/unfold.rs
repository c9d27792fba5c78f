//! Giving an element the children of its type, so that a differential can walk into it.

use std::sync::Arc;

use serde_json::Value;

use super::apply::Apply;
use super::tree::{self, Node};
use super::type_canonical;

impl Apply<'_> {
    /// Gives `node` children: of what it refers to, of the profile of its type, or of its type.
    pub(super) fn unfold(&mut self, node: &mut Node) {
        if let Some(reference) = node.element.get("contentReference").and_then(Value::as_str) {
            let reference = reference.rsplit('#').next().unwrap_or_default().to_owned();
            self.follow(node, &reference);
            return;
        }
        let types = node.element.get("type").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        let found = match types {
            [one] => self.definition_of(one),
            // What all types of a choice have is what Element has: id and extension.
            _ => self.structures.structure(&type_canonical("Element")),
        };
        let Some(definition) = found else {
            let what = format!("has rules for what is in {}, whose type is not known", node.name);
            self.report.error("snapshot-type-unknown", &what);
            return;
        };
        if let Some(root) = tree::read(definition.pointer("/snapshot/element")) {
            node.children = root.children;
        }
    }

    fn definition_of(&mut self, kind: &Value) -> Option<Arc<Value>> {
        let has_snapshot = |found: &Arc<Value>| found.pointer("/snapshot/element/0").is_some();
        let profiles = kind.get("profile").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        if let [Value::String(profile)] = profiles {
            if let Some(found) = self.structures.structure(profile).filter(has_snapshot) {
                return Some(found);
            }
            self.report.warning("snapshot-profile-missing", &format!("walks into {profile}, which is not there"));
        }
        self.structures.structure(&type_canonical(kind.get("code")?.as_str()?)).filter(has_snapshot)
    }

    /// `#Questionnaire.item`: the children are those of the element with that id in the type itself.
    fn follow(&mut self, node: &mut Node, reference: &str) {
        let names: Vec<&str> = reference.split('.').skip(1).collect();
        let definition = self.structures.structure(&type_canonical(&self.type_name));
        let root = definition.and_then(|definition| tree::read(definition.pointer("/snapshot/element")));
        let Some(target) = root.as_ref().and_then(|root| root.find(&names)) else {
            let what = format!("has rules for what is in {}, which refers to nothing known", node.name);
            self.report.error("snapshot-type-unknown", &what);
            return;
        };
        node.children = target.children.clone();
        node.element.shift_remove("contentReference");
        if let Some(kind) = target.element.get("type") {
            node.element.insert("type".into(), kind.clone());
        }
    }
}
