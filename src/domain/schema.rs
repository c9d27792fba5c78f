//! The JSON Schema door: a document enters through its schema, and every fault in it is reported at once.

use std::collections::HashSet;
use std::fmt::Write;
use std::sync::LazyLock;

use jsonschema::error::{TypeKind, ValidationErrorKind};
use jsonschema::{Registry, ValidationError, Validator};
use serde_json::Value;

use super::Kind;
use super::common::Moment;
use super::identifier::{Agb, Big, Bsn, Ura, Uzi};
use super::tumour::{Axis, Category};
use super::violation::{Violation, ViolationKind};

const COMMON_ID: &str = "https://overdracht.example/schemas/common.schema.json";
const COMMON: &str = include_str!("../../profiles/documents/common.schema.json");

impl Kind {
    /// The JSON Schema of this kind of document, as published.
    pub fn schema(self) -> &'static str {
        match self {
            Kind::RegistryRecord => include_str!("../../profiles/documents/registry-record.schema.json"),
            Kind::MetastasisEvent => include_str!("../../profiles/documents/metastasis-event.schema.json"),
            Kind::CarePlan => include_str!("../../profiles/documents/care-plan.schema.json"),
        }
    }
}

/// Every fault of `document` against the schema of its kind, in the order of the document's pointers; none where the
/// schema accepts it.
///
/// Formats count (`bsn`, `agb`, `ura`, `uzi`, `big`, `partial-date`, `moment`, `timestamp`, `uri`, `tnm-t`,
/// `tnm-n`, `tnm-m`), so that a number
/// that fails the eleven-test or a day that no calendar has is found here, beside all other faults.
pub fn violations(kind: Kind, document: &Value) -> Vec<Violation> {
    let mut found: Vec<Violation> = validator(kind).iter_errors(document).flat_map(|error| describe(&error)).collect();
    found.sort();
    found.dedup();
    // A value that breaks two rules (too short, and so of another form) is wrong once, and so is one of another type.
    let has_parts = |at: &str| document.pointer(at).is_some_and(|one| one.is_object() || one.is_array());
    let is_other_type = |one: &Violation| one.kind == ViolationKind::Type;
    found.dedup_by(|next, before| {
        next.pointer == before.pointer && (!has_parts(&next.pointer) || is_other_type(before) || is_other_type(next))
    });
    found
}

fn validator(kind: Kind) -> &'static Validator {
    static REGISTRY_RECORD: LazyLock<Validator> = LazyLock::new(|| compile(Kind::RegistryRecord));
    static METASTASIS_EVENT: LazyLock<Validator> = LazyLock::new(|| compile(Kind::MetastasisEvent));
    static CARE_PLAN: LazyLock<Validator> = LazyLock::new(|| compile(Kind::CarePlan));
    match kind {
        Kind::RegistryRecord => &REGISTRY_RECORD,
        Kind::MetastasisEvent => &METASTASIS_EVENT,
        Kind::CarePlan => &CARE_PLAN,
    }
}

/// The schemas are compiled into the binary and every one is compiled by a test, so that this cannot fail at run time.
fn compile(kind: Kind) -> Validator {
    let parse = |text| serde_json::from_str::<Value>(text).expect("our schema is JSON");
    let registry = Registry::new()
        .add(COMMON_ID, parse(COMMON))
        .and_then(|registry| registry.prepare())
        .expect("our common schema is a schema");
    jsonschema::options()
        .with_registry(&registry)
        .should_validate_formats(true)
        .should_ignore_unknown_formats(false)
        .with_format("bsn", |text: &str| Bsn::parse(text).is_ok())
        .with_format("agb", |text: &str| Agb::parse(text).is_ok())
        .with_format("ura", |text: &str| Ura::parse(text).is_ok())
        .with_format("uzi", |text: &str| Uzi::parse(text).is_ok())
        .with_format("big", |text: &str| Big::parse(text).is_ok())
        .with_format("moment", |text: &str| Moment::parse(text).is_ok())
        .with_format("partial-date", |text: &str| Moment::parse(text).is_ok_and(|moment| !moment.has_time()))
        .with_format("timestamp", |text: &str| text.parse::<jiff::Timestamp>().is_ok())
        .with_format("tnm-t", |text: &str| is_category(text, Axis::T))
        .with_format("tnm-n", |text: &str| is_category(text, Axis::N))
        .with_format("tnm-m", |text: &str| is_category(text, Axis::M))
        .build(&parse(kind.schema()))
        .expect("our schema is a schema")
}

