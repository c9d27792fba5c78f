//! `search-type`, with the parameters in the URL or, where they say who someone is, in the body.

use actix_web::{HttpResponse, web};
use jiff::SignedDuration;
use serde_json::{Value, json};

use super::read::base;
use crate::access::{Interaction, Seen};
use crate::domain::Bsn;
use crate::fhir::issue::operation_outcome;
use crate::fhir::systems::BSN;
use crate::fhir::{FhirVersion, Issue, IssueCode, ResourceKey};
use crate::http::answer::{Answer, Record};
use crate::http::body::FORM;
use crate::http::call::{Call, Refused};
use crate::http::capability::served_types;
use crate::http::error::Refusal;
use crate::http::stu3::AsStu3;
use crate::mapping::care_plan::current::as_of;
use crate::search::{Handling, Leaf, Page, Total, parse_in};
use crate::store::{Results, SearchError, Shape, search_as};

/// Parameter of a link to a further page: a random token, which says nothing of what was asked.
const PAGE: &str = "_page";
const PAGE_LIFE: SignedDuration = SignedDuration::from_mins(10);
/// Matches in one answer where the caller names no number, and at most.
const DEFAULT_COUNT: usize = 200;
const MOST_COUNT: usize = 1000;

type Pairs = Vec<(String, String)>;

pub async fn by_url(call: Call, resource_type: web::Path<String>, query: web::Query<Pairs>) -> HttpResponse {
    call.answer(Interaction::Search, async |call| run(call, &resource_type, query.into_inner()).await).await
}

pub async fn by_body(
    call: Call,
    resource_type: web::Path<String>,
    query: web::Query<Pairs>,
    mut payload: web::Payload,
) -> HttpResponse {
    call.answer(Interaction::Search, async |call| {
        let body = call.body(&mut payload, FORM).await?;
        let mut pairs = query.into_inner();
        let sent: Pairs = url::form_urlencoded::parse(&body).into_owned().collect();
        if let Some((_, format)) = sent.iter().find(|(name, _)| name == "_format") {
            call.reply.prefer(format)?;
        }
        pairs.extend(sent);
        run(call, &resource_type, pairs).await
    })
    .await
}

async fn run(call: &Call, resource_type: &str, pairs: Pairs) -> Result<Answer, Refused> {
    if let Some((_, token)) = pairs.iter().find(|(name, _)| name == PAGE) {
        return further_page(call, token).await;
    }
    let release = call.reply.version();
    if !served_types(release).any(|served| served == resource_type) {
        let text = "This type is not served here; GET /fhir/metadata lists those that are.";
        return Err(Refusal::Unreadable(vec![Issue::error(IssueCode::NotSupported, "search-type", text)]).into());
    }
    let handling = match call.header("prefer") {
        Some(prefer) if prefer.contains("handling=lenient") => Handling::Lenient,
        _ => Handling::Strict,
    };
    let query = parse_in(release, resource_type, &pairs, handling, call.service.value_sets.as_ref())
        .map_err(Refusal::Unreadable)?;
    let mut seen = Seen { query: Some(names(resource_type, &pairs)), ..Seen::default() };
    let shape = (release == FhirVersion::Stu3).then_some(&AsStu3 as &dyn Shape);
    let size = query.count.unwrap_or(DEFAULT_COUNT).min(MOST_COUNT);
    let now = call.now;
    let mut pages = search_as(call.service.store.as_ref(), &query, &|body| as_of(body, now), shape, size)
        .await
        .map_err(|error| match error {
            SearchError::Refused(issue) => Refusal::Unreadable(vec![issue]),
            SearchError::Store(error) => Refusal::Store(error),
        })?;
    // A search looks at somebody's record also where it finds nothing in it.
    seen.patients.extend(named_patient(&pairs));
    pages.iter().flat_map(Results::all).for_each(|resource| seen.add_patient(resource));
    let found = pages.iter().map(|page| page.matches.len()).sum();
    if query.count_only {
        pages.clear();
    }
    let mut pages = pages.into_iter();
    let first = pages.next().unwrap_or_default();
    let total = (query.total != Total::None || query.count_only).then_some(found);
    let keys = |resources: Vec<Value>| resources.iter().filter_map(ResourceKey::of).collect();
    let rest: Vec<Leaf> =
        pages.map(|page| Leaf { matches: keys(page.matches), included: keys(page.included) }).collect();
    let next = (!rest.is_empty()).then(|| {
        keep(
            call,
            Page {
                resource_type: resource_type.to_owned(),
                leaves: rest,
                total,
                view: query.view.clone(),
                reader: reader(call),
                until: call.now.saturating_add(PAGE_LIFE).unwrap_or(call.now),
            },
        )
    });
    let hints: Vec<Issue> = ignored(&query.ignored).into_iter().chain(no_bsn(&pairs)).collect();
    let outcome = (!hints.is_empty()).then(|| operation_outcome(&hints));
    let mut links = vec![("self", self_link(call, &query.ignored))];
    links.extend(next.map(|url| ("next", url)));
    let bundle = searchset(call, total, &first, outcome, &links);
    Ok(Answer::fhir(bundle, Record::Due(seen)).view(query.view))
}

