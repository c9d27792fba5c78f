//! Times helios-fhir-validator with its FHIRPath constraints and its own terminology, warm and on one thread.

use std::sync::Arc;

use helios_fhir::FhirVersion;
use helios_fhir_validator::converter::convert;
use helios_fhir_validator::effects::{EffectHandlers, execute};
use helios_fhir_validator::fhirpath_effects::FhirPathConstraintEvaluator;
use helios_fhir_validator::packs::core_registry;
use helios_fhir_validator::{
    CompositeResolver, SchemaRegistry, Severity, ValidationOptions, Validator, core_terminology,
};
use peer_rust::Arguments;

fn main() {
    let arguments = Arguments::read();
    let mut profiles = SchemaRegistry::new();
    arguments.definitions(|resource| {
        if resource["resourceType"] == "StructureDefinition"
            && resource["derivation"] == "constraint"
            && let Ok(conversion) = convert(resource)
        {
            profiles.insert(conversion.schema);
        }
    });
    let core = core_registry(FhirVersion::R4);
    let validator = Validator::new(Arc::new(CompositeResolver::new(vec![Arc::new(profiles), core])));
    let terminology = core_terminology(FhirVersion::R4);
    let constraints = FhirPathConstraintEvaluator::new();
    let options = ValidationOptions::default();
    arguments.time(|resource| {
        let outcome = validator.validate_sync(resource, &options);
        let mut errors = outcome.errors;
        errors.extend(terminology.required_binding_errors(&outcome.deferred));
        let effects = EffectHandlers { constraints: Some(&constraints), ..EffectHandlers::default() };
        // Without a terminology server nothing in it waits.
        futures_executor::block_on(execute(resource, FhirVersion::R4, &outcome.deferred, &effects, &mut errors));
        errors.iter().filter(|error| error.severity == Severity::Error).count()
    });
}
