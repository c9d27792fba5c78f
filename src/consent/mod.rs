//! May this purpose, on this basis, for this receiver, now? One table, pure ([`decide`]); what is known about a
//! patient is gathered beforehand ([`Gate`]), and asked again at every attempt to deliver.
//!
//! A registry opt-out, an objection in a local register, a refusal in the care plan and an answer of Mitz are four
//! different statements: each stops what it is about, and nothing else.

mod gate;
mod sharing;
mod table;

pub use gate::{
    ConsentSource, Gate, NoOtherSource, OtherStatements, Standing, StoreGate, carries_care_plan, decision, is_deceased,
    purpose_of,
};
pub use sharing::{SharingConsent, is_sharing_consent, registry_opt_out, sharing_consent};
pub use table::{Decision, Effect, Purpose, ROWS, Reason, Row, Source, Statement, Statements, decide};
