//! What the table of items is made of: an item, how it is answered, and the answers that it offers.

use super::edition::Edition;
use crate::domain::common::codes::{Code, find};

/// How an answer becomes a value of the care plan, and a value an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Holds other items.
    Group,
    Text,
    /// A date or date-time, as it was written.
    Moment,
    /// A date without its time.
    Day,
    /// The code of a coding.
    Code,
    /// A coding `1` or `0`.
    YesNo,
    /// A coding that says yes by being chosen.
    Chosen,
    /// What the form says of itself (the name of a measurement, the treatment of a group): it has one answer.
    Fixed,
    /// Another treatment: a code, or its name in words.
    Treatment,
    /// The kind of ICD; the form of 0.1.3-beta3 has one word for all.
    IcdProduct,
    Sharing,
    /// Words for the code "other" of the item above it, which stands at `to`.
    OtherWords,
}

/// The codes that an item offers, in the order of the form: of one list, and per edition where editions differ.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    list: &'static [Code],
    codes: &'static [&'static str],
    otherwise: Option<(Edition, &'static [Code], &'static [&'static str])>,
}

impl Options {
    /// Codes of the dataset; how an edition says one is [`Edition::said`].
    pub fn of(&self, edition: Edition) -> impl Iterator<Item = &'static Code> {
        let (list, codes) = match self.otherwise {
            Some((other, list, codes)) if other == edition => (list, codes),
            _ => (self.list, self.codes),
        };
        codes.iter().filter_map(move |code| find(list, code))
    }

    /// The list that the options are of: it has more codes than the form offers.
    pub fn list(&self) -> &'static [Code] {
        self.list
    }
}

/// One item. In `to`, `#` stands for the number of the repeated group or answer.
#[derive(Clone, Copy, Debug)]
pub struct Item {
    pub(super) link: &'static str,
    link_2017: &'static str,
    /// False for what 0.1.3-beta3 did not ask.
    in_beta: bool,
    /// Dataset concept (zib2020 branch); empty for a group that only holds others.
    pub concept: &'static str,
    pub kind: Kind,
    pub prefix: &'static str,
    /// Our words for the question.
    pub text: &'static str,
    /// Where the answer goes in the document; people stand under a name here, treatments under their code. Of a group
    /// that repeats: the list.
    pub to: &'static str,
    pub options: Options,
    pub repeats: bool,
    /// The form answers it itself: its one option is chosen already.
    pub read_only: bool,
    /// Asked only where this item (by its linkId of zib2020) has this answer.
    pub when: Option<(&'static str, Code)>,
    pub items: &'static [Item],
}

impl Item {
    /// The linkId; none where the edition has no such item.
    pub fn link(&self, edition: Edition) -> Option<&'static str> {
        let link = match edition {
            Edition::Zib2020Beta if !self.in_beta => "",
            Edition::Zib2020 | Edition::Zib2020Beta => self.link,
            Edition::Zib2017 => self.link_2017,
        };
        (!link.is_empty()).then_some(link)
    }

    pub(super) const fn prefix(self, prefix: &'static str) -> Item {
        Item { prefix, ..self }
    }

    pub(super) const fn offers(self, list: &'static [Code], codes: &'static [&'static str]) -> Item {
        Item { options: Options { list, codes, otherwise: None }, ..self }
    }

    pub(super) const fn but(self, edition: Edition, list: &'static [Code], codes: &'static [&'static str]) -> Item {
        Item { options: Options { otherwise: Some((edition, list, codes)), ..self.options }, ..self }
    }

    pub(super) const fn repeats(self) -> Item {
        Item { repeats: true, ..self }
    }

    pub(super) const fn when(self, question: &'static str, answer: Code) -> Item {
        Item { when: Some((question, answer)), ..self }
    }

    pub(super) const fn not_in_beta(self) -> Item {
        Item { in_beta: false, ..self }
    }

    pub(super) const fn read_only(self) -> Item {
        Item { read_only: true, ..self }
    }

    pub(super) const fn with(self, items: &'static [Item]) -> Item {
        Item { items, ..self }
    }
}

pub(super) const fn ask(
    link: &'static str,
    link_2017: &'static str,
    concept: &'static str,
    kind: Kind,
    to: &'static str,
    text: &'static str,
) -> Item {
    let options = Options { list: &[], codes: &[], otherwise: None };
    Item {
        link,
        link_2017,
        in_beta: true,
        concept,
        kind,
        prefix: "",
        text,
        to,
        options,
        repeats: false,
        read_only: matches!(kind, Kind::Fixed | Kind::Treatment),
        when: None,
        items: &[],
    }
}

pub(super) const fn group(
    link: &'static str,
    link_2017: &'static str,
    text: &'static str,
    items: &'static [Item],
) -> Item {
    ask(link, link_2017, "", Kind::Group, "", text).with(items)
}
