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
        let bases = [FhirVersion::Stu3, FhirVersion::R4].map(Door::Fhir);
        bases.into_iter().find(|door| door.below(path).is_some()).unwrap_or(Door::Native)
    }

    /// What a FHIR door's addresses begin with; empty for our own.
    pub fn base(self) -> &'static str {
        match self {
            Door::Native => "",
            Door::Fhir(FhirVersion::R4) => "/fhir",
            Door::Fhir(FhirVersion::Stu3) => "/fhir/stu3",
        }
    }

    /// What follows the base of this door in a path that is one of its.
    pub fn below(self, path: &str) -> Option<&str> {
        path.strip_prefix(self.base()).filter(|rest| rest.is_empty() || rest.starts_with('/'))
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
