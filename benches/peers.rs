//! Our validator beside others on the same resources in one run, each on one thread and warm: the HAPI FHIR validator
//! from text to verdict, the Rust ones from parsed JSON to verdict. `make bench-peers` builds them and calls this.

mod common;

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use common::least;
use overdracht::fhir::definitions::Definitions;
use overdracht::validator::{Options, Validator};
use serde_json::Value;

/// How long a validator is kept warm with a resource, and then measured with it.
const SECONDS: f64 = 0.1;

/// Nanoseconds by file, from a peer's lines: file, nanoseconds, errors.
fn peer(mut command: Command, packages: &[PathBuf], files: &[PathBuf]) -> HashMap<PathBuf, f64> {
    command.arg(SECONDS.to_string()).args(packages).arg("--").args(files).stderr(Stdio::null());
    let output = command.output().expect("the peer runs");
    assert!(output.status.success(), "{command:?} failed");
    let text = String::from_utf8(output.stdout).expect("text");
    let line = |line: &str| {
        let mut parts = line.split('\t');
        Some((PathBuf::from(parts.next()?), parts.next()?.parse().ok()?))
    };
    text.lines().filter_map(line).collect()
}

/// Sum and worst and best of peer ÷ ours, over the files that the peer has an answer for.
fn print(name: &str, theirs: &HashMap<PathBuf, f64>, ours: &HashMap<PathBuf, f64>) {
    let pairs: Vec<(f64, f64)> = theirs.iter().filter_map(|(file, time)| Some((*time, *ours.get(file)?))).collect();
    let (their_sum, our_sum) = pairs.iter().fold((0.0, 0.0), |sum, pair| (sum.0 + pair.0, sum.1 + pair.1));
    let mut ratios: Vec<f64> = pairs.iter().map(|(theirs, ours)| theirs / ours).collect();
    ratios.sort_by(f64::total_cmp);
    let at = |share: f64| ratios[((ratios.len() - 1) as f64 * share) as usize];
    println!(
        "{name:<32} {:>4} resources: {:>7.1} × ours in total; {:.1} at the least, {:.1} in the middle",
        ratios.len(),
        their_sum / our_sum,
        at(0.0),
        at(0.5)
    );
}

fn main() {
    let Some(packages) = common::packages() else { return };
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let classpath = root.join("benches/peers/hapi/target/classpath");
    let Ok(classpath) = std::fs::read_to_string(classpath) else {
        println!("skipped: `make bench-peers` builds the peers, and was not called");
        return;
    };
    let folder = tempfile::tempdir().expect("a folder");
    let texts: Vec<String> = common::examples(&packages).into_values().flatten().collect();
    let file = |(n, text): (usize, &String)| {
        let path = folder.path().join(format!("{n}.json"));
        std::fs::write(&path, text).expect("an example is written");
        path
    };
    let files: Vec<PathBuf> = texts.iter().enumerate().map(file).collect();

    let definitions = Definitions::builder().packages(packages.clone()).open().expect("definitions open");
    let validator = Validator::new(Arc::new(definitions), Options::default());
    let (mut from_text, mut from_value) = (HashMap::new(), HashMap::new());
    let long = Duration::from_secs_f64(SECONDS / 2.0);
    for (file, text) in files.iter().zip(&texts) {
        let value: Value = serde_json::from_str(text).expect("an example is JSON");
        let time = least(long, || validator.validate_text(text, &[]));
        from_text.insert(file.clone(), time.as_nanos() as f64);
        let time = least(long, || validator.validate(&value, &[]));
        from_value.insert(file.clone(), time.as_nanos() as f64);
    }

    let mut java = Command::new("java");
    let classes = root.join("benches/peers/hapi/target/classes").display().to_string();
    java.args(["-Xmx4g", "-cp", &format!("{classes}:{}", classpath.trim()), "overdracht.peers.Hapi"]);
    print("HAPI FHIR validator (from text)", &peer(java, &packages, &files), &from_text);
    for (name, program) in [("rh-validator", "rh"), ("helios-fhir-validator", "helios")] {
        let program = root.join("benches/peers/rust/target/release").join(program);
        print(name, &peer(Command::new(program), &packages, &files), &from_value);
    }
}
