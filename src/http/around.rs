//! Around every request: its id, its line in the log, and headers that hold for every answer.

use std::time::Instant;

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::http::header::{CACHE_CONTROL, HeaderName, HeaderValue, X_CONTENT_TYPE_OPTIONS};
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage, web};
use uuid::Uuid;

use super::Service;
use super::call::RequestId;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Gives the request an id (the caller's own, where it is a UUID), logs what became of it by route and status, never by
/// URL, and forbids caches to keep the answer.
pub async fn around(
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let began = Instant::now();
    let id = request_id(&request);
    request.extensions_mut().insert(RequestId(id.clone()));
    let method = known(request.method());
    let mut response = next.call(request).await?;
    let route = response.request().match_pattern().unwrap_or_else(|| "-".to_owned());
    let (status, ms) = (response.status().as_u16(), began.elapsed().as_millis());
    tracing::info!(request = id, method, route, status, ms, "answered");
    let headers = response.headers_mut();
    if let Ok(id) = HeaderValue::from_str(&id) {
        headers.insert(REQUEST_ID, id);
    }
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    Ok(response)
}

/// Only a UUID is taken over: another text could hold anything, and ends in logs and audit records.
fn request_id(request: &ServiceRequest) -> String {
    let sent = request.headers().get(REQUEST_ID).and_then(|value| Uuid::parse_str(value.to_str().ok()?).ok());
    let made = || request.app_data::<web::Data<Service>>().map_or_else(Uuid::nil, |service| (service.id)());
    sent.unwrap_or_else(made).to_string()
}

fn known(method: &Method) -> &'static str {
    [("GET", Method::GET), ("POST", Method::POST), ("PUT", Method::PUT), ("DELETE", Method::DELETE)]
        .into_iter()
        .chain([("HEAD", Method::HEAD), ("OPTIONS", Method::OPTIONS), ("PATCH", Method::PATCH)])
        .find(|(_, known)| known == method)
        .map_or("other", |(name, _)| name)
}
