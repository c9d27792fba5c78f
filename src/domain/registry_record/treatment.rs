//! Treatments of a tumour, and the decision to give none.

use serde::{Deserialize, Serialize};

use crate::domain::PartialDate;
use crate::domain::coded::coded;
use crate::domain::metastasis_event::{FirstTreatment, SiteGroup};

coded! {
    /// What is done. A combination has several kinds and counts in each.
    TreatmentKind {
        Chemotherapy = "chemotherapy" "chemotherapie",
        HormoneTherapy = "hormone-therapy" "hormonale therapie",
        TargetedTherapy = "targeted-therapy" "doelgerichte therapie",
        Immunotherapy = "immunotherapy" "immunotherapie",
        SurgeryOfPrimary = "surgery-primary" "operatie van de primaire tumor",
        Metastasectomy = "metastasectomy" "operatieve verwijdering van metastasen",
        Ablation = "ablation" "ablatie",
        Hipec = "hipec" "HIPEC",
        RadiotherapyOfPrimary = "radiotherapy-primary" "radiotherapie van de primaire tumor",
        RadiotherapyOfMetastases = "radiotherapy-metastases" "radiotherapie van metastasen",
    }
    /// What a treatment is for.
    Intent {
        Curative = "curative" "genezing",
        Palliative = "palliative" "levensverlenging of klachtenvermindering",
    }
    TreatmentStatus {
        Planned = "planned" "gepland",
        Ongoing = "ongoing" "loopt",
        Completed = "completed" "afgerond",
        Stopped = "stopped" "voortijdig gestopt",
    }
    /// What it is aimed at.
    Target {
        Primary = "primary" "primaire tumor",
        Metastasis = "metastasis" "metastasen",
        Both = "both" "primaire tumor en metastasen",
    }
    /// How it is done, where the kind leaves it open.
    Technique {
        Stereotactic = "stereotactic" "stereotactisch",
        Debulking = "debulking" "debulking",
        IntervalDebulking = "interval-debulking" "intervaldebulking",
        MinimallyInvasive = "minimally-invasive" "minimaal invasief",
    }
    Outcome {
        Successful = "successful" "geslaagd",
        PartiallySuccessful = "partially-successful" "deels geslaagd",
        Unsuccessful = "unsuccessful" "niet geslaagd",
    }
    /// How the tumour answered.
    Response {
        Complete = "complete" "complete respons",
        Partial = "partial" "partiële respons",
        Stable = "stable" "stabiele ziekte",
        Progression = "progression" "progressie",
        NotEvaluable = "not-evaluable" "niet te beoordelen",
    }
    /// How a treatment came to differ from its plan.
    ChangeKind {
        DoseReduction = "dose-reduction" "lagere dosis",
        Delay = "delay" "uitgesteld",
        FewerCycles = "fewer-cycles" "minder kuren",
        Stopped = "stopped" "gestopt",
    }
    ChangeReason {
        ToxicityHaematological = "toxicity-haematological" "bijwerkingen van bloed en beenmerg",
        ToxicityNeurological = "toxicity-neurological" "neurologische bijwerkingen",
        ToxicityOther = "toxicity-other" "andere bijwerkingen",
        WorseningCondition = "worsening-condition" "verslechterde conditie",
        Progression = "progression" "progressie van de ziekte",
        PatientChoice = "patient-choice" "keuze van de patiënt",
        Other = "other" "andere reden",
    }
    NoTreatmentReason {
        PatientChoice = "patient-choice" "keuze van de patiënt",
        Condition = "condition" "conditie van de patiënt",
        Comorbidity = "comorbidity" "bijkomende ziekten",
        ExtentOfDisease = "extent-of-disease" "uitgebreidheid of snelle progressie van de ziekte",
        Other = "other" "andere reden",
    }
}

