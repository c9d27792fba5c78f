//! How each statement stands among all that were made about the same thing.
//!
//! The newest *decision* wins. "Unknown", "not asked" and "not discussed" never supersede a decision. What arrives late
//! with an older date enters as history. Two decisions that differ, of which neither is certainly newer, both stand,
//! and are marked as a conflict.

use std::collections::BTreeMap;

use crate::domain::common::Moment;

/// How a statement stands among all of its patient; references are indices into the list asked about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    Current,
    ReplacedBy(usize),
    ConflictsWith(Vec<usize>),
    /// Ended by its own words, and replaced by nothing.
    Ended,
}

/// What the rule looks at.
#[derive(Clone, Debug, PartialEq)]
pub struct Statement {
    /// What it is about: a treatment (code, or code and text), the goal, the preferred place of death.
    pub topic: String,
    /// What is decided or answered; none for unknown, not asked, not discussed.
    pub decision: Option<String>,
    pub said: Option<Moment>,
    pub ended: bool,
    /// Tells apart what the rule cannot, so that the order of arrival makes no difference.
    pub name: String,
}

impl Statement {
    /// Certainly later than the other. Without a date nothing is certain.
    fn later_than(&self, other: &Statement) -> bool {
        match (&self.said, &other.said) {
            (Some(mine), Some(theirs)) => mine.certainly_after(theirs),
            (Some(_), None) => true,
            _ => false,
        }
    }
}

/// The standing of each statement. Pure: the order of the list changes nothing but the indices.
pub fn standings(all: &[Statement]) -> Vec<Standing> {
    let mut topics: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (i, one) in all.iter().enumerate() {
        topics.entry(&one.topic).or_default().push(i);
    }
    all.iter().enumerate().map(|(i, one)| Topic { all, of: &topics[one.topic.as_str()] }.standing(i)).collect()
}

/// All that was said about one thing.
struct Topic<'s> {
    all: &'s [Statement],
    of: &'s [usize],
}

