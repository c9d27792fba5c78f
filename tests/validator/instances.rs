//! What resources must agree with beside their structure: for each rule a table of what keeps it and what breaks it.

use serde_json::{Value, json};

use crate::rules::{errors, found, knowing, pair};

/// What breaks each rule is found there and nowhere else, and what nearly does is let through.
fn table(rows: Vec<(Value, &[(&str, &str)])>) {
    for (resource, wanted) in rows {
        let wanted: Vec<_> = wanted.iter().map(|(id, at)| pair(id, at)).collect();
        assert_eq!(found(&resource), wanted, "{resource}");
    }
}

#[test]
fn the_system_of_an_identifier_names_a_namespace() {
    let of = |system: &str, value: &str| json!({ "resourceType": "Patient", "identifier": [{ "system": system, "value": value }] });
    let uuid = "c757873d-ec9a-4326-a141-556f43239520";
    let document = "https://tools.ietf.org/html/rfc4122";
    let at = "Patient.identifier[0]";
    table(vec![
        (of("http://example.org/numbers", "1"), &[]),
        (of("urn:oid:1.3", "1"), &[]),
        (of("mailto:a@example.org", "1"), &[]),
        (of("HTTPS://example.org/numbers", "1"), &[]),
        (of("numbers", "1"), &[("identifier-system-relative", at)]),
        (of(document, uuid), &[]),
        (of(document, &format!("urn:uuid:{uuid}")), &[]),
        (of(document, "1234"), &[("identifier-value-not-uuid", at)]),
    ]);
}

#[test]
fn the_hash_of_an_attachment_is_that_of_its_data() {
    let of = |hash: &str| json!({ "resourceType": "Patient", "photo": [{ "contentType": "image/png", "data": "YWJj", "hash": hash }] });
    table(vec![
        (of("qZk+NkcGgWq6PiVxeFDCbJzQ2J0="), &[]),
        (of("qZk+NkcGgWq6PiVxeFDCbJzQ2JA="), &[("attachment-hash", "Patient.photo[0]")]),
        // SHA-256 of the same.
        (of("ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0="), &[("attachment-hash", "Patient.photo[0]")]),
    ]);
}

#[test]
fn where_a_code_is_required_it_is_not_absent() {
    let absent = json!({ "extension": [{
        "url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason", "valueCode": "unknown",
    }] });
    let observation = json!({ "resourceType": "Observation", "_status": absent, "code": { "text": "x" } });
    let condition = json!({ "resourceType": "Condition", "subject": { "display": "x" }, "clinicalStatus": absent,
        "code": absent });
    let patient = json!({ "resourceType": "Patient", "_birthDate": absent, "maritalStatus": absent });
    let later = json!({ "extension": [{
        "url": "http://hl7.org/fhir/5.0/StructureDefinition/extension-Observation.status", "valueCode": "x",
    }] });
    let later = json!({ "resourceType": "Observation", "_status": later, "code": { "text": "x" } });
    table(vec![
        (observation, &[("binding-no-code-from-value-set", "Observation.status")]),
        (condition, &[("binding-no-code-from-value-set", "Condition.clinicalStatus")]),
        (patient, &[]),
        (later, &[]),
    ]);
}

#[test]
fn the_type_of_a_reference_is_written_as_a_name() {
    let of = |reference: &str, of_type: &str| json!({ "resourceType": "Patient", "managingOrganization": { "reference": reference, "type": of_type } });
    let long = "http://hl7.org/fhir/StructureDefinition/Organization";
    let at = "Patient.managingOrganization";
    table(vec![
        (of("Organization/1", "Organization"), &[]),
        (of("http://example.org/1", long), &[]),
        (of("Organization/1", long), &[("reference-type-mismatch", at)]),
    ]);
}

fn entries(of_type: &str, entries: Value) -> Value {
    let request = json!({ "method": "POST", "url": "Patient" });
    let mut bundle = json!({ "resourceType": "Bundle", "type": of_type, "entry": entries });
    if matches!(of_type, "batch" | "transaction") {
        for entry in bundle["entry"].as_array_mut().into_iter().flatten() {
            entry["request"] = request.clone();
        }
    }
    bundle
}

