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
    assert!(dutch[0].1.ends_with("Het dichtst bij komt identifier[1]: `use` moet official zijn."), "{dutch:?}");
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
