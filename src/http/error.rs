//! Why a request is not answered with what it asked for: the only place with status codes, and the words for people.

use actix_web::http::StatusCode;

use super::language::Language;
use crate::access::Denied;
use crate::fhir::audit_event::Outcome;
use crate::fhir::json::{JsonError, MAX_DEPTH, SyntaxFault};
use crate::fhir::{Issue, IssueCode, xml};
use crate::store::StoreError;
use crate::{handover, intake};

/// Every way in which a request fails. Holds no value of the request.
#[derive(Debug)]
pub enum Refusal {
    NotJson(JsonError),
    NotXml {
        line: u32,
        column: u32,
        fault: xml::SyntaxFault,
    },
    TooLarge {
        limit: usize,
    },
    /// The body does not come, or breaks off.
    BodyLost,
    MediaType {
        expected: &'static str,
    },
    NotAcceptable,
    /// STU3 cannot say it without saying something else.
    NotInStu3,
    NoRoute,
    NoMethod {
        allowed: String,
    },
    NotFound,
    PersonInUrl,
    /// Parameters that cannot be read; says which and why.
    Unreadable(Vec<Issue>),
    /// Every fault of what was sent.
    Invalid(Vec<Issue>),
    Conflict(Issue),
    /// Not allowed for this caller or this patient.
    Forbidden(Issue),
    Busy,
    Store(StoreError),
    /// A defect of the service.
    Failed,
}

