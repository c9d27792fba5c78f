//! `GET /api/v1/audit`: the audit records of one patient, for whom the log may be shown.

use actix_web::{HttpResponse, web};
use serde_json::{Value, json};

use crate::access::{Interaction, Seen};
use crate::fhir::{Issue, IssueCode};
use crate::http::answer::{Answer, Record};
use crate::http::call::{Call, Refused};
use crate::http::error::Refusal;

/// Records in one answer.
const MOST: usize = 500;

pub async fn read(call: Call, query: web::Query<Vec<(String, String)>>) -> HttpResponse {
    call.answer(Interaction::ReadAudit, async |call| {
        let (patient, from) = asked(&query)?;
        let entries = call.service.store.audit(Some(&patient), from, MOST).await?;
        let last = entries.last().map(|entry| entry.sequence).filter(|_| entries.len() == MOST);
        let shown: Vec<Value> = entries
            .into_iter()
            .map(|entry| json!({ "sequence": entry.sequence, "chain": entry.chain, "event": entry.event }))
            .collect();
        let mut body = json!({ "patient": format!("Patient/{patient}"), "entries": shown });
        if let Some(last) = last {
            body["next"] = json!(format!("/api/v1/audit?patient=Patient/{patient}&from={}", last + 1));
        }
        Ok::<_, Refused>(Answer::json(body, Record::Due(Seen::patient(patient))))
    })
    .await
}

/// `patient` by reference, and the sequence number to begin with.
fn asked(query: &[(String, String)]) -> Result<(String, u64), Refusal> {
    let unreadable = |text: &str| Refusal::Unreadable(vec![Issue::error(IssueCode::Value, "audit-query", text)]);
    let (mut patient, mut from) = (None, 0);
    for (name, value) in query {
        match name.as_str() {
            "patient" => patient = super::id(value.strip_prefix("Patient/").unwrap_or(value)).ok().map(str::to_owned),
            "from" => from = value.parse().map_err(|_| unreadable("`from` is a sequence number."))?,
            _ => return Err(unreadable("There are no other parameters than `patient` and `from`.")),
        }
    }
    Ok((patient.ok_or_else(|| unreadable("Name the patient: `patient=Patient/…`."))?, from))
}
