//! Resources of another system → document: without our Composition, Provenance and extensions, and under other names.

use std::collections::BTreeMap;

use overdracht::domain::{self, Kind};
use overdracht::fhir::ResourceKey;
use overdracht::intake::{Known, Origin, bundle};
use overdracht::mapping::bundle::entries;
use overdracht::mapping::care_plan::{self, has_profile};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::common::PEOPLE;
use super::generate::Schemas;
use super::{file, mapped, now};

const OURS: &str = "https://overdracht.example/fhir/";

/// What only our own profiles hold: another system has no such resources.
fn is_ours_alone(one: &Value) -> bool {
    ["Composition", "Provenance", "CareTeam", "QuestionnaireResponse"].iter().any(|kind| one["resourceType"] == *kind)
        || ["Overdracht-CarePlanAnswer", "Overdracht-SharingConsent"].iter().any(|profile| has_profile(one, profile))
}

/// The value without what carries our canonicals.
fn stripped(value: &mut Value) {
    match value {
        Value::Array(items) => {
            items.retain(|item| !item["url"].as_str().is_some_and(|url| url.starts_with(OURS)));
            items.iter_mut().for_each(stripped);
        }
        Value::Object(object) => {
            object.values_mut().for_each(stripped);
            object.retain(|_, value| !is_hollow(value));
        }
        _ => {}
    }
}

fn is_hollow(value: &Value) -> bool {
    value.as_array().is_some_and(Vec::is_empty) || value.as_object().is_some_and(serde_json::Map::is_empty)
}

/// A transaction as a GP's system would send it: `urn:uuid:` names, no ids.
fn foreign(document: &Value) -> Value {
    let parsed = domain::parse(Kind::CarePlan, document, now()).unwrap();
    let mut resources: Vec<Value> = mapped(&parsed).resources.into_iter().filter(|one| !is_ours_alone(one)).collect();
    let names: BTreeMap<String, String> = resources
        .iter()
        .enumerate()
        .map(|(i, one)| {
            (ResourceKey::of(one).unwrap().to_string(), format!("urn:uuid:00000000-0000-4000-8000-{i:012}"))
        })
        .collect();
    let urls: Vec<String> =
        resources.iter().map(|one| names[&ResourceKey::of(one).unwrap().to_string()].clone()).collect();
    resources.iter_mut().for_each(|one| {
        stripped(one);
        one.as_object_mut().unwrap().shift_remove("id");
        one["meta"]["profile"].as_array_mut().unwrap().retain(|url| !url.as_str().unwrap().starts_with(OURS));
        rename(one, &names);
    });
    let entry = |(resource, url): (Value, String)| {
        let kind = resource["resourceType"].clone();
        json!({ "fullUrl": url, "resource": resource, "request": { "method": "POST", "url": kind } })
    };
    json!({
        "resourceType": "Bundle", "type": "transaction", "timestamp": "2026-02-01T10:00:00+01:00",
        "identifier": { "system": "https://his.example/plans", "value": "plan-1" },
        "entry": resources.into_iter().zip(urls).map(entry).collect::<Vec<_>>(),
    })
}

fn rename(value: &mut Value, names: &BTreeMap<String, String>) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| rename(item, names)),
        Value::Object(object) => object.iter_mut().for_each(|(key, value)| match value.as_str() {
            Some(reference) if key == "reference" => {
                *value = json!(names.get(reference).map_or(reference, String::as_str));
            }
            _ => rename(value, names),
        }),
        _ => {}
    }
}

fn read(bundle: &Value, source: &Value) -> Origin {
    let body = json!({ "bundle": bundle, "source": source });
    let mut plans = bundle::read(&body, &Known::default()).unwrap_or_else(|faults| panic!("{faults:#?}"));
    assert_eq!(plans.len(), 1, "of one conversation");
    plans.remove(0)
}

