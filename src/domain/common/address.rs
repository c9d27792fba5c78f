//! Addresses in their parts.

use serde::{Deserialize, Serialize};

use super::{ListCode, shows_nothing};

/// zib AddressInformation: at least one part is there.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Address {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub street: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub house_number: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub house_number_letter: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub house_number_addition: Option<String>,
    /// `to` (opposite) or `by` (beside).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub house_number_indication: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub postal_code: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub city: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub municipality: Option<String>,
    /// ISO 3166, two letters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
    /// Table 34 of the municipal personal records database, four digits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub country_gba: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub additional_information: Option<String>,
    /// A code of the list AdresSoort, or another.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address_type: Option<ListCode>,
}

shows_nothing!(Address);
