//! What lies next to a rule and looks like what it refuses, or like what it lets through.

use serde_json::{Value, json};

use crate::rules::{errors, found, knowing, pair};
use crate::validator;

const CORE: &str = "http://hl7.org/fhir/StructureDefinition";
const BASE: &str = "http://example.org/fhir";

fn table(rows: Vec<(Value, &[(&str, &str)])>) {
    for (resource, wanted) in rows {
        let wanted: Vec<_> = wanted.iter().map(|(id, at)| pair(id, at)).collect();
        assert_eq!(found(&resource), wanted, "{resource}");
    }
}

fn observation(part: Value) -> Value {
    let mut made = json!({ "resourceType": "Observation", "status": "final", "code": { "text": "x" } });
    made.as_object_mut().expect("an object").extend(part.as_object().expect("an object").clone());
    made
}

/// A profile with these elements, each by its path and what it says.
fn profile(name: &str, of_type: &str, elements: Vec<Value>) -> Value {
    json!({
        "resourceType": "StructureDefinition", "url": format!("http://example.org/{name}"), "name": "P", "status": "draft",
        "kind": "resource", "abstract": false, "type": of_type, "derivation": "constraint", "fhirVersion": "4.0.1",
        "baseDefinition": format!("{CORE}/{of_type}"), "differential": { "element": elements },
    })
}

/// A list of which one item is of a profile.
fn sliced(name: &str, path: &str, discriminator: &str, item: Value) -> Value {
    let by = json!({ "discriminator": [{ "type": "profile", "path": discriminator }], "rules": "open" });
    let slice =
        json!({ "id": format!("{path}:a"), "path": path, "sliceName": "a", "min": 1, "max": "1", "type": [item] });
    profile(name, "Observation", vec![json!({ "id": path, "path": path, "slicing": by }), slice])
}

fn with_subject(target: Value) -> Value {
    let mut element = json!({ "id": "Observation.subject", "path": "Observation.subject", "min": 1 });
    if !target.is_null() {
        element["type"] = json!([{ "code": "Reference", "targetProfile": [target] }]);
    }
    element
}

#[test]
fn security_labels_are_the_same_by_their_codes() {
    let of = |labels: Value| json!({ "resourceType": "Patient", "meta": { "security": labels } });
    let coded = json!({ "system": "http://example.org/s", "code": "a" });
    table(vec![
        (of(json!([{ "display": "a" }, { "display": "b" }])), &[]),
        (of(json!([coded, { "system": "http://example.org/t", "code": "a" }])), &[]),
        (of(json!([coded, { "display": "b" }, coded])), &[("security-label-twice", "Patient.meta.security[2]")]),
    ]);
}

