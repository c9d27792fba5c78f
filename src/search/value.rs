//! One wanted value, and whether a value in a resource is it.

use serde_json::Value;

use super::date::{Period, Prefix};

#[derive(Clone, PartialEq)]
pub enum Test {
    Token(Token),
    /// `:text`: the start of a display or text.
    Text(String),
    /// `:of-type` and the like are not offered; `:identifier` of a reference is a token on its identifier.
    ReferenceIdentifier(Token),
    Reference(Reference),
    Date(Prefix, Period),
    String {
        folded: String,
        mode: Mode,
        exact: String,
    },
    Uri {
        uri: String,
        below: bool,
    },
    Quantity {
        prefix: Prefix,
        low: f64,
        high: f64,
        unit: Option<Token>,
    },
}

/// Wanted values may name a person: they are not shown.
impl std::fmt::Debug for Test {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Test(…)")
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    Starts,
    Contains,
    Exact,
}

/// `system|code`, `|code` (no system), `code` (any), `system|` (any code).
#[derive(Clone, PartialEq, Eq)]
pub struct Token {
    pub system: System,
    pub code: Option<String>,
}

#[derive(Clone, PartialEq, Eq)]
pub enum System {
    Any,
    None,
    Is(String),
}

impl Token {
    fn accepts(&self, system: Option<&str>, code: Option<&str>) -> bool {
        let system_fits = match &self.system {
            System::Any => true,
            System::None => system.is_none(),
            System::Is(wanted) => system == Some(wanted),
        };
        system_fits && self.code.as_deref().is_none_or(|wanted| code == Some(wanted))
    }

    /// Of a Coding, CodeableConcept, Identifier, ContactPoint, Quantity unit, code or boolean. A bare code has the one
    /// system of its element, so a system that is asked for is not held against it.
    fn matches(&self, value: &Value) -> bool {
        let text = |name: &str| value.get(name).and_then(Value::as_str);
        match value {
            Value::String(code) => self.code.as_deref().is_none_or(|wanted| wanted == code),
            Value::Bool(flag) => self.code.as_deref() == Some(if *flag { "true" } else { "false" }),
            Value::Object(members) => {
                if let Some(codings) = members.get("coding").and_then(Value::as_array) {
                    return codings.iter().any(|coding| self.matches(coding));
                }
                self.accepts(text("system"), text("code").or_else(|| text("value")))
            }
            _ => false,
        }
    }
}

/// A reference by id, with type where it is known, or by a URL that is not ours.
#[derive(Clone, PartialEq, Eq)]
pub enum Reference {
    Local { resource_type: Option<String>, id: String },
    Url(String),
}

impl Reference {
    fn matches(&self, value: &Value) -> bool {
        let Some(found) = value.get("reference").and_then(Value::as_str).or_else(|| value.as_str()) else {
            return false;
        };
        match self {
            Reference::Url(url) => found == url,
            Reference::Local { resource_type, id } => local(found).is_some_and(|(found_type, found_id)| {
                found_id == id && resource_type.as_deref().is_none_or(|wanted| wanted == found_type)
            }),
        }
    }
}

/// Type and id of a relative or absolute RESTful reference, versioned or not.
pub fn local(reference: &str) -> Option<(&str, &str)> {
    let unversioned = reference.split_once("/_history/").map_or(reference, |(before, _)| before);
    let (rest, id) = unversioned.rsplit_once('/')?;
    let resource_type = rest.rsplit_once('/').map_or(rest, |(_, last)| last);
    let named = resource_type.starts_with(|c: char| c.is_ascii_uppercase()) && !id.is_empty();
    named.then_some((resource_type, id))
}

