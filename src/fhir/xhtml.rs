//! The part of XHTML that a narrative may use. Source: <http://hl7.org/fhir/R4/narrative.html#xhtml>.

/// Elements, sorted.
pub const ELEMENTS: &[&str] = &[
    "a",
    "abbr",
    "acronym",
    "address",
    "area",
    "b",
    "bdo",
    "big",
    "blockquote",
    "br",
    "caption",
    "cite",
    "code",
    "col",
    "colgroup",
    "dd",
    "dfn",
    "div",
    "dl",
    "dt",
    "em",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "hr",
    "i",
    "img",
    "kbd",
    "li",
    "map",
    "ol",
    "p",
    "pre",
    "q",
    "samp",
    "small",
    "span",
    "strong",
    "sub",
    "sup",
    "table",
    "tbody",
    "td",
    "tfoot",
    "th",
    "thead",
    "tr",
    "tt",
    "ul",
    "var",
];

/// An element of [`ELEMENTS`], by its place there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Element(u8);

/// Where the elements start that begin with each letter, and behind `z` where they end.
const STARTS: [u8; 27] = {
    let mut starts = [0; 27];
    let mut at = 0;
    while at < ELEMENTS.len() {
        let letter = (ELEMENTS[at].as_bytes()[0] - b'a') as usize;
        at += 1;
        let mut later = letter + 1;
        while later < starts.len() {
            starts[later] = at as u8;
            later += 1;
        }
    }
    starts
};

impl Element {
    pub fn find(name: &str) -> Option<Element> {
        let letter = usize::from(name.bytes().next()?.wrapping_sub(b'a'));
        let (from, to) = (*STARTS.get(letter)?, *STARTS.get(letter + 1)?);
        (from..to).find(|at| ELEMENTS[usize::from(*at)] == name).map(Element)
    }

    /// The set that it is alone in.
    pub fn bit(self) -> u64 {
        1 << self.0
    }

    pub fn index(self) -> usize {
        usize::from(self.0)
    }
}

/// The set of these elements, a bit each; does not compile with a name that is none.
pub const fn set(names: &[&str]) -> u64 {
    let (mut bits, mut at) = (0, 0);
    while at < names.len() {
        bits |= 1 << place(names[at]);
        at += 1;
    }
    bits
}

/// The place of an element in [`ELEMENTS`].
pub const fn place(name: &str) -> usize {
    let mut at = 0;
    while at < ELEMENTS.len() {
        if same(ELEMENTS[at].as_bytes(), name.as_bytes()) {
            return at;
        }
        at += 1;
    }
    panic!("there is no such element")
}

const fn same(one: &[u8], other: &[u8]) -> bool {
    let mut at = 0;
    while at < one.len() && at < other.len() && one[at] == other[at] {
        at += 1;
    }
    at == one.len() && at == other.len()
}

/// Allowed on every element.
const ATTRIBUTES: &[&str] = &[
    "accesskey",
    "class",
    "dir",
    "id",
    "idref",
    "lang",
    "style",
    "tabindex",
    "title",
    "xml:lang",
    "xml:space",
    "xmlns",
];

/// Allowed on these elements besides.
const OWN_ATTRIBUTES: &[(&str, &[&str])] = &[
    ("a", &["charset", "coords", "href", "hreflang", "name", "rel", "rev", "shape", "target", "type"]),
    ("area", &["alt", "coords", "href", "nohref", "shape"]),
    ("blockquote", &["cite"]),
    ("caption", &["align"]),
    ("col", &["align", "char", "charoff", "span", "valign", "width"]),
    ("colgroup", &["align", "char", "charoff", "span", "valign", "width"]),
    ("del", &["cite", "datetime"]),
    ("div", &["align"]),
    ("hr", &["align", "noshade", "size", "width"]),
    ("img", &["align", "alt", "border", "height", "hspace", "ismap", "longdesc", "src", "usemap", "vspace", "width"]),
    ("ins", &["cite", "datetime"]),
    ("li", &["type", "value"]),
    ("map", &["name"]),
    ("ol", &["compact", "start", "type"]),
    ("p", &["align"]),
    ("q", &["cite"]),
    ("table", &["align", "bgcolor", "border", "cellpadding", "cellspacing", "frame", "rules", "summary", "width"]),
    ("tbody", &["align", "char", "charoff", "valign"]),
    ("td", CELL),
    ("tfoot", &["align", "char", "charoff", "valign"]),
    ("th", CELL),
    ("thead", &["align", "char", "charoff", "valign"]),
    ("tr", &["align", "bgcolor", "char", "charoff", "valign"]),
    ("ul", &["compact", "type"]),
];

const CELL: &[&str] = &[
    "abbr", "align", "axis", "bgcolor", "char", "charoff", "colspan", "headers", "height", "nowrap", "rowspan",
    "scope", "valign", "width",
];

/// Whether HTML 4 has this attribute for this element.
pub fn may_have(element: &str, attribute: &str) -> bool {
    let own = OWN_ATTRIBUTES.iter().find(|(of, _)| *of == element).map_or(&[][..], |(_, own)| own);
    ATTRIBUTES.contains(&attribute) || own.contains(&attribute)
}

/// Whether an address runs. Browsers skip blanks and control characters in front of and inside the scheme.
pub fn is_script(address: &str) -> bool {
    let shown = || address.chars().filter(|c| *c > ' ').map(|c| c.to_ascii_lowercase());
    ["javascript:", "vbscript:"].iter().any(|scheme| shown().take(scheme.len()).eq(scheme.chars()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_that_runs_is_told_by_its_scheme() {
        for script in ["javascript:x", " JavaScript:x", "java\tscript:x", "vbscript:x"] {
            assert!(is_script(script), "{script}");
        }
        for plain in ["http://example.org/javascript:x", "javascript", "#javascript:x", ""] {
            assert!(!is_script(plain), "{plain}");
        }
    }

    #[test]
    fn an_element_is_found_by_its_name_alone() {
        assert!(ELEMENTS.is_sorted() && ELEMENTS.len() <= 64);
        for (at, name) in ELEMENTS.iter().enumerate() {
            assert_eq!(Element::find(name).map(Element::index), Some(at), "{name}");
        }
        for none in ["", "script", "A", "Div", "zz", "{", "\u{e9}", "h7", "tablex"] {
            assert_eq!(Element::find(none), None, "{none}");
        }
    }
}
