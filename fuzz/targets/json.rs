//! Any text as a resource in JSON: issues at places that are there, and both modes of the validator agree.

use crate::common;
use overdracht::fhir::json;

pub fn run(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    // XML has a target of its own.
    if text.trim_start().starts_with('<') {
        return;
    }
    let issues = common::validator().validate_text(text, &[]);
    common::places_are_there(text, &issues);
    let refused = issues.iter().any(|issue| issue.severity.refuses());
    match json::parse(bytes) {
        Ok(resource) => assert_eq!(common::validator().is_valid(&resource, &[]), !refused),
        Err(_) => assert!(refused),
    }
}
