//! Which treatment directives hold now (decision 12).
//!
//! For each treatment the newest *decision* wins: carry out, do not carry out, otherwise. "Unknown", "not asked" and
//! "not discussed" never supersede a decision. What is replaced becomes `inactive` and stays readable; a plan that
//! arrives late with an older date enters as history; two decisions that differ, of which neither is certainly newer,
//! both stand, and are marked as a conflict.

use serde_json::{Value, json};

use super::consent::{decision, is_treatment_directive, specification};
use crate::domain::common::Moment;
use crate::domain::common::codes::TREATMENT_DECISION_SYSTEM;

/// On a directive that another one replaced: which (`valueReference`).
pub const REPLACED_BY: &str = "https://overdracht.example/fhir/StructureDefinition/ext-ReplacedBy";
/// On a directive that contradicts another one of which neither is newer: which (`valueReference`).
pub const CONFLICTS_WITH: &str = "https://overdracht.example/fhir/StructureDefinition/ext-ConflictsWith";

/// How a directive stands among all of its patient; references are indices into the list asked about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    Current,
    ReplacedBy(usize),
    ConflictsWith(Vec<usize>),
    /// Ended by its own words, and replaced by nothing.
    Ended,
}

/// What the rule looks at in a directive.
#[derive(Clone, Debug, PartialEq)]
pub struct Statement {
    /// Treatment: code, or code and text.
    pub treatment: String,
    /// What is decided; none for unknown, not asked, not discussed.
    pub decision: Option<String>,
    pub discussed: Option<Moment>,
    pub ended: bool,
}

impl Statement {
    /// Reads a treatment directive (Consent).
    pub fn of(consent: &Value) -> Self {
        let code = &consent["provision"]["code"][0];
        let name = code["coding"][0]["code"].as_str().unwrap_or_default();
        let words = if name == "OTH" || name.is_empty() { code["text"].as_str().unwrap_or_default() } else { "" };
        let decided = decision(consent).filter(|(system, _)| *system == TREATMENT_DECISION_SYSTEM);
        Statement {
            treatment: format!("{name} {}", words.trim().to_lowercase()),
            decision: decided.map(|(_, code)| format!("{code} {}", specification(consent).unwrap_or_default())),
            discussed: consent["dateTime"].as_str().and_then(|text| Moment::parse(text).ok()),
            ended: consent["provision"]["period"]["end"].is_string(),
        }
    }

    /// Certainly later than the other. Without a date nothing is certain.
    fn later_than(&self, other: &Statement) -> bool {
        match (&self.discussed, &other.discussed) {
            (Some(mine), Some(theirs)) => mine.certainly_after(theirs),
            (Some(_), None) => true,
            _ => false,
        }
    }
}

/// The standing of each statement. Pure: the order of the list changes nothing but the indices.
pub fn standings(all: &[Statement]) -> Vec<Standing> {
    all.iter().enumerate().map(|(i, one)| standing(i, one, all)).collect()
}

fn standing(i: usize, one: &Statement, all: &[Statement]) -> Standing {
    let rivals: Vec<(usize, &Statement)> =
        all.iter().enumerate().filter(|(j, other)| *j != i && other.treatment == one.treatment).collect();
    let newest = |candidates: Vec<(usize, &Statement)>| {
        candidates
            .into_iter()
            .reduce(|best, other| if other.1.later_than(best.1) { other } else { best })
            .map(|(j, _)| j)
    };
    if one.decision.is_none() {
        // A decision stands whatever its date; among answers without one the newest is shown.
        let decided: Vec<_> = rivals.iter().copied().filter(|(_, other)| other.decision.is_some()).collect();
        let newer: Vec<_> = rivals.iter().copied().filter(|(_, other)| other.later_than(one)).collect();
        return match newest(if decided.is_empty() { newer } else { decided }) {
            Some(j) => Standing::ReplacedBy(j),
            None if one.ended => Standing::Ended,
            None => Standing::Current,
        };
    }
    let decided: Vec<_> = rivals.into_iter().filter(|(_, other)| other.decision.is_some()).collect();
    if let Some(j) = newest(decided.iter().copied().filter(|(_, other)| other.later_than(one)).collect()) {
        return Standing::ReplacedBy(j);
    }
    if one.ended {
        return Standing::Ended;
    }
    let conflicts: Vec<usize> = decided
        .iter()
        .filter(|(_, other)| !other.ended && other.decision != one.decision && !one.later_than(other))
        // Only with what stands itself: not with what a third one has replaced.
        .filter(|(_, other)| {
            !all.iter()
                .any(|third| third.treatment == other.treatment && third.decision.is_some() && third.later_than(other))
        })
        .map(|(j, _)| *j)
        .collect();
    if conflicts.is_empty() { Standing::Current } else { Standing::ConflictsWith(conflicts) }
}

