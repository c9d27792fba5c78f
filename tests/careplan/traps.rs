//! The traps of care planning, and what 1.0.0-rc2 changed: a test each, named by what must not go wrong.
//!
//! Two more stand where they can be seen: each query is answered in JSON and XML (`tests/pzp_queries.rs`), and the shapes
//! of 1.0.0-rc2 in all output (`tests/pzp_profiles.rs`).

use std::collections::BTreeSet;

use overdracht::domain::{self, Document, Kind};
use overdracht::intake::{Known, bundle};
use overdracht::mapping::care_plan::current::{holds, settle};
use overdracht::mapping::care_plan::{self, DECISION, SPECIFICATION_OTHER};
use overdracht::mapping::questionnaire_response::{self, Edition};
use overdracht::mapping::{Fate, Mapped};
use serde_json::{Value, json};

use super::common::{PEOPLE, envelope};
use super::form_both_ways::all_items;
use super::{file, form, mapped, now, of_type, plan, refusing, with_profile};

const OFFICIAL: &str = "https://api.iknl.nl/docs/pzp/r4/StructureDefinition/";

/// The plan of a fixture with these properties in place of its own.
fn with(patient: &str, properties: &Value) -> Document {
    let mut sent = file(&format!("fixtures/{patient}/care-plan.json"));
    sent.as_object_mut().unwrap().extend(properties.as_object().unwrap().clone());
    domain::parse(Kind::CarePlan, &sent, now()).unwrap_or_else(|faults| panic!("{faults:#?}"))
}

/// What the plan of a fixture becomes with these properties in place of its own.
fn changed(patient: &str, properties: Value) -> Mapped {
    mapped(&with(patient, &properties))
}

fn code<'v>(one: &'v Value, element: &str) -> &'v str {
    one.pointer(&format!("{element}/coding/0/code")).and_then(Value::as_str).unwrap_or_default()
}

fn specification(consent: &Value) -> Option<&str> {
    let all = consent["modifierExtension"].as_array()?;
    all.iter().find(|one| one["url"] == SPECIFICATION_OTHER)?["valueString"].as_str()
}

fn directive(decision: Value) -> Mapped {
    changed("prostate-bone", json!({ "treatmentDirectives": [decision], "icdDeactivation": { "decision": "0" } }))
}

/// The directives but for that on the ICD.
fn directives(mapped: &Mapped) -> Vec<&Value> {
    let all = with_profile(mapped, "Overdracht-TreatmentDirective");
    all.into_iter().filter(|one| !is_deactivation(one)).collect()
}

fn is_deactivation(consent: &Value) -> bool {
    consent["provision"]["code"][0]["text"].as_str().is_some_and(|text| text.contains("400231000146108"))
}

fn claims_official(resource: &Value) -> bool {
    resource["meta"]["profile"].to_string().contains(OFFICIAL)
}

// --- consent to share, and earlier agreements -----------------------------------------------------------------------

#[test]
fn consent_to_share_and_earlier_agreements_are_of_our_own_profile() {
    let mapped = changed(
        "prostate-bone",
        json!({
            "sharingConsent": "yes",
            "earlierAgreements": { "recorded": "373066001", "comment": "Bij de huisarts", "differ": "373067005" },
        }),
    );
    let [sharing] = with_profile(&mapped, "Overdracht-SharingConsent")[..] else { panic!("one consent to share") };
    assert_eq!(code(sharing, "/provision/code/0"), "441898007");
    let answers = with_profile(&mapped, "Overdracht-CarePlanAnswer");
    let said = |question: &str| {
        let one = answers.iter().find(|one| code(one, "/code") == question).unwrap_or_else(|| panic!("no {question}"));
        (code(one, "/valueCodeableConcept").to_owned(), one["note"][0]["text"].clone())
    };
    assert_eq!(said("earlier-agreements"), ("373066001".into(), json!("Bij de huisarts")));
    assert_eq!(said("earlier-agreements-differ"), ("373067005".into(), Value::Null));
    assert!(!claims_official(sharing) && !answers.iter().any(|one| claims_official(one)));
}

