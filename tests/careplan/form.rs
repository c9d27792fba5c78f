//! The form against its publication, and form ↔ document both ways.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::sync::Arc;

use overdracht::domain::{self, CarePlan, Document, Kind as DocumentKind};
use overdracht::fhir::definitions::Definitions;
use overdracht::mapping::Fate;
use overdracht::mapping::questionnaire_response::{self, Edition, ITEMS, Item, Kind, Written, questionnaire, skeleton};
use overdracht::validator::{Options, Validator};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::common::PEOPLE;
use super::generate::Schemas;
use super::{common, envelope, now, plan, refusing};

const PUBLISHED: &[(Edition, &str)] = &[
    (Edition::Zib2020Beta, "pzp/r4/Questionnaire-ACP-zib2020.json"),
    (Edition::Zib2017, "pzp/stu3/Questionnaire-ACP-zib2017.json"),
];

fn shared(path: &str) -> Option<Value> {
    Some(serde_json::from_str(&fs::read_to_string(common::shared(path)?).unwrap()).unwrap())
}

fn filled(edition: Edition, date: &str) -> Option<Value> {
    let folder = if edition == Edition::Zib2017 { "stu3" } else { "r4" };
    shared(&format!("pzp/{folder}/QuestionnaireResponse-HendrikHartman-{date}.json"))
}

fn care_plan(document: &Value) -> CarePlan {
    match domain::parse(DocumentKind::CarePlan, document, now()) {
        Ok(Document::CarePlan(plan)) => *plan,
        Ok(_) => panic!("a care plan"),
        Err(faults) => panic!("{faults:#?}"),
    }
}

fn response(edition: Edition, items: &[Value]) -> Value {
    json!({
        "resourceType": "QuestionnaireResponse", "questionnaire": edition.canonical(), "status": "completed",
        "subject": { "reference": "Patient/p" }, "authored": "2026-01-05T09:00:00Z", "item": items,
    })
}

fn everything(items: &'static [Item], found: &mut Vec<&'static Item>) {
    for item in items {
        found.push(item);
        everything(item.items, found);
    }
}

pub(super) fn all_items() -> Vec<&'static Item> {
    let mut all = Vec::new();
    everything(ITEMS, &mut all);
    all
}

// --- the form -------------------------------------------------------------------------------------------------------

/// What counts of an item: everything but its words.
fn structure(item: &Value) -> Value {
    let coding = |coding: &Value| json!([coding["system"], coding["code"]]);
    let options = item["answerOption"].as_array().or(item["option"].as_array()).into_iter().flatten();
    let chosen = |option: &Value| option["initialSelected"] == true;
    let conditions = item["enableWhen"].as_array().into_iter().flatten();
    json!({
        "linkId": item["linkId"],
        "type": item["type"],
        "repeats": item["repeats"] == true,
        "required": item["required"] == true,
        "readOnly": item["readOnly"] == true,
        "options": options.clone().map(|one| coding(&one["valueCoding"])).collect::<Vec<_>>(),
        "chosen": options.clone().filter(|one| chosen(one)).count(),
        "when": conditions
            .map(|one| json!([one["question"], one["operator"].as_str().unwrap_or("="), coding(&one["answerCoding"])]))
            .collect::<Vec<_>>(),
        "items": item["item"].as_array().into_iter().flatten().map(structure).collect::<Vec<_>>(),
    })
}

fn differences(ours: &Value, theirs: &Value, at: &str, found: &mut Vec<String>) {
    for (key, value) in ours.as_object().unwrap() {
        if key != "items" && *value != theirs[key.as_str()] {
            found.push(format!("{at} {key}: {value} against {}", theirs[key.as_str()]));
        }
    }
    let items = |value: &Value| value["items"].as_array().cloned().unwrap_or_default();
    let (ours, theirs) = (items(ours), items(theirs));
    let links = |items: &[Value]| items.iter().map(|one| one["linkId"].clone()).collect::<Vec<_>>();
    if links(&ours) != links(&theirs) {
        found.push(format!("{at}: {:?} against {:?}", links(&ours), links(&theirs)));
        return;
    }
    ours.iter().zip(&theirs).for_each(|(ours, theirs)| differences(ours, theirs, &ours["linkId"].to_string(), found));
}

