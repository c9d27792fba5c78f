//! The goal, the five observations, the request to inform relatives, and the answers that no official profile holds.

use serde_json::{Value, json};

use super::context::{CONVERSATION, Context, pzp, snomed};
use crate::domain::care_plan::AbsentReason;
use crate::domain::common::codes::{
    Code, EUTHANASIA_POSITION, MEDICAL_POLICY_GOAL, PREFERRED_PLACE, YES_NO_UNKNOWN, find, untagged,
};
use crate::domain::common::{ListCode, Moment};
use crate::fhir::systems::NULL_FLAVOR;
use crate::mapping::Trace;
use crate::mapping::common::element::{
    NOT_STATED, Object, STATED_AS, Spot, extension, list_concept, list_words, listed, stated_as,
};
use crate::mapping::common::narrative::narrative;
use crate::mapping::common::practitioner;

const DATA_ABSENT: &str = "http://terminology.hl7.org/CodeSystem/data-absent-reason";
/// Codes of the questions that only our own profile holds.
pub const QUESTIONS: &str = "https://overdracht.example/fhir/CodeSystem/care-plan-question";
/// Codes (SNOMED CT) of the five observations of PZP, and what each is called.
pub(super) const TITLES: [(&str, &str); 5] = [
    ("153851000146100", "Specifieke wensen"),
    ("395091006", "Gewenste plek van overlijden"),
    ("340171000146104", "Standpunt ten opzichte van euthanasie"),
    ("570801000146104", "Keuze orgaandonatie vastgelegd in het donorregister"),
    ("247751003", "Wat verder nog belangrijk is"),
];
/// The form's code for treating symptoms, and the one that the profile of the goal asks for.
pub(super) const FORM_SYMPTOMS: &str = "225353007";
const PROFILE_SYMPTOMS: &str = "713148004";

pub fn goal(context: Context<'_>, trace: &mut Trace) -> Option<Value> {
    let one = context.content().goal.as_ref()?;
    let id = context.id("goal");
    let at = Spot::resource("/goal", "Goal", &id);
    let mut resource = Object::resource("Goal", &id, "Overdracht-MedicalPolicyGoal", &[&pzp("ACP-MedicalPolicyGoal")]);
    let words = find(MEDICAL_POLICY_GOAL, &one.goal).map_or(one.goal.as_str(), |code| code.words());
    resource.set(
        "text",
        narrative(
            "Belangrijkste doel van behandeling",
            &[("Doel", words.to_owned()), ("Toelichting", one.comment.clone().unwrap_or_default())],
        ),
    );
    if one.date.is_none() {
        resource.set("extension", json!([context.said_on()]));
    }
    resource.set("lifecycleStatus", "active").set("category", json!([snomed(CONVERSATION.0, CONVERSATION.1)]));
    let mut description = listed(MEDICAL_POLICY_GOAL, &one.goal);
    if one.goal == FORM_SYMPTOMS {
        // The profile's code first, because its value set lacks the form's; the form's beside it, so that nothing is lost.
        let asked = listed(MEDICAL_POLICY_GOAL, PROFILE_SYMPTOMS)["coding"][0].clone();
        description["coding"] = json!([asked, description["coding"][0]]);
        trace.converted(
            &at.down("goal", "description"),
            "the form's code became the one of the profile, and stands beside it",
        );
    } else {
        trace.carried(&at.down("goal", "description"));
    }
    resource.set("description", description).set("subject", context.patient());
    if let Some(date) = &one.date {
        resource.set("startDate", date.date());
        if date.has_time() {
            let whole = extension(STATED_AS, "valueDateTime", date.as_str());
            resource.set("_startDate", json!({ "extension": [whole] }));
            trace.converted(
                &at.down("date", "startDate"),
                "the profile holds a date without a time; the moment stands beside it",
            );
        } else {
            trace.carried(&at.down("date", "startDate"));
        }
    }
    if let Some(comment) = &one.comment {
        resource.set("note", json!([{ "text": comment }]));
        trace.carried(&at.down("comment", "note[0].text"));
    }
    Some(resource.build())
}

