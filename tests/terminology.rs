//! Asking a terminology server, against a real one on loopback: right, slow, wrong, and not there.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use overdracht::client::{TerminologyClient, TerminologyOptions};
use overdracht::fhir::definitions::Definitions;
use overdracht::validator::{CodeServer, Membership, Options, Question, Validator};
use serde_json::{Value, json};

/// How the server behaves.
#[derive(Clone, Copy)]
enum Manner {
    /// Knows that 73211009 is below 64572001, and no other code.
    Right,
    Slow,
    Broken,
    NotFhir,
    Endless,
}

struct Server {
    base: String,
    asked: Arc<AtomicUsize>,
}

fn serve(manner: Manner) -> Server {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let base = format!("http://{}/fhir", listener.local_addr().expect("an address"));
    let asked = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&asked);
    std::thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            let count = Arc::clone(&count);
            std::thread::spawn(move || answer(stream, manner, &count));
        }
    });
    Server { base, asked }
}

/// The body of one request, by its length.
fn request(stream: &mut TcpStream) -> Option<(String, Value)> {
    let mut text = Vec::new();
    let mut part = [0; 4096];
    loop {
        let read = stream.read(&mut part).ok().filter(|read| *read > 0)?;
        text.extend_from_slice(&part[..read]);
        let head_end = text.windows(4).position(|w| w == b"\r\n\r\n");
        let Some(head_end) = head_end else { continue };
        let head = String::from_utf8_lossy(&text[..head_end]).to_ascii_lowercase();
        let length = head.lines().find_map(|l| l.strip_prefix("content-length: ")?.trim().parse::<usize>().ok());
        if text.len() >= head_end + 4 + length.unwrap_or(0) {
            return Some((head, serde_json::from_slice(&text[head_end + 4..]).unwrap_or(Value::Null)));
        }
    }
}

fn answer(mut stream: TcpStream, manner: Manner, count: &AtomicUsize) {
    while let Some((head, body)) = request(&mut stream) {
        count.fetch_add(1, Ordering::SeqCst);
        assert!(head.starts_with("post /fhir/valueset/$validate-code "), "{head}");
        let code = |p: &Value| p["name"] == "code" && p["valueCode"] == "73211009";
        let known = body["parameter"].as_array().is_some_and(|all| all.iter().any(code));
        let (status, kind, text) = match manner {
            Manner::Right => {
                let answer =
                    json!({ "resourceType": "Parameters", "parameter": [{ "name": "result", "valueBoolean": known }] });
                (200, "application/fhir+json", answer.to_string())
            }
            Manner::Slow => {
                std::thread::sleep(Duration::from_secs(5));
                (200, "application/fhir+json", "{}".into())
            }
            Manner::Broken => (500, "application/fhir+json", "{}".into()),
            Manner::NotFhir => (200, "text/html", "<html>log in</html>".into()),
            Manner::Endless => (200, "application/fhir+json", " ".repeat(4 << 20)),
        };
        let head = format!("HTTP/1.1 {status} x\r\ncontent-type: {kind}\r\ncontent-length: {}\r\n\r\n", text.len());
        if stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(text.as_bytes())).is_err() {
            return;
        }
    }
}

struct Asking(TerminologyClient);

impl CodeServer for Asking {
    fn validate_code(&self, question: &Question<'_>) -> Membership {
        self.0.validate_code(question)
    }
}

const PROFILE: &str = "http://example.org/StructureDefinition/disease";

/// A Condition whose code is a disease, which SNOMED CT alone can tell.
fn definitions() -> [Value; 2] {
    let set = "http://example.org/ValueSet/diseases";
    [
        json!({ "resourceType": "ValueSet", "url": set, "status": "active", "compose": { "include": [{
            "system": "http://snomed.info/sct", "filter": [{ "property": "concept", "op": "is-a", "value": "64572001" }] }] } }),
        json!({ "resourceType": "StructureDefinition", "url": PROFILE, "name": "Disease", "status": "draft",
            "kind": "resource", "abstract": false, "type": "Condition", "derivation": "constraint", "fhirVersion": "4.0.1",
            "baseDefinition": "http://hl7.org/fhir/StructureDefinition/Condition",
            "differential": { "element": [{ "id": "Condition.code", "path": "Condition.code",
                "binding": { "strength": "required", "valueSet": set } }] } }),
    ]
}

