//! Making a pack from a package.

use std::fs::File;
use std::io::{BufWriter, Seek, SeekFrom, Write};
use std::path::Path;
use std::sync::mpsc;

use serde_json::Value;

use super::file::Pack;
use super::{Entry, Source};
use crate::fhir::definitions::errata;
use crate::fhir::package::{Cause, Manifest, PackageError, without_bom};

/// Definitions that wait between the thread that unpacks and the one that slims; enough to even out their sizes.
const WAITING: usize = 32;

pub(super) fn build(source: &Source, at: &Path) -> Result<Pack, PackageError> {
    let fail = |error: std::io::Error| PackageError { path: at.to_owned(), cause: Cause::Io(error) };
    let (file, kept) = Scratch::beside(at).map_err(fail)?;
    let (file, manifest, entries, skipped) = fill(source, file).map_err(|error| match error {
        Failure::Package(error) => error,
        Failure::Write(error) => fail(error),
    })?;
    let pack = super::file::finish(file, &manifest, &entries, &skipped).map_err(fail)?;
    kept.keep(at).map_err(fail)?;
    Ok(pack)
}

enum Failure {
    Package(PackageError),
    Write(std::io::Error),
}

type Filled = (BufWriter<File>, Manifest, Vec<Entry>, Vec<String>);

/// Unpacks on one thread, and parses, mends, slims and writes on another.
fn fill(source: &Source, file: File) -> Result<Filled, Failure> {
    std::thread::scope(|scope| {
        let (send, receive) = mpsc::sync_channel::<(String, Vec<u8>)>(WAITING);
        let writing = scope.spawn(move || write_all(file, receive));
        let read = source.read(&mut |name, bytes| {
            // A closed channel means that writing failed, which the join below tells.
            send.send((name.to_owned(), bytes)).map_err(|_| Cause::Io(std::io::ErrorKind::BrokenPipe.into()))
        });
        drop(send);
        let written = writing.join().unwrap_or_else(|_| Err(std::io::Error::other("the pack writer stopped")));
        let (file, entries, skipped) = written.map_err(Failure::Write)?;
        Ok((file, read.map_err(Failure::Package)?, entries, skipped))
    })
}

type Written = (BufWriter<File>, Vec<Entry>, Vec<String>);

fn write_all(file: File, definitions: mpsc::Receiver<(String, Vec<u8>)>) -> std::io::Result<Written> {
    let mut file = BufWriter::with_capacity(1 << 20, file);
    let mut offset = file.seek(SeekFrom::End(0))?;
    let (mut entries, mut skipped) = (Vec::new(), Vec::new());
    for (name, bytes) in definitions {
        let Ok(mut definition) = serde_json::from_slice::<Value>(without_bom(&bytes)) else {
            skipped.push(name.replace(char::is_control, " "));
            continue;
        };
        let Some(mut entry) = Entry::of(&definition) else { continue };
        super::slim(&mut definition);
        errata::mend(&mut definition);
        let text = serde_json::to_vec(&definition)?;
        entry.offset = offset;
        entry.length = u32::try_from(text.len()).map_err(std::io::Error::other)?;
        entry.crc = crc32fast::hash(&text);
        file.write_all(&text)?;
        offset += text.len() as u64;
        entries.push(entry);
    }
    Ok((file, entries, skipped))
}

/// A file under a name that nobody looks for, until it is whole.
struct Scratch(Option<std::path::PathBuf>);

impl Scratch {
    /// In the folder of `at`; where that cannot be written, a file that has no name any more.
    fn beside(at: &Path) -> std::io::Result<(File, Scratch)> {
        let unique = format!(".{}.{}.part", uuid::Uuid::new_v4().simple(), std::process::id());
        let create = |path: &Path| File::options().read(true).write(true).create_new(true).open(path);
        let folder = at.parent().unwrap_or(Path::new("."));
        let beside = folder.join(&unique);
        match std::fs::create_dir_all(folder).and_then(|()| create(&beside)) {
            Ok(file) => Ok((file, Scratch(Some(beside)))),
            Err(_) => {
                let path = std::env::temp_dir().join(unique);
                let file = create(&path)?;
                std::fs::remove_file(path)?;
                Ok((file, Scratch(None)))
            }
        }
    }

    fn keep(mut self, at: &Path) -> std::io::Result<()> {
        match self.0.take() {
            Some(path) => std::fs::rename(path, at),
            None => Ok(()),
        }
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        if let Some(path) = self.0.take() {
            // Its name starts with a dot and nobody reads it; a failure here costs disk only.
            let _ = std::fs::remove_file(path);
        }
    }
}
