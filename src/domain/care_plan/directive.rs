//! Agreements about treatment, and advance directives.

use serde::{Deserialize, Serialize};

use super::Key;
use crate::domain::common::{Attachment, Moment, shows_nothing};

/// An agreement about one treatment (zib TreatmentDirective2).
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TreatmentDirective {
    /// Code of the list BehandelingCodelijst; `OTH` is told apart by its text.
    pub treatment: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub other_treatment: Option<String>,
    /// Code of the list behandelgrensbesluit: 0 carry out, 1 otherwise, 2 do not carry out, UNK.
    pub decision: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub specification_other: Option<String>,
    /// Where absent, the date of the conversation holds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub discussed_at: Option<Moment>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<Moment>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason_ended: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub advance_directives: Vec<Key>,
    /// Where empty, the parties to the conversation.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub agreement_parties: Vec<AgreementParty>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
}

/// What was agreed about switching the ICD off in the last phase of life (zib TreatmentDirective2).
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct IcdDeactivation {
    /// 0 carry out, ASKU no decision yet, NASK not discussed.
    pub decision: String,
    /// Where absent, the date of the conversation holds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub discussed_at: Option<Moment>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<Moment>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason_ended: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub advance_directives: Vec<Key>,
    /// Where empty, the parties to the conversation.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub agreement_parties: Vec<AgreementParty>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
}

/// One party to an agreement.
#[derive(Clone, PartialEq, Eq)]
pub enum AgreementParty {
    Patient,
    Representative(Key),
    Practitioner(Key),
}

#[derive(Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct PartyShape {
    #[serde(skip_serializing_if = "Option::is_none")]
    patient: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    representative: Option<Key>,
    #[serde(skip_serializing_if = "Option::is_none")]
    practitioner: Option<Key>,
}

impl Serialize for AgreementParty {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let shape = match self.clone() {
            AgreementParty::Patient => PartyShape { patient: Some(true), ..PartyShape::default() },
            AgreementParty::Representative(key) => PartyShape { representative: Some(key), ..PartyShape::default() },
            AgreementParty::Practitioner(key) => PartyShape { practitioner: Some(key), ..PartyShape::default() },
        };
        shape.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for AgreementParty {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match PartyShape::deserialize(deserializer)? {
            PartyShape { patient: Some(true), representative: None, practitioner: None } => Ok(AgreementParty::Patient),
            PartyShape { patient: None, representative: Some(key), practitioner: None } => {
                Ok(AgreementParty::Representative(key))
            }
            PartyShape { patient: None, representative: None, practitioner: Some(key) } => {
                Ok(AgreementParty::Practitioner(key))
            }
            _ => Err(serde::de::Error::custom("expected exactly one party")),
        }
    }
}

/// A euthanasia declaration, a choice about organ donation, or what was laid down earlier (zib AdvanceDirective).
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AdvanceDirective {
    pub key: Key,
    /// Code of the list WilsverklaringType.
    #[serde(rename = "type")]
    pub directive_type: String,
    pub date: Moment,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub disorders: Vec<Key>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub representative: Option<Key>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub document: Option<Attachment>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
}

/// Whether agreements about treatment were laid down earlier: codes of the list Ja_Nee_Nogonbekend.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct EarlierAgreements {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recorded: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub differ: Option<String>,
}

shows_nothing!(TreatmentDirective, IcdDeactivation, AdvanceDirective, EarlierAgreements);
