//! Metastases that arrived before the registry record of their tumour: what was open is settled when it comes.

use serde_json::{Value, json};

use super::condition::{METASTASIS, derived, derived_urls, text};
use crate::domain::metastasis_event::{
    CONVENTION_MONTHS, Confirmation, Nodes, Reported, SiteGroup, national_site, spread, timing,
};
use crate::domain::tumour::Laterality;
use crate::domain::{PartialDate, RegistryRecord};
use crate::fhir::systems::PROFILE_BASE;
use crate::mapping::Existing;
use crate::mapping::oncology::{ASSERTED_DATE, CONDITION_RELATED, code_system, ours, side_of};

/// The metastases of this tumour among what is stored, with what their record now says of timing and counting; only
/// those that change.
pub fn settled(record: &RegistryRecord, tumour: &str, existing: &Existing) -> Vec<Value> {
    let profile = json!(format!("{PROFILE_BASE}{METASTASIS}"));
    let target = json!(format!("Condition/{tumour}"));
    existing
        .resources
        .values()
        .filter(|stored| stored["meta"]["profile"].as_array().is_some_and(|profiles| profiles.contains(&profile)))
        .filter(|stored| find(stored, CONDITION_RELATED).is_some_and(|e| e["valueReference"]["reference"] == target))
        .filter_map(|stored| settle(record, stored))
        .collect()
}

fn find<'v>(resource: &'v Value, url: &str) -> Option<&'v Value> {
    resource["extension"].as_array()?.iter().find(|extension| extension["url"] == url)
}

fn code_of<'v>(resource: &'v Value, name: &str) -> Option<&'v str> {
    find(resource, &ours(name))?["valueCodeableConcept"]["coding"][0]["code"].as_str()
}

/// The metastasis with its derived answers made anew; none where nothing changes (or where it is not one of ours).
fn settle(record: &RegistryRecord, stored: &Value) -> Option<Value> {
    let tumour = &record.content.tumour;
    let detected: PartialDate = find(stored, ASSERTED_DATE)?["valueDateTime"].as_str()?.parse().ok()?;
    let site = SiteGroup::from_code(code_of(stored, "ext-SiteGroup")?)?;
    let reported = Reported {
        site,
        nodes: code_of(stored, "ext-LymphNodes").and_then(Nodes::from_code),
        side: side_of(&stored["bodySite"][0]),
    };
    let timing = timing(detected, record.first_treatment(), Some(tumour.incidence_date), CONVENTION_MONTHS);
    let primary_side: Option<Laterality> = tumour.primary.laterality();
    let spread = spread(tumour.kind(), primary_side, reported, timing.synchrony());
    let national = national_site(tumour.kind(), site, spread, timing.synchrony());
    let mut settled = stored.clone();
    let urls = derived_urls();
    let extensions = settled["extension"].as_array_mut()?;
    extensions.retain(|extension| !urls.iter().any(|url| extension["url"] == *url));
    extensions.extend(derived(timing, spread, national));
    let confirmation = stored["evidence"][0]["code"][0]["coding"].as_array().into_iter().flatten();
    let confirmation = confirmation
        .filter(|coding| coding["system"] == code_system("Confirmation"))
        .find_map(|coding| Confirmation::from_code(coding["code"].as_str()?));
    let words = stored["code"]["text"].as_str().and_then(|title| Some(title.split_once(" (")?.1.trim_end_matches(')')));
    settled["text"] = text(detected, site, confirmation?, words, timing, spread);
    settled["meta"] = json!({ "profile": stored["meta"]["profile"] });
    let before = json!({ "extension": stored["extension"], "text": stored["text"] });
    let after = json!({ "extension": settled["extension"], "text": settled["text"] });
    (before != after).then_some(settled)
}
