//! What every resource of a care plan needs: the ids of the others, and who took part in the conversation.

use serde_json::{Value, json};

use crate::domain::CarePlan;
use crate::domain::care_plan::{AgreementParty, Content};
use crate::domain::common::{HumanName, Moment};
use crate::mapping::Ids;
use crate::mapping::care_plan::current::SAID_ON;
use crate::mapping::common::element::{extension, reference};
use crate::mapping::common::practitioner;

/// Base of the official profiles, PZP 1.0.0-rc2.
pub const PZP: &str = "https://api.iknl.nl/docs/pzp/r4/StructureDefinition/";
pub const POLICY: &str = "https://wetten.overheid.nl/";
pub const CONVERSATION: (&str, &str) = ("713603004", "advance care planning");

#[derive(Clone, Copy)]
pub struct Context<'c> {
    pub plan: &'c CarePlan,
    pub ids: &'c Ids,
}

impl<'c> Context<'c> {
    pub fn content(&self) -> &'c Content {
        &self.plan.content
    }

    pub fn id(&self, concept: &str) -> String {
        self.ids.derived(concept)
    }

    pub fn patient(&self) -> Value {
        reference("Patient", &self.ids.patient, Some(self.plan.envelope.patient.name.display()))
    }

    /// True where the plan says anything of a conversation, so that there is an Encounter.
    pub fn has_conversation(&self) -> bool {
        self.content().conversation.is_some() || self.content().filled_in_at.is_some()
    }

    pub fn encounter(&self) -> Option<Value> {
        self.has_conversation().then(|| reference("Encounter", &self.id("encounter"), None))
    }

    /// The role of a professional of the plan.
    pub fn practitioner(&self, key: &str) -> Option<Value> {
        let one = self.content().practitioner(key)?;
        Some(practitioner::role_reference(one, self.ids, &practitioner_concept(key)))
    }

    /// Who held the conversation.
    pub fn conducted_by(&self) -> Option<Value> {
        self.practitioner(self.content().conversation.as_ref()?.conducted_by.as_deref()?)
    }

    pub fn person_id(&self, key: &str) -> String {
        self.id(&format!("contact-person/{key}"))
    }

    pub fn person(&self, key: &str) -> Value {
        let name = self.content().contact_person(key).and_then(|one| one.name.as_ref()).map(HumanName::display);
        reference("RelatedPerson", &self.person_id(key), name)
    }

    pub fn advance_directive(&self, key: &str) -> Value {
        reference("Consent", &self.id(&format!("advance-directive/{key}")), None)
    }

    pub fn problem(&self, key: &str) -> Value {
        reference("Condition", &self.id(&format!("problem/{key}")), None)
    }

    pub fn date(&self) -> Option<&'c Moment> {
        self.content().conversation_date()
    }

    /// The parties to the conversation: the patient unless absent, a legal representative who was there, and who held
    /// it. For an agreement that does not name its own.
    pub fn conversation_parties(&self) -> Vec<AgreementParty> {
        let Some(conversation) = &self.content().conversation else { return Vec::new() };
        let mut parties = Vec::new();
        if conversation.patient_present != Some(false) {
            parties.push(AgreementParty::Patient);
        }
        if let Some(key) = &self.content().legal_representative
            && conversation.contact_persons_present.contains(key)
        {
            parties.push(AgreementParty::Representative(key.clone()));
        }
        if let Some(key) = &conversation.conducted_by {
            parties.push(AgreementParty::Practitioner(key.clone()));
        }
        parties
    }

    /// When the plan was made, for a statement whose resource has no date of its own: the conversation, or else the
    /// moment at which the document was recorded.
    pub fn said_on(&self) -> Value {
        let recorded = || self.plan.envelope.recorded_at.to_string();
        extension(SAID_ON, "valueDateTime", self.date().map_or_else(recorded, |date| date.as_str().to_owned()))
    }

    pub fn party(&self, party: &AgreementParty) -> Option<Value> {
        match party {
            AgreementParty::Patient => Some(self.patient()),
            AgreementParty::Representative(key) => Some(self.person(key)),
            AgreementParty::Practitioner(key) => self.practitioner(key),
        }
    }
}

pub fn practitioner_concept(key: &str) -> String {
    format!("practitioner/{key}")
}

pub fn pzp(profile: &str) -> String {
    format!("{PZP}{profile}")
}

/// `code` of a SNOMED concept with its Dutch words.
pub fn snomed(code: &str, display: &str) -> Value {
    json!({ "coding": [{ "system": crate::fhir::systems::SNOMED, "code": code, "display": display }] })
}