/// The decision as PZP's own elements say it: with a restriction it is neither yes nor no, but the words of both.
fn decision(one: &Value) -> (Value, Value) {
    let words = match one["decision"].as_str().unwrap() {
        "0" => "Wel uitvoeren",
        "2" => "Niet uitvoeren",
        "UNK" => "Onbekend",
        _ => "Anders",
    };
    match (one["decision"].as_str(), one["specificationOther"].as_str()) {
        (Some("1"), None) => (json!("1"), json!(words)),
        (Some("1"), Some(said)) => (json!("1"), json!(said)),
        (_, Some(said)) => (json!("1"), json!(format!("{words}: {said}"))),
        _ => (one["decision"].clone(), Value::Null),
    }
}

/// Who is meant by the keys of a plan: another system's keys are ids.
fn said(plan: &Value) -> Value {
    let entry = |list: &str, key: &Value| {
        let found = plan[list].as_array().into_iter().flatten().find(|one| one["key"] == *key).cloned();
        found.map(|mut one| {
            one.as_object_mut().unwrap().shift_remove("key");
            one
        })
    };
    let directives = plan["treatmentDirectives"].as_array().into_iter().flatten();
    let directives: Vec<Value> = directives
        .map(|one| {
            let (decision, otherwise) = decision(one);
            json!([
                one["treatment"],
                one["otherTreatment"],
                decision,
                otherwise,
                one["comment"],
                one["endedAt"],
                one["reasonEnded"],
            ])
        })
        .collect();
    json!({
        "directives": directives,
        "goal": [plan["goal"]["goal"], plan["goal"]["comment"]],
        "place": [plan["preferredPlaceOfDeath"]["place"], plan["preferredPlaceOfDeath"]["comment"]],
        "euthanasia": [plan["euthanasiaPosition"]["position"], plan["euthanasiaPosition"]["comment"]],
        "wishes": plan["specificCareWishes"]["wishes"],
        "sense": plan["senseOfPurpose"]["text"],
        "donor": plan["organDonation"]["registered"],
        "icd": [plan["icd"]["comment"], plan["icd"]["gtin"], plan["icdDeactivation"]["decision"], plan["icdDeactivation"]["comment"]],
        "capacity": plan["legalCapacity"],
        "representative": entry("contactPersons", &plan["legalRepresentative"]).map(|one| one["name"].clone()),
        "conductor": entry("practitioners", &plan["conversation"]["conductedBy"]).map(|one| one["name"].clone()),
        "patient": plan["patient"]["identifiers"]["bsn"],
    })
}

fn differing(ours: &Value, theirs: &Value) -> Vec<String> {
    // Without our Composition the role alone says who represents the patient: of several who have it nobody knows.
    let persons = ours["contactPersons"].as_array().into_iter().flatten();
    let is_one = |one: &&Value| {
        let roles = one["roles"].as_array().into_iter().flatten();
        roles.into_iter().any(|role| role == "24") || one["key"] == ours["legalRepresentative"]
    };
    let alone = persons.filter(is_one).map(|one| &one["key"]).eq([&ours["legalRepresentative"]]);
    let (ours, mut theirs) = (said(ours), said(theirs));
    if !alone {
        theirs["representative"] = ours["representative"].clone();
    }
    ours.as_object().unwrap().keys().filter(|key| ours[key.as_str()] != theirs[key.as_str()]).cloned().collect()
}

#[test]
fn every_fixture_is_taken_in_as_the_resources_of_another_system() {
    for patient in PEOPLE {
        let ours = file(&format!("fixtures/{patient}/care-plan.json"));
        let origin = read(&foreign(&ours), &ours["source"]);
        assert!(origin.counted, "{patient}: no version was given");
        let faults = domain::parse(Kind::CarePlan, &origin.document, now()).err().unwrap_or_default();
        assert!(faults.is_empty(), "{patient}: {faults:#?}");
        assert_eq!(differing(&ours, &origin.document), Vec::<String>::new(), "{patient}");
        assert_eq!(origin.document["recordedAt"], "2026-02-01T10:00:00+01:00");
        assert!(origin.warnings.is_empty(), "{patient}: {:#?}", origin.warnings);
    }
}