#[test]
fn a_refusal_to_share_denies_and_unknown_is_not_a_yes() {
    let of = |patient: &str| {
        let mapped = mapped(&plan(patient));
        let consents = with_profile(&mapped, "Overdracht-SharingConsent");
        assert_eq!(consents.len(), 1);
        consents[0]["provision"]["type"].as_str().map(str::to_owned)
    };
    assert_eq!(of("lung-brain").as_deref(), Some("deny"));
    assert_eq!(of("ovarian-peritoneal").as_deref(), Some("permit"));
    assert_eq!(of("breast-bone-liver"), None);
}

// --- unknown --------------------------------------------------------------------------------------------------------

#[test]
fn a_later_unknown_wipes_out_no_decision() {
    let decided = json!({
        "treatmentDirectives": [{ "treatment": "89666000", "decision": "2" }], "icdDeactivation": { "decision": "0" },
        "goal": { "goal": "713148004" }, "sharingConsent": "refused",
    });
    let unknown = json!({
        "documentId": "later", "recordedAt": "2026-11-20T09:00:00Z", "icdDeactivation": { "decision": "NASK" },
        "treatmentDirectives": [{ "treatment": "89666000", "decision": "UNK" }], "goal": { "goal": "UNK" },
        "sharingConsent": "unknown",
        "conversation": { "startedAt": "2026-11-19", "conductedBy": "blom", "patientPresent": true },
    });
    let (first, later) = (changed("prostate-bone", decided), changed("prostate-bone", unknown));
    // The patient's own papers are the same in both plans, and said once more.
    let is_paper = |one: &Value| one["scope"]["coding"][0]["code"] == "adr";
    let is_answer = |one: &&Value| matches!(one["resourceType"].as_str(), Some("Consent" | "Goal")) && !is_paper(one);
    let decided: Vec<Value> = first.resources.iter().filter(is_answer).cloned().collect();
    let both = decided.iter().chain(later.resources.iter().filter(is_answer)).cloned().collect();
    let settled = settle(both, now());
    let wiped: Vec<_> =
        decided.iter().filter(|one| !settled.iter().any(|it| it["id"] == one["id"] && holds(it))).collect();
    assert!(decided.len() >= 4 && wiped.is_empty(), "{wiped:#?}");
}

#[test]
fn unknown_and_not_discussed_are_told_apart() {
    let mapped = mapped(&plan("lung-brain"));
    let reason = |profile: &str| code(with_profile(&mapped, profile)[0], "/dataAbsentReason").to_owned();
    assert_eq!(reason("Overdracht-SpecificCareWishes"), "not-asked");
    assert_eq!(reason("Overdracht-PositionRegardingEuthanasia"), "asked-unknown");
}

#[test]
fn a_question_that_has_no_answer_becomes_nothing() {
    let mut sent = file("fixtures/prostate-bone/care-plan.json");
    let kept =
        ["documentId", "version", "recordedAt", "source", "patient", "conversation", "practitioners", "contactPersons"];
    sent.as_object_mut().unwrap().retain(|name, _| kept.contains(&name.as_str()));
    let mapped = mapped(&domain::parse(Kind::CarePlan, &sent, now()).unwrap());
    let of_answers = [
        "Consent",
        "Goal",
        "Observation",
        "Device",
        "DeviceUseStatement",
        "CommunicationRequest",
        "Condition",
        "CareTeam",
    ];
    let made: Vec<_> = of_answers.iter().filter(|kind| !of_type(&mapped, kind).is_empty()).collect();
    assert!(made.is_empty(), "{made:?}");
    assert!(
        of_type(&mapped, "Patient")[0]["extension"]
            .as_array()
            .is_none_or(|all| !json!(all).to_string().contains("LegallyCapable"))
    );
}

// --- the goal -------------------------------------------------------------------------------------------------------