async fn further_page(call: &Call, token: &str) -> Result<Answer, Refused> {
    let mut page = call.service.pages.get(token, &reader(call), call.now).ok_or(Refusal::NotFound)?;
    let Leaf { matches, included } = page.leaves.remove(0);
    let shown = Results { matches: read_all(call, &matches).await?, included: read_all(call, &included).await? };
    let mut seen = Seen { query: Some(format!("{}?{PAGE}", page.resource_type)), ..Seen::default() };
    shown.all().for_each(|resource| seen.add_patient(resource));
    let (total, view) = (page.total, page.view.clone());
    let mut links = vec![("self", self_link(call, &[]))];
    links.extend((!page.leaves.is_empty()).then(|| ("next", keep(call, page))));
    Ok(Answer::fhir(searchset(call, total, &shown, None, &links), Record::Due(seen)).view(view))
}

async fn read_all(call: &Call, keys: &[ResourceKey]) -> Result<Vec<Value>, Refusal> {
    let mut found = Vec::with_capacity(keys.len());
    for key in keys {
        let version = call.service.store.read(key).await?;
        found.extend(version.map(|version| as_of(&version.body, call.now).unwrap_or(version.body)));
    }
    Ok(found)
}

/// Keeps a page and gives its link.
fn keep(call: &Call, page: Page) -> String {
    let token = (call.service.id)().simple().to_string();
    let query = query_of([(PAGE, token.clone())].into_iter().chain(call.reply.format_parameter()));
    let link = format!("{}/{}?{query}", base(&call.request), page.resource_type);
    call.service.pages.keep(token, page, call.now);
    link
}

/// Until callers are known by name, who asks is where they ask from.
fn reader(call: &Call) -> String {
    call.caller.address.map(|address| address.to_string()).unwrap_or_default()
}

/// What was asked, without what was left out. The parameters in a body stay there.
fn self_link(call: &Call, ignored: &[String]) -> String {
    let uri = call.request.uri();
    let asked = url::form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes());
    let query = query_of(asked.filter(|(name, _)| !ignored.iter().any(|ignored| ignored == name)));
    let address = format!("{}{}", base(&call.request).trim_end_matches(call.reply.door().base()), uri.path());
    if query.is_empty() { address } else { format!("{address}?{query}") }
}

fn query_of(pairs: impl Iterator<Item = (impl AsRef<str>, impl AsRef<str>)>) -> String {
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
}

/// A page of what was found.
fn searchset(
    call: &Call,
    total: Option<usize>,
    Results { matches, included }: &Results,
    outcome: Option<Value>,
    links: &[(&str, String)],
) -> Value {
    let base = base(&call.request);
    let entry = |resource: &Value, mode: &str| {
        let url = ResourceKey::of(resource).map(|key| format!("{base}/{key}"));
        json!({ "fullUrl": url, "resource": resource, "search": { "mode": mode } })
    };
    let mut entries: Vec<Value> = matches.iter().map(|resource| entry(resource, "match")).collect();
    entries.extend(included.iter().map(|resource| entry(resource, "include")));
    entries.extend(outcome.map(|mut outcome| {
        let id = (call.service.id)();
        outcome["id"] = id.to_string().into();
        json!({ "fullUrl": id.urn().to_string(), "resource": outcome, "search": { "mode": "outcome" } })
    }));
    let links: Vec<Value> = links.iter().map(|(relation, url)| json!({ "relation": relation, "url": url })).collect();
    let mut bundle = json!({ "resourceType": "Bundle", "type": "searchset" });
    if let Some(total) = total {
        bundle["total"] = json!(total);
    }
    bundle["link"] = json!(links);
    if !entries.is_empty() {
        bundle["entry"] = json!(entries);
    }
    bundle
}

fn ignored(names: &[String]) -> Option<Issue> {
    let text = || format!("These parameters are not known here and were left out: {}.", names.join(", "));
    (!names.is_empty()).then(|| Issue::warning(IssueCode::NotSupported, "search-ignored", text()))
}

/// A mistyped BSN finds nobody, which must not read as a patient without a plan.
fn no_bsn(pairs: &Pairs) -> Option<Issue> {
    let of_bsn = |value: &str| value.strip_prefix(BSN).and_then(|rest| rest.strip_prefix('|')).map(str::to_owned);
    let asked = pairs.iter().filter(|(name, _)| name.split([':', '.']).any(|step| step == "identifier"));
    let mut bsns = asked.flat_map(|(_, values)| values.split(',').filter_map(of_bsn)).filter(|bsn| !bsn.is_empty());
    let is_wrong = bsns.any(|asked| Bsn::parse(&asked).map_or(true, |bsn| bsn.as_str() != asked));
    let text = "What was asked for is no BSN, so that nobody is found by it: a BSN is nine digits (eight get a zero in front) \
                that pass the eleven-test. This says nothing about whether there is a plan.";
    is_wrong.then(|| Issue::warning(IssueCode::Value, "search-bsn", text))
}

/// Type and names of parameters, for the audit record: never their values.
fn names(resource_type: &str, pairs: &Pairs) -> String {
    let plain = |c: &char| c.is_ascii_alphabetic() || matches!(c, '_' | '-' | ':' | '.');
    let names: Vec<String> = pairs.iter().map(|(name, _)| name.chars().filter(plain).take(80).collect()).collect();
    format!("{resource_type}?{}", names.join("&"))
}

/// The patient that `patient` or `subject` names by logical id.
fn named_patient(pairs: &Pairs) -> Option<String> {
    let (_, value) = pairs.iter().find(|(name, _)| matches!(name.as_str(), "patient" | "subject"))?;
    super::id(value.strip_prefix("Patient/").unwrap_or(value)).ok().map(str::to_owned)
}
