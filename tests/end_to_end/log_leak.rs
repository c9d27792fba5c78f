//! No patient value reaches a log, at whatever level, of whatever crate, whatever is sent.

use std::collections::BTreeSet;
use std::process::Command;

use overdracht::telemetry;
use serde_json::Value;

use crate::people;
use crate::process::{Place, RECEIVER_AGB, Server, client};

/// What may not stand in a log: names, identifiers, addresses and numbers of everyone in the fixtures, and whatever was
/// written about them in words.
fn secrets() -> BTreeSet<String> {
    fn sentences(value: &Value, found: &mut BTreeSet<String>) {
        match value {
            Value::Object(map) => map.values().for_each(|inner| sentences(inner, found)),
            Value::Array(list) => list.iter().for_each(|inner| sentences(inner, found)),
            Value::String(text) if text.len() >= 12 && text.contains(' ') => {
                found.insert(text.clone());
            }
            _ => {}
        }
    }
    fn collect(value: &Value, name: &str, found: &mut BTreeSet<String>) {
        const TELLING: [&str; 22] = [
            "bsn",
            "number",
            "family",
            "lastName",
            "given",
            "givenNames",
            "firstNames",
            "callName",
            "initials",
            "prefix",
            "street",
            "houseNumber",
            "postalCode",
            "postcode",
            "phone",
            "value",
            "email",
            "partnerLastName",
            "birthDate",
            "comment",
            "text",
            "name",
        ];
        match value {
            Value::Object(map) => map.iter().for_each(|(key, inner)| collect(inner, key, found)),
            Value::Array(list) => list.iter().for_each(|inner| collect(inner, name, found)),
            // Shorter ones (initials, house numbers) stand in every log by chance.
            Value::String(text) if TELLING.contains(&name) && text.len() >= 5 => {
                found.insert(text.clone());
            }
            _ => {}
        }
    }
    let mut found = BTreeSet::new();
    for patient in people::fixtures() {
        for (_, document) in people::documents(&patient) {
            collect(&document["patient"], "", &mut found);
            collect(&document["contactPersons"], "", &mut found);
            sentences(&document, &mut found);
        }
    }
    assert!(found.len() > 100, "the fixtures' names, numbers and words are known: {}", found.len());
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn a_whole_run_at_trace_level_shows_no_patient() {
    let place = Place::new();
    let gp = place.gp(&["--fail", "1"]);
    place.directory(&gp.url);
    let words = place.serve();
    let mut command = Command::new(&words[0]);
    command.args(&words[1..]).env("OVERDRACHT_LOG", "trace").env("RUST_LOG", "trace").env("RUST_BACKTRACE", "full");
    let service = Server::start(&mut command, &place.path("service.log"));
    let http = client();
    let url = &service.url;
    const JSON: &str = "application/json";

    let (mut bsns, mut plans) = (Vec::new(), Vec::new());
    for patient in people::fixtures() {
        for (route, document) in people::documents(&patient) {
            let text = document.to_string();
            let answer = http.post(&format!("{url}{route}"), JSON, text.clone()).await.expect("an answer");
            assert!(answer.status < 300, "{patient}: {}", answer.body);
            bsns.extend(document["patient"]["identifiers"]["bsn"].as_str().map(str::to_owned));
            // The same document as a sender gets it wrong: cut off, with a wrong type, with a field too many.
            let mut typed = document.clone();
            typed["patient"]["name"] = Value::from(text.clone());
            let mut unknown = document.clone();
            plans.extend(route.ends_with("care-plans").then_some(document));
            unknown["patient"][&text[..40]] = Value::from(text.clone());
            for wrong in [text[..text.len() - 2].to_owned(), typed.to_string(), unknown.to_string()] {
                let answer = http.post(&format!("{url}{route}"), JSON, wrong).await.expect("an answer");
                assert!((400..500).contains(&answer.status), "{}", answer.status);
            }
        }
    }
    for bsn in &bsns {
        let form = [("identifier", format!("http://fhir.nl/fhir/NamingSystem/bsn|{bsn}"))];
        let form: Vec<(&str, &str)> = form.iter().map(|(name, value)| (*name, value.as_str())).collect();
        http.post_form(&format!("{url}/fhir/Patient/_search"), &form).await.expect("an answer");
        http.get(&format!("{url}/fhir/Patient?identifier={bsn}")).await.expect("an answer");
        http.get(&format!("{url}/fhir/Patient/{bsn}")).await.expect("an answer");
        http.get(&format!("{url}/{bsn}")).await.expect("an answer");
        let request = serde_json::json!({ "patient": { "bsn": bsn }, "receiver": { "agb": RECEIVER_AGB } });
        http.post(&format!("{url}/api/v1/handovers"), JSON, request.to_string()).await.expect("an answer");
    }
    // Every route, whatever it expects, gets a person in its path, and a body that is about one.
    let plan = plans.first().expect("a plan");
    let bsn = plan["patient"]["identifiers"]["bsn"].as_str().expect("a BSN");
    let resource = serde_json::json!({ "resourceType": "Patient", "name": [plan["patient"]["name"]], "text": plan });
    for (method, path) in overdracht::http::served() {
        let filled = path.split('/').map(|part| if part.starts_with('{') { bsn } else { part });
        let to = format!("{url}{}", filled.collect::<Vec<_>>().join("/"));
        let typed = format!("{url}{}", path.replace("{type}", "Patient").replace("{id}", bsn));
        for to in [to, typed] {
            if method == "GET" {
                http.get(&format!("{to}?patient={bsn}&name=Postma")).await.expect("an answer");
            }
            for (media_type, body) in [
                (JSON, plan.to_string()),
                ("application/fhir+json", resource.to_string()),
                ("application/fhir+xml", format!("<Patient xmlns=\"http://hl7.org/fhir\"><id value=\"{bsn}\"/>{plan}")),
                ("application/x-www-form-urlencoded", format!("name=Postma&identifier={bsn}&_sort={bsn}")),
            ] {
                http.post(&to, media_type, body).await.expect("an answer");
            }
        }
    }
    tokio::time::sleep(std::time::Duration::from_secs(4)).await;
    drop(service);
    drop(gp);

    let log = std::fs::read_to_string(place.path("service.log")).expect("the log");
    let gp_log = std::fs::read_to_string(place.path("gp.log")).expect("the GP system's log");
    assert!(log.lines().count() > 50, "the run was logged");
    for secret in secrets() {
        for line in log.lines().chain(gp_log.lines()) {
            assert!(
                !line.contains(&secret),
                "a patient value of {} characters stands in: {}",
                secret.len(),
                line.replace(&secret, "█")
            );
        }
    }
}

const CHILD: &str = "OVERDRACHT_TEST_PANICS";
const SAID: &str = "mevrouw de Wit-Bakker, 999990007";

/// Runs in a process of its own: the hook is the process's.
#[test]
fn a_panic_is_logged_by_its_place_and_never_by_its_message() {
    if std::env::var_os(CHILD).is_some() {
        let filter = telemetry::LogFilter::parse("trace").expect("a filter");
        telemetry::start(&filter, telemetry::Format::Text);
        let ended = std::thread::spawn(|| panic!("{SAID}")).join();
        assert!(ended.is_err());
        return;
    }
    let child = Command::new(std::env::current_exe().expect("this test"))
        .args(["--exact", "log_leak::a_panic_is_logged_by_its_place_and_never_by_its_message", "--nocapture"])
        .env(CHILD, "yes")
        .env("RUST_BACKTRACE", "full")
        .output()
        .expect("it runs again");
    let said = [child.stdout, child.stderr].map(|text| String::from_utf8_lossy(&text).into_owned()).concat();
    assert!(child.status.success(), "{said}");
    assert!(said.contains("panicked") && said.contains("log_leak.rs"), "{said}");
    assert!(!said.contains("Bakker") && !said.contains("999990007"), "{said}");
}
