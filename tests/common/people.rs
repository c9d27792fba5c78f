//! A service that holds everybody of `fixtures/`, and what it holds as a test sees it. Include beside `service.rs`.

#![allow(dead_code)] // Not every test file uses all of it.

use std::path::Path;

use serde_json::Value;

use super::common::PEOPLE;
use super::harness::{CARE_PLAN, Local, METASTASIS, REGISTRY, fixture};

/// Takes in every document of the fixtures; the logical ids of the people.
pub async fn take_in(service: &Local) -> Vec<String> {
    let mut patients = Vec::new();
    for person in PEOPLE {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(person);
        let mut names: Vec<String> = std::fs::read_dir(folder)
            .expect("a folder")
            .map(|entry| entry.expect("an entry").path().file_stem().expect("a name").to_string_lossy().into_owned())
            .collect();
        names.sort();
        for name in names {
            let door = match name.split('-').next() {
                Some("registry") => REGISTRY,
                Some("metastasis") => METASTASIS,
                _ => CARE_PLAN,
            };
            let answer = service.post(door, &fixture(&format!("{person}/{name}"))).await;
            assert_eq!(answer.status, 201, "{person}/{name}: {}", answer.body);
            let patient = answer.body["patient"].as_str().expect("a patient");
            let id = patient.strip_prefix("Patient/").expect("a reference").to_owned();
            if !patients.contains(&id) {
                patients.push(id);
            }
        }
    }
    assert_eq!(patients.len(), PEOPLE.len());
    patients
}

/// Everything in the record of one patient, as it is stored.
pub async fn record(service: &Local, patient: &str) -> Vec<Value> {
    let versions = service.store().compartment(patient, None).await.expect("read");
    versions.into_iter().map(|version| version.body).collect()
}

pub fn reference(resource: &Value) -> String {
    let text = |name: &str| resource[name].as_str().unwrap_or_default();
    format!("{}/{}", text("resourceType"), text("id"))
}

/// All values at a path of names, through lists.
pub fn at<'v>(value: &'v Value, path: &str) -> Vec<&'v Value> {
    path.split('.').fold(vec![value], |found, name| {
        let next = found.into_iter().filter_map(|value| value.get(name));
        next.flat_map(|value| value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice)).collect()
    })
}

/// True where the concept at the path has one of these codes.
pub fn coded(resource: &Value, path: &str, system: &str, codes: &[&str]) -> bool {
    at(resource, &format!("{path}.coding"))
        .iter()
        .any(|coding| coding["system"] == system && codes.iter().any(|code| coding["code"] == *code))
}
