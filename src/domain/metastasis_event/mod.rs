//! The metastasis event: metastases that were found, where, when, and how sure it is.

mod checks;
pub mod rules;
pub mod site;
pub mod timing;

use serde::{Deserialize, Serialize};
use serde_json::Value;

pub use checks::check;
pub use rules::{NationalSite, Nodes, Reported, Spread, national_site, spread};
pub use site::SiteGroup;
pub use timing::{CONVENTION_MONTHS, FirstTreatment, Synchrony, Timing, timing};

use super::Coded;
use super::coded::coded;
use super::common::{Envelope, Practitioner};
use super::tumour::{CancerKind, Icd10, Laterality, Morphology, Topography, kind_of};
use super::{PartialDate, Violation, typed};

/// Metastases of one tumour, found on one date.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MetastasisEvent {
    pub envelope: Envelope,
    pub content: Content,
}

/// What stands beside the envelope.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Content {
    pub tumour: TumourReference,
    pub detected_on: PartialDate,
    /// What the sender says. It is kept beside what the dates say.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stated_timing: Option<Synchrony>,
    pub sites: Vec<Site>,
    /// Who reported it, where that is not the author of the document.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reporter: Option<Practitioner>,
}

/// The tumour that the metastases come from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "status", rename_all = "kebab-case", deny_unknown_fields)]
pub enum TumourReference {
    /// Named by the number of its registry record, which may arrive later.
    Known {
        number: String,
        /// What the sender knows of the tumour, for a timing before the registry record arrives.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        facts: Option<TumourFacts>,
    },
    /// The primary tumour is not known; the number of its registry record, where it has one.
    Unknown {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        number: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        facts: Option<TumourFacts>,
    },
}

/// What timing and counting rest on.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TumourFacts {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub incidence_date: Option<PartialDate>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_treatment: Option<FirstTreatment>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub topography: Option<Topography>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub laterality: Option<Laterality>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub morphology: Option<Morphology>,
}

impl TumourReference {
    pub fn number(&self) -> Option<&str> {
        match self {
            TumourReference::Known { number, .. } => Some(number),
            TumourReference::Unknown { number, .. } => number.as_deref(),
        }
    }

    pub fn facts(&self) -> Option<&TumourFacts> {
        match self {
            TumourReference::Known { facts, .. } | TumourReference::Unknown { facts, .. } => facts.as_ref(),
        }
    }

    /// The kind of the tumour, as far as this document tells: none where it names a tumour and says nothing of it.
    pub fn kind(&self) -> Option<CancerKind> {
        match self {
            TumourReference::Unknown { .. } => Some(CancerKind::PrimaryUnknown),
            TumourReference::Known { facts, .. } => {
                let facts = facts.as_ref()?;
                Some(kind_of(Some(facts.topography.as_ref()?), facts.morphology.as_ref()))
            }
        }
    }
}

coded! {
    /// What the finding of a metastasis rests on.
    Confirmation {
        Pathology = "pathology" "pathologisch bevestigd",
        Imaging = "imaging" "alleen beeldvorming",
        Clinical = "clinical" "alleen klinisch",
        Unknown = "unknown" "wijze van vaststellen onbekend",
    }
}

/// One site with metastases, named by group, ICD-10 or ICD-O-3, one of them at least.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Site {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub site: Option<SiteGroup>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub icd10: Option<Icd10>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub topography: Option<Topography>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub laterality: Option<Laterality>,
    /// For lymph nodes: regional for the tumour, or distant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nodes: Option<Nodes>,
    pub confirmation: Confirmation,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub confirmed_on: Option<PartialDate>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
}

impl Site {
    /// The groups that the ways to name the site lead to, in the order group, ICD-10, ICD-O-3.
    fn named_groups(&self) -> impl Iterator<Item = SiteGroup> {
        let by_icd10 = self.icd10.as_ref().and_then(SiteGroup::of_icd10);
        let by_topography = self.topography.as_ref().map(SiteGroup::of_topography);
        [self.site, by_icd10, by_topography].into_iter().flatten()
    }

    /// The group of the site. Parsing has seen to it that there is one and that all ways to name it agree.
    pub fn group(&self) -> SiteGroup {
        self.named_groups().next().unwrap_or(SiteGroup::Other)
    }

    pub fn reported(&self) -> Reported {
        Reported { site: self.group(), nodes: self.nodes, side: self.laterality }
    }

    /// What makes it the same site in the next version of the document.
    pub fn key(&self) -> String {
        let icd10 = self.icd10.as_ref().map_or("", Icd10::as_str);
        let topography = self.topography.as_ref().map_or("", Topography::as_str);
        let side = self.laterality.map_or("", Laterality::code);
        format!("{}/{icd10}/{topography}/{side}", self.group().code())
    }
}

/// Reads a metastasis event that has no fault.
///
/// # Errors
/// Schema and types do not agree.
pub fn read(document: &Value) -> Result<MetastasisEvent, Vec<Violation>> {
    Ok(MetastasisEvent { envelope: typed(document)?, content: typed(document)? })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_site_has_one_group_however_it_is_named() {
        let site = |value: Value| serde_json::from_value::<Site>(value).unwrap().group();
        assert_eq!(site(json!({ "site": "brain", "confirmation": "imaging" })), SiteGroup::Brain);
        assert_eq!(site(json!({ "icd10": "C79.5", "confirmation": "imaging" })), SiteGroup::Bone);
        assert_eq!(site(json!({ "topography": "C22.0", "confirmation": "imaging" })), SiteGroup::Liver);
    }

    #[test]
    fn a_reference_to_an_unknown_primary_has_a_kind_and_one_to_a_bare_number_has_none() {
        let kind = |value: Value| serde_json::from_value::<TumourReference>(value).unwrap().kind();
        assert_eq!(kind(json!({ "status": "unknown" })), Some(CancerKind::PrimaryUnknown));
        assert_eq!(kind(json!({ "status": "known", "number": "1" })), None);
        let facts = json!({ "status": "known", "number": "1", "facts": { "topography": "C34.1" } });
        assert_eq!(kind(facts), Some(CancerKind::Lung));
    }
}
