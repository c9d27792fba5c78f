//! Wording of findings, derived from their data, in English and Dutch.

mod dutch;
mod english;

use super::kind::{Finding, Kind};
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

    /// The property that the finding is about, where its place is that of the element around it.
    pub(super) fn property(&self) -> Option<Box<str>> {
        match &self.kind {
            Kind::UnknownProperty { name, .. } => Some(name.clone()),
            Kind::OtherFhirVersion { element, .. } => element.map(Box::from),
            _ => None,
        }
    }

    pub(super) fn into_issue(self, severity: Severity, language: Language) -> Issue {
        Issue::new(severity, self.kind.code(), self.kind.id(), self.text(language)).at(self.at)
    }
}