#[test]
fn the_forms_code_for_treating_symptoms_and_that_of_the_profile_become_each_other() {
    let goal = |code: &str| changed("lung-brain", json!({ "goal": { "goal": code } }));
    for said in ["225353007", "713148004"] {
        let mapped = goal(said);
        let one = of_type(&mapped, "Goal")[0];
        assert_eq!(code(one, "/description"), "713148004", "the profile's value set has no other");
        let read = care_plan::read(&mapped.resources, &Value::Null).document;
        assert_eq!(read["goal"]["goal"], said, "and the document says what it said");
    }
    // A form knows only its own of the two.
    let Document::CarePlan(plan) = with("lung-brain", &json!({ "goal": { "goal": "713148004" } })) else { panic!() };
    let written = questionnaire_response::write(&plan, Edition::Zib2020).items;
    let written = json!(written).to_string();
    assert!(written.contains("225353007") && !written.contains("713148004"));
}

// --- the form is smaller --------------------------------------------------------------------------------------------

#[test]
fn what_a_form_cannot_say_comes_from_the_request_or_is_derived_and_said_to_be() {
    for date in ["20201001", "20221108"] {
        let Some((response, form)) = form(date) else { return };
        assert!(response["subject"].is_null());
        assert_eq!(form.document["patient"]["identifiers"], envelope()["patient"]["identifiers"]);
        let mapped = mapped(&domain::parse(Kind::CarePlan, &form.document, now()).unwrap());
        for directive in with_profile(&mapped, "Overdracht-TreatmentDirective") {
            let parties = directive["provision"]["actor"].as_array().map_or(0, Vec::len);
            assert!(directive["dateTime"].is_string() && parties >= 2, "{date}: {directive}");
        }
        for field in ["/discussedAt", "/agreementParties"] {
            let mut rows = mapped.trace.rows.iter().filter(|row| row.source.ends_with(field)).peekable();
            assert!(rows.peek().is_some(), "{date}: nothing is derived for {field}");
            assert!(rows.all(|row| matches!(row.fate, Fate::Defaulted { .. })), "{date}: {field}");
        }
    }
}

// --- two questions about an ICD -------------------------------------------------------------------------------------

#[test]
fn having_an_icd_and_switching_it_off_are_two_questions() {
    let mapped = mapped(&plan("prostate-bone"));
    assert_eq!((of_type(&mapped, "Device").len(), of_type(&mapped, "DeviceUseStatement").len()), (1, 1));
    let off: Vec<_> = of_type(&mapped, "Consent").into_iter().filter(|one| is_deactivation(one)).collect();
    assert_eq!(off.len(), 1);
    assert_eq!(off[0]["provision"]["type"], "permit");
    assert_eq!(off[0]["provision"]["actor"].as_array().unwrap().len(), 3);
    let none = super::mapped(&plan("ovarian-peritoneal"));
    assert!(of_type(&none, "DeviceUseStatement").is_empty());
    assert!(with_profile(&none, "Overdracht-CarePlanAnswer").iter().any(|one| code(one, "/code") == "icd-present"));
}

#[test]
fn switching_an_icd_off_is_agreed_not_decided_or_not_discussed() {
    for (decision, kind, words) in [
        ("0", Some("permit"), None),
        ("ASKU", None, Some("Nee, nog geen besluit genomen")),
        ("NASK", None, Some("Niet besproken")),
    ] {
        let mapped = changed("prostate-bone", json!({ "icdDeactivation": { "decision": decision } }));
        let off = of_type(&mapped, "Consent").into_iter().find(|one| is_deactivation(one)).unwrap();
        assert_eq!((off["provision"]["type"].as_str(), specification(off)), (kind, words));
        assert_eq!(code(off, "/provision/code/0"), "OTH", "its own code is outside the value set");
        let read = care_plan::read(&mapped.resources, &Value::Null).document;
        assert_eq!((&read["icdDeactivation"]["decision"], &read["hasIcd"]), (&json!(decision), &json!("373066001")));
    }
    for answer in ["373067005", "UNK"] {
        let mut sent = file("fixtures/prostate-bone/care-plan.json");
        sent["hasIcd"] = json!(answer);
        sent.as_object_mut().unwrap().retain(|name, _| name != "icd" && name != "icdDeactivation");
        let mapped = mapped(&domain::parse(Kind::CarePlan, &sent, now()).unwrap());
        assert!(of_type(&mapped, "Device").is_empty() && !of_type(&mapped, "Consent").into_iter().any(is_deactivation));
    }
}

