//! A part of a resource, as `_summary` and `_elements` ask for it.
//!
//! Source: <http://hl7.org/fhir/R4/search.html#summary>, <http://hl7.org/fhir/R4/search.html#elements>.

use serde_json::{Map, Value, json};

use super::FhirVersion;
use super::xml::{Content, Elements, Layout};

/// Which part of a resource is wanted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum View {
    #[default]
    Whole,
    /// The elements that the definition calls its summary.
    Summary,
    /// The narrative.
    Text,
    /// All but the narrative.
    Data,
    /// These elements of the resource itself.
    Elements(Vec<String>),
}

impl View {
    /// Of the values of `_summary`; none for one that shapes no resource (`count`) or is not known.
    pub fn of_summary(value: &str) -> Option<Self> {
        Some(match value {
            "true" => View::Summary,
            "text" => View::Text,
            "data" => View::Data,
            "false" => View::Whole,
            _ => return None,
        })
    }

    /// Of a list of names of elements.
    pub fn of_elements(value: &str) -> Self {
        View::Elements(value.split(',').map(|name| name.trim().to_owned()).filter(|name| !name.is_empty()).collect())
    }
}

/// The part of a resource that is wanted, tagged as a part. What must be there stays, and so does whatever changes the
/// meaning of the rest: a directive never loses its restriction.
pub fn subset(layout: &dyn Layout, release: FhirVersion, resource: Value, view: &View) -> Value {
    if *view == View::Whole {
        return resource;
    }
    let known = resource["resourceType"].as_str().and_then(|name| layout.elements(name));
    let (Some(elements), Some(map)) = (known, resource.as_object()) else { return resource };
    let kept = match view {
        View::Summary => summary(layout, map, &elements),
        View::Text => keep(map, |name| name == "text" || always(&elements, name)),
        View::Data | View::Whole => keep(map, |name| name != "text"),
        View::Elements(wanted) => keep(map, |name| is_wanted(wanted, name) || always(&elements, name)),
    };
    let mut part = Value::Object(kept);
    tag(&mut part, release);
    part
}

/// Properties by the name of their element: `_birthDate` goes with `birthDate`.
fn keep(map: &Map<String, Value>, wanted: impl Fn(&str) -> bool) -> Map<String, Value> {
    let wanted = |name: &str| wanted(name.strip_prefix('_').unwrap_or(name));
    map.iter().filter(|(name, _)| wanted(name)).map(|(name, value)| (name.clone(), value.clone())).collect()
}

fn always(elements: &Elements, name: &str) -> bool {
    matches!(name, "resourceType" | "id" | "meta") || elements.get(name).is_some_and(|element| element.always)
}

/// `value` names a choice whatever its type.
fn is_wanted(wanted: &[String], name: &str) -> bool {
    wanted.iter().any(|wanted| {
        name.strip_prefix(wanted.as_str())
            .is_some_and(|rest| rest.is_empty() || rest.starts_with(|first: char| first.is_ascii_uppercase()))
    })
}

fn summary(layout: &dyn Layout, map: &Map<String, Value>, elements: &Elements) -> Map<String, Value> {
    let mut kept = keep(map, |name| always(elements, name) || elements.get(name).is_some_and(|it| it.summary));
    for (name, value) in &mut kept {
        // Within a data type everything belongs to its summary.
        let within = elements.get(name).and_then(|element| match &element.content {
            Content::Type(of) if of.contains('.') => layout.elements(of),
            _ => None,
        });
        let Some(within) = within else { continue };
        let shorten = |value: &mut Value| {
            if let Some(map) = value.as_object() {
                *value = summary(layout, map, &within).into();
            }
        };
        match value {
            Value::Array(items) => items.iter_mut().for_each(shorten),
            one => shorten(one),
        }
    }
    kept
}

/// Where `SUBSETTED` is defined.
fn observation_value(release: FhirVersion) -> &'static str {
    match release {
        FhirVersion::R4 => "http://terminology.hl7.org/CodeSystem/v3-ObservationValue",
        FhirVersion::Stu3 => "http://hl7.org/fhir/v3/ObservationValue",
    }
}

/// Marks a resource as a part of what it is, once.
pub fn tag(resource: &mut Value, release: FhirVersion) {
    let tag = json!({ "system": observation_value(release), "code": "SUBSETTED" });
    if !resource["meta"].is_object() {
        resource["meta"] = json!({});
    }
    match resource["meta"]["tag"].as_array_mut() {
        Some(tags) if tags.contains(&tag) => {}
        Some(tags) => tags.push(tag),
        None => resource["meta"]["tag"] = json!([tag]),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::fhir::definitions::Definitions;
    use crate::fhir::xml::Defined;

    fn names(value: &Value) -> Vec<&str> {
        value.as_object().expect("an object").keys().map(String::as_str).collect()
    }

    #[test]
    fn a_part_keeps_what_must_be_there_and_what_changes_the_meaning() {
        let layout = Defined::new(Arc::new(Definitions::builder().open().expect("`make definitions` was run")));
        let consent = json!({
            "resourceType": "Consent", "id": "1", "meta": { "versionId": "2" },
            "text": { "status": "generated", "div": "<div/>" },
            "extension": [{ "url": "urn:x", "valueCode": "x" }],
            "modifierExtension": [{ "url": "urn:y", "valueString": "only if …" }],
            "status": "active", "scope": {}, "category": [{}], "patient": { "reference": "Patient/1" },
            "dateTime": "2026", "_dateTime": { "id": "d" },
            "provision": { "type": "deny", "data": [{ "meaning": "instance" }], "code": [{ "text": "x" }] },
        });
        let part = |view: View| subset(&layout, FhirVersion::R4, consent.clone(), &view);
        let always = ["resourceType", "id", "meta"];
        let meaning = ["modifierExtension", "status", "scope", "category"];
        assert_eq!(names(&part(View::Text)), [&always[..], &["text"], &meaning].concat());
        let wanted = View::of_elements("dateTime, provision");
        assert_eq!(names(&part(wanted)), [&always[..], &meaning, &["dateTime", "_dateTime", "provision"]].concat());
        let summary = part(View::Summary);
        assert_eq!(
            names(&summary),
            [&always[..], &meaning, &["patient", "dateTime", "_dateTime", "provision"]].concat()
        );
        assert_eq!(summary["provision"]["code"], consent["provision"]["code"]);
        assert!(part(View::Data).get("text").is_none() && part(View::Data).get("extension").is_some());
        assert_eq!(part(View::Data)["meta"]["tag"][0]["code"], "SUBSETTED");
        assert_eq!(part(View::Whole), consent);
    }

    #[test]
    fn a_choice_is_named_without_its_type() {
        let wanted = ["value".to_owned(), "code".to_owned()];
        assert!(is_wanted(&wanted, "valueQuantity") && is_wanted(&wanted, "code"));
        assert!(!is_wanted(&wanted, "codes") && !is_wanted(&wanted, "note"));
    }
}
