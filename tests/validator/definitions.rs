//! Definitions against what they are made from: what breaks a rule is found, and what nearly does is let through.

use serde_json::{Value, json};

use crate::rules::{errors, found, knowing, pair};

const CORE: &str = "http://hl7.org/fhir/StructureDefinition/";
const URL: &str = "http://made.example.net/x";

pub fn core(name: &str) -> String {
    format!("{CORE}{name}")
}

/// A profile on a type, with these elements in its differential.
pub fn profile(type_name: &str, elements: &[Value]) -> Value {
    let mut all = vec![json!({ "id": type_name, "path": type_name })];
    all.extend(elements.iter().cloned());
    json!({ "resourceType": "StructureDefinition", "url": URL, "name": "X", "status": "draft", "fhirVersion": "4.0.1",
            "kind": "resource", "abstract": false, "type": type_name, "baseDefinition": core(type_name),
            "derivation": "constraint", "differential": { "element": all } })
}

/// An element of a differential; slices stand in its id behind a colon.
pub fn element(id: &str, more: Value) -> Value {
    let path: Vec<&str> = id.split('.').map(|part| part.split(':').next().unwrap_or(part)).collect();
    with(json!({ "id": id, "path": path.join(".") }), more)
}

pub fn with(mut value: Value, more: Value) -> Value {
    for (name, value_of) in more.as_object().expect("an object") {
        value[name] = value_of.clone();
    }
    value
}

pub fn extension(more: Value) -> Value {
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
            profile("Patient", &[element("Patient.contact", open_by("relationship.coding.code"))]),
            typed("type.coding.code"),
            typed("extension('http://made.example.net/y').value"),
        ],
        &[
            (profile("Patient", &[slice("Patient.name:a")]), "definition-slice-without-slicing"),
            (profile("Patient", &[sliced, element("Patient.name:a", json!({ "min": 1 }))]), "definition-slice-unnamed"),
            (profile("Patient", &[element("Patient.birthDate", open_by("$this"))]), "definition-slicing-of-one"),
            (typed("type.foo"), "definition-discriminator"),
            (typed("system =="), "definition-discriminator"),
            (profile("Patient", &[element("Patient.name", open_by("use..("))]), "definition-discriminator"),
            (on_sliced(open_by("text")), "definition-slicing-changed"),
        ],
    );
}

#[test]
fn what_is_sliced_elsewhere_needs_no_slicing_here() {
    let of = |url: &str, type_name: &str, elements: &[Value]| with(profile(type_name, elements), json!({ "url": url }));
    let by =
        |path: &str| json!({ "slicing": { "rules": "open", "discriminator": [{ "type": "value", "path": path }] } });
    let named = |id: &str, name: &str| element(id, json!({ "sliceName": name, "min": 0 }));
    let sliced = of(
        "http://made.example.net/sliced",
        "Observation",
        &[
            element("Observation.component", by("code.text")),
            named("Observation.component:a", "a"),
            element("Observation.component:a.code.text", json!({ "fixedString": "x" })),
            element("Observation.component:a.code.coding", by("system")),
            named("Observation.component:a.code.coding:b", "b"),
        ],
    );
    let validator = knowing(&[sliced]);
    let ids = |definition: &Value| errors(&validator, definition).into_iter().map(|(id, _)| id).collect::<Vec<_>>();
    let derived = |name: &str| {
        let base = json!({ "baseDefinition": "http://made.example.net/sliced" });
        with(profile("Observation", &[named(&format!("Observation.{name}"), "b")]), base)
    };
    assert_eq!(ids(&derived("component:a.code.coding:b")), [""; 0]);
    assert!(ids(&derived("note:b")).contains(&"definition-slice-without-slicing".to_owned()));
    // A profile of the type may slice what is below it, and need not be here.
    let typed = |of_type: Value| {
        let name = element("Patient.name", json!({ "type": [of_type] }));
        profile("Patient", &[name, named("Patient.name.given:b", "b")])
    };
    assert_eq!(ids(&typed(json!({ "code": "HumanName", "profile": ["http://made.example.net/none"] }))), [""; 0]);
    assert!(ids(&typed(json!({ "code": "HumanName" }))).contains(&"definition-slice-without-slicing".to_owned()));
}

