//! A package in the form that is read in milliseconds: every definition once, without prose, behind an index.
//!
//! A pack is a file named by the hash of what it was made from, so it is never stale: another package is another
//! name. It is made when it is missing or damaged, and written beside its name first, so nobody reads half of one.
//! Definitions are read and parsed one at a time when asked for; only the index stays in memory.

mod build;
mod entry;
mod file;
mod slim;

use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

pub use entry::Entry;
pub use file::Pack;
pub use slim::slim;

use crate::fhir::package::{self, Limits, Manifest, PackageError};

/// Changes whenever what is kept of a definition changes, so that older packs are made anew.
const FORM: &str = concat!("overdracht pack 2 ", env!("CARGO_PKG_VERSION"));

/// Opens the pack of the package at `path`, making it in `cache` first when it is not there or damaged. Where `cache`
/// cannot be written the pack lives in a nameless temporary file as long as it is open.
///
/// # Errors
/// When the package cannot be read, or no file can be written at all.
pub fn open(path: &Path, cache: &Path) -> Result<Pack, PackageError> {
    let source = Source::new(path)?;
    let at = cache.join(format!("{}.pack", source.hash));
    if let Ok(pack) = Pack::open(&at) {
        return Ok(pack.with_source(source, at));
    }
    let pack = build::build(&source, &at)?;
    Ok(pack.with_source(source, at))
}

/// The package that a pack is made from.
#[derive(Debug)]
pub(super) struct Source {
    path: PathBuf,
    /// Of the content and of [`FORM`].
    hash: String,
}

impl Source {
    fn new(path: &Path) -> Result<Source, PackageError> {
        let mut hasher = Sha256::new();
        hasher.update(FORM);
        hasher.update(crate::fhir::definitions::errata::TEXT);
        match package::archive_bytes(path, &Limits::default())? {
            Some(bytes) => hasher.update(&bytes),
            None => {
                let manifest = package::read(path, &Limits::default(), &mut |name, bytes| {
                    hasher.update((name.len() as u64).to_le_bytes());
                    hasher.update(name);
                    hasher.update((bytes.len() as u64).to_le_bytes());
                    hasher.update(&bytes);
                    Ok(())
                })?;
                hasher.update(format!("{manifest:?}"));
            }
        }
        let hash = hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
        Ok(Source { path: path.to_owned(), hash })
    }

    /// What the package says of itself, told by the pack.
    fn read(&self, each: &mut package::EachFile<'_>) -> Result<Manifest, PackageError> {
        package::read(&self.path, &Limits::default(), each)
    }
}
