//! `POST /api/v1/registry-records`, `/metastasis-events`, `/care-plans`: native documents; `/questionnaire-responses`:
//! a filled form, with its patient beside it; `/care-plan-bundles`: the resources of another system; and
//! `POST /fhir/QuestionnaireResponse`: a filled form as FHIR.

use std::collections::BTreeSet;

use actix_web::{HttpResponse, web};
use serde_json::{Value, json};

use super::read::base;
use crate::access::Interaction;
use crate::domain::Kind;
use crate::fhir::issue::operation_outcome;
use crate::fhir::{FhirVersion, Issue, IssueCode, Source};
use crate::http::answer::{Answer, Record};
use crate::http::body::JSON;
use crate::http::call::Call;
use crate::http::error::Refusal;
use crate::intake::{self, Accepted, Context};
use crate::mapping::stu3::{alone, to_r4};
use crate::store::{Change, DocumentRecord};
use crate::validator::{Language, faults};

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
        let context = context(call);
        let accepted = match kind {
            Some(kind) => call.service.intake.accept(kind, &body, &context).await?,
            None => call.service.intake.accept_form(&body, &context).await?,
        };
        Ok(taken_in(call, &[accepted]))
    })
    .await
}

/// A Bundle of R4 or STU3, alone or in `bundle` beside what it does not say.
pub async fn care_plan_bundle(call: Call, mut payload: web::Payload) -> HttpResponse {
    call.answer(Interaction::TakeIn, async |call| {
        let (source, release) = call.resource(&mut payload).await?;
        written_right(&source)?;
        let (body, losses) = match release {
            FhirVersion::R4 => (source.resource.clone(), Vec::new()),
            FhirVersion::Stu3 => from_stu3(&source.resource)?,
        };
        let accepted = call.service.intake.accept_bundle(body, source.resource.clone(), &context(call)).await;
        let mut accepted = accepted.map_err(|refusal| placed(refusal, source, release))?;
        accepted.last_mut().ok_or(Refusal::Failed)?.warnings.extend(losses);
        Ok(taken_in(call, &accepted))
    })
    .await
}

/// `create`: of all types the one that is a document.
pub async fn create(call: Call, resource_type: web::Path<String>, mut payload: web::Payload) -> HttpResponse {
    call.answer(Interaction::TakeIn, async |call| {
        let (source, release) = call.resource(&mut payload).await?;
        if *resource_type != "QuestionnaireResponse" {
            let text = "Of the resources only a QuestionnaireResponse is taken in by itself; a plan in other resources comes \
                        as a Bundle, by POST /api/v1/care-plan-bundles.";
            return Err(Refusal::Unreadable(vec![Issue::error(IssueCode::NotSupported, "create-type", text)]).into());
        }
        written_right(&source)?;
        let (sent, losses) = match release {
            FhirVersion::R4 => (source.resource.clone(), Vec::new()),
            FhirVersion::Stu3 => from_stu3(&source.resource)?,
        };
        let accepted = call.service.intake.accept_response(sent, &context(call)).await;
        let mut accepted = accepted.map_err(|refusal| placed(refusal, source, release))?;
        accepted.warnings.extend(losses);
        tracing::info!(request = call.caller.request_id, document = accepted.document.id, "document accepted");
        let key = accepted.form.as_ref().ok_or(Refusal::Failed)?;
        let version = call.service.store.read(key).await?.ok_or(Refusal::Failed)?;
        let location = format!("{}/{key}/_history/{}", base(&call.request), version.version);
        let wants_resource = call.header("prefer").is_some_and(|prefer| prefer.contains("return=representation"));
        let body = if wants_resource { version.body } else { outcome_of(&accepted) };
        let answer = Answer::fhir(body, Record::Committed).location(location);
        Ok(if accepted.change == Change::Unchanged { answer } else { answer.created() })
    })
    .await
}

/// Refuses XML that FHIR does not have: of elements out of order nobody can tell what else is meant.
fn written_right(source: &Source) -> Result<(), Refusal> {
    let mut faults = faults(source, Language::English);
    source.locate(&mut faults);
    if faults.is_empty() { Ok(()) } else { Err(Refusal::Invalid(faults)) }
}

