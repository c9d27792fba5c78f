//! The published form of PZP (a QuestionnaireResponse) ↔ a care plan, from one table of its items.
//!
//! The form is smaller than the document: it has no BSN, address, second agreement party or advance directives. Reading
//! takes the patient and the sender from beside the form; what the mapping of the care plan derives (the date of
//! discussion, the parties to an agreement) is said in that mapping's trace. Writing lists in its trace what the form
//! cannot say.

mod draft;
mod edition;
mod item;
mod items;
mod questionnaire;
mod read;
mod translate;
mod write;

pub use edition::Edition;
pub use item::{Item, Kind, Options};
pub use items::{ITEMS, of};
pub use questionnaire::{questionnaire, skeleton};
pub use read::{Form, Said, canonical, patient, read, read_all};
pub use translate::translated;
pub use write::{Written, write};
