//! Value sets made up to show one rule each.

use std::collections::HashMap;
use std::sync::Arc;

use serde_json::{Value, json};

use super::Membership::{In, Out, Unknown};
use super::*;

#[derive(Default)]
struct Known {
    value_sets: HashMap<&'static str, Value>,
    code_systems: HashMap<&'static str, Value>,
}

impl Terms for Known {
    fn value_set(&self, canonical: &str) -> Option<Arc<Value>> {
        self.value_sets.get(canonical).cloned().map(Arc::new)
    }

    fn code_table(&self, canonical: &str) -> Option<Arc<CodeTable>> {
        self.code_systems.get(canonical).map(|json| Arc::new(CodeTable::read(json)))
    }
}

/// `animals`: cat > lion, cat > tom; dog; with legs, one extinct.
fn known() -> Known {
    let animals = json!({
        "url": "animals", "content": "complete", "caseSensitive": true,
        "property": [{ "code": "above", "uri": "http://hl7.org/fhir/concept-properties#parent" }],
        "concept": [
            { "code": "cat", "display": "Cat", "concept": [
                { "code": "lion", "designation": [{ "language": "nl", "value": "Leeuw" }], "display": "Lion" },
                { "code": "tom", "property": [{ "code": "extinct", "valueBoolean": true }] },
            ] },
            { "code": "dog", "property": [{ "code": "legs", "valueInteger": 4 }] },
            { "code": "cub", "property": [{ "code": "above", "valueCode": "lion" }] },
        ],
    });
    let folded =
        json!({ "url": "folded", "content": "complete", "caseSensitive": false, "concept": [{ "code": "Ab" }] });
    let part = json!({ "url": "part", "content": "fragment", "concept": [{ "code": "known" }] });
    Known {
        code_systems: [("animals", animals), ("folded", folded), ("part", part)].into(),
        value_sets: [
            ("cats", json!({ "compose": { "include": [filtered("concept", "is-a", "cat")] } })),
            ("loop", json!({ "compose": { "include": [{ "valueSet": ["loop"] }] } })),
        ]
        .into(),
    }
}

fn filtered(property: &str, op: &str, value: &str) -> Value {
    json!({ "system": "animals", "filter": [{ "property": property, "op": op, "value": value }] })
}

fn of(include: Value) -> ValueSet {
    compile(&json!({ "compose": { "include": include } }), &known())
}

fn animals_in(include: Value) -> Vec<&'static str> {
    let set = of(json!([include]));
    ["cat", "lion", "tom", "dog", "cub", "none"]
        .into_iter()
        .filter(|c| set.contains(Some("animals"), c) == In)
        .collect()
}

#[test]
fn every_filter_picks_what_it_says() {
    assert_eq!(animals_in(filtered("concept", "is-a", "cat")), ["cat", "lion", "tom", "cub"]);
    assert_eq!(animals_in(filtered("concept", "descendent-of", "cat")), ["lion", "tom", "cub"]);
    assert_eq!(animals_in(filtered("concept", "is-not-a", "cat")), ["dog"]);
    assert_eq!(animals_in(filtered("concept", "generalizes", "cub")), ["cat", "lion", "cub"]);
    assert_eq!(animals_in(filtered("legs", "=", "4")), ["dog"]);
    assert_eq!(animals_in(filtered("extinct", "exists", "true")), ["tom"]);
    assert_eq!(animals_in(filtered("extinct", "exists", "false")), ["cat", "lion", "dog", "cub"]);
    assert_eq!(animals_in(filtered("code", "regex", "c.*")), ["cat", "cub"]);
    assert_eq!(animals_in(filtered("code", "in", "dog, tom")), ["tom", "dog"]);
    assert_eq!(animals_in(filtered("code", "not-in", "dog,tom")), ["cat", "lion", "cub"]);
    assert_eq!(animals_in(json!({ "system": "animals" })), ["cat", "lion", "tom", "dog", "cub"]);
}

