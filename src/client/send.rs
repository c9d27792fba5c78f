//! The client: a conditional create at a receiver's FHIR endpoint, within limits of time and size.

use std::time::Duration;

use reqwest::header::{ACCEPT, CONTENT_TYPE, HeaderMap, LOCATION, RETRY_AFTER};
use reqwest::{Certificate, Response, redirect};
use serde_json::Value;
use tokio::sync::Semaphore;
use uuid::Uuid;

use super::answer::failure_of;
use super::guard::GuardedResolver;
use super::{Addresses, Answer, ClientError, Failure, Held, RetryAfter};

const FHIR_JSON: &str = "application/fhir+json";

/// Limits and trust. The defaults suit a delivery of a handover.
#[derive(Clone, Debug)]
pub struct ClientOptions {
    pub connect_timeout: Duration,
    /// For a whole request, answer included.
    pub timeout: Duration,
    /// No more of an answer is read than this; what is beyond it is dropped with the connection.
    pub max_answer_bytes: usize,
    /// Requests at the same time, over all receivers.
    pub max_requests: usize,
    pub addresses: Addresses,
    /// Certificate authorities (PEM) trusted beside the system's own.
    pub extra_authorities: Vec<Vec<u8>>,
}

impl Default for ClientOptions {
    fn default() -> Self {
        ClientOptions {
            connect_timeout: Duration::from_secs(5),
            timeout: Duration::from_secs(30),
            max_answer_bytes: 1 << 20,
            max_requests: 32,
            addresses: Addresses::default(),
            extra_authorities: Vec::new(),
        }
    }
}

/// The ids under which one request is found in the logs of both sides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Trace {
    /// `X-Request-Id`.
    pub request: Uuid,
    /// Trace id of `traceparent`: the same for every attempt of one delivery.
    pub trace: Uuid,
}

impl Trace {
    /// W3C Trace Context, version 00, sampled.
    fn traceparent(&self) -> String {
        let span = &self.request.simple().to_string()[..16];
        format!("00-{}-{span}-01", self.trace.simple())
    }
}

/// Sends to receivers. No redirect is followed and no proxy of the environment is used: a request goes to the endpoint
/// that was checked, or nowhere.
pub struct Client {
    http: reqwest::Client,
    addresses: Addresses,
    max_answer_bytes: usize,
    slots: Semaphore,
}

impl Client {
    /// Fails where a certificate cannot be read.
    pub fn new(options: ClientOptions) -> Result<Client, ClientError> {
        let authorities = options.extra_authorities.iter().map(|pem| Certificate::from_pem_bundle(pem));
        let authorities: Vec<Vec<Certificate>> =
            authorities.collect::<Result<_, _>>().map_err(|_| ClientError::Certificate)?;
        let mut builder = reqwest::Client::builder()
            .user_agent(concat!("overdracht/", env!("CARGO_PKG_VERSION")))
            .redirect(redirect::Policy::none())
            .retry(reqwest::retry::never())
            .no_proxy()
            .dns_resolver(GuardedResolver)
            .connect_timeout(options.connect_timeout)
            .timeout(options.timeout)
            .pool_max_idle_per_host(4)
            .tls_version_min(reqwest::tls::Version::TLS_1_2);
        if !authorities.is_empty() {
            builder = builder.tls_certs_merge(authorities.into_iter().flatten());
        }
        Ok(Client {
            http: builder.build().map_err(|_| ClientError::Setup)?,
            addresses: options.addresses,
            max_answer_bytes: options.max_answer_bytes,
            slots: Semaphore::new(options.max_requests),
        })
    }

    /// `POST base/Bundle` that creates nothing where the receiver holds a Bundle with this identifier (a
    /// `urn:uuid:…`). After a 409 the receiver is asked whether it holds it. Never an error: see [`Answer`].
    pub async fn conditional_create(&self, base: &str, identifier: &str, body: Vec<u8>, trace: Trace) -> Answer {
        let endpoint = match self.addresses.endpoint(base) {
            Ok(endpoint) => endpoint,
            Err(rule) => return Answer::None(Failure::Address(rule)),
        };
        let request = self
            .http
            .post(endpoint.join("Bundle"))
            .header(CONTENT_TYPE, FHIR_JSON)
            .header("If-None-Exist", format!("identifier={}|{identifier}", crate::fhir::systems::URI))
            .header("Prefer", "return=minimal")
            .body(body);
        let mut answer = self.send(request, trace).await;
        if let Answer::Status { status: 409, held, .. } = &mut answer {
            *held = self.holds(&endpoint, identifier, trace).await;
        }
        answer
    }

