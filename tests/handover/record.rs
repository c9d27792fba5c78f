//! A small record of an invented patient, as the mapping leaves it in the store.

use overdracht::fhir::{Identity, ResourceKey, systems};
use overdracht::store::{Commit, Expect, Put, Store};
use serde_json::{Value, json};

pub const PATIENT: &str = "6f0d3d0e-6f0a-4d0c-9d57-0a8f3a0c0001";
pub const PRACTICE: &str = "6f0d3d0e-6f0a-4d0c-9d57-0a8f3a0c0002";
pub const BSN: &str = "999990019";
const PZP: &str = "https://api.iknl.nl/docs/pzp/r4/StructureDefinition/";

fn resource(kind: &str, n: u32, profile: &str, rest: Value) -> Value {
    let mut resource = json!({
        "resourceType": kind,
        "id": format!("6f0d3d0e-6f0a-4d0c-9d57-{n:012x}"),
        "meta": { "profile": [profile] },
    });
    for (key, value) in rest.as_object().expect("an object") {
        resource[key] = value.clone();
    }
    resource
}

fn ours(name: &str) -> String {
    format!("{}{name}", systems::PROFILE_BASE)
}

pub fn directive(n: u32, code: &str, kind: &str, status: &str) -> Value {
    let rest = json!({
        "status": status,
        "scope": { "coding": [{ "code": "treatment" }] },
        "patient": { "reference": format!("Patient/{PATIENT}") },
        "dateTime": "2026-03-05",
        "provision": { "type": kind, "code": [{ "coding": [{ "system": systems::SNOMED, "code": code }] }] },
    });
    resource("Consent", n, &format!("{PZP}ACP-TreatmentDirective"), rest)
}

/// `permit` or `deny`.
pub fn sharing(kind: &str, date: &str) -> Value {
    let rest = json!({ "status": "active", "dateTime": date, "provision": { "type": kind } });
    resource("Consent", 0x50, systems::SHARING_CONSENT, rest)
}

pub fn patient() -> Value {
    let mut patient = resource(
        "Patient",
        0,
        &ours("Overdracht-Patient"),
        json!({
            "identifier": [{ "system": systems::BSN, "value": BSN }],
            "contact": [{ "name": { "text": "Verzonnen Contact" } }],
        }),
    );
    patient["id"] = json!(PATIENT);
    patient
}

/// Patient, tumour, treatment, plan, and the GP's practice.
pub fn record() -> Vec<Value> {
    let subject = json!({ "reference": format!("Patient/{PATIENT}") });
    let mut practice = resource(
        "Organization",
        1,
        &ours("Overdracht-Organization"),
        json!({ "identifier": [{ "system": systems::AGB, "value": "01999911" }], "name": "Huisartsenpraktijk" }),
    );
    practice["id"] = json!(PRACTICE);
    vec![
        patient(),
        practice,
        resource(
            "Condition",
            0x10,
            &ours("Overdracht-PrimaryTumour"),
            json!({ "subject": subject, "code": { "text": "Prostaatcarcinoom" } }),
        ),
        resource(
            "Procedure",
            0x11,
            &ours("Overdracht-OncologyTreatment"),
            json!({
                "status": "in-progress", "subject": subject, "code": { "text": "Hormoontherapie" },
                "reasonReference": [{ "reference": format!("Condition/6f0d3d0e-6f0a-4d0c-9d57-{:012x}", 0x10) }],
                "partOf": [{ "reference": "Procedure/unknown" }],
            }),
        ),
        directive(0x20, "89666000", "deny", "active"),
        directive(0x21, "305351004", "permit", "inactive"),
        resource(
            "Goal",
            0x22,
            &format!("{PZP}ACP-MedicalPolicyGoal"),
            json!({ "lifecycleStatus": "active", "subject": subject, "description": { "text": "Klachten verlichten" } }),
        ),
    ]
}

/// Stores resources of the patient; the practice and the BSN are claimed.
pub async fn store(store: &dyn Store, resources: Vec<Value>) {
    let mut commit = Commit::at(jiff::Timestamp::now());
    for body in resources {
        let key = ResourceKey::of(&body).expect("a key");
        let patient = (key.resource_type != "Organization").then(|| PATIENT.to_owned());
        for identifier in body["identifier"].as_array().into_iter().flatten() {
            let text = |name: &str| identifier[name].as_str().unwrap_or_default().to_owned();
            let resource_type = key.resource_type.clone();
            commit.claims.push((Identity { resource_type, system: text("system"), value: text("value") }, key.clone()));
        }
        commit.puts.push(Put { key, patient, body, expect: Expect::Anything });
    }
    let event = json!({ "resourceType": "AuditEvent" });
    commit.audit.push(overdracht::store::AuditPut { patient: Some(PATIENT.into()), event });
    store.commit(commit).await.expect("stored");
}
