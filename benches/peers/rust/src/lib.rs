//! What the Rust peers share: reading packages, and a line of figures for each file.

use std::fs::File;
use std::io::Read;
use std::time::{Duration, Instant};

use serde_json::Value;

/// `PROGRAM SECONDS PACKAGE.tgz... -- FILE...`
pub struct Arguments {
    seconds: Duration,
    packages: Vec<String>,
    files: Vec<String>,
}

impl Arguments {
    pub fn read() -> Self {
        let mut arguments = std::env::args().skip(1);
        let seconds: f64 = arguments.next().and_then(|s| s.parse().ok()).expect("SECONDS");
        let packages = arguments.by_ref().take_while(|argument| argument != "--").collect();
        Arguments { seconds: Duration::from_secs_f64(seconds), packages, files: arguments.collect() }
    }

    /// The resources in the packages, examples left out.
    pub fn definitions(&self, mut each: impl FnMut(&Value)) {
        for package in &self.packages {
            let mut archive = tar::Archive::new(flate2::read::GzDecoder::new(File::open(package).expect("a package")));
            for entry in archive.entries().expect("a tar archive") {
                let mut entry = entry.expect("an entry");
                let path = entry.path().expect("a path").into_owned();
                if path.extension().is_none_or(|e| e != "json") || path.components().count() != 2 {
                    continue;
                }
                let mut text = String::new();
                entry.read_to_string(&mut text).expect("text");
                if let Ok(resource) = serde_json::from_str::<Value>(text.trim_start_matches('\u{feff}')) {
                    each(&resource);
                }
            }
        }
    }

    /// A line a file: file, nanoseconds per validation (median), errors.
    pub fn time(&self, mut errors: impl FnMut(&Value) -> usize) {
        for file in &self.files {
            let text = std::fs::read_to_string(file).expect("a file");
            let resource: Value = serde_json::from_str(&text).expect("JSON");
            let found = errors(&resource);
            println!("{file}\t{}\t{found}", median(self.seconds, || errors(&resource)));
        }
    }
}

/// Median nanoseconds of a call, after as long a warm-up.
fn median<T>(time: Duration, mut call: impl FnMut() -> T) -> u128 {
    let warm = Instant::now();
    while warm.elapsed() < time {
        std::hint::black_box(call());
    }
    let (began, mut times) = (Instant::now(), Vec::new());
    while times.len() < 3 || began.elapsed() < time {
        let start = Instant::now();
        std::hint::black_box(call());
        times.push(start.elapsed().as_nanos());
    }
    times.sort_unstable();
    times[times.len() / 2]
}
