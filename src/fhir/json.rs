//! Reads JSON from a stranger: bounded in depth before anything recurses, and without properties that hide others.

use std::collections::HashSet;
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

/// Deeper than any FHIR resource or native document goes, and well under what a reader's stack bears.
pub const MAX_DEPTH: usize = 64;

/// Why a text is no JSON that can be taken. Carries places, never text of the document.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum JsonError {
    #[error("the body is empty")]
    Empty,
    #[error("objects and lists are nested deeper than {MAX_DEPTH} levels at byte {at}")]
    TooDeep { at: usize },
    #[error("this is not JSON: line {line}, column {column}: {}", fault.english())]
    Syntax { line: usize, column: usize, fault: SyntaxFault },
    /// Which of two would count is up to the reader, so neither does.
    #[error("an object has the same property twice: line {line}, column {column}")]
    Duplicate { line: usize, column: usize },
}

/// What keeps a text from being JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SyntaxFault {
    Empty,
    EndsEarly,
    GoesOn,
    CommaBeforeEnd,
    NameWithoutQuotes,
    BetweenItems,
    AfterName,
    Escape,
    ControlCharacter,
    Number,
    NotUtf8,
    NoValue,
}

impl SyntaxFault {
    /// The reader's own words are the only place where it says what is wrong; those that are not known say the least.
    fn of(error: &serde_json::Error) -> SyntaxFault {
        const WORDS: [(&str, SyntaxFault); 13] = [
            ("EOF", SyntaxFault::EndsEarly),
            ("trailing characters", SyntaxFault::GoesOn),
            ("trailing comma", SyntaxFault::CommaBeforeEnd),
            ("key must be a string", SyntaxFault::NameWithoutQuotes),
            ("expected `,`", SyntaxFault::BetweenItems),
            ("expected `:`", SyntaxFault::AfterName),
            ("control character", SyntaxFault::ControlCharacter),
            ("invalid number", SyntaxFault::Number),
            ("number out of range", SyntaxFault::Number),
            ("invalid unicode", SyntaxFault::NotUtf8),
            ("invalid escape", SyntaxFault::Escape),
            ("lone leading surrogate", SyntaxFault::Escape),
            ("unexpected end of hex escape", SyntaxFault::Escape),
        ];
        let said = error.to_string();
        let known = WORDS.iter().find(|(words, _)| said.starts_with(words));
        known.map_or(SyntaxFault::NoValue, |(_, fault)| *fault)
    }

    pub fn english(self) -> &'static str {
        match self {
            SyntaxFault::Empty => "there is nothing in it",
            SyntaxFault::EndsEarly => "the text ends before all that was opened is closed",
            SyntaxFault::GoesOn => "something stands after the end of the value",
            SyntaxFault::CommaBeforeEnd => "a comma stands before a closing bracket; leave it out",
            SyntaxFault::NameWithoutQuotes => "the name of a property stands between double quotes",
            SyntaxFault::BetweenItems => "a comma or a closing bracket is expected here",
            SyntaxFault::AfterName => "a colon is expected after the name of a property",
            SyntaxFault::Escape => "this is no escape that JSON knows",
            SyntaxFault::ControlCharacter => {
                "a line break, a tab or another control character within a string is escaped, such as \\n"
            }
            SyntaxFault::Number => "a number is not written like this",
            SyntaxFault::NotUtf8 => "the text is not UTF-8",
            SyntaxFault::NoValue => {
                "an object, an array, a string between double quotes, a number, true, false or null is expected here"
            }
        }
    }

    pub fn dutch(self) -> &'static str {
        match self {
            SyntaxFault::Empty => "er staat niets in",
            SyntaxFault::EndsEarly => "de tekst houdt op voordat alles wat geopend is, gesloten is",
            SyntaxFault::GoesOn => "er staat nog iets na het einde van de waarde",
            SyntaxFault::CommaBeforeEnd => "voor een sluithaak staat een komma; laat die weg",
            SyntaxFault::NameWithoutQuotes => "de naam van een eigenschap staat tussen dubbele aanhalingstekens",
            SyntaxFault::BetweenItems => "hier hoort een komma of een sluithaak",
            SyntaxFault::AfterName => "na de naam van een eigenschap hoort een dubbele punt",
            SyntaxFault::Escape => "deze escape kent JSON niet",
            SyntaxFault::ControlCharacter => {
                "een regeleinde, tab of ander stuurteken binnen een tekst krijgt een escape, zoals \\n"
            }
            SyntaxFault::Number => "zo wordt een getal niet geschreven",
            SyntaxFault::NotUtf8 => "de tekst is geen UTF-8",
            SyntaxFault::NoValue => {
                "hier hoort een object, een lijst, een tekst tussen dubbele aanhalingstekens, een getal, true, false of null"
            }
        }
    }
}

