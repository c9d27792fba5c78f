//! Everything that is served. `openapi.yaml` says the same; `tests/service.rs` holds them together.

mod audit;
mod care_plans;
mod definition;
mod documents;
mod handovers;
mod health;
mod intake;
mod metadata;
mod read;
mod search;
mod validate;

use actix_web::http::Method;
use actix_web::{HttpRequest, HttpResponse, Route, web};

use super::door::Door;
use super::error::Refusal;
use super::reply::Reply;
use crate::fhir::FhirVersion;

/// A route: method, path as OpenAPI writes it, and what answers.
pub struct Entry {
    pub method: &'static str,
    pub path: &'static str,
    to: fn(Route) -> Route,
}

const fn get(path: &'static str, to: fn(Route) -> Route) -> Entry {
    Entry { method: "GET", path, to }
}

const fn post(path: &'static str, to: fn(Route) -> Route) -> Entry {
    Entry { method: "POST", path, to }
}

/// Of paths that a request fits, the first counts. Routes of one path stand together. What stands below `/fhir` is
/// served below `/fhir/stu3` too.
pub const TABLE: &[Entry] = &[
    post("/api/v1/registry-records", |route| route.to(intake::registry_record)),
    post("/api/v1/metastasis-events", |route| route.to(intake::metastasis_event)),
    post("/api/v1/care-plans", |route| route.to(intake::care_plan)),
    post("/api/v1/care-plans/_search", |route| route.to(care_plans::search)),
    get("/api/v1/care-plans/{id}/history", |route| route.to(care_plans::history)),
    get("/api/v1/care-plans/{id}", |route| route.to(care_plans::read)),
    post("/api/v1/questionnaire-responses", |route| route.to(intake::questionnaire_response)),
    post("/api/v1/care-plan-bundles", |route| route.to(intake::care_plan_bundle)),
    get("/api/v1/documents/{id}", |route| route.to(documents::read)),
    get("/api/v1/documents/{id}/trace", |route| route.to(documents::trace)),
    post("/api/v1/handovers", |route| route.to(handovers::create)),
    get("/api/v1/handovers/{id}", |route| route.to(handovers::read)),
    get("/api/v1/audit", |route| route.to(audit::read)),
    get("/health/live", |route| route.to(health::live)),
    get("/health/ready", |route| route.to(health::ready)),
    get("/fhir/metadata", |route| route.to(metadata::read)),
    post("/fhir/$validate", |route| route.to(validate::any)),
    post("/fhir/{type}/$validate", |route| route.to(validate::of_type)),
    post("/fhir/{type}/{id}/$validate", |route| route.to(validate::of_instance)),
    post("/fhir/Questionnaire/_search", |route| route.to(definition::by_body)),
    post("/fhir/StructureDefinition/_search", |route| route.to(definition::by_body)),
    post("/fhir/ValueSet/_search", |route| route.to(definition::by_body)),
    post("/fhir/CodeSystem/_search", |route| route.to(definition::by_body)),
    post("/fhir/{type}/_search", |route| route.to(search::by_body)),
    get("/fhir/Questionnaire/{id}", |route| route.to(definition::read)),
    get("/fhir/Questionnaire", |route| route.to(definition::by_url)),
    get("/fhir/StructureDefinition/{id}", |route| route.to(definition::read)),
    get("/fhir/StructureDefinition", |route| route.to(definition::by_url)),
    get("/fhir/ValueSet/{id}", |route| route.to(definition::read)),
    get("/fhir/ValueSet", |route| route.to(definition::by_url)),
    get("/fhir/CodeSystem/{id}", |route| route.to(definition::read)),
    get("/fhir/CodeSystem", |route| route.to(definition::by_url)),
    get("/fhir/{type}/{id}/_history/{version}", |route| route.to(read::version)),
    get("/fhir/{type}/{id}/_history", |route| route.to(read::history)),
    get("/fhir/{type}/{id}", |route| route.to(read::current)),
    get("/fhir/{type}", |route| route.to(search::by_url)),
    post("/fhir/{type}", |route| route.to(intake::create)),
];

/// Method and path of every route.
pub fn served() -> impl Iterator<Item = (&'static str, &'static str)> {
    TABLE.iter().map(|entry| (entry.method, entry.path))
}

pub fn configure(config: &mut web::ServiceConfig) {
    let stu3 = Door::Fhir(FhirVersion::Stu3).base();
    let groups = || TABLE.chunk_by(|a, b| a.path == b.path);
    // Before `/fhir/{type}/{id}`, which fits it too.
    let of_stu3 = groups().filter_map(|group| {
        let below = Door::Fhir(FhirVersion::R4).below(group[0].path)?;
        Some((format!("{stu3}{below}"), group))
    });
    for (path, group) in of_stu3.chain(groups().map(|group| (group[0].path.to_owned(), group))) {
        let allowed: Vec<String> =
            group.iter().flat_map(|entry| methods(entry.method)).map(|method| method.to_string()).collect();
        let allowed = allowed.join(", ");
        let mut resource = web::resource(path);
        for entry in group {
            for method in methods(entry.method) {
                resource = resource.route((entry.to)(web::method(method)));
            }
        }
        config.service(resource.default_service(web::to(move |request: HttpRequest| {
            let refusal = Refusal::NoMethod { allowed: allowed.clone() };
            async move { Reply::to(&request).refuse(&refusal) }
        })));
    }
    config.default_service(web::to(no_route));
}

/// What can be got can be asked for by its head alone.
fn methods(method: &str) -> Vec<Method> {
    if method == "POST" { vec![Method::POST] } else { vec![Method::GET, Method::HEAD] }
}

async fn no_route(request: HttpRequest) -> HttpResponse {
    Reply::to(&request).refuse(&Refusal::NoRoute)
}

/// The id of a resource, document or handover: what FHIR allows.
fn id(text: &str) -> Result<&str, Refusal> {
    let fits = (1..=64).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.'));
    if fits { Ok(text) } else { Err(Refusal::NotFound) }
}
