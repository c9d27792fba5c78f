//! The validator's promises that need no shared cases.

mod constraints;
mod definitions;
mod hostile;
mod instances;
mod kept;
mod lenient;
mod near;
mod oncology;
mod questionnaire;
mod rules;
mod slices;
mod terms;
mod told;

use std::sync::{Arc, LazyLock};

use overdracht::fhir::definitions::Definitions;
use overdracht::validator::{Kind, Options, Validator};
use proptest::prelude::*;
use serde_json::{Value, json};

#[test]
fn every_message_stands_in_the_documentation() {
    let listed = include_str!("../../docs/messages.md");
    let listed = listed.split("## Of the service").next().expect("a first part");
    for (id, severity, code) in Kind::ALL {
        let row = format!("| `{id}` | {} | {} |", severity.as_str(), code.as_str());
        assert!(listed.contains(&row), "docs/messages.md lacks: {row}");
    }
    assert_eq!(listed.matches("\n| `").count(), Kind::ALL.len(), "docs/messages.md lists what is no message");
}

fn validator() -> &'static Validator {
    static VALIDATOR: LazyLock<Validator> = LazyLock::new(|| {
        let definitions = Definitions::builder().open().expect("definitions open");
        Validator::new(Arc::new(definitions), Options::default())
    });
    &VALIDATOR
}

fn patient() -> Value {
    json!({
        "resourceType": "Patient", "id": "p", "active": true,
        "identifier": [{ "system": "http://example.org/numbers", "value": "1" }],
        "name": [{ "family": "Voorbeeld", "_family": { "id": "f" }, "given": ["A", "B"] }],
        "birthDate": "1950-02-03", "multipleBirthInteger": 2,
        "contact": [{ "name": { "text": "C" }, "telecom": [{ "system": "phone", "value": "06" }] }],
        "contained": [{ "resourceType": "Organization", "id": "o", "name": "O" }],
        "managingOrganization": { "reference": "#o" },
    })
}

fn bundle() -> Value {
    json!({
        "resourceType": "Bundle", "type": "collection",
        "entry": [
            { "fullUrl": "http://example.org/fhir/Patient/p", "resource": patient() },
            { "fullUrl": "http://example.org/fhir/Observation/o", "resource": {
                "resourceType": "Observation", "id": "o", "status": "final", "code": { "text": "x" },
                "subject": { "reference": "Patient/p" },
                "valueQuantity": { "value": 1.50, "unit": "kg", "system": "http://unitsofmeasure.org", "code": "kg" },
                "component": [{ "code": { "text": "y" }, "valueDateTime": "2020-01-01T10:00:00Z" }],
            } },
        ],
    })
}

/// All places in a value, as JSON pointers.
fn places(value: &Value, at: &str, into: &mut Vec<String>) {
    into.push(at.to_owned());
    match value {
        Value::Object(map) => map.iter().for_each(|(name, inner)| places(inner, &format!("{at}/{name}"), into)),
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(i, inner)| places(inner, &format!("{at}/{i}"), into));
        }
        _ => {}
    }
}

/// One change at the place with this number, counted round.
fn change(value: &mut Value, number: usize, how: u8) {
    let mut all = Vec::new();
    places(value, "", &mut all);
    let other = value.pointer(&all[(number / 7) % all.len()]).cloned();
    let Some(here) = value.pointer_mut(&all[number % all.len()]) else { return };
    match (how, here) {
        (0, here) => *here = Value::Null,
        (1, here) => *here = json!([here.take()]),
        (2, here) => *here = json!(-7.25),
        (3, here) => *here = json!("2020-13-45"),
        (4, here) => *here = json!({}),
        (5, Value::Object(map)) => drop(map.insert("unknown".into(), json!(1))),
        (6, Value::Object(map)) => {
            let last = map.keys().next_back().cloned().unwrap_or_default();
            map.shift_remove(&last);
        }
        (7, Value::Array(items)) => drop(items.pop()),
        (8, here) => *here = other.unwrap_or_default(),
        (_, Value::Array(items)) => items.extend_from_within(..),
        _ => {}
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(600) })]

    /// The quick answer is the long one, whatever is wrong; and nothing makes either panic.
    #[test]
    fn is_valid_and_validate_agree(
        whole in any::<bool>(),
        changes in proptest::collection::vec((any::<u16>(), 0u8..10), 0..5),
    ) {
        let mut resource = if whole { bundle() } else { patient() };
        for (number, how) in changes {
            change(&mut resource, usize::from(number), how);
        }
        let issues = validator().validate(&resource, &[]);
        let refused = issues.iter().any(|i| i.severity.refuses());
        prop_assert_eq!(validator().is_valid(&resource, &[]), !refused, "{}", resource);
    }
}