/// The treatment directives among `consents` as they must be stored: each with its status and marks. Everything else
/// is returned as it came. Settling again changes nothing.
///
/// Give it all Consents of one patient: those stored, with those that a document brings in place of their own older
/// versions.
pub fn settle(mut consents: Vec<Value>) -> Vec<Value> {
    let places: Vec<usize> = (0..consents.len()).filter(|i| is_treatment_directive(&consents[*i])).collect();
    let statements: Vec<Statement> = places.iter().map(|i| Statement::of(&consents[*i])).collect();
    let name = |i: usize| json!({ "reference": format!("Consent/{}", consents[places[i]]["id"].as_str().unwrap_or_default()) });
    let settled: Vec<(&str, Vec<Value>)> = standings(&statements)
        .into_iter()
        .map(|standing| match standing {
            Standing::Current => ("active", Vec::new()),
            Standing::Ended => ("inactive", Vec::new()),
            Standing::ReplacedBy(by) => ("inactive", vec![json!({ "url": REPLACED_BY, "valueReference": name(by) })]),
            Standing::ConflictsWith(others) => (
                "active",
                others
                    .into_iter()
                    .map(|other| json!({ "url": CONFLICTS_WITH, "valueReference": name(other) }))
                    .collect(),
            ),
        })
        .collect();
    for (place, (status, mut marks)) in places.into_iter().zip(settled) {
        // The order makes no difference to what is said, and must make none to what is stored.
        marks.sort_by_key(|mark| mark["valueReference"]["reference"].to_string());
        let consent = &mut consents[place];
        consent["status"] = Value::from(status);
        let mut extensions = consent["extension"].as_array().cloned().unwrap_or_default();
        extensions.retain(|one| one["url"] != REPLACED_BY && one["url"] != CONFLICTS_WITH);
        extensions.extend(marks);
        match (extensions.is_empty(), consent.as_object_mut()) {
            (true, Some(object)) => {
                object.shift_remove("extension");
            }
            (false, Some(object)) => {
                object.insert("extension".to_owned(), Value::Array(extensions));
            }
            (_, None) => {}
        }
    }
    consents
}

#[cfg(test)]
mod tests {
    use super::*;

    fn statement(treatment: &str, decision: Option<&str>, date: &str, ended: bool) -> Statement {
        Statement {
            treatment: treatment.into(),
            decision: decision.map(Into::into),
            discussed: Moment::parse(date).ok(),
            ended,
        }
    }

    /// What is tried, the statements as decision, date and whether ended, and how each of them stands.
    type Case = (&'static str, Vec<(Option<&'static str>, &'static str, bool)>, Vec<Standing>);

    #[test]
    fn the_newest_decision_holds() {
        use Standing::{ConflictsWith, Current, Ended, ReplacedBy};
        let (yes, no, none) = (Some("0"), Some("2"), None::<&str>);
        let cases: &[Case] = &[
            ("one alone", vec![(yes, "2025-01-01", false)], vec![Current]),
            ("a newer one", vec![(yes, "2025-01-01", false), (no, "2025-02-01", false)], vec![ReplacedBy(1), Current]),
            (
                "an older one that arrives late",
                vec![(no, "2025-02-01", false), (yes, "2025-01-01", false)],
                vec![Current, ReplacedBy(0)],
            ),
            (
                "unknown after a decision",
                vec![(no, "2025-01-01", false), (none, "2025-02-01", false)],
                vec![Current, ReplacedBy(0)],
            ),
            (
                "a decision after unknown",
                vec![(none, "2025-01-01", false), (no, "2025-02-01", false)],
                vec![ReplacedBy(1), Current],
            ),
            (
                "unknown twice",
                vec![(none, "2025-01-01", false), (none, "2025-02-01", false)],
                vec![ReplacedBy(1), Current],
            ),
            (
                "two that differ on one day",
                vec![(yes, "2025-01-01", false), (no, "2025-01-01", false)],
                vec![ConflictsWith(vec![1]), ConflictsWith(vec![0])],
            ),
            (
                "two that agree on one day",
                vec![(no, "2025-01-01", false), (no, "2025-01-01", false)],
                vec![Current, Current],
            ),
            (
                "a month and a day within it",
                vec![(yes, "2025-01", false), (no, "2025-01-15", false)],
                vec![ConflictsWith(vec![1]), ConflictsWith(vec![0])],
            ),
            (
                "a year and a later day",
                vec![(yes, "2024", false), (no, "2025-01-15", false)],
                vec![ReplacedBy(1), Current],
            ),
            (
                "a conflict that a third one settles",
                vec![(yes, "2025-01-01", false), (no, "2025-01-01", false), (no, "2025-03-01", false)],
                vec![ReplacedBy(2), ReplacedBy(2), Current],
            ),
            ("one that was ended", vec![(no, "2025-01-01", true)], vec![Ended]),
            (
                "an ended one still replaces",
                vec![(yes, "2025-01-01", false), (no, "2025-02-01", true)],
                vec![ReplacedBy(1), Ended],
            ),
            (
                "times on one day",
                vec![(yes, "2025-01-01T10:00:00Z", false), (no, "2025-01-01T11:00:00+02:00", false)],
                vec![Current, ReplacedBy(0)],
            ),
        ];
        for (name, statements, expected) in cases {
            let all: Vec<_> = statements
                .iter()
                .map(|(decision, date, ended)| statement("89666000 ", *decision, date, *ended))
                .collect();
            assert_eq!(&standings(&all), expected, "{name}");
        }
    }

    #[test]
    fn other_treatments_are_told_apart_by_their_words() {
        let all = [
            statement("OTH dialyse", Some("0"), "2025-01-01", false),
            statement("OTH transfusie", Some("2"), "2025-02-01", false),
        ];
        assert_eq!(standings(&all), [Standing::Current, Standing::Current]);
    }
}
