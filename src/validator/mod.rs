//! Profiles compiled once into a tree of nodes, and the walk of a resource over it.
//!
//! The way of a validation: [`structure`] reads a StructureDefinition, [`compile`] unites all that hold at one place
//! into a [`node`], [`walk`] runs a resource over it with the [`rules`], and a [`sink`] keeps the findings or stops at
//! the first error. Structures and nodes are made on first use and kept.

mod arena;
mod calendar;
mod compile;
mod kind;
mod node;
mod path;
mod primitive;
mod property;
mod reason;
mod resolve;
mod rules;
mod schema;
mod sink;
mod slicing;
mod structure;
pub mod stu3;
mod terminology;
mod types;
mod walk;
mod wording;

use std::sync::Arc;

use serde_json::Value;

pub use kind::{Finding, Kind};
pub use resolve::Resolve;
pub use terminology::{CodeServer, Membership, Question};
pub use wording::Language;

use crate::fhir::definitions::Definitions;
use crate::fhir::json::{self, JsonError, SyntaxFault};
use crate::fhir::place::{line_and_column, utf8};
use crate::fhir::source::root_name;
use crate::fhir::xml;
use crate::fhir::{Issue, Severity, Source};
use path::Path;
use schema::Schema;
use sink::{Collect, Sink, Verdict};
use walk::{Shared, Walk};

/// What to do with an extension whose definition is not there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum UnknownExtensions {
    #[default]
    Report,
    Error,
}

#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    pub unknown_extensions: UnknownExtensions,
    pub language: Language,
    /// Tells the time to rules that ask for it: `now()` in constraints, a `minValue` counted back from today. Without
    /// one these say that they could not be checked.
    pub clock: Option<fn() -> jiff::Zoned>,
}

/// Validates resources against base R4, the profiles that they claim and those that are asked for. Cheap to make;
/// profiles are compiled when a resource first needs them. Share one between threads.
pub struct Validator {
    schema: Schema,
    layout: xml::Defined,
    options: Options,
    resolver: Option<Arc<dyn Resolve>>,
}

impl Validator {
    pub fn new(definitions: Arc<Definitions>, options: Options) -> Self {
        let layout = xml::Defined::new(Arc::clone(&definitions));
        Validator { schema: Schema::new(definitions), layout, options, resolver: None }
    }

    /// Also checks what references name outside the document.
    #[must_use]
    pub fn with_resolver(mut self, resolver: Arc<dyn Resolve>) -> Self {
        self.resolver = Some(resolver);
        self
    }

    /// Also asks a terminology server about codes that the definitions cannot tell.
    #[must_use]
    pub fn with_terminology(mut self, server: Arc<dyn CodeServer>) -> Self {
        self.schema.terminology.ask(server);
        self
    }

    /// Everything found, in the order of the document.
    pub fn validate(&self, resource: &Value, profiles: &[&str]) -> Vec<Issue> {
        let found = self.findings(resource, profiles);
        found.into_iter().map(|(severity, finding)| finding.into_issue(severity, self.options.language)).collect()
    }

    /// Validates a file of JSON or XML in UTF-8, with or without a byte order mark; see [`Validator::validate_text`].
    pub fn validate_bytes(&self, bytes: &[u8], profiles: &[&str]) -> Vec<Issue> {
        self.read_bytes(bytes).map_or_else(|issue| vec![*issue], |source| self.validate_source(&source, profiles))
    }

    /// Reads a file of JSON or XML as [`Validator::validate_bytes`] does, to validate it as a [`Source`].
    ///
    /// # Errors
    /// The one finding that keeps it from being read.
    pub fn read_bytes(&self, bytes: &[u8]) -> Result<Source, Box<Issue>> {
        match utf8(bytes) {
            Ok(text) => self.read_text(text.trim_start_matches('\u{feff}')),
            Err(position) => Err(Box::new(self.unreadable(Kind::NotUtf8, position))),
        }
    }

    /// Validates a text of JSON or XML, told by how it starts; findings carry line and column. A text that is neither is
    /// one finding.
    pub fn validate_text(&self, text: &str, profiles: &[&str]) -> Vec<Issue> {
        self.read_text(text).map_or_else(|issue| vec![*issue], |source| self.validate_source(&source, profiles))
    }

