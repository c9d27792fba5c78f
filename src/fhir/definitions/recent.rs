//! The JSON of the definitions that were read last.

use std::collections::VecDeque;
use std::sync::Arc;

use serde_json::Value;

use super::catalog::Slot;

/// Enough for the data types that compiling one profile walks into; small, because a definition takes about 1 MB.
const KEPT: usize = 24;

#[derive(Default)]
pub(super) struct Recent(VecDeque<(Slot, Arc<Value>)>);

impl Recent {
    pub fn get(&mut self, slot: Slot) -> Option<Arc<Value>> {
        let at = self.0.iter().position(|(known, _)| *known == slot)?;
        let found = self.0.remove(at)?;
        let value = found.1.clone();
        self.0.push_back(found);
        Some(value)
    }

    pub fn put(&mut self, slot: Slot, value: Arc<Value>) {
        if self.0.len() == KEPT {
            self.0.pop_front();
        }
        self.0.push_back((slot, value));
    }

    pub fn clear(&mut self) {
        self.0.clear();
    }
}
