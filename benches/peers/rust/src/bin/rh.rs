//! Times rh-validator, warm and on one thread.

use peer_rust::Arguments;
use rh_validator::{FhirValidator, FhirVersion, Severity};

fn main() {
    let arguments = Arguments::read();
    let validator = FhirValidator::new(FhirVersion::R4, None).expect("a validator");
    arguments.definitions(|resource| match resource["resourceType"].as_str() {
        Some("StructureDefinition") => validator.register_profile(resource),
        Some("ValueSet") => validator.register_valueset(resource),
        Some("CodeSystem") => validator.register_codesystem(resource),
        _ => {}
    });
    arguments.time(|resource| {
        let result = validator.validate_auto(resource).expect("a result");
        result.issues.iter().filter(|issue| issue.severity == Severity::Error).count()
    });
}
