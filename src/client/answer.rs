//! What came of a request, as data.

use std::error::Error;
use std::time::Duration;

use jiff::Timestamp;

/// What came of one request. Holds nothing of the body that was sent or received.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    Status {
        status: u16,
        /// False where the answer is plainly not from a FHIR server (a login page, a proxy's error page).
        fhir: bool,
        retry_after: Option<RetryAfter>,
        /// `Location` of what was created, where the receiver names it.
        location: Option<String>,
        /// Asked after a 409: whether the receiver holds the identifier.
        held: Held,
    },
    /// No status came.
    None(Failure),
}

impl Answer {
    pub fn status(&self) -> Option<u16> {
        match self {
            Answer::Status { status, .. } => Some(*status),
            Answer::None(_) => None,
        }
    }
}

/// Whether a receiver holds a resource with a certain identifier.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Held {
    Yes,
    No,
    /// The receiver does not answer searches.
    CannotSay,
    NotAsked,
}

/// Why no status came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// The endpoint breaks a rule of [`super::Addresses`]: no request was made.
    Address(super::AddressError),
    /// Nobody listens there, the name is unknown, or the connection could not be made in time.
    Connect,
    /// The receiver's certificate is not trusted, or TLS could not be agreed.
    Tls,
    /// The connection was made, and no answer came in time.
    Timeout,
    /// The connection broke before an answer: the receiver may or may not have stored what was sent.
    Torn,
}

impl Failure {
    /// In words, for the worklist.
    pub fn text(self) -> &'static str {
        match self {
            Failure::Address(_) => "the receiver's address is not allowed",
            Failure::Connect => "no connection could be made",
            Failure::Tls => "no trusted TLS connection could be made",
            Failure::Timeout => "no answer came in time",
            Failure::Torn => "the connection broke before an answer came",
        }
    }
}

/// The `Retry-After` header: seconds, or an HTTP date.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RetryAfter {
    In(Duration),
    At(Timestamp),
}

impl RetryAfter {
    /// None where the header is neither; a receiver that cannot say when gets the usual backoff.
    pub fn parse(header: &str) -> Option<Self> {
        let header = header.trim();
        if let Ok(seconds) = header.parse::<u64>() {
            return Some(RetryAfter::In(Duration::from_secs(seconds)));
        }
        let date = jiff::fmt::rfc2822::DateTimeParser::new().parse_timestamp(header).ok()?;
        Some(RetryAfter::At(date))
    }
}

/// Classifies a failed request without keeping the error: its text holds the URL.
pub(super) fn failure_of(error: &reqwest::Error) -> Failure {
    if is_tls(error) {
        Failure::Tls
    } else if error.is_connect() {
        Failure::Connect
    } else if error.is_timeout() {
        Failure::Timeout
    } else {
        Failure::Torn
    }
}

/// True where a TLS error stands anywhere among the causes; `io::Error` hides the one that it wraps from `source`.
fn is_tls(error: &(dyn Error + 'static)) -> bool {
    let mut cause = Some(error);
    while let Some(current) = cause {
        if current.is::<rustls::Error>() {
            return true;
        }
        let wrapped = current.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
        if wrapped.is_some_and(|wrapped| is_tls(wrapped)) {
            return true;
        }
        cause = current.source();
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retry_after_is_read_in_both_forms_and_in_no_other() {
        assert_eq!(RetryAfter::parse(" 120 "), Some(RetryAfter::In(Duration::from_secs(120))));
        let date = "2026-03-01T22:15:00Z".parse().expect("a timestamp");
        assert_eq!(RetryAfter::parse("Sun, 01 Mar 2026 22:15:00 GMT"), Some(RetryAfter::At(date)));
        for nonsense in ["", "soon", "-5", "1.5", "99999999999999999999999"] {
            assert_eq!(RetryAfter::parse(nonsense), None, "{nonsense}");
        }
    }
}
