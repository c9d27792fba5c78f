//! Putting definitions together from where they lie.

use std::borrow::Cow;
use std::collections::HashMap;
use std::path::{Path, PathBuf};

use parking_lot::Mutex;
use serde_json::Value;

use super::super::systems;
use super::catalog::{Catalog, Content, Layer};
use super::{Definitions, dependencies, errata, own};
use crate::fhir::pack::{self, Entry, Pack};
use crate::fhir::package::{self, Library, Limits, PackageError};
use crate::fhir::{Issue, IssueCode};

/// HL7's own package, without which nothing can be checked.
const CORE: &str = "hl7.fhir.r4.core";

/// Where definitions come from. By default: the configured [`Library`] and Overdracht's own.
#[derive(Clone, Debug)]
pub struct Builder {
    library: Library,
    packages: Vec<PathBuf>,
    supporting: Vec<PathBuf>,
    loose: Vec<Value>,
    own: bool,
}

impl Default for Builder {
    fn default() -> Self {
        Builder { library: Library::configured(), packages: vec![], supporting: vec![], loose: vec![], own: true }
    }
}

/// Why there are no definitions.
#[derive(Debug, thiserror::Error)]
pub enum DefinitionsError {
    #[error(
        "HL7's own definitions (hl7.fhir.r4.core#4.0.1) are not in {}: run `make definitions`, or name the folder \
         that has them in {}", .0.display(), package::SETTING
    )]
    CoreMissing(PathBuf),
    #[error("{}: the folder of packages cannot be read: {error}", dir.display())]
    Library { dir: PathBuf, error: std::io::Error },
    #[error(transparent)]
    Package(#[from] PackageError),
}

impl Builder {
    /// Takes packages from this folder; packs are kept in its `.cache`.
    #[must_use]
    pub fn library(mut self, library: Library) -> Self {
        self.library = library;
        self
    }

    /// Adds packages for this once, in any form that `packages add` takes.
    #[must_use]
    pub fn packages(mut self, paths: impl IntoIterator<Item = PathBuf>) -> Self {
        self.packages.extend(paths);
        self
    }

    /// Adds definitions (files or folders) that go before those of any package.
    #[must_use]
    pub fn supporting(mut self, paths: impl IntoIterator<Item = PathBuf>) -> Self {
        self.supporting.extend(paths);
        self
    }

    /// Adds definitions that are in memory; they go before those of any package.
    #[must_use]
    pub fn definitions(mut self, definitions: impl IntoIterator<Item = Value>) -> Self {
        self.loose.extend(definitions);
        self
    }

    /// Leaves Overdracht's own profiles out.
    #[must_use]
    pub fn without_own(mut self) -> Self {
        self.own = false;
        self
    }

    /// Opens the packs, making those that are missing, and indexes what is there.
    ///
    /// # Errors
    /// When HL7's own package is absent, or a package that was named for this once cannot be read. One of the library
    /// that cannot, or that lacks what it depends on, is no error but an issue of the result.
    pub fn open(&self) -> Result<Definitions, DefinitionsError> {
        let dir = self.library.dir();
        let library = self.library.packages();
        let mut paths = library.map_err(|error| DefinitionsError::Library { dir: dir.to_owned(), error })?;
        let lasting = paths.len();
        paths.extend(self.packages.iter().cloned());
        let (mut packs, mut issues) = (Vec::with_capacity(paths.len()), Vec::new());
        let mut broken_core = None;
        for (place, opened) in open_packs(&paths, &self.library.cache()).into_iter().enumerate() {
            match opened {
                Ok(pack) => packs.push(pack),
                Err(error) if place < lasting && is_core(&error.path) => broken_core = Some(error),
                Err(error) if place < lasting => issues.push(unreadable(&error)),
                Err(error) => return Err(error.into()),
            }
        }
        if !packs.iter().any(|pack| pack.manifest().name == CORE) {
            return Err(broken_core.map_or_else(|| DefinitionsError::CoreMissing(dir.to_owned()), Into::into));
        }
        issues.extend(broken_core.iter().map(unreadable));

        issues.extend(dependencies::check(packs.iter().map(Pack::manifest)));
        let mut catalog = Catalog::with_capacity(packs.iter().map(|pack| pack.entries().len()).sum());
        for (place, pack) in packs.iter().enumerate() {
            issues.extend(pack.skipped().iter().map(|file| super::not_json(&pack.manifest().label(), file)));
            for (at, entry) in pack.entries().iter().enumerate() {
                catalog.add(entry.clone(), Content::Packed { pack: place, entry: at }, Layer::Package);
            }
        }
        if self.own {
            for (file, text) in own::OWN {
                match serde_json::from_slice::<Value>(text).ok().as_ref().and_then(Entry::of) {
                    Some(entry) => {
                        let ours = entry.url.starts_with(systems::OVERDRACHT);
                        let layer = if ours { Layer::Own } else { Layer::Fallback };
                        catalog.add(entry, Content::Loose(Cow::Borrowed(text)), layer);
                    }
                    None => issues.push(super::not_json("overdracht", file)),
                }
            }
        }
        for path in &self.supporting {
            package::read(path, &Limits::default(), &mut |file, text| {
                match serde_json::from_slice(package::without_bom(&text)) {
                    Ok(definition) => {
                        if path.is_file() && Entry::of(&definition).is_none() {
                            issues.push(no_definition(path));
                        }
                        add_supporting(&mut catalog, definition);
                    }
                    Err(_) => issues.push(super::not_json(&path.to_string_lossy(), file)),
                }
                Ok(())
            })?;
        }
        self.loose.iter().for_each(|definition| add_supporting(&mut catalog, definition.clone()));
        Ok(Definitions {
            catalog,
            packs,
            issues,
            recent: Mutex::default(),
            snapshots: Mutex::new(HashMap::new()),
            terminology: Default::default(),
        })
    }
}

/// Whether a package that cannot be read is, by its name, HL7's own.
fn is_core(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(CORE.as_bytes()))
}

fn no_definition(path: &Path) -> Issue {
    let text = format!("{}: this is no definition with a url, and nothing is taken from it.", path.display());
    Issue::warning(IssueCode::Invalid, "definitions-no-definition", text)
}

fn add_supporting(catalog: &mut Catalog, mut definition: Value) {
    let Some(entry) = Entry::of(&definition) else { return };
    errata::mend(&mut definition);
    catalog.add(entry, Content::Loose(Cow::Owned(definition.to_string().into_bytes())), Layer::Supporting);
}

/// Each on a thread of its own: making packs is most of a cold start.
fn open_packs(paths: &[PathBuf], cache: &Path) -> Vec<Result<Pack, PackageError>> {
    std::thread::scope(|scope| {
        let opening: Vec<_> = paths.iter().map(|path| scope.spawn(|| pack::open(path, cache))).collect();
        opening
            .into_iter()
            .zip(paths)
            .map(|(opening, path)| opening.join().unwrap_or_else(|_| Err(stopped(path))))
            .collect()
    })
}

fn unreadable(error: &PackageError) -> Issue {
    let text = format!("{error}: nothing that it defines is checked.");
    Issue::warning(IssueCode::Incomplete, "definitions-package-unreadable", text)
}

fn stopped(path: &Path) -> PackageError {
    let error = std::io::Error::other("reading it stopped unexpectedly");
    PackageError { path: path.to_owned(), cause: package::Cause::Io(error) }
}
