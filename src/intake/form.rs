//! A filled form of the published questionnaire, as what was sent and as the care plan that it says.

use serde_json::Value;

use crate::fhir::{Issue, IssueCode};
use crate::mapping::{Mapped, Trace, questionnaire_response};

/// Name of such documents in records and commands.
pub const KIND: &str = "questionnaire-response";

#[derive(Debug)]
/// A form that was read: what it says as a care plan, and where each answer went.
pub struct Form {
    /// The care plan as a native document.
    pub document: Value,
    trace: Trace,
    warnings: Vec<Issue>,
}

impl Form {
    /// Reads `{ documentId, version, recordedAt, source, patient, form }`.
    ///
    /// # Errors
    /// What is missing, or cannot be read, at its place in the form.
    pub fn read(body: &Value) -> Result<Form, Vec<Issue>> {
        let missing = |at: &str, text: &str| vec![Issue::error(IssueCode::Required, "form-missing", text).at(at)];
        let mut envelope = body
            .as_object()
            .cloned()
            .ok_or_else(|| missing("", "Send an object: a document's properties, with the form in `form`."))?;
        let response = envelope
            .shift_remove("form")
            .ok_or_else(|| missing("/form", "`form` is required: the QuestionnaireResponse."))?;
        let read = questionnaire_response::read(&response, &Value::Object(envelope))?;
        Ok(Form { document: read.document, trace: read.trace, warnings: read.warnings })
    }

    /// An issue at a place in the care plan, told at the item of the form from which it came; as it is where it came
    /// from none (the envelope is the sender's own).
    pub fn place(&self, issue: Issue) -> Issue {
        let at = issue.at.as_deref().unwrap_or_default();
        let within =
            |target: &str| at.strip_prefix(target).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
        let rows = self.trace.rows.iter().filter_map(|row| Some((row, row.target.as_deref()?)));
        let nearest = rows.filter(|(_, target)| within(target)).max_by_key(|(_, target)| target.len());
        match nearest {
            Some((row, _)) => {
                let link = row.source.clone();
                issue.at(link)
            }
            None => issue,
        }
    }

    /// Puts what became of the answers before what became of the care plan.
    pub fn precede(&self, mapped: &mut Mapped) {
        mapped.trace.rows.splice(0..0, self.trace.rows.iter().cloned());
        mapped.warnings.splice(0..0, self.warnings.iter().cloned());
    }
}
