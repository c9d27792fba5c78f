//! The folder is the architecture: reads every module's `crate::` paths and foreign crates and holds the table.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

const ALL: &[&str] = &[
    "access",
    "app",
    "cli",
    "client",
    "config",
    "consent",
    "domain",
    "fhir",
    "fhirpath",
    "handover",
    "http",
    "intake",
    "mapping",
    "outbox",
    "search",
    "store",
    "telemetry",
    "validator",
    "web",
];

/// Module → modules that it may call (`docs/architecture.md`).
const MAY_CALL: &[(&str, &[&str])] = &[
    ("domain", &[]),
    ("fhir", &[]),
    ("fhirpath", &["fhir"]),
    ("validator", &["fhir", "fhirpath"]),
    ("search", &["fhir", "fhirpath"]),
    ("mapping", &["domain", "fhir"]),
    ("store", &["fhir", "search"]),
    ("consent", &["domain", "fhir", "store"]),
    ("handover", &["domain", "fhir", "mapping", "store", "consent"]),
    ("client", &["fhir"]),
    ("outbox", &["store", "fhir", "consent", "client"]),
    ("intake", &["domain", "fhir", "mapping", "validator", "store", "handover"]),
    ("access", &["fhir", "store", "consent", "client"]),
    (
        "http",
        &[
            "domain",
            "fhir",
            "fhirpath",
            "validator",
            "search",
            "mapping",
            "store",
            "consent",
            "handover",
            "client",
            "outbox",
            "intake",
            "access",
        ],
    ),
    ("web", &["fhir", "store", "consent", "handover", "intake", "access", "http"]),
    ("cli", ALL),
    ("app", ALL),
    ("config", ALL),
    ("telemetry", ALL),
];

/// Foreign crate → the only modules that may name it: its types cross no border. `cli` holds `gp`, a server of its own.
const HOME_OF: &[(&str, &[&str])] = &[
    ("jsonschema", &["domain"]),
    ("reqwest", &["client"]),
    ("sled", &["store"]),
    ("tokio_postgres", &["store"]),
    ("actix_web", &["http", "web"]),
];

fn rust_files(dir: &Path, found: &mut Vec<PathBuf>) {
    let Ok(entries) = fs::read_dir(dir) else { return };
    for entry in entries.flatten() {
        let path = entry.path();
        if path.is_dir() {
            rust_files(&path, found);
        } else if path.extension().is_some_and(|e| e == "rs") {
            found.push(path);
        }
    }
}

/// Source without comments, so that a doc link is no call.
fn code_of(path: &Path) -> String {
    let text = fs::read_to_string(path).expect("source is readable");
    text.lines().map(|line| line.split("//").next().unwrap_or_default()).collect::<Vec<_>>().join("\n")
}

fn files_of(module: &str) -> Vec<PathBuf> {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    rust_files(&src.join(module), &mut found);
    let single = src.join(format!("{module}.rs"));
    if single.exists() {
        found.push(single);
    }
    found
}

fn identifier(text: &str) -> &str {
    let end = text.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(text.len());
    &text[..end]
}

/// The modules behind `crate::x` and `crate::{x, y::…}`.
fn called(code: &str) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for (at, _) in code.match_indices("crate::") {
        let rest = &code[at + "crate::".len()..];
        if let Some(group) = rest.strip_prefix('{') {
            let mut depth = 0;
            let mut fresh = true;
            for (i, c) in group.char_indices() {
                match c {
                    '{' => depth += 1,
                    '}' if depth == 0 => break,
                    '}' => depth -= 1,
                    ',' if depth == 0 => fresh = true,
                    c if depth == 0 && fresh && c.is_alphabetic() => {
                        names.insert(identifier(&group[i..]).to_owned());
                        fresh = false;
                    }
                    _ => {}
                }
            }
        } else {
            names.insert(identifier(rest).to_owned());
        }
    }
    names
}

#[test]
fn every_module_calls_only_what_the_table_allows() {
    let mut wrong = Vec::new();
    for (module, allowed) in MAY_CALL {
        for file in files_of(module) {
            for name in called(&code_of(&file)) {
                if ALL.contains(&name.as_str()) && name != *module && !allowed.contains(&name.as_str()) {
                    wrong.push(format!("{}: {module} may not call {name}", file.display()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_module_of_the_crate_stands_in_the_table() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    for entry in fs::read_dir(src).expect("src is readable").flatten() {
        let name = entry.path().file_stem().unwrap().to_string_lossy().into_owned();
        if name != "lib" && name != "main" {
            assert!(MAY_CALL.iter().any(|(module, _)| *module == name), "{name} has no row in the table");
        }
    }
}

#[test]
fn foreign_crates_stay_in_their_module() {
    let mut wrong = Vec::new();
    for (foreign, homes) in HOME_OF {
        for module in ALL.iter().filter(|m| !homes.contains(m)) {
            for file in files_of(module) {
                if code_of(&file).contains(&format!("{foreign}::")) {
                    wrong.push(format!("{}: {foreign} belongs in {}", file.display(), homes.join(", ")));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_reader_of_paths_sees_groups_and_singles() {
    let code = "use crate::{fhir::{Issue, key}, store};\nlet x = crate::mapping::ids::Ids { };";
    assert_eq!(called(code).into_iter().collect::<Vec<_>>(), ["fhir", "mapping", "store"]);
}
