//! The kind of cancer, derived from topography and morphology: it is never asked for.
//!
//! Source: the kinds that the national report on metastatic cancer (2025) tells apart. The first row that fits holds.

use super::icd::{Morphology, Topography};
use crate::domain::coded::coded;

coded! {
    /// A kind of cancer. The codes are those of the national figures.
    CancerKind {
        Lung = "lung" "long",
        Prostate = "prostate" "prostaat",
        Colon = "colon" "dikke darm",
        Pancreas = "pancreas" "alvleesklier",
        Breast = "breast" "borst",
        Oesophagus = "oesophagus" "slokdarm",
        Rectum = "rectum" "endeldarm",
        Stomach = "stomach" "maag",
        Kidney = "kidney" "nier",
        Bladder = "bladder" "blaas",
        BileDuctsAndGallbladder = "bile_gallbladder" "galwegen en galblaas",
        OvaryAndFallopianTube = "ovary_fallopian" "eierstok en eileider",
        Melanoma = "melanoma" "melanoom van de huid",
        Uterus = "uterus" "baarmoeder",
        Cervix = "cervix" "baarmoederhals",
        Vulva = "vulva" "vulva",
        Liver = "liver" "lever",
        BoneAndSoftTissue = "bone_soft_tissue" "bot en weke delen",
        RenalPelvisAndUreter = "renal_pelvis_ureter" "nierbekken en urineleider",
        HeadAndNeck = "head_neck" "hoofd en hals",
        Endocrine = "endocrine" "endocriene klieren",
        Testis = "testis" "zaadbal",
        PrimaryUnknown = "primary_unknown" "primaire tumor onbekend",
        Other = "other" "overig",
    }
    /// The kinds of lung cancer that are treated differently.
    LungKind {
        SmallCell = "small-cell" "kleincellig",
        NonSmallCellTreatable = "non-small-cell-treatable" "niet-kleincellig met behandelbare mutatie",
        NonSmallCellNotTreatable = "non-small-cell-not-treatable" "niet-kleincellig zonder behandelbare mutatie",
        NonSmallCellUntested = "non-small-cell-untested" "niet-kleincellig, behandelbare mutatie niet bekend",
    }
}

/// Topography as site and subsite in one number (C34.1 is 341), and morphology, both as inclusive ranges.
type Row = (std::ops::RangeInclusive<u16>, std::ops::RangeInclusive<u16>, CancerKind);

const ANY: std::ops::RangeInclusive<u16> = 0..=9999;
/// Behind every morphology there is: an absent one fits [`ANY`] alone.
const NO_MORPHOLOGY: u16 = 0;

