//! The care plan for who reads it: `POST /api/v1/care-plans/_search` gives what holds now of all plans of a patient,
//! `GET /api/v1/care-plans/{id}` what one document says and how it stands, `…/history` how it came to that.

use actix_web::{HttpResponse, web};
use serde_json::{Value, json};

use crate::access::{Interaction, Seen};
use crate::domain::Bsn;
use crate::fhir::json::parse;
use crate::fhir::{Issue, IssueCode};
use crate::http::answer::{Answer, Record};
use crate::http::body::JSON;
use crate::http::call::{Call, Refused};
use crate::http::error::Refusal;
use crate::intake::plans;
use crate::mapping::care_plan::current::plan::Plans;

/// Of a patient who is not known here too the answer says what is known: no plan. Nothing found is no error.
pub async fn search(call: Call, mut payload: web::Payload) -> HttpResponse {
    call.answer(Interaction::Search, async |call| {
        let body = parse(&call.body(&mut payload, JSON).await?).map_err(crate::intake::Refused::NotJson)?;
        let bsn = body["bsn"].as_str().and_then(|text| Bsn::parse(text).ok()).ok_or_else(no_bsn)?;
        let store = call.service.store.as_ref();
        let mut seen = Seen { query: Some("care-plans?bsn".to_owned()), ..Seen::default() };
        let Some(patient) = plans::patient(store, bsn.as_str()).await? else {
            return Ok(Answer::json(nothing(call), Record::Due(seen)));
        };
        let plans = plans::read(store, &patient, call.now).await?;
        seen.patients.push(patient.clone());
        if plans.sources().is_empty() {
            return Ok(Answer::json(nothing(call), Record::Due(seen)));
        }
        let mut view = plans.current();
        view["patient"] = json!(format!("Patient/{patient}"));
        Ok::<_, Refused>(Answer::json(view, Record::Due(seen)))
    })
    .await
}

pub async fn read(call: Call, id: web::Path<String>) -> HttpResponse {
    show(call, &id, async |_, plans, id| plans.document(id).ok_or_else(|| Refusal::NotFound.into())).await
}

pub async fn history(call: Call, id: web::Path<String>) -> HttpResponse {
    show(call, &id, async |call, plans, _| Ok(plans::history(call.service.store.as_ref(), plans).await?)).await
}

async fn show<F>(call: Call, id: &str, view: F) -> HttpResponse
where
    F: AsyncFnOnce(&Call, &Plans, &str) -> Result<Value, Refused>,
{
    call.answer(Interaction::ReadDocument, async |call| {
        let id = super::id(id)?;
        let store = call.service.store.as_ref();
        let record = store.document(id).await?.ok_or(Refusal::NotFound)?;
        let plans = plans::read(store, &record.patient, call.now).await?;
        // A document of another kind is no care plan.
        if !plans.sources().iter().any(|source| source.id == id) {
            return Err(Refusal::NotFound.into());
        }
        let mut view = view(call, &plans, id).await?;
        view["patient"] = json!(format!("Patient/{}", record.patient));
        Ok(Answer::json(view, Record::Due(Seen::patient(record.patient))))
    })
    .await
}

/// Not the same as a plan without limits, and it says so.
fn nothing(call: &Call) -> Value {
    json!({
        "asOf": call.now.to_string(), "plan": null, "statements": [], "ended": [], "documents": [],
        "marks": [{ "kind": "no-plan", "at": [],
                    "text": "Er is hier geen zorgplan bekend. Dat betekent niet dat er geen behandelgrenzen zijn." }],
    })
}

fn no_bsn() -> Refusal {
    let text = "Send `{ \"bsn\": \"…\" }`: nine digits that pass the eleven-test.";
    Refusal::Unreadable(vec![Issue::error(IssueCode::Required, "care-plan-search-bsn", text).at("/bsn")])
}
