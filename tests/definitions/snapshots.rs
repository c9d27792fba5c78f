//! Generated snapshots beside the published ones: every differential of the Dutch packages, laid over its base again.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use overdracht::fhir::definitions::Definitions;
use overdracht::fhir::package::{self, Limits};
use overdracht::fhir::snapshot;
use serde_json::{Map, Value};

const PACKAGES: &[&str] = &[
    "nictiz.fhir.nl.r4.zib2020-0.12.0-beta.4.tgz",
    "nictiz.fhir.nl.r4.nl-core-0.12.0-beta.4.tgz",
    "nictiz.fhir.nl.r4.medicationprocess9-2.0.0-rc.7.tgz",
    "iknl.fhir.nl.r4.ncr-ehr-1.4.2.tgz",
];

/// What decides whether a resource is valid; `fixed…` and `pattern…` as well.
const COMPARED: &[&str] =
    &["path", "sliceName", "min", "max", "type", "binding", "slicing", "contentReference", "maxLength"];

const CHOICE_CLOSED: &str = "the publisher closes a choice that is sliced without saying how, and takes types out that \
                             their slices forbid; ours stays open, and the slices say the same";
const BROKEN: &str = "the published snapshot lacks what its base says of this element";

/// Profile, start of the difference, and why it may stay. An entry that no longer differs fails the test.
const EXPECTED: &[(&str, &str, &str)] = &[
    ("zib-Encounter", "extra Encounter.reasonReference:", "slices start with the rules that the profile has for all"),
    (
        "mp-ReplyProposalDispenseRequest",
        "issue snapshot-min-widened",
        "the differential widens, and the publisher keeps the base's",
    ),
    ("mp-ReplyProposalMedicationAgreement", "issue snapshot-min-widened", "as above"),
    ("mp-ReplyProposalDispenseRequest", "min Communication.payload.content[x]", "as above"),
    ("mp-ReplyProposalMedicationAgreement", "min Communication.payload.content[x]", "as above"),
    ("mp-ReplyProposalDispenseRequest", "min Communication.extension", BROKEN),
    ("mp-ReplyProposalDispenseRequest", "max Communication.extension", BROKEN),
    ("mp-ReplyProposalDispenseRequest", "type Communication.extension", BROKEN),
    ("mp-ReplyProposalMedicationAgreement", "min Communication.extension", BROKEN),
    ("mp-ReplyProposalMedicationAgreement", "max Communication.extension", BROKEN),
    ("mp-ReplyProposalMedicationAgreement", "type Communication.extension", BROKEN),
    ("mp-ProposalDispenseRequest-Bundle", "type Bundle.identifier", BROKEN),
    ("mp-ProposalMedicationAgreement-Bundle", "type Bundle.identifier", BROKEN),
    ("mp-ReplyProposalDispenseRequest-Bundle", "type Bundle.identifier", BROKEN),
    ("mp-ReplyProposalMedicationAgreement-Bundle", "type Bundle.identifier", BROKEN),
    ("ncr-ehr-medication-agreement", "slicing MedicationRequest.medication[x]", CHOICE_CLOSED),
    ("ncr-ehr-medication-agreement", "type MedicationRequest.medication[x]", CHOICE_CLOSED),
    ("ncr-ehr-procedure-event", "slicing Procedure.performed[x]", CHOICE_CLOSED),
    ("ncr-ehr-procedure-event", "type Procedure.performed[x]", CHOICE_CLOSED),
    ("ncr-ehr-patient", "slicing Patient.deceased[x]", CHOICE_CLOSED),
    ("ncr-ehr-laboratory-test-result", "slicing Observation.effective[x]", CHOICE_CLOSED),
    ("ncr-ehr-medication-administration", "slicing MedicationAdministration.", CHOICE_CLOSED),
    ("ncr-ehr-medication-administration", "type MedicationAdministration.effective[x]", CHOICE_CLOSED),
];

const OF_THE_BASE: &str = "the limit is that of the primitive which this one is made from; the publisher leaves it out";
const UNSLICED: &str = "slices without slicing: the publisher puts the slice in the place of its element";
const BY_CHOICE: &str = "the publisher writes the one type of a choice in the choice's place; ours as its slice";

