//! The forms in which a resource travels.

/// Source: <http://hl7.org/fhir/R4/formats.html>.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Format {
    Json,
    Xml,
}

/// Releases of FHIR that are spoken here. Everything is stored as R4.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FhirVersion {
    R4,
    Stu3,
}

impl FhirVersion {
    /// Reads the `fhirVersion` of a media type: `4.0`, or with the third number.
    ///
    /// Source: <http://hl7.org/fhir/R4/versioning.html#mt-version>.
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "4.0" | "4.0.0" | "4.0.1" => Some(FhirVersion::R4),
            "3.0" | "3.0.0" | "3.0.1" | "3.0.2" => Some(FhirVersion::Stu3),
            _ => None,
        }
    }

    /// As a media type names it.
    pub fn as_str(self) -> &'static str {
        match self {
            FhirVersion::R4 => "4.0",
            FhirVersion::Stu3 => "3.0",
        }
    }
}
