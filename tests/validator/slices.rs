//! Slices: what a message says of the one that was nearly matched.

use std::sync::Arc;

use overdracht::fhir::definitions::Definitions;
use overdracht::validator::{Language, Options, Validator};
use serde_json::{Value, json};

const PROFILE: &str = "http://example.org/StructureDefinition/numbered";

/// A Patient with a slice of `identifier` for each of these systems, and of nothing else where `closed`.
fn profile(closed: bool) -> Value {
    let rules = if closed { "closed" } else { "open" };
    json!({
        "resourceType": "StructureDefinition", "url": PROFILE, "name": "Numbered", "status": "draft", "kind": "resource",
        "abstract": false, "type": "Patient", "derivation": "constraint", "fhirVersion": "4.0.1",
        "baseDefinition": "http://hl7.org/fhir/StructureDefinition/Patient",
        "differential": { "element": [
            { "id": "Patient.identifier", "path": "Patient.identifier", "slicing": {
                "discriminator": [{ "type": "value", "path": "system" }, { "type": "value", "path": "use" }], "rules": rules } },
            { "id": "Patient.identifier:own", "path": "Patient.identifier", "sliceName": "own", "min": 1 },
            { "id": "Patient.identifier:own.use", "path": "Patient.identifier.use", "fixedCode": "official" },
            { "id": "Patient.identifier:own.system", "path": "Patient.identifier.system", "fixedUri": "http://example.org/own" },
        ] }
    })
}

fn texts(closed: bool, language: Language, patient: &Value) -> Vec<(String, String)> {
    let definitions = Definitions::builder().definitions([profile(closed)]).open().expect("definitions open");
    let validator = Validator::new(Arc::new(definitions), Options { language, ..Options::default() });
    let issues = validator.validate(patient, &[PROFILE]).into_iter().filter(|i| i.severity.refuses());
    issues.map(|i| (i.id.to_owned(), i.text)).collect()
}

#[test]
fn a_slice_that_is_missing_names_the_item_that_came_nearest_and_what_it_lacks() {
    let patient = json!({ "resourceType": "Patient", "identifier": [
        { "use": "usual", "system": "http://example.org/other", "value": "1" },
        { "use": "usual", "system": "http://example.org/own", "value": "secret" },
    ] });
    let found = texts(false, Language::English, &patient);
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].1.ends_with("Nearest is identifier[1]: `use` must be official."), "{found:?}");
    let dutch = texts(false, Language::Dutch, &patient);
    assert!(dutch[0].1.ends_with("Het dichtst in de buurt komt identifier[1]: `use` moet official zijn."), "{dutch:?}");
    assert!(!found[0].1.contains("secret"));
}

#[test]
fn an_item_that_no_slice_takes_names_the_slice_that_came_nearest() {
    let own = json!({ "use": "official", "system": "http://example.org/own", "value": "1" });
    let other = json!({ "use": "official", "system": "http://example.org/other", "value": "2" });
    let found = texts(true, Language::English, &json!({ "resourceType": "Patient", "identifier": [own, other] }));
    assert_eq!(found[0].0, "slice-none-matches");
    assert!(found[0].1.ends_with("Nearest is own: `system` must be http://example.org/own."), "{found:?}");
}

#[test]
fn where_nothing_is_there_nothing_is_near() {
    let found = texts(false, Language::English, &json!({ "resourceType": "Patient", "active": true }));
    assert!(found.iter().all(|(_, text)| !text.contains("Nearest")), "{found:?}");
}

/// What refuses an Observation with these components by a profile with this slicing and these slices of them.
fn of_components(slicing: &Value, slices: &[(&str, Value)], components: &Value) -> Vec<String> {
    let path = "Observation.component";
    let mut elements = vec![json!({ "id": path, "path": path, "slicing": slicing })];
    for (name, inner) in slices {
        let id = format!("{path}:{name}");
        elements.push(json!({ "id": id, "path": path, "sliceName": name, "min": 0 }));
        let mut rule = json!({ "id": format!("{id}.code"), "path": format!("{path}.code") });
        rule.as_object_mut().expect("an object").extend(inner.as_object().expect("an object").clone());
        elements.push(rule);
    }
    let profile = json!({
        "resourceType": "StructureDefinition", "url": PROFILE, "name": "Parts", "status": "draft", "kind": "resource",
        "abstract": false, "type": "Observation", "derivation": "constraint", "fhirVersion": "4.0.1",
        "baseDefinition": "http://hl7.org/fhir/StructureDefinition/Observation", "differential": { "element": elements },
    });
    let definitions = Definitions::builder().definitions([profile]).open().expect("definitions open");
    let validator = Validator::new(Arc::new(definitions), Options::default());
    let observation =
        json!({ "resourceType": "Observation", "status": "final", "code": { "text": "x" }, "component": components });
    let issues = validator.validate(&observation, &[PROFILE]);
    let refusing: Vec<_> = issues.into_iter().filter(|i| i.severity.refuses()).map(|i| i.id.to_owned()).collect();
    assert_eq!(validator.is_valid(&observation, &[PROFILE]), refusing.is_empty());
    refusing
}

