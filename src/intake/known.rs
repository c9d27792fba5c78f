//! What is stored here of whom a form or a Bundle refers to.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::fhir::{Identity, ResourceKey};
use crate::store::{Store, StoreError};

/// Elements by which a care plan names its patient and its sender, and a role its person and place.
const NAMING: &[&str] = &[
    "subject",
    "patient",
    "author",
    "source",
    "custodian",
    "practitioner",
    "organization",
    "for",
    "who",
    "onBehalfOf",
];

/// Resources by `Type/id`, and patients by identifier.
#[derive(Clone, Debug, Default)]
pub struct Known {
    resources: BTreeMap<String, Value>,
    patients: Vec<((String, String), Value)>,
}

impl Known {
    /// Looks up what `sent` names its patient and sender by, and what these refer to.
    pub(super) async fn look_up(store: &dyn Store, sent: &Value) -> Result<Known, StoreError> {
        let mut known = Known::default();
        let (mut references, mut identifiers) = (Vec::new(), Vec::new());
        named(sent, false, &mut references, &mut identifiers);
        let mut asked = BTreeSet::new();
        while let Some(key) = references.pop() {
            if !asked.insert(key.clone()) {
                continue;
            }
            if let Some(version) = store.read(&key).await? {
                named(&version.body, false, &mut references, &mut Vec::new());
                // A patient without a number cannot be found again by a document.
                if key.resource_type != "Patient" || version.body["identifier"].is_array() {
                    known.resources.insert(key.to_string(), version.body);
                }
            }
        }
        for (system, value) in identifiers {
            let identity = Identity { resource_type: "Patient".into(), system: system.clone(), value: value.clone() };
            if let Some(key) = store.find(&identity).await?
                && let Some(version) = store.read(&key).await?
            {
                known.patients.push(((system, value), version.body));
            }
        }
        Ok(known)
    }

    /// The resource that a Reference leads to here.
    pub fn at(&self, reference: &Value) -> Option<&Value> {
        self.resources.get(&ResourceKey::parse(reference["reference"].as_str()?)?.to_string())
    }

    /// The patient with this Identifier.
    pub fn patient(&self, identifier: &Value) -> Option<&Value> {
        let named = |known: &&((String, String), Value)| {
            identifier["system"] == known.0.0.as_str() && identifier["value"] == known.0.1.as_str()
        };
        self.patients.iter().find(named).map(|(_, patient)| patient)
    }
}

/// Relative references and identifiers in the elements that name someone.
fn named(value: &Value, naming: bool, references: &mut Vec<ResourceKey>, identifiers: &mut Vec<(String, String)>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| named(item, naming, references, identifiers)),
        Value::Object(object) => {
            if naming {
                let parties = ["Patient", "Organization", "Practitioner", "PractitionerRole"];
                let key = object.get("reference").and_then(Value::as_str).and_then(ResourceKey::parse);
                references.extend(key.filter(|key| parties.contains(&key.resource_type.as_str())));
                let part = |name: &str| Some(object.get("identifier")?[name].as_str()?.to_owned());
                identifiers.extend(part("system").zip(part("value")));
            }
            for (name, value) in object {
                named(value, NAMING.contains(&name.as_str()), references, identifiers);
            }
        }
        _ => {}
    }
}
