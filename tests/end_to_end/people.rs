//! As many invented people as a test needs, made from a fixture.

use serde_json::{Value, json};

use crate::process::root;

/// The documents of one fixture patient, with their routes.
pub fn documents(patient: &str) -> Vec<(&'static str, Value)> {
    let dir = root().join("fixtures").join(patient);
    let mut files: Vec<_> = std::fs::read_dir(&dir).expect("the fixture").flatten().map(|e| e.path()).collect();
    files.sort();
    files
        .into_iter()
        .filter_map(|file| {
            let name = file.file_name()?.to_str()?.to_owned();
            let route = [
                ("registry-record", "/api/v1/registry-records"),
                ("metastasis-event", "/api/v1/metastasis-events"),
                ("care-plan", "/api/v1/care-plans"),
            ]
            .into_iter()
            .find(|(prefix, _)| name.starts_with(prefix) && name.ends_with(".json"))?
            .1;
            Some((route, serde_json::from_slice(&std::fs::read(file).expect("a file")).expect("JSON")))
        })
        .collect()
}

/// Every fixture patient's folder name.
pub fn fixtures() -> Vec<String> {
    let entries = std::fs::read_dir(root().join("fixtures")).expect("the fixtures").flatten();
    let mut names: Vec<String> = entries
        .filter(|entry| entry.path().join("care-plan.json").exists())
        .filter_map(|entry| entry.file_name().into_string().ok())
        .collect();
    names.sort();
    names
}

/// The n-th BSN of the test range that passes the eleven-test and belongs to no fixture.
pub fn bsn(n: usize) -> String {
    let passes = |number: u32| {
        let digits: Vec<i64> = format!("{number:09}").bytes().map(|b| i64::from(b - b'0')).collect();
        let sum: i64 = digits[..8].iter().zip((2..=9).rev()).map(|(digit, weight)| digit * weight).sum();
        (sum - digits[8]) % 11 == 0
    };
    let number = (999_000_000..999_900_000).filter(|number| passes(*number)).nth(n).expect("the range is large");
    number.to_string()
}

/// A care plan of someone new: the fixture with another BSN and document id.
pub fn care_plan(n: usize) -> (String, Value) {
    let (_, mut plan) =
        documents("prostate-bone").into_iter().find(|(route, _)| route.ends_with("care-plans")).expect("a care plan");
    let bsn = bsn(n);
    plan["documentId"] = json!(format!("plan-of-person-{n}"));
    plan["patient"]["identifiers"] = json!({ "bsn": bsn });
    (bsn, plan)
}
