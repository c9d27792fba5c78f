//! The people of a care plan: who talked, who speaks for the patient, who is in charge.

use serde::{Deserialize, Serialize};

use super::Key;
use crate::domain::common::{Coding, ListCode, Moment, shows_nothing};

/// The conversation in which the plan was made (zib Encounter).
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Conversation {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contact_type: Option<ListCode>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub started_at: Option<Moment>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason_comment: Option<String>,
    /// A professional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub conducted_by: Option<Key>,
    /// Other professionals who took part.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub practitioners_present: Vec<Key>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub patient_present: Option<bool>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub contact_persons_present: Vec<Key>,
}

/// Legal capacity for decisions about medical treatment.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct LegalCapacity {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub capable: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
}

/// A disorder to which an advance directive or a device refers (zib Problem).
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Problem {
    pub key: Key,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<Coding>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
}

/// Who is in charge of the patient's care. Never derived from the kind of treatment.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct InCharge {
    pub practitioner: Key,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<Moment>,
    /// Absent while it lasts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<Moment>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub accepted_by_gp: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub accepted_at: Option<Moment>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub accepted_by: Option<Key>,
}

/// An entry of a list with the key by which the rest of the document refers to it.
#[derive(Clone, PartialEq)]
pub struct Keyed<T> {
    pub key: Key,
    pub value: T,
}

impl<T: Serialize> Serialize for Keyed<T> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serde_json::Map::from_iter([("key".to_owned(), self.key.clone().into())]);
        if let serde_json::Value::Object(rest) = serde_json::to_value(&self.value).map_err(serde::ser::Error::custom)? {
            object.extend(rest);
        }
        object.serialize(serializer)
    }
}

impl<'de, T: serde::de::DeserializeOwned> Deserialize<'de> for Keyed<T> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut object = serde_json::Map::deserialize(deserializer)?;
        let wrong = |_| serde::de::Error::custom("expected an entry with a key");
        let key = object.shift_remove("key").unwrap_or_default();
        Ok(Keyed {
            key: serde_json::from_value(key).map_err(wrong)?,
            value: serde_json::from_value(serde_json::Value::Object(object)).map_err(wrong)?,
        })
    }
}

shows_nothing!(Conversation, LegalCapacity, Problem, InCharge);
