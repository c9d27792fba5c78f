//! FHIR data without verdicts: definitions and packages, canonical URLs, resource keys, issues and OperationOutcome.

pub mod audit_event;
pub mod definitions;
pub mod format;
pub mod identity;
pub mod issue;
pub mod json;
pub mod key;
pub mod pack;
pub mod package;
pub mod pattern;
pub mod place;
mod scan;
pub mod snapshot;
pub mod source;
pub mod stu3;
pub mod subset;
pub mod systems;
pub mod value_set;
pub mod xhtml;
pub mod xml;

pub use audit_event::AuditEvent;
pub use format::{FhirVersion, Format};
pub use identity::Identity;
pub use issue::{Issue, IssueCode, Severity};
pub use key::ResourceKey;
pub use source::Source;
