//! The ten groups of sites in which the national report counts metastases, and the codes that fall in each.

use crate::domain::coded::coded;
use crate::domain::tumour::{Icd10, Topography};

coded! {
    /// A group of sites. The codes are those of the national figures.
    SiteGroup {
        Brain = "brain" "hersenen",
        Lung = "lung" "long",
        Pleura = "pleura" "pleura",
        Bone = "bone" "bot",
        Liver = "liver" "lever",
        Adrenal = "adrenal" "bijnier",
        Peritoneum = "peritoneum" "buikvlies",
        Skin = "skin" "huid",
        LymphNodes = "distant_lymph_nodes" "lymfeklieren, niet regionaal",
        Other = "other" "andere plaats",
    }
}

impl SiteGroup {
    /// ICD-10 code of a metastasis in the group: for `Other` and lymph nodes the one that names no further site.
    pub fn icd10(self) -> &'static str {
        match self {
            SiteGroup::Brain => "C79.3",
            SiteGroup::Lung => "C78.0",
            SiteGroup::Pleura => "C78.2",
            SiteGroup::Bone => "C79.5",
            SiteGroup::Liver => "C78.7",
            SiteGroup::Adrenal => "C79.7",
            SiteGroup::Peritoneum => "C78.6",
            SiteGroup::Skin => "C79.2",
            SiteGroup::LymphNodes => "C77.9",
            SiteGroup::Other => "C79.9",
        }
    }

    /// ICD-O-3 topography of the group as a whole.
    pub fn topography(self) -> &'static str {
        match self {
            SiteGroup::Brain => "C71.9",
            SiteGroup::Lung => "C34.9",
            SiteGroup::Pleura => "C38.4",
            SiteGroup::Bone => "C41.9",
            SiteGroup::Liver => "C22.0",
            SiteGroup::Adrenal => "C74.9",
            SiteGroup::Peritoneum => "C48.2",
            SiteGroup::Skin => "C44.9",
            SiteGroup::LymphNodes => "C77.9",
            SiteGroup::Other => "C80.9",
        }
    }

    /// SNOMED CT: secondary malignant neoplasm of the site.
    pub fn snomed(self) -> &'static str {
        match self {
            SiteGroup::Brain => "94225005",
            SiteGroup::Lung => "94391008",
            SiteGroup::Pleura => "94493005",
            SiteGroup::Bone => "94222008",
            SiteGroup::Liver => "94381002",
            SiteGroup::Adrenal => "94161006",
            SiteGroup::Peritoneum => "94627008",
            SiteGroup::Skin => "94579000",
            SiteGroup::LymphNodes => "94392001",
            SiteGroup::Other => "128462008",
        }
    }

    /// The group of an ICD-10 code of a secondary tumour (C77 to C79); none for another code. C77 holds regional nodes
    /// too: the code alone does not tell.
    pub fn of_icd10(code: &Icd10) -> Option<SiteGroup> {
        Some(match (code.category(), code.as_str().as_bytes().get(4)) {
            ("C77", _) => SiteGroup::LymphNodes,
            ("C78", Some(b'0')) => SiteGroup::Lung,
            ("C78", Some(b'2')) => SiteGroup::Pleura,
            ("C78", Some(b'6')) => SiteGroup::Peritoneum,
            ("C78", Some(b'7')) => SiteGroup::Liver,
            ("C79", Some(b'2')) => SiteGroup::Skin,
            ("C79", Some(b'3')) => SiteGroup::Brain,
            ("C79", Some(b'5')) => SiteGroup::Bone,
            ("C79", Some(b'7')) => SiteGroup::Adrenal,
            ("C78" | "C79", _) => SiteGroup::Other,
            _ => return None,
        })
    }

    /// The group of an ICD-O-3 site in which a metastasis lies. Meninges count with the brain, as in C79.3; marrow with
    /// bone; the retroperitoneum with the peritoneum, as in C78.6.
    pub fn of_topography(code: &Topography) -> SiteGroup {
        match (code.site(), code.subsite()) {
            (70 | 71, _) => SiteGroup::Brain,
            (34, _) => SiteGroup::Lung,
            (38, 4) => SiteGroup::Pleura,
            (40 | 41, _) | (42, 1) => SiteGroup::Bone,
            (22, 0) => SiteGroup::Liver,
            (74, _) => SiteGroup::Adrenal,
            (48, _) => SiteGroup::Peritoneum,
            (44, _) => SiteGroup::Skin,
            (77, _) => SiteGroup::LymphNodes,
            _ => SiteGroup::Other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_group_finds_itself_by_its_own_code() {
        for group in SiteGroup::ALL {
            assert_eq!(SiteGroup::of_icd10(&Icd10::parse(group.icd10()).unwrap()), Some(*group));
            assert_eq!(SiteGroup::of_topography(&Topography::parse(group.topography()).unwrap()), *group);
        }
    }

    #[test]
    fn codes_of_secondary_tumours_fall_in_ten_groups() {
        let group = |code: &str| SiteGroup::of_icd10(&Icd10::parse(code).unwrap());
        assert_eq!(group("C77.4"), Some(SiteGroup::LymphNodes));
        assert_eq!(group("C77"), Some(SiteGroup::LymphNodes));
        for code in ["C78.1", "C78.3", "C78.4", "C78.5", "C78.8", "C79.0", "C79.1", "C79.4", "C79.6", "C79.8", "C79"] {
            assert_eq!(group(code), Some(SiteGroup::Other), "{code}");
        }
        assert_eq!(group("C34.1"), None);
    }

    #[test]
    fn topographies_fall_in_the_group_of_their_organ() {
        let group = |code: &str| SiteGroup::of_topography(&Topography::parse(code).unwrap());
        for (code, expected) in [
            ("C71.9", SiteGroup::Brain),
            ("C70.0", SiteGroup::Brain),
            ("C34.3", SiteGroup::Lung),
            ("C38.4", SiteGroup::Pleura),
            ("C38.3", SiteGroup::Other),
            ("C42.1", SiteGroup::Bone),
            ("C42.2", SiteGroup::Other),
            ("C48.2", SiteGroup::Peritoneum),
            ("C22.0", SiteGroup::Liver),
            ("C56.9", SiteGroup::Other),
        ] {
            assert_eq!(group(code), expected, "{code}");
        }
    }
}