#[test]
fn the_unchanged_resources_are_valid() {
    for resource in [patient(), bundle()] {
        assert_eq!(validator().validate(&resource, &[]).iter().filter(|i| i.severity.refuses()).count(), 0);
    }
}

#[test]
fn a_profile_that_was_asked_for_and_is_not_here_is_an_error() {
    let asked = ["http://example.org/fhir/StructureDefinition/none"];
    assert!(!validator().is_valid(&patient(), &asked));
    assert_eq!(validator().validate(&patient(), &asked)[0].id, "profile-unknown");
}

#[test]
fn the_system_of_a_coding_is_an_absolute_url_of_a_code_system() {
    let found = |system: &str| {
        let resource = json!({ "resourceType": "Basic", "code": { "coding": [{ "system": system, "code": "x" }] } });
        validator().validate(&resource, &[]).iter().map(|i| i.id).collect::<Vec<_>>()
    };
    assert!(found("systems").contains(&"code-relative-system"));
    assert!(found("http://hl7.org/fhir/ValueSet/languages").contains(&"code-value-set-as-system"));
    assert!(found("http://example.org/systems").iter().all(|id| !id.starts_with("code-")));
}

#[test]
fn xml_is_read_with_the_place_of_each_finding() {
    let places = |text: &str| -> Vec<_> {
        let issues = validator().validate_text(text, &[]);
        issues.into_iter().filter(|i| i.severity.refuses()).map(|i| (i.id, i.at, i.position)).collect()
    };
    let whole = r#"<?xml version="1.0"?>
<Patient xmlns="http://hl7.org/fhir">
  <text><status value="generated"/><div xmlns="http://www.w3.org/1999/xhtml"><p>a &amp; <b>b</b></p></div></text>
  <contained><Organization><id value="o"/><name value="&lt;O&gt;"/></Organization></contained>
  <extension url="http://hl7.org/fhir/StructureDefinition/patient-mothersMaidenName"><valueString value="X"/></extension>
  <active value="true"/>
  <name id="n"><family value="V"/><given value="A"/><given id="g"><extension
    url="http://hl7.org/fhir/StructureDefinition/data-absent-reason"><valueCode value="unknown"/></extension></given></name>
  <multipleBirthInteger value="2"/>
  <managingOrganization><reference value="@o"/></managingOrganization>
</Patient>"#
        .replace("@o", "#o");
    assert_eq!(places(&whole), []);
    let broken = whole.replace("value=\"true\"", "value=\"yes\"").replace("multipleBirthInteger", "multiple");
    let at = |path: &str| Some(path.to_owned());
    assert_eq!(
        places(&broken),
        [
            ("structure-wrong-json-type", at("Patient.active"), Some((6, 3))),
            ("structure-unknown-property", at("Patient"), Some((9, 3))),
        ]
    );
    let ids = |text: &str| places(text).into_iter().map(|(id, at, _)| (id, at.unwrap_or_default())).collect::<Vec<_>>();
    let of = |inner: &str| format!("<Patient xmlns=\"http://hl7.org/fhir\">{inner}</Patient>");
    let order = of("<birthDate value=\"1950\"/><active value=\"true\"/>");
    assert_eq!(ids(&order), [("structure-xml-order", "Patient".to_owned())]);
    let apart = of("<name><given value=\"A\"/><family value=\"B\"/></name>");
    assert_eq!(ids(&apart), [("structure-xml-order", "Patient.name[0]".to_owned())]);
    let attribute = of("<name family=\"B\"><given value=\"A\"/></name>");
    assert_eq!(ids(&attribute), [("structure-xml-attribute", "Patient.name[0]".to_owned())]);
    let namespace = of("<active xmlns=\"http://example.org\" value=\"true\"/>");
    assert_eq!(ids(&namespace), [("structure-xml-namespace", "Patient.active".to_owned())]);
    let twice = "<Patient xmlns=\"http://hl7.org/fhir\">\n<active value=\"true\"/><active value=\"true\"/></Patient>";
    assert_eq!(places(twice)[0].0, "structure-expected-single");
    let entity = "<!DOCTYPE x [<!ENTITY e \"y\">]><Patient xmlns=\"http://hl7.org/fhir\"/>";
    for text in [
        entity,
        "<Patient/>",
        "<Patient xmlns=\"http://hl7.org/fhir\"><name></Patient>",
        "<",
        "<a>".repeat(9999).as_str(),
    ] {
        assert_eq!(places(text)[0].0, "structure-not-xml", "{text:.40}");
    }
}

#[test]
fn a_property_that_stands_twice_is_refused() {
    let issues =
        validator().validate_text("{\"resourceType\": \"Patient\",\n\"active\": true, \"active\": false}", &[]);
    assert_eq!(issues.iter().map(|i| i.id).collect::<Vec<_>>(), ["structure-duplicate-property"]);
}
