//! The current plan (decision 12): what holds now of all that a patient's care plans say.
//!
//! [`policy`] is the rule, over statements; [`statement`] reads the statements out of resources; [`settle`] writes how
//! each stands on the resources; [`plan`] makes the one document of what holds. `docs/care-plan.md` tells the rules to
//! people.

mod contradiction;
pub mod plan;
pub mod policy;
mod settle;
mod stated;
mod statement;

pub use contradiction::{Contradiction, contradictions};
pub use settle::{CONFLICTS_WITH, REPLACED_BY, as_of, holds, is_replaced, settle};
pub use statement::{SAID_ON, has_ended};
