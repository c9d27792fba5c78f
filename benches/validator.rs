//! Validating beside parsing, for the Dutch examples by kind of resource with all their profiles; compiling; and growth
//! over Bundles. `parse` in the same run is the measure: the figure that counts is validate ÷ parse.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use overdracht::fhir::definitions::Definitions;
use overdracht::validator::{Options, Validator};
use serde_json::{Value, json};

const PACKAGES: [&str; 2] =
    ["nictiz.fhir.nl.r4.zib2020-0.12.0-beta.4.tgz", "nictiz.fhir.nl.r4.nl-core-0.12.0-beta.4.tgz"];

fn packages() -> Option<Vec<PathBuf>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/packages");
    PACKAGES.iter().map(|name| folder.join(name)).map(|path| path.exists().then_some(path)).collect()
}

fn definitions() -> Option<Arc<Definitions>> {
    Some(Arc::new(Definitions::builder().packages(packages()?).open().expect("definitions open")))
}

/// nl-core's examples as text, by resource type.
fn examples() -> BTreeMap<String, Vec<String>> {
    let mut by_type: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for path in packages().into_iter().flatten() {
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

fn time(mut work: impl FnMut()) -> Duration {
    work();
    let mut best = Duration::MAX;
    for _ in 0..20 {
        let start = Instant::now();
        work();
        best = best.min(start.elapsed());
    }
    best
}

/// The total over all examples, and the worst, as ratios: what the budget is about.
fn ratios(validator: &Validator, examples: &BTreeMap<String, Vec<String>>) {
    let (mut parse_all, mut full_all, mut quick_all) = (Duration::ZERO, Duration::ZERO, Duration::ZERO);
    let mut worst = (0.0, String::new());
    for text in examples.values().flatten() {
        let value: Value = serde_json::from_str(text).expect("an example is JSON");
        let parse = time(|| drop(std::hint::black_box(serde_json::from_str::<Value>(text))));
        let full = time(|| drop(std::hint::black_box(validator.validate(&value, &[]))));
        let quick = time(|| {
            std::hint::black_box(validator.is_valid(&value, &[]));
        });
        let ratio = full.as_secs_f64() / parse.as_secs_f64();
        if ratio > worst.0 {
            worst = (ratio, value["id"].as_str().unwrap_or_default().to_owned());
        }
        parse_all += parse;
        full_all += full;
        quick_all += quick;
    }
    let over = |d: Duration| d.as_secs_f64() / parse_all.as_secs_f64();
    println!(
        "validate / parse over all: {:.2}; is_valid / parse: {:.2}; worst validate / parse: {:.2} ({})",
        over(full_all),
        over(quick_all),
        worst.0,
        worst.1
    );
}

fn benches(c: &mut Criterion) {
    let Some(definitions) = definitions() else {
        println!("skipped: ../shared/packages is not there");
        return;
    };
    let examples = examples();
    let validator = Validator::new(definitions.clone(), Options::default());
    ratios(&validator, &examples);

    for (kind, texts) in &examples {
        let values: Vec<Value> = texts.iter().map(|t| serde_json::from_str(t).expect("JSON")).collect();
        let mut group = c.benchmark_group(kind);
        group.sample_size(20).measurement_time(Duration::from_secs(1));
        group.throughput(Throughput::Bytes(texts.iter().map(|t| t.len() as u64).sum()));
        group.bench_function("parse", |b| {
            b.iter(|| texts.iter().map(|t| serde_json::from_str::<Value>(t).is_ok()).filter(|ok| *ok).count());
        });
        group.bench_function("validate", |b| {
            b.iter(|| values.iter().map(|v| validator.validate(v, &[]).len()).sum::<usize>())
        });
        group.bench_function("is_valid", |b| b.iter(|| values.iter().filter(|v| validator.is_valid(v, &[])).count()));
        group.finish();
    }

    let patient: Value =
        examples.get("Patient").and_then(|p| serde_json::from_str(p.first()?).ok()).unwrap_or_default();
    c.bench_function("compile the profiles of a patient", |b| {
        b.iter(|| Validator::new(definitions.clone(), Options::default()).is_valid(&patient, &[]));
    });

    let mut group = c.benchmark_group("bundle");
    group.sample_size(10).measurement_time(Duration::from_secs(1));
    for entries in [10, 100, 1_000, 10_000] {
        let entry = |i: usize| {
            json!({
                "fullUrl": format!("http://example.org/fhir/Observation/{i}"),
                "resource": {
                    "resourceType": "Observation", "id": i.to_string(), "status": "final",
                    "code": { "text": "x" },
                    "hasMember": [{ "reference": format!("Observation/{}", (i + 1) % entries) }],
                },
            })
        };
        let bundle = json!({ "resourceType": "Bundle", "type": "collection", "entry": (0..entries).map(entry).collect::<Vec<_>>() });
        group.throughput(Throughput::Elements(entries as u64));
        group.bench_with_input(BenchmarkId::from_parameter(entries), &bundle, |b, bundle| {
            b.iter(|| validator.validate(bundle, &[]).len());
        });
    }
    group.finish();
}

criterion_group!(all, benches);
criterion_main!(all);
