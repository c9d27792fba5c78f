//! What a document changes in what was said before: directives that it replaces, and statements of its own former
//! version that it no longer makes.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde_json::{Value, json};
use uuid::Uuid;

use super::UNFILED;
use crate::fhir::systems::SHARING_CONSENT;
use crate::fhir::{Issue, IssueCode, ResourceKey};
use crate::mapping::Mapped;
use crate::mapping::care_plan::{current::settle, recompose};
use crate::store::{DocumentRecord, Expect, Put, Store, StoreError, Version};

/// What is stored now of the patient, and which of it the document's former version made.
#[derive(Debug, Default)]
pub(super) struct Before {
    stored: Vec<Version>,
    made: BTreeSet<ResourceKey>,
}

impl Before {
    pub async fn read(store: &dyn Store, patient: &str, former: Option<&DocumentRecord>) -> Result<Before, StoreError> {
        let made = former.map(|former| former.resources.as_slice()).unwrap_or_default();
        Ok(Before {
            stored: store.compartment(patient, None).await?,
            made: made.iter().filter(|key| is_of_its_document(key)).cloned().collect(),
        })
    }
}

impl Before {
    /// The patient's Conditions, among which a registry record finds the metastases that it settles.
    pub fn conditions(&self) -> impl Iterator<Item = (ResourceKey, Value)> {
        let conditions = self.stored.iter().filter(|version| version.key.resource_type == "Condition");
        conditions.map(|version| (version.key.clone(), version.body.clone()))
    }
}

/// People, organisations and tumours are found again under random ids, whichever document names them; everything else
/// has an id derived from its document.
fn is_of_its_document(key: &ResourceKey) -> bool {
    !UNFILED.contains(&key.resource_type.as_str())
        && key.resource_type != "Provenance"
        && Uuid::parse_str(&key.id).is_ok_and(|id| id.get_version_num() == 5)
}

/// Gives the statements of `mapped` the status that they have among all of the patient, and returns what must be
/// written besides: stored statements whose standing changes, the Compositions that show them, what the document
/// settles of others, and what it withdraws. What was withdrawn neither stands nor replaces anything.
pub(super) fn follow(mapped: &mut Mapped, before: &Before, patient: &str, now: Timestamp) -> Vec<Put> {
    let brought: BTreeSet<ResourceKey> = mapped.resources.iter().filter_map(ResourceKey::of).collect();
    keep_refusal(mapped, &before.stored);
    let stored = before.stored.iter().filter(|version| !brought.contains(&version.key));
    let (mut versions, mut bodies): (Vec<&Version>, Vec<Value>) =
        stored.map(|version| (version, version.body.clone())).unzip();
    for (version, body) in versions.iter().zip(&mut bodies) {
        if before.made.contains(&version.key) && !refuses_sharing(body) {
            *body = withdrawn(body).unwrap_or_else(|| body.clone());
        }
        let settled = mapped.settled.iter().find(|one| ResourceKey::of(one).as_ref() == Some(&version.key));
        *body = settled.cloned().unwrap_or_else(|| body.take());
    }
    bodies.append(&mut mapped.resources);
    let mut settled = settle(bodies, now);
    let by_key: BTreeMap<String, Value> =
        settled.iter().filter_map(|one| Some((ResourceKey::of(one)?.to_string(), one.clone()))).collect();
    settled.iter_mut().for_each(|one| recompose(one, &by_key));
    mapped.resources = settled.split_off(versions.len());
    let changed = versions.drain(..).zip(settled).filter(|(version, body)| version.body != *body);
    changed.map(|(version, body)| put(version, body, patient)).collect()
}

/// True where the patient refuses that the care plan is shared.
fn refuses_sharing(consent: &Value) -> bool {
    let profiles = consent["meta"]["profile"].as_array();
    profiles.is_some_and(|all| all.iter().any(|profile| profile == SHARING_CONSENT))
        && consent["status"] == "active"
        && consent["provision"]["type"] == "deny"
}

/// A refusal stands until the patient says yes: a later version that does not know, or does not say, undoes none.
fn keep_refusal(mapped: &mut Mapped, stored: &[Version]) {
    for refusal in stored.iter().filter(|version| refuses_sharing(&version.body)) {
        let said_again = mapped.resources.iter_mut().find(|it| ResourceKey::of(it).as_ref() == Some(&refusal.key));
        let Some(resource) = said_again.filter(|it| it["provision"].get("type").is_none()) else { continue };
        *resource = refusal.body.clone();
        let text = "The patient refused sharing before, and this document does not say yes: the refusal stands.";
        let issue = Issue::warning(IssueCode::BusinessRule, "sharing-refusal-stands", text);
        mapped.warnings.push(issue.at("/sharingConsent"));
    }
}

