//! What a message tells: the codes, names and places that mending takes, in both languages.

use std::sync::Arc;

use overdracht::fhir::definitions::Definitions;
use overdracht::validator::{CodeServer, Language, Membership, Options, Question, Validator};
use serde_json::{Value, json};

use crate::rules::knowing;
use crate::validator;

/// Identifier and text of each issue.
fn told(validator: &Validator, resource: &Value) -> Vec<(String, String)> {
    validator.validate(resource, &[]).into_iter().map(|i| (i.id.to_owned(), i.text)).collect()
}

fn text_of(validator: &Validator, resource: &Value, id: &str) -> String {
    let all = told(validator, resource);
    all.iter().find(|(found, _)| found == id).unwrap_or_else(|| panic!("no {id}: {all:?}")).1.clone()
}

fn dutch() -> Validator {
    let definitions = Definitions::builder().open().expect("definitions open");
    Validator::new(Arc::new(definitions), Options { language: Language::Dutch, ..Options::default() })
}

#[test]
fn a_small_value_set_and_a_right_display_are_told() {
    let patient = json!({ "resourceType": "Patient", "gender": "man" });
    let text = text_of(validator(), &patient, "binding-code-not-in-value-set");
    assert!(text.ends_with("Its codes: female, male, other, unknown."), "{text}");
    let language =
        json!({ "resourceType": "Basic", "code": { "text": "x" }, "text": { "status": "fine", "div": "x" } });
    assert!(text_of(validator(), &language, "binding-code-not-in-value-set").contains("additional, empty"));
    let coding = json!({ "system": "http://terminology.hl7.org/CodeSystem/condition-clinical", "code": "active", "display": "x" });
    let condition =
        json!({ "resourceType": "Condition", "subject": { "display": "x" }, "clinicalStatus": { "coding": [coding] } });
    assert!(text_of(validator(), &condition, "code-wrong-display").contains("\"Active\""));
}

#[test]
fn an_extension_at_the_wrong_place_is_named() {
    let url = "http://hl7.org/fhir/StructureDefinition/iso21090-ADXP-streetName";
    let patient = json!({ "resourceType": "Patient", "extension": [{ "url": url, "valueString": "x" }] });
    assert!(text_of(validator(), &patient, "extension-not-allowed-here").contains(url));
    assert!(text_of(&dutch(), &patient, "extension-not-allowed-here").contains(url));
}

#[test]
fn a_wanted_value_is_shown_with_its_code_and_a_cut_is_seen() {
    let url = "http://example.com/StructureDefinition/own";
    let wanting = |pattern: Value| {
        knowing(&[json!({ "resourceType": "StructureDefinition", "url": url, "name": "Own", "status": "draft",
            "kind": "resource", "abstract": false, "type": "Basic", "derivation": "constraint",
            "baseDefinition": "http://hl7.org/fhir/StructureDefinition/Basic",
            "differential": { "element": [{ "id": "Basic.code", "path": "Basic.code", "patternCodeableConcept": pattern }] } })])
    };
    let basic = json!({ "resourceType": "Basic", "meta": { "profile": [url] }, "code": { "text": "x" } });
    let coding = json!([{ "system": "http://terminology.hl7.org/CodeSystem/consentscope", "code": "treatment" }]);
    let text = text_of(&wanting(json!({ "coding": coding })), &basic, "value-not-pattern");
    assert!(text.contains("\"code\":\"treatment\"}]"), "{text}");
    let text = text_of(&wanting(json!({ "text": "long ".repeat(60) })), &basic, "value-not-pattern");
    assert!(text.contains('…') && text.chars().count() < 260, "{text}");
    let long = json!({ "resourceType": "Patient", "id": "x".repeat(65) });
    let all = told(validator(), &long);
    assert!(all.iter().all(|(_, text)| !text.contains("a id ")), "{all:?}");
}