/// Where the structure differs from the publication, and why.
const DIFFERENT: &[(&str, &str)] = &[
    ("\"977\" options", "the order of two kinds of device: there it differs from that of the other person's"),
    ("\"819\" when", "1.0.0-rc2 of R4 asks it only with the rest of the first contact"),
];

#[test]
fn the_form_has_the_published_structure() {
    for (edition, path) in PUBLISHED {
        let Some(published) = shared(path) else { return };
        assert_eq!(published["url"], edition.canonical());
        assert_eq!(published["version"], edition.version());
        let mut found = Vec::new();
        differences(&structure(&questionnaire(*edition)), &structure(&published), "", &mut found);
        found.retain(|one| !DIFFERENT.iter().any(|(known, _)| one.contains(known)) && !one.starts_with(" type"));
        if *edition == Edition::Zib2017 {
            // STU3 has the answer that is chosen already beside the options.
            found.retain(|one| !one.contains(" chosen: "));
        }
        assert!(found.is_empty(), "{edition:?}: {found:#?}");
    }
}

#[test]
fn the_words_of_the_form_are_ours() {
    fn texts(items: &Value, found: &mut BTreeSet<String>) {
        for item in items.as_array().into_iter().flatten() {
            found.extend(item["text"].as_str().map(str::to_lowercase));
            texts(&item["item"], found);
        }
    }
    for (_, path) in PUBLISHED {
        let Some(published) = shared(path) else { return };
        let mut theirs = BTreeSet::new();
        texts(&published["item"], &mut theirs);
        let mut ours = BTreeSet::new();
        texts(&questionnaire(Edition::Zib2020)["item"], &mut ours);
        assert!(ours.len() > 70, "{}", ours.len());
        assert_eq!(ours.intersection(&theirs).collect::<Vec<_>>(), Vec::<&String>::new());
    }
}

#[test]
fn every_question_is_tied_to_a_concept_of_the_dataset() {
    let Some(path) = common::shared("pzp/dataset-zib2020.tsv") else { return };
    let dataset = fs::read_to_string(path).unwrap();
    let concepts: BTreeSet<&str> = dataset.lines().filter_map(|line| line.split('\t').next()).collect();
    for item in all_items() {
        let link = item.link(Edition::Zib2020);
        if item.kind == Kind::Group {
            assert!(item.concept.is_empty(), "{link:?} holds others");
        } else {
            assert!(concepts.contains(item.concept), "{link:?} has no concept");
        }
        assert!(link.is_none_or(|link| questionnaire_response::of(Edition::Zib2020, link).is_some()));
    }
}

#[test]
fn the_form_in_the_binary_is_that_of_the_table() {
    for edition in Edition::ALL {
        let path = format!("profiles/overdracht/Questionnaire-{}.json", edition.id());
        let ours = skeleton(edition);
        assert!(super::file(&path) == ours, "{path} is to become:\n{ours:#}");
        assert_eq!(refusing(&ours), Vec::<String>::new(), "{path}");
        assert_eq!(refusing(&questionnaire(edition)), Vec::<String>::new(), "{path} with its words");
    }
}

// --- the published forms --------------------------------------------------------------------------------------------

/// Answers by linkId in their order, codes without their names; without what says of itself what it is.
fn answers(items: &Value, found: &mut Vec<(String, Value)>) {
    for item in items.as_array().into_iter().flatten() {
        answers(&item["item"], found);
        for answer in item["answer"].as_array().into_iter().flatten() {
            let coding = &answer["valueCoding"];
            let value = if coding.is_object() {
                json!([coding["system"], coding["code"]])
            } else {
                let given = answer.as_object().unwrap().iter().find(|(name, _)| name.starts_with("value"));
                given.map(|(_, value)| value.clone()).unwrap_or_default()
            };
            found.push((item["linkId"].as_str().unwrap().to_owned(), value));
            answers(&answer["item"], found);
        }
    }
}

fn answered(response: &Value) -> Vec<(String, Value)> {
    let mut found = Vec::new();
    answers(&response["item"], &mut found);
    found
}

