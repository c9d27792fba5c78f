//! What more than one target needs.
#![allow(dead_code)] // Not every target needs all of it.

use std::sync::{Arc, LazyLock};

use overdracht::fhir::Issue;
use overdracht::fhir::definitions::Definitions;
use overdracht::validator::{Options, Validator};

/// HL7's own and ours, from where the service reads them.
pub fn definitions() -> &'static Arc<Definitions> {
    static DEFINITIONS: LazyLock<Arc<Definitions>> =
        LazyLock::new(|| Arc::new(Definitions::builder().open().expect("`make definitions` was run")));
    &DEFINITIONS
}

pub fn validator() -> &'static Validator {
    static VALIDATOR: LazyLock<Validator> = LazyLock::new(|| Validator::new(definitions().clone(), Options::default()));
    &VALIDATOR
}

/// Every line and column that an issue names is in the text.
pub fn places_are_there(text: &str, issues: &[Issue]) {
    let lines: Vec<&str> = text.split('\n').collect();
    for (line, column) in issues.iter().filter_map(|issue| issue.position) {
        let line = lines.get(line as usize - 1).unwrap_or_else(|| panic!("there is no line {line}"));
        assert!((1..=line.len() as u32 + 1).contains(&column), "there is no column {column}");
    }
}
