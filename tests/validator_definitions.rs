//! Rules on definitions themselves: code systems, value sets, concept maps and search parameters; and what a definition
//! asks of resources that do not name it.

use std::sync::{Arc, LazyLock};

use overdracht::fhir::definitions::Definitions;
use overdracht::validator::{Options, UnknownExtensions, Validator};
use serde_json::{Value, json};

fn validator() -> &'static Validator {
    static VALIDATOR: LazyLock<Validator> = LazyLock::new(|| {
        let definitions = Definitions::builder().open().expect("definitions open");
        let options = Options { unknown_extensions: UnknownExtensions::Error, ..Options::default() };
        Validator::new(Arc::new(definitions), options)
    });
    &VALIDATOR
}

/// The errors in a resource with these properties added: identifier and place.
fn errors(mut resource: Value, properties: Value) -> Vec<(&'static str, String)> {
    let (Value::Object(resource_map), Value::Object(properties)) = (&mut resource, properties) else {
        panic!("objects are wanted")
    };
    resource_map.extend(properties);
    let issues = validator().validate(&resource, &[]);
    assert_eq!(validator().is_valid(&resource, &[]), !issues.iter().any(|i| i.severity.refuses()));
    issues.into_iter().filter(|i| i.severity.refuses()).map(|i| (i.id, i.at.unwrap_or_default())).collect()
}

fn check(base: &Value, cases: &[(Value, &[(&str, &str)])]) {
    for (properties, expected) in cases {
        let found = errors(base.clone(), properties.clone());
        let found: Vec<_> = found.iter().map(|(id, at)| (*id, at.as_str())).collect();
        assert_eq!(found, *expected, "{properties}");
    }
}

#[test]
fn a_code_system_keeps_its_own_word() {
    let base = json!({ "resourceType": "CodeSystem", "status": "draft", "content": "complete" });
    let declared = json!([{ "code": "p", "type": "code" }]);
    check(
        &base,
        &[
            (json!({ "count": 2, "concept": [{ "code": "a", "concept": [{ "code": "b" }] }] }), &[]),
            (
                json!({ "concept": [{ "code": "a", "concept": [{ "code": "a" }] }] }),
                &[("constraint-failed", "CodeSystem"), ("code-system-code-twice", "CodeSystem.concept[0].concept[0]")],
            ),
            (json!({ "count": 3, "concept": [{ "code": "a" }] }), &[("code-system-count", "CodeSystem.count")]),
            (
                json!({ "content": "not-present", "concept": [{ "code": "a" }] }),
                &[("code-system-content-present", "CodeSystem.concept[0]")],
            ),
            (
                json!({ "property": [{ "code": "p", "type": "code" }, { "code": "p", "type": "string" }] }),
                &[("code-system-property-twice", "CodeSystem.property[1]")],
            ),
            (
                json!({ "property": declared, "concept": [
                    { "code": "a", "property": [{ "code": "p", "valueCode": "x" }, { "code": "p", "valueString": "x" }] },
                ] }),
                &[("code-system-property-type", "CodeSystem.concept[0].property[1]")],
            ),
            (
                json!({ "content": "supplement" }),
                &[
                    ("code-system-supplement-of-nothing", "CodeSystem"),
                    ("code-system-supplement-of-nothing", "CodeSystem.content"),
                ],
            ),
            (
                json!({ "supplements": "http://hl7.org/fhir/administrative-gender" }),
                &[("code-system-supplement-content", "CodeSystem.content")],
            ),
            (
                json!({ "content": "supplement", "supplements": "http://hl7.org/fhir/administrative-gender",
                        "concept": [{ "code": "male" }, { "code": "none" }] }),
                &[("code-system-supplement-code", "CodeSystem.concept[1]")],
            ),
        ],
    );
}

#[test]
fn a_value_set_includes_code_systems_and_codes_that_they_have() {
    let base = json!({ "resourceType": "ValueSet", "status": "draft" });
    let include = |include: Value| json!({ "compose": { "include": [include] } });
    let gender = "http://hl7.org/fhir/administrative-gender";
    let filter = |op: &str, value: &str| json!({ "system": gender, "filter": [{ "property": "concept", "op": op, "value": value }] });
    check(
        &base,
        &[
            (include(json!({ "system": gender, "concept": [{ "code": "male" }] })), &[]),
            (include(json!({ "system": "http://example.org/unknown", "concept": [{ "code": "x" }] })), &[]),
            (
                include(json!({ "system": gender, "concept": [{ "code": "male" }, { "code": "none" }] })),
                &[("code-unknown-in-system", "ValueSet.compose.include[0].concept[1]")],
            ),
            (include(json!({ "system": "gender" })), &[("value-set-system-relative", "ValueSet.compose.include[0]")]),
            (
                include(json!({ "system": format!("{gender}|4.0.1") })),
                &[("value-set-system-version", "ValueSet.compose.include[0]")],
            ),
            (
                include(json!({ "system": "http://hl7.org/fhir/ValueSet/administrative-gender" })),
                &[("value-set-system-is-value-set", "ValueSet.compose.include[0]")],
            ),
            (include(filter("is-a", "male")), &[]),
            (include(filter("is-a", "none")), &[("code-unknown-in-system", "ValueSet.compose.include[0].filter[0]")]),
            (
                include(json!({ "system": gender, "filter": [{ "property": "code", "op": "regex", "value": "(" }] })),
                &[("value-set-filter-expression", "ValueSet.compose.include[0].filter[0]")],
            ),
        ],
    );
}

