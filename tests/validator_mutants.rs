//! Dutch examples with one defect each, made here from the snapshots of the profiles that they claim: for every element that
//! an example has, what the profile says of it is broken, and the validator must say so at that place.

mod common;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use overdracht::fhir::definitions::Definitions;
use overdracht::fhir::value_set::Membership;
use overdracht::validator::{Options, Validator};
use serde_json::{Value, json};

const PACKAGES: [&str; 4] = [
    "nictiz.fhir.nl.r4.zib2020-0.12.0-beta.4.tgz",
    "nictiz.fhir.nl.r4.nl-core-0.12.0-beta.4.tgz",
    "nictiz.fhir.nl.r4.medicationprocess9-2.0.0-rc.7.tgz",
    "iknl.fhir.nl.r4.ncr-ehr-1.4.2.tgz",
];

fn text<'v>(value: &'v Value, name: &str) -> &'v str {
    value[name].as_str().unwrap_or_default()
}

fn list<'v>(value: &'v Value, name: &str) -> &'v [Value] {
    value[name].as_array().map_or(&[], Vec::as_slice)
}

/// Where a value stands: a JSON pointer and the same as an expression.
#[derive(Clone)]
struct Place {
    pointer: String,
    expression: String,
}

impl Place {
    fn name(&self, name: &str) -> Place {
        Place { pointer: format!("{}/{name}", self.pointer), expression: format!("{}.{name}", self.expression) }
    }

    fn index(&self, i: usize) -> Place {
        Place { pointer: format!("{}/{i}", self.pointer), expression: format!("{}[{i}]", self.expression) }
    }
}

/// The objects at a path below a resource, and the properties by which the last element of the path goes there.
fn owners(document: &Value, root: &Place, path: &[&str]) -> Vec<(Place, Vec<String>)> {
    let Some((last, above)) = path.split_last() else { return Vec::new() };
    let mut at = vec![root.clone()];
    for name in above {
        at = at.into_iter().flat_map(|place| values(document, &place, name)).collect();
    }
    at.into_iter().map(|place| (place.clone(), properties(document, &place, last))).collect()
}

/// The properties of an object that an element's name stands for: one of them, or each type of a choice.
fn properties(document: &Value, owner: &Place, name: &str) -> Vec<String> {
    let Some(map) = document.pointer(&owner.pointer).and_then(Value::as_object) else { return Vec::new() };
    let is = |key: &str| match name.strip_suffix("[x]") {
        Some(stem) => key.strip_prefix(stem).is_some_and(|t| t.starts_with(|c: char| c.is_ascii_uppercase())),
        None => key == name,
    };
    map.keys().filter(|key| is(key)).cloned().collect()
}

fn values(document: &Value, owner: &Place, name: &str) -> Vec<Place> {
    let of = |property: &String| {
        let place = owner.name(property);
        match document.pointer(&place.pointer) {
            Some(Value::Array(items)) => (0..items.len()).map(|i| place.index(i)).collect(),
            Some(_) => vec![place],
            None => Vec::new(),
        }
    };
    properties(document, owner, name).iter().flat_map(of).collect()
}

struct Mutant {
    kind: &'static str,
    document: Value,
    /// Where it may be reported: here or below.
    near: String,
}

