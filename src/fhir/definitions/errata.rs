//! Repairs of errors in the published specification, all in one place, applied before a definition is used.

use serde_json::Value;

/// The repairs, as data: `canonical → element id → property → value` (null takes it out). Beside each its reason.
pub const TEXT: &str = include_str!("errata.json");

/// Repairs `definition` where it has known errors.
pub fn mend(definition: &mut Value) {
    let Some(url) = definition.get("url").and_then(Value::as_str) else { return };
    let Some(repairs) = repairs().get(url) else { return };
    let repairs = repairs.clone();
    for repair in repairs.as_array().into_iter().flatten() {
        apply(definition, repair);
    }
}

fn repairs() -> &'static serde_json::Map<String, Value> {
    static REPAIRS: std::sync::LazyLock<serde_json::Map<String, Value>> =
        // The text is part of the binary, and a test parses it.
        std::sync::LazyLock::new(|| serde_json::from_str(TEXT).unwrap_or_default());
    &REPAIRS
}

/// `at` is a JSON pointer, in which `{id}` stands for the place of the element or constraint with that id or key.
fn apply(definition: &mut Value, repair: &Value) {
    let (Some(at), Some(to)) = (repair.get("at").and_then(Value::as_str), repair.get("to")) else { return };
    let mut here = definition;
    let mut steps = at.split('/').skip(1).peekable();
    while let Some(step) = steps.next() {
        let next = match step.strip_prefix('{').and_then(|step| step.strip_suffix('}')) {
            Some(name) => here.as_array_mut().and_then(|items| {
                let named =
                    |item: &Value| ["id", "key"].iter().any(|k| item.get(k).and_then(Value::as_str) == Some(name));
                items.iter_mut().find(|item| named(item))
            }),
            None if steps.peek().is_none() && !here.is_array() => {
                let Some(here) = here.as_object_mut() else { return };
                match to {
                    Value::Null => drop(here.shift_remove(step)),
                    to => drop(here.insert(step.to_owned(), to.clone())),
                }
                return;
            }
            None => match here {
                Value::Array(items) => step.parse::<usize>().ok().and_then(|at| items.get_mut(at)),
                other => other.get_mut(step),
            },
        };
        match next {
            Some(next) => here = next,
            None => return,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_list_of_repairs_is_json_and_every_repair_has_its_reason() {
        let all: serde_json::Map<String, Value> = serde_json::from_str(TEXT).unwrap();
        for repair in all.values().flat_map(|repairs| repairs.as_array().unwrap()) {
            assert!(repair["at"].as_str().unwrap().starts_with('/') && repair["why"].as_str().unwrap().len() > 20);
        }
    }

    #[test]
    fn a_repair_finds_its_element_by_id_and_its_constraint_by_key() {
        let mut definition = json!({ "snapshot": { "element": [
            { "id": "A" }, { "id": "A.b", "constraint": [{ "key": "x" }, { "key": "y", "expression": "old" }] }
        ] } });
        let at = "/snapshot/element/{A.b}/constraint/{y}/expression";
        apply(&mut definition, &json!({ "at": at, "to": "new" }));
        assert_eq!(definition["snapshot"]["element"][1]["constraint"][1]["expression"], "new");
        apply(&mut definition, &json!({ "at": at, "to": null }));
        assert!(definition["snapshot"]["element"][1]["constraint"][1].get("expression").is_none());
        apply(&mut definition, &json!({ "at": "/snapshot/element/{none}/min", "to": 1 }));
    }
}
