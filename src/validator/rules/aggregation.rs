//! How a reference may lead to its target: contained, in the same Bundle, or outside.

use serde_json::Value;

use crate::validator::kind::Kind;
use crate::validator::node::Node;
use crate::validator::path::Path;
use crate::validator::sink::{Flow, Sink};
use crate::validator::walk::Walk;

/// How a reference may lead to its target, as bits; none where any way will do.
///
/// Source: `ElementDefinition.type.aggregation`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Aggregation(u8);

impl Aggregation {
    pub const CONTAINED: Aggregation = Aggregation(1);
    pub const BUNDLED: Aggregation = Aggregation(2);
    pub const REFERENCED: Aggregation = Aggregation(4);

    /// Reads the list of modes.
    pub fn read(modes: &[Value]) -> Aggregation {
        let bit = |mode: &Value| match mode.as_str() {
            Some("contained") => 1,
            Some("bundled") => 2,
            Some("referenced") => 4,
            _ => 7,
        };
        Aggregation(modes.iter().map(bit).fold(0, |all, bit| all | bit))
    }

    pub fn is_any(self) -> bool {
        self.0 == 0
    }

    pub fn allows(self, way: Aggregation) -> bool {
        self.0 & way.0 != 0
    }

    pub fn name(self) -> &'static str {
        match self.0 {
            1 => "contained",
            2 => "in the same Bundle",
            3 => "contained, or in the same Bundle",
            4 => "outside",
            5 => "contained, or outside",
            _ => "in the same Bundle, or outside",
        }
    }
}

/// `found`: whether the reference leads to a resource of the same document.
pub fn check<S: Sink>(walk: &mut Walk<'_, '_, S>, node: &Node, reference: &str, found: bool, at: &Path<'_>) -> Flow {
    let way = match (reference.starts_with('#'), found) {
        (true, _) => Aggregation::CONTAINED,
        (false, true) => Aggregation::BUNDLED,
        (false, false) => Aggregation::REFERENCED,
    };
    for allowed in node.aggregations.iter().filter(|allowed| !allowed.allows(way)) {
        // What is in the same Bundle may be meant as it is kept elsewhere.
        if way != Aggregation::BUNDLED || !allowed.allows(Aggregation::REFERENCED) {
            walk.error(at, || Kind::ReferenceAggregation { allowed: allowed.name() })?;
        }
    }
    Flow::Continue(())
}
