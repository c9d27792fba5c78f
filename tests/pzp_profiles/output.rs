//! Everything that becomes of a care plan, held against the official profiles.

use std::collections::BTreeSet;

use overdracht::mapping::questionnaire_response;
use overdracht::mapping::stu3;
use serde_json::Value;

use super::generate::{Schemas, filled};
use super::official::official;
use super::{build, common, documents, published};

#[test]
fn every_official_profile_is_made_without_a_remark() {
    let Some(official) = official() else { return };
    assert_eq!(official.profiles.len(), 17, "{:#?}", official.profiles);
    for url in &official.profiles {
        assert!(official.definitions.structure(url).is_some(), "{url}");
        assert_eq!(official.definitions.snapshot_issues(url), [], "{url}");
    }
}

#[test]
fn everything_that_the_fixtures_become_is_accepted() {
    let Some(official) = official() else { return };
    let mut found = BTreeSet::new();
    for (name, made) in documents::fixtures() {
        found.extend(official.refusing(&made.resources).into_iter().map(|one| format!("{name}: {one}")));
    }
    assert!(found.is_empty(), "{found:#?}");
}

/// Generated care plans that together fill in every property of the schema, and forty more.
fn generated() -> Vec<Value> {
    let schemas = Schemas::load();
    let (mut seen, mut plans) = (BTreeSet::new(), Vec::new());
    for seed in 0..2000 {
        let (plan, before) = (schemas.plan(seed), seen.len());
        filled(&plan, "", &mut seen);
        if seed < 40 || seen.len() > before {
            plans.push(plan);
        }
    }
    let missing: Vec<_> = schemas.properties().difference(&seen).cloned().collect();
    assert!(missing.is_empty(), "{missing:#?}");
    plans
}

#[test]
fn every_property_of_a_care_plan_becomes_something_that_is_accepted() {
    let Some(official) = official() else { return };
    let (mut found, mut claimed) = (BTreeSet::new(), BTreeSet::new());
    for plan in generated() {
        let made = documents::care_plan(&plan).resources;
        found.extend(official.refusing(&made));
        let claims = made.iter().flat_map(|one| one["meta"]["profile"].as_array().cloned().unwrap_or_default());
        claimed.extend(claims.filter_map(|one| one.as_str().map(str::to_owned)));
    }
    assert!(found.is_empty(), "{found:#?}");
    let never: Vec<_> = official.profiles.iter().filter(|url| !claimed.contains(*url)).collect();
    assert!(never.is_empty(), "no output claims {never:#?}");
}

#[test]
fn what_the_published_forms_become_is_accepted() {
    let Some(official) = official() else { return };
    let Some(stu3) = published::files(&["QuestionnaireResponse-"]) else { return };
    let mut forms: Vec<Value> = stu3.iter().map(|one| stu3::to_r4(one, &stu3::alone).resource.unwrap()).collect();
    for date in ["20201001", "20221108"] {
        let path = common::shared(&format!("pzp/r4/QuestionnaireResponse-HendrikHartman-{date}.json")).unwrap();
        forms.push(serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap());
    }
    assert_eq!(forms.len(), 4);
    for form in &forms {
        let read = questionnaire_response::read(form, &common::envelope()).unwrap();
        let made = documents::care_plan(&read.document).resources;
        assert_eq!(official.refusing(&made), Vec::<String>::new(), "{}", form["questionnaire"]);
    }
}

#[test]
fn what_the_published_stu3_resources_become_is_accepted() {
    let Some(official) = official() else { return };
    let Some(published) = published::instances() else { return };
    let find = |reference: &str| published.find(reference);
    let made: Vec<Value> = published.resources.iter().map(|one| stu3::to_r4(one, &find).resource.unwrap()).collect();
    let claims = |one: &&Value| one["meta"]["profile"].as_array().is_some_and(|all| !all.is_empty());
    assert_eq!(made.iter().filter(claims).count(), 74, "all but the forms claim a profile");
    assert_eq!(official.refusing(&made), Vec::<String>::new());
}

/// What STU3 asks in another shape, and why.
const OTHERWISE_IN_STU3: &[(&str, &str)] = &[
    (
        "ACP-ContactPerson RelatedPerson.extension:role",
        "a role is a relationship in R4, with a slice for the added list",
    ),
    ("ACP-TreatmentDirective Consent.extension", "the treatment and the parties are no extensions in R4"),
    ("ACP-TreatmentDirective Consent.modifierExtension", "whether it is permitted is `provision.type` in R4"),
];

/// The values that a definition requires of its elements, in the words of both releases.
fn asks(definition: &Value) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for element in definition["differential"]["element"].as_array().unwrap() {
        let name = format!("{} {}", definition["id"].as_str().unwrap(), element["id"].as_str().unwrap());
        if element["min"].as_u64() > Some(0) {
            found.insert(format!("{name} is there"));
        }
        if let Some(code) = element["patternCodeableConcept"]["coding"][0]["code"].as_str() {
            found.insert(format!("{name} has {code}"));
        }
        let set =
            element["binding"]["valueSet"].as_str().or(element["binding"]["valueSetReference"]["reference"].as_str());
        if let Some((_, set)) = set.and_then(|set| set.rsplit_once('/')) {
            found.insert(format!("{name} is {} of {set}", element["binding"]["strength"].as_str().unwrap()));
        }
    }
    found
}

#[test]
fn what_the_stu3_profiles_of_the_same_version_ask_is_asked_in_r4() {
    let (Some(made), Some(stu3)) = (build::definitions(), published::files(&["StructureDefinition-ACP-"])) else {
        return;
    };
    let r4: BTreeSet<String> = made.iter().filter(|one| one["kind"] == "resource").flat_map(asks).collect();
    let stu3: BTreeSet<String> = stu3.iter().flat_map(asks).collect();
    assert!(stu3.len() > 20, "{stu3:#?}");
    let excused = |what: &&String| OTHERWISE_IN_STU3.iter().any(|(start, _)| what.starts_with(start));
    let missing: Vec<_> = stu3.difference(&r4).filter(|what| !excused(what)).collect();
    assert!(missing.is_empty(), "{missing:#?}");
    let needless = |(start, _): &&(&str, &str)| !stu3.difference(&r4).any(|what| what.starts_with(start));
    assert_eq!(OTHERWISE_IN_STU3.iter().find(needless), None);
}
