//! Every identifier that the service and the command answer stands in the documentation, and no other.

use std::collections::BTreeSet;
use std::path::Path;

use overdracht::fhir::IssueCode;
use overdracht::validator::Kind;
use walkdir::WalkDir;

/// Code and identifier of each issue that a source file makes: `IssueCode::Name, "identifier"`.
fn made(source: &str) -> Vec<(String, String)> {
    let product = source.split("#[cfg(test)]").next().unwrap_or(source);
    let of = |part: &str| {
        let (name, rest) = part.split_once(',')?;
        let id = rest.trim_start().strip_prefix('"')?.split('"').next()?;
        let code = IssueCode::ALL.iter().find(|code| format!("{code:?}") == name)?;
        Some((code.as_str().to_owned(), id.to_owned()))
    };
    product.split("IssueCode::").skip(1).filter_map(of).collect()
}

#[test]
fn every_identifier_of_the_service_and_the_command_is_documented() {
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let files = WalkDir::new(&sources).into_iter().map(|entry| entry.expect("the sources are readable").into_path());
    let files = files.filter(|path| path.extension().is_some_and(|e| e == "rs"));
    let files = files.filter(|path| !path.starts_with(sources.join("validator")));
    let mut all = BTreeSet::new();
    for file in files {
        all.extend(made(&std::fs::read_to_string(&file).expect("a source is readable")));
    }
    let of_validator: BTreeSet<&str> = Kind::ALL.iter().map(|(id, ..)| *id).collect();
    all.retain(|(_, id)| !of_validator.contains(id.as_str()));
    assert!(all.len() > 60, "{all:?}");
    let documented = include_str!("../docs/messages.md").split("## Of the service").nth(1).expect("a second part");
    let row = |line: &str| {
        let mut cells = line.strip_prefix("| `")?.split(" | ");
        let (id, code) = (cells.next()?.trim_end_matches('`').to_owned(), cells.next()?.to_owned());
        Some((code, id))
    };
    let documented: BTreeSet<_> = documented.lines().filter_map(row).collect();
    assert_eq!(all, documented);
}
