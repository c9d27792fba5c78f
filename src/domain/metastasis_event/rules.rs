//! What a spread counts as: the rules of the national report that differ by kind of cancer.

use super::site::SiteGroup;
use super::timing::Synchrony;
use crate::domain::coded::coded;
use crate::domain::tumour::{CancerKind, Laterality};

coded! {
    /// What a reported spread counts as.
    Spread {
        Distant = "distant" "metastase op afstand",
        DirectExtension = "direct-extension" "directe uitbreiding, geen metastase op afstand",
        LocoregionalRecurrence = "locoregional-recurrence" "locoregionaal recidief, geen metastase op afstand",
        RegionalNodes = "regional-nodes" "regionale lymfeklieren, geen metastase op afstand",
        SameOrgan = "same-organ" "zelfde orgaan als de primaire tumor, geen metastase op afstand",
        NotDeterminable = "not-determinable" "niet te bepalen",
    }
    /// Are the nodes regional for the tumour? No code tells.
    Nodes {
        Distant = "distant" "op afstand",
        Regional = "regional" "regionaal",
    }
    /// Groups of the national table for metachronous melanoma, and the ten groups for all else.
    NationalSite {
        Brain = "brain" "hersenen",
        Lung = "lung" "long",
        Pleura = "pleura" "pleura",
        Bone = "bone" "bot",
        Liver = "liver" "lever",
        Adrenal = "adrenal" "bijnier",
        Peritoneum = "peritoneum" "buikvlies",
        Skin = "skin" "huid",
        LymphNodes = "distant_lymph_nodes" "lymfeklieren, niet regionaal",
        NodesAndSkin = "distant_lymph_nodes_and_skin" "lymfeklieren op afstand en huid",
        Other = "other" "andere plaats",
    }
}

/// A spread as it was reported.
#[derive(Clone, Copy, Debug)]
pub struct Reported {
    pub site: SiteGroup,
    pub nodes: Option<Nodes>,
    pub side: Option<Laterality>,
}

/// What the spread counts as, for a tumour of this kind and side; `synchrony` is none where it is not determinable.
pub fn spread(
    kind: CancerKind,
    primary_side: Option<Laterality>,
    reported: Reported,
    synchrony: Option<Synchrony>,
) -> Spread {
    match (kind, reported.site) {
        (_, SiteGroup::LymphNodes) => match reported.nodes {
            Some(Nodes::Distant) => Spread::Distant,
            Some(Nodes::Regional) => Spread::RegionalNodes,
            None => Spread::NotDeterminable,
        },
        (CancerKind::OvaryAndFallopianTube, SiteGroup::Peritoneum) => match synchrony {
            Some(Synchrony::Synchronous) => Spread::DirectExtension,
            Some(Synchrony::Metachronous) => Spread::LocoregionalRecurrence,
            None => Spread::NotDeterminable,
        },
        // The other lung is a distant site; the same lung is not. Which one it is may not be known.
        (CancerKind::Lung, SiteGroup::Lung) => match (primary_side, reported.side) {
            (Some(Laterality::Left), Some(Laterality::Left)) | (Some(Laterality::Right), Some(Laterality::Right)) => {
                Spread::SameOrgan
            }
            _ => Spread::Distant,
        },
        (CancerKind::Liver, SiteGroup::Liver) => Spread::SameOrgan,
        _ => Spread::Distant,
    }
}