#[test]
fn a_slice_by_profile_follows_the_references_of_what_it_is_of() {
    let reference = |to: &str| json!({ "code": "Reference", "targetProfile": [to] });
    let validator = knowing(&[
        profile("about", "Observation", vec![with_subject(json!(null))]),
        profile("active", "Patient", vec![json!({ "id": "Patient.active", "path": "Patient.active", "min": 1 })]),
        profile("about-active", "Observation", vec![with_subject(json!("http://example.org/active"))]),
        sliced("members", "Observation.hasMember", "resolve()", reference("http://example.org/about")),
        sliced("active-members", "Observation.hasMember", "resolve()", reference("http://example.org/about-active")),
        sliced(
            "inner",
            "Observation.contained",
            "$this",
            json!({ "code": "Observation", "profile": ["http://example.org/about"] }),
        ),
    ]);
    let contained = |profile: &str, inner: Value| {
        let mut inner = observation(inner);
        inner["id"] = json!("o");
        errors(
            &validator,
            &observation(json!({
                "meta": { "profile": [format!("http://example.org/{profile}")] },
                "contained": [inner, { "resourceType": "Patient", "id": "p" }],
                "hasMember": [{ "reference": "#o" }], "focus": [{ "reference": "#p" }],
            })),
        )
    };
    for profile in ["members", "inner"] {
        assert_eq!(contained(profile, json!({ "subject": { "reference": "#p" } })), [], "{profile}");
        assert_eq!(contained(profile, json!({}))[0].0, "slice-too-few", "{profile}");
    }
    let bundle = |active: Value| {
        let source = observation(json!({ "meta": { "profile": ["http://example.org/active-members"] },
            "hasMember": [{ "reference": format!("{BASE}/Observation/o") }] }));
        let target = observation(json!({ "id": "o", "subject": { "reference": "Patient/p" } }));
        let mut patient = json!({ "resourceType": "Patient", "id": "p" });
        if !active.is_null() {
            patient["active"] = active;
        }
        // The source goes by no base, so that the target's own must be what completes its reference.
        errors(
            &validator,
            &json!({ "resourceType": "Bundle", "type": "collection", "entry": [
            { "fullUrl": "urn:uuid:00000000-0000-4000-8000-000000000001", "resource": source },
            { "fullUrl": format!("{BASE}/Observation/o"), "resource": target },
            { "fullUrl": format!("{BASE}/Patient/p"), "resource": patient },
        ] }),
        )
    };
    assert_eq!(bundle(json!(true)), []);
    assert_eq!(bundle(json!(null)), [pair("slice-too-few", "Bundle.entry[0].resource")]);
}

/// What refuses answers to a questionnaire.
fn answered(questions: Value, answers: Value) -> Vec<(String, String)> {
    let url = "http://example.org/Questionnaire/q";
    let form = json!({ "resourceType": "Questionnaire", "url": url, "status": "active", "item": questions });
    let response = json!({ "resourceType": "QuestionnaireResponse", "questionnaire": url, "status": "completed", "item": answers });
    errors(&knowing(&[form]), &response)
}

#[test]
fn a_quantity_enables_a_question_by_its_amount() {
    let amount = |value: f64, code: &str| json!({ "value": value, "unit": code, "system": "http://unitsofmeasure.org", "code": code });
    let asked = |operator: &str| {
        json!([{ "linkId": "a", "type": "quantity" }, { "linkId": "b", "type": "string",
            "enableWhen": [{ "question": "a", "operator": operator, "answerQuantity": amount(5.0, "mg") }] }])
    };
    let given = |value: Value| json!([{ "linkId": "a", "answer": [{ "valueQuantity": value }] }, { "linkId": "b", "answer": [{ "valueString": "x" }] }]);
    let refused = pair("questionnaire-item-not-enabled", "QuestionnaireResponse.item[1]");
    for (operator, value, enabled) in [
        ("=", amount(5.0, "mg"), true),
        ("=", amount(0.005, "g"), true),
        ("=", amount(7.0, "mg"), false),
        ("=", amount(5.0, "mL"), false),
        ("!=", amount(7.0, "mg"), true),
        ("!=", amount(5.0, "mg"), false),
    ] {
        let wanted = if enabled { vec![] } else { vec![refused.clone()] };
        assert_eq!(answered(asked(operator), given(value.clone())), wanted, "{operator} {value}");
    }
}

#[test]
fn a_text_that_looks_like_a_moment_enables_a_question_by_its_letters() {
    let asked = |kind: &str, answer: &str| {
        json!([{ "linkId": "a", "type": kind }, { "linkId": "b", "type": "string",
            "enableWhen": [{ "question": "a", "operator": "=", answer: "2020-01-01T10:00:00Z" }] }])
    };
    let given = |answer: &str| {
        json!([{ "linkId": "a", "answer": [{ answer: "2020-01-01T11:00:00+01:00" }] },
               { "linkId": "b", "answer": [{ "valueString": "x" }] }])
    };
    assert_eq!(answered(asked("dateTime", "answerDateTime"), given("valueDateTime")), []);
    let refused = pair("questionnaire-item-not-enabled", "QuestionnaireResponse.item[1]");
    assert_eq!(answered(asked("string", "answerString"), given("valueString")), [refused]);
}

