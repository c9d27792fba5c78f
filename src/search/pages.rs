//! The rest of a search's answer, kept under a random token: a paging link says nothing about the query or the patient.

use std::collections::BTreeMap;

use jiff::Timestamp;
use parking_lot::Mutex;

use crate::fhir::ResourceKey;
use crate::fhir::subset::View;

/// What a link to a further page stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    pub resource_type: String,
    /// This page and those that follow, as they were found when the search ran.
    pub leaves: Vec<Leaf>,
    /// None where the caller asked for none.
    pub total: Option<usize>,
    pub view: View,
    /// Who asked; a page is given to nobody else.
    pub reader: String,
    /// When the link ends.
    pub until: Timestamp,
}

/// What stands on one page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leaf {
    /// In order.
    pub matches: Vec<ResourceKey>,
    /// What is included with them.
    pub included: Vec<ResourceKey>,
}

/// The pages of one running service; a restart ends them all.
pub struct Pages {
    most: usize,
    kept: Mutex<Kept>,
}

#[derive(Default)]
struct Kept {
    pages: BTreeMap<String, Page>,
}

impl Pages {
    /// Keeps at most this many; the one that ends first makes room.
    pub fn new(most: usize) -> Self {
        Pages { most: most.max(1), kept: Mutex::new(Kept::default()) }
    }

    /// `token` must be random: who knows it and is the reader gets the page.
    pub fn keep(&self, token: String, page: Page, now: Timestamp) {
        let mut kept = self.kept.lock();
        kept.pages.retain(|_, page| page.until > now);
        while kept.pages.len() >= self.most {
            let first = kept.pages.iter().min_by_key(|(_, page)| page.until).map(|(token, _)| token.clone());
            let Some(first) = first else { break };
            kept.pages.remove(&first);
        }
        kept.pages.insert(token, page);
    }

    /// The page, as often as it is asked for until it ends.
    pub fn get(&self, token: &str, reader: &str, now: Timestamp) -> Option<Page> {
        self.kept.lock().pages.get(token).filter(|page| page.until > now && page.reader == reader).cloned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_for_its_reader_until_it_ends() {
        let at = |second| Timestamp::from_second(second).unwrap();
        let page = |until| Page {
            resource_type: "Goal".into(),
            leaves: vec![Leaf { matches: vec![ResourceKey::new("Goal", "1")], included: Vec::new() }],
            total: Some(11),
            view: View::Whole,
            reader: "a".into(),
            until: at(until),
        };
        let pages = Pages::new(2);
        pages.keep("one".into(), page(10), at(0));
        assert_eq!(pages.get("one", "a", at(9)), Some(page(10)));
        assert_eq!(pages.get("one", "b", at(9)), None);
        assert_eq!(pages.get("one", "a", at(10)), None);
        pages.keep("two".into(), page(30), at(5));
        pages.keep("three".into(), page(20), at(5));
        assert_eq!(pages.get("one", "a", at(5)), None, "the one that ends first made room");
        assert!(pages.get("two", "a", at(5)).is_some() && pages.get("three", "a", at(5)).is_some());
    }
}
