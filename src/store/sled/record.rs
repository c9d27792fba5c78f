//! A record: a value of any size under one base key, in chunks, with a checksum over key and value.
//!
//! sled writes a page larger than an eighth of a segment to a file of its own that it never fsyncs; a page holds up to
//! twenty values. Chunks this small keep every page below that size, so that one fsync covers all.

use super::view::{Entry, Read, View};
use crate::store::StoreError;

/// Bytes of a value in one key of the tree.
pub const CHUNK: usize = 4096;
const LAYOUT: u8 = 1;
const HEADER: usize = 9;

fn chunk_key(base: &[u8], index: usize) -> Vec<u8> {
    let mut key = Vec::with_capacity(base.len() + 2);
    key.extend_from_slice(base);
    key.extend_from_slice(&(index as u16).to_be_bytes());
    key
}

fn checksum(base: &[u8], payload: &[u8]) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(base);
    hasher.update(payload);
    hasher.finalize()
}

fn chunks(length: usize) -> usize {
    (length + HEADER).div_ceil(CHUNK)
}

/// The letter of a key names the kind of what is damaged; the rest of a key may name a person.
fn damaged(base: &[u8]) -> StoreError {
    let kind = base.first().map_or('?', |&byte| char::from(byte));
    StoreError::Corrupt(format!("a record of kind {kind} fails its checksum"))
}

/// Largest value that a record can hold.
pub const MAX: usize = CHUNK * u16::MAX as usize - HEADER;

/// Replaces the record under `base`.
pub fn write(view: &mut View<'_>, base: &[u8], payload: &[u8]) -> Result<(), StoreError> {
    if payload.len() > MAX {
        return Err(StoreError::Io(format!("a record of {} bytes is larger than a record may be", payload.len())));
    }
    let before = match view.get(&chunk_key(base, 0))? {
        Some(first) => chunks(Header::read(base, &first)?.length),
        None => 0,
    };
    let mut bytes = Vec::with_capacity(HEADER + payload.len());
    bytes.push(LAYOUT);
    bytes.extend_from_slice(&checksum(base, payload).to_be_bytes());
    bytes.extend_from_slice(&(payload.len() as u32).to_be_bytes());
    bytes.extend_from_slice(payload);
    for (index, part) in bytes.chunks(CHUNK).enumerate() {
        view.put(chunk_key(base, index), part.to_vec());
    }
    for index in chunks(payload.len())..before {
        view.remove(chunk_key(base, index));
    }
    Ok(())
}

/// Removes the record under `base`, if there is one.
pub fn remove(view: &mut View<'_>, base: &[u8]) -> Result<(), StoreError> {
    if let Some(first) = view.get(&chunk_key(base, 0))? {
        for index in 0..chunks(Header::read(base, &first)?.length) {
            view.remove(chunk_key(base, index));
        }
    }
    Ok(())
}

/// # Errors
/// [`StoreError::Corrupt`] where a chunk is missing or the checksum does not hold.
pub fn read(from: &impl Read, base: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
    let Some(first) = from.get(&chunk_key(base, 0))? else { return Ok(None) };
    let mut assembly = Assembly::start(base.to_vec(), &first)?;
    for index in 1..assembly.chunks() {
        let part = from.get(&chunk_key(base, index))?.ok_or_else(|| damaged(base))?;
        assembly.push(index, &part)?;
    }
    assembly.finish().map(|(_, payload)| Some(payload))
}

/// The records whose base key starts with `prefix`, in order of their keys.
pub fn scan<'a>(
    entries: impl Iterator<Item = Result<Entry, StoreError>> + 'a,
) -> impl Iterator<Item = Result<Entry, StoreError>> + 'a {
    let mut entries = entries;
    let next = move || -> Result<Option<Entry>, StoreError> {
        let Some((key, first)) = entries.next().transpose()? else { return Ok(None) };
        let (base, index) = split(&key)?;
        if index != 0 {
            return Err(damaged(base));
        }
        let mut assembly = Assembly::start(base.to_vec(), &first)?;
        for index in 1..assembly.chunks() {
            let (key, part) = entries.next().transpose()?.ok_or_else(|| damaged(&assembly.base))?;
            if split(&key)? != (&assembly.base, index) {
                return Err(damaged(&assembly.base));
            }
            assembly.push(index, &part)?;
        }
        assembly.finish().map(Some)
    };
    let mut next = next;
    std::iter::from_fn(move || next().transpose())
}

fn split(key: &[u8]) -> Result<(&[u8], usize), StoreError> {
    match key.split_last_chunk::<2>() {
        Some((base, index)) => Ok((base, usize::from(u16::from_be_bytes(*index)))),
        None => Err(damaged(key)),
    }
}

struct Header {
    checksum: u32,
    length: usize,
}

impl Header {
    fn read(base: &[u8], first: &[u8]) -> Result<Self, StoreError> {
        match first.first_chunk::<HEADER>() {
            Some(&[LAYOUT, c0, c1, c2, c3, l0, l1, l2, l3]) => Ok(Header {
                checksum: u32::from_be_bytes([c0, c1, c2, c3]),
                length: u32::from_be_bytes([l0, l1, l2, l3]) as usize,
            }),
            _ => Err(damaged(base)),
        }
    }
}

struct Assembly {
    base: Vec<u8>,
    header: Header,
    payload: Vec<u8>,
}

impl Assembly {
    fn start(base: Vec<u8>, first: &[u8]) -> Result<Self, StoreError> {
        let header = Header::read(&base, first)?;
        let payload = first[HEADER..].to_vec();
        Ok(Assembly { base, header, payload })
    }

    fn chunks(&self) -> usize {
        chunks(self.header.length)
    }

    fn push(&mut self, index: usize, part: &[u8]) -> Result<(), StoreError> {
        if self.payload.len() + HEADER != index * CHUNK {
            return Err(damaged(&self.base));
        }
        self.payload.extend_from_slice(part);
        Ok(())
    }

    fn finish(self) -> Result<Entry, StoreError> {
        let whole =
            self.payload.len() == self.header.length && checksum(&self.base, &self.payload) == self.header.checksum;
        if whole { Ok((self.base, self.payload)) } else { Err(damaged(&self.base)) }
    }
}
