//! Which properties of an element mean something for its types.

use super::super::list;
use super::{Element, plain};
use crate::fhir::Severity;
use crate::validator::kind::Kind;
use crate::validator::path::Path;
use crate::validator::sink::{Flow, Sink};
use crate::validator::structure::{choice, extension};
use crate::validator::walk::{Walk, joined};

/// What can be said of the values of a type.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Trait {
    Bound,
    Length,
    Range,
    Decimals,
    Size,
    Target,
}

/// Source: the types of <http://hl7.org/fhir/R4/datatypes.html>, and what `ElementDefinition` says of its properties.
fn has(type_name: &str, wanted: Trait) -> bool {
    use Trait::*;
    let all: &[Trait] = match type_name {
        "integer" | "positiveInt" | "unsignedInt" | "date" => &[Range, Length],
        "decimal" | "instant" | "dateTime" | "time" => &[Range, Decimals, Length],
        "base64Binary" => &[Size],
        "Attachment" => &[Size],
        "string" | "uri" | "code" | "oid" | "url" | "uuid" => &[Length, Bound],
        "canonical" => &[Target, Length],
        "id" | "markdown" => &[Length],
        "CodeableConcept" | "Coding" | "Extension" => &[Bound],
        "Reference" => &[Target],
        "Count" => &[Range],
        "Money" => &[Range, Decimals],
        "Age" | "Distance" | "Duration" | "Quantity" | "SimpleQuantity" | "MoneyQuantity" => &[Range, Decimals, Bound],
        "Range" => &[Bound],
        _ => &[],
    };
    all.contains(&wanted)
}

/// Extensions that say something of the text of a value.
const EXTENSIONS: &[(&str, &str, Trait)] = &[
    ("http://hl7.org/fhir/StructureDefinition/minLength", "minLength", Trait::Length),
    ("http://hl7.org/fhir/StructureDefinition/maxDecimalPlaces", "maxDecimalPlaces", Trait::Decimals),
    ("http://hl7.org/fhir/StructureDefinition/maxSize", "maxSize", Trait::Size),
];

/// What no snapshot says of its root, and what a profile's does not.
const NOT_ON_ROOT: &[&str] = &["sliceName", "slicing", "requirements", "nameReference", "example"];
const NOT_ON_ROOT_OF_PROFILES: &[&str] = &["meaningWhenMissing", "maxLength"];

pub(super) fn check<S: Sink>(
    walk: &mut Walk<'_, '_, S>,
    element: &Element<'_>,
    is_profile: bool,
    at: &Path<'_>,
) -> Flow {
    let says = |name: &str| element.json.get(name).is_some();
    let on_extension = element.path == "Extension" || element.path.ends_with(".extension");
    if is_profile && !element.in_snapshot && says("meaningWhenMissing") && !on_extension {
        walk.error(at, || Kind::NotInProfiles { property: "meaningWhenMissing".into() })?;
    }
    let mut types = element.types.clone();
    if !element.path.contains('.') {
        types.push(element.path.into());
    }
    for of_type in list(element.json, "type") {
        let code = of_type.get("code").and_then(|c| c.as_str()).unwrap_or_default();
        if code.is_empty() && of_type.get("_code").is_some() {
            walk.error(at, || Kind::ElementTypeMissing)?;
        }
        if of_type.get("targetProfile").is_some() && !code.is_empty() && !has(code, Trait::Target) {
            means_nothing(walk, "targetProfile", &[code.into()], at)?;
        }
    }
    let fits = |wanted| types.iter().any(|t| has(t, wanted));
    let known = types.iter().any(|t| walk.schema().type_structure(t).is_some());
    if known {
        if says("binding") && !fits(Trait::Bound) {
            walk.error(at, || Kind::DifferentialBinding)?;
            if element.in_snapshot {
                walk.error(&at.name("binding"), || Kind::DifferentialBinding)?;
            }
        }
        for (name, wanted) in [("maxLength", Trait::Length), ("minValue", Trait::Range), ("maxValue", Trait::Range)] {
            let said = says(name) || choice(element.json, name).is_some();
            if said && !fits(wanted) {
                means_nothing(walk, name, &types, at)?;
            }
        }
        for (url, name, wanted) in EXTENSIONS {
            if extension(element.json, url).is_some() && !fits(*wanted) {
                means_nothing(walk, name, &types, at)?;
            }
        }
    }
    if element.in_snapshot { snapshot(walk, element, is_profile, at) } else { Flow::Continue(()) }
}

/// In a snapshot an element has a type, values are of its types, and the root says nothing of its place.
fn snapshot<S: Sink>(walk: &mut Walk<'_, '_, S>, element: &Element<'_>, is_profile: bool, at: &Path<'_>) -> Flow {
    let says = |name: &&&str| element.json.get(**name).is_some();
    if !element.path.contains('.') {
        let of_profiles = NOT_ON_ROOT_OF_PROFILES.iter().filter(|_| is_profile);
        for name in NOT_ON_ROOT.iter().chain(of_profiles).filter(says) {
            walk.error(at, || Kind::NotInProfiles { property: (*name).into() })?;
        }
        return Flow::Continue(());
    }
    if !is_profile && element.json.get("sliceName").is_some() {
        walk.error(at, || Kind::NotInTypes { property: "sliceName".into() })?;
    }
    if element.types.is_empty() {
        return match element.json.get("contentReference") {
            None => walk.error(at, || Kind::ElementTypeMissing),
            Some(_) => Flow::Continue(()),
        };
    }
    for key in element.json.as_object().into_iter().flat_map(|map| map.keys()) {
        let named = ["fixed", "pattern", "defaultValue"].iter().find_map(|prefix| key.strip_prefix(prefix));
        let Some(name) = named.filter(|name| name.starts_with(|c: char| c.is_ascii_uppercase())) else { continue };
        // The names of some types are those of FHIRPath, with the type of FHIR beside them.
        let system = element.types.iter().any(|t| t.starts_with("http://hl7.org/fhirpath/"));
        if !system && !element.types.iter().any(|t| t.eq_ignore_ascii_case(name)) {
            walk.error(&at.name(key), || Kind::DifferentialValueType { type_name: plain(&name.into(), "") })?;
        }
    }
    Flow::Continue(())
}

fn means_nothing<S: Sink>(walk: &mut Walk<'_, '_, S>, property: &str, types: &[Box<str>], at: &Path<'_>) -> Flow {
    walk.report(at, Severity::Error, || Kind::ElementProperty {
        property: property.into(),
        types: plain(&(&*joined(types.iter().map(|t| &**t))).into(), ""),
    })
}
