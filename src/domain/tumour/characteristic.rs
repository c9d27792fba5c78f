//! Receptors, mutations and markers that steer the treatment.

use serde::{Deserialize, Serialize};

use crate::domain::PartialDate;
use crate::domain::coded::coded;

coded! {
    /// A receptor, gene or marker.
    Marker {
        Er = "ER" "oestrogeenreceptor",
        Pr = "PR" "progesteronreceptor",
        Her2 = "HER2" "HER2",
        Egfr = "EGFR" "EGFR-mutatie",
        Alk = "ALK" "ALK-herschikking",
        Ros1 = "ROS1" "ROS1-herschikking",
        Ret = "RET" "RET-herschikking",
        Met = "MET" "MET-exon 14-mutatie of -amplificatie",
        Ntrk = "NTRK" "NTRK-fusie",
        Kras = "KRAS" "KRAS-mutatie",
        Nras = "NRAS" "NRAS-mutatie",
        Braf = "BRAF" "BRAF-mutatie",
        Brca1 = "BRCA1" "BRCA1-mutatie",
        Brca2 = "BRCA2" "BRCA2-mutatie",
        Hrd = "HRD" "homologe-recombinatiedeficiëntie",
        Msi = "MSI" "microsatellietinstabiliteit",
        PdL1 = "PD-L1" "PD-L1-expressie",
        Kit = "KIT" "KIT-mutatie",
        Psa = "PSA" "prostaatspecifiek antigeen",
        Ca125 = "CA-125" "CA-125",
        Ca199 = "CA-19-9" "CA 19-9",
        Cea = "CEA" "carcino-embryonaal antigeen",
        Afp = "AFP" "alfafoetoproteïne",
        Hcg = "HCG" "humaan choriongonadotrofine",
        Ldh = "LDH" "lactaatdehydrogenase",
        Other = "other" "andere kenmerken",
    }
    /// What was found.
    MarkerResult {
        Positive = "positive" "positief",
        Negative = "negative" "negatief",
        Equivocal = "equivocal" "niet eenduidig",
        Unknown = "unknown" "onbekend",
    }
}

/// One marker of the tumour at one moment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Characteristic {
    pub marker: Marker,
    /// The name of a marker that the list lacks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    pub result: MarkerResult,
    /// What the result says beyond positive and negative: `V600E`, `80 %`, `3+`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub date: Option<PartialDate>,
}

/// Mutations of non-small-cell lung cancer with a targeted treatment of their own in the Netherlands.
const TREATABLE: &[Marker] =
    &[Marker::Egfr, Marker::Alk, Marker::Ros1, Marker::Ret, Marker::Met, Marker::Ntrk, Marker::Braf, Marker::Her2];

/// KRAS is treatable with one change alone.
const TREATABLE_KRAS: &str = "G12C";

/// Was a mutation found that has a treatment of its own? None where none of them was found and not both of the usual
/// two (EGFR and ALK) were looked for.
pub fn treatable_mutation(characteristics: &[Characteristic]) -> Option<bool> {
    let found = |one: &Characteristic| {
        let kras = one.marker == Marker::Kras && one.detail.as_deref().is_some_and(|d| d.contains(TREATABLE_KRAS));
        one.result == MarkerResult::Positive && (TREATABLE.contains(&one.marker) || kras)
    };
    let absent = |marker| characteristics.iter().any(|c| c.marker == marker && c.result == MarkerResult::Negative);
    if characteristics.iter().any(found) {
        return Some(true);
    }
    (absent(Marker::Egfr) && absent(Marker::Alk)).then_some(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(marker: Marker, result: MarkerResult, detail: Option<&str>) -> Characteristic {
        Characteristic { marker, name: None, result, detail: detail.map(str::to_owned), date: None }
    }

    #[test]
    fn a_treatable_mutation_is_found_excluded_or_not_known() {
        use MarkerResult::{Negative, Positive};
        assert_eq!(treatable_mutation(&[]), None);
        assert_eq!(treatable_mutation(&[one(Marker::Egfr, Negative, None)]), None);
        let excluded = [one(Marker::Egfr, Negative, None), one(Marker::Alk, Negative, None)];
        assert_eq!(treatable_mutation(&excluded), Some(false));
        assert_eq!(treatable_mutation(&[one(Marker::Kras, Positive, Some("G12D"))]), None);
        assert_eq!(treatable_mutation(&[one(Marker::Kras, Positive, Some("p.G12C"))]), Some(true));
        assert_eq!(treatable_mutation(&[one(Marker::Alk, Positive, None)]), Some(true));
        assert_eq!(treatable_mutation(&[one(Marker::PdL1, Positive, Some("80 %"))]), None);
    }
}
