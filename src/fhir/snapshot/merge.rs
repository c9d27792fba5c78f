//! What a differential says of an element, laid over what the base says.

use serde_json::{Map, Value};

/// Properties that are lists to which the differential adds; the member that tells what is the same one.
const ADDED_TO: &[(&str, Option<&str>)] =
    &[("constraint", Some("key")), ("extension", Some("url")), ("code", None), ("condition", None), ("alias", None)];

/// Properties of which the parts that the differential does not mention stay.
const LAID_OVER: &[&str] = &["binding", "slicing"];

pub(super) fn merge(base: &mut Map<String, Value>, differential: Map<String, Value>) {
    for (key, value) in differential {
        let added_to = ADDED_TO.iter().find(|(name, _)| *name == key);
        match (base.get_mut(&key), value) {
            (Some(Value::Array(present)), Value::Array(added)) if added_to.is_some() => {
                let same = added_to.and_then(|(_, same)| *same);
                added.into_iter().for_each(|item| add(present, item, same));
            }
            (Some(Value::Object(present)), Value::Object(over)) if LAID_OVER.contains(&key.as_str()) => {
                present.extend(over);
            }
            (present, Value::Array(mut types)) if key == "type" => {
                if let Some(Value::Array(present)) = present {
                    types.iter_mut().for_each(|kind| keep_profiles(kind, present));
                }
                base.insert(key, types.into());
            }
            (_, value) => {
                base.insert(key, value);
            }
        }
    }
}

/// A type that is named without profiles keeps those of the base: a differential only narrows.
fn keep_profiles(kind: &mut Value, present: &[Value]) {
    let of_base = present.iter().find(|base| base.get("code") == kind.get("code"));
    let (Some(kind), Some(base)) = (kind.as_object_mut(), of_base) else { return };
    for key in ["profile", "targetProfile"] {
        if let Some(profiles) = base.get(key).filter(|_| !kind.contains_key(key)) {
            kind.insert(key.into(), profiles.clone());
        }
    }
}

fn add(present: &mut Vec<Value>, item: Value, same: Option<&str>) {
    let is_same = |other: &Value| match same {
        Some(key) => item.get(key).is_some() && item.get(key) == other.get(key),
        None => *other == item,
    };
    match present.iter().position(is_same) {
        Some(at) => present[at] = item,
        None => present.push(item),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn constraints_accumulate_by_key_and_bindings_keep_what_is_not_mentioned() {
        let mut base = json!({
            "min": 0, "constraint": [{ "key": "ele-1" }, { "key": "a", "human": "old" }],
            "binding": { "strength": "example", "valueSet": "http://v" }, "type": [{ "code": "string" }]
        });
        let differential = json!({
            "min": 1, "constraint": [{ "key": "a", "human": "new" }, { "key": "b" }],
            "binding": { "strength": "required" }, "type": [{ "code": "code" }]
        });
        let Value::Object(differential) = differential else { panic!() };
        merge(base.as_object_mut().unwrap(), differential);
        let expected = json!({
            "min": 1, "constraint": [{ "key": "ele-1" }, { "key": "a", "human": "new" }, { "key": "b" }],
            "binding": { "strength": "required", "valueSet": "http://v" }, "type": [{ "code": "code" }]
        });
        assert_eq!(base, expected);
    }
}
