//! Which elements of XHTML stand within which: rows in tables, items in lists, no blocks in text.
//!
//! Source: the content models of <https://www.w3.org/TR/xhtml1/dtds.html>.

use crate::fhir::xhtml::{ELEMENTS, Element, place, set};

/// What text may not have in it, however deep.
const BLOCKS: u64 = set(&["div", "pre", "table", "ul", "ol"]);

/// What a paragraph may not have in it besides.
const PARAGRAPHS: u64 = set(&["p", "blockquote"]);

const OF_TEXT: u64 =
    MARKS | set(&["p", "h1", "h2", "h3", "h4", "h5", "h6", "pre", "address", "span", "caption", "dd", "dt"]);

/// Marks of text that do not stand in themselves.
const MARKS: u64 = set(&[
    "a", "b", "em", "i", "strong", "small", "big", "sub", "sup", "code", "tt", "dfn", "q", "var", "abbr", "acronym",
    "cite", "bdo", "kbd", "samp",
]);

const EMPTY: u64 = set(&["br", "img", "hr", "area"]);

const ANY: u64 = u64::MAX;

/// Elements that have only these in them, and no text.
const CHILDREN: [u64; ELEMENTS.len()] = table(&[
    ("table", set(&["tbody", "tr", "caption", "thead", "tfoot", "col", "colgroup"])),
    ("tr", set(&["td", "th"])),
    ("tbody", set(&["tr"])),
    ("thead", set(&["tr"])),
    ("tfoot", set(&["tr"])),
    ("ul", set(&["li"])),
    ("ol", set(&["li"])),
    ("dl", set(&["dd", "dt"])),
    ("map", set(&["area"])),
]);

/// Elements that stand only in these.
const PARENTS: [u64; ELEMENTS.len()] = table(&[
    ("tr", set(&["table", "thead", "tfoot", "tbody"])),
    ("td", set(&["tr", "thead", "tfoot"])),
    ("th", set(&["tr", "thead", "tfoot"])),
    ("tbody", set(&["table"])),
    ("thead", set(&["table"])),
    ("tfoot", set(&["table"])),
    ("caption", set(&["table"])),
    ("colgroup", set(&["table"])),
    ("col", set(&["colgroup", "table"])),
    ("li", set(&["ul", "ol"])),
    ("dd", set(&["dl"])),
    ("dt", set(&["dl"])),
]);

/// A set for every element; any where there is no row.
const fn table(rows: &[(&str, u64)]) -> [u64; ELEMENTS.len()] {
    let mut sets = [ANY; ELEMENTS.len()];
    let mut at = 0;
    while at < rows.len() {
        sets[place(rows[at].0)] = rows[at].1;
        at += 1;
    }
    sets
}

/// More elements in each other than any narrative has.
const DEEPEST: usize = 200;

/// An element that is open; none of XHTML's where it has no name that is known.
#[derive(Clone, Copy)]
pub(super) struct Open {
    element: Option<Element>,
    /// What is open from below the root to here.
    inside: u64,
}

impl Open {
    /// An element that opens within these.
    pub(super) fn new(open: &[Open], element: Option<Element>) -> Open {
        let inside = open.last().map_or(0, |parent| parent.inside | bit(element));
        Open { element, inside }
    }
}

fn bit(element: Option<Element>) -> u64 {
    element.map_or(0, Element::bit)
}

fn of(table: &[u64; ELEMENTS.len()], element: Option<Element>) -> u64 {
    element.map_or(ANY, |element| table[element.index()])
}

/// Whether an element may stand in these, which are open around it from the outside in.
pub(super) fn allows(open: &[Open], element: Option<Element>) -> bool {
    let Some(parent) = open.last() else { return true };
    if open.len() >= DEEPEST {
        return false;
    }
    let own = bit(element);
    let fits = |wanted: u64, found: u64| wanted == ANY || wanted & found != 0;
    let in_place = fits(of(&PARENTS, element), bit(parent.element));
    let wanted = fits(of(&CHILDREN, parent.element), own);
    let is_block = own & BLOCKS != 0 && parent.inside & OF_TEXT != 0;
    let in_paragraph = own & PARAGRAPHS != 0 && parent.inside & set(&["p"]) != 0;
    let in_itself = own & MARKS & parent.inside != 0;
    in_place && wanted && !is_block && !in_paragraph && !in_itself && bit(parent.element) & EMPTY == 0
}

/// Whether text may stand directly in an element.
pub(super) fn allows_text(parent: &Open) -> bool {
    of(&CHILDREN, parent.element) == ANY && bit(parent.element) & EMPTY == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open(names: &[&str]) -> Vec<Open> {
        let mut open = Vec::new();
        for name in names {
            open.push(Open::new(&open, Element::find(name)));
        }
        open
    }

    #[test]
    fn rows_stand_in_tables_and_blocks_outside_text() {
        for (open, name) in
            [(&["div", "table", "tr"][..], "td"), (&["div"], "div"), (&["div", "p", "b"], "i"), (&["div", "ul"], "li")]
        {
            assert!(allows(&self::open(open), Element::find(name)), "{name} in {open:?}");
        }
        for (open, name) in [
            (&["div"][..], "td"),
            (&["div", "table"], "p"),
            (&["div", "span"], "div"),
            (&["div", "b", "i"], "b"),
            (&["div", "br"], "b"),
            (&["div"], "li"),
            (&["div", "p", "i"], "p"),
            (&["div", "ul"], "none"),
        ] {
            assert!(!allows(&self::open(open), Element::find(name)), "{name} in {open:?}");
        }
        let text = |name: &str| allows_text(&open(&["div", name])[1]);
        assert!(text("td") && text("none") && !text("tr") && !text("br"));
    }
}
