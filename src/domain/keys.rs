//! What makes an entry of a list the same entry in the next version of the document: never its place in the list.

use super::Coded;
use super::PartialDate;
use super::registry_record::{Consultation, Meeting};
use super::tumour::{Characteristic, OtherStage, Tnm};

fn on(date: Option<PartialDate>) -> String {
    date.map(|date| date.to_string()).unwrap_or_default()
}

pub fn tnm(tnm: &Tnm) -> String {
    let after_treatment = tnm.categories().any(|(_, category)| category.after_treatment());
    format!("{}/{}/{}", tnm.classification.code(), after_treatment, on(tnm.date))
}

pub fn other_stage(stage: &OtherStage) -> String {
    format!("{}/{}/{}", stage.system.code(), stage.name.as_deref().unwrap_or_default(), on(stage.date))
}

pub fn characteristic(one: &Characteristic) -> String {
    format!("{}/{}/{}", one.marker.code(), one.name.as_deref().unwrap_or_default(), on(one.date))
}

pub fn meeting(meeting: &Meeting) -> String {
    format!("{}/{}", meeting.kind.code(), meeting.date)
}

pub fn consultation(consultation: &Consultation) -> String {
    format!("{}/{}", consultation.kind.code(), consultation.date)
}
