//! The validator behind the door that intake, handover and `$validate` know.

use std::sync::Arc;

use serde_json::Value;

use crate::fhir::definitions::Definitions;
use crate::fhir::{Issue, Source};
use crate::intake::Check;
use crate::validator::{CodeServer, Language, Options, Validator};

/// Validates against base R4, the profiles that a resource claims, and those that are asked for.
pub struct Checker(Validator);

impl Checker {
    pub fn new(definitions: Arc<Definitions>) -> Self {
        Checker(Validator::new(definitions, Options { clock: Some(jiff::Zoned::now), ..Options::default() }))
    }

    /// Also asks a terminology server what the definitions cannot tell.
    #[must_use]
    pub fn asking(self, server: Arc<dyn CodeServer>) -> Self {
        Checker(self.0.with_terminology(server))
    }
}

impl Check for Checker {
    fn check(&self, resource: &Value, profiles: &[&str]) -> Vec<Issue> {
        self.0.validate(resource, profiles)
    }

    fn check_source(&self, source: &Source, profiles: &[&str], language: Language) -> Vec<Issue> {
        self.0.validate_source_in(source, profiles, language)
    }
}
