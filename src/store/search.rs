//! Runs a search over any store: fetches what the query's plan names, then what its chains and includes lead to.

use serde_json::Value;

use super::{Store, StoreError, Version};
use crate::fhir::{Issue, ResourceKey};
use crate::search::{Candidates, Found, Plan, Query};

/// Matches in order, and what they include.
#[derive(Debug, Default, PartialEq)]
pub struct Results {
    pub matches: Vec<Value>,
    pub included: Vec<Value>,
}

#[derive(Debug, thiserror::Error)]
pub enum SearchError {
    /// The query would look at everybody.
    #[error("the search cannot be run: {}", .0.text)]
    Refused(Issue),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Chains and includes are followed this many steps out of what was fetched first.
const STEPS: usize = 4;

pub async fn search(store: &dyn Store, query: &Query) -> Result<Results, SearchError> {
    let plan = query.plan().map_err(SearchError::Refused)?;
    let mut fetched = fetch(store, query, plan).await?;
    for _ in 0..STEPS {
        let wanted = query.wanted(&candidates(&fetched));
        let mut more = Vec::new();
        for key in &wanted {
            more.extend(store.read(key).await?);
        }
        if more.is_empty() {
            break;
        }
        fetched.extend(more);
    }
    let candidates = candidates(&fetched);
    let Found { matches, included } = query.run(&candidates);
    let owned = |found: Vec<&Value>| found.into_iter().cloned().collect();
    Ok(Results { matches: owned(matches), included: owned(included) })
}

fn candidates(fetched: &[Version]) -> Candidates<'_> {
    Candidates::new(fetched.iter().map(|version| &version.body))
}

async fn fetch(store: &dyn Store, query: &Query, plan: Plan) -> Result<Vec<Version>, StoreError> {
    let only = (!query.needs_neighbours()).then_some(query.resource_type.as_str());
    let patients = match plan {
        Plan::Patients(patients) => patients,
        Plan::Identities(identities) => {
            let mut patients = Vec::new();
            for identity in &identities {
                patients.extend(store.find(identity).await?.map(|key| key.id));
            }
            patients
        }
        Plan::Ids(ids) => {
            let mut found = Vec::new();
            for id in ids {
                found.extend(store.read(&ResourceKey::new(query.resource_type.clone(), id)).await?);
            }
            return Ok(found);
        }
        Plan::Unfiled => {
            let mut found = store.unfiled(&query.resource_type).await?;
            for include in &query.reverse_includes {
                found.extend(store.unfiled(&include.source).await?);
            }
            return Ok(found);
        }
    };
    let mut found = Vec::new();
    for patient in patients {
        found.extend(store.compartment(&patient, only).await?);
    }
    Ok(found)
}