#[test]
fn every_published_form_is_taken_in_whole_and_comes_back_the_same() {
    for (edition, birth_date) in [(Edition::Zib2020Beta, "967"), (Edition::Zib2017, "6")] {
        for date in ["20201001", "20221108"] {
            let Some(sent) = filled(edition, date) else { return };
            let form = questionnaire_response::read(&sent, &envelope()).unwrap();
            assert_eq!(form.edition, edition);
            assert!(form.warnings.is_empty(), "{edition:?} {date}: {:#?}", form.warnings);
            let lost: Vec<_> = form.trace.rows.iter().filter(|row| row.target.is_none()).collect();
            assert!(lost.is_empty(), "{edition:?} {date}: {lost:#?}");
            let mut there = answered(&sent);
            assert_eq!(form.trace.rows.len(), there.len(), "{edition:?} {date}: an answer without a row");
            let written = questionnaire_response::write(&care_plan(&form.document), edition);
            let back = response(edition, &written.items);
            assert_eq!(refusing(&back), Vec::<String>::new());
            // Who the patient is says the request; the form asks a time of birth where a day is meant.
            there.iter_mut().filter(|(link, _)| link == birth_date).for_each(|(_, value)| {
                *value = json!(value.as_str().unwrap().split('T').next());
            });
            assert_eq!(answered(&back), there, "{edition:?} {date}");
        }
    }
}

#[test]
fn the_published_forms_are_valid_on_ours() {
    for date in ["20201001", "20221108"] {
        let Some(sent) = filled(Edition::Zib2020Beta, date) else { return };
        assert_eq!(refusing(&sent), Vec::<String>::new(), "{date}");
        let Some(mut sent) = filled(Edition::Zib2017, date) else { return };
        sent["questionnaire"] = json!(Edition::Zib2017.canonical());
        assert_eq!(refusing(&sent), Vec::<String>::new(), "{date}");
    }
}

#[test]
fn a_rendered_form_is_valid_on_the_published_one() {
    let Some(published) = shared("pzp/r4/Questionnaire-ACP-zib2020.json") else { return };
    let definitions = Definitions::builder().definitions([published]).open().expect("`make definitions` was run");
    let validator = Validator::new(Arc::new(definitions), Options::default());
    for patient in PEOPLE {
        let Document::CarePlan(plan) = plan(patient) else { panic!("a care plan") };
        let written = questionnaire_response::write(&plan, Edition::Zib2020Beta);
        let issues = validator.validate(&response(Edition::Zib2020Beta, &written.items), &[]);
        let faults: Vec<_> = issues.iter().filter(|issue| issue.severity.refuses()).collect();
        assert!(faults.is_empty(), "{patient}: {faults:#?}");
    }
}

// --- document → form → document -------------------------------------------------------------------------------------

/// What is wrong with the form of a document: with the form itself, with its trace, or with what is read back from it.
fn wrong(document: &Value, edition: Edition) -> Vec<String> {
    let plan = care_plan(document);
    let Written { items, trace } = questionnaire_response::write(&plan, edition);
    let sent = response(edition, &items);
    let mut wrong = refusing(&sent);
    let mut patient = json!({});
    for key in ["documentId", "version", "recordedAt", "source", "patient"] {
        patient[key] = document[key].clone();
    }
    let form = match questionnaire_response::read(&sent, &patient) {
        Ok(form) => form,
        Err(issues) => {
            return issues.iter().map(|issue| format!("unreadable: {:?} {}", issue.at, issue.text)).collect();
        }
    };
    wrong.extend(form.warnings.iter().map(|one| format!("warned of {} at {:?}", one.id, one.at)));
    if let Err(faults) = domain::parse(DocumentKind::CarePlan, &form.document, now()) {
        wrong.extend(faults.iter().map(|fault| format!("refused at {}", fault.pointer)));
        return wrong;
    }
    // The nth row about an item says what its nth answer says.
    let mut read: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for row in &form.trace.rows {
        let kind = questionnaire_response::of(edition, &row.source).unwrap().kind;
        if let Some(target) = row.target.as_deref().filter(|_| kind != Kind::Fixed) {
            read.entry(row.source.as_str()).or_default().push(target);
        }
    }
    let mut taken: BTreeMap<&str, usize> = BTreeMap::new();
    for row in &trace.rows {
        let Some(link) = row.target.as_deref() else { continue };
        let kind = questionnaire_response::of(edition, link).unwrap().kind;
        if matches!(kind, Kind::Fixed | Kind::Group) || row.source.starts_with("/firstContacts") {
            continue;
        }
        let turn = taken.entry(link).or_default();
        let place = read.get(link).and_then(|places| places.get(*turn).or(places.last()));
        *turn += 1;
        let Some(place) = place else {
            wrong.push(format!("{} went to {link} and did not come back", row.source));
            continue;
        };
        let (there, back) = (document.pointer(&row.source), form.document.pointer(place));
        let same = there == back || kind == Kind::Treatment;
        if row.fate == Fate::Carried && !same {
            wrong.push(format!("{} is said to be carried by {link}, and is not the same at {place}", row.source));
        }
    }
    for (link, places) in &read {
        let told = taken.get(link).copied().unwrap_or(0);
        if told < places.len() {
            wrong.push(format!("{link} has answers that the trace of writing does not know"));
        }
    }
    // What was read is written the same again.
    let again = questionnaire_response::write(&care_plan(&form.document), edition);
    if answered(&response(edition, &again.items)) != answered(&sent) {
        wrong.push("the second form is another than the first".to_owned());
    }
    wrong
}

