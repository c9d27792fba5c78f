//! How one request is answered: in which form, and in which language.

use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::sync::Arc;

use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::Value;

use super::Service;
use super::answer::{Answer, Body};
use super::door::Door;
use super::error::Refusal;
use super::language::Language;
use super::representation::Representation;
use crate::fhir::FhirVersion;
use crate::fhir::issue::operation_outcome;
use crate::mapping::stu3::{alone, to_stu3};

/// What the caller asked for, of what the door has.
pub struct Reply {
    service: Arc<Service>,
    door: Door,
    /// None where the door has nothing that the caller takes.
    negotiated: Cell<Option<Representation>>,
    /// `_format`, where the caller asked by it.
    format: RefCell<Option<String>>,
    pub language: Language,
}

impl Reply {
    pub fn to(request: &HttpRequest) -> Self {
        let service = request.app_data::<web::Data<Service>>().expect("every application is given its service");
        let header = |name: &str| request.headers().get(name).and_then(|value| value.to_str().ok());
        let door = Door::of(request.path());
        let query = url::form_urlencoded::parse(request.query_string().as_bytes());
        let format = query.into_iter().find(|(name, _)| name == "_format").map(|(_, value)| value);
        let format = format.filter(|_| door != Door::Native).map(Cow::into_owned);
        Reply {
            service: Arc::clone(service),
            door,
            negotiated: Cell::new(Representation::negotiate(door, format.as_deref(), header("accept"))),
            format: RefCell::new(format),
            language: Language::negotiate(header("accept-language")),
        }
    }

    pub fn door(&self) -> Door {
        self.door
    }

    /// Whether there is a form that the caller takes.
    pub fn acceptable(&self) -> Result<(), Refusal> {
        self.negotiated.get().map(drop).ok_or(Refusal::NotAcceptable)
    }

    /// Answers in the form that a `_format` in the body asks for.
    pub fn prefer(&self, format: &str) -> Result<(), Refusal> {
        self.negotiated.set(Representation::negotiate(self.door, Some(format), None));
        self.format.replace(Some(format.to_owned()));
        self.acceptable()
    }

    /// What a link to more of this answer carries, so that it comes in the same form.
    pub fn format_parameter(&self) -> Option<(&'static str, String)> {
        self.format.borrow().clone().map(|format| ("_format", format))
    }

    /// The release of FHIR that is answered in.
    pub fn version(&self) -> FhirVersion {
        self.representation().version
    }

    fn representation(&self) -> Representation {
        self.negotiated.get().unwrap_or_else(|| Representation::usual(self.door))
    }

    pub fn answer(&self, answer: Answer) -> HttpResponse {
        let (mut response, body) = answer.head();
        match body {
            Body::None => response.finish(),
            Body::Json(body) => response.content_type("application/json; charset=utf-8").body(body.to_string()),
            Body::Fhir(body) => self.resource(response, &body),
        }
    }

    /// A refusal as OperationOutcome.
    pub fn refuse(&self, refusal: &Refusal) -> HttpResponse {
        let mut response = HttpResponse::build(refusal.status());
        match refusal {
            Refusal::NoMethod { allowed } => {
                response.insert_header((header::ALLOW, allowed.as_str()));
            }
            Refusal::Busy | Refusal::Store(_) => {
                response.insert_header((header::RETRY_AFTER, "1"));
            }
            // What is still on its way of the body is not waited for.
            Refusal::TooLarge { .. } | Refusal::BodyLost => {
                response.force_close();
            }
            _ => {}
        }
        response.insert_header((header::VARY, "Accept-Language"));
        let mut outcome = operation_outcome(&refusal.issues(self.language));
        if refusal.is_spoken() {
            response.insert_header((header::CONTENT_LANGUAGE, self.language.tag()));
            outcome["language"] = self.language.tag().into();
        }
        let outcome = match self.version() {
            FhirVersion::R4 => outcome,
            FhirVersion::Stu3 => to_stu3(&outcome, &alone).resource.unwrap_or(outcome),
        };
        self.resource(response, &outcome)
    }

    fn resource(&self, mut response: actix_web::HttpResponseBuilder, resource: &Value) -> HttpResponse {
        let to = match self.door {
            Door::Native => Representation::usual(self.door),
            Door::Fhir(_) => self.representation(),
        };
        match self.service.forms.encode(resource, to) {
            Ok(text) => response.content_type(to.content_type()).append_header((header::VARY, "Accept")).body(text),
            // Cannot be about the refusal itself: an OperationOutcome has a form in everything.
            Err(refusal) => {
                let outcome = operation_outcome(&refusal.issues(self.language)).to_string();
                let usual = Representation::usual(self.door).content_type();
                HttpResponse::build(StatusCode::INTERNAL_SERVER_ERROR).content_type(usual).body(outcome)
            }
        }
    }
}
