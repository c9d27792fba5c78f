//! Documents made to take long: each ends, with what is wrong or with what could not be checked. Where time grew with
//! the square of what is in them, these would take minutes.

use std::collections::BTreeMap;
use std::sync::Arc;

use overdracht::fhir::Issue;
use overdracht::fhir::definitions::Definitions;
use overdracht::validator::{Options, Validator};
use serde_json::{Value, json};

use crate::validator;

const MANY: usize = 4_000;

fn many(make: impl Fn(usize) -> Value) -> Value {
    (0..MANY).map(make).collect()
}

/// How often each kind was found.
fn counted(issues: &[Issue]) -> BTreeMap<&str, usize> {
    let mut counts = BTreeMap::new();
    issues.iter().for_each(|issue| *counts.entry(issue.id).or_default() += 1);
    counts
}

fn found(resource: &Value) -> BTreeMap<&'static str, usize> {
    let mut counts = BTreeMap::new();
    validator().validate(resource, &[]).iter().for_each(|issue| *counts.entry(issue.id).or_default() += 1);
    // That there is no narrative (dom-6).
    counts.remove("constraint-warning");
    counts
}

fn narrative(inside: &str) -> Value {
    json!({ "status": "generated", "div": format!("<div xmlns=\"http://www.w3.org/1999/xhtml\">{inside}</div>") })
}

fn patient(text: Value) -> Value {
    json!({ "resourceType": "Patient", "id": "p", "text": text })
}

fn observation(id: &str, member: &str) -> Value {
    json!({
        "resourceType": "Observation", "id": id, "text": narrative("x"), "status": "final", "code": { "text": "x" },
        "hasMember": [{ "reference": member }],
    })
}

#[test]
fn contained_resources_that_refer_to_each_other_are_each_found() {
    let mut outer = observation("o", "#c0");
    outer["contained"] = many(|i| {
        json!({
            "resourceType": "Observation", "id": format!("c{i}"), "status": "final", "code": { "text": "x" },
            "hasMember": [{ "reference": format!("#c{}", (i + 1) % MANY) }],
        })
    });
    assert_eq!(found(&outer), BTreeMap::new());
    outer["contained"][MANY - 2]["hasMember"][0]["reference"] = json!("#nobody");
    let found = validator().validate(&outer, &[]);
    let refused: Vec<_> = found.iter().filter(|issue| issue.severity.refuses()).map(|issue| issue.id).collect();
    assert_eq!(refused, ["reference-contained-not-found", "contained-not-referenced"]);
}

#[test]
fn every_one_of_many_mistakes_has_its_line_and_column() {
    let text = json!({ "resourceType": "Patient", "name": many(|_| json!({ "familie": "Jansén" })) }).to_string();
    let issues = validator().validate_text(&text, &[]);
    let unknown: Vec<_> = issues.iter().filter(|issue| issue.id == "structure-unknown-property").collect();
    assert_eq!(unknown.len(), MANY);
    for (issue, (at, _)) in unknown.iter().zip(text.match_indices("\"familie")) {
        let column = text[..at].chars().count() as u32 + 1;
        assert_eq!(issue.position, Some((1, column)));
    }
}

#[test]
fn a_long_name_around_much_takes_its_room_once() {
    let name = "x".repeat(100_000);
    let text = json!({ "resourceType": "Patient", &name: many(|i| json!({ "id": (i / 2).to_string() })) }).to_string();
    let counts = validator().validate_text(&text, &[]);
    assert_eq!(counted(&counts)["structure-unknown-property"], 1);
    assert!(counts.iter().all(|issue| issue.position.is_some()));
}