#[test]
fn a_fixture_comes_back_from_its_form_as_far_as_the_trace_says() {
    for patient in PEOPLE {
        for edition in Edition::ALL {
            let document = super::file(&format!("fixtures/{patient}/care-plan.json"));
            assert_eq!(wrong(&document, edition), Vec::<String>::new(), "{patient} {edition:?}");
        }
    }
}

#[test]
fn what_the_form_cannot_say_is_in_the_trace() {
    let document = super::file("fixtures/lung-brain/care-plan.json");
    let written = questionnaire_response::write(&care_plan(&document), Edition::Zib2020);
    let row = |source: &str| written.trace.rows.iter().find(|row| row.source == source).map(|row| &row.fate);
    // A refusal to share is not "unknown".
    assert!(matches!(row("/sharingConsent"), Some(Fate::NotCarried { .. })), "{:?}", row("/sharingConsent"));
    assert!(!answered(&response(Edition::Zib2020, &written.items)).iter().any(|(link, _)| link == "1201"));
}

#[test]
fn a_restriction_that_the_form_has_no_place_for_stands_in_the_comment() {
    let mut document = envelope();
    document["filledInAt"] = json!("2026-01-05");
    document["treatmentDirectives"] = json!([
        { "treatment": "32485007", "decision": "0", "specificationOther": "alleen overdag", "comment": "met dochter" },
        { "treatment": "OTH", "otherTreatment": "sondevoeding", "decision": "2" },
        { "treatment": "89666000", "decision": "0", "discussedAt": "2025-01-05", "endedAt": "2025-12-01" },
        { "treatment": "89666000", "decision": "2" },
    ]);
    let said = |edition: Edition| {
        let written = questionnaire_response::write(&care_plan(&document), edition);
        answered(&response(edition, &written.items)).into_iter().collect::<BTreeMap<_, _>>()
    };
    let r4 = said(Edition::Zib2020);
    assert_eq!((&r4["1395"], &r4["1422"]), (&json!("alleen overdag: met dochter"), &json!("sondevoeding")));
    assert_eq!(r4["1386"][1], "2", "what has ended is not what holds");
    let stu3 = said(Edition::Zib2017);
    assert_eq!((&stu3["100"], &stu3["587"][1]), (&json!("sondevoeding"), &json!("NEE")));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn a_document_comes_back_from_its_form_as_far_as_the_trace_says(seed in any::<u64>()) {
        let document = Schemas::load().plan(seed);
        for edition in Edition::ALL {
            prop_assert_eq!(wrong(&document, edition), Vec::<String>::new(), "{:?}", edition);
        }
    }

    #[test]
    fn a_filled_form_comes_back_from_its_document(seed in any::<u64>()) {
        for edition in Edition::ALL {
            let sent = Filler { edition, state: seed }.response();
            prop_assert_eq!(refusing(&sent), Vec::<String>::new(), "{:?}", edition);
            let form = questionnaire_response::read(&sent, &envelope()).unwrap();
            let parsed = domain::parse(DocumentKind::CarePlan, &form.document, now());
            prop_assert!(parsed.is_ok(), "{:?} {:?}", edition, parsed.err());
            let back = questionnaire_response::write(&care_plan(&form.document), edition);
            let mut back = answered(&response(edition, &back.items));
            back.retain(|(link, _)| !questionnaire_response::of(edition, link).unwrap().to.starts_with("/patient/"));
            prop_assert_eq!(back, answered(&sent), "{:?}", edition);
            prop_assert!(form.trace.rows.iter().all(|row| row.target.is_some()));
        }
    }
}

