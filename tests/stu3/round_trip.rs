//! STU3 → R4 → STU3 and R4 → STU3 → R4, but for the reasoned list in `differences.tsv`.

use std::collections::BTreeSet;

use overdracht::mapping::stu3::{self, Loss};
use proptest::prelude::*;
use serde_json::Value;

use super::documents::{self, Known};
use super::published;

/// Places of a list in `differences.tsv`, with the reason of each.
pub fn reasoned(trip: &str) -> Vec<(&'static str, &'static str)> {
    let lines = include_str!("differences.tsv").lines().skip(1);
    let rows = lines.map(|line| line.split('\t').collect::<Vec<_>>());
    let mine = rows.filter(|row| row[0] == trip).map(|row| (row[1], row[2]));
    mine.inspect(|(place, reason)| assert!(!reason.is_empty(), "{place} has no reason")).collect()
}

fn fits(pattern: &str, place: &str) -> bool {
    pattern.strip_prefix('*').map_or(pattern == place, |end| place.ends_with(end))
}

/// What the list does not excuse; and, where `all` holds, what it excuses that is no difference any more.
pub fn unexcused(trip: &str, found: &BTreeSet<String>, all: bool) -> Vec<String> {
    let list = reasoned(trip);
    let excused = |place: &&String| list.iter().any(|(pattern, _)| fits(pattern, place));
    let mut left: Vec<String> = found.iter().filter(|place| !excused(place)).cloned().collect();
    if all {
        let needless = list.iter().filter(|(pattern, _)| !found.iter().any(|place| fits(pattern, place)));
        left.extend(needless.map(|(pattern, _)| format!("no longer differs: {pattern}")));
    }
    left
}

/// Places at which two values differ, never their values.
pub fn differences(one: &Value, other: &Value, at: &str, found: &mut BTreeSet<String>) {
    match (one, other) {
        (Value::Object(left), Value::Object(right)) => {
            let names: BTreeSet<&String> = left.keys().chain(right.keys()).collect();
            for name in names {
                differences(&one[name.as_str()], &other[name.as_str()], &format!("{at}.{name}"), found);
            }
        }
        (Value::Array(left), Value::Array(right)) if left.len() == right.len() => {
            left.iter().zip(right).for_each(|(left, right)| differences(left, right, at, found));
        }
        _ if one == other => {}
        _ => {
            found.insert(at.to_owned());
        }
    }
}

/// The way there and back of resources that refer to each other: what differs, and what was told as lost.
fn there_and_back(
    sent: &Known,
    there: fn(&Value, &stu3::Others<'_>) -> stu3::Rendered,
    back: fn(&Value, &stu3::Others<'_>) -> stu3::Rendered,
) -> (BTreeSet<String>, Vec<Loss>) {
    let (mut found, mut losses) = (BTreeSet::new(), Vec::new());
    let mut other = Known::default();
    for one in &sent.resources {
        let rendered = there(one, &|reference: &str| sent.find(reference));
        losses.extend(rendered.losses);
        other.resources.push(rendered.resource.unwrap_or_default());
    }
    for (sent, one) in sent.resources.iter().zip(&other.resources) {
        let rendered = back(one, &|reference: &str| other.find(reference));
        losses.extend(rendered.losses);
        let name = sent["resourceType"].as_str().unwrap_or_default();
        differences(sent, &rendered.resource.unwrap_or_default(), name, &mut found);
    }
    (found, losses)
}

#[test]
fn every_published_resource_comes_back_from_r4() {
    let Some(all) = published::instances() else { return };
    let (found, losses) = there_and_back(&all, stu3::to_r4, stu3::to_stu3);
    assert_eq!(unexcused("published", &found, true), Vec::<String>::new());
    assert_eq!(losses, []);
}

#[test]
fn everything_that_the_fixtures_become_comes_back_from_stu3() {
    let mut found = BTreeSet::new();
    for (name, sent) in documents::fixtures() {
        let (differ, losses) = there_and_back(&sent, stu3::to_stu3, stu3::to_r4);
        assert_eq!(losses, [], "{name}");
        found.extend(differ);
    }
    let generated = (0..200).flat_map(|seed| there_and_back(&documents::generated(seed), stu3::to_stu3, stu3::to_r4).0);
    found.extend(generated);
    assert_eq!(unexcused("ours", &found, true), Vec::<String>::new());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn a_generated_care_plan_comes_back_from_stu3(seed in any::<u64>()) {
        let (found, losses) = there_and_back(&documents::generated(seed), stu3::to_stu3, stu3::to_r4);
        prop_assert_eq!(unexcused("ours", &found, false), Vec::<String>::new());
        prop_assert_eq!(losses, vec![]);
    }
}
