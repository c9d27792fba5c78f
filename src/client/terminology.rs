//! Asking a terminology server whether a value set has a code (`$validate-code`), from code that does not wait for long
//! and is not asynchronous.
//!
//! Answers are kept. A server that does not answer is left alone for a while, so that one that is down or slow costs one
//! time limit and not one for every code. Source: <http://hl7.org/fhir/R4/valueset-operation-validate-code.html>.

use std::collections::HashMap;
use std::sync::{Arc, mpsc};
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use serde_json::{Value, json};
use tokio::runtime::Runtime;

use super::{Addresses, Client, ClientError, ClientOptions, Endpoint};
use crate::fhir::value_set::{Membership, Question};

/// Limits of the client.
#[derive(Clone, Debug)]
pub struct TerminologyOptions {
    /// For one question, connection and answer included.
    pub timeout: Duration,
    /// How long a server that did not answer is not asked again.
    pub rest: Duration,
    /// Answers that are kept, and for how long.
    pub kept: usize,
    pub kept_for: Duration,
}

impl Default for TerminologyOptions {
    fn default() -> Self {
        TerminologyOptions {
            timeout: Duration::from_secs(2),
            rest: Duration::from_secs(30),
            kept: 20_000,
            kept_for: Duration::from_secs(24 * 3600),
        }
    }
}

type Key = (Box<str>, Option<Box<str>>, Box<str>);

#[derive(Default)]
struct Memory {
    answers: HashMap<Key, (Membership, Instant)>,
    resting_until: Option<Instant>,
}

/// A client of one terminology server.
pub struct TerminologyClient {
    /// Taken out when dropped: ending it may not wait.
    runtime: Option<Runtime>,
    client: Arc<Client>,
    endpoint: Endpoint,
    options: TerminologyOptions,
    memory: Mutex<Memory>,
}

impl TerminologyClient {
    /// # Errors
    /// Where the address breaks a rule of [`Addresses`], or the client cannot be set up.
    pub fn new(base: &str, options: TerminologyOptions) -> Result<Self, ClientError> {
        let addresses = Addresses::default();
        let endpoint = addresses.endpoint(base)?;
        let limits = ClientOptions {
            connect_timeout: options.timeout,
            timeout: options.timeout,
            addresses,
            ..ClientOptions::default()
        };
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
        Ok(TerminologyClient {
            runtime: Some(runtime.map_err(|_| ClientError::Setup)?),
            client: Arc::new(Client::new(limits)?),
            endpoint,
            options,
            memory: Mutex::default(),
        })
    }

    /// Whether the value set has the code; unknown where the server cannot say, or does not say so in time.
    pub fn validate_code(&self, question: &Question<'_>) -> Membership {
        let key: Key = (question.value_set.into(), question.system.map(Box::from), question.code.into());
        let now = Instant::now();
        {
            let memory = self.memory.lock();
            if let Some((known, at)) = memory.answers.get(&key)
                && now.duration_since(*at) < self.options.kept_for
            {
                return *known;
            }
            if memory.resting_until.is_some_and(|until| now < until) {
                return Membership::Unknown;
            }
        }
        let answer = self.ask(question);
        let mut memory = self.memory.lock();
        let Some(answer) = answer else {
            if memory.resting_until.is_none_or(|until| until < now) {
                tracing::warn!("the terminology server gives no usable answer: it is left alone for a while");
            }
            memory.resting_until = Some(Instant::now() + self.options.rest);
            return Membership::Unknown;
        };
        memory.resting_until = None;
        if memory.answers.len() >= self.options.kept {
            memory.answers.clear();
        }
        memory.answers.insert(key, (answer, now));
        answer
    }

    /// Whether the server did not answer, and is not asked again for now.
    pub fn is_resting(&self) -> bool {
        self.memory.lock().resting_until.is_some_and(|until| Instant::now() < until)
    }

    /// None where no answer came that can be read.
    fn ask(&self, question: &Question<'_>) -> Option<Membership> {
        let body = parameters(question).to_string().into_bytes();
        let (send, receive) = mpsc::channel();
        let (client, endpoint) = (Arc::clone(&self.client), self.endpoint.clone());
        self.runtime.as_ref()?.spawn(async move {
            // Who asked may have stopped waiting.
            let _ = send.send(client.operation(&endpoint, "ValueSet/$validate-code", body).await);
        });
        let patience = self.options.timeout + self.options.timeout / 4;
        read(&receive.recv_timeout(patience).ok()??)
    }
}

impl Drop for TerminologyClient {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

fn parameters(question: &Question<'_>) -> Value {
    let (url, version) = question.value_set.split_once('|').map_or((question.value_set, None), |(u, v)| (u, Some(v)));
    let mut parameter = vec![json!({ "name": "code", "valueCode": question.code })];
    match question.definition {
        Some(definition) => parameter.push(json!({ "name": "valueSet", "resource": definition })),
        None => {
            parameter.push(json!({ "name": "url", "valueUri": url }));
            parameter.extend(version.map(|v| json!({ "name": "valueSetVersion", "valueString": v })));
        }
    }
    match question.system {
        Some(system) => parameter.push(json!({ "name": "system", "valueUri": system })),
        None => parameter.push(json!({ "name": "inferSystem", "valueBoolean": true })),
    }
    json!({ "resourceType": "Parameters", "parameter": parameter })
}

/// What Parameters answer. "No" for want of the code system or the value set is no "no".
fn read(answer: &Value) -> Option<Membership> {
    let parameters = answer.get("parameter")?.as_array()?;
    let named = |name: &str| parameters.iter().find(|p| p.get("name").and_then(Value::as_str) == Some(name));
    let result = named("result")?.get("valueBoolean")?.as_bool()?;
    let unknown = ["x-caused-by-unknown-system", "x-unknown-system"].iter().any(|name| named(name).is_some());
    let issues = named("issues").and_then(|p| p.get("resource")?.get("issue")?.as_array());
    let lacking =
        |issue: &Value| matches!(issue.get("code").and_then(Value::as_str), Some("not-found" | "not-supported"));
    Some(match result {
        true => Membership::In,
        false if unknown || issues.is_some_and(|all| all.iter().any(lacking)) => Membership::Unknown,
        false => Membership::Out,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(parameters: Value) -> Option<Membership> {
        read(&json!({ "resourceType": "Parameters", "parameter": parameters }))
    }

    #[test]
    fn a_no_for_want_of_content_is_no_no() {
        let result = |holds: bool| json!({ "name": "result", "valueBoolean": holds });
        assert_eq!(answer(json!([result(true)])), Some(Membership::In));
        assert_eq!(answer(json!([result(false)])), Some(Membership::Out));
        let missing = json!({ "name": "x-caused-by-unknown-system", "valueCanonical": "http://snomed.info/sct" });
        assert_eq!(answer(json!([result(false), missing])), Some(Membership::Unknown));
        let issues = json!({ "name": "issues", "resource": { "resourceType": "OperationOutcome",
                             "issue": [{ "severity": "error", "code": "not-found" }] } });
        assert_eq!(answer(json!([result(false), issues])), Some(Membership::Unknown));
        assert_eq!(answer(json!([{ "name": "message", "valueString": "x" }])), None);
    }

    #[test]
    fn a_server_is_only_asked_at_an_address_that_is_safe() {
        for base in ["http://tx.example/fhir", "https://169.254.169.254/", "file:///etc/passwd"] {
            assert!(TerminologyClient::new(base, TerminologyOptions::default()).is_err(), "{base}");
        }
        assert!(TerminologyClient::new("http://127.0.0.1:9/fhir", TerminologyOptions::default()).is_ok());
    }
}