/// The same for snapshots that are made of made ones, the core package's among them.
const EXPECTED_OF_MADE: &[(&str, &str, &str)] = &[
    ("code", "maxLength code.value", OF_THE_BASE),
    ("id", "maxLength id.value", OF_THE_BASE),
    ("markdown", "maxLength markdown.value", OF_THE_BASE),
    ("positiveInt", "maxValueInteger positiveInt.value", OF_THE_BASE),
    ("positiveInt", "minValueInteger positiveInt.value", OF_THE_BASE),
    ("unsignedInt", "maxValueInteger unsignedInt.value", OF_THE_BASE),
    ("unsignedInt", "minValueInteger unsignedInt.value", OF_THE_BASE),
    ("AllergyIntolerance", "maxLength AllergyIntolerance.category.value", OF_THE_BASE),
    ("AllergyIntolerance", "maxLength AllergyIntolerance.criticality.value", OF_THE_BASE),
    ("TelephoneNumbers", "maxLength ContactPoint.system.value", OF_THE_BASE),
    ("HealthProfessional-Practitioner", "maxLength Practitioner.gender.value", OF_THE_BASE),
    ("atient", "maxLength Patient.gender.value", OF_THE_BASE),
    ("TextResult", "maxLength DiagnosticReport.status.value", OF_THE_BASE),
    ("catalog", "extra Composition.date", UNSLICED),
    ("familymemberhistory-genetic", "", UNSLICED),
    ("bp", "", BY_CHOICE),
    ("Encounter", "extra Encounter.reasonReference:", "as above: slices start with the rules for all"),
    ("clinicaldocument", "max Composition.extension:versionNumber", "the extension itself may come once"),
    ("codesystem-history", "issue snapshot-max-widened", "its parts are named again, each as often as the whole"),
    ("elementdefinition-de", "missing ElementDefinition.extension:", "the publisher lists the parts of an extension"),
    ("provenance-relevant-history", "binding Provenance.agent:Author.type", "the publisher keeps the base's value set"),
    ("provenance-relevant-history", "contentReference Provenance.entity.agent", "the publisher refers to a slice"),
];

#[test]
fn regenerating_the_snapshots_of_the_dutch_packages_gives_what_was_published() {
    let Some(folder) = super::common::shared("packages") else { return };
    let paths: Vec<PathBuf> = PACKAGES.iter().map(|name| folder.join(name)).collect();
    let definitions = Definitions::builder().packages(paths.clone()).open().unwrap();
    let mut found = BTreeSet::new();
    let mut compared = 0;
    for path in &paths {
        let each = &mut |_: &str, text: Vec<u8>| {
            let published: Value = serde_json::from_slice(&text).unwrap();
            if published["resourceType"] == "StructureDefinition" {
                compared += 1;
                let name = published["id"].as_str().unwrap().to_owned();
                found.extend(differences(published, &definitions).into_iter().map(|what| (name.clone(), what)));
            }
            Ok(())
        };
        package::read(path, &Limits::default(), each).unwrap();
    }
    assert!(compared > 400, "only {compared} profiles were compared");
    let covers = |(name, start, _): &(&str, &str, &str), (profile, what): &(String, String)| {
        profile.ends_with(name) && what.starts_with(start)
    };
    let unexpected: Vec<_> = found.iter().filter(|one| !EXPECTED.iter().any(|entry| covers(entry, one))).collect();
    assert!(unexpected.is_empty(), "{} differences: {unexpected:#?}", unexpected.len());
    let past: Vec<_> = EXPECTED.iter().filter(|entry| !found.iter().any(|one| covers(entry, one))).collect();
    assert!(past.is_empty(), "no longer differ: {past:#?}");
}

fn differences(mut published: Value, definitions: &Definitions) -> Vec<String> {
    let snapshot = published.as_object_mut().unwrap().remove("snapshot").unwrap();
    let generated = snapshot::generate(&published, definitions);
    let (theirs, ours) = (by_id(&snapshot), by_id(&generated.definition["snapshot"]));
    let mut found: Vec<_> =
        generated.issues.iter().map(|issue| format!("issue {}: {}", issue.id, issue.text)).collect();
    found.extend(compare(&theirs, &ours));
    found
}

/// Each element that is missing, extra, or says something else.
fn compare(theirs: &BTreeMap<String, Value>, ours: &BTreeMap<String, Value>) -> Vec<String> {
    let mut found = Vec::new();
    for (id, element) in theirs {
        let Some(own) = ours.get(id) else {
            found.push(format!("missing {id}"));
            continue;
        };
        for key in keys(element).chain(keys(own)).collect::<BTreeSet<_>>() {
            let (theirs, ours) = (said(key, element), said(key, own));
            if theirs != ours {
                found.push(format!("{key} {id}: theirs {theirs}, ours {ours}"));
            }
        }
    }
    found.extend(ours.keys().filter(|id| !theirs.contains_key(*id)).map(|id| format!("extra {id}")));
    found
}

