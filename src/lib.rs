//! Overdracht takes documents about people in the last phase of life from a hospital's record system, maps them to
//! FHIR R4, validates and stores the result, serves it to the GP post and hands it over to the GP.
//!
//! The folder is the architecture: each module owns one thing and may call only the modules named for it in
//! `tests/layering.rs`, which holds the table of `docs/architecture.md`.

pub mod access;
pub mod app;
pub mod cli;
pub mod client;
pub mod config;
pub mod consent;
pub mod domain;
pub mod fhir;
pub mod fhirpath;
pub mod handover;
pub mod http;
pub mod intake;
pub mod mapping;
pub mod outbox;
pub mod search;
pub mod store;
pub mod telemetry;
pub mod validator;
