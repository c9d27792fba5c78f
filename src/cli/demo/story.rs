//! The steps of the demo, in the order in which they happen to a patient.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::process::Server;
use super::report::{count, line, note, title, took};
use super::{fixtures, night};
use crate::client::json::{Answer, JsonClient, NoAnswer};

/// The patient that is handed over and asked about at night: the fixture with an ICD to be switched off.
const HANDED_OVER: &str = "prostate-bone";
/// The patient who does not want the care plan to be shared.
const REFUSES_SHARING: &str = "lung-brain";
const DELIVERY_LIMIT: Duration = Duration::from_secs(20);
const FHIR_JSON: &str = "application/fhir+json";
const JSON: &str = "application/json";

pub enum Failure {
    /// Something of the demo's own is missing: packages, a folder, a port.
    Start(String),
    /// The service did not do what it should.
    Step(String),
}

impl From<NoAnswer> for Failure {
    fn from(error: NoAnswer) -> Self {
        Failure::Step(error.to_string())
    }
}

fn start(error: impl std::fmt::Display) -> Failure {
    Failure::Start(error.to_string())
}

/// A stage: where things lie, and the two servers.
struct Stage {
    dir: PathBuf,
    http: JsonClient,
    service: Server,
    gp: Server,
}

/// Tells the whole story. With `exit` it ends with the last step, else with Ctrl-C.
pub async fn tell(dir: Option<&Path>, packages: &Path, exit: bool) -> Result<(), Failure> {
    let began = Instant::now();
    let dir = match dir {
        Some(dir) => dir.to_owned(),
        None => std::env::temp_dir().join(format!("overdracht-demo-{}", uuid::Uuid::new_v4().simple())),
    };
    let stage = open(&dir, packages).await?;
    take_in(&stage).await?;
    refuse(&stage).await?;
    let bundle = hand_over(&stage).await?;
    hand_over_without_plan(&stage).await?;
    at_night(&stage).await?;
    where_to_look(&stage, &bundle, exit, began.elapsed());
    if !exit {
        tokio::signal::ctrl_c().await.map_err(start)?;
    }
    stage.service.stop().await;
    stage.gp.stop().await;
    Ok(())
}

async fn open(dir: &Path, packages: &Path) -> Result<Stage, Failure> {
    std::fs::create_dir_all(dir).map_err(|e| start(format!("{}: {e}", dir.display())))?;
    let path = |name: &str| dir.join(name).display().to_string();
    let gp =
        Server::start(&["gp", "--listen", "127.0.0.1:0", "--data", &path("gp"), "--fail", "1"], &dir.join("gp.log"))
            .await
            .map_err(Failure::Start)?;
    let (brink, rijnzicht) = (receiver("01999911"), receiver("01999912"));
    let directory = json!([
        { "agb": brink.0, "ura": "90000111", "name": brink.1, "type": "Z3", "endpoint": gp.url },
        { "agb": rijnzicht.0, "ura": "90000112", "name": rijnzicht.1, "type": "Z3", "endpoint": gp.url },
    ]);
    std::fs::write(dir.join("directory.json"), directory.to_string()).map_err(start)?;
    let service = Server::start(
        &[
            "serve",
            "--listen",
            "127.0.0.1:0",
            "--data",
            &path("data"),
            "--directory",
            &path("directory.json"),
            "--packages",
            &packages.display().to_string(),
            "--organization",
            "agb:06999901 Ziekenhuis De Waterlinie",
        ],
        &dir.join("service.log"),
    )
    .await
    .map_err(Failure::Start)?;

    println!("Overdracht: the whole way of a document. Everyone here is invented; nothing leaves this machine.");
    title("Started");
    line("service", &format!("{}   (sled, in {})", service.url, path("data")));
    line("GP system", &format!("{}   (will fail the first delivery)", gp.url));
    let http = JsonClient::new(Duration::from_secs(20))?;
    Ok(Stage { dir: dir.to_owned(), http, service, gp })
}

fn receiver(agb: &'static str) -> (&'static str, &'static str) {
    (agb, if agb == "01999911" { "Huisartsenpraktijk De Brink" } else { "Huisartsenpraktijk Rijnzicht" })
}

/// The steps of one document in the answer, as a line.
fn accepted(answer: &Answer, time: Duration) -> Result<String, Failure> {
    if !matches!(answer.status, 200 | 201) {
        return Err(refusal("a fixture was refused", answer));
    }
    let resources = answer.body["resources"].as_array().map_or(0, Vec::len);
    let warnings = answer.body["warnings"].as_array().map_or(0, Vec::len);
    let warned = if warnings > 0 { format!(", {}", count(warnings, "warning")) } else { String::new() };
    Ok(format!("mapped to {}, valid, stored{warned}   {}", count(resources, "resource"), took(time)))
}

fn refusal(what: &str, answer: &Answer) -> Failure {
    let issues: Vec<String> = issues(answer);
    Failure::Step(format!("{what} ({}): {}", answer.status, issues.join("; ")))
}