/// Breaks what one element of a snapshot says, in each way that applies to the first place that has it.
fn mutants(definitions: &Definitions, document: &Value, root: &Place, element: &Value) -> Vec<Mutant> {
    let path: Vec<&str> = text(element, "path").split('.').skip(1).collect();
    let is_slice = text(element, "id").contains(':');
    let mut made = Vec::new();
    if is_slice || path.is_empty() || matches!(path.last(), Some(&"id")) {
        return made;
    }
    let found = owners(document, root, &path).into_iter().find(|(_, properties)| !properties.is_empty());
    let Some((owner, properties)) = found else { return made };
    let property = &properties[0];
    let place = owner.name(property);
    let value = document.pointer(&place.pointer).cloned().unwrap_or_default();
    let item_place = if value.is_array() { place.index(0) } else { place.clone() };
    let item = document.pointer(&item_place.pointer).cloned().unwrap_or_default();
    let mut add = |kind: &'static str, change: &dyn Fn(&mut serde_json::Map<String, Value>)| {
        let mut document = document.clone();
        if let Some(owner) = document.pointer_mut(&owner.pointer).and_then(Value::as_object_mut) {
            change(owner);
        }
        made.push(Mutant { kind, document, near: owner.expression.clone() });
    };
    let put = |owner: &mut serde_json::Map<String, Value>, new: Value| {
        let slot = owner.get_mut(property).expect("a property");
        match slot {
            Value::Array(items) => items[0] = new,
            one => *one = new,
        }
    };
    let max = text(element, "max").parse::<usize>().ok();
    if element["min"].as_u64() > Some(0) {
        add("required", &|owner| {
            owner.shift_remove(property);
            owner.shift_remove(&format!("_{property}"));
        });
    }
    match (&value, max) {
        (Value::Array(items), Some(max)) if max > 0 && !property.contains("xtension") => {
            let more: Vec<Value> = items.iter().cycle().take(max + 1).cloned().collect();
            add("maximum", &|owner| drop(owner.insert(property.clone(), json!(more))));
        }
        (Value::Array(_), _) => add("not-an-array", &|owner| drop(owner.insert(property.clone(), item.clone()))),
        _ => add("an-array", &|owner| drop(owner.insert(property.clone(), json!([value.clone()])))),
    }
    if value.is_array() {
        add("empty-array", &|owner| drop(owner.insert(property.clone(), json!([]))));
    }
    // Beside an element part null is how a value is left out.
    if document.pointer(&owner.name(&format!("_{property}")).pointer).is_none() {
        add("null", &|owner| put(owner, Value::Null));
    }
    if item.is_object() {
        add("empty-object", &|owner| put(owner, json!({})));
        add("text-for-object", &|owner| put(owner, json!("x")));
        let mut more = item.clone();
        more["onbekend"] = json!(1);
        add("unknown-property", &|owner| put(owner, more.clone()));
    } else {
        add("object-for-text", &|owner| put(owner, json!({ "a": 1 })));
        if item.is_string() {
            add("empty-text", &|owner| put(owner, json!("")));
            add("number-for-text", &|owner| put(owner, json!(5)));
        }
    }
    let types = list(element, "type");
    let of_type = |code: &str| types.len() == 1 && text(&types[0], "code") == code;
    let bad = [
        ("boolean", json!("true")),
        ("integer", json!(1.5)),
        ("positiveInt", json!(0)),
        ("decimal", json!("1")),
        ("date", json!("2020-02-30")),
        ("dateTime", json!("2020-01-01T10:00:00")),
        ("instant", json!("2020-01-01")),
        ("time", json!("25:00:00")),
        ("code", json!(" a")),
        ("code", json!(" ")),
        ("uri", json!("a b")),
        ("uri", json!(" ")),
        ("canonical", json!("a/b")),
        ("url", json!("a b")),
        ("base64Binary", json!("***")),
        ("unsignedInt", json!(-1)),
    ];
    for (code, wrong) in bad {
        if of_type(code) {
            add("format", &|owner| put(owner, wrong.clone()));
        }
    }
    let stated = element.as_object().into_iter().flatten();
    for (name, wanted) in stated.filter(|(name, _)| name.starts_with("fixed") || name.starts_with("pattern")) {
        let other = match wanted {
            Value::String(text) => json!(format!("{text}x")),
            Value::Bool(truth) => json!(!truth),
            Value::Number(_) => json!(987),
            _ => {
                let mut other = item.clone();
                let codings = list(wanted, "coding").len();
                match codings {
                    0 => wanted.as_object().into_iter().flatten().for_each(|(name, _)| other[name] = json!("x")),
                    _ => other = json!({ "text": "x" }),
                }
                other
            }
        };
        add(if name.starts_with("fixed") { "fixed" } else { "pattern" }, &|owner| put(owner, other.clone()));
    }
    if let Some(stem) = path.last().and_then(|last| last.strip_suffix("[x]")) {
        let allowed = |code: &str| types.iter().any(|t| text(t, "code") == code);
        let other = [
            ("boolean", "Boolean", json!(true)),
            ("Address", "Address", json!({ "text": "x" })),
            ("markdown", "Markdown", json!("x")),
        ];
        if let Some((_, suffix, new)) = other.into_iter().find(|(code, ..)| !allowed(code)) {
            add("type-of-choice", &|owner| {
                owner.shift_remove(property);
                owner.insert(format!("{stem}{suffix}"), new.clone());
            });
        }
    }
    if text(&element["binding"], "strength") == "required"
        && let Some(codes) = definitions.codes(text(&element["binding"], "valueSet"))
    {
        let bogus = "onbekend-9";
        if item.is_string() && codes.contains(None, bogus) == Membership::Out {
            add("code", &|owner| put(owner, json!(bogus)));
        }
        let mut other = item.clone();
        let codings = if item["coding"].is_array() { "/coding" } else { "" };
        let single = item.get("code").is_some_and(Value::is_string);
        let count = item.pointer(codings).and_then(Value::as_array).map_or(usize::from(single), Vec::len);
        let mut out = count > 0 && (single || !codings.is_empty());
        for i in 0..count {
            let at = if codings.is_empty() { String::new() } else { format!("{codings}/{i}") };
            let coding = other.pointer_mut(&at).expect("a coding");
            out &= codes.contains(Some(coding["system"].as_str().unwrap_or("")), bogus) == Membership::Out;
            coding["code"] = json!(bogus);
        }
        if out && item.is_object() {
            add("code", &|owner| put(owner, other.clone()));
        }
    }
    if of_type("Reference") && item["reference"].is_string() {
        let targets: BTreeSet<&str> = list(&types[0], "targetProfile")
            .iter()
            .filter_map(|t| definitions.resource_type_of(t.as_str().unwrap_or_default()))
            .collect();
        let wrong = ["MolecularSequence", "Slot"].into_iter().find(|name| !targets.contains(name));
        if let Some(wrong) = wrong.filter(|_| !targets.is_empty() && !targets.contains("Resource")) {
            let new = json!({ "reference": format!("{wrong}/1") });
            add("target", &|owner| put(owner, new.clone()));
        }
    }
    if let Some(max) = element["maxLength"].as_u64().filter(|_| item.is_string()) {
        let long = "x".repeat(max as usize + 1);
        add("length", &|owner| put(owner, json!(long)));
    }
    made
}

