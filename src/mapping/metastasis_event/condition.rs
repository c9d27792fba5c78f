//! The Condition of a metastasis.

use serde_json::{Value, json};

use super::asserter;
use super::facts::Facts;
use crate::domain::metastasis_event::{Confirmation, NationalSite, Site, SiteGroup, Spread, Synchrony, Timing};
use crate::domain::{Coded, MetastasisEvent, PartialDate};
use crate::fhir::systems::{ICD10_NL, NULL_FLAVOR, SNOMED};
use crate::mapping::common::element::{extension, extension_path};
use crate::mapping::common::narrative::{self, narrative};
use crate::mapping::oncology::{
    ASSERTED_DATE, CONDITION_RELATED, CONFIRMED, Sheet, answer, body_site, concept, condition_reference,
    condition_status, nl_core, ours, ours_path, patient_reference, recorder, side_path,
};
use crate::mapping::{Ids, Trace};

/// Profile of the Condition of a metastasis.
pub const METASTASIS: &str = "Overdracht-Metastasis";

/// One site. The derived answers (timing, what it counts as, where it is counted) are extensions of ours.
pub fn metastasis(
    event: &MetastasisEvent,
    index: usize,
    site: &Site,
    facts: &Facts,
    tumour: Option<&str>,
    ids: &Ids,
    trace: &mut Trace,
) -> Value {
    let id = ids.derived(&format!("metastasis/{}", site.key()));
    let at = format!("/sites/{index}");
    let mut sheet = Sheet::new("Condition", &id, METASTASIS, &[&nl_core("nl-core-Problem")], &at, trace);
    let words = site.description.as_deref();
    let spread = facts.spread(site);
    sheet.set("text", text(event.content.detected_on, site.group(), site.confirmation, words, facts.timing, spread));
    sheet.extend(extension(CONDITION_RELATED, "valueReference", related(tumour)));
    let detected = event.content.detected_on.to_string();
    sheet.trace.add(
        "/detectedOn",
        Some(format!("Condition/{id}#Condition.{}", extension_path(ASSERTED_DATE))),
        crate::mapping::Fate::Carried,
    );
    sheet.extend(extension(ASSERTED_DATE, "valueDateTime", detected));
    let verification = match site.confirmation {
        Confirmation::Pathology | Confirmation::Imaging => CONFIRMED,
        Confirmation::Clinical => ("provisional", SNOMED, "415684004"),
        Confirmation::Unknown => ("unconfirmed", NULL_FLAVOR, "UNK"),
    };
    condition_status(&mut sheet, "problem-list-item", verification);
    sheet.carry("confirmation", "evidence", json!([{ "code": [concept(site.confirmation)] }]));
    sheet.dated("confirmedOn", &ours("ext-ConfirmedOn"), site.confirmed_on);
    code(&mut sheet, site);
    match (&site.topography, site.laterality) {
        (Some(code), side) => {
            sheet.carried("topography", "bodySite[0].coding").set("bodySite", json!([body_site(code.as_str(), side)]));
        }
        (None, Some(side)) => {
            let code = site.group().topography();
            sheet.set("bodySite", json!([body_site(code, Some(side))]));
            sheet.defaulted("bodySite[0].coding", "the site of the group, which the side needs");
        }
        (None, None) => {}
    }
    if site.laterality.is_some() {
        sheet.converted("laterality", &side_path(), "in the code of the zib");
    }
    sheet.answer("nodes", "ext-LymphNodes", site.nodes);
    sheet.set("subject", patient_reference(ids));
    sheet.set("recordedDate", event.envelope.recorded_at.to_string());
    if let Some(recorder) = recorder(&event.envelope, ids) {
        sheet.set("recorder", recorder);
    }
    if let Some(asserter) = asserter(event, ids) {
        sheet.set("asserter", asserter);
    }
    sheet.extend(answer("ext-SiteGroup", site.group()));
    if site.site.is_some() {
        sheet.carried("site", &ours_path("ext-SiteGroup"));
    }
    if let Some(said) = event.content.stated_timing {
        sheet.trace.add(
            "/statedTiming",
            Some(format!("Condition/{id}#Condition.{}", ours_path("ext-StatedTiming"))),
            crate::mapping::Fate::Carried,
        );
        sheet.extend(answer("ext-StatedTiming", said));
    }
    for extension in derived(facts.timing, spread, facts.national_site(site)) {
        sheet.extend(extension);
    }
    sheet.build()
}

/// The extensions that rest on what is known of the tumour, and may change when more becomes known.
pub fn derived(timing: Timing, spread: Spread, national: Option<NationalSite>) -> Vec<Value> {
    let parts = match timing {
        Timing::Determined { synchrony, by_convention } => vec![
            extension("timing", "valueCodeableConcept", concept(synchrony)),
            extension("byConvention", "valueBoolean", by_convention),
        ],
        Timing::NotDeterminable => vec![extension("notDeterminable", "valueBoolean", true)],
    };
    let mut extensions =
        vec![json!({ "url": ours("ext-MetastasisTiming"), "extension": parts }), answer("ext-Spread", spread)];
    extensions.extend(national.map(|site| answer("ext-NationalSite", site)));
    extensions
}

/// URLs of the extensions that [`derived`] makes.
pub fn derived_urls() -> [String; 3] {
    [ours("ext-MetastasisTiming"), ours("ext-Spread"), ours("ext-NationalSite")]
}

/// The tumour, or the word that it is not known.
fn related(tumour: Option<&str>) -> Value {
    tumour.map_or_else(|| json!({ "display": "primaire tumor onbekend" }), condition_reference)
}

fn code(sheet: &mut Sheet, site: &Site) {
    let group = site.group();
    let icd10 = match &site.icd10 {
        Some(code) => {
            sheet.carried("icd10", "code.coding[1].code");
            code.as_str()
        }
        None => {
            sheet.defaulted("code.coding[1].code", "the ICD-10 code of the group of sites");
            group.icd10()
        }
    };
    if site.site.is_some() {
        sheet.converted("site", "code.coding[0].code", "in SNOMED CT");
    }
    let mut title = format!("Metastase: {}", group.dutch());
    if let Some(words) = &site.description {
        sheet.converted("description", "code.text", "in brackets behind the site");
        title = format!("{title} ({words})");
    }
    sheet.set(
        "code",
        json!({
            "coding": [{ "system": SNOMED, "code": group.snomed() }, { "system": ICD10_NL, "code": icd10 }],
            "text": title,
        }),
    );
}

/// The timing in Dutch words.
pub fn timing_words(timing: Timing) -> String {
    match timing {
        Timing::NotDeterminable => "synchroon of metachroon: niet te bepalen uit de bekende datums".to_owned(),
        Timing::Determined { synchrony, by_convention: false } => synchrony.dutch().to_owned(),
        Timing::Determined { synchrony, by_convention: true } => {
            let name = if synchrony == Synchrony::Synchronous { "synchroon" } else { "metachroon" };
            format!("{name} (bij afspraak: er was geen behandeling)")
        }
    }
}

/// The narrative of a metastasis.
pub fn text(
    detected: PartialDate,
    site: SiteGroup,
    confirmation: Confirmation,
    words: Option<&str>,
    timing: Timing,
    spread: Spread,
) -> Value {
    narrative(
        &format!("Metastase: {}", site.dutch()),
        &[
            ("Gevonden op", narrative::date(&detected.to_string())),
            ("Vastgesteld door", confirmation.dutch().to_owned()),
            ("Plaats", words.unwrap_or_default().to_owned()),
            ("Moment", timing_words(timing)),
            ("Telt als", spread.dutch().to_owned()),
        ],
    )
}
