//! Commits beside the disk's own fsync, and searches beside a store's size, in one run: ratios, no limits.

use std::fs::File;
use std::hint::black_box;
use std::io::Write;
use std::path::Path;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use jiff::Timestamp;
use overdracht::fhir::ResourceKey;
use overdracht::search::{Handling, parse};
use overdracht::store::sled::{AuditKey, SledOptions, SledStore};
use overdracht::store::{AuditPut, Commit, Expect, Put, Store, search};
use serde_json::json;

/// Resources of one care plan, about as large as ours are.
const PLAN: usize = 25;

fn open(path: &Path) -> SledStore {
    let key = AuditKey::new(vec![7; 32]).expect("long enough");
    SledStore::open(path, SledOptions::new(key)).expect("the store opens")
}

fn plan(patient: u64) -> Commit {
    let resource = |n: usize| {
        let key = ResourceKey::new("Observation", format!("{patient}-{n}"));
        let body = json!({
            "resourceType": "Observation", "id": key.id, "status": "final",
            "subject": { "reference": format!("Patient/p{patient}") },
            "code": { "coding": [{ "system": "http://snomed.info/sct", "code": n.to_string() }] },
            "text": { "status": "generated", "div": "x".repeat(1500) },
        });
        Put { key, patient: Some(format!("p{patient}")), body, expect: Expect::Anything }
    };
    Commit {
        puts: (0..PLAN).map(resource).collect(),
        audit: vec![AuditPut { patient: Some(format!("p{patient}")), event: json!({ "resourceType": "AuditEvent" }) }],
        ..Commit::at(Timestamp::UNIX_EPOCH)
    }
}

fn commits(criterion: &mut Criterion) {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    let mut group = criterion.benchmark_group("commit");
    group.sample_size(20);

    let directory = tempfile::tempdir_in(".").expect("a directory on this disk");
    let mut file = File::create(directory.path().join("plain")).expect("a file");
    let bytes = vec![b'x'; PLAN * 1800];
    group.throughput(Throughput::Elements(1));
    group.bench_function("write and fsync of as many bytes, without a store", |bench| {
        bench.iter(|| {
            file.write_all(&bytes).expect("written");
            file.sync_all().expect("synced");
        });
    });

    let store = open(&directory.path().join("store"));
    let mut patient = 0;
    for together in [1_u64, 4, 16, 64, 256] {
        group.throughput(Throughput::Elements(together));
        group.bench_function(BenchmarkId::new("care plans at once", together), |bench| {
            bench.iter(|| {
                let plans: Vec<_> = (0..together).map(|n| store.commit(plan(patient + n))).collect();
                patient += together;
                runtime.block_on(async {
                    for result in futures_util::future::join_all(plans).await {
                        result.expect("committed");
                    }
                });
            });
        });
    }
    group.finish();
}

fn searches(criterion: &mut Criterion) {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    let mut group = criterion.benchmark_group("search in one compartment");
    let directory = tempfile::tempdir_in(".").expect("a directory on this disk");
    let store = open(directory.path());
    let mut patients = 0;
    for resources in [1_000_u64, 10_000, 100_000] {
        runtime.block_on(async {
            while patients * (PLAN as u64) < resources {
                let plans: Vec<_> = (0..40).map(|n| store.commit(plan(patients + n))).collect();
                patients += 40;
                for result in futures_util::future::join_all(plans).await {
                    result.expect("committed");
                }
            }
        });
        let mut next = 0;
        group.bench_function(BenchmarkId::new("resources stored", resources), |bench| {
            bench.iter(|| {
                next = (next + 7919) % patients;
                let pairs = [
                    ("patient".to_owned(), format!("p{next}")),
                    ("code".to_owned(), "http://snomed.info/sct|3,7".to_owned()),
                ];
                let query = parse("Observation", &pairs, Handling::Strict, &()).expect("a query");
                let results = runtime.block_on(search(&store, &query)).expect("results");
                assert_eq!(black_box(results).matches.len(), 2);
            });
        });
    }
    group.finish();
}

criterion_group!(benches, commits, searches);
criterion_main!(benches);
