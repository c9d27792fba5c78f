//! Wording of findings, derived from their data, in English and Dutch.

mod dutch;
mod english;

use super::kind::Finding;
use crate::fhir::{Issue, Severity};

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Language {
    #[default]
    English,
    Dutch,
}

impl Finding {
    /// What is wrong and how to mend it, in a language.
    pub fn text(&self, language: Language) -> String {
        match language {
            Language::English => english::text(&self.kind),
            Language::Dutch => dutch::text(&self.kind),
        }
    }

    pub(super) fn into_issue(self, severity: Severity, language: Language) -> Issue {
        Issue::new(severity, self.kind.code(), self.kind.id(), self.text(language)).at(self.at)
    }
}
