//! Value sets and code systems, made when first asked for and kept.

use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::RwLock;
use serde_json::Value;

use super::Definitions;
use crate::fhir::value_set::{self, CodeTable, Terms, ValueSet};

type Made<T> = RwLock<HashMap<Box<str>, Option<Arc<T>>>>;

#[derive(Default)]
pub(super) struct Terminology {
    value_sets: Made<ValueSet>,
    code_tables: Made<CodeTable>,
}

impl Definitions {
    /// The value set (`url` or `url|version`), ready to be asked; `None` where there is no such value set.
    pub fn codes(&self, canonical: &str) -> Option<Arc<ValueSet>> {
        made(&self.terminology.value_sets, canonical, || Some(value_set::compile(&*self.value_set(canonical)?, self)))
    }

    /// The concepts of the code system (`url` or `url|version`); `None` where there is no such code system.
    pub fn code_table(&self, canonical: &str) -> Option<Arc<CodeTable>> {
        made(&self.terminology.code_tables, canonical, || Some(CodeTable::read(&*self.code_system(canonical)?)))
    }
}

/// Two that ask at once may both make it; they make the same.
fn made<T>(kept: &Made<T>, canonical: &str, make: impl FnOnce() -> Option<T>) -> Option<Arc<T>> {
    if let Some(known) = kept.read().get(canonical) {
        return known.clone();
    }
    let made = make().map(Arc::new);
    kept.write().entry(canonical.into()).or_insert(made).clone()
}

impl Terms for Definitions {
    fn value_set(&self, canonical: &str) -> Option<Arc<Value>> {
        Definitions::value_set(self, canonical)
    }

    fn code_table(&self, canonical: &str) -> Option<Arc<CodeTable>> {
        Definitions::code_table(self, canonical)
    }
}
