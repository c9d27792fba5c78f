//! JSON over HTTP to a service on loopback: what the demo and the tests speak.

use std::time::Duration;

use serde_json::Value;

/// What came back: status, `Location`, and the body (null where there is none or it is no JSON).
#[derive(Clone, Debug)]
pub struct Answer {
    pub status: u16,
    pub location: Option<String>,
    pub body: Value,
}

/// One connection pool, one time limit.
#[derive(Clone, Debug)]
pub struct JsonClient {
    http: reqwest::Client,
}

/// No answer came. Says where in the exchange, without the URL.
#[derive(Debug, thiserror::Error)]
#[error("no answer: {0}")]
pub struct NoAnswer(String);

impl From<reqwest::Error> for NoAnswer {
    fn from(error: reqwest::Error) -> Self {
        NoAnswer(error.without_url().to_string())
    }
}

impl JsonClient {
    /// # Errors
    /// Where the TLS back end cannot start.
    pub fn new(timeout: Duration) -> Result<Self, NoAnswer> {
        let http = reqwest::Client::builder().timeout(timeout).no_proxy().build()?;
        Ok(JsonClient { http })
    }

    pub async fn get(&self, url: &str) -> Result<Answer, NoAnswer> {
        answer(self.http.get(url).send().await?).await
    }

    /// Sends a body of this media type as it is.
    pub async fn post(&self, url: &str, media_type: &str, body: impl Into<Vec<u8>>) -> Result<Answer, NoAnswer> {
        let request = self.http.post(url).header("content-type", media_type).body(body.into());
        answer(request.send().await?).await
    }

    /// Sends a form, as a FHIR search in the body does.
    pub async fn post_form(&self, url: &str, parameters: &[(&str, &str)]) -> Result<Answer, NoAnswer> {
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(parameters).finish();
        self.post(url, "application/x-www-form-urlencoded", body).await
    }
}

async fn answer(response: reqwest::Response) -> Result<Answer, NoAnswer> {
    let status = response.status().as_u16();
    let location = response.headers().get("location").and_then(|value| value.to_str().ok()).map(str::to_owned);
    let body = serde_json::from_slice(&response.bytes().await?).unwrap_or(Value::Null);
    Ok(Answer { status, location, body })
}
