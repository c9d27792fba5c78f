//! The terminology server of the settings, behind the door that the validator knows.

use std::sync::Arc;

use crate::client::{ClientError, TerminologyClient, TerminologyOptions};
use crate::validator::{CodeServer, Membership, Question};

struct Remote(TerminologyClient);

/// A server at this FHIR base URL.
///
/// # Errors
/// Where the address is not one that may be gone to.
pub fn code_server(base: &str) -> Result<Arc<dyn CodeServer>, ClientError> {
    Ok(Arc::new(Remote(TerminologyClient::new(base, TerminologyOptions::default())?)))
}

impl CodeServer for Remote {
    fn validate_code(&self, question: &Question<'_>) -> Membership {
        self.0.validate_code(question)
    }

    fn is_silent(&self) -> bool {
        self.0.is_resting()
    }
}
