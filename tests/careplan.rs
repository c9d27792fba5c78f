//! The care plan: its schema against the dataset, its mapping against the fixtures.

#[path = "careplan/bundle.rs"]
mod bundle_of_another;
mod common;
#[path = "careplan/form.rs"]
mod form_both_ways;
#[allow(dead_code)] // Not all of it is asked here.
#[path = "careplan/generate.rs"]
mod generate;
#[path = "careplan/narrative.rs"]
mod narrative;
#[path = "careplan/round_trip.rs"]
mod round_trip;
#[path = "careplan/traps.rs"]
mod traps;
#[path = "careplan/two_plans.rs"]
mod two_plans;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::sync::{Arc, LazyLock};

use common::envelope;
use jiff::Timestamp;
use overdracht::domain::{self, Document, Kind, Violation};
use overdracht::fhir::ResourceKey;
use overdracht::fhir::definitions::Definitions;
use overdracht::mapping::questionnaire_response::{Edition, skeleton};
use overdracht::mapping::{self, Existing, Ids, Mapped};
use overdracht::validator::{Options, Validator};
use serde_json::Value;

/// With the forms of the table, and HL7's definitions.
static VALIDATOR: LazyLock<Validator> = LazyLock::new(|| {
    let forms = Edition::ALL.map(skeleton);
    let definitions = Definitions::builder().definitions(forms).open().expect("`make definitions` was run");
    Validator::new(Arc::new(definitions), Options::default())
});

/// What refuses a resource, by base R4, our profiles and the form.
fn refusing(resource: &Value) -> Vec<String> {
    let issues = VALIDATOR.validate(resource, &[]);
    let found = issues.into_iter().filter(|issue| issue.severity.refuses());
    found.map(|issue| format!("{} {} at {}", issue.id, issue.text, issue.at.unwrap_or_default())).collect()
}

fn now() -> Timestamp {
    "2026-11-22T12:00:00Z".parse().unwrap()
}

fn file(path: &str) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    let text = fs::read_to_string(&path).unwrap_or_else(|_| panic!("{} is readable", path.display()));
    serde_json::from_str(&text).unwrap()
}

fn plan(patient: &str) -> Document {
    domain::parse(Kind::CarePlan, &file(&format!("fixtures/{patient}/care-plan.json")), now())
        .unwrap_or_else(|faults| panic!("{patient}: {faults:#?}"))
}

fn ids(document: &Document) -> Ids {
    let parties = mapping::parties(document);
    let named = parties.into_iter().enumerate().map(|(i, party)| (party, format!("party-{i}"))).collect();
    let envelope = document.envelope();
    Ids {
        patient: "patient-1".into(),
        source: envelope.source.system.clone(),
        document: envelope.document_id.clone(),
        parties: named,
    }
}

fn mapped(document: &Document) -> Mapped {
    mapping::map(document, &ids(document), &Existing::default()).unwrap()
}

fn of_type<'m>(mapped: &'m Mapped, resource_type: &str) -> Vec<&'m Value> {
    mapped.resources.iter().filter(|one| one["resourceType"] == resource_type).collect()
}

fn with_profile<'m>(mapped: &'m Mapped, name: &str) -> Vec<&'m Value> {
    mapped.resources.iter().filter(|one| mapping::care_plan::has_profile(one, name)).collect()
}

/// Every leaf of a document, as JSON pointers.
fn leaves(value: &Value, at: &str, found: &mut Vec<String>) {
    match value {
        Value::Object(object) => object.iter().for_each(|(key, value)| leaves(value, &format!("{at}/{key}"), found)),
        Value::Array(items) => items.iter().enumerate().for_each(|(i, item)| leaves(item, &format!("{at}/{i}"), found)),
        _ => found.push(at.to_owned()),
    }
}

// --- the schema and the dataset -------------------------------------------------------------------------------------

/// Concepts of the dataset that no property stands for, and why.
const NO_PROPERTY: &[(&str, &str)] = &[
    ("819", "the reason of a PZP conversation is always the procedure advance care planning"),
    ("820", "as 819: the procedure itself"),
    ("827", "as 819: its type has one code, which the mapping writes"),
];

