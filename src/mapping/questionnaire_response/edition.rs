//! The editions of the form: one table of items, and what each edition does otherwise.

use serde_json::{Value, json};

use crate::domain::common::codes::{Code, NULL_FLAVOR, SNOMED, TREATMENT_DECISION_SYSTEM, VEKTIS_RELATION};

/// A published edition of the form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Edition {
    /// `ACP-zib2020` of 1.0.0-rc2 (R4): what is written.
    Zib2020,
    /// `ACP-zib2020` of 0.1.3-beta3 (R4), under another canonical.
    Zib2020Beta,
    /// `ACP-zib2017` of 1.0.0-rc2 (STU3).
    Zib2017,
}

impl Edition {
    pub const ALL: [Edition; 3] = [Edition::Zib2020, Edition::Zib2020Beta, Edition::Zib2017];

    pub fn canonical(self) -> &'static str {
        match self {
            Edition::Zib2020 => "https://api.iknl.nl/docs/pzp/r4/Questionnaire/ACP-zib2020",
            Edition::Zib2020Beta => "https://fhir.iknl.nl/fhir/Questionnaire/ACP-zib2020",
            Edition::Zib2017 => "https://api.iknl.nl/docs/pzp/stu3/Questionnaire/ACP-zib2017",
        }
    }

    /// Logical id of the Questionnaire here.
    pub fn id(self) -> &'static str {
        match self {
            Edition::Zib2020 => "ACP-zib2020",
            Edition::Zib2020Beta => "ACP-zib2020-beta3",
            Edition::Zib2017 => "ACP-zib2017",
        }
    }

    pub fn version(self) -> &'static str {
        match self {
            Edition::Zib2020Beta => "0.1.3-beta3",
            Edition::Zib2020 | Edition::Zib2017 => "1.0.0-rc2",
        }
    }

    /// The edition with this canonical, with or without a version.
    pub fn of(canonical: &str) -> Option<Edition> {
        let url = canonical.split('|').next().unwrap_or_default();
        Edition::ALL.into_iter().find(|edition| edition.canonical() == url)
    }

    /// The coding of an answer as this edition writes it; without `display` where the system's own words are not Dutch.
    pub fn coding(self, code: &Code) -> Value {
        let code = self.said(code);
        let mut coding = json!({ "system": code.system, "code": code.code, "display": code.display });
        if let Some(object) = coding.as_object_mut() {
            if code.system.is_empty() {
                object.shift_remove("system");
            }
            if code.system.starts_with("http://terminology.hl7.org/") {
                object.shift_remove("display");
            }
        }
        coding
    }

    /// A code as this edition says it.
    pub fn said(self, code: &Code) -> Code {
        let other = SAID_OTHERWISE.iter().find(|(ours, _)| (ours.system, ours.code) == (code.system, code.code));
        match other {
            Some((_, other)) if self == Edition::Zib2017 => *other,
            _ => *code,
        }
    }

    /// The code of the dataset that a coding of this edition says.
    pub fn understood<'c>(self, system: Option<&str>, code: &'c str) -> &'c str {
        let ours = SAID_OTHERWISE
            .iter()
            .find(|(_, other)| self == Edition::Zib2017 && Some(other.system) == system && other.code == code);
        ours.map_or(code, |(ours, _)| ours.code)
    }
}

/// The decisions of zib2017.
const PERMITTED: &str = "urn:oid:2.16.840.1.113883.2.4.3.11.60.40.4";

const fn code(code: &'static str, system: &'static str, display: &'static str) -> Code {
    Code { code, system, display }
}

/// Codes of the table, and how the form of zib2017 says them.
const SAID_OTHERWISE: &[(Code, Code)] = &[
    (code("0", TREATMENT_DECISION_SYSTEM, ""), code("JA", PERMITTED, "Ja")),
    (code("1", TREATMENT_DECISION_SYSTEM, ""), code("JA_MAAR", PERMITTED, "Ja, maar")),
    (code("2", TREATMENT_DECISION_SYSTEM, ""), code("NEE", PERMITTED, "Nee")),
    (code("01", VEKTIS_RELATION, ""), code("1", VEKTIS_RELATION, "Eerste relatie/contactpersoon")),
    (code("03", VEKTIS_RELATION, ""), code("3", VEKTIS_RELATION, "Curator (juridisch)")),
    (code("09", VEKTIS_RELATION, ""), code("9", VEKTIS_RELATION, "Anders")),
];

/// Yes and no, as the form asks them.
pub const YES_NO: &[Code] = &[code("1", "", "Ja"), code("0", "", "Nee")];
/// The one answer to whether the patient was there.
pub const PATIENT: &[Code] = &[code("Patiënt", "", "Patiënt")];
/// The word of 0.1.3-beta3 for every kind of ICD.
pub const ICD_WORD: &[Code] = &[code("ICD", "", "ICD")];
/// What the form says of itself: names of measurements.
pub const NAMES: &[Code] = &[
    code("180771000146100", SNOMED, "focus van behandeling"),
    code("153851000146100", SNOMED, "wensen en verwachtingen met betrekking tot uitkomst van behandeling"),
    code("395091006", SNOMED, "gewenste plek van overlijden"),
    code("340171000146104", SNOMED, "standpunt ten opzichte van euthanasie"),
    code("570801000146104", SNOMED, "geregistreerd in orgaan donorregister"),
    code("247751003", SNOMED, "gevoel van zingeving"),
];
/// The answer that a question is about where the patient has an ICD, or agreements were made earlier.
pub const YES: Code = code("373066001", SNOMED, "");
pub const NO_WORD: Code = code("0", "", "");
pub const OTHERWISE: Code = code("1", TREATMENT_DECISION_SYSTEM, "");
pub const OTHER_ROLE: Code = code("09", VEKTIS_RELATION, "");
pub const OTHER: Code = code("OTH", NULL_FLAVOR, "");
