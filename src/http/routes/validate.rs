//! `$validate`: a resource against base R4, the profiles that it claims and those that are asked for, for what is to be
//! done with it. Nothing is stored.
//!
//! Source: <http://hl7.org/fhir/R4/resource-operation-validate.html>.

use actix_web::{HttpResponse, web};
use serde_json::Value;

use crate::access::Interaction;
use crate::fhir::issue::operation_outcome;
use crate::fhir::{FhirVersion, Issue, IssueCode, Source};
use crate::http::answer::{Answer, Record};
use crate::http::call::{Call, Refused};
use crate::http::error::Refusal;
use crate::http::language::Language;
use crate::validator::{faults, stu3};

type Query = web::Query<Vec<(String, String)>>;

pub async fn any(call: Call, query: Query, payload: web::Payload) -> HttpResponse {
    validate(call, Place::default(), query, payload).await
}

pub async fn of_type(call: Call, of: web::Path<String>, query: Query, payload: web::Payload) -> HttpResponse {
    validate(call, Place { resource_type: Some(of.into_inner()), id: None }, query, payload).await
}

pub async fn of_instance(
    call: Call,
    place: web::Path<(String, String)>,
    query: Query,
    payload: web::Payload,
) -> HttpResponse {
    let (resource_type, id) = place.into_inner();
    validate(call, Place { resource_type: Some(resource_type), id: Some(id) }, query, payload).await
}

/// What the address says of the resource.
#[derive(Default)]
struct Place {
    resource_type: Option<String>,
    id: Option<String>,
}

/// What is to be done with the resource. Source: <http://hl7.org/fhir/R4/valueset-resource-validation-mode.html>.
#[derive(Clone, Copy, PartialEq)]
enum Mode {
    Create,
    Update,
    Delete,
    Profile,
}

impl Mode {
    fn parse(text: &str) -> Option<Mode> {
        Some(match text {
            "create" => Mode::Create,
            "update" => Mode::Update,
            "delete" => Mode::Delete,
            "profile" => Mode::Profile,
            _ => return None,
        })
    }
}

/// What is asked: in the address, in Parameters, or in both.
#[derive(Default)]
struct Request {
    resource: Option<Source>,
    profiles: Vec<String>,
    mode: Option<Mode>,
}

async fn validate(call: Call, place: Place, query: Query, mut payload: web::Payload) -> HttpResponse {
    call.answer(Interaction::Validate, async |call| {
        let language = call.reply.language;
        let (sent, release) = call.resource(&mut payload).await?;
        let mut request = Request::unpack(sent, language)?;
        for (name, value) in query.into_inner() {
            match name.as_str() {
                "_format" | "_pretty" => {}
                "profile" => request.profiles.push(value),
                "mode" => request.set_mode(&value, language)?,
                _ => {
                    return Err(unreadable(language.choose(
                        "Andere parameters dan `profile` en `mode` zijn er niet.",
                        "There are no other parameters than `profile` and `mode`.",
                    ))
                    .into());
                }
            }
        }
        let Request { resource, profiles, mode } = request;
        if mode == Some(Mode::Profile) && profiles.is_empty() {
            let text =
                language.choose("`mode` `profile` vraagt om een `profile`.", "Mode `profile` asks for a `profile`.");
            return Err(unreadable(text).into());
        }
        let mut issues = place.issues(resource.as_ref().map(|source| &source.resource), mode, language)?;
        if let Some(source) = resource {
            source.locate(&mut issues);
            let check = call.service.check.clone();
            let work = move || {
                let profiles: Vec<&str> = profiles.iter().map(String::as_str).collect();
                match release {
                    FhirVersion::R4 => check.check_source(&source, &profiles, language.into()),
                    FhirVersion::Stu3 => structure(&source, language),
                }
            };
            issues.extend(tokio::task::spawn_blocking(work).await.map_err(|_| Refusal::Failed)?);
        }
        if issues.is_empty() {
            let text = language.choose("Geen bevindingen.", "No issues found.");
            issues.push(Issue::information(IssueCode::Informational, "all-ok", text));
        }
        let mut outcome = operation_outcome(&issues);
        outcome["language"] = language.tag().into();
        Ok::<_, Refused>(Answer::fhir(outcome, Record::Needless).language(language))
    })
    .await
}

/// Of STU3 the structure is checked, and that this is all is said.
fn structure(source: &Source, language: Language) -> Vec<Issue> {
    let text = language.choose(
        "De structuur is nagegaan; regels en profielen worden alleen in R4 nagegaan.",
        "The structure was checked; constraints and profiles are checked in R4 alone.",
    );
    let mut issues = faults(source, language.into());
    issues.extend(stu3::check(&source.resource, language.into()));
    source.locate(&mut issues);
    issues.push(Issue::information(IssueCode::NotSupported, "stu3-structure-alone", text));
    issues
}

