//! What is known of the tumour when its metastases are mapped: from the event itself, or from the Condition that its
//! registry record made.

use serde_json::Value;

use crate::domain::metastasis_event::{
    CONVENTION_MONTHS, FirstTreatment, NationalSite, Site, SiteGroup, Spread, Synchrony, Timing, national_site, spread,
    timing,
};
use crate::domain::tumour::{CancerKind, Laterality};
use crate::domain::{MetastasisEvent, PartialDate};
use crate::fhir::{Issue, IssueCode};
use crate::mapping::Trace;
use crate::mapping::oncology::{ASSERTED_DATE, ours, side_of};

/// Facts on which timing and counting rest.
pub struct Facts {
    pub kind: Option<CancerKind>,
    pub side: Option<Laterality>,
    pub timing: Timing,
}

/// The registry record's word on the tumour goes before what the event says of it.
pub fn of(event: &MetastasisEvent, stored: Option<&Value>) -> Facts {
    let said = event.content.tumour.facts();
    let recorded = stored.map(recorded);
    let first_treatment = [recorded.as_ref().map(|r| r.first_treatment), said.and_then(|facts| facts.first_treatment)]
        .into_iter()
        .flatten()
        .find(|first| *first != FirstTreatment::NotKnown)
        .unwrap_or(FirstTreatment::NotKnown);
    let incidence = recorded.as_ref().and_then(|r| r.incidence).or(said.and_then(|facts| facts.incidence_date));
    Facts {
        kind: recorded.as_ref().and_then(|r| r.kind).or(event.content.tumour.kind()),
        side: recorded.as_ref().and_then(|r| r.side).or(said.and_then(|facts| facts.laterality)),
        timing: timing(event.content.detected_on, first_treatment, incidence, CONVENTION_MONTHS),
    }
}

/// What the Condition of a tumour says.
struct Recorded {
    kind: Option<CancerKind>,
    side: Option<Laterality>,
    incidence: Option<PartialDate>,
    first_treatment: FirstTreatment,
}

fn recorded(condition: &Value) -> Recorded {
    let find = |url: &str| condition["extension"].as_array()?.iter().find(|extension| extension["url"] == url);
    let kind = find(&ours("ext-CancerKind")).and_then(|e| e["valueCodeableConcept"]["coding"][0]["code"].as_str());
    let first = find(&ours("ext-FirstTreatment"));
    let began = first.and_then(|e| e["valueDateTime"].as_str()?.parse().ok());
    let never = first.is_some_and(|e| e["valueCode"] == "never");
    Recorded {
        kind: kind.and_then(CancerKind::from_code),
        side: side_of(&condition["bodySite"][0]),
        incidence: find(ASSERTED_DATE).and_then(|e| e["valueDateTime"].as_str()?.parse().ok()),
        first_treatment: match (began, never) {
            (Some(date), _) => FirstTreatment::Began { date },
            (None, true) => FirstTreatment::Never,
            (None, false) => FirstTreatment::NotKnown,
        },
    }
}

impl Facts {
    /// What a spread counts as; none where nothing is known of the tumour and the kind would decide.
    pub fn spread(&self, site: &Site) -> Spread {
        match self.kind {
            Some(kind) => spread(kind, self.side, site.reported(), self.timing.synchrony()),
            // Peritoneum, lung and liver are what some kinds' rules are about.
            None => match site.group() {
                SiteGroup::Peritoneum | SiteGroup::Lung | SiteGroup::Liver => Spread::NotDeterminable,
                _ => spread(CancerKind::Other, None, site.reported(), None),
            },
        }
    }

    pub fn national_site(&self, site: &Site) -> Option<NationalSite> {
        national_site(self.kind?, site.group(), self.spread(site), self.timing.synchrony())
    }
}

/// The facts of the tumour are used for timing and counting, and stand in the metastasis's extensions as its outcome.
pub fn trace(event: &MetastasisEvent, tumour: Option<&str>, trace: &mut Trace) {
    let target = tumour.map(|id| format!("Condition/{id}#Condition"));
    match &target {
        Some(target) => {
            let reason = "which Condition the metastases refer to".to_owned();
            trace.add("/tumour/status", Some(target.clone()), crate::mapping::Fate::Converted { reason });
        }
        None => trace.not_carried("/tumour/status", "a primary that is not known and has no number is no resource"),
    }
    if event.content.tumour.number().is_some() {
        let element = target.map(|target| format!("{target}.identifier[0].value"));
        trace.add("/tumour/number", element, crate::mapping::Fate::Carried);
    }
    let Some(said) = event.content.tumour.facts() else { return };
    let used = "timing and counting rest on it; the tumour's own Condition is made by its registry record";
    let first = match said.first_treatment {
        Some(FirstTreatment::Began { .. }) => vec!["firstTreatment/status", "firstTreatment/date"],
        Some(_) => vec!["firstTreatment/status"],
        None => Vec::new(),
    };
    let present = [
        ("incidenceDate", said.incidence_date.is_some()),
        ("topography", said.topography.is_some()),
        ("laterality", said.laterality.is_some()),
        ("morphology", said.morphology.is_some()),
    ];
    for field in present.into_iter().filter_map(|(field, present)| present.then_some(field)).chain(first) {
        trace.not_carried(format!("/tumour/facts/{field}"), used);
    }
}

/// What the sender should know.
pub fn warnings(event: &MetastasisEvent, facts: &Facts) -> Vec<Issue> {
    let mut warnings = Vec::new();
    let mut warn = |id, at: &str, text: &str| warnings.push(Issue::warning(IssueCode::BusinessRule, id, text).at(at));
    match (event.content.stated_timing, facts.timing) {
        (Some(said), Timing::Determined { synchrony, .. }) if said != synchrony => {
            let text = match synchrony {
                Synchrony::Synchronous => {
                    "the dates say synchronous: found on or before the day on which the first treatment began"
                }
                Synchrony::Metachronous => "the dates say metachronous: found after the first treatment began",
            };
            warn("timing-contradicts-dates", "/statedTiming", text);
        }
        (_, Timing::NotDeterminable) => {
            let text = "synchronous or metachronous is not determinable from the dates that are known";
            warn("timing-not-determinable", "/detectedOn", text);
        }
        _ => {}
    }
    for (i, site) in event.content.sites.iter().enumerate() {
        let text = match facts.spread(site) {
            Spread::Distant => continue,
            Spread::DirectExtension => {
                "by the national rules this is direct extension and no distant metastasis; it is stored as such"
            }
            Spread::LocoregionalRecurrence => {
                "by the national rules this is locoregional recurrence and no distant metastasis; it is stored as such"
            }
            Spread::RegionalNodes => "regional lymph nodes are no distant metastasis; they are stored as such",
            Spread::SameOrgan => {
                "this is the organ of the tumour itself and no distant metastasis; it is stored as such"
            }
            Spread::NotDeterminable => "whether this is a distant metastasis is not determinable from what is known",
        };
        warn("no-distant-metastasis", &format!("/sites/{i}"), text);
    }
    warnings
}
