//! `maxLength`: characters, not bytes.

use serde_json::Value;

use crate::validator::kind::Kind;
use crate::validator::node::Node;
use crate::validator::path::Path;
use crate::validator::sink::{Flow, Sink};
use crate::validator::walk::Walk;

pub fn check<S: Sink>(walk: &mut Walk<'_, '_, S>, node: &Node, value: &Value, at: &Path<'_>) -> Flow {
    let (Some(max), Some(text)) = (node.max_length, value.as_str()) else { return Flow::Continue(()) };
    if text.len() as u64 > max && text.chars().count() as u64 > max {
        return walk.error(at, || Kind::TooLong { max, type_name: "string" });
    }
    Flow::Continue(())
}
