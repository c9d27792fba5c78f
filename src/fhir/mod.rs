//! FHIR data without verdicts: definitions and packages, canonical URLs, resource keys, issues and OperationOutcome.

pub mod audit_event;
pub mod definitions;
pub mod identity;
pub mod issue;
pub mod json;
pub mod key;
pub mod pack;
pub mod package;
pub mod snapshot;
pub mod systems;
pub mod value_set;
pub mod xhtml;

pub use audit_event::AuditEvent;
pub use identity::Identity;
pub use issue::{Issue, IssueCode, Severity};
pub use key::ResourceKey;
