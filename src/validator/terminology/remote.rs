//! A terminology server for what the definitions cannot tell. The trait is owned here; who has a client plugs it in.

use serde_json::Value;

use super::Membership;

/// Whether a code is in a value set, as asked of somebody else. Only the code goes out, never what it was found in.
#[derive(Clone, Copy, Debug)]
pub struct Question<'q> {
    /// Canonical of the value set: `url` or `url|version`.
    pub value_set: &'q str,
    /// The value set itself, where it is here: the other side may not know it.
    pub definition: Option<&'q Value>,
    pub system: Option<&'q str>,
    pub code: &'q str,
}

/// Answers within a bounded time; [`Membership::Unknown`] where it cannot say, is slow, or is not there.
pub trait CodeServer: Send + Sync {
    fn validate_code(&self, question: &Question<'_>) -> Membership;
}
