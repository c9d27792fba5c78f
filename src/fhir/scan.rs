//! Where in a JSON text the values stand that FHIRPath expressions name.

use ahash::AHashMap;

/// The offset of each expression in a JSON text that parses, or that of what is nearest around it. Time and memory grow
/// with the text and with what is asked for, not with their product.
pub fn offsets(text: &str, expressions: &[String]) -> Vec<usize> {
    let root = Place { around: ROOT, offset: None };
    let mut scan = Scan { bytes: text.as_bytes(), at: 0, places: vec![root], inner: AHashMap::new() };
    let places: Vec<usize> = expressions.iter().map(|expression| scan.want(expression)).collect();
    scan.value(Some(ROOT));
    places.into_iter().map(|place| scan.offset(place)).collect()
}

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Step<'e> {
    Name(&'e str),
    Item(usize),
}

/// A wanted place or one on the way to it.
struct Place {
    around: usize,
    offset: Option<usize>,
}

const ROOT: usize = 0;

struct Scan<'t, 'e> {
    bytes: &'t [u8],
    at: usize,
    places: Vec<Place>,
    inner: AHashMap<(usize, Step<'e>), usize>,
}

impl<'t, 'e> Scan<'t, 'e> {
    /// The place of an expression such as `Patient.name[0].family`, whose first name is the root.
    fn want(&mut self, expression: &'e str) -> usize {
        let mut here = ROOT;
        for name in expression.split('.').skip(1) {
            let mut parts = name.split('[');
            here = self.within(here, Step::Name(parts.next().unwrap_or_default()));
            for index in parts.filter_map(|index| index.trim_end_matches(']').parse().ok()) {
                here = self.within(here, Step::Item(index));
            }
        }
        here
    }

    fn within(&mut self, around: usize, step: Step<'e>) -> usize {
        let next = self.places.len();
        let inner = *self.inner.entry((around, step)).or_insert(next);
        if inner == next {
            self.places.push(Place { around, offset: None });
        }
        inner
    }

    /// Where a wanted place is, or else what is nearest around it.
    fn offset(&self, mut at: usize) -> usize {
        loop {
            match self.places[at].offset {
                Some(offset) => return offset,
                None if at == ROOT => return 0,
                None => at = self.places[at].around,
            }
        }
    }

    fn found(&mut self, wanted: Option<usize>, offset: usize) {
        if let Some(wanted) = wanted {
            self.places[wanted].offset.get_or_insert(offset);
        }
    }

    fn wanted_in(&self, around: Option<usize>, step: Step<'_>) -> Option<usize> {
        self.inner.get(&(around?, step)).copied()
    }

    fn space(&mut self) {
        while self.bytes.get(self.at).is_some_and(u8::is_ascii_whitespace) {
            self.at += 1;
        }
    }

    /// `wanted` is the place of this value, where it or something in it is asked for.
    fn value(&mut self, wanted: Option<usize>) {
        self.space();
        self.found(wanted, self.at);
        match self.bytes.get(self.at) {
            Some(b'{') => self.items(b'}', true, wanted),
            Some(b'[') => self.items(b']', false, wanted),
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

    fn items(&mut self, end: u8, named: bool, wanted: Option<usize>) {
        self.at += 1;
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
            let inner = if named {
                let start = self.at;
                let name = self.string();
                // What stands beside a primitive belongs to it.
                let name = String::from_utf8_lossy(name.strip_prefix(b"_").unwrap_or(name));
                let inner = self.wanted_in(wanted, Step::Name(&name));
                self.found(inner, start);
                self.space();
                self.at += 1;
                inner
            } else {
                self.wanted_in(wanted, Step::Item(index))
            };
            self.value(inner);
        }
    }

    /// What stands between quotes, as it is written.
    fn string(&mut self) -> &'t [u8] {
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
        &self.bytes[start.min(end)..end]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_name_around_many_values_takes_its_room_once() {
        let text = format!("{{\"{}\": [{}1], \"b\": 2}}", "x".repeat(100_000), "1, ".repeat(100_000));
        let offsets = offsets(&text, &["Patient.b".to_owned(), "Patient.c[0].d".to_owned()]);
        assert_eq!(offsets, [text.find("\"b\"").expect("it is there"), 0]);
    }
}
