//! Synchronous or metachronous: was the metastasis found before the first treatment, or after it began?

use serde::{Deserialize, Serialize};

use crate::domain::coded::coded;
use crate::domain::{Answer, PartialDate};

coded! {
    /// Before or after the start of the first treatment.
    Synchrony {
        Synchronous = "synchronous" "synchroon (gevonden vóór de eerste behandeling)",
        Metachronous = "metachronous" "metachroon (gevonden na het begin van de eerste behandeling)",
    }
}

/// When the first treatment began.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "status", rename_all = "kebab-case", deny_unknown_fields)]
pub enum FirstTreatment {
    Began {
        date: PartialDate,
    },
    /// The patient never had treatment of the tumour.
    Never,
    NotKnown,
}

/// When a metastasis was found, seen from the treatment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Timing {
    Determined {
        synchrony: Synchrony,
        /// True where there was no treatment, so that a span of months decides.
        by_convention: bool,
    },
    /// The dates do not tell, and nothing is guessed.
    NotDeterminable,
}

impl Timing {
    pub fn synchrony(self) -> Option<Synchrony> {
        match self {
            Timing::Determined { synchrony, .. } => Some(synchrony),
            Timing::NotDeterminable => None,
        }
    }
}

/// Months after incidence within which a metastasis of a patient who was never treated is synchronous, by default.
pub const CONVENTION_MONTHS: i32 = 3;

/// The timing of a metastasis found at `detected`. The day of the first treatment itself counts as before it. Without
/// treatment the `convention_months` after incidence decide, their last day included.
pub fn timing(
    detected: PartialDate,
    first_treatment: FirstTreatment,
    incidence: Option<PartialDate>,
    convention_months: i32,
) -> Timing {
    let (limit, by_convention) = match first_treatment {
        FirstTreatment::Began { date: start } => (Some(start), false),
        FirstTreatment::Never => (incidence.and_then(|date| date.plus_months(convention_months)), true),
        FirstTreatment::NotKnown => (None, false),
    };
    match limit.map(|limit| detected.on_or_before(limit)) {
        Some(Answer::Yes) => Timing::Determined { synchrony: Synchrony::Synchronous, by_convention },
        Some(Answer::No) => Timing::Determined { synchrony: Synchrony::Metachronous, by_convention },
        Some(Answer::NotDeterminable) | None => Timing::NotDeterminable,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn date(text: &str) -> PartialDate {
        text.parse().unwrap()
    }

    fn of(detected: &str, first: FirstTreatment, incidence: &str) -> Timing {
        timing(date(detected), first, incidence.parse().ok(), CONVENTION_MONTHS)
    }

    const fn sure(synchrony: Synchrony) -> Timing {
        Timing::Determined { synchrony, by_convention: false }
    }

    #[test]
    fn the_start_of_the_first_treatment_decides_and_its_day_counts_as_before() {
        let began = FirstTreatment::Began { date: date("2023-05-17") };
        assert_eq!(of("2023-05-16", began, "2023-04"), sure(Synchrony::Synchronous));
        assert_eq!(of("2023-05-17", began, "2023-04"), sure(Synchrony::Synchronous));
        assert_eq!(of("2023-05-18", began, "2023-04"), sure(Synchrony::Metachronous));
    }

    #[test]
    fn partial_dates_are_compared_and_not_guessed() {
        let began = FirstTreatment::Began { date: date("2023-05-17") };
        assert_eq!(of("2023-05", began, ""), Timing::NotDeterminable);
        assert_eq!(of("2023", began, ""), Timing::NotDeterminable);
        assert_eq!(of("2023-04", began, ""), sure(Synchrony::Synchronous));
        assert_eq!(of("2024", began, ""), sure(Synchrony::Metachronous));
        assert_eq!(of("2023-05-17", FirstTreatment::Began { date: date("2023-05") }, ""), Timing::NotDeterminable);
        assert_eq!(of("2023-05-01", FirstTreatment::Began { date: date("2023-05") }, ""), sure(Synchrony::Synchronous));
    }

    #[test]
    fn without_treatment_a_span_decides_and_says_so() {
        let by = |synchrony| Timing::Determined { synchrony, by_convention: true };
        assert_eq!(of("2023-07-10", FirstTreatment::Never, "2023-04-10"), by(Synchrony::Synchronous));
        assert_eq!(of("2023-07-11", FirstTreatment::Never, "2023-04-10"), by(Synchrony::Metachronous));
        assert_eq!(of("2023-07", FirstTreatment::Never, "2023-04-10"), Timing::NotDeterminable);
        assert_eq!(of("2023-07-11", FirstTreatment::Never, ""), Timing::NotDeterminable);
        let span = |months| timing(date("2023-09"), FirstTreatment::Never, Some(date("2023-04")), months);
        assert_eq!(span(6), by(Synchrony::Synchronous));
        assert_eq!(span(2), by(Synchrony::Metachronous));
    }

    #[test]
    fn an_unknown_treatment_leaves_it_open() {
        assert_eq!(of("2023-07-11", FirstTreatment::NotKnown, "2023-04-10"), Timing::NotDeterminable);
    }

    fn any_date() -> impl Strategy<Value = PartialDate> {
        (2015i16..2027, 1i8..=12, 1i8..=28, 0..3u8).prop_map(|(y, m, d, precision)| match precision {
            0 => date(&format!("{y}")),
            1 => date(&format!("{y}-{m:02}")),
            _ => date(&format!("{y}-{m:02}-{d:02}")),
        })
    }

    proptest! {
        /// What is determined with a partial date holds for each day that it may stand for.
        #[test]
        fn a_determined_timing_holds_for_each_day(detected in any_date(), start in any_date()) {
            if let Some(synchrony) = timing(detected, FirstTreatment::Began { date: start }, None, 3).synchrony() {
                for d in [detected.first_day(), detected.last_day()] {
                    for s in [start.first_day(), start.last_day()] {
                        let exact = timing(d.into(), FirstTreatment::Began { date: s.into() }, None, 3);
                        prop_assert_eq!(exact.synchrony(), Some(synchrony));
                    }
                }
            }
        }
    }
}