/// One of the five observations: what all of them share.
struct Measured<'c> {
    field: &'static str,
    profile: &'static str,
    code: (&'static str, &'static str),
    method: Option<(&'static str, &'static str)>,
    value_field: &'static str,
    value: Option<Answer<'c>>,
    absent: Option<AbsentReason>,
    date: Option<&'c Moment>,
    comment: Option<&'c str>,
}

enum Answer<'c> {
    Text(&'c str),
    Code(&'static [Code], ListCode),
}

pub fn observations(context: Context<'_>, trace: &mut Trace) -> Vec<Value> {
    let content = context.content();
    let listed = |list, code: &Option<String>| code.clone().map(|code| Answer::Code(list, ListCode::Listed(code)));
    let mut all = Vec::new();
    if let Some(one) = &content.specific_care_wishes {
        all.push(Measured {
            field: "/specificCareWishes",
            profile: "SpecificCareWishes",
            code: ("153851000146100", "wensen en verwachtingen met betrekking tot uitkomst van behandeling"),
            method: Some(("370819000", "vaststellen van persoonlijke waarden en wensen met betrekking tot zorg")),
            value_field: "wishes",
            value: one.wishes.as_deref().map(Answer::Text),
            absent: one.absent_reason,
            date: one.date.as_ref(),
            comment: None,
        });
    }
    if let Some(one) = &content.preferred_place_of_death {
        all.push(Measured {
            field: "/preferredPlaceOfDeath",
            profile: "PreferredPlaceOfDeath",
            code: ("395091006", "gewenste plek van overlijden"),
            method: None,
            value_field: "place",
            value: one.place.clone().map(|code| Answer::Code(PREFERRED_PLACE, code)),
            absent: one.absent_reason,
            date: one.date.as_ref(),
            comment: one.comment.as_deref(),
        });
    }
    if let Some(one) = &content.euthanasia_position {
        all.push(Measured {
            field: "/euthanasiaPosition",
            profile: "PositionRegardingEuthanasia",
            code: ("340171000146104", "standpunt ten opzichte van euthanasie"),
            method: None,
            value_field: "position",
            value: listed(EUTHANASIA_POSITION, &one.position),
            absent: one.absent_reason,
            date: one.date.as_ref(),
            comment: one.comment.as_deref(),
        });
    }
    if let Some(one) = &content.organ_donation {
        all.push(Measured {
            field: "/organDonation",
            profile: "OrganDonationChoiceRegistration",
            code: ("570801000146104", "geregistreerd in orgaan donorregister"),
            method: Some(("1156040003", "zelfgerapporteerd")),
            value_field: "registered",
            value: listed(YES_NO_UNKNOWN, &one.registered),
            absent: one.absent_reason,
            date: one.date.as_ref(),
            comment: None,
        });
    }
    if let Some(one) = &content.sense_of_purpose {
        all.push(Measured {
            field: "/senseOfPurpose",
            profile: "SenseOfPurpose",
            code: ("247751003", "gevoel van zingeving"),
            method: None,
            value_field: "text",
            value: one.text.as_deref().map(Answer::Text),
            absent: one.absent_reason,
            date: one.date.as_ref(),
            comment: None,
        });
    }
    all.into_iter().map(|one| observation(context, one, trace)).collect()
}

fn observation(context: Context<'_>, one: Measured<'_>, trace: &mut Trace) -> Value {
    let id = context.id(&format!("observation{}", one.field));
    let at = Spot::resource(one.field, "Observation", &id);
    let (ours, official) = (format!("Overdracht-{}", one.profile), pzp(&format!("ACP-{}", one.profile)));
    let mut resource = Object::resource("Observation", &id, &ours, &[&official]);
    let words = match (&one.value, one.absent) {
        (Some(Answer::Text(text)), _) => (*text).to_owned(),
        (Some(Answer::Code(list, code)), _) => list_words(list, code),
        (None, Some(AbsentReason::NotAsked)) => "Niet besproken".to_owned(),
        (None, _) => "Nog onbekend".to_owned(),
    };
    let comment = one.comment.unwrap_or_default().to_owned();
    let title = TITLES.iter().find(|(code, _)| *code == one.code.0).map_or(one.code.1, |(_, title)| title);
    resource.set("text", narrative(title, &[("Antwoord", words), ("Toelichting", comment)]));
    resource.set("status", "final").set("code", snomed(one.code.0, one.code.1)).set("subject", context.patient());
    resource.maybe("encounter", context.encounter());
    match one.date.or(context.date()) {
        Some(date) if one.date.is_some() => {
            resource.set("effectiveDateTime", date.as_str());
            trace.carried(&at.down("date", "effectiveDateTime"));
        }
        Some(date) => {
            resource.set("effectiveDateTime", date.as_str()).set("_effectiveDateTime", stated_as(NOT_STATED));
            trace.defaulted(&at.down("date", "effectiveDateTime"), "the date of the conversation");
        }
        None => {
            resource.set("extension", json!([context.said_on()]));
        }
    }
    resource.list("performer", context.conducted_by().into_iter().collect());
    match one.value {
        Some(Answer::Text(text)) => {
            resource.set("valueString", text);
            trace.carried(&at.down(one.value_field, "valueString"));
        }
        Some(Answer::Code(_, ListCode::Listed(code))) if code == "UNK" => {
            // Known to be unknown: a reason, and the zib's own code beside it.
            resource.set(
                "dataAbsentReason",
                json!({ "coding": [
                    { "system": DATA_ABSENT, "code": "asked-unknown", "display": "Asked But Unknown" },
                    { "system": NULL_FLAVOR, "code": "UNK", "display": "Unknown" },
                ] }),
            );
            trace.converted(&at.down(one.value_field, "dataAbsentReason"), "unknown is the absence of a value");
        }
        Some(Answer::Code(list, code)) => {
            resource.set("valueCodeableConcept", list_concept(list, &code));
            trace.code(&at.down(one.value_field, "valueCodeableConcept"), &code);
        }
        None => {
            if let Some(reason) = one.absent {
                resource
                    .set("dataAbsentReason", json!({ "coding": [{ "system": DATA_ABSENT, "code": reason.as_str() }] }));
                trace.carried(&at.down("absentReason", "dataAbsentReason"));
            }
        }
    }
    if let Some(comment) = one.comment {
        resource.set("note", json!([{ "text": comment }]));
        trace.carried(&at.down("comment", "note[0].text"));
    }
    resource.maybe("method", one.method.map(|(code, display)| snomed(code, display)));
    resource.build()
}

/// Who asked the patient to inform the relatives: who held the conversation, or else who wrote the plan.
fn requester(context: Context<'_>) -> Option<Value> {
    let author = context.plan.envelope.source.author.as_ref();
    context.conducted_by().or_else(|| Some(practitioner::role_reference(author?, context.ids, super::AUTHOR)))
}

/// The request that the patient informs the relatives. None where the patient was not told, or where the plan names
/// nobody who could have asked: PZP wants a professional, and [`own_answers`] then holds the answer.
pub fn inform_relatives(context: Context<'_>, trace: &mut Trace) -> Option<Value> {
    if context.content().informed_relatives != Some(true) {
        return None;
    }
    let requester = requester(context)?;
    let id = context.id("inform-relatives");
    let official = pzp("ACP-InformRelativesRequest");
    let mut resource = Object::resource("CommunicationRequest", &id, "Overdracht-InformRelativesRequest", &[&official]);
    let asked = "Patiënt bespreekt de behandelafspraken met naasten";
    resource.set("text", narrative("Naasten informeren", &[("Gevraagd", asked.to_owned())])).set("status", "active");
    resource.set("category", json!([snomed("223449006", "adviseren om iemand te informeren")]));
    resource.set("subject", context.patient()).maybe("encounter", context.encounter());
    let recorded = || context.plan.envelope.recorded_at.to_string();
    resource.set("authoredOn", context.date().map_or_else(recorded, |date| date.as_str().to_owned()));
    let persons = &context.content().contact_persons;
    resource.list("recipient", persons.iter().map(|entry| context.person(&entry.key)).collect());
    resource.set("requester", requester).set("sender", context.patient());
    resource.set("reasonCode", json!([snomed(CONVERSATION.0, CONVERSATION.1)]));
    let spot = Spot::resource("/informedRelatives", "CommunicationRequest", &id);
    trace.converted(&spot, "a yes is the request to inform the relatives");
    Some(resource.build())
}

/// The answers that no official profile holds, as Observations of our own: whether there is an ICD, whether agreements
/// were laid down earlier and differ, whether the representative is the contact person, and a no to having been told.
pub fn own_answers(context: Context<'_>, trace: &mut Trace) -> Vec<Value> {
    let content = context.content();
    let earlier = content.earlier_agreements.as_ref();
    let mut answers = Vec::new();
    let coded = |code: Option<&String>| code.map(|code| listed(YES_NO_UNKNOWN, code));
    let said =
        |value: Option<bool>| value.map(|yes| listed(YES_NO_UNKNOWN, if yes { "373066001" } else { "373067005" }));
    for (field, code, title, value, comment) in [
        ("/hasIcd", "icd-present", "Heeft de patiënt een ICD?", coded(content.has_icd.as_ref()), None),
        (
            "/earlierAgreements/recorded",
            "earlier-agreements",
            "Eerder vastgelegde behandelafspraken",
            coded(earlier.and_then(|one| one.recorded.as_ref())),
            earlier.and_then(|one| one.comment.as_deref()),
        ),
        (
            "/earlierAgreements/differ",
            "earlier-agreements-differ",
            "Eerdere afspraken bevatten andere wensen",
            coded(earlier.and_then(|one| one.differ.as_ref())),
            None,
        ),
        (
            "/legalRepresentativeIsContactPerson",
            "representative-is-contact-person",
            "Wettelijk vertegenwoordiger is eerste contactpersoon",
            said(content.legal_representative_is_contact_person),
            None,
        ),
        (
            "/informedRelatives",
            "informed-relatives",
            "Geïnformeerd over het bespreken met naasten",
            said(content.informed_relatives.filter(|told| !told || requester(context).is_none())),
            None,
        ),
    ] {
        if value.is_none() && comment.is_none() {
            continue;
        }
        let is_yes_or_no = ["/legalRepresentativeIsContactPerson", "/informedRelatives"].contains(&field);
        let id = context.id(&format!("answer/{code}"));
        let at = Spot::resource(field, "Observation", &id);
        let mut resource = Object::resource("Observation", &id, "Overdracht-CarePlanAnswer", &[]);
        let coding = value.as_ref().map(|value| &value["coding"][0]);
        let words = coding.and_then(|coding| Some(untagged(coding["system"].as_str()?, coding["display"].as_str()?)));
        let rows = [
            ("Antwoord", words.unwrap_or_default().to_owned()),
            ("Toelichting", comment.unwrap_or_default().to_owned()),
        ];
        resource.set("text", narrative(title, &rows)).set("status", "final");
        resource.set("code", json!({ "coding": [{ "system": QUESTIONS, "code": code }], "text": title }));
        resource.set("subject", context.patient()).maybe("encounter", context.encounter());
        match context.date() {
            Some(date) => resource.set("effectiveDateTime", date.as_str()),
            None => resource.set("extension", json!([context.said_on()])),
        };
        match value {
            Some(value) => {
                resource.set("valueCodeableConcept", value);
                let spot = at.element("valueCodeableConcept");
                if is_yes_or_no { trace.converted(&spot, "yes and no are codes") } else { trace.carried(&spot) }
            }
            None => {
                resource.set("dataAbsentReason", json!({ "coding": [{ "system": DATA_ABSENT, "code": "unknown" }] }));
            }
        }
        if let Some(comment) = comment {
            resource.set("note", json!([{ "text": comment }]));
            trace.carried(&Spot::resource("/earlierAgreements/comment", "Observation", &id).element("note[0].text"));
        }
        answers.push(resource.build());
    }
    answers
}