#[test]
fn a_fault_of_a_bundle_is_told_at_its_element() {
    let ours = file("fixtures/prostate-bone/care-plan.json");
    let mut sent = foreign(&ours);
    let entries = sent["entry"].as_array_mut().unwrap();
    let consent = entries
        .iter()
        .position(|entry| entry["resource"]["provision"]["code"][0]["coding"][0]["code"] == "89666000")
        .expect("a directive");
    entries[consent]["resource"]["provision"]["code"][0]["coding"][0]["code"] = json!("1234");
    entries[consent]["resource"]["dateTime"] = json!("3024-01-01");
    entries[0]["resource"]["identifier"][0]["value"] = json!("123456789");
    let origin = read(&sent, &ours["source"]);
    let place = |fault| origin.place(overdracht::mapping::issue(fault)).at.unwrap_or_default();
    let faults = domain::parse(Kind::CarePlan, &origin.document, now()).unwrap_err();
    let mut places: Vec<String> = faults.iter().map(place).collect();
    places.sort();
    let directive = format!("Bundle.entry[{consent}].resource");
    assert_eq!(
        places,
        [
            "Bundle.entry[0].resource.identifier[0].value".to_owned(),
            format!("{directive}.dateTime"),
            format!("{directive}.provision.code[0]"),
        ],
        "{faults:#?}"
    );
}

#[test]
fn what_a_bundle_does_not_say_of_itself_is_asked_for() {
    let ours = file("fixtures/prostate-bone/care-plan.json");
    let mut sent = foreign(&ours);
    for name in ["identifier", "timestamp"] {
        sent.as_object_mut().unwrap().shift_remove(name);
    }
    sent["entry"].as_array_mut().unwrap().retain(|entry| {
        entry["resource"]["resourceType"] != "Patient" && entry["resource"]["resourceType"] != "Organization"
    });
    let faults = bundle::read(&sent, &Known::default()).map(|mut plans| plans.remove(0).faults).unwrap_or_default();
    let ids: Vec<_> = faults.iter().map(|fault| (fault.id, fault.at.as_deref().unwrap_or_default())).collect();
    assert_eq!(
        ids,
        [
            ("care-plan-bundle-no-identifier", "Bundle.identifier"),
            ("care-plan-bundle-no-time", "Bundle.timestamp"),
            ("care-plan-bundle-no-source", "Bundle"),
            ("care-plan-bundle-no-patient", "Bundle"),
        ]
    );
    let mut beside = json!({ "bundle": sent });
    for name in ["documentId", "version", "recordedAt", "source", "patient"] {
        beside[name] = ours[name].clone();
    }
    let origin = bundle::read(&beside, &Known::default()).unwrap().remove(0);
    assert!(!origin.counted);
    let faults = domain::parse(Kind::CarePlan, &origin.document, now()).err().unwrap_or_default();
    assert!(faults.is_empty(), "{faults:#?}");
    beside["patiënt"] = json!({});
    assert_eq!(bundle::read(&beside, &Known::default()).unwrap_err()[0].at.as_deref(), Some("/patiënt"));
}

