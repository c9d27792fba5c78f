//! What leaves as STU3 is sound STU3, and holds what the published profiles add: cardinality, fixed values, patterns and
//! required value sets, as their differentials say them.

use std::collections::BTreeSet;
use std::sync::Arc;

use overdracht::fhirpath::{Context, Node, Types, compile};
use overdracht::mapping::stu3;
use overdracht::validator::{Language, stu3::check};
use serde_json::Value;

use super::documents::{self, Known};
use super::published;

/// Extensions that the profiles slice by name; the differentials leave their URLs to the zibs.
const SLICES: &[(&str, &str)] = &[
    ("verification", "http://nictiz.nl/fhir/StructureDefinition/zib-TreatmentDirective-Verification"),
    ("treatmentPermitted", "http://nictiz.nl/fhir/StructureDefinition/zib-TreatmentDirective-TreatmentPermitted"),
    ("Verified", "Verified"),
];

struct Profiles {
    definitions: Vec<Value>,
    value_sets: Vec<Value>,
}

impl Profiles {
    fn load() -> Option<Self> {
        let definitions = published::files(&["StructureDefinition-"])?;
        assert!(definitions.len() >= 18, "published profiles");
        Some(Profiles { definitions, value_sets: published::files(&["ValueSet-"])? })
    }

    /// Faults of a resource by the profiles that it claims.
    fn faults(&self, resource: &Value) -> Vec<String> {
        let claims = resource["meta"]["profile"].as_array().into_iter().flatten();
        claims.flat_map(|claim| self.by_profile(resource, claim.as_str().unwrap())).collect()
    }

    fn by_profile(&self, resource: &Value, url: &str) -> Vec<String> {
        let Some(definition) = self.definitions.iter().find(|one| one["url"] == url) else {
            return vec![format!("claims the unknown profile {url}")];
        };
        if resource["resourceType"] != definition["type"] {
            return vec![format!("claims {url} and is of another type")];
        }
        let elements = definition["differential"]["element"].as_array().unwrap();
        elements.iter().flat_map(|element| self.element(resource, element)).collect()
    }

    fn element(&self, resource: &Value, element: &Value) -> Vec<String> {
        let id = element["id"].as_str().unwrap();
        let Some((parent, name)) = id.rsplit_once('.') else { return constraints(resource, element) };
        let mut faults = Vec::new();
        for parent in all(resource, parent) {
            let found = children(parent, name);
            let min = element["min"].as_u64().unwrap_or_default();
            if (found.len() as u64) < min {
                faults.push(format!("{id}: {} of at least {min}", found.len()));
            }
            if element["max"].as_str().and_then(|max| max.parse().ok()).is_some_and(|max: usize| found.len() > max) {
                faults.push(format!("{id}: {} of at most {}", found.len(), element["max"]));
            }
            for (key, expected) in element.as_object().unwrap() {
                let fixed = key.starts_with("fixed") && found.iter().any(|one| *one != expected);
                let pattern = key.starts_with("pattern") && found.iter().any(|one| !holds(one, expected));
                if fixed || pattern {
                    faults.push(format!("{id}: not its {key}"));
                }
            }
            if element["binding"]["strength"] == "required" {
                let canonical = &element["binding"]["valueSetReference"]["reference"];
                let outside = found.iter().filter(|one| !self.is_in(canonical, one)).count();
                if outside > 0 {
                    faults.push(format!("{id}: {outside} outside of {canonical}"));
                }
            }
        }
        faults
    }

    fn is_in(&self, canonical: &Value, concept: &Value) -> bool {
        let set = self.value_sets.iter().find(|one| one["url"] == *canonical);
        let set = set.unwrap_or_else(|| panic!("{canonical} is published"));
        let includes = || set["compose"]["include"].as_array().into_iter().flatten();
        concept["coding"].as_array().into_iter().flatten().any(|coding| {
            includes().any(|include| {
                let codes = include["concept"].as_array().into_iter().flatten();
                include["system"] == coding["system"] && codes.into_iter().any(|one| one["code"] == coding["code"])
            })
        })
    }
}

/// The constraints on the resource as a whole that do not hold.
fn constraints(resource: &Value, element: &Value) -> Vec<String> {
    let types = Arc::new(Types::untyped());
    let context = Context::new(Node::resource(resource, &types));
    let holds = |constraint: &&Value| {
        // Without a model of STU3's types a choice goes by its name in JSON.
        let expression = constraint["expression"].as_str().unwrap();
        let expression = expression.replace("value.ofType(CodeableConcept)", "valueCodeableConcept");
        let program = compile(&expression, types.intern("Resource"), &types).unwrap();
        program.evaluate_bool(&context, Node::resource(resource, &types)) == Ok(Some(true))
    };
    let all = element["constraint"].as_array().into_iter().flatten();
    all.filter(|constraint| !holds(constraint)).map(|constraint| format!("{} fails", constraint["key"])).collect()
}

/// The elements that the id of an ElementDefinition names, from the resource on.
fn all<'v>(resource: &'v Value, id: &str) -> Vec<&'v Value> {
    let mut found = vec![resource];
    for name in id.split('.').skip(1) {
        found = found.into_iter().flat_map(|one| children(one, name)).collect();
    }
    found
}

