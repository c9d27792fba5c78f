//! One case for each rule that stands apart from profiles: what breaks it is found, and what nearly does is let through.

use std::sync::Arc;

use overdracht::fhir::definitions::Definitions;
use overdracht::validator::{Options, Validator};
use serde_json::{Value, json};

use crate::validator;

/// What refuses a resource, with its place.
pub fn errors(validator: &Validator, resource: &Value) -> Vec<(String, String)> {
    let issues = validator.validate(resource, &[]);
    assert_eq!(validator.is_valid(resource, &[]), !issues.iter().any(|i| i.severity.refuses()), "{resource}");
    let refusing = issues.into_iter().filter(|i| i.severity.refuses());
    refusing.map(|i| (i.id.to_owned(), i.at.unwrap_or_default())).collect()
}

pub fn found(resource: &Value) -> Vec<(String, String)> {
    errors(validator(), resource)
}

pub fn pair(id: &str, at: &str) -> (String, String) {
    (id.to_owned(), at.to_owned())
}

/// A validator that also knows these definitions.
pub fn knowing(definitions: &[Value]) -> Validator {
    let definitions = Definitions::builder().definitions(definitions.iter().cloned()).open().expect("definitions open");
    Validator::new(Arc::new(definitions), Options::default())
}

#[test]
fn uris_are_written_with_their_scheme_and_canonicals_in_full() {
    let of = |canonical: &str, source: &str| {
        json!({ "resourceType": "Basic", "code": { "text": "x" },
                "meta": { "profile": [canonical], "source": source } })
    };
    assert_eq!(found(&of("http://example.org/p|1", "urn:oid:2.16.840.1")), []);
    let at = "Basic.meta.profile[0]";
    assert_eq!(found(&of("StructureDefinition/p", "urn:x:y")), [pair("value-not-absolute", at)]);
    assert_eq!(found(&of("http://example.org/p", "oid:2.16.840.1")), [pair("value-uri-scheme", "Basic.meta.source")]);
    let library = json!({ "resourceType": "Library", "status": "draft", "type": { "text": "x" }, "url": "Library/1" });
    assert_eq!(found(&library), [pair("value-not-absolute", "Library.url")]);
}

#[test]
fn identifiers_and_attachments_agree_with_themselves() {
    let identifier = |system: &str, value: &str| json!({ "resourceType": "Patient", "identifier": [{ "system": system, "value": value }] });
    let at = "Patient.identifier[0]";
    assert_eq!(found(&identifier("numbers", "1")), [pair("identifier-system-relative", at)]);
    assert_eq!(found(&identifier("urn:ietf:rfc:3986", "1")), [pair("identifier-value-not-uri", at)]);
    assert_eq!(found(&identifier("urn:ietf:rfc:3986", "urn:oid:2.16.840.1")), []);
    let photo = |size: u64| json!({ "resourceType": "Patient", "photo": [{ "contentType": "image/png", "data": "YWJjZA==", "size": size }] });
    assert_eq!(found(&photo(4)), []);
    assert_eq!(found(&photo(3)), [pair("attachment-size", "Patient.photo[0]")]);
}

#[test]
fn a_reference_has_the_form_of_one() {
    let of = |reference: &str| json!({ "resourceType": "Patient", "managingOrganization": { "reference": reference } });
    let at = "Patient.managingOrganization";
    for right in [
        "Organization/1",
        "Organization?identifier=http://x.org|1&active=true",
        "urn:uuid:c757873d-ec9a-4326-a141-556f43239520",
    ] {
        assert_eq!(found(&of(right)), [], "{right}");
    }
    for wrong in ["Organization/a b", "Organization?identifier", "Organization?=1"] {
        assert!(found(&of(wrong)).contains(&pair("reference-form", at)), "{wrong}");
    }
}

#[test]
fn a_narrative_nests_as_html_does_and_its_links_lead_somewhere() {
    let of = |inner: &str| {
        let div = format!("<div xmlns=\"http://www.w3.org/1999/xhtml\">{inner}</div>");
        json!({ "resourceType": "Patient", "id": "p", "text": { "status": "generated", "div": div },
                "name": [{ "id": "n", "text": "x" }] })
    };
    let at = "Patient.text.div";
    for right in [
        "<p>a</p><div>b</div>",
        "<a href=\"#n\">a</a>",
        "<p><b>a</b></p><ul><li>b</li></ul>",
        "<a name=\"x\">a</a><a href=\"#x\">b</a>",
    ] {
        assert_eq!(found(&of(right)), [], "{right}");
    }
    assert_eq!(found(&of("<p>a<b><table><tr><td>b</td></tr></table></b></p>")), [pair("narrative-nesting", at)]);
    assert_eq!(found(&of("<a href=\"\">a</a>")), [pair("narrative-url", at)]);
    assert_eq!(found(&of("<a href=\"urn:uuid:1\">a</a>")), [pair("narrative-url", at)]);
    assert_eq!(found(&of("<a href=\"vbscript:x\">a</a>")), [pair("narrative-attribute-not-allowed", at)]);
    assert_eq!(found(&of("<a href=\"#none\">a</a>")), [pair("narrative-link-unresolved", at)]);
    assert_eq!(found(&of("<span xmlns=\"http://example.org\">a</span>")), [pair("narrative-namespace", at)]);
}

