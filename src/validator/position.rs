//! Line and column of findings: a second pass over the source, made only where there is something to place.

use ahash::AHashMap;

use crate::fhir::place::line_and_column;

/// The positions (from 1, columns in characters) of these FHIRPath expressions in a JSON text that parses. What has no
/// place of its own has that of the nearest element around it.
pub fn locate<'e>(text: &str, root: &str, wanted: impl Iterator<Item = &'e str>) -> AHashMap<&'e str, (u32, u32)> {
    let mut scan = Scan { bytes: text.as_bytes(), at: 0, path: root.to_owned(), found: AHashMap::new() };
    scan.value();
    place(text, &scan.found, wanted)
}

/// The same from offsets that are known. What has no place of its own has that of the nearest element around it.
pub fn place<'e>(
    text: &str,
    offsets: &AHashMap<String, usize>,
    wanted: impl Iterator<Item = &'e str>,
) -> AHashMap<&'e str, (u32, u32)> {
    let mut placed = AHashMap::new();
    for expression in wanted {
        let mut part = expression;
        let offset = loop {
            if let Some(offset) = offsets.get(part) {
                break *offset;
            }
            match part.rfind(['.', '[']) {
                Some(cut) => part = &part[..cut],
                None => break 0,
            }
        };
        placed.insert(expression, line_and_column(text, offset));
    }
    placed
}

struct Scan<'t> {
    bytes: &'t [u8],
    at: usize,
    path: String,
    found: AHashMap<String, usize>,
}

impl Scan<'_> {
    fn space(&mut self) {
        while self.bytes.get(self.at).is_some_and(u8::is_ascii_whitespace) {
            self.at += 1;
        }
    }

    fn value(&mut self) {
        self.space();
        self.found.entry(self.path.clone()).or_insert(self.at);
        match self.bytes.get(self.at) {
            Some(b'{') => self.items(b'}', true),
            Some(b'[') => self.items(b']', false),
            Some(b'"') => {
                self.string();
            }
            _ => {
                while self
                    .bytes
                    .get(self.at)
                    .is_some_and(|b| !matches!(b, b',' | b'}' | b']') && !b.is_ascii_whitespace())
                {
                    self.at += 1;
                }
            }
        }
    }

    fn items(&mut self, end: u8, named: bool) {
        self.at += 1;
        let length = self.path.len();
        for index in 0.. {
            self.space();
            match self.bytes.get(self.at) {
                None => return,
                Some(b) if *b == end => {
                    self.at += 1;
                    return;
                }
                Some(b',') => {
                    self.at += 1;
                    self.space();
                }
                Some(_) => {}
            }
            if named {
                let start = self.at;
                let name = self.string();
                self.path.push('.');
                // What stands beside a primitive belongs to it.
                self.path.push_str(name.strip_prefix('_').unwrap_or(&name));
                self.found.entry(self.path.clone()).or_insert(start);
                self.space();
                self.at += 1;
            } else {
                self.path.push_str(&format!("[{index}]"));
            }
            self.value();
            self.path.truncate(length);
        }
    }

    fn string(&mut self) -> String {
        let start = self.at + 1;
        self.at = start;
        while let Some(b) = self.bytes.get(self.at) {
            match b {
                b'\\' => self.at += 2,
                b'"' => break,
                _ => self.at += 1,
            }
        }
        let end = self.at.min(self.bytes.len());
        self.at += 1;
        String::from_utf8_lossy(&self.bytes[start.min(end)..end]).into_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_that_of_the_property_or_of_what_is_around() {
        let text = "{\n  \"name\": [\n    { \"family\": \"\\\"x\" }\n  ]\n}";
        let wanted = ["Patient.name[0].family", "Patient.name[0].given", "Patient"];
        let placed = locate(text, "Patient", wanted.into_iter());
        assert_eq!(placed["Patient.name[0].family"], (3, 7));
        assert_eq!(placed["Patient.name[0].given"], (3, 5));
        assert_eq!(placed["Patient"], (1, 1));
    }
}
