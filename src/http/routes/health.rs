//! `GET /health/live` and `/health/ready`, for those who run the service.

use actix_web::HttpResponse;
use serde_json::json;

use crate::http::answer::{Answer, Record};
use crate::http::call::Call;
use crate::http::error::Refusal;
use crate::store::StoreError;

/// The process answers.
pub async fn live(call: Call) -> HttpResponse {
    call.reply.answer(Answer::json(json!({ "status": "live" }), Record::Needless))
}

/// Definitions are loaded (else nothing would listen) and the store accepts writes.
pub async fn ready(call: Call) -> HttpResponse {
    if call.service.store.healthy().await {
        call.reply.answer(Answer::json(json!({ "status": "ready" }), Record::Needless))
    } else {
        call.reply.refuse(&Refusal::Store(StoreError::Io("it takes no writes".into())))
    }
}
