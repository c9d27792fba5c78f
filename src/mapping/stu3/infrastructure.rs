//! What carries resources: Bundle, OperationOutcome, CapabilityStatement.

use serde_json::{Value, json};

use super::draft::{Draft, code, take, take_extensions};

const TIMESTAMP: &str = "http://hl7.org/fhir/4.0/StructureDefinition/extension-Bundle.timestamp";

/// What cannot be said leaves no empty entry.
pub(super) fn bundle_to_stu3(draft: &mut Draft<'_>) {
    let entries = draft.take_list("entry");
    let mut kept = Vec::new();
    for (i, mut entry) in entries.into_iter().enumerate() {
        if let Some(resource) = take(&mut entry, "resource") {
            let rendered = super::to_stu3(&resource, draft.others);
            draft.told(rendered.losses, &format!("entry[{i}].resource"));
            let Some(resource) = rendered.resource else { continue };
            entry["resource"] = resource;
        }
        if let Some(response) = entry.get_mut("response")
            && let Some(outcome) = take(response, "outcome")
            && let Some(outcome) = super::to_stu3(&outcome, draft.others).resource
        {
            response["outcome"] = outcome;
        }
        kept.push(entry);
    }
    draft.set_list("entry", kept);
    if let Some(timestamp) = draft.take("timestamp") {
        if !draft.body["meta"].is_object() {
            draft.set("meta", json!({}));
        }
        super::draft::extend(&mut draft.body["meta"], json!({ "url": TIMESTAMP, "valueInstant": timestamp }));
    }
}

pub(super) fn bundle_to_r4(draft: &mut Draft<'_>) {
    let mut entries = draft.take_list("entry");
    for (i, entry) in entries.iter_mut().enumerate() {
        let Some(resource) = take(entry, "resource") else { continue };
        let rendered = super::to_r4(&resource, draft.others);
        draft.told(rendered.losses, &format!("entry[{i}].resource"));
        // What is not said here stays as it is, so that whoever reads the Bundle can tell where it stands.
        entry["resource"] = rendered.resource.unwrap_or(resource);
    }
    draft.set_list("entry", entries);
    let Some(meta) = draft.body.get_mut("meta") else { return };
    let kept = take_extensions(meta, TIMESTAMP);
    if meta.as_object().is_none_or(serde_json::Map::is_empty) {
        draft.take("meta");
    }
    if let Some(one) = kept.into_iter().next() {
        draft.set("timestamp", one["valueInstant"].clone());
    }
}

/// Codes that STU3 lacks, and the nearest that it has.
const ISSUES: &[(&str, &str)] = &[("deleted", "not-found"), ("multiple-matches", "processing")];

pub(super) fn outcome_to_stu3(draft: &mut Draft<'_>) {
    for issue in draft.body.get_mut("issue").and_then(Value::as_array_mut).into_iter().flatten() {
        code(issue, "code", ISSUES, false);
    }
}

pub(super) fn capability_to_stu3(draft: &mut Draft<'_>) {
    draft.set("fhirVersion", "3.0.2");
    draft.set("acceptUnknown", "extensions");
    // What it follows of R4 says nothing of STU3.
    draft.take("instantiates");
    let mut profiles = Vec::new();
    let mut operations = Vec::new();
    for rest in draft.body.get_mut("rest").and_then(Value::as_array_mut).into_iter().flatten() {
        for resource in rest.get_mut("resource").and_then(Value::as_array_mut).into_iter().flatten() {
            let supported = super::draft::list(take(resource, "supportedProfile"));
            let known = supported.iter().filter_map(super::names::profile_to_stu3);
            profiles.extend(known.map(|canonical| json!({ "reference": canonical })));
            if let Some(profile) = take(resource, "profile") {
                resource["profile"] = json!({ "reference": profile });
            }
            operations.extend(super::draft::list(take(resource, "operation")));
        }
        operations.extend(super::draft::list(take(rest, "operation")));
        for mut operation in operations.drain(..) {
            if let Some(definition) = take(&mut operation, "definition") {
                operation["definition"] = json!({ "reference": definition });
            }
            take(&mut operation, "documentation");
            match rest.get_mut("operation").and_then(Value::as_array_mut) {
                Some(all) => all.push(operation),
                None => rest["operation"] = json!([operation]),
            }
        }
    }
    draft.set_list("profile", profiles);
}

/// What this server can do is said by it alone; a STU3 server's statement says nothing of an R4 server.
pub(super) fn capability_to_r4(draft: &mut Draft<'_>) {
    draft.refuse("fhirVersion", "a statement about STU3 says nothing about R4");
}