// --- treatment decisions --------------------------------------------------------------------------------------------

#[test]
fn a_plain_decision_is_permit_or_deny_and_any_other_is_said_in_words() {
    for (decision, restriction, kind, words) in [
        ("0", None, Some("permit"), None),
        ("2", None, Some("deny"), None),
        ("1", Some("alleen oraal"), None, Some("alleen oraal")),
        ("1", None, None, Some("Anders")),
        ("0", Some("alleen oraal"), None, Some("Wel uitvoeren: alleen oraal")),
        ("2", Some("tenzij reversibel"), None, Some("Niet uitvoeren: tenzij reversibel")),
        ("UNK", None, None, Some("Onbekend")),
    ] {
        let mut sent = json!({ "treatment": "281789004", "decision": decision });
        if let Some(restriction) = restriction {
            sent["specificationOther"] = json!(restriction);
        }
        let mapped = directive(sent);
        let [one] = directives(&mapped)[..] else { panic!("one directive") };
        assert_eq!((one["provision"]["type"].as_str(), specification(one)), (kind, words), "{decision}");
        let sent = one["extension"].as_array().unwrap().iter().find(|it| it["url"] == DECISION).unwrap();
        assert_eq!(code(sent, "/valueCodeableConcept"), decision);
    }
    for patient in PEOPLE {
        for one in with_profile(&mapped(&plan(patient)), "Overdracht-TreatmentDirective") {
            assert_ne!(one["provision"]["type"].is_string(), one["modifierExtension"].is_array(), "{patient}: {one}");
        }
    }
}

#[test]
fn other_treatments_are_told_apart_by_their_words() {
    let other = |words: &str| json!({ "treatment": "OTH", "otherTreatment": words, "decision": "2" });
    let mapped = changed("prostate-bone", json!({ "treatmentDirectives": [other("sondevoeding"), other("dialyse")] }));
    let found = directives(&mapped);
    let words: BTreeSet<_> = found.iter().map(|one| one["provision"]["code"][0]["text"].as_str().unwrap()).collect();
    let ids: BTreeSet<_> = found.iter().map(|one| one["id"].as_str().unwrap()).collect();
    assert_eq!((words, ids.len()), (BTreeSet::from(["dialyse", "sondevoeding"]), 2));
    assert!(found.iter().all(|one| code(one, "/provision/code/0") == "OTH"));
    // Both hold, beside the agreement on the ICD, which is another treatment by its words too.
    assert!(settle(mapped.resources.clone(), now()).iter().filter(|one| one["resourceType"] == "Consent").all(holds));
}

#[test]
fn a_type_beside_the_words_of_another_agreement_is_refused() {
    let said = json!({ "treatment": "281789004", "decision": "1", "specificationOther": "alleen oraal" });
    let mapped = directive(said);
    let one = directives(&mapped)[0];
    assert_eq!(refusing(one), Vec::<String>::new());
    let mut both = one.clone();
    both["provision"]["type"] = json!("permit");
    let found = refusing(&both);
    assert!(found.iter().any(|one| one.contains("overdracht-treatment-directive-1")), "{found:?}");
    let mut neither = one.clone();
    neither.as_object_mut().unwrap().shift_remove("modifierExtension");
    assert!(!refusing(&neither).is_empty());

    // From another system too, which claims no profile of ours.
    let mut theirs = json!([both]);
    theirs[0].as_object_mut().unwrap().retain(|name, _| name != "meta" && name != "extension");
    let sent = json!({
        "resourceType": "Bundle", "type": "collection", "timestamp": "2026-02-01T10:00:00+01:00",
        "entry": [{ "fullUrl": "urn:uuid:00000000-0000-4000-8000-000000000001", "resource": theirs[0] }],
    });
    let faults = bundle::read(&sent, &Known::default()).unwrap().remove(0).faults;
    let told: Vec<_> = faults.iter().map(|one| (one.id, one.at.as_deref().unwrap_or_default())).collect();
    assert!(told.contains(&("care-plan-bundle-ambiguous", "Bundle.entry[0].resource.provision.type")), "{told:?}");
}

