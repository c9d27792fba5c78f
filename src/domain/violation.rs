//! What is wrong with a document that was sent, as data: where, what kind of fault, and what was expected.

use std::fmt;

/// One fault of a document. Nothing in it repeats what the sender wrote, except names of known properties.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Violation {
    /// JSON pointer into the sender's document; for a missing property, where it should have stood.
    pub pointer: String,
    pub kind: ViolationKind,
    /// What was expected there, in English.
    pub expected: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ViolationKind {
    /// A required property is absent.
    Missing,
    /// A property that the schema does not know.
    Unknown,
    /// Another JSON type than the schema asks.
    Type,
    /// A value outside a list, a pattern or a range.
    Value,
    /// Too few or too many of something.
    Count,
    /// Properties that are each well formed and cannot be true together.
    Contradiction,
}

impl ViolationKind {
    /// Stable identifier of the message, listed in `docs/messages.md`.
    pub fn id(self) -> &'static str {
        match self {
            ViolationKind::Missing => "document-missing-property",
            ViolationKind::Unknown => "document-unknown-property",
            ViolationKind::Type => "document-wrong-type",
            ViolationKind::Value => "document-wrong-value",
            ViolationKind::Count => "document-wrong-count",
            ViolationKind::Contradiction => "document-contradiction",
        }
    }
}

impl Violation {
    pub fn new(pointer: impl Into<String>, kind: ViolationKind, expected: impl Into<String>) -> Self {
        Violation { pointer: pointer.into(), kind, expected: expected.into() }
    }

    /// Two statements that cannot both be true.
    pub fn contradiction(pointer: impl Into<String>, expected: impl Into<String>) -> Self {
        Self::new(pointer, ViolationKind::Contradiction, expected)
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.pointer, self.expected)
    }
}
