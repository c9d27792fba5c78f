//! An Attachment on its own: data without white space, and a stated size and hash that are those of the data.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use sha1_smol::Sha1;

use super::text;
use crate::validator::kind::Kind;
use crate::validator::path::Path;
use crate::validator::primitive::base64_length;
use crate::validator::property::property;
use crate::validator::sink::{Flow, Sink};
use crate::validator::walk::Walk;

pub fn check<S: Sink>(walk: &mut Walk<'_, '_, S>, value: &Value, at: &Path<'_>) -> Flow {
    let size = property(value, "size").and_then(Value::as_u64);
    let Some(data) = text(value, "data") else { return Flow::Continue(()) };
    if data.contains(|c: char| c.is_ascii_whitespace()) {
        walk.error(at, || Kind::AttachmentData)?;
    }
    if let (Some(stated), Some(actual)) = (size, size.and(base64_length(data)))
        && stated != actual
    {
        walk.error(at, || Kind::AttachmentSize)?;
    }
    let hash = text(value, "hash").and_then(bytes);
    match (&hash, hash.as_ref().and_then(|_| bytes(data))) {
        (Some(stated), Some(data)) if Sha1::from(&data).digest().bytes()[..] != stated[..] => {
            walk.error(at, || Kind::AttachmentHash)
        }
        _ => Flow::Continue(()),
    }
}

/// The bytes that a base64 text stands for, white space or not.
fn bytes(text: &str) -> Option<Vec<u8>> {
    STANDARD.decode(text.split_ascii_whitespace().collect::<String>()).ok()
}