impl Refusal {
    pub fn status(&self) -> StatusCode {
        match self {
            Refusal::NotJson(_) | Refusal::NotXml { .. } | Refusal::PersonInUrl | Refusal::Unreadable(_) => {
                StatusCode::BAD_REQUEST
            }
            Refusal::TooLarge { .. } => StatusCode::PAYLOAD_TOO_LARGE,
            Refusal::BodyLost => StatusCode::REQUEST_TIMEOUT,
            Refusal::MediaType { .. } => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Refusal::NotAcceptable | Refusal::NotInStu3 => StatusCode::NOT_ACCEPTABLE,
            Refusal::NoRoute | Refusal::NotFound => StatusCode::NOT_FOUND,
            Refusal::NoMethod { .. } => StatusCode::METHOD_NOT_ALLOWED,
            Refusal::Invalid(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Refusal::Conflict(_) => StatusCode::CONFLICT,
            Refusal::Forbidden(_) => StatusCode::FORBIDDEN,
            Refusal::Busy | Refusal::Store(_) => StatusCode::SERVICE_UNAVAILABLE,
            Refusal::Failed => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// For the audit record.
    pub fn outcome(&self) -> Outcome {
        match self {
            Refusal::Busy | Refusal::Store(_) => Outcome::SeriousFailure,
            Refusal::Failed => Outcome::MajorFailure,
            _ => Outcome::MinorFailure,
        }
    }

    /// For log and audit record: identifiers of messages alone.
    pub fn summary(&self) -> String {
        let issues = self.issues(Language::En);
        let mut ids: Vec<&str> = issues.iter().map(|issue| issue.id).collect();
        ids.dedup();
        ids.truncate(10);
        ids.join(" ")
    }

    /// Whether all words of it are in the language that is asked for; those of documents and searches are in their own.
    pub fn is_spoken(&self) -> bool {
        !matches!(self, Refusal::Conflict(_) | Refusal::Forbidden(_) | Refusal::Invalid(_) | Refusal::Unreadable(_))
    }

    pub fn issues(&self, language: Language) -> Vec<Issue> {
        let one = |code, id, nl: &str, en: &str| vec![Issue::error(code, id, language.choose(nl, en))];
        match self {
            Refusal::Conflict(issue) | Refusal::Forbidden(issue) => vec![issue.clone()],
            Refusal::Invalid(issues) | Refusal::Unreadable(issues) => issues.clone(),
            Refusal::NotJson(error) => {
                let id = match error {
                    JsonError::TooDeep { .. } => "structure-too-deep",
                    JsonError::Duplicate { .. } => "structure-duplicate-property",
                    JsonError::Syntax { fault: SyntaxFault::NotUtf8, .. } => "structure-not-utf-8",
                    JsonError::Empty | JsonError::Syntax { .. } => "structure-not-json",
                };
                let dutch = match error {
                    JsonError::Empty => "De inhoud is leeg.".to_owned(),
                    JsonError::TooDeep { at } => {
                        format!("Objecten en lijsten zijn dieper genest dan {MAX_DEPTH} niveaus, bij byte {at}.")
                    }
                    JsonError::Syntax { line, column, fault } => {
                        format!("Dit is geen JSON: regel {line}, kolom {column}: {}.", fault.dutch())
                    }
                    JsonError::Duplicate { line, column } => {
                        format!("Een object heeft tweemaal dezelfde eigenschap: regel {line}, kolom {column}.")
                    }
                };
                one(IssueCode::Structure, id, &dutch, &format!("{}.", capitalised(&error.to_string())))
            }
            Refusal::NotXml { line, column, fault } => one(
                IssueCode::Structure,
                if *fault == xml::SyntaxFault::NotUtf8 { "structure-not-utf-8" } else { "structure-not-xml" },
                &format!("Dit is geen FHIR in XML: regel {line}, kolom {column}: {}.", fault.dutch()),
                &format!("This is not FHIR in XML: line {line}, column {column}: {}.", fault.english()),
            ),
            Refusal::TooLarge { limit } => one(
                IssueCode::TooLong,
                "body-too-large",
                &format!("De inhoud is groter dan {limit} bytes."),
                &format!("The body is larger than {limit} bytes."),
            ),
            Refusal::BodyLost => one(
                IssueCode::Timeout,
                "body-lost",
                "De inhoud kwam niet volledig aan.",
                "The body did not arrive completely.",
            ),
            Refusal::MediaType { expected } => one(
                IssueCode::NotSupported,
                "media-type",
                &format!("Stuur de inhoud als {expected}."),
                &format!("Send the body as {expected}."),
            ),
            Refusal::NotAcceptable => one(
                IssueCode::NotSupported,
                "not-acceptable",
                "Deze dienst antwoordt hier niet in een vorm die gevraagd werd: FHIR komt als application/fhir+json of \
                 application/fhir+xml, de eigen documenten als application/json.",
                "This service does not answer here in a form that was asked for: FHIR comes as application/fhir+json or \
                 application/fhir+xml, native documents as application/json.",
            ),
            Refusal::NotInStu3 => one(
                IssueCode::NotSupported,
                "not-in-stu3",
                "FHIR STU3 kan dit niet zeggen zonder iets anders te zeggen; vraag het als R4.",
                "FHIR STU3 cannot say this without saying something else; ask for it as R4.",
            ),
            Refusal::NoRoute => {
                one(IssueCode::NotFound, "no-route", "Dit adres bestaat niet.", "There is nothing at this address.")
            }
            Refusal::NoMethod { allowed } => one(
                IssueCode::NotSupported,
                "no-method",
                &format!("Op dit adres kan alleen {allowed}."),
                &format!("This address takes {allowed} alone."),
            ),
            Refusal::NotFound => one(IssueCode::NotFound, "not-found", "Niet gevonden.", "Not found."),
            Refusal::PersonInUrl => one(
                IssueCode::Security,
                "person-in-url",
                "Een BSN, naam of ander kenmerk van een persoon hoort niet in een URL: die komt in logboeken en \
                 geschiedenissen terecht. Zoek met POST …/_search, met de parameters in de inhoud.",
                "A BSN, name or other mark of a person does not belong in a URL, which ends up in logs and histories. \
                 Search with POST …/_search, with the parameters in the body.",
            ),
            Refusal::Busy => one(
                IssueCode::Transient,
                "busy",
                "Het dossier veranderde steeds; probeer het opnieuw.",
                "The record kept changing; try again.",
            ),
            Refusal::Store(_) => one(
                IssueCode::NoStore,
                "store-unavailable",
                "De opslag is nu niet beschikbaar. Er is niets bewaard en niets getoond; probeer het later opnieuw.",
                "The store is not available now. Nothing was stored or shown; try again later.",
            ),
            Refusal::Failed => one(
                IssueCode::Exception,
                "failed",
                "Er ging iets mis in deze dienst. Meld het met het nummer in X-Request-Id.",
                "Something went wrong in this service. Report it with the number in X-Request-Id.",
            ),
        }
    }
}

fn capitalised(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        Refusal::Store(error)
    }
}

impl From<JsonError> for Refusal {
    fn from(error: JsonError) -> Self {
        Refusal::NotJson(error)
    }
}

impl From<Denied> for Refusal {
    fn from(denied: Denied) -> Self {
        let text = format!("{}.", capitalised(&denied.to_string()));
        Refusal::Forbidden(Issue::error(IssueCode::Forbidden, "not-local", text))
    }
}

impl From<intake::Refused> for Refusal {
    fn from(refused: intake::Refused) -> Self {
        match refused {
            intake::Refused::NotJson(error) => Refusal::NotJson(error),
            intake::Refused::Invalid(issues) => Refusal::Invalid(issues),
            intake::Refused::Conflict(issue) => Refusal::Conflict(issue),
            intake::Refused::Busy => Refusal::Busy,
            intake::Refused::Store(error) => Refusal::Store(error),
            intake::Refused::Failed => Refusal::Failed,
        }
    }
}

impl From<handover::Refusal> for Refusal {
    fn from(refusal: handover::Refusal) -> Self {
        let text = refusal.to_string();
        let issue = |code, id| Issue::error(code, id, text.clone());
        match refusal {
            handover::Refusal::UnknownPatient => {
                Refusal::Invalid(vec![issue(IssueCode::NotFound, "handover-unknown-patient").at("/patient")])
            }
            handover::Refusal::UnknownReceiver => {
                Refusal::Invalid(vec![issue(IssueCode::NotFound, "handover-unknown-receiver").at("/receiver")])
            }
            handover::Refusal::Deceased => Refusal::Conflict(issue(IssueCode::BusinessRule, "handover-deceased")),
            handover::Refusal::Denied(_) => Refusal::Forbidden(issue(IssueCode::Suppressed, "handover-denied")),
            handover::Refusal::Invalid(issues) => {
                Refusal::Invalid(issues.into_iter().filter(|issue| issue.severity.refuses()).collect())
            }
            handover::Refusal::Busy => Refusal::Busy,
            handover::Refusal::Store(error) => Refusal::Store(error),
        }
    }
}
