//! Constraints: what they may ask of the world around a value, and what becomes of an answer that nobody has.

use std::sync::Arc;

use overdracht::fhir::definitions::Definitions;
use overdracht::validator::{Language, Options, Validator};
use serde_json::{Value, json};

use crate::instances::profile;
use crate::rules::knowing;

/// What is said of an Observation by a profile that has the expression as its constraint.
fn said(expression: &str, more: &[Value], properties: &Value) -> &'static str {
    let constrained = profile(json!({ "id": "Observation", "path": "Observation", "constraint": [
        { "key": "x-1", "severity": "error", "human": "x", "expression": expression },
    ] }));
    let validator = knowing(&more.iter().cloned().chain([constrained]).collect::<Vec<_>>());
    let mut resource = json!({ "resourceType": "Observation", "status": "final", "code": { "text": "x" },
        "meta": { "profile": ["http://example.org/p"] } });
    resource.as_object_mut().expect("an object").extend(properties.as_object().expect("an object").clone());
    let issues = validator.validate(&resource, &[]);
    let is_there = |id: &str| issues.iter().any(|issue| issue.id == id);
    assert_eq!(issues.iter().any(|issue| issue.severity.refuses()), !validator.is_valid(&resource, &[]));
    if is_there("constraint-broken") {
        return "broken";
    }
    match (is_there("constraint-failed"), is_there("constraint-unchecked")) {
        (true, false) => "failed",
        (false, true) => "unchecked",
        (false, false) => "holds",
        (true, true) => unreachable!("{issues:?}"),
    }
}

#[test]
fn what_nobody_can_tell_refuses_only_what_fails_either_way() {
    let properties = json!({
        "code": { "coding": [{ "system": "http://snomed.info/sct", "code": "39607008" }] }, "subject": { "reference": "Patient/1" },
        "category": [{ "coding": [{ "system": "http://loinc.org", "code": "1" }, { "system": "http://loinc.org", "code": "2" }] }],
        "contained": [{ "resourceType": "Organization", "id": "o", "name": "O" }], "performer": [{ "reference": "#o" }],
    });
    let sct = "code.memberOf('http://hl7.org/fhir/ValueSet/body-site')";
    let none = "code.memberOf('http://example.org/not-here')";
    for (expression, wanted) in [
        (sct.to_owned(), "unchecked"),
        (none.to_owned(), "unchecked"),
        (format!("{sct}.not()"), "unchecked"),
        (format!("{sct} or status = 'final'"), "holds"),
        (format!("{sct} or status = 'amended'"), "unchecked"),
        (format!("{sct} and status = 'amended'"), "failed"),
        (format!("{sct} and status = 'final'"), "unchecked"),
        (format!("{sct} xor {none}"), "unchecked"),
        (format!("({sct} xor {none}) or status = 'final'"), "holds"),
        (format!("{sct} implies {sct}"), "holds"),
        (format!("category.coding.all(memberOf('http://example.org/not-here')) and {sct} and {none}"), "unchecked"),
        ("category.coding.where(memberOf('http://example.org/not-here')).empty()".to_owned(), "unchecked"),
        ("code.text.memberOf('http://example.org/not-here')".to_owned(), "failed"),
        ("status.memberOf('http://hl7.org/fhir/ValueSet/observation-status')".to_owned(), "holds"),
        ("'final'.memberOf('http://hl7.org/fhir/ValueSet/observation-status')".to_owned(), "holds"),
        ("'x'.memberOf('http://hl7.org/fhir/ValueSet/observation-status')".to_owned(), "failed"),
        ("conformsTo('http://example.org/not-here')".to_owned(), "unchecked"),
        ("conformsTo('http://hl7.org/fhir/StructureDefinition/Observation')".to_owned(), "holds"),
        ("subject.resolve() is Patient".to_owned(), "unchecked"),
        ("subject.resolve().exists().not()".to_owned(), "holds"),
        ("performer.resolve() is Organization".to_owned(), "holds"),
        ("performer.resolve() is Practitioner".to_owned(), "failed"),
        ("focus.resolve() is Patient".to_owned(), "failed"),
    ] {
        assert_eq!(said(&expression, &[], &properties), wanted, "{expression}");
    }
}

