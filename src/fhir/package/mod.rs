//! Reading FHIR packages, whichever form they come in: a `.tgz`, a Python wheel that holds one, an unpacked package
//! folder, or a plain folder (or file) of definitions.
//!
//! Nothing is unpacked to disk: files are handed over one at a time, so a package of 50 MB needs the memory of its
//! largest definition. Source: <https://hl7.org/fhir/packages.html>.

mod archive;
mod error;
mod folder;
mod library;
mod limits;
mod manifest;
mod wheel;

use std::path::Path;

pub use error::{Cause, PackageError};
pub use library::{Added, DEFAULT, Library, SETTING};
pub use limits::Limits;
pub use manifest::{Dependency, Manifest, without_bom};

/// What takes the files of a package, in the order in which they lie there. An error stops the reading.
pub type EachFile<'a> = dyn FnMut(&str, Vec<u8>) -> Result<(), Cause> + 'a;

/// Reads the package at `path`: `each` gets the name and content of every JSON file in the package's own folder
/// (examples and other sub-folders are no definitions), except `package.json` and the index.
///
/// A plain folder, which has no `package.json`, gets a manifest with the folder's name and version `0.0.0`.
///
/// # Errors
/// When it cannot be read, is no package, is for another FHIR version than R4, names a file outside itself, or is
/// larger than `limits` allow.
pub fn read(path: &Path, limits: &Limits, each: &mut EachFile<'_>) -> Result<Manifest, PackageError> {
    let manifest = match Form::of(path) {
        Ok(Form::Folder) => folder::read(path, limits, each),
        Ok(Form::Json) => folder::read_file(path, limits, each),
        Ok(Form::Archive) => open(path).and_then(|file| archive::read(file, limits, each)),
        Ok(Form::Wheel) => wheel::package_in(path, limits).and_then(|tgz| archive::read(&tgz[..], limits, each)),
        Err(cause) => Err(cause),
    };
    manifest
        .and_then(|manifest| manifest.check_fhir_version().map(|()| manifest))
        .map_err(|cause| PackageError { path: path.to_owned(), cause })
}

/// The bytes of the one package archive that `path` is or holds; `None` where it is a folder or a single definition.
///
/// # Errors
/// As [`read`].
pub fn archive_bytes(path: &Path, limits: &Limits) -> Result<Option<Vec<u8>>, PackageError> {
    let bytes = match Form::of(path) {
        Ok(Form::Folder | Form::Json) => return Ok(None),
        Ok(Form::Archive) => open(path).and_then(|file| limits.read_all(file, &path.to_string_lossy())),
        Ok(Form::Wheel) => wheel::package_in(path, limits),
        Err(cause) => Err(cause),
    };
    bytes.map(Some).map_err(|cause| PackageError { path: path.to_owned(), cause })
}

/// As [`read`], for the bytes of a `.tgz` that are in memory already; `name` is what errors call it.
///
/// # Errors
/// As [`read`].
pub fn read_archive(
    bytes: &[u8],
    name: &Path,
    limits: &Limits,
    each: &mut EachFile<'_>,
) -> Result<Manifest, PackageError> {
    archive::read(bytes, limits, each)
        .and_then(|manifest| manifest.check_fhir_version().map(|()| manifest))
        .map_err(|cause| PackageError { path: name.to_owned(), cause })
}

/// Told by content, not by name: archives are renamed often.
enum Form {
    Archive,
    Wheel,
    Folder,
    Json,
}

impl Form {
    fn of(path: &Path) -> Result<Form, Cause> {
        use std::io::Read;

        if std::fs::metadata(path)?.is_dir() {
            return Ok(Form::Folder);
        }
        let mut start = Vec::new();
        open(path)?.take(64).read_to_end(&mut start)?;
        match start.as_slice() {
            [0x1f, 0x8b, ..] => Ok(Form::Archive),
            [b'P', b'K', 3, 4, ..] => Ok(Form::Wheel),
            other if other.trim_ascii_start().first() == Some(&b'{') => Ok(Form::Json),
            _ => Err(Cause::NotAPackage("it is neither a .tgz, a wheel, a folder nor a JSON definition")),
        }
    }
}

fn open(path: &Path) -> Result<std::io::BufReader<std::fs::File>, Cause> {
    Ok(std::io::BufReader::with_capacity(1 << 16, std::fs::File::open(path)?))
}