impl Test {
    pub fn passes(&self, value: &Value) -> bool {
        match self {
            Test::Token(token) => token.matches(value),
            Test::Text(start) => texts(value).any(|text| fold(text).starts_with(start)),
            Test::ReferenceIdentifier(token) => value.get("identifier").is_some_and(|found| token.matches(found)),
            Test::Reference(reference) => reference.matches(value),
            Test::Date(prefix, wanted) => Period::of(value).is_some_and(|found| found.answers(*prefix, wanted)),
            Test::String { folded, mode, exact } => strings(value).any(|text| match mode {
                Mode::Exact => text == exact,
                Mode::Starts => fold(text).starts_with(folded),
                Mode::Contains => fold(text).contains(folded),
            }),
            Test::Uri { uri, below } => value.as_str().is_some_and(|found| {
                // A canonical may carry a version.
                let found_url = found.split_once('|').map_or(found, |(url, _)| url);
                found == uri || found_url == uri || (*below && found.starts_with(uri))
            }),
            Test::Quantity { prefix, low, high, unit } => {
                let number = value.get("value").and_then(|number| number.to_string().parse::<f64>().ok());
                let unit_fits = unit.as_ref().is_none_or(|unit| {
                    unit.matches(value)
                        || unit.code.is_some() && value.get("unit").and_then(Value::as_str) == unit.code.as_deref()
                });
                unit_fits && number.is_some_and(|number| quantity_answers(number, *prefix, *low, *high))
            }
        }
    }
}

fn quantity_answers(number: f64, prefix: Prefix, low: f64, high: f64) -> bool {
    let middle = (low + high) / 2.0;
    match prefix {
        Prefix::Equal => (low..high).contains(&number),
        Prefix::NotEqual => !(low..high).contains(&number),
        Prefix::Greater | Prefix::StartsAfter => number > middle,
        Prefix::Less | Prefix::EndsBefore => number < middle,
        Prefix::GreaterOrEqual => number >= middle,
        Prefix::LessOrEqual => number <= middle,
        Prefix::Approximately => (number - middle).abs() <= middle.abs() * 0.1,
    }
}

/// Display and text of a Coding or CodeableConcept, or of an Identifier's type.
fn texts(value: &Value) -> impl Iterator<Item = &str> {
    let own = ["text", "display"].into_iter().filter_map(|name| value.get(name)?.as_str());
    let codings = value.get("coding").and_then(Value::as_array).into_iter().flatten();
    own.chain(codings.filter_map(|coding| coding.get("display")?.as_str()))
}

/// The texts that a string parameter looks at: the string itself, or the parts of a HumanName or Address.
fn strings(value: &Value) -> impl Iterator<Item = &str> {
    const PARTS: [&str; 11] =
        ["text", "family", "given", "prefix", "suffix", "line", "city", "district", "state", "postalCode", "country"];
    let parts = PARTS.into_iter().filter_map(|name| value.get(name)).flat_map(|part| match part {
        Value::Array(items) => items.iter(),
        one => std::slice::from_ref(one).iter(),
    });
    std::slice::from_ref(value).iter().chain(parts).filter_map(Value::as_str)
}

/// Lower case, without the diacritics of Latin letters: how string parameters compare.
pub fn fold(text: &str) -> String {
    const ACCENTED: [(&str, &str); 10] = [
        ("àáâãäåā", "a"),
        ("çćč", "c"),
        ("èéêëēę", "e"),
        ("ìíîïī", "i"),
        ("ñń", "n"),
        ("òóôõöøō", "o"),
        ("ùúûüū", "u"),
        ("ýÿ", "y"),
        ("šśş", "s"),
        ("žźż", "z"),
    ];
    let mut folded = String::with_capacity(text.len());
    for letter in text.chars().flat_map(char::to_lowercase) {
        match ACCENTED.iter().find(|(letters, _)| !letter.is_ascii() && letters.contains(letter)) {
            Some((_, plain)) => folded.push_str(plain),
            // Combining marks: what is left of a letter that was sent in two parts.
            None if ('\u{300}'..='\u{36f}').contains(&letter) => {}
            None => folded.push(letter),
        }
    }
    folded
}