#[test]
fn a_profile_on_a_logical_model_has_its_paths() {
    const MODEL: &str = "http://made.example.net/Model";
    let whole = |id: &str, more: Value| with(element(id, json!({ "definition": "x", "min": 0, "max": "*" })), more);
    let logical = json!({ "kind": "logical", "type": MODEL });
    let mut model = with(
        profile("Model", &[]),
        json!({ "url": MODEL, "baseDefinition": core("Element"), "derivation": "specialization",
                "differential": { "element": [whole("Model", json!({})),
                                              whole("Model.a", json!({ "type": [{ "code": "string" }] }))] } }),
    );
    model = with(model, logical.clone());
    let derived = |path: &str| {
        let made = profile("Model", &[element(path, json!({ "max": "1" }))]);
        with(with(made, json!({ "baseDefinition": MODEL })), logical.clone())
    };
    let validator = knowing(&[model]);
    let ids = |definition: &Value| errors(&validator, definition).into_iter().map(|(id, _)| id).collect::<Vec<_>>();
    assert_eq!(ids(&derived("Model.a")), [""; 0]);
    assert!(ids(&derived("Model.b")).contains(&"definition-differential-path".to_owned()));
}

#[test]
fn a_base_that_is_not_here_is_told() {
    let made = with(profile("Patient", &[]), json!({ "baseDefinition": "http://made.example.net/none" }));
    let issues = crate::validator().validate(&made, &[]);
    assert!(
        issues
            .iter()
            .any(|i| i.id == "profile-unknown" && i.at.as_deref() == Some("StructureDefinition.baseDefinition"))
    );
    assert!(!issues.iter().any(|i| i.severity.refuses()));
}

