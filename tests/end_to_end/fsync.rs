//! A killed process keeps the page cache, so a kill cannot show that data reached the disk: the system calls can.

use std::process::Command;

use crate::people;
use crate::process::{Place, Server, client};

/// The calls that move data to the database file or answer a request, in the order of their completion.
#[derive(Debug, PartialEq)]
enum Call {
    DatabaseWrite,
    DatabaseSync,
    Answer,
}

fn call(line: &str) -> Option<Call> {
    let of_database = line.contains("/data/store/db>") || line.contains("/data/store/db<");
    let done = !line.contains("unfinished") && !line.contains("= -1");
    let name = |names: &[&str]| {
        names.iter().any(|name| line.contains(&format!("{name}(")) || line.contains(&format!("{name} resumed")))
    };
    if name(&["fsync", "fdatasync"]) && done && line.contains("= 0") {
        // A resumed line does not repeat the file; `resolve` has joined the two halves.
        return of_database.then_some(Call::DatabaseSync);
    }
    if name(&["pwrite64", "pwritev", "pwritev2"]) && of_database {
        return Some(Call::DatabaseWrite);
    }
    (name(&["sendto", "writev", "write", "sendmsg"]) && line.contains("HTTP/1.1 201")).then_some(Call::Answer)
}

/// Joins `x(… <unfinished ...>` with its `<... x resumed>…` of the same thread, at the place where it completed.
fn resolve(trace: &str) -> Vec<String> {
    let mut open: std::collections::BTreeMap<&str, &str> = std::collections::BTreeMap::new();
    let mut lines = Vec::new();
    for line in trace.lines() {
        let thread = line.split_whitespace().next().unwrap_or_default();
        if let Some(start) = line.strip_suffix("<unfinished ...>") {
            open.insert(thread, start);
            // An answer counts from where it begins: nothing may be left to do by then.
            if start.contains("HTTP/1.1 201") {
                lines.push(start.to_owned());
            }
        } else if line.contains(" resumed>") {
            let start = open.remove(thread).unwrap_or_default();
            let end = line.split_once(" resumed>").map_or("", |(_, end)| end);
            if !start.contains("HTTP/1.1 201") {
                lines.push(format!("{start}{end}"));
            }
        } else {
            lines.push(line.to_owned());
        }
    }
    lines
}

#[tokio::test(flavor = "multi_thread")]
async fn the_fsync_of_the_database_file_completes_before_the_answer_is_sent() {
    let version = Command::new("strace").arg("--version").output();
    if version.map_or(true, |output| !output.status.success()) {
        assert!(std::env::var("CI").is_err(), "strace is not installed");
        println!("SKIP: strace is not installed; it shows the system calls that this test reads");
        return;
    }
    let place = Place::new();
    place.directory("http://127.0.0.1:9/fhir");
    let trace = place.path("trace");
    let mut command = Command::new("strace");
    command
        .args(["-f", "-y", "-s", "64", "-e"])
        .arg("trace=fsync,fdatasync,pwrite64,pwritev,pwritev2,write,writev,sendto,sendmsg")
        .arg("-o")
        .arg(&trace)
        .args(place.serve());
    let service = Server::start(&mut command, &place.path("service.log"));
    let (_, plan) = people::care_plan(0);
    let before = std::fs::read_to_string(&trace).expect("strace writes").len();
    let url = format!("{}/api/v1/care-plans", service.url);
    let answer = client().post(&url, "application/json", plan.to_string()).await.expect("an answer");
    assert_eq!(answer.status, 201, "{}", answer.body);
    drop(service);

    let text = std::fs::read_to_string(&trace).expect("strace wrote");
    let calls: Vec<Call> = resolve(&text[before..]).iter().filter_map(|line| call(line)).collect();
    let answered = calls.iter().position(|call| *call == Call::Answer).expect("the answer is in the trace");
    let before_answer = &calls[..answered];
    let written = before_answer.iter().rposition(|call| *call == Call::DatabaseWrite);
    let synced = before_answer.iter().rposition(|call| *call == Call::DatabaseSync);
    assert!(written.is_some(), "the document was written to the database file before the answer: {calls:?}");
    assert!(synced > written, "what was written was synced before the answer: {calls:?}");
}
