//! The structure of FHIR STU3 resources: elements, cardinality, types, formats, required codes, targets of references.
//!
//! Base STU3 alone, by the table of [`crate::fhir::stu3`]: what a resource that comes in must have before it is
//! converted, and what everything that goes out has. Constraints and profiles are checked in R4.

use serde_json::{Map, Value};

use super::kind::{Finding, Kind};
use super::primitive::Primitive;
use super::wording::Language;
use crate::fhir::stu3::{self, Element};
use crate::fhir::{Issue, Severity};

/// Every fault of a STU3 resource, at its FHIRPath; none where it is sound.
pub fn check(resource: &Value, language: Language) -> Vec<Issue> {
    let mut check = Check { found: Vec::new() };
    check.resource(resource, None);
    let issue = |one: Finding| one.into_issue(Severity::Error, language);
    check.found.into_iter().map(issue).collect()
}

struct Check {
    found: Vec<Finding>,
}

impl Check {
    fn fault(&mut self, at: &str, kind: Kind) {
        self.found.push(Finding { kind, at: at.to_owned() });
    }

    /// A resource; `at` is where one stands that is inside another.
    fn resource(&mut self, resource: &Value, at: Option<&str>) {
        let Some(object) = resource.as_object() else {
            return self.fault(at.unwrap_or("Resource"), Kind::NotAnObject);
        };
        let Some(name) = object.get("resourceType").and_then(Value::as_str) else {
            return self.fault(at.unwrap_or("Resource"), Kind::NoResourceType);
        };
        if !stu3::is_resource(name) {
            return self.fault(at.unwrap_or(name), Kind::UnknownResourceType);
        }
        self.object(object, name, at.unwrap_or(name));
    }

    fn object(&mut self, object: &Map<String, Value>, type_name: &str, at: &str) {
        let Some(elements) = stu3::elements(type_name) else { return };
        if object.is_empty() {
            self.fault(at, Kind::EmptyObject);
        }
        let mut there: Vec<(&str, &str)> = Vec::new();
        for (name, value) in object {
            if name == "resourceType" && stu3::is_resource(type_name) {
                continue;
            }
            let property = name.strip_prefix('_').unwrap_or(name);
            let below = format!("{at}.{property}");
            let Some((element, kind)) = stu3::property(type_name, property) else {
                self.fault(&below, Kind::UnknownProperty { name: name.as_str().into(), of_version: None });
                continue;
            };
            if there.iter().any(|(known, other)| *known == element.name && *other != property) {
                self.fault(&below, Kind::SeveralTypes { element: element.name.into() });
            }
            there.push((element.name, property));
            if name.starts_with('_') {
                self.beside(value, &below);
            } else {
                self.property(value, element, kind, type_name, &below);
            }
        }
        for element in elements.iter().filter(|element| element.required) {
            if !there.iter().any(|(name, _)| *name == element.name) {
                let profile = format!("STU3 {type_name}").into_boxed_str();
                let kind = Kind::TooFew { element: element.name.into(), min: 1, found: 0, profile };
                self.fault(&format!("{at}.{}", element.name), kind);
            }
        }
    }

    fn property(&mut self, value: &Value, element: &Element, kind: &str, type_name: &str, at: &str) {
        match value {
            Value::Array(_) if !element.repeats => self.fault(at, Kind::ExpectedSingle),
            Value::Array(items) if items.is_empty() => self.fault(at, Kind::EmptyArray),
            Value::Array(items) => {
                for (i, item) in items.iter().enumerate() {
                    self.item(item, element, kind, type_name, &format!("{at}[{i}]"));
                }
            }
            _ if element.repeats => self.fault(at, Kind::ExpectedArray),
            one => self.item(one, element, kind, type_name, at),
        }
    }

