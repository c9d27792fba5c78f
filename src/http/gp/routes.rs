//! The FHIR side of the GP system.

use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Deserialize;
use serde_json::{Value, json};

use super::fault::Wire;
use super::shelf::Shelved;
use super::{Fault, Gp};
use crate::fhir::issue::operation_outcome;
use crate::fhir::{Issue, IssueCode};

const FHIR_JSON: &str = "application/fhir+json";

pub(super) fn configure(config: &mut web::ServiceConfig) {
    config
        .route("/fhir/metadata", web::get().to(metadata))
        .route("/fhir/Bundle", web::post().to(create))
        .route("/fhir/Bundle", web::get().to(search))
        .route("/fhir/Bundle/{id}", web::get().to(read))
        .default_service(web::to(|| async {
            outcome(StatusCode::NOT_FOUND, IssueCode::NotFound, "gp-not-found", "There is nothing at this address.")
        }));
}

async fn create(gp: web::Data<Gp>, request: HttpRequest, body: web::Bytes) -> HttpResponse {
    tokio::time::sleep(gp.options.delay).await;
    let fails = gp.faults.strike();
    if fails && gp.options.fault == Fault::Unavailable {
        return outcome(StatusCode::SERVICE_UNAVAILABLE, IssueCode::Transient, "gp-down", "Told to fail.");
    }
    if gp.options.refuse {
        let text = "Told to refuse.";
        return outcome(StatusCode::UNPROCESSABLE_ENTITY, IssueCode::Processing, "gp-refuses", text);
    }
    let Some(bundle) = serde_json::from_slice::<Value>(&body).ok().filter(|it| it["resourceType"] == "Bundle") else {
        return outcome(StatusCode::BAD_REQUEST, IssueCode::Structure, "gp-no-bundle", "A Bundle in JSON is expected.");
    };
    let Some(condition) = condition(&request) else {
        let text = "If-None-Exist is supported with `identifier=system|value` alone.";
        return outcome(StatusCode::BAD_REQUEST, IssueCode::NotSupported, "gp-condition", text);
    };
    let condition = condition.filter(|_| !gp.options.no_dedup);
    let stored = {
        let gp = gp.clone();
        web::block(move || gp.shelf.create(bundle, condition.as_deref())).await
    };
    let shelved = match stored {
        Ok(Ok(shelved)) => shelved,
        _ => return broken(),
    };
    if fails {
        if let Some(wire) = request.conn_data::<Wire>() {
            wire.cut();
        }
        return broken();
    }
    let location = |id: &str| format!("{}/Bundle/{id}", base(&request));
    match shelved {
        Shelved::Created(id) => {
            HttpResponse::Created().insert_header((header::LOCATION, location(&id))).content_type(FHIR_JSON).finish()
        }
        Shelved::Existing(id) => {
            HttpResponse::Ok().insert_header((header::LOCATION, location(&id))).content_type(FHIR_JSON).finish()
        }
        Shelved::Several => outcome(
            StatusCode::PRECONDITION_FAILED,
            IssueCode::MultipleMatches,
            "gp-several",
            "Several Bundles have this identifier.",
        ),
    }
}

/// `If-None-Exist: identifier=system|value` → `system|value`; none where the condition is another one.
fn condition(request: &HttpRequest) -> Option<Option<String>> {
    let Some(header) = request.headers().get("If-None-Exist") else { return Some(None) };
    let query = header.to_str().unwrap_or_default().trim_start_matches('?');
    let mut pairs = url::form_urlencoded::parse(query.as_bytes());
    match (pairs.next(), pairs.next()) {
        (Some((name, value)), None) if name == "identifier" => Some(Some(value.into_owned())),
        _ => None,
    }
}

#[derive(Deserialize)]
struct Search {
    identifier: Option<String>,
}

async fn search(gp: web::Data<Gp>, request: HttpRequest, search: web::Query<Search>) -> HttpResponse {
    let found = gp.shelf.find(search.identifier.as_deref());
    let mut entries = Vec::with_capacity(found.len());
    for id in &found {
        match gp.shelf.read(id) {
            Ok(Some(bundle)) => entries.push(json!({
                "fullUrl": format!("{}/Bundle/{id}", base(&request)),
                "resource": bundle,
                "search": { "mode": "match" },
            })),
            _ => return broken(),
        }
    }
    let mut answer = json!({ "resourceType": "Bundle", "type": "searchset", "total": entries.len() });
    if !entries.is_empty() {
        answer["entry"] = Value::Array(entries);
    }
    fhir(StatusCode::OK, &answer)
}

async fn read(gp: web::Data<Gp>, id: web::Path<String>) -> HttpResponse {
    match gp.shelf.read(&id) {
        Ok(Some(bundle)) => fhir(StatusCode::OK, &bundle),
        Ok(None) => outcome(StatusCode::NOT_FOUND, IssueCode::NotFound, "gp-not-found", "No such Bundle."),
        Err(_) => broken(),
    }
}

async fn metadata(request: HttpRequest) -> HttpResponse {
    let interactions = ["create", "read", "search-type"].map(|code| json!({ "code": code }));
    fhir(
        StatusCode::OK,
        &json!({
            "resourceType": "CapabilityStatement",
            "status": "active",
            "date": "2026-01-01",
            "kind": "instance",
            "implementation": { "description": "A receiving GP system for tests", "url": base(&request) },
            "fhirVersion": "4.0.1",
            "format": ["json"],
            "rest": [{
                "mode": "server",
                "resource": [{
                    "type": "Bundle",
                    "interaction": interactions,
                    "conditionalCreate": true,
                    "searchParam": [{ "name": "identifier", "type": "token" }],
                }],
            }],
        }),
    )
}

fn base(request: &HttpRequest) -> String {
    let connection = request.connection_info();
    format!("{}://{}/fhir", connection.scheme(), connection.host())
}

fn fhir(status: StatusCode, body: &Value) -> HttpResponse {
    HttpResponse::build(status).content_type(FHIR_JSON).body(body.to_string())
}

fn outcome(status: StatusCode, code: IssueCode, id: &'static str, text: &str) -> HttpResponse {
    fhir(status, &operation_outcome(&[Issue::error(code, id, text)]))
}

fn broken() -> HttpResponse {
    outcome(StatusCode::INTERNAL_SERVER_ERROR, IssueCode::Exception, "gp-store", "The store of the GP system failed.")
}