/// Where the national table counts it. None for what is no distant metastasis.
pub fn national_site(
    kind: CancerKind,
    site: SiteGroup,
    spread: Spread,
    synchrony: Option<Synchrony>,
) -> Option<NationalSite> {
    if spread != Spread::Distant {
        return None;
    }
    let melanoma_later = kind == CancerKind::Melanoma && synchrony == Some(Synchrony::Metachronous);
    Some(match site {
        SiteGroup::LymphNodes | SiteGroup::Skin if melanoma_later => NationalSite::NodesAndSkin,
        SiteGroup::Liver | SiteGroup::Bone | SiteGroup::Pleura | SiteGroup::Peritoneum | SiteGroup::Adrenal
            if melanoma_later =>
        {
            NationalSite::Other
        }
        SiteGroup::Brain => NationalSite::Brain,
        SiteGroup::Lung => NationalSite::Lung,
        SiteGroup::Pleura => NationalSite::Pleura,
        SiteGroup::Bone => NationalSite::Bone,
        SiteGroup::Liver => NationalSite::Liver,
        SiteGroup::Adrenal => NationalSite::Adrenal,
        SiteGroup::Peritoneum => NationalSite::Peritoneum,
        SiteGroup::Skin => NationalSite::Skin,
        SiteGroup::LymphNodes => NationalSite::LymphNodes,
        SiteGroup::Other => NationalSite::Other,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(site: SiteGroup) -> Reported {
        Reported { site, nodes: None, side: None }
    }

    #[test]
    fn peritoneal_spread_of_the_ovary_is_no_distant_metastasis() {
        let ovary = |synchrony| spread(CancerKind::OvaryAndFallopianTube, None, at(SiteGroup::Peritoneum), synchrony);
        assert_eq!(ovary(Some(Synchrony::Synchronous)), Spread::DirectExtension);
        assert_eq!(ovary(Some(Synchrony::Metachronous)), Spread::LocoregionalRecurrence);
        assert_eq!(ovary(None), Spread::NotDeterminable);
        let colon = spread(CancerKind::Colon, None, at(SiteGroup::Peritoneum), None);
        assert_eq!(colon, Spread::Distant);
    }

    #[test]
    fn lung_cancer_spreads_to_the_other_lung() {
        let lung = |own, side| spread(CancerKind::Lung, own, Reported { side, ..at(SiteGroup::Lung) }, None);
        assert_eq!(lung(Some(Laterality::Left), Some(Laterality::Right)), Spread::Distant);
        assert_eq!(lung(Some(Laterality::Left), Some(Laterality::Left)), Spread::SameOrgan);
        assert_eq!(lung(Some(Laterality::Left), Some(Laterality::Bilateral)), Spread::Distant);
        assert_eq!(lung(None, Some(Laterality::Left)), Spread::Distant);
    }

    #[test]
    fn regional_nodes_are_no_distant_metastasis_and_no_code_tells_them() {
        let nodes = |nodes| spread(CancerKind::Breast, None, Reported { nodes, ..at(SiteGroup::LymphNodes) }, None);
        assert_eq!(nodes(Some(Nodes::Distant)), Spread::Distant);
        assert_eq!(nodes(Some(Nodes::Regional)), Spread::RegionalNodes);
        assert_eq!(nodes(None), Spread::NotDeterminable);
    }

    #[test]
    fn metachronous_melanoma_is_counted_in_fewer_groups() {
        let melanoma = |site, synchrony| national_site(CancerKind::Melanoma, site, Spread::Distant, Some(synchrony));
        for site in [SiteGroup::Liver, SiteGroup::Bone, SiteGroup::Pleura, SiteGroup::Peritoneum, SiteGroup::Adrenal] {
            assert_eq!(melanoma(site, Synchrony::Metachronous), Some(NationalSite::Other));
        }
        assert_eq!(melanoma(SiteGroup::Skin, Synchrony::Metachronous), Some(NationalSite::NodesAndSkin));
        assert_eq!(melanoma(SiteGroup::LymphNodes, Synchrony::Metachronous), Some(NationalSite::NodesAndSkin));
        assert_eq!(melanoma(SiteGroup::Brain, Synchrony::Metachronous), Some(NationalSite::Brain));
        assert_eq!(melanoma(SiteGroup::Liver, Synchrony::Synchronous), Some(NationalSite::Liver));
        let breast =
            national_site(CancerKind::Breast, SiteGroup::Liver, Spread::Distant, Some(Synchrony::Metachronous));
        assert_eq!(breast, Some(NationalSite::Liver));
    }

    #[test]
    fn what_is_no_distant_metastasis_is_counted_nowhere() {
        for spread in Spread::ALL.iter().filter(|spread| **spread != Spread::Distant) {
            assert_eq!(national_site(CancerKind::Colon, SiteGroup::Liver, *spread, None), None);
        }
    }
}
