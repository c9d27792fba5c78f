//! Ids of resources: found by business identifier, or derived from what they are about.

use std::collections::BTreeMap;

use uuid::Uuid;

use crate::domain::Identifier;

/// Namespace of derived ids: UUIDv5 of the URL namespace and Overdracht's base.
fn namespace() -> Uuid {
    Uuid::new_v5(&Uuid::NAMESPACE_URL, crate::fhir::systems::OVERDRACHT.as_bytes())
}

/// Someone or something that a document names by business identifier: one resource, whichever document brings it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Party {
    /// `Patient`, `Organization`, `Practitioner` or `Condition` (a primary tumour).
    pub resource_type: &'static str,
    /// At least one; all of them name the same party.
    pub identifiers: Vec<Identifier>,
}

/// The ids for one document.
#[derive(Clone, Debug)]
pub struct Ids {
    /// Logical id of the Patient.
    pub patient: String,
    /// System that sent the document (`source.system`).
    pub source: String,
    pub document: String,
    /// Party → logical id, found or made by the caller.
    pub parties: BTreeMap<Party, String>,
}

impl Ids {
    /// The id of a party; a party without a known id (or without identifiers) gets a derived one.
    pub fn party(&self, party: &Party, concept: &str) -> String {
        self.parties.get(party).cloned().unwrap_or_else(|| self.derived(concept))
    }

    /// The same id for the same patient, source, document and concept, whatever its position in the document.
    pub fn derived(&self, concept: &str) -> String {
        let name = [&self.patient, &self.source, &self.document, concept]
            .map(|part| part.replace('\u{1f}', " "))
            .join("\u{1f}");
        Uuid::new_v5(&namespace(), name.as_bytes()).to_string()
    }

    /// The same id for the same parts, whichever document brings them: for what has no business identifier and
    /// belongs to no patient, such as the role of a professional at an organisation. The parts are logical ids and
    /// codes, never a number that names a person.
    pub fn shared(parts: &[&str]) -> String {
        Uuid::new_v5(&namespace(), parts.join("\u{1f}").as_bytes()).to_string()
    }
}
