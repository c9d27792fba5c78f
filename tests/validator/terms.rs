//! Value sets, code systems and maps against code systems of another version, in part or not here at all.

use serde_json::{Value, json};

use crate::definitions::{core, element, profile, with};
use crate::rules::{errors, knowing};

const SYSTEM: &str = "http://made.example.net/cs";
const SET: &str = "http://made.example.net/vs";

fn system(more: Value) -> Value {
    let made = json!({ "resourceType": "CodeSystem", "url": SYSTEM, "version": "1.0.0", "status": "draft",
                       "content": "complete", "concept": [{ "code": "a" }] });
    with(made, more)
}

fn set(more: Value) -> Value {
    with(json!({ "resourceType": "ValueSet", "url": SET, "status": "draft" }), more)
}

fn ids(known: &[Value], resource: &Value) -> Vec<String> {
    errors(&knowing(known), resource).into_iter().map(|(id, _)| id).collect()
}

#[test]
fn of_another_version_of_a_code_system_nothing_is_said() {
    let known = [system(json!({}))];
    let include = |version: &str, more: Value| {
        let include = with(json!({ "system": SYSTEM, "version": version }), more);
        ids(&known, &set(json!({ "compose": { "include": [include] } })))
    };
    let map = |version: &str| {
        let group = json!({ "source": SYSTEM, "sourceVersion": version, "target": SYSTEM, "targetVersion": version,
                            "element": [{ "code": "new", "target": [{ "code": "new", "equivalence": "equal" }] }] });
        ids(&known, &json!({ "resourceType": "ConceptMap", "status": "draft", "group": [group] }))
    };
    let supplement = |version: &str| {
        let made = json!({ "resourceType": "CodeSystem", "url": "http://made.example.net/s", "status": "draft",
                           "content": "supplement", "supplements": format!("{SYSTEM}|{version}"), "concept": [{ "code": "new" }] });
        ids(&known, &made)
    };
    let listed = json!({ "concept": [{ "code": "new" }] });
    let filter = |value: &str| json!({ "filter": [{ "property": "concept", "op": "in", "value": value }] });
    for (version, unknown) in [("2.0.0", ""), ("1.0.0", "code-unknown-in-system")] {
        for found in [include(version, listed.clone()), include(version, filter("a,new")), map(version)] {
            assert!(
                found.iter().all(|id| id == unknown) && found.is_empty() == unknown.is_empty(),
                "{version}: {found:?}"
            );
        }
    }
    assert_eq!(supplement("2.0.0"), [""; 0]);
    assert_eq!(supplement("1.0.0"), ["code-system-supplement-code"]);
    assert_eq!(include("1.0.0", filter("a, a")), [""; 0]);
}

/// Whether a profile that requires a code of this value set takes one.
fn takes(known: &[Value], code: &str) -> bool {
    let binding = json!({ "binding": { "strength": "required", "valueSet": SET } });
    let mut known = known.to_vec();
    known.push(profile("Basic", &[element("Basic.code", binding)]));
    let coding = json!({ "system": SYSTEM, "code": code });
    let resource = json!({ "resourceType": "Basic", "meta": { "profile": ["http://made.example.net/x"] },
                           "code": { "coding": [coding] } });
    !ids(&known, &resource).iter().any(|id| id.starts_with("binding-"))
}

#[test]
fn a_filter_sees_how_concepts_are_nested() {
    let nested = system(json!({ "hierarchyMeaning": "is-a",
        "concept": [{ "code": "a", "concept": [{ "code": "b", "concept": [{ "code": "c" }] }] }] }));
    for (property, op, value, wanted) in [
        ("parent", "=", "a", [false, true, false]),
        ("parent", "=", "b", [false, false, true]),
        ("child", "=", "b", [true, false, false]),
        ("parent", "exists", "true", [false, true, true]),
        ("child", "exists", "false", [false, false, true]),
        ("parent", "in", "a, b", [false, true, true]),
    ] {
        let filter = json!({ "property": property, "op": op, "value": value });
        let set = set(json!({ "compose": { "include": [{ "system": SYSTEM, "filter": [filter] }] } }));
        let found = ["a", "b", "c"].map(|code| takes(&[nested.clone(), set.clone()], code));
        assert_eq!(found, wanted, "{property} {op} {value}");
    }
}

