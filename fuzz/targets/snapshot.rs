//! Any JSON as a differential, laid over itself: issues or elements, never a panic and never without end.

use std::sync::Arc;

use overdracht::fhir::snapshot::{Structures, generate};
use serde_json::Value;

struct One(Arc<Value>);

impl Structures for One {
    fn structure(&self, _: &str) -> Option<Arc<Value>> {
        Some(self.0.clone())
    }
}

pub fn run(bytes: &[u8]) {
    let Ok(definition) = serde_json::from_slice::<Value>(bytes) else { return };
    let mut base = definition.clone();
    if let Some(base) = base.as_object_mut()
        && let Some(differential) = base.get("differential").cloned()
    {
        base.insert("snapshot".into(), differential);
    }
    let _ = generate(&definition, &One(Arc::new(base)));
}
