//! What more than one bench needs: the Dutch packages with their examples, and the time of a call.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde_json::Value;

/// zib2020 and nl-core, where they are there.
pub fn packages() -> Option<Vec<PathBuf>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/packages");
    let names = ["nictiz.fhir.nl.r4.zib2020-0.12.0-beta.4.tgz", "nictiz.fhir.nl.r4.nl-core-0.12.0-beta.4.tgz"];
    let found: Option<Vec<_>> =
        names.iter().map(|name| folder.join(name)).map(|path| path.exists().then_some(path)).collect();
    if found.is_none() {
        println!("skipped: ../shared/packages is not there");
    }
    found
}

/// Their examples as text, by resource type.
#[allow(dead_code)] // Not every bench reads them.
pub fn examples(packages: &[PathBuf]) -> BTreeMap<String, Vec<String>> {
    let mut by_type: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for path in packages {
        let file = std::fs::File::open(path).expect("a package opens");
        let mut archive = tar::Archive::new(flate2::read::GzDecoder::new(file));
        for entry in archive.entries().expect("a package is a tar").flatten() {
            if !entry.path().is_ok_and(|p| p.starts_with("package/examples")) {
                continue;
            }
            let Ok(value) = serde_json::from_reader::<_, Value>(entry) else { continue };
            let Some(kind) = value["resourceType"].as_str() else { continue };
            by_type.entry(kind.to_owned()).or_default().push(value.to_string());
        }
    }
    by_type
}

/// The least time that a call takes, warm, in about this long.
#[allow(dead_code)]
pub fn least<T>(long: Duration, mut call: impl FnMut() -> T) -> Duration {
    let (began, mut least) = (Instant::now(), Duration::MAX);
    let mut calls = 0;
    while calls < 20 || began.elapsed() < long {
        let start = Instant::now();
        std::hint::black_box(call());
        least = least.min(start.elapsed());
        calls += 1;
    }
    least
}
