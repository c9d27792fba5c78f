//! The form over HTTP: served, taken in, and found.

mod common;
#[path = "common/service.rs"]
mod harness;

use harness::{CARE_PLAN, Local, fixture};
use serde_json::Value;

const ZIB2020: &str = "https://api.iknl.nl/docs/pzp/r4/Questionnaire/ACP-zib2020";
const BETA: &str = "https://fhir.iknl.nl/fhir/Questionnaire/ACP-zib2020";

fn patient(answer: &overdracht::client::json::Answer) -> String {
    let reference = answer.body["patient"].as_str().unwrap_or_else(|| panic!("{} {}", answer.status, answer.body));
    reference.strip_prefix("Patient/").expect("a patient").to_owned()
}

#[tokio::test]
async fn the_form_is_served_by_id_and_by_either_canonical() {
    if !common::packages() {
        return;
    }
    let service = Local::start().await;
    let form = service.get("/fhir/Questionnaire/ACP-zib2020").await;
    assert_eq!((form.status, form.body["url"].as_str()), (200, Some(ZIB2020)));
    for (canonical, version) in [(ZIB2020, "1.0.0-rc2"), (BETA, "0.1.3-beta3")] {
        for url in [canonical.to_owned(), format!("{canonical}|{version}")] {
            let found = service.get(&format!("/fhir/Questionnaire?url={url}")).await;
            assert_eq!((found.status, &found.body["total"]), (200, &Value::from(1)), "{url}");
            assert_eq!(found.body["entry"][0]["resource"]["version"], version);
        }
    }
    assert_eq!(service.get("/fhir/Questionnaire?url=https://elsewhere.example/form").await.body["total"], 0);
    assert_eq!(service.get("/fhir/Questionnaire/other").await.status, 404);
    assert_eq!(service.get("/fhir/Questionnaire?patient=1").await.status, 400);
    service.stop().await;
}

#[tokio::test]
async fn a_plan_that_came_as_a_document_is_found_as_a_form() {
    if !common::packages() {
        return;
    }
    let service = Local::start().await;
    for name in ["ovarian-peritoneal", "lung-brain", "breast-bone-liver", "prostate-bone", "primary-unknown"] {
        let accepted = service.post(CARE_PLAN, &fixture(&format!("{name}/care-plan"))).await;
        let id = patient(&accepted);
        for subject in [format!("Patient/{id}"), id.clone()] {
            let found =
                service.get(&format!("/fhir/QuestionnaireResponse?subject={subject}&questionnaire={ZIB2020}")).await;
            assert_eq!((found.status, &found.body["total"]), (200, &Value::from(1)), "{name}: {}", found.body);
            let form = &found.body["entry"][0]["resource"];
            assert_eq!(form["subject"]["reference"], format!("Patient/{id}"));
        }
        // What became of the plan in its form is told apart from what became of it in its resources.
        let trace = service.get(&format!("{}/trace", accepted.location.expect("a location"))).await.body;
        let lost = |rows: &Value| {
            let rows = rows.as_array().expect("rows").iter().filter(|row| row["fate"] == "not-carried");
            rows.count()
        };
        assert_eq!((lost(&trace["rows"]), lost(&trace["form"]) > 0), (0, true), "{name}");
    }
    service.stop().await;
}
