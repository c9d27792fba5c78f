//! What the schema of a registry record cannot say.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::{Consultation, Meeting, TreatmentStatus};
use crate::domain::chronology::Chronology;
use crate::domain::keys;
use crate::domain::review::Review;
use crate::domain::tumour::tnm::TnmFault;
use crate::domain::tumour::{Axis, Characteristic, Marker, OtherStage, StagingSystem, Tnm};

/// Dates of what was found out.
const FOUND: &[&str] = &[
    "/tumour/incidenceDate",
    "/tumour/recordedOn",
    "/tumour/tnm/*/date",
    "/tumour/otherStages/*/date",
    "/tumour/characteristics/*/date",
    "/treatments/*/response/date",
];

/// Dates of what happened. A change may be decided before the treatment starts.
const PAST: &[&str] = &[
    "/noTreatmentDecisions/*/date",
    "/performanceStatuses/*/date",
    "/consultations/*/date",
    "/expectedCourses/*/date",
    "/expectedCourses/*/toldOn",
    "/qlqC30/*/date",
    "/fourDimensional/*/date",
    "/comorbidities/*/since",
    "/treatments/*/changes/*/date",
];

/// Tells dates that contradict or lie in the future, categories in the wrong place, and the same thing said twice.
pub fn check(review: &mut Review, now: Timestamp) {
    let mut time = Chronology::new(review, now);
    FOUND.iter().for_each(|pattern| time.found(pattern));
    PAST.iter().for_each(|pattern| time.past(pattern));
    // A meeting may discuss someone who has died, and may be planned.
    time.planned("/meetings/*/date");
    for at in review.each("/treatments/*") {
        treatment(review, &at, now);
    }
    for at in review.each("/tumour/tnm/*") {
        tnm(review, &at);
    }
    for at in review.each("/tumour/otherStages/*") {
        if review.sound::<OtherStage>(&at).is_some_and(|stage| !stage.fits()) {
            review.contradiction(format!("{at}/stage"), "a stage of the system that is named beside it");
        }
        named_where_other(review, &at, "system", StagingSystem::Other);
    }
    for at in review.each("/tumour/characteristics/*") {
        named_where_other(review, &at, "marker", Marker::Other);
    }
    twice(review);
    if review.at("/patient/deceased") == Some(&Value::Bool(false)) && review.is_there("/causeOfDeath") {
        review.contradiction("/causeOfDeath", "no cause of death of a patient who is alive");
    }
}

fn treatment(review: &mut Review, at: &str, now: Timestamp) {
    let status = review.text(&format!("{at}/status")).and_then(TreatmentStatus::from_code);
    let [start, end, response] = ["start", "end", "response/date"].map(|name| format!("{at}/{name}"));
    let mut time = Chronology::new(review, now);
    // Where the status has a fault, what holds for every status.
    let begun = !matches!(status, None | Some(TreatmentStatus::Planned));
    let ended = matches!(status, Some(TreatmentStatus::Completed | TreatmentStatus::Stopped));
    for (pointer, over) in [(&start, begun), (&end, ended)] {
        if over { time.past(pointer) } else { time.planned(pointer) }
    }
    for later in [&end, &response] {
        time.ordered(&start, later, "a date that is not before the start of the treatment");
    }
}

fn tnm(review: &mut Review, at: &str) {
    let Some(tnm) = review.sound::<Tnm>(at) else { return };
    for fault in tnm.faults() {
        let (TnmFault::Axis(axis) | TnmFault::Classification(axis)) = fault;
        let property = match axis {
            Axis::T => "t",
            Axis::N => "n",
            Axis::M => "m",
        };
        let expected = match fault {
            TnmFault::Axis(_) => "a category of this axis",
            TnmFault::Classification(_) => "a category of the classification that is named beside it",
        };
        review.contradiction(format!("{at}/{property}"), expected);
    }
}

/// What the list lacks is told apart by its name, and what it has needs none.
fn named_where_other<C: DeserializeOwned + PartialEq>(review: &mut Review, at: &str, property: &str, other: C) {
    let Some(code) = review.whole::<C>(&format!("{at}/{property}")) else { return };
    let name = format!("{at}/name");
    if (code == other) != review.is_there(&name) {
        review.contradiction(name, format!("a name where, and only where, the {property} is `other`"));
    }
}

/// The same thing said twice: what is one resource cannot have two contents.
fn twice(review: &mut Review) {
    for (list, property) in [
        ("/treatments/*", "/id"),
        ("/performanceStatuses/*", "/date"),
        ("/comorbidities/*", "/description"),
        ("/noTreatmentDecisions/*", "/date"),
        ("/expectedCourses/*", "/date"),
        ("/qlqC30/*", "/date"),
        ("/fourDimensional/*", "/date"),
    ] {
        differ(review, list, property, |review, at| review.text(at).map(str::to_owned));
    }
    differ(review, "/tumour/tnm/*", "", |review, at| review.whole::<Tnm>(at).map(|one| keys::tnm(&one)));
    differ(review, "/tumour/otherStages/*", "", |review, at| {
        review.whole::<OtherStage>(at).map(|one| keys::other_stage(&one))
    });
    differ(review, "/tumour/characteristics/*", "", |review, at| {
        review.whole::<Characteristic>(at).map(|one| keys::characteristic(&one))
    });
    differ(review, "/meetings/*", "", |review, at| review.whole::<Meeting>(at).map(|one| keys::meeting(&one)));
    differ(review, "/consultations/*", "", |review, at| {
        review.whole::<Consultation>(at).map(|one| keys::consultation(&one))
    });
}

/// Items of a list that have the same key at `property`.
fn differ(review: &mut Review, list: &str, property: &str, key: impl Fn(&Review, &str) -> Option<String>) {
    let mut seen = BTreeSet::new();
    for at in review.each(&format!("{list}{property}")) {
        if key(review, &at).is_some_and(|key| !seen.insert(key)) {
            review.contradiction(at, "something that the list does not name before");
        }
    }
}
