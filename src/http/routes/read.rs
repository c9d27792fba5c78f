//! `read`, `vread` and `history-instance` of a resource.

use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::{Value, json};

use crate::access::{Interaction, Seen};
use crate::fhir::ResourceKey;
use crate::http::answer::{Answer, Record};
use crate::http::call::{Call, Refused};
use crate::http::error::Refusal;
use crate::store::Version;

pub async fn current(call: Call, path: web::Path<(String, String)>) -> HttpResponse {
    call.answer(Interaction::Read, async |call| {
        let version = call.service.store.read(&key(&path)?).await?.ok_or(Refusal::NotFound)?;
        Ok::<_, Refused>(Answer::version(version, call.header("if-none-match")))
    })
    .await
}

pub async fn version(call: Call, path: web::Path<(String, String, String)>) -> HttpResponse {
    call.answer(Interaction::Vread, async |call| {
        let (resource_type, id, version) = path.into_inner();
        let number = version.parse().map_err(|_| Refusal::NotFound)?;
        let key = key(&(resource_type, id))?;
        let version = call.service.store.read_version(&key, number).await?.ok_or(Refusal::NotFound)?;
        Ok::<_, Refused>(Answer::version(version, call.header("if-none-match")))
    })
    .await
}

pub async fn history(call: Call, path: web::Path<(String, String)>) -> HttpResponse {
    call.answer(Interaction::History, async |call| {
        let versions = call.service.store.history(&key(&path)?).await?;
        let first = versions.first().ok_or(Refusal::NotFound)?;
        let seen = Seen::resource(&first.body);
        let base = base(&call.request);
        let entries: Vec<Value> = versions.iter().map(|version| entry(version, &base)).collect();
        let bundle = json!({ "resourceType": "Bundle", "type": "history", "total": entries.len(), "entry": entries });
        Ok::<_, Refused>(Answer::fhir(bundle, Record::Due(seen)))
    })
    .await
}

fn entry(version: &Version, base: &str) -> Value {
    let method = if version.version == 1 { "POST" } else { "PUT" };
    let url = if version.version == 1 { version.key.resource_type.clone() } else { version.key.to_string() };
    json!({
        "fullUrl": format!("{base}/{}", version.key),
        "resource": version.body,
        "request": { "method": method, "url": url },
        "response": {
            "status": if version.version == 1 { "201" } else { "200" },
            "etag": format!("W/\"{}\"", version.version),
            "lastModified": version.at.to_string(),
        },
    })
}

/// The FHIR base as the caller addressed it.
pub(super) fn base(request: &HttpRequest) -> String {
    let connection = request.connection_info();
    format!("{}://{}/fhir", connection.scheme(), connection.host())
}

fn key((resource_type, id): &(String, String)) -> Result<ResourceKey, Refusal> {
    ResourceKey::parse(&format!("{resource_type}/{}", super::id(id)?)).ok_or(Refusal::NotFound)
}