#[test]
fn dutch_is_dutch() {
    for (resource, id) in [
        (json!({ "resourceType": "Patient", "active": "true" }), "structure-wrong-json-type"),
        (json!({ "resourceType": "Patient", "birthDate": 1 }), "structure-wrong-json-type"),
        (json!({ "resourceType": "Patient", "multipleBirthInteger": "1" }), "structure-wrong-json-type"),
        (json!({ "resourceType": "Patient", "gender": ["male"] }), "structure-expected-single"),
        (json!({ "resourceType": "Patient", "telecom": {} }), "structure-expected-array"),
    ] {
        let text = text_of(&dutch(), &resource, id);
        for english in [" a ", " number", " string", " boolean", "herhaalt"] {
            assert!(!text.contains(english), "{text}");
        }
    }
    assert_eq!(told(validator(), &json!({ "resourceType": "Patient", "telecom": null }))[0].0, "structure-null");
}

#[test]
fn a_leftover_of_another_version_is_named_and_hides_nothing_in_a_resource_of_an_r4_profile() {
    let url = "http://example.com/StructureDefinition/own";
    let profile = json!({ "resourceType": "StructureDefinition", "url": url, "name": "Own", "status": "draft",
        "kind": "resource", "abstract": false, "type": "Observation", "derivation": "constraint",
        "baseDefinition": "http://hl7.org/fhir/StructureDefinition/Observation",
        "differential": { "element": [{ "id": "Observation", "path": "Observation" }] } });
    let validator = knowing(&[profile]);
    let of = |profile: &str| {
        json!({ "resourceType": "Observation", "meta": { "profile": [profile] }, "status": "x", "code": { "text": "x" },
                "comment": "x" })
    };
    let ids = |resource: &Value| {
        let refusing = validator.validate(resource, &[]).into_iter().filter(|i| i.severity.refuses());
        refusing.map(|i| i.id).collect::<Vec<_>>()
    };
    assert_eq!(ids(&of(url)), ["binding-code-not-in-value-set", "structure-unknown-property"]);
    assert!(
        text_of(&validator, &of(url), "structure-unknown-property").contains("`comment` is an element of FHIR 3.0")
    );
    for other in ["http://hl7.org/fhir/StructureDefinition/Observation", "http://example.com/StructureDefinition/none"]
    {
        assert_eq!(ids(&of(other)), ["structure-other-fhir-version"], "{other}");
        assert!(text_of(&validator, &of(other), "structure-other-fhir-version").contains("`comment`"));
    }
    let mut two = of(url);
    two["context"] = json!({ "display": "x" });
    assert_eq!(ids(&two), ["structure-other-fhir-version"]);
}

#[test]
fn an_unknown_property_has_its_own_place_in_both_forms() {
    let json = "{\"resourceType\": \"Patient\",\n \"name\": [{\n  \"family\": \"x\",\n  \"voornaam\": \"y\" }] }";
    let xml = "<Patient xmlns=\"http://hl7.org/fhir\">\n<name>\n<family value=\"x\"/>\n  <voornaam value=\"y\"/></name></Patient>";
    for text in [json, xml] {
        let issues = validator().validate_text(text, &[]);
        let unknown = issues.iter().find(|i| i.id == "structure-unknown-property").expect("it is told");
        assert_eq!((unknown.at.as_deref(), unknown.position), (Some("Patient.name[0]"), Some((4, 3))), "{text}");
    }
}

#[test]
fn the_nearest_item_is_none_that_is_in_another_slice_and_a_missing_slice_is_told_once() {
    let component = |code: &str| {
        json!({ "code": { "coding": [{ "system": "http://loinc.org", "code": code }] },
        "valueQuantity": { "value": 1, "unit": "x", "system": "http://unitsofmeasure.org", "code": "mm[Hg]" } })
    };
    let of = |second: &str| {
        json!({ "resourceType": "Observation", "status": "final", "subject": { "display": "x" }, "effectiveDateTime": "2020-01-01",
        "category": [{ "coding": [{ "system": "http://terminology.hl7.org/CodeSystem/observation-category", "code": "vital-signs" }] }],
        "code": { "coding": [{ "system": "http://loinc.org", "code": "85354-9" }] },
        "component": [component("8480-6"), component(second)] })
    };
    let missing = |resource: &Value| {
        let all = told(validator(), resource).into_iter();
        all.filter(|(id, _)| id == "slice-too-few").map(|(_, text)| text).collect::<Vec<_>>()
    };
    assert_eq!(missing(&of("8462-4")), Vec::<String>::new());
    let texts = missing(&of("8462-5"));
    assert_eq!(texts.len(), 1, "{texts:?}");
    assert!(texts[0].contains("Nearest is component[1]"), "{texts:?}");
}

