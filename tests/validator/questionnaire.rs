//! Questionnaires and the answers to them.

use std::sync::Arc;

use overdracht::fhir::definitions::Definitions;
use overdracht::validator::{Options, Validator};
use serde_json::{Value, json};

use crate::validator;

const URL: &str = "http://example.org/Questionnaire/q";

fn form(items: Value) -> Value {
    json!({ "resourceType": "Questionnaire", "url": URL, "status": "active", "item": items })
}

fn refused(validator: &Validator, resource: &Value) -> Vec<(String, String)> {
    let issues = validator.validate(resource, &[]).into_iter().filter(|i| i.severity.refuses());
    issues.map(|i| (i.id.to_owned(), i.at.unwrap_or_default())).collect()
}

/// What refuses answers to a questionnaire.
fn answered(questions: Value, answers: Value) -> Vec<(String, String)> {
    let definitions = Definitions::builder().definitions([form(questions)]).open().expect("definitions open");
    let response = json!({ "resourceType": "QuestionnaireResponse", "questionnaire": URL, "status": "completed",
                           "item": answers });
    refused(&Validator::new(Arc::new(definitions), Options::default()), &response)
}

fn pair(id: &str, at: &str) -> (String, String) {
    (id.to_owned(), at.to_owned())
}

#[test]
fn conditions_name_questions_that_are_there_and_are_others() {
    let of = |asked: &str| {
        form(json!([
            { "linkId": "a", "type": "boolean" },
            { "linkId": "b", "type": "boolean",
              "enableWhen": [{ "question": asked, "operator": "exists", "answerBoolean": true }],
              "item": [{ "linkId": "c", "type": "boolean" }] },
            { "linkId": "d", "type": "boolean" },
        ]))
    };
    let found = |asked: &str| refused(validator(), &of(asked));
    assert_eq!(found("a"), []);
    assert_eq!(found("d"), [], "a later question is worth a word, no more");
    assert_eq!(found("b"), [pair("questionnaire-enable-when-self", "Questionnaire.item[1]")]);
    assert_eq!(found("c"), [pair("questionnaire-enable-when-inner", "Questionnaire.item[1]")]);
    assert_eq!(found("x"), [pair("questionnaire-enable-when-unknown", "Questionnaire.item[1]")]);
}

#[test]
fn a_derived_questionnaire_asks_no_less_and_allows_no_more() {
    let source = form(json!([{ "linkId": "a", "type": "string", "required": true, "maxLength": 10 }]));
    let definitions = Definitions::builder().definitions([source]).open().expect("definitions open");
    let validator = Validator::new(Arc::new(definitions), Options::default());
    let of = |kind: &str, items: Value| {
        let coding = json!({ "system": "http://hl7.org/fhir/questionnaire-derivationType", "code": kind });
        json!({ "resourceType": "Questionnaire", "url": "http://example.org/Questionnaire/d", "status": "active",
                "derivedFrom": [URL], "item": items, "_derivedFrom": [{ "extension": [{
                    "url": "http://hl7.org/fhir/StructureDefinition/questionnaire-derivationType", "valueCoding": coding }] }] })
    };
    let ids = |resource: &Value| -> Vec<(String, String)> {
        refused(&validator, resource).into_iter().filter(|(id, _)| id.starts_with("questionnaire-derived")).collect()
    };
    let same = json!([{ "linkId": "a", "type": "string", "required": true, "maxLength": 5 }]);
    assert_eq!(ids(&of("compliesWith", same)), []);
    let other = json!([
        { "linkId": "a", "type": "text", "required": false, "repeats": true, "maxLength": 11 },
        { "linkId": "b", "type": "string" },
    ]);
    let differs = |at: &str| pair("questionnaire-derived-item-differs", &format!("Questionnaire.item[0].{at}"));
    assert_eq!(
        ids(&of("compliesWith", other.clone())),
        [
            differs("type"),
            differs("repeats"),
            differs("required"),
            differs("maxLength"),
            pair("questionnaire-derived-item-new", "Questionnaire.item[1]"),
        ]
    );
    assert!(!ids(&of("extends", other)).iter().any(|(id, _)| id.ends_with("new")));
}

