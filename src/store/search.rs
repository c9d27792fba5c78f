//! Runs a search over any store: fetches what the query's plan names, then what its chains and includes lead to.

use std::collections::BTreeSet;

use async_trait::async_trait;
use serde_json::Value;

use super::{Store, StoreError, Version};
use crate::fhir::{Issue, ResourceKey};
use crate::search::{Candidates, Found, Plan, Query};

/// A page of what was found: matches in order, and what they include.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Results {
    pub matches: Vec<Value>,
    pub included: Vec<Value>,
}

impl Results {
    pub fn all(&self) -> impl Iterator<Item = &Value> {
        self.matches.iter().chain(&self.included)
    }
}

#[derive(Debug, thiserror::Error)]
pub enum SearchError {
    /// The query would look at everybody.
    #[error("the search cannot be run: {}", .0.text)]
    Refused(Issue),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What a query looks at in place of what is stored.
#[async_trait]
pub trait Shape: Send + Sync {
    /// The shapes of these resources, under their own type and id; one that has none is not looked at.
    async fn shape(&self, store: &dyn Store, resources: Vec<Value>) -> Result<Vec<Value>, StoreError>;
}

/// Chains and includes are followed this many steps out of what was fetched first.
const STEPS: usize = 4;

/// The stored resources that answer the query, in one page.
pub async fn search(store: &dyn Store, query: &Query) -> Result<Results, SearchError> {
    Ok(search_as(store, query, &|_| None, None, usize::MAX).await?.pop().unwrap_or_default())
}

/// A resource as it stands today; None where it stands as it is stored.
pub type Today<'t> = &'t (dyn Fn(&Value) -> Option<Value> + Sync);

/// The stored resources, as they stand today, of which the shapes answer the query, in pages of at most `size` matches;
/// what is stored is its own shape where there is none.
pub async fn search_as(
    store: &dyn Store,
    query: &Query,
    today: Today<'_>,
    shape: Option<&dyn Shape>,
    size: usize,
) -> Result<Vec<Results>, SearchError> {
    let plan = query.plan().map_err(SearchError::Refused)?;
    let as_today = |version: &mut Version| version.body = today(&version.body).unwrap_or_else(|| version.body.take());
    let mut fetched = fetch(store, query, plan).await?;
    fetched.iter_mut().for_each(as_today);
    let mut shapes = shapes(store, shape, &fetched).await?;
    for _ in 0..STEPS {
        let wanted = query.wanted(&candidates(shape, &fetched, &shapes));
        let mut more = Vec::new();
        for key in &wanted {
            more.extend(store.read(key).await?);
        }
        if more.is_empty() {
            break;
        }
        more.iter_mut().for_each(as_today);
        shapes.extend(self::shapes(store, shape, &more).await?);
        fetched.extend(more);
    }
    let pages = query.run(&candidates(shape, &fetched, &shapes), size);
    let stored = |shape: &Value| {
        let key = ResourceKey::of(shape)?;
        fetched.iter().find(|version| version.key == key).map(|version| version.body.clone())
    };
    let owned = |found: Vec<&Value>| match shape {
        Some(_) => found.into_iter().filter_map(stored).collect(),
        None => found.into_iter().cloned().collect(),
    };
    let pages = pages.into_iter();
    Ok(pages
        .map(|Found { matches, included }| Results { matches: owned(matches), included: owned(included) })
        .collect())
}

async fn shapes(store: &dyn Store, shape: Option<&dyn Shape>, fetched: &[Version]) -> Result<Vec<Value>, StoreError> {
    match shape {
        Some(shape) => shape.shape(store, fetched.iter().map(|version| version.body.clone()).collect()).await,
        None => Ok(Vec::new()),
    }
}

fn candidates<'a>(shape: Option<&dyn Shape>, fetched: &'a [Version], shapes: &'a [Value]) -> Candidates<'a> {
    match shape {
        Some(_) => Candidates::new(shapes),
        None => Candidates::new(fetched.iter().map(|version| &version.body)),
    }
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
            if !query.looks_back() {
                return Ok(found);
            }
            let of = |version: &Version| query.patients_of(&version.body);
            let patients: BTreeSet<String> = found.iter().flat_map(of).collect();
            for patient in patients {
                found.extend(store.compartment(&patient, None).await?);
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
