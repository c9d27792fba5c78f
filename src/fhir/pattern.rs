//! Regular expressions that definitions and forms carry.

use regex::{Regex, RegexBuilder};

/// What one may take when it is made, in bytes; enough for a range of some thousand letters of any script.
pub const SIZE_LIMIT: usize = 1 << 20;

/// An expression that a whole text must match; `None` where it is none, or would take more than the limit.
pub fn whole(expression: &str) -> Option<Regex> {
    RegexBuilder::new(&format!("^(?:{expression})$")).size_limit(SIZE_LIMIT).build().ok()
}

/// Whether a text is a regular expression, however much it would take.
pub fn is_one(text: &str) -> bool {
    let made = RegexBuilder::new(text).size_limit(1 << 16).build();
    !matches!(made, Err(regex::Error::Syntax(_)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_expression_that_takes_megabytes_is_refused() {
        assert!(whole("[A-Z]{2}[0-9]{3}").is_some_and(|form| form.is_match("AB123") && !form.is_match("xAB123")));
        assert!(whole(r"(\w{100}){100}").is_none() && is_one(r"(\w{100}){100}"));
        assert!(whole("(").is_none() && !is_one("("));
    }
}