#[test]
fn a_narrative_that_is_no_xhtml_says_why() {
    for (inner, english, dutch_words) in
        [("a & b", "&amp;", "&amp;"), ("<p>a", "end tag", "eindtag"), ("<p a=b>a</p>", "attributes", "attributen")]
    {
        let div = format!("<div xmlns=\"http://www.w3.org/1999/xhtml\">{inner}</div>");
        let patient = json!({ "resourceType": "Patient", "text": { "status": "generated", "div": div } });
        let text = text_of(validator(), &patient, "narrative-malformed");
        assert!(text.contains(english), "{text}");
        assert!(text_of(&dutch(), &patient, "narrative-malformed").contains(dutch_words));
    }
}

#[test]
fn a_transaction_that_a_server_would_refuse_or_put_elsewhere_is_warned_of() {
    let uuid = "urn:uuid:00000000-0000-4000-8000-000000000001";
    let ids = |method: &str, url: &str, resource: Option<Value>| {
        let mut entry = json!({ "fullUrl": uuid, "request": { "method": method, "url": url } });
        if let Some(resource) = resource {
            entry["resource"] = resource;
        }
        let bundle = json!({ "resourceType": "Bundle", "type": "transaction", "entry": [entry] });
        let issues = validator().validate(&bundle, &[]).into_iter();
        let warned = issues.filter(|i| i.id.starts_with("bundle-request") || i.id == "reference-not-in-transaction");
        warned.map(|i| (i.id, i.severity.as_str(), i.at.unwrap_or_default())).collect::<Vec<_>>()
    };
    let patient = || Some(json!({ "resourceType": "Patient", "id": "p", "active": true }));
    for (method, url) in [
        ("POST", "Patient"),
        ("PUT", "Patient/p"),
        ("PUT", "Patient?identifier=http://example.com|1"),
        ("POST", "Patient/$validate"),
        ("PUT", "http://example.com/fhir/Patient/q"),
    ] {
        assert_eq!(ids(method, url, patient()), [], "{method} {url}");
    }
    assert_eq!(ids("DELETE", "Patient/p", None), []);
    assert_eq!(ids("POST", "Patient/_search?name=x", None), []);
    let one = |id: &'static str, at: &str| vec![(id, "warning", format!("Bundle.entry[0]{at}"))];
    assert_eq!(ids("POST", "Patient", None), one("bundle-request-without-resource", ""));
    assert_eq!(ids("PUT", "Patient", patient()), one("bundle-request-without-id", ".request"));
    assert_eq!(ids("PUT", "Patient/q", patient()), one("bundle-request-other-id", ".resource"));
    assert_eq!(ids("POST", "Person", patient()), one("bundle-request-other-type", ".request"));
    let refers = |to: &str| {
        Some(json!({ "resourceType": "Patient", "link": [{ "other": { "reference": to }, "type": "refer" }] }))
    };
    assert_eq!(ids("POST", "Patient", refers(uuid)), []);
    let stray = refers("urn:uuid:00000000-0000-4000-8000-000000000002");
    assert_eq!(ids("POST", "Patient", stray), one("reference-not-in-transaction", ".resource.link[0].other"));
}