/// The value of a JSON text (UTF-8). Time grows linearly with the text; depth is refused before it costs stack.
pub fn parse(text: &[u8]) -> Result<Value, JsonError> {
    if text.iter().all(u8::is_ascii_whitespace) {
        return Err(JsonError::Empty);
    }
    check_depth(text)?;
    serde_json::from_slice::<UniqueKeys>(text).map_err(|error| {
        let (line, column) = place(&error);
        if error.is_data() { JsonError::Duplicate { line, column } } else { syntax(&error) }
    })?;
    serde_json::from_slice(text).map_err(|error| syntax(&error))
}

fn syntax(error: &serde_json::Error) -> JsonError {
    let (line, column) = place(error);
    JsonError::Syntax { line, column, fault: SyntaxFault::of(error) }
}

/// Line and column, both from 1: the reader calls the column of a line break 0, and counts it to the next line.
fn place(error: &serde_json::Error) -> (usize, usize) {
    (error.line().max(1), error.column().max(1))
}

/// Counts brackets outside of strings.
fn check_depth(text: &[u8]) -> Result<(), JsonError> {
    let (mut depth, mut in_string, mut escaped) = (0_usize, false, false);
    for (at, byte) in text.iter().enumerate() {
        if in_string {
            match byte {
                _ if escaped => escaped = false,
                b'\\' => escaped = true,
                b'"' => in_string = false,
                _ => {}
            }
            continue;
        }
        match byte {
            b'"' => in_string = true,
            b'{' | b'[' => {
                depth += 1;
                if depth > MAX_DEPTH {
                    return Err(JsonError::TooDeep { at });
                }
            }
            b'}' | b']' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    Ok(())
}

/// Reads anything and keeps nothing; fails where an object names a property twice.
struct UniqueKeys;

impl<'de> Deserialize<'de> for UniqueKeys {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(UniqueKeys)
    }
}

impl<'de> Visitor<'de> for UniqueKeys {
    type Value = UniqueKeys;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<UniqueKeys, A::Error> {
        let mut seen = HashSet::new();
        while let Some(key) = map.next_key::<String>()? {
            if !seen.insert(key) {
                return Err(serde::de::Error::custom("duplicate property"));
            }
            map.next_value::<UniqueKeys>()?;
        }
        Ok(UniqueKeys)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<UniqueKeys, A::Error> {
        while list.next_element::<UniqueKeys>()?.is_some() {}
        Ok(UniqueKeys)
    }

    fn visit_bool<E>(self, _: bool) -> Result<UniqueKeys, E> {
        Ok(UniqueKeys)
    }

    fn visit_i64<E>(self, _: i64) -> Result<UniqueKeys, E> {
        Ok(UniqueKeys)
    }

    fn visit_u64<E>(self, _: u64) -> Result<UniqueKeys, E> {
        Ok(UniqueKeys)
    }

    fn visit_f64<E>(self, _: f64) -> Result<UniqueKeys, E> {
        Ok(UniqueKeys)
    }

    fn visit_str<E>(self, _: &str) -> Result<UniqueKeys, E> {
        Ok(UniqueKeys)
    }

    fn visit_unit<E>(self) -> Result<UniqueKeys, E> {
        Ok(UniqueKeys)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_keep_their_text() {
        let value = parse(br#"{"a": [1.10, true, null, "x", -3]}"#).expect("JSON");
        assert_eq!(value["a"][0].to_string(), "1.10");
    }

    #[test]
    fn ten_thousand_levels_are_refused_before_they_cost_stack() {
        let deep = "[".repeat(10_000);
        assert_eq!(parse(deep.as_bytes()), Err(JsonError::TooDeep { at: MAX_DEPTH }));
        let fine = format!("{}{}", "[".repeat(MAX_DEPTH), "]".repeat(MAX_DEPTH));
        assert!(parse(fine.as_bytes()).is_ok());
    }

    #[test]
    fn brackets_in_strings_are_no_depth() {
        let text = format!(r#"{{"a": "\"{}"}}"#, "[".repeat(1000));
        assert!(parse(text.as_bytes()).is_ok());
    }

    #[test]
    fn a_property_given_twice_is_refused_at_any_depth() {
        assert!(matches!(parse(br#"[{"a": {"b": 1, "b": 2}}]"#), Err(JsonError::Duplicate { line: 1, .. })));
    }

    #[test]
    fn what_is_no_json_is_refused_by_place_and_never_quoted() {
        let error = parse(b"{\"name\": Jansen}").expect_err("no JSON");
        assert_eq!(error, JsonError::Syntax { line: 1, column: 10, fault: SyntaxFault::NoValue });
        assert!(!error.to_string().contains("Jansen"));
        assert_eq!(parse(b" \n"), Err(JsonError::Empty));
        assert_eq!(
            parse(b"{\"a\": \"\n\"}"),
            Err(JsonError::Syntax { line: 2, column: 1, fault: SyntaxFault::ControlCharacter }),
            "a line break in a text"
        );
    }
}
