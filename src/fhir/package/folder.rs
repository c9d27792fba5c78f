//! A package as a folder, and definitions without a package.

use std::path::{Path, PathBuf};

use super::{Cause, EachFile, Limits, Manifest};

/// Reads an unpacked package (`…/package/package.json` or `…/package.json`) or a plain folder of definitions.
pub fn read(path: &Path, limits: &Limits, each: &mut EachFile<'_>) -> Result<Manifest, Cause> {
    let inner = path.join("package");
    let folder = if inner.join("package.json").is_file() { inner } else { path.to_owned() };
    let mut manifest = None;
    let mut total = 0;
    for (file, name) in definitions_in(&folder, limits)? {
        let bytes = limits.read_all(std::fs::File::open(&file)?, &name)?;
        total += bytes.len() as u64;
        if total > limits.total_bytes {
            return Err(Cause::TooLarge(limits.total_bytes));
        }
        if name == "package.json" {
            manifest = Some(Manifest::parse(&bytes)?);
        } else {
            each(&name, bytes)?;
        }
    }
    Ok(manifest.unwrap_or_else(|| Manifest::unnamed(&stem(path))))
}

/// Reads one definition.
pub fn read_file(path: &Path, limits: &Limits, each: &mut EachFile<'_>) -> Result<Manifest, Cause> {
    let name = stem(path);
    each(&name, limits.read_all(std::fs::File::open(path)?, &name)?)?;
    Ok(Manifest::unnamed(&name))
}

/// True for the manifest and for what may be a definition by its name; the index repeats what the files say.
pub fn is_definition(file: &str) -> bool {
    file.ends_with(".json") && !file.starts_with('.')
}

/// In the order of their names, so that the same folder is always the same package.
fn definitions_in(folder: &Path, limits: &Limits) -> Result<Vec<(PathBuf, String)>, Cause> {
    let mut files = Vec::new();
    for (count, entry) in std::fs::read_dir(folder)?.enumerate() {
        if count >= limits.files {
            return Err(Cause::TooManyFiles(limits.files));
        }
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if is_definition(&name) && entry.path().is_file() {
            files.push((entry.path(), name));
        }
    }
    files.sort();
    Ok(files)
}

fn stem(path: &Path) -> String {
    let name = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    name.file_stem().map_or_else(String::new, |stem| stem.to_string_lossy().into_owned())
}