fn concept(codes: &[&str]) -> Value {
    let coding: Vec<Value> = codes.iter().map(|c| json!({ "system": "http://example.org/cs", "code": c })).collect();
    json!({ "coding": coding })
}

#[test]
fn what_matches_two_slices_is_told() {
    let by_code = json!({ "discriminator": [{ "type": "pattern", "path": "code" }], "rules": "open" });
    let slices = [
        ("a", json!({ "patternCodeableConcept": concept(&["a"]) })),
        ("b", json!({ "patternCodeableConcept": concept(&["b"]) })),
    ];
    let found = |codes: &[&str]| of_components(&by_code, &slices, &json!([{ "code": concept(codes) }]));
    assert_eq!(found(&["a"]), [""; 0]);
    assert_eq!(found(&["a", "b"]), ["slice-matches-several"]);
}

#[test]
fn a_slice_that_cannot_be_told_is_an_error_where_there_is_something_to_tell() {
    let by_code = json!({ "discriminator": [{ "type": "value", "path": "code" }], "rules": "open" });
    let slices = [("a", json!({ "min": 1 }))];
    let item = json!([{ "code": concept(&["a"]) }]);
    assert_eq!(of_components(&by_code, &slices, &item), ["slice-undecidable"]);
    assert_eq!(of_components(&json!({ "rules": "open" }), &slices, &item), [""; 0]);
}

#[test]
fn what_a_profile_says_of_an_element_does_not_hold_where_the_type_refers_to_that_element() {
    let profile = json!({
        "resourceType": "StructureDefinition", "url": PROFILE, "name": "Low", "status": "draft", "kind": "resource",
        "abstract": false, "type": "Observation", "derivation": "constraint", "fhirVersion": "4.0.1",
        "baseDefinition": "http://hl7.org/fhir/StructureDefinition/Observation",
        "differential": { "element": [{ "id": "Observation.referenceRange.low", "path": "Observation.referenceRange.low", "min": 1 }] },
    });
    let definitions = Definitions::builder().definitions([profile]).open().expect("definitions open");
    let validator = Validator::new(Arc::new(definitions), Options::default());
    let with = |more: Value| {
        let mut made = json!({ "resourceType": "Observation", "status": "final", "code": { "text": "x" } });
        made.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
        validator.is_valid(&made, &[PROFILE])
    };
    let range = json!([{ "text": "x" }]);
    assert!(!with(json!({ "referenceRange": range })));
    assert!(with(json!({ "component": [{ "code": { "text": "x" }, "referenceRange": range }] })));
}

#[test]
fn a_slice_is_told_by_what_slices_on_the_way_of_its_discriminator_fix() {
    let definitions = Definitions::builder().open().expect("definitions open");
    let validator = Validator::new(Arc::new(definitions), Options::default());
    let coded = |code: &str| json!({ "coding": [{ "system": "http://loinc.org", "code": code }] });
    let part = |code: &str| {
        json!({ "code": coded(code),
        "valueQuantity": { "value": 120, "unit": "mm", "system": "http://unitsofmeasure.org", "code": "mm[Hg]" } })
    };
    let category = "http://terminology.hl7.org/CodeSystem/observation-category";
    let pressure = |parts: &[&str]| {
        json!({
        "resourceType": "Observation", "status": "final", "code": coded("85354-9"), "subject": { "reference": "Patient/1" },
        "category": [{ "coding": [{ "system": category, "code": "vital-signs" }] }], "effectiveDateTime": "2026-01-01",
        "component": parts.iter().map(|code| part(code)).collect::<Vec<_>>() })
    };
    let profile = ["http://hl7.org/fhir/StructureDefinition/bp"];
    let refused = |parts: &[&str]| {
        let issues = validator.validate(&pressure(parts), &profile).into_iter().filter(|i| i.severity.refuses());
        issues.map(|i| i.id).collect::<Vec<_>>()
    };
    assert_eq!(refused(&["8480-6", "8462-4"]), [""; 0]);
    assert!(refused(&["8480-6", "8480-6"]).contains(&"slice-too-few"));
}

