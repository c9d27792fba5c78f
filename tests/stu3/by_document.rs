//! The published STU3 record of each patient → R4 → care-plan documents → R4 → STU3: the same, but for the reasoned list
//! `through-document` in `differences.tsv`. Ids differ: a resource is known again by what it says.

use std::collections::BTreeSet;

use overdracht::domain::{self, Kind};
use overdracht::fhir::ResourceKey;
use overdracht::intake::{Known as Nobody, bundle};
use overdracht::mapping::stu3;
use serde_json::{Value, json};

use super::documents::{Known, mapped};
use super::published;
use super::round_trip::{differences, unexcused};

/// The record of one patient as a Bundle of R4.
fn record(patient: &str) -> Option<(Known, Value)> {
    let all = published::files(&["converted-"])?;
    let of = |one: &Value| one["id"].as_str().unwrap().ends_with(patient);
    let sent = Known { resources: all.into_iter().filter(of).collect() };
    let entry = |one: &Value| {
        let resource = stu3::to_r4(one, &|reference: &str| sent.find(reference)).resource.unwrap();
        json!({ "fullUrl": format!("https://his.example/fhir/{}", ResourceKey::of(one).unwrap()), "resource": resource })
    };
    let entries: Vec<Value> = sent.resources.iter().map(entry).collect();
    let bundle = json!({ "resourceType": "Bundle", "type": "collection", "timestamp": "2025-12-01T10:00:00+01:00",
        "identifier": { "system": "https://his.example/plans", "value": patient }, "entry": entries });
    Some((sent, bundle))
}

/// What a resource is about, in the words of STU3.
fn meaning(one: &Value, known: &Known) -> String {
    let code = |at: &str| one.pointer(at).map(Value::to_string).unwrap_or_default();
    let treatment = || {
        let all = one["extension"].as_array().into_iter().flatten();
        let found = all.into_iter().find(|it| it["url"].as_str().unwrap().ends_with("-Treatment"));
        let concept = found.map(|it| &it["valueCodeableConcept"]).unwrap_or(&Value::Null);
        format!("{}{}", concept["coding"][0]["code"], concept["text"])
    };
    // The parts of a name are put together otherwise here.
    let name = |one: &Value| one["name"][0]["text"].as_str().unwrap_or_default().replace('-', " ");
    let said = match one["resourceType"].as_str().unwrap() {
        "Consent" => format!("{} {} {}", code("/category/0/coding/0/code"), treatment(), code("/dateTime")),
        "Goal" => one.get("startDate").or(one.get("statusDate")).map(Value::to_string).unwrap_or_default(),
        "Observation" => format!("{} {}", code("/code/coding/0/code"), code("/effectiveDateTime")),
        "Encounter" => code("/period/start"),
        "CommunicationRequest" => code("/authoredOn"),
        "Procedure" => {
            let own = ResourceKey::of(one).unwrap().to_string();
            let held = known.resources.iter().find(|it| it["diagnosis"][0]["condition"]["reference"] == own.as_str());
            held.map(|it| it["period"]["start"].to_string()).unwrap_or_default()
        }
        "PractitionerRole" => {
            let person = known.find(one["practitioner"]["reference"].as_str().unwrap());
            person.map(|it| name(&it)).unwrap_or_default()
        }
        "Practitioner" | "RelatedPerson" => name(one),
        _ => String::new(),
    };
    format!("{} {said}", one["resourceType"].as_str().unwrap())
}

/// Without what tells where and by whom it is kept: id, profiles of R4, narrative, and extensions of our own.
fn bare(one: &mut Value) {
    let ours = |it: &Value| it["url"].as_str().is_some_and(|url| url.starts_with("https://overdracht.example/"));
    match one {
        Value::Array(items) => items.iter_mut().for_each(bare),
        Value::Object(object) => {
            if object.contains_key("resourceType") {
                object.retain(|name, _| !["id", "text"].contains(&name.as_str()));
                object["meta"].as_object_mut().map(|meta| meta.shift_remove("extension"));
            }
            if let Some(extensions) = object.get_mut("extension").and_then(Value::as_array_mut) {
                extensions.retain(|it| !ours(it));
            }
            object.values_mut().for_each(bare);
            object.retain(|name, value| name != "extension" || *value != json!([]));
        }
        _ => {}
    }
}

/// Each reference as what it leads to is about.
fn named(value: &mut Value, known: &Known) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| named(item, known)),
        Value::Object(object) => {
            if let Some(found) = object.get("reference").and_then(Value::as_str).and_then(|it| known.find(it)) {
                object.insert("reference".into(), meaning(&found, known).into());
            }
            object.values_mut().for_each(|value| named(value, known));
        }
        _ => {}
    }
}

#[test]
fn the_published_records_come_back_by_way_of_the_document() {
    let mut found = BTreeSet::new();
    for patient in ["Pat1", "Pat2"] {
        let Some((sent, bundle)) = record(patient) else { return };
        let source =
            json!({ "system": "https://his.example", "organization": { "agb": "01999911", "name": "De Brink" } });
        let plans = bundle::read(&json!({ "bundle": bundle, "source": source }), &Nobody::default())
            .unwrap_or_else(|faults| panic!("{faults:#?}"));
        assert_eq!(plans.len(), 2, "{patient}: two conversations");
        let mut back = Known::default();
        for plan in &plans {
            let now = "2025-12-02T12:00:00Z".parse().unwrap();
            let faults = domain::parse(Kind::CarePlan, &plan.document, now).err().unwrap_or_default();
            assert!(faults.is_empty(), "{patient}: {faults:#?}");
            // The numbers of professionals in the published record have nine digits; parties whom nothing that was sent
            // tells of, and when a conversation ended, have no place in a plan.
            let told: BTreeSet<&str> = plan.warnings.iter().map(|warning| warning.id).collect();
            let expected = BTreeSet::from(["care-plan-bundle-number", "care-plan-element-not-read"]);
            assert!(told.is_subset(&expected), "{patient}: {:#?}", plan.warnings);
            let made = mapped(Kind::CarePlan, &plan.document);
            for one in &made.resources {
                let rendered = stu3::to_stu3(one, &|reference: &str| made.find(reference));
                back.resources.extend(rendered.resource);
            }
        }
        let named_back: Vec<(String, Value)> = back
            .resources
            .iter()
            .map(|one| {
                let (about, mut one) = (meaning(one, &back), one.clone());
                named(&mut one, &back);
                bare(&mut one);
                (about, one)
            })
            .collect();
        for one in &sent.resources {
            let about = meaning(one, &sent);
            let mut one = one.clone();
            named(&mut one, &sent);
            bare(&mut one);
            let name = one["resourceType"].as_str().unwrap().to_owned();
            let differing = |other: &Value| {
                let mut found = BTreeSet::new();
                differences(&one, other, &name, &mut found);
                found
            };
            let same = named_back.iter().filter(|(of, _)| *of == about);
            let Some(here) = same.map(|(_, it)| differing(it)).min_by_key(BTreeSet::len) else {
                found.insert(format!("{name}: not there"));
                continue;
            };
            found.extend(here);
        }
    }
    assert_eq!(unexcused("through-document", &found, true), Vec::<String>::new(), "{found:#?}");
}
