//! An Identifier on its own: its namespace is a URI of a kind that names namespaces, and so is a value in the namespace of
//! URIs.

use serde_json::Value;

use super::text;
use crate::fhir::Severity;
use crate::fhir::systems::URI;
use crate::validator::kind::Kind;
use crate::validator::path::Path;
use crate::validator::primitive::{is_absolute, is_uuid};
use crate::validator::sink::{Flow, Sink};
use crate::validator::walk::Walk;

/// Addresses of other kinds (`mailto:`, `oid:`) name no namespace.
const SCHEMES: [&str; 4] = ["http:", "https:", "urn:", "ldap:"];
/// The document that defines UUIDs, which some take for their namespace.
const UUID_DOCUMENT: &str = "https://tools.ietf.org/html/rfc4122";

pub fn check<S: Sink>(walk: &mut Walk<'_, '_, S>, value: &Value, at: &Path<'_>) -> Flow {
    let Some(system) = text(value, "system") else { return Flow::Continue(()) };
    if !SCHEMES.iter().any(|scheme| system.starts_with(scheme)) {
        walk.error(at, || Kind::IdentifierSystem)?;
    }
    let Some(value) = text(value, "value") else { return Flow::Continue(()) };
    match system {
        URI if !is_absolute(value) => walk.error(at, || Kind::IdentifierNotUri),
        UUID_DOCUMENT if value.starts_with("urn:uuid:") || is_uuid(&value.to_ascii_lowercase()) => {
            walk.report(at, Severity::Warning, || Kind::IdentifierUuidSystem)
        }
        UUID_DOCUMENT => walk.error(at, || Kind::IdentifierNotUuid),
        _ => Flow::Continue(()),
    }
}
