//! Which tumours the national counts of metastatic cancer leave out. They are accepted and stored all the same.

use super::icd::{Morphology, Topography};
use crate::domain::coded::coded;
use crate::domain::{Answer, PartialDate};

coded! {
    /// Why a tumour is not counted.
    OutOfScope {
        Minor = "minor" "jonger dan 18 jaar bij diagnose",
        Haematological = "haematological" "hematologische maligniteit",
        CentralNervousSystem = "central-nervous-system" "tumor van het centrale zenuwstelsel",
        BasalCellSkin = "basal-cell-skin" "basaalcelcarcinoom van de huid",
        SquamousCellSkin = "squamous-cell-skin" "plaveiselcelcarcinoom van de huid",
    }
}

/// Is it counted?
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    Counted,
    Out(OutOfScope),
    /// Birth or incidence date are missing or too partial to tell the age.
    NotDeterminable,
}

const ADULT_MONTHS: i32 = 18 * 12;

/// Morphology and site as inclusive ranges, and why such a tumour is not counted.
type Row = (std::ops::RangeInclusive<u16>, std::ops::RangeInclusive<u8>, OutOfScope);

const TABLE: &[Row] = &[
    (9590..=9993, 0..=80, OutOfScope::Haematological),
    (0..=9999, 70..=72, OutOfScope::CentralNervousSystem),
    (8090..=8110, 44..=44, OutOfScope::BasalCellSkin),
    (8050..=8084, 44..=44, OutOfScope::SquamousCellSkin),
];

/// Is a tumour with this site and these cells counted, in a person born at `birth` and diagnosed at `incidence`?
pub fn national_scope(
    topography: Option<&Topography>,
    morphology: Option<&Morphology>,
    birth: Option<PartialDate>,
    incidence: Option<PartialDate>,
) -> Scope {
    let cell = morphology.map_or(0, Morphology::number);
    let site = topography.map_or(80, Topography::site);
    if let Some(row) = TABLE.iter().find(|row| row.0.contains(&cell) && row.1.contains(&site)) {
        return Scope::Out(row.2);
    }
    let minor = match (birth.and_then(|birth| birth.plus_months(ADULT_MONTHS)), incidence) {
        (Some(adult), Some(incidence)) => incidence.before(adult),
        _ => Answer::NotDeterminable,
    };
    match minor {
        Answer::Yes => Scope::Out(OutOfScope::Minor),
        Answer::No => Scope::Counted,
        Answer::NotDeterminable => Scope::NotDeterminable,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scope(topography: &str, morphology: &str, birth: &str, incidence: &str) -> Scope {
        national_scope(
            Some(&Topography::parse(topography).unwrap()),
            Some(&Morphology::parse(morphology).unwrap()),
            birth.parse().ok(),
            incidence.parse().ok(),
        )
    }

    #[test]
    fn what_the_national_counts_leave_out() {
        assert_eq!(scope("C34.1", "8140", "1955", "2026"), Scope::Counted);
        assert_eq!(scope("C77.0", "9680", "1955", "2026"), Scope::Out(OutOfScope::Haematological));
        assert_eq!(scope("C71.1", "9440", "1955", "2026"), Scope::Out(OutOfScope::CentralNervousSystem));
        assert_eq!(scope("C44.3", "8090", "1955", "2026"), Scope::Out(OutOfScope::BasalCellSkin));
        assert_eq!(scope("C44.3", "8070", "1955", "2026"), Scope::Out(OutOfScope::SquamousCellSkin));
        assert_eq!(scope("C32.0", "8070", "1955", "2026"), Scope::Counted);
        assert_eq!(scope("C44.5", "8743", "1981", "2024"), Scope::Counted);
    }

    #[test]
    fn age_has_three_answers() {
        assert_eq!(scope("C40.2", "9180", "2010-06-15", "2026-06-15"), Scope::Out(OutOfScope::Minor));
        assert_eq!(scope("C40.2", "9180", "2008-06-15", "2026-06-14"), Scope::Out(OutOfScope::Minor));
        assert_eq!(scope("C40.2", "9180", "2008-06-15", "2026-06-15"), Scope::Counted);
        assert_eq!(scope("C40.2", "9180", "2008", "2026"), Scope::NotDeterminable);
        assert_eq!(scope("C40.2", "9180", "", "2026"), Scope::NotDeterminable);
    }
}
