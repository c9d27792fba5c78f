//! The primitive types: what JSON they are, and whether a text is one of them.
//!
//! Source: <http://hl7.org/fhir/R4/datatypes.html#primitive>, and the calendar, which the regular expressions there
//! do not know.

use serde_json::{Number, Value};

use super::kind::Kind;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Primitive {
    Boolean,
    Integer,
    UnsignedInt,
    PositiveInt,
    Decimal,
    String,
    Markdown,
    Code,
    Id,
    Uri,
    Url,
    Canonical,
    Oid,
    Uuid,
    Base64Binary,
    Instant,
    Date,
    DateTime,
    Time,
    Xhtml,
}

/// Why a value is not one of its type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flaw {
    /// Another JSON type is expected, named here.
    JsonType(&'static str),
    Empty,
    TooLong(u64),
    Format,
    /// The form is right, and there is no such day or time.
    Calendar,
    /// A time of day without time zone.
    NoZone,
    /// A canonical that is neither absolute nor a fragment.
    NotAbsolute,
    /// A URI of a namespace without `urn:`, which is named here as it must be written.
    Scheme(&'static str),
    /// White space alone: worth a word, no more.
    Blank,
    /// Characters that XML cannot carry: worth a word, no more.
    Control,
}

impl Flaw {
    pub fn refuses(self) -> bool {
        !matches!(self, Flaw::Blank | Flaw::Control)
    }

    /// The finding that this flaw of a primitive is.
    pub fn kind(self, primitive: Primitive) -> Kind {
        let type_name = primitive.name();
        match self {
            Flaw::JsonType(expected) => Kind::WrongJsonType { expected },
            Flaw::Empty => Kind::EmptyValue { type_name },
            Flaw::TooLong(max) => Kind::TooLong { max, type_name },
            Flaw::Format => Kind::BadFormat { type_name },
            Flaw::Calendar => Kind::NoSuchDate { type_name },
            Flaw::NoZone => Kind::NoTimeZone,
            Flaw::NotAbsolute => Kind::NotAbsolute { type_name },
            Flaw::Scheme(expected) => Kind::BadUriScheme { expected },
            Flaw::Blank => Kind::BlankText,
            Flaw::Control => Kind::ControlCharacters,
        }
    }
}

const STRING_LIMIT: usize = 1_048_576;

impl Primitive {
    pub fn of(code: &str) -> Option<Primitive> {
        Some(match code {
            "boolean" => Primitive::Boolean,
            "integer" => Primitive::Integer,
            "unsignedInt" => Primitive::UnsignedInt,
            "positiveInt" => Primitive::PositiveInt,
            "decimal" => Primitive::Decimal,
            "string" => Primitive::String,
            "markdown" => Primitive::Markdown,
            "code" => Primitive::Code,
            "id" => Primitive::Id,
            "uri" => Primitive::Uri,
            "url" => Primitive::Url,
            "canonical" => Primitive::Canonical,
            "oid" => Primitive::Oid,
            "uuid" => Primitive::Uuid,
            "base64Binary" => Primitive::Base64Binary,
            "instant" => Primitive::Instant,
            "date" => Primitive::Date,
            "dateTime" => Primitive::DateTime,
            "time" => Primitive::Time,
            "xhtml" => Primitive::Xhtml,
            _ => return None,
        })
    }

    pub fn name(self) -> &'static str {
        match self {
            Primitive::Boolean => "boolean",
            Primitive::Integer => "integer",
            Primitive::UnsignedInt => "unsignedInt",
            Primitive::PositiveInt => "positiveInt",
            Primitive::Decimal => "decimal",
            Primitive::String => "string",
            Primitive::Markdown => "markdown",
            Primitive::Code => "code",
            Primitive::Id => "id",
            Primitive::Uri => "uri",
            Primitive::Url => "url",
            Primitive::Canonical => "canonical",
            Primitive::Oid => "oid",
            Primitive::Uuid => "uuid",
            Primitive::Base64Binary => "base64Binary",
            Primitive::Instant => "instant",
            Primitive::Date => "date",
            Primitive::DateTime => "dateTime",
            Primitive::Time => "time",
            Primitive::Xhtml => "xhtml",
        }
    }

    /// Checks a JSON value that is not null.
    pub fn check(self, value: &Value) -> Result<(), Flaw> {
        match (self, value) {
            (Primitive::Boolean, Value::Bool(_)) => Ok(()),
            (Primitive::Boolean, _) => Err(Flaw::JsonType("a boolean (true or false)")),
            (Primitive::Integer | Primitive::UnsignedInt | Primitive::PositiveInt, Value::Number(n)) => {
                self.check_integer(n)
            }
            (Primitive::Decimal, Value::Number(_)) => Ok(()),
            (Primitive::Integer | Primitive::UnsignedInt | Primitive::PositiveInt | Primitive::Decimal, _) => {
                Err(Flaw::JsonType("a number"))
            }
            (_, Value::String(text)) => self.check_text(text),
            _ => Err(Flaw::JsonType("a string")),
        }
    }

    fn check_integer(self, number: &Number) -> Result<(), Flaw> {
        let value = number.as_i64().ok_or(Flaw::Format)?;
        let lowest = match self {
            Primitive::UnsignedInt => 0,
            Primitive::PositiveInt => 1,
            _ => i64::from(i32::MIN),
        };
        if (lowest..=i64::from(i32::MAX)).contains(&value) { Ok(()) } else { Err(Flaw::Format) }
    }

    fn check_text(self, text: &str) -> Result<(), Flaw> {
        if text.is_empty() {
            return Err(Flaw::Empty);
        }
        match self {
            Primitive::String | Primitive::Markdown => check_string(text),
            Primitive::Code => require(is_code(text)),
            Primitive::Id => check_id(text),
            Primitive::Uri | Primitive::Url => check_uri(text),
            Primitive::Canonical => {
                check_uri(text)?;
                if text.starts_with('#') || is_absolute(text) { Ok(()) } else { Err(Flaw::NotAbsolute) }
            }
            Primitive::Oid => require(text.strip_prefix("urn:oid:").is_some_and(is_oid)),
            Primitive::Uuid => require(text.strip_prefix("urn:uuid:").is_some_and(is_uuid)),
            Primitive::Base64Binary => require(is_base64(text)),
            Primitive::Date => super::calendar::check_date(text),
            Primitive::DateTime => super::calendar::check_date_time(text),
            Primitive::Instant => super::calendar::check_instant(text),
            Primitive::Time => super::calendar::check_time(text),
            _ => Ok(()),
        }
    }
}

