//! What is stored, as STU3: for an answer, and for a search to look at.

use std::collections::HashMap;

use async_trait::async_trait;
use serde_json::Value;

use super::error::Refusal;
use crate::fhir::subset::tag;
use crate::fhir::{FhirVersion, ResourceKey};
use crate::mapping::questionnaire_response::{Edition, canonical, translated};
use crate::mapping::stu3::{Rendered, to_stu3};
use crate::store::{Shape, Store, StoreError};

/// Types that STU3 says something by way of: the person of a role, the organisation of a place, the procedure that an
/// encounter was for.
const BY_WAY_OF: &[&str] = &["PractitionerRole", "Location", "Procedure"];

/// A resource, or a Bundle of them, as it leaves in STU3.
///
/// # Errors
/// STU3 cannot say it without saying something else.
pub async fn rendered(store: &dyn Store, resource: &Value) -> Result<Value, Refusal> {
    let others = others(store, std::slice::from_ref(resource)).await?;
    let mut resource = resource.clone();
    if resource["resourceType"] == "Bundle" {
        let entries = resource["entry"].as_array_mut().into_iter().flatten();
        on_form_of_2017(entries.filter_map(|entry| entry.get_mut("resource")).collect());
    } else {
        on_form_of_2017(vec![&mut resource]);
    }
    let Rendered { resource, losses } = to_stu3(&resource, &|reference: &str| others.get(reference).cloned());
    let mut resource = resource.ok_or(Refusal::NotInStu3)?;
    if !losses.is_empty() {
        tag(&mut resource, FhirVersion::Stu3);
    }
    Ok(resource)
}

/// A plan is stored as filled in on the form of zib2020. Who asks in STU3 asks for the form of zib2017: the same answers on
/// that, unless they came on it and stand beside.
fn on_form_of_2017(mut resources: Vec<&mut Value>) {
    let edition = |one: &Value| Edition::of(canonical(one));
    let of = |one: &Value| [&one["subject"], &one["encounter"], &one["text"]].map(Clone::clone);
    let came = resources.iter().filter(|one| edition(one) == Some(Edition::Zib2017)).map(|one| of(one));
    let came: Vec<[Value; 3]> = came.collect();
    for one in resources.iter_mut().filter(|one| edition(one) == Some(Edition::Zib2020)) {
        if let Some(other) = translated(one, Edition::Zib2017).filter(|one| !came.contains(&of(one))) {
            **one = other;
        }
    }
}

/// The resources that these refer to and that STU3 needs to say them.
async fn others(store: &dyn Store, resources: &[Value]) -> Result<HashMap<String, Value>, StoreError> {
    let mut wanted = Vec::new();
    resources.iter().for_each(|resource| references(resource, &mut wanted));
    wanted.sort();
    wanted.dedup();
    let mut found = HashMap::new();
    for reference in wanted {
        if let Some(key) = ResourceKey::parse(&reference)
            && let Some(version) = store.read(&key).await?
        {
            found.insert(reference, version.body);
        }
    }
    Ok(found)
}

fn references(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| references(item, found)),
        Value::Object(object) => {
            if let Some(reference) = object.get("reference").and_then(Value::as_str)
                && BY_WAY_OF.iter().any(|name| reference.strip_prefix(name).is_some_and(|rest| rest.starts_with('/')))
            {
                found.push(reference.to_owned());
            }
            object.values().for_each(|value| references(value, found));
        }
        _ => {}
    }
}

/// What a search in STU3 looks at. An encounter also has the reason that its procedure says: STU3 asks for a code, and
/// the guide's examples refer to the procedure.
pub struct AsStu3;

#[async_trait]
impl Shape for AsStu3 {
    async fn shape(&self, store: &dyn Store, mut resources: Vec<Value>) -> Result<Vec<Value>, StoreError> {
        on_form_of_2017(resources.iter_mut().collect());
        let others = others(store, &resources).await?;
        let find = |reference: &str| others.get(reference).cloned();
        let mut shaped: Vec<Value> = resources.iter().filter_map(|one| to_stu3(one, &find).resource).collect();
        for encounter in shaped.iter_mut().filter(|one| one["resourceType"] == "Encounter") {
            let diagnoses = encounter["diagnosis"].as_array().into_iter().flatten();
            let procedures = diagnoses.filter_map(|one| find(one["condition"]["reference"].as_str()?));
            let codes: Vec<Value> = procedures.filter_map(|one| one.get("code").cloned()).collect();
            if encounter["reason"].is_null() && !codes.is_empty() {
                encounter["reason"] = Value::Array(codes);
            }
        }
        Ok(shaped)
    }
}
