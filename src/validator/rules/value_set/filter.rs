//! The filters of a ValueSet's include: operators and values that the property takes.
//!
//! Source: <http://hl7.org/fhir/R4/valueset-filter-operator.html>, `CodeSystem.filter` and `CodeSystem.property`, and
//! <http://hl7.org/fhir/R4/codesystem-concept-properties.html>.

use serde_json::Value;

use super::super::{list, text};
use crate::fhir::pattern;
use crate::validator::calendar::check_date_time;
use crate::validator::kind::Kind;
use crate::validator::path::Path;
use crate::validator::reason::FilterForm;
use crate::validator::sink::{Flow, Sink};
use crate::validator::terminology::Membership;
use crate::validator::walk::{Walk, joined};

/// What a property's values are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Values {
    Boolean,
    Integer,
    Decimal,
    DateTime,
    /// A code of this code system.
    Own,
    Code,
    Coding,
    Text,
}

/// What may be asked of a property: any operator where `operators` is empty.
struct Rule<'r> {
    values: Values,
    operators: Vec<&'r str>,
}

const OF_CONCEPTS: &[&str] = &["=", "in", "is-a", "descendent-of", "is-not-a", "generalizes", "not-in"];
const OF_PARTS: &[&str] = &["=", "exists", "regex", "in", "not-in"];

const SNOMED: &str = "http://snomed.info/sct";
const LOINC: &str = "http://loinc.org";
const CPT: &str = "http://www.ama-assn.org/go/cpt";

/// The url of a code system, and the version that is asked for.
type System<'s> = (&'s str, Option<&'s str>);

/// `system` is the code system's definition, where it is here.
pub(super) fn check<S: Sink>(
    walk: &mut Walk<'_, '_, S>,
    (url, version): System<'_>,
    system: Option<&Value>,
    filter: &Value,
    at: &Path<'_>,
) -> Flow {
    let (Some(property), Some(operator)) = (text(filter, "property"), text(filter, "op")) else {
        return Flow::Continue(());
    };
    let Some(rule) = rule(url, system, property) else { return Flow::Continue(()) };
    if !rule.operators.is_empty() && !rule.operators.contains(&operator) {
        walk.error(at, || Kind::FilterOperator { allowed: joined(rule.operators.iter().copied()) })?;
    }
    let Some(value) = text(filter, "value") else { return Flow::Continue(()) };
    match operator {
        "exists" => one(walk, (url, version), Values::Boolean, value, at),
        "regex" if !pattern::is_one(value) => walk.error(at, || Kind::FilterExpression),
        "regex" => Flow::Continue(()),
        "in" | "not-in" => {
            value.split(',').try_for_each(|value| one(walk, (url, version), rule.values, value.trim(), at))
        }
        _ => one(walk, (url, version), rule.values, value, at),
    }
}

/// One value of a filter.
fn one<S: Sink>(
    walk: &mut Walk<'_, '_, S>,
    (url, version): System<'_>,
    values: Values,
    value: &str,
    at: &Path<'_>,
) -> Flow {
    let compared = ["eq", "ne", "gt", "lt", "ge", "le", "sa", "eb", "ap"];
    let number = compared.iter().find_map(|prefix| value.strip_prefix(prefix)).unwrap_or(value);
    let fits = match values {
        Values::Boolean => matches!(value, "true" | "false"),
        Values::Integer => number.parse::<i64>().is_ok(),
        Values::Decimal => number.parse::<f64>().is_ok_and(f64::is_finite),
        Values::DateTime => check_date_time(number).is_ok(),
        Values::Own | Values::Code => value.trim() == value,
        Values::Coding => coding(value).is_some(),
        Values::Text => true,
    };
    if !fits {
        return walk.error(at, || Kind::FilterValue { expected: form(values) });
    }
    let (system, version, code) = match values {
        Values::Own => (url, version, value),
        Values::Coding => coding(value).map_or((url, version, value), |(system, code)| (system, None, code)),
        _ => return Flow::Continue(()),
    };
    if walk.schema().terminology.in_version(system, version, code) == Membership::Out {
        return walk.error(at, || Kind::UnknownCode { system: super::super::fixed::shown(&system.into(), "") });
    }
    Flow::Continue(())
}

