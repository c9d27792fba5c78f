//! The one tree's keys. A letter names the kind; texts end in a zero byte, numbers are big-endian, so that what
//! belongs together lies together and in order.
//!
//! | letter | then | holds |
//! |---|---|---|
//! | `m` | name | format, head of the audit chain |
//! | `k` | type, id | pointer: current version, digest, patient |
//! | `p` | patient (may be empty), type, id | the current version, laid out by patient |
//! | `h` | type, id, version | versions that were replaced |
//! | `i` | type, system, value | the resource that a business identifier names |
//! | `o` | id | the accepted document; `O` id, version: those it replaced |
//! | `d` | id | a delivery without its bundle; `e` id: the bundle |
//! | `s` | patient, order | the deliveries of one patient, with lane and whether they wait |
//! | `q` | due, id | what is due: only the first that waits of each lane |
//! | `a` | sequence | audit entry; `A` patient, sequence: those about one patient |

use jiff::Timestamp;

use crate::fhir::{Identity, ResourceKey};

pub const FORMAT: &[u8] = b"mformat";
pub const HEAD: &[u8] = b"mhead";

/// Builds a key. A text cannot run into its neighbour: its own bytes 0 and 1 are escaped.
#[derive(Clone)]
struct Key(Vec<u8>);

impl Key {
    fn new(kind: u8) -> Self {
        let mut bytes = Vec::with_capacity(96);
        bytes.push(kind);
        Key(bytes)
    }

    fn text(mut self, text: &str) -> Self {
        for &byte in text.as_bytes() {
            if byte <= 1 {
                self.0.push(1);
                self.0.push(byte + 1);
            } else {
                self.0.push(byte);
            }
        }
        self.0.push(0);
        self
    }

    fn number(mut self, number: u64) -> Self {
        self.0.extend_from_slice(&number.to_be_bytes());
        self
    }

    fn resource(self, key: &ResourceKey) -> Self {
        self.text(&key.resource_type).text(&key.id)
    }
}

pub fn pointer(key: &ResourceKey) -> Vec<u8> {
    Key::new(b'k').resource(key).0
}

pub fn current(patient: Option<&str>, key: &ResourceKey) -> Vec<u8> {
    Key::new(b'p').text(patient.unwrap_or("")).resource(key).0
}

pub fn compartment(patient: Option<&str>, resource_type: Option<&str>) -> Vec<u8> {
    let key = Key::new(b'p').text(patient.unwrap_or(""));
    match resource_type {
        Some(resource_type) => key.text(resource_type).0,
        None => key.0,
    }
}

pub fn history(key: &ResourceKey) -> Vec<u8> {
    Key::new(b'h').resource(key).0
}

pub fn replaced(key: &ResourceKey, version: u64) -> Vec<u8> {
    Key::new(b'h').resource(key).number(version).0
}

pub fn identity(identity: &Identity) -> Vec<u8> {
    Key::new(b'i').text(&identity.resource_type).text(&identity.system).text(&identity.value).0
}

pub fn document(id: &str) -> Vec<u8> {
    Key::new(b'o').text(id).0
}

pub fn document_replaced(id: &str, version: u64) -> Vec<u8> {
    Key::new(b'O').text(id).number(version).0
}

pub fn documents_replaced(id: &str) -> Vec<u8> {
    Key::new(b'O').text(id).0
}

pub fn delivery(id: &str) -> Vec<u8> {
    Key::new(b'd').text(id).0
}

pub fn delivery_bundle(id: &str) -> Vec<u8> {
    Key::new(b'e').text(id).0
}

pub fn deliveries_of(patient: &str) -> Vec<u8> {
    Key::new(b's').text(patient).0
}

pub fn delivery_of(patient: &str, order: u64) -> Vec<u8> {
    Key::new(b's').text(patient).number(order).0
}

pub const QUEUE: &[u8] = b"q";

pub fn due(at: Timestamp, id: &str) -> Vec<u8> {
    Key::new(b'q').number(instant(at)).text(id).0
}

/// The instant of a `q` key and the id of its delivery.
pub fn read_due(key: &[u8]) -> Option<(Timestamp, String)> {
    let instant = u64::from_be_bytes(key.get(1..9)?.try_into().ok()?);
    let id = unescape(key.get(9..)?.split_last()?.1)?;
    let at = i128::from(instant) + i128::from(i64::MIN);
    Some((Timestamp::from_nanosecond(at).ok()?, id))
}

pub const AUDIT: &[u8] = b"a";

pub fn audit(sequence: u64) -> Vec<u8> {
    Key::new(b'a').number(sequence).0
}

pub fn audit_of(patient: &str) -> Vec<u8> {
    Key::new(b'A').text(patient).0
}

pub fn audit_entry_of(patient: &str, sequence: u64) -> Vec<u8> {
    Key::new(b'A').text(patient).number(sequence).0
}

/// The resource that a key of a compartment names.
pub fn resource_of(key: &[u8]) -> Option<ResourceKey> {
    let mut texts = key.get(1..)?.split(|&byte| byte == 0).skip(1);
    let (resource_type, id) = (unescape(texts.next()?)?, unescape(texts.next()?)?);
    Some(ResourceKey::new(resource_type, id))
}

fn unescape(escaped: &[u8]) -> Option<String> {
    let mut bytes = Vec::with_capacity(escaped.len());
    let mut rest = escaped.iter();
    while let Some(&byte) = rest.next() {
        bytes.push(if byte == 1 { rest.next()?.checked_sub(1)? } else { byte });
    }
    String::from_utf8(bytes).ok()
}

/// The number at the end of a key (version, order, sequence).
pub fn last_number(key: &[u8]) -> Option<u64> {
    Some(u64::from_be_bytes(key.get(key.len().checked_sub(8)?..)?.try_into().ok()?))
}

/// Nanoseconds in an order-preserving form; the years outside 1677–2262 share the ends.
fn instant(at: Timestamp) -> u64 {
    let nanoseconds = at.as_nanosecond().clamp(i128::from(i64::MIN), i128::from(i64::MAX)) as i64;
    (nanoseconds as u64) ^ (1 << 63)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_cannot_run_into_its_neighbour() {
        let a = current(Some("p"), &ResourceKey::new("Goal\0x", "1"));
        let b = current(Some("p"), &ResourceKey::new("Goal", "x\u{0}1"));
        assert_ne!(a, b);
        assert!(!a.starts_with(&compartment(Some("p"), Some("Goal"))));
    }

    #[test]
    fn a_compartment_key_names_its_resource() {
        let key = ResourceKey::new("Goal", "a\0b\u{1}c");
        assert_eq!(resource_of(&current(Some("p\0"), &key)), Some(key.clone()));
        assert_eq!(resource_of(&current(None, &key)), Some(key));
    }

    #[test]
    fn due_keys_sort_by_time_and_read_back() {
        let times =
            ["-000100-01-01T00:00:00Z", "1969-12-31T23:59:59.999Z", "1970-01-01T00:00:00Z", "2031-05-01T08:00:00.25Z"];
        let keys: Vec<_> = times.iter().map(|t| due(t.parse().unwrap(), "an-id")).collect();
        assert!(keys.is_sorted());
        let (at, id) = read_due(&keys[3]).unwrap();
        assert_eq!((at, id.as_str()), (times[3].parse().unwrap(), "an-id"));
    }
}
