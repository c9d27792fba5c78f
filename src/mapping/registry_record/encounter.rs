//! The episode of care of the tumour, and the encounters in it: meetings and consultations.

use serde_json::{Value, json};

use super::Context;
use super::observation::unknown_class;
use crate::domain::registry_record::MeetingKind;
use crate::domain::{Coded, PartialDate, keys};
use crate::mapping::Trace;
use crate::mapping::common::narrative::{self, narrative};
use crate::mapping::common::organization;
use crate::mapping::oncology::{Sheet, concept, condition_reference, patient_reference};

pub const EPISODE: &str = "Overdracht-EpisodeOfCare";
pub const ENCOUNTER: &str = "Overdracht-OncologyEncounter";
const DIAGNOSIS_ROLE: &str = "http://terminology.hl7.org/CodeSystem/diagnosis-role";
const ACT_CODE: &str = "http://terminology.hl7.org/CodeSystem/v3-ActCode";

/// The care of the tumour at the sending organisation, from the incidence date on. The registry's Bundle ties primary
/// and metastases together by it.
pub fn episode(context: &Context<'_>, trace: &mut Trace) -> Value {
    let record = context.record;
    let id = context.ids.derived("episode-of-care");
    let mut sheet = Sheet::new("EpisodeOfCare", &id, EPISODE, &[], "/tumour", trace);
    let place = organization::id(&record.envelope.source.organization, context.ids);
    let start = record.content.tumour.incidence_date.to_string();
    sheet.set(
        "text",
        narrative(
            "Behandelepisode",
            &[("Zorgaanbieder", record.envelope.source.organization.name.clone()), ("Vanaf", narrative::date(&start))],
        ),
    );
    let patient = &record.envelope.patient;
    let died = patient.deceased == Some(true) || patient.deceased_date.is_some();
    let role = json!({ "coding": [{ "system": DIAGNOSIS_ROLE, "code": "CC" }] });
    let mut period = json!({ "start": start });
    if let Some(end) = &patient.deceased_date {
        period["end"] = json!(end.as_str());
    }
    sheet
        .set("status", if died { "finished" } else { "active" })
        .set("diagnosis", json!([{ "condition": condition_reference(&context.tumour), "role": role }]))
        .set("patient", patient_reference(context.ids))
        .set("managingOrganization", json!({ "reference": format!("Organization/{place}"), "type": "Organization" }))
        .carried("incidenceDate", "period.start")
        .set("period", period);
    sheet.build()
}

/// One meeting or consultation, as an Encounter needs it.
struct Event<'d> {
    concept: String,
    at: String,
    title: &'static str,
    kind: Value,
    words: &'static str,
    class: Value,
    date: PartialDate,
    /// The property that holds the text, and the text.
    text: (&'static str, Option<&'d str>),
}

pub fn encounters(context: &Context<'_>, trace: &mut Trace) -> Vec<Value> {
    let content = &context.record.content;
    let mut events = Vec::new();
    for (i, meeting) in content.meetings.iter().enumerate() {
        events.push(Event {
            concept: format!("meeting/{}", keys::meeting(meeting)),
            at: format!("/meetings/{i}"),
            title: if meeting.kind == MeetingKind::Other { "Overleg" } else { "Multidisciplinair overleg" },
            kind: concept(meeting.kind),
            words: meeting.kind.dutch(),
            // The patient is not there.
            class: json!({ "system": ACT_CODE, "code": "VR" }),
            date: meeting.date,
            text: ("conclusion", meeting.conclusion.as_deref()),
        });
    }
    for (i, consultation) in content.consultations.iter().enumerate() {
        events.push(Event {
            concept: format!("consultation/{}", keys::consultation(consultation)),
            at: format!("/consultations/{i}"),
            title: "Consult",
            kind: concept(consultation.kind),
            words: consultation.kind.dutch(),
            class: unknown_class(),
            date: consultation.date,
            text: ("note", consultation.note.as_deref()),
        });
    }
    events.into_iter().map(|event| encounter(context, event, trace)).collect()
}

fn encounter(context: &Context<'_>, event: Event<'_>, trace: &mut Trace) -> Value {
    let id = context.ids.derived(&event.concept);
    let mut sheet = Sheet::new("Encounter", &id, ENCOUNTER, &[], &event.at, trace);
    let (field, words) = event.text;
    sheet.set(
        "text",
        narrative(
            event.title,
            &[
                ("Soort", event.words.to_owned()),
                ("Datum", narrative::date(&event.date.to_string())),
                ("Uitkomst", words.unwrap_or_default().to_owned()),
            ],
        ),
    );
    let recorded = context.record.envelope.recorded_at.to_zoned(jiff::tz::TimeZone::UTC).date();
    let status = if event.date.first_day() > recorded { "planned" } else { "finished" };
    sheet
        .set("status", status)
        .set("class", event.class)
        .carried("kind", "type[0]")
        .set("type", json!([event.kind]))
        .set("subject", patient_reference(context.ids))
        .set(
            "episodeOfCare",
            json!([{ "reference": format!("EpisodeOfCare/{}", context.ids.derived("episode-of-care")) }]),
        )
        .set("reasonReference", json!([condition_reference(&context.tumour)]));
    let date = event.date.to_string();
    sheet.carried("date", "period.start").set("period", json!({ "start": date, "end": date }));
    sheet.words(field, "ext-Conclusion", words);
    sheet.build()
}
