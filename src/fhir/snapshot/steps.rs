//! Where an element lies in the tree: the names and slice names from the root to it.

use std::collections::HashMap;

use serde_json::{Map, Value};

/// Deeper than any definition goes (the deepest published one has 11), and shallow enough for the stack.
const DEEPEST: usize = 64;

/// One name on the way, and the slice of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Step {
    pub name: String,
    pub slice: Option<String>,
}

/// Works out the steps of elements that come in order.
///
/// The id tells them (`Patient.name:official.family`). Where it does not fit the path, which older tools allow, the
/// parent is the last element before with the parent's path.
#[derive(Default)]
pub(super) struct Stepper {
    last: HashMap<String, Vec<Step>>,
}

impl Stepper {
    pub fn steps(&mut self, element: &Map<String, Value>) -> Option<Vec<Step>> {
        let path = element.get("path")?.as_str().filter(|path| path.split('.').count() <= DEEPEST)?;
        let id = element.get("id").and_then(Value::as_str);
        let slice = element.get("sliceName").and_then(Value::as_str);
        let steps = id.and_then(|id| from_id(id, path, slice)).unwrap_or_else(|| self.along_path(path, slice));
        self.last.insert(path.to_owned(), steps.clone());
        Some(steps)
    }

    fn along_path(&self, path: &str, slice: Option<&str>) -> Vec<Step> {
        let (mut steps, name) = match path.rsplit_once('.') {
            None => (Vec::new(), path),
            Some((parent, name)) => {
                let known = self.last.get(parent).cloned();
                (known.unwrap_or_else(|| self.along_path(parent, None)), name)
            }
        };
        steps.push(Step { name: name.to_owned(), slice: slice.map(str::to_owned) });
        steps
    }
}

fn from_id(id: &str, path: &str, slice: Option<&str>) -> Option<Vec<Step>> {
    let parse = |segment: &str| match segment.split_once(':') {
        Some((name, slice)) => Step { name: name.to_owned(), slice: Some(slice.to_owned()) },
        None => Step { name: segment.to_owned(), slice: None },
    };
    let mut steps: Vec<Step> = id.split('.').map(parse).collect();
    let fits = |step: &Step, name: &str| {
        step.name == name || step.name.strip_suffix("[x]").is_some_and(|stem| name.starts_with(stem))
    };
    let names = path.split('.').collect::<Vec<_>>();
    // The root's name is the type's in the path and may be anything in the id.
    let agree = steps.len() == names.len() && steps.iter().zip(&names).skip(1).all(|(step, name)| fits(step, name));
    if !agree {
        return None;
    }
    let last = steps.last_mut()?;
    match (slice, &last.slice) {
        (Some(slice), None) => last.slice = Some(slice.to_owned()),
        // `value[x]:valueQuantity` with the slice name left to the id is common; another name is not to be guessed at.
        (Some(slice), Some(told)) if slice != told => return None,
        _ => {}
    }
    Some(steps)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn steps(elements: &[Value]) -> Vec<String> {
        let mut stepper = Stepper::default();
        let written = |steps: Vec<Step>| {
            let step = |s: Step| s.slice.map_or(s.name.clone(), |slice| format!("{}:{slice}", s.name));
            steps.into_iter().map(step).collect::<Vec<_>>().join(".")
        };
        elements.iter().map(|e| written(stepper.steps(e.as_object().unwrap()).unwrap())).collect()
    }

    #[test]
    fn ids_lead_even_where_the_slices_themselves_are_not_listed() {
        let found = steps(&[json!({ "id": "Patient.name:a.family", "path": "Patient.name.family" })]);
        assert_eq!(found, ["Patient.name:a.family"]);
    }

    #[test]
    fn without_usable_ids_the_slice_named_last_is_the_parent() {
        let found = steps(&[
            json!({ "id": "1", "path": "Patient.name" }),
            json!({ "id": "2", "path": "Patient.name", "sliceName": "a.b" }),
            json!({ "id": "3", "path": "Patient.name.family" }),
            json!({ "path": "Patient.contact.name.family" }),
        ]);
        assert_eq!(
            found,
            ["Patient.name", "Patient.name:a.b", "Patient.name:a.b.family", "Patient.contact.name.family"]
        );
    }

    #[test]
    fn a_choice_keeps_its_name_whichever_way_the_path_is_written() {
        let found = steps(&[
            json!({ "id": "Observation.value[x]:valueQuantity", "path": "Observation.valueQuantity", "sliceName": "valueQuantity" }),
            json!({ "id": "Observation.value[x]:valueQuantity.unit", "path": "Observation.valueQuantity.unit" }),
        ]);
        assert_eq!(found, ["Observation.value[x]:valueQuantity", "Observation.value[x]:valueQuantity.unit"]);
    }
}
