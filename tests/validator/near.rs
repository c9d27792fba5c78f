//! What lies next to a rule and looks like what it refuses, or like what it lets through.

use std::sync::Arc;

use overdracht::fhir::definitions::Definitions;
use overdracht::validator::{Language, Options, Validator};
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
fn what_html_has_and_others_refuse_in_a_narrative_is_told() {
    let at = "Patient.text.div".to_owned();
    for unusual in
        ["<ol start=\"2\"><li>x</li></ol>", "<ol type=\"a\"><li>x</li></ol>", "<p>x<br/></p><hr size=\"1\"/>"]
    {
        assert_eq!(told(&narrative(unusual)), [("warning", "narrative-attribute-unusual", at.clone())], "{unusual}");
    }
    for wrong in ["<ul start=\"2\"><li>x</li></ul>", "<p onclick=\"x\">x</p>"] {
        assert_eq!(told(&narrative(wrong))[0], ("error", "narrative-attribute-not-allowed", at.clone()), "{wrong}");
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

/// What is found of each severity but information, with its place.
fn told(resource: &Value) -> Vec<(&'static str, &'static str, String)> {
    let issues = validator().validate(resource, &[]);
    let told = issues.into_iter().filter(|i| i.severity.as_str() != "information" && i.id != "constraint-warning");
    told.map(|i| (i.severity.as_str(), i.id, i.at.unwrap_or_default())).collect()
}

#[test]
fn what_a_batch_refers_to_without_a_base_is_up_to_the_server() {
    let of = |kind: &str, to: &str| {
        let entry = json!({ "resource": observation(json!({ "subject": { "reference": to } })),
            "request": { "method": "POST", "url": "Observation" } });
        json!({ "resourceType": "Bundle", "type": kind, "entry": [entry] })
    };
    let warned = vec![("warning", "reference-without-base", "Bundle.entry[0].resource.subject".to_owned())];
    for kind in ["batch", "transaction"] {
        assert_eq!(told(&of(kind, "Patient/1")), warned, "{kind}");
        for to in ["Patient?identifier=http://example.org|YQ==", "http://example.org/fhir/Patient/1"] {
            assert_eq!(told(&of(kind, to)), [], "{kind} {to}");
        }
    }
}

#[test]
fn the_system_of_an_identifier_is_absolute_and_of_a_usual_kind() {
    let of =
        |system: &str| told(&json!({ "resourceType": "Patient", "identifier": [{ "system": system, "value": "1" }] }));
    let at = || "Patient.identifier[0]".to_owned();
    for usual in ["http://example.org/n", "HTTP://example.org/n", "URN:oid:2.16.840.1", "ldap://example.org"] {
        assert_eq!(of(usual), [], "{usual}");
    }
    for unusual in ["tag:example.org,2020:n", "did:example:1", "info:n", "ftp://example.org/n", "mailto:a@example.org"]
    {
        assert_eq!(of(unusual), [("warning", "identifier-system-scheme", at())], "{unusual}");
    }
    assert_eq!(of("numbers"), [("error", "identifier-system-relative", at())]);
}

#[test]
fn a_uuid_and_a_version_are_told_and_an_unknown_part_is_refused() {
    let uuid = "c757873d-ec9a-4326-a141-556f43239520";
    let identifier = json!({ "system": "https://tools.ietf.org/html/rfc4122", "value": uuid });
    let at = "Patient.identifier[0]".to_owned();
    assert_eq!(
        told(&json!({ "resourceType": "Patient", "identifier": [identifier] })),
        [("warning", "identifier-uuid-system", at)]
    );
    let coding = json!({ "system": "http://hl7.org/fhir/administrative-gender", "version": "2019", "code": "none" });
    let issues = validator().validate(&observation(json!({ "method": { "coding": [coding] } })), &[]);
    assert!(issues.iter().any(|i| i.id == "code-version-unchecked" && !i.severity.refuses()), "{issues:?}");
    let part = json!({ "url": "zzz", "valueString": "x" });
    let code = json!({ "url": "code", "valueCodeableConcept": { "text": "x" } });
    let of = |parts: Value| {
        found(
            &json!({ "resourceType": "Patient", "extension": [{ "url": format!("{CORE}/patient-citizenship"), "extension": parts }] }),
        )
    };
    assert_eq!(of(json!([code])), []);
    assert_eq!(of(json!([code, part])), [pair("extension-part-unknown", "Patient.extension[0].extension[1]")]);
}

#[test]
fn a_report_that_is_not_complete_may_lack_groups() {
    let url = "http://example.org/Measure/m";
    let coded = |code: &str| json!({ "coding": [{ "system": "http://terminology.hl7.org/CodeSystem/measure-population", "code": code }] });
    let criteria = json!({ "language": "text/x", "expression": "x" });
    let population = json!({ "code": coded("numerator"), "criteria": criteria });
    let scoring = json!({ "coding": [{ "system": "http://terminology.hl7.org/CodeSystem/measure-scoring", "code": "proportion" }] });
    let measure = json!({ "resourceType": "Measure", "url": url, "status": "draft", "scoring": scoring, "group": [{ "population": [population] }] });
    let validator = knowing(&[measure]);
    let of = |status: &str, group: Value| {
        let mut report = json!({ "resourceType": "MeasureReport", "status": status, "type": "summary", "measure": url,
            "period": { "start": "2020" } });
        if !group.is_null() {
            report["group"] = json!([group]);
        }
        errors(&validator, &report)
    };
    let group = json!({ "population": [{ "code": coded("numerator"), "count": 1 }] });
    for status in ["pending", "error"] {
        assert_eq!(of(status, json!(null)), [], "{status}");
        assert_eq!(of(status, group.clone()), [], "{status}");
    }
    assert_eq!(of("complete", json!(null)), [pair("measure-group-missing", "MeasureReport")]);
    assert_eq!(of("complete", group)[0].0, "measure-score-missing");
}

#[test]
fn no_message_repeats_what_could_be_the_number_of_a_patient() {
    let number = "123456782";
    let resource = json!({ "resourceType": "Patient", number: [{ "id": "a" }, { "id": "a" }], "name": [{ number: "x" }],
        "p123456782": 1, "Naam": 1 });
    let issues = validator().validate(&resource, &[]);
    assert!(issues.iter().any(|i| i.id == "structure-unknown-property"));
    assert!(issues.iter().any(|i| i.text.contains("`Naam`")), "{issues:?}");
    for issue in issues {
        assert!(!issue.text.contains(number) && !issue.at.unwrap_or_default().contains(number), "{}", issue.text);
    }
}

#[test]
fn an_id_beside_a_primitive_is_told_at_the_primitive() {
    let name = json!({ "given": ["A", "B"], "_given": [{ "id": "q" }, { "id": "q" }] });
    let patient = json!({ "resourceType": "Patient", "name": [name] });
    assert_eq!(found(&patient), [pair("id-duplicate", "Patient.name[0].given[1]")]);
}

#[test]
fn each_item_of_a_form_is_told_by_its_link() {
    let asked = json!([
        { "linkId": "a", "type": "string", "required": true }, { "linkId": "b", "type": "string", "required": true },
        { "linkId": "c", "type": "string" }, { "linkId": "d e", "type": "string", "required": true },
    ]);
    let url = "http://example.org/Questionnaire/q";
    let form = json!({ "resourceType": "Questionnaire", "url": url, "status": "active", "item": asked });
    let item = |link: &str| json!({ "linkId": link, "answer": [{ "valueString": "x" }] });
    let response = json!({ "resourceType": "QuestionnaireResponse", "questionnaire": url, "status": "completed",
        "item": [item("c"), item("c"), item("x"), item("y"), item("123456782")] });
    for (language, wanted) in [
        (
            Language::English,
            [
                "The questionnaire has no item with linkId `x`.",
                "The questionnaire has no item with linkId `y`.",
                "The questionnaire has no item with linkId `…`.",
                "The required item `a` has no answer.",
                "The required item `b` has no answer.",
                "Item `c` may be answered once.",
                "The required item `…` has no answer.",
            ],
        ),
        (
            Language::Dutch,
            [
                "De vragenlijst heeft geen item met linkId `x`.",
                "De vragenlijst heeft geen item met linkId `y`.",
                "De vragenlijst heeft geen item met linkId `…`.",
                "Het verplichte item `a` heeft geen antwoord.",
                "Het verplichte item `b` heeft geen antwoord.",
                "Item `c` mag één keer beantwoord worden.",
                "Het verplichte item `…` heeft geen antwoord.",
            ],
        ),
    ] {
        let definitions = Definitions::builder().definitions([form.clone()]).open().expect("definitions open");
        let validator = Validator::new(Arc::new(definitions), Options { language, ..Options::default() });
        let refused = validator.validate(&response, &[]).into_iter().filter(|i| i.severity.refuses());
        assert_eq!(refused.map(|i| i.text).collect::<Vec<_>>(), wanted);
    }
}

#[test]
fn an_item_may_be_asked_in_a_language_that_its_questionnaire_has() {
    let translation = json!({ "url": format!("{CORE}/translation"), "extension": [
        { "url": "lang", "valueCode": "nl" }, { "url": "content", "valueString": "Naam" }] });
    let asked = json!([{ "linkId": "a", "type": "string", "text": "Name", "_text": { "extension": [translation] } }]);
    let given = |text: &str| json!([{ "linkId": "a", "text": text, "answer": [{ "valueString": "x" }] }]);
    for text in ["Name", "Naam"] {
        assert_eq!(answered(asked.clone(), given(text)), [], "{text}");
    }
    let refused = pair("questionnaire-item-text", "QuestionnaireResponse.item[0]");
    assert_eq!(answered(asked, given("Nom")), [refused]);
}

#[test]
fn why_a_criterion_is_not_found_is_told_in_one_language() {
    let criteria = json!({ "language": "text/cql.identifier", "expression": "x" });
    let measure = json!({ "resourceType": "Measure", "status": "draft", "group": [{ "stratifier": [{ "criteria": criteria }] }] });
    let definitions = Definitions::builder().open().expect("definitions open");
    let options = Options { language: Language::Dutch, ..Options::default() };
    let issues = Validator::new(Arc::new(definitions), options).validate(&measure, &[]);
    let texts: Vec<_> = issues.into_iter().filter(|i| i.id == "measure-criteria").map(|i| i.text).collect();
    assert_eq!(texts, ["Dit criterium is niet te vinden: de meting noemt geen bibliotheek."]);
}

#[test]
fn hl7s_own_profiles_may_be_asked_for_with_the_version() {
    let patient = json!({ "resourceType": "Patient" });
    assert!(validator().is_valid(&patient, &["http://hl7.org/fhir/4.0/StructureDefinition/Patient"]));
    assert!(!validator().is_valid(&patient, &["http://hl7.org/fhir/4.0/StructureDefinition/None"]));
}