#[test]
fn codes_stand_above_others_where_their_system_says_so() {
    let tree = json!({ "resourceType": "CodeSystem", "url": "http://example.org/tree", "status": "active", "content": "complete",
        "concept": [{ "code": "a", "concept": [{ "code": "b", "concept": [{ "code": "c" }] }] }, { "code": "d" }] });
    let part = json!({ "resourceType": "CodeSystem", "url": "http://example.org/part", "status": "active", "content": "fragment",
        "concept": [{ "code": "a", "concept": [{ "code": "b" }] }] });
    let coding = |system: &str, code: &str| json!({ "system": format!("http://example.org/{system}"), "code": code });
    let of =
        |above: Vec<Value>, below: Vec<Value>| json!({ "code": { "coding": above }, "method": { "coding": below } });
    let one =
        |above: (&str, &str), below: (&str, &str)| of(vec![coding(above.0, above.1)], vec![coding(below.0, below.1)]);
    for (properties, above, below) in [
        (one(("tree", "a"), ("tree", "c")), "holds", "failed"),
        (one(("tree", "a"), ("tree", "a")), "holds", "holds"),
        (one(("tree", "c"), ("tree", "a")), "failed", "holds"),
        (one(("tree", "d"), ("tree", "c")), "failed", "failed"),
        (one(("part", "a"), ("part", "b")), "holds", "unchecked"),
        (one(("part", "a"), ("part", "z")), "unchecked", "unchecked"),
        (one(("tree", "a"), ("part", "b")), "unchecked", "unchecked"),
        (of(vec![coding("tree", "d"), coding("tree", "a")], vec![coding("tree", "c")]), "holds", "failed"),
        (json!({ "code": { "text": "x" }, "method": { "text": "y" } }), "failed", "failed"),
    ] {
        let said = |expression: &str| said(expression, &[tree.clone(), part.clone()], &properties);
        assert_eq!((said("code.subsumes(method)"), said("code.subsumedBy(method)")), (above, below), "{properties}");
        assert_eq!(said("method.subsumedBy(code)"), above, "{properties}");
    }
}

#[test]
fn items_of_a_slice_are_found_by_its_name() {
    let url = "http://example.org/parts";
    let parts = json!({ "resourceType": "StructureDefinition", "url": url, "name": "Parts", "status": "draft",
        "kind": "resource", "abstract": false, "type": "Observation", "derivation": "constraint",
        "baseDefinition": "http://hl7.org/fhir/StructureDefinition/Observation",
        "differential": { "element": [
            { "id": "Observation.component", "path": "Observation.component", "slicing": {
                "discriminator": [{ "type": "pattern", "path": "code" }], "rules": "open" } },
            { "id": "Observation.component:low", "path": "Observation.component", "sliceName": "low" },
            { "id": "Observation.component:low.code", "path": "Observation.component.code",
              "patternCodeableConcept": { "coding": [{ "code": "low" }] } },
        ] } });
    let component =
        |code: &str| json!({ "code": { "coding": [{ "system": "http://example.org/codes", "code": code }] } });
    let properties = json!({ "component": [component("low"), component("high"), component("low")] });
    for (expression, wanted) in [
        (format!("component.slice('{url}', 'low').count() = 2"), "holds"),
        (format!("component.slice('{url}', 'low').code.coding.code.distinct() = 'low'"), "holds"),
        (format!("component.where(code.coding.code = 'high').slice('{url}', 'low').exists()"), "failed"),
        (format!("component.slice('{url}', 'middle').empty()"), "unchecked"),
        ("component.slice('http://example.org/not-here', 'low').empty()".to_owned(), "unchecked"),
        (format!("focus.slice('{url}', 'low').empty()"), "holds"),
    ] {
        assert_eq!(said(&expression, std::slice::from_ref(&parts), &properties), wanted, "{expression}");
    }
}

