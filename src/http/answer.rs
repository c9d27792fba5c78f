//! What a route answers, as data; its form on the wire; and what its audit record has to say.

use actix_web::HttpResponse;
use actix_web::http::{StatusCode, header};
use serde_json::Value;

use super::error::Refusal;
use super::language::Language;
use crate::access::Seen;
use crate::fhir::issue::operation_outcome;
use crate::store::Version;

pub const FHIR_JSON: &str = "application/fhir+json; charset=utf-8";
const JSON: &str = "application/json; charset=utf-8";

/// How an access is recorded.
#[derive(Debug)]
pub enum Record {
    /// Still to be written, before the answer leaves.
    Due(Seen),
    /// Written in the commit of the work itself.
    Committed,
    /// Nothing of anybody's record was touched.
    Needless,
}

/// A request that was answered with what it asked for.
#[derive(Debug)]
pub struct Answer {
    status: StatusCode,
    media_type: &'static str,
    body: Option<Value>,
    location: Option<String>,
    etag: Option<String>,
    pub record: Record,
}

impl Answer {
    fn new(media_type: &'static str, body: Value, record: Record) -> Self {
        Answer { status: StatusCode::OK, media_type, body: Some(body), location: None, etag: None, record }
    }

    pub fn json(body: Value, record: Record) -> Self {
        Self::new(JSON, body, record)
    }

    pub fn fhir(body: Value, record: Record) -> Self {
        Self::new(FHIR_JSON, body, record)
    }

    /// One version of a resource with its ETag; 304 where the caller has it already.
    pub fn version(version: Version, if_none_match: Option<&str>) -> Self {
        let etag = format!("W/\"{}\"", version.version);
        let has_it = if_none_match.is_some_and(|tags| tags.split(',').any(|tag| same_tag(tag.trim(), &etag)));
        let mut answer = Self::fhir(version.body, Record::Due(Seen::default()));
        answer.record = Record::Due(answer.body.as_ref().map(Seen::resource).unwrap_or_default());
        answer.etag = Some(etag);
        if has_it {
            answer.status = StatusCode::NOT_MODIFIED;
            answer.body = None;
        }
        answer
    }

    #[must_use]
    pub fn created(mut self) -> Self {
        self.status = StatusCode::CREATED;
        self
    }

    #[must_use]
    pub fn location(mut self, location: String) -> Self {
        self.location = Some(location);
        self
    }

    pub fn respond(self) -> HttpResponse {
        let mut response = HttpResponse::build(self.status);
        if let Some(location) = self.location {
            response.insert_header((header::LOCATION, location));
        }
        if let Some(etag) = self.etag {
            response.insert_header((header::ETAG, etag));
        }
        match self.body {
            Some(body) => response.content_type(self.media_type).body(body.to_string()),
            None => response.finish(),
        }
    }
}

/// Weak comparison: `W/"1"` and `"1"` are the same.
fn same_tag(one: &str, other: &str) -> bool {
    let bare = |tag: &str| tag.strip_prefix("W/").unwrap_or(tag).to_owned();
    one == "*" || bare(one) == bare(other)
}

/// A refusal as OperationOutcome.
pub fn refuse(refusal: &Refusal, language: Language) -> HttpResponse {
    let mut response = HttpResponse::build(refusal.status());
    match refusal {
        Refusal::NoMethod { allowed } => {
            response.insert_header((header::ALLOW, allowed.as_str()));
        }
        Refusal::Busy | Refusal::Store(_) => {
            response.insert_header((header::RETRY_AFTER, "1"));
        }
        // What is still on its way of the body is not waited for.
        Refusal::TooLarge { .. } | Refusal::BodyLost => {
            response.force_close();
        }
        _ => {}
    }
    response.content_type(FHIR_JSON).body(operation_outcome(&refusal.issues(language)).to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_etag_is_compared_weakly() {
        assert!(same_tag("W/\"1\"", "W/\"1\"") && same_tag("\"1\"", "W/\"1\"") && same_tag("*", "W/\"1\""));
        assert!(!same_tag("W/\"2\"", "W/\"1\""));
    }
}