// --- 1.0.0-rc2 ------------------------------------------------------------------------------------------------------

#[test]
fn the_official_profiles_are_those_of_rc2() {
    let mut claimed = BTreeSet::new();
    for patient in PEOPLE {
        let text = json!(mapped(&plan(patient)).resources).to_string();
        assert!(!text.contains("https://fhir.iknl.nl/"), "{patient}: a canonical of an earlier release");
        assert!(!text.contains("EncounterReference"), "{patient}: an extension that is gone");
        for resource in mapped(&plan(patient)).resources {
            let all = resource["meta"]["profile"].as_array().cloned().unwrap_or_default();
            claimed.extend(all.iter().filter_map(|one| Some(one.as_str()?.strip_prefix(OFFICIAL)?.to_owned())));
        }
    }
    let expected = [
        "ACP-AdvanceDirective",
        "ACP-ContactPerson",
        "ACP-Encounter",
        "ACP-HealthProfessional-Practitioner",
        "ACP-HealthProfessional-PractitionerRole",
        "ACP-InformRelativesRequest",
        "ACP-MedicalDevice",
        "ACP-MedicalDevice.Product-ICD",
        "ACP-MedicalPolicyGoal",
        "ACP-OrganDonationChoiceRegistration",
        "ACP-Patient",
        "ACP-PositionRegardingEuthanasia",
        "ACP-PreferredPlaceOfDeath",
        "ACP-Procedure",
        "ACP-SenseOfPurpose",
        "ACP-SpecificCareWishes",
        "ACP-TreatmentDirective",
    ];
    assert_eq!(claimed, expected.map(str::to_owned).into());
}

#[test]
fn informing_relatives_is_asked_of_the_patient_by_a_professional() {
    let mapped = mapped(&plan("prostate-bone"));
    let [asked] = of_type(&mapped, "CommunicationRequest")[..] else { panic!("one request") };
    assert_eq!((code(asked, "/category/0"), code(asked, "/reasonCode/0")), ("223449006", "713603004"));
    let to =
        |one: &Value| one["reference"].as_str().unwrap_or_default().split('/').next().unwrap_or_default().to_owned();
    assert_eq!((to(&asked["subject"]), to(&asked["sender"])), ("Patient".into(), "Patient".into()));
    assert_eq!((to(&asked["requester"]), to(&asked["encounter"])), ("PractitionerRole".into(), "Encounter".into()));
    let recipients = asked["recipient"].as_array().unwrap();
    assert!(!recipients.is_empty() && recipients.iter().all(|one| to(one) == "RelatedPerson"));
    assert!(asked["authoredOn"].is_string());
    // Nothing is asked where the patient was not told, and the no is not lost.
    let no = changed("prostate-bone", json!({ "informedRelatives": false }));
    assert!(of_type(&no, "CommunicationRequest").is_empty());
    assert!(
        with_profile(&no, "Overdracht-CarePlanAnswer").iter().any(|one| code(one, "/code") == "informed-relatives")
    );
}

#[test]
fn the_goal_is_found_by_its_category_and_may_be_unknown() {
    let mapped = changed("prostate-bone", json!({ "goal": { "goal": "UNK" } }));
    let goal = of_type(&mapped, "Goal")[0];
    assert_eq!((code(goal, "/category/0"), code(goal, "/description")), ("713603004", "UNK"));
    assert_eq!(goal["description"]["coding"][0]["system"], "http://terminology.hl7.org/CodeSystem/v3-NullFlavor");
    assert_eq!(refusing(goal), Vec::<String>::new());
}

