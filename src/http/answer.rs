//! What a route answers, as data, and what its audit record has to say. `reply` gives it its form on the wire.

use actix_web::HttpResponseBuilder;
use actix_web::http::{StatusCode, header};
use serde_json::Value;

use crate::access::Seen;
use crate::store::Version;

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

/// What an answer holds.
#[derive(Debug)]
pub enum Body {
    None,
    /// JSON of our own.
    Json(Value),
    /// A resource, in whichever form the caller asked for.
    Fhir(Value),
}

/// A request that was answered with what it asked for.
#[derive(Debug)]
pub struct Answer {
    status: StatusCode,
    body: Body,
    location: Option<String>,
    etag: Option<String>,
    pub record: Record,
}

impl Answer {
    fn new(body: Body, record: Record) -> Self {
        Answer { status: StatusCode::OK, body, location: None, etag: None, record }
    }

    pub fn json(body: Value, record: Record) -> Self {
        Self::new(Body::Json(body), record)
    }

    pub fn fhir(body: Value, record: Record) -> Self {
        Self::new(Body::Fhir(body), record)
    }

    /// One version of a resource with its ETag; 304 where the caller has it already.
    pub fn version(version: Version, if_none_match: Option<&str>) -> Self {
        let etag = format!("W/\"{}\"", version.version);
        let has_it = if_none_match.is_some_and(|tags| tags.split(',').any(|tag| same_tag(tag.trim(), &etag)));
        let seen = Seen::resource(&version.body);
        let mut answer = Self::fhir(version.body, Record::Due(seen));
        answer.etag = Some(etag);
        if has_it {
            answer.status = StatusCode::NOT_MODIFIED;
            answer.body = Body::None;
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

    /// Status and headers, and what is to follow them.
    pub fn head(self) -> (HttpResponseBuilder, Body) {
        let mut response = HttpResponseBuilder::new(self.status);
        if let Some(location) = self.location {
            response.insert_header((header::LOCATION, location));
        }
        if let Some(etag) = self.etag {
            response.insert_header((header::ETAG, etag));
        }
        (response, self.body)
    }
}

/// Weak comparison: `W/"1"` and `"1"` are the same.
fn same_tag(one: &str, other: &str) -> bool {
    let bare = |tag: &str| tag.strip_prefix("W/").unwrap_or(tag).to_owned();
    one == "*" || bare(one) == bare(other)
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
