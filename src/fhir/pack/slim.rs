//! What of a definition is kept: everything that decides or names something, nothing that only explains.

use serde_json::{Map, Value};

/// Prose and mappings of an element; `short` stays, because messages quote it.
const ELEMENT_PROSE: &[&str] = &[
    "mapping",
    "definition",
    "comment",
    "requirements",
    "alias",
    "isModifierReason",
    "meaningWhenMissing",
    "orderMeaning",
    "example",
];

/// Takes out narrative, prose and mappings. A differential goes where a snapshot tells the whole.
pub fn slim(resource: &mut Value) {
    let Some(resource) = resource.as_object_mut() else { return };
    resource.shift_remove("text");
    match resource.get("resourceType").and_then(Value::as_str) {
        Some("StructureDefinition") => structure(resource),
        Some("CodeSystem") => concepts(resource),
        _ => {}
    }
}

fn structure(resource: &mut Map<String, Value>) {
    for prose in ["mapping", "description", "purpose", "copyright"] {
        resource.shift_remove(prose);
    }
    let has_snapshot = slim_elements(resource, "snapshot");
    if has_snapshot {
        resource.shift_remove("differential");
    } else {
        resource.shift_remove("snapshot");
        slim_elements(resource, "differential");
    }
}

fn slim_elements(resource: &mut Map<String, Value>, view: &str) -> bool {
    let elements = resource.get_mut(view).and_then(|view| view.get_mut("element")).and_then(Value::as_array_mut);
    let Some(elements) = elements else { return false };
    for element in elements.iter_mut().filter_map(Value::as_object_mut) {
        for prose in ELEMENT_PROSE {
            element.shift_remove(*prose);
        }
        let constraints = element.get_mut("constraint").and_then(Value::as_array_mut);
        for constraint in constraints.into_iter().flatten().filter_map(Value::as_object_mut) {
            constraint.shift_remove("xpath");
            constraint.shift_remove("requirements");
        }
    }
    !elements.is_empty()
}

fn concepts(within: &mut Map<String, Value>) {
    let concept = within.get_mut("concept").and_then(Value::as_array_mut);
    for concept in concept.into_iter().flatten().filter_map(Value::as_object_mut) {
        concept.shift_remove("definition");
        concepts(concept);
    }
}
