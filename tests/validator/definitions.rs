//! Definitions against what they are made from: what breaks a rule is found, and what nearly does is let through.

use serde_json::{Value, json};

use crate::rules::found;

const CORE: &str = "http://hl7.org/fhir/StructureDefinition/";
const URL: &str = "http://made.example.net/x";

fn core(name: &str) -> String {
    format!("{CORE}{name}")
}

/// A profile on a type, with these elements in its differential.
fn profile(type_name: &str, elements: &[Value]) -> Value {
    let mut all = vec![json!({ "id": type_name, "path": type_name })];
    all.extend(elements.iter().cloned());
    json!({ "resourceType": "StructureDefinition", "url": URL, "name": "X", "status": "draft", "fhirVersion": "4.0.1",
            "kind": "resource", "abstract": false, "type": type_name, "baseDefinition": core(type_name),
            "derivation": "constraint", "differential": { "element": all } })
}

/// An element of a differential; slices stand in its id behind a colon.
fn element(id: &str, more: Value) -> Value {
    let path: Vec<&str> = id.split('.').map(|part| part.split(':').next().unwrap_or(part)).collect();
    with(json!({ "id": id, "path": path.join(".") }), more)
}

fn with(mut value: Value, more: Value) -> Value {
    for (name, value_of) in more.as_object().expect("an object") {
        value[name] = value_of.clone();
    }
    value
}

fn extension(more: Value) -> Value {
    let url = element("Extension.url", json!({ "fixedUri": URL }));
    let made = json!({ "kind": "complex-type", "context": [{ "type": "element", "expression": "Patient" }] });
    with(with(profile("Extension", &[url]), made), more)
}

/// The rules on definitions that are broken; not what follows from that for the snapshot.
fn ids(definition: &Value) -> Vec<String> {
    let all = found(definition).into_iter().map(|(id, _)| id);
    all.filter(|id| *id != "definition-snapshot-impossible").collect()
}

fn check(right: &[Value], wrong: &[(Value, &str)]) {
    for right in right {
        assert_eq!(ids(right), [""; 0], "{right}");
    }
    for (wrong, id) in wrong {
        assert!(ids(wrong).iter().any(|found| found == id), "{id}: {:?} in {wrong}", ids(wrong));
    }
}

fn open_by(path: &str) -> Value {
    json!({ "slicing": { "rules": "open", "discriminator": [{ "type": "value", "path": path }] } })
}

#[test]
fn derivation_type_and_kind_agree_with_the_base() {
    let mut underived = profile("Patient", &[]);
    underived.as_object_mut().expect("an object").shift_remove("derivation");
    check(
        &[profile("Patient", &[])],
        &[
            (underived, "definition-derivation"),
            (with(profile("Observation", &[]), json!({ "baseDefinition": core("Patient") })), "definition-base-type"),
            (with(profile("Patient", &[]), json!({ "derivation": "specialization" })), "definition-base-type"),
            (with(profile("Patient", &[]), json!({ "kind": "complex-type" })), "definition-kind"),
            (profile("Patient", &[element("Observation.status", json!({}))]), "definition-element-path"),
        ],
    );
}

#[test]
fn a_property_means_something_for_the_type_of_its_element() {
    let of = |id: &str, type_name: &str, more: Value| {
        profile("Patient", &[element(id, with(json!({ "type": [{ "code": type_name }] }), more))])
    };
    let says = |name: &str| json!({ "extension": [{ "url": core(name), "valueInteger": 3 }] });
    let set = json!({ "binding": { "strength": "required", "valueSet": "http://hl7.org/fhir/ValueSet/languages" } });
    let wrong = "definition-property-on-type";
    check(
        &[
            of("Patient.name.family", "string", json!({ "maxLength": 3 })),
            of("Patient.birthDate", "date", json!({ "minValueDate": "2020-01-01" })),
            profile("Patient", &[element("Patient.birthDate", json!({ "maxLength": 3 }))]),
            of("Patient.maritalStatus", "CodeableConcept", set.clone()),
        ],
        &[
            (of("Patient.active", "boolean", json!({ "maxLength": 3 })), wrong),
            (of("Patient.name.family", "string", json!({ "minValueDate": "2020-01-01" })), wrong),
            (of("Patient.active", "boolean", says("minLength")), wrong),
            (of("Patient.name.family", "string", says("maxDecimalPlaces")), wrong),
            (of("Patient.birthDate", "date", set), "definition-binding-on-type"),
            (
                profile("Patient", &[element("Patient.name", json!({ "meaningWhenMissing": "x" }))]),
                "definition-not-in-profiles",
            ),
        ],
    );
}

#[test]
fn types_and_targets_are_those_of_the_base() {
    let of = |id: &str, of_type: Value| profile("Patient", &[element(id, json!({ "type": [of_type] }))]);
    let to = |target: &str| json!({ "code": "Reference", "targetProfile": [core(target)] });
    let bearing = |name: &str, profile_name: &str| {
        let extension = json!({ "sliceName": "a", "type": [{ "code": "Extension", "profile": [core(profile_name)] }] });
        profile("MedicationRequest", &[element(&format!("MedicationRequest.{name}:a"), extension)])
    };
    check(
        &[
            of("Patient.deceased[x]", json!({ "code": "boolean" })),
            of("Patient.managingOrganization", to("Organization")),
            bearing("extension", "patient-birthPlace"),
            bearing("modifierExtension", "request-doNotPerform"),
        ],
        &[
            (of("Patient.deceased[x]", json!({ "code": "string" })), "definition-element-type"),
            (of("Patient.birthDate", json!({ "code": "string" })), "definition-element-type"),
            (of("Patient.managingOrganization", to("Patient")), "definition-element-type"),
            (bearing("modifierExtension", "patient-birthPlace"), "extension-is-no-modifier"),
            (bearing("extension", "request-doNotPerform"), "extension-is-modifier"),
        ],
    );
}