fn entry(url: &str, resource: Value) -> Value {
    json!({ "fullUrl": url, "resource": resource })
}

fn document(entries: Vec<Value>) -> Value {
    let composition = json!({
        "resourceType": "Composition", "status": "final", "type": { "text": "x" }, "date": "2020", "title": "x",
        "author": [{ "reference": "urn:uuid:00000000-0000-4000-8000-000000000001" }],
    });
    let mut all = vec![
        entry("urn:uuid:00000000-0000-4000-8000-000000000000", composition),
        entry("urn:uuid:00000000-0000-4000-8000-000000000001", json!({ "resourceType": "Practitioner" })),
    ];
    all.extend(entries);
    json!({ "resourceType": "Bundle", "type": "document", "timestamp": "2020-01-01T10:00:00Z",
            "identifier": { "system": "http://example.org/b", "value": "1" }, "entry": all })
}

#[test]
fn what_no_link_leads_to_does_not_belong_in_a_document() {
    assert_eq!(found(&document(vec![])), []);
    let about = json!({ "resourceType": "Provenance", "recorded": "2020-01-01T10:00:00Z",
        "target": [{ "reference": "urn:uuid:00000000-0000-4000-8000-000000000001" }],
        "agent": [{ "who": { "display": "x" } }] });
    assert_eq!(found(&document(vec![entry("urn:uuid:00000000-0000-4000-8000-000000000002", about)])), []);
    let stray = json!({ "resourceType": "Organization", "name": "x" });
    let stray = document(vec![entry("urn:uuid:00000000-0000-4000-8000-000000000002", stray)]);
    assert_eq!(found(&stray), [pair("bundle-entry-unreachable", "Bundle.entry[2]")]);
}

#[test]
fn a_definition_names_elements_by_whole_paths() {
    let of = |path: &str| {
        json!({ "resourceType": "StructureDefinition", "url": "http://example.org/sd", "name": "X", "status": "draft",
                "kind": "resource", "abstract": false, "type": "Patient", "derivation": "constraint",
                "baseDefinition": "http://hl7.org/fhir/StructureDefinition/Patient",
                "differential": { "element": [{ "id": "Patient.active", "path": path }] } })
    };
    let at = "StructureDefinition.differential.element[0]";
    assert_eq!(found(&of("Patient.active")), []);
    assert!(found(&of("Patient..active")).contains(&pair("constraint-failed", at)));
    let mut other = of("Patient.active");
    other["type"] = json!("Person2");
    assert!(found(&other).contains(&pair("definition-type", "StructureDefinition.type")));
}

#[test]
fn full_urls_are_there_and_agree_with_ids() {
    let of = |kind: &str, entry: Value| json!({ "resourceType": "Bundle", "type": kind, "entry": [entry] });
    let patient = json!({ "resourceType": "Patient", "id": "p", "active": true });
    let at = "Bundle.entry[0]";
    assert_eq!(found(&of("collection", json!({ "resource": patient }))), [pair("bundle-full-url-missing", at)]);
    let request = json!({ "resource": patient, "request": { "method": "POST", "url": "Patient" } });
    assert_eq!(found(&of("batch", request)), []);
    assert_eq!(
        found(&of("collection", entry("http://x.org/fhir/Patient/q", patient.clone()))),
        [pair("bundle-full-url-mismatch", at)]
    );
    assert_eq!(found(&of("collection", entry("http://x.org/fhir/Patient/p", patient))), []);
    let nameless = entry("http://x.org/fhir/Patient/p", json!({ "resourceType": "Patient" }));
    assert_eq!(found(&of("collection", nameless)), [pair("bundle-full-url-without-id", at)]);
}

