//! Delivering what was committed: a lease, an attempt, a verdict, and all of it recorded in one commit.
//!
//! The verdict is pure ([`verdict`]); the [`Worker`] asks the consent gate at every attempt, sends a conditional create,
//! and writes the attempt, the new state and the AuditEvent together. A crash between sending and recording leads to
//! the same request again, which the receiver recognises by `Bundle.identifier`.

mod attempt;
mod policy;
mod worker;

pub use policy::{Policy, Verdict, verdict};
pub use worker::{Sender, Worker, WorkerOptions};
