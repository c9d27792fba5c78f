//! The resources of a Bundle of another system, as if they lay in one store: each with an id, references between them
//! relative, and where each stands in the Bundle.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::fhir::{Issue, IssueCode, ResourceKey};

/// Types of Bundle that say what holds now.
const TYPES: &[&str] = &["collection", "document", "message", "transaction", "batch", "searchset"];

/// The resources of a Bundle.
#[derive(Clone, Debug, Default)]
pub struct Entries {
    pub resources: Vec<Value>,
    /// `Type/id` → `Bundle.entry[3].resource`.
    places: BTreeMap<String, String>,
    /// Entries that hold nothing to read.
    pub warnings: Vec<Issue>,
    /// Entries that ask for deletion, or hold a resource that stands there before.
    pub faults: Vec<Issue>,
}

impl Entries {
    /// Where a resource, or an element of one (`Goal/1#Goal.description`), stands in the Bundle.
    pub fn place(&self, of: &str) -> Option<String> {
        let (key, element) = of.split_once('#').unwrap_or((of, ""));
        let place = self.places.get(key)?;
        let element = element.split_once('.').map_or("", |(_, element)| element);
        Some(if element.is_empty() { place.clone() } else { format!("{place}.{element}") })
    }
}

/// Reads the entries. What an entry contains becomes a resource of its own; outcomes of a search are left out.
///
/// # Errors
/// What is no Bundle of these types.
pub fn entries(bundle: &Value) -> Result<Entries, Vec<Issue>> {
    let fault = |id, text: &str, at: String| Issue::error(IssueCode::Invalid, id, text).at(at);
    if bundle["resourceType"] != "Bundle" {
        return Err(vec![fault("bundle-expected", "Expected a Bundle.", "Bundle".into())]);
    }
    if !TYPES.iter().any(|known| bundle["type"] == *known) {
        let text = format!("Expected a Bundle of type {}.", TYPES.join(", "));
        return Err(vec![fault("bundle-type", &text, "Bundle.type".into())]);
    }
    let mut entries = Entries::default();
    let mut renamed = BTreeMap::new();
    for (i, entry) in bundle["entry"].as_array().into_iter().flatten().enumerate() {
        let at = format!("Bundle.entry[{i}]");
        if entry["request"]["method"] == "DELETE" {
            let text = "A Bundle says what holds; to withdraw something, send the plan again without it.";
            entries.faults.push(fault("bundle-delete", text, format!("{at}.request.method")));
            continue;
        }
        let resource = &entry["resource"];
        if !resource.is_object() {
            let text = "The entry holds no resource; nothing was read from it.";
            let issue = Issue::warning(IssueCode::Incomplete, "bundle-entry-empty", text);
            entries.warnings.push(issue.at(at));
            continue;
        }
        if resource["resourceType"] == "OperationOutcome" || entry["search"]["mode"] == "outcome" {
            continue;
        }
        let full_url = entry["fullUrl"].as_str();
        let own = resource["id"].as_str().or_else(|| full_url?.strip_prefix("urn:uuid:"));
        let key = ResourceKey::new(
            resource["resourceType"].as_str().unwrap_or_default(),
            own.map_or_else(|| format!("entry-{i}"), str::to_owned),
        );
        if let Some(url) = full_url {
            renamed.insert(url.to_owned(), key.to_string());
        }
        let place = format!("{at}.resource");
        if entries.places.contains_key(&key.to_string()) {
            entries.faults.push(fault("bundle-twice", "This resource stands in the Bundle before.", place));
            continue;
        }
        entries.places.insert(key.to_string(), place.clone());
        entries.add(&key, resource.clone(), &place);
    }
    entries.resources.iter_mut().for_each(|resource| point(resource, &renamed));
    Ok(entries)
}