/// `where: what` for every issue of an OperationOutcome.
fn issues(answer: &Answer) -> Vec<String> {
    let Some(issues) = answer.body["issue"].as_array() else { return Vec::new() };
    issues
        .iter()
        .map(|issue| {
            let at = issue["expression"][0].as_str().unwrap_or_default();
            format!("{at} {}", issue["diagnostics"].as_str().unwrap_or_default()).trim().to_owned()
        })
        .collect()
}

async fn take_in(stage: &Stage) -> Result<(), Failure> {
    title("1. Documents in: mapped, validated, stored");
    let documents = fixtures::documents();
    let mut last = "";
    for document in &documents {
        if document.patient != last {
            note(&document.patient);
            last = &document.patient;
        }
        let began = Instant::now();
        let url = format!("{}{}", stage.service.url, document.route);
        let answer = stage.http.post(&url, JSON, document.body.clone()).await?;
        line(&format!("  {}", document.kind), &accepted(&answer, began.elapsed())?);
    }
    let again = documents.first().ok_or_else(|| start("the fixtures are not in this binary"))?;
    let answer = stage.http.post(&format!("{}{}", stage.service.url, again.route), JSON, again.body.clone()).await?;
    match (answer.status, answer.body["outcome"].as_str()) {
        (200, Some("unchanged")) => note("The first document again: unchanged, nothing was written."),
        _ => return Err(refusal("the same document again was not recognised", &answer)),
    }
    Ok(())
}

async fn refuse(stage: &Stage) -> Result<(), Failure> {
    title("2. A document that is wrong");
    let plan = plan_of(HANDED_OVER)?;
    let mut wrong: Value = serde_json::from_slice(&plan.body).map_err(start)?;
    wrong["documentId"] = json!("wrong");
    wrong["patient"]["identifiers"]["bsn"] = json!("123456789");
    wrong["patient"]["birthDate"] = json!("3024-01-01");
    wrong["behandelgrens"] = json!([]);
    let url = format!("{}{}", stage.service.url, plan.route);
    let answer = stage.http.post(&url, JSON, wrong.to_string()).await?;
    if answer.status != 422 {
        return Err(refusal("a wrong document was not refused with 422", &answer));
    }
    note("refused with 422, nothing of it stored, the refusal audited:");
    issues(&answer).iter().for_each(|issue| note(&format!("  {issue}")));
    Ok(())
}

fn plan_of(patient: &str) -> Result<fixtures::Document, Failure> {
    fixtures::documents()
        .into_iter()
        .find(|document| document.patient == patient && document.kind == "care plan")
        .ok_or_else(|| start("the fixtures are not in this binary"))
}

fn bsn_of(patient: &str) -> Result<String, Failure> {
    let plan: Value = serde_json::from_slice(&plan_of(patient)?.body).map_err(start)?;
    let bsn = plan["patient"]["identifiers"]["bsn"].as_str();
    bsn.map(str::to_owned).ok_or_else(|| start("the fixture has no BSN"))
}

