//! An Identifier on its own: its namespace is a URI, and so is a value in the namespace of URIs.

use serde_json::Value;

use crate::fhir::systems::URI;
use crate::validator::kind::Kind;
use crate::validator::path::Path;
use crate::validator::primitive::is_absolute;
use crate::validator::property::property;
use crate::validator::sink::{Flow, Sink};
use crate::validator::walk::Walk;

pub fn check<S: Sink>(walk: &mut Walk<'_, '_, S>, value: &Value, at: &Path<'_>) -> Flow {
    let text = |name: &str| property(value, name).and_then(Value::as_str);
    let Some(system) = text("system") else { return Flow::Continue(()) };
    if !is_absolute(system) {
        walk.error(at, || Kind::IdentifierSystem)?;
    }
    // The document that defines UUIDs is no namespace of them.
    if system == "https://tools.ietf.org/html/rfc4122" {
        walk.error(at, || Kind::IdentifierSystem)?;
    }
    match text("value") {
        Some(value) if system == URI && !is_absolute(value) => walk.error(at, || Kind::IdentifierNotUri),
        _ => Flow::Continue(()),
    }
}
