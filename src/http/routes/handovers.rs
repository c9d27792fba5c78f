//! `POST /api/v1/handovers` and `GET /api/v1/handovers/{id}`: handing a patient over, and following every attempt.

use actix_web::{HttpResponse, web};
use serde_json::Value;

use crate::access::{Interaction, Seen};
use crate::domain::{Agb, Bsn, Ura};
use crate::fhir::{Issue, IssueCode, ResourceKey};
use crate::handover::{self, Context, Parts, PatientRef, ReceiverRef, Request};
use crate::http::answer::{Answer, Record};
use crate::http::body::JSON;
use crate::http::call::{Call, Refused};
use crate::http::error::Refusal;

pub async fn create(call: Call, mut payload: web::Payload) -> HttpResponse {
    call.answer(Interaction::Handover, async |call| {
        let body = call.body(&mut payload, JSON).await?;
        let request = request_of(&crate::fhir::json::parse(&body).map_err(Refusal::from)?)?;
        let service = &call.service;
        let check = |bundle: &Value| service.check.check(bundle, &[]);
        let parts = Parts {
            store: service.store.as_ref(),
            directory: service.directory.as_ref(),
            consent: service.consent.as_ref(),
            author: &service.author,
            check: &check,
        };
        let context = Context {
            now: call.now,
            id: service.id,
            agent: call.caller.agent(),
            request_id: call.caller.request_id.clone(),
        };
        let queued = handover::request(parts, &request, &context).await.map_err(|refusal| {
            let recorded = !matches!(refusal, handover::Refusal::Busy | handover::Refusal::Store(_));
            if recorded { Refused::recorded(refusal.into()) } else { Refusal::from(refusal).into() }
        })?;
        service.wake.notify_one();
        let location = format!("/api/v1/handovers/{}", queued.delivery.id);
        Ok(Answer::json(handover::view(&queued.delivery), Record::Committed).created().location(location))
    })
    .await
}

pub async fn read(call: Call, id: web::Path<String>) -> HttpResponse {
    call.answer(Interaction::ReadHandover, async |call| {
        let delivery = call.service.store.delivery(super::id(&id)?).await?.ok_or(Refusal::NotFound)?;
        let seen = Seen::patient(delivery.patient.clone());
        Ok::<_, Refused>(Answer::json(handover::view(&delivery), Record::Due(seen)))
    })
    .await
}

/// Patient and receiver, each named in one way; every fault at once.
fn request_of(body: &Value) -> Result<Request, Refusal> {
    let mut faults = Vec::new();
    let fault = |at: &str, text: &str| Issue::error(IssueCode::Value, "handover-request", text).at(at);
    let Some(object) = body.as_object() else {
        return Err(Refusal::Invalid(vec![fault("", "Send an object with `patient` and `receiver`.")]));
    };
    if object.keys().any(|name| name != "patient" && name != "receiver") {
        faults.push(fault("", "There are no other properties than `patient` and `receiver`."));
    }
    let patient = match only(&body["patient"]) {
        Some(("bsn", bsn)) => Bsn::parse(bsn).ok().map(|bsn| PatientRef::Bsn(bsn.as_str().to_owned())),
        Some(("reference", reference)) => ResourceKey::parse(reference)
            .filter(|key| key.resource_type == "Patient" && !reference.contains("/_history/"))
            .map(|key| PatientRef::Id(key.id)),
        _ => None,
    };
    let receiver = match only(&body["receiver"]) {
        Some(("agb", agb)) => Agb::parse(agb).ok().map(|agb| ReceiverRef::Agb(agb.as_str().to_owned())),
        Some(("ura", ura)) => Ura::parse(ura).ok().map(|ura| ReceiverRef::Ura(ura.as_str().to_owned())),
        _ => None,
    };
    if patient.is_none() {
        faults.push(fault("/patient", "Name the patient by `bsn` (eleven-test) or by `reference` (`Patient/…`)."));
    }
    if receiver.is_none() {
        faults.push(fault("/receiver", "Name the receiver by `agb` or by `ura`, eight digits."));
    }
    match (patient, receiver) {
        (Some(patient), Some(receiver)) if faults.is_empty() => Ok(Request { patient, receiver }),
        _ => Err(Refusal::Invalid(faults)),
    }
}

/// The one property of an object that has a text.
fn only(value: &Value) -> Option<(&str, &str)> {
    let mut members = value.as_object()?.iter();
    match (members.next(), members.next()) {
        (Some((name, value)), None) => Some((name, value.as_str()?)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_request_names_patient_and_receiver_in_one_way_each() {
        for good in [
            json!({"patient": {"bsn": "123456782"}, "receiver": {"agb": "01999911"}}),
            json!({"patient": {"reference": "Patient/p"}, "receiver": {"ura": "90000111"}}),
        ] {
            assert!(request_of(&good).is_ok(), "{good}");
        }
        for (bad, faults) in [
            (json!([]), 1),
            (json!({}), 2),
            (json!({"patient": {"bsn": "123456789"}, "receiver": {"agb": "1"}, "naam": 1}), 3),
            (json!({"patient": {"bsn": "123456782", "reference": "Patient/p"}, "receiver": {"agb": "01999911"}}), 1),
            (json!({"patient": {"reference": "Goal/g"}, "receiver": {"agb": "01999911"}}), 1),
        ] {
            let Err(Refusal::Invalid(issues)) = request_of(&bad) else { panic!("{bad} was taken") };
            assert_eq!(issues.len(), faults, "{bad}");
        }
    }
}
