//! What a GP at night gets when several plans exist: over HTTP, each test with a store of its own.

mod common;
#[path = "common/service.rs"]
mod harness;
#[path = "current_plan/scenarios.rs"]
mod scenarios;

use harness::{CARE_PLAN, Local, fixture};
use serde_json::{Value, json};

const SEARCH: &str = "/api/v1/care-plans/_search";
const BSN: &str = "999971244";

/// The plan of July 2026.
fn first() -> Value {
    fixture("prostate-bone/care-plan")
}

/// Another plan of the same patient, of this day: from the GP, with none of the answers of the first.
fn other(id: &str, day: &str, content: Value) -> Value {
    let first = first();
    let mut plan = json!({
        "documentId": id, "version": 1, "recordedAt": format!("{day}T20:00:00Z"), "source": first["source"],
        "patient": first["patient"], "practitioners": first["practitioners"],
        "conversation": { "contactType": "HH", "startedAt": day, "conductedBy": "blom", "patientPresent": true },
    });
    plan.as_object_mut().expect("an object").extend(content.as_object().expect("an object").clone());
    plan
}

fn changed_mind(id: &str, day: &str) -> Value {
    other(
        id,
        day,
        json!({
            "treatmentDirectives": [
                { "treatment": "89666000", "decision": "0" },
                { "treatment": "281789004", "decision": "UNK" },
            ],
            "goal": { "goal": "1351964001" },
            "preferredPlaceOfDeath": { "place": "264362003" },
            "euthanasiaPosition": { "absentReason": "not-asked" },
            "specificCareWishes": { "wishes": "Wil naar de bruiloft van zijn kleindochter" },
            "contactPersons": [{ "key": "jan", "roles": ["01"], "name": { "firstNames": "Jan", "lastName": { "name": "Postma" } } }],
            "firstContacts": ["jan"],
            "hasIcd": "373067005",
            "earlierAgreements": { "differ": "373067005" },
            "sharingConsent": "unknown",
            "inCharge": { "practitioner": "tjin", "from": day },
        }),
    )
}

async fn stored(plans: &[Value]) -> Local {
    let service = Local::start().await;
    for plan in plans {
        let answer = service.post(CARE_PLAN, plan).await;
        assert_eq!(answer.status, 201, "{}", answer.body);
    }
    service
}

async fn current(service: &Local) -> Value {
    let answer = service.post(SEARCH, &json!({ "bsn": BSN })).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.body
}

fn statement<'v>(view: &'v Value, at: &str) -> &'v Value {
    let all = view["statements"].as_array().expect("statements");
    all.iter().find(|one| one["at"] == at).unwrap_or_else(|| panic!("nothing at {at} in {view:#}"))
}

/// The decision about a treatment in the plan.
fn decision(view: &Value, treatment: &str) -> Value {
    let all = view["plan"]["treatmentDirectives"].as_array().expect("directives");
    let found: Vec<&Value> = all.iter().filter(|one| one["treatment"] == treatment).collect();
    assert_eq!(found.len(), 1, "{treatment}: {found:#?}");
    found[0]["decision"].clone()
}

async fn patient(service: &Local) -> String {
    let patient = current(service).await["patient"].as_str().expect("a patient").to_owned();
    patient.strip_prefix("Patient/").expect("a reference").to_owned()
}

async fn stored_of(service: &Local, patient: &str, kind: &str) -> Vec<Value> {
    let all = service.store().compartment(patient, Some(kind)).await.expect("read");
    all.into_iter().map(|version| version.body).collect()
}