impl Request {
    /// The resource itself, or what stands in Parameters: `resource`, `mode`, and `profile` any number of times.
    fn unpack(sent: Source, language: Language) -> Result<Request, Refusal> {
        if sent.resource["resourceType"] != "Parameters" {
            return Ok(Request { resource: Some(sent), ..Request::default() });
        }
        let mut request = Request::default();
        let mut part = None;
        for (i, parameter) in sent.resource["parameter"].as_array().into_iter().flatten().enumerate() {
            let value = ["valueCode", "valueCanonical", "valueUri", "valueString"];
            let text = value.iter().find_map(|name| parameter[*name].as_str());
            match (parameter["name"].as_str(), text) {
                (Some("resource"), _) if part.is_none() => part = Some(format!("/parameter/{i}/resource")),
                (Some("profile"), Some(profile)) => request.profiles.push(profile.to_owned()),
                (Some("mode"), Some(mode)) => request.set_mode(mode, language)?,
                // Half of what was asked is not answered as if it were all.
                _ => {
                    return Err(unreadable(language.choose(
                        "Deze Parameters hebben iets anders dan `resource`, `profile` en `mode`, of een tweede `resource`.",
                        "These Parameters have something else than `resource`, `profile` and `mode`, or a second `resource`.",
                    )));
                }
            }
        }
        let is_delete = request.mode == Some(Mode::Delete);
        let named = part.is_some();
        request.resource = part.and_then(|part| sent.part(&part)).filter(|part| part.resource.is_object());
        match &request.resource {
            None if named || !is_delete => Err(unreadable(language.choose(
                "Deze Parameters hebben geen `resource`: zet daar wat gevalideerd moet worden.",
                "These Parameters have no `resource`: put what is to be validated there.",
            ))),
            _ => Ok(request),
        }
    }

    fn set_mode(&mut self, text: &str, language: Language) -> Result<(), Refusal> {
        let mode = Mode::parse(text);
        let mode = mode.ok_or_else(|| {
            unreadable(language.choose(
                "Een `mode` is `create`, `update`, `delete` of `profile`.",
                "A mode is `create`, `update`, `delete` or `profile`.",
            ))
        })?;
        match self.mode.replace(mode) {
            Some(other) if other != mode => Err(unreadable(language.choose(
                "Er staan twee verschillende waarden van `mode`, in het adres of in Parameters; laat er een weg.",
                "There are two different values of `mode`, in the address or in Parameters; leave one out.",
            ))),
            _ => Ok(()),
        }
    }
}

impl Place {
    /// What is wrong with doing this to the resource here.
    fn issues(&self, resource: Option<&Value>, mode: Option<Mode>, language: Language) -> Result<Vec<Issue>, Refusal> {
        let text = |name: &str| resource.and_then(|r| r.get(name)?.as_str());
        if let (Some(wanted), Some(found)) = (&self.resource_type, text("resourceType"))
            && wanted != found
        {
            return Err(unreadable(language.choose(
                "De resource is van een ander type dan het adres zegt.",
                "The resource is of another type than the address says.",
            )));
        }
        let kind = self.resource_type.as_deref().or(text("resourceType")).unwrap_or("Resource");
        let mut issues = Vec::new();
        let mut refuse = |code, id, nl: &str, en: &str| {
            issues.push(Issue::error(code, id, language.choose(nl, en)).at(format!("{kind}.id")));
        };
        match (mode, &self.id, text("id")) {
            (Some(Mode::Delete), ..) => {
                let text = language.choose("Hier wordt niets verwijderd.", "Nothing is deleted here.");
                issues.push(Issue::error(IssueCode::NotSupported, "validate-no-delete", text));
            }
            (Some(Mode::Create), Some(_), _) => {
                refuse(
                    IssueCode::BusinessRule,
                    "validate-create-at-id",
                    "Wat nieuw is, krijgt zijn id van de dienst.",
                    "What is created gets its id from the service.",
                );
            }
            (Some(Mode::Update), _, None) => {
                refuse(
                    IssueCode::Required,
                    "validate-update-without-id",
                    "Wat bijgewerkt wordt, heeft een id.",
                    "What is updated has an id.",
                );
            }
            (_, Some(place), Some(own)) if place != own => {
                refuse(
                    IssueCode::Invalid,
                    "validate-other-id",
                    "De id is niet die in het adres.",
                    "The id is not the one in the address.",
                );
            }
            _ => {}
        }
        Ok(issues)
    }
}

fn unreadable(text: &str) -> Refusal {
    Refusal::Unreadable(vec![Issue::error(IssueCode::Invalid, "validate-request", text)])
}
