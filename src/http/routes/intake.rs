//! `POST /api/v1/registry-records`, `/metastasis-events`, `/care-plans`: native documents; `/questionnaire-responses`:
//! a filled form, with its patient beside it.

use actix_web::{HttpResponse, web};
use serde_json::{Value, json};

use crate::access::Interaction;
use crate::domain::Kind;
use crate::http::answer::{Answer, Record};
use crate::http::body::JSON;
use crate::http::call::Call;
use crate::intake::{Accepted, Context};
use crate::store::{Change, DocumentRecord};

pub async fn registry_record(call: Call, payload: web::Payload) -> HttpResponse {
    take_in(Some(Kind::RegistryRecord), call, payload).await
}

pub async fn metastasis_event(call: Call, payload: web::Payload) -> HttpResponse {
    take_in(Some(Kind::MetastasisEvent), call, payload).await
}

pub async fn care_plan(call: Call, payload: web::Payload) -> HttpResponse {
    take_in(Some(Kind::CarePlan), call, payload).await
}

pub async fn questionnaire_response(call: Call, payload: web::Payload) -> HttpResponse {
    take_in(None, call, payload).await
}

/// Without a kind the document is a form.
async fn take_in(kind: Option<Kind>, call: Call, mut payload: web::Payload) -> HttpResponse {
    call.answer(Interaction::TakeIn, async |call| {
        let body = call.body(&mut payload, JSON).await?;
        let event = call.service.access.event(Interaction::TakeIn, &call.caller, call.now);
        let context = Context { now: call.now, id: call.service.id, event };
        let accepted = match kind {
            Some(kind) => call.service.intake.accept(kind, &body, &context).await?,
            None => call.service.intake.accept_form(&body, &context).await?,
        };
        tracing::info!(request = call.caller.request_id, document = accepted.document.id, "document accepted");
        let location = format!("/api/v1/documents/{}", accepted.document.id);
        let answer = Answer::json(body_of(&accepted), Record::Committed).location(location);
        Ok(if accepted.change == Change::Unchanged { answer } else { answer.created() })
    })
    .await
}

fn body_of(accepted: &Accepted) -> Value {
    let resources: Vec<Value> = accepted
        .resources
        .iter()
        .map(|(key, change)| json!({ "reference": key.to_string(), "change": change }))
        .collect();
    let warnings: Vec<Value> = accepted
        .warnings
        .iter()
        .map(|warning| match &warning.at {
            Some(at) => json!({ "id": warning.id, "at": at, "text": warning.text }),
            None => json!({ "id": warning.id, "text": warning.text }),
        })
        .collect();
    json!({
        "document": name_of(&accepted.document),
        "outcome": accepted.change,
        "patient": format!("Patient/{}", accepted.document.patient),
        "resources": resources,
        "warnings": warnings,
    })
}

/// How an answer names a document.
pub(super) fn name_of(document: &DocumentRecord) -> Value {
    json!({ "id": document.id, "kind": document.kind, "version": document.version })
}
