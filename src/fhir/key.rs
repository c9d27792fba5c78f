//! How a stored resource is named.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// `Patient/…`: type and logical id.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ResourceKey {
    pub resource_type: String,
    pub id: String,
}

impl ResourceKey {
    pub fn new(resource_type: impl Into<String>, id: impl Into<String>) -> Self {
        ResourceKey { resource_type: resource_type.into(), id: id.into() }
    }

    /// The key that a resource carries in `resourceType` and `id`.
    pub fn of(resource: &Value) -> Option<Self> {
        Some(Self::new(resource.get("resourceType")?.as_str()?, resource.get("id")?.as_str()?))
    }

    /// Reads a relative reference (`Patient/1`, also `Patient/1/_history/2`); absolute URLs, fragments and URNs are none.
    pub fn parse(reference: &str) -> Option<Self> {
        let mut parts = reference.split('/');
        let (resource_type, id) = (parts.next()?, parts.next()?);
        let rest = (parts.next(), parts.next(), parts.next());
        let versioned = matches!(rest, (None, _, _) | (Some("_history"), Some(_), None));
        let named = resource_type.starts_with(|c: char| c.is_ascii_uppercase())
            && resource_type.chars().all(|c| c.is_ascii_alphabetic())
            && !id.is_empty();
        (versioned && named).then(|| Self::new(resource_type, id))
    }
}

impl fmt::Display for ResourceKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.resource_type, self.id)
    }
}
