//! Which elements of XHTML stand within which: rows in tables, items in lists, no blocks in text.
//!
//! Source: the content models of <https://www.w3.org/TR/xhtml1/dtds.html>.

/// What text may not have in it, however deep.
const BLOCKS: &[&str] = &["div", "pre", "table", "ul", "ol"];

/// What a paragraph may not have in it besides.
const PARAGRAPHS: &[&str] = &["p", "blockquote"];

const OF_TEXT: &[&str] = &[
    "p", "h1", "h2", "h3", "h4", "h5", "h6", "pre", "address", "span", "caption", "dd", "dt", "a", "b", "em", "i",
    "strong", "small", "big", "sub", "sup", "code", "tt", "dfn", "q", "var", "abbr", "acronym", "cite", "bdo", "kbd",
    "samp",
];

/// Marks of text that do not stand in themselves.
const MARKS: &[&str] = &[
    "a", "b", "em", "i", "strong", "small", "big", "sub", "sup", "code", "tt", "dfn", "q", "var", "abbr", "acronym",
    "cite", "bdo", "kbd", "samp",
];

const EMPTY: &[&str] = &["br", "img", "hr", "area"];

/// Elements that have only these in them, and no text.
const CHILDREN: &[(&str, &[&str])] = &[
    ("table", &["tbody", "tr", "caption", "thead", "tfoot", "col", "colgroup"]),
    ("tr", &["td", "th"]),
    ("tbody", &["tr"]),
    ("thead", &["tr"]),
    ("tfoot", &["tr"]),
    ("ul", &["li"]),
    ("ol", &["li"]),
    ("dl", &["dd", "dt"]),
    ("map", &["area"]),
];

/// Elements that stand only in these.
const PARENTS: &[(&str, &[&str])] = &[
    ("tr", &["table", "thead", "tfoot", "tbody"]),
    ("td", &["tr", "thead", "tfoot"]),
    ("th", &["tr", "thead", "tfoot"]),
    ("tbody", &["table"]),
    ("thead", &["table"]),
    ("tfoot", &["table"]),
    ("caption", &["table"]),
    ("colgroup", &["table"]),
    ("col", &["colgroup", "table"]),
    ("li", &["ul", "ol"]),
    ("dd", &["dl"]),
    ("dt", &["dl"]),
];

fn row<'t>(table: &'t [(&str, &[&'t str])], name: &str) -> Option<&'t [&'t str]> {
    table.iter().find(|(n, _)| *n == name).map(|(_, names)| *names)
}

/// More elements in each other than any narrative has; each asks all that are around it.
const DEEPEST: usize = 200;

/// Whether an element may stand in these, which are open around it from the outside in.
pub(super) fn allows(open: &[&str], name: &str) -> bool {
    let Some(parent) = open.last() else { return true };
    if open.len() >= DEEPEST {
        return false;
    }
    let within = |of: &[&str]| open[1..].iter().any(|o| of.contains(o));
    let in_place = row(PARENTS, name).is_none_or(|parents| parents.contains(parent));
    let wanted = row(CHILDREN, parent).is_none_or(|children| children.contains(&name));
    let is_block = BLOCKS.contains(&name) && within(OF_TEXT);
    let in_paragraph = PARAGRAPHS.contains(&name) && within(&["p"]);
    let in_itself = MARKS.contains(&name) && open[1..].contains(&name);
    in_place && wanted && !is_block && !in_paragraph && !in_itself && !EMPTY.contains(parent)
}

/// Whether text may stand directly in an element.
pub(super) fn allows_text(parent: &str) -> bool {
    row(CHILDREN, parent).is_none() && !EMPTY.contains(&parent)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_stand_in_tables_and_blocks_outside_text() {
        for (open, name) in
            [(&["div", "table", "tr"][..], "td"), (&["div"], "div"), (&["div", "p", "b"], "i"), (&["div", "ul"], "li")]
        {
            assert!(allows(open, name), "{name} in {open:?}");
        }
        for (open, name) in [
            (&["div"][..], "td"),
            (&["div", "table"], "p"),
            (&["div", "span"], "div"),
            (&["div", "b", "i"], "b"),
            (&["div", "br"], "b"),
            (&["div"], "li"),
            (&["div", "p", "i"], "p"),
        ] {
            assert!(!allows(open, name), "{name} in {open:?}");
        }
        assert!(allows_text("td") && !allows_text("tr"));
    }
}
