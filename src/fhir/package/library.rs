//! The folder in which a service keeps its packages, each as `name#version.tgz`.

use std::io::Write;
use std::path::{Path, PathBuf};

use flate2::{Compression, GzBuilder};

use super::{Cause, Limits, Manifest, PackageError};

/// Setting that names another folder than [`DEFAULT`].
pub const SETTING: &str = "OVERDRACHT_PACKAGES";
/// Where packages lie unless told otherwise; relative to the working directory.
pub const DEFAULT: &str = "profiles/packages";

/// A folder of packages. It need not exist: then it is empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Library {
    dir: PathBuf,
}

/// What [`Library::add`] did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Added {
    pub manifest: Manifest,
    pub path: PathBuf,
    /// False where the very same package lay there already.
    pub changed: bool,
}

impl Library {
    pub fn new(dir: impl Into<PathBuf>) -> Self {
        Library { dir: dir.into() }
    }

    /// The folder of the setting [`SETTING`], else [`DEFAULT`].
    pub fn configured() -> Self {
        Self::new(std::env::var_os(SETTING).unwrap_or_else(|| DEFAULT.into()))
    }

    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// Where the packs of these packages are kept; it may be thrown away at any time.
    pub fn cache(&self) -> PathBuf {
        self.dir.join(".cache")
    }

    /// The packages, in the order of their names.
    ///
    /// # Errors
    /// When the folder is there but cannot be read.
    pub fn packages(&self) -> std::io::Result<Vec<PathBuf>> {
        let entries = match std::fs::read_dir(&self.dir) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries?,
        };
        let mut packages = Vec::new();
        for entry in entries {
            let path = entry?.path();
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            if name.ends_with(".tgz") && !name.starts_with('.') {
                packages.push(path);
            }
        }
        packages.sort();
        Ok(packages)
    }

    /// Takes a copy of the package at `path` (any form that [`super::read`] takes) under its own name and version.
    /// Adding the same again changes nothing; the same name and version with other content replaces what was there.
    ///
    /// # Errors
    /// When the package cannot be read or the folder cannot be written.
    pub fn add(&self, path: &Path) -> Result<Added, PackageError> {
        let limits = Limits::default();
        let (manifest, bytes) = match super::archive_bytes(path, &limits)? {
            Some(bytes) => (super::read_archive(&bytes, path, &limits, &mut |_, _| Ok(()))?, bytes),
            None => {
                let mut files = Vec::new();
                let keep = &mut |name: &str, bytes: Vec<u8>| {
                    files.push((name.to_owned(), bytes));
                    Ok(())
                };
                let manifest = super::read(path, &limits, keep)?;
                let bytes = packed(&manifest, &files).map_err(|error| at(path, error))?;
                (manifest, bytes)
            }
        };
        let to = self.dir.join(format!("{}.tgz", manifest.label()));
        let changed = std::fs::read(&to).ok().as_ref() != Some(&bytes);
        if changed {
            std::fs::create_dir_all(&self.dir).map_err(|error| at(&self.dir, error))?;
            write_atomically(&to, &bytes).map_err(|error| at(&to, error))?;
        }
        Ok(Added { manifest, path: to, changed })
    }
}

fn at(path: &Path, error: std::io::Error) -> PackageError {
    PackageError { path: path.to_owned(), cause: Cause::Io(error) }
}

/// Writes beside the target and renames, so that nobody ever reads half a file.
pub(crate) fn write_atomically(to: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let name = to.file_name().unwrap_or_default().to_string_lossy();
    let beside = to.with_file_name(format!(".{name}.{}.part", std::process::id()));
    let written = std::fs::File::create(&beside).and_then(|mut file| {
        file.write_all(bytes)?;
        file.sync_all()?;
        std::fs::rename(&beside, to)
    });
    if written.is_err() {
        // The first error is the one to tell; the leftover is hidden and harmless.
        let _ = std::fs::remove_file(&beside);
    }
    written
}

/// A folder as a `.tgz`: the same files always give the same bytes.
fn packed(manifest: &Manifest, files: &[(String, Vec<u8>)]) -> std::io::Result<Vec<u8>> {
    let gzip = GzBuilder::new().mtime(0).write(Vec::new(), Compression::default());
    let mut tar = tar::Builder::new(gzip);
    let own = serde_json::json!({
        "name": manifest.name,
        "version": manifest.version,
        "fhirVersions": manifest.fhir_versions,
        "dependencies": manifest.dependencies.iter().map(|d| (d.name.clone(), d.version.clone().into()))
            .collect::<serde_json::Map<_, _>>(),
    });
    let mut append = |name: &str, bytes: &[u8]| {
        let mut header = tar::Header::new_gnu();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        header.set_mtime(0);
        tar.append_data(&mut header, format!("package/{name}"), bytes)
    };
    append("package.json", own.to_string().as_bytes())?;
    for (name, bytes) in files {
        append(name, bytes)?;
    }
    tar.into_inner()?.finish()
}
