//! The person whom a document is about.

use serde::{Deserialize, Serialize};

use super::{Address, ContactDetails, HumanName, Moment, shows_nothing};
use crate::domain::identifier::{Agb, Bsn};

/// zib Patient.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Patient {
    #[serde(default, skip_serializing_if = "PatientIdentifiers::is_empty")]
    pub identifiers: PatientIdentifiers,
    pub name: HumanName,
    /// Without a time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub birth_date: Option<Moment>,
    /// Code of the list Geslacht: M, F, UN or UNK.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gender: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub addresses: Vec<Address>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contact_details: Option<ContactDetails>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deceased: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deceased_date: Option<Moment>,
}

/// None at all is possible: a form that names no patient by number is sent with the patient beside it.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PatientIdentifiers {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bsn: Option<Bsn>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hospital_numbers: Vec<HospitalNumber>,
}

impl PatientIdentifiers {
    pub fn is_empty(&self) -> bool {
        self.bsn.is_none() && self.hospital_numbers.is_empty()
    }
}

/// A patient number, which means something only beside the hospital that gave it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct HospitalNumber {
    pub number: String,
    pub organization_agb: Agb,
}

shows_nothing!(Patient, PatientIdentifiers, HospitalNumber);
