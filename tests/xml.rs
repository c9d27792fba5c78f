//! The XML form: from JSON and back is identity, and what is written can be read by the validator.

mod common;

use std::collections::BTreeSet;
use std::io::Read;
use std::path::Path;
use std::sync::{Arc, LazyLock};

use jiff::Timestamp;
use overdracht::domain::{self, Kind};
use overdracht::fhir::definitions::{Definitions, HL7_STRUCTURE};
use overdracht::fhir::xml::{self, Content, Defined, Elements, Layout};
use overdracht::mapping::{self, Existing, Ids};
use overdracht::validator::{Options, Validator};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

static DEFINITIONS: LazyLock<Arc<Definitions>> =
    LazyLock::new(|| Arc::new(Definitions::builder().open().expect("`make definitions` was run")));
static R4: LazyLock<Defined> = LazyLock::new(|| Defined::new(Arc::clone(&DEFINITIONS)));

fn round_trip(resource: &Value) {
    let text = xml::write(&*R4, resource).unwrap_or_else(|error| panic!("{error}: {resource}"));
    let again = xml::read(&*R4, &text).unwrap_or_else(|at| panic!("unreadable at {at:?}: {text}"));
    assert_eq!(&again.resource, resource, "{text}");
}

/// `&nbsp;` and its like are characters after a round trip, as XML needs.
fn without_entities(resource: &Value) -> Value {
    let text = resource.to_string();
    serde_json::from_str(&text.replace("&nbsp;", "\u{a0}")).expect("JSON")
}

#[test]
fn every_published_example_keeps_all_it_says() {
    let names =
        ["nl-core-0.12.0-beta.4", "zib2020-0.12.0-beta.4"].map(|name| format!("packages/nictiz.fhir.nl.r4.{name}.tgz"));
    let mut total = 0;
    for package in names.iter().map(String::as_str).chain(["packages/iknl.fhir.nl.r4.ncr-ehr-1.4.2.tgz"]) {
        let Some(path) = common::shared(package) else { return };
        let file = std::fs::File::open(&path).expect("a package opens");
        let mut archive = tar::Archive::new(flate2::read::GzDecoder::new(file));
        for entry in archive.entries().expect("a package is a tar") {
            let mut entry = entry.expect("an entry");
            let path = entry.path().expect("a path").to_string_lossy().into_owned();
            if !path.ends_with(".json") || path.contains("package.json") || path.contains(".index") {
                continue;
            }
            let mut text = String::new();
            entry.read_to_string(&mut text).expect("text");
            let resource: Value = serde_json::from_str(&text).expect("JSON");
            if path.contains("example") {
                round_trip(&without_entities(&resource));
                total += 1;
            }
        }
    }
    assert!(total > 270, "{total} examples");
}

#[test]
fn the_published_forms_keep_all_they_say() {
    for name in ["Questionnaire-ACP-zib2020", "QuestionnaireResponse-HendrikHartman-20201001"] {
        let Some(path) = common::shared(&format!("pzp/r4/{name}.json")) else { return };
        let resource: Value = serde_json::from_slice(&std::fs::read(path).expect("readable")).expect("JSON");
        round_trip(&without_entities(&resource));
    }
}

#[test]
fn everything_that_a_document_becomes_is_the_same_in_both_forms_and_as_valid() {
    let validator = Validator::new(Arc::clone(&DEFINITIONS), Options::default());
    let now: Timestamp = "2026-11-22T12:00:00Z".parse().expect("a time");
    let mut seen = BTreeSet::new();
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    for folder in std::fs::read_dir(fixtures).expect("fixtures").map(|it| it.expect("an entry").path()) {
        if !folder.is_dir() || folder.ends_with("invalid") {
            continue;
        }
        for file in std::fs::read_dir(folder).expect("documents").map(|it| it.expect("an entry").path()) {
            let name = file.file_stem().expect("a name").to_string_lossy().into_owned();
            let kind = Kind::ALL.iter().find(|kind| name.starts_with(kind.as_str())).expect("a kind");
            let json: Value = serde_json::from_slice(&std::fs::read(&file).expect("readable")).expect("JSON");
            let document = domain::parse(*kind, &json, now).expect("a valid document");
            let parties = mapping::parties(&document).into_iter().enumerate();
            let ids = Ids {
                patient: "patient".into(),
                source: document.envelope().source.system.clone(),
                document: document.envelope().document_id.clone(),
                parties: parties.map(|(at, party)| (party, format!("party-{at}"))).collect(),
            };
            for resource in mapping::map(&document, &ids, &Existing::default()).expect("mapped").resources {
                round_trip(&resource);
                seen.insert(resource["resourceType"].as_str().expect("a type").to_owned());
                let text = xml::write(&*R4, &resource).expect("written");
                let places = |issues: Vec<overdracht::fhir::Issue>| -> Vec<_> {
                    issues.into_iter().map(|issue| (issue.id, issue.at)).collect()
                };
                let as_json = places(validator.validate(&resource, &[]));
                assert_eq!(places(validator.validate_text(&text, &[])), as_json, "{}", resource["id"]);
            }
        }
    }
    assert!(seen.len() >= 14, "{seen:?}");
}