// --- filled forms ---------------------------------------------------------------------------------------------------

/// Fills in a form at random, as a person would: what is asked, in its order.
struct Filler {
    edition: Edition,
    state: u64,
}

impl Filler {
    fn below(&mut self, limit: usize) -> usize {
        self.state = self.state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from((self.state >> 33) % limit as u64).unwrap()
    }

    fn response(mut self) -> Value {
        let mut given = BTreeMap::new();
        let items = self.items(ITEMS, &mut given);
        response(self.edition, &items)
    }

    fn items(&mut self, items: &'static [Item], given: &mut BTreeMap<String, Vec<String>>) -> Vec<Value> {
        let mut filled = Vec::new();
        let mut said_something = false;
        for item in items {
            let Some(link) = item.link(self.edition) else { continue };
            let asked = item.when.is_none_or(|(question, answer)| {
                given.get(question).is_some_and(|answers| answers.iter().any(|one| one == answer.code))
            });
            if !asked || item.to.starts_with("/patient/") {
                continue;
            }
            let count = if item.repeats { self.below(3) } else { 1 };
            if item.kind == Kind::Group {
                for _ in 0..count {
                    let below = self.items(item.items, given);
                    if !below.is_empty() {
                        said_something = true;
                        filled.push(json!({ "linkId": link, "item": below }));
                    }
                }
                continue;
            }
            // What belongs together is answered together: a name has a family name, a number its digits; and a form
            // without a date says nothing of when it was agreed.
            let needed =
                ["/lastName/name", "/number", "/address", "/filledInAt"].iter().any(|end| item.to.ends_with(end));
            let itself = item.read_only;
            if !(needed || itself || self.below(3) > 0) {
                continue;
            }
            let answers: Vec<Value> = (0..count).map(|_| self.answer(item, given)).collect();
            if !answers.is_empty() {
                said_something |= !itself;
                filled.push(json!({ "linkId": link, "answer": answers }));
            }
        }
        if said_something { filled } else { Vec::new() }
    }

    fn answer(&mut self, item: &'static Item, given: &mut BTreeMap<String, Vec<String>>) -> Value {
        let options: Vec<_> = item.options.of(self.edition).collect();
        let mut answer = match item.kind {
            Kind::Text | Kind::OtherWords => json!({ "valueString": format!("woorden {} é", self.below(1000)) }),
            Kind::Moment => json!({ "valueDateTime": "2025-03-07T10:00:00+01:00" }),
            Kind::Day => json!({ "valueDate": "1950-01-01" }),
            Kind::Treatment if self.edition != Edition::Zib2017 && self.below(2) == 0 => {
                json!({ "valueString": format!("behandeling {}", self.below(1000)) })
            }
            _ => {
                let option = options[self.below(options.len())];
                let asked = item.link(Edition::Zib2020).unwrap().to_owned();
                given.entry(asked).or_default().push(option.code.to_owned());
                json!({ "valueCoding": self.edition.coding(option) })
            }
        };
        let mut here = BTreeMap::new();
        // A question below an answer is about that answer.
        if let Some(code) = answer["valueCoding"]["code"].as_str() {
            let ours = self.edition.understood(answer["valueCoding"]["system"].as_str(), code).to_owned();
            here.insert(item.link(Edition::Zib2020).unwrap().to_owned(), vec![ours]);
        }
        let below = self.items(item.items, &mut here);
        if !below.is_empty() {
            answer["item"] = json!(below);
        }
        answer
    }
}
