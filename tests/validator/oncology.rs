//! Constraints of the shape that oncology guides have (mCODE's radiotherapy): one part of an extension limits another.

use std::sync::Arc;

use overdracht::fhir::definitions::Definitions;
use overdracht::validator::{Options, Validator};
use serde_json::{Value, json};

const URL: &str = "http://example.org/StructureDefinition/treatment";

/// Parts `modality` and `technique`; seeds are placed and nothing else.
fn definition() -> Value {
    let part = |name: &str| format!("extension.where(url = '{name}')");
    let (modality, technique) = (part("modality"), part("technique"));
    let expression = format!(
        "{modality}.exists() and {technique}.exists() and {modality}.value.exists(coding.system = 'http://example.org/m' \
         and coding.code = 'seeds') implies {technique}.value.exists((coding.code = 'placed' or coding.code = 'inserted'))"
    );
    let constraint = |key: &str, expression: &str| json!({ "key": key, "severity": "error", "human": key, "expression": expression });
    json!({
        "resourceType": "StructureDefinition", "url": URL, "name": "Treatment", "status": "draft",
        "kind": "complex-type", "abstract": false, "type": "Extension", "derivation": "constraint",
        "context": [{ "type": "element", "expression": "Procedure" }], "fhirVersion": "4.0.1",
        "baseDefinition": "http://hl7.org/fhir/StructureDefinition/Extension",
        "differential": { "element": [
            { "id": "Extension", "path": "Extension", "constraint": [
                constraint("seeds", &expression),
                constraint("one", "extension.where(url = 'modality').value.ofType(CodeableConcept).coding.code.distinct().count() <= 1"),
            ] },
            { "id": "Extension.extension:modality", "path": "Extension.extension", "sliceName": "modality", "min": 1, "max": "1" },
            { "id": "Extension.extension:modality.url", "path": "Extension.extension.url", "fixedUri": "modality" },
            { "id": "Extension.extension:technique", "path": "Extension.extension", "sliceName": "technique" },
            { "id": "Extension.extension:technique.url", "path": "Extension.extension.url", "fixedUri": "technique" },
            { "id": "Extension.url", "path": "Extension.url", "fixedUri": URL },
            { "id": "Extension.value[x]", "path": "Extension.value[x]", "max": "0" },
        ] }
    })
}

#[test]
fn one_part_of_an_extension_limits_another() {
    let definitions = Definitions::builder().definitions([definition()]).open().expect("definitions open");
    let validator = Validator::new(Arc::new(definitions), Options::default());
    let found = |modality: &str, techniques: &[&str]| -> Vec<(String, String)> {
        let part = |name: &str, code: &str| json!({ "url": name, "valueCodeableConcept": { "coding": [{ "system": "http://example.org/m", "code": code }] } });
        let mut parts = vec![part("modality", modality)];
        parts.extend(techniques.iter().map(|technique| part("technique", technique)));
        let procedure = json!({ "resourceType": "Procedure", "status": "completed", "subject": { "display": "x" },
                                "extension": [{ "url": URL, "extension": parts }] });
        let issues = validator.validate(&procedure, &[]);
        assert!(issues.iter().all(|i| i.id != "constraint-unchecked"), "{issues:?}");
        let refusing = issues.into_iter().filter(|i| i.severity.refuses());
        refusing.map(|i| (i.text, i.at.unwrap_or_default())).collect()
    };
    assert_eq!(found("seeds", &["placed"]), []);
    assert_eq!(found("seeds", &["placed", "beamed"]), []);
    assert_eq!(found("seeds", &[]), []);
    assert_eq!(found("photons", &["beamed"]), []);
    assert_eq!(found("seeds", &["beamed"]), [("seeds: seeds".to_owned(), "Procedure.extension[0]".to_owned())]);
}