#[test]
fn a_filter_that_is_not_understood_decides_nothing_and_says_so() {
    let set = of(json!([filtered("legs", "is-about", "4")]));
    assert_eq!(set.contains(Some("animals"), "dog"), Unknown);
    assert_eq!(set.gaps(), [Gap::Filter("legs is-about".into())]);
}

#[test]
fn what_is_missing_leaves_undecided_only_what_depends_on_it() {
    let set = of(
        json!([{ "system": "http://snomed.info/sct", "filter": [] }, { "system": "own", "concept": [{ "code": "a" }] }]),
    );
    assert_eq!(set.contains(Some("own"), "a"), In);
    assert_eq!(set.contains(Some("own"), "b"), Out);
    assert_eq!(set.contains(Some("other"), "b"), Out);
    assert_eq!(set.contains(Some("http://snomed.info/sct"), "b"), Unknown);
    assert_eq!(set.contains(None, "a"), In);
    assert_eq!(set.contains(None, "b"), Unknown);
    assert_eq!(set.gaps(), [Gap::CodeSystemMissing("http://snomed.info/sct".into())]);
    assert!(set.takes_all_of("http://snomed.info/sct") && !set.takes_all_of("own"));
}

#[test]
fn an_incomplete_code_system_confirms_but_does_not_deny() {
    let set = of(json!([{ "system": "part" }]));
    assert_eq!(set.contains(Some("part"), "known"), In);
    assert_eq!(set.contains(Some("part"), "other"), Unknown);
}

#[test]
fn imports_of_one_include_narrow_each_other_and_excludes_take_out() {
    let both =
        of(json!([{ "system": "animals", "concept": [{ "code": "lion" }, { "code": "dog" }], "valueSet": ["cats"] }]));
    assert_eq!(both.contains(Some("animals"), "lion"), In);
    assert_eq!(both.contains(Some("animals"), "dog"), Out);
    let compose = json!({ "include": [{ "valueSet": ["cats"] }], "exclude": [filtered("code", "=", "tom"), { "system": "gone" }] });
    let without = compile(&json!({ "compose": compose }), &known());
    assert_eq!(without.contains(Some("animals"), "lion"), In);
    assert_eq!(without.contains(Some("animals"), "tom"), Out);
    assert_eq!(without.contains(None, "lion"), In);
}

#[test]
fn an_import_that_is_missing_or_circular_ends_and_decides_nothing() {
    for (import, gap) in [("gone", Gap::ValueSetMissing("gone".into())), ("loop", Gap::Circular("loop".into()))] {
        let set = of(json!([{ "valueSet": [import] }]));
        assert_eq!(set.contains(Some("animals"), "cat"), Unknown, "{import}");
        assert_eq!(set.contains(None, "cat"), Unknown, "{import}");
        assert_eq!(set.gaps(), [gap]);
    }
}

#[test]
fn a_version_that_is_not_here_is_not_another_one() {
    let set = of(json!([{ "system": "animals", "version": "9" }]));
    assert_eq!(set.contains(Some("animals"), "unicorn"), Unknown);
    assert_eq!(set.gaps(), [Gap::VersionMissing("animals|9".into())]);
}

#[test]
fn case_matters_where_the_code_system_says_so() {
    let set = of(json!([{ "system": "folded", "concept": [{ "code": "aB" }] }, { "system": "animals" }]));
    assert_eq!(set.contains(Some("folded"), "AB"), In);
    assert_eq!(set.contains(Some("animals"), "Cat"), Out);
}

#[test]
fn a_published_expansion_serves_where_the_content_is_missing() {
    let expansion = |total: u64| {
        let contains = json!([{ "system": "sct", "abstract": true, "code": "top", "contains": [{ "system": "sct", "code": "1" }] }]);
        let compose = json!({ "include": [{ "system": "sct", "filter": [{ "property": "concept", "op": "is-a", "value": "top" }] }] });
        compile(&json!({ "compose": compose, "expansion": { "total": total, "contains": contains } }), &known())
    };
    assert_eq!(expansion(2).contains(Some("sct"), "1"), In);
    assert_eq!(expansion(2).contains(Some("sct"), "2"), Out);
    assert_eq!(expansion(2).contains(Some("sct"), "top"), Out);
    assert!(expansion(2).gaps().is_empty());
    assert_eq!(expansion(9).contains(Some("sct"), "2"), Unknown);
    assert_eq!(expansion(9).gaps(), [Gap::ExpansionIncomplete]);
}