#[test]
fn a_search_set_says_what_each_entry_is() {
    let of = |mode: Option<&str>, resource: Option<Value>| {
        let mut entry = json!({ "fullUrl": "urn:uuid:00000000-0000-4000-8000-000000000001" });
        entry["search"] = mode.map_or(json!({ "score": 1 }), |mode| json!({ "mode": mode }));
        if let Some(resource) = resource {
            entry["resource"] = resource;
        }
        json!({ "resourceType": "Bundle", "type": "searchset", "entry": [entry],
                "link": [{ "relation": "self", "url": "http://x.org/fhir/Patient?name=a" }] })
    };
    let patient = || Some(json!({ "resourceType": "Patient", "id": "p" }));
    let place = "Bundle.entry[0].resource";
    assert_eq!(found(&of(Some("match"), patient())), []);
    assert_eq!(found(&of(Some("outcome"), patient())), [pair("bundle-search-entry-no-outcome", place)]);
    let other = Some(json!({ "resourceType": "Group", "id": "g", "type": "person", "actual": true }));
    assert_eq!(found(&of(Some("match"), other.clone())), [pair("bundle-search-entry-of-other-type", place)]);
    assert_eq!(found(&of(Some("include"), other.clone())), []);
    assert_eq!(found(&of(None, other)), []);
    let nameless = Some(json!({ "resourceType": "Patient", "active": true }));
    assert_eq!(found(&of(Some("match"), nameless)), [pair("bundle-search-entry-without-id", place)]);
    assert!(found(&of(Some("match"), None)).contains(&pair("bundle-search-entry-without-resource", "Bundle.entry[0]")));
    let mut twice = of(Some("match"), patient());
    twice["link"] =
        json!([{ "relation": "self", "url": "http://x.org" }, { "relation": "self", "url": "http://x.org" }]);
    assert_eq!(found(&twice), [pair("bundle-link-twice", "Bundle.link[1]")]);
}

#[test]
fn a_measure_report_has_the_groups_and_the_score_of_its_measure() {
    let coded = |code: &str| json!({ "coding": [{ "system": "http://example.org/groups", "code": code }] });
    let measure = |scoring: &str| {
        json!({ "resourceType": "Measure", "url": "http://example.org/Measure/m", "status": "draft",
                "scoring": { "coding": [{ "system": "http://terminology.hl7.org/CodeSystem/measure-scoring", "code": scoring }] },
                "group": [{ "code": coded("a") }, { "code": coded("b") }] })
    };
    let report = |groups: Value| {
        json!({ "resourceType": "MeasureReport", "status": "complete", "type": "summary",
                "measure": "http://example.org/Measure/m", "period": { "start": "2020" }, "group": groups })
    };
    let (proportion, cohort) = (knowing(&[measure("proportion")]), knowing(&[measure("cohort")]));
    let scored = |code: &str, score: Value| json!({ "code": coded(code), "measureScore": score });
    let right = report(json!([scored("a", json!({ "value": 0.5 })), scored("b", json!({ "value": 1 }))]));
    assert_eq!(errors(&proportion, &right), []);
    assert_eq!(errors(&cohort, &right).len(), 2);
    let wrong = report(json!([
        scored("a", json!({ "value": 50, "unit": "%" })),
        scored("a", json!({ "value": 1 })),
        scored("c", json!({ "value": 1 }))
    ]));
    assert_eq!(
        errors(&proportion, &wrong),
        [
            pair("measure-score-share", "MeasureReport.group[0].measureScore.value"),
            pair("measure-score-unit", "MeasureReport.group[0].measureScore.unit"),
            pair("measure-group-twice", "MeasureReport.group[1]"),
            pair("measure-group-code", "MeasureReport.group[2]"),
            pair("measure-group-missing", "MeasureReport"),
        ]
    );
    let bare = report(json!([{ "code": coded("a") }, { "code": coded("b") }]));
    assert_eq!(errors(&proportion, &bare)[0], pair("measure-score-missing", "MeasureReport.group[0]"));
}

#[test]
fn an_extension_has_its_value_and_stands_where_its_definition_wants_it() {
    let hl7 = |name: &str| format!("http://hl7.org/fhir/StructureDefinition/{name}");
    let named = |part: Value| json!({ "resourceType": "Patient", "extension": [part] });
    let simple = hl7("patient-mothersMaidenName");
    assert_eq!(found(&named(json!({ "url": simple, "valueString": "x" }))), []);
    let parts =
        named(json!({ "url": simple, "extension": [{ "url": hl7("data-absent-reason"), "valueCode": "unknown" }] }));
    assert!(found(&parts).contains(&pair("extension-without-value", "Patient.extension[0]")));
    let item = |kind: &str, url: &str, property: &str, value: Value| {
        let mut item = json!({ "linkId": "a", "type": kind, "extension": [{ "url": hl7(url) }] });
        item["extension"][0][property] = value;
        json!({ "resourceType": "Questionnaire", "status": "draft", "item": [item] })
    };
    let at = "Questionnaire.item[0]";
    let target = |kind: &str| item(kind, "questionnaire-referenceResource", "valueCode", json!("Patient"));
    assert_eq!(found(&target("reference")), []);
    assert_eq!(found(&target("string")), [pair("extension-context-invariant", at)]);
    let least = |count: u32| item("string", "questionnaire-minOccurs", "valueInteger", json!(count));
    assert_eq!(found(&least(0)), [], "what the extension itself says is known to the invariant");
    assert_eq!(found(&least(2)), [pair("extension-context-invariant", at)]);
}

