//! The XML form of STU3.

use overdracht::fhir::stu3::Stu3;
use overdracht::fhir::xml;
use overdracht::mapping::stu3;
use serde_json::json;

use super::{documents, published};

#[test]
fn every_published_resource_comes_back_from_xml() {
    let Some(known) = published::instances() else { return };
    let forms = published::files(&["Questionnaire-"]).unwrap();
    for one in known.resources.iter().chain(&forms) {
        let text = xml::write(&Stu3, one).unwrap_or_else(|error| panic!("{}: {error}", one["id"]));
        assert_eq!(xml::read(&Stu3, &text).unwrap().resource, *one, "{text}");
    }
}

#[test]
fn everything_that_we_make_comes_back_from_xml() {
    let generated = (0..50).map(|seed| (format!("generated {seed}"), documents::generated(seed)));
    for (name, known) in documents::fixtures().into_iter().chain(generated) {
        for one in &known.resources {
            let rendered = stu3::to_stu3(one, &|reference: &str| known.find(reference)).resource.unwrap();
            let text = xml::write(&Stu3, &rendered).unwrap_or_else(|error| panic!("{name}: {error}"));
            assert_eq!(xml::read(&Stu3, &text).unwrap().resource, rendered, "{name}: {text}");
        }
    }
}

#[test]
fn elements_stand_in_the_order_of_the_specification() {
    let consent = json!({
        "resourceType": "Consent", "except": [{ "code": [{ "code": "x" }], "type": "deny" }], "policyRule": "urn:x",
        "dateTime": "2026-01-05", "patient": { "display": "x" }, "category": [{ "text": "x" }], "status": "active",
        "modifierExtension": [{ "url": "urn:x", "valueBoolean": true }], "extension": [{ "valueCode": "a", "url": "urn:y" }],
        "id": "a",
    });
    let text = xml::write(&Stu3, &consent).unwrap();
    let body = "<id value=\"a\"/><extension url=\"urn:y\"><valueCode value=\"a\"/></extension>\
        <modifierExtension url=\"urn:x\"><valueBoolean value=\"true\"/></modifierExtension><status value=\"active\"/>\
        <category><text value=\"x\"/></category><patient><display value=\"x\"/></patient>\
        <dateTime value=\"2026-01-05\"/><policyRule value=\"urn:x\"/>\
        <except><type value=\"deny\"/><code><code value=\"x\"/></code></except></Consent>";
    assert!(text.ends_with(body), "{text}");
}

#[test]
fn every_kind_of_element_keeps_its_place_and_comes_back() {
    let patient = json!({
        "resourceType": "Patient", "id": "a",
        "text": { "status": "generated", "div": "<div xmlns=\"http://www.w3.org/1999/xhtml\">x &lt; y</div>" },
        "contained": [{ "resourceType": "Organization", "id": "b" }],
        "extension": [{ "url": "urn:x", "valueCoding": { "code": "c" } }],
        "active": true, "_active": { "id": "n", "extension": [{ "url": "urn:y", "valueBoolean": true }] },
        "name": [{ "given": [null, "two\n\"& <"], "_given": [{ "extension": [{ "url": "urn:z", "valueString": "z" }] }, null] }],
        "deceasedDateTime": "2017-01",
        "contact": [{ "id": "p", "relationship": [{ "coding": [{ "code": "N" }] }], "gender": "male" }],
        "managingOrganization": { "reference": "#b" },
    });
    let text = xml::write(&Stu3, &patient).expect("written");
    assert_eq!(xml::read(&Stu3, &text).expect("read").resource, patient, "{text}");
    let order = [
        "<id ",
        "<text>",
        "<contained>",
        "<extension ",
        "<active ",
        "<name>",
        "<deceasedDateTime ",
        "<contact ",
        "<managing",
    ];
    let places: Vec<_> = order.iter().map(|part| text.find(part).unwrap_or_else(|| panic!("{part}: {text}"))).collect();
    assert!(places.is_sorted(), "{text}");
}

#[test]
fn what_a_layout_does_not_know_is_never_left_out_unseen() {
    for (bad, at) in [
        (json!({ "resourceType": "Resource" }), ""),
        (json!({ "resourceType": "Other" }), ""),
        (json!({ "resourceType": "Patient", "colour": "red" }), "Patient"),
        (json!({ "resourceType": "Patient", "name": [] }), "Patient.name"),
        (json!({ "resourceType": "Patient", "active": { "x": 1 } }), "Patient.active"),
        (json!({ "resourceType": "Patient", "contact": [{ "gender": "male", "x": 1 }] }), "Patient.contact"),
        (json!({ "resourceType": "Patient", "text": { "div": "no markup" } }), "Patient.text.div"),
    ] {
        assert_eq!(xml::write(&Stu3, &bad).map_err(|it| it.at), Err(at.to_owned()), "{bad}");
    }
}
