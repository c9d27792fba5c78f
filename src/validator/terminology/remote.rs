//! A terminology server for what the definitions cannot tell. The trait is owned here; who has a client plugs it in.

use crate::fhir::value_set::{Membership, Question};

/// Answers within a bounded time; [`Membership::Unknown`] where it cannot say, is slow, or is not there.
pub trait CodeServer: Send + Sync {
    fn validate_code(&self, question: &Question<'_>) -> Membership;

    /// Whether it did not answer when it was last asked, and is left alone for now.
    fn is_silent(&self) -> bool {
        false
    }
}
