//! Stages outside TNM, each with a system of its own.

use serde::{Deserialize, Serialize};

use crate::domain::PartialDate;
use crate::domain::coded::coded;

coded! {
    /// A staging system.
    StagingSystem {
        Figo = "FIGO" "FIGO",
        AnnArbor = "Ann-Arbor" "Ann Arbor",
        Gleason = "Gleason" "Gleason-graadgroep",
        Other = "other" "ander stadiëringssysteem",
    }
}

/// A stage in a system of its own: FIGO IVA, Ann Arbor IIB.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct OtherStage {
    pub system: StagingSystem,
    /// The name of a system that the list lacks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    pub stage: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub date: Option<PartialDate>,
}

impl OtherStage {
    /// Does the system have a stage of this shape? Any, for a system that is not listed.
    pub fn fits(&self) -> bool {
        let roman = |allowed: fn(&str) -> bool| {
            let at = self.stage.find(|c| c != 'I' && c != 'V').unwrap_or(self.stage.len());
            let (number, rest) = self.stage.split_at(at);
            ["I", "II", "III", "IV"].contains(&number) && allowed(rest)
        };
        match self.system {
            StagingSystem::Figo => roman(|rest| match rest.as_bytes() {
                [] | [b'A'..=b'C'] | [b'A'..=b'C', b'1'..=b'3'] => true,
                // IIIA1(i), and the molecular classes of endometrial cancer: IAmPOLEmut.
                [b'A'..=b'C', b'1'..=b'3', b'(', roman @ .., b')'] => matches!(roman, b"i" | b"ii"),
                [b'A'..=b'C', tail @ ..] => matches!(tail, b"mPOLEmut" | b"mp53abn"),
                _ => false,
            }),
            StagingSystem::AnnArbor => roman(|rest| rest.chars().all(|c| "ABESX".contains(c)) && rest.len() <= 3),
            StagingSystem::Gleason => matches!(self.stage.as_str(), "1" | "2" | "3" | "4" | "5"),
            StagingSystem::Other => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fits(system: StagingSystem, stage: &str) -> bool {
        OtherStage { system, name: None, stage: stage.to_owned(), date: None }.fits()
    }

    #[test]
    fn a_stage_has_the_shape_of_its_system() {
        for stage in ["I", "IA", "IC2", "IIIA1(i)", "IVB", "IAmPOLEmut"] {
            assert!(fits(StagingSystem::Figo, stage), "{stage}");
        }
        for stage in ["", "V", "IIII", "IX", "ID", "4A", "IVB ", "IIIA1(iii)"] {
            assert!(!fits(StagingSystem::Figo, stage), "{stage}");
        }
        assert!(fits(StagingSystem::AnnArbor, "IIBE"));
        assert!(!fits(StagingSystem::AnnArbor, "IIC"));
        assert!(fits(StagingSystem::Gleason, "4"));
        assert!(!fits(StagingSystem::Gleason, "4+3"));
        assert!(fits(StagingSystem::Other, "Okuda II"));
    }
}
