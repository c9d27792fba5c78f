//! A business identifier together with the type of resource that it names.

use serde::{Deserialize, Serialize};

/// `system|value` of a Patient, Organization, Practitioner or Condition (a primary tumour). Unique in a store.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Identity {
    pub resource_type: String,
    pub system: String,
    pub value: String,
}

/// The value never reaches a log: only type and system are shown.
impl std::fmt::Debug for Identity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Identity({} {}|…)", self.resource_type, self.system)
    }
}