fn observation(subject: &str) -> Value {
    json!({ "resourceType": "Observation", "status": "final", "code": { "text": "x" }, "subject": { "reference": subject } })
}

#[test]
fn an_entry_has_a_full_url_where_others_could_ask_for_it() {
    let without = json!([{ "resource": { "resourceType": "Patient" } }]);
    let asks = json!([{ "resource": observation("Patient/1") }]);
    table(vec![
        (entries("collection", without.clone()), &[("bundle-full-url-missing", "Bundle.entry[0]")]),
        (entries("transaction", without.clone()), &[]),
        (entries("batch", without), &[]),
        (entries("batch", asks), &[]),
    ]);
}

#[test]
fn only_a_batch_or_a_transaction_asks_by_query() {
    let url = "urn:uuid:00000000-0000-4000-8000-000000000001";
    let asks = |query: &str| json!([{ "fullUrl": url, "resource": observation(query) }]);
    let query = "Patient?identifier=http://example.org|1";
    let at = "Bundle.entry[0].resource.subject";
    table(vec![
        (entries("transaction", asks(query)), &[]),
        (entries("batch", asks(query)), &[]),
        (entries("collection", asks(query)), &[("reference-relative-in-bundle", at)]),
        (entries("collection", asks("Patient?active=true")), &[("reference-relative-in-bundle", at)]),
    ]);
}

#[test]
fn contained_resources_hang_on_the_one_around_them() {
    let of = |own: Option<&str>, contained: Value| {
        let mut patient = json!({ "resourceType": "Patient", "contained": contained });
        if let Some(own) = own {
            patient["managingOrganization"] = json!({ "reference": own });
        }
        patient
    };
    let organization = |id: &str, part_of: &str| json!({ "resourceType": "Organization", "id": id, "name": id, "partOf": { "reference": part_of } });
    let pair = json!([organization("a", "#b"), organization("b", "#a")]);
    let back = json!([{ "resourceType": "Provenance", "id": "a", "recorded": "2020-01-01T10:00:00Z",
        "target": [{ "reference": "#" }], "agent": [{ "who": { "reference": "#b" } }] }, organization("b", "Organization/1")]);
    table(vec![
        (of(Some("#a"), pair.clone()), &[]),
        (of(None, back), &[]),
        (
            of(None, pair),
            &[
                ("contained-not-referenced", "Patient.contained[0]"),
                ("contained-not-referenced", "Patient.contained[1]"),
            ],
        ),
    ]);
}

pub fn profile(element: Value) -> Value {
    json!({ "resourceType": "StructureDefinition", "url": "http://example.org/p", "name": "P", "status": "draft",
            "kind": "resource", "abstract": false, "type": "Observation", "derivation": "constraint",
            "baseDefinition": "http://hl7.org/fhir/StructureDefinition/Observation",
            "differential": { "element": [element] } })
}

/// What refuses an Observation with these properties that claims the profile.
fn refused(definitions: &[Value], properties: Value) -> Vec<(String, String)> {
    let mut resource = json!({ "resourceType": "Observation", "status": "final", "code": { "text": "x" },
        "meta": { "profile": ["http://example.org/p"] } });
    let Value::Object(properties) = properties else { unreachable!() };
    resource.as_object_mut().expect("an object").extend(properties);
    errors(&knowing(definitions), &resource)
}

#[test]
fn limits_of_quantities_hold_over_units() {
    let ucum = |value: f64, code: &str| json!({ "value": value, "unit": code, "system": "http://unitsofmeasure.org", "code": code });
    let limits = profile(json!({ "id": "Observation.value[x]", "path": "Observation.value[x]",
        "type": [{ "code": "Quantity" }], "minValueQuantity": ucum(1.0, "kg"), "maxValueQuantity": ucum(10.0, "kg") }));
    let at = "Observation.valueQuantity";
    let rows: [(Value, &[(&str, &str)]); 6] = [
        (ucum(5000.0, "g"), &[]),
        (ucum(10.0, "kg"), &[]),
        (ucum(0.5, "kg"), &[("value-below-minimum", at)]),
        (ucum(500.0, "g"), &[("value-below-minimum", at)]),
        (ucum(50_000.0, "g"), &[("value-above-maximum", at)]),
        (ucum(5.0, "cm"), &[("code-unit-not-comparable", at)]),
    ];
    for (quantity, wanted) in rows {
        let wanted: Vec<_> = wanted.iter().map(|(id, at)| pair(id, at)).collect();
        assert_eq!(refused(std::slice::from_ref(&limits), json!({ "valueQuantity": quantity })), wanted, "{quantity}");
    }
}

