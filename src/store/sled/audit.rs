//! The audit chain: each entry's value is an HMAC over the former entry's value and its own content.

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};

use hmac::{Hmac, KeyInit, Mac};
use serde_json::Value;
use sha2::Sha256;

use super::view::{Read, View};
use super::{keys, record};
use crate::store::{AuditEntry, AuditVerdict, StoreError};

/// Key of the chain. Whoever lacks it cannot change an entry and make the chain hold again.
#[derive(Clone)]
pub struct AuditKey(Vec<u8>);

impl AuditKey {
    /// # Errors
    /// Fewer than 32 bytes.
    pub fn new(bytes: Vec<u8>) -> Result<Self, StoreError> {
        if bytes.len() < 32 {
            return Err(StoreError::Open("the audit key must have at least 32 bytes".into()));
        }
        Ok(AuditKey(bytes))
    }

    pub(super) fn sign(&self, parts: &[&[u8]]) -> [u8; 32] {
        // An HMAC takes a key of any length.
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.0).expect("HMAC takes a key of any length");
        for part in parts {
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part);
        }
        mac.finalize().into_bytes().into()
    }
}

/// The key never reaches a log.
impl std::fmt::Debug for AuditKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("AuditKey(…)")
    }
}

/// The last link: where the chain goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Head {
    /// Of the last entry; 0 where there is none.
    pub sequence: u64,
    pub chain: [u8; 32],
    /// Order of the last delivery that was made.
    pub deliveries: u64,
}

impl Head {
    pub fn load(from: &impl Read) -> Result<Self, StoreError> {
        let Some(bytes) = record::read(from, keys::HEAD)? else { return Ok(Head::default()) };
        let damaged = || StoreError::Corrupt("the head of the audit chain cannot be read".into());
        let (sequence, rest) = bytes.split_first_chunk::<8>().ok_or_else(damaged)?;
        let (chain, rest) = rest.split_first_chunk::<32>().ok_or_else(damaged)?;
        let deliveries = rest.first_chunk::<8>().ok_or_else(damaged)?;
        Ok(Head { sequence: u64::from_be_bytes(*sequence), chain: *chain, deliveries: u64::from_be_bytes(*deliveries) })
    }

    pub fn store(&self, view: &mut View<'_>) -> Result<(), StoreError> {
        let bytes = [&self.sequence.to_be_bytes()[..], &self.chain[..], &self.deliveries.to_be_bytes()[..]].concat();
        record::write(view, keys::HEAD, &bytes)
    }

    /// A batch that was written in part would leave the head and the entries apart.
    pub fn check(&self, from: &impl Read) -> Result<(), StoreError> {
        let torn = || StoreError::Corrupt("the audit chain does not end where its head says".into());
        if record::read(from, &keys::audit(self.sequence + 1))?.is_some() {
            return Err(torn());
        }
        if self.sequence == 0 {
            return Ok(());
        }
        let last = record::read(from, &keys::audit(self.sequence))?.ok_or_else(torn)?;
        if last.starts_with(&self.chain) { Ok(()) } else { Err(torn()) }
    }
}

/// Adds an entry at the end of the chain.
pub fn append(
    view: &mut View<'_>,
    head: &mut Head,
    key: &AuditKey,
    patient: Option<&str>,
    event: &[u8],
) -> Result<(), StoreError> {
    let sequence = head.sequence + 1;
    let chain = link(key, &head.chain, sequence, patient, event);
    let about = patient.unwrap_or("");
    let mut bytes = Vec::with_capacity(37 + about.len() + event.len());
    bytes.extend_from_slice(&chain);
    bytes.push(u8::from(patient.is_some()));
    bytes.extend_from_slice(&(about.len() as u32).to_be_bytes());
    bytes.extend_from_slice(about.as_bytes());
    bytes.extend_from_slice(event);
    record::write(view, &keys::audit(sequence), &bytes)?;
    if let Some(patient) = patient {
        record::write(view, &keys::audit_entry_of(patient, sequence), &[])?;
    }
    head.sequence = sequence;
    head.chain = chain;
    Ok(())
}

fn link(key: &AuditKey, former: &[u8; 32], sequence: u64, patient: Option<&str>, event: &[u8]) -> [u8; 32] {
    let named = [u8::from(patient.is_some())];
    key.sign(&[former, &sequence.to_be_bytes(), &named, patient.unwrap_or("").as_bytes(), event])
}

struct Entry<'b> {
    chain: [u8; 32],
    patient: Option<&'b str>,
    event: &'b [u8],
}

impl<'b> Entry<'b> {
    fn parse(bytes: &'b [u8]) -> Option<Self> {
        let (chain, rest) = bytes.split_first_chunk::<32>()?;
        let (&named, rest) = rest.split_first()?;
        let (length, rest) = rest.split_first_chunk::<4>()?;
        let (patient, event) = rest.split_at_checked(u32::from_be_bytes(*length) as usize)?;
        let patient = std::str::from_utf8(patient).ok()?;
        Some(Entry { chain: *chain, patient: (named == 1).then_some(patient), event })
    }
}

