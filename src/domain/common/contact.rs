//! Ways to reach someone, and the people around a patient.

use serde::{Deserialize, Serialize};

use super::{Address, HumanName, ListCode, shows_nothing};

/// zib ContactInformation.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ContactDetails {
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub telephones: Vec<Telephone>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub emails: Vec<Email>,
}

#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Telephone {
    pub number: String,
    /// Code of the list TelecomType.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub telecom_type: Option<String>,
    /// Code of the list NummerSoort.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub number_type: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
}

#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Email {
    pub address: String,
    /// Code of the list EmailSoort.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email_type: Option<String>,
}

/// zib ContactPerson.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ContactPerson {
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub roles: Vec<ListCode>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub relationships: Vec<ListCode>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<HumanName>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contact_details: Option<ContactDetails>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub addresses: Vec<Address>,
}

shows_nothing!(ContactDetails, Telephone, Email, ContactPerson);
