//! Everything that goes out over HTTP. What happened comes back as data ([`Answer`]), never as the text of an answer
//! or of a library's error: those may hold what was sent.

mod address;
mod answer;
mod error;
mod guard;
pub mod json;
mod send;
mod terminology;

pub use address::{AddressError, Addresses, Endpoint};
pub use answer::{Answer, Failure, Held, RetryAfter};
pub use error::ClientError;
pub use send::{Client, ClientOptions, Trace};
pub use terminology::{TerminologyClient, TerminologyOptions};
