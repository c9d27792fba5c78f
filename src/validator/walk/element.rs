//! One value against its node: the JSON that its type wants, then the rules.

use serde_json::Value;

use super::{DEPTH_LIMIT, Scope, Walk};
use crate::fhir::Severity;
use crate::fhirpath;
use crate::validator::kind::Kind;
use crate::validator::node::{Node, NodeId, Property, Shape, Variant};
use crate::validator::path::Path;
use crate::validator::primitive::Primitive;
use crate::validator::rules;
use crate::validator::sink::{Flow, Sink};

impl<'a, S: Sink> Walk<'_, 'a, S> {
    /// The node of one type of a property.
    pub fn variant_node(&self, variant: &'a Variant) -> NodeId {
        self.schema().variant_node(variant)
    }

    #[allow(clippy::too_many_arguments)]
    pub fn single(
        &mut self,
        scope: &Scope<'_, 'a>,
        parent: &'a Node,
        property: &'a Property,
        variant: &'a Variant,
        value: Option<&'a Value>,
        sibling: Option<&'a Value>,
        here: &Path<'_>,
        at: &Path<'_>,
    ) -> Flow {
        if value.is_some_and(Value::is_null) || sibling.is_some_and(Value::is_null) {
            return self.error(here, || Kind::NullValue);
        }
        if property.groups.is_empty() {
            return self.element(scope, self.variant_node(variant), value, sibling, here);
        }
        let mut tally = self.tally(property);
        self.sliced_item(scope, parent, property, variant, value, sibling, 0, &mut tally, here)?;
        self.settle(scope, property, (value.map_or(&[], std::slice::from_ref), variant), &tally, at)
    }

    #[allow(clippy::too_many_arguments)]
    pub fn items(
        &mut self,
        scope: &Scope<'_, 'a>,
        parent: &'a Node,
        property: &'a Property,
        variant: &'a Variant,
        items: &'a [Value],
        parts: &'a [Value],
        here: &Path<'_>,
        at: &Path<'_>,
    ) -> Flow {
        let plain = property.groups.is_empty() && property.extension.is_none();
        let mut tally = self.tally(property);
        for i in 0..items.len().max(parts.len()) {
            let (item, part) = (items.get(i), parts.get(i).filter(|p| !p.is_null()));
            let path = here.index(i);
            let item = match item {
                Some(Value::Null) if variant.primitive && part.is_some() => None,
                None if part.is_some() => None,
                Some(Value::Null) | None => {
                    self.error(&path, || Kind::NullValue)?;
                    continue;
                }
                Some(item) => Some(item),
            };
            if plain {
                self.element(scope, self.variant_node(variant), item, part, &path)?;
            } else {
                self.sliced_item(scope, parent, property, variant, item, part, i, &mut tally, &path)?;
            }
        }
        if property.groups.is_empty() {
            return Flow::Continue(());
        }
        self.settle(scope, property, (items, variant), &tally, at)
    }

    /// One value with all that its node says. `value` is absent where only the element part of a primitive is there.
    pub fn element(
        &mut self,
        scope: &Scope<'_, 'a>,
        node: NodeId,
        value: Option<&'a Value>,
        sibling: Option<&'a Value>,
        at: &Path<'_>,
    ) -> Flow {
        if self.depth > DEPTH_LIMIT {
            return self.error(at, || Kind::TooDeep { limit: DEPTH_LIMIT });
        }
        self.depth += 1;
        let flow = self.element_within(scope, node, value, sibling, at);
        self.depth -= 1;
        flow
    }

    fn element_within(
        &mut self,
        scope: &Scope<'_, 'a>,
        id: NodeId,
        value: Option<&'a Value>,
        sibling: Option<&'a Value>,
        at: &Path<'_>,
    ) -> Flow {
        let node = self.schema().node(id);
        match node.shape {
            Shape::Primitive(primitive) => {
                if let Some(value) = value {
                    self.primitive(primitive, value, at)?;
                }
                match sibling {
                    Some(part @ Value::Object(map)) => {
                        self.object(scope, node, (part, map), value.is_some(), at)?;
                        let owner = match value {
                            Some(value) => fhirpath::Node::new(value, Some(part), node.focus),
                            None => fhirpath::Node::without_value(part, node.focus),
                        };
                        rules::extension::check_around(self, scope, node, part, owner, at)?;
                    }
                    Some(_) => self.error(at, || Kind::ExpectedObject)?,
                    // Extensions that a profile wants on the primitive stand in the part that is not there.
                    None => self.missing(node, 0, at)?,
                }
            }
            Shape::AnyResource => {
                let Some(value) = value else { return Flow::Continue(()) };
                return self.nested_resource(scope, id, value, at);
            }
            Shape::Object | Shape::Resource => match value {
                Some(owner @ Value::Object(map)) => self.object(scope, node, (owner, map), false, at)?,
                _ => return self.error(at, || Kind::ExpectedObject),
            },
        }
        rules::apply(self, scope, node, value, sibling, at)
    }

    fn primitive(&mut self, primitive: Primitive, value: &'a Value, at: &Path<'_>) -> Flow {
        let Err(flaw) = primitive.check(value) else { return Flow::Continue(()) };
        let severity = if flaw.refuses() { Severity::Error } else { Severity::Warning };
        self.report(at, severity, || flaw.kind(primitive))
    }
}