const TABLE: &[Row] = &[
    // Haematological malignancies belong to no kind of the report, wherever they lie.
    (ANY, 9590..=9993, CancerKind::Other),
    (800..=809, ANY, CancerKind::PrimaryUnknown),
    (440..=449, 8720..=8790, CancerKind::Melanoma),
    // Sarcomas of the uterus stay with the uterus, other sarcomas leave their organ.
    (540..=559, ANY, CancerKind::Uterus),
    (ANY, 8800..=8936, CancerKind::BoneAndSoftTissue),
    (ANY, 8990..=8991, CancerKind::BoneAndSoftTissue),
    (ANY, 9040..=9044, CancerKind::BoneAndSoftTissue),
    (ANY, 9120..=9133, CancerKind::BoneAndSoftTissue),
    (ANY, 9140..=9252, CancerKind::BoneAndSoftTissue),
    (ANY, 9260..=9261, CancerKind::BoneAndSoftTissue),
    (ANY, 9540..=9581, CancerKind::BoneAndSoftTissue),
    // Cholangiocarcinoma within the liver.
    (220..=229, 8160..=8161, CancerKind::BileDuctsAndGallbladder),
    (0..=149, ANY, CancerKind::HeadAndNeck),
    (150..=159, ANY, CancerKind::Oesophagus),
    (160..=169, ANY, CancerKind::Stomach),
    (180..=189, ANY, CancerKind::Colon),
    (190..=209, ANY, CancerKind::Rectum),
    (220..=220, ANY, CancerKind::Liver),
    (221..=221, ANY, CancerKind::BileDuctsAndGallbladder),
    (230..=249, ANY, CancerKind::BileDuctsAndGallbladder),
    (250..=259, ANY, CancerKind::Pancreas),
    (300..=329, ANY, CancerKind::HeadAndNeck),
    (340..=349, ANY, CancerKind::Lung),
    (400..=419, ANY, CancerKind::BoneAndSoftTissue),
    (470..=479, ANY, CancerKind::BoneAndSoftTissue),
    (490..=499, ANY, CancerKind::BoneAndSoftTissue),
    (500..=509, ANY, CancerKind::Breast),
    (510..=519, ANY, CancerKind::Vulva),
    (530..=539, ANY, CancerKind::Cervix),
    (560..=570, ANY, CancerKind::OvaryAndFallopianTube),
    (610..=619, ANY, CancerKind::Prostate),
    (620..=629, ANY, CancerKind::Testis),
    (640..=649, ANY, CancerKind::Kidney),
    (650..=669, ANY, CancerKind::RenalPelvisAndUreter),
    (670..=679, ANY, CancerKind::Bladder),
    (730..=759, ANY, CancerKind::Endocrine),
];

/// The kind of a tumour; an absent topography is a primary that is unknown.
pub fn kind_of(topography: Option<&Topography>, morphology: Option<&Morphology>) -> CancerKind {
    let Some(topography) = topography else { return CancerKind::PrimaryUnknown };
    let site = u16::from(topography.site()) * 10 + u16::from(topography.subsite());
    let cell = morphology.map_or(NO_MORPHOLOGY, Morphology::number);
    let fits = |row: &&Row| row.0.contains(&site) && row.1.contains(&cell);
    TABLE.iter().find(fits).map_or(CancerKind::Other, |row| row.2)
}

/// Small cell or not; `treatable` says whether a mutation with a treatment of its own was found (none: not known).
pub fn lung_kind(morphology: Option<&Morphology>, treatable: Option<bool>) -> LungKind {
    match (morphology.map(Morphology::number), treatable) {
        (Some(8041..=8045), _) => LungKind::SmallCell,
        (_, Some(true)) => LungKind::NonSmallCellTreatable,
        (_, Some(false)) => LungKind::NonSmallCellNotTreatable,
        (_, None) => LungKind::NonSmallCellUntested,
    }
}

/// Kinds of which every tumour counts as rare: fewer than six new patients a year in 100,000 inhabitants (the limit of
/// RARECARE), read from the national figures of 2023 and 17.8 million inhabitants. Cervix counts women alone.
const RARE: &[CancerKind] = &[CancerKind::Liver, CancerKind::Vulva, CancerKind::Testis, CancerKind::PrimaryUnknown];

/// Cells that make a tumour rare wherever it lies: sarcoma, germ-cell and neuroendocrine tumours, mesothelioma, and
/// melanoma outside the skin.
const RARE_CELLS: &[std::ops::RangeInclusive<u16>] = &[
    8150..=8157,
    8240..=8246,
    8680..=8713,
    8800..=8936,
    8990..=8991,
    9040..=9044,
    9050..=9055,
    9060..=9110,
    9120..=9133,
    9140..=9252,
    9260..=9261,
    9540..=9581,
];