/// One treatment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Treatment {
    /// The sender's own name for it, the same in every version of the document.
    pub id: String,
    pub kinds: Vec<TreatmentKind>,
    pub status: TreatmentStatus,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub intent: Option<Intent>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start: Option<PartialDate>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub end: Option<PartialDate>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target: Option<Target>,
    /// Where the treated metastases lie.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub metastasis_sites: Vec<SiteGroup>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub technique: Option<Technique>,
    /// Names of the medicines.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub agents: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub outcome: Option<Outcome>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub response: Option<TreatmentResponse>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub changes: Vec<TreatmentChange>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TreatmentResponse {
    pub result: Response,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub date: Option<PartialDate>,
}

/// A treatment that was stopped or adapted, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TreatmentChange {
    pub change: ChangeKind,
    pub reasons: Vec<ChangeReason>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub date: Option<PartialDate>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// The decision not to treat the tumour.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NoTreatmentDecision {
    pub date: PartialDate,
    pub reasons: Vec<NoTreatmentReason>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

impl Treatment {
    /// Has it begun, whatever became of it since?
    pub fn has_begun(&self) -> bool {
        self.status != TreatmentStatus::Planned
    }

    pub fn is_systemic(&self) -> bool {
        self.kinds.iter().any(|kind| {
            matches!(
                kind,
                TreatmentKind::Chemotherapy
                    | TreatmentKind::HormoneTherapy
                    | TreatmentKind::TargetedTherapy
                    | TreatmentKind::Immunotherapy
            )
        })
    }
}

/// When the treatment of the tumour began, as far as these treatments tell. None of them and no decision against
/// treatment means that it is not known: a record may be sent before the plan is made.
///
/// Of two partial starts that overlap, neither is surely the first; then the one that begins earlier and ends later
/// cannot be told from the other, and the coarser one is taken, which leaves open what is open.
pub fn first_treatment(treatments: &[Treatment], decided_against: bool) -> FirstTreatment {
    let mut begun = treatments.iter().filter(|one| one.has_begun()).peekable();
    if begun.peek().is_none() {
        return if decided_against { FirstTreatment::Never } else { FirstTreatment::NotKnown };
    }
    let mut first: Option<PartialDate> = None;
    for treatment in begun {
        let Some(start) = treatment.start else { return FirstTreatment::NotKnown };
        first = Some(match first {
            Some(known) if known.last_day() < start.first_day() => known,
            Some(known) if start.last_day() < known.first_day() => start,
            Some(known) if known.precision() <= start.precision() => known,
            _ => start,
        });
    }
    first.map_or(FirstTreatment::NotKnown, |date| FirstTreatment::Began { date })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn treatment(status: TreatmentStatus, start: &str) -> Treatment {
        Treatment {
            id: "t".to_owned(),
            kinds: vec![TreatmentKind::Chemotherapy],
            status,
            line: None,
            intent: None,
            start: start.parse().ok(),
            end: None,
            target: None,
            metastasis_sites: Vec::new(),
            technique: None,
            agents: Vec::new(),
            description: None,
            outcome: None,
            response: None,
            changes: Vec::new(),
        }
    }

    fn first(treatments: &[Treatment], decided_against: bool) -> FirstTreatment {
        first_treatment(treatments, decided_against)
    }

    fn began(text: &str) -> FirstTreatment {
        FirstTreatment::Began { date: text.parse().unwrap() }
    }

    #[test]
    fn the_earliest_start_is_the_first_treatment() {
        use TreatmentStatus::{Completed, Ongoing, Planned};
        assert_eq!(first(&[], false), FirstTreatment::NotKnown);
        assert_eq!(first(&[], true), FirstTreatment::Never);
        assert_eq!(first(&[treatment(Planned, "2023-01-01")], true), FirstTreatment::Never);
        let two = [treatment(Ongoing, "2023-05-17"), treatment(Completed, "2023-02")];
        assert_eq!(first(&two, true), began("2023-02"));
        let overlapping = [treatment(Ongoing, "2023-05-17"), treatment(Completed, "2023")];
        assert_eq!(first(&overlapping, false), began("2023"));
        let unknown = [treatment(Ongoing, "2023-05-17"), treatment(Completed, "")];
        assert_eq!(first(&unknown, false), FirstTreatment::NotKnown);
    }
}
