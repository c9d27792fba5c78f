//! What a document holds by name, found once however often it is asked for.

use std::cell::RefCell;

use ahash::{AHashMap, AHashSet};
use serde_json::Value;

/// Up to this many are looked through, which is faster than hashing.
const FEW: usize = 16;

/// By the address of the resource around.
#[derive(Default)]
pub struct Lookup<'a> {
    contained: RefCell<AHashMap<usize, AHashMap<&'a str, &'a Value>>>,
    ids: RefCell<AHashMap<usize, AHashSet<&'a str>>>,
}

fn id(resource: &Value) -> Option<&str> {
    resource.get("id").and_then(Value::as_str)
}

fn address(resource: &Value) -> usize {
    std::ptr::from_ref(resource) as usize
}

impl<'a> Lookup<'a> {
    /// A contained resource by id, the first of several; the container itself for an empty one.
    pub fn contained(&self, container: &'a Value, wanted: &str) -> Option<&'a Value> {
        if wanted.is_empty() {
            return Some(container);
        }
        let all = container.get("contained")?.as_array()?;
        if all.len() <= FEW {
            return all.iter().find(|resource| id(resource) == Some(wanted));
        }
        let mut known = self.contained.borrow_mut();
        let by_id = known.entry(address(container)).or_insert_with(|| {
            let backwards = all.iter().rev();
            backwards.filter_map(|resource| Some((id(resource)?, resource))).collect()
        });
        by_id.get(wanted).copied()
    }

    /// Whether a resource or element within has this id, or a narrative within has it as a place to go to.
    pub fn has_id(&self, around: &'a Value, wanted: &str) -> bool {
        let mut known = self.ids.borrow_mut();
        let ids = known.entry(address(around)).or_insert_with(|| {
            let mut ids = AHashSet::new();
            collect(around, &mut ids);
            ids
        });
        ids.contains(wanted)
    }
}

fn collect<'a>(value: &'a Value, ids: &mut AHashSet<&'a str>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| collect(item, ids)),
        Value::Object(map) => {
            ids.extend(id(value));
            ids.extend(map.get("div").and_then(Value::as_str).into_iter().flat_map(anchors));
            map.values().for_each(|inner| collect(inner, ids));
        }
        _ => {}
    }
}

/// The ids and names that a narrative gives its elements.
fn anchors(div: &str) -> impl Iterator<Item = &str> {
    div.match_indices('=').filter_map(|(at, _)| {
        let name = div[..at].trim_end();
        if !name.ends_with("id") && !name.ends_with("name") {
            return None;
        }
        let quoted = div[at + 1..].trim_start().strip_prefix(['"', '\''])?;
        quoted.find(['"', '\'']).map(|end| &quoted[..end])
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn of_contained_resources_with_one_id_the_first_is_meant_however_many_there_are() {
        for many in [3, 40] {
            let ids = (0..many).map(|i| json!({ "id": format!("r{}", i % 2), "n": i }));
            let container = json!({ "contained": ids.collect::<Vec<_>>() });
            let lookup = Lookup::default();
            assert_eq!(lookup.contained(&container, "r1").map(|r| &r["n"]), Some(&json!(1)));
            assert_eq!(lookup.contained(&container, ""), Some(&container));
            assert_eq!(lookup.contained(&container, "r2"), None);
        }
    }

    #[test]
    fn an_id_is_one_of_an_element_or_a_place_in_a_narrative() {
        let resource = json!({
            "contained": [{ "id": "inner" }],
            "text": { "div": "<div><a name = 'there'>x</a><p id=\"here\" class=\"not\">x</p></div>" },
        });
        let lookup = Lookup::default();
        for id in ["inner", "there", "here"] {
            assert!(lookup.has_id(&resource, id), "{id}");
        }
        assert!(!lookup.has_id(&resource, "not"));
    }
}
