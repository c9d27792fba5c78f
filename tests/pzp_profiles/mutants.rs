//! The official profiles can refuse: each of their rules is broken once in output of ours that they accept.

use std::collections::BTreeMap;

use overdracht::fhir::Severity;
use serde_json::{Map, Value, json};

use super::official::{Official, official};
use super::{build, documents};

/// A patient whom nl-core accepts and PZP does not.
const NAMELESS: &str = "Patient/nameless";

/// The records in which rules are broken.
fn records() -> Vec<Vec<Value>> {
    let fixtures = documents::fixtures().into_iter().map(|(_, made)| made);
    fixtures.chain((0..60).map(documents::generated)).map(|made| made.resources).collect()
}

/// What is done to a resource.
type Change = fn(&mut Value);

/// A rule of one element: what it says, and how it is broken in the object that has the element.
struct Rule {
    says: String,
    path: Vec<String>,
    breaks: fn(&mut Map<String, Value>, &str),
}

fn rules(definition: &Value) -> Vec<Rule> {
    let mut rules = Vec::new();
    for element in definition["differential"]["element"].as_array().unwrap() {
        let id = element["id"].as_str().unwrap();
        let path: Vec<String> = element["path"].as_str().unwrap().split('.').skip(1).map(str::to_owned).collect();
        let mut add =
            |says: &str, breaks| rules.push(Rule { says: format!("{id} {says}"), path: path.clone(), breaks });
        if element["min"].as_u64() > Some(0) {
            add("min", |owner, name| drop(owner.shift_remove(name)));
        }
        if element["patternCodeableConcept"].is_object() {
            add("pattern", |owner, name| recode(&mut owner[name]));
        }
        if element["binding"]["strength"] == "required" {
            add("binding", |owner, name| recode(&mut owner[name]));
        }
        let kind = &element["type"][0];
        let patient = |one: &Value| one.as_str().is_some_and(|url| url.ends_with("/ACP-Patient"));
        match kind["code"].as_str() {
            // Of the right type, but no patient of PZP.
            Some("Reference") if kind["targetProfile"].as_array().is_some_and(|all| all.iter().any(patient)) => {
                add("target", |owner, name| refer(&mut owner[name], NAMELESS));
            }
            Some("Reference") => add("target", |owner, name| refer(&mut owner[name], "Slot/1")),
            Some("string" | "CodeableConcept") if id.ends_with("[x]") => add("type", |owner, name| {
                owner.shift_remove(name);
                owner.insert("valueInteger".to_owned(), json!(1));
            }),
            _ => {}
        }
    }
    rules
}

fn each(value: &mut Value, change: &mut dyn FnMut(&mut Value)) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(change),
        one => change(one),
    }
}

fn refer(value: &mut Value, to: &str) {
    each(value, &mut |one| *one = json!({ "reference": to }));
}

/// Every code becomes one that no list has.
fn recode(value: &mut Value) {
    each(value, &mut |concept| {
        for coding in concept["coding"].as_array_mut().into_iter().flatten() {
            coding["code"] = json!("1");
        }
    });
}

/// Breaks the rule wherever the element is; false where it is nowhere.
fn broken(value: &mut Value, path: &[String], breaks: fn(&mut Map<String, Value>, &str)) -> bool {
    if let Value::Array(items) = value {
        return items.iter_mut().filter_map(|item| broken(item, path, breaks).then_some(())).count() > 0;
    }
    let (Value::Object(owner), [name, below @ ..]) = (value, path) else { return false };
    let is_it = |key: &str| match name.strip_suffix("[x]") {
        Some(stem) => key.strip_prefix(stem).is_some_and(|rest| rest.starts_with(char::is_uppercase)),
        None => key == name,
    };
    let Some(key) = owner.keys().find(|key| is_it(key)).cloned() else { return false };
    if !below.is_empty() {
        return broken(&mut owner[&key], below, breaks);
    }
    breaks(owner, &key);
    true
}

/// Whether the resource at `at` is refused where it claims this profile and nothing else.
fn refuses(official: &Official, record: &[Value], at: usize, resource: Value, profile: &str) -> bool {
    let mut record = record.to_vec();
    record[at] = resource;
    record[at]["meta"]["profile"] = json!([profile]);
    record.push(json!({ "resourceType": "Patient", "id": "nameless", "gender": "other" }));
    let here = format!("Bundle.entry[{at}].");
    let issues = official.issues(&record);
    issues.iter().any(|one| one.severity.refuses() && one.at.as_deref().is_some_and(|at| at.starts_with(&here)))
}

