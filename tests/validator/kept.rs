//! What a sender can make up without end leaves nothing behind: what is kept between documents has an end.

use std::sync::Arc;

use overdracht::fhir::definitions::Definitions;
use overdracht::fhir::xml::Layout;
use overdracht::validator::Validator;
use serde_json::{Value, json};

use crate::definitions::{core, element, extension, profile, with};
use crate::rules::knowing;

const MANY: usize = 300;

/// How much more is kept after documents of one kind, when a first one has been seen.
fn growth(validator: &Validator, make: &dyn Fn(usize) -> Value) -> usize {
    validator.validate(&make(0), &[]);
    let before = validator.kept();
    for i in 1..=MANY {
        validator.validate(&make(i), &[]);
    }
    validator.kept() - before
}

#[test]
fn other_ways_to_name_a_definition_leave_nothing_behind() {
    let system = json!({ "resourceType": "CodeSystem", "url": "http://made.example.net/cs", "version": "1.0.0",
                         "status": "draft", "content": "complete", "concept": [{ "code": "a" }] });
    let set = json!({ "resourceType": "ValueSet", "url": "http://made.example.net/vs", "status": "draft",
                      "compose": { "include": [{ "system": "http://made.example.net/cs" }] } });
    let validator = knowing(&[system, set, profile("Basic", &[])]);
    let coded =
        |system: String| json!({ "resourceType": "Basic", "code": { "coding": [{ "system": system, "code": "a" }] } });
    let claiming =
        |url: String| json!({ "resourceType": "Basic", "meta": { "profile": [url] }, "code": { "text": "x" } });
    let made: [(&str, &dyn Fn(usize) -> Value); 9] = [
        ("a fragment of a code system", &|i| coded(format!("http://made.example.net/cs#{i}"))),
        ("a fragment of a core code system", &|i| {
            coded(format!("http://terminology.hl7.org/CodeSystem/v3-ActCode#{i}"))
        }),
        ("an unknown code system", &|i| coded(format!("http://made.example.net/none{i}"))),
        ("a fragment of a profile", &|i| claiming(format!("{}#{i}", core("Basic")))),
        ("a profile without a version", &|i| claiming(format!("http://made.example.net/x|{i}"))),
        ("an unknown profile", &|i| claiming(format!("http://made.example.net/none{i}"))),
        ("a resource type with a fragment", &|i| json!({ "resourceType": format!("Patient#{i}") })),
        ("a value set", &|i| {
            json!({ "resourceType": "ValueSet", "status": "draft", "compose": { "include": [
                { "valueSet": [format!("http://made.example.net/vs#{i}"), format!("http://made.example.net/no{i}")] },
                { "system": format!("http://made.example.net/cs{i}"), "filter": [
                    { "property": format!("p{i}"), "op": "=", "value": "x" }] }] } })
        }),
        ("a map", &|i| {
            json!({ "resourceType": "ConceptMap", "status": "draft", "sourceCanonical": format!("http://made.example.net/vs#{i}"),
                    "group": [{ "source": format!("http://made.example.net/cs#{i}"), "target": "http://made.example.net/cs",
                                "element": [{ "code": "a", "target": [{ "code": "a", "equivalence": "equal" }] }] }] })
        }),
    ];
    for (what, make) in made {
        assert_eq!(growth(&validator, make), 0, "{what}");
    }
}

#[test]
fn names_that_a_definition_makes_up_leave_nothing_behind() {
    let asks = |expression: String| extension(json!({ "contextInvariant": [expression] }));
    let rule = |expression: String| {
        let rule = json!({ "key": "a-1", "severity": "error", "human": "x", "expression": expression });
        profile("Patient", &[element("Patient.contact", json!({ "constraint": [rule] }))])
    };
    let sliced = |code: String, path: String| {
        let by = json!({ "rules": "open", "discriminator": [{ "type": "value", "path": path }] });
        let made = profile("Patient", &[element("Patient.name", json!({ "type": [{ "code": code }], "slicing": by }))]);
        with(made, json!({ "snapshot": { "element": [] } }))
    };
    let made: [(&str, &dyn Fn(usize) -> Value); 5] = [
        ("a type of an element", &|i| sliced(format!("Made{i}"), "use".into())),
        ("a type in a discriminator", &|i| sliced("HumanName".into(), format!("ofType(Made{i})"))),
        ("a type in a context", &|i| {
            asks(format!("Made{i}.name.exists() or name is Made{i} or (name as FHIR.Made{i}).exists()"))
        }),
        ("a type in a constraint", &|i| rule(format!("name is System.Made{i}"))),
        ("a type in a search parameter", &|i| {
            json!({ "resourceType": "SearchParameter", "url": "http://made.example.net/s", "name": "S", "status": "draft",
                    "description": "s", "code": "s", "base": ["Patient"], "type": "string",
                    "expression": format!("Made{i}.name") })
        }),
    ];
    let validator = knowing(&[]);
    for (what, make) in made {
        assert_eq!(growth(&validator, make), 0, "{what}");
    }
}

#[test]
fn elements_of_xml_that_nothing_defines_leave_nothing_behind() {
    let definitions = Arc::new(Definitions::builder().open().expect("definitions open"));
    let layout = overdracht::fhir::xml::Defined::new(definitions);
    assert!(layout.elements("Patient.contact").is_some());
    let before = layout.kept();
    for i in 0..MANY {
        for made in [format!("Made{i}"), format!("Patient#{i}"), format!("Patient.made{i}"), format!("Patient|{i}")] {
            assert!(layout.elements(&made).is_none(), "{made}");
        }
    }
    assert_eq!(layout.kept(), before);
}