impl Entries {
    /// The resource under its key, and what it contains beside it.
    fn add(&mut self, key: &ResourceKey, mut resource: Value, place: &str) {
        let contained = resource.as_object_mut().and_then(|object| {
            object.insert("id".to_owned(), Value::from(key.id.as_str()));
            object.shift_remove("contained")
        });
        let mut names = BTreeMap::new();
        let mut within = Vec::new();
        for (i, one) in contained.as_ref().and_then(Value::as_array).into_iter().flatten().enumerate() {
            let (Some(kind), Some(id)) = (one["resourceType"].as_str(), one["id"].as_str()) else { continue };
            let key = ResourceKey::new(kind, format!("{}.{id}", key.id));
            names.insert(format!("#{id}"), key.to_string());
            self.places.insert(key.to_string(), format!("{place}.contained[{i}]"));
            let mut one = one.clone();
            one["id"] = Value::from(key.id);
            within.push(one);
        }
        for mut one in std::iter::once(resource).chain(within) {
            point(&mut one, &names);
            self.resources.push(one);
        }
    }
}

/// Gives references the names that the resources have here; one to a version is one to the resource.
fn point(value: &mut Value, names: &BTreeMap<String, String>) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| point(item, names)),
        Value::Object(object) => {
            for (name, value) in object.iter_mut() {
                if let (true, Some(to)) = (name == "reference", value.as_str()) {
                    let to = to.split("/_history/").next().unwrap_or(to);
                    *value = Value::from(names.get(to).map_or(to, String::as_str));
                } else {
                    point(value, names);
                }
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn resources_refer_to_each_other_whatever_they_were_called() {
        let bundle = json!({ "resourceType": "Bundle", "type": "transaction", "entry": [
            { "fullUrl": "urn:uuid:0a", "resource": { "resourceType": "Patient" } },
            { "fullUrl": "https://gp.example/fhir/Goal/g", "resource": {
                "resourceType": "Goal", "id": "g", "subject": { "reference": "urn:uuid:0a" },
                "contained": [{ "resourceType": "Practitioner", "id": "p" }],
                "expressedBy": { "reference": "#p" },
            } },
            { "resource": { "resourceType": "Consent", "sourceReference": {
                "reference": "https://gp.example/fhir/Goal/g/_history/2",
            } } },
        ] });
        let entries = entries(&bundle).unwrap();
        let references: Vec<_> = ["/1/subject", "/1/expressedBy", "/3/sourceReference"]
            .map(|at| json!(entries.resources).pointer(&format!("{at}/reference")).cloned())
            .into_iter()
            .flatten()
            .collect();
        assert_eq!(references, ["Patient/0a", "Practitioner/g.p", "Goal/g"]);
        let place = |of: &str| entries.place(of);
        assert_eq!(place("Goal/g#Goal.description"), Some("Bundle.entry[1].resource.description".into()));
        assert_eq!(place("Practitioner/g.p"), Some("Bundle.entry[1].resource.contained[0]".into()));
        assert_eq!(place("Consent/entry-2#Consent.status"), Some("Bundle.entry[2].resource.status".into()));
        assert_eq!(place("Goal/other"), None);
    }

    #[test]
    fn what_is_no_statement_of_what_holds_is_refused_at_its_place() {
        let ids = |bundle: Value| {
            let faults = entries(&bundle).map_or_else(|faults| faults, |entries| entries.faults);
            faults.into_iter().map(|one| (one.id, one.at.unwrap_or_default())).collect::<Vec<_>>()
        };
        assert_eq!(ids(json!({ "resourceType": "Patient" })), [("bundle-expected", "Bundle".into())]);
        assert_eq!(
            ids(json!({ "resourceType": "Bundle", "type": "history" })),
            [("bundle-type", "Bundle.type".into())]
        );
        let twice = json!({ "resourceType": "Bundle", "type": "collection", "entry": [
            { "resource": { "resourceType": "Goal", "id": "g" } },
            { "resource": { "resourceType": "Goal", "id": "g" } },
            { "request": { "method": "DELETE", "url": "Goal/h" } },
        ] });
        assert_eq!(
            ids(twice),
            [
                ("bundle-twice", "Bundle.entry[1].resource".into()),
                ("bundle-delete", "Bundle.entry[2].request.method".into()),
            ]
        );
    }
}
