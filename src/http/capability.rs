//! What the FHIR side can do, made from the tables by which it does it.

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::search::{parameters, supported_types};

/// Types that can be read and searched. Audit records are kept in a chain of their own: `GET /api/v1/audit`.
pub fn served_types() -> impl Iterator<Item = &'static str> {
    supported_types().filter(|name| *name != "AuditEvent")
}

/// The CapabilityStatement of this instance.
pub fn statement(base: &str, now: Timestamp) -> Value {
    let resources: Vec<Value> = served_types().map(resource).collect();
    json!({
        "resourceType": "CapabilityStatement",
        "name": "Overdracht",
        "status": "active",
        "date": now.strftime("%Y-%m-%d").to_string(),
        "kind": "instance",
        "software": { "name": "Overdracht", "version": env!("CARGO_PKG_VERSION") },
        "implementation": { "description": "Overdracht: handover in the last phase of life", "url": base },
        "fhirVersion": "4.0.1",
        "format": ["application/fhir+json", "application/fhir+xml"],
        "rest": [{
            "mode": "server",
            "documentation": "Search for a person with POST [type]/_search: a BSN, a name or another mark of a person \
                              in a URL is refused. A search names the patient.",
            "resource": resources,
            "operation": [validate()],
        }],
    })
}

fn resource(name: &str) -> Value {
    let interactions = ["read", "vread", "history-instance", "search-type"].map(|code| json!({ "code": code }));
    let parameters: Vec<Value> = parameters(name)
        .into_iter()
        .map(|parameter| json!({ "name": parameter.name, "type": parameter.kind.as_str() }))
        .collect();
    json!({
        "type": name,
        "versioning": "versioned",
        "readHistory": true,
        "interaction": interactions,
        "searchParam": parameters,
        "operation": [validate()],
    })
}

fn validate() -> Value {
    json!({ "name": "validate", "definition": "http://hl7.org/fhir/OperationDefinition/Resource-validate" })
}
