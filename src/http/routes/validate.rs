//! `$validate`: a resource against base R4, the profiles that it claims and those that are asked for. Nothing is stored.

use actix_web::{HttpResponse, web};
use serde_json::Value;

use crate::access::Interaction;
use crate::fhir::issue::operation_outcome;
use crate::fhir::{FhirVersion, Issue, IssueCode};
use crate::http::answer::{Answer, Record};
use crate::http::call::{Call, Refused};
use crate::http::error::Refusal;
use crate::validator::{Language, stu3};

type Query = web::Query<Vec<(String, String)>>;

pub async fn any(call: Call, query: Query, payload: web::Payload) -> HttpResponse {
    validate(call, None, query, payload).await
}

pub async fn of_type(
    call: Call,
    resource_type: web::Path<String>,
    query: Query,
    payload: web::Payload,
) -> HttpResponse {
    validate(call, Some(resource_type.into_inner()), query, payload).await
}

async fn validate(call: Call, resource_type: Option<String>, query: Query, mut payload: web::Payload) -> HttpResponse {
    call.answer(Interaction::Validate, async |call| {
        let (sent, release) = call.resource(&mut payload).await?;
        let (resource, mut profiles) = unpack(sent)?;
        let found = resource["resourceType"].as_str();
        if let (Some(wanted), Some(found)) = (&resource_type, found)
            && wanted != found
        {
            return Err(unreadable("The resource is of another type than the address says.").into());
        }
        for (name, value) in query.into_inner() {
            match name.as_str() {
                "_format" => {}
                "profile" => profiles.push(value),
                "mode" if value == "create" || value == "update" => {}
                _ => return Err(unreadable("There are no other parameters than `profile` and `mode`.").into()),
            }
        }
        let check = call.service.check.clone();
        let work = move || {
            let profiles: Vec<&str> = profiles.iter().map(String::as_str).collect();
            match release {
                FhirVersion::R4 => check.check(&resource, &profiles),
                FhirVersion::Stu3 => structure(&resource),
            }
        };
        let issues = tokio::task::spawn_blocking(work).await.map_err(|_| Refusal::Failed)?;
        Ok::<_, Refused>(Answer::fhir(operation_outcome(&issues), Record::Needless))
    })
    .await
}

/// Of STU3 the structure is checked, and that this is all is said.
fn structure(resource: &Value) -> Vec<Issue> {
    let text = "The structure was checked; constraints and profiles are checked in R4 alone.";
    let mut issues = stu3::check(resource, Language::English);
    issues.push(Issue::information(IssueCode::NotSupported, "stu3-structure-alone", text));
    issues
}

/// The resource itself, or what stands in Parameters: `resource`, and `profile` any number of times.
fn unpack(sent: Value) -> Result<(Value, Vec<String>), Refusal> {
    if sent["resourceType"] != "Parameters" {
        return Ok((sent, Vec::new()));
    }
    let parameters = sent["parameter"].as_array().map_or(&[][..], Vec::as_slice);
    let named = |name: &'static str| parameters.iter().filter(move |parameter| parameter["name"] == name);
    let profiles = named("profile")
        .filter_map(|it| it["valueUri"].as_str().or_else(|| it["valueCanonical"].as_str()))
        .map(str::to_owned)
        .collect();
    match named("resource").next().map(|it| it["resource"].clone()) {
        Some(resource) if resource.is_object() => Ok((resource, profiles)),
        _ => Err(unreadable("These Parameters have no `resource`: put what is to be validated there.")),
    }
}

fn unreadable(text: &str) -> Refusal {
    Refusal::Unreadable(vec![Issue::error(IssueCode::Invalid, "validate-request", text)])
}
