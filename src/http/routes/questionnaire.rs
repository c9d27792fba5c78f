//! `GET /fhir/Questionnaire`: the forms that are taken in here, in our own words. Nobody's record: not audited.

use actix_web::{HttpResponse, web};
use serde_json::{Value, json};

use super::read::base;
use crate::access::Interaction;
use crate::fhir::{Issue, IssueCode};
use crate::http::answer::{Answer, Record};
use crate::http::body::FORM;
use crate::http::call::{Call, Refused};
use crate::http::error::Refusal;
use crate::mapping::questionnaire_response::{Edition, questionnaire};

type Pairs = Vec<(String, String)>;

pub async fn read(call: Call, id: web::Path<String>) -> HttpResponse {
    call.answer(Interaction::Read, async |_| {
        let found = Edition::ALL.into_iter().find(|edition| edition.id() == id.as_str());
        let form = questionnaire(found.ok_or(Refusal::NotFound)?);
        Ok::<_, Refused>(Answer::fhir(form, Record::Needless))
    })
    .await
}

pub async fn by_url(call: Call, query: web::Query<Pairs>) -> HttpResponse {
    call.answer(Interaction::Search, async |call| search(call, query.into_inner())).await
}

pub async fn by_body(call: Call, mut payload: web::Payload) -> HttpResponse {
    call.answer(Interaction::Search, async |call| {
        let body = call.body(&mut payload, FORM).await?;
        search(call, url::form_urlencoded::parse(&body).into_owned().collect())
    })
    .await
}

/// All of them, or those with a canonical (`url`, with or without its version).
fn search(call: &Call, pairs: Pairs) -> Result<Answer, Refused> {
    let mut chosen = Edition::ALL.to_vec();
    for (name, value) in pairs {
        match name.as_str() {
            "url" => chosen.retain(|edition| Edition::of(&value) == Some(*edition)),
            "_id" => chosen.retain(|edition| edition.id() == value),
            "version" => chosen.retain(|edition| edition.version() == value),
            // Each has a canonical and a version.
            "url:missing" | "version:missing" => chosen.retain(|_| value == "false"),
            "_format" => {}
            _ => {
                let text = "A form is searched by `url`, `version` or `_id`.";
                let issue = Issue::error(IssueCode::NotSupported, "search-not-supported", text);
                return Err(Refusal::Unreadable(vec![issue]).into());
            }
        }
    }
    let base = base(&call.request);
    let entry = |edition: &Edition| {
        json!({
            "fullUrl": format!("{base}/Questionnaire/{}", edition.id()),
            "resource": questionnaire(*edition),
            "search": { "mode": "match" },
        })
    };
    let entries: Vec<Value> = chosen.iter().map(entry).collect();
    let mut bundle = json!({ "resourceType": "Bundle", "type": "searchset", "total": entries.len() });
    if !entries.is_empty() {
        bundle["entry"] = Value::Array(entries);
    }
    Ok(Answer::fhir(bundle, Record::Needless))
}
