//! Regular expressions that definitions, forms and FHIRPath carry.

use regex::{Regex, RegexBuilder};

/// What one may take when it is made, in bytes; enough for a range of some thousand letters of any script.
pub const SIZE_LIMIT: usize = 1 << 20;

/// What one of a definition that is installed may take: `\p{L}{1,200}` does more than [`SIZE_LIMIT`], which holds for those
/// that a sender may have made.
pub const DEFINED: usize = 10 << 20;

/// Why a text is not made into an expression.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// It is no regular expression.
    Broken,
    /// It would take more than the limit, or has what only other engines have.
    Beyond,
}

/// What other engines have and this one has not: looking around, atomic groups, references back, quoting.
const ELSEWHERE: &[&str] = &[
    "(?=", "(?!", "(?<=", "(?<!", "(?>", "\\1", "\\2", "\\3", "\\4", "\\5", "\\6", "\\7", "\\8", "\\9", "\\k<", "\\Q",
    "\\Z", "\\G",
];

/// An expression that takes no more bytes than `limit`; `.` is any character, a line's end too.
///
/// # Errors
/// What is no regular expression, and what asks for more than there is.
pub fn anywhere(expression: &str, limit: usize) -> Result<Regex, Refusal> {
    make(RegexBuilder::new(&in_ascii(expression)).dot_matches_new_line(true), expression, limit)
}

/// An expression that a whole text must match; `None` where it is none, or would take more than [`SIZE_LIMIT`].
pub fn whole(expression: &str) -> Option<Regex> {
    make(&mut RegexBuilder::new(&format!("^(?:{})$", in_ascii(expression))), expression, SIZE_LIMIT).ok()
}

/// Whether a text is a regular expression, however much it would take and whoever has what it asks for.
pub fn is_one(text: &str) -> bool {
    !matches!(make(&mut RegexBuilder::new(&in_ascii(text)), text, 1 << 16), Err(Refusal::Broken))
}

fn make(builder: &mut RegexBuilder, expression: &str, limit: usize) -> Result<Regex, Refusal> {
    builder.size_limit(limit).build().map_err(|error| {
        let is_beyond = matches!(error, regex::Error::CompiledTooBig(_))
            || ELSEWHERE.iter().any(|construct| expression.contains(construct));
        if is_beyond { Refusal::Beyond } else { Refusal::Broken }
    })
}

/// `\d`, `\s` and `\w` as they are meant: digits, spaces and letters of ASCII, not of every script.
fn in_ascii(expression: &str) -> String {
    let mut made = String::with_capacity(expression.len());
    let mut characters = expression.chars().peekable();
    // How deep within brackets; a `]` that comes first in them is a letter.
    let mut depth = 0_usize;
    while let Some(c) = characters.next() {
        match c {
            '\\' => {
                let escaped = characters.next();
                let class = match escaped {
                    Some('d') => "[:digit:]",
                    Some('D') => "[:^digit:]",
                    Some('s') => "[:space:]",
                    Some('S') => "[:^space:]",
                    Some('w') => "[:word:]",
                    Some('W') => "[:^word:]",
                    _ => {
                        made.push(c);
                        made.extend(escaped);
                        continue;
                    }
                };
                match depth {
                    0 => made.extend(["[", class, "]"]),
                    _ => made.push_str(class),
                }
                continue;
            }
            '[' => {
                depth += 1;
                made.push(c);
                made.extend(characters.next_if_eq(&'^'));
                made.extend(characters.next_if_eq(&']'));
                continue;
            }
            ']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        made.push(c);
    }
    made
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_expression_that_takes_megabytes_is_refused() {
        assert!(whole("[A-Z]{2}[0-9]{3}").is_some_and(|form| form.is_match("AB123") && !form.is_match("xAB123")));
        assert!(whole(r"(\p{L}{100}){100}").is_none() && is_one(r"(\p{L}{100}){100}"));
        assert!(whole("(").is_none() && !is_one("("));
    }

    #[test]
    fn what_only_other_engines_have_is_no_fault_of_the_expression() {
        for expression in ["^(?!a)b", r"(a)\1", "(?<=a)b"] {
            assert_eq!(anywhere(expression, SIZE_LIMIT).err(), Some(Refusal::Beyond), "{expression}");
            assert!(is_one(expression));
        }
        assert_eq!(anywhere("a(", SIZE_LIMIT).err(), Some(Refusal::Broken));
        assert_eq!(anywhere(r"(\p{L}{100}){100}", SIZE_LIMIT).err(), Some(Refusal::Beyond));
    }

    #[test]
    fn digits_spaces_and_letters_are_those_of_ascii() {
        let matches = |expression: &str, text: &str| whole(expression).is_some_and(|form| form.is_match(text));
        for (expression, right, wrong) in [
            (r"\d+", "123", "١٢٣"),
            (r"[\d.]+", "1.5", "١.٥"),
            (r"\w+", "aB_9", "é"),
            (r"[\w-]+", "a-b", "é-b"),
            (r"[\w-\.]+", "a-b.c", "é"),
            (r"\D+", "é", "1"),
            (r"[^\d]+", "é", "1"),
            (r"[^]\d]+", "é", "]"),
            (r"\S\s\S", "a b", "a\u{a0}b"),
            (r"\\d", r"\d", "1"),
            (r"[[:alpha:]\d]+", "a1", "-"),
        ] {
            assert!(matches(expression, right) && !matches(expression, wrong), "{expression}");
        }
    }
}
