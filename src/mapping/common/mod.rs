//! The parties and data types that all documents share, in the shapes of nl-core.

pub mod address;
pub mod element;
pub mod merge;
pub mod name;
pub mod narrative;
pub mod organization;
pub mod patient;
pub mod practitioner;
pub mod provenance;
pub mod related_person;
pub mod telecom;

pub use element::{Object, Spot, profiles};
