//! `GET /fhir/Questionnaire`: the forms that are taken in here, in our own words. Nobody's record: not audited.

use actix_web::{HttpResponse, web};
use serde_json::{Value, json};

use super::read::base;
use crate::fhir::{Issue, IssueCode};
use crate::http::answer::{Answer, Record};
use crate::http::body::FORM;
use crate::http::call::Call;
use crate::http::error::Refusal;
use crate::mapping::questionnaire_response::{Edition, questionnaire};

type Pairs = Vec<(String, String)>;

pub async fn read(call: Call, id: web::Path<String>) -> HttpResponse {
    let found = Edition::ALL.into_iter().find(|edition| edition.id() == id.as_str());
    answer(&call, found.map(questionnaire).ok_or(Refusal::NotFound))
}

pub async fn by_url(call: Call, query: web::Query<Pairs>) -> HttpResponse {
    answer(&call, search(&call, query.into_inner()))
}

pub async fn by_body(call: Call, mut payload: web::Payload) -> HttpResponse {
    let found = match call.body(&mut payload, FORM).await {
        Ok(body) => search(&call, url::form_urlencoded::parse(&body).into_owned().collect()),
        Err(refusal) => Err(refusal),
    };
    answer(&call, found)
}

/// All of them, or those with a canonical (`url`, with or without its version).
fn search(call: &Call, pairs: Pairs) -> Result<Value, Refusal> {
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
                return Err(Refusal::Unreadable(vec![issue]));
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
    Ok(bundle)
}

fn answer(call: &Call, found: Result<Value, Refusal>) -> HttpResponse {
    match call.reply.acceptable().and(found) {
        Ok(resource) => call.reply.answer(Answer::fhir(resource, Record::Needless)),
        Err(refusal) => call.reply.refuse(&refusal),
    }
}