#[test]
fn an_agreement_that_was_added_to_our_own_resources_is_taken_in_too() {
    let ours = file("fixtures/prostate-bone/care-plan.json");
    let parsed = domain::parse(Kind::CarePlan, &ours, now()).unwrap();
    let mut resources = mapped(&parsed).resources;
    let mut added = resources
        .iter()
        .find(|one| one["provision"]["code"][0]["coding"][0]["code"] == "116762002")
        .expect("a directive")
        .clone();
    added["id"] = json!("added-by-the-gp");
    added["provision"]["code"][0] = json!({
        "coding": [{ "system": "http://terminology.hl7.org/CodeSystem/v3-NullFlavor", "code": "OTH" }], "text": "dialyse",
    });
    resources.push(added);
    let entries: Vec<Value> = resources.into_iter().map(|one| json!({ "resource": one })).collect();
    let sent = json!({
        "resourceType": "Bundle", "type": "collection", "timestamp": "2026-02-01T10:00:00+01:00",
        "identifier": { "system": "https://his.example/plans", "value": "plan-2" }, "entry": entries,
    });
    let origin = read(&sent, &ours["source"]);
    let count = |plan: &Value| plan["treatmentDirectives"].as_array().map_or(0, Vec::len);
    assert_eq!(count(&origin.document), count(&ours) + 1);
    let last = origin.document["treatmentDirectives"].as_array().unwrap().last().unwrap();
    assert_eq!(last["otherTreatment"], "dialyse");
    assert!(origin.warnings.is_empty(), "{:#?}", origin.warnings);
    assert_eq!(origin.document["documentId"], "plan-2");
}

/// Leaves of the resources of a Bundle: JSON pointer, and place as the trace says it. What a resource is called says
/// nothing, and the narrative says again what the elements say.
fn leaves(bundle: &Value) -> Vec<(String, String)> {
    fn walk(value: &Value, pointer: &str, place: &str, found: &mut Vec<(String, String)>) {
        match value {
            Value::Object(object) => object.iter().for_each(|(name, value)| {
                let place = format!("{place}.{}", name.trim_start_matches('_'));
                walk(value, &format!("{pointer}/{name}"), &place, found);
            }),
            Value::Array(items) => items.iter().enumerate().for_each(|(i, item)| {
                walk(item, &format!("{pointer}/{i}"), &format!("{place}[{i}]"), found);
            }),
            _ => found.push((pointer.to_owned(), place.to_owned())),
        }
    }
    let mut found = Vec::new();
    for (i, entry) in bundle["entry"].as_array().into_iter().flatten().enumerate() {
        let at = (format!("/entry/{i}/resource"), format!("Bundle.entry[{i}].resource"));
        walk(&entry["resource"], &at.0, &at.1, &mut found);
    }
    let of_itself = |place: &str| {
        let element = place.split_once("].resource.").map_or("", |(_, element)| element);
        ["resourceType", "id"].contains(&element)
    };
    found.retain(|(_, place)| !of_itself(place));
    found
}

fn is_within(place: &str, above: &str) -> bool {
    place.strip_prefix(above).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
}

/// Leaves of a Bundle of which the trace says otherwise than reading without them shows. Every `step`-th is tried, from
/// `first` on.
fn told_wrongly(bundle: &Value, source: &Value, first: usize, step: usize) -> Vec<String> {
    let origin = read(bundle, source);
    let rows = &origin.trace.rows;
    // Of several rows the nearest one counts.
    let nearest = |place: &str| {
        let above = rows.iter().filter(|row| is_within(place, &row.source));
        above.max_by_key(|row| (row.source.len(), row.target.is_none()))
    };
    let is_below = |place: &str| rows.iter().any(|row| row.target.is_some() && is_within(&row.source, place));
    let plan_of = |bundle: &Value| care_plan::read(&entries(bundle).unwrap().resources, &Value::Null).document;
    let plan = plan_of(bundle);
    let mut wrong = Vec::new();
    for (pointer, place) in leaves(bundle).into_iter().skip(first).step_by(step) {
        let told = nearest(&place);
        // Without an element that is told as lost, whole, the plan is the same.
        let lost = told.filter(|row| row.target.is_none());
        let taken = lost.map_or(pointer.clone(), |row| {
            let steps = |place: &str| place.split(['.', '[']).count();
            let deeper = steps(&place) - steps(&row.source);
            pointer.rsplitn(deeper + 1, '/').last().unwrap_or_default().to_owned()
        });
        let mut without = bundle.clone();
        *without.pointer_mut(&taken).unwrap() = Value::Null;
        let says_something = plan_of(&without) != plan;
        if lost.is_some() && says_something {
            wrong.push(format!("{place}: carried, and told as lost"));
        } else if told.is_none() && !is_below(&place) {
            wrong.push(format!("{place}: lost in silence"));
        }
    }
    wrong
}