#[test]
fn a_profile_may_say_how_a_reference_leads_to_its_target_and_what_form_a_text_has() {
    let url = "http://example.org/StructureDefinition/kept";
    let hl7 = |name: &str| format!("http://hl7.org/fhir/StructureDefinition/{name}");
    let profile = json!({
        "resourceType": "StructureDefinition", "url": url, "name": "Kept", "status": "draft", "kind": "resource",
        "abstract": false, "type": "Patient", "derivation": "constraint", "fhirVersion": "4.0.1",
        "baseDefinition": hl7("Patient"),
        "differential": { "element": [
            { "id": "Patient.name.family", "path": "Patient.name.family", "extension": [
                { "url": hl7("regex"), "valueString": "[A-Z][a-z]+" }, { "url": hl7("minLength"), "valueInteger": 3 }] },
            { "id": "Patient.managingOrganization", "path": "Patient.managingOrganization", "type": [{ "code": "Reference",
                "targetProfile": [hl7("Organization")], "aggregation": ["contained"] }] },
        ] }
    });
    let validator = knowing(&[profile]);
    let patient = |family: &str, reference: &str| {
        let mut patient = json!({ "resourceType": "Patient", "meta": { "profile": [url] }, "name": [{ "family": family }],
                                  "managingOrganization": { "reference": reference } });
        if reference == "#o" {
            patient["contained"] = json!([{ "resourceType": "Organization", "id": "o", "name": "x" }]);
        }
        patient
    };
    assert_eq!(errors(&validator, &patient("Jansen", "#o")), []);
    let outside = [pair("reference-aggregation", "Patient.managingOrganization")];
    assert_eq!(errors(&validator, &patient("Jansen", "Organization/1")), outside);
    let at = "Patient.name[0].family";
    assert_eq!(errors(&validator, &patient("jansen", "#o")), [pair("value-form-refused", at)]);
    assert_eq!(errors(&validator, &patient("Ja", "#o")), [pair("value-too-short", at)]);
}

#[test]
fn a_vital_sign_keeps_the_profile_of_its_code_claimed_or_not() {
    let of = |system: &str, code: &str| {
        json!({ "resourceType": "Observation", "status": "final",
                "code": { "coding": [{ "system": "http://example.org/own", "code": "x" }, { "system": system, "code": code }] } })
    };
    for (system, code) in [("http://loinc.org", "29463-7"), ("http://snomed.info/sct", "735395000")] {
        assert!(found(&of(system, code)).contains(&pair("cardinality-too-few", "Observation")), "{code}");
    }
    for (system, code) in [("http://loinc.org", "718-7"), ("http://snomed.info/sct", "29463-7")] {
        assert_eq!(found(&of(system, code)), [], "{code}");
    }
    let mut height = of("http://loinc.org", "8302-2");
    height["category"] = json!([{ "coding": [{ "system": "http://terminology.hl7.org/CodeSystem/observation-category", "code": "vital-signs" }] }]);
    height["subject"] = json!({ "reference": "Patient/1" });
    height["effectiveDateTime"] = json!("2026-01-01");
    height["valueQuantity"] =
        json!({ "value": 180, "unit": "cm", "system": "http://unitsofmeasure.org", "code": "cm" });
    assert_eq!(found(&height), []);
    height["valueQuantity"]["code"] = json!("kg");
    assert_eq!(found(&height), [pair("binding-code-not-in-value-set", "Observation.valueQuantity.code")]);
}

#[test]
fn a_profile_of_another_type_is_told_with_each_element_that_it_does_not_have() {
    let patient = json!({ "resourceType": "Patient", "meta": { "profile": ["http://hl7.org/fhir/StructureDefinition/Observation"] },
                          "name": [{ "text": "a" }, { "text": "b" }], "birthDate": "1980", "identifier": [{ "value": "1" }], "jansen": 1 });
    let told: Vec<_> = found(&patient).into_iter().filter(|(id, _)| id.starts_with("profile-")).collect();
    let expected =
        ["Patient.name[0]", "Patient.name[1]", "Patient.birthDate"].map(|at| pair("profile-element-not-allowed", at));
    assert_eq!(told[0], pair("profile-of-other-type", "Patient"));
    assert_eq!(told[1..], expected);
}

