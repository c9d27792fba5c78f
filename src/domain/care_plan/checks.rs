//! What the schema of a care plan cannot express.

use std::collections::HashSet;

use jiff::Timestamp;

use super::{AgreementParty, Content, Key};
use crate::domain::common::Moment;
use crate::domain::common::envelope::latest_past;
use crate::domain::violation::{Violation, ViolationKind};

const YES: &str = "373066001";

pub fn faults(content: &Content, now: Timestamp) -> Vec<Violation> {
    let mut faults = Vec::new();
    keys(content, &mut faults);
    dates(content, now, &mut faults);
    icd(content, &mut faults);
    faults
}

/// A treatment directive or the deactivation of the ICD: where it stands, and what both have in common.
struct Agreement<'c> {
    at: String,
    discussed: Option<&'c Moment>,
    ended: Option<&'c Moment>,
    rests_on: &'c [Key],
    parties: &'c [AgreementParty],
}

fn agreements(content: &Content) -> Vec<Agreement<'_>> {
    let directives = content.treatment_directives.iter().enumerate().map(|(i, one)| Agreement {
        at: format!("/treatmentDirectives/{i}"),
        discussed: one.discussed_at.as_ref(),
        ended: one.ended_at.as_ref(),
        rests_on: &one.advance_directives,
        parties: &one.agreement_parties,
    });
    let deactivation = content.icd_deactivation.iter().map(|one| Agreement {
        at: "/icdDeactivation".to_owned(),
        discussed: one.discussed_at.as_ref(),
        ended: one.ended_at.as_ref(),
        rests_on: &one.advance_directives,
        parties: &one.agreement_parties,
    });
    directives.chain(deactivation).collect()
}

/// Every key names an entry of its list, and no list has a key twice.
fn keys(content: &Content, faults: &mut Vec<Violation>) {
    let mut references: Vec<(&str, String, &Key)> = Vec::new();
    if let Some(conversation) = &content.conversation {
        references.extend(
            conversation.conducted_by.iter().map(|key| ("practitioners", "/conversation/conductedBy".to_owned(), key)),
        );
        references.extend(numbered(
            "contactPersons",
            "/conversation/contactPersonsPresent",
            &conversation.contact_persons_present,
        ));
    }
    references.extend(
        content.legal_representative.iter().map(|key| ("contactPersons", "/legalRepresentative".to_owned(), key)),
    );
    references.extend(numbered("contactPersons", "/firstContacts", &content.first_contacts));
    for agreement in agreements(content) {
        let at = &agreement.at;
        references.extend(numbered("advanceDirectives", &format!("{at}/advanceDirectives"), agreement.rests_on));
        references.extend(agreement.parties.iter().enumerate().filter_map(|(i, party)| match party {
            AgreementParty::Patient => None,
            AgreementParty::Representative(key) => {
                Some(("contactPersons", format!("{at}/agreementParties/{i}/representative"), key))
            }
            AgreementParty::Practitioner(key) => {
                Some(("practitioners", format!("{at}/agreementParties/{i}/practitioner"), key))
            }
        }));
    }
    if let Some(icd) = &content.icd {
        references.extend(numbered("problems", "/icd/indications", &icd.indications));
        references.extend(icd.practitioner.iter().map(|key| ("practitioners", "/icd/practitioner".to_owned(), key)));
    }
    for (i, directive) in content.advance_directives.iter().enumerate() {
        let at = format!("/advanceDirectives/{i}");
        references.extend(numbered("problems", &format!("{at}/disorders"), &directive.disorders));
        references
            .extend(directive.representative.iter().map(|key| ("contactPersons", format!("{at}/representative"), key)));
    }
    if let Some(charge) = &content.in_charge {
        references.push(("practitioners", "/inCharge/practitioner".to_owned(), &charge.practitioner));
        references
            .extend(charge.accepted_by.iter().map(|key| ("practitioners", "/inCharge/acceptedBy".to_owned(), key)));
    }

    let mut known: HashSet<(&str, &Key)> = HashSet::new();
    let lists: [(&str, Vec<&Key>); 4] = [
        ("practitioners", content.practitioners.iter().map(|entry| &entry.key).collect()),
        ("contactPersons", content.contact_persons.iter().map(|entry| &entry.key).collect()),
        ("problems", content.problems.iter().map(|entry| &entry.key).collect()),
        ("advanceDirectives", content.advance_directives.iter().map(|entry| &entry.key).collect()),
    ];
    for (list, keys) in &lists {
        for (i, key) in keys.iter().enumerate() {
            if !known.insert((list, key)) {
                faults.push(Violation::contradiction(format!("/{list}/{i}/key"), "a key that no entry before it has"));
            }
        }
    }
    for (list, pointer, key) in references {
        if !known.contains(&(list, key)) {
            faults.push(Violation::new(
                pointer,
                ViolationKind::Value,
                format!("expected the key of an entry of `{list}`"),
            ));
        }
    }
}