#[test]
fn a_value_set_that_is_not_here_is_told_apart_and_decides_no_slice() {
    let absent = "http://example.com/ValueSet/gone";
    let of = |name: &str, system: Value| {
        json!({ "resourceType": "StructureDefinition", "url": format!("http://example.com/StructureDefinition/{name}"),
            "name": "X", "status": "draft", "kind": "complex-type", "abstract": false, "type": "ContactPoint",
            "derivation": "constraint", "baseDefinition": "http://hl7.org/fhir/StructureDefinition/ContactPoint",
            "differential": { "element": [{ "id": "ContactPoint", "path": "ContactPoint" }, system] } })
    };
    let phone = json!({ "id": "ContactPoint.system", "path": "ContactPoint.system",
                        "binding": { "strength": "required", "valueSet": absent } });
    let email = json!({ "id": "ContactPoint.system", "path": "ContactPoint.system", "min": 1, "patternCode": "email" });
    let slice = |name: &str| {
        json!({ "id": format!("Patient.telecom:{name}"), "path": "Patient.telecom", "sliceName": name,
        "type": [{ "code": "ContactPoint", "profile": [format!("http://example.com/StructureDefinition/{name}")] }] })
    };
    let url = "http://example.com/StructureDefinition/patient";
    let patient = json!({ "resourceType": "StructureDefinition", "url": url, "name": "X", "status": "draft",
        "kind": "resource", "abstract": false, "type": "Patient", "derivation": "constraint",
        "baseDefinition": "http://hl7.org/fhir/StructureDefinition/Patient",
        "differential": { "element": [{ "id": "Patient", "path": "Patient" },
            { "id": "Patient.telecom", "path": "Patient.telecom",
              "slicing": { "discriminator": [{ "type": "profile", "path": "$this" }], "rules": "open" } },
            slice("phone"), slice("email")] } });
    let validator = knowing(&[of("phone", phone), of("email", email), patient]);
    let with = |system: &str| {
        json!({ "resourceType": "Patient", "meta": { "profile": [url] },
                                      "telecom": [{ "system": system, "value": "x" }] })
    };
    assert_eq!(crate::rules::errors(&validator, &with("email")), []);
    assert_eq!(crate::rules::errors(&validator, &with("phone")), []);
    let text = text_of(&validator, &with("phone"), "slice-unchecked");
    assert!(text.contains("`phone`") && text.contains(absent), "{text}");
    let direct = json!({ "resourceType": "StructureDefinition", "url": "http://example.com/StructureDefinition/direct",
        "name": "X", "status": "draft", "kind": "resource", "abstract": false, "type": "Patient",
        "derivation": "constraint", "baseDefinition": "http://hl7.org/fhir/StructureDefinition/Patient",
        "differential": { "element": [{ "id": "Patient.maritalStatus", "path": "Patient.maritalStatus",
            "binding": { "strength": "required", "valueSet": absent } }] } });
    let married = json!({ "resourceType": "Patient", "meta": { "profile": ["http://example.com/StructureDefinition/direct"] },
        "maritalStatus": { "coding": [{ "system": "http://example.com/cs", "code": "x" }] } });
    let text = text_of(&knowing(&[direct]), &married, "binding-unchecked");
    assert!(text.starts_with(&format!("Value set {absent} is not here")), "{text}");
}

struct Dead;

impl CodeServer for Dead {
    fn validate_code(&self, _: &Question<'_>) -> Membership {
        Membership::Unknown
    }

    fn is_silent(&self) -> bool {
        true
    }
}

#[test]
fn a_terminology_server_that_does_not_answer_is_told_of_once() {
    let asked = |url: &str, path: &str| json!({ "id": path, "path": path, "binding": { "strength": "required", "valueSet": url } });
    let url = "http://example.com/StructureDefinition/own";
    let profile = json!({ "resourceType": "StructureDefinition", "url": url, "name": "X", "status": "draft",
        "kind": "resource", "abstract": false, "type": "Procedure", "derivation": "constraint",
        "baseDefinition": "http://hl7.org/fhir/StructureDefinition/Procedure",
        "differential": { "element": [asked("http://example.com/ValueSet/a", "Procedure.statusReason"),
                                      asked("http://example.com/ValueSet/b", "Procedure.code")] } });
    let codes = json!({ "coding": [{ "system": "http://snomed.info/sct", "code": "1" }] });
    let procedure = json!({ "resourceType": "Procedure", "meta": { "profile": [url] }, "status": "completed",
        "subject": { "display": "x" }, "statusReason": codes, "code": codes });
    let silent = |of: &Validator| told(of, &procedure).iter().filter(|(id, _)| id == "terminology-no-answer").count();
    let definitions = || Definitions::builder().definitions([profile.clone()]).open().expect("definitions open");
    let asking = Validator::new(Arc::new(definitions()), Options::default()).with_terminology(Arc::new(Dead));
    assert_eq!(silent(&asking), 1);
    assert_eq!(silent(&knowing(std::slice::from_ref(&profile))), 0);
}