#[test]
fn a_constraint_that_is_no_fhirpath_cannot_be_met() {
    let of = |severity: &str, expression: &str| {
        profile(json!({ "id": "Observation", "path": "Observation", "constraint": [
            { "key": "x-1", "severity": severity, "human": "x", "expression": expression },
        ] }))
    };
    let broken = vec![pair("constraint-broken", "Observation")];
    let failed = vec![pair("constraint-failed", "Observation")];
    for (severity, expression, wanted) in [
        ("error", "value.(", &broken),
        ("warning", "value.(", &broken),
        ("error", "code.hasText()", &broken),
        ("error", "%nobody = 1", &failed),
        ("warning", "%nobody = 1", &vec![]),
        ("error", "code.text.matches('[')", &broken),
        ("error", "code.text.matches('[' & '')", &failed),
        ("error", "nothing.exists() or true", &vec![]),
        ("error", "defineVariable('a', 1).exists()", &vec![]),
        ("error", "", &vec![]),
    ] {
        assert_eq!(&refused(&[of(severity, expression)], json!({})), wanted, "{severity} {expression}");
    }
}

fn codes(mut of: Value) -> Value {
    let code_system = json!({ "resourceType": "CodeSystem", "url": "http://example.org/codes", "status": "active",
        "content": "complete", "concept": [{ "code": "a", "display": "Aap" }] });
    for (name, value) in code_system.as_object().into_iter().flatten() {
        of[name] = of.get(name).cloned().unwrap_or_else(|| value.clone());
    }
    of
}

fn coded(code: &str) -> Value {
    json!({ "code": { "coding": [{ "system": "http://example.org/codes", "code": code }] } })
}

#[test]
fn the_case_of_a_code_counts_where_its_system_says_so() {
    let any = profile(json!({ "id": "Observation", "path": "Observation" }));
    let wrong = vec![pair("code-unknown-in-system", "Observation.code.coding[0].code")];
    for (system, code, wanted) in [
        (json!({}), "a", &vec![]),
        (json!({}), "A", &vec![]),
        (json!({}), "b", &wrong),
        (json!({ "caseSensitive": false }), "A", &vec![]),
        (json!({ "caseSensitive": true }), "A", &wrong),
    ] {
        assert_eq!(&refused(&[any.clone(), codes(system.clone())], coded(code)), wanted, "{system} {code}");
    }
}

#[test]
fn a_supplement_has_no_codes_of_its_own() {
    let any = profile(json!({ "id": "Observation", "path": "Observation" }));
    let supplement = codes(json!({ "content": "supplement", "supplements": "http://example.org/others" }));
    let at = "Observation.code.coding[0].system";
    assert_eq!(refused(&[any, supplement], coded("a")), [pair("code-supplement-as-system", at)]);
}

#[test]
fn the_largest_value_set_asks_for_a_code_where_the_binding_is_extensible() {
    let value_set = |url: &str| {
        json!({ "resourceType": "ValueSet", "url": url, "status": "active",
        "compose": { "include": [{ "system": "http://example.org/codes" }] } })
    };
    let of = |strength: &str| {
        profile(json!({ "id": "Observation.code", "path": "Observation.code", "binding": {
            "strength": strength, "valueSet": "http://example.org/v", "extension": [{
                "url": "http://hl7.org/fhir/StructureDefinition/elementdefinition-maxValueSet",
                "valueCanonical": "http://example.org/max",
            }],
        } }))
    };
    let lacking = vec![pair("binding-no-code-from-value-set", "Observation.code")];
    let outside = vec![pair("binding-outside-max-value-set", "Observation.code")];
    let other = json!({ "code": { "coding": [{ "system": "http://example.org/others", "code": "a" }] } });
    for (strength, properties, wanted) in [
        ("extensible", json!({}), &lacking),
        ("extensible", coded("a"), &vec![]),
        ("extensible", other, &outside),
        ("preferred", json!({}), &vec![]),
    ] {
        let definitions =
            [of(strength), codes(json!({})), value_set("http://example.org/v"), value_set("http://example.org/max")];
        assert_eq!(&refused(&definitions, properties.clone()), wanted, "{strength} {properties}");
    }
}

