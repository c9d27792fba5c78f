//! Organisations and professionals.

use serde::{Deserialize, Serialize};

use super::{Address, ContactDetails, HumanName, shows_nothing};
use crate::domain::identifier::{Agb, Big, Ura, Uzi};

/// zib HealthcareProvider.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Organization {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agb: Option<Agb>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ura: Option<Ura>,
    pub name: String,
    /// Code of the national list of organisation types (V4, Z3, N6 …).
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub organization_type: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contact_details: Option<ContactDetails>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<Address>,
}

/// zib HealthProfessional.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Practitioner {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub uzi: Option<Uzi>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agb: Option<Agb>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub big: Option<Big>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<HumanName>,
    /// Role code of the UZI register.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub specialty: Option<String>,
    /// AGB code of the specialty, four digits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agb_specialty: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub organization: Option<Organization>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contact_details: Option<ContactDetails>,
}

shows_nothing!(Organization, Practitioner);
