//! What the documents have in common: the envelope, the patient, names, addresses, organisations and professionals.
//!
//! The shapes are those of `profiles/documents/common.schema.json`. No `Debug` shows a value: they are a patient's.

pub mod address;
pub mod codes;
pub mod coding;
pub mod contact;
pub mod envelope;
pub mod moment;
pub mod name;
pub mod patient;
pub mod provider;

pub use address::Address;
pub use coding::{Attachment, Coding, ListCode};
pub use contact::{ContactDetails, ContactPerson, Email, Telephone};
pub use envelope::{Envelope, Source};
pub use moment::Moment;
pub use name::{FamilyName, HumanName};
pub use patient::{HospitalNumber, Patient, PatientIdentifiers};
pub use provider::{Organization, Practitioner};

/// `Debug` that names the type and shows nothing in it.
macro_rules! shows_nothing {
    ($($name:ident),* $(,)?) => {$(
        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(concat!(stringify!($name), " { … }"))
            }
        }
    )*};
}
pub(crate) use shows_nothing;