#[test]
fn links_of_a_narrative_are_looked_up_however_many_there_are() {
    let links: String = (0..MANY).map(|i| format!("<a href=\"#a{i}\">x</a>")).collect();
    let anchors: String = (0..MANY).map(|i| format!("<a name=\"a{i}\">x</a>")).collect();
    assert_eq!(found(&patient(narrative(&format!("{links}{anchors}")))), BTreeMap::new());
    assert_eq!(found(&patient(narrative(&links))), BTreeMap::from([("narrative-link-unresolved", 1)]));
    let entry = |i: usize| {
        let mut resource = patient(narrative("<a href=\"#nowhere\">x</a>"));
        resource["id"] = i.to_string().into();
        json!({ "fullUrl": format!("http://example.org/fhir/Patient/{i}"), "resource": resource })
    };
    let bundle = json!({ "resourceType": "Bundle", "type": "collection", "entry": many(entry) });
    assert_eq!(found(&bundle), BTreeMap::from([("narrative-link-unresolved", MANY)]));
}

#[test]
fn a_narrative_of_a_megabyte_is_read_once() {
    let counts = found(&patient(narrative(&"<p>a <b>b</b></p>".repeat(60_000))));
    assert_eq!(counts, BTreeMap::new());
    let deep = format!("{}x{}", "<div>".repeat(50_000), "</div>".repeat(50_000));
    assert_eq!(found(&patient(narrative(&deep))), BTreeMap::from([("narrative-nesting", 1)]));
}

#[test]
fn slices_of_many_identical_items_are_counted() {
    let profile = json!({
        "resourceType": "StructureDefinition", "url": "http://example.org/sliced", "name": "S", "status": "draft",
        "kind": "resource", "abstract": false, "type": "Patient", "derivation": "constraint",
        "baseDefinition": "http://hl7.org/fhir/StructureDefinition/Patient",
        "differential": { "element": [
            { "id": "Patient", "path": "Patient" },
            { "id": "Patient.identifier", "path": "Patient.identifier",
              "slicing": { "discriminator": [{ "type": "value", "path": "system" }], "rules": "open" } },
            { "id": "Patient.identifier:one", "path": "Patient.identifier", "sliceName": "one", "max": "1" },
            { "id": "Patient.identifier:one.system", "path": "Patient.identifier.system", "min": 1,
              "fixedUri": "http://example.org/one" },
        ] },
    });
    let definitions = Definitions::builder().definitions([profile]).open().expect("definitions open");
    let validator = Validator::new(Arc::new(definitions), Options::default());
    let mut resource = patient(narrative("x"));
    resource["identifier"] = many(|_| json!({ "system": "http://example.org/one", "value": "1" }));
    let issues = validator.validate(&resource, &["http://example.org/sliced"]);
    assert_eq!(counted(&issues), BTreeMap::from([("slice-too-many", 1)]));
}

#[test]
fn an_object_of_many_properties_is_refused_for_each() {
    let mut resource = patient(narrative("x"));
    for i in 0..MANY {
        resource[format!("p{i}")] = json!(1);
    }
    assert_eq!(found(&resource), BTreeMap::from([("structure-unknown-property", MANY)]));
}

fn response(questions: Value, answers: Value) -> Value {
    json!({
        "resourceType": "QuestionnaireResponse", "id": "r", "text": narrative("x"), "questionnaire": "#q",
        "status": "completed", "item": answers,
        "contained": [{ "resourceType": "Questionnaire", "id": "q", "status": "active", "item": questions }],
    })
}

#[test]
fn a_form_of_many_questions_that_depend_on_each_other_is_checked_whole() {
    let question = |i: usize| match i {
        0 => json!({ "linkId": "0", "text": "x", "type": "string" }),
        _ => json!({
            "linkId": i.to_string(), "text": "x", "type": "string",
            "enableWhen": [{ "question": (i - 1).to_string(), "operator": "=", "answerString": "y" }],
        }),
    };
    let answer = |i: usize| json!({ "linkId": i.to_string(), "text": "x", "answer": [{ "valueString": "y" }] });
    let questions = many(question);
    let form = json!({ "resourceType": "Questionnaire", "id": "q", "text": narrative("x"), "status": "active",
                       "url": "http://example.org/q", "item": questions });
    assert_eq!(found(&form), BTreeMap::new());
    let mut response = response(questions, many(answer));
    assert_eq!(found(&response), BTreeMap::new());
    response["item"][MANY - 2]["answer"][0]["valueString"] = json!("n");
    assert_eq!(found(&response), BTreeMap::from([("questionnaire-item-not-enabled", 1)]));
}

