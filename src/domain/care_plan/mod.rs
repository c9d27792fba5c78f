//! The care plan (PZP): what was agreed with a patient about the last phase of life.
//!
//! The shapes are those of `profiles/documents/care-plan.schema.json`, which names the dataset concept of each.

mod answers;
mod checks;
mod directive;
mod people;

use serde::{Deserialize, Serialize};
use serde_json::Value;

pub use answers::{
    AbsentReason, CareWishes, EuthanasiaPosition, Goal, Icd, OrganDonation, PlaceOfDeath, SenseOfPurpose,
};
pub use checks::check;
pub use directive::{AdvanceDirective, AgreementParty, EarlierAgreements, IcdDeactivation, TreatmentDirective};
pub use people::{Conversation, InCharge, Keyed, LegalCapacity, Problem};

use super::common::{ContactPerson, Envelope, Moment, Practitioner, shows_nothing};
use super::typed;
use super::violation::Violation;

/// The name by which a document refers to an entry of one of its lists.
pub type Key = String;

/// A care plan that passed its door.
#[derive(Clone, Debug, PartialEq)]
pub struct CarePlan {
    pub envelope: Envelope,
    pub content: Content,
}

/// Whether the patient agrees that the plan is shared. The dataset cannot say *refused*; this document can.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SharingConsent {
    Yes,
    Unknown,
    Refused,
}

/// What a care plan says besides its envelope. What is absent was not answered.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Content {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub filled_in_at: Option<Moment>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub conversation: Option<Conversation>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub practitioners: Vec<Keyed<Practitioner>>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub contact_persons: Vec<Keyed<ContactPerson>>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub problems: Vec<Problem>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub legal_capacity: Option<LegalCapacity>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub legal_representative: Option<Key>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub legal_representative_is_contact_person: Option<bool>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub first_contacts: Vec<Key>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub goal: Option<Goal>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub treatment_directives: Vec<TreatmentDirective>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub has_icd: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub icd: Option<Icd>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub icd_deactivation: Option<IcdDeactivation>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub specific_care_wishes: Option<CareWishes>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub preferred_place_of_death: Option<PlaceOfDeath>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub euthanasia_position: Option<EuthanasiaPosition>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub organ_donation: Option<OrganDonation>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sense_of_purpose: Option<SenseOfPurpose>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub advance_directives: Vec<AdvanceDirective>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub earlier_agreements: Option<EarlierAgreements>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub informed_relatives: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sharing_consent: Option<SharingConsent>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub in_charge: Option<InCharge>,
}

shows_nothing!(Content);

impl Content {
    pub fn practitioner(&self, key: &str) -> Option<&Practitioner> {
        self.practitioners.iter().find(|entry| entry.key == key).map(|entry| &entry.value)
    }

    pub fn contact_person(&self, key: &str) -> Option<&ContactPerson> {
        self.contact_persons.iter().find(|entry| entry.key == key).map(|entry| &entry.value)
    }

    /// The date of the conversation, or of filling in where only that is known.
    pub fn conversation_date(&self) -> Option<&Moment> {
        self.conversation
            .as_ref()
            .and_then(|conversation| conversation.started_at.as_ref())
            .or(self.filled_in_at.as_ref())
    }
}

impl CarePlan {
    /// The document as it is sent: what [`parse`] reads.
    pub fn to_json(&self) -> Value {
        let mut document = serde_json::to_value(&self.envelope).unwrap_or_default();
        if let (Value::Object(document), Ok(Value::Object(content))) =
            (&mut document, serde_json::to_value(&self.content))
        {
            document.extend(content);
        }
        document
    }
}

/// Reads a document that has no fault.
///
/// # Errors
/// Schema and types do not agree.
pub fn read(document: &Value) -> Result<CarePlan, Vec<Violation>> {
    Ok(CarePlan { envelope: typed(document)?, content: typed(document)? })
}
