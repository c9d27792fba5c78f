//! An extension: its definition found by url, whether it may be here, and what it may hold.

use serde_json::Value;

use super::{Scope, Walk};
use crate::fhir::Severity;
use crate::validator::kind::Kind;
use crate::validator::node::{ExtensionKind, Node, NodeId};
use crate::validator::path::Path;
use crate::validator::property::property;
use crate::validator::rules::extension;
use crate::validator::sink::{Flow, Sink};

impl<'a, S: Sink> Walk<'_, 'a, S> {
    /// `node` holds for the extension as a slice of its element; `matched` says whether a slice named it.
    #[allow(clippy::too_many_arguments)]
    pub fn extension(
        &mut self,
        scope: &Scope<'_, 'a>,
        parent: &'a Node,
        kind: ExtensionKind,
        node: NodeId,
        matched: bool,
        value: Option<&'a Value>,
        at: &Path<'_>,
    ) -> Flow {
        let url = value.and_then(|v| property(v, "url")).and_then(Value::as_str);
        let Some(url) = url else {
            // What stands beside a url is none.
            if value.is_some_and(|v| property(v, "url").is_none() && property(v, "_url").is_some()) {
                let profile = extension::EXTENSION.into();
                self.error(at, || Kind::TooFew { element: "url".into(), min: 1, found: 0, profile })?;
            }
            return self.element(scope, node, value, None, at);
        };
        let schema = self.schema();
        if !url.contains(':') {
            // Parts of a complex extension have relative urls, which only its definition knows.
            if !matched && &*parent.type_name != "Extension" {
                self.error(at, || Kind::RelativeExtensionUrl)?;
            } else if !matched && parent.paths.iter().any(|p| p.contains("://") && **p != *extension::EXTENSION) {
                self.error(at, || Kind::ExtensionPartUnknown)?;
            }
            return self.element(scope, node, value, None, at);
        }
        match schema.structure(url) {
            Some(structure) => {
                if url.contains('|') {
                    self.error(at, || Kind::ExtensionUrlVersion)?;
                }
                let definition = schema.get(structure);
                if &*definition.type_name != "Extension" {
                    self.error(at, || Kind::NotAnExtension)?;
                    return self.element(scope, node, value, None, at);
                }
                extension::check_kind(self, definition, kind, at)?;
                extension::check_context(self, definition, parent, at)?;
                extension::check_value(self, definition, value, at)?;
                match schema.join(node, "Extension", structure) {
                    Some(both) => self.element(scope, both, value, None, at)?,
                    None => {
                        self.element(scope, node, value, None, at)?;
                        self.element(scope, schema.compile(&[(structure, 0)], "Extension"), value, None, at)?;
                    }
                }
                self.asks_around |= extension::asks_around(definition);
                Flow::Continue(())
            }
            None => {
                if !matched && extension::is_of_other_version(url) && kind == ExtensionKind::Plain {
                    self.report(at, Severity::Information, || Kind::UnknownExtension)?;
                } else if !matched {
                    extension::unknown(self, kind, url, at)?;
                }
                self.element(scope, node, value, None, at)
            }
        }
    }
}
