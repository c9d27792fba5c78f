//! The trace of a document: it names every field of the source, and what it names is so.

#[path = "trace/check.rs"]
mod check;
mod common;
#[allow(dead_code)] // Not all of it is asked here.
#[path = "careplan/generate.rs"]
mod generate;
#[path = "common/service.rs"]
mod harness;
#[path = "trace/native.rs"]
mod native;
#[path = "trace/service.rs"]
mod service;