/// What is told of an Observation with these properties by a profile with these elements, other than what fits.
fn told(elements: &Value, more: &[Value], properties: &Value) -> Vec<String> {
    let profile = json!({
        "resourceType": "StructureDefinition", "url": PROFILE, "name": "Open", "status": "draft", "kind": "resource",
        "abstract": false, "type": "Observation", "derivation": "constraint", "fhirVersion": "4.0.1",
        "baseDefinition": "http://hl7.org/fhir/StructureDefinition/Observation", "differential": { "element": elements },
    });
    let definitions = more.iter().cloned().chain([profile]);
    let definitions = Definitions::builder().definitions(definitions).open().expect("definitions open");
    let validator = Validator::new(Arc::new(definitions), Options::default());
    let mut observation = json!({ "resourceType": "Observation", "status": "final", "code": { "text": "x" } });
    observation.as_object_mut().expect("an object").extend(properties.as_object().expect("an object").clone());
    let issues = validator.validate(&observation, &[PROFILE]);
    assert_eq!(validator.is_valid(&observation, &[PROFILE]), !issues.iter().any(|i| i.severity.refuses()));
    issues.into_iter().filter(|i| i.id.starts_with("slice")).map(|i| i.id.to_owned()).collect()
}

/// A slicing of `name` with one slice that must be there, and what holds for the slice.
fn one_slice(name: &str, discriminator: Value, rules: &str, slice: Value, inner: Option<Value>) -> Value {
    let path = format!("Observation.{name}");
    let mut required = json!({ "id": format!("{path}:one"), "path": path, "sliceName": "one", "min": 1 });
    required.as_object_mut().expect("an object").extend(slice.as_object().expect("an object").clone());
    let sliced = json!({ "id": path, "path": path, "slicing": { "discriminator": [discriminator], "rules": rules } });
    Value::Array([sliced, required].into_iter().chain(inner).collect())
}

#[test]
fn an_extension_whose_definition_is_not_here_is_told_by_its_url() {
    let url = "http://example.org/StructureDefinition/not-here";
    let by_url = json!({ "type": "value", "path": "url" });
    let slice = json!({ "type": [{ "code": "Extension", "profile": [format!("{url}|1.0")] }] });
    let elements = one_slice("extension", by_url, "open", slice, None);
    let with = |url: &str| json!({ "extension": [{ "url": url, "valueString": "x" }] });
    assert_eq!(told(&elements, &[], &with(url)), [""; 0]);
    assert_eq!(told(&elements, &[], &with("http://example.org/other")), ["slice-too-few"]);
}

#[test]
fn codes_that_cannot_be_told_leave_their_slice_open() {
    let filtered = |id: &str, include: Value| {
        json!({ "resourceType": "ValueSet", "url": format!("http://example.org/vs/{id}"),
        "status": "active", "compose": { "include": [include] } })
    };
    let below = json!({ "system": "http://snomed.info/sct", "filter": [{ "property": "concept", "op": "is-a", "value": "1" }] });
    let listed = json!({ "system": "http://snomed.info/sct", "concept": [{ "code": "39607008" }] });
    let sets = [filtered("below", below), filtered("listed", listed)];
    let coded = |system: &str, code: &str| json!({ "category": [{ "coding": [{ "system": system, "code": code }] }] });
    let sct = "http://snomed.info/sct";
    let of = |set: &str, rules: &str, properties: &Value| {
        let slice =
            json!({ "binding": { "strength": "required", "valueSet": format!("http://example.org/vs/{set}") } });
        let by_code = json!({ "type": "value", "path": "$this" });
        told(&one_slice("category", by_code, rules, slice, None), &sets, properties)
    };
    assert_eq!(of("below", "open", &coded(sct, "39607008")), ["slice-unchecked"]);
    assert_eq!(of("below", "closed", &coded(sct, "39607008")), ["slice-unchecked"]);
    assert_eq!(of("not-here", "open", &coded(sct, "39607008")), ["slice-unchecked"]);
    assert_eq!(of("below", "open", &coded("http://loinc.org", "39607008")), ["slice-too-few"]);
    assert_eq!(of("below", "open", &json!({})), ["slice-too-few"]);
    assert_eq!(of("listed", "closed", &coded(sct, "39607008")), [""; 0]);
    assert_eq!(of("listed", "open", &coded(sct, "1")), ["slice-too-few"]);
}

#[test]
fn what_a_reference_names_outside_the_document_leaves_its_slice_open() {
    let target = |profile: &str| {
        let resolved = json!({ "type": "profile", "path": "resolve()" });
        let slice = json!({ "type": [{ "code": "Reference", "targetProfile": [profile] }] });
        one_slice("derivedFrom", resolved, "open", slice, None)
    };
    let to = |reference: &str| json!({ "derivedFrom": [{ "reference": reference }] });
    let vital_signs = target("http://hl7.org/fhir/StructureDefinition/vitalsigns");
    assert_eq!(told(&vital_signs, &[], &to("Observation/1")), ["slice-unchecked"]);
    assert_eq!(told(&vital_signs, &[], &to("Media/1")), ["slice-too-few"]);
    let not_here = target("http://example.org/StructureDefinition/not-here");
    assert_eq!(told(&not_here, &[], &to("Observation/1")), ["slice-unchecked"]);
    assert_eq!(told(&not_here, &[], &json!({})), ["slice-too-few"]);
}