#[test]
fn an_answer_that_names_no_type_of_fhir_is_refused_by_either_way_of_asking() {
    let asked = json!([{ "linkId": "a", "type": "reference" }]);
    let given = |to: &str| json!([{ "linkId": "a", "answer": [{ "valueReference": { "reference": to } }] }]);
    assert_eq!(answered(asked.clone(), given("Patient/1")), []);
    let at = "QuestionnaireResponse.item[0].answer[0].valueReference";
    // Any other reference of this kind is worth a word.
    for to in ["Chicken/1", "http://example.org/Chicken/1"] {
        assert_eq!(answered(asked.clone(), given(to)), [pair("reference-type-unknown", at)], "{to}");
    }
}

#[test]
fn a_number_in_an_url_is_no_version_of_fhir_outside_hl7() {
    let of = |url: &str| json!({ "resourceType": "ValueSet", "url": url, "status": "draft" });
    let other = [("structure-other-fhir-version", "ValueSet")];
    table(vec![
        (of("http://terminology.example.org/1.0/ValueSet/x"), &[]),
        (of("http://example.org/api/3.0/ValueSet/x"), &[]),
        (of("http://hl7.org/fhir/3.0/ValueSet/x"), &other),
        (of("http://example.org/stu3/ValueSet/x"), &other),
    ]);
}

fn entry(url: &str, resource: Value) -> Value {
    json!({ "fullUrl": url, "resource": resource })
}

fn uuid(last: u8) -> String {
    format!("urn:uuid:00000000-0000-4000-8000-00000000000{last}")
}

#[test]
fn a_bundle_within_a_message_is_looked_at_by_its_own_entries() {
    let patient = || json!({ "resourceType": "Patient", "id": "1" });
    let about = || observation(json!({ "id": "2", "subject": { "reference": "Patient/1" } }));
    let inner = json!({ "resourceType": "Bundle", "type": "collection", "entry": [
        entry(&format!("{BASE}/Observation/2"), about()), entry(&format!("{BASE}/Patient/1"), patient()) ] });
    let message = |second: Value| {
        let header = json!({ "resourceType": "MessageHeader", "eventUri": "http://example.org/e",
            "source": { "endpoint": "http://example.org/x" }, "focus": [{ "reference": uuid(2) }] });
        json!({ "resourceType": "Bundle", "type": "message", "entry": [
            entry(&uuid(1), header), entry(&uuid(2), second), entry(&uuid(3), patient()) ] })
    };
    table(vec![
        (inner.clone(), &[]),
        (message(inner), &[]),
        (message(about()), &[("reference-not-in-bundle", "Bundle.entry[1].resource.subject")]),
    ]);
}

#[test]
fn what_an_extension_in_a_section_refers_to_may_be_elsewhere() {
    let document = |section: Value| {
        let composition = json!({ "resourceType": "Composition", "id": "1", "status": "final", "type": { "text": "x" }, "date": "2020",
            "title": "x", "author": [{ "display": "x" }], "section": [section] });
        json!({ "resourceType": "Bundle", "type": "document", "timestamp": "2020-01-01T10:00:00Z",
            "identifier": { "system": "http://example.org/b", "value": "1" }, "entry": [entry(&format!("{BASE}/Composition/1"), composition)] })
    };
    let elsewhere = json!({ "reference": "Patient/99" });
    let extension = json!([{ "url": "http://example.org/x", "valueReference": elsewhere }]);
    let text = json!({ "status": "generated", "div": "<div xmlns=\"http://www.w3.org/1999/xhtml\">x</div>" });
    table(vec![
        (document(json!({ "text": text, "extension": extension })), &[]),
        (
            document(json!({ "text": text, "entry": [elsewhere] })),
            &[("reference-not-in-bundle", "Bundle.entry[0].resource.section[0].entry[0]")],
        ),
    ]);
}

