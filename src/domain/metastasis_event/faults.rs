//! What the schema of a metastasis event cannot say.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::{FirstTreatment, MetastasisEvent, SiteGroup};
use crate::domain::Violation;
use crate::domain::chronology::Chronology;

pub fn faults(event: &MetastasisEvent, now: Timestamp) -> Vec<Violation> {
    let content = &event.content;
    let mut time = Chronology::new(&event.envelope, now);
    time.found("/detectedOn", content.detected_on);
    if let Some(facts) = content.tumour.facts() {
        if let Some(date) = facts.incidence_date {
            time.found("/tumour/facts/incidenceDate", date);
        }
        if let Some(FirstTreatment::Began { date }) = facts.first_treatment {
            time.past("/tumour/facts/firstTreatment/date", date);
        }
    }
    let mut seen = BTreeSet::new();
    for (i, site) in content.sites.iter().enumerate() {
        let at = format!("/sites/{i}");
        let groups: BTreeSet<SiteGroup> = site.named_groups().collect();
        if site.icd10.as_ref().is_some_and(|code| SiteGroup::of_icd10(code).is_none()) {
            time.fault(&format!("{at}/icd10"), "a code of a secondary tumour, C77 to C79");
        } else if groups.len() > 1 {
            time.fault(&at, "a site whose group and codes name the same place");
        } else if groups.is_empty() {
            time.fault(&at, "a group of sites, an ICD-10 code or an ICD-O-3 topography");
        }
        if site.nodes.is_some() && groups.iter().any(|group| *group != SiteGroup::LymphNodes) {
            time.fault(&format!("{at}/nodes"), "no word on lymph nodes for another site");
        }
        if let Some(date) = site.confirmed_on {
            time.found(&format!("{at}/confirmedOn"), date);
        }
        if !seen.insert(site.key()) {
            time.fault(&at, "a site that the list does not name before");
        }
    }
    time.faults
}
