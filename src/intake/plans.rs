//! Reading the care plans of a patient: what holds now, what one document says, and how it came to that.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::DOCUMENT;
use crate::fhir::systems::BSN;
use crate::fhir::{Identity, ResourceKey};
use crate::mapping::care_plan::current::plan::{Plans, Source};
use crate::mapping::care_plan::has_profile;
use crate::store::{DocumentRecord, Store, StoreError};

/// The logical id of the patient with this BSN.
pub async fn patient(store: &dyn Store, bsn: &str) -> Result<Option<String>, StoreError> {
    let identity = Identity { resource_type: "Patient".into(), system: BSN.into(), value: bsn.into() };
    Ok(store.find(&identity).await?.map(|key| key.id))
}

/// All care plans of a patient as they stand at `now`.
pub async fn read(store: &dyn Store, patient: &str, now: Timestamp) -> Result<Plans, StoreError> {
    let stored = store.compartment(patient, None).await?;
    let documents = documents(store, stored.iter().map(|version| &version.body)).await?;
    let mut resources: Vec<Value> = stored.into_iter().map(|version| version.body).collect();
    let here: BTreeSet<ResourceKey> = resources.iter().filter_map(ResourceKey::of).collect();
    let people: BTreeSet<&ResourceKey> =
        documents.iter().flat_map(|record| &record.resources).filter(|key| !here.contains(key)).collect();
    for key in people {
        resources.extend(store.read(key).await?.map(|version| version.body));
    }
    Ok(Plans::new(resources, documents.iter().map(source).collect(), now))
}

/// The records of the care plans among all that a patient's documents became, in the order in which they came.
async fn documents<'r>(
    store: &dyn Store,
    resources: impl Iterator<Item = &'r Value>,
) -> Result<Vec<DocumentRecord>, StoreError> {
    let (mut ids, mut plans) = (BTreeSet::new(), BTreeSet::new());
    for one in resources {
        match one["resourceType"].as_str() {
            Some("Provenance") => ids.extend(one["meta"]["source"].as_str().and_then(|id| id.strip_prefix(DOCUMENT))),
            Some("Composition") if has_profile(one, "Overdracht-CarePlan") => plans.extend(ResourceKey::of(one)),
            _ => {}
        }
    }
    let mut found = Vec::new();
    for id in ids {
        let record = store.document(id).await?;
        found.extend(record.filter(|record| record.resources.iter().any(|key| plans.contains(key))));
    }
    found.sort_by(|a, b| (a.received, &a.id).cmp(&(b.received, &b.id)));
    Ok(found)
}

fn source(record: &DocumentRecord) -> Source {
    Source {
        id: record.id.clone(),
        kind: record.kind.clone(),
        system: record.source.clone(),
        document: record.body["documentId"].as_str().unwrap_or_default().to_owned(),
        version: record.version,
        resources: record.resources.clone(),
    }
}

/// Every version of every care plan of the patient in the order in which they came, each with what it changed against
/// the version before it.
pub async fn history(store: &dyn Store, plans: &Plans) -> Result<Value, StoreError> {
    let mut versions = Vec::new();
    for source in plans.sources() {
        let mut all = store.document_history(&source.id).await?;
        all.reverse();
        let befores = std::iter::once(None).chain(all.iter().map(Some));
        versions.extend(all.iter().zip(befores).map(|(record, before)| (record.received, entry(record, before))));
    }
    versions.sort_by_key(|(received, _)| *received);
    Ok(json!({ "versions": versions.into_iter().map(|(_, entry)| entry).collect::<Vec<_>>() }))
}

fn entry(record: &DocumentRecord, before: Option<&DocumentRecord>) -> Value {
    let mut changed = Changed::default();
    if let Some(before) = before {
        changed.compare(&before.body, &record.body, "");
    }
    json!({
        "document": {
            "id": record.id, "kind": record.kind, "source": record.source,
            "documentId": record.body["documentId"], "version": record.version,
        },
        "received": record.received.to_string(),
        "recordedAt": record.body["recordedAt"],
        "added": changed.added, "removed": changed.removed, "changed": changed.changed,
        "body": record.body,
    })
}

/// Pointers at which one version of a document differs from the one before it.
#[derive(Debug, Default, PartialEq)]
struct Changed {
    added: Vec<String>,
    removed: Vec<String>,
    changed: Vec<String>,
}

impl Changed {
    fn compare(&mut self, before: &Value, after: &Value, at: &str) {
        match (before, after) {
            (Value::Object(old), Value::Object(new)) => {
                let names: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
                for name in names {
                    self.both(old.get(name), new.get(name), format!("{at}/{name}"));
                }
            }
            (Value::Array(old), Value::Array(new)) => {
                for i in 0..old.len().max(new.len()) {
                    self.both(old.get(i), new.get(i), format!("{at}/{i}"));
                }
            }
            _ if before == after => {}
            _ => self.changed.push(at.to_owned()),
        }
    }

    fn both(&mut self, before: Option<&Value>, after: Option<&Value>, at: String) {
        match (before, after) {
            (Some(before), Some(after)) => self.compare(before, after, &at),
            (Some(_), None) => self.removed.push(at),
            (None, Some(_)) => self.added.push(at),
            (None, None) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_version_tells_what_it_changed() {
        let before = json!({ "version": 1, "goal": { "goal": "1" }, "list": [1, 2], "same": true });
        let after = json!({ "version": 2, "list": [1, 3, 4], "same": true, "place": {} });
        let mut changed = Changed::default();
        changed.compare(&before, &after, "");
        let lists = [&changed.added, &changed.removed, &changed.changed].map(|list| list.join(" "));
        assert_eq!(lists, ["/list/2 /place", "/goal", "/list/1 /version"]);
    }
}
