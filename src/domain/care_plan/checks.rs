//! What the schema of a care plan cannot express.

use std::collections::HashSet;

use jiff::Timestamp;

use crate::domain::chronology::Chronology;
use crate::domain::review::Review;
use crate::domain::violation::{Violation, ViolationKind};

const YES: &str = "373066001";

/// Where an entry of a list is named by its key.
const REFERENCES: &[(&str, &[&str])] = &[
    (
        "practitioners",
        &[
            "/conversation/conductedBy",
            "/conversation/practitionersPresent/*",
            "/treatmentDirectives/*/agreementParties/*/practitioner",
            "/icdDeactivation/agreementParties/*/practitioner",
            "/icd/practitioner",
            "/inCharge/practitioner",
            "/inCharge/acceptedBy",
        ],
    ),
    (
        "contactPersons",
        &[
            "/conversation/contactPersonsPresent/*",
            "/legalRepresentative",
            "/firstContacts/*",
            "/treatmentDirectives/*/agreementParties/*/representative",
            "/icdDeactivation/agreementParties/*/representative",
            "/advanceDirectives/*/representative",
        ],
    ),
    ("problems", &["/icd/indications/*", "/advanceDirectives/*/disorders/*"]),
    ("advanceDirectives", &["/treatmentDirectives/*/advanceDirectives/*", "/icdDeactivation/advanceDirectives/*"]),
];

/// Dates of what has happened.
const PAST: &[&str] = &[
    "/filledInAt",
    "/conversation/startedAt",
    "/goal/date",
    "/treatmentDirectives/*/discussedAt",
    "/icdDeactivation/discussedAt",
    "/specificCareWishes/date",
    "/preferredPlaceOfDeath/date",
    "/euthanasiaPosition/date",
    "/organDonation/date",
    "/senseOfPurpose/date",
    "/advanceDirectives/*/date",
    "/icd/startDate",
    "/inCharge/acceptedAt",
];

/// Where the date of the conversation stands; the first that is there counts.
const TOLD: [&str; 2] = ["/conversation/startedAt", "/filledInAt"];

/// Tells keys that name nothing, dates that contradict each other or lie in the future, and answers that exclude each
/// other.
pub fn check(review: &mut Review, now: Timestamp) {
    for (list, mentions) in REFERENCES {
        keys(review, list, mentions);
    }
    dates(review, now);
    icd(review);
}

/// Every mention names an entry of the list, and no two entries have the same key. Where the key of an entry is itself
/// at fault it may be the one that is meant.
fn keys(review: &mut Review, list: &str, mentions: &[&str]) {
    let mut known = HashSet::new();
    let mut complete = !review.is_doubtful(&format!("/{list}"));
    for entry in review.each(&format!("/{list}/*")) {
        let at = format!("{entry}/key");
        match review.text(&at) {
            Some(key) if known.insert(key) => {}
            Some(_) => review.contradiction(at, "a key that no entry before it has"),
            None => complete = false,
        }
    }
    if !complete {
        return;
    }
    for at in mentions.iter().flat_map(|pattern| review.each(pattern)).collect::<Vec<_>>() {
        if review.text(&at).is_some_and(|key| !known.contains(key)) {
            let expected = format!("expected the key of an entry of `{list}`");
            review.fault(Violation::new(at, ViolationKind::Value, expected));
        }
    }
}

/// What has happened did not happen in the future, and nothing ends before it begins.
fn dates(review: &mut Review, now: Timestamp) {
    let told = TOLD.into_iter().find(|at| review.is_there(at) || review.is_doubtful(at));
    let mut time = Chronology::new(review, now);
    PAST.iter().for_each(|pattern| time.not_ahead(pattern));
    let mut spans = vec![
        ("/icd/startDate".to_owned(), "/icd/endDate".to_owned()),
        ("/inCharge/from".to_owned(), "/inCharge/to".to_owned()),
    ];
    let agreements = [review.each("/treatmentDirectives/*"), review.each("/icdDeactivation")];
    for one in agreements.into_iter().flatten() {
        let discussed = format!("{one}/discussedAt");
        if !review.is_there(&discussed) && told.is_none() && !review.is_doubtful(&discussed) {
            let expected = "`discussedAt` is required where the document has no date of conversation";
            review.fault(Violation::new(discussed.as_str(), ViolationKind::Missing, expected));
        }
        let start = if review.is_there(&discussed) { discussed } else { told.unwrap_or_default().to_owned() };
        spans.push((start, format!("{one}/endedAt")));
    }
    let mut time = Chronology::new(review, now);
    for (start, end) in spans {
        time.ordered(&start, &end, "a date that is not before the beginning");
    }
}

/// A device that is not there is neither described nor switched off; one that is there has one product number.
fn icd(review: &mut Review) {
    if review.is_there("/icd/gtin") && review.is_there("/icd/hibc") {
        review.contradiction("/icd/hibc", "absent, where `gtin` is given: a product has one number");
    }
    if review.text("/hasIcd").is_none_or(|answer| answer == YES) {
        return;
    }
    for pointer in ["/icd", "/icdDeactivation"] {
        if review.is_there(pointer) {
            review.contradiction(pointer, "absent, where `hasIcd` is not yes");
        }
    }
}