fn condition(code: &str) -> Value {
    json!({ "resourceType": "Condition", "subject": { "display": "x" },
            "code": { "coding": [{ "system": "http://snomed.info/sct", "code": code }] } })
}

fn validator(base: &str) -> Validator {
    let definitions = Definitions::builder().definitions(definitions()).open().expect("definitions open");
    let options = TerminologyOptions { timeout: Duration::from_millis(300), ..TerminologyOptions::default() };
    let client = TerminologyClient::new(base, options).expect("a client");
    Validator::new(Arc::new(definitions), Options::default()).with_terminology(Arc::new(Asking(client)))
}

fn about_code(validator: &Validator, code: &str) -> Vec<&'static str> {
    let issues = validator.validate(&condition(code), &[PROFILE]);
    let refused = issues.iter().any(|i| i.severity.refuses());
    assert_eq!(validator.is_valid(&condition(code), &[PROFILE]), !refused);
    issues.iter().filter(|i| i.at.as_deref() == Some("Condition.code")).map(|i| i.id).collect()
}

#[test]
fn a_server_tells_what_the_definitions_cannot_and_is_asked_once_for_each_code() {
    let server = serve(Manner::Right);
    let validator = validator(&server.base);
    for _ in 0..3 {
        assert_eq!(about_code(&validator, "73211009"), [] as [&str; 0]);
        assert_eq!(about_code(&validator, "1"), ["binding-code-not-in-value-set"]);
    }
    assert_eq!(server.asked.load(Ordering::SeqCst), 2);
}

#[test]
fn a_server_that_gives_no_answer_leaves_codes_unchecked_and_is_left_alone() {
    for manner in [Manner::Slow, Manner::Broken, Manner::NotFhir, Manner::Endless] {
        let server = serve(manner);
        let validator = validator(&server.base);
        let start = Instant::now();
        for code in ["73211009", "1", "2", "3"] {
            assert_eq!(about_code(&validator, code), ["binding-unchecked"]);
        }
        assert!(start.elapsed() < Duration::from_secs(4), "it waited for every code");
        assert_eq!(server.asked.load(Ordering::SeqCst), 1);
    }
}

#[test]
fn a_server_that_is_not_there_leaves_codes_unchecked() {
    let gone = TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("an address");
    assert_eq!(about_code(&validator(&format!("http://{gone}/fhir")), "1"), ["binding-unchecked"]);
}

#[test]
fn the_command_asks_the_server_that_it_is_given() {
    let server = serve(Manner::Right);
    let folder = tempfile::tempdir().expect("a folder");
    let write = |name: &str, value: &Value| {
        let path = folder.path().join(name);
        std::fs::write(&path, value.to_string()).expect("a file");
        path
    };
    let [set, profile] = definitions();
    let (set, profile) = (write("set.json", &set), write("profile.json", &profile));
    let run = |terminology: &str, code: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_overdracht"));
        command.args(["validate", "--terminology", terminology, "--profile", PROFILE]);
        command.arg("--supporting").arg(&set).arg("--supporting").arg(&profile);
        let command =
            command.arg(write("condition.json", &condition(code))).stdout(Stdio::null()).stderr(Stdio::null());
        command.status().expect("it runs").code()
    };
    assert_eq!(run(&server.base, "73211009"), Some(0));
    assert_eq!(run(&server.base, "1"), Some(1));
    assert_eq!(run("http://tx.example/fhir", "1"), Some(2), "plain http is for this machine alone");
}
