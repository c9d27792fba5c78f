//! What was sent where it was no native document: the care plan that was read from it, and where in it each part of the
//! plan stands.

use jiff::Timestamp;
use serde_json::Value;

use crate::domain::{self, Document, Kind, ViolationKind};
use crate::fhir::{Issue, IssueCode};
use crate::mapping::{self, Mapped, Trace};

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
    /// How the source of each row of the trace is said in an issue.
    pub places: Vec<String>,
    /// What is wrong with what was sent itself, and what cannot be read of it, at its place there.
    pub faults: Vec<Issue>,
    pub warnings: Vec<Issue>,
    /// The QuestionnaireResponse, to be stored as it was sent.
    pub form: Option<Value>,
    /// The parts of the envelope and their places in what was sent.
    pub around: Vec<(&'static str, String)>,
}

/// What a document says around its content.
const ENVELOPE: &[&str] = &["/documentId", "/version", "/recordedAt", "/source", "/patient"];

impl Origin {
    /// The care plan, where nothing is wrong with it nor with what it was read from.
    ///
    /// # Errors
    /// Every fault at once, each at its place in what was sent. What was told of an element is not told again of what was
    /// read from it.
    pub fn parse(&self, now: Timestamp) -> Result<Document, Vec<Issue>> {
        let (document, found) = match domain::parse(Kind::CarePlan, &self.document, now) {
            Ok(document) => (Some(document), Vec::new()),
            Err(found) => (None, found),
        };
        let mut told = self.faults.clone();
        for fault in found {
            let issue = self.place(mapping::issue(&fault));
            let missing = fault.kind == ViolationKind::Missing;
            if !is_told(&self.faults, &issue, missing) {
                told.push(issue);
            }
        }
        document.filter(|_| told.is_empty()).ok_or(told)
    }

    /// An issue at a place in the care plan, told at the place in what was sent from which it came: of the nearest part
    /// of the plan where it came from none.
    pub fn place(&self, issue: Issue) -> Issue {
        let at = issue.at.clone().unwrap_or_default();
        let is_within =
            |above: &str| at.strip_prefix(above).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
        if let Some((_, place)) = self.around.iter().find(|(part, _)| is_within(part)) {
            return issue.at(place.as_str());
        }
        let rows = self.trace.rows.iter().zip(&self.places);
        let rows = rows.filter_map(|(row, place)| Some((row.target.as_deref()?, place.as_str())));
        let mut best: Option<(usize, &str, &str)> = None;
        for (target, place) in rows {
            let common = steps_in_common(&at, target);
            if common > best.map_or(0, |(most, ..)| most) {
                best = Some((common, target, place));
            }
        }
        let of_envelope = ENVELOPE.iter().any(|part| is_within(part));
        match best {
            // What is not there is told of its resource, not of an element beside it.
            Some((_, target, place)) if !is_within(target) => issue.at(resource_of(place)),
            // What the sender gave beside a form is not told at an answer that names the patient too.
            Some((_, _, place)) if !of_envelope || self.form.is_none() => issue.at(place),
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

/// `Bundle.entry[3].resource` of an element below it; a place in anything else as it is.
fn resource_of(place: &str) -> &str {
    const RESOURCE: &str = "].resource";
    let of_bundle = place.starts_with("Bundle.entry[");
    let end = place.find(RESOURCE).filter(|_| of_bundle).map_or(place.len(), |at| at + RESOURCE.len());
    &place[..end]
}

/// True where a fault of the element was told already: of it, of one within it, or of one that it lies in, unless that is
/// the resource as a whole. Of a whole resource it is told that something is missing.
pub(super) fn is_told(told: &[Issue], issue: &Issue, missing: bool) -> bool {
    let Some(at) = issue.at.as_deref() else { return false };
    let is_within = |inner: &str, above: &str| {
        inner.strip_prefix(above).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[', '/']))
    };
    let is_whole = |at: &str| !at.contains(['.', '/']) || at.ends_with(".resource");
    told.iter().filter_map(|other| Some((other.at.as_deref()?, other.code))).any(|(other, code)| {
        if other == at {
            return !is_whole(at) || (missing && code == IssueCode::Required);
        }
        (is_within(other, at) && !is_whole(at)) || (is_within(at, other) && !is_whole(other))
    })
}

/// Something that must be said and is not, at the place where it would be, with how to say it.
pub(super) fn missing(id: &'static str, at: impl Into<String>, text: &str) -> Issue {
    Issue::error(IssueCode::Required, id, text).at(at)
}