#[test]
fn a_search_parameter_has_an_expression_that_parses_and_a_composite_its_parts() {
    let base = json!({
        "resourceType": "SearchParameter", "url": "http://example.org/p", "name": "P", "status": "draft", "description": "p",
        "code": "p", "base": ["Patient"], "type": "string", "expression": "Patient.name.given",
    });
    let part = json!({ "definition": "http://hl7.org/fhir/SearchParameter/Patient-name", "expression": "name" });
    check(
        &base,
        &[
            (json!({}), &[]),
            (json!({ "expression": "Patient.name.(" }), &[("definition-expression", "SearchParameter.expression")]),
            (
                json!({ "type": "composite", "component": [part] }),
                &[("search-parameter-components", "SearchParameter")],
            ),
            (json!({ "type": "composite", "component": [part, part] }), &[]),
        ],
    );
}

#[test]
fn an_extension_is_refused_for_its_value_and_for_an_unknown_url_that_is_no_example() {
    let base = json!({ "resourceType": "Patient" });
    check(
        &base,
        &[
            (json!({ "extension": [{ "url": "http://hl7.example.org/fhir/x", "valueString": "x" }] }), &[]),
            (
                json!({ "extension": [{ "url": "http://notexample.org/fhir/x", "valueString": "x" }] }),
                &[("extension-unknown-refused", "Patient.extension[0]")],
            ),
            (
                json!({ "extension": [
                    { "url": "http://hl7.org/fhir/StructureDefinition/patient-birthPlace", "valueString": "x" },
                ] }),
                &[("structure-type-not-allowed", "Patient.extension[0]")],
            ),
        ],
    );
}

#[test]
fn a_concept_map_maps_codes_that_are_there() {
    let gender = "http://hl7.org/fhir/administrative-gender";
    let group = |from: &str, to: &str| {
        json!({ "group": [{ "source": gender, "target": gender, "element": [
            { "code": from, "target": [{ "code": to, "equivalence": "equal" }] },
        ] }] })
    };
    check(
        &json!({ "resourceType": "ConceptMap", "status": "draft" }),
        &[
            (group("male", "female"), &[]),
            (group("none", "female"), &[("code-unknown-in-system", "ConceptMap.group[0].element[0].code")]),
            (group("male", "none"), &[("code-unknown-in-system", "ConceptMap.group[0].element[0].target[0].code")]),
        ],
    );
}

#[test]
fn the_system_of_a_unit_is_an_absolute_url() {
    let unit = |system: &str| json!({ "valueQuantity": { "value": 1, "system": system, "code": "x" } });
    check(
        &json!({ "resourceType": "Observation", "status": "final", "code": { "text": "x" } }),
        &[
            (unit("http://example.org/units"), &[]),
            (unit("units"), &[("code-relative-system", "Observation.valueQuantity")]),
        ],
    );
}

#[test]
fn a_primitive_without_its_part_lacks_the_extension_that_a_profile_asks_for() {
    let profile = json!({
        "resourceType": "StructureDefinition", "url": "http://example.org/named", "name": "Named", "status": "draft",
        "kind": "resource", "abstract": false, "type": "Patient", "derivation": "constraint",
        "baseDefinition": "http://hl7.org/fhir/StructureDefinition/Patient",
        "differential": { "element": [
            { "id": "Patient.birthDate.extension", "path": "Patient.birthDate.extension", "min": 1 },
        ] },
    });
    let definitions = Definitions::builder().definitions([profile]).open().expect("definitions open");
    let validator = Validator::new(Arc::new(definitions), Options::default());
    let mut patient = json!({ "resourceType": "Patient", "birthDate": "1950" });
    let asked = ["http://example.org/named"];
    let issues = validator.validate(&patient, &asked);
    let refused: Vec<_> = issues.iter().filter(|i| i.severity.refuses()).map(|i| (i.id, i.at.as_deref())).collect();
    assert_eq!(refused, [("cardinality-too-few", Some("Patient.birthDate"))]);
    assert!(!validator.is_valid(&patient, &asked));
    patient["_birthDate"] = json!({ "extension": [{ "url": "http://example.org/x", "valueString": "x" }] });
    assert!(validator.is_valid(&patient, &asked));
}