    fn read_text(&self, text: &str) -> Result<Source, Box<Issue>> {
        let source = if text.trim_start().starts_with('<') {
            Source::xml(&self.layout, text.to_owned()).map_err(|(position, fault)| (Kind::NotXml { fault }, position))
        } else {
            Source::json(text.to_owned()).map_err(|error| match error {
                JsonError::Empty => (Kind::NotJson { fault: SyntaxFault::Empty }, (1, 1)),
                JsonError::TooDeep { at } => (Kind::TooDeep { limit: json::MAX_DEPTH }, line_and_column(text, at)),
                JsonError::Syntax { line, column, fault } => (Kind::NotJson { fault }, (line as u32, column as u32)),
                JsonError::Duplicate { line, column } => (Kind::DuplicateProperty, (line as u32, column as u32)),
            })
        };
        source.map_err(|(kind, position)| Box::new(self.unreadable(kind, position)))
    }

    /// Validates what was read from a text: findings carry line and column, and those of XML alone come first.
    pub fn validate_source(&self, source: &Source, profiles: &[&str]) -> Vec<Issue> {
        self.validate_source_in(source, profiles, self.options.language)
    }

    /// The same, told in this language whatever the options say.
    pub fn validate_source_in(&self, source: &Source, profiles: &[&str], language: Language) -> Vec<Issue> {
        let mut issues = faults(source, language);
        let mut properties = vec![None; issues.len()];
        for (severity, finding) in self.findings(&source.resource, profiles) {
            properties.push(finding.property());
            issues.push(finding.into_issue(severity, language));
        }
        source.locate_properties(&mut issues, &properties);
        issues
    }

    fn unreadable(&self, kind: Kind, position: (u32, u32)) -> Issue {
        let finding = Finding { kind, at: "Resource".into() };
        let mut issue = finding.into_issue(Severity::Fatal, self.options.language);
        issue.position = Some(position);
        issue
    }

    /// Findings as data, each once, with their severity: what one rule warns of and another refuses is refused.
    pub fn findings(&self, resource: &Value, profiles: &[&str]) -> Vec<(Severity, Finding)> {
        let mut found = self.run(Collect::default(), resource, profiles).0.found;
        let mut worst: ahash::AHashMap<&Finding, (Severity, usize)> = ahash::AHashMap::with_capacity(found.len());
        for (i, (severity, finding)) in found.iter().enumerate() {
            let known = worst.entry(finding).or_insert((*severity, i));
            if severity.refuses() && !known.0.refuses() {
                *known = (*severity, i);
            }
        }
        let mut keep = vec![false; found.len()];
        worst.into_values().for_each(|(_, i)| keep[i] = true);
        let mut keep = keep.into_iter();
        found.retain(|_| keep.next() == Some(true));
        found
    }

    /// Whether `validate` would report no error. Stops at the first.
    pub fn is_valid(&self, resource: &Value, profiles: &[&str]) -> bool {
        self.run(Verdict, resource, profiles).1
    }

    /// How many nodes are compiled.
    pub fn size(&self) -> usize {
        self.schema.size()
    }

    /// How much is kept of the definitions for the next document: an end to it is what keeps a sender from filling the memory.
    pub fn kept(&self) -> usize {
        self.schema.kept()
    }

    fn run<S: Sink>(&self, sink: S, resource: &Value, profiles: &[&str]) -> (S, bool) {
        let shared = Shared::new(&self.schema, &self.options, self.resolver.as_deref());
        let mut walk = Walk::new(&shared, sink);
        let flow = walk.document(resource, profiles, &Path::root(root_name(resource)));
        (walk.sink, flow.is_continue())
    }
}

/// What is wrong with the XML that a resource came in, and cannot be seen in its JSON form; not yet placed.
pub fn faults(source: &Source, language: Language) -> Vec<Issue> {
    let issue = |(at, fault): &(String, xml::Fault)| {
        let kind = match fault {
            xml::Fault::Order => Kind::XmlOrder,
            xml::Fault::Attribute => Kind::XmlAttribute,
            xml::Fault::Namespace => Kind::XmlNamespace,
        };
        Finding { kind, at: at.clone() }.into_issue(Severity::Error, language)
    };
    source.faults().iter().map(issue).collect()
}
