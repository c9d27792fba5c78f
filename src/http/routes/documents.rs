//! `GET /api/v1/documents/{id}` and `…/trace`: a document as it was sent, and what became of every field.

use actix_web::{HttpResponse, web};
use serde_json::{Value, json};

use super::intake::name_of;
use crate::access::{Interaction, Seen};
use crate::http::answer::{Answer, Record};
use crate::http::call::{Call, Refused};
use crate::http::error::Refusal;
use crate::store::DocumentRecord;

pub async fn read(call: Call, id: web::Path<String>) -> HttpResponse {
    show(call, &id, |document| {
        json!({
            "document": name_of(&document),
            "patient": format!("Patient/{}", document.patient),
            "received": document.received.to_string(),
            "resources": document.resources.iter().map(ToString::to_string).collect::<Vec<_>>(),
            "body": document.body,
        })
    })
    .await
}

pub async fn trace(call: Call, id: web::Path<String>) -> HttpResponse {
    show(call, &id, |document| document.trace).await
}

async fn show(call: Call, id: &str, view: fn(DocumentRecord) -> Value) -> HttpResponse {
    call.answer(Interaction::ReadDocument, async |call| {
        let document = call.service.store.document(super::id(id)?).await?;
        let document = document.ok_or(Refusal::NotFound)?;
        let seen = Seen::patient(document.patient.clone());
        Ok::<_, Refused>(Answer::json(view(document), Record::Due(seen)))
    })
    .await
}