/// The published resources of a patient, STU3, as a Bundle of R4 for each conversation.
fn published(person: &str) -> Option<Vec<Value>> {
    let folder = super::common::shared("pzp/stu3")?;
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|one| one.unwrap().path()).collect();
    files.sort();
    let mut resources = Vec::new();
    for path in files {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if name.starts_with("converted-") && name.ends_with(&format!("{person}.json")) {
            let one: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
            resources.extend(overdracht::mapping::stu3::to_r4(&one, &overdracht::mapping::stu3::alone).resource);
        }
    }
    let bundle = |conversation: care_plan::Conversation| {
        let entries: Vec<Value> =
            conversation.resources.into_iter().map(|resource| json!({ "resource": resource })).collect();
        json!({
            "resourceType": "Bundle", "type": "collection", "timestamp": "2026-02-01T10:00:00+01:00",
            "identifier": { "system": "https://his.example/plans", "value": person }, "entry": entries,
        })
    };
    Some(care_plan::conversations(&resources).into_iter().map(bundle).collect())
}

#[test]
fn every_element_of_a_bundle_is_carried_or_told() {
    let source = json!({ "system": "https://his.example", "organization": { "agb": "01999911", "name": "De Brink" } });
    for person in ["Pat1", "Pat2"] {
        let Some(plans) = published(person) else { continue };
        assert_eq!(plans.len(), 2);
        for sent in plans {
            assert_eq!(told_wrongly(&sent, &source, 0, 7), Vec::<String>::new(), "{person}");
        }
    }
    for patient in PEOPLE {
        let ours = file(&format!("fixtures/{patient}/care-plan.json"));
        assert_eq!(told_wrongly(&foreign(&ours), &ours["source"], 0, 5), Vec::<String>::new(), "{patient}");
    }
}

#[test]
fn an_element_that_a_plan_has_no_place_for_is_warned_of() {
    let ours = file("fixtures/prostate-bone/care-plan.json");
    let mut sent = foreign(&ours);
    let of = |kind: &str| {
        let entries = sent["entry"].as_array().unwrap();
        entries.iter().position(|entry| entry["resource"]["resourceType"] == kind).unwrap()
    };
    let (goal, person, encounter, observation) = (of("Goal"), of("Patient"), of("Encounter"), of("Observation"));
    let mut put = |entry: usize, name: &str, value: Value| sent["entry"][entry]["resource"][name] = value;
    put(goal, "note", json!([{ "text": "een" }, { "text": "nog een", "time": "2026-01-01" }]));
    put(goal, "outcomeReference", json!([{ "display": "gehaald" }]));
    put(person, "maritalStatus", json!({ "text": "gehuwd" }));
    put(encounter, "length", json!({ "value": 40, "unit": "min" }));
    put(observation, "status", json!("entered-in-error"));
    let origin = read(&sent, &ours["source"]);
    let told: Vec<_> = origin.warnings.iter().map(|one| (one.id, one.at.clone().unwrap_or_default())).collect();
    let element =
        |entry: usize, name: &str| ("care-plan-element-not-read", format!("Bundle.entry[{entry}].resource{name}"));
    let mut expected = [
        element(goal, ".note[1]"),
        element(goal, ".outcomeReference"),
        element(person, ".maritalStatus"),
        element(encounter, ".length"),
        ("care-plan-void", format!("Bundle.entry[{observation}].resource")),
    ];
    expected.sort();
    let mut told = told;
    told.sort();
    assert_eq!(told, expected);
}

