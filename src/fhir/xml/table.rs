//! A layout from a few lines of text, for a release whose definitions are not here.

use std::sync::Arc;

use ahash::AHashMap;

use super::layout::{Content, Element, Elements, Layout, expand};

/// A type: its name, what it is based on, and its own elements.
pub type Row = (&'static str, &'static str, &'static str);

/// Reads rows such as
///
/// ```text
/// ("Resource",       "",               "id id; meta Meta; implicitRules uri; language code")
/// ("DomainResource", "Resource",       "text Narrative; contained* Resource; extension* Extension; …")
/// ("Patient",        "DomainResource", "active boolean; name* HumanName; deceased[x] boolean,dateTime; contact* .;
///                                       contact.relationship* CodeableConcept; contact.name HumanName")
/// ("Extension",      "Element",        "@url uri; value[x] string,Coding")
/// ("ValueSet",       "DomainResource", "…; expansion.contains.contains* =expansion.contains")
/// ```
///
/// - `*` repeats, `@` is an attribute in XML, `[x]` a choice of the types that follow.
/// - `.` is an element with elements of its own (BackboneElement), which follow with the path before them; `:` is the
///   same without `modifierExtension` (Element); `=` says that it has the elements of another.
/// - What a table does not tell is which elements are mandatory or a summary.
/// - A type with `Resource` among its bases stands by itself, unless another is based on it.
pub struct Table(AHashMap<Box<str>, Arc<Elements>>);

impl Table {
    /// Bases come before what is based on them. A row that cannot be read is an element less, which the tests of the
    /// table see.
    pub fn new(rows: &[Row]) -> Self {
        let mut types: AHashMap<&str, Vec<Element>> = AHashMap::new();
        let mut resources: Vec<&str> = Vec::new();
        let mut all: Vec<(String, Vec<Element>)> = Vec::new();
        for &(name, base, text) in rows {
            let start = all.len();
            all.push((name.to_owned(), types.get(base).cloned().unwrap_or_default()));
            for row in text.split(';') {
                let mut words = row.split_whitespace();
                let (Some(path), Some(what)) = (words.next(), words.next()) else { continue };
                let attribute = path.starts_with('@');
                let path = path.trim_start_matches('@');
                let repeats = path.ends_with('*');
                let path = path.trim_end_matches('*');
                let (parent, element) = match path.rsplit_once('.') {
                    Some((parent, element)) => (format!("{name}.{parent}"), element),
                    None => (name.to_owned(), path),
                };
                let full = format!("{name}.{path}");
                let like = Element {
                    name: element.into(),
                    repeats,
                    attribute,
                    always: false,
                    summary: false,
                    content: Content::Text,
                };
                let of = |content| vec![Element { content, ..like.clone() }];
                let elements = match (what, what.strip_prefix('=')) {
                    (_, Some(other)) => of(Content::Type(format!("{name}.{other}").into())),
                    ("." | ":", _) => {
                        let base = if what == "." { "BackboneElement" } else { "Element" };
                        all.push((full.clone(), types.get(base).cloned().unwrap_or_default()));
                        of(Content::Type(full.into()))
                    }
                    _ => expand(&like, what.split(',')),
                };
                if let Some((_, list)) = all[start..].iter_mut().find(|(path, _)| *path == parent) {
                    list.extend(elements);
                }
            }
            types.insert(name, all[start].1.clone());
            if name == "Resource" || resources.contains(&base) {
                resources.push(name);
            }
        }
        let standing = |name: &str| resources.contains(&name) && !rows.iter().any(|(_, base, _)| *base == name);
        let of = |(name, list): (String, Vec<Element>)| {
            let resource = standing(&name);
            (name.into(), Arc::new(Elements::new(list, resource)))
        };
        Table(all.into_iter().map(of).collect())
    }
}

impl Layout for Table {
    fn elements(&self, of: &str) -> Option<Arc<Elements>> {
        self.0.get(of).cloned()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::{read, write};
    use super::*;

    const ROWS: &[Row] = &[
        ("Element", "", "@id string; extension* Extension"),
        ("BackboneElement", "Element", "modifierExtension* Extension"),
        ("Extension", "Element", "@url uri; value[x] string,Coding,boolean"),
        ("Coding", "Element", "system uri; code code"),
        ("Resource", "", "id id; language code"),
        ("DomainResource", "Resource", "text Narrative; contained* Resource; extension* Extension"),
        ("Narrative", "Element", "status code; div xhtml"),
        ("Thing", "DomainResource", "count integer; name* string; part* .; part.size decimal; part.part* =part; end :"),
    ];

    #[test]
    fn a_table_lays_out_every_kind_of_element() {
        let table = Table::new(ROWS);
        let thing = json!({
            "resourceType": "Thing", "id": "a",
            "text": { "status": "generated", "div": "<div xmlns=\"http://www.w3.org/1999/xhtml\">x &lt; y</div>" },
            "contained": [{ "resourceType": "Thing", "id": "b" }],
            "extension": [{ "url": "urn:x", "valueCoding": { "code": "c" } }],
            "count": 3, "_count": { "id": "n", "extension": [{ "url": "urn:y", "valueBoolean": true }] },
            "name": [null, "two\n\"& <"], "_name": [{ "extension": [{ "url": "urn:z", "valueString": "z" }] }, null],
            "part": [{ "id": "p", "size": 1.5, "part": [{ "size": 2 }] }],
            "end": {},
        });
        let text = write(&table, &thing).expect("written");
        assert_eq!(read(&table, &text).expect("read").resource, thing, "{text}");
        let order = ["<id ", "<text>", "<contained>", "<extension ", "<count ", "<name>", "<part ", "<end/>"];
        let places: Vec<_> =
            order.iter().map(|part| text.find(part).unwrap_or_else(|| panic!("{part}: {text}"))).collect();
        assert!(places.is_sorted(), "{text}");
    }

    #[test]
    fn what_the_table_does_not_know_is_never_left_out_unseen() {
        let table = Table::new(ROWS);
        for (bad, at) in [
            (json!({ "resourceType": "Resource" }), ""),
            (json!({ "resourceType": "Other" }), ""),
            (json!({ "resourceType": "Thing", "colour": "red" }), "Thing"),
            (json!({ "resourceType": "Thing", "name": [] }), "Thing.name"),
            (json!({ "resourceType": "Thing", "count": { "x": 1 } }), "Thing.count"),
            (json!({ "resourceType": "Thing", "part": [{ "size": 1, "x": 1 }] }), "Thing.part"),
            (json!({ "resourceType": "Thing", "text": { "div": "no markup" } }), "Thing.text.div"),
        ] {
            assert_eq!(write(&table, &bad).map_err(|it| it.at), Err(at.to_owned()), "{bad}");
        }
    }
}
