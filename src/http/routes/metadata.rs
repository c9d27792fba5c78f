//! `GET /fhir/metadata`.

use actix_web::HttpResponse;

use super::read::base;
use crate::http::answer::{Answer, Record};
use crate::http::call::Call;
use crate::http::capability::statement;

/// Nobody's record: not audited.
pub async fn read(call: Call) -> HttpResponse {
    match call.reply.acceptable() {
        Ok(()) => call.reply.answer(Answer::fhir(statement(&base(&call.request), call.now), Record::Needless)),
        Err(refusal) => call.reply.refuse(&refusal),
    }
}
