//! The trace of a document: it names every field of the source, and what it names is so.

mod common;
#[path = "careplan/generate.rs"]
mod generate;
#[path = "trace/check.rs"]
mod check;
#[path = "trace/native.rs"]
mod native;
