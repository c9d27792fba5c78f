//! All output of the care plan against the official PZP profiles (R4, 1.0.0-rc2), which are made here at run time from the
//! element map of an earlier release and the differences that 1.0.0-rc2 has from it.

mod common;
#[path = "stu3/documents.rs"]
mod documents;
#[allow(dead_code)] // Not all of it is asked here.
#[path = "careplan/generate.rs"]
mod generate;
#[path = "stu3/published.rs"]
mod published;

#[path = "pzp_profiles/build.rs"]
mod build;
#[path = "pzp_profiles/mutants.rs"]
mod mutants;
#[path = "pzp_profiles/official.rs"]
mod official;
#[path = "pzp_profiles/output.rs"]
mod output;
#[path = "pzp_profiles/rc2.rs"]
mod rc2;
