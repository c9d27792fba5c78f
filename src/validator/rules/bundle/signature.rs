//! The form of a Bundle's signature: a JWS says when it was made, and that is what the Bundle says. Whether it is genuine is
//! not looked at.
//!
//! Source: <http://hl7.org/fhir/R4/signatures.html>.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::Value;

use super::text;
use crate::validator::kind::Kind;
use crate::validator::path::Path;
use crate::validator::sink::{Flow, Sink};
use crate::validator::walk::Walk;

pub(super) fn check<S: Sink>(walk: &mut Walk<'_, '_, S>, bundle: &Value, at: &Path<'_>) -> Flow {
    let Some(signature) = bundle.get("signature").filter(|s| text(s, "sigFormat") == Some("application/jose")) else {
        return Flow::Continue(());
    };
    // That it is base64 is looked at elsewhere.
    let Some(data) = text(signature, "data").and_then(|data| STANDARD.decode(data).ok()) else {
        return Flow::Continue(());
    };
    let Some(header) = header(&data) else { return walk.error(at, || Kind::SignatureForm) };
    let when = text(signature, "when").and_then(|when| when.parse::<jiff::Timestamp>().ok());
    match (made(&header), when) {
        // A JWS counts in seconds.
        (Some(made), Some(when)) if made.as_second() != when.as_second() => walk.error(at, || Kind::SignatureTime),
        _ => Flow::Continue(()),
    }
}

/// The header of a JWS in its compact form.
fn header(data: &[u8]) -> Option<Value> {
    let mut parts = data.split(|b| *b == b'.');
    let header = parts.next().filter(|_| parts.count() == 2)?;
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(header).ok()?).ok().filter(Value::is_object)
}

/// When it says that it was made, as a text or in seconds.
fn made(header: &Value) -> Option<jiff::Timestamp> {
    let seconds = |value: &Value| jiff::Timestamp::from_second(value.as_i64()?).ok();
    match header.get("sigT") {
        Some(Value::String(time)) => time.parse().ok(),
        Some(time) => seconds(time),
        None => seconds(header.get("iat")?),
    }
}
