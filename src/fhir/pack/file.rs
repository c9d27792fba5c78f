//! The file: magic, definitions one after the other, index, and a trailer that says where the index lies.
//!
//! Index: a line with the manifest as JSON, a line with the names of files that were no JSON, then one line an entry.
//! Trailer (24 bytes): offset of the index (u64), its length (u64), its CRC-32 (u32), and "OVPK"; little endian.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use parking_lot::RwLock;
use serde_json::{Value, json};

use super::{Entry, Source};
use crate::fhir::package::{Dependency, Manifest};

const END: &[u8; 4] = b"OVPK";
const TRAILER: usize = 24;

/// An open pack.
#[derive(Debug)]
pub struct Pack {
    manifest: Manifest,
    entries: Vec<Entry>,
    skipped: Vec<String>,
    file: RwLock<File>,
    origin: Option<(Source, PathBuf)>,
}

impl Pack {
    /// Opens a whole pack.
    ///
    /// # Errors
    /// When it is absent, or its index is not what was written.
    pub fn open(path: &Path) -> io::Result<Pack> {
        Self::of(File::open(path)?)
    }

    fn of(file: File) -> io::Result<Pack> {
        let damaged = || io::Error::new(io::ErrorKind::InvalidData, "the pack is damaged");
        let length = file.metadata()?.len();
        let mut trailer = [0; TRAILER];
        let at = length.checked_sub(TRAILER as u64).ok_or_else(damaged)?;
        file.read_exact_at(&mut trailer, at)?;
        let (offset, rest) = trailer.split_first_chunk().ok_or_else(damaged)?;
        let (size, rest) = rest.split_first_chunk().ok_or_else(damaged)?;
        let (crc, end) = rest.split_first_chunk().ok_or_else(damaged)?;
        let (offset, size) = (u64::from_le_bytes(*offset), u64::from_le_bytes(*size));
        if end != END || offset.checked_add(size) != Some(at) {
            return Err(damaged());
        }
        let mut index = vec![0; usize::try_from(size).map_err(|_| damaged())?];
        file.read_exact_at(&mut index, offset)?;
        if crc32fast::hash(&index) != u32::from_le_bytes(*crc) {
            return Err(damaged());
        }
        let index = String::from_utf8(index).map_err(|_| damaged())?;
        let mut lines = index.lines();
        let manifest = lines.next().and_then(|line| serde_json::from_str(line).ok()).ok_or_else(damaged)?;
        let skipped = lines.next().ok_or_else(damaged)?.split('\t').filter(|name| !name.is_empty());
        let skipped = skipped.map(str::to_owned).collect();
        let entries = lines.map(Entry::parse).collect::<Option<Vec<_>>>().ok_or_else(damaged)?;
        let within = |entry: &Entry| entry.offset.checked_add(entry.length.into()).is_some_and(|end| end <= offset);
        if !entries.iter().all(within) {
            return Err(damaged());
        }
        let manifest = manifest_of(&manifest).ok_or_else(damaged)?;
        Ok(Pack { manifest, entries, skipped, file: RwLock::new(file), origin: None })
    }

    pub(super) fn with_source(mut self, source: Source, at: PathBuf) -> Pack {
        self.origin = Some((source, at));
        self
    }

    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// Files of the package that are not JSON.
    pub fn skipped(&self) -> &[String] {
        &self.skipped
    }

    /// Reads a definition of this pack. A pack found damaged is made anew first, from the package.
    ///
    /// # Errors
    /// When the text cannot be read, even so.
    pub fn read(&self, entry: &Entry) -> io::Result<Value> {
        match self.read_once(entry) {
            Err(_) if self.origin.is_some() => {
                self.make_anew()?;
                self.read_once(entry)
            }
            read => read,
        }
    }

    fn read_once(&self, entry: &Entry) -> io::Result<Value> {
        let mut text = vec![0; entry.length as usize];
        self.file.read().read_exact_at(&mut text, entry.offset)?;
        if crc32fast::hash(&text) != entry.crc {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "the pack is damaged"));
        }
        serde_json::from_slice(&text).map_err(io::Error::from)
    }

    /// The same package gives the same pack, so entries keep their places.
    fn make_anew(&self) -> io::Result<()> {
        let Some((source, at)) = &self.origin else { return Ok(()) };
        let fresh = super::build::build(source, at).map_err(io::Error::other)?;
        *self.file.write() = fresh.file.into_inner();
        Ok(())
    }
}

/// Writes index and trailer, and opens what was written.
pub(super) fn finish(
    mut file: BufWriter<File>,
    manifest: &Manifest,
    entries: &[Entry],
    skipped: &[String],
) -> io::Result<Pack> {
    let offset = io::Seek::stream_position(&mut file)?;
    let mut index = format!("{}\n{}\n", manifest_json(manifest), skipped.join("\t"));
    entries.iter().for_each(|entry| entry.write(&mut index));
    file.write_all(index.as_bytes())?;
    file.write_all(&offset.to_le_bytes())?;
    file.write_all(&(index.len() as u64).to_le_bytes())?;
    file.write_all(&crc32fast::hash(index.as_bytes()).to_le_bytes())?;
    file.write_all(END)?;
    let file = file.into_inner().map_err(io::IntoInnerError::into_error)?;
    Pack::of(file)
}

fn manifest_json(manifest: &Manifest) -> Value {
    let Manifest { name, version, fhir_versions, dependencies } = manifest;
    let dependencies: Vec<_> = dependencies.iter().map(|d| json!([d.name, d.version])).collect();
    json!([name, version, fhir_versions, dependencies])
}

fn manifest_of(json: &Value) -> Option<Manifest> {
    let (name, version, fhir_versions, dependencies): (String, String, Vec<String>, Vec<(String, String)>) =
        serde_json::from_value(json.clone()).ok()?;
    let dependencies = dependencies.into_iter().map(|(name, version)| Dependency { name, version }).collect();
    Some(Manifest { name, version, fhir_versions, dependencies })
}
