//! What a route answers, as data, and what its audit record has to say. `reply` gives it its form on the wire.

use std::str::FromStr;
use std::time::SystemTime;

use actix_web::HttpResponseBuilder;
use actix_web::http::{StatusCode, header};
use jiff::Timestamp;
use serde_json::Value;

use super::language::Language;
use crate::access::Seen;
use crate::fhir::subset::View;
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
    /// A resource, in whichever form the caller asked for: of R4 until the call gives it the release that was.
    Fhir(Value),
}

/// A request that was answered with what it asked for.
#[derive(Debug)]
pub struct Answer {
    status: StatusCode,
    body: Body,
    view: View,
    location: Option<String>,
    etag: Option<String>,
    last_modified: Option<Timestamp>,
    /// Where the words of the answer were chosen by `Accept-Language`.
    language: Option<Language>,
    pub record: Record,
}

impl Answer {
    fn new(body: Body, record: Record) -> Self {
        Answer {
            status: StatusCode::OK,
            body,
            view: View::Whole,
            location: None,
            etag: None,
            last_modified: None,
            language: None,
            record,
        }
    }

    pub fn json(body: Value, record: Record) -> Self {
        Self::new(Body::Json(body), record)
    }

    pub fn fhir(body: Value, record: Record) -> Self {
        Self::new(Body::Fhir(body), record)
    }

    /// One version of a resource with its ETag and time; 304 where the caller has it already.
    pub fn version(version: Version, known: &Known<'_>) -> Self {
        let seen = Seen::resource(&version.body);
        let has_it = known.has(&version);
        let mut answer = Self::fhir(version.body, Record::Due(seen));
        answer.etag = Some(etag(version.version));
        answer.last_modified = Some(version.at);
        if has_it {
            answer.status = StatusCode::NOT_MODIFIED;
            answer.body = Body::None;
        }
        answer
    }

    /// Of a resource, or of each that was found, this part alone.
    #[must_use]
    pub fn view(mut self, view: View) -> Self {
        self.view = view;
        self
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

    /// Words of the answer are in this language; asked for in another, they would be others.
    #[must_use]
    pub fn language(mut self, language: Language) -> Self {
        self.language = Some(language);
        self
    }

    /// The resource that is answered with, where there is one, and the part of it that is.
    pub fn resource_mut(&mut self) -> Option<(&mut Value, &View)> {
        match &mut self.body {
            Body::Fhir(resource) => Some((resource, &self.view)),
            Body::Json(_) | Body::None => None,
        }
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
        if let Some(at) = self.last_modified {
            response.insert_header((header::LAST_MODIFIED, header::HttpDate::from(SystemTime::from(at))));
        }
        if let Some(language) = self.language {
            response.insert_header((header::CONTENT_LANGUAGE, language.tag()));
            response.insert_header((header::VARY, "Accept-Language"));
        }
        (response, self.body)
    }
}

fn etag(version: u64) -> String {
    format!("W/\"{version}\"")
}

/// What a caller says to have already.
///
/// Source: <http://hl7.org/fhir/R4/http.html#cread>, RFC 9110 section 13.
#[derive(Default)]
pub struct Known<'r> {
    pub if_none_match: Option<&'r str>,
    pub if_modified_since: Option<&'r str>,
}

impl Known<'_> {
    /// The time counts where no tag is named; it is told in whole seconds.
    fn has(&self, version: &Version) -> bool {
        if let Some(tags) = self.if_none_match {
            let etag = etag(version.version);
            return tags.split(',').any(|tag| same_tag(tag.trim(), &etag));
        }
        let since = self.if_modified_since.and_then(|text| header::HttpDate::from_str(text).ok());
        since.is_some_and(|since| {
            let seconds = SystemTime::from(since).duration_since(SystemTime::UNIX_EPOCH).map_or(0, |it| it.as_secs());
            i64::try_from(seconds).is_ok_and(|seconds| version.at.as_second() <= seconds)
        })
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
