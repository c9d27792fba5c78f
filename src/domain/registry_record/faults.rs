//! What the schema of a registry record cannot say.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::{RegistryRecord, Treatment, TreatmentStatus};
use crate::domain::Violation;
use crate::domain::chronology::Chronology;
use crate::domain::tumour::tnm::TnmFault;
use crate::domain::tumour::{Axis, Marker, StagingSystem, Tumour};

pub fn faults(record: &RegistryRecord, now: Timestamp) -> Vec<Violation> {
    let content = &record.content;
    let mut time = Chronology::new(&record.envelope, now);
    tumour(&mut time, &content.tumour);
    for (i, treatment) in content.treatments.iter().enumerate() {
        self::treatment(&mut time, &format!("/treatments/{i}"), treatment);
    }
    let dated = [
        ("noTreatmentDecisions", content.no_treatment_decisions.iter().map(|one| one.date).collect::<Vec<_>>()),
        ("performanceStatuses", content.performance_statuses.iter().map(|one| one.date).collect()),
        ("meetings", content.meetings.iter().map(|one| one.date).collect()),
        ("consultations", content.consultations.iter().map(|one| one.date).collect()),
        ("expectedCourses", content.expected_courses.iter().map(|one| one.date).collect()),
        ("qlqC30", content.qlq_c30.iter().map(|one| one.date).collect()),
        ("fourDimensional", content.four_dimensional.iter().map(|one| one.date).collect()),
    ];
    for (list, dates) in dated {
        for (i, date) in dates.into_iter().enumerate() {
            let pointer = format!("/{list}/{i}/date");
            // A meeting may discuss someone who has died, and may be planned.
            if list == "meetings" { time.planned(&pointer, date) } else { time.past(&pointer, date) }
        }
    }
    for (i, course) in content.expected_courses.iter().enumerate() {
        if let Some(told) = course.told_on {
            time.past(&format!("/expectedCourses/{i}/toldOn"), told);
        }
    }
    for (i, comorbidity) in content.comorbidities.iter().enumerate() {
        if let Some(since) = comorbidity.since {
            time.past(&format!("/comorbidities/{i}/since"), since);
        }
    }
    let mut found = time.faults;
    found.extend(twice(record));
    if content.cause_of_death.is_some() && record.envelope.patient.deceased == Some(false) {
        found.push(Violation::contradiction("/causeOfDeath", "no cause of death of a patient who is alive"));
    }
    found
}

fn tumour(time: &mut Chronology, tumour: &Tumour) {
    time.found("/tumour/incidenceDate", tumour.incidence_date);
    if let Some(recorded) = tumour.recorded_on {
        time.found("/tumour/recordedOn", recorded);
    }
    for (i, tnm) in tumour.tnm.iter().enumerate() {
        if let Some(date) = tnm.date {
            time.found(&format!("/tumour/tnm/{i}/date"), date);
        }
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
            time.fault(&format!("/tumour/tnm/{i}/{property}"), expected);
        }
    }
    for (i, stage) in tumour.other_stages.iter().enumerate() {
        if let Some(date) = stage.date {
            time.found(&format!("/tumour/otherStages/{i}/date"), date);
        }
        if !stage.fits() {
            time.fault(&format!("/tumour/otherStages/{i}/stage"), "a stage of the system that is named beside it");
        }
        if (stage.system == StagingSystem::Other) != stage.name.is_some() {
            time.fault(&format!("/tumour/otherStages/{i}/name"), "a name where, and only where, the system is `other`");
        }
    }
    for (i, characteristic) in tumour.characteristics.iter().enumerate() {
        if let Some(date) = characteristic.date {
            time.found(&format!("/tumour/characteristics/{i}/date"), date);
        }
        if (characteristic.marker == Marker::Other) != characteristic.name.is_some() {
            let pointer = format!("/tumour/characteristics/{i}/name");
            time.fault(&pointer, "a name where, and only where, the marker is `other`");
        }
    }
}

fn treatment(time: &mut Chronology, at: &str, treatment: &Treatment) {
    let planned = treatment.status == TreatmentStatus::Planned;
    if let Some(start) = treatment.start {
        let pointer = format!("{at}/start");
        if planned { time.planned(&pointer, start) } else { time.past(&pointer, start) }
    }
    if let Some(end) = treatment.end {
        let pointer = format!("{at}/end");
        match treatment.status {
            TreatmentStatus::Planned | TreatmentStatus::Ongoing => time.planned(&pointer, end),
            TreatmentStatus::Completed | TreatmentStatus::Stopped => time.past(&pointer, end),
        }
    }
    let order = "a date that is not before the start of the treatment";
    time.ordered(treatment.start, &format!("{at}/end"), treatment.end, order);
    if let Some(date) = treatment.response.as_ref().and_then(|response| response.date) {
        time.found(&format!("{at}/response/date"), date);
        time.ordered(treatment.start, &format!("{at}/response/date"), Some(date), order);
    }
    for (i, change) in treatment.changes.iter().enumerate() {
        if let Some(date) = change.date {
            // A delay may be decided before the start.
            time.past(&format!("{at}/changes/{i}/date"), date);
        }
    }
}

/// The same thing said twice: what is one resource cannot have two contents.
fn twice(record: &RegistryRecord) -> Vec<Violation> {
    let content = &record.content;
    let tumour = &content.tumour;
    let keys: [(&str, &str, Vec<String>); 12] = [
        ("/treatments", "/id", content.treatments.iter().map(|one| one.id.clone()).collect()),
        ("/tumour/tnm", "", tumour.tnm.iter().map(crate::domain::keys::tnm).collect()),
        ("/tumour/otherStages", "", tumour.other_stages.iter().map(crate::domain::keys::other_stage).collect()),
        (
            "/tumour/characteristics",
            "",
            tumour.characteristics.iter().map(crate::domain::keys::characteristic).collect(),
        ),
        (
            "/performanceStatuses",
            "/date",
            content.performance_statuses.iter().map(|one| one.date.to_string()).collect(),
        ),
        ("/comorbidities", "/description", content.comorbidities.iter().map(|one| one.description.clone()).collect()),
        (
            "/noTreatmentDecisions",
            "/date",
            content.no_treatment_decisions.iter().map(|one| one.date.to_string()).collect(),
        ),
        ("/meetings", "", content.meetings.iter().map(crate::domain::keys::meeting).collect()),
        ("/consultations", "", content.consultations.iter().map(crate::domain::keys::consultation).collect()),
        ("/expectedCourses", "/date", content.expected_courses.iter().map(|one| one.date.to_string()).collect()),
        ("/qlqC30", "/date", content.qlq_c30.iter().map(|one| one.date.to_string()).collect()),
        ("/fourDimensional", "/date", content.four_dimensional.iter().map(|one| one.date.to_string()).collect()),
    ];
    let mut found = Vec::new();
    for (list, property, keys) in keys {
        let mut seen = BTreeSet::new();
        for (i, key) in keys.iter().enumerate() {
            if !seen.insert(key) {
                let expected = "something that the list does not name before";
                found.push(Violation::contradiction(format!("{list}/{i}{property}"), expected));
            }
        }
    }
    found
}