    fn item(&mut self, value: &Value, element: &Element, kind: &str, type_name: &str, at: &str) {
        if kind == "Resource" {
            return self.resource(value, Some(at));
        }
        let known = element.types.iter().find(|one| one.name == kind);
        let allowed = known.map(|one| one.allowed.as_slice()).unwrap_or_default();
        if let Some(primitive) = Primitive::of(kind) {
            return match (value, primitive.check(value)) {
                // A list of primitives has null where only an extension stands.
                (Value::Null, _) if element.repeats => {}
                (_, Err(flaw)) if flaw.refuses() => self.fault(at, flaw.kind(primitive)),
                (Value::String(code), _) if !allowed.is_empty() && !allowed.contains(&code.as_str()) => {
                    let value_set = format!("STU3 {type_name}.{}", element.name).into_boxed_str();
                    self.fault(at, Kind::CodeNotInValueSet { value_set, codes: "".into() });
                }
                _ => {}
            };
        }
        let Some(object) = value.as_object() else { return self.fault(at, Kind::ExpectedObject) };
        self.object(object, kind, at);
        if kind == "Reference" && !allowed.is_empty() {
            let target = object.get("reference").and_then(Value::as_str).and_then(target);
            if target.is_some_and(|target| !allowed.contains(&target)) {
                self.fault(at, Kind::ReferenceTarget { allowed: allowed.join(", ").into() });
            }
        }
    }

    /// What stands beside a primitive: an id and extensions alone.
    fn beside(&mut self, value: &Value, at: &str) {
        match value {
            Value::Array(items) => items.iter().filter(|item| !item.is_null()).for_each(|item| self.beside(item, at)),
            Value::Object(object) => {
                for (name, value) in object {
                    match (name.as_str(), value) {
                        ("id", Value::String(_)) => {}
                        ("extension", Value::Array(all)) => {
                            for (i, one) in all.iter().enumerate() {
                                let below = format!("{at}.extension[{i}]");
                                match one.as_object() {
                                    Some(one) => self.object(one, "Extension", &below),
                                    None => self.fault(&below, Kind::ExpectedObject),
                                }
                            }
                        }
                        _ => self.fault(at, Kind::UnknownProperty { name: name.as_str().into(), of_version: None }),
                    }
                }
            }
            _ => self.fault(at, Kind::ExpectedObject),
        }
    }
}

/// The type that a relative or absolute reference leads to; None for a fragment or a URN.
fn target(reference: &str) -> Option<&str> {
    let path = reference.split("/_history/").next()?;
    let mut parts = path.rsplit('/');
    parts.next()?;
    parts.next().filter(|name| name.starts_with(|c: char| c.is_ascii_uppercase()))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn faults(resource: Value) -> Vec<(&'static str, String)> {
        let found = check(&resource, Language::English);
        found.into_iter().map(|one| (one.id, one.at.unwrap_or_default())).collect()
    }

    fn goal() -> Value {
        json!({
            "resourceType": "Goal", "status": "in-progress", "description": { "text": "thuis zijn" },
            "startDate": "2026-01-05", "_startDate": { "extension": [{ "url": "urn:x", "valueCode": "a" }] },
        })
    }

    #[test]
    fn a_sound_resource_has_no_faults() {
        assert_eq!(faults(goal()), []);
    }

    #[test]
    fn each_fault_is_told_at_its_place() {
        let with = |name: &str, value: Value| {
            let mut goal = goal();
            goal[name] = value;
            faults(goal)
        };
        let one = |id: &'static str, at: &str| vec![(id, at.to_owned())];
        assert_eq!(with("lifecycleStatus", json!("active")), one("structure-unknown-property", "Goal.lifecycleStatus"));
        assert_eq!(with("status", json!("active")), one("binding-code-not-in-value-set", "Goal.status"));
        assert_eq!(with("statusDate", json!("2026-13-01")).len(), 1);
        assert_eq!(with("category", json!({})), one("structure-expected-array", "Goal.category"));
        assert_eq!(with("description", json!([{}])), one("structure-expected-single", "Goal.description"));
        assert_eq!(
            with("startCodeableConcept", json!({ "text": "nu" })),
            one("structure-several-types", "Goal.startCodeableConcept")
        );
        let practitioner = json!({ "reference": "Practitioner/1" });
        assert_eq!(with("subject", practitioner), one("reference-target-type", "Goal.subject"));
        let mut goal = goal();
        goal.as_object_mut().map(|goal| goal.remove("status"));
        assert_eq!(faults(goal), one("cardinality-too-few", "Goal.status"));
    }

    #[test]
    fn what_is_inside_a_bundle_is_checked_too() {
        let bundle = json!({ "resourceType": "Bundle", "type": "collection", "entry": [{ "resource": { "resourceType": "Goal", "status": "x" } }] });
        let places: Vec<String> = faults(bundle).into_iter().map(|(_, at)| at).collect();
        assert_eq!(places, ["Bundle.entry[0].resource.status", "Bundle.entry[0].resource.description"]);
    }
}
