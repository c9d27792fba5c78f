//! Which edition of the TNM classification holds.

use jiff::civil::{Date, date};

use super::kind::CancerKind;
use crate::domain::PartialDate;
use crate::domain::coded::coded;

coded! {
    /// Edition of the UICC TNM classification.
    Edition {
        Sixth = "6" "TNM 6e editie",
        Seventh = "7" "TNM 7e editie",
        Eighth = "8" "TNM 8e editie",
        Ninth = "9" "TNM 9e editie",
    }
}

/// From this incidence date on, for this kind (none: for every kind that no other row names), the edition. The latest
/// row that fits holds.
const TABLE: &[(Option<CancerKind>, Date, Edition)] = &[
    (None, date(2003, 1, 1), Edition::Sixth),
    (None, date(2010, 1, 1), Edition::Seventh),
    (None, date(2017, 1, 1), Edition::Eighth),
    (Some(CancerKind::Lung), date(2025, 1, 1), Edition::Ninth),
];

/// The edition that holds for a tumour of this kind with this incidence date; none before 2003, and none where the
/// date is too partial to tell.
pub fn edition_for(kind: CancerKind, incidence: PartialDate) -> Option<Edition> {
    let on = |day: Date| {
        let fits = |row: &&(Option<CancerKind>, Date, Edition)| row.0.is_none_or(|own| own == kind) && row.1 <= day;
        TABLE.iter().filter(fits).max_by_key(|row| row.1).map(|row| row.2)
    };
    let first = on(incidence.first_day());
    if first == on(incidence.last_day()) { first } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn edition(kind: CancerKind, incidence: &str) -> Option<Edition> {
        edition_for(kind, incidence.parse().unwrap())
    }

    #[test]
    fn the_edition_follows_kind_and_incidence() {
        assert_eq!(edition(CancerKind::Breast, "2016-12-31"), Some(Edition::Seventh));
        assert_eq!(edition(CancerKind::Breast, "2017-01-01"), Some(Edition::Eighth));
        assert_eq!(edition(CancerKind::Breast, "2026"), Some(Edition::Eighth));
        assert_eq!(edition(CancerKind::Lung, "2024-12"), Some(Edition::Eighth));
        assert_eq!(edition(CancerKind::Lung, "2025"), Some(Edition::Ninth));
        assert_eq!(edition(CancerKind::Colon, "2002"), None);
    }

    #[test]
    fn a_year_lies_wholly_within_an_edition() {
        // Editions begin on 1 January: years and months are always enough, and a test holds that.
        assert!(TABLE.iter().all(|row| row.1 == row.1.first_of_year()));
    }
}
