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
    let coded = |version: Value, code: &str| json!({ "method": { "coding": [{ "system": format!("{core}/administrative-gender"), "version": version, "code": code }] } });
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
        // A code of another version than is here may be right; of this one, or of none, it is not.
        (observation(coded(json!("2019"), "none")), vec![]),
        (
            observation(coded(json!("4.0"), "none")),
            vec![row("code-unknown-in-system", "error", "Observation.method.coding[0].code")],
        ),
        (observation(coded(json!("2019"), "male")), vec![]),
        (
            observation(json!({ "method": { "coding": [{ "system": " ", "code": "x" }] } })),
            vec![row("value-format", "error", "Observation.method.coding[0].system")],
        ),
        // Neither does an extension stand for a url, nor a value beside a value.
        (
            patient(json!({ "extension": [{ "_url": { "extension": [absent] }, "valueString": "x" }] })),
            vec![row("cardinality-too-few", "error", "Patient.extension[0]")],
        ),
        (
            patient(json!({ "_birthDate": { "id": "a", "value": 1 } })),
            vec![row("structure-unknown-property", "error", "Patient.birthDate")],
        ),
        // Ids within what is contained.
        (
            patient(json!({ "contained": [{ "resourceType": "Organization", "id": "o", "name": "O",
                            "telecom": [{ "id": "t", "value": "1", "system": "phone" }, { "id": "t", "value": "2", "system": "phone" }] }],
                            "managingOrganization": { "reference": "#o" } })),
            vec![row("id-duplicate", "error", "Patient.contained[0].telecom[1]")],
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

#[test]
fn countries_that_were_and_those_that_users_make_are_codes() {
    let of = |code: &str| json!({ "resourceType": "Observation", "status": "final", "code": { "coding": [{ "system": "urn:iso:std:iso:3166", "code": code }] } });
    for code in ["NL", "AN", "YU", "SU", "CS", "DD", "ZR", "XK", "QM", "ZZ", "AA"] {
        assert_eq!(found(&of(code)), vec![], "{code}");
    }
    for code in ["QAAA", "nl", "OO", "ZY"] {
        let wanted = vec![row("code-unknown-in-system", "error", "Observation.code.coding[0].code")];
        assert_eq!(found(&of(code)), wanted, "{code}");
    }
}

#[test]
fn a_number_of_more_digits_than_can_be_counted_with_is_one() {
    let text = r#"{ "resourceType": "Condition", "subject": { "display": "x" }, "onsetAge": { "value": 33.333333333333333333333333333333333333333333,
        "system": "http://unitsofmeasure.org", "code": "a" } }"#;
    assert_eq!(found(&serde_json::from_str(text).expect("JSON")), vec![]);
}

#[test]
fn what_stands_in_braces_of_a_unit_is_closed() {
    let of = |code: &str| {
        json!({ "resourceType": "Observation", "status": "final", "code": { "text": "x" },
        "valueQuantity": { "value": 1, "unit": "x", "system": "http://unitsofmeasure.org", "code": code } })
    };
    for code in ["mg", "mg{abc}", "{per week}/wk", "10*3/uL"] {
        assert_eq!(found(&of(code)), vec![], "{code}");
    }
    for code in ["mg{abc", "m}g", "mg/{dose", "{a{b}}"] {
        let wanted = vec![row("code-unit-not-ucum", "error", "Observation.valueQuantity.code")];
        assert_eq!(found(&of(code)), wanted, "{code}");
    }
}

#[test]
fn a_definition_may_have_what_is_not_read_here_and_not_what_nobody_reads() {
    let of = |at: &str, expression: &str| {
        let rule = json!({ "key": "x-1", "severity": "error", "human": "x", "expression": expression });
        json!({ "resourceType": "StructureDefinition", "url": "http://example.org/fhir/StructureDefinition/x", "name": "X",
            "status": "draft", "fhirVersion": "4.0.1", "kind": "resource", "abstract": false, "type": "Patient",
            "baseDefinition": "http://hl7.org/fhir/StructureDefinition/Patient", "derivation": "constraint",
            "differential": { "element": [{ "id": at, "path": at, "constraint": [rule] }] } })
    };
    let chain = (0..200).map(|n| format!("'{n}'")).collect::<Vec<_>>().join(" | ");
    for at in ["Patient", "Patient.name"] {
        for expression in
            ["sort().exists()", "id.encode('hex').exists()", "id.matches('^(?!x)')", &format!("id in ({chain})")]
        {
            assert_eq!(found(&of(at, expression)), vec![], "{at} {expression}");
        }
        for expression in ["((", "nofunc()", "id.matches('(')"] {
            let place = "StructureDefinition.differential.element[0].constraint[0]";
            let wanted = vec![row("definition-constraint-expression", "error", place)];
            assert_eq!(found(&of(at, expression)), wanted, "{at} {expression}");
        }
    }
}