fn numbered<'c>(list: &'static str, at: &str, keys: &'c [Key]) -> Vec<(&'static str, String, &'c Key)> {
    keys.iter().enumerate().map(|(i, key)| (list, format!("{at}/{i}"), key)).collect()
}

/// What has happened did not happen in the future, and nothing ends before it begins.
fn dates(content: &Content, now: Timestamp, faults: &mut Vec<Violation>) {
    let agreements = agreements(content);
    let mut past: Vec<(String, Option<&Moment>)> = vec![
        ("/filledInAt".into(), content.filled_in_at.as_ref()),
        ("/conversation/startedAt".into(), content.conversation.as_ref().and_then(|one| one.started_at.as_ref())),
        ("/goal/date".into(), content.goal.as_ref().and_then(|one| one.date.as_ref())),
        ("/specificCareWishes/date".into(), content.specific_care_wishes.as_ref().and_then(|one| one.date.as_ref())),
        (
            "/preferredPlaceOfDeath/date".into(),
            content.preferred_place_of_death.as_ref().and_then(|one| one.date.as_ref()),
        ),
        ("/euthanasiaPosition/date".into(), content.euthanasia_position.as_ref().and_then(|one| one.date.as_ref())),
        ("/organDonation/date".into(), content.organ_donation.as_ref().and_then(|one| one.date.as_ref())),
        ("/senseOfPurpose/date".into(), content.sense_of_purpose.as_ref().and_then(|one| one.date.as_ref())),
        ("/icd/startDate".into(), content.icd.as_ref().and_then(|one| one.start_date.as_ref())),
        ("/inCharge/acceptedAt".into(), content.in_charge.as_ref().and_then(|one| one.accepted_at.as_ref())),
    ];
    for (i, directive) in content.advance_directives.iter().enumerate() {
        past.push((format!("/advanceDirectives/{i}/date"), Some(&directive.date)));
    }
    past.extend(agreements.iter().map(|one| (format!("{}/discussedAt", one.at), one.discussed)));
    let limit = latest_past(now);
    for (pointer, moment) in past {
        if moment.is_some_and(|moment| moment.first_day() > limit) {
            faults.push(Violation::contradiction(pointer, "a date that does not lie in the future"));
        }
    }

    let told = content.conversation_date();
    let mut spans: Vec<(String, Option<&Moment>, Option<&Moment>)> = Vec::new();
    for one in &agreements {
        if one.discussed.or(told).is_none() {
            let expected = "`discussedAt` is required where the document has no date of conversation";
            faults.push(Violation::new(format!("{}/discussedAt", one.at), ViolationKind::Missing, expected));
        }
        spans.push((format!("{}/endedAt", one.at), one.discussed.or(told), one.ended));
    }
    if let Some(icd) = &content.icd {
        spans.push(("/icd/endDate".into(), icd.start_date.as_ref(), icd.end_date.as_ref()));
    }
    if let Some(charge) = &content.in_charge {
        spans.push(("/inCharge/to".into(), charge.from.as_ref(), charge.to.as_ref()));
    }
    for (pointer, start, end) in spans {
        if let (Some(start), Some(end)) = (start, end)
            && end.last_day() < start.first_day()
        {
            faults.push(Violation::contradiction(pointer, "a date that is not before the beginning"));
        }
    }
}

/// A device that is not there is neither described nor switched off; one that is there has one product number.
fn icd(content: &Content, faults: &mut Vec<Violation>) {
    if content.icd.as_ref().is_some_and(|icd| icd.gtin.is_some() && icd.hibc.is_some()) {
        faults.push(Violation::contradiction("/icd/hibc", "absent, where `gtin` is given: a product has one number"));
    }
    if content.has_icd.as_deref().is_none_or(|answer| answer == YES) {
        return;
    }
    for (pointer, there) in [("/icd", content.icd.is_some()), ("/icdDeactivation", content.icd_deactivation.is_some())]
    {
        if there {
            faults.push(Violation::contradiction(pointer, "absent, where `hasIcd` is not yes"));
        }
    }
}
