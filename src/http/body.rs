//! Reads a body within limits of type, size and time.

use std::time::Duration;

use actix_web::{HttpRequest, web};
use futures_util::StreamExt;

use super::error::Refusal;

/// Of a body that is too large so much is still taken and dropped, so that the sender gets to read the answer.
const DRAIN: usize = 64 * 1024 * 1024;
/// For the whole of a body.
const PATIENCE: Duration = Duration::from_secs(30);

pub const JSON: &str = "application/json";
pub const FHIR: &str = "application/fhir+json or application/fhir+xml";
pub const FORM: &str = "application/x-www-form-urlencoded";

/// The whole body, of which the media type is `right` or not: a wrong one is refused before anything is kept.
pub async fn read(
    request: &HttpRequest,
    payload: &mut web::Payload,
    right: bool,
    expected: &'static str,
    limit: usize,
) -> Result<Vec<u8>, Refusal> {
    let encoded = request.headers().contains_key("content-encoding");
    let declared = request.headers().get("content-length").and_then(|it| it.to_str().ok()?.parse::<usize>().ok());
    if declared.is_some_and(|length| length > DRAIN) {
        return Err(Refusal::TooLarge { limit });
    }
    let keep = if !right || encoded { 0 } else { limit };
    let (body, length) = tokio::time::timeout(PATIENCE, take(payload, keep)).await.map_err(|_| Refusal::BodyLost)??;
    if !right || encoded {
        Err(Refusal::MediaType { expected })
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

/// Whether a `Content-Type` is this one. Parameters are allowed as long as the characters are UTF-8.
pub fn is(media_type: &str, content_type: Option<&str>) -> bool {
    let mut parts = content_type.unwrap_or_default().split(';').map(str::trim);
    let named = parts.next().unwrap_or_default();
    let utf8 = parts.all(|parameter| match parameter.split_once('=') {
        Some((name, value)) if name.eq_ignore_ascii_case("charset") => {
            value.trim_matches('"').eq_ignore_ascii_case("utf-8")
        }
        _ => true,
    });
    utf8 && named.eq_ignore_ascii_case(media_type)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_media_type_is_read_with_its_parameters() {
        for good in ["application/json", "application/json; charset=UTF-8", "Application/JSON;x=y"] {
            assert!(is(JSON, Some(good)), "{good}");
        }
        for bad in [None, Some("text/plain"), Some("application/json; charset=latin1"), Some("application/fhir+json")] {
            assert!(!is(JSON, bad), "{bad:?}");
        }
    }
}
