//! Value sets and code systems, made when first asked for and kept.

use std::sync::Arc;

use ahash::AHashMap;
use parking_lot::RwLock;
use serde_json::Value;

use super::Definitions;
use super::catalog::Slot;
use crate::fhir::value_set::{self, CodeTable, Terms, ValueSet};

/// By the definition that is found: of the ways to name one, such as with a fragment, there is no end.
type Made<T> = RwLock<AHashMap<Slot, Option<Arc<T>>>>;

#[derive(Default)]
pub(super) struct Terminology {
    value_sets: Made<ValueSet>,
    code_tables: Made<CodeTable>,
}

impl Terminology {
    pub(super) fn kept(&self) -> usize {
        self.value_sets.read().len() + self.code_tables.read().len()
    }
}

impl Definitions {
    /// The value set (`url` or `url|version`), ready to be asked; `None` where there is no such value set.
    pub fn codes(&self, canonical: &str) -> Option<Arc<ValueSet>> {
        let slot = self.catalog.find("ValueSet", canonical)?;
        made(&self.terminology.value_sets, slot, || Some(value_set::compile(&*self.read(slot)?, self)))
    }

    /// The concepts of the code system (`url` or `url|version`); `None` where there is no such code system.
    pub fn code_table(&self, canonical: &str) -> Option<Arc<CodeTable>> {
        let slot = self.catalog.find("CodeSystem", canonical)?;
        made(&self.terminology.code_tables, slot, || Some(CodeTable::read(&*self.read(slot)?)))
    }
}

/// Two that ask at once may both make it; they make the same.
fn made<T>(kept: &Made<T>, slot: Slot, make: impl FnOnce() -> Option<T>) -> Option<Arc<T>> {
    if let Some(known) = kept.read().get(&slot) {
        return known.clone();
    }
    let made = make().map(Arc::new);
    kept.write().entry(slot).or_insert(made).clone()
}

impl Terms for Definitions {
    fn value_set(&self, canonical: &str) -> Option<Arc<Value>> {
        Definitions::value_set(self, canonical)
    }

    fn code_table(&self, canonical: &str) -> Option<Arc<CodeTable>> {
        Definitions::code_table(self, canonical)
    }
}
