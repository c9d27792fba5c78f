//! The documents that a hospital sends, as parsed types without illegal states, and the identifiers in them.
//!
//! A document enters through its JSON Schema (`profiles/documents/`) and what no schema can say (dates that contradict),
//! which is judged of every part that the schema accepts, so that all that is wrong is told at once. What has no fault
//! is parsed into the types here.

pub mod care_plan;
mod chronology;
pub mod coded;
pub mod common;
pub mod identifier;
pub mod keys;
pub mod metastasis_event;
pub mod partial_date;
pub mod registry_record;
mod review;
pub mod schema;
pub mod tumour;
pub mod violation;

use jiff::Timestamp;
use serde::de::DeserializeOwned;
use serde_json::Value;

pub use care_plan::CarePlan;
pub use coded::Coded;
pub use common::Envelope;
pub use identifier::{Agb, Big, Bsn, Identifier, Ura, Uzi};
pub use metastasis_event::MetastasisEvent;
pub use partial_date::{Answer, PartialDate, Precision};
pub use registry_record::RegistryRecord;
use review::Review;
pub use violation::{Violation, ViolationKind};

/// The kinds of document that the service takes in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    RegistryRecord,
    MetastasisEvent,
    CarePlan,
}

impl Kind {
    pub const ALL: &[Kind] = &[Kind::RegistryRecord, Kind::MetastasisEvent, Kind::CarePlan];

    /// The name in commands, records and file names (`care-plan`).
    pub fn as_str(self) -> &'static str {
        match self {
            Kind::RegistryRecord => "registry-record",
            Kind::MetastasisEvent => "metastasis-event",
            Kind::CarePlan => "care-plan",
        }
    }

    pub fn parse(name: &str) -> Option<Kind> {
        Kind::ALL.iter().copied().find(|kind| kind.as_str() == name)
    }
}

/// A document that passed its door.
#[derive(Clone, Debug)]
pub enum Document {
    RegistryRecord(Box<RegistryRecord>),
    MetastasisEvent(Box<MetastasisEvent>),
    CarePlan(Box<CarePlan>),
}

impl Document {
    pub fn kind(&self) -> Kind {
        match self {
            Document::RegistryRecord(_) => Kind::RegistryRecord,
            Document::MetastasisEvent(_) => Kind::MetastasisEvent,
            Document::CarePlan(_) => Kind::CarePlan,
        }
    }

    /// What every document carries: who sent it, which version, about whom.
    pub fn envelope(&self) -> &Envelope {
        match self {
            Document::RegistryRecord(record) => &record.envelope,
            Document::MetastasisEvent(event) => &event.envelope,
            Document::CarePlan(plan) => &plan.envelope,
        }
    }
}

/// Reads a document of this kind. `now` is for dates that cannot lie ahead of us.
///
/// # Errors
/// Every fault at once, each at its place: those of the schema, and those that it cannot express in all that it accepts.
pub fn parse(kind: Kind, document: &Value, now: Timestamp) -> Result<Document, Vec<Violation>> {
    let mut review = Review::new(kind, document);
    common::envelope::check(&mut review, now);
    match kind {
        Kind::RegistryRecord => registry_record::check(&mut review, now),
        Kind::MetastasisEvent => metastasis_event::check(&mut review, now),
        Kind::CarePlan => care_plan::check(&mut review, now),
    }
    review.finish()?;
    match kind {
        Kind::RegistryRecord => registry_record::read(document).map(|one| Document::RegistryRecord(Box::new(one))),
        Kind::MetastasisEvent => metastasis_event::read(document).map(|one| Document::MetastasisEvent(Box::new(one))),
        Kind::CarePlan => care_plan::read(document).map(|plan| Document::CarePlan(Box::new(plan))),
    }
}

/// Reads what has no fault. That schema and types agree is tested; where they do not, the document is refused
/// without repeating what stands in it.
pub fn typed<T: DeserializeOwned>(document: &Value) -> Result<T, Vec<Violation>> {
    T::deserialize(document)
        .map_err(|_| vec![Violation::new("", ViolationKind::Type, "a document that the service's own types can hold")])
}
