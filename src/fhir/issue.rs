//! What is wrong (or worth knowing) about a document, as data, and its form as an OperationOutcome.

use serde_json::{Value, json};

/// Source: <http://hl7.org/fhir/R4/valueset-issue-severity.html>.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    Fatal,
    Error,
    Warning,
    Information,
}

impl Severity {
    pub fn as_str(self) -> &'static str {
        match self {
            Severity::Fatal => "fatal",
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Information => "information",
        }
    }

    /// True where the severity makes a document unacceptable.
    pub fn refuses(self) -> bool {
        matches!(self, Severity::Fatal | Severity::Error)
    }
}

macro_rules! issue_codes {
    ($($variant:ident = $code:literal),* $(,)?) => {
        /// Source: <http://hl7.org/fhir/R4/valueset-issue-type.html>.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum IssueCode { $($variant),* }

        impl IssueCode {
            pub const ALL: &[IssueCode] = &[$(IssueCode::$variant),*];

            pub fn as_str(self) -> &'static str {
                match self { $(IssueCode::$variant => $code),* }
            }
        }
    };
}

issue_codes! {
    Invalid = "invalid", Structure = "structure", Required = "required", Value = "value", Invariant = "invariant",
    Security = "security", Login = "login", Unknown = "unknown", Expired = "expired", Forbidden = "forbidden",
    Suppressed = "suppressed", Processing = "processing", NotSupported = "not-supported", Duplicate = "duplicate",
    MultipleMatches = "multiple-matches", NotFound = "not-found", Deleted = "deleted", TooLong = "too-long",
    CodeInvalid = "code-invalid", Extension = "extension", TooCostly = "too-costly",
    BusinessRule = "business-rule", Conflict = "conflict", Transient = "transient", LockError = "lock-error",
    NoStore = "no-store", Exception = "exception", Timeout = "timeout", Incomplete = "incomplete",
    Throttled = "throttled", Informational = "informational",
}

/// One finding. `text` never carries a value of a patient: it names elements, rules, codes of definitions and counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Issue {
    pub severity: Severity,
    pub code: IssueCode,
    /// Stable identifier of the kind of message, such as `structure-unknown-element`; listed in `docs/messages.md`.
    pub id: &'static str,
    /// Where: a FHIRPath expression into a resource (`Patient.name[0].family`) or a JSON pointer into a native
    /// document (`/patient/name`), whichever the sender sent.
    pub at: Option<String>,
    /// What is wrong and how to mend it, in English.
    pub text: String,
    /// Line and column (from 1) in the text that was sent, where known.
    pub position: Option<(u32, u32)>,
}

impl Issue {
    pub fn new(severity: Severity, code: IssueCode, id: &'static str, text: impl Into<String>) -> Self {
        Issue { severity, code, id, at: None, text: text.into(), position: None }
    }

    pub fn error(code: IssueCode, id: &'static str, text: impl Into<String>) -> Self {
        Self::new(Severity::Error, code, id, text)
    }

    pub fn warning(code: IssueCode, id: &'static str, text: impl Into<String>) -> Self {
        Self::new(Severity::Warning, code, id, text)
    }

    pub fn information(code: IssueCode, id: &'static str, text: impl Into<String>) -> Self {
        Self::new(Severity::Information, code, id, text)
    }

    #[must_use]
    pub fn at(mut self, at: impl Into<String>) -> Self {
        self.at = Some(at.into());
        self
    }

    fn to_json(&self) -> Value {
        let mut issue = json!({
            "severity": self.severity.as_str(),
            "code": self.code.as_str(),
            "details": { "coding": [{ "system": super::systems::MESSAGE_ID, "code": self.id }] },
            "diagnostics": self.text,
        });
        if let Some(at) = &self.at {
            issue["expression"] = json!([at]);
        }
        if let Some((line, column)) = self.position {
            issue["extension"] = json!([
                { "url": "http://hl7.org/fhir/StructureDefinition/operationoutcome-issue-line", "valueInteger": line },
                { "url": "http://hl7.org/fhir/StructureDefinition/operationoutcome-issue-col", "valueInteger": column },
            ]);
        }
        issue
    }
}

/// An OperationOutcome of these issues; with none, the one issue that says that all is well (`issue` is 1..*).
pub fn operation_outcome(issues: &[Issue]) -> Value {
    let issues: Vec<Value> = if issues.is_empty() {
        vec![Issue::information(IssueCode::Informational, "all-ok", "No issues found.").to_json()]
    } else {
        issues.iter().map(Issue::to_json).collect()
    };
    json!({ "resourceType": "OperationOutcome", "issue": issues })
}