#[test]
fn elements_stand_in_the_order_of_the_definitions() {
    let patient = json!({
        "resourceType": "Patient", "birthDate": "1950-01", "name": [{ "given": ["A"], "_family": { "id": "f" }, "use": "official" }],
        "contained": [{ "resourceType": "Organization", "name": "O", "id": "o" }], "id": "p",
        "deceasedBoolean": false, "extension": [{ "valueDecimal": 1.5, "url": "urn:x" }],
        "managingOrganization": { "reference": "#o" },
    });
    let text = xml::write(&*R4, &patient).expect("written");
    assert_eq!(
        text.split_once("?>").expect("a declaration").1,
        "<Patient xmlns=\"http://hl7.org/fhir\"><id value=\"p\"/><contained><Organization><id value=\"o\"/><name value=\"O\"/>\
         </Organization></contained><extension url=\"urn:x\"><valueDecimal value=\"1.5\"/></extension><name>\
         <use value=\"official\"/><family id=\"f\"/><given value=\"A\"/></name><birthDate value=\"1950-01\"/>\
         <deceasedBoolean value=\"false\"/><managingOrganization><reference value=\"#o\"/></managingOrganization></Patient>"
    );
}

#[test]
fn what_is_no_xml_of_fhir_is_refused_at_its_place() {
    let deep = format!("<Basic xmlns=\"http://hl7.org/fhir\">{}", "<a>".repeat(10_000));
    for bad in [
        "",
        "<Patient/>",
        "<Patient xmlns=\"urn:other\"/>",
        "<Patient xmlns=\"http://hl7.org/fhir\">",
        "<Patient xmlns=\"http://hl7.org/fhir\">text</Patient>",
        "<Patient xmlns=\"http://hl7.org/fhir\"/><Patient/>",
        "<!DOCTYPE x [<!ENTITY e \"e\">]><Patient xmlns=\"http://hl7.org/fhir\"/>",
        "<Patient xmlns=\"http://hl7.org/fhir\"><id value=\"&e;\"/></Patient>",
        "<Patient xmlns=\"http://hl7.org/fhir\"><id value=\"a\" value=\"b\"/></Patient>",
        &deep,
    ] {
        assert!(xml::read(&*R4, bad).is_err(), "{}", &bad[..bad.len().min(80)]);
    }
}

/// Every type that can stand by itself.
static RESOURCES: LazyLock<Vec<String>> = LazyLock::new(|| {
    let names = DEFINITIONS.entries("StructureDefinition").filter_map(|it| it.url.strip_prefix(HL7_STRUCTURE));
    let standing = |name: &&str| R4.elements(name).is_some_and(|it| it.is_resource());
    names.filter(standing).map(str::to_owned).collect()
});

/// Decisions for a generated resource; when they run out everything is as small as it can be.
struct Choices<'c>(std::slice::Iter<'c, u8>);

impl Choices<'_> {
    fn below(&mut self, limit: usize) -> usize {
        usize::from(self.0.next().copied().unwrap_or_default()) % limit.max(1)
    }
}

const TEXTS: &[&str] = &["a", "\n\t\"'", "&amp; < > &", " é\u{1f600} ", "]]>", "\r\n"];
const NUMBERS: &[&str] = &["0", "1.10", "-3", "100000000000000000000.5"];

fn resource(name: &str, choices: &mut Choices<'_>, depth: usize) -> Value {
    let elements = R4.elements(name).expect("a type");
    let mut map = object(&elements, choices, depth);
    map.insert("resourceType".into(), name.into());
    map.into()
}

fn object(elements: &Elements, choices: &mut Choices<'_>, depth: usize) -> Map<String, Value> {
    let mut map = Map::new();
    for element in elements.iter() {
        if choices.below(8) != 1 || depth > 6 {
            continue;
        }
        let count = if element.repeats { 1 + choices.below(3) } else { 1 };
        let made: Vec<(Value, Value)> = (0..count).map(|_| item(element, choices, depth)).collect();
        let (values, parts): (Vec<Value>, Vec<Value>) = made.into_iter().unzip();
        let mut insert = |name: String, mut items: Vec<Value>| {
            if items.iter().any(|it| !it.is_null()) {
                map.insert(name, if element.repeats { items.into() } else { items.remove(0) });
            }
        };
        insert(element.name.to_string(), values);
        insert(format!("_{}", element.name), parts);
    }
    map
}

/// A value and what stands beside it, one of the two at least.
fn item(element: &xml::Element, choices: &mut Choices<'_>, depth: usize) -> (Value, Value) {
    let value = match &element.content {
        Content::Text => TEXTS[choices.below(TEXTS.len())].into(),
        Content::Boolean => (choices.below(2) == 1).into(),
        Content::Number => serde_json::from_str(NUMBERS[choices.below(NUMBERS.len())]).expect("a number"),
        Content::Xhtml => "<div xmlns=\"http://www.w3.org/1999/xhtml\"><p>a &amp; <b>b</b>\n</p><br/></div>".into(),
        Content::Resource => resource(&RESOURCES[choices.below(RESOURCES.len())], choices, depth + 1),
        Content::Type(of) => object(&R4.elements(of).expect("a type"), choices, depth + 1).into(),
    };
    if !element.content.is_primitive() || element.attribute {
        return (value, Value::Null);
    }
    let part = object(&R4.elements("Element").expect("a type"), choices, depth + 1);
    match (part.is_empty(), choices.below(3)) {
        (true, _) => (value, Value::Null),
        (false, 1) => (Value::Null, part.into()),
        (false, _) => (value, part.into()),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn any_resource_comes_back_as_it_was(which in any::<prop::sample::Index>(), choices in prop::collection::vec(any::<u8>(), 0..2000)) {
        let name = &RESOURCES[which.index(RESOURCES.len())];
        round_trip(&resource(name, &mut Choices(choices.iter()), 0));
    }

    #[test]
    fn no_text_makes_the_reader_panic(text in "(<(/?[a-zA-Z:]{1,8}( [a-z]{1,5}=\"[^\"]{0,5}\")?/?>|&[a-z#0-9]{0,4};?|[ -~]){0,3}){0,20}") {
        let _ = xml::read(&*R4, &format!("<Patient xmlns=\"http://hl7.org/fhir\">{text}</Patient>"));
        let _ = xml::read(&*R4, &text);
    }
}