#[test]
fn each_repetition_of_a_group_goes_by_its_own_answers() {
    let questions = json!([{ "linkId": "g", "type": "group", "repeats": true, "item": [
        { "linkId": "smokes", "type": "boolean" },
        { "linkId": "since", "type": "date", "required": true,
          "enableWhen": [{ "question": "smokes", "operator": "=", "answerBoolean": true }] },
    ] }]);
    let group = |smokes: bool, since: bool| {
        let mut items = vec![json!({ "linkId": "smokes", "answer": [{ "valueBoolean": smokes }] })];
        if since {
            items.push(json!({ "linkId": "since", "answer": [{ "valueDate": "2020" }] }));
        }
        json!({ "linkId": "g", "item": items })
    };
    assert_eq!(answered(questions.clone(), json!([group(true, true), group(false, false)])), []);
    assert_eq!(
        answered(questions, json!([group(true, false), group(false, true)])),
        [
            pair("questionnaire-answer-required", "QuestionnaireResponse.item[0]"),
            pair("questionnaire-item-not-enabled", "QuestionnaireResponse.item[1].item[1]"),
        ]
    );
}

#[test]
fn an_expression_may_say_whether_a_question_is_asked() {
    let questions = json!([
        { "linkId": "a", "type": "integer" },
        { "linkId": "b", "type": "string", "extension": [{
            "url": "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-enableWhenExpression",
            "valueExpression": { "language": "text/fhirpath", "expression": "item.where(linkId='a').answer.value > 3" } }] },
    ]);
    let of = |number: i32| {
        json!([{ "linkId": "a", "answer": [{ "valueInteger": number }] },
               { "linkId": "b", "answer": [{ "valueString": "x" }] }])
    };
    assert_eq!(answered(questions.clone(), of(4)), []);
    let at = "QuestionnaireResponse.item[1]";
    assert_eq!(answered(questions, of(2)), [pair("questionnaire-item-not-enabled", at)]);
}

#[test]
fn an_answer_keeps_what_its_question_says() {
    let value = |kind: &str, url: &str, property: &str, value: Value| json!([{ "linkId": "a", "type": kind, "text": "A", "extension": [{ "url": url, property: value }] }]);
    let answer = |property: &str, value: Value| json!([{ "linkId": "a", "answer": [{ property: value }] }]);
    let hl7 = |name: &str| format!("http://hl7.org/fhir/StructureDefinition/{name}");
    let at = "QuestionnaireResponse.item[0].answer[0]";
    let year = value("date", &hl7("maxValue"), "valueDate", json!("2022-06"));
    assert_eq!(answered(year.clone(), answer("valueDate", json!("2022-05-31"))), []);
    let late = pair("questionnaire-answer-above-maximum", &format!("{at}.valueDate"));
    assert_eq!(answered(year, answer("valueDate", json!("2022-06-30"))), [late]);
    let regex = value("string", &hl7("regex"), "valueString", json!("[0-9]{4} [A-Z]{2}"));
    assert_eq!(answered(regex.clone(), answer("valueString", json!("3511 AB"))), []);
    let form = pair("questionnaire-answer-pattern", &format!("{at}.valueString"));
    assert_eq!(answered(regex, answer("valueString", json!("3511 ABC"))), [form]);
    let size = value("attachment", &hl7("maxSize"), "valueDecimal", json!(3));
    assert_eq!(
        answered(size.clone(), answer("valueAttachment", json!({ "contentType": "text/plain", "data": "YWJj" }))),
        []
    );
    let large = answer("valueAttachment", json!({ "contentType": "text/plain", "data": "YWJjZA==" }));
    assert_eq!(answered(size, large), [pair("questionnaire-answer-size", at)]);
    let mime = value("attachment", &hl7("mimeType"), "valueCode", json!("image/"));
    assert_eq!(
        answered(mime, answer("valueAttachment", json!({ "contentType": "image/png", "url": "http://x.org" }))),
        []
    );
    let target = value("reference", &hl7("questionnaire-referenceResource"), "valueCode", json!("Patient"));
    assert_eq!(answered(target.clone(), answer("valueReference", json!({ "reference": "Patient/1" }))), []);
    let other = pair("questionnaire-answer-reference-type", &format!("{at}.valueReference"));
    assert_eq!(answered(target, answer("valueReference", json!({ "reference": "Group/1" }))), [other]);
    let shown = json!([{ "linkId": "a", "text": "B" }]);
    let plain = json!([{ "linkId": "a", "type": "string", "text": "A" }]);
    assert_eq!(answered(plain, shown), [pair("questionnaire-item-text", "QuestionnaireResponse.item[0]")]);
}

