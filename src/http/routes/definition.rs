//! Definitions that are served as they are: the forms that are taken in, in our own words, and Overdracht's own profiles,
//! extensions, value sets and code systems, which its resources name. Nobody's record: not audited.

use actix_web::{HttpResponse, web};
use serde_json::{Value, json};

use super::read::base;
use crate::access::Interaction;
use crate::fhir::{Issue, IssueCode, definitions};
use crate::http::answer::{Answer, Record};
use crate::http::body::FORM;
use crate::http::call::{Call, Refused};
use crate::http::capability::{FORM_TYPE, definition_types};
use crate::http::error::Refusal;
use crate::mapping::questionnaire_response::{Edition, questionnaire};

type Pairs = Vec<(String, String)>;

pub async fn read(call: Call, id: web::Path<String>) -> HttpResponse {
    call.answer(Interaction::Read, async |call| {
        let (_, all) = asked(call);
        let found = all.into_iter().find(|one| one["id"] == id.as_str());
        Ok::<_, Refused>(Answer::fhir(found.ok_or(Refusal::NotFound)?, Record::Needless))
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

/// The type that the address names, and all that there is of it in the release that is asked for.
fn asked(call: &Call) -> (&'static str, Vec<Value>) {
    let path = call.request.path();
    let kind = definition_types(call.reply.version())
        .find(|kind| path.split('/').any(|step| step == *kind))
        .unwrap_or_default();
    let all = if kind == FORM_TYPE {
        Edition::ALL.map(questionnaire).into()
    } else {
        definitions::published(kind).cloned().collect()
    };
    (kind, all)
}

/// All of them, or those with a canonical (`url`, with or without its version).
fn search(call: &Call, pairs: Pairs) -> Result<Answer, Refused> {
    let (kind, mut chosen) = asked(call);
    for (name, value) in pairs {
        match name.as_str() {
            "url" => {
                let (url, version) = value.split_once('|').unwrap_or((&value, ""));
                chosen.retain(|one| one["url"] == url && (version.is_empty() || one["version"] == version));
            }
            "_id" => chosen.retain(|one| one["id"] == value),
            "version" => chosen.retain(|one| one["version"] == value),
            // Each has a canonical and a version.
            "url:missing" | "version:missing" => chosen.retain(|_| value == "false"),
            "_format" => {}
            _ => {
                let text = "A definition is searched by `url`, `version` or `_id`.";
                let issue = Issue::error(IssueCode::NotSupported, "search-not-supported", text);
                return Err(Refusal::Unreadable(vec![issue]).into());
            }
        }
    }
    let base = base(&call.request);
    let entry = |one: Value| {
        let id = one["id"].as_str().unwrap_or_default();
        json!({ "fullUrl": format!("{base}/{kind}/{id}"), "resource": one, "search": { "mode": "match" } })
    };
    let entries: Vec<Value> = chosen.into_iter().map(entry).collect();
    let mut bundle = json!({ "resourceType": "Bundle", "type": "searchset", "total": entries.len() });
    if !entries.is_empty() {
        bundle["entry"] = Value::Array(entries);
    }
    Ok(Answer::fhir(bundle, Record::Needless))
}