    /// `POST` to an operation below an endpoint; the body of a 200 as JSON, none where there is no such answer.
    pub(super) async fn operation(&self, endpoint: &super::Endpoint, path: &str, body: Vec<u8>) -> Option<Value> {
        let _slot = self.slots.acquire().await.ok()?;
        let trace = Trace { request: Uuid::new_v4(), trace: Uuid::new_v4() };
        let request = self.http.post(endpoint.join(path)).header(CONTENT_TYPE, FHIR_JSON).body(body);
        let mut response = traced(request, trace).send().await.ok()?;
        let found = response.status() == 200;
        let body = read_limited(&mut response, self.max_answer_bytes).await.filter(|_| found)?;
        serde_json::from_slice(&body).ok()
    }

    /// Searches for the identifier, which says nothing about the patient and may stand in a URL.
    async fn holds(&self, endpoint: &super::Endpoint, identifier: &str, trace: Trace) -> Held {
        let mut url = endpoint.join("Bundle");
        url.query_pairs_mut().append_pair("identifier", &format!("{}|{identifier}", crate::fhir::systems::URI));
        let Ok(_slot) = self.slots.acquire().await else { return Held::NotAsked };
        let Ok(mut response) = traced(self.http.get(url), trace).send().await else { return Held::NotAsked };
        match response.status().as_u16() {
            200 => {}
            400 | 404 | 405 | 422 | 501 => return Held::CannotSay,
            _ => return Held::NotAsked,
        }
        let found = read_limited(&mut response, self.max_answer_bytes).await;
        let Some(found) = found.and_then(|body| serde_json::from_slice::<serde_json::Value>(&body).ok()) else {
            return Held::CannotSay;
        };
        match (&found["resourceType"], found["entry"].as_array()) {
            (kind, Some(entries)) if kind == "Bundle" && !entries.is_empty() => Held::Yes,
            (kind, _) if kind == "Bundle" => Held::No,
            _ => Held::CannotSay,
        }
    }

    async fn send(&self, request: reqwest::RequestBuilder, trace: Trace) -> Answer {
        let Ok(_slot) = self.slots.acquire().await else { return Answer::None(Failure::Connect) };
        let mut response = match traced(request, trace).send().await {
            Ok(response) => response,
            Err(error) => return Answer::None(failure_of(&error)),
        };
        let answer = Answer::Status {
            status: response.status().as_u16(),
            fhir: is_fhir(response.headers()),
            retry_after: text(response.headers(), RETRY_AFTER.as_str()).and_then(RetryAfter::parse),
            location: text(response.headers(), LOCATION.as_str()).map(|location| location.chars().take(500).collect()),
            held: Held::NotAsked,
        };
        // The status is the acknowledgement; the body is read only so that the connection can be used again.
        let _ = read_limited(&mut response, self.max_answer_bytes).await;
        answer
    }
}

fn traced(request: reqwest::RequestBuilder, trace: Trace) -> reqwest::RequestBuilder {
    request
        .header(ACCEPT, FHIR_JSON)
        .header("X-Request-Id", trace.request.to_string())
        .header("traceparent", trace.traceparent())
}

/// The body, or none where it is too large or breaks off.
async fn read_limited(response: &mut Response, max: usize) -> Option<Vec<u8>> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.ok()? {
        if body.len() + chunk.len() > max {
            return None;
        }
        body.extend_from_slice(&chunk);
    }
    Some(body)
}

/// An answer without a content type has no body to judge; HTML and plain text are what stands between, not a receiver.
fn is_fhir(headers: &HeaderMap) -> bool {
    text(headers, CONTENT_TYPE.as_str()).is_none_or(|kind| kind.contains("json") || kind.contains("xml"))
        && !text(headers, CONTENT_TYPE.as_str()).is_some_and(|kind| kind.contains("html"))
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_traceparent_has_the_form_of_trace_context() {
        let trace = Trace { request: Uuid::from_u128(0xabcd << 100), trace: Uuid::from_u128(7) };
        let header = trace.traceparent();
        let parts: Vec<&str> = header.split('-').collect();
        assert_eq!(parts.iter().map(|part| part.len()).collect::<Vec<_>>(), [2, 32, 16, 2]);
        assert!(header.chars().all(|c| c == '-' || c.is_ascii_hexdigit()));
    }
}