fn dataset_ids(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(object) => {
            let ids = object.get("x-dataset-id").and_then(Value::as_array).into_iter().flatten();
            found.extend(ids.filter_map(Value::as_str).map(str::to_owned));
            object.values().for_each(|value| dataset_ids(value, found));
        }
        Value::Array(items) => items.iter().for_each(|item| dataset_ids(item, found)),
        _ => {}
    }
}

#[test]
fn every_concept_of_the_dataset_has_a_property_or_a_reason() {
    let Some(path) = common::shared("pzp/dataset-zib2020.tsv") else { return };
    let mut covered = BTreeSet::new();
    dataset_ids(&file("profiles/documents/care-plan.schema.json"), &mut covered);
    dataset_ids(&file("profiles/documents/common.schema.json"), &mut covered);
    let dataset = fs::read_to_string(path).unwrap();
    let concepts: BTreeMap<&str, &str> = dataset
        .lines()
        .skip(1)
        .filter_map(|line| line.split_once('\t'))
        .map(|(id, rest)| (id, rest.split('\t').next().unwrap_or_default()))
        .collect();
    assert!(concepts.len() > 250, "the dataset has {} concepts", concepts.len());
    let excused: BTreeSet<&str> = NO_PROPERTY.iter().map(|(id, _)| *id).collect();
    let missing: Vec<_> =
        concepts.iter().filter(|(id, _)| !covered.contains(**id) && !excused.contains(**id)).collect();
    assert!(missing.is_empty(), "{missing:#?}");
    let unknown: Vec<_> = covered.iter().filter(|id| !concepts.contains_key(id.as_str())).collect();
    assert!(unknown.is_empty(), "not in the dataset: {unknown:?}");
    let needless: Vec<_> = excused.iter().filter(|id| covered.contains(**id)).collect();
    assert!(needless.is_empty(), "covered and excused: {needless:?}");
}

/// Lists of the dataset that the schemas do not enumerate, and why.
const NO_ENUMERATION: &[(&str, &str)] = &[
    ("PZPGesprekVerrichtingType", "one code, written by the mapping"),
    ("meting_naam_voor_belangrijkste_doel_van_behandeling", "the name of the measurement: the property itself"),
    ("meting_naam__wens_en_verwachting_patient", "the name of the measurement: the property itself"),
    ("meetmethode__vaststellen_wens_en_verwachting_patient", "one code, written by the mapping"),
    ("meting_naam_voor_gewenste_plek_van_overlijden", "the name of the measurement: the property itself"),
    ("MetingNaamVoorEuthanasiestandpunt", "the name of the measurement: the property itself"),
    ("MetingNaamVoorKeuzeOrgaandonatieVastgelegdInDonorregister", "the name of the measurement: the property itself"),
    ("meting_naam_voor_wat_verder_nog_belangrijk_is", "the name of the measurement: the property itself"),
    ("behandeling_van_icd", "one code: the property itself"),
    ("LocatieCodelijst", "a hierarchy of SNOMED CT, not enumerated by the dataset"),
    ("RolContactpersoonCodelijst", "part of the property with RolCodelijst"),
];