/// A refusal whose faults have line and column in what was sent. What was rendered in R4 first has no places of its own.
fn placed(mut refusal: intake::Refusal, source: Source, release: FhirVersion) -> intake::Refusal {
    if let intake::Refused::Invalid(issues) = &mut refusal.why
        && release == FhirVersion::R4
    {
        let beside = source.resource["resourceType"].is_null();
        if let Some(source) = source.part(if beside { "/bundle" } else { "" }) {
            source.locate(issues);
        }
    }
    refusal
}

/// What STU3 says, as R4 says it; what R4 has no place for is told. Of Parameters every part, of a body with a `bundle`
/// that.
fn from_stu3(sent: &Value) -> Result<(Value, Vec<Issue>), Refusal> {
    let mut body = sent.clone();
    let mut warnings = Vec::new();
    let resources: Vec<&mut Value> = if body["resourceType"] == "Parameters" {
        let parts = body["parameter"].as_array_mut().into_iter().flatten();
        parts.filter_map(|part| part.get_mut("resource")).collect()
    } else if body["resourceType"].is_null() {
        body.get_mut("bundle").into_iter().collect()
    } else {
        vec![&mut body]
    };
    for resource in resources {
        let rendered = to_r4(resource, &alone);
        let losses = rendered.losses.into_iter();
        warnings.extend(losses.map(|it| Issue::warning(IssueCode::NotSupported, "stu3-not-read", it.reason).at(it.at)));
        *resource = rendered.resource.ok_or_else(|| {
            let text = "This type of resource is not taken in from STU3.";
            Refusal::Invalid(vec![Issue::error(IssueCode::NotSupported, "stu3-type", text)])
        })?;
    }
    Ok((body, warnings))
}

fn context(call: &Call) -> Context {
    let event = call.service.access.event(Interaction::TakeIn, &call.caller, call.now);
    Context { now: call.now, id: call.service.id, event }
}

/// The documents that one body was, the newest last.
fn taken_in(call: &Call, accepted: &[Accepted]) -> Answer {
    for one in accepted {
        tracing::info!(request = call.caller.request_id, document = one.document.id, "document accepted");
    }
    let answer = Answer::json(body_of(accepted), Record::Committed);
    let answer = match accepted.last() {
        Some(newest) => answer.location(format!("/api/v1/documents/{}", newest.document.id)),
        None => answer,
    };
    if outcome(accepted) == Change::Unchanged { answer } else { answer.created() }
}

/// What became of the newest that is not as it was.
fn outcome(accepted: &[Accepted]) -> Change {
    let mut changes = accepted.iter().rev().map(|one| one.change);
    changes.find(|change| *change != Change::Unchanged).unwrap_or(Change::Unchanged)
}

/// What became of a form, and the warnings, as an OperationOutcome.
fn outcome_of(accepted: &Accepted) -> Value {
    let document = &accepted.document;
    let text =
        format!("Taken in as document {} (version {}) of Patient/{}.", document.id, document.version, document.patient);
    let told = Issue::information(IssueCode::Informational, "form-taken-in", text);
    let issues: Vec<Issue> = std::iter::once(told).chain(accepted.warnings.iter().cloned()).collect();
    operation_outcome(&issues)
}

fn body_of(accepted: &[Accepted]) -> Value {
    let resources: Vec<Value> = accepted
        .iter()
        .flat_map(|one| &one.resources)
        .map(|(key, change)| json!({ "reference": key.to_string(), "change": change }))
        .collect();
    // What stands in the plan of each conversation is told once.
    let mut told = BTreeSet::new();
    let warnings: Vec<Value> = accepted
        .iter()
        .flat_map(|one| &one.warnings)
        .filter(|warning| told.insert((warning.id, &warning.at, &warning.text)))
        .map(|warning| match &warning.at {
            Some(at) => json!({ "id": warning.id, "at": at, "text": warning.text }),
            None => json!({ "id": warning.id, "text": warning.text }),
        })
        .collect();
    let newest = accepted.last().map(|one| &one.document);
    let mut body = json!({
        "document": newest.map(name_of),
        "outcome": outcome(accepted),
        "patient": newest.map(|document| format!("Patient/{}", document.patient)),
        "resources": resources,
        "warnings": warnings,
    });
    if accepted.len() > 1 {
        body["documents"] = accepted.iter().map(|one| name_of(&one.document)).collect();
    }
    body
}

/// How an answer names a document.
pub(super) fn name_of(document: &DocumentRecord) -> Value {
    json!({ "id": document.id, "kind": document.kind, "version": document.version })
}