#[tokio::test]
async fn of_two_plans_the_newest_answer_to_each_question_holds() {
    if !common::packages() {
        return;
    }
    let service = stored(&[first(), changed_mind("gp-1", "2026-09-01")]).await;
    let view = current(&service).await;
    let plan = &view["plan"];
    assert_eq!(decision(&view, "89666000"), "0", "the newest decision");
    assert_eq!(decision(&view, "281789004"), "1", "unknown undoes no decision");
    assert_eq!(decision(&view, "305351004"), "2", "what the newer plan does not mention stands");
    assert_eq!(plan["goal"]["goal"], "1351964001");
    assert_eq!(plan["preferredPlaceOfDeath"]["place"], "264362003");
    assert_eq!(plan["euthanasiaPosition"]["position"], "340181000146102", "not discussed undoes no answer");
    assert_eq!(plan["hasIcd"], "373067005");
    assert!(plan["icd"].is_null(), "the newer plan says that there is none");
    assert!(plan["icdDeactivation"].is_null(), "nor is there anything to switch off");
    assert_eq!(plan["earlierAgreements"]["differ"], "373067005");
    assert_eq!(plan["sharingConsent"], "yes", "unknown undoes no consent");
    let persons = plan["contactPersons"].as_array().expect("persons");
    let names: Vec<&str> = persons.iter().filter_map(|one| one["name"]["firstNames"].as_str()).collect();
    assert_eq!(names, ["Jan", "Hilde"], "she is authorised in writing, and no newer plan names another");
    assert_eq!((&persons[0]["roles"], &persons[1]["roles"]), (&json!(["01"]), &json!(["310141000146103"])));
    assert_eq!(plan["firstContacts"], json!([persons[0]["key"]]));
    let key = plan["inCharge"]["practitioner"].as_str().expect("a key");
    let in_charge = plan["practitioners"].as_array().expect("professionals").iter().find(|one| one["key"] == key);
    assert_eq!(in_charge.expect("the one in charge")["name"]["lastName"]["name"], "Tjin");

    let goal = statement(&view, "/goal");
    assert_eq!((&goal["standing"], &goal["said"]), (&json!("current"), &json!("2026-09-01")));
    assert_eq!(goal["document"]["documentId"], "gp-1");
    assert_eq!(goal["replaced"][0]["document"]["documentId"], "CP-2026-0733");
    assert_eq!(goal["replaced"][0]["said"], "2026-07-09");
    assert_eq!(view["documents"].as_array().map(Vec::len), Some(2));
    service.stop().await;
}

#[tokio::test]
async fn what_a_search_finds_says_what_holds() {
    if !common::packages() {
        return;
    }
    let service = stored(&[first(), changed_mind("gp-1", "2026-09-01")]).await;
    let patient = patient(&service).await;
    let find = async |kind: &str| stored_of(&service, &patient, kind).await;
    let goals = find("Goal").await;
    let of = |status: &str| goals.iter().filter(|one| one["lifecycleStatus"] == status).count();
    assert_eq!((goals.len(), of("active"), of("cancelled")), (2, 1, 1));
    let teams = find("CareTeam").await;
    assert_eq!(teams.iter().filter(|one| one["status"] == "active").count(), 1);
    let persons = find("RelatedPerson").await;
    assert_eq!(persons.iter().filter(|one| one["active"] == true).count(), 2);
    let lost = persons.iter().flat_map(|one| one["relationship"].as_array().expect("roles"));
    let lost: Vec<&Value> = lost.filter(|role| role.to_string().contains("ext-ReplacedBy")).collect();
    assert_eq!(lost.len(), 1);
    assert_eq!(lost[0]["coding"][0]["code"], "01");
    let devices = find("DeviceUseStatement").await;
    assert_eq!(devices.iter().map(|one| &one["status"]).collect::<Vec<_>>(), ["completed"]);
    let places = service
        .search("Observation", &[("patient", patient.as_str()), ("code", "http://snomed.info/sct|395091006")])
        .await;
    let replaced = |one: &&Value| one["extension"].to_string().contains("ext-ReplacedBy");
    assert_eq!((places.len(), places.iter().filter(replaced).count()), (2, 1));
    let old = places.iter().find(replaced).expect("the one that was replaced");
    assert!(old["text"]["div"].as_str().expect("a narrative").contains("Vervangen door wat op 01-09-2026"));
    let compositions = find("Composition").await;
    let old = compositions.iter().find(|one| one["identifier"]["value"] == "CP-2026-0733").expect("the first plan");
    let words = old["text"]["div"].as_str().expect("a narrative");
    assert!(words.contains("Vervangen door wat op 01-09-2026 is vastgelegd. Eerder: "), "{words}");
    service.stop().await;
}

