//! Definitions from the rows of the element map.

use std::collections::BTreeMap;
use std::fs;

use serde_json::{Map, Value, json};

use super::rc2::{ADDED, GONE, INVARIANTS, NOT_ASKED, RENAMED};
use super::{common, published};

pub const OFFICIAL: &str = "https://api.iknl.nl/docs/pzp/r4/";
const BETA: &str = "https://fhir.iknl.nl/fhir/";
const STU3: &str = "https://api.iknl.nl/docs/pzp/stu3/";

/// A row of the element map.
struct Row {
    profile: String,
    parent: String,
    element: String,
    constraint: String,
}

/// The profiles and the value sets that they bind; None where the element map is not there.
pub fn definitions() -> Option<Vec<Value>> {
    let mut by_profile: BTreeMap<String, Vec<Row>> = BTreeMap::new();
    for row in rows()? {
        by_profile.entry(row.profile.clone()).or_default().push(row);
    }
    let profiles = by_profile.into_iter().map(|(name, rows)| profile(&name, &rows));
    Some(profiles.chain(value_sets()?).collect())
}

/// The map as 1.0.0-rc2 has it. A fact of rc2 that leads nowhere in the map fails.
fn rows() -> Option<Vec<Row>> {
    let text = fs::read_to_string(common::shared("pzp/r4-element-map.tsv")?).unwrap();
    let mut unused: Vec<_> = NOT_ASKED.to_vec();
    let mut rows = Vec::new();
    for line in text.lines().skip(1) {
        let columns: Vec<&str> = line.split('\t').collect();
        let renamed = RENAMED.iter().find(|(old, _)| *old == columns[0]).map_or(columns[0], |(_, new)| *new);
        if GONE.contains(&renamed) {
            continue;
        }
        let not_asked = |(profile, end): &(&str, &str)| *profile == renamed && columns[3].ends_with(end);
        if NOT_ASKED.iter().any(not_asked) {
            unused.retain(|one| !not_asked(one));
            continue;
        }
        rows.push(Row {
            profile: renamed.to_owned(),
            parent: columns[2].to_owned(),
            element: columns[3].to_owned(),
            constraint: columns[4].to_owned(),
        });
    }
    assert!(unused.is_empty(), "not in the element map: {unused:?}");
    assert!(rows.len() > 200, "{} rows", rows.len());
    rows.extend(ADDED.iter().map(|(profile, parent, element, constraint)| Row {
        profile: (*profile).to_owned(),
        parent: (*parent).to_owned(),
        element: (*element).to_owned(),
        constraint: (*constraint).to_owned(),
    }));
    Some(rows)
}

fn canonical(name: &str) -> String {
    let base = match name {
        _ if name.starts_with("ACP-") || name.starts_with("ext-Legally") => format!("{OFFICIAL}StructureDefinition/"),
        _ if name.starts_with("nl-core-") => "http://nictiz.nl/fhir/StructureDefinition/".to_owned(),
        _ => "http://hl7.org/fhir/StructureDefinition/".to_owned(),
    };
    base + name
}

fn profile(name: &str, rows: &[Row]) -> Value {
    let type_name = rows[0].element.split('.').next().unwrap();
    let mut elements: Vec<Map<String, Value>> = Vec::new();
    for row in rows.iter().filter(|row| !row.constraint.is_empty()) {
        let constrained = element(&row.element, &row.constraint);
        match elements.iter_mut().find(|one| one["id"] == row.element.as_str()) {
            Some(known) => unite(known, constrained),
            None => elements.push(constrained),
        }
    }
    let mut definition = json!({
        "resourceType": "StructureDefinition", "id": name, "url": canonical(name), "version": "1.0.0-rc2",
        "name": name.replace(['-', '.'], ""), "status": "draft", "fhirVersion": "4.0.1", "abstract": false,
        "kind": if type_name == "Extension" { "complex-type" } else { "resource" },
        "type": type_name, "baseDefinition": canonical(&rows[0].parent), "derivation": "constraint",
        "differential": { "element": elements },
    });
    if type_name == "Extension" {
        definition["context"] = json!([{ "type": "element", "expression": "Patient" }]);
    }
    definition
}