#[test]
fn what_is_empty_or_of_the_wrong_shape_is_missing_too() {
    let with = |text: Value| json!({ "resourceType": "Communication", "status": "completed", "payload": [{ "contentString": "x" }], "note": [{ "text": text }] });
    assert_eq!(found(&with(json!("x"))), []);
    for (wrong, id) in [(json!(null), "structure-null"), (json!(["x"]), "structure-expected-single")] {
        let expected = [pair(id, "Communication.note[0].text"), pair("cardinality-too-few", "Communication.note[0]")];
        assert_eq!(found(&with(wrong)), expected);
    }
    let system = |ids: Value| json!({ "resourceType": "NamingSystem", "name": "A", "status": "draft", "kind": "identifier", "date": "2026", "uniqueId": ids });
    let expected =
        [pair("structure-empty-array", "NamingSystem.uniqueId"), pair("cardinality-too-few", "NamingSystem")];
    assert_eq!(found(&system(json!([]))), expected);
    // An object where a list is asked for is looked at as its only item.
    let expected = [
        pair("structure-expected-array", "NamingSystem.uniqueId"),
        pair("cardinality-too-few", "NamingSystem.uniqueId[0]"),
    ];
    assert_eq!(found(&system(json!({ "type": "uri" }))), expected);
}

#[test]
fn an_extension_may_be_where_its_context_in_fhirpath_finds_its_element() {
    let definition = json!({
        "resourceType": "StructureDefinition", "url": "http://example.com/StructureDefinition/nick", "name": "Nick", "status": "draft",
        "kind": "complex-type", "abstract": false, "type": "Extension", "derivation": "constraint", "fhirVersion": "4.0.1",
        "baseDefinition": "http://hl7.org/fhir/StructureDefinition/Extension",
        "context": [{ "type": "fhirpath", "expression": "Patient.name.where(use = 'nickname') | Patient.birthDate" },
                    { "type": "element", "expression": "Patient.gender" }],
        "differential": { "element": [
            { "id": "Extension.url", "path": "Extension.url", "fixedUri": "http://example.com/StructureDefinition/nick" },
            { "id": "Extension.value[x]", "path": "Extension.value[x]", "type": [{ "code": "string" }] }] },
    });
    let validator = knowing(&[definition]);
    let extension = json!([{ "url": "http://example.com/StructureDefinition/nick", "valueString": "x" }]);
    let named = |used: &str| json!({ "resourceType": "Patient", "name": [{ "text": "a" }, { "use": used, "text": "b", "extension": extension }] });
    assert_eq!(errors(&validator, &named("nickname")), []);
    assert_eq!(errors(&validator, &named("usual")), [pair("extension-not-allowed-here", "Patient.name[1]")]);
    for allowed in ["_birthDate", "_gender"] {
        let mut patient = json!({ "resourceType": "Patient", "birthDate": "1980", "gender": "other" });
        patient[allowed] = json!({ "extension": extension });
        assert_eq!(errors(&validator, &patient), [], "{allowed}");
    }
    let active = json!({ "resourceType": "Patient", "active": true, "_active": { "extension": extension } });
    assert_eq!(errors(&validator, &active), [pair("extension-not-allowed-here", "Patient.active")]);
}

/// An extension of one type of value, on these elements.
fn extension(name: &str, contexts: &[&str], more: &Value) -> Value {
    let url = format!("http://made.example.net/{name}");
    let context: Vec<Value> = contexts.iter().map(|c| json!({ "type": "element", "expression": c })).collect();
    let mut made = json!({
        "resourceType": "StructureDefinition", "url": url, "version": "1", "name": "E", "status": "active", "kind": "complex-type",
        "abstract": false, "type": "Extension", "derivation": "constraint", "context": context,
        "baseDefinition": "http://hl7.org/fhir/StructureDefinition/Extension",
        "differential": { "element": [
            { "id": "Extension", "path": "Extension" },
            { "id": "Extension.url", "path": "Extension.url", "fixedUri": url },
            { "id": "Extension.value[x]", "path": "Extension.value[x]", "type": [{ "code": "string" }] },
        ] },
    });
    made.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
    made
}

#[test]
fn an_extension_stands_on_what_its_context_is_made_into_and_its_url_has_no_version() {
    let validator = knowing(&[
        extension("on-strings", &["string"], &json!({})),
        extension("on-resources", &["DomainResource"], &json!({})),
        extension("on-links", &["Patient.contact.telecom.value"], &json!({})),
        extension("on-nothing", &[], &json!({})),
        extension("with-id", &["Element"], &json!({ "contextInvariant": ["id.exists()"] })),
    ]);
    let bears = |name: &str| json!([{ "url": format!("http://made.example.net/{name}"), "valueString": "x" }]);
    let on_gender =
        |name: &str| json!({ "resourceType": "Patient", "gender": "male", "_gender": { "extension": bears(name) } });
    let on_patient = |name: &str| json!({ "resourceType": "Patient", "extension": bears(name) });
    let on_telecom = json!({ "resourceType": "Patient", "contact": [{ "telecom": [
        { "system": "phone", "value": "x", "_value": { "extension": bears("on-links") } }] }] });
    for right in [on_gender("on-strings"), on_patient("on-resources"), on_telecom] {
        assert_eq!(errors(&validator, &right), [], "{right}");
    }
    let refused = |resource: &Value| errors(&validator, resource).into_iter().map(|(id, _)| id).collect::<Vec<_>>();
    for wrong in [on_gender("on-resources"), on_patient("on-strings"), on_patient("on-nothing"), on_gender("on-links")]
    {
        assert_eq!(refused(&wrong), ["extension-not-allowed-here"], "{wrong}");
    }
    assert_eq!(refused(&on_gender("with-id")), ["extension-context-invariant"]);
    assert!(refused(&on_patient("on-resources|1")).contains(&"extension-url-version".to_owned()));
}

