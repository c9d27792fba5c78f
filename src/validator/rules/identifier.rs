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

/// Others (`mailto:`, `oid:`, `tag:`) seldom name a namespace, and may.
const SCHEMES: [&str; 4] = ["http:", "https:", "urn:", "ldap:"];
/// The document that defines UUIDs, which some take for their namespace.
const UUID_DOCUMENT: &str = "https://tools.ietf.org/html/rfc4122";

pub fn check<S: Sink>(walk: &mut Walk<'_, '_, S>, value: &Value, at: &Path<'_>) -> Flow {
    let Some(system) = text(value, "system") else { return Flow::Continue(()) };
    let is_of = |scheme: &str| system.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme));
    if !SCHEMES.iter().any(|scheme| is_of(scheme)) {
        match is_absolute(system) {
            true => walk.report(at, Severity::Warning, || Kind::IdentifierScheme)?,
            false => walk.error(at, || Kind::IdentifierSystem)?,
        }
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
