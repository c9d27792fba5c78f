//! Why a package could not be read.

use std::path::PathBuf;

/// The package and the cause; says what to do where that is known.
#[derive(Debug, thiserror::Error)]
#[error("{}: {cause}", path.display())]
pub struct PackageError {
    pub path: PathBuf,
    #[source]
    pub cause: Cause,
}

#[derive(Debug, thiserror::Error)]
pub enum Cause {
    #[error("it cannot be read: {0}")]
    Io(#[from] std::io::Error),
    #[error("it is no FHIR package: {0}")]
    NotAPackage(&'static str),
    #[error("{file} is not valid JSON: {error}")]
    Json { file: String, error: serde_json::Error },
    #[error("package.json lacks a usable {0}")]
    Manifest(&'static str),
    #[error("it is made for FHIR {0}; Overdracht reads FHIR R4 (4.0.x) packages")]
    FhirVersion(String),
    #[error("it names a file outside the package: {0}")]
    OutsidePackage(String),
    #[error("{file} is larger than {limit} bytes")]
    FileTooLarge { file: String, limit: u64 },
    #[error("it holds more than {0} bytes when unpacked")]
    TooLarge(u64),
    #[error("it holds more than {0} files")]
    TooManyFiles(usize),
}
