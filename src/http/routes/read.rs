//! `read`, `vread` and `history-instance` of a resource.

use actix_web::{HttpRequest, HttpResponse, web};
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::access::{Interaction, Seen};
use crate::fhir::subset::View;
use crate::fhir::{Issue, IssueCode, ResourceKey};
use crate::http::answer::{Answer, Known, Record};
use crate::http::call::{Call, Refused};
use crate::http::door::Door;
use crate::http::error::Refusal;
use crate::mapping::care_plan::current::as_of;
use crate::store::Version;

/// Of a link to a further page of a history.
const BEFORE: &str = "_before";

type Pairs = Vec<(String, String)>;

pub async fn current(call: Call, path: web::Path<(String, String)>, query: web::Query<Pairs>) -> HttpResponse {
    call.answer(Interaction::Read, async |call| {
        let version = call.service.store.read(&key(&path)?).await?.ok_or(Refusal::NotFound)?;
        match as_of(&version.body, call.now) {
            // Whoever has the version does not have what became of it since.
            Some(body) => one(Version { body, ..version }, Known::default(), &query),
            None => one(version, known(call), &query),
        }
    })
    .await
}

fn known(call: &Call) -> Known<'_> {
    Known { if_none_match: call.header("if-none-match"), if_modified_since: call.header("if-modified-since") }
}

pub async fn version(call: Call, path: web::Path<(String, String, String)>, query: web::Query<Pairs>) -> HttpResponse {
    call.answer(Interaction::Vread, async |call| {
        let (resource_type, id, version) = path.into_inner();
        let number = version.parse().map_err(|_| Refusal::NotFound)?;
        let key = key(&(resource_type, id))?;
        let version = call.service.store.read_version(&key, number).await?.ok_or(Refusal::NotFound)?;
        one(version, known(call), &query)
    })
    .await
}

/// One version, or the part of it that is asked for.
fn one(version: Version, known: Known<'_>, query: &Pairs) -> Result<Answer, Refused> {
    let mut view = View::Whole;
    for (name, value) in query {
        match name.as_str() {
            "_summary" => {
                view =
                    View::of_summary(value).ok_or_else(|| unreadable("_summary must be true, text, data or false."))?
            }
            "_elements" => view = View::of_elements(value),
            _ => {}
        }
    }
    Ok(Answer::version(version, &known).view(view))
}

/// Versions, newest first: at most `_count`, none from before `_since`. The next page begins before a version.
pub async fn history(call: Call, path: web::Path<(String, String)>, query: web::Query<Pairs>) -> HttpResponse {
    call.answer(Interaction::History, async |call| {
        let asked = Asked::read(&query)?;
        let key = key(&path)?;
        let versions = call.service.store.history(&key).await?;
        let seen = Seen::resource(&versions.first().ok_or(Refusal::NotFound)?.body);
        let versions: Vec<&Version> =
            versions.iter().filter(|version| asked.since.is_none_or(|since| version.at >= since)).collect();
        let before = |version: &&&Version| asked.before.is_none_or(|before| version.version < before);
        let rest: Vec<&Version> = versions.iter().filter(before).copied().collect();
        let shown = &rest[..asked.count.unwrap_or(rest.len()).min(rest.len())];
        let base = base(&call.request);
        let page = |before: Option<u64>| {
            let pairs = query.iter().filter(|(name, _)| name != BEFORE).map(|(name, value)| (&**name, value.clone()));
            let pairs = pairs.chain(before.map(|before| (BEFORE, before.to_string())));
            let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
            let address = format!("{base}/{key}/_history");
            if query.is_empty() { address } else { format!("{address}?{query}") }
        };
        let mut links = vec![json!({ "relation": "self", "url": page(asked.before) })];
        if let Some(last) = shown.last().filter(|_| shown.len() < rest.len()) {
            links.push(json!({ "relation": "next", "url": page(Some(last.version)) }));
        }
        let mut bundle = json!({ "resourceType": "Bundle", "type": "history", "total": versions.len(), "link": links });
        if !shown.is_empty() {
            bundle["entry"] = shown.iter().map(|version| entry(version, &base)).collect();
        }
        Ok::<_, Refused>(Answer::fhir(bundle, Record::Due(seen)))
    })
    .await
}

/// What is asked of a history.
#[derive(Default)]
struct Asked {
    count: Option<usize>,
    since: Option<Timestamp>,
    before: Option<u64>,
}

impl Asked {
    fn read(query: &Pairs) -> Result<Self, Refusal> {
        let mut asked = Asked::default();
        for (name, value) in query {
            match name.as_str() {
                "_count" => {
                    asked.count = Some(value.parse().map_err(|_| unreadable("_count must be a whole number."))?)
                }
                "_since" => {
                    let instant =
                        value.parse().map_err(|_| unreadable("_since must be an instant with its time zone."))?;
                    asked.since = Some(instant);
                }
                BEFORE => asked.before = Some(value.parse().map_err(|_| unreadable("This is no page of a history."))?),
                _ => {}
            }
        }
        Ok(asked)
    }
}

fn unreadable(text: &str) -> Refusal {
    Refusal::Unreadable(vec![Issue::error(IssueCode::Value, "read-invalid", text)])
}

fn entry(version: &Version, base: &str) -> Value {
    let method = if version.version == 1 { "POST" } else { "PUT" };
    let url = if version.version == 1 { version.key.resource_type.clone() } else { version.key.to_string() };
    json!({
        "fullUrl": format!("{base}/{}", version.key),
        "resource": version.body,
        "request": { "method": method, "url": url },
        "response": {
            "status": if version.version == 1 { "201" } else { "200" },
            "etag": format!("W/\"{}\"", version.version),
            "lastModified": version.at.to_string(),
        },
    })
}

/// The FHIR base as the caller addressed it.
pub(super) fn base(request: &HttpRequest) -> String {
    let connection = request.connection_info();
    format!("{}://{}{}", connection.scheme(), connection.host(), Door::of(request.path()).base())
}

fn key((resource_type, id): &(String, String)) -> Result<ResourceKey, Refusal> {
    ResourceKey::parse(&format!("{resource_type}/{}", super::id(id)?)).ok_or(Refusal::NotFound)
}