fn children<'v>(parent: &'v Value, name: &str) -> Vec<&'v Value> {
    let (name, slice) = name.split_once(':').unwrap_or((name, ""));
    let values: Vec<&Value> = match name.strip_suffix("[x]") {
        Some(base) => {
            let named = |key: &String| key.strip_prefix(base).is_some_and(|rest| rest.starts_with(char::is_uppercase));
            parent.as_object().into_iter().flatten().filter(|(key, _)| named(key)).map(|(_, value)| value).collect()
        }
        None => parent.get(name).into_iter().collect(),
    };
    let items = values.into_iter().flat_map(|value| match value {
        Value::Array(items) => items.iter().collect::<Vec<_>>(),
        one => vec![one],
    });
    match SLICES.iter().find(|(known, _)| *known == slice) {
        Some((_, url)) => items.filter(|one| one["url"] == *url).collect(),
        // A slice that is told apart otherwise asks for nothing here.
        None if !slice.is_empty() && slice != "startDate" => Vec::new(),
        None => items.collect(),
    }
}

fn holds(value: &Value, pattern: &Value) -> bool {
    match (value, pattern) {
        (Value::Object(value), Value::Object(pattern)) => {
            pattern.iter().all(|(name, pattern)| value.get(name).is_some_and(|value| holds(value, pattern)))
        }
        (Value::Array(values), Value::Array(patterns)) => {
            patterns.iter().all(|pattern| values.iter().any(|value| holds(value, pattern)))
        }
        _ => value == pattern,
    }
}

fn faults(profiles: Option<&Profiles>, resource: &Value) -> Vec<String> {
    let structure = check(resource, Language::English).into_iter();
    let structure = structure.map(|one| format!("{} at {}: {}", one.id, one.at.unwrap_or_default(), one.text));
    structure.chain(profiles.into_iter().flat_map(|profiles| profiles.faults(resource))).collect()
}

/// Everything of a document as STU3, with the profiles that were claimed.
fn rendered(known: &Known) -> Vec<Value> {
    let all = known.resources.iter();
    all.filter_map(|one| stu3::to_stu3(one, &|reference: &str| known.find(reference)).resource).collect()
}

#[test]
fn the_published_resources_are_sound_by_the_table_of_elements() {
    let (Some(profiles), Some(known)) = (Profiles::load(), published::instances()) else { return };
    for one in &known.resources {
        assert_eq!(faults(Some(&profiles), one), Vec::<String>::new(), "{}", one["id"]);
    }
    for form in published::files(&["Questionnaire-"]).unwrap() {
        assert_eq!(faults(None, &form), Vec::<String>::new(), "{}", form["id"]);
    }
}

#[test]
fn all_that_leaves_as_stu3_is_sound_and_holds_the_published_profiles() {
    let profiles = Profiles::load();
    let mut claimed = BTreeSet::new();
    let generated = (0..300).map(|seed| (format!("generated {seed}"), documents::generated(seed)));
    for (name, known) in documents::fixtures().into_iter().chain(generated) {
        for one in rendered(&known) {
            let claims = one["meta"]["profile"].as_array().into_iter().flatten();
            claimed.extend(claims.map(|claim| claim.as_str().unwrap().to_owned()));
            let found = faults(profiles.as_ref(), &one);
            assert_eq!(found, Vec::<String>::new(), "{name}: {}", one["resourceType"]);
        }
    }
    assert_eq!(claimed.len(), 17, "profiles of PZP that were exercised: {claimed:#?}");
}

#[test]
fn a_resource_that_breaks_its_profile_is_found() {
    let (Some(profiles), Some(known)) = (Profiles::load(), published::instances()) else { return };
    let broken = |name: &str, pointer: &str, value: Option<Value>| {
        let mut one = known.resources.iter().find(|one| one["id"] == name).unwrap().clone();
        let (parent, last) = pointer.rsplit_once('/').unwrap();
        let parent = one.pointer_mut(parent).unwrap();
        match value {
            Some(value) => parent[last] = value,
            None => {
                parent.as_object_mut().unwrap().remove(last).unwrap();
            }
        }
        faults(Some(&profiles), &one).len()
    };
    let directive = "ACP-TreatmentDirective-AntibioticTherapy-Pat1";
    assert!(broken(directive, "/modifierExtension", None) > 0);
    assert!(broken(directive, "/extension", None) > 0);
    assert!(broken(directive, "/scope", Some(serde_json::json!({ "text": "treatment" }))) > 0);
    let text = serde_json::json!({ "coding": [{ "system": "http://snomed.info/sct", "code": "1" }] });
    assert!(broken("ACP-MedicalPolicyGoal-Pat1", "/description", Some(text.clone())) > 0);
    assert!(broken("ACP-MedicalPolicyGoal-Pat1", "/category", Some(serde_json::json!([text.clone()]))) > 0);
    assert!(broken("ACP-Procedure-Pat1", "/code", Some(text)) > 0);
    let authorised =
        serde_json::json!({ "coding": [{ "system": "http://snomed.info/sct", "code": "310141000146103" }] });
    let role = "http://fhir.nl/fhir/StructureDefinition/nl-core-relatedperson-role";
    let alone = serde_json::json!([{ "url": role, "valueCodeableConcept": authorised }]);
    assert!(broken("ACP-ContactPerson-MichielHartman-Pat1", "/extension", Some(alone)) > 0);
}