#[test]
fn the_five_observations_have_their_codes_and_two_a_method() {
    let mapped = changed(
        "prostate-bone",
        json!({
            "specificCareWishes": { "wishes": "Thuis blijven" }, "preferredPlaceOfDeath": { "place": "264362003" },
            "euthanasiaPosition": { "position": "340201000146103" }, "organDonation": { "registered": "373066001" },
            "senseOfPurpose": { "text": "De kleinkinderen" },
        }),
    );
    let said: BTreeSet<(&str, &str)> = of_type(&mapped, "Observation")
        .into_iter()
        .filter(|one| claims_official(one))
        .map(|one| (code(one, "/code"), code(one, "/method")))
        .collect();
    let expected = [
        ("153851000146100", "370819000"),
        ("395091006", ""),
        ("340171000146104", ""),
        ("247751003", ""),
        ("570801000146104", "1156040003"),
    ];
    assert_eq!(said, expected.into());
}

#[test]
fn somebody_can_be_authorised_in_writing() {
    let person = json!([{ "key": "an", "roles": ["310141000146103"], "name": { "firstNames": "An" } }]);
    let mut sent = file("fixtures/prostate-bone/care-plan.json");
    sent["contactPersons"] = person;
    sent.as_object_mut().unwrap().retain(|name, _| {
        !["legalRepresentative", "firstContacts", "advanceDirectives", "treatmentDirectives", "icdDeactivation"]
            .contains(&name.as_str())
    });
    sent["conversation"].as_object_mut().unwrap().shift_remove("contactPersonsPresent");
    let mapped = mapped(&domain::parse(Kind::CarePlan, &sent, now()).unwrap());
    let roles = of_type(&mapped, "RelatedPerson")[0]["relationship"].as_array().unwrap();
    assert_eq!(roles.len(), 1, "and has no other role than was said: {roles:?}");
    assert_eq!(
        (&roles[0]["coding"][0]["system"], code(&roles[0], "")),
        (&json!("http://snomed.info/sct"), "310141000146103")
    );
}

#[test]
fn the_kinds_of_icd_are_listed_one_by_one() {
    let kinds = ["72506001", "465460004", "468542000", "704707009", "1263462004", "1236894001"];
    for kind in kinds {
        let mapped = changed("prostate-bone", json!({ "icd": { "productType": kind } }));
        let device = of_type(&mapped, "Device")[0];
        assert_eq!((code(device, "/type"), refusing(device)), (kind, Vec::new()));
        assert_ne!(device["type"]["coding"][0]["display"], kind, "it has words");
    }
    let mapped = mapped(&plan("prostate-bone"));
    let mut pacemaker = of_type(&mapped, "Device")[0].clone();
    pacemaker["type"]["coding"][0]["code"] = json!("14106009");
    assert!(!refusing(&pacemaker).is_empty());
    let mut sent = file("fixtures/prostate-bone/care-plan.json");
    sent["icd"]["productType"] = json!("14106009");
    let faults = domain::parse(Kind::CarePlan, &sent, now()).unwrap_err();
    assert_eq!(faults.iter().map(|one| one.pointer.as_str()).collect::<Vec<_>>(), ["/icd/productType"]);
}

#[test]
fn a_form_of_either_canonical_is_read_and_its_first_contact_has_a_role() {
    for canonical in [
        "https://api.iknl.nl/docs/pzp/r4/Questionnaire/ACP-zib2020",
        "https://fhir.iknl.nl/fhir/Questionnaire/ACP-zib2020",
    ] {
        assert!(Edition::of(canonical).is_some(), "{canonical}");
        assert!(Edition::of(&format!("{canonical}|1.0.0-rc2")).is_some(), "{canonical}");
    }
    let items = all_items();
    let asked = |concept: &'static str| items.iter().filter(move |one| one.concept == concept);
    assert!(asked("512").any(|one| one.link(Edition::Zib2020).is_some()), "the role of the first contact");
    assert!(asked("386").all(|one| matches!(one.kind, questionnaire_response::Kind::Day)), "the day of birth");
}
