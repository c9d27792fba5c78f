//! A terminology server for what the definitions cannot tell. The trait is owned here; who has a client plugs it in.

use crate::fhir::value_set::{Membership, Question};

/// Answers within a bounded time; [`Membership::Unknown`] where it cannot say, is slow, or is not there.
pub trait CodeServer: Send + Sync {
    fn validate_code(&self, question: &Question<'_>) -> Membership;
}
