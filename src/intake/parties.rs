//! The people, organisations and tumours of a document, found by business identifier or made.

use std::collections::{BTreeMap, BTreeSet};

use uuid::Uuid;

use super::{Refusal, Refused};
use crate::domain::Identifier;
use crate::fhir::{Identity, Issue, IssueCode, ResourceKey, systems};
use crate::mapping::Party;
use crate::store::{Store, StoreError, Version};

/// Who is who.
#[derive(Debug, Default)]
pub(super) struct Resolved {
    pub ids: BTreeMap<Party, String>,
    /// Logical id of the patient, where a number names the patient.
    pub patient: Option<String>,
    /// What is stored of those that were found.
    pub stored: BTreeMap<ResourceKey, Version>,
    /// Those that are new.
    pub made: BTreeSet<ResourceKey>,
    /// All identifiers, so that whoever of two is second finds the first.
    pub claims: Vec<(Identity, ResourceKey)>,
}

/// Finds each party, or gives it a random id: an id derived from a BSN could be guessed back.
///
/// # Errors
/// A conflict where the numbers of one party name different ones here, or a patient that is found has another BSN.
pub(super) async fn resolve(store: &dyn Store, parties: &[Party], id: fn() -> Uuid) -> Result<Resolved, Refusal> {
    let mut resolved = Resolved::default();
    for party in parties {
        let mut found = BTreeSet::new();
        for identifier in &party.identifiers {
            let identity = identity(party, identifier);
            // Two parties of one document may share a number: the second is then the first.
            let claimed = resolved.claims.iter().find(|(claimed, _)| *claimed == identity).map(|(_, key)| key.clone());
            found.extend(match claimed {
                Some(key) => Some(key),
                None => store.find(&identity).await?,
            });
        }
        let mut found = found.into_iter();
        let key = match (found.next(), found.next()) {
            (Some(_), Some(_)) => return Err(Refused::Conflict(several(party)).into()),
            (Some(key), None) => {
                if let Some(version) = store.read(&key).await? {
                    if has_another_bsn(party, &version) {
                        return Err(Refusal { why: Refused::Conflict(several(party)), patient: Some(key.id) });
                    }
                    resolved.stored.insert(key.clone(), version);
                }
                key
            }
            (None, _) => {
                let key = ResourceKey::new(party.resource_type, id().to_string());
                resolved.made.insert(key.clone());
                key
            }
        };
        let claims = party.identifiers.iter().map(|identifier| (identity(party, identifier), key.clone()));
        resolved.claims.extend(claims);
        if party.resource_type == "Patient" && resolved.patient.is_none() {
            resolved.patient = Some(key.id.clone());
        }
        resolved.ids.insert(party.clone(), key.id);
    }
    Ok(resolved)
}

/// True where a number names another one by now than when it was looked up.
pub(super) async fn is_outdated(store: &dyn Store, resolved: &Resolved) -> Result<bool, StoreError> {
    for (identity, key) in &resolved.claims {
        if store.find(identity).await?.is_some_and(|found| found != *key) {
            return Ok(true);
        }
    }
    Ok(false)
}

fn identity(party: &Party, identifier: &Identifier) -> Identity {
    Identity {
        resource_type: party.resource_type.to_owned(),
        system: identifier.system.clone(),
        value: identifier.value.clone(),
    }
}

/// A hospital number that was found, with a BSN that is not the one stored beside it: one of the two is wrong.
fn has_another_bsn(party: &Party, stored: &Version) -> bool {
    let Some(sent) = party.identifiers.iter().find(|identifier| identifier.system == systems::BSN) else {
        return false;
    };
    let identifiers = stored.body["identifier"].as_array().map_or(&[][..], Vec::as_slice);
    identifiers.iter().any(|one| one["system"] == systems::BSN && one["value"] != sent.value.as_str())
}

fn several(party: &Party) -> Issue {
    let text = format!(
        "The numbers of this {} belong to different ones here. Nothing was stored: find out which number is wrong.",
        party.resource_type
    );
    let issue = Issue::error(IssueCode::Conflict, "document-identity-conflict", text);
    if party.resource_type == "Patient" { issue.at("/patient/identifiers") } else { issue.at("") }
}
