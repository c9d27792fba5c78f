//! `openapi.yaml` reads, every reference in it resolves (to other files too), and every operation can be told apart.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &Path) -> Value {
    let text = fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    if path.extension().is_some_and(|e| e == "yaml") {
        serde_saphyr::from_str(&text).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
    } else {
        serde_json::from_str(&text).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
    }
}

/// All values of this member, wherever it stands.
fn members<'v>(value: &'v Value, name: &str, found: &mut Vec<&'v str>) {
    match value {
        Value::Object(map) => {
            for (key, inner) in map {
                match inner {
                    Value::String(text) if key == name => found.push(text),
                    _ => members(inner, name, found),
                }
            }
        }
        Value::Array(list) => list.iter().for_each(|inner| members(inner, name, found)),
        _ => {}
    }
}

fn operations(api: &Value) -> Vec<(String, String, &Value)> {
    const METHODS: [&str; 7] = ["get", "put", "post", "delete", "patch", "head", "options"];
    let paths = api["paths"].as_object().expect("paths is an object");
    paths
        .iter()
        .flat_map(|(path, item)| {
            let item = item.as_object().expect("a path item is an object");
            item.iter()
                .filter(|(key, _)| METHODS.contains(&key.as_str()))
                .map(move |(method, operation)| (method.to_uppercase(), path.clone(), operation))
        })
        .collect()
}

#[test]
fn every_reference_resolves_across_files() {
    let mut cache: BTreeMap<PathBuf, Value> = BTreeMap::new();
    let mut open = vec![root().join("openapi.yaml")];
    let mut dangling = Vec::new();
    while let Some(file) = open.pop() {
        if cache.contains_key(&file) {
            continue;
        }
        let value = read(&file);
        let mut references = Vec::new();
        members(&value, "$ref", &mut references);
        members(&value, "externalValue", &mut references);
        let references: BTreeSet<String> = references.into_iter().map(str::to_owned).collect();
        cache.insert(file.clone(), value);
        for reference in references {
            let (path, pointer) = reference.split_once('#').unwrap_or((&reference, ""));
            let target = if path.is_empty() { file.clone() } else { file.parent().unwrap().join(path) };
            let target =
                target.components().filter(|c| !matches!(c, std::path::Component::CurDir)).collect::<PathBuf>();
            if !target.exists() {
                dangling.push(format!("{}: {reference}: no such file", file.display()));
                continue;
            }
            if !cache.contains_key(&target) {
                open.push(target.clone());
            }
            let content = cache.get(&target).cloned().unwrap_or_else(|| read(&target));
            if content.pointer(pointer).is_none() {
                dangling.push(format!("{}: {reference}: nothing at that pointer", file.display()));
            }
        }
    }
    assert!(dangling.is_empty(), "{}", dangling.join("\n"));
    assert!(cache.len() > 3, "the native documents' schemas are part of the file");
}

#[test]
fn every_operation_has_an_id_of_its_own_a_summary_and_error_answers() {
    let api = read(&root().join("openapi.yaml"));
    let mut ids = BTreeSet::new();
    for (method, path, operation) in operations(&api) {
        let id = operation["operationId"].as_str().unwrap_or_else(|| panic!("{method} {path} has no operationId"));
        assert!(ids.insert(id.to_owned()), "{id} names two operations");
        assert!(operation["summary"].is_string(), "{id} has no summary");
        let responses = operation["responses"].as_object().expect("responses");
        let fails = responses.keys().any(|status| status.starts_with('4') || status.starts_with('5'));
        assert!(fails || !path.contains('{'), "{id} never says how it fails");
    }
    assert!(ids.len() > 10);
}
