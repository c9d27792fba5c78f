//! What was sent where it was no native document: the care plan that was read from it, and where in it each part of the
//! plan stands.

use serde_json::Value;

use crate::fhir::{Issue, IssueCode};
use crate::mapping::{Mapped, Trace};

/// A care plan that was read from something else.
#[derive(Clone, Debug)]
pub struct Origin {
    /// Name of such documents in records and commands.
    pub kind: &'static str,
    /// The care plan as a native document.
    pub document: Value,
    /// The sender gave no version: it is counted.
    pub counted: bool,
    /// Where each part of the plan came from: linkId, or FHIRPath into what was sent → JSON pointer into the document.
    pub trace: Trace,
    pub warnings: Vec<Issue>,
    /// The QuestionnaireResponse, to be stored as it was sent.
    pub form: Option<Value>,
    /// The parts of the envelope and their places in what was sent.
    pub around: Vec<(&'static str, String)>,
    /// How a row of the trace is said in an issue.
    pub said: fn(&str) -> String,
}

/// What a document says around its content.
const ENVELOPE: &[&str] = &["/documentId", "/version", "/recordedAt", "/source", "/patient"];

impl Origin {
    /// An issue at a place in the care plan, told at the place in what was sent from which it came: of the nearest part
    /// of the plan where it came from none.
    pub fn place(&self, issue: Issue) -> Issue {
        let at = issue.at.clone().unwrap_or_default();
        let is_within =
            |above: &str| at.strip_prefix(above).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
        if let Some((_, place)) = self.around.iter().find(|(part, _)| is_within(part)) {
            return issue.at(place.as_str());
        }
        let rows = self.trace.rows.iter().filter_map(|row| Some((row, row.target.as_deref()?)));
        let mut best: Option<(usize, &str)> = None;
        for (row, target) in rows {
            let common = steps_in_common(&at, target);
            if common > best.map_or(0, |(most, _)| most) {
                best = Some((common, row.source.as_str()));
            }
        }
        let of_envelope = ENVELOPE.iter().any(|part| is_within(part));
        match best {
            // What the sender gave beside a form is not told at an answer that names the patient too.
            Some((_, source)) if !of_envelope || self.form.is_none() => issue.at((self.said)(source)),
            _ => issue,
        }
    }

    /// Tells what became of the care plan from its places in what was sent, its warnings too.
    pub fn precede(&self, mapped: &mut Mapped) {
        mapped.warnings = std::mem::take(&mut mapped.warnings).into_iter().map(|one| self.place(one)).collect();
        mapped.trace.precede(&self.trace.rows, &self.around);
        mapped.warnings.splice(0..0, self.warnings.iter().cloned());
    }
}

fn steps_in_common(one: &str, other: &str) -> usize {
    one.split('/').skip(1).zip(other.split('/').skip(1)).take_while(|(a, b)| a == b).count()
}

/// Something that must be said and is not, at the place where it would be, with how to say it.
pub(super) fn missing(id: &'static str, at: impl Into<String>, text: &str) -> Issue {
    Issue::error(IssueCode::Required, id, text).at(at)
}
