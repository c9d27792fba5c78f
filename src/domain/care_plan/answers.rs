//! What the patient wants: the goal of treatment and the five observations, and the ICD.

use serde::{Deserialize, Serialize};

use super::Key;
use crate::domain::common::{Coding, ListCode, Moment, Organization, shows_nothing};

/// Why an answer is absent; never the same as not having been asked by this document at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AbsentReason {
    /// Asked, and not known.
    AskedUnknown,
    /// Not discussed.
    NotAsked,
}

impl AbsentReason {
    pub fn as_str(self) -> &'static str {
        match self {
            AbsentReason::AskedUnknown => "asked-unknown",
            AbsentReason::NotAsked => "not-asked",
        }
    }
}

/// The main goal of treatment that was agreed.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Goal {
    /// Code of the list Behandeldoelen.
    pub goal: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub date: Option<Moment>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
}

/// Specific wishes of the patient for care.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CareWishes {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wishes: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub absent_reason: Option<AbsentReason>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub date: Option<Moment>,
}

/// Where the patient prefers to die.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PlaceOfDeath {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub place: Option<ListCode>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub absent_reason: Option<AbsentReason>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub date: Option<Moment>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
}

/// Where the patient stands on euthanasia.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct EuthanasiaPosition {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub position: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub absent_reason: Option<AbsentReason>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub date: Option<Moment>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
}

/// Whether the choice about organ donation is in the national register.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct OrganDonation {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub registered: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub absent_reason: Option<AbsentReason>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub date: Option<Moment>,
}

/// What else matters to the patient.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SenseOfPurpose {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub absent_reason: Option<AbsentReason>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub date: Option<Moment>,
}

/// The implanted defibrillator (zib MedicalDevice).
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Icd {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gtin: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hibc: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub product_type: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub location: Option<Coding>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub laterality: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub indications: Vec<Key>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start_date: Option<Moment>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub end_date: Option<Moment>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub organization: Option<Organization>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub practitioner: Option<Key>,
}

shows_nothing!(Goal, CareWishes, PlaceOfDeath, EuthanasiaPosition, OrganDonation, SenseOfPurpose, Icd);