fn require(holds: bool) -> Result<(), Flaw> {
    if holds { Ok(()) } else { Err(Flaw::Format) }
}

fn check_string(text: &str) -> Result<(), Flaw> {
    if text.len() > STRING_LIMIT {
        return Err(Flaw::TooLong(STRING_LIMIT as u64));
    }
    if text.bytes().any(|b| b < 0x20 && !matches!(b, b'\t' | b'\n' | b'\r')) {
        return Err(Flaw::Control);
    }
    if text.bytes().all(|b| b.is_ascii_whitespace()) { Err(Flaw::Blank) } else { Ok(()) }
}

/// No white space at the ends, single spaces within, and no other.
fn is_code(text: &str) -> bool {
    let mut space = true;
    for c in text.chars() {
        if c.is_whitespace() && (space || c != ' ') {
            return false;
        }
        space = c == ' ';
    }
    !space
}

fn check_id(text: &str) -> Result<(), Flaw> {
    if !text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'.') {
        return Err(Flaw::Format);
    }
    if text.len() > 64 { Err(Flaw::TooLong(64)) } else { Ok(()) }
}

/// `\S*`, and what stands behind `urn:uuid:` and `urn:oid:` is one.
fn check_uri(text: &str) -> Result<(), Flaw> {
    if text.chars().any(char::is_whitespace) {
        return Err(Flaw::Format);
    }
    if text.starts_with("oid:") {
        return Err(Flaw::Scheme("urn:oid:"));
    }
    if text.starts_with("uuid:") {
        return Err(Flaw::Scheme("urn:uuid:"));
    }
    if let Some(uuid) = text.strip_prefix("urn:uuid:") {
        // A fragment or version may follow where the uri is a canonical.
        let uuid = uuid.split(['#', '|', '?']).next().unwrap_or(uuid);
        return require(is_uuid(uuid));
    }
    if let Some(oid) = text.strip_prefix("urn:oid:") {
        let oid = oid.split(['#', '|', '?']).next().unwrap_or(oid);
        return require(is_oid(oid));
    }
    Ok(())
}