/// Each extension that the profile gives a definition: its value in another type, and once more than it may occur.
fn extension_mutants(definitions: &Definitions, document: &Value, root: &Place, element: &Value) -> Vec<Mutant> {
    let mut made = Vec::new();
    let url = list(element, "type").iter().flat_map(|t| list(t, "profile")).find_map(Value::as_str);
    let path: Vec<&str> = text(element, "path").split('.').skip(1).collect();
    let (Some(url), Some(&("extension" | "modifierExtension"))) = (url, path.last()) else { return made };
    for (owner, properties) in owners(document, root, &path) {
        let Some(property) = properties.first() else { continue };
        let place = owner.name(property);
        let items = document.pointer(&place.pointer).and_then(Value::as_array).cloned().unwrap_or_default();
        let Some(i) = items.iter().position(|e| text(e, "url") == url) else { continue };
        let mut add = |kind, change: &dyn Fn(&mut Vec<Value>)| {
            let mut document = document.clone();
            if let Some(Value::Array(items)) = document.pointer_mut(&place.pointer) {
                change(items);
            }
            made.push(Mutant { kind, document, near: owner.expression.clone() });
        };
        if definitions.structure(url).is_some() && items[i].get("extension").is_none() {
            add("extension-type", &|items| {
                items[i] = json!({ "url": url, "valueSampledData": { "origin": { "value": 1 }, "period": 1, "dimensions": 1 } })
            });
            add("extension-parts", &|items| {
                items[i] = json!({ "url": url, "extension": [{ "url": "x", "valueCode": "x" }] })
            });
        }
        if let Ok(max) = text(element, "max").parse::<usize>() {
            add("extension-maximum", &|items| items.extend(vec![items[i].clone(); max]));
        }
        if element["min"].as_u64() > Some(0) {
            add("extension-required", &|items| items.retain(|e| text(e, "url") != url));
        }
    }
    made.truncate(4);
    made
}

