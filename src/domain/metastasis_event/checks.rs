//! What the schema of a metastasis event cannot say.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::{Site, SiteGroup};
use crate::domain::chronology::Chronology;
use crate::domain::review::Review;
use crate::domain::tumour::{Icd10, Topography};

/// Tells codes that no metastasis has, ways to name a site that differ, sites named twice, and dates that contradict.
pub fn check(review: &mut Review, now: Timestamp) {
    let mut time = Chronology::new(review, now);
    for pattern in ["/detectedOn", "/tumour/facts/incidenceDate", "/sites/*/confirmedOn"] {
        time.found(pattern);
    }
    time.past("/tumour/facts/firstTreatment/date");
    let mut seen = BTreeSet::new();
    for at in review.each("/sites/*") {
        site(review, &at);
        if review.whole::<Site>(&at).is_some_and(|site| !seen.insert(site.key())) {
            review.contradiction(at, "a site that the list does not name before");
        }
    }
}

fn site(review: &mut Review, at: &str) {
    let text = |name: &str| review.text(&format!("{at}/{name}"));
    let group = text("site").and_then(SiteGroup::from_code);
    let code = text("icd10").and_then(|code| Icd10::parse(code).ok());
    let topography = text("topography").and_then(|code| Topography::parse(code).ok());
    let by_code = code.as_ref().and_then(SiteGroup::of_icd10);
    let by_topography = topography.as_ref().map(SiteGroup::of_topography);
    let groups: BTreeSet<SiteGroup> = [group, by_code, by_topography].into_iter().flatten().collect();
    let has_nodes = text("nodes").is_some();
    if code.is_some() && by_code.is_none() {
        review.contradiction(format!("{at}/icd10"), "a code of a secondary tumour, C77 to C79");
    }
    match groups.first() {
        Some(_) if groups.len() > 1 => review.contradiction(at, "a site whose group and codes name the same place"),
        Some(group) if has_nodes && *group != SiteGroup::LymphNodes => {
            review.contradiction(format!("{at}/nodes"), "no word on lymph nodes for another site");
        }
        _ => {}
    }
}