#[test]
fn the_count_of_a_subject_list_is_that_of_its_subjects() {
    let measure = json!({ "resourceType": "Measure", "url": "http://example.org/m", "status": "draft",
        "group": [{ "population": [{ "code": { "text": "p" }, "criteria": { "language": "text/x", "expression": "x" } }] }] });
    let url = "urn:uuid:00000000-0000-4000-8000-000000000001";
    let of = |kind: &str, count: u64, subjects: Option<&str>| {
        let mut population = json!({ "code": { "text": "p" }, "count": count });
        if let Some(subjects) = subjects {
            population["subjectResults"] = json!({ "reference": subjects });
        }
        let report = json!({ "resourceType": "MeasureReport", "status": "complete", "type": kind,
            "measure": "http://example.org/m", "period": { "start": "2020" }, "group": [{ "population": [population] }] });
        let list = json!({ "resourceType": "List", "status": "current", "mode": "working",
            "entry": [{ "item": { "display": "a" } }, { "item": { "display": "b" } }] });
        entries(
            "collection",
            json!([{ "fullUrl": "http://example.org/r", "resource": report }, { "fullUrl": url, "resource": list }]),
        )
    };
    let at = "Bundle.entry[0].resource.group[0].population[0]";
    let rows: [(Value, &[&str]); 6] = [
        (of("subject-list", 2, Some(url)), &[]),
        (of("subject-list", 3, Some(url)), &["measure-count"]),
        (of("subject-list", 0, None), &[]),
        (of("subject-list", 1, None), &["measure-count"]),
        (of("summary", 1, None), &[]),
        (of("summary", 2, Some(url)), &["measure-subjects"]),
    ];
    for (bundle, wanted) in rows {
        let wanted: Vec<_> = wanted.iter().map(|id| pair(id, at)).collect();
        assert_eq!(errors(&knowing(std::slice::from_ref(&measure)), &bundle), wanted, "{bundle}");
    }
}

#[test]
fn a_display_is_wrong_for_certain_in_a_language_that_the_code_system_has() {
    let any = profile(json!({ "id": "Observation", "path": "Observation" }));
    let wrong = vec![pair("code-wrong-display", "Observation.code.coding[0].display")];
    let english = json!({ "code": "a", "display": "Aap", "designation": [{ "language": "en", "value": "Monkey" }] });
    for (system, language, display, wanted) in [
        (json!({}), None, "Paard", &vec![]),
        (json!({}), Some("nl"), "Paard", &vec![]),
        (json!({ "language": "nl" }), None, "Paard", &vec![]),
        (json!({ "language": "nl" }), Some("nl-NL"), "Paard", &wrong),
        (json!({ "language": "nl" }), Some("nl"), "aap", &vec![]),
        (json!({ "language": "nl" }), Some("de"), "Affe", &vec![]),
        (json!({ "language": "nl", "content": "fragment" }), Some("nl"), "Paard", &vec![]),
        (json!({ "concept": [english] }), Some("en-US"), "Horse", &wrong),
        (json!({ "concept": [english] }), Some("en"), "Monkey", &vec![]),
    ] {
        let mut resource = coded("a");
        resource["code"]["coding"][0]["display"] = json!(display);
        if let Some(language) = language {
            resource["language"] = json!(language);
        }
        assert_eq!(
            &refused(&[any.clone(), codes(system.clone())], resource),
            wanted,
            "{system} {language:?} {display}"
        );
    }
}

#[test]
fn a_language_is_one_of_those_that_there_are() {
    let of = |language: &str| json!({ "resourceType": "Patient", "language": language });
    table(vec![
        (of("nl-NL"), &[]),
        (of("nds"), &[]),
        (of("xx"), &[("binding-outside-max-value-set", "Patient.language")]),
        (of("dutch"), &[("binding-outside-max-value-set", "Patient.language")]),
    ]);
}