fn unreadable(sequence: u64) -> StoreError {
    StoreError::Corrupt(format!("audit entry {sequence} cannot be read"))
}

fn entry(sequence: u64, bytes: &[u8]) -> Result<AuditEntry, StoreError> {
    let entry = Entry::parse(bytes).ok_or_else(|| unreadable(sequence))?;
    let event: Value = serde_json::from_slice(entry.event).map_err(|_| unreadable(sequence))?;
    Ok(AuditEntry { sequence, patient: entry.patient.map(str::to_owned), event, chain: hex(&entry.chain) })
}

/// Entries about one patient (or all) from a sequence number on, oldest first.
pub fn entries(from: &impl Read, patient: Option<&str>, first: u64, max: usize) -> Result<Vec<AuditEntry>, StoreError> {
    let numbered = |(key, bytes): (Vec<u8>, Vec<u8>)| -> Result<(u64, Vec<u8>), StoreError> {
        Ok((keys::last_number(&key).ok_or_else(|| unreadable(0))?, bytes))
    };
    let Some(patient) = patient else {
        return record::scan(from.scan(keys::AUDIT, &keys::audit(first)))
            .take(max)
            .map(|found| numbered(found?).and_then(|(sequence, bytes)| entry(sequence, &bytes)))
            .collect();
    };
    let prefix = keys::audit_of(patient);
    record::scan(from.scan(&prefix, &keys::audit_entry_of(patient, first)))
        .take(max)
        .map(|found| {
            let (sequence, _) = numbered(found?)?;
            let bytes = record::read(from, &keys::audit(sequence))?.ok_or_else(|| unreadable(sequence))?;
            entry(sequence, &bytes)
        })
        .collect()
}

/// Walks the whole chain up to the head as it was when the walk began, and compares it with the anchors.
pub fn verify(
    from: &impl Read,
    key: &AuditKey,
    head: Head,
    anchors: &[(u64, String)],
) -> Result<AuditVerdict, StoreError> {
    let mut former = [0; 32];
    let mut anchors = anchors.iter().peekable();
    for sequence in 1..=head.sequence {
        let broken = AuditVerdict::Broken { at: sequence };
        let bytes = match record::read(from, &keys::audit(sequence)) {
            Ok(Some(bytes)) => bytes,
            Ok(None) | Err(StoreError::Corrupt(_)) => return Ok(broken),
            Err(error) => return Err(error),
        };
        let Some(entry) = Entry::parse(&bytes) else { return Ok(broken) };
        if link(key, &former, sequence, entry.patient, entry.event) != entry.chain {
            return Ok(broken);
        }
        while let Some((_, chain)) = anchors.next_if(|(at, _)| *at == sequence) {
            if *chain != hex(&entry.chain) {
                return Ok(broken);
            }
        }
        former = entry.chain;
    }
    match anchors.next() {
        // The anchor remembers an entry that the store no longer has.
        Some((at, _)) => Ok(AuditVerdict::Broken { at: *at }),
        None if former == head.chain => Ok(AuditVerdict::Whole { entries: head.sequence }),
        None => Ok(AuditVerdict::Broken { at: head.sequence }),
    }
}

pub fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// The file outside the store (best: on another machine's disk) that remembers chain values: a line
/// `sequence chain` each.
#[derive(Clone, Debug)]
pub struct AnchorOptions {
    pub file: PathBuf,
    /// Entries between two anchors.
    pub every: u64,
}

/// Appends to the anchor file.
#[derive(Debug)]
pub struct Anchor {
    file: File,
    every: u64,
    last: u64,
}

impl Anchor {
    pub fn open(options: &AnchorOptions) -> Result<Self, StoreError> {
        let cannot = |cause: std::io::Error| {
            StoreError::Open(format!("the audit anchor file {} cannot be used: {cause}", options.file.display()))
        };
        let file = OpenOptions::new().append(true).create(true).open(&options.file).map_err(cannot)?;
        let last = anchors(&options.file)?.last().map_or(0, |(sequence, _)| *sequence);
        Ok(Anchor { file, every: options.every.max(1), last })
    }

    /// Writes and fsyncs a line where enough entries joined since the last one. Call only for durable entries.
    pub fn note(&mut self, head: &Head) -> std::io::Result<()> {
        if head.sequence < self.last.saturating_add(self.every) {
            return Ok(());
        }
        self.file.write_all(format!("{} {}\n", head.sequence, hex(&head.chain)).as_bytes())?;
        self.file.sync_all()?;
        self.last = head.sequence;
        Ok(())
    }
}

/// The anchors of a file in order; a last line without its end was cut off by a crash and does not count.
pub fn anchors(path: &Path) -> Result<Vec<(u64, String)>, StoreError> {
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(StoreError::Io(format!("the audit anchor file cannot be read: {error}"))),
    };
    let whole = text.rfind('\n').map_or("", |end| &text[..end]);
    let line = |line: &str| Some((line.split_once(' ')?.0.parse().ok()?, line.split_once(' ')?.1.to_owned()));
    whole
        .lines()
        .map(|text| line(text).ok_or_else(|| StoreError::Corrupt("a line of the audit anchor file".into())))
        .collect()
}
