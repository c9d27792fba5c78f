//! From the pairs of a URL or form body to a [`Query`]. Messages name parameters and modifiers, never values.

use super::date::{Period, Prefix};
use super::parameter::{Catalog, Kind, Parameter, is_filed};
use super::query::{Filter, Include, Query, Sort, Total};
use super::value::{Mode, Reference, System, Test, Token, fold, local};
use crate::fhir::subset::View;
use crate::fhir::{FhirVersion, Issue, IssueCode};

/// What happens to parameters that are not known (`Prefer: handling=…`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Handling {
    /// They are an error, so that nobody takes an answer for a narrower one than it is.
    #[default]
    Strict,
    /// They are left out and named in [`Query::ignored`].
    Lenient,
}

/// Where `:in` finds the codes of a value set: `(system, code)`; none where the value set is not known here.
pub trait ValueSets {
    fn codes(&self, url: &str) -> Option<Vec<(String, String)>>;
}

impl ValueSets for () {
    fn codes(&self, _: &str) -> Option<Vec<(String, String)>> {
        None
    }
}

/// How long a parameter's name may be, and how many values one may list: beyond that nobody asks a question.
const LONGEST_NAME: usize = 200;
const MOST_VALUES: usize = 1000;
const DEEPEST_CHAIN: usize = 4;

/// Reads a search of one type of R4 from its decoded pairs.
///
/// # Errors
/// Every parameter that is unknown (unless lenient), not supported for its kind, or has a value that cannot be read.
pub fn parse(
    resource_type: &str,
    pairs: &[(String, String)],
    handling: Handling,
    value_sets: &dyn ValueSets,
) -> Result<Query, Vec<Issue>> {
    parse_in(FhirVersion::R4, resource_type, pairs, handling, value_sets)
}

/// As [`parse`], by the parameters of a release of FHIR.
///
/// # Errors
/// As [`parse`].
pub fn parse_in(
    release: FhirVersion,
    resource_type: &str,
    pairs: &[(String, String)],
    handling: Handling,
    value_sets: &dyn ValueSets,
) -> Result<Query, Vec<Issue>> {
    let catalog = Catalog::of_release(release);
    if !catalog.types().contains(&resource_type) {
        return Err(vec![unsupported("this type of resource cannot be searched")]);
    }
    let mut query = Query {
        resource_type: resource_type.to_owned(),
        filters: Vec::new(),
        includes: Vec::new(),
        reverse_includes: Vec::new(),
        sort: Vec::new(),
        count: None,
        count_only: false,
        total: Total::default(),
        view: View::Whole,
        ignored: Vec::new(),
    };
    let mut issues = Vec::new();
    for (name, value) in pairs {
        let result = match control(catalog, &mut query, name, value) {
            Some(result) => result,
            None => filter(catalog, resource_type, name, value, value_sets, 0).map(|filter| query.filters.push(filter)),
        };
        match result {
            Ok(()) => {}
            Err(Refusal::Unknown) if handling == Handling::Lenient => query.ignored.push(shown(name)),
            // What shapes the answer makes it no wider when it is left out.
            Err(Refusal::Unsupported(_)) if handling == Handling::Lenient && name.starts_with('_') => {
                query.ignored.push(shown(name));
            }
            Err(Refusal::Unknown) => {
                issues.push(unsupported(&format!("the search parameter {} is not known here", shown(name))));
            }
            Err(Refusal::Unsupported(text)) => issues.push(unsupported(&text)),
            Err(Refusal::Invalid(text)) => {
                issues.push(Issue::error(IssueCode::Value, "search-invalid", text));
            }
        }
    }
    if issues.is_empty() { Ok(query) } else { Err(issues) }
}

enum Refusal {
    Unknown,
    Unsupported(String),
    Invalid(String),
}

fn unsupported(text: &str) -> Issue {
    Issue::error(IssueCode::NotSupported, "search-not-supported", text)
}

/// A name as it may be repeated: one with digits or odd characters could be a value in the wrong place.
fn shown(name: &str) -> String {
    let plain = name.len() <= 40 && name.chars().all(|c| c.is_ascii_alphabetic() || "-_.:".contains(c));
    if plain { name.to_owned() } else { "(not shown)".to_owned() }
}

/// Parameters that shape the answer instead of choosing resources; none where the name is not one of them.
fn control(catalog: &'static Catalog, query: &mut Query, name: &str, value: &str) -> Option<Result<(), Refusal>> {
    let (base, modifier) = name.split_once(':').map_or((name, None), |(base, modifier)| (base, Some(modifier)));
    Some(match (base, modifier) {
        // The form of the answer is the caller's business.
        ("_format" | "_pretty", None) => Ok(()),
        ("_count", None) => match value.parse::<usize>() {
            Ok(0) => {
                query.count_only = true;
                Ok(())
            }
            Ok(count) => {
                query.count = Some(count);
                Ok(())
            }
            Err(_) => Err(Refusal::Invalid("_count must be a whole number, zero or more".into())),
        },
        ("_summary", None) => match value {
            "count" => {
                query.count_only = true;
                Ok(())
            }
            other => match View::of_summary(other) {
                Some(view) => {
                    query.view = view;
                    Ok(())
                }
                None => Err(Refusal::Invalid("_summary must be true, text, data, count or false".into())),
            },
        },
        ("_elements", None) => {
            query.view = View::of_elements(value);
            Ok(())
        }
        ("_total", None) => match value {
            "none" => {
                query.total = Total::None;
                Ok(())
            }
            // An exact number is an estimate too.
            "accurate" | "estimate" => Ok(()),
            _ => Err(Refusal::Invalid("_total must be none, estimate or accurate".into())),
        },
        ("_sort", None) => sort(catalog, query, value),
        ("_include" | "_revinclude", None | Some("iterate")) => {
            include(catalog, base, value, modifier.is_some()).map(|include| match base {
                "_include" => query.includes.push(include),
                _ => query.reverse_includes.push(include),
            })
        }
        _ => return None,
    })
}