#[test]
fn references_in_a_bundle_have_one_target_and_the_form_of_a_type_and_an_id() {
    let of = |reference: &str, full_url: &str, others: Value| {
        let mut entries = vec![json!({ "fullUrl": full_url, "resource": { "resourceType": "Observation", "id": "o",
            "status": "final", "code": { "text": "x" }, "subject": { "reference": reference } } })];
        entries.extend(others.as_array().expect("a list").clone());
        found(&json!({ "resourceType": "Bundle", "type": "collection", "entry": entries }))
    };
    let at = "Bundle.entry[0].resource.subject";
    let url = "http://example.org/fhir/Observation/o";
    let patient = |full_url: &str, version: &str| {
        json!({ "fullUrl": full_url,
        "resource": { "resourceType": "Patient", "id": "p", "meta": { "versionId": version } } })
    };
    assert_eq!(of("Patient/p", url, json!([patient("http://example.org/fhir/Patient/p", "1")])), []);
    let twice =
        json!([patient("http://example.org/fhir/Patient/p", "1"), patient("http://example.org/fhir/Patient/p", "2")]);
    assert!(of("Patient/p", url, twice).contains(&pair("reference-several-entries", at)));
    for wrong in ["Patient", "a/b/c"] {
        assert!(of(wrong, url, json!([])).contains(&pair("reference-relative-in-bundle", at)), "{wrong}");
    }
    let uuid = "7cde1b2a-1bbd-4a6c-b5b6-8f0f3c0a1d11";
    let by_uuid = json!([patient(&format!("urn:uuid:{uuid}"), "1")]);
    let own = "urn:uuid:6cde1b2a-1bbd-4a6c-b5b6-8f0f3c0a1d11";
    assert_eq!(of(&format!("Patient/{uuid}"), own, by_uuid.clone()), []);
    assert_eq!(of(&format!("Group/{uuid}"), own, by_uuid), [pair("reference-entry-of-other-type", at)]);
}

#[test]
fn a_narrative_has_rows_in_tables_and_addresses_that_can_be_followed() {
    let of = |inner: &str| {
        let div = format!("<div xmlns=\"http://www.w3.org/1999/xhtml\">{inner}</div>");
        found(&json!({ "resourceType": "Patient", "text": { "status": "generated", "div": div } }))
    };
    for right in [
        "<table> <tr> <td><p>x</p></td> </tr> </table>",
        "<ul><li>x</li></ul>",
        "<p><?x y?>x</p>",
        "<img src=\"data:image/png;base64,YWJj\" alt=\"x\"/>",
    ] {
        assert_eq!(of(right), [], "{right}");
    }
    for (wrong, id) in [
        ("<td>x</td>", "narrative-nesting"),
        ("<table>x<tr><td>x</td></tr></table>", "narrative-nesting"),
        ("<b>x<b>y</b></b>", "narrative-nesting"),
        ("<span><ul><li>x</li></ul></span>", "narrative-nesting"),
        ("<img src=\"data:x\" alt=\"x\"/>", "narrative-url"),
        ("<a href=\"http://x.org/a b\">x</a>", "narrative-url"),
        ("<p href=\"x\">x</p>", "narrative-attribute-not-allowed"),
        ("<ins>x</ins>", "narrative-element-not-allowed"),
    ] {
        assert_eq!(of(wrong), [pair(id, "Patient.text.div")], "{wrong}");
    }
}

#[test]
fn codes_of_countries_and_currencies_are_those_of_iso() {
    let invoice = |currency: &str| json!({ "resourceType": "Invoice", "status": "draft", "totalNet": { "value": 1, "currency": currency } });
    assert_eq!(found(&invoice("EUR")), []);
    assert_eq!(found(&invoice("EUX")), [pair("binding-code-not-in-value-set", "Invoice.totalNet.currency")]);
    let library = |country: &str| {
        json!({ "resourceType": "Library", "status": "draft", "type": { "text": "x" },
        "jurisdiction": [{ "coding": [{ "system": "urn:iso:std:iso:3166", "code": country }] }] })
    };
    for known in ["NL", "XK", "NLD", "528"] {
        assert_eq!(found(&library(known)), [], "{known}");
    }
    for wrong in ["NX", "Holland"] {
        assert_eq!(found(&library(wrong)), [pair("code-unknown-in-system", "Library.jurisdiction[0].coding[0].code")]);
    }
}

