//! What the index knows of a definition.

use serde_json::Value;

/// One definition: what it is called, and where its text lies. Empty text where the definition does not say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Entry {
    pub resource_type: Box<str>,
    pub url: Box<str>,
    pub version: Box<str>,
    pub id: Box<str>,
    /// StructureDefinition: `type`. SearchParameter: its `base` types, with spaces between.
    pub about: Box<str>,
    /// StructureDefinition: `kind`. CodeSystem: `content`.
    pub kind: Box<str>,
    /// StructureDefinition: `derivation`.
    pub derivation: Box<str>,
    /// StructureDefinition: `baseDefinition`. CodeSystem: `supplements`.
    pub base: Box<str>,
    /// StructureDefinition: the definition carries a snapshot.
    pub has_snapshot: bool,
    pub(super) offset: u64,
    pub(super) length: u32,
    pub(super) crc: u32,
}

impl Entry {
    /// Describes a definition; `None` for JSON that is no resource with a canonical URL.
    pub fn of(resource: &Value) -> Option<Entry> {
        let text = |key: &str| clean(resource.get(key).and_then(Value::as_str).unwrap_or_default());
        let resource_type = text("resourceType");
        let mut entry = Entry { url: text("url"), version: text("version"), id: text("id"), ..Entry::default() };
        match &*resource_type {
            "StructureDefinition" => {
                entry.about = text("type");
                entry.kind = text("kind");
                entry.derivation = text("derivation");
                entry.base = text("baseDefinition");
                let elements = resource.pointer("/snapshot/element").and_then(Value::as_array);
                entry.has_snapshot = elements.is_some_and(|elements| !elements.is_empty());
            }
            "CodeSystem" => {
                entry.kind = text("content");
                entry.base = text("supplements");
            }
            "SearchParameter" => {
                let base = resource.get("base").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
                entry.about = clean(&base.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(" "));
            }
            _ => {}
        }
        entry.resource_type = resource_type;
        (!entry.resource_type.is_empty() && !entry.url.is_empty()).then_some(entry)
    }

    fn texts(&self) -> [&str; 8] {
        let Entry { resource_type, url, version, id, about, kind, derivation, base, .. } = self;
        [resource_type, url, version, id, about, kind, derivation, base]
    }

    /// A line of the index.
    pub(super) fn write(&self, index: &mut String) {
        use std::fmt::Write;
        for text in self.texts() {
            index.push_str(text);
            index.push('\t');
        }
        // Writing to a String cannot fail.
        let _ = writeln!(index, "{}\t{}\t{}\t{}", u8::from(self.has_snapshot), self.offset, self.length, self.crc);
    }

    /// Reads back what [`Entry::write`] wrote; `None` when it did not.
    pub(super) fn parse(line: &str) -> Option<Entry> {
        let mut fields = line.split('\t');
        let mut text = || fields.next().map(Box::from);
        let entry = Entry {
            resource_type: text()?,
            url: text()?,
            version: text()?,
            id: text()?,
            about: text()?,
            kind: text()?,
            derivation: text()?,
            base: text()?,
            has_snapshot: &*text()? == "1",
            offset: text()?.parse().ok()?,
            length: text()?.parse().ok()?,
            crc: text()?.parse().ok()?,
        };
        fields.next().is_none().then_some(entry)
    }
}

/// Control characters would break the lines of the index, and no URL or code has them.
fn clean(text: &str) -> Box<str> {
    if text.contains(char::is_control) {
        return text.replace(char::is_control, " ").into();
    }
    text.into()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    proptest! {
        #[test]
        fn an_index_line_gives_back_the_entry(
            url in "\\PC{1,20}|[a-z\t\n]{1,9}", id in "\\PC{0,9}", version in any::<String>(), place in any::<(u64, u32, u32)>()
        ) {
            let resource = json!({ "resourceType": "ValueSet", "url": url, "version": version, "id": id });
            let mut entry = Entry::of(&resource).unwrap();
            (entry.offset, entry.length, entry.crc) = place;
            let mut line = String::new();
            entry.write(&mut line);
            prop_assert_eq!(Entry::parse(line.strip_suffix('\n').unwrap()), Some(entry));
        }
    }
}
