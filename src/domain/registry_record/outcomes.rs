//! How the patient is doing: fitness, what the patient reports, and what was said about the expected course.

use serde::{Deserialize, Serialize};

use crate::domain::PartialDate;
use crate::domain::coded::coded;

coded! {
    /// WHO (ECOG) performance status.
    PerformanceScore {
        Zero = "0" "WHO 0: normaal actief",
        One = "1" "WHO 1: beperkt bij zware inspanning",
        Two = "2" "WHO 2: meer dan de helft van de dag op",
        Three = "3" "WHO 3: meer dan de helft van de dag in bed of stoel",
        Four = "4" "WHO 4: volledig bedlegerig",
        Unknown = "unknown" "WHO-status onbekend",
    }
    /// How long, or how well, this is expected to go.
    Outlook {
        CurePossible = "cure-possible" "genezing is mogelijk",
        Years = "years" "jaren",
        OneYear = "about-a-year" "ongeveer een jaar",
        Months = "months" "maanden",
        Weeks = "weeks" "weken",
        Days = "days" "dagen",
        Uncertain = "uncertain" "onzeker",
    }
    /// Was the patient told?
    Told {
        Yes = "told" "verteld",
        No = "not-told" "niet verteld",
        NotWanted = "does-not-want-to-know" "de patiënt wil het niet weten",
        Unknown = "unknown" "niet bekend of het verteld is",
    }
    MeetingKind {
        TumourBoard = "tumour-board" "tumorwerkgroep",
        PalliativeMeeting = "palliative-meeting" "palliatief overleg",
        MolecularBoard = "molecular-board" "moleculair overleg",
        Other = "other" "ander multidisciplinair overleg",
    }
    ConsultationKind {
        PalliativeTeam = "palliative-team" "palliatief team",
        Dietitian = "dietitian" "diëtist",
        Physiotherapist = "physiotherapist" "fysiotherapeut",
        OccupationalTherapist = "occupational-therapist" "ergotherapeut",
        SpeechTherapist = "speech-therapist" "logopedist",
        Psychologist = "psychologist" "psycholoog",
        SocialWorker = "social-worker" "maatschappelijk werker",
        SpiritualCounsellor = "spiritual-counsellor" "geestelijk verzorger",
        Geriatrician = "geriatrician" "geriater",
        Other = "other" "andere zorgverlener",
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PerformanceStatus {
    pub date: PartialDate,
    pub score: PerformanceScore,
}

/// What the care team expects, and what of it was told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ExpectedCourse {
    pub date: PartialDate,
    pub outlook: Outlook,
    /// In words, for the next carer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub statement: Option<String>,
    pub told: Told,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub told_on: Option<PartialDate>,
    /// The words in which it was told, or what the patient made of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub told_words: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Meeting {
    pub date: PartialDate,
    pub kind: MeetingKind,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub conclusion: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Consultation {
    pub date: PartialDate,
    pub kind: ConsultationKind,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// Scores of a questionnaire: each a number that was sent, kept as its text.
macro_rules! scores {
    ($($(#[$doc:meta])* $name:ident { $($(#[$field_doc:meta])* $field:ident = $code:literal $dutch:literal,)+ })+) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(rename_all = "camelCase", deny_unknown_fields)]
        pub struct $name {
            pub date: PartialDate,
            $(
                $(#[$field_doc])*
                #[serde(rename = $code, skip_serializing_if = "Option::is_none")]
                pub $field: Option<serde_json::Number>,
            )+
        }

        impl $name {
            /// Code and Dutch name of every scale.
            pub const SCALES: &[(&str, &str)] = &[$(($code, $dutch)),+];

            /// The scales that were scored: code, Dutch name, score.
            pub fn scored(&self) -> Vec<(&'static str, &'static str, &serde_json::Number)> {
                [$(($code, $dutch, self.$field.as_ref())),+]
                    .into_iter()
                    .filter_map(|(code, dutch, score)| Some((code, dutch, score?)))
                    .collect()
            }
        }
    )+};
}

scores! {
    /// EORTC QLQ-C30: 0 to 100 each. A high score is good for functioning and quality of life, bad for symptoms.
    QlqC30 {
        global_quality_of_life = "globalQualityOfLife" "algemene kwaliteit van leven",
        physical_functioning = "physicalFunctioning" "lichamelijk functioneren",
        role_functioning = "roleFunctioning" "rolfunctioneren",
        emotional_functioning = "emotionalFunctioning" "emotioneel functioneren",
        cognitive_functioning = "cognitiveFunctioning" "cognitief functioneren",
        social_functioning = "socialFunctioning" "sociaal functioneren",
        fatigue = "fatigue" "vermoeidheid",
        nausea = "nausea" "misselijkheid en braken",
        pain = "pain" "pijn",
        dyspnoea = "dyspnoea" "kortademigheid",
        insomnia = "insomnia" "slapeloosheid",
        appetite_loss = "appetiteLoss" "gebrek aan eetlust",
        constipation = "constipation" "obstipatie",
        diarrhoea = "diarrhoea" "diarree",
        financial_difficulties = "financialDifficulties" "financiële problemen",
        summary_score = "summaryScore" "samenvattende score",
    }
    /// Symptom burden in four dimensions: 0 (none) to 10 (worst) each.
    FourDimensional {
        physical = "physical" "lichamelijk",
        psychological = "psychological" "psychisch",
        social = "social" "sociaal",
        spiritual = "spiritual" "spiritueel",
    }
}
