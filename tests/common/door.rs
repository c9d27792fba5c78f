//! The FHIR door as a client of another system meets it: any form asked for, any form read. Include beside `service.rs`.

#![allow(dead_code)] // Not every test file uses all of it.

use std::sync::{Arc, LazyLock};

use overdracht::fhir::definitions::Definitions;
use overdracht::fhir::xml::{self, Defined};
use reqwest::header::HeaderMap;
use serde_json::Value;

use super::harness::Local;

pub const FHIR_XML: &str = "application/fhir+xml";

pub static DEFINITIONS: LazyLock<Arc<Definitions>> =
    LazyLock::new(|| Arc::new(Definitions::builder().open().expect("`make definitions` was run")));
pub static R4: LazyLock<Defined> = LazyLock::new(|| Defined::new(Arc::clone(&DEFINITIONS)));

/// What came back.
pub struct Seen {
    pub status: u16,
    pub headers: HeaderMap,
    pub text: String,
}

impl Seen {
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// The resource, in whichever of the two forms it says that it has.
    pub fn resource(&self) -> Value {
        if self.header("content-type").contains("xml") {
            xml::read(&*R4, &self.text).unwrap_or_else(|at| panic!("unreadable at {at:?}: {}", self.text)).resource
        } else {
            serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {}", self.text))
        }
    }

    /// The identifier of the first message of an OperationOutcome.
    pub fn message(&self) -> String {
        let id = self.resource()["issue"][0]["details"]["coding"][0]["code"].as_str().map(str::to_owned);
        id.unwrap_or_else(|| panic!("no message: {}", self.text))
    }
}

/// A request with these headers.
pub async fn call(service: &Local, method: &str, path: &str, headers: &[(&str, &str)], body: Option<String>) -> Seen {
    static HTTP: LazyLock<reqwest::Client> = LazyLock::new(reqwest::Client::new);
    let method = method.parse().expect("a method");
    let mut request = HTTP.request(method, format!("{}{path}", service.url));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    if let Some(body) = body {
        request = request.body(body);
    }
    let response = request.send().await.expect("an answer");
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    Seen { status, headers, text: response.text().await.expect("text") }
}

pub async fn get(service: &Local, path: &str, accept: &str) -> Seen {
    call(service, "GET", path, &[("accept", accept)], None).await
}
