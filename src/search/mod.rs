//! FHIR search: queries parsed into typed form and run over resources in memory, whatever store they come from.
//!
//! Nearly every query names a patient; one patient's resources are few and lie together, so they are scanned and no
//! index is kept. A query that would have to look at everybody is refused.

mod date;
mod pages;
mod parameter;
mod parse;
mod path;
mod plan;
mod query;
mod run;
mod stu3;
mod table;
mod value;
mod wanted;

pub use date::Period;
pub use pages::{Leaf, Page, Pages};
pub use parameter::{Catalog, Kind, Parameter, is_filed};
pub use parse::{Handling, ValueSets, parse, parse_in};
pub use plan::Plan;
pub use query::{Include, Query, Sort, Total};
pub use run::{Candidates, Found};