/// Whether a URI has a scheme and something behind it.
pub fn is_absolute(text: &str) -> bool {
    let plain = |scheme: &str| {
        scheme.starts_with(|c: char| c.is_ascii_alphabetic())
            && scheme.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.'))
    };
    text.split_once(':').is_some_and(|(scheme, rest)| plain(scheme) && !rest.is_empty())
}

/// Of the form of an OID, and long enough to be one: what is shorter names a branch, and no namespace.
fn is_oid(text: &str) -> bool {
    let long = text.rfind('.').is_some_and(|dot| dot >= 4) || text.starts_with("1.3");
    long && has_oid_form(text)
}

fn has_oid_form(text: &str) -> bool {
    let mut parts = text.split('.');
    let first = parts.next().is_some_and(|p| matches!(p, "0" | "1" | "2"));
    let mut count = 0;
    for part in parts {
        let number =
            !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit()) && (part == "0" || !part.starts_with('0'));
        if !number {
            return false;
        }
        count += 1;
    }
    first && count >= 1
}

/// A UUID in lower case, as FHIR writes it.
pub fn is_uuid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(i, b)| match i {
            8 | 13 | 18 | 23 => b == b'-',
            _ => b.is_ascii_digit() || (b'a'..=b'f').contains(&b),
        })
}

/// RFC 4648 with padding; white space is let through, as the specification's own examples have it.
fn is_base64(text: &str) -> bool {
    base64_length(text).is_some()
}

/// How many bytes a base64 text stands for; `None` where it is no such text.
pub fn base64_length(text: &str) -> Option<u64> {
    let (mut count, mut padding) = (0usize, 0usize);
    for b in text.bytes() {
        match b {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'+' | b'/' if padding == 0 => count += 1,
            b'=' => padding += 1,
            b' ' | b'\t' | b'\n' | b'\r' => {}
            _ => return None,
        }
    }
    let holds = padding <= 2 && count > 0 && (count + padding).is_multiple_of(4);
    holds.then_some(count as u64 * 3 / 4)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn texts_are_told_from_their_look_alikes() {
        let table: &[(Primitive, &str, bool)] = &[
            (Primitive::Code, "two  spaces", false),
            (Primitive::Code, "one space", true),
            (Primitive::Code, "one\ttab", false),
            (Primitive::Id, "x_y", false),
            (Primitive::Id, "a-1.b", true),
            (Primitive::Uri, "http://example.org/has space", false),
            (Primitive::Uri, "urn:uuid:c757873d-ec9a-4326-a141-556f43239520", true),
            (Primitive::Uri, "urn:uuid:C757873D-ec9a-4326-a141-556f43239520", false),
            (Primitive::Oid, "urn:oid:2.16.840", true),
            (Primitive::Oid, "urn:oid:3.16", false),
            (Primitive::Base64Binary, "YWJj", true),
            (Primitive::Base64Binary, "YWJ", false),
            (Primitive::Base64Binary, "%%%2@()()", false),
            (Primitive::Oid, "urn:oid:2.16", false),
            (Primitive::Uri, "oid:2.16.840", false),
            (Primitive::Canonical, "http://example.org/x|1", true),
            (Primitive::Canonical, "#x", true),
            (Primitive::Canonical, "Questionnaire/1", false),
        ];
        for (kind, text, good) in table {
            assert_eq!(kind.check(&json!(text)).is_ok(), *good, "{kind:?}");
        }
    }

    #[test]
    fn what_is_odd_but_allowed_is_worth_a_word() {
        for (text, flaw) in [("  ", Flaw::Blank), ("a\u{0}b", Flaw::Control)] {
            assert_eq!(Primitive::String.check(&json!(text)), Err(flaw));
            assert!(!flaw.refuses());
        }
    }

    #[test]
    fn numbers_have_their_range() {
        assert!(Primitive::Integer.check(&json!(1.5)).is_err());
        assert!(Primitive::PositiveInt.check(&json!(0)).is_err());
        assert!(Primitive::UnsignedInt.check(&json!(0)).is_ok());
        assert!(Primitive::Integer.check(&json!(2_147_483_648_i64)).is_err());
        assert_eq!(Primitive::Integer.check(&json!("1")), Err(Flaw::JsonType("a number")));
    }
}