fn sort(catalog: &'static Catalog, query: &mut Query, value: &str) -> Result<(), Refusal> {
    for rule in value.split(',') {
        let (name, descending) = rule.strip_prefix('-').map_or((rule, false), |name| (name, true));
        let parameter = catalog
            .parameter(&query.resource_type, name)
            .ok_or_else(|| Refusal::Unsupported("_sort names a parameter that is not known for this type".into()))?;
        query.sort.push(Sort { parameter, descending });
    }
    Ok(())
}

/// Names of types as a published guide writes them, and what they mean.
const MISSPELT: &[(&str, &str)] = &[("DeviceUseSatement", "DeviceUseStatement")];

fn include(catalog: &'static Catalog, which: &str, value: &str, iterate: bool) -> Result<Include, Refusal> {
    let mut parts = value.split(':');
    let (source, name, target) = (parts.next().unwrap_or_default(), parts.next(), parts.next());
    let source = MISSPELT.iter().find(|(wrong, _)| *wrong == source).map_or(source, |(_, right)| right);
    let known = name.and_then(|name| catalog.parameter(source, name)).filter(|parameter| {
        parameter.kind == Kind::Reference && target.is_none_or(|target| parameter.may_target(target))
    });
    match (known, parts.next()) {
        (Some(parameter), None) => {
            Ok(Include { source: source.to_owned(), parameter, target: target.map(str::to_owned), iterate })
        }
        _ => Err(Refusal::Unsupported(format!(
            "{which} must name a type and one of its reference parameters, such as Consent:actor"
        ))),
    }
}

fn filter(
    catalog: &'static Catalog,
    resource_type: &str,
    name: &str,
    value: &str,
    value_sets: &dyn ValueSets,
    depth: usize,
) -> Result<Filter, Refusal> {
    if name.len() > LONGEST_NAME {
        return Err(Refusal::Unknown);
    }
    let (head, chained) = name.split_once('.').map_or((name, None), |(head, rest)| (head, Some(rest)));
    let (base, modifier) = head.split_once(':').map_or((head, None), |(base, modifier)| (base, Some(modifier)));
    let parameter = catalog.parameter(resource_type, base).ok_or(Refusal::Unknown)?;
    if let Some(rest) = chained {
        return chain(catalog, parameter, modifier, rest, value, value_sets, depth);
    }
    if modifier == Some("missing") {
        let missing = value.parse().map_err(|_| Refusal::Invalid(":missing must be true or false".into()))?;
        return Ok(Filter::Missing { parameter, missing });
    }
    let negated = matches!(modifier, Some("not" | "not-in")) && parameter.kind == Kind::Token;
    let tests = match (parameter.kind, modifier) {
        (Kind::Token, Some(which @ ("in" | "not-in"))) => in_value_set(parameter, which, value, value_sets)?,
        _ => split(value, ',').map(|one| test(parameter, modifier, one)).collect::<Result<_, _>>()?,
    };
    if tests.len() > MOST_VALUES {
        return Err(Refusal::Invalid(format!("{} lists more than {MOST_VALUES} values", parameter.name)));
    }
    Ok(Filter::Values { parameter, tests, negated })
}

fn chain(
    catalog: &'static Catalog,
    parameter: &'static Parameter,
    target: Option<&str>,
    rest: &str,
    value: &str,
    value_sets: &dyn ValueSets,
    depth: usize,
) -> Result<Filter, Refusal> {
    if parameter.kind != Kind::Reference || depth >= DEEPEST_CHAIN {
        return Err(Refusal::Unsupported(format!("{} cannot be chained like this", parameter.name)));
    }
    let possible: Vec<&'static str> = catalog
        .types()
        .into_iter()
        .filter(|name| parameter.may_target(name) && target.is_none_or(|target| target == *name))
        .collect();
    let mut targets = Vec::new();
    let mut refusal = Refusal::Unknown;
    for resource_type in possible {
        match filter(catalog, resource_type, rest, value, value_sets, depth + 1) {
            Ok(found) => targets.push((resource_type, found)),
            Err(Refusal::Unknown) => {}
            Err(other) => refusal = other,
        }
    }
    if targets.is_empty() { Err(refusal) } else { Ok(Filter::Chain { parameter, targets }) }
}

fn in_value_set(
    parameter: &Parameter,
    modifier: &str,
    url: &str,
    value_sets: &dyn ValueSets,
) -> Result<Vec<Test>, Refusal> {
    let codes = value_sets.codes(url).ok_or_else(|| {
        Refusal::Unsupported(format!("the value set of {}:{modifier} is not known here", parameter.name))
    })?;
    let token = |(system, code)| Test::Token(Token { system: System::Is(system), code: Some(code) });
    Ok(codes.into_iter().map(token).collect())
}

/// Splits at a separator that no backslash escapes; the parts keep their escapes.
fn split(text: &str, separator: char) -> impl Iterator<Item = &str> {
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

fn test(parameter: &Parameter, modifier: Option<&str>, value: &str) -> Result<Test, Refusal> {
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
        (Kind::Uri, None | Some("below")) => Test::Uri { uri: unescape(value), below: modifier.is_some() },
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

/// True where resources of the type are looked for in one patient's compartment.
pub(super) fn needs_patient(resource_type: &str) -> bool {
    is_filed(resource_type)
}
