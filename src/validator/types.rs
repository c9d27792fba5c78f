//! The types of FHIR for the evaluator of constraints, from the definitions.

use std::sync::Arc;

use crate::fhir::definitions::Definitions;
use crate::fhirpath::{TypeDescription, TypeModel};

pub struct Model(pub Arc<Definitions>);

impl TypeModel for Model {
    fn describe(&self, name: &str) -> Option<TypeDescription> {
        let root = name.split('.').next().unwrap_or(name);
        // No part of a name, and a sender could go on writing others.
        if root.contains(['#', '|']) {
            return None;
        }
        TypeDescription::from_structure(&*self.0.structure_for_type(root)?, name)
    }
}