#[test]
fn contained_resources_have_an_id_each_and_those_within_them_are_told_too() {
    let organization = |id: &str| json!({ "resourceType": "Organization", "id": id, "name": "x" });
    let of = |contained: Value| json!({ "resourceType": "Patient", "managingOrganization": { "reference": "#a" }, "contained": contained });
    assert_eq!(found(&of(json!([organization("a")]))), []);
    assert_eq!(
        found(&of(json!([organization("a"), organization("a")]))),
        [pair("id-duplicate", "Patient.contained[1]")]
    );
    let mut outer = organization("a");
    outer["contained"] = json!([organization("b")]);
    let nested = found(&of(json!([outer])));
    assert!(nested.contains(&pair("contained-not-referenced", "Patient.contained[0].contained[0]")), "{nested:?}");
}

#[test]
fn ids_of_elements_are_unique_in_each_view_of_a_definition() {
    let of = |first: &str, second: &str| {
        json!({ "resourceType": "StructureDefinition", "url": "http://example.com/p", "name": "P", "status": "draft", "kind": "resource",
                "abstract": false, "type": "Patient", "derivation": "constraint", "baseDefinition": "http://hl7.org/fhir/StructureDefinition/Patient",
                "differential": { "element": [{ "id": "Patient", "path": "Patient" }, { "id": first, "path": "Patient.active" },
                                              { "id": second, "path": "Patient.gender" }] } })
    };
    assert_eq!(found(&of("Patient.active", "Patient.gender")), []);
    let told = found(&of("Patient.active", "Patient.active"));
    assert!(told.contains(&pair("id-duplicate", "StructureDefinition.differential.element[2]")), "{told:?}");
}

#[test]
fn a_definition_for_another_version_is_held_to_r4_where_it_is_written_in_it() {
    let of = |version: &str| {
        json!({ "resourceType": "CapabilityStatement", "status": "draft", "date": "2026", "kind": "requirements", "description": "x",
                "fhirVersion": version, "format": ["application/fhir+json"], "rest": [{ "mode": "server" }] })
    };
    assert_eq!(found(&of("3.0.1")), []);
    let mut old = of("3.0.1");
    old["acceptUnknown"] = json!("no");
    assert_eq!(found(&old), [pair("structure-other-fhir-version", "CapabilityStatement")]);
}

#[test]
fn an_extension_of_yes_or_no_and_an_element_without_content_are_told_at_their_values() {
    let url = "http://hl7.org/fhir/StructureDefinition/questionnaire-hidden";
    let form = json!({ "resourceType": "Questionnaire", "status": "draft",
                       "item": [{ "linkId": "1", "type": "string", "extension": [{ "url": url, "valueString": "x" }] }] });
    let at = "Questionnaire.item[0].extension[0]";
    let expected =
        [pair("structure-type-not-allowed", at), pair("structure-wrong-json-type", &format!("{at}.valueString"))];
    assert_eq!(found(&form), expected);
    let patient = json!({ "resourceType": "Patient", "_birthDate": { "extension": [] } });
    let expected = [
        pair("structure-empty-object", "Patient.birthDate"),
        pair("structure-empty-array", "Patient.birthDate.extension"),
    ];
    assert_eq!(found(&patient), expected);
}

#[test]
fn what_stands_in_a_set_stands_there_once() {
    let label = json!({ "system": "http://terminology.hl7.org/CodeSystem/v3-Confidentiality", "code": "N" });
    let labelled = |labels: Value| found(&json!({ "resourceType": "Patient", "meta": { "security": labels } }));
    assert_eq!(labelled(json!([label])), []);
    assert_eq!(labelled(json!([label, label])), [pair("security-label-twice", "Patient.meta.security[1]")]);
    let photo = |data: &str| {
        found(&json!({ "resourceType": "Patient", "photo": [{ "contentType": "image/png", "data": data }] }))
    };
    assert_eq!(photo("YWJj"), []);
    assert_eq!(photo("YW Jj"), [pair("attachment-data-white-space", "Patient.photo[0]")]);
}