fn is_category(text: &str, axis: Axis) -> bool {
    Category::parse(text).is_ok_and(|category| category.axis() == axis)
}

fn describe(error: &ValidationError<'_>) -> Vec<Violation> {
    let at = error.instance_path().as_str().to_owned();
    let one = |kind, expected: String| vec![Violation::new(at.clone(), kind, expected)];
    match error.kind() {
        ValidationErrorKind::Required { property } => {
            let name = property.as_str().unwrap_or_default();
            vec![Violation::new(format!("{at}/{name}"), ViolationKind::Missing, format!("`{name}` is required here"))]
        }
        ValidationErrorKind::AdditionalProperties { unexpected }
        | ValidationErrorKind::UnevaluatedProperties { unexpected } => unknown_properties(&at, unexpected),
        ValidationErrorKind::Type { kind } => one(ViolationKind::Type, format!("expected {}", types(kind))),
        ValidationErrorKind::Enum { options } => {
            one(ViolationKind::Value, format!("expected one of the codes {}", options_of(options)))
        }
        ValidationErrorKind::Constant { expected_value } => {
            one(ViolationKind::Value, format!("expected {expected_value}"))
        }
        ValidationErrorKind::Pattern { pattern } => {
            one(ViolationKind::Value, format!("expected text that matches {pattern}"))
        }
        ValidationErrorKind::Format { format } => {
            one(ViolationKind::Value, format!("expected {}", format_words(format)))
        }
        ValidationErrorKind::MinLength { limit } => {
            one(ViolationKind::Value, format!("expected at least {limit} characters"))
        }
        ValidationErrorKind::MaxLength { limit } => {
            one(ViolationKind::Value, format!("expected at most {limit} characters"))
        }
        ValidationErrorKind::Minimum { limit } => one(ViolationKind::Value, format!("expected at least {limit}")),
        ValidationErrorKind::Maximum { limit } => one(ViolationKind::Value, format!("expected at most {limit}")),
        ValidationErrorKind::MinItems { limit } => {
            one(ViolationKind::Count, format!("expected at least {limit} items"))
        }
        ValidationErrorKind::MaxItems { limit } => one(ViolationKind::Count, format!("expected at most {limit} items")),
        ValidationErrorKind::MinProperties { limit } => {
            one(ViolationKind::Count, format!("expected at least {limit} of the known properties"))
        }
        ValidationErrorKind::FalseSchema => {
            one(ViolationKind::Unknown, "does not go together with what stands beside it".to_owned())
        }
        ValidationErrorKind::AnyOf { .. } => {
            one(ViolationKind::Missing, "one of the properties of which the schema asks at least one".to_owned())
        }
        ValidationErrorKind::OneOfNotValid { .. } | ValidationErrorKind::OneOfMultipleValid { .. } => one(
            ViolationKind::Contradiction,
            "expected exactly one of the properties that exclude each other".to_owned(),
        ),
        ValidationErrorKind::UniqueItems => one(ViolationKind::Count, "expected items that differ".to_owned()),
        other => one(ViolationKind::Value, format!("the schema's rule `{}` is broken here", other.keyword())),
    }
}

/// Each unknown property at its own place. A name that does not look like a property's could be somebody's, and is
/// not repeated: its fault stands at the object.
fn unknown_properties(at: &str, names: &[String]) -> Vec<Violation> {
    let pointers: HashSet<String> =
        names.iter().map(|name| if is_plain(name) { format!("{at}/{name}") } else { at.to_owned() }).collect();
    pointers
        .into_iter()
        .map(|pointer| Violation::new(pointer, ViolationKind::Unknown, "the schema has no such property"))
        .collect()
}

/// True for what looks like the name of a property.
pub fn is_plain(name: &str) -> bool {
    name.len() <= 40 && name.starts_with(|c: char| c.is_ascii_lowercase()) && name.chars().all(char::is_alphabetic)
}

fn types(kind: &TypeKind) -> String {
    match kind {
        TypeKind::Single(one) => format!("a value of type {one}"),
        TypeKind::Multiple(several) => {
            let names: Vec<String> = several.iter().map(|one| one.to_string()).collect();
            format!("a value of type {}", names.join(" or "))
        }
    }
}

/// Up to twelve codes; of a longer list (countries) the first and how many there are.
fn options_of(options: &Value) -> String {
    let codes: Vec<&str> = options.as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let mut text = codes.iter().take(12).copied().collect::<Vec<_>>().join(", ");
    if codes.len() > 12 {
        // Writing to a String cannot fail.
        let _ = write!(text, " … ({} in all)", codes.len());
    }
    text
}