#[test]
fn the_value_sets_of_the_dataset_are_enforced() {
    fn enumerated(value: &Value, found: &mut BTreeMap<String, BTreeSet<String>>) {
        if let Some(object) = value.as_object() {
            if let Some(list) = object.get("x-value-set").and_then(Value::as_str) {
                let codes = object.get("enum").or_else(|| value.pointer("/then/enum")).and_then(Value::as_array);
                let codes = codes.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned);
                found.entry(list.to_owned()).or_default().extend(codes);
            }
            object.values().for_each(|value| enumerated(value, found));
        }
    }
    let Some(path) = common::shared("pzp/dataset-valuesets.tsv") else { return };
    let mut ours = BTreeMap::new();
    enumerated(&file("profiles/documents/care-plan.schema.json"), &mut ours);
    enumerated(&file("profiles/documents/common.schema.json"), &mut ours);
    let mut theirs: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for line in fs::read_to_string(path).unwrap().lines().skip(1) {
        let columns: Vec<&str> = line.split('\t').collect();
        // The heading of a code system stands among its codes.
        if columns[1] != "AssignedRoleType" {
            theirs.entry(columns[0].to_owned()).or_default().insert(columns[1].to_owned());
        }
    }
    let mut wrong = Vec::new();
    for (list, codes) in &theirs {
        let excused = NO_ENUMERATION.iter().any(|(name, _)| name == list);
        match ours.get(list.as_str()) {
            // Sharing has words of its own, because the dataset cannot say a refusal.
            Some(_) if list.starts_with("patient_gaat_akkoord") => {}
            Some(found) if codes.is_subset(found) => {}
            None if excused => {}
            found => wrong.push(format!("{list}: {codes:?} against {found:?}")),
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn the_code_tables_are_those_of_the_dataset() {
    use overdracht::domain::common::codes::*;
    let Some(path) = common::shared("pzp/dataset-valuesets.tsv") else { return };
    let rows: BTreeSet<(String, String, String)> = fs::read_to_string(path)
        .unwrap()
        .lines()
        .skip(1)
        .map(|line| line.split('\t').map(str::to_owned).collect::<Vec<_>>())
        .map(|columns| (columns[1].clone(), columns[2].clone(), columns[3].clone()))
        .collect();
    for list in [
        NAME_USAGE,
        GENDER,
        ADDRESS_TYPE,
        TELECOM_TYPE,
        NUMBER_TYPE,
        EMAIL_TYPE,
        SPECIALTY,
        ROLE,
        RELATIONSHIP,
        CONTACT_TYPE,
        MEDICAL_POLICY_GOAL,
        TREATMENT,
        TREATMENT_DECISION,
        ICD_DECISION,
        YES_NO_UNKNOWN,
        LATERALITY,
        PREFERRED_PLACE,
        ADVANCE_DIRECTIVE_TYPE,
        EUTHANASIA_POSITION,
        SHARING_CONSENT,
    ] {
        for code in list {
            let row = (code.code.to_owned(), code.system.to_owned(), code.display.to_owned());
            assert!(rows.contains(&row), "{row:?} is not in the dataset");
        }
    }
}

// --- faults ---------------------------------------------------------------------------------------------------------

fn faults(name: &str) -> Vec<Violation> {
    domain::parse(Kind::CarePlan, &file(&format!("fixtures/invalid/care-plan-{name}.json")), now()).unwrap_err()
}

#[test]
fn what_is_wrong_with_a_document_is_said_at_its_field() {
    for (name, pointer) in [
        ("bsn", "/patient/identifiers/bsn"),
        ("future", "/conversation/startedAt"),
        ("contradiction", "/icd"),
        ("unknown-property", "/behandelgrenzen"),
    ] {
        let found = faults(name);
        assert!(found.iter().any(|fault| fault.pointer == pointer), "{name}: {found:#?}");
    }
}

// --- document → resources -------------------------------------------------------------------------------------------

#[test]
fn every_field_of_every_fixture_stands_in_the_trace() {
    for patient in common::PEOPLE {
        let document = plan(patient);
        let trace = mapped(&document).trace;
        let known: BTreeSet<&str> = trace.rows.iter().map(|row| row.source.as_str()).collect();
        let mut all = Vec::new();
        leaves(&file(&format!("fixtures/{patient}/care-plan.json")), "", &mut all);
        let lost: Vec<_> = all.iter().filter(|leaf| !known.contains(leaf.as_str())).collect();
        assert!(lost.is_empty(), "{patient}: {lost:#?}");
        assert!(trace.rows.iter().all(|row| row.target.is_some()), "{patient}: something is not carried");
    }
}

#[test]
fn every_target_of_the_trace_is_a_resource_that_was_made() {
    for patient in common::PEOPLE {
        let mapped = mapped(&plan(patient));
        let made: BTreeSet<String> =
            mapped.resources.iter().filter_map(ResourceKey::of).map(|key| key.to_string()).collect();
        for row in &mapped.trace.rows {
            let target = row.target.as_deref().unwrap();
            let resource = target.split('#').next().unwrap();
            assert!(made.contains(resource), "{patient}: {target} from {}", row.source);
        }
    }
}

#[test]
fn every_reference_between_the_resources_leads_somewhere() {
    fn references(value: &Value, found: &mut Vec<String>) {
        match value {
            Value::Object(object) => {
                found.extend(object.get("reference").and_then(Value::as_str).map(str::to_owned));
                object.values().for_each(|value| references(value, found));
            }
            Value::Array(items) => items.iter().for_each(|item| references(item, found)),
            _ => {}
        }
    }
    for patient in common::PEOPLE {
        let mapped = mapped(&plan(patient));
        let made: BTreeSet<String> =
            mapped.resources.iter().filter_map(ResourceKey::of).map(|key| key.to_string()).collect();
        assert_eq!(made.len(), mapped.resources.len(), "{patient}: a resource is made twice");
        let mut found = Vec::new();
        mapped.resources.iter().for_each(|resource| references(resource, &mut found));
        let dangling: Vec<_> = found.iter().filter(|reference| !made.contains(*reference)).collect();
        assert!(dangling.is_empty(), "{patient}: {dangling:?}");
    }
}

#[test]
fn mapping_again_makes_the_same_resources() {
    for patient in common::PEOPLE {
        let document = plan(patient);
        let once = mapped(&document);
        assert_eq!(once.resources, mapped(&document).resources);
        let mut existing = Existing::default();
        for resource in &once.resources {
            let key = ResourceKey::of(resource).unwrap();
            if matches!(key.resource_type.as_str(), "Patient" | "Practitioner" | "Organization") {
                existing.resources.insert(key, resource.clone());
            }
        }
        let again = mapping::map(&document, &ids(&document), &existing).unwrap();
        let normal = |resources: &[Value]| resources.iter().map(sorted).collect::<Vec<_>>();
        assert_eq!(normal(&once.resources), normal(&again.resources), "{patient}");
    }
}

/// Identifiers, extensions and profiles without their order.
fn sorted(resource: &Value) -> Value {
    let mut resource = resource.clone();
    for at in ["/identifier", "/extension", "/meta/profile"] {
        if let Some(items) = resource.pointer_mut(at).and_then(Value::as_array_mut) {
            items.sort_by_key(Value::to_string);
        }
    }
    resource
}

#[test]
fn every_resource_has_a_narrative_and_claims_our_profile() {
    for patient in common::PEOPLE {
        for resource in mapped(&plan(patient)).resources {
            let key = ResourceKey::of(&resource).unwrap();
            let div = resource["text"]["div"].as_str().unwrap_or_default();
            assert!(div.starts_with("<div") && resource["text"]["status"] == "generated", "{key} has no narrative");
            let profile = resource["meta"]["profile"].to_string();
            assert!(profile.contains("https://overdracht.example/fhir/StructureDefinition/"), "{key}: {profile}");
        }
    }
}

#[test]
fn who_cannot_decide_has_a_representative_who_agreed() {
    let mapped = mapped(&plan("primary-unknown"));
    let patient = of_type(&mapped, "Patient")[0];
    assert!(patient["extension"].to_string().contains("\"valueBoolean\":false"));
    assert!(patient["contact"][0]["relationship"].to_string().contains("\"24\""));
    let directive = with_profile(&mapped, "Overdracht-TreatmentDirective")[0];
    let parties = directive["provision"]["actor"].to_string();
    assert!(parties.contains("RelatedPerson/") && !parties.contains("Patient/"), "{parties}");
}

#[test]
fn a_locum_reads_resuscitation_first() {
    let mapped = mapped(&plan("prostate-bone"));
    let composition = of_type(&mapped, "Composition")[0];
    let div = composition["text"]["div"].as_str().unwrap();
    let place = |words: &str| div.find(words).unwrap_or_else(|| panic!("{words} is not in {div}"));
    let order = [
        "Reanimatie",
        "ziekenhuis",
        "intensive care",
        "beademing",
        "antibiotica",
        "bloedproduct",
        "Gewenste plek",
        "Hilde",
    ];
    assert!(order.windows(2).all(|pair| place(pair[0]) < place(pair[1])), "{div}");
}

// --- profiles -------------------------------------------------------------------------------------------------------

/// The official profile of the element map and ours: 1.0.0-rc2 renamed some.
const OUR_PROFILE: &[(&str, &str)] = &[
    ("ACP-AdvanceDirective", "AdvanceDirective"),
    ("ACP-ContactPerson", "ContactPerson"),
    ("ACP-Encounter", "Encounter"),
    ("ACP-HealthProfessional-Practitioner", "Practitioner"),
    ("ACP-HealthProfessional-PractitionerRole", "PractitionerRole"),
    ("ACP-Medical-Policy-Goal", "MedicalPolicyGoal"),
    ("ACP-MedicalDevice.Product-ICD", "MedicalDevice.Product-ICD"),
    ("ACP-MedicalDevice", "MedicalDevice"),
    ("ACP-OrganDonationChoiceRegistration", "OrganDonationChoiceRegistration"),
    ("ACP-OtherImportantInformation", "SenseOfPurpose"),
    ("ACP-Patient", "Patient"),
    ("ACP-PositionRegardingEuthanasia", "PositionRegardingEuthanasia"),
    ("ACP-PreferredPlaceOfDeath", "PreferredPlaceOfDeath"),
    ("ACP-Procedure", "Procedure"),
    ("ACP-SpecificCareWishes", "SpecificCareWishes"),
    ("ACP-TreatmentDirective", "TreatmentDirective"),
];

/// Rows of the element map that no profile of ours holds: the end or a part of the element's name, and why.
const NO_ELEMENT: &[(&str, &str)] = &[
    ("ACP-Communication", "1.0.0-rc2 replaced it by ACP-InformRelativesRequest, which is ours too"),
    ("extension:encounter", "1.0.0-rc2 dropped the reference to the encounter"),
    ("ext-EncounterReference", "1.0.0-rc2 dropped it"),
    ("ext-LegallyCapable", "an official extension: its own definition holds it"),
    ("legallyCapable", "an official extension: its own definition holds it"),
    (".extension:", "an extension of nl-core or HL7: its own definition holds it, with the package installed"),
    (
        "modifierExtension:specificationOther",
        "held by the invariant overdracht-treatment-directive-1, which the official one means",
    ),
    ("relationship:", "a slice by a value set of the official package; ours asks for one relationship at least"),
    ("participant:", "a slice by the profile of what is referred to; ours restricts the types of participant"),
    ("reasonReference:", "a slice by the profile of what is referred to; ours restricts the type"),
    ("reasonCode:deviatingResult", "a slice of nl-core that the mapping does not use"),
    ("specialty:specialty", "a slice by a value set of the official package"),
];

#[test]
fn every_constraint_of_the_element_map_stands_in_a_profile_or_has_a_reason() {
    let Some(path) = common::shared("pzp/r4-element-map.tsv") else { return };
    let mut missing = Vec::new();
    let mut held = 0;
    let mut reasons: BTreeSet<&str> = NO_ELEMENT.iter().map(|(part, _)| *part).collect();
    for line in fs::read_to_string(path).unwrap().lines().skip(1) {
        let columns: Vec<&str> = line.split('\t').collect();
        let (profile, element, constraint) = (columns[0], columns[3], columns[4]);
        if constraint.is_empty() {
            continue;
        }
        let name = format!("{profile} {element}");
        if let Some((part, _)) = NO_ELEMENT.iter().find(|(part, _)| name.contains(part)) {
            reasons.remove(part);
            continue;
        }
        let Some((_, ours)) = OUR_PROFILE.iter().find(|(official, _)| *official == profile) else {
            missing.push(name);
            continue;
        };
        let definition = file(&format!("profiles/overdracht/StructureDefinition-Overdracht-{ours}.json"));
        let elements = definition["differential"]["element"].as_array().unwrap();
        // `source[x]:sourceReference` names a choice by its type; ours restricts the types of the choice.
        let wanted = element
            .split("[x]:")
            .next()
            .map(|start| if element.contains("[x]:") { format!("{start}[x]") } else { start.to_owned() });
        let found = elements.iter().find(|one| one["id"].as_str() == wanted.as_deref());
        let holds = found.is_some_and(|one| {
            let has = |key: &str| one.get(key).is_some();
            let value = |key: &str| constraint.split_once(key).map(|(_, rest)| rest);
            let word = |key: &str| value(key).map(|rest| rest.split_whitespace().next().unwrap_or_default());
            let types = || one["type"].as_array().into_iter().flatten().filter_map(|one| one["code"].as_str());
            let pattern = |text: &str| serde_json::Deserializer::from_str(text).into_iter().next().unwrap().unwrap();
            (!constraint.contains("min=1") || one["min"] == 1)
                && word("max=").is_none_or(|max| one["max"] == max || element.contains("[x]:"))
                && word("type=").is_none_or(|name| types().any(|code| code == name.split(['(', '<']).next().unwrap()))
                && word("binding=")
                    .is_none_or(|name| one["binding"]["strength"] == name.split(':').next().unwrap_or_default())
                && value("patternCodeableConcept=")
                    .is_none_or(|text| contains(&one["patternCodeableConcept"], &pattern(text)))
                && (!constraint.contains("invariant=") || has("constraint"))
                && (!constraint.contains("slice=") || element.contains("[x]:") || has("sliceName"))
        });
        if holds { held += 1 } else { missing.push(format!("{name}: {constraint}")) }
    }
    assert!(missing.is_empty(), "{missing:#?}");
    assert!(held >= 40, "only {held} rows are held by profiles");
    assert!(reasons.is_empty(), "these reasons hold for no row: {reasons:?}");
}

/// True where `all` has everything that `part` has.
fn contains(all: &Value, part: &Value) -> bool {
    match (all, part) {
        (Value::Object(all), Value::Object(part)) => {
            part.iter().all(|(name, value)| all.get(name).is_some_and(|found| contains(found, value)))
        }
        (Value::Array(all), Value::Array(part)) => {
            part.iter().all(|value| all.iter().any(|found| contains(found, value)))
        }
        _ => all == part,
    }
}

// --- the published form ---------------------------------------------------------------------------------------------

fn form(date: &str) -> Option<(Value, mapping::questionnaire_response::Form)> {
    let path = common::shared(&format!("pzp/r4/QuestionnaireResponse-HendrikHartman-{date}.json"))?;
    let response: Value = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
    let form = mapping::questionnaire_response::read(&response, &envelope()).unwrap();
    Some((response, form))
}

#[test]
fn the_published_forms_are_taken_in_whole() {
    fn answered(items: &Value, found: &mut Vec<String>) {
        for item in items.as_array().into_iter().flatten() {
            answered(&item["item"], found);
            for answer in item["answer"].as_array().into_iter().flatten() {
                found.push(item["linkId"].as_str().unwrap().to_owned());
                answered(&answer["item"], found);
            }
        }
    }
    for date in ["20201001", "20221108"] {
        let Some((response, form)) = form(date) else { return };
        let mut all = Vec::new();
        answered(&response["item"], &mut all);
        assert!(all.len() > 40, "{date} has {} answers", all.len());
        assert_eq!(form.trace.rows.len(), all.len(), "{date}: an answer without a row");
        assert!(form.trace.rows.iter().all(|row| row.target.is_some()), "{date}: {:#?}", form.trace.rows);
        assert!(form.warnings.is_empty(), "{date}: {:#?}", form.warnings);
        let document =
            domain::parse(Kind::CarePlan, &form.document, now()).unwrap_or_else(|faults| panic!("{date}: {faults:#?}"));
        let mapped = mapped(&document);
        assert_eq!(with_profile(&mapped, "Overdracht-TreatmentDirective").len(), 8, "seven treatments and the ICD");
        assert_eq!(of_type(&mapped, "DeviceUseStatement").len(), 1);
    }
}

#[test]
fn what_the_second_form_says_stands_in_the_document() {
    let Some((_, form)) = form("20221108") else { return };
    let at = |pointer: &str| form.document.pointer(pointer).cloned().unwrap_or_default();
    assert_eq!(at("/goal/goal"), "225353007");
    assert_eq!(at("/treatmentDirectives/0/decision"), "1");
    assert!(at("/treatmentDirectives/0/specificationOther").is_string());
    assert_eq!((at("/hasIcd"), at("/icdDeactivation/decision")), ("373066001".into(), "ASKU".into()));
    assert_eq!((at("/sharingConsent"), at("/informedRelatives")), ("yes".into(), true.into()));
    assert_eq!(
        (at("/legalRepresentative"), at("/contactPersons/0/name/firstNames")),
        ("representative".into(), "Michiel".into())
    );
}

#[test]
fn a_form_about_another_patient_than_the_request_is_told() {
    let Some((response, _)) = form("20221108") else { return };
    let mut other = envelope();
    other["patient"]["name"]["firstNames"] = "Pieter".into();
    let form = mapping::questionnaire_response::read(&response, &other).unwrap();
    assert_eq!(form.warnings.iter().filter(|warning| warning.id == "form-other-patient").count(), 1);
}