#[test]
fn definitions_of_terms_and_searches_agree_with_what_they_build_on() {
    let system = |more: Value| {
        let mut made = json!({ "resourceType": "CodeSystem", "url": "http://made.example.net/cs", "name": "Cs", "title": "x", "version": "1",
            "status": "active", "content": "complete", "caseSensitive": true, "concept": [{ "code": "a" }] });
        made.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
        found(&made).into_iter().map(|(id, _)| id).collect::<Vec<_>>()
    };
    let property =
        |uri: &str, of_type: &str| json!({ "property": [{ "code": "status", "uri": uri, "type": of_type }] });
    let status = "http://hl7.org/fhir/concept-properties#status";
    assert_eq!(system(property(status, "code")), [""; 0]);
    assert_eq!(system(property(status, "string")), ["code-system-property-type"]);
    for wrong in ["status", "http://hl7.org/fhir/concept-properties#nothing"] {
        assert_eq!(system(property(wrong, "string")), ["code-system-property-uri"], "{wrong}");
    }
    let supplement = json!({ "content": "supplement", "supplements": "http://hl7.org/fhir/administrative-gender", "concept": [{ "code": "male" }] });
    assert_eq!(system(supplement), ["code-system-supplement-case"]);

    let derived = |base: &str, of_type: &str| {
        found(
            &json!({ "resourceType": "SearchParameter", "url": "http://made.example.net/sp", "name": "Sp", "status": "active",
            "description": "x", "code": "x", "base": [base], "type": of_type,
            "derivedFrom": "http://hl7.org/fhir/SearchParameter/Patient-active" }),
        )
    };
    assert_eq!(derived("Patient", "token"), []);
    assert_eq!(derived("Patient", "string"), [pair("search-parameter-differs", "SearchParameter")]);
    assert_eq!(derived("Group", "token"), [pair("search-parameter-differs", "SearchParameter")]);
    let served = |of_type: &str| {
        found(
            &json!({ "resourceType": "CapabilityStatement", "status": "active", "date": "2026", "kind": "requirements",
            "description": "x", "fhirVersion": "4.0.1", "format": ["json"], "rest": [{ "mode": "server", "resource": [{ "type": "Patient",
                "searchParam": [{ "name": "active", "type": of_type, "definition": "http://hl7.org/fhir/SearchParameter/Patient-active" }] }] }] }),
        )
    };
    assert_eq!(served("token"), []);
    let at = "CapabilityStatement.rest[0].resource[0].searchParam[0]";
    assert_eq!(served("string"), [pair("search-parameter-differs", at)]);
}

#[test]
fn a_differential_narrows_what_it_constrains() {
    let core = |name: &str| format!("http://hl7.org/fhir/StructureDefinition/{name}");
    let of = |elements: Value, more: Value| {
        let mut made = json!({
            "resourceType": "StructureDefinition", "url": "http://made.example.net/p", "version": "1", "name": "P", "title": "x",
            "status": "active", "fhirVersion": "4.0.1", "kind": "resource", "abstract": false, "type": "Observation",
            "baseDefinition": core("Observation"), "derivation": "constraint", "differential": { "element": elements } });
        made.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
        let found = found(&made).into_iter().map(|(id, _)| id).filter(|id| id.starts_with("definition-"));
        // That no snapshot can be made follows from the others.
        found.filter(|id| id != "definition-snapshot-impossible").collect::<Vec<_>>()
    };
    let rule = |name: &str, more: Value| {
        let path = format!("Observation.{name}");
        let mut element = json!({ "id": path, "path": path });
        element.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
        json!([element])
    };
    let to = |name: &str| json!({ "type": [{ "code": "Reference", "targetProfile": [core(name)] }] });
    for right in [
        rule("note", json!({ "max": "1" })),
        rule("status", json!({ "fixedCode": "final" })),
        rule("subject", to("Patient")),
        rule(
            "code",
            json!({ "binding": { "strength": "required", "valueSet": "http://hl7.org/fhir/ValueSet/languages" } }),
        ),
    ] {
        assert_eq!(of(right.clone(), json!({})), [""; 0], "{right}");
    }
    for (wrong, id) in [
        (rule("code", json!({ "min": 0 })), "definition-widens"),
        (rule("code", json!({ "max": "*" })), "definition-widens"),
        (rule("status", json!({ "binding": { "strength": "example" } })), "definition-widens"),
        (rule("status", json!({ "fixedString": "final" })), "definition-value-type"),
        (rule("subject", to("HumanName")), "definition-profile-type"),
        (
            rule("code", json!({ "type": [{ "code": "CodeableConcept", "profile": [core("Patient")] }] })),
            "definition-profile-type",
        ),
    ] {
        assert!(of(wrong.clone(), json!({})).iter().any(|found| found == id), "{id}: {wrong}");
    }
    assert_eq!(of(json!([]), json!({ "kind": "complex-type" })), ["definition-kind"]);
    let context = json!({ "context": [{ "type": "element", "expression": "Patient" }] });
    assert_eq!(of(json!([]), context), ["definition-context"]);
}
