//! Which part of the service an address belongs to.

use crate::fhir::FhirVersion;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Door {
    /// Native documents and everything else that is JSON of our own.
    Native,
    /// FHIR, with the release that is spoken where a caller names none.
    Fhir(FhirVersion),
}

impl Door {
    pub fn of(path: &str) -> Self {
        if path == "/fhir" || path.starts_with("/fhir/") { Door::Fhir(FhirVersion::R4) } else { Door::Native }
    }

    pub fn version(self) -> FhirVersion {
        match self {
            Door::Native => FhirVersion::R4,
            Door::Fhir(version) => version,
        }
    }

    pub fn has_xml(self) -> bool {
        matches!(self, Door::Fhir(_))
    }
}
