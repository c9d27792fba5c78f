//! A resource's content apart from what the store adds to it (`meta.versionId`, `meta.lastUpdated`).

use jiff::Timestamp;
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use crate::fhir::ResourceKey;
use crate::store::{StoreError, Version};

/// Takes out what the store sets itself, so that sending back what was read counts as unchanged.
pub fn strip(body: &mut Value) {
    let Some(resource) = body.as_object_mut() else { return };
    let Some(meta) = resource.get_mut("meta").and_then(Value::as_object_mut) else { return };
    meta.shift_remove("versionId");
    meta.shift_remove("lastUpdated");
    if meta.is_empty() {
        resource.shift_remove("meta");
    }
}

/// SHA-256 of the content: the same whatever the order of properties. Numbers count as written (1.0 is not 1.00).
pub fn digest(value: &Value) -> [u8; 32] {
    let mut hasher = Sha256::new();
    feed(&mut hasher, value);
    hasher.finalize().into()
}

fn feed(hasher: &mut Sha256, value: &Value) {
    match value {
        Value::Null => hasher.update(b"n"),
        Value::Bool(true) => hasher.update(b"t"),
        Value::Bool(false) => hasher.update(b"f"),
        Value::Number(number) => feed_text(hasher, b'#', &number.to_string()),
        Value::String(text) => feed_text(hasher, b'"', text),
        Value::Array(items) => {
            hasher.update([b'[']);
            hasher.update((items.len() as u64).to_be_bytes());
            items.iter().for_each(|item| feed(hasher, item));
        }
        Value::Object(members) => {
            hasher.update([b'{']);
            hasher.update((members.len() as u64).to_be_bytes());
            let mut names: Vec<_> = members.iter().collect();
            names.sort_unstable_by_key(|(name, _)| *name);
            for (name, value) in names {
                feed_text(hasher, b':', name);
                feed(hasher, value);
            }
        }
    }
}

fn feed_text(hasher: &mut Sha256, kind: u8, text: &str) {
    hasher.update([kind]);
    hasher.update((text.len() as u64).to_be_bytes());
    hasher.update(text.as_bytes());
}

/// A stored version as bytes: version, instant, JSON without what the store adds.
pub fn encode(version: u64, at: Timestamp, json: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(20 + json.len());
    bytes.extend_from_slice(&version.to_be_bytes());
    bytes.extend_from_slice(&at.as_second().to_be_bytes());
    bytes.extend_from_slice(&at.subsec_nanosecond().to_be_bytes());
    bytes.extend_from_slice(json);
    bytes
}

/// The inverse of [`encode`], with `meta` as readers see it.
pub fn decode(key: ResourceKey, bytes: &[u8]) -> Result<Version, StoreError> {
    let damaged = || StoreError::Corrupt(format!("a version of a {} cannot be read", key.resource_type));
    let (version, rest) = bytes.split_first_chunk::<8>().ok_or_else(damaged)?;
    let (seconds, rest) = rest.split_first_chunk::<8>().ok_or_else(damaged)?;
    let (nanoseconds, json) = rest.split_first_chunk::<4>().ok_or_else(damaged)?;
    let version = u64::from_be_bytes(*version);
    let at = Timestamp::new(i64::from_be_bytes(*seconds), i32::from_be_bytes(*nanoseconds)).map_err(|_| damaged())?;
    let mut body: Value = serde_json::from_slice(json).map_err(|_| damaged())?;
    restore(&mut body, version, at);
    Ok(Version { key, version, at, body })
}

fn restore(body: &mut Value, version: u64, at: Timestamp) {
    let Some(resource) = body.as_object_mut() else { return };
    if !resource.get("meta").is_some_and(Value::is_object) {
        // After resourceType and id, where readers look for it.
        resource.shift_insert(resource.len().min(2), "meta".into(), Value::Object(Map::new()));
    }
    if let Some(meta) = resource.get_mut("meta").and_then(Value::as_object_mut) {
        meta.shift_insert(0, "versionId".into(), Value::String(version.to_string()));
        meta.shift_insert(1, "lastUpdated".into(), Value::String(at.to_string()));
    }
}

/// How deep what is stored may be nested: what the parser still reads back, with room for what wraps it.
const DEPTH: usize = 100;

/// # Errors
/// [`StoreError::Io`] where the value is nested so deep that it could not be read back.
pub fn check_depth(value: &Value) -> Result<(), StoreError> {
    fn shallow(value: &Value, left: usize) -> bool {
        match value {
            Value::Array(items) => left > 0 && items.iter().all(|item| shallow(item, left - 1)),
            Value::Object(members) => left > 0 && members.values().all(|item| shallow(item, left - 1)),
            _ => true,
        }
    }
    if shallow(value, DEPTH) {
        Ok(())
    } else {
        Err(StoreError::Io(format!("what is to be stored is nested deeper than {DEPTH} levels")))
    }
}

/// The JSON text of a value that can be read back.
pub fn json(value: &Value) -> Result<Vec<u8>, StoreError> {
    check_depth(value)?;
    serde_json::to_vec(value).map_err(|error| StoreError::Io(error.to_string()))
}