fn keys(element: &Value) -> impl Iterator<Item = &str> {
    let decides = |key: &&str| {
        COMPARED.contains(key)
            || ["fixed", "pattern", "minValue", "maxValue"].iter().any(|start| key.starts_with(start))
    };
    element.as_object().unwrap().keys().map(String::as_str).filter(decides)
}

/// A value as it matters: defaults filled in, and what means the same written the same.
fn said(key: &str, element: &Value) -> Value {
    let mut value = plain(&element[key]);
    let is_extension = element["path"].as_str().unwrap().to_lowercase().ends_with("extension");
    match key {
        "contentReference" => value.as_str().and_then(|text| text.rsplit('#').next()).into(),
        // Extensions are sliced by url, said or not.
        "slicing" if is_extension => Value::Null,
        "slicing" => {
            if let Some(slicing) = value.as_object_mut() {
                slicing.entry("ordered").or_insert(false.into());
            }
            value
        }
        _ => value,
    }
}

/// Without what explains, and with members in the order of their names.
fn plain(value: &Value) -> Value {
    let decides = |key: &str| !["extension", "description", "id"].contains(&key) && !key.starts_with('_');
    match value {
        Value::Object(members) => {
            let members =
                members.iter().filter(|(key, _)| decides(key)).map(|(key, value)| (key.clone(), plain(value)));
            members.collect::<BTreeMap<_, _>>().into_iter().collect::<Map<_, _>>().into()
        }
        Value::Array(items) => items.iter().map(plain).collect(),
        // Some publishers pin what the base refers to.
        Value::String(text) => text.strip_suffix("|4.0.1").unwrap_or(text).into(),
        other => other.clone(),
    }
}

fn by_id(snapshot: &Value) -> BTreeMap<String, Value> {
    let elements = snapshot["element"].as_array().into_iter().flatten();
    elements.map(|element| (element["id"].as_str().unwrap().to_owned(), element.clone())).collect()
}

/// Every snapshot left out of every package, the core's profiles and types with them: each is made of made ones.
#[test]
fn snapshots_made_of_made_snapshots_are_those_that_were_published() {
    let Some(folder) = super::common::shared("packages") else { return };
    if !super::common::packages() {
        return;
    }
    let core = Path::new(env!("CARGO_MANIFEST_DIR")).join("profiles/packages/hl7.fhir.r4.core#4.0.1.tgz");
    let mut paths: Vec<PathBuf> = PACKAGES.iter().map(|name| folder.join(name)).collect();
    paths.push(core);
    let mut published = BTreeMap::new();
    for path in &paths {
        let each = &mut |_: &str, text: Vec<u8>| {
            let one: Value = serde_json::from_slice(&text).unwrap_or_default();
            if one["resourceType"] == "StructureDefinition" && one["snapshot"].is_object() {
                published.insert(one["url"].as_str().unwrap().to_owned(), one);
            }
            Ok(())
        };
        package::read(path, &Limits::default(), each).unwrap();
    }
    let stripped = published.values().cloned().map(|mut one| {
        one.as_object_mut().unwrap().remove("snapshot");
        one
    });
    let definitions = Definitions::builder().definitions(stripped).open().unwrap();
    let mut found = BTreeSet::new();
    let mut elements = 0;
    for (url, one) in published.iter().filter(|(_, one)| one.pointer("/differential/element").is_some()) {
        let made = definitions.structure(url).unwrap();
        let (theirs, ours) = (by_id(&one["snapshot"]), by_id(&made["snapshot"]));
        elements += theirs.len();
        let issues = definitions.snapshot_issues(url);
        let mut differences = compare(&theirs, &ours);
        differences.extend(issues.iter().map(|issue| format!("issue {}: {}", issue.id, issue.text)));
        found.extend(differences.into_iter().map(|what| (one["id"].as_str().unwrap().to_owned(), what)));
    }
    assert!(elements > 37_000, "only {elements} elements were compared");
    let expected = || EXPECTED.iter().chain(EXPECTED_OF_MADE);
    let covers = |(name, start, _): &(&str, &str, &str), (profile, what): &(String, String)| {
        profile.ends_with(name) && what.starts_with(start)
    };
    let unexpected: Vec<_> = found.iter().filter(|one| !expected().any(|entry| covers(entry, one))).collect();
    assert!(unexpected.is_empty(), "{} differences: {unexpected:#?}", unexpected.len());
    let past: Vec<_> = EXPECTED_OF_MADE.iter().filter(|entry| !found.iter().any(|one| covers(entry, one))).collect();
    assert!(past.is_empty(), "no longer differ: {past:#?}");
}
