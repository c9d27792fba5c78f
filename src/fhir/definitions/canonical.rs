//! Canonical URLs with a version, and which version is the newer.

use std::cmp::Ordering;

/// `url|version`, taken apart; a fragment (`url#id`) is no part of either.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Canonical<'a> {
    pub url: &'a str,
    pub version: Option<&'a str>,
}

impl<'a> Canonical<'a> {
    pub fn parse(text: &'a str) -> Self {
        let (url, version) = match text.split_once('|') {
            Some((url, version)) => (url, Some(version).filter(|version| !version.is_empty())),
            None => (text, None),
        };
        Canonical { url: url.split_once('#').map_or(url, |(url, _)| url), version }
    }

    /// True where a definition of this version is the one that is meant: the same, or more exact (`4.0` → `4.0.1`). One
    /// that says no version may be of any.
    pub fn accepts(&self, version: &str) -> bool {
        self.version.filter(|_| !version.is_empty()).is_none_or(|wanted| {
            version.strip_prefix(wanted).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        })
    }
}

/// Orders versions as semantic versioning does: numbers as numbers, and `1.0.0-beta` before `1.0.0`.
/// No version comes before any.
pub fn compare_versions(left: &str, right: &str) -> Ordering {
    if left.is_empty() || right.is_empty() {
        return right.is_empty().cmp(&left.is_empty());
    }
    let (left_core, left_pre) = split(left);
    let (right_core, right_pre) = split(right);
    compare_parts(left_core, right_core).then_with(|| match (left_pre, right_pre) {
        (None, None) => Ordering::Equal,
        (None, Some(_)) => Ordering::Greater,
        (Some(_), None) => Ordering::Less,
        (Some(left), Some(right)) => compare_parts(left, right),
    })
}

fn split(version: &str) -> (&str, Option<&str>) {
    let version = version.split_once('+').map_or(version, |(version, _)| version);
    version.split_once('-').map_or((version, None), |(core, pre)| (core, Some(pre)))
}

fn compare_parts(left: &str, right: &str) -> Ordering {
    let (mut left, mut right) = (left.split('.'), right.split('.'));
    loop {
        let order = match (left.next(), right.next()) {
            (None, None) => return Ordering::Equal,
            (None, Some(_)) => Ordering::Less,
            (Some(_), None) => Ordering::Greater,
            (Some(left), Some(right)) => match (left.parse::<u64>(), right.parse::<u64>()) {
                (Ok(left), Ok(right)) => left.cmp(&right),
                (Ok(_), Err(_)) => Ordering::Less,
                (Err(_), Ok(_)) => Ordering::Greater,
                (Err(_), Err(_)) => left.cmp(right),
            },
        };
        if order != Ordering::Equal {
            return order;
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn newer_versions_come_after_older_ones() {
        let ascending = ["", "0.9", "0.12.0-beta.4", "0.12.0-beta.10", "0.12.0-rc.1", "0.12.0", "2.0", "10.0"];
        for pair in ascending.windows(2) {
            assert_eq!(compare_versions(pair[0], pair[1]), Ordering::Less, "{pair:?}");
        }
    }

    #[test]
    fn a_partial_version_finds_the_exact_one_and_not_another_number() {
        let wanted = Canonical::parse("http://a/b|4.0");
        assert_eq!(wanted.url, "http://a/b");
        assert!(wanted.accepts("4.0.1") && wanted.accepts("4.0"));
        assert!(!wanted.accepts("4.01") && !wanted.accepts("4"));
        assert!(wanted.accepts(""), "a definition that says no version");
        assert!(Canonical::parse("http://a/b").accepts(""));
    }

    proptest! {
        #[test]
        fn comparing_versions_is_an_order(
            a in "[0-9a-c]{0,2}([.-][0-9a-c]{1,2}){0,3}", b in "[0-9a-c]{0,2}([.-][0-9a-c]{1,2}){0,3}",
            c in "[0-9a-c]{0,2}([.-][0-9a-c]{1,2}){0,3}"
        ) {
            prop_assert_eq!(compare_versions(&a, &b), compare_versions(&b, &a).reverse());
            if compare_versions(&a, &b).is_le() && compare_versions(&b, &c).is_le() {
                prop_assert!(compare_versions(&a, &c).is_le());
            }
        }
    }
}