#[test]
fn hl7s_own_profiles_may_be_named_with_the_version() {
    let of = |profile: &str| json!({ "resourceType": "Patient", "meta": { "profile": [profile] } });
    table(vec![
        (of("http://hl7.org/fhir/4.0/StructureDefinition/Patient"), &[]),
        (of("http://hl7.org/fhir/4.0/StructureDefinition/Group"), &[("profile-of-other-type", "Patient")]),
        (json!({ "resourceType": "ValueSet", "url": "http://example.org/1.0/ValueSet/v", "status": "draft" }), &[]),
        // It is a resource of R4 as well.
        (of("http://hl7.org/fhir/3.0/StructureDefinition/Patient"), &[]),
    ]);
    let mut old = of("http://hl7.org/fhir/3.0/StructureDefinition/Patient");
    old["animal"] = json!({ "species": { "text": "x" } });
    assert_eq!(found(&old), [pair("structure-other-fhir-version", "Patient")]);
}

#[test]
fn what_is_fixed_is_so_to_the_digit_and_has_no_extensions() {
    let number = |name: &str| {
        profile(json!({ "id": "Observation.value[x]", "path": "Observation.value[x]", "type": [{ "code": "Quantity" }],
            name: { "value": 1.0 } }))
    };
    let quantity = |value: Value| json!({ "valueQuantity": { "value": value } });
    let at = "Observation.valueQuantity.value";
    assert_eq!(refused(&[number("fixedQuantity")], quantity(json!(1.0))), []);
    assert_eq!(refused(&[number("fixedQuantity")], quantity(json!(1))), [pair("value-not-fixed", at)]);
    assert_eq!(refused(&[number("patternQuantity")], quantity(json!(1))), [pair("value-not-pattern", at)]);

    let status = profile(json!({ "id": "Observation.status", "path": "Observation.status", "fixedCode": "final" }));
    let extended = json!({ "extension": [{ "url": "http://example.org/x", "valueString": "x" }] });
    let found = |part: Value| refused(std::slice::from_ref(&status), json!({ "_status": part }));
    assert_eq!(found(json!({ "id": "s" })), []);
    assert_eq!(found(extended), [pair("value-not-fixed", "Observation.status")]);
}

#[test]
fn documents_and_messages_hold_what_they_are_about() {
    let bundle = |of_type: &str, first: Value, subject: &str| {
        let full = |name: &str| format!("http://example.org/fhir/{name}");
        let patient = json!({ "resourceType": "Patient", "id": "1", "meta": { "versionId": "1" } });
        let mut about = observation(subject);
        about["id"] = json!("1");
        let mut bundle = entries(
            of_type,
            json!([
                { "fullUrl": full("Start/1"), "resource": first },
                { "fullUrl": full("Observation/1"), "resource": about },
                { "fullUrl": full("Patient/1"), "resource": patient },
            ]),
        );
        bundle["entry"][0]["fullUrl"] =
            json!(full(&format!("{}/1", first["resourceType"].as_str().unwrap_or_default())));
        bundle["timestamp"] = json!("2020-01-01T10:00:00Z");
        bundle["identifier"] = json!({ "system": "http://example.org/b", "value": "1" });
        bundle
    };
    let message = |focus: &str| {
        json!({ "resourceType": "MessageHeader", "id": "1", "eventUri": "http://example.org/e",
        "source": { "endpoint": "http://example.org/x" }, "focus": [{ "reference": focus }] })
    };
    let document = |about: &str| {
        json!({ "resourceType": "Composition", "id": "1", "status": "final", "type": { "text": "x" },
        "date": "2020", "title": "x", "author": [{ "display": "x" }],
        "section": [{ "title": "x", "entry": [{ "reference": "Observation/1" }, { "reference": about }] }] })
    };
    let lost = "reference-not-in-bundle";
    let (focus, section, subject) = (
        "Bundle.entry[0].resource.focus[0]",
        "Bundle.entry[0].resource.section[0].entry[1]",
        "Bundle.entry[1].resource.subject",
    );
    table(vec![
        (bundle("message", message("Observation/1"), "Patient/1"), &[]),
        (bundle("message", message("Observation/1"), "Patient/1/_history/1"), &[]),
        (bundle("message", message("Observation/1"), "Patient/2"), &[]),
        (bundle("message", message("Observation/1"), "Patient/1/_history/2"), &[(lost, subject)]),
        (bundle("collection", message("Observation/1"), "Patient/1/_history/2"), &[]),
        (bundle("message", message("http://example.org/other/Observation/7"), "Patient/1"), &[(lost, focus)]),
        (bundle("document", document("Patient/1"), "Patient/1"), &[]),
        (bundle("document", document("http://example.org/Measure/7"), "Patient/1"), &[]),
        (bundle("document", document("http://example.org/fhir/Patient/7"), "Patient/1"), &[(lost, section)]),
    ]);
}

