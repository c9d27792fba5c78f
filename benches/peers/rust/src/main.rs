//! Times rh-validator, warm and on one thread: `peer-rust SECONDS PACKAGE.tgz... -- FILE...`.
//! A line a file: file, nanoseconds per validation (median), errors, nanoseconds to parse the text (median).

use std::fs::File;
use std::io::Read;
use std::time::{Duration, Instant};

use rh_validator::{FhirValidator, FhirVersion, Severity};
use serde_json::Value;

fn main() {
    let mut arguments = std::env::args().skip(1);
    let seconds: f64 = arguments.next().and_then(|s| s.parse().ok()).expect("SECONDS");
    let packages: Vec<String> = arguments.by_ref().take_while(|argument| argument != "--").collect();
    let files: Vec<String> = arguments.collect();

    let validator = FhirValidator::new(FhirVersion::R4, None).expect("a validator");
    for package in &packages {
        let mut archive = tar::Archive::new(flate2::read::GzDecoder::new(File::open(package).expect("a package")));
        for entry in archive.entries().expect("a tar archive") {
            let mut entry = entry.expect("an entry");
            let path = entry.path().expect("a path").into_owned();
            if path.extension().is_none_or(|e| e != "json") || path.components().count() != 2 {
                continue;
            }
            let mut text = String::new();
            entry.read_to_string(&mut text).expect("text");
            let Ok(resource) = serde_json::from_str::<Value>(text.trim_start_matches('\u{feff}')) else { continue };
            match resource["resourceType"].as_str() {
                Some("StructureDefinition") => validator.register_profile(&resource),
                Some("ValueSet") => validator.register_valueset(&resource),
                Some("CodeSystem") => validator.register_codesystem(&resource),
                _ => {}
            }
        }
    }

    let time = Duration::from_secs_f64(seconds);
    for file in &files {
        let text = std::fs::read_to_string(file).expect("a file");
        let resource: Value = serde_json::from_str(&text).expect("JSON");
        let mut errors = 0;
        let validate = median(time, || {
            let result = validator.validate_auto(&resource).expect("a result");
            errors = result.issues.iter().filter(|issue| issue.severity == Severity::Error).count();
        });
        let parse = median(time, || {
            std::hint::black_box(serde_json::from_str::<Value>(&text).expect("JSON"));
        });
        println!("{file}\t{validate}\t{errors}\t{parse}");
    }
}

/// Median nanoseconds of a call, after as long a warm-up.
fn median(time: Duration, mut call: impl FnMut()) -> u128 {
    let warm = Instant::now();
    while warm.elapsed() < time {
        call();
    }
    let (began, mut times) = (Instant::now(), Vec::new());
    while times.len() < 3 || began.elapsed() < time {
        let start = Instant::now();
        call();
        times.push(start.elapsed().as_nanos());
    }
    times.sort_unstable();
    times[times.len() / 2]
}
