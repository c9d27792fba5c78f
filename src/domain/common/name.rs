//! Names in their parts.

use serde::{Deserialize, Serialize};

use super::shows_nothing;

/// zib NameInformation: at least one part is there.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct HumanName {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_names: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub initials: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub given_name: Option<String>,
    /// Code of the list Naamgebruik.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name_usage: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_name: Option<FamilyName>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub partner_last_name: Option<FamilyName>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub titles: Option<String>,
}

/// A family name with its prefixes apart.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FamilyName {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prefix: Option<String>,
    pub name: String,
}

shows_nothing!(HumanName, FamilyName);

impl FamilyName {
    pub fn full(&self) -> String {
        match &self.prefix {
            Some(prefix) => format!("{prefix} {}", self.name),
            None => self.name.clone(),
        }
    }
}

impl HumanName {
    /// The family name as it is used: own, partner's, or both with a hyphen, by the name usage; empty without either.
    pub fn family(&self) -> String {
        let own = self.last_name.as_ref().map(FamilyName::full);
        let partner = self.partner_last_name.as_ref().map(FamilyName::full);
        match (own, partner, self.name_usage.as_deref()) {
            (Some(own), Some(_), Some("NL1")) => own,
            (Some(_), Some(partner), Some("NL2")) => partner,
            (Some(own), Some(partner), Some("NL3")) => format!("{partner}-{own}"),
            (Some(own), Some(partner), _) => format!("{own}-{partner}"),
            (own, partner, _) => own.or(partner).unwrap_or_default(),
        }
    }

    /// The name as one would write it on an envelope: first names or initials, or the name by which one is called,
    /// then the family name.
    pub fn display(&self) -> String {
        let given = self.first_names.as_ref().or(self.initials.as_ref()).or(self.given_name.as_ref());
        let parts: Vec<String> =
            given.cloned().into_iter().chain(Some(self.family()).filter(|f| !f.is_empty())).collect();
        parts.join(" ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_usage_orders_the_family_name() {
        let part = |prefix: Option<&str>, name: &str| FamilyName { prefix: prefix.map(Into::into), name: name.into() };
        let name = |usage: Option<&str>| HumanName {
            initials: Some("J.".into()),
            name_usage: usage.map(Into::into),
            last_name: Some(part(Some("van"), "Dam")),
            partner_last_name: Some(part(None, "Berg")),
            ..HumanName::default()
        };
        let families =
            [None, Some("NL1"), Some("NL2"), Some("NL3"), Some("NL4"), Some("UNK")].map(|u| name(u).family());
        assert_eq!(families, ["van Dam-Berg", "van Dam", "Berg", "Berg-van Dam", "van Dam-Berg", "van Dam-Berg"]);
        assert_eq!(name(Some("NL1")).display(), "J. van Dam");
    }
}