/// `system#code` or `system|code`, the version left out.
fn coding(value: &str) -> Option<(&str, &str)> {
    let (system, code) = value.rsplit_once(['#', '|'])?;
    let system = system.split('|').next().unwrap_or(system);
    (system.contains(':') && !code.is_empty()).then_some((system, code))
}

fn form(values: Values) -> FilterForm {
    match values {
        Values::Boolean => FilterForm::Boolean,
        Values::Integer => FilterForm::Integer,
        Values::Decimal => FilterForm::Decimal,
        Values::DateTime => FilterForm::DateTime,
        Values::Own | Values::Code => FilterForm::Code,
        Values::Coding => FilterForm::Coding,
        Values::Text => FilterForm::Text,
    }
}

/// `None` where nothing is known of the property.
fn rule<'r>(url: &str, system: Option<&'r Value>, property: &str) -> Option<Rule<'r>> {
    match url {
        SNOMED => return snomed(property),
        LOINC => return loinc(property),
        CPT => {
            let yes_or_no = matches!(property, "modifier" | "modified" | "telemedicine" | "orthopox");
            return yes_or_no.then_some(Rule { values: Values::Boolean, operators: Vec::new() });
        }
        _ => {}
    }
    let mut operators: Vec<&str> = Vec::new();
    for declared in system.map_or(&[][..], |s| list(s, "filter")) {
        if text(declared, "code") == Some(property) {
            operators.extend(list(declared, "operator").iter().filter_map(Value::as_str));
        }
    }
    let declared = system.map_or(&[][..], |s| list(s, "property")).iter().find(|p| text(p, "code") == Some(property));
    let values = match declared.and_then(|p| text(p, "type")) {
        Some("boolean") => Values::Boolean,
        Some("code") => Values::Code,
        Some("Coding") => Values::Coding,
        Some("dateTime") => Values::DateTime,
        Some("decimal") => Values::Decimal,
        Some("integer") => Values::Integer,
        Some(_) => return None,
        None => {
            let hierarchic = system.is_some_and(|s| s.get("hierarchyMeaning").is_some());
            match property {
                "concept" | "code" => {
                    // What a code system that is not here lets ask is not known.
                    if system.is_some() {
                        operators.extend(OF_CONCEPTS);
                        operators.extend((property == "code").then_some("regex"));
                    }
                    Values::Own
                }
                "parent" | "child" | "partOf" if hierarchic => Values::Own,
                "inactive" | "notSelectable" => Values::Boolean,
                "effectiveDate" | "deprecationDate" | "retirementDate" => Values::DateTime,
                "itemWeight" => Values::Decimal,
                "status" | "synonym" => Values::Code,
                _ => return None,
            }
        }
    };
    Some(Rule { values, operators })
}

/// Source: <http://hl7.org/fhir/R4/snomedct.html#filters>.
fn snomed(property: &str) -> Option<Rule<'static>> {
    let is_attribute = property.len() > 5 && property.bytes().all(|b| b.is_ascii_digit());
    let (values, operators): (_, &[&str]) = match property {
        "concept" => (Values::Own, &["is-a", "descendent-of", "is-not-a", "in"]),
        "constraint" => (Values::Text, &["="]),
        "expressions" | "inactive" => (Values::Boolean, &["=", "in"]),
        _ if is_attribute => (Values::Own, &["=", "in"]),
        _ => return None,
    };
    Some(Rule { values, operators: operators.to_vec() })
}

/// Source: <http://hl7.org/fhir/R4/loinc.html#filters>.
fn loinc(property: &str) -> Option<Rule<'static>> {
    let is_part = property.bytes().all(|b| b.is_ascii_uppercase() || b == b'_' || b.is_ascii_digit());
    let operators = match property {
        "concept" => vec!["=", "is-a", "is-not-a"],
        "ancestor" | "descendent" | "parent" | "child" | "answer-list" | "answers-for" => OF_PARTS.to_vec(),
        _ if is_part => OF_PARTS.to_vec(),
        _ => return None,
    };
    Some(Rule { values: Values::Text, operators })
}