#[test]
fn answers_and_options_that_multiply_end_with_a_word() {
    let options = many(|i| json!({ "valueString": format!("o{i}") }));
    let questions = json!([{ "linkId": "0", "text": "x", "type": "choice", "repeats": true, "answerOption": options }]);
    let answers = many(|i| json!({ "valueString": format!("o{i}") }));
    let counts = found(&response(questions, json!([{ "linkId": "0", "text": "x", "answer": answers }])));
    assert_eq!(counts, BTreeMap::from([("questionnaire-too-costly", 1)]));
}

#[test]
fn regular_expressions_and_conditions_of_a_sender_are_bounded() {
    let heavy = json!([{ "url": "http://hl7.org/fhir/StructureDefinition/regex", "valueString": r"(\w{100}){100}" }]);
    let conditional = |i: usize| {
        json!([{
            "url": "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-enableWhenExpression",
            "valueExpression": { "language": "text/fhirpath",
                                 "expression": format!("%resource.descendants().where($this = '{i}').empty()") },
        }])
    };
    let question = |i: usize| {
        let extension = if i.is_multiple_of(2) { heavy.clone() } else { conditional(i) };
        json!({ "linkId": i.to_string(), "text": "x", "type": "string", "extension": extension })
    };
    let answer = |i: usize| json!({ "linkId": i.to_string(), "text": "x", "answer": [{ "valueString": "y" }] });
    let counts = found(&response(many(question), many(answer)));
    assert_eq!(counts["questionnaire-too-costly"], 1);
    assert!(!counts.keys().any(|id| id.starts_with("structure")), "{counts:?}");
}

#[test]
fn a_constraint_that_compares_all_with_all_ends_unchecked() {
    let code = |kind: &str, i: usize| json!({ "system": "http://example.org/c", "code": format!("{kind}{i}") });
    let mut resource = observation("o", "Observation/x");
    resource["valueString"] = json!("x");
    resource["code"] = json!({ "coding": many(|i| code("c", i)) });
    resource["component"] = many(|i| json!({ "code": { "coding": [code("d", i)] }, "valueString": "x" }));
    assert_eq!(found(&resource), BTreeMap::from([("constraint-unchecked", 1)]));
}

#[test]
fn definitions_of_many_slices_and_includes_are_read_once() {
    let slice = |i: usize| match i {
        0 => json!({ "id": "Patient", "path": "Patient" }),
        1 => json!({ "id": "Patient.name", "path": "Patient.name",
                     "slicing": { "rules": "open", "discriminator": [{ "type": "value", "path": "use" }] } }),
        _ => json!({ "id": format!("Patient.name:s{i}"), "path": "Patient.name", "sliceName": format!("s{i}") }),
    };
    let core = "http://hl7.org/fhir/StructureDefinition/Patient";
    let profile = json!({
        "resourceType": "StructureDefinition", "url": "http://example.org/p", "name": "P", "text": narrative("x"),
        "status": "draft", "fhirVersion": "4.0.1", "kind": "resource", "abstract": false, "type": "Patient",
        "baseDefinition": core, "derivation": "constraint", "differential": { "element": many(slice) },
    });
    assert_eq!(found(&profile), BTreeMap::new());
    let include = |i: usize| {
        let systems = ["http://terminology.hl7.org/CodeSystem/v3-ActCode", "http://hl7.org/fhir/resource-types"];
        json!({ "system": systems[i % 2], "concept": [{ "code": "none" }] })
    };
    let set = json!({ "resourceType": "ValueSet", "status": "draft", "text": narrative("x"), "name": "V",
                      "compose": { "include": many(include) } });
    assert_eq!(found(&set)["code-unknown-in-system"], MANY);
}

