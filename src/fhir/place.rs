//! Places in a text, as people count them.

/// Line and column (from 1, columns in characters) of an offset in bytes.
pub fn line_and_column(text: &str, offset: usize) -> (u32, u32) {
    Counting::new(text).on_to(offset)
}

/// A text of UTF-8, or where it stops to be one.
///
/// # Errors
/// Line and column of the first byte that is none.
pub fn utf8(bytes: &[u8]) -> Result<&str, (u32, u32)> {
    std::str::from_utf8(bytes).map_err(|error| {
        let (before, _) = bytes.split_at(error.valid_up_to());
        line_and_column(&String::from_utf8_lossy(before), before.len())
    })
}

/// Goes through a text once, from place to place.
pub struct Counting<'t> {
    text: &'t str,
    offset: usize,
    at: (u32, u32),
}

impl<'t> Counting<'t> {
    pub fn new(text: &'t str) -> Self {
        Counting { text, offset: 0, at: (1, 1) }
    }

    /// Line and column of an offset that does not lie before the last one. One within a character counts as its start,
    /// one past the end as the end.
    pub fn on_to(&mut self, offset: usize) -> (u32, u32) {
        let offset = self.text.floor_char_boundary(offset).max(self.offset);
        for character in self.text[self.offset..offset].chars() {
            self.at = if character == '\n' { (self.at.0 + 1, 1) } else { (self.at.0, self.at.1 + 1) };
        }
        self.offset = offset;
        self.at
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_the_same_whether_counted_at_once_or_on_the_way() {
        let text = "één\n\ntwee\r\ndrie";
        let mut counting = Counting::new(text);
        for offset in 0..text.len() + 2 {
            assert_eq!(counting.on_to(offset), line_and_column(text, offset), "{offset}");
        }
        assert_eq!(line_and_column(text, 5), (1, 4));
        assert_eq!(line_and_column(text, 8), (3, 2));
        assert_eq!(line_and_column(text, 99), (4, 5));
    }
}