#[test]
fn a_fault_of_a_patient_is_told_at_its_element() {
    let ours = file("fixtures/prostate-bone/care-plan.json");
    for (pointer, value, at) in
        [("/identifier/0/value", json!("123456789"), "identifier[0].value"), ("/birthDate", json!("3024"), "birthDate")]
    {
        let mut sent = foreign(&ours);
        *sent["entry"][0]["resource"].pointer_mut(pointer).unwrap() = value;
        let faults = read(&sent, &ours["source"]).parse(now()).unwrap_err();
        let places: Vec<_> = faults.iter().filter_map(|fault| fault.at.as_deref()).collect();
        assert_eq!(places, [format!("Bundle.entry[0].resource.{at}")]);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn a_generated_plan_is_taken_in_as_the_resources_of_another_system(seed in any::<u64>()) {
        let ours = Schemas::load().plan(seed);
        let origin = read(&foreign(&ours), &ours["source"]);
        let faults = domain::parse(Kind::CarePlan, &origin.document, now()).err().unwrap_or_default();
        let faults: Vec<_> = faults.iter().map(|fault| format!("{} {}", fault.pointer, fault.expected)).collect();
        prop_assert_eq!(faults, Vec::<String>::new());
        let differing = differing(&ours, &origin.document);
        prop_assert_eq!(differing, Vec::<String>::new());
    }

    #[test]
    fn every_element_of_a_generated_bundle_is_carried_or_told(seed in 0_u64..1_000_000, first in 0_usize..40) {
        let ours = Schemas::load().plan(seed);
        prop_assert_eq!(told_wrongly(&foreign(&ours), &ours["source"], first, 40), Vec::<String>::new());
    }
}

#[test]
fn what_says_of_itself_that_it_does_not_hold_is_told_and_not_taken_in() {
    let ours = file("fixtures/prostate-bone/care-plan.json");
    let whole = foreign(&ours);
    let place = |kind: &str| {
        let entries = whole["entry"].as_array().unwrap();
        let of_kind = |entry: &Value| {
            entry["resource"]["resourceType"] == kind && entry["resource"]["scope"]["coding"][0]["code"] != "adr"
        };
        entries.iter().position(of_kind).unwrap_or_else(|| panic!("no {kind}"))
    };
    for (kind, element, status, pointer) in [
        ("Consent", "status", "inactive", "/treatmentDirectives"),
        ("Consent", "status", "entered-in-error", "/treatmentDirectives"),
        ("Consent", "status", "rejected", "/treatmentDirectives"),
        ("Goal", "lifecycleStatus", "cancelled", "/goal"),
        ("Observation", "status", "entered-in-error", ""),
        ("CommunicationRequest", "status", "revoked", "/informedRelatives"),
    ] {
        let at = place(kind);
        let mut sent = whole.clone();
        sent["entry"][at]["resource"][element] = json!(status);
        let (before, after) = (read(&whole, &ours["source"]), read(&sent, &ours["source"]));
        let told: Vec<_> = after.warnings.iter().map(|it| (it.id, it.at.clone().unwrap_or_default())).collect();
        assert_eq!(told, [("care-plan-void", format!("Bundle.entry[{at}].resource"))], "{kind} {status}");
        let said = |origin: &Origin| origin.document.pointer(pointer).cloned();
        assert_ne!(said(&before), said(&after), "{kind} {status}");
    }
    // What ended by its own words is taken in with its end.
    let at = place("Consent");
    let mut sent = whole.clone();
    sent["entry"][at]["resource"]["status"] = json!("inactive");
    sent["entry"][at]["resource"]["provision"]["period"] = json!({ "end": "2026-01-31" });
    let origin = read(&sent, &ours["source"]);
    assert!(origin.warnings.is_empty(), "{:#?}", origin.warnings);
    let ended = origin.document["treatmentDirectives"].as_array().unwrap().iter();
    assert_eq!(ended.filter(|one| one["endedAt"] == "2026-01-31").count(), 1);
}