/// Posts a handover and follows it to its end.
async fn deliver(stage: &Stage, patient: &str) -> Result<Value, Failure> {
    let request = json!({ "patient": { "bsn": bsn_of(patient)? }, "receiver": { "agb": "01999911" } });
    let url = format!("{}/api/v1/handovers", stage.service.url);
    let answer = stage.http.post(&url, JSON, request.to_string()).await?;
    let Some(location) = answer.location.as_deref().filter(|_| answer.status == 201) else {
        return Err(refusal("the handover was not accepted", &answer));
    };
    let url =
        if location.starts_with("http") { location.to_owned() } else { format!("{}{location}", stage.service.url) };
    let began = Instant::now();
    let mut shown = 0;
    loop {
        let handover = stage.http.get(&url).await?.body;
        let attempts = handover["attempts"].as_array().cloned().unwrap_or_default();
        for attempt in &attempts[shown.min(attempts.len())..] {
            let outcome = attempt["outcome"].as_str().unwrap_or_default();
            line(&format!("attempt {}", attempt["number"]), outcome);
        }
        shown = attempts.len();
        match handover["state"].as_str() {
            Some("delivered") => return Ok(handover),
            Some("waiting") if began.elapsed() < DELIVERY_LIMIT => {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
            state => return Err(Failure::Step(format!("the handover is {}", state.unwrap_or("unknown")))),
        }
    }
}

/// Fetches from the GP system what was delivered, so that it is shown as it arrived.
async fn received(stage: &Stage, handover: &Value, file: &Path) -> Result<Value, Failure> {
    let identifier = handover["bundleIdentifier"].as_str().unwrap_or_default();
    let query = format!("urn:ietf:rfc:3986|{identifier}");
    let query: String = url::form_urlencoded::byte_serialize(query.as_bytes()).collect();
    let found = stage.http.get(&format!("{}/Bundle?identifier={query}", stage.gp.url)).await?.body;
    let entries = found["entry"].as_array().cloned().unwrap_or_default();
    let [entry] = entries.as_slice() else {
        return Err(Failure::Step(format!("the GP system holds {} documents of this identifier", entries.len())));
    };
    let bundle = entry["resource"].clone();
    let text = serde_json::to_string_pretty(&bundle).map_err(start)?;
    std::fs::write(file, text).map_err(start)?;
    let url = format!("{}/fhir/Bundle/$validate", stage.service.url);
    let answer = stage.http.post(&url, FHIR_JSON, bundle.to_string()).await?;
    let errors = answer.body["issue"].as_array().map_or(0, |issues| {
        issues.iter().filter(|i| matches!(i["severity"].as_str(), Some("error" | "fatal"))).count()
    });
    if answer.status != 200 || errors > 0 {
        return Err(refusal("the delivered Bundle is not valid", &answer));
    }
    Ok(bundle)
}

async fn hand_over(stage: &Stage) -> Result<PathBuf, Failure> {
    title("3. Handover to the GP, whose system fails once");
    let handover = deliver(stage, HANDED_OVER).await?;
    let file = stage.dir.join("delivered-bundle.json");
    let bundle = received(stage, &handover, &file).await?;
    let entries = bundle["entry"].as_array().map_or(0, Vec::len);
    line("received", &format!("one document of {}, valid", count(entries, "resource")));
    sections(&bundle).iter().for_each(|section| note(&format!("  - {section}")));
    Ok(file)
}

fn sections(bundle: &Value) -> Vec<String> {
    let sections = bundle["entry"][0]["resource"]["section"].as_array().cloned().unwrap_or_default();
    sections
        .iter()
        .map(|section| {
            let title = section["title"].as_str().unwrap_or_default();
            match section["emptyReason"]["coding"][0]["code"].as_str() {
                Some(reason) => format!("{title} ({reason})"),
                None => title.to_owned(),
            }
        })
        .collect()
}

async fn hand_over_without_plan(stage: &Stage) -> Result<(), Failure> {
    title("4. Handover of a patient who refuses to share the care plan");
    let handover = deliver(stage, REFUSES_SHARING).await?;
    let withheld = handover["withheld"].as_array().cloned().unwrap_or_default();
    if withheld.is_empty() {
        return Err(Failure::Step("the answer does not say that the care plan was withheld".into()));
    }
    for row in &withheld {
        let text = |member: &str| row[member].as_str().unwrap_or_default().to_owned();
        line("withheld", &format!("{}: {}", text("what"), text("why")));
    }
    let bundle = received(stage, &handover, &stage.dir.join("delivered-without-plan.json")).await?;
    let types = bundle["entry"].as_array().cloned().unwrap_or_default();
    if types.iter().any(|entry| entry["resource"]["resourceType"] == "Goal") {
        return Err(Failure::Step("a part of the refused care plan travelled".into()));
    }
    line("received", &format!("the rest, {}, valid", count(types.len(), "resource")));
    Ok(())
}

async fn at_night(stage: &Stage) -> Result<(), Failure> {
    title("5. At night: what does this patient still want?");
    let began = Instant::now();
    let fhir = format!("{}/fhir", stage.service.url);
    let identifier = format!("{}|{}", crate::fhir::systems::BSN, bsn_of(HANDED_OVER)?);
    let found = stage.http.post_form(&format!("{fhir}/Patient/_search"), &[("identifier", &identifier)]).await?;
    let Some(patient) = found.body["entry"][0]["resource"]["id"].as_str() else {
        return Err(refusal("the patient was not found by BSN", &found));
    };
    note("POST /fhir/Patient/_search          (the BSN stays out of the URL)");
    let directives = search(stage, &fhir, "Consent", patient).await?;
    let goals = search(stage, &fhir, "Goal", patient).await?;
    let observations = search(stage, &fhir, "Observation", patient).await?;
    note("GET  /fhir/Consent, Goal, Observation?patient=…");
    let answers = night::answers(&directives, &goals, &observations);
    if answers.is_empty() {
        return Err(Failure::Step("no treatment limits were found".into()));
    }
    println!();
    answers.iter().for_each(|(what, answer)| println!("    {what:<34}{answer}"));
    println!("\n    answered in {}", took(began.elapsed()));
    Ok(())
}

async fn search(stage: &Stage, fhir: &str, kind: &str, patient: &str) -> Result<Vec<Value>, Failure> {
    let answer = stage.http.get(&format!("{fhir}/{kind}?patient={patient}")).await?;
    if answer.status != 200 {
        return Err(refusal("a search failed", &answer));
    }
    let entries = answer.body["entry"].as_array().cloned().unwrap_or_default();
    Ok(entries.into_iter().map(|mut entry| entry["resource"].take()).collect())
}

fn where_to_look(stage: &Stage, bundle: &Path, exit: bool, time: Duration) {
    title("Where to look");
    line("delivered Bundle", &bundle.display().to_string());
    line("validate it", &format!("overdracht validate {}", bundle.display()));
    line("logs", &format!("{}", stage.dir.join("service.log").display()));
    if !exit {
        line("FHIR", &format!("curl {}/fhir/metadata", stage.service.url));
        line("the GP's documents", &format!("curl {}/Bundle", stage.gp.url));
        println!("\nEverything went as it should, in {:.1} s. Serving until Ctrl-C.", time.as_secs_f64());
    } else {
        println!("\nEverything went as it should, in {:.1} s.", time.as_secs_f64());
    }
}
