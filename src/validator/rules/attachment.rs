//! An Attachment on its own: data without white space, and a stated size that is that of the data.

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
    if data.is_some_and(|data| data.contains(|c: char| c.is_ascii_whitespace())) {
        walk.error(at, || Kind::AttachmentData)?;
    }
    match (size, size.and(data).and_then(base64_length)) {
        (Some(stated), Some(actual)) if stated != actual => walk.error(at, || Kind::AttachmentSize),
        _ => Flow::Continue(()),
    }
}
