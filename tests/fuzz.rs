//! The fuzzers' corpora (`fuzz/corpus`), replayed: what once was found stays mended.

#[path = "../fuzz/targets/common.rs"]
mod common;
#[path = "../fuzz/targets/fhirpath.rs"]
mod fhirpath;
#[path = "../fuzz/targets/json.rs"]
mod json;
#[path = "../fuzz/targets/package.rs"]
mod package;
#[path = "../fuzz/targets/snapshot.rs"]
mod snapshot;
#[path = "../fuzz/targets/xml.rs"]
mod xml;

fn replay(target: &str, run: fn(&[u8])) {
    let corpus = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(target);
    let mut files = 0;
    for file in std::fs::read_dir(corpus).expect("a corpus").map(|file| file.expect("a file").path()) {
        println!("{}", file.display());
        run(&std::fs::read(file).expect("a case"));
        files += 1;
    }
    assert!(files > 2, "{target} has a corpus of {files}");
}

#[test]
fn packages_are_an_error_or_definitions() {
    replay("package", package::run);
}

#[test]
fn differentials_end_in_issues_or_elements() {
    replay("snapshot", snapshot::run);
}

#[test]
fn expressions_print_what_parses_and_evaluate_the_same_both_ways() {
    replay("fhirpath", fhirpath::run);
}

#[test]
fn json_is_valid_in_both_modes_or_in_neither() {
    replay("json", json::run);
}

#[test]
fn xml_has_issues_at_places_that_are_there() {
    replay("xml", xml::run);
}
