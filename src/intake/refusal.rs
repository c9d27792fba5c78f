//! Why a document was not taken in.

use crate::fhir::Issue;
use crate::fhir::json::JsonError;
use crate::store::StoreError;

/// Why nothing was stored.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    #[error(transparent)]
    NotJson(#[from] JsonError),
    /// Every fault at once, each at its place in the sender's document.
    #[error("the document breaks its schema or its result breaks a profile")]
    Invalid(Vec<Issue>),
    #[error("the document conflicts with what is stored")]
    Conflict(Issue),
    #[error("the record kept changing")]
    Busy,
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("the document could not be worked on")]
    Failed,
}

/// A refusal, with the patient where the document's person is known here.
#[derive(Debug)]
pub struct Refusal {
    pub why: Refused,
    pub patient: Option<String>,
}

impl From<Refused> for Refusal {
    fn from(why: Refused) -> Self {
        Refusal { why, patient: None }
    }
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        Refused::Store(error).into()
    }
}
