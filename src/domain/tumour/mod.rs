//! A tumour: where and what it is, how far it had come, and what steers its treatment.

pub mod characteristic;
pub mod edition;
pub mod icd;
pub mod kind;
pub mod scope;
pub mod stage;
pub mod tnm;

use serde::{Deserialize, Serialize};

pub use characteristic::{Characteristic, Marker, MarkerResult};
pub use edition::{Edition, edition_for};
pub use icd::{BasisOfDiagnosis, Behaviour, Grade, Icd10, Laterality, Morphology, Topography};
pub use kind::{CancerKind, LungKind, is_rare, kind_of, lung_kind};
pub use scope::{OutOfScope, Scope, national_scope};
pub use stage::{OtherStage, StagingSystem};
pub use tnm::{Axis, Category, Classification, Tnm};

use crate::domain::PartialDate;

/// One tumour, as its registry record describes it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Tumour {
    /// The sender's number for the tumour. Metastasis events refer to it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub number: Option<String>,
    pub incidence_date: PartialDate,
    /// When the diagnosis was first recorded in the hospital's system.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recorded_on: Option<PartialDate>,
    pub primary: Primary,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub histology: Option<Histology>,
    pub icd10: Icd10,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub basis_of_diagnosis: Option<BasisOfDiagnosis>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tnm: Vec<Tnm>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub other_stages: Vec<OtherStage>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub characteristics: Vec<Characteristic>,
}

/// Where the tumour began; that it is not known is an answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "status", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Primary {
    Known {
        topography: Topography,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        laterality: Option<Laterality>,
    },
    Unknown,
}

impl Primary {
    pub fn topography(&self) -> Option<&Topography> {
        match self {
            Primary::Known { topography, .. } => Some(topography),
            Primary::Unknown => None,
        }
    }

    pub fn laterality(&self) -> Option<Laterality> {
        match self {
            Primary::Known { laterality, .. } => *laterality,
            Primary::Unknown => None,
        }
    }
}

/// What the tumour is made of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Histology {
    pub morphology: Morphology,
    pub behaviour: Behaviour,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub grade: Option<Grade>,
}

impl Tumour {
    pub fn kind(&self) -> CancerKind {
        kind_of(self.primary.topography(), self.morphology())
    }

    pub fn morphology(&self) -> Option<&Morphology> {
        self.histology.as_ref().map(|histology| &histology.morphology)
    }

    /// Which kind of lung cancer; none for another kind of cancer.
    pub fn lung_kind(&self) -> Option<LungKind> {
        let treatable = characteristic::treatable_mutation(&self.characteristics);
        (self.kind() == CancerKind::Lung).then(|| lung_kind(self.morphology(), treatable))
    }

    pub fn is_rare(&self) -> bool {
        is_rare(self.kind(), self.morphology())
    }

    /// The edition of a TNM of this tumour: what the sender says, or what the table says.
    pub fn edition_of(&self, tnm: &Tnm) -> Option<Edition> {
        tnm.edition.or_else(|| edition_for(self.kind(), self.incidence_date))
    }
}
