//! An Attachment on its own: a stated size is that of the data.

use serde_json::Value;

use crate::validator::kind::Kind;
use crate::validator::path::Path;
use crate::validator::primitive::base64_length;
use crate::validator::property::property;
use crate::validator::sink::{Flow, Sink};
use crate::validator::walk::Walk;

pub fn check<S: Sink>(walk: &mut Walk<'_, '_, S>, value: &Value, at: &Path<'_>) -> Flow {
    let size = property(value, "size").and_then(Value::as_u64);
    let data = property(value, "data").and_then(Value::as_str);
    match (size, size.and(data).and_then(base64_length)) {
        (Some(stated), Some(actual)) if stated != actual => walk.error(at, || Kind::AttachmentSize),
        _ => Flow::Continue(()),
    }
}