#[test]
fn a_report_of_many_groups_finds_each_in_its_measure() {
    let group =
        |i: usize| json!({ "code": { "coding": [{ "system": "http://example.org/c", "code": i.to_string() }] } });
    let mut report = json!({
        "resourceType": "MeasureReport", "id": "m", "text": narrative("x"), "status": "complete", "type": "summary",
        "measure": "#m", "period": { "start": "2024", "end": "2025" }, "group": many(group),
        "contained": [{ "resourceType": "Measure", "id": "m", "status": "draft", "group": many(group) }],
    });
    let refused = |report: &Value| {
        let issues = validator().validate(report, &[]);
        issues.iter().filter(|issue| issue.severity.refuses()).map(|issue| issue.id).collect::<Vec<_>>()
    };
    assert_eq!(refused(&report), [""; 0]);
    report["group"][1] = group(0);
    assert_eq!(refused(&report), ["measure-group-twice", "measure-group-missing"]);
}

#[test]
fn entities_of_ones_own_are_no_xml_of_fhir() {
    let entities: String = (1..40).map(|i| format!("<!ENTITY a{i} \"&a{};&a{};\">", i - 1, i - 1)).collect();
    let text = format!(
        "<!DOCTYPE a [<!ENTITY a0 \"aaaaaaaaaa\">{entities}]><Patient xmlns=\"http://hl7.org/fhir\"><id value=\"&a39;\"/></Patient>"
    );
    for text in [text, "<Patient xmlns=\"http://hl7.org/fhir\"><id value=\"&lt;&other;\"/></Patient>".to_owned()] {
        let issues = validator().validate_text(&text, &[]);
        assert_eq!(counted(&issues), BTreeMap::from([("structure-not-xml", 1)]));
    }
    let open = "<extension url=\"http://example.org/e\">";
    let deep = format!(
        "<Patient xmlns=\"http://hl7.org/fhir\">{}{}</Patient>",
        open.repeat(MANY),
        "</extension>".repeat(MANY)
    );
    assert_eq!(counted(&validator().validate_text(&deep, &[])), BTreeMap::from([("structure-not-xml", 1)]));
}

#[test]
fn nesting_up_to_the_limit_is_checked_and_beyond_it_refused() {
    let nested = |depth: usize| {
        let mut extension = json!({ "url": "http://example.org/e", "valueString": "x" });
        for _ in 0..depth {
            extension = json!({ "url": "http://example.org/e", "extension": [extension] });
        }
        json!({ "resourceType": "Patient", "text": narrative("x"), "extension": [extension] }).to_string()
    };
    // Two levels an extension, and three around the innermost.
    let fine = validator().validate_text(&nested(30), &[]);
    assert_eq!(counted(&fine), BTreeMap::from([("extension-unknown", 31)]));
    let deep = validator().validate_text(&nested(31), &[]);
    assert_eq!(counted(&deep), BTreeMap::from([("structure-too-deep", 1)]));
}

#[test]
fn labels_and_searched_types_are_looked_up_however_many_there_are() {
    const VERY_MANY: usize = 40_000;
    let started = std::time::Instant::now();
    let mut labelled = patient(narrative("x"));
    let label = |i: usize| json!({ "system": "http://example.org/s", "code": format!("c{}", i.min(VERY_MANY - 2)) });
    labelled["meta"] = json!({ "security": (0..VERY_MANY).map(label).collect::<Value>() });
    assert_eq!(found(&labelled).get("security-label-twice"), Some(&1));
    let types: Vec<String> = (0..VERY_MANY).map(|i| format!("Type{i}")).collect();
    let entry = |i: usize| {
        json!({ "fullUrl": format!("http://example.org/fhir/Basic/{i}"), "search": { "mode": "match" },
        "resource": { "resourceType": "Basic", "id": i.to_string(), "code": { "text": "x" } } })
    };
    let bundle = json!({ "resourceType": "Bundle", "type": "searchset", "entry": (0..VERY_MANY).map(entry).collect::<Value>(),
        "link": [{ "relation": "self", "url": format!("http://example.org/fhir?_type={}", types.join(",")) }] });
    assert!(!validator().is_valid(&bundle, &[]));
    // With the square of them it takes minutes.
    assert!(started.elapsed().as_secs() < 40, "{:?}", started.elapsed());
}
