//! `GET /health/live` and `/health/ready`, for those who run the service.

use actix_web::{HttpResponse, web};
use serde_json::json;

use crate::http::Service;
use crate::http::answer::{Answer, Record, refuse};
use crate::http::error::Refusal;
use crate::http::language::Language;
use crate::store::StoreError;

/// The process answers.
pub async fn live() -> HttpResponse {
    Answer::json(json!({ "status": "live" }), Record::Needless).respond()
}

/// Definitions are loaded (else nothing would listen) and the store accepts writes.
pub async fn ready(service: web::Data<Service>) -> HttpResponse {
    if service.store.healthy().await {
        Answer::json(json!({ "status": "ready" }), Record::Needless).respond()
    } else {
        refuse(&Refusal::Store(StoreError::Io("it takes no writes".into())), Language::En)
    }
}
