//! A document that passed its door, on its way to the store.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Value, json};

use super::origin::Origin;
use super::{document_id, form};
use crate::domain::Document;
use crate::fhir::{Issue, ResourceKey};
use crate::mapping::{self, Ids, Mapped, Trace};

/// A document that passed its door.
pub(super) struct Sent {
    pub document: Document,
    /// As it was sent.
    pub body: Value,
    pub digest: String,
    pub id: String,
    pub kind: &'static str,
    /// Where the document was read from something else.
    pub origin: Option<Origin>,
}

impl Sent {
    pub fn new(
        kind: &'static str,
        document: Document,
        body: Value,
        digest: String,
        origin: Option<Origin>,
    ) -> Arc<Self> {
        let id = document_id(kind, document.envelope());
        Arc::new(Sent { id, digest, document, body, kind, origin })
    }

    /// A fault at the place in what was sent: of a form the item, of a Bundle the element.
    pub fn place(&self, issue: Issue) -> Issue {
        match &self.origin {
            Some(origin) => origin.place(issue),
            None => issue,
        }
    }

    pub fn ids(&self, patient: &str, parties: BTreeMap<mapping::Party, String>) -> Ids {
        let envelope = self.document.envelope();
        Ids {
            patient: patient.to_owned(),
            source: envelope.source.system.clone(),
            document: envelope.document_id.clone(),
            parties,
        }
    }

    /// The key under which a form is stored as it was sent.
    pub fn form(&self, patient: &str) -> Option<ResourceKey> {
        let form = self.origin.as_ref()?.form.as_ref()?;
        let id = self.ids(patient, BTreeMap::new()).derived(form::concept(form));
        Some(ResourceKey::new("QuestionnaireResponse", id))
    }

    /// Puts the form as it was sent in the place of the rendered one, or beside it where that is of another edition.
    pub fn keep_form(&self, mapped: &mut Mapped, patient: &str) {
        let form = self.origin.as_ref().and_then(|origin| origin.form.as_ref());
        let (Some(form), Some(key)) = (form, self.form(patient)) else { return };
        let is_form = |one: &Value| one["resourceType"] == "QuestionnaireResponse";
        let Some(at) = mapped.resources.iter().position(is_form) else { return };
        let stored = form::stored(form, &mapped.resources[at], &key.id);
        if ResourceKey::of(&mapped.resources[at]).as_ref() == Some(&key) {
            mapped.resources[at] = stored;
            // What was sent is not what was rendered: nothing is lost in it.
            mapped.form = Trace::default();
            return;
        }
        mapped.resources.insert(at + 1, stored);
        for provenance in mapped.resources.iter_mut().filter(|one| one["resourceType"] == "Provenance") {
            if let Some(targets) = provenance["target"].as_array_mut() {
                targets.push(json!({ "reference": key.to_string() }));
            }
        }
    }
}
