//! What is wrong and loses nothing is told and not refused; what looks like it and loses something is refused.

use serde_json::{Value, json};

use crate::validator;

type Told = (String, &'static str, String);

/// What is found, with severity and place.
fn found(resource: &Value) -> Vec<Told> {
    let issues = validator().validate(resource, &[]);
    assert_eq!(validator().is_valid(resource, &[]), !issues.iter().any(|i| i.severity.refuses()), "{resource}");
    let told = issues.into_iter().filter(|i| i.severity.as_str() != "information" && i.id != "constraint-warning");
    told.map(|i| (i.id.to_owned(), i.severity.as_str(), i.at.unwrap_or_default())).collect()
}

fn row(id: &str, severity: &'static str, at: &str) -> Told {
    (id.to_owned(), severity, at.to_owned())
}

#[test]
fn each_is_a_word_to_the_sender_or_a_refusal() {
    let core = "http://hl7.org/fhir";
    let device = json!({ "type": "Device", "identifier": { "system": "http://example.org/d", "value": "1" } });
    let absent = json!({ "url": format!("{core}/StructureDefinition/data-absent-reason"), "valueCode": "unknown" });
    let elsewhere = json!({ "url": format!("{core}/5.0/StructureDefinition/extension-Observation.status"),
                            "valueCode": "on-hold" });
    let patient = |part: Value| merged(json!({ "resourceType": "Patient" }), part);
    let observation = |part: Value| {
        merged(json!({ "resourceType": "Observation", "status": "final", "code": { "text": "x" } }), part)
    };
    let without_status = |part: Value| merged(json!({ "resourceType": "Observation", "code": { "text": "x" } }), part);
    let table: Vec<(Value, Vec<Told>)> = vec![
        // The form of FHIR in JSON and of its primitives holds for all.
        (
            patient(json!({ "name": [{ "family": "A", "given": [] }] })),
            vec![row("structure-empty-array", "error", "Patient.name[0].given")],
        ),
        (
            patient(json!({ "meta": { "profile": [] } })),
            vec![row("structure-empty-array", "error", "Patient.meta.profile")],
        ),
        (patient(json!({ "name": [] })), vec![row("structure-empty-array", "error", "Patient.name")]),
        (
            patient(json!({ "name": [{ "given": [""] }] })),
            vec![row("value-empty", "error", "Patient.name[0].given[0]")],
        ),
        (
            observation(json!({ "category": [{ "coding": [{ "code": " ", "display": "x" }] }] })),
            vec![row("value-format", "error", "Observation.category[0].coding[0].code")],
        ),
        (
            observation(json!({ "category": [{ "coding": [{ "code": "x " }] }] })),
            vec![row("value-format", "error", "Observation.category[0].coding[0].code")],
        ),
        // A claim of what is no profile; elsewhere a canonical leads somewhere.
        (
            patient(json!({ "meta": { "profile": [format!("{core}/ValueSet/languages")] } })),
            vec![row("reference-canonical-of-other-type", "warning", "Patient.meta.profile[0]")],
        ),
        (
            json!({ "resourceType": "CarePlan", "status": "active", "intent": "plan", "subject": { "display": "x" },
                    "instantiatesCanonical": [format!("{core}/ValueSet/languages")] }),
            vec![row("reference-canonical-of-other-type", "error", "CarePlan.instantiatesCanonical[0]")],
        ),
        // References that lead nowhere by themselves; one that leads to the wrong type is refused.
        (
            observation(json!({ "subject": { "reference": "Chicken/1" } })),
            vec![row("reference-type-unknown", "warning", "Observation.subject")],
        ),
        (
            observation(json!({ "specimen": device })),
            vec![row("reference-target-type", "warning", "Observation.specimen")],
        ),
        (
            observation(json!({ "specimen": { "reference": "Device/1" } })),
            vec![row("reference-target-type", "error", "Observation.specimen")],
        ),
        // A code that must be there, and is not.
        (
            without_status(json!({ "_status": { "extension": [absent] } })),
            vec![row("binding-no-code-from-value-set", "error", "Observation.status")],
        ),
        (without_status(json!({ "_status": { "extension": [elsewhere] } })), vec![]),
        (
            json!({ "resourceType": "AllergyIntolerance", "patient": { "display": "x" },
                    "clinicalStatus": { "extension": [absent] } }),
            vec![row("binding-no-code-from-value-set", "error", "AllergyIntolerance.clinicalStatus")],
        ),
        // An extension is no id.
        (patient(json!({ "_id": { "extension": [absent] } })), vec![row("value-empty", "error", "Patient.id")]),
        (patient(json!({ "id": "a", "_id": { "extension": [absent] } })), vec![]),
    ];
    for (resource, expected) in table {
        assert_eq!(found(&resource), expected, "{resource}");
    }
}

fn merged(mut resource: Value, part: Value) -> Value {
    let (Some(whole), Value::Object(part)) = (resource.as_object_mut(), part) else { return resource };
    whole.extend(part);
    resource
}
