//! From starting the binary to its line that it serves, and the memory that it holds then, with R4, zib2020 and nl-core, and
//! with all packages that are there: cold, where the packages must be compiled first, and warm, where a former start has done
//! that.

mod common;

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

const CORE: &str = "profiles/packages/hl7.fhir.r4.core#4.0.1.tgz";

struct Start {
    ready: Duration,
    /// What is held when it is ready, and the most that was held until then, in MiB.
    resident: f64,
    peak: f64,
}

fn start(packages: &Path, data: &Path) -> Start {
    let began = Instant::now();
    let mut service = Command::new(env!("CARGO_BIN_EXE_overdracht"))
        .args(["serve", "--listen", "127.0.0.1:0", "--data"])
        .arg(data)
        .env("OVERDRACHT_PACKAGES", packages)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("the binary starts");
    let mut line = String::new();
    let read = BufReader::new(service.stdout.as_mut().expect("a pipe")).read_line(&mut line);
    let ready = began.elapsed();
    assert!(read.is_ok() && line.contains("listening"), "it does not serve: {line}");
    let status = std::fs::read_to_string(format!("/proc/{}/status", service.id())).expect("its status");
    let mib = |name: &str| {
        let line = status.lines().find(|line| line.starts_with(name)).expect("a line of its status");
        let kib: f64 = line.split_whitespace().nth(1).and_then(|n| n.parse().ok()).expect("a number");
        kib / 1024.0
    };
    let (resident, peak) = (mib("VmRSS:"), mib("VmHWM:"));
    service.kill().expect("it ends");
    service.wait().expect("it has ended");
    Start { ready, resident, peak }
}

fn print(name: &str, mut starts: Vec<Start>) {
    starts.sort_by_key(|start| start.ready);
    let middle = &starts[starts.len() / 2];
    println!(
        "{name} start, the middle of {}: ready after {} ms ({} to {}), {:.0} MiB resident, {:.0} MiB at most",
        starts.len(),
        middle.ready.as_millis(),
        starts[0].ready.as_millis(),
        starts[starts.len() - 1].ready.as_millis(),
        middle.resident,
        middle.peak
    );
}

/// Cold and warm starts with R4 and these packages.
fn starts(name: &str, added: &[PathBuf]) {
    let folder = tempfile::tempdir().expect("a folder");
    let packages = folder.path().join("packages");
    std::fs::create_dir(&packages).expect("a folder");
    let core = Path::new(env!("CARGO_MANIFEST_DIR")).join(CORE);
    for file in added.iter().chain([&core]) {
        std::fs::copy(file, packages.join(file.file_name().expect("a name"))).expect("a copy");
    }
    let fresh = |n: usize| folder.path().join(format!("data-{n}"));
    let cold = |n: usize| {
        let _ = std::fs::remove_dir_all(packages.join(".cache"));
        start(&packages, &fresh(n))
    };
    print(&format!("{name}: cold"), (0..3).map(cold).collect());
    print(&format!("{name}: warm"), (3..14).map(|n| start(&packages, &fresh(n))).collect());
}

fn main() {
    let Some(dutch) = common::packages() else { return };
    starts("R4, zib2020 and nl-core", &dutch);
    let folder = dutch[0].parent().expect("a folder");
    let files = std::fs::read_dir(folder).expect("a folder").flatten().map(|entry| entry.path());
    let mut all: Vec<PathBuf> = files.filter(|path| path.extension().is_some_and(|e| e == "tgz")).collect();
    all.sort();
    let more: Vec<String> = all
        .iter()
        .filter(|path| !dutch.contains(path))
        .map(|path| path.file_stem().expect("a name").to_string_lossy().into_owned())
        .collect();
    starts(&format!("these with {}", more.join(", ")), &all);
}
