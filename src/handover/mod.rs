//! Handing over: what of a patient's record travels, composed as one document Bundle, and to whom.
//!
//! [`compose`] is pure. [`request`] is the use case: find patient and receiver, decide on consent, compose, check,
//! and queue the delivery with its audit record in one commit.

mod addressing;
mod compose;
mod limits;
mod narrative;
mod order;
mod references;
mod request;
mod section;
mod view;
mod withhold;

pub use addressing::{Directory, DirectoryError, FileDirectory, Listing};
pub use compose::{Author, Composed, Handover, compose};
pub use request::{Context, Parts, PatientRef, Queued, ReceiverRef, Refusal, Request, preview, request};
pub use view::view;
pub use withhold::is_care_plan;