#[test]
fn a_display_in_any_language_of_the_code_system_is_right() {
    let table = known().code_table("animals").unwrap();
    assert_eq!(table.check_display("lion", "leeuw "), DisplayCheck::Matches);
    assert_eq!(table.check_display("lion", "Tiger"), DisplayCheck::Differs("Lion"));
    assert_eq!(table.check_display("dog", "Dog"), DisplayCheck::Unknown);
    assert_eq!(table.check_display("none", "Dog"), DisplayCheck::Unknown);
}

/// A made-up set of value sets, each with the code systems of none.
struct Web(usize, fn(usize, usize) -> Value);

impl Terms for Web {
    fn value_set(&self, canonical: &str) -> Option<Arc<Value>> {
        let number = canonical.parse().ok().filter(|number| *number < self.0)?;
        Some(Arc::new(json!({ "compose": { "include": (self.1)(number, self.0) } })))
    }

    fn code_table(&self, _: &str) -> Option<Arc<CodeTable>> {
        None
    }
}

fn import(numbers: impl Iterator<Item = usize>) -> Value {
    numbers.map(|number| json!({ "valueSet": [number.to_string()] })).collect()
}

#[test]
fn value_sets_that_all_import_each_other_are_each_made_once() {
    let web = Web(40, |number, all| import((0..all).filter(|other| *other != number)));
    let set = compile(&json!({ "compose": { "include": [{ "valueSet": ["0"] }] } }), &web);
    assert_eq!(set.contains(Some("x"), "y"), Unknown);
    assert!(set.gaps().iter().all(|gap| matches!(gap, Gap::Circular(_))));
    assert!(!set.takes_all_of("x"));
}

#[test]
fn two_ways_to_each_of_many_value_sets_are_not_all_gone() {
    let web = Web(45, |number, all| {
        if number + 1 == all {
            json!([{ "system": "x", "concept": [{ "code": "a" }] }])
        } else {
            import([number + 1; 2].into_iter())
        }
    });
    let set = compile(&json!({ "compose": { "include": [{ "valueSet": ["0"] }] } }), &web);
    assert_eq!(set.contains(Some("x"), "a"), In);
    assert_eq!(set.contains(Some("x"), "b"), Unknown, "after a million parts it stays open");
}

#[test]
fn a_row_of_imports_ends_before_the_stack_does() {
    let web = Web(100_000, |number, _| import(std::iter::once(number + 1)));
    let set = compile(&json!({ "compose": { "include": [{ "valueSet": ["0"] }] } }), &web);
    assert_eq!(set.contains(Some("x"), "a"), Unknown);
    assert_eq!(set.gaps(), [Gap::TooDeep("50".into())]);
}

#[test]
fn what_generalizes_a_code_is_itself_and_all_above() {
    let set = of(json!([filtered("concept", "generalizes", "cub")]));
    for (code, membership) in [("cub", In), ("lion", In), ("cat", In), ("tom", Out), ("dog", Out)] {
        assert_eq!(set.contains(Some("animals"), code), membership, "{code}");
    }
}

#[test]
fn a_value_set_that_does_not_say_what_is_in_it_decides_nothing() {
    for empty in [json!({}), json!({ "compose": { "exclude": [{ "system": "animals" }] } })] {
        let set = compile(&empty, &known());
        assert_eq!((set.contains(Some("animals"), "cat"), set.gaps()), (Unknown, &[Gap::Undefined][..]), "{empty}");
    }
    assert_eq!(compile(&json!({ "expansion": { "contains": [] } }), &known()).contains(Some("animals"), "cat"), Out);
}