#[test]
fn modifier_extensions_that_an_expression_does_not_expect_break_it() {
    let properties = json!({ "modifierExtension": [{ "url": "http://example.org/a", "valueBoolean": true }] });
    for (expression, wanted) in [
        ("checkModifiers('http://example.org/a').exists()", "holds"),
        ("checkModifiers('http://example.org/b', 'http://example.org/a').exists()", "holds"),
        ("checkModifiers('http://example.org/b').exists()", "failed"),
        ("checkModifiers().exists()", "failed"),
        ("code.checkModifiers().exists()", "holds"),
    ] {
        assert_eq!(said(expression, &[], &properties), wanted, "{expression}");
    }
}

#[test]
fn profiles_that_ask_for_one_another_end() {
    let url = |n: usize| format!("http://example.org/circle/{n}");
    let asking = |n: usize, next: usize| {
        let mut made = profile(json!({ "id": "Observation", "path": "Observation", "constraint": [
            { "key": format!("c-{n}"), "severity": "error", "human": "x", "expression": format!("conformsTo('{}')", url(next)) },
        ] }));
        made["url"] = url(n).into();
        made
    };
    for circle in [vec![asking(0, 0)], vec![asking(0, 1), asking(1, 0)]] {
        assert_eq!(said(&format!("conformsTo('{}')", url(0)), &circle, &json!({})), "holds");
    }
}

#[test]
fn data_types_and_what_stands_in_the_document_conform_to_profiles() {
    let core = |name: &str| format!("http://hl7.org/fhir/StructureDefinition/{name}");
    let properties = json!({ "code": { "coding": [{ "system": "http://example.org", "code": "a" }] },
        "contained": [{ "resourceType": "Organization", "id": "o", "name": "O" }], "performer": [{ "reference": "#o" }] });
    for (expression, wanted) in [
        (format!("code.conformsTo('{}')", core("CodeableConcept")), "holds"),
        (format!("code.coding.first().conformsTo('{}')", core("Coding")), "holds"),
        (format!("code.conformsTo('{}')", core("Coding")), "failed"),
        (format!("performer.resolve().conformsTo('{}')", core("Organization")), "holds"),
        (format!("performer.resolve().conformsTo('{}')", core("Patient")), "failed"),
        (format!("contained.first().conformsTo('{}')", core("Organization")), "holds"),
    ] {
        assert_eq!(said(&expression, &[], &properties), wanted, "{expression}");
    }
}

#[test]
fn regular_expressions_of_definitions_are_tried_or_said_to_be_beyond_what_can_be() {
    for (pattern, wanted) in [
        ("^[\\\\w ]{1,255}$", "holds"),
        ("^[\\\\p{L}]{1,200}$", "holds"),
        ("^.{1,4000}$", "holds"),
        ("^(?!y).*$", "unchecked"),
        ("^(x)\\\\1$", "unchecked"),
        ("^\\\\w{1,255}y$", "failed"),
        ("^\\\\p$", "broken"),
    ] {
        let expression = format!("code.text.matches('{pattern}')");
        assert_eq!(said(&expression, &[], &json!({})), wanted, "{expression}");
    }
}

#[test]
fn a_long_list_of_alternatives_is_one_operation() {
    let chain = |operator: &str, last: &str| {
        let parts: Vec<String> = (0..300).map(|n| format!("code.text = 'a{n}'")).chain([last.to_owned()]).collect();
        parts.join(operator)
    };
    assert_eq!(said(&chain(" or ", "code.text = 'x'"), &[], &json!({})), "holds");
    assert_eq!(said(&chain(" or ", "code.text = 'y'"), &[], &json!({})), "failed");
    let union = (0..300).map(|n| format!("'a{n}'")).collect::<Vec<_>>().join(" | ");
    assert_eq!(said(&format!("code.text in ({union} | 'x')"), &[], &json!({})), "holds");
    assert_eq!(said(&format!("({union}).count() = 300"), &[], &json!({})), "holds");
}