#[test]
fn an_option_that_excludes_others_stands_alone() {
    let option = |code: &str, alone: bool| {
        let mut option = json!({ "valueCoding": { "system": "http://example.org/o", "code": code } });
        if alone {
            option["extension"] = json!([{
                "url": "http://hl7.org/fhir/StructureDefinition/questionnaire-optionExclusive", "valueBoolean": true }]);
        }
        option
    };
    let questions = json!([{ "linkId": "a", "type": "choice", "repeats": true,
                             "answerOption": [option("x", false), option("y", false), option("none", true)] }]);
    let chosen = |codes: &[&str]| {
        let answers: Vec<Value> =
            codes.iter().map(|c| json!({ "valueCoding": { "system": "http://example.org/o", "code": c } })).collect();
        answered(questions.clone(), json!([{ "linkId": "a", "answer": answers }]))
    };
    assert_eq!(chosen(&["x", "y"]), []);
    assert_eq!(chosen(&["none"]), []);
    let at = "QuestionnaireResponse.item[0].answer[1]";
    assert_eq!(chosen(&["x", "none"]), [pair("questionnaire-answer-exclusive", at)]);
    let outside = chosen(&["z"]);
    assert_eq!(outside, [pair("questionnaire-answer-not-an-option", "QuestionnaireResponse.item[0].answer[0]")]);
}

#[test]
fn an_answer_is_given_as_often_as_the_question_allows() {
    let occurs = |name: &str, times: u64| json!({ "url": format!("http://hl7.org/fhir/StructureDefinition/questionnaire-{name}"), "valueInteger": times });
    let question = json!([{ "linkId": "a", "type": "string", "repeats": true,
        "extension": [occurs("minOccurs", 2), occurs("maxOccurs", 3)] }]);
    let times = |times: usize| json!([{ "linkId": "a", "answer": vec![json!({ "valueString": "x" }); times] }]);
    let at = "QuestionnaireResponse.item[0]";
    assert_eq!(answered(question.clone(), times(1)), [pair("questionnaire-answer-too-few", at)]);
    assert_eq!(answered(question.clone(), times(2)), []);
    assert_eq!(answered(question.clone(), times(3)), []);
    assert_eq!(answered(question, times(4)), [pair("questionnaire-answer-too-many", at)]);
}

#[test]
fn answers_are_held_to_the_version_of_the_questionnaire_that_they_name() {
    let mut form = form(json!([{ "linkId": "a", "type": "string" }]));
    form["version"] = json!("1.0");
    let definitions = Definitions::builder().definitions([form]).open().expect("definitions open");
    let validator = Validator::new(Arc::new(definitions), Options::default());
    let found = |version: &str| {
        let response = json!({ "resourceType": "QuestionnaireResponse", "questionnaire": format!("{URL}{version}"),
            "status": "completed", "item": [{ "linkId": "b" }] });
        validator.validate(&response, &[]).iter().map(|issue| issue.id).collect::<Vec<_>>()
    };
    for right in ["", "|1.0"] {
        assert!(found(right).contains(&"questionnaire-link-id-unknown"), "{right}");
    }
    let other = found("|2.0");
    assert!(other.contains(&"questionnaire-unknown") && !other.contains(&"questionnaire-link-id-unknown"), "{other:?}");
}

#[test]
fn a_condition_on_a_moment_holds_in_any_time_zone() {
    let moment = "2020-01-01T10:00:00Z";
    let found = |operator: &str, given: &str| {
        let questions = json!([
            { "linkId": "a", "type": "dateTime" },
            { "linkId": "b", "type": "string",
              "enableWhen": [{ "question": "a", "operator": operator, "answerDateTime": moment }] },
        ]);
        let answers = json!([
            { "linkId": "a", "answer": [{ "valueDateTime": given }] },
            { "linkId": "b", "answer": [{ "valueString": "x" }] },
        ]);
        answered(questions, answers)
    };
    let not_enabled = vec![pair("questionnaire-item-not-enabled", "QuestionnaireResponse.item[1]")];
    assert_eq!(found("=", "2020-01-01T11:00:00+01:00"), []);
    assert_eq!(found("!=", "2020-01-01T11:00:00+01:00"), not_enabled);
    assert_eq!(found(">", "2020-01-01T11:00:00+01:00"), not_enabled);
    assert_eq!(found(">", "2020-01-01T10:30:00Z"), []);
    assert_eq!(found("=", "2020-01-01T11:00:00Z"), not_enabled);
}
