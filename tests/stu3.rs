//! FHIR STU3: every resource of a care plan in both versions, against the published resources and profiles.

#[path = "stu3/by_document.rs"]
mod by_document;
mod common;
#[path = "stu3/documents.rs"]
mod documents;
#[path = "stu3/forms.rs"]
mod forms;
#[allow(dead_code)] // Not all of it is asked here.
#[path = "careplan/generate.rs"]
mod generate;
#[path = "stu3/profiles.rs"]
mod profiles;
#[path = "stu3/published.rs"]
mod published;
#[path = "stu3/round_trip.rs"]
mod round_trip;
#[path = "stu3/xml.rs"]
mod xml;
