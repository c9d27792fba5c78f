//! What more than one test file needs.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

/// A file or folder of the shared facts and cases beside the repository. Where they are not there the caller skips its
/// test, and the reason is printed; on CI that is a failure, so that a check never disappears unseen.
#[allow(dead_code)] // Not every test file reads them.
pub fn shared(path: &str) -> Option<PathBuf> {
    let found = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared").join(path);
    if found.exists() {
        return Some(found);
    }
    assert!(std::env::var("CI").as_deref() != Ok("true"), "../shared/{path} is not there");
    println!("skipped: ../shared/{path} is not there");
    None
}

/// True where `make definitions` has put HL7's package into `profiles/packages`. Where it has not the caller skips its
/// test, and the reason is printed; on CI that is a failure.
#[allow(dead_code)]
pub fn packages() -> bool {
    let found = Path::new(env!("CARGO_MANIFEST_DIR")).join("profiles/packages/hl7.fhir.r4.core#4.0.1.tgz").exists();
    assert!(found || std::env::var("CI").as_deref() != Ok("true"), "profiles/packages is not filled");
    if !found {
        println!("skipped: profiles/packages is not filled; run `make definitions`");
    }
    found
}

/// HL7's oncology package, where `make mcode` has put it; skips and fails as [`packages`] does.
#[allow(dead_code)]
pub fn mcode() -> Option<PathBuf> {
    let found = Path::new(env!("CARGO_MANIFEST_DIR")).join("profiles/mcode/hl7.fhir.us.mcode-4.0.0.tgz");
    let is_there = found.exists();
    assert!(is_there || std::env::var("CI").as_deref() != Ok("true"), "profiles/mcode is not filled");
    if !is_there {
        println!("skipped: profiles/mcode is not filled; run `make mcode`, which needs npm");
    }
    is_there.then_some(found)
}

/// The invented people of `fixtures/`, a folder each.
#[allow(dead_code)]
pub const PEOPLE: &[&str] = &[
    "ovarian-peritoneal",
    "lung-brain",
    "breast-bone-liver",
    "prostate-bone",
    "melanoma-five-sites",
    "primary-unknown",
];

/// Who sends a filled form and whom it is about, for a form that says neither.
#[allow(dead_code)]
pub fn envelope() -> Value {
    json!({
        "documentId": "form-1", "version": 1, "recordedAt": "2026-01-05T09:00:00Z",
        "source": { "system": "https://his.example", "organization": { "name": "Huisartsenpraktijk", "agb": "01999911" } },
        "patient": {
            "identifiers": { "bsn": "999990007" }, "birthDate": "1961-01-01",
            "name": { "firstNames": "Hendrik", "lastName": { "name": "Hartman" } },
        },
    })
}