/// The resources of a document that claim a profile that is here, with where they stand.
fn resources(document: &Value) -> Vec<(Place, &Value)> {
    let root = |pointer: String, expression: String| Place { pointer, expression };
    match text(document, "resourceType") {
        "Bundle" => list(document, "entry")
            .iter()
            .enumerate()
            .map(|(i, e)| (root(format!("/entry/{i}/resource"), format!("Bundle.entry[{i}].resource")), &e["resource"]))
            .collect(),
        name => vec![(root(String::new(), name.to_owned()), document)],
    }
}

fn examples(path: &std::path::Path) -> Vec<(String, Value)> {
    let file = std::fs::File::open(path).expect("a package opens");
    let mut archive = tar::Archive::new(flate2::read::GzDecoder::new(file));
    let entries = archive.entries().expect("a package is a tar").map(|e| e.expect("an entry"));
    let read = |entry: tar::Entry<'_, _>| {
        let name = entry.path().ok()?.to_string_lossy().into_owned();
        let is_example = name.starts_with("package/example");
        let resource: Value = is_example.then(|| serde_json::from_reader(entry).ok()).flatten()?;
        (resource["resourceType"].is_string() && resource["resourceType"] != "ImplementationGuide")
            .then_some((name, resource))
    };
    entries.filter_map(read).collect()
}

#[test]
fn what_a_profile_says_is_found_broken_where_it_is_broken() {
    let paths: Option<Vec<_>> = PACKAGES.iter().map(|name| common::shared(&format!("packages/{name}"))).collect();
    let Some(paths) = paths else { return };
    let definitions = Arc::new(Definitions::builder().packages(paths.clone()).open().expect("definitions open"));
    let validator = Validator::new(Arc::clone(&definitions), Options::default());
    let mut seen = BTreeSet::new();
    let mut counts: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    let mut missed = Vec::new();
    for (name, document) in paths.iter().flat_map(|path| examples(path)) {
        if !validator.is_valid(&document, &[]) {
            continue;
        }
        for (root, resource) in resources(&document) {
            let Some(profile) = list(&resource["meta"], "profile").iter().find_map(Value::as_str) else { continue };
            let Some(structure) = definitions.structure(profile) else { continue };
            for element in list(&structure["snapshot"], "element") {
                let mut made = mutants(&definitions, &document, &root, element);
                made.extend(extension_mutants(&definitions, &document, &root, element));
                for mutant in made {
                    let key = (mutant.kind, profile.to_owned(), text(element, "id").to_owned());
                    if !seen.insert(key) {
                        continue;
                    }
                    let issues = validator.validate(&mutant.document, &[]);
                    let mut at = issues.iter().filter(|i| i.severity.refuses()).filter_map(|i| i.at.as_deref());
                    let found = at.any(|at| at.starts_with(&mutant.near));
                    let count = counts.entry(mutant.kind).or_default();
                    count.0 += usize::from(found);
                    count.1 += 1;
                    if !found {
                        missed.push(format!("{} {name} {}", mutant.kind, text(element, "id")));
                    }
                }
            }
        }
    }
    let total: usize = counts.values().map(|(_, all)| all).sum();
    println!("{total} mutants, {} missed: {counts:#?}\n{missed:#?}", missed.len());
    assert!(total > 8_000, "{total} mutants");
    assert!(missed.is_empty(), "{} of {total} missed: {missed:#?}", missed.len());
}
