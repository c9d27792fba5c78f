//! A package as a gzipped tar.

use std::io::Read;
use std::path::{Component, Path, PathBuf};

use flate2::read::MultiGzDecoder;

use super::{Cause, EachFile, Limits, Manifest};

/// Reads a `.tgz`; definitions are the JSON files directly under `package/`.
pub fn read(source: impl Read, limits: &Limits, each: &mut EachFile<'_>) -> Result<Manifest, Cause> {
    // Counted after unpacking, so that a small archive of zeros stops here too, skipped files included.
    let unpacked = Metered { inner: MultiGzDecoder::new(source), left: limits.total_bytes, exceeded: false };
    let mut archive = tar::Archive::new(unpacked);
    let mut manifest = None;
    let outcome = read_entries(&mut archive, limits, each, &mut manifest);
    if archive.into_inner().exceeded {
        return Err(Cause::TooLarge(limits.total_bytes));
    }
    outcome?;
    manifest.ok_or(Cause::NotAPackage("it has no package/package.json"))
}

fn read_entries<R: Read>(
    archive: &mut tar::Archive<R>,
    limits: &Limits,
    each: &mut EachFile<'_>,
    manifest: &mut Option<Manifest>,
) -> Result<(), Cause> {
    // Nictiz's packages mark their headers neither as GNU's nor as POSIX's, so that the `tar` crate gives an entry that
    // holds a long name (the next entry's) as an entry of its own.
    let mut long_name = None;
    for (count, entry) in archive.entries()?.enumerate() {
        if count >= limits.files {
            return Err(Cause::TooManyFiles(limits.files));
        }
        let entry = entry?;
        if entry.header().entry_type().is_gnu_longname() {
            let bytes = limits.read_all(entry, "a long name")?;
            let end = bytes.iter().position(|byte| *byte == 0).unwrap_or(bytes.len());
            long_name = Some(PathBuf::from(String::from_utf8_lossy(&bytes[..end]).into_owned()));
            continue;
        }
        let path = match long_name.take() {
            Some(path) => path,
            None => entry.path()?.into_owned(),
        };
        let name = definition_name(&path)?;
        let (Some(name), true) = (name, entry.header().entry_type().is_file()) else { continue };
        let bytes = limits.read_all(entry, &name)?;
        if name == "package.json" {
            *manifest = Some(Manifest::parse(&bytes)?);
        } else {
            each(&name, bytes)?;
        }
    }
    Ok(())
}

/// The file's name where it is a definition or the manifest; `None` where it is to be skipped.
fn definition_name(path: &Path) -> Result<Option<String>, Cause> {
    let mut parts = Vec::new();
    for component in path.components() {
        match component {
            Component::Normal(part) => parts.push(part.to_string_lossy().into_owned()),
            Component::CurDir => {}
            _ => return Err(Cause::OutsidePackage(path.to_string_lossy().into_owned())),
        }
    }
    let [folder, file] = parts.as_slice() else { return Ok(None) };
    Ok((folder == "package" && super::folder::is_definition(file)).then(|| file.clone()))
}

/// Passes bytes on until the allowance is spent.
struct Metered<R> {
    inner: R,
    left: u64,
    exceeded: bool,
}

impl<R: Read> Read for Metered<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let read = self.inner.read(buffer)?;
        match self.left.checked_sub(read as u64) {
            Some(left) => self.left = left,
            None => {
                self.exceeded = true;
                return Err(std::io::Error::other("too large"));
            }
        }
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    /// A header as Nictiz's packages have it: the magic of POSIX with another version.
    fn entry(name: &str, kind: tar::EntryType, content: &[u8]) -> Vec<u8> {
        let mut header = tar::Header::new_ustar();
        header.set_path(name).unwrap();
        header.set_entry_type(kind);
        header.set_size(content.len() as u64);
        header.as_mut_bytes()[257..265].copy_from_slice(b"ustar\0 \0");
        header.set_cksum();
        let mut bytes = header.as_bytes().to_vec();
        bytes.extend(content);
        bytes.resize(bytes.len().next_multiple_of(512), 0);
        bytes
    }

    #[test]
    fn a_definition_with_a_long_name_is_read_whoever_wrote_the_archive() {
        let long = format!("package/ValueSet-{}.json", "x".repeat(110));
        let mut tar = entry("package/package.json", tar::EntryType::Regular, br#"{"name":"a","version":"1"}"#);
        tar.extend(entry("././@LongLink", tar::EntryType::GNULongName, format!("{long}\0").as_bytes()));
        tar.extend(entry(&long[..99], tar::EntryType::Regular, b"{}"));
        tar.extend(entry("package/short.json", tar::EntryType::Regular, b"{}"));
        tar.extend([0; 1024]);
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        gzip.write_all(&tar).unwrap();
        let mut names = Vec::new();
        let mut each = |name: &str, _: Vec<u8>| {
            names.push(name.to_owned());
            Ok(())
        };
        read(gzip.finish().unwrap().as_slice(), &Limits::default(), &mut each).unwrap();
        assert_eq!(names, [long.trim_start_matches("package/"), "short.json"]);
    }
}
