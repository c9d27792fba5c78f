//! Where the plan contradicts what the patient laid down before: marked for the reader, who decides.

use serde_json::Value;

use super::settle::holds;
use crate::domain::common::codes::{YES_NO_UNKNOWN, find_in};
use crate::mapping::care_plan::answers::QUESTIONS;
use crate::mapping::care_plan::consent::{decision, is_treatment_directive};
use crate::mapping::care_plan::device::YES;
use crate::mapping::common::narrative::date;

const RESUSCITATION: &str = "89666000";
const NOT_TO_BE_RESUSCITATED: &str = "NR";

/// A contradiction that a reader must see.
#[derive(Clone, Debug, PartialEq)]
pub struct Contradiction<'r> {
    /// `earlier-agreements-differ` (dataset 733) or `do-not-resuscitate-declaration`.
    pub kind: &'static str,
    /// What is contradicted, and what contradicts it: one resource where the plan says so itself.
    pub resources: Vec<&'r Value>,
    /// In Dutch, for a narrative.
    pub words: String,
}

/// The contradictions among the statements that hold.
pub fn contradictions<'r>(resources: &[&'r Value]) -> Vec<Contradiction<'r>> {
    let standing: Vec<&Value> = resources.iter().copied().filter(|one| holds(one)).collect();
    let mut found = Vec::new();
    for one in standing.iter().copied().filter(|one| is_question(one, "earlier-agreements-differ") && is_yes(one)) {
        let comment = standing.iter().find(|one| is_question(one, "earlier-agreements"));
        let comment = comment.and_then(|one| one["note"][0]["text"].as_str()).unwrap_or_default();
        let words = "In eerder vastgelegde behandelafspraken staan andere wensen dan in dit plan.";
        found.push(Contradiction {
            kind: "earlier-agreements-differ",
            resources: vec![one],
            words: [words, comment].join(" ").trim_end().to_owned(),
        });
    }
    let declared = |one: &&Value| is_declaration(one, NOT_TO_BE_RESUSCITATED);
    let wanted = |one: &&Value| {
        is_treatment_directive(one)
            && one["provision"]["code"][0]["coding"][0]["code"] == RESUSCITATION
            && decision(one).is_some_and(|(_, code)| code == "0")
    };
    for earlier in standing.iter().copied().filter(declared) {
        for now in standing.iter().copied().filter(wanted) {
            found.push(Contradiction {
                kind: "do-not-resuscitate-declaration",
                resources: vec![earlier, now],
                words: format!(
                    "Er is een niet-reanimerenverklaring van {}, en volgens het plan (besproken {}) wordt wel gereanimeerd.",
                    date(earlier["dateTime"].as_str().unwrap_or("onbekende datum")),
                    date(now["dateTime"].as_str().unwrap_or("onbekende datum")),
                ),
            });
        }
    }
    found
}

fn is_declaration(consent: &Value, code: &str) -> bool {
    consent["scope"]["coding"][0]["code"] == "adr" && consent["provision"]["code"][0]["coding"][0]["code"] == code
}

fn is_question(resource: &Value, code: &str) -> bool {
    let coding = &resource["code"]["coding"][0];
    coding["system"] == QUESTIONS && coding["code"] == code
}

fn is_yes(answer: &Value) -> bool {
    let coding = &answer["valueCodeableConcept"]["coding"][0];
    let text = |field: &str| coding[field].as_str().unwrap_or_default();
    find_in(YES_NO_UNKNOWN, text("system"), text("code")).is_some_and(|code| code.code == YES)
}