#[tokio::test]
async fn a_plan_that_arrives_late_enters_as_history() {
    if !common::packages() {
        return;
    }
    let (early, late) = (
        stored(&[changed_mind("gp-1", "2026-03-01"), first()]).await,
        stored(&[first(), changed_mind("gp-1", "2026-03-01")]).await,
    );
    let (one, two) = (current(&early).await, current(&late).await);
    assert_eq!(one["plan"], two["plan"]);
    assert_eq!(decision(&two, "89666000"), "2");
    assert_eq!(two["plan"]["goal"]["goal"], "713148004");
    assert_eq!(statement(&two, "/goal")["replaced"][0]["document"]["documentId"], "gp-1");
    assert_eq!(two["plan"]["firstContacts"].as_array().map(Vec::len), Some(1));
    assert_eq!(two["plan"]["contactPersons"].as_array().map(Vec::len), Some(1), "he was first contact before her");
    assert_eq!(two["plan"]["contactPersons"][0]["name"]["firstNames"], "Hilde");
    early.stop().await;
    late.stop().await;
}

#[tokio::test]
async fn a_consent_to_share_that_arrives_late_is_taken_in_and_undoes_nothing() {
    if !common::packages() {
        return;
    }
    let said = |id: &str, day: &str, answer: &str| other(id, day, json!({ "sharingConsent": answer }));
    for (newer, older) in
        [("yes", "yes"), ("refused", "yes"), ("yes", "refused"), ("unknown", "yes"), ("yes", "unknown")]
    {
        let service = stored(&[said("newer", "2026-09-01", newer), said("older", "2026-03-01", older)]).await;
        let holds = if newer == "unknown" { older } else { newer };
        assert_eq!(current(&service).await["plan"]["sharingConsent"], holds, "{newer} after {older}");
        service.stop().await;
    }
}

#[tokio::test]
async fn two_plans_of_one_day_that_differ_are_both_shown() {
    if !common::packages() {
        return;
    }
    let same_day = other(
        "gp-2",
        "2026-07-09",
        json!({
            "treatmentDirectives": [{ "treatment": "305351004", "decision": "0" }],
            "preferredPlaceOfDeath": { "place": "264362003" },
        }),
    );
    let service = stored(&[first(), same_day]).await;
    let view = current(&service).await;
    let about = view["plan"]["treatmentDirectives"].as_array().expect("directives");
    let both: Vec<&Value> =
        about.iter().filter(|one| one["treatment"] == "305351004").map(|one| &one["decision"]).collect();
    assert_eq!(both.len(), 2, "{both:?}");
    assert!(view["plan"]["preferredPlaceOfDeath"].is_null(), "neither is given as the answer");
    let places: Vec<&Value> = view["statements"]
        .as_array()
        .expect("statements")
        .iter()
        .filter(|one| one["at"] == "/preferredPlaceOfDeath")
        .collect();
    assert_eq!(places.len(), 2);
    assert!(places.iter().all(|one| one["standing"] == "conflict" && one["conflictsWith"][0]["says"].is_string()));
    let marks: Vec<&Value> =
        view["marks"].as_array().expect("marks").iter().filter(|it| it["kind"] == "conflict").collect();
    assert_eq!(marks.len(), 2, "{marks:#?}");
    assert!(marks.iter().all(|mark| mark["text"].as_str().is_some_and(|text| text.starts_with("TEGENSTRIJDIG"))));
    service.stop().await;
}

#[tokio::test]
async fn a_plan_that_contradicts_an_earlier_declaration_is_marked_for_the_reader() {
    if !common::packages() {
        return;
    }
    let resuscitate =
        other("gp-3", "2026-09-01", json!({ "treatmentDirectives": [{ "treatment": "89666000", "decision": "0" }] }));
    let service = stored(&[first(), resuscitate]).await;
    let view = current(&service).await;
    let kinds: Vec<&str> =
        view["marks"].as_array().expect("marks").iter().filter_map(|mark| mark["kind"].as_str()).collect();
    assert_eq!(kinds, ["earlier-agreements-differ", "do-not-resuscitate-declaration"], "{}", view["marks"]);
    let patient = patient(&service).await;
    let compositions = stored_of(&service, &patient, "Composition").await;
    let of = |id: &str| compositions.iter().find(|one| one["identifier"]["value"] == id).expect("a plan");
    let words = of("CP-2026-0733")["text"]["div"].as_str().expect("a narrative");
    assert!(words.contains("LET OP") && words.find("LET OP") < words.find("Reanimatie"), "{words}");
    service.stop().await;
}