fn put(version: &Version, body: Value, patient: &str) -> Put {
    Put { key: version.key.clone(), patient: Some(patient.to_owned()), body, expect: Expect::Version(version.version) }
}

/// The resource as it says that it was recorded by mistake; none where it says so already, or its type cannot.
fn withdrawn(resource: &Value) -> Option<Value> {
    const MISTAKE: &str = "entered-in-error";
    let mut body = resource.clone();
    match resource["resourceType"].as_str()? {
        "Condition" => {
            body["verificationStatus"] = json!({ "coding": [{
                "system": "http://terminology.hl7.org/CodeSystem/condition-ver-status", "code": MISTAKE,
            }] });
            // con-5: a mistake has no clinical status.
            body.as_object_mut()?.shift_remove("clinicalStatus");
        }
        "Goal" => body["lifecycleStatus"] = json!(MISTAKE),
        "RelatedPerson" => body["active"] = json!(false),
        _ if resource["status"].is_string() => body["status"] = json!(MISTAKE),
        _ => return None,
    }
    (body != *resource).then_some(body)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::UNIX_EPOCH;

    fn version(resource_type: &str, n: u128, body: Value) -> Version {
        let id = uuid::Builder::from_sha1_bytes(n.to_be_bytes()).into_uuid().to_string();
        let key = ResourceKey::new(resource_type, &id);
        let mut full = json!({ "resourceType": resource_type, "id": id });
        full.as_object_mut().expect("an object").extend(body.as_object().cloned().unwrap_or_default());
        Version { key, version: 1, at: jiff::Timestamp::UNIX_EPOCH, body: full }
    }

    fn directive(n: u128, decision: &str, date: &str) -> Version {
        let code = json!([{ "coding": [{ "system": "http://snomed.info/sct", "code": "89666000" }] }]);
        version(
            "Consent",
            n,
            json!({
                "status": "active", "scope": { "coding": [{ "code": "treatment" }] }, "dateTime": date,
                "provision": { "type": decision, "code": code },
            }),
        )
    }

    #[test]
    fn a_refusal_to_share_stands_until_a_yes() {
        let sharing = |status: &str, provision: Value| {
            let meta = json!({ "profile": [SHARING_CONSENT] });
            version("Consent", 1, json!({ "meta": meta, "status": status, "provision": provision }))
        };
        let refused = sharing("active", json!({ "type": "deny" }));
        let unknown = sharing("proposed", json!({ "code": [] }));
        let yes = sharing("active", json!({ "type": "permit" }));
        let before = || Before { stored: vec![refused.clone()], made: [refused.key.clone()].into() };
        for (said, holds) in [(vec![unknown.body], true), (vec![], true), (vec![yes.body], false)] {
            let mut mapped = Mapped { resources: said, ..Mapped::default() };
            let puts = follow(&mut mapped, &before(), "p", NOW);
            assert!(puts.is_empty(), "the refusal is neither withdrawn nor changed");
            assert!(mapped.resources.iter().all(|it| refuses_sharing(it) == holds));
        }
    }

    #[test]
    fn a_newer_decision_ends_an_older_one_of_another_document() {
        let (old, new) = (directive(1, "permit", "2025-01-01"), directive(2, "deny", "2025-06-01"));
        let mut mapped = Mapped { resources: vec![new.body.clone()], ..Mapped::default() };
        let before = Before { stored: vec![old.clone()], made: BTreeSet::new() };
        let puts = follow(&mut mapped, &before, "p", NOW);
        assert_eq!(puts.len(), 1);
        assert_eq!((&puts[0].key, puts[0].body["status"].as_str()), (&old.key, Some("inactive")));
        assert_eq!(mapped.resources[0]["status"], "active");
    }

    #[test]
    fn what_a_new_version_no_longer_says_is_withdrawn_and_replaces_nothing() {
        let (old, dropped) = (directive(1, "permit", "2025-01-01"), directive(2, "deny", "2025-06-01"));
        let mut before = Before { stored: vec![old.clone(), dropped.clone()], made: [dropped.key.clone()].into() };
        let puts = follow(&mut Mapped::default(), &before, "p", NOW);
        assert_eq!(puts.len(), 1);
        assert_eq!((&puts[0].key, puts[0].body["status"].as_str()), (&dropped.key, Some("entered-in-error")));
        before.stored[1].body = puts[0].body.clone();
        assert!(follow(&mut Mapped::default(), &before, "p", NOW).is_empty(), "once is enough");
    }

    #[test]
    fn only_what_belongs_to_the_document_is_withdrawn() {
        let shared = ResourceKey::new("Condition", Uuid::new_v4().to_string());
        assert!(!is_of_its_document(&shared));
        assert!(is_of_its_document(&version("Goal", 3, json!({})).key));
        assert!(!is_of_its_document(&version("PractitionerRole", 3, json!({})).key));
    }
}