fn format_words(format: &str) -> &str {
    match format {
        "bsn" => "a BSN of eight or nine digits that passes the eleven-test",
        "agb" => "an AGB code of eight digits",
        "ura" => "a URA of eight digits",
        "uzi" => "a UZI number of nine digits",
        "big" => "a BIG number of eleven digits",
        "moment" => "a date of the calendar as YYYY, YYYY-MM or YYYY-MM-DD, or with time and time zone",
        "partial-date" => "a date of the calendar as YYYY, YYYY-MM or YYYY-MM-DD",
        "timestamp" => "a date with time and time zone, as in RFC 3339",
        "tnm-t" => "a T category with its prefixes and suffixes, such as cT2a or ypT0",
        "tnm-n" => "an N category with its prefixes and suffixes, such as cN1 or pN0(sn)",
        "tnm-m" => "an M category with its prefixes and suffixes, such as cM1c",
        "uri" => "an absolute URI",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_schema_compiles() {
        for kind in Kind::ALL {
            validator(*kind);
        }
    }

    #[test]
    fn every_property_of_every_schema_is_described() {
        fn walk(schema: &Value, at: &str, wanting: &mut Vec<String>) {
            match schema {
                Value::Object(object) => {
                    for (name, property) in object.get("properties").and_then(Value::as_object).into_iter().flatten() {
                        if property.get("description").is_none() && property.get("$ref").is_none() {
                            wanting.push(format!("{at}/{name}"));
                        }
                    }
                    // A condition declares no property: it is on one that is described where it is declared.
                    let declares = |name: &str| !["if", "then", "else", "allOf"].contains(&name);
                    let inner = object.iter().filter(|(name, _)| declares(name));
                    inner.for_each(|(name, value)| walk(value, &format!("{at}/{name}"), wanting));
                }
                Value::Array(items) => items.iter().for_each(|value| walk(value, at, wanting)),
                _ => {}
            }
        }
        let mut wanting = Vec::new();
        let schemas = Kind::ALL.iter().map(|kind| kind.schema()).chain([COMMON]);
        schemas.for_each(|text| walk(&serde_json::from_str(text).unwrap(), "", &mut wanting));
        assert!(wanting.is_empty(), "{wanting:?}");
    }

    #[test]
    fn every_fault_is_found_at_its_own_place_and_none_repeats_what_was_sent() {
        let document = json!({
            "documentId": "", "version": 0, "recordedAt": "2025-02-30T00:00:00Z", "geheim": 1, "Jan Geheim": 2,
            "source": { "system": "no uri", "organization": { "agb": "123", "naam": "Geheim" } },
            "patient": {
                "identifiers": { "bsn": "123456789" },
                "name": { "lastName": { "prefix": "Geheim" }, "nameUsage": "Geheim" },
                "birthDate": "1950-13", "gender": "Geheim", "addresses": [{ "country": "Geheim" }, {}],
                "deceased": "Geheim",
            },
        });
        let found = violations(Kind::CarePlan, &document);
        let at = |pointer: &str| found.iter().find(|fault| fault.pointer == pointer).map(|fault| fault.kind);
        for (pointer, kind) in [
            ("/documentId", ViolationKind::Value),
            ("/version", ViolationKind::Value),
            ("/recordedAt", ViolationKind::Value),
            ("/geheim", ViolationKind::Unknown),
            ("", ViolationKind::Unknown),
            ("/source/system", ViolationKind::Value),
            ("/source/organization/agb", ViolationKind::Value),
            ("/source/organization/naam", ViolationKind::Unknown),
            ("/source/organization/name", ViolationKind::Missing),
            ("/patient/identifiers/bsn", ViolationKind::Value),
            ("/patient/name/lastName/name", ViolationKind::Missing),
            ("/patient/name/nameUsage", ViolationKind::Value),
            ("/patient/birthDate", ViolationKind::Value),
            ("/patient/gender", ViolationKind::Value),
            ("/patient/addresses/0/country", ViolationKind::Value),
            ("/patient/addresses/1", ViolationKind::Count),
            ("/patient/deceased", ViolationKind::Type),
        ] {
            assert_eq!(at(pointer), Some(kind), "{pointer} in {found:#?}");
        }
        assert!(found.iter().all(|fault| !fault.to_string().contains("Geheim")), "{found:#?}");
    }
}
