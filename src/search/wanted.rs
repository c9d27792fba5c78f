//! From the text of one value in a query to what it asks of a value in a resource.

use super::date::{Period, Prefix};
use super::parameter::{Catalog, Kind, Parameter};
use super::parse::Refusal;
use super::value::{Mode, Reference, System, Test, Token, fold, local};
use crate::fhir::FhirVersion;

/// Splits at a separator that no backslash escapes; the parts keep their escapes.
pub fn split(text: &str, separator: char) -> impl Iterator<Item = &str> {
    let mut escaped = false;
    text.split(move |letter| {
        let here = letter == separator && !escaped;
        escaped = letter == '\\' && !escaped;
        here
    })
}

fn unescape(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut letters = text.chars();
    while let Some(letter) = letters.next() {
        plain.push(if letter == '\\' { letters.next().unwrap_or('\\') } else { letter });
    }
    plain
}

pub fn test(parameter: &Parameter, modifier: Option<&str>, value: &str) -> Result<Test, Refusal> {
    let invalid = |what: &str| Err(Refusal::Invalid(format!("{}: {what}", parameter.name)));
    if value.is_empty() {
        return invalid("a value is empty");
    }
    Ok(match (parameter.kind, modifier) {
        (Kind::Token, None | Some("not")) => Test::Token(token(value)),
        (Kind::Token, Some("text")) => Test::Text(fold(&unescape(value))),
        (Kind::Reference, Some("identifier")) => Test::ReferenceIdentifier(token(value)),
        (Kind::Reference, target) => match reference(parameter, target, &unescape(value)) {
            Some(reference) => Test::Reference(reference),
            None => return invalid("the reference cannot be read, or points at a type that it never has"),
        },
        (Kind::Date, None) => {
            let (prefix, text) = Prefix::split(value);
            match Period::parse(text) {
                Some(period) => Test::Date(prefix, period),
                None => return invalid("a date is written as 2024, 2024-05, 2024-05-01 or with a time"),
            }
        }
        (Kind::String, None | Some("exact" | "contains")) => {
            let exact = unescape(value);
            let mode = match modifier {
                Some("exact") => Mode::Exact,
                Some(_) => Mode::Contains,
                None => Mode::Starts,
            };
            Test::String { folded: fold(&exact), mode, exact }
        }
        (Kind::Uri | Kind::Canonical, None | Some("below")) => {
            Test::Uri { uri: unescape(value), below: modifier.is_some() }
        }
        (Kind::Quantity, None) => match quantity(value) {
            Some(test) => test,
            None => return invalid("a quantity is written as number, or number|system|code"),
        },
        _ => {
            return Err(Refusal::Unsupported(format!(
                "this modifier is not supported for {}, a {} parameter",
                parameter.name,
                parameter.kind.as_str()
            )));
        }
    })
}

fn token(value: &str) -> Token {
    let mut parts = split(value, '|');
    let (first, second) = (parts.next().unwrap_or_default(), parts.next());
    match second {
        None => Token { system: System::Any, code: Some(unescape(first)) },
        Some(code) => Token {
            system: if first.is_empty() { System::None } else { System::Is(unescape(first)) },
            code: (!code.is_empty()).then(|| unescape(code)),
        },
    }
}

fn reference(parameter: &Parameter, target: Option<&str>, value: &str) -> Option<Reference> {
    let (resource_type, id) = match local(value) {
        Some((found, id)) => (Some(found), id),
        None if value.contains(['/', ':']) => return Some(Reference::Url(value.to_owned())),
        None => (None, value),
    };
    let only = match parameter.targets[..] {
        [only] => Some(only),
        _ => None,
    };
    let known = target.is_none_or(|target| Catalog::of_release(FhirVersion::R4).types().contains(&target));
    let resource_type = resource_type.or(target).or(only);
    let fits =
        resource_type.is_none_or(|found| parameter.may_target(found) && target.is_none_or(|target| target == found));
    (known && fits).then(|| Reference::Local { resource_type: resource_type.map(str::to_owned), id: id.to_owned() })
}

fn quantity(value: &str) -> Option<Test> {
    let (prefix, text) = Prefix::split(value);
    let mut parts = split(text, '|');
    let number = parts.next()?;
    let middle: f64 = number.parse().ok().filter(|number: &f64| number.is_finite())?;
    // A number stands for all that round to it: 5.4 for 5.35 up to 5.45.
    let places = number.split_once('.').map_or(0, |(_, fraction)| fraction.len().min(15) as i32);
    let half = 0.5 * 10_f64.powi(-places);
    let unit = match (parts.next(), parts.next()) {
        (None, _) => None,
        (Some(system), Some(code)) if !code.is_empty() => Some(Token {
            system: if system.is_empty() { System::Any } else { System::Is(unescape(system)) },
            code: Some(unescape(code)),
        }),
        _ => return None,
    };
    Some(Test::Quantity { prefix, low: middle - half, high: middle + half, unit })
}