#[test]
fn every_rule_of_the_official_profiles_refuses_what_breaks_it() {
    let Some(official) = official() else { return };
    let records = records();
    let (mut broken_by_kind, mut of_its_own) = (BTreeMap::<String, usize>::new(), 0);
    let (mut missed, mut nowhere) = (Vec::new(), Vec::new());
    let definitions = build::definitions().unwrap();
    for definition in definitions.iter().filter(|one| one["kind"] == "resource") {
        let (url, base) = (definition["url"].as_str().unwrap(), definition["baseDefinition"].as_str().unwrap());
        for rule in rules(definition) {
            let claims = |one: &Value| one["meta"]["profile"].as_array().is_some_and(|all| all.contains(&json!(url)));
            let found = records.iter().find_map(|record| {
                record.iter().enumerate().find_map(|(at, one)| {
                    let mut mutant = one.clone();
                    let is_broken = claims(one) && broken(&mut mutant, &rule.path, rule.breaks);
                    is_broken.then_some((record, at, mutant))
                })
            });
            let name = format!("{} {}", definition["id"].as_str().unwrap(), rule.says);
            let Some((record, at, mutant)) = found else {
                nowhere.push(name);
                continue;
            };
            if refuses(official, record, at, mutant.clone(), url) {
                let kind = rule.says.rsplit(' ').next().unwrap_or_default();
                *broken_by_kind.entry(kind.to_owned()).or_default() += 1;
                of_its_own += usize::from(!refuses(official, record, at, mutant, base));
            } else {
                missed.push(name);
            }
        }
    }
    println!("{broken_by_kind:?}; {of_its_own} of them are accepted by the profile's base");
    assert_eq!(missed, Vec::<String>::new());
    assert_eq!(nowhere, Vec::<String>::new(), "in no output");
    assert!(of_its_own >= 40, "{of_its_own} rules are more than the base says");
}

/// The first resource of the fixtures that claims the profile, changed, where it stands: what is found in it.
fn found_in(official: &Official, profile: &str, change: impl Fn(&mut Value)) -> Vec<(String, Severity)> {
    let url = json!(format!("{}StructureDefinition/{profile}", build::OFFICIAL));
    let claims = |one: &Value| one["meta"]["profile"].as_array().is_some_and(|all| all.contains(&url));
    let records = records();
    let mut record = records.into_iter().find(|record| record.iter().any(claims)).unwrap();
    let at = record.iter().position(claims).unwrap();
    record[at]["meta"]["profile"] = json!([url]);
    let here = format!("Bundle.entry[{at}].");
    let of = |record: &[Value]| -> Vec<(String, Severity)> {
        let issues = official.issues(record).into_iter();
        let inside = issues.filter(|one| one.at.as_deref().is_some_and(|at| at.starts_with(&here)));
        inside.map(|one| (format!("{} {}", one.id, one.text), one.severity)).collect()
    };
    let before = of(&record);
    change(&mut record[at]);
    of(&record).into_iter().filter(|one| !before.contains(one)).collect()
}

#[test]
fn the_invariants_of_the_official_profiles_fire() {
    let Some(official) = official() else { return };
    let cases: &[(&str, &str, Severity, Change)] = &[
        ("ACP-InformRelativesRequest", "cr-date-required", Severity::Error, |one| {
            for name in ["authoredOn", "encounter"] {
                one.as_object_mut().unwrap().shift_remove(name);
            }
        }),
        ("ACP-ContactPerson", "ACP-ContactPerson-1", Severity::Error, |one| {
            let only = json!([{ "coding": [{ "system": "http://terminology.hl7.org/CodeSystem/v3-RoleCode", "code": "SIS" }] }]);
            one["relationship"] = only;
        }),
        ("ACP-Patient", "ACP-Patient-1", Severity::Warning, |one| {
            one.as_object_mut().unwrap().shift_remove("contact");
            let url = format!("{}StructureDefinition/ext-LegallyCapable-MedicalTreatmentDecisions", build::OFFICIAL);
            one["extension"] =
                json!([{ "url": url, "extension": [{ "url": "legallyCapable", "valueBoolean": false }] }]);
        }),
        // The extension of the earlier release is no longer known.
        ("ACP-TreatmentDirective", "extension-unknown", Severity::Error, |one| {
            let url = "https://fhir.iknl.nl/fhir/StructureDefinition/ext-EncounterReference";
            let old = json!({ "url": url, "valueReference": { "reference": "Encounter/1" } });
            one["extension"].as_array_mut().unwrap().push(old);
        }),
    ];
    for (profile, words, severity, change) in cases {
        let found = found_in(official, profile, change);
        let told = found.iter().any(|(text, how)| text.contains(words) && how == severity);
        assert!(told, "{profile} {words}: {found:#?}");
    }
}
