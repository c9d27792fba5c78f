//! The validator against HL7's own cases, mutants of Dutch examples, and the Dutch examples themselves. Differences stand
//! in `validator_cases/`, each with its reason; one that no longer differs fails as well.

mod common;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use overdracht::fhir::definitions::Definitions;
use overdracht::fhir::{Issue, xml};
use overdracht::validator::{Options, UnknownExtensions, Validator};
use serde_json::Value;

const PACKAGES: [&str; 4] = [
    "nictiz.fhir.nl.r4.zib2020-0.12.0-beta.4.tgz",
    "nictiz.fhir.nl.r4.nl-core-0.12.0-beta.4.tgz",
    "nictiz.fhir.nl.r4.medicationprocess9-2.0.0-rc.7.tgz",
    "iknl.fhir.nl.r4.ncr-ehr-1.4.2.tgz",
];

fn read(path: &Path) -> Value {
    let text = std::fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    serde_json::from_str(&text).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

fn cases(folder: &Path) -> Vec<Value> {
    let text = std::fs::read_to_string(folder.join("cases.ndjson")).expect("cases are readable");
    text.lines().map(|line| serde_json::from_str(line).expect("a case is JSON")).collect()
}

fn texts<'v>(value: &'v Value, name: &str) -> Vec<&'v str> {
    value[name].as_array().into_iter().flatten().filter_map(Value::as_str).collect()
}

/// `id: reason` lines.
fn expected(list: &str) -> BTreeMap<&str, &str> {
    let rows = list.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    rows.map(|line| line.split_once('\t').expect("a difference has a reason")).collect()
}

fn compare(found: &BTreeSet<String>, list: &str) {
    let expected = expected(list);
    let new: Vec<_> = found.iter().filter(|id| !expected.contains_key(id.as_str())).collect();
    let gone: Vec<_> = expected.keys().filter(|id| !found.contains(**id)).collect();
    assert!(new.is_empty(), "differ without a reason: {new:#?}");
    assert!(gone.is_empty(), "no longer differ, strike them: {gone:#?}");
}

fn errors(issues: &[Issue]) -> Vec<&str> {
    issues.iter().filter(|i| i.severity.refuses()).filter_map(|i| i.at.as_deref()).collect()
}

/// Both modes, which must agree.
fn validate(validator: &Validator, resource: &Value, profiles: &[&str]) -> Vec<Issue> {
    let issues = validator.validate(resource, profiles);
    let refused = issues.iter().any(|i| i.severity.refuses());
    assert_eq!(validator.is_valid(resource, profiles), !refused, "is_valid and validate disagree");
    issues
}

fn packages() -> Option<Vec<PathBuf>> {
    PACKAGES.iter().map(|name| common::shared(&format!("packages/{name}"))).collect()
}

fn dutch() -> Option<Validator> {
    let definitions = Definitions::builder().packages(packages()?).open().expect("definitions open");
    Some(Validator::new(Arc::new(definitions), Options::default()))
}

/// A case in XML, where XML can say the same: read back it is the same resource.
fn in_xml(layout: &xml::Defined, resource: &Value) -> Option<String> {
    let text = xml::write(layout, resource).ok()?;
    let read = xml::read(layout, &text).ok()?;
    (read.resource == *resource && read.faults.is_empty()).then_some(text)
}

/// Holds what is found in XML to what is found in JSON; false where XML cannot say the case.
fn is_alike_in_xml(validator: &Validator, layout: &xml::Defined, resource: &Value, profiles: &[&str]) -> bool {
    let Some(text) = in_xml(layout, resource) else { return false };
    let (xml, json) = (validator.validate_text(&text, profiles), validator.validate(resource, profiles));
    assert_eq!(found(&xml), found(&json), "in XML and JSON:\n{text}");
    true
}