#[test]
fn a_warning_takes_nothing_from_what_errors_may_cost() {
    let many =
        |n: usize| (0..n).map(|i| json!({ "code": { "text": i.to_string() }, "valueString": "x" })).collect::<Vec<_>>();
    let costly = "component.all(%resource.component.all(%resource.component.code.text contains code.text))";
    let of = |warning: bool| {
        let mut rules =
            vec![json!({ "key": "e-1", "severity": "error", "human": "x", "expression": "component.count() < 10" })];
        if warning {
            rules.insert(0, json!({ "key": "a-1", "severity": "warning", "human": "x", "expression": costly }));
        }
        let mut observation = json!({ "resourceType": "Observation", "status": "final", "code": { "text": "x" },
            "meta": { "profile": ["http://example.org/p"] } });
        observation["component"] = many(300).into();
        let validator = knowing(&[profile(json!({ "id": "Observation", "path": "Observation", "constraint": rules }))]);
        let issues = validator.validate(&observation, &[]);
        (
            validator.is_valid(&observation, &[]),
            issues.iter().any(|i| i.severity.refuses()),
            issues.iter().any(|i| i.id == "constraint-unchecked"),
        )
    };
    assert_eq!(of(false), (false, true, false));
    assert_eq!(of(true), (false, true, true));
}

#[test]
fn two_constraints_of_one_key_are_both_said_to_be_unchecked() {
    let of = |n: usize, expression: &str| {
        let rule = json!({ "key": "x-1", "severity": "error", "human": "x", "expression": expression });
        let mut made = profile(json!({ "id": "Observation", "path": "Observation", "constraint": [rule] }));
        made["url"] = format!("http://example.org/{n}").into();
        made
    };
    let validator = knowing(&[of(1, "code.sort().exists()"), of(2, "code.encode('hex').exists()")]);
    let observation = json!({ "resourceType": "Observation", "status": "final", "code": { "text": "x" },
        "meta": { "profile": ["http://example.org/1", "http://example.org/2"] } });
    let issues = validator.validate(&observation, &[]);
    assert_eq!(issues.iter().filter(|i| i.id == "constraint-unchecked").count(), 2, "{issues:?}");
}

#[test]
fn why_a_constraint_was_not_checked_is_told_in_both_languages() {
    let text = |expression: &str, language: Language| {
        let rule = json!({ "key": "x-1", "severity": "error", "human": "x", "expression": expression });
        let definition = profile(json!({ "id": "Observation", "path": "Observation", "constraint": [rule] }));
        let definitions = Definitions::builder().definitions([definition]).open().expect("definitions open");
        let validator = Validator::new(Arc::new(definitions), Options { language, ..Options::default() });
        let observation = json!({ "resourceType": "Observation", "status": "final", "code": { "coding": [{ "code": "x" }] },
            "subject": { "reference": "Patient/1" }, "meta": { "profile": ["http://example.org/p"] } });
        let mut issues = validator.validate(&observation, &[]).into_iter().filter(|i| i.id == "constraint-unchecked");
        issues.next().map(|issue| issue.text).unwrap_or_default()
    };
    let unknown = "code.memberOf('http://example.org/not-here')";
    let outside = "subject.resolve() is Patient";
    for (expression, english, dutch) in [
        (unknown, "cannot be told here", "is hier niet vast te stellen"),
        (outside, "is not in this document", "staat niet in dit document"),
    ] {
        assert!(text(expression, Language::English).contains(english), "{expression}");
        assert!(text(expression, Language::Dutch).contains(dutch), "{expression}");
    }
}