/// Is a tumour of this kind and these cells rare?
pub fn is_rare(kind: CancerKind, morphology: Option<&Morphology>) -> bool {
    let cell = morphology.map_or(NO_MORPHOLOGY, Morphology::number);
    let melanoma_elsewhere = (8720..=8790).contains(&cell) && kind != CancerKind::Melanoma;
    RARE.contains(&kind) || melanoma_elsewhere || RARE_CELLS.iter().any(|cells| cells.contains(&cell))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(topography: &str, morphology: &str) -> CancerKind {
        let morphology = (!morphology.is_empty()).then(|| Morphology::parse(morphology).unwrap());
        kind_of(Some(&Topography::parse(topography).unwrap()), morphology.as_ref())
    }

    #[test]
    fn the_kind_follows_from_site_and_cells() {
        for (topography, morphology, expected) in [
            ("C34.1", "8140", CancerKind::Lung),
            ("C61.9", "8140", CancerKind::Prostate),
            ("C18.7", "", CancerKind::Colon),
            ("C19.9", "8140", CancerKind::Rectum),
            ("C21.1", "8070", CancerKind::Other),
            ("C22.0", "8170", CancerKind::Liver),
            ("C22.0", "8160", CancerKind::BileDuctsAndGallbladder),
            ("C22.1", "8160", CancerKind::BileDuctsAndGallbladder),
            ("C24.1", "8140", CancerKind::BileDuctsAndGallbladder),
            ("C44.5", "8743", CancerKind::Melanoma),
            ("C44.3", "8090", CancerKind::Other),
            ("C69.3", "8720", CancerKind::Other),
            ("C51.0", "8720", CancerKind::Vulva),
            ("C54.1", "8890", CancerKind::Uterus),
            ("C54.1", "8380", CancerKind::Uterus),
            ("C49.2", "8858", CancerKind::BoneAndSoftTissue),
            ("C16.2", "8936", CancerKind::BoneAndSoftTissue),
            ("C41.2", "9180", CancerKind::BoneAndSoftTissue),
            ("C16.2", "9680", CancerKind::Other),
            ("C57.0", "8441", CancerKind::OvaryAndFallopianTube),
            ("C57.1", "8441", CancerKind::Other),
            ("C56.9", "8461", CancerKind::OvaryAndFallopianTube),
            ("C65.9", "8120", CancerKind::RenalPelvisAndUreter),
            ("C67.2", "8120", CancerKind::Bladder),
            ("C73.9", "8260", CancerKind::Endocrine),
            ("C32.0", "8070", CancerKind::HeadAndNeck),
            ("C71.1", "9440", CancerKind::Other),
            ("C80.9", "8140", CancerKind::PrimaryUnknown),
        ] {
            assert_eq!(kind(topography, morphology), expected, "{topography} {morphology}");
        }
        assert_eq!(kind_of(None, None), CancerKind::PrimaryUnknown);
    }

    #[test]
    fn each_kind_can_be_reached() {
        let reached: Vec<CancerKind> = TABLE.iter().map(|row| row.2).chain([CancerKind::Other]).collect();
        for kind in CancerKind::ALL {
            assert!(reached.contains(kind), "{kind:?}");
        }
    }

    #[test]
    fn small_cells_outweigh_mutations() {
        let cells = |code| Morphology::parse(code).unwrap();
        assert_eq!(lung_kind(Some(&cells("8041")), Some(true)), LungKind::SmallCell);
        assert_eq!(lung_kind(Some(&cells("8140")), Some(true)), LungKind::NonSmallCellTreatable);
        assert_eq!(lung_kind(Some(&cells("8140")), Some(false)), LungKind::NonSmallCellNotTreatable);
        assert_eq!(lung_kind(None, None), LungKind::NonSmallCellUntested);
    }

    #[test]
    fn rarity_is_of_kind_or_of_cells() {
        let cells = |code| Morphology::parse(code).unwrap();
        assert!(is_rare(CancerKind::Testis, None));
        assert!(is_rare(CancerKind::Stomach, Some(&cells("8240"))));
        assert!(is_rare(CancerKind::Other, Some(&cells("8720"))));
        assert!(!is_rare(CancerKind::Melanoma, Some(&cells("8720"))));
        assert!(!is_rare(CancerKind::Lung, Some(&cells("8140"))));
    }
}