impl Topic<'_> {
    fn standing(&self, i: usize) -> Standing {
        let one = &self.all[i];
        if let Some(newer) = self.newest(|other| other.decision.is_some() && other.later_than(one)) {
            return Standing::ReplacedBy(newer);
        }
        if one.decision.is_none() {
            // A decision that stands does so whatever its date; among answers without one the newest is shown.
            let stands = self.newest(|other| other.decision.is_some() && !other.ended && !self.is_replaced(other));
            if let Some(j) = stands.or_else(|| self.newest(|other| other.later_than(one))) {
                return Standing::ReplacedBy(j);
            }
            return if one.ended { Standing::Ended } else { Standing::Current };
        }
        if one.ended {
            return Standing::Ended;
        }
        let conflicts: Vec<usize> = self.of.iter().copied().filter(|j| self.contradicts(one, *j)).collect();
        if conflicts.is_empty() { Standing::Current } else { Standing::ConflictsWith(conflicts) }
    }

    /// True for another decision that stands itself: not for one that a third has replaced.
    fn contradicts(&self, one: &Statement, j: usize) -> bool {
        let other = &self.all[j];
        let differs = other.decision.is_some() && other.decision != one.decision;
        differs && !other.ended && !one.later_than(other) && !self.is_replaced(other)
    }

    /// True where a decision is certainly later.
    fn is_replaced(&self, one: &Statement) -> bool {
        self.of.iter().map(|j| &self.all[*j]).any(|other| other.decision.is_some() && other.later_than(one))
    }

    /// Of these the one than which none is certainly later; where several are, always the same one.
    fn newest(&self, wanted: impl Fn(&Statement) -> bool) -> Option<usize> {
        let found: Vec<usize> = self.of.iter().copied().filter(|j| wanted(&self.all[*j])).collect();
        let latest = |j: &&usize| !found.iter().any(|k| self.all[*k].later_than(&self.all[**j]));
        let key = |j: &usize| {
            let one = &self.all[*j];
            (one.said.as_ref().map(|said| (said.last_day(), said.as_str())), one.name.as_str())
        };
        found.iter().filter(latest).max_by(|a, b| key(a).cmp(&key(b))).copied()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::Standing::{ConflictsWith, Current, Ended, ReplacedBy};
    use super::*;

    fn statement(topic: &str, decision: Option<&str>, date: &str, ended: bool, name: usize) -> Statement {
        Statement {
            topic: topic.into(),
            decision: decision.map(Into::into),
            said: Moment::parse(date).ok(),
            ended,
            name: name.to_string(),
        }
    }

    /// What is tried, the statements as decision, date and whether ended, and how each of them stands.
    type Case = (&'static str, Vec<(Option<&'static str>, &'static str, bool)>, Vec<Standing>);

    #[test]
    fn the_newest_decision_holds() {
        let (yes, no, none) = (Some("0"), Some("2"), None::<&str>);
        let cases: &[Case] = &[
            ("one alone", vec![(yes, "2025-01-01", false)], vec![Current]),
            ("a newer one", vec![(yes, "2025-01-01", false), (no, "2025-02-01", false)], vec![ReplacedBy(1), Current]),
            (
                "a newer one that says the same",
                vec![(no, "2025-01-01", false), (no, "2025-02-01", false)],
                vec![ReplacedBy(1), Current],
            ),
            (
                "an older one that arrives late",
                vec![(no, "2025-02-01", false), (yes, "2025-01-01", false)],
                vec![Current, ReplacedBy(0)],
            ),
            (
                "three in a row: each is replaced by the newest",
                vec![(no, "2025-02-01", false), (yes, "2025-01-01", false), (yes, "2025-03-01", false)],
                vec![ReplacedBy(2), ReplacedBy(2), Current],
            ),
            (
                "unknown after a decision",
                vec![(no, "2025-01-01", false), (none, "2025-02-01", false)],
                vec![Current, ReplacedBy(0)],
            ),
            (
                "unknown on the day of a decision",
                vec![(none, "2025-01-01", false), (no, "2025-01-01", false)],
                vec![ReplacedBy(1), Current],
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
            ("unknown twice on one day", vec![(none, "2025-01-01", false); 2], vec![Current, Current]),
            (
                "unknown between two decisions",
                vec![(yes, "2025-01-01", false), (none, "2025-02-01", false), (no, "2025-03-01", false)],
                vec![ReplacedBy(2), ReplacedBy(2), Current],
            ),
            (
                "unknown beside a conflict undoes neither side",
                vec![(yes, "2025-01-01", false), (no, "2025-01-01", false), (none, "2025-03-01", false)],
                vec![ConflictsWith(vec![1]), ConflictsWith(vec![0]), ReplacedBy(1)],
            ),
            (
                "two that differ on one day",
                vec![(yes, "2025-01-01", false), (no, "2025-01-01", false)],
                vec![ConflictsWith(vec![1]), ConflictsWith(vec![0])],
            ),
            (
                "three that differ on one day",
                vec![(yes, "2025-01-01", false), (no, "2025-01-01", false), (Some("1"), "2025-01-01", false)],
                vec![ConflictsWith(vec![1, 2]), ConflictsWith(vec![0, 2]), ConflictsWith(vec![0, 1])],
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
                "one without a date, and a later one that has one",
                vec![(yes, "", false), (no, "2025-01-15", false)],
                vec![ReplacedBy(1), Current],
            ),
            (
                "two without a date",
                vec![(yes, "", false), (no, "", false)],
                vec![ConflictsWith(vec![1]), ConflictsWith(vec![0])],
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
                "a new one after one that was ended",
                vec![(yes, "2025-01-01", true), (no, "2025-02-01", false)],
                vec![ReplacedBy(1), Current],
            ),
            (
                "an ended one contradicts nothing",
                vec![(yes, "2025-01-01", true), (no, "2025-01-01", false)],
                vec![Ended, Current],
            ),
            (
                "unknown after one that was ended",
                vec![(yes, "2025-01-01", true), (none, "2025-02-01", false)],
                vec![Ended, Current],
            ),
            (
                "unknown after one that was ended and replaced another",
                vec![(yes, "2025-01-01", false), (no, "2025-02-01", true), (none, "2025-03-01", false)],
                vec![ReplacedBy(1), Ended, Current],
            ),
            (
                "times on one day",
                vec![(yes, "2025-01-01T10:00:00Z", false), (no, "2025-01-01T11:00:00+02:00", false)],
                vec![Current, ReplacedBy(0)],
            ),
            (
                "a time and its day",
                vec![(yes, "2025-01-01T10:00:00Z", false), (no, "2025-01-01", false)],
                vec![ConflictsWith(vec![1]), ConflictsWith(vec![0])],
            ),
        ];
        for (name, statements, expected) in cases {
            let all: Vec<_> = statements
                .iter()
                .enumerate()
                .map(|(i, (decision, date, ended))| statement("89666000 ", *decision, date, *ended, i))
                .collect();
            assert_eq!(&standings(&all), expected, "{name}");
        }
    }

    #[test]
    fn what_is_about_something_else_changes_nothing() {
        let all = [
            statement("OTH dialyse", Some("0"), "2025-01-01", false, 0),
            statement("OTH transfusie", Some("2"), "2025-02-01", false, 1),
        ];
        assert_eq!(standings(&all), [Current, Current]);
    }

    fn any_statements() -> impl Strategy<Value = Vec<Statement>> {
        let dates = ["", "2024", "2025", "2025-01", "2025-01-01", "2025-01-02", "2025-02-01", "2025-01-01T10:00:00Z"];
        let one = (
            prop::sample::select(vec!["a", "b"]),
            prop::option::of(prop::sample::select(vec!["0", "1", "2"])),
            prop::sample::select(dates.to_vec()),
            prop::bool::weighted(0.2),
        );
        prop::collection::vec(one, 0..9).prop_map(|all| {
            let named = all.into_iter().enumerate();
            named.map(|(i, (topic, decision, date, ended))| statement(topic, decision, date, ended, i)).collect()
        })
    }

    /// How each stands, by name instead of by index.
    fn by_name(all: &[Statement]) -> BTreeMap<String, (String, Vec<String>)> {
        let name = |i: &usize| all[*i].name.clone();
        let said = standings(all).into_iter().map(|standing| match standing {
            Current => ("current".to_owned(), Vec::new()),
            Ended => ("ended".to_owned(), Vec::new()),
            ReplacedBy(by) => ("replaced".to_owned(), vec![name(&by)]),
            ConflictsWith(others) => {
                let mut names: Vec<String> = others.iter().map(name).collect();
                names.sort();
                ("conflict".to_owned(), names)
            }
        });
        all.iter().map(|one| one.name.clone()).zip(said).collect()
    }

    proptest! {
        #[test]
        fn the_order_of_arrival_makes_no_difference(all in any_statements(), turns in any::<prop::sample::Index>()) {
            let mut other = all.clone();
            if !other.is_empty() {
                let by = turns.index(other.len());
                other.rotate_left(by);
                other.reverse();
            }
            prop_assert_eq!(by_name(&all), by_name(&other));
        }

        #[test]
        fn a_statement_without_a_decision_changes_no_decision(all in any_statements(), at in 0_usize..9) {
            let removed = all.get(at).filter(|one| one.decision.is_none()).map(|one| one.name.clone());
            let Some(name) = removed else { return Ok(()) };
            let rest: Vec<Statement> = all.iter().filter(|one| one.name != name).cloned().collect();
            let (with, without) = (by_name(&all), by_name(&rest));
            for one in rest.iter().filter(|one| one.decision.is_some()) {
                prop_assert_eq!(&with[&one.name], &without[&one.name]);
            }
        }

        #[test]
        fn of_all_that_was_decided_something_stands_or_was_ended(all in any_statements()) {
            for topic in ["a", "b"] {
                let of: Vec<Statement> = all.iter().filter(|one| one.topic == topic).cloned().collect();
                let stands = standings(&of);
                let found = of.iter().zip(&stands).any(|(one, standing)| {
                    one.decision.is_some() && !matches!(standing, ReplacedBy(_))
                });
                prop_assert_eq!(found, of.iter().any(|one| one.decision.is_some()));
            }
        }

        #[test]
        fn nothing_is_replaced_by_what_is_certainly_older_unless_it_was_no_decision(all in any_statements()) {
            for (one, standing) in all.iter().zip(standings(&all)) {
                if let ReplacedBy(by) = standing {
                    prop_assert!(all[by].later_than(one) || (one.decision.is_none() && all[by].decision.is_some()));
                    prop_assert!(one.decision.is_none() || all[by].decision.is_some());
                }
            }
        }

        #[test]
        fn a_conflict_is_one_for_both(all in any_statements()) {
            let stands = standings(&all);
            for (i, standing) in stands.iter().enumerate() {
                if let ConflictsWith(others) = standing {
                    for j in others {
                        prop_assert!(matches!(&stands[*j], ConflictsWith(back) if back.contains(&i)));
                    }
                }
            }
        }
    }
}
