//! One request on its way through the service: admitted, worked on, recorded, answered.

use std::convert::Infallible;
use std::future::{Ready, ready};
use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpMessage, HttpRequest, HttpResponse, web};
use futures_util::FutureExt;
use jiff::Timestamp;

use super::answer::{Answer, Record};
use super::body;
use super::door::Door;
use super::error::Refusal;
use super::reply::Reply;
use super::representation::Representation;
use super::{Service, privacy, stu3};
use crate::access::{Caller, Interaction, Seen};
use crate::fhir::audit_event::Outcome;
use crate::fhir::subset::View;
use crate::fhir::{FhirVersion, Source};
use crate::intake;

/// The id under which a request is logged and recorded; put there before routing.
#[derive(Clone, Debug)]
pub struct RequestId(pub String);

/// A refusal with the patient whose record it is about, where that is known.
#[derive(Debug)]
pub struct Refused {
    why: Refusal,
    patient: Option<String>,
    /// Whether the work itself made the record.
    recorded: bool,
}

impl<R: Into<Refusal>> From<R> for Refused {
    fn from(why: R) -> Self {
        Refused { why: why.into(), patient: None, recorded: false }
    }
}

impl From<intake::Refusal> for Refused {
    fn from(refusal: intake::Refusal) -> Self {
        Refused { why: refusal.why.into(), patient: refusal.patient, recorded: false }
    }
}

impl Refused {
    /// A refusal that the work recorded already.
    pub fn recorded(why: Refusal) -> Self {
        Refused { recorded: true, why, patient: None }
    }
}

/// What a route gets of a request.
pub struct Call {
    pub service: Arc<Service>,
    pub caller: Caller,
    pub reply: Reply,
    pub now: Timestamp,
    pub request: HttpRequest,
}

impl FromRequest for Call {
    type Error = Infallible;
    type Future = Ready<Result<Self, Infallible>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let service = request.app_data::<web::Data<Service>>().expect("every application is given its service");
        let id = request.extensions().get::<RequestId>().map(|id| id.0.clone()).unwrap_or_default();
        ready(Ok(Call {
            service: Arc::clone(service),
            caller: Caller { address: request.peer_addr().map(|peer| peer.ip()), request_id: id },
            reply: Reply::to(request),
            now: (service.clock)(),
            request: request.clone(),
        }))
    }
}

impl Call {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.request.headers().get(name).and_then(|value| value.to_str().ok())
    }

    /// The body, where it is of this media type.
    pub async fn body(&self, payload: &mut web::Payload, media_type: &'static str) -> Result<Vec<u8>, Refusal> {
        let right = body::is(media_type, self.header("content-type"));
        body::read(&self.request, payload, right, media_type, self.service.max_body).await
    }

    /// The resource of a body, in JSON or XML, with its text and the release of FHIR that its media type says.
    /// Of our own door too, which takes R4 where it says nothing.
    pub async fn resource(&self, payload: &mut web::Payload) -> Result<(Source, FhirVersion), Refusal> {
        let door = match self.reply.door() {
            Door::Native => Door::Fhir(FhirVersion::R4),
            fhir @ Door::Fhir(_) => fhir,
        };
        let form = self.header("content-type").and_then(|it| Representation::of_body(door, it));
        let body = body::read(&self.request, payload, form.is_some(), body::FHIR, self.service.max_body).await?;
        let form = form.ok_or(Refusal::MediaType { expected: body::FHIR })?;
        Ok((self.service.forms.decode(&body, form)?, form.version))
    }

    /// Runs the work for who may ask for it. Whatever comes of it, its audit record is durable before anything is
    /// answered; where that fails, nothing of the work is shown. Work that panics is answered as a failure.
    pub async fn answer<F>(&self, interaction: Interaction, work: F) -> HttpResponse
    where
        F: AsyncFnOnce(&Call) -> Result<Answer, Refused>,
    {
        let result = match self.admit() {
            Ok(()) => {
                let done = AssertUnwindSafe(async { self.in_release(work(self).await?).await });
                done.catch_unwind().await.unwrap_or(Err(Refusal::Failed.into()))
            }
            Err(refusal) => Err(refusal.into()),
        };
        match result {
            Ok(answer) => {
                let written = match &answer.record {
                    Record::Due(seen) => self.record(interaction, seen, (Outcome::Success, "")).await,
                    Record::Committed | Record::Needless => Ok(()),
                };
                match written {
                    Ok(()) => self.reply.answer(answer),
                    Err(refusal) => self.reply.refuse(&refusal),
                }
            }
            Err(refused) => {
                let summary = refused.why.summary();
                match &refused.why {
                    Refusal::Store(error) => {
                        tracing::error!(request = self.caller.request_id, %error, "the store failed")
                    }
                    _ => tracing::info!(request = self.caller.request_id, why = summary, "refused"),
                }
                let seen = refused.patient.map(Seen::patient).unwrap_or_default();
                let outcome = (refused.why.outcome(), summary.as_str());
                let written = if refused.recorded { Ok(()) } else { self.record(interaction, &seen, outcome).await };
                self.reply.refuse(written.err().as_ref().unwrap_or(&refused.why))
            }
        }
    }

    /// The answer in the release of FHIR and with the part of each resource that were asked for.
    async fn in_release(&self, mut answer: Answer) -> Result<Answer, Refused> {
        let release = self.reply.version();
        if let Some((resource, view)) = answer.resource_mut() {
            if release == FhirVersion::Stu3 {
                *resource = stu3::rendered(self.service.store.as_ref(), resource).await?;
            }
            if *view != View::Whole {
                self.service.forms.show(resource, view, release);
            }
        }
        Ok(answer)
    }

    fn admit(&self) -> Result<(), Refusal> {
        self.service.access.admit(&self.caller, self.header("host"))?;
        let uri = self.request.uri();
        if privacy::names_person(uri.path(), uri.query().unwrap_or_default()) {
            return Err(Refusal::PersonInUrl);
        }
        self.reply.acceptable()
    }

    async fn record(&self, interaction: Interaction, seen: &Seen, outcome: (Outcome, &str)) -> Result<(), Refusal> {
        let written = self.service.access.record(interaction, &self.caller, seen, outcome, self.now).await;
        written.map_err(|error| {
            tracing::error!(request = self.caller.request_id, %error, "an access could not be recorded: not answered");
            Refusal::Store(error)
        })
    }
}