/// Two rows on one element: each says something of its own, but for invariants, of which there may be several.
fn unite(element: &mut Map<String, Value>, more: Map<String, Value>) {
    for (name, value) in more {
        match element.get_mut(&name) {
            Some(Value::Array(all)) if name == "constraint" => {
                all.extend(value.as_array().cloned().unwrap_or_default())
            }
            _ => drop(element.insert(name, value)),
        }
    }
}

fn element(id: &str, constraint: &str) -> Map<String, Value> {
    let path: Vec<&str> = id.split('.').map(|step| step.split(':').next().unwrap()).collect();
    let mut element = Map::new();
    element.insert("id".into(), json!(id));
    element.insert("path".into(), json!(path.join(".")));
    for (key, value) in constraints(constraint) {
        let text = value.as_str().unwrap_or_default();
        match key.as_str() {
            "slice" => element.insert("sliceName".into(), value),
            "min" => element.insert("min".into(), json!(text.parse::<u32>().unwrap())),
            "max" => element.insert("max".into(), value),
            "type" => element.insert("type".into(), json!([element_type(text)])),
            "binding" => {
                let (strength, url) = text.split_once(':').unwrap();
                element.insert("binding".into(), json!({ "strength": strength, "valueSet": now(url) }))
            }
            "invariant" => element.insert("constraint".into(), json!([invariant(text)])),
            key if key.starts_with("pattern") => element.insert(key.into(), value),
            "fixedUri" => element.insert(key, json!(now(text))),
            other => panic!("{id}: what is {other}?"),
        };
    }
    element
}

/// The canonical that 1.0.0-rc2 has for one of the earlier release.
fn now(url: &str) -> String {
    url.replace(BETA, OFFICIAL)
}

/// `key=value` parts; a value is a word, or JSON with spaces in it.
fn constraints(mut text: &str) -> Vec<(String, Value)> {
    let mut found = Vec::new();
    while let Some((key, rest)) = text.trim_start().split_once('=') {
        if rest.starts_with(['{', '"']) {
            let mut stream = serde_json::Deserializer::from_str(rest).into_iter::<Value>();
            found.push((key.to_owned(), stream.next().unwrap().unwrap()));
            text = &rest[stream.byte_offset()..];
        } else {
            let (word, after) = rest.split_once(' ').unwrap_or((rest, ""));
            found.push((key.to_owned(), json!(word)));
            text = after;
        }
    }
    assert!(text.trim().is_empty(), "not understood: {text}");
    found
}

/// `Reference(A|B)`, `Extension<profile>`, or a type.
fn element_type(text: &str) -> Value {
    if let Some(targets) = text.strip_prefix("Reference(").and_then(|rest| rest.strip_suffix(')')) {
        let targets: Vec<String> = targets.split('|').map(canonical).collect();
        return json!({ "code": "Reference", "targetProfile": targets });
    }
    match text.strip_prefix("Extension<").and_then(|rest| rest.strip_suffix('>')) {
        Some(profile) => json!({ "code": "Extension", "profile": [canonical(profile)] }),
        None => json!({ "code": text }),
    }
}

fn invariant(key: &str) -> Value {
    let (_, severity, expression) = INVARIANTS.iter().find(|(known, ..)| *known == key).unwrap();
    json!({ "key": key, "severity": severity, "human": key, "expression": expression })
}

/// The value sets, whose members the STU3 guide of the same version has too. Where that refers to the zib's roles, R4
/// has a slice beside them.
fn value_sets() -> Option<Vec<Value>> {
    let published = published::files(&["ValueSet-"])?;
    let only_stu3 = |set: &&Value| set["id"] == "ACP-YesNoYesWithRestrictionsUnknownVS";
    let value_set = |set: &Value| {
        let includes = set["compose"]["include"].as_array().unwrap().iter().filter(|one| one["system"].is_string());
        let codes = |include: &Value| -> Vec<Value> {
            include["concept"].as_array().unwrap().iter().map(|one| json!({ "code": one["code"] })).collect()
        };
        let includes: Vec<Value> =
            includes.map(|one| json!({ "system": one["system"], "concept": codes(one) })).collect();
        json!({
            "resourceType": "ValueSet", "id": set["id"], "url": set["url"].as_str().unwrap().replace(STU3, OFFICIAL),
            "status": "draft", "compose": { "include": includes },
        })
    };
    Some(published.iter().filter(|set| !only_stu3(set)).map(value_set).collect())
}