#[test]
fn verdicts_agree_with_the_reference_on_hl7s_cases() {
    let Some(folder) = common::shared("validator-cases/hl7-r4") else { return };
    let options = Options {
        unknown_extensions: UnknownExtensions::Error,
        clock: Some(|| jiff::civil::date(2026, 1, 1).to_zoned(jiff::tz::TimeZone::UTC).expect("a time")),
        ..Options::default()
    };
    let layout = xml::Defined::new(Arc::new(Definitions::builder().open().expect("definitions open")));
    let (mut total, mut places, mut placed, mut in_xml) = (0, 0, 0, 0);
    let mut differ = BTreeSet::new();
    let mut modules: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    for case in cases(&folder).iter().filter(|c| c["in_scope"] == true) {
        let supporting = texts(case, "supporting").into_iter().map(|f| read(&folder.join(f)));
        let definitions = Definitions::builder().definitions(supporting).open().expect("definitions open");
        let validator = Validator::new(Arc::new(definitions), options);
        let resource = read(&folder.join(case["file"].as_str().expect("a case has a file")));
        let issues = validate(&validator, &resource, &texts(case, "profiles"));
        in_xml += usize::from(is_alike_in_xml(&validator, &layout, &resource, &texts(case, "profiles")));
        let found = errors(&issues);
        total += 1;
        let module = modules.entry(case["module"].as_str().unwrap_or_default().to_owned()).or_default();
        module.1 += 1;
        module.0 += 1;
        if found.is_empty() != case["expect_valid"].as_bool().expect("a case has a verdict") {
            module.0 -= 1;
            differ.insert(case["id"].as_str().expect("a case has an id").to_owned());
        }
        for error in case["expect_errors"].as_array().into_iter().flatten().filter(|e| e["needs_content"] != true) {
            let at = error["expression"].as_str().unwrap_or_default();
            places += 1;
            placed += usize::from(found.contains(&at));
            if !found.contains(&at) {
                println!("  not found: {} {at}: {}", case["id"], error["text"]);
            }
        }
    }
    println!("HL7: {} of {total} verdicts agree; {placed} of {places} error places", total - differ.len());
    println!("the same in XML: {in_xml}, which are all that XML can say");
    assert!(in_xml > 60, "{in_xml} cases in XML");
    for (module, (agree, all)) in &modules {
        println!("  {module}: {agree} of {all}");
    }
    compare(&differ, include_str!("validator_cases/hl7.tsv"));
    assert!(placed * 100 >= places * 92, "{placed} of {places} error places");
}

#[test]
fn mutants_are_found_where_they_are() {
    let (Some(folder), Some(validator)) = (common::shared("validator-cases/mutants"), dutch()) else { return };
    let layout = xml::Defined::new(Arc::new(Definitions::builder().open().expect("definitions open")));
    let (mut missed, mut in_xml) = (BTreeSet::new(), 0);
    for case in cases(&folder) {
        let resource = read(&folder.join(case["file"].as_str().expect("a case has a file")));
        let issues = validate(&validator, &resource, &texts(&case, "profiles"));
        in_xml += usize::from(is_alike_in_xml(&validator, &layout, &resource, &texts(&case, "profiles")));
        let acceptable = texts(&case, "acceptable_expressions");
        if !errors(&issues).iter().any(|at| acceptable.contains(at)) {
            missed.insert(case["id"].as_str().expect("a case has an id").to_owned());
        }
    }
    println!("mutants: {} missed; the same in XML: {in_xml}", missed.len());
    assert!(in_xml > 100, "{in_xml} mutants in XML");
    compare(&missed, include_str!("validator_cases/mutants.tsv"));
}

#[test]
fn the_dutch_examples_are_accepted() {
    let (Some(paths), Some(validator)) = (packages(), dutch()) else { return };
    let layout = xml::Defined::new(Arc::new(Definitions::builder().open().expect("definitions open")));
    let mut refused = BTreeSet::new();
    let mut total = 0;
    for path in paths {
        let file = std::fs::File::open(&path).expect("a package opens");
        let mut archive = tar::Archive::new(flate2::read::GzDecoder::new(file));
        for entry in archive.entries().expect("a package is a tar").map(|e| e.expect("an entry")) {
            let name = entry.path().expect("a path").to_string_lossy().into_owned();
            let Some(name) = name.strip_prefix("package/example").map(|n| n.trim_start_matches("s/").to_owned()) else {
                continue;
            };
            let Ok(resource) = serde_json::from_reader::<_, Value>(entry) else { continue };
            if resource["resourceType"].is_null() || resource["resourceType"] == "ImplementationGuide" {
                continue;
            }
            total += 1;
            let issues = validate(&validator, &resource, &[]);
            let xml = xml::write(&layout, &resource).unwrap_or_else(|_| panic!("{name} is not written as XML"));
            assert_eq!(found(&validator.validate_text(&xml, &[])), found(&issues), "{name} differs in XML");
            if !errors(&issues).is_empty() {
                refused.insert(name.trim_start_matches('/').to_owned());
            }
        }
    }
    println!("Dutch examples: {} of {total} accepted", total - refused.len());
    assert!(total > 270, "{total} examples");
    compare(&refused, include_str!("validator_cases/examples.tsv"));
}

/// What was found, and where.
fn found(issues: &[Issue]) -> BTreeSet<(&str, &str)> {
    issues.iter().map(|i| (i.id, i.at.as_deref().unwrap_or_default())).collect()
}

#[test]
fn resources_of_another_version_get_one_answer() {
    let Some(folder) = common::shared("pzp/stu3") else { return };
    let definitions = Definitions::builder().open().expect("definitions open");
    let validator = Validator::new(Arc::new(definitions), Options::default());
    let mut total = 0;
    for file in std::fs::read_dir(folder).expect("a folder").map(|f| f.expect("a file").path()) {
        let issues = validate(&validator, &read(&file), &[]);
        let ids: Vec<_> = issues.iter().map(|i| i.id).collect();
        assert_eq!(ids, ["structure-other-fhir-version"], "{}", file.display());
        total += 1;
    }
    assert!(total > 100, "{total} resources");
}