#[test]
fn every_constraint_of_a_definition_is_an_expression() {
    let on = |id: &str, expression: &str, in_snapshot: bool| {
        let rule = json!({ "key": "a-1", "severity": "error", "human": "x", "expression": expression });
        let rule = json!({ "constraint": [rule] });
        let whole = |id: &str| element(id, json!({ "definition": "x", "min": 0, "max": "*" }));
        let mut made = profile("Patient", &[]);
        let differential = match id {
            "Patient" => vec![element(id, rule.clone())],
            _ => vec![element("Patient", json!({})), element(id, rule.clone())],
        };
        made["differential"]["element"] = differential.into();
        if in_snapshot {
            let contact = with(whole("Patient.contact"), json!({ "type": [{ "code": "BackboneElement" }] }));
            let all =
                [whole("Patient"), contact].map(|one| if one["id"] == id { with(one, rule.clone()) } else { one });
            made["snapshot"] = json!({ "element": all });
        }
        made
    };
    let told = |definition: &Value| {
        let all = crate::validator().validate(definition, &[]).into_iter();
        all.filter(|i| i.id == "definition-constraint-expression").map(|i| i.severity.refuses()).collect::<Vec<_>>()
    };
    for in_snapshot in [false, true] {
        for (id, expression, wanted) in [
            ("Patient", "name.exists()", vec![]),
            ("Patient", "((", vec![true]),
            ("Patient", "%nobody.exists()", vec![true]),
            // What its type lacks is but doubtful there: published definitions have it.
            ("Patient", "foo.exists()", vec![false]),
            ("Patient.contact", "name.exists()", vec![]),
            ("Patient.contact", "((", vec![true]),
        ] {
            assert_eq!(told(&on(id, expression, in_snapshot)), wanted, "{id} {expression} {in_snapshot}");
        }
    }
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
    let alone = |of_url: Value| {
        let whole = |id: &str, more: Value| {
            let base = json!({ "path": id, "min": 0, "max": "*" });
            with(element(id, json!({ "definition": "x", "min": 0, "max": "1", "base": base })), more)
        };
        let url = whole("Extension.url", with(json!({ "type": [{ "code": "uri" }] }), of_url));
        let mut made = extension(json!({ "snapshot": { "element": [whole("Extension", json!({})), url] } }));
        made.as_object_mut().expect("an object").shift_remove("differential");
        made
    };
    let unknown = "definition-context-unknown";
    check(
        &[
            extension(json!({})),
            extension(on("Patient.name.family")),
            extension(on("Patient.deceased[x]")),
            extension(on("Questionnaire.item.item.text")),
            extension(on("http://hl7.org/fhir/StructureDefinition/vitalsigns#Observation.value[x]")),
            extension(on("http://hl7.org/fhir/StructureDefinition/vitalsigns#Observation.category:VSCat.coding")),
            extension(on("http://made.example.net/none#Patient.foo")),
            asks("name.exists()"),
            alone(json!({ "fixedUri": URL })),
        ],
        &[
            (extension(on("Chicken")), unknown),
            (extension(on("Patient.foo")), unknown),
            (extension(on("Patient.deceasedBoolean")), unknown),
            (extension(on("http://hl7.org/fhir/StructureDefinition/vitalsigns#Observation.foo:a")), unknown),
            (extension(on("Patient.name:a")), unknown),
            (alone(json!({ "fixedUri": "http://made.example.net/y" })), "definition-extension-url"),
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

#[test]
fn a_filter_asks_what_the_code_system_lets_ask() {
    let system = json!({
        "resourceType": "CodeSystem", "url": "http://made.example.net/cs", "name": "Cs", "status": "draft",
        "content": "complete", "identifier": [{ "system": "urn:ietf:rfc:3986", "value": "urn:oid:2.16.840.1.99" }],
        "filter": [{ "code": "b", "operator": ["="], "value": "x" }],
        "property": [{ "code": "b", "type": "boolean" }, { "code": "i", "type": "integer" },
                     { "code": "d", "type": "decimal" }, { "code": "t", "type": "dateTime" },
                     { "code": "g", "type": "Coding" }, { "code": "s", "type": "string" }],
        "concept": [{ "code": "a" }],
    });
    let validator = knowing(&[system]);
    let ids = |include: Value| {
        let set = json!({ "resourceType": "ValueSet", "status": "draft", "compose": { "include": [include] } });
        errors(&validator, &set).into_iter().map(|(id, _)| id).collect::<Vec<_>>()
    };
    let of = |property: &str, op: &str, value: &str| {
        let filter = json!({ "property": property, "op": op, "value": value });
        ids(json!({ "system": "http://made.example.net/cs", "filter": [filter] }))
    };
    for (property, op, value) in [
        ("concept", "is-a", "a"),
        ("code", "regex", "a|b"),
        ("b", "=", "true"),
        ("i", "=", "gt3"),
        ("i", "exists", "true"),
        ("d", "=", "1.5"),
        ("t", "=", "2020-01-01"),
        ("g", "=", "http://made.example.net/cs#a"),
        ("s", "=", "x"),
        ("unknown", "=", "x"),
    ] {
        assert_eq!(of(property, op, value), [""; 0], "{property} {op} {value}");
    }
    let (operator, wrong) = ("value-set-filter-operator", "value-set-filter-value");
    for (property, op, value, id) in [
        ("concept", "regex", "a", operator),
        ("concept", "exists", "true", operator),
        ("b", "is-a", "true", operator),
        ("concept", "=", "none", "code-unknown-in-system"),
        ("code", "in", "a,none", "code-unknown-in-system"),
        ("g", "=", "http://made.example.net/cs#none", "code-unknown-in-system"),
        ("code", "regex", "a(", "value-set-filter-expression"),
        ("b", "=", "x", wrong),
        ("i", "=", "x", wrong),
        ("i", "in", "3,x", wrong),
        ("i", "exists", "x", wrong),
        ("d", "=", "x", wrong),
        ("t", "=", "2020-13-01", wrong),
        ("g", "=", "x", wrong),
        ("concept", "is-a", " a", wrong),
        ("inactive", "=", "x", wrong),
    ] {
        assert!(of(property, op, value).iter().any(|found| found == id), "{property} {op} {value}");
    }
    assert_eq!(ids(json!({ "system": "urn:oid:2.16.840.1.99" })), ["value-set-system-by-oid"]);
    assert_eq!(ids(json!({ "system": "urn:oid:2.16.840.1.98" })), [""; 0]);
}

#[test]
fn a_code_system_refers_to_its_own_codes_and_is_its_set_of_all() {
    let set = |include: Value| {
        json!({ "resourceType": "ValueSet", "url": "http://made.example.net/all", "status": "draft",
                "compose": { "include": include } })
    };
    let system = |more: Value| {
        with(
            json!({ "resourceType": "CodeSystem", "url": "http://made.example.net/cs", "status": "draft",
                    "content": "complete", "concept": [{ "code": "a" }] }),
            more,
        )
    };
    let ids = |known: &[Value], resource: &Value| {
        errors(&knowing(known), resource).into_iter().map(|(id, _)| id).collect::<Vec<_>>()
    };
    let all = system(json!({ "valueSet": "http://made.example.net/all" }));
    let own = json!({ "system": "http://made.example.net/cs" });
    assert_eq!(ids(&[set(json!([own]))], &all), [""; 0]);
    for wrong in [
        json!([{ "system": "http://made.example.net/other" }]),
        json!([own, own]),
        json!([{ "system": "http://made.example.net/cs", "concept": [{ "code": "a" }] }]),
    ] {
        assert_eq!(ids(&[set(wrong)], &all), ["code-system-value-set"]);
    }
    let uri = |name: &str| format!("http://hl7.org/fhir/concept-properties#{name}");
    let parent = |code: &str| {
        system(json!({
            "property": [{ "code": "parent", "uri": uri("parent"), "type": "code" }],
            "concept": [{ "code": "a" }, { "code": "b", "property": [{ "code": "parent", "valueCode": code }] }],
        }))
    };
    assert_eq!(ids(&[], &parent("a")), [""; 0]);
    assert_eq!(ids(&[], &parent("none")), ["code-system-property-reference"]);
    let other = system(json!({ "property": [{ "code": "inactive", "uri": uri("status"), "type": "code" }] }));
    assert_eq!(ids(&[], &other), ["code-system-property-code"]);
    let base = system(json!({ "hierarchyMeaning": "is-a", "count": 1 }));
    let known = std::slice::from_ref(&base);
    let supplement = |more: Value| {
        with(
            json!({ "resourceType": "CodeSystem", "url": "http://made.example.net/s", "status": "draft",
                    "content": "supplement", "supplements": "http://made.example.net/cs", "concept": [{ "code": "a" }] }),
            more,
        )
    };
    assert_eq!(ids(known, &supplement(json!({ "hierarchyMeaning": "is-a", "count": 1 }))), [""; 0]);
    let hierarchy = supplement(json!({ "hierarchyMeaning": "part-of" }));
    assert_eq!(ids(known, &hierarchy), ["code-system-supplement-hierarchy"]);
    let count = supplement(json!({ "count": 2 }));
    assert!(ids(known, &count).contains(&"code-system-supplement-count".to_owned()));
}

#[test]
fn a_concept_map_stays_within_the_value_sets_that_it_is_for() {
    let system = json!({ "resourceType": "CodeSystem", "url": "http://made.example.net/cs", "status": "draft",
                         "content": "complete", "concept": [{ "code": "a" }, { "code": "b" }] });
    let set = json!({ "resourceType": "ValueSet", "url": "http://made.example.net/a", "status": "draft", "compose": {
        "include": [{ "system": "http://made.example.net/cs", "concept": [{ "code": "a" }] }] } });
    let validator = knowing(&[system, set]);
    let map = |code: &str| {
        json!({ "resourceType": "ConceptMap", "status": "draft", "sourceCanonical": "http://made.example.net/a",
                "group": [{ "source": "http://made.example.net/cs", "target": "http://made.example.net/other",
                            "element": [{ "code": code }] }] })
    };
    assert_eq!(errors(&validator, &map("a")), []);
    let at = "ConceptMap.group[0].element[0].code";
    assert_eq!(errors(&validator, &map("b")), [pair("binding-code-not-in-value-set", at)]);
}

/// A map from Patient to Person; `rule` and `group` replace what they name.
fn map(rule: Value, group: Value) -> Value {
    let made = json!({
        "name": "r", "source": [{ "context": "src", "element": "birthDate", "variable": "a" }],
        "target": [{ "context": "tgt", "contextType": "variable", "element": "birthDate", "transform": "copy",
                     "parameter": [{ "valueId": "a" }] }],
    });
    let whole = json!({
        "name": "g", "typeMode": "none", "rule": [with(made, rule)],
        "input": [{ "name": "src", "type": "P", "mode": "source" }, { "name": "tgt", "type": "R", "mode": "target" }],
    });
    json!({ "resourceType": "StructureMap", "url": "http://made.example.net/m", "name": "M", "status": "draft",
            "structure": [{ "url": core("Patient"), "mode": "source", "alias": "P" },
                          { "url": core("Person"), "mode": "target", "alias": "R" }],
            "group": [with(whole, group)] })
}

#[test]
fn a_map_names_what_is_known_where_it_stands() {
    let source = |more: Value| with(json!({ "context": "src", "element": "birthDate", "variable": "a" }), more);
    let from = |more: Value| map(json!({ "source": [source(more)] }), json!({}));
    let to = |more: Value| {
        let target = json!({ "context": "tgt", "contextType": "variable", "element": "birthDate" });
        map(json!({ "target": [with(target, more)] }), json!({}))
    };
    let calls = |name: &str, variables: Value| {
        map(json!({ "target": [], "dependent": [{ "name": name, "variable": variables }] }), json!({}))
    };
    let inputs = |first: &str, second: &str| {
        map(
            json!({}),
            json!({ "input": [{ "name": "src", "type": first, "mode": "source" },
                                         { "name": "tgt", "type": second, "mode": "target" }] }),
        )
    };
    let of = |expression: &str| json!({ "transform": "evaluate", "parameter": [{ "valueString": expression }] });
    let nested = |element: &str| {
        let inner = json!({ "name": "i", "source": [{ "context": "n", "element": element, "variable": "f" }],
            "target": [{ "context": "m", "contextType": "variable", "element": "family", "transform": "copy",
                         "parameter": [{ "valueId": "f" }] }] });
        map(
            json!({ "source": [source(json!({ "element": "name", "variable": "n" }))], "rule": [inner],
                    "target": [{ "context": "tgt", "contextType": "variable", "element": "name", "variable": "m",
                                 "transform": "create", "parameter": [{ "valueString": "HumanName" }] }] }),
            json!({}),
        )
    };
    let twice = json!([{ "valueId": "a" }, { "valueId": "a" }]);
    let (path, variable) = ("structure-map-path", "structure-map-variable");
    check(
        &[
            map(json!({}), json!({})),
            from(json!({ "type": "date" })),
            from(json!({ "element": "deceased" })),
            nested("family"),
            to(of("$this")),
            inputs("Patient", "Person"),
        ],
        &[
            (from(json!({ "element": "foo" })), path),
            (from(json!({ "element": "deceasedBoolean" })), path),
            (to(json!({ "element": "foo", "transform": "copy" })), path),
            (nested("foo"), path),
            (from(json!({ "context": "zz" })), variable),
            (to(json!({ "context": "zz" })), variable),
            (from(json!({ "type": "string" })), "structure-map-type"),
            (inputs("Z", "R"), "structure-map-type"),
            (inputs("R", "P"), "structure-map-mode"),
            (map(json!({}), json!({ "extends": "zz" })), "structure-map-group-unknown"),
            (calls("zz", json!(["src", "tgt"])), "structure-map-group-unknown"),
            (calls("g", json!(["src"])), "structure-map-arguments"),
            (calls("g", json!(["src", "zz"])), variable),
            (to(json!({ "transform": "copy", "parameter": twice })), "structure-map-parameters"),
            (to(json!({ "transform": "reference" })), "structure-map-parameters"),
            (to(of("foo.(")), "definition-expression-wrong"),
            (map(json!({ "name": "a.b" }), json!({})), "structure-map-name"),
        ],
    );
}

#[test]
fn operations_measures_and_guides_agree_with_what_they_name() {
    let operation = |more: Value| {
        with(
            json!({ "resourceType": "OperationDefinition", "name": "O", "status": "draft", "kind": "operation", "code": "o",
                    "system": true, "type": false, "instance": false }),
            more,
        )
    };
    let rest = |name: &str, more: Value| element(&format!("Parameters.parameter:a.{name}"), more);
    let asked = profile(
        "Parameters",
        &[
            element("Parameters.parameter", open_by("name")),
            element("Parameters.parameter:a", json!({ "sliceName": "a", "min": 0, "max": "1" })),
            rest("name", json!({ "fixedString": "a" })),
            rest("value[x]", json!({ "min": 1, "type": [{ "code": "string" }] })),
            rest("resource", json!({ "max": "0" })),
            rest("part", json!({ "max": "0" })),
        ],
    );
    let validator = knowing(&[asked]);
    let ids = |resource: &Value| errors(&validator, resource).into_iter().map(|(id, _)| id).collect::<Vec<_>>();
    let takes = |min: u64, max: &str, of: &str| {
        operation(json!({ "inputProfile": URL,
                          "parameter": [{ "name": "a", "use": "in", "min": min, "max": max, "type": of }] }))
    };
    assert_eq!(ids(&takes(0, "1", "string")), [""; 0]);
    for wrong in [takes(1, "1", "string"), takes(0, "*", "string"), takes(0, "1", "code")] {
        assert_eq!(ids(&wrong), ["operation-definition-differs"]);
    }
    let other = operation(json!({ "outputProfile": core("vitalsigns") }));
    assert_eq!(ids(&other), ["profile-of-other-type"]);

    let measure = |language: &str| {
        let criteria = json!({ "language": language, "expression": "S" });
        json!({ "resourceType": "Measure", "status": "draft", "group": [{ "stratifier": [{ "criteria": criteria }] }] })
    };
    assert_eq!(ids(&measure("text/fhirpath")), [""; 0]);
    assert_eq!(ids(&measure("text/cql")), ["measure-criteria"]);

    let guide = |depends: Value| {
        json!({ "resourceType": "ImplementationGuide", "url": "http://made.example.net/ImplementationGuide/i", "name": "I",
                "status": "draft", "packageId": "made.i", "fhirVersion": ["4.0.1"], "dependsOn": [depends] })
    };
    let url = "http://made.example.net/ImplementationGuide/j";
    assert_eq!(ids(&guide(json!({ "uri": url, "version": "1" }))), [""; 0]);
    assert_eq!(ids(&guide(json!({ "uri": "http://made.example.net/j" }))), ["implementation-guide-url"]);
    assert_eq!(ids(&guide(json!({ "uri": format!("{url}|1") }))), ["implementation-guide-version"]);
}

#[test]
fn what_the_base_fixes_closes_or_slices_by_type_stays_so() {
    let of = |id: &str, url: &str, elements: &[Value]| with(profile(id, elements), json!({ "url": url }));
    let base = of(
        "Patient",
        "http://made.example.net/base",
        &[
            element(
                "Patient.name",
                json!({ "slicing": { "rules": "closed", "discriminator": [{ "type": "value", "path": "use" }] } }),
            ),
            element("Patient.name:a", json!({ "sliceName": "a", "max": "1" })),
            element("Patient.name:a.use", json!({ "fixedCode": "usual" })),
            element("Patient.gender", json!({ "fixedCode": "male" })),
            element(
                "Patient.link",
                json!({ "slicing": { "rules": "openAtEnd", "discriminator": [{ "type": "value", "path": "type" }] } }),
            ),
            element("Patient.link:a", json!({ "sliceName": "a", "min": 1, "max": "1" })),
            element("Patient.link:a.type", json!({ "fixedCode": "refer" })),
            element("Patient.maritalStatus", json!({ "patternCodeableConcept": { "text": "x" } })),
        ],
    );
    let validator = knowing(&[base]);
    let ids = |one: Value| {
        let derived = with(profile("Patient", &[one]), json!({ "baseDefinition": "http://made.example.net/base" }));
        let all = errors(&validator, &derived).into_iter().map(|(id, _)| id);
        all.filter(|id| *id != "definition-snapshot-impossible").collect::<Vec<_>>()
    };
    let slice = |name: &str, more: Value| {
        ids(element(&format!("Patient.name:{name}"), with(json!({ "sliceName": name }), more)))
    };
    assert_eq!(slice("a", json!({ "min": 1 })), [""; 0]);
    assert_eq!(slice("a", json!({ "max": "2" })), ["definition-widens"]);
    assert_eq!(slice("b", json!({ "min": 1 })), ["definition-slicing-changed"]);
    assert_eq!(ids(element("Patient.gender", json!({ "fixedCode": "male" }))), [""; 0]);
    assert_eq!(ids(element("Patient.gender", json!({ "fixedCode": "female" }))), ["definition-widens"]);
    let status = |pattern: Value| ids(element("Patient.maritalStatus", json!({ "patternCodeableConcept": pattern })));
    assert_eq!(status(json!({ "text": "x", "coding": [{ "code": "y" }] })), [""; 0]);
    assert_eq!(status(json!({ "text": "z" })), ["definition-widens"]);

    let told = |one: Value| {
        let derived = with(profile("Patient", &[one]), json!({ "baseDefinition": "http://made.example.net/base" }));
        let all = validator.validate(&derived, &[]).into_iter().filter(|issue| issue.id.starts_with("definition-"));
        all.map(|issue| (issue.id, issue.severity.refuses())).collect::<Vec<_>>()
    };
    let widens = [("definition-widens", false)];
    let link = |more: Value| told(element("Patient.link:a", with(json!({ "sliceName": "a" }), more)));
    assert_eq!(link(json!({ "min": 0 })), widens);
    assert_eq!(link(json!({ "min": 1 })), []);
    assert_eq!(told(element("Patient.gender", json!({ "patternCode": "female" }))), widens);
    assert_eq!(told(element("Patient.gender", json!({ "patternCode": "male" }))), []);
    let fixed =
        |text: &str| told(element("Patient.maritalStatus", json!({ "fixedCodeableConcept": { "text": text } })));
    assert_eq!((fixed("z"), fixed("x")), (widens.to_vec(), vec![]));
    let rules = |rules: &str| {
        let slicing = json!({ "rules": rules, "discriminator": [{ "type": "value", "path": "type" }] });
        ids(element("Patient.link", json!({ "slicing": slicing })))
    };
    assert_eq!(rules("open"), ["definition-slicing-changed"]);
    assert_eq!((rules("openAtEnd"), rules("closed")), (vec![], vec![]));

    let chosen = |slicing: Value, slices: &[(&str, &str, u64)]| {
        let whole = json!({ "rules": "open", "discriminator": [{ "type": "type", "path": "$this" }] });
        let mut all = vec![element("Observation.value[x]", json!({ "slicing": with(whole, slicing) }))];
        all.extend(slices.iter().map(|(name, of, min)| {
            let more = json!({ "sliceName": name, "min": min, "type": [{ "code": of }] });
            element(&format!("Observation.value[x]:{name}"), more)
        }));
        profile("Observation", &all)
    };
    let (quantity, text) = (("valueQuantity", "Quantity", 0), ("valueString", "string", 0));
    let wrong = "definition-slicing-by-type";
    check(
        &[
            chosen(json!({}), &[quantity, text]),
            chosen(json!({}), &[("valueQuantity", "Quantity", 1), text]),
            chosen(json!({}), &[text, ("valueQuantity", "Quantity", 1)]),
        ],
        &[
            (chosen(json!({ "ordered": true }), &[quantity]), wrong),
            (chosen(json!({ "discriminator": [{ "type": "value", "path": "$this" }] }), &[quantity]), wrong),
            (chosen(json!({}), &[("foo", "Quantity", 0)]), wrong),
            (chosen(json!({}), &[("valueQuantity", "Quantity", 1), ("valueString", "string", 1)]), wrong),
        ],
    );
}

#[test]
fn a_snapshot_has_types_values_of_them_and_a_root_without_a_place() {
    let of = |root: Value, value: Value| {
        let whole = |id: &str, more: Value| {
            let base = json!({ "path": id, "min": 0, "max": "*" });
            with(element(id, json!({ "definition": "x", "min": 0, "max": "1", "base": base })), more)
        };
        let elements = json!([
            whole("Extension", root),
            whole("Extension.url", json!({ "type": [{ "code": "uri" }], "fixedUri": URL })),
            whole("Extension.value[x]", with(json!({ "type": [{ "code": "string" }] }), value)),
        ]);
        extension(json!({ "snapshot": { "element": elements } }))
    };
    let none = json!({});
    check(
        &[of(none.clone(), none.clone()), of(none.clone(), json!({ "fixedString": "x" }))],
        &[
            (of(json!({ "requirements": "x" }), none.clone()), "definition-not-in-profiles"),
            (of(none.clone(), json!({ "fixedBoolean": true })), "definition-value-type"),
            (of(none, json!({ "type": [] })), "definition-element-type-missing"),
        ],
    );
}
