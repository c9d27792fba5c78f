//! HL7's oncology package (mCODE) without the packages that it builds on: what can be checked is.

mod common;

use std::collections::BTreeSet;
use std::sync::Arc;

use flate2::read::GzDecoder;
use overdracht::fhir::definitions::Definitions;
use overdracht::validator::{Options, Validator};
use serde_json::Value;

/// What is refused in its examples: file, and identifier of the message.
const REFUSED: &[(&str, &str)] = &[
    // `m^2` for `m2`.
    ("Observation-body-surface-area-example.json", "code-unit-not-ucum"),
    // The reason why there is no code is none of the codes that the largest allowed set has.
    ("Observation-tnm-pathologic-distant-metastases-category-jenny-m.json", "binding-outside-max-value-set"),
    // Its resources refer to each other as what keeps profiles of the packages that are not here; so does what refers to those.
    ("Bundle-mcode-patient-bundle-jenny-m.json", "reference-profile-not-here"),
    ("Bundle-mcode-patient-bundle-jenny-m.json", "reference-target-profile"),
];

#[test]
fn the_examples_of_mcode_are_accepted() {
    let (true, Some(package)) = (common::packages(), common::mcode()) else { return };
    let definitions = Definitions::builder().packages([package.clone()]).open().expect("the package can be read");
    let told: Vec<&str> = definitions.issues().iter().map(|issue| &*issue.text).collect();
    assert!(told.iter().any(|text| text.contains("needs hl7.fhir.us.core#6.1.0")), "{told:?}");
    let validator = Validator::new(Arc::new(definitions), Options::default());
    let mut archive = tar::Archive::new(GzDecoder::new(std::fs::File::open(package).expect("a package opens")));
    let (mut refused, mut total) = (BTreeSet::new(), 0);
    for entry in archive.entries().expect("a package is a tar").map(|entry| entry.expect("an entry")) {
        let path = entry.path().expect("a path").to_string_lossy().into_owned();
        let Some(name) = path.strip_prefix("package/example/") else { continue };
        let Ok(resource) = serde_json::from_reader::<_, Value>(entry) else { continue };
        if resource["resourceType"].is_null() {
            continue;
        }
        total += 1;
        let issues = validator.validate(&resource, &[]);
        let wrong: BTreeSet<_> =
            issues.iter().filter(|i| i.severity.refuses()).map(|i| (name.to_owned(), i.id.to_owned())).collect();
        assert_eq!(validator.is_valid(&resource, &[]), wrong.is_empty(), "{name}");
        refused.extend(wrong);
    }
    assert!(total > 150, "{total} examples");
    assert_eq!(refused, REFUSED.iter().map(|(name, id)| ((*name).to_owned(), (*id).to_owned())).collect());
}
