//! Reads a body within limits of type, size and time.

use std::time::Duration;

use actix_web::{HttpRequest, web};
use futures_util::StreamExt;

use super::error::Refusal;

/// Of a body that is too large so much is still taken and dropped, so that the sender gets to read the answer.
const DRAIN: usize = 64 * 1024 * 1024;
/// For the whole of a body.
const PATIENCE: Duration = Duration::from_secs(30);

/// Media types that a route takes.
#[derive(Clone, Copy, Debug)]
pub struct Accepts(pub &'static [&'static str], pub &'static str);

pub const JSON: Accepts = Accepts(&["application/json"], "application/json");
pub const FHIR: Accepts = Accepts(&["application/fhir+json", "application/json"], "application/fhir+json");
pub const FORM: Accepts = Accepts(&["application/x-www-form-urlencoded"], "application/x-www-form-urlencoded");

/// The whole body. A wrong media type is refused before anything is read.
pub async fn read(
    request: &HttpRequest,
    payload: &mut web::Payload,
    accepts: Accepts,
    limit: usize,
) -> Result<Vec<u8>, Refusal> {
    let wrong_type = !is_accepted(request.headers().get("content-type").and_then(|it| it.to_str().ok()), accepts);
    let encoded = request.headers().contains_key("content-encoding");
    let declared = request.headers().get("content-length").and_then(|it| it.to_str().ok()?.parse::<usize>().ok());
    if declared.is_some_and(|length| length > DRAIN) {
        return Err(Refusal::TooLarge { limit });
    }
    let keep = if wrong_type || encoded { 0 } else { limit };
    let (body, length) = tokio::time::timeout(PATIENCE, take(payload, keep)).await.map_err(|_| Refusal::BodyLost)??;
    if wrong_type || encoded {
        Err(Refusal::MediaType { expected: accepts.1 })
    } else if length > limit {
        Err(Refusal::TooLarge { limit })
    } else {
        Ok(body)
    }
}

/// Keeps up to `limit` bytes and counts all, up to [`DRAIN`].
async fn take(payload: &mut web::Payload, limit: usize) -> Result<(Vec<u8>, usize), Refusal> {
    let (mut body, mut length) = (Vec::new(), 0_usize);
    while let Some(chunk) = payload.next().await {
        let chunk = chunk.map_err(|_| Refusal::BodyLost)?;
        length += chunk.len();
        if length <= limit {
            body.extend_from_slice(&chunk);
        } else if length > DRAIN {
            break;
        } else {
            body = Vec::new();
        }
    }
    Ok((body, length))
}

/// Parameters are allowed as long as the characters are UTF-8.
fn is_accepted(content_type: Option<&str>, accepts: Accepts) -> bool {
    let mut parts = content_type.unwrap_or_default().split(';').map(str::trim);
    let media_type = parts.next().unwrap_or_default().to_ascii_lowercase();
    let utf8 = parts.all(|parameter| match parameter.split_once('=') {
        Some((name, value)) if name.eq_ignore_ascii_case("charset") => {
            value.trim_matches('"').eq_ignore_ascii_case("utf-8")
        }
        _ => true,
    });
    utf8 && accepts.0.contains(&media_type.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_media_type_is_read_with_its_parameters() {
        for good in ["application/fhir+json", "application/json; charset=UTF-8", "Application/JSON;fhirVersion=4.0"] {
            assert!(is_accepted(Some(good), FHIR), "{good}");
        }
        for bad in [None, Some("text/plain"), Some("application/json; charset=latin1"), Some("application/fhir+xml")] {
            assert!(!is_accepted(bad, FHIR), "{bad:?}");
        }
        assert!(!is_accepted(Some("application/fhir+json"), JSON));
    }
}
