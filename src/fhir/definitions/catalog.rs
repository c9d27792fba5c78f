//! Which definition a canonical means.

use std::borrow::Cow;
use std::collections::HashMap;

use super::canonical::{Canonical, compare_versions};
use crate::fhir::pack::Entry;

/// A definition's place in the catalog.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Slot(usize);

/// Where a definition's text is.
#[derive(Debug)]
pub(super) enum Content {
    /// Entry of a pack.
    Packed { pack: usize, entry: usize },
    /// In memory, for definitions that came without a package.
    Loose(Cow<'static, [u8]>),
}

/// What is asked for by URL alone: a definition given for this call goes before Overdracht's own, and that before any
/// of a package, whatever their versions. What Overdracht says of another's definition counts only where that one's
/// package is absent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Layer {
    Fallback,
    Package,
    Own,
    Supporting,
}

#[derive(Debug)]
struct Known {
    entry: Entry,
    content: Content,
    layer: Layer,
}

#[derive(Debug, Default)]
pub(super) struct Catalog {
    known: Vec<Known>,
    /// Best first.
    by_url: HashMap<Box<str>, Vec<Slot>, ahash::RandomState>,
}

impl Catalog {
    pub fn with_capacity(count: usize) -> Self {
        Catalog {
            known: Vec::with_capacity(count),
            by_url: HashMap::with_capacity_and_hasher(count, Default::default()),
        }
    }

    pub fn add(&mut self, entry: Entry, content: Content, layer: Layer) {
        let slot = Slot(self.known.len());
        let slots = self.by_url.entry(entry.url.clone()).or_default();
        let better = |other: &Slot| {
            let other = &self.known[other.0];
            let newer = compare_versions(&entry.version, &other.entry.version);
            layer.cmp(&other.layer).then(newer).is_gt()
        };
        // Equals stay in the order in which they were added.
        let at = slots.iter().position(better).unwrap_or(slots.len());
        slots.insert(at, slot);
        self.known.push(Known { entry, content, layer });
    }

    pub fn len(&self) -> usize {
        self.known.len()
    }

    pub fn entry(&self, slot: Slot) -> &Entry {
        &self.known[slot.0].entry
    }

    pub fn content(&self, slot: Slot) -> &Content {
        &self.known[slot.0].content
    }

    pub fn find(&self, resource_type: &str, canonical: &str) -> Option<Slot> {
        self.candidates(canonical).find(|slot| &*self.entry(*slot).resource_type == resource_type)
    }

    pub fn find_any(&self, canonical: &str) -> Option<Slot> {
        self.candidates(canonical).next()
    }

    fn candidates<'a>(&'a self, canonical: &'a str) -> impl Iterator<Item = Slot> + 'a {
        let canonical = Canonical::parse(canonical);
        let slots = self.by_url.get(canonical.url).map(Vec::as_slice).unwrap_or_default();
        slots.iter().copied().filter(move |slot| canonical.accepts(&self.entry(*slot).version))
    }

    /// The best of each URL, in the order in which they were added.
    pub fn of_type<'a>(&'a self, resource_type: &'a str) -> impl Iterator<Item = Slot> + 'a {
        (0..self.known.len()).map(Slot).filter(move |slot| {
            let entry = self.entry(*slot);
            &*entry.resource_type == resource_type && self.find(resource_type, &entry.url) == Some(*slot)
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn catalog(of: &[(&str, &str, Layer)]) -> Catalog {
        let mut catalog = Catalog::default();
        for (resource_type, version, layer) in of {
            let definition = json!({ "resourceType": resource_type, "url": "http://a", "version": version });
            let content = Content::Loose(Cow::Borrowed(b""));
            catalog.add(Entry::of(&definition).unwrap(), content, *layer);
        }
        catalog
    }

    #[test]
    fn without_a_version_the_newest_is_meant_and_what_was_given_goes_before_packages() {
        let packages = [("ValueSet", "1.9.0", Layer::Package), ("ValueSet", "1.10.0", Layer::Package)];
        let both = catalog(&packages);
        assert_eq!(both.find("ValueSet", "http://a"), Some(Slot(1)));
        assert_eq!(both.find("ValueSet", "http://a|1.9.0"), Some(Slot(0)));
        assert_eq!(both.find("ValueSet", "http://a|2"), None);
        let given = catalog(&[packages[0], packages[1], ("ValueSet", "0.1", Layer::Supporting)]);
        assert_eq!(given.find("ValueSet", "http://a"), Some(Slot(2)));
    }

    #[test]
    fn a_url_that_names_two_kinds_finds_the_kind_that_is_asked_for() {
        let both = catalog(&[("ValueSet", "1", Layer::Package), ("CodeSystem", "1", Layer::Package)]);
        assert_eq!(both.find("CodeSystem", "http://a"), Some(Slot(1)));
        assert_eq!(both.of_type("ValueSet").collect::<Vec<_>>(), [Slot(0)]);
    }
}