#[test]
fn an_expansion_that_may_be_a_part_refuses_no_code() {
    let expansion = |more: Value| {
        let made = json!({ "timestamp": "2020-01-01", "contains": [{ "system": SYSTEM, "code": "a" }] });
        set(json!({ "expansion": with(made, more) }))
    };
    let unclosed =
        |closed: bool| json!({ "extension": [{ "url": core("valueset-unclosed"), "valueBoolean": closed }] });
    for (more, part) in [
        (json!({}), false),
        (json!({ "total": 1 }), false),
        (json!({ "total": 2 }), true),
        (json!({ "offset": 0 }), true),
        (json!({ "offset": 0, "total": 1 }), false),
        (unclosed(true), true),
        (unclosed(false), false),
    ] {
        assert!(takes(&[expansion(more.clone())], "a"), "{more}");
        assert_eq!(takes(&[expansion(more.clone())], "b"), part, "{more}");
    }
}

#[test]
fn a_code_system_is_counted_with_all_that_is_nested() {
    let uri = "http://hl7.org/fhir/concept-properties#deprecated";
    let deprecated =
        |of_type: &str| system(json!({ "property": [{ "code": "deprecated", "uri": uri, "type": of_type }] }));
    assert_eq!(ids(&[], &deprecated("dateTime")), [""; 0]);
    let nested = json!([{ "code": "a", "concept": [{ "code": "b" }] }]);
    let all = |contains: Value| {
        let compose = json!({ "include": [{ "system": SYSTEM }] });
        set(json!({ "compose": compose, "expansion": { "timestamp": "2020-01-01", "contains": contains } }))
    };
    let whole = system(json!({ "valueSet": SET, "concept": nested }));
    let (a, b) = (json!({ "system": SYSTEM, "code": "a" }), json!({ "system": SYSTEM, "code": "b" }));
    let under = |outer: Value| with(outer, json!({ "contains": [b] }));
    assert_eq!(ids(&[all(json!([under(a.clone())]))], &whole), [""; 0]);
    assert_eq!(ids(&[all(json!([{ "display": "x", "abstract": true, "contains": [a, b] }]))], &whole), [""; 0]);
    assert_eq!(ids(&[all(json!([a]))], &whole), ["code-system-value-set"]);
    let fragment = with(whole, json!({ "content": "fragment" }));
    assert_eq!(ids(&[all(json!([a]))], &fragment), [""; 0]);
    let base = system(json!({ "count": 2, "concept": nested }));
    let supplement = |count: u64| {
        let made = json!({ "resourceType": "CodeSystem", "url": "http://made.example.net/s", "status": "draft", "count": count,
                           "content": "supplement", "supplements": SYSTEM, "concept": [{ "code": "a" }] });
        ids(std::slice::from_ref(&base), &made)
    };
    assert_eq!(supplement(2), [""; 0]);
    assert_eq!(supplement(1), ["code-system-supplement-count"]);
}

#[test]
fn what_may_be_asked_of_a_code_system_is_its_own_to_say() {
    let asked = |known: &[Value], property: &str, op: &str, value: &str| {
        let filter = json!({ "property": property, "op": op, "value": value });
        ids(known, &set(json!({ "compose": { "include": [{ "system": SYSTEM, "filter": [filter] }] } })))
    };
    let declares = system(json!({ "filter": [{ "code": "concept", "operator": ["regex"], "value": "x" }] }));
    let known = [system(json!({}))];
    assert_eq!(asked(&[declares], "concept", "regex", "a|b"), [""; 0]);
    assert_eq!(asked(&known, "concept", "regex", "a|b"), ["value-set-filter-operator"]);
    for right in ["(?=a)a", "(?<!b)a", "(a)\\1"] {
        assert_eq!(asked(&known, "code", "regex", right), [""; 0], "{right}");
    }
    assert_eq!(asked(&known, "code", "regex", "(a"), ["value-set-filter-expression"]);
    assert_eq!(asked(&[], "concept", "exists", "true"), [""; 0]);
}