#[tokio::test]
async fn one_document_tells_how_its_statements_stand_and_the_history_how_it_came_to_that() {
    if !common::packages() {
        return;
    }
    let mut second = first();
    second["version"] = json!(2);
    second["recordedAt"] = json!("2026-07-10T09:00:00Z");
    second["goal"]["comment"] = json!("Thuis blijven zolang het kan");
    second.as_object_mut().expect("an object").shift_remove("specificCareWishes");
    let service = stored(&[first(), second.clone(), changed_mind("gp-1", "2026-09-01")]).await;
    let documents = current(&service).await["documents"].clone();
    let id = documents.as_array().expect("documents").iter().find(|one| one["documentId"] == "CP-2026-0733");
    let id = id.expect("the first plan")["id"].as_str().expect("an id").to_owned();

    let answer = service.get(&format!("/api/v1/care-plans/{id}")).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    let view = answer.body;
    assert_eq!((&view["document"]["version"], &view["plan"]["goal"]), (&json!(2), &second["goal"]));
    let goal = statement(&view, "/goal");
    assert_eq!(
        (&goal["standing"], &goal["replacedBy"]["document"]["documentId"]),
        (&json!("replaced"), &json!("gp-1"))
    );
    let standing = |treatment: &str| {
        let directives = view["plan"]["treatmentDirectives"].as_array().expect("directives");
        let place = directives.iter().position(|one| one["treatment"] == treatment).expect("a treatment");
        statement(&view, &format!("/treatmentDirectives/{place}"))["standing"].clone()
    };
    assert_eq!((standing("89666000"), standing("305351004")), (json!("replaced"), json!("current")));

    let history = service.get(&format!("/api/v1/care-plans/{id}/history")).await.body;
    let versions = history["versions"].as_array().expect("versions");
    let named: Vec<(&str, u64)> = versions
        .iter()
        .map(|one| {
            (
                one["document"]["documentId"].as_str().expect("a name"),
                one["document"]["version"].as_u64().expect("a number"),
            )
        })
        .collect();
    assert_eq!(named, [("CP-2026-0733", 1), ("CP-2026-0733", 2), ("gp-1", 1)]);
    assert_eq!(versions[1]["removed"], json!(["/specificCareWishes"]));
    assert_eq!(versions[1]["changed"], json!(["/goal/comment", "/recordedAt", "/version"]));
    for path in ["/api/v1/care-plans/unknown", "/api/v1/care-plans/unknown/history"] {
        assert_eq!(service.get(path).await.status, 404);
    }
    service.stop().await;
}

#[tokio::test]
async fn no_plan_known_is_said_and_is_not_a_plan_without_limits() {
    if !common::packages() {
        return;
    }
    let service = Local::start().await;
    let view = current(&service).await;
    assert!(view["plan"].is_null());
    assert_eq!(view["marks"][0]["kind"], "no-plan");
    for wrong in [json!({}), json!({ "bsn": "123456789" }), json!({ "bsn": 1 }), json!([])] {
        let answer = service.post(SEARCH, &wrong).await;
        assert_eq!(answer.status, 400, "{}", answer.body);
        assert!(!answer.body.to_string().contains("123456789"), "the number is not repeated");
    }
    assert_eq!(service.get("/api/v1/care-plans/_search").await.status, 405, "only in the body");
    service.stop().await;
}

#[tokio::test]
async fn reading_a_plan_is_recorded_for_the_patient_without_the_number() {
    if !common::packages() {
        return;
    }
    let service = stored(&[first()]).await;
    let patient = patient(&service).await;
    let entries = service.audited().await;
    let last = entries.last().expect("an entry");
    assert_eq!(last.patient.as_deref(), Some(patient.as_str()));
    assert!(!last.event.to_string().contains(BSN));
    service.stop().await;
}