fn narrative(inner: &str) -> Value {
    let div = format!("<div xmlns=\"http://www.w3.org/1999/xhtml\">{inner}</div>");
    json!({ "resourceType": "Patient", "text": { "status": "generated", "div": div } })
}

#[test]
fn no_address_in_a_narrative_runs_however_it_is_written() {
    let at = "Patient.text.div";
    for script in [
        "<a href=\"javascript:x\">y</a>",
        "<a href=\"java&#115;cript:x\">y</a>",
        "<a href=\"JavaScript&#58;x\">y</a>",
        "<a href=\"&#x9;javascript:x\">y</a>",
        "<a href=\"java&#10;script:x\">y</a>",
        "<img src=\"javascript&#58;x\" alt=\"y\"/>",
        "<map name=\"m\"><area href=\"javascript:x\" alt=\"y\"/></map>y",
        "<q cite=\"vbscript:x\">y</q>",
        "<blockquote cite=\"javascript:x\">y</blockquote>",
        "<img longdesc=\"javascript:x\" alt=\"y\" src=\"z\"/>",
    ] {
        assert_eq!(found(&narrative(script)), [pair("narrative-attribute-not-allowed", at)], "{script}");
    }
    for plain in [
        "<a href=\"http://example.org?a=1&amp;b=2\">y</a>",
        "<a href=\"http://example.org/javascript:x\">y</a>",
        "<q cite=\"x\">y</q>",
        "<a href=\"#a&#98;\">x</a><p id=\"ab\">y</p>",
    ] {
        assert_eq!(found(&narrative(plain)), [], "{plain}");
    }
}

#[test]
fn what_is_no_xml_in_a_narrative_is_refused_or_told() {
    let at = "Patient.text.div";
    let told = |inner: &str| {
        let issues = validator().validate(&narrative(inner), &[]);
        let mut told = issues.into_iter().filter(|i| i.id == "narrative-malformed");
        told.next().map(|i| (i.severity.as_str(), i.at.unwrap_or_default()))
    };
    let (refused, warned) = (Some(("error", at.to_owned())), Some(("warning", at.to_owned())));
    for (inner, wanted) in [
        ("<p title=\"a &lt; b &amp; c\">x</p>", None),
        ("<p title=\"a > b\">&#160;x &#x1F600;</p>", None),
        ("<p title=\"a & b\">x</p>", refused.clone()),
        ("<p title=\"a&nbsp;b\">x</p>", refused.clone()),
        ("<a href=\"http://example.org?a=1&b=2\">x</a>", refused.clone()),
        ("x&nbsp;y", refused),
        ("<p title=\"a < b\">x</p>", warned.clone()),
        ("x&#0;", warned.clone()),
        ("x&#xyz;", warned.clone()),
        ("<p title=\"&#8;\">x</p>", warned),
    ] {
        assert_eq!(told(inner), wanted, "{inner}");
    }
}

#[test]
fn a_signature_is_timed_to_the_second() {
    // {"alg":"RS256","iat":1577872800}, which is 2020-01-01T10:00:00Z.
    let data = "ZXlKaGJHY2lPaUpTVXpJMU5pSXNJbWxoZENJNk1UVTNOemczTWpnd01IMC4ueA==";
    let of = |when: &str| {
        json!({ "resourceType": "Bundle", "type": "collection", "signature": { "type": [{ "code": "x" }], "when": when,
            "who": { "display": "x" }, "sigFormat": "application/jose", "data": data } })
    };
    table(vec![
        (of("2020-01-01T10:00:00Z"), &[]),
        (of("2020-01-01T11:00:00.500+01:00"), &[]),
        (of("2020-01-01T10:00:01Z"), &[("signature-time", "Bundle")]),
    ]);
}
