//! The items of a form by linkId and by where they stand, so that what is below one is found without looking through it.

use ahash::AHashMap;
use serde_json::Value;

use super::{list, text};

/// Every item has a number, and what is below it has the numbers that follow.
#[derive(Default)]
pub(super) struct Tree<'v> {
    /// From the address of an item to its number and the first number after all that is below it.
    spans: AHashMap<usize, (u32, u32)>,
    by_link: AHashMap<&'v str, Vec<(u32, &'v Value)>>,
}

fn address(item: &Value) -> usize {
    std::ptr::from_ref(item) as usize
}

impl<'v> Tree<'v> {
    /// Of a Questionnaire, or of a response with its answers.
    pub fn of(form: &'v Value) -> Self {
        let mut tree = Tree::default();
        tree.add(form, 0);
        tree
    }

    fn add(&mut self, item: &'v Value, number: u32) -> u32 {
        if let Some(link) = text(item, "linkId") {
            self.by_link.entry(link).or_default().push((number, item));
        }
        let inner = list(item, "item").iter().chain(list(item, "answer"));
        let end = inner.fold(number + 1, |number, item| self.add(item, number));
        self.spans.insert(address(item), (number, end));
        end
    }

    /// The first item with this linkId.
    pub fn first(&self, link: &str) -> Option<&'v Value> {
        self.by_link.get(link)?.first().map(|(_, item)| *item)
    }

    /// The items with this linkId at and below an item of the form, or the form itself.
    pub fn within(&self, around: &Value, link: &str) -> impl Iterator<Item = &'v Value> {
        let (from, end) = self.spans.get(&address(around)).copied().unwrap_or_default();
        let all = self.by_link.get(link).map_or(&[][..], Vec::as_slice);
        let first = all.partition_point(|(number, _)| *number < from);
        all[first..].iter().take_while(move |(number, _)| *number < end).map(|(_, item)| *item)
    }

    /// Whether an item with this linkId is somewhere below.
    pub fn is_below(&self, around: &Value, link: &str) -> bool {
        self.within(around, link).any(|item| !std::ptr::eq(item, around))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_below_an_item_is_told_from_what_stands_beside_it() {
        let form = json!({ "item": [
            { "linkId": "a", "item": [{ "linkId": "b" }, { "linkId": "c", "answer": [{ "item": [{ "linkId": "b" }] }] }] },
            { "linkId": "b", "item": [{ "linkId": "d" }] },
        ] });
        let tree = Tree::of(&form);
        let (a, b) = (&form["item"][0], &form["item"][1]);
        assert_eq!(tree.within(a, "b").count(), 2);
        assert_eq!(tree.within(&form, "b").count(), 3);
        assert_eq!(tree.within(b, "b").count(), 1);
        assert!(tree.is_below(a, "b") && !tree.is_below(b, "b") && !tree.is_below(a, "d"));
        assert_eq!(tree.first("b"), Some(&form["item"][0]["item"][0]));
        assert_eq!(tree.first("e"), None);
    }
}
