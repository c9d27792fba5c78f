//! A disk that is full (a limit on file size, which needs no privileges): nothing is acknowledged that is not durable,
//! and afterwards everything that was is there.

use std::path::Path;
use std::process::Command;

use overdracht::store::{Expect, Store};

use crate::support::*;

const DIRECTORY: &str = "OVERDRACHT_TEST_FULL_DIRECTORY";

/// Not a test of its own: what runs under the limit.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "runs as the child of the full-disk test"]
async fn child() {
    let Ok(directory) = std::env::var(DIRECTORY) else { return };
    let store = open_sled(Path::new(&directory));
    let commit = |n: i64| puts(n, vec![put(&format!("Goal/{n}"), Some("p1"), &"x".repeat(20_000), Expect::Absent)]);
    for n in 1..1000 {
        match store.commit(commit(n)).await {
            Ok(_) => println!("acknowledged {n}"),
            Err(_) => {
                println!("failed {n}");
                let again = store.commit(commit(n + 1)).await;
                println!("then {} {}", again.is_err(), store.healthy().await);
                // As a service that ends: without a chance to write.
                std::process::exit(0);
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_stops_the_store_and_loses_nothing_acknowledged() {
    let directory = tempfile::tempdir().unwrap();
    let exe = std::env::current_exe().unwrap();
    let script = format!(
        "trap '' XFSZ; ulimit -f 4096; exec timeout 60 '{}' --exact fault::child --ignored --nocapture",
        exe.display()
    );
    let output = Command::new("sh").args(["-c", &script]).env(DIRECTORY, directory.path()).output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    let acknowledged = text.lines().filter(|line| line.contains("acknowledged ")).count();
    assert!(acknowledged > 10, "{text}");
    assert!(text.contains("failed ") && text.contains("then true false"), "{text}");

    let store = open_sled(directory.path());
    let found = store.compartment("p1", None).await.unwrap().len();
    assert!(found >= acknowledged, "{acknowledged} were acknowledged, {found} are there");
    store.commit(puts(1, vec![put("Goal/again", Some("p1"), "", Expect::Absent)])).await.unwrap();
}

#[test]
fn a_store_opens_though_the_last_threads_of_a_closed_one_still_hold_its_file() {
    let dir = tempfile::tempdir().unwrap();
    drop(open_sled(dir.path()));
    let file = std::fs::File::open(dir.path().join("db")).unwrap();
    file.lock().unwrap();
    let holder = std::thread::spawn(move || {
        std::thread::sleep(std::time::Duration::from_millis(1500));
        drop(file);
    });
    drop(open_sled(dir.path()));
    holder.join().unwrap();
}
