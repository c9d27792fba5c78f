//! A process that commits without pause is killed at random moments: what it acknowledged is there, whole; what it did
//! not is there whole or not at all.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use overdracht::store::{AuditVerdict, Commit, Expect, Store};
use rand::RngExt;
use serde_json::json;

use crate::support::*;

const DIRECTORY: &str = "OVERDRACHT_TEST_CRASH_DIRECTORY";
const WRITERS: usize = 6;
const KILLS: u64 = 10;

/// The n-th commit of a writer: everything that a commit can hold, of sizes from a few bytes to more than a page.
fn step(writer: usize, n: u64, previous_delivery: Option<u64>) -> Commit {
    let patient = format!("p{writer}");
    let size = [10, 300, 5_000, 40, 70_000, 2_000][n as usize % 6];
    let text = format!("{n} {}", "x".repeat(size));
    let goals = (0..4).map(|id| put(&format!("Goal/{writer}-{id}"), Some(&patient), &text, Expect::Anything)).collect();
    let mut delivery = delivery(&patient, &patient, "1", n as i64);
    delivery.bundle = json!({ "n": n, "text": text });
    Commit {
        claims: vec![(bsn(&format!("{writer}-{n}")), key(&format!("Patient/p{writer}")))],
        document: Some(document(&patient, n, json!({ "n": n }), (n > 1).then(|| n - 1))),
        deliveries: queue(0, vec![(delivery, previous_delivery)]).deliveries,
        audit: vec![event(Some(&patient), &n.to_string()), event(None, "second")],
        ..puts(n as i64, goals)
    }
}

/// Not a test of its own: what the killed process runs.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "runs as the child of the crash test"]
async fn child() {
    let Ok(directory) = std::env::var(DIRECTORY) else { return };
    let store = std::sync::Arc::new(open_sled(Path::new(&directory)));
    let mut writers = tokio::task::JoinSet::new();
    for writer in 0..WRITERS {
        let store = store.clone();
        writers.spawn(async move {
            let stored = store.document(&format!("p{writer}")).await.unwrap();
            let mut n = stored.map_or(0, |document| document.version);
            loop {
                n += 1;
                store.commit(step(writer, n, (n > 1).then(|| n - 1))).await.unwrap();
                println!("acknowledged {writer} {n}");
            }
        });
    }
    if let Some(Err(error)) = writers.join_next().await {
        panic!("a writer failed: {error}");
    }
}

/// Lets a child commit for a while after its first acknowledgement, kills it, and returns the last of each writer.
fn run_and_kill(directory: &Path, milliseconds: u64) -> [u64; WRITERS] {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "crash::child", "--ignored", "--nocapture"])
        .env(DIRECTORY, directory)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut killer = None;
    let mut last = [0; WRITERS];
    let mut child = Some(child);
    for line in lines {
        let line = line.unwrap();
        let Some((writer, n)) = line.rsplit_once("acknowledged ").and_then(|(_, rest)| rest.split_once(' ')) else {
            continue;
        };
        if let (Ok(writer), Ok(n)) = (writer.parse::<usize>(), n.parse()) {
            last[writer] = n;
        }
        if let Some(mut child) = child.take() {
            killer = Some(std::thread::spawn(move || {
                std::thread::sleep(Duration::from_millis(milliseconds));
                child.kill().unwrap();
                child.wait().unwrap();
            }));
        }
    }
    killer.expect("the child acknowledged something").join().unwrap();
    last
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_acknowledged_survives_a_kill_and_nothing_is_half_there() {
    let directory = tempfile::tempdir().unwrap();
    let mut random = rand::rng();
    let mut total = 0;
    // More of them for a soak.
    let kills = std::env::var("OVERDRACHT_TEST_KILLS").map_or(KILLS, |text| text.parse().expect("a number of kills"));
    for kill in 0..kills {
        let last = run_and_kill(directory.path(), random.random_range(0..250));
        let store = open_sled(directory.path());
        let mut commits = 0;
        for (writer, &acknowledged) in last.iter().enumerate() {
            let at_least = acknowledged.max(1);
            let patient = format!("p{writer}");
            let Some(found) = store.document(&patient).await.unwrap() else {
                assert_eq!(acknowledged, 0, "kill {kill}: a document that was acknowledged is gone");
                assert!(store.compartment(&patient, None).await.unwrap().is_empty());
                continue;
            };
            let n = found.version;
            assert!(n >= at_least, "kill {kill}: {acknowledged} was acknowledged, {n} is there");
            commits += n;
            for goal in store.compartment(&patient, None).await.unwrap() {
                assert!(content(&goal.body).starts_with(&format!("{n} ")), "kill {kill}");
                assert_eq!(goal.version, n);
                assert_eq!(store.history(&goal.key).await.unwrap().len() as u64, n);
            }
            assert_eq!(store.compartment(&patient, None).await.unwrap().len(), 4);
            let delivery = store.delivery(&patient).await.unwrap().unwrap();
            assert_eq!((delivery.revision, &delivery.bundle["n"]), (n, &json!(n)));
            assert!(store.find(&bsn(&format!("{writer}-{n}"))).await.unwrap().is_some());
            assert!(store.find(&bsn(&format!("{writer}-{}", n + 1))).await.unwrap().is_none());
            assert_eq!(store.document_history(&patient).await.unwrap().len() as u64, n);
            assert_eq!(store.audit(Some(&patient), 0, usize::MAX).await.unwrap().len() as u64, n);
        }
        assert_eq!(store.verify_audit().await.unwrap(), AuditVerdict::Whole { entries: 2 * commits });
        assert!(commits > total, "kill {kill}: the child made progress");
        total = commits;
    }
    let blobs = std::fs::read_dir(directory.path().join("blobs")).unwrap().count();
    assert_eq!(blobs, 0, "sled keeps nothing in files that it does not fsync");
}