#[test]
fn slicing_is_set_up_before_its_slices_and_told_by_what_is_there() {
    let slice = |id: &str| element(id, json!({ "sliceName": "a" }));
    let typed = |path: &str| {
        let more = with(json!({ "type": [{ "code": "Identifier" }] }), open_by(path));
        profile("Patient", &[element("Patient.identifier", more)])
    };
    let sliced = element("Patient.name", open_by("use"));
    let on_sliced = |more: Value| {
        let element = element("Observation.category", more);
        with(profile("Observation", &[element]), json!({ "baseDefinition": core("vitalsigns") }))
    };
    check(
        &[
            profile("Patient", &[sliced.clone(), slice("Patient.name:a")]),
            profile("Patient", &[element("Patient.deceased[x]", open_by("$this"))]),
            typed("type.coding.code"),
            typed("extension('http://made.example.net/y').value"),
        ],
        &[
            (profile("Patient", &[slice("Patient.name:a")]), "definition-slice-without-slicing"),
            (profile("Patient", &[sliced, element("Patient.name:a", json!({ "min": 1 }))]), "definition-slice-unnamed"),
            (profile("Patient", &[element("Patient.birthDate", open_by("$this"))]), "definition-slicing-of-one"),
            (typed("type.foo"), "definition-discriminator"),
            (typed("system =="), "definition-discriminator"),
            (on_sliced(open_by("text")), "definition-slicing-changed"),
        ],
    );
}

#[test]
fn a_constraint_has_a_key_of_its_own() {
    let rule = |key: &str, expression: &str, source: Value| {
        let mut made = json!({ "key": key, "severity": "error", "human": "x", "expression": expression });
        if source.is_string() {
            made["source"] = source;
        }
        made
    };
    let of = |on: &str, rule: &Value| element(on, json!({ "constraint": [rule] }));
    let one = |rule: Value| profile("Patient", &[of("Patient.contact", &rule)]);
    let two = |a: Value, b: Value| profile("Patient", &[of("Patient.name", &a), of("Patient.contact", &b)]);
    let known = "name.exists() or telecom.exists() or address.exists() or organization.exists()";
    let none = Value::Null;
    let (key, source) = ("definition-constraint-key", "definition-constraint-source");
    check(
        &[
            two(rule("a-1", "id.exists()", none.clone()), rule("a-1", "id.exists()", none.clone())),
            one(rule("pat-1", known, none.clone())),
            one(rule("a-1", "id.exists()", json!(URL))),
        ],
        &[
            (two(rule("a-1", "id.exists()", none.clone()), rule("a-1", "id.empty()", none.clone())), key),
            (one(rule("pat-1", "id.exists()", none.clone())), key),
            (one(rule("obs-6", "id.exists()", none)), key),
            (one(rule("a-1", "id.exists()", json!("http://made.example.net/other"))), source),
        ],
    );
}

#[test]
fn the_definition_of_an_extension_fixes_its_url_and_names_contexts_that_are_there() {
    let on = |expression: &str| json!({ "context": [{ "type": "element", "expression": expression }] });
    let fixed = |value: &str| {
        let elements = json!([{ "id": "Extension", "path": "Extension" },
                              { "id": "Extension.url", "path": "Extension.url", "fixedUri": value }]);
        extension(json!({ "differential": { "element": elements } }))
    };
    let asks = |expression: &str| extension(json!({ "contextInvariant": [expression] }));
    let unknown = "definition-context-unknown";
    check(
        &[
            extension(json!({})),
            extension(on("Patient.name.family")),
            extension(on("Patient.deceased[x]")),
            extension(on("Questionnaire.item.item.text")),
            extension(on("http://hl7.org/fhir/StructureDefinition/vitalsigns#Observation.value[x]")),
            asks("name.exists()"),
        ],
        &[
            (extension(on("Chicken")), unknown),
            (extension(on("Patient.foo")), unknown),
            (extension(on("Patient.deceasedBoolean")), unknown),
            (extension(on("http://made.example.net/none#Patient")), unknown),
            (fixed("http://made.example.net/y"), "definition-extension-url"),
            (asks("foo.exists()"), "definition-expression-wrong"),
            (asks("name."), "definition-expression-wrong"),
        ],
    );
}

#[test]
fn a_search_parameter_names_elements_of_its_base() {
    let of = |expression: &str| {
        json!({ "resourceType": "SearchParameter", "url": URL, "name": "S", "status": "draft", "description": "s",
                "code": "s", "base": ["Patient", "Practitioner"], "type": "string", "expression": expression })
    };
    let wrong = "definition-expression-wrong";
    check(
        &[
            of("Patient.name | Practitioner.name"),
            of("Patient.managingOrganization.resolve().name"),
            of("(Patient.deceased as dateTime)"),
        ],
        &[
            (of("Patient.foo"), wrong),
            (of("Observation.code"), wrong),
            (of("Patient.name.where(foo = 'x')"), wrong),
            (of("Patient.deceasedBoolean"), wrong),
            (of("%foo"), wrong),
            (of("Patient.name.foo()"), "definition-expression"),
        ],
    );
}