#[test]
fn the_signature_of_a_bundle_says_when_it_was_made_as_the_bundle_does() {
    let of = |format: &str, data: &str| {
        let mut bundle = entries("collection", json!([]));
        bundle.as_object_mut().expect("an object").remove("entry");
        bundle["signature"] = json!({ "type": [{ "code": "x" }], "when": "2020-01-01T10:00:00Z", "who": { "display": "x" },
            "sigFormat": format, "data": data });
        bundle
    };
    // {"alg":"RS256","sigT":"2020-01-01T11:00:00+01:00"}, and an hour later.
    let right = "ZXlKaGJHY2lPaUpTVXpJMU5pSXNJbk5wWjFRaU9pSXlNREl3TFRBeExUQXhWREV4T2pBd09qQXdLekF4T2pBd0luMC4ueA==";
    let later = "ZXlKaGJHY2lPaUpTVXpJMU5pSXNJbk5wWjFRaU9pSXlNREl3TFRBeExUQXhWREV5T2pBd09qQXdLekF4T2pBd0luMC4ueA==";
    table(vec![
        (of("application/jose", right), &[]),
        (of("application/jose", later), &[("signature-time", "Bundle")]),
        (of("application/jose", "YWJj"), &[("signature-form", "Bundle")]),
        (of("application/pdf", "YWJj"), &[]),
    ]);
}

#[test]
fn what_a_profile_imposes_holds_with_it() {
    let imposing = |of: &str| {
        let mut profile = profile(json!({ "id": "Observation", "path": "Observation" }));
        profile["extension"] = json!([{
            "url": "http://hl7.org/fhir/StructureDefinition/structuredefinition-imposeProfile", "valueCanonical": of,
        }]);
        profile
    };
    let mut other = profile(json!({ "id": "Observation.subject", "path": "Observation.subject", "min": 1 }));
    other["url"] = json!("http://example.org/imposed");
    let mut circle = imposing("http://example.org/p");
    circle["url"] = json!("http://example.org/imposed");
    let imposed = imposing("http://example.org/imposed");
    let subject = json!({ "subject": { "display": "x" } });
    assert_eq!(refused(&[imposed.clone(), other.clone()], subject), []);
    assert_eq!(refused(&[imposed.clone(), other], json!({})), [pair("cardinality-too-few", "Observation")]);
    assert_eq!(refused(&[imposed.clone(), circle], json!({})), []);
    assert_eq!(refused(&[imposed], json!({})), []);
}

#[test]
fn moments_compare_over_time_zones() {
    let limits = profile(json!({ "id": "Observation.effective[x]", "path": "Observation.effective[x]",
        "type": [{ "code": "dateTime" }], "minValueDateTime": "2020-01-01T10:30:00Z" }));
    let found = |time: &str| refused(std::slice::from_ref(&limits), json!({ "effectiveDateTime": time }));
    for right in
        ["2020-01-01T10:30:00Z", "2020-01-01T11:30:00+01:00", "2020-01-01T09:00:00-02:00", "2020-01-01", "2020"]
    {
        assert_eq!(found(right), [], "{right}");
    }
    for wrong in ["2020-01-01T11:00:00+01:00", "2020-01-01T10:29:59Z", "2019-12-31"] {
        assert_eq!(found(wrong), [pair("value-below-minimum", "Observation.effectiveDateTime")], "{wrong}");
    }
}
