//! The registry record: one tumour of one patient, with its treatment and how the patient is doing.

mod checks;
pub mod outcomes;
pub mod treatment;

use serde::{Deserialize, Serialize};
use serde_json::Value;

pub use checks::check;
pub use outcomes::*;
pub use treatment::*;

use super::common::{Coding, Envelope};
use super::metastasis_event::FirstTreatment;
use super::tumour::{Icd10, Tumour};
use super::{PartialDate, Violation, typed};

/// What a hospital records about one tumour. A patient with several tumours has several records.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RegistryRecord {
    pub envelope: Envelope,
    pub content: Content,
}

/// What stands beside the envelope.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Content {
    /// True where the patient objects to the cancer registry. Says nothing about care.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub registry_opt_out: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cause_of_death: Option<CauseOfDeath>,
    pub tumour: Tumour,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub performance_statuses: Vec<PerformanceStatus>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub comorbidities: Vec<Comorbidity>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub treatments: Vec<Treatment>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub no_treatment_decisions: Vec<NoTreatmentDecision>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub meetings: Vec<Meeting>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub consultations: Vec<Consultation>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub expected_courses: Vec<ExpectedCourse>,
    #[serde(default, rename = "qlqC30", skip_serializing_if = "Vec::is_empty")]
    pub qlq_c30: Vec<QlqC30>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub four_dimensional: Vec<FourDimensional>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CauseOfDeath {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub icd10: Option<Icd10>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Comorbidity {
    pub description: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub coding: Option<Coding>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since: Option<PartialDate>,
}

/// Reads a registry record that has no fault.
///
/// # Errors
/// Schema and types do not agree.
pub fn read(document: &Value) -> Result<RegistryRecord, Vec<Violation>> {
    Ok(RegistryRecord { envelope: typed(document)?, content: typed(document)? })
}

impl RegistryRecord {
    /// When the treatment of the tumour began.
    pub fn first_treatment(&self) -> FirstTreatment {
        first_treatment(&self.content.treatments, !self.content.no_treatment_decisions.is_empty())
    }
}
