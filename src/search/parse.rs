//! From the pairs of a URL or form body to a [`Query`]. Messages name parameters and modifiers, never values.

use super::parameter::{Catalog, Kind, Parameter};
use super::query::{Filter, Include, Query, Sort, Total};
use super::value::{System, Test, Token};
use super::wanted::{split, test};
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
            Err(Refusal::Unsupported(_)) if handling == Handling::Lenient && shapes_the_answer(name) => {
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

pub(super) enum Refusal {
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

fn shapes_the_answer(name: &str) -> bool {
    name.starts_with('_') && !name.starts_with("_has:")
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
            include(catalog, &query.resource_type, base, value, modifier.is_some()).map(|found| match base {
                "_include" => query.includes.extend(found),
                _ => query.reverse_includes.extend(found),
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

/// `Consent:actor`, `Consent:actor:Patient`, `Consent:*` (each of its references), and `*`: all references of what is
/// searched, or backwards all that may lead to it.
fn include(
    catalog: &'static Catalog,
    searched: &str,
    which: &str,
    value: &str,
    iterate: bool,
) -> Result<Vec<Include>, Refusal> {
    let backwards = which == "_revinclude";
    let types = || catalog.types().into_iter();
    let mut parts = value.split(':');
    let (source, name, target) = (parts.next().unwrap_or_default(), parts.next(), parts.next());
    let source = MISSPELT.iter().find(|(wrong, _)| *wrong == source).map_or(source, |(_, right)| right);
    let sources: Vec<&'static str> = match (source, name) {
        // Onwards from what was included, whatever it is.
        ("*", None) if backwards || iterate => types().collect(),
        ("*", None) => types().filter(|name| *name == searched).collect(),
        _ => types().filter(|name| *name == source).collect(),
    };
    let leads = |parameter: &Parameter| match target {
        Some(target) => parameter.may_target(target),
        None => !backwards || iterate || parameter.may_target(searched),
    };
    let parameters = |source: &'static str| match name {
        None | Some("*") => catalog.parameters(source),
        Some(name) => catalog.parameter(source, name).into_iter().collect(),
    };
    let asked = (source == "*" || name.is_some()) && parts.next().is_none();
    let found = sources.into_iter().filter(|_| asked).flat_map(|source| {
        let references = parameters(source).into_iter().filter(|it| it.kind == Kind::Reference && leads(it));
        references.map(|parameter| Include {
            source: source.to_owned(),
            parameter,
            target: target.map(str::to_owned),
            iterate,
        })
    });
    let found: Vec<Include> = found.collect();
    if found.is_empty() {
        return Err(Refusal::Unsupported(format!(
            "{which} must name a type and one of its reference parameters, such as Consent:actor, or * for all"
        )));
    }
    Ok(found)
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
    if let Some(asked) = name.strip_prefix("_has:") {
        return has(catalog, resource_type, asked, value, value_sets, depth);
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

/// `Observation:patient:code`, behind `_has:`.
fn has(
    catalog: &'static Catalog,
    resource_type: &str,
    asked: &str,
    value: &str,
    value_sets: &dyn ValueSets,
    depth: usize,
) -> Result<Filter, Refusal> {
    let mut parts = asked.splitn(3, ':');
    let source = parts.next().and_then(|source| catalog.types().into_iter().find(|name| *name == source));
    let leading = parts.next().zip(source).and_then(|(name, source)| catalog.parameter(source, name));
    let leading = leading.filter(|it| it.kind == Kind::Reference && it.may_target(resource_type));
    let (Some(source), Some(parameter), Some(rest)) = (source, leading, parts.next().filter(|_| depth < DEEPEST_CHAIN))
    else {
        let text = "_has must name a type, a reference of it that leads here, and what it must answer, such as \
                    _has:Consent:patient:category";
        return Err(Refusal::Unsupported(text.into()));
    };
    // What is left out would find more than was asked for: also who is lenient is told.
    let filter = filter(catalog, source, rest, value, value_sets, depth + 1).map_err(|refusal| match refusal {
        Refusal::Unknown => Refusal::Unsupported(format!("_has asks {source} for a parameter that is not known here")),
        other => other,
    })?;
    Ok(Filter::Has { source, parameter, filter: Box::new(filter) })
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
