//! Codes: of a list that the schema enumerates, or of another system.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

use super::{Moment, shows_nothing};

/// A code with the system that defines it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Coding {
    pub system: String,
    pub code: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub display: Option<String>,
}

/// A code of an extensible list: a bare code of the list, or a coding outside it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum ListCode {
    Listed(String),
    Other(Coding),
}

impl Serialize for ListCode {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            ListCode::Listed(code) => serializer.serialize_str(code),
            ListCode::Other(coding) => coding.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for ListCode {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Value::deserialize(deserializer)? {
            Value::String(code) => Ok(ListCode::Listed(code)),
            other => serde_json::from_value(other)
                .map(ListCode::Other)
                .map_err(|_| serde::de::Error::custom("expected a code of the list or a coding")),
        }
    }
}

/// A document that was scanned or written, in the message itself.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Attachment {
    pub content_type: String,
    /// Base64.
    pub data: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub creation: Option<Moment>,
}

shows_nothing!(Attachment);
