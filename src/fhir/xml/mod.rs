//! The XML form of FHIR: [`read()`] gives the JSON form of a text, [`write()`] the text of the JSON form.
//!
//! Which elements a type has, and in what order, comes from a [`Layout`]: [`Defined`] reads it from StructureDefinitions,
//! [`super::stu3::Stu3`] from a table. JSON → XML → JSON is identity for every valid resource (`tests/xml.rs`), but for
//! HTML's named entities in a narrative, which become the characters that they name: XML does not know them.
//!
//! Source: <http://hl7.org/fhir/R4/xml.html>.

mod defined;
mod fault;
mod layout;
mod narrative;
mod read;
mod write;

pub use defined::Defined;
pub use fault::SyntaxFault;
pub use layout::{Content, Element, Elements, Layout};
pub use read::{Document, Fault, read};
pub use write::{Unwritable, write};

const NAMESPACE: &str = "http://hl7.org/fhir";
/// Deeper than any resource goes, and well under what a reader's stack bears.
const DEPTH_LIMIT: usize = 120;
