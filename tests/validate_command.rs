//! `overdracht validate` as people and scripts meet it: what it reads and writes, its exit codes, and what it says of
//! packages that lack something. `OVERDRACHT_BINARY` names another build of it than that of the tests (`make parity`
//! tries the release build).

mod common;

use std::collections::BTreeSet;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::{Value, json};

/// The command, in the root of the repository.
fn command(arguments: &[&str]) -> Command {
    let binary = std::env::var("OVERDRACHT_BINARY").unwrap_or_else(|_| env!("CARGO_BIN_EXE_overdracht").to_owned());
    let mut command = Command::new(binary);
    command.current_dir(env!("CARGO_MANIFEST_DIR")).arg("validate").args(arguments);
    command
}

fn validate(arguments: &[&str]) -> Output {
    command(arguments).output().expect("the binary runs")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("UTF-8")
}

fn lines(output: &Output) -> Vec<Value> {
    text(&output.stdout).lines().map(|line| serde_json::from_str(line).expect("a line is JSON")).collect()
}

fn written(folder: &Path, name: &str, content: impl AsRef<[u8]>) -> String {
    let path = folder.join(name);
    std::fs::write(&path, content).expect("written");
    path.to_str().expect("a path").to_owned()
}

/// Message, expression, line and column of each issue.
fn issues(verdict: &Value) -> Vec<(String, String, u64, u64)> {
    let all = verdict["issues"].as_array().expect("issues").iter().filter(|issue| issue["id"] != "constraint-warning");
    let text = |value: &Value| value.as_str().expect("text").to_owned();
    let number = |value: &Value| value.as_u64().expect("a number");
    all.map(|i| (text(&i["id"]), text(&i["expression"]), number(&i["line"]), number(&i["column"]))).collect()
}

fn issue(id: &str, at: &str, line: u64, column: u64) -> (String, String, u64, u64) {
    (id.to_owned(), at.to_owned(), line, column)
}

const GOOD: &str = r#"{"resourceType":"Basic","code":{"text":"x"}}"#;
const BAD: &str = "{\n  \"resourceType\": \"Basic\",\n  \"code\": { \"text\": \"x\" }, \"created\": \"2026-02-30\"\n}";
const BAD_XML: &str = "<Basic xmlns=\"http://hl7.org/fhir\">\n  <created value=\"2026-02-30\"/>\n  <code><text value=\"x\"/></code>\n</Basic>";

#[test]
fn json_xml_ndjson_folders_and_standard_input_are_read_and_every_issue_has_line_and_column() {
    if !common::packages() {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let here = folder.path();
    let json = written(here, "bad.json", BAD);
    let xml = written(here, "bad.xml", BAD_XML);
    let many = written(here, "many.ndjson", format!("{GOOD}\n\n{}\n{{", BAD.replace('\n', " ")));
    written(here, "good.json", GOOD);
    written(here, "notes.txt", "no resource");
    written(here, ".index.json", "{}");

    let found = |file: &str| issues(&lines(&validate(&["--output", "ndjson", file]))[0]);
    let date = "value-no-such-date";
    assert_eq!(found(&json), [issue(date, "Basic.created", 3, 28)]);
    let order = "structure-xml-order";
    assert_eq!(found(&xml), [issue(order, "Basic", 1, 1), issue(date, "Basic.created", 2, 3)]);

    let output = validate(&["--output", "ndjson", &many]);
    let verdicts = lines(&output);
    let files: Vec<_> = verdicts.iter().map(|v| v["file"].as_str().expect("a file").to_owned()).collect();
    assert_eq!(files, [1, 3, 4].map(|line| format!("{many}:{line}")));
    assert_eq!(verdicts.iter().map(|v| v["valid"] == true).collect::<Vec<_>>(), [true, false, false]);
    assert_eq!((issues(&verdicts[1])[0].2, issues(&verdicts[2])[0].2), (3, 4), "lines are those of the file");

    written(here, "package.json", "{\"name\": \"example\"}");
    let all = lines(&validate(&["--output", "ndjson", here.to_str().expect("a path")]));
    assert_eq!(all.len(), 6, "a folder stands for the resources in it");

    for (given, count) in
        [(BAD, 1), (BAD_XML, 1), (&format!("{GOOD}\n{GOOD}"), 2), (&format!("\u{feff}{GOOD}\n{GOOD}"), 2)]
    {
        let mut child = command(&["--output", "ndjson", "-"]);
        let mut child = child.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("it starts");
        child.stdin.take().expect("a pipe").write_all(given.as_bytes()).expect("written");
        assert_eq!(lines(&child.wait_with_output().expect("it ends")).len(), count);
    }
}

#[test]
fn the_exit_code_tells_valid_invalid_and_could_not_run_and_text_is_in_the_language_asked_for() {
    if !common::packages() {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let good = written(folder.path(), "good.json", GOOD);
    let bad = written(folder.path(), "bad.json", BAD);
    let code = |arguments: &[&str]| validate(arguments).status.code();
    assert_eq!(code(&[&good]), Some(0));
    assert_eq!(code(&[&good, &bad]), Some(1));
    assert_eq!(code(&["nowhere.json"]), Some(2));
    assert_eq!(code(&["--profile", "http://example.org/none", &good]), Some(1), "what was asked for was not checked");
    assert_eq!(code(&["--packages", &good.replace("good", "nowhere"), &good]), Some(2));
    let english = text(&validate(&[&bad]).stdout);
    assert!(english.contains("1 error") && english.contains("Basic.created (3:28)"), "{english}");
    assert!(english.contains("There is no such date"), "{english}");
    let dutch = text(&validate(&["--language", "nl", &bad]).stdout);
    assert!(dutch.contains("Deze date bestaat niet"), "{dutch}");
    assert!(!format!("{english}{dutch}").contains("2026-02-30"), "a value was shown");
    let whole: Value = serde_json::from_slice(&validate(&["--output", "json", &good, &bad]).stdout).expect("JSON");
    assert_eq!(whole.as_array().map(Vec::len), Some(2));
}

/// Folders within folders are read, what is hidden and links to folders are not; what cannot be read does not keep the
/// others from being judged, and a folder without resources is no success.
#[test]
fn every_file_named_is_judged_or_told() {
    if !common::packages() {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let here = folder.path();
    let inner = here.join("tree/b/c");
    std::fs::create_dir_all(&inner).expect("folders");
    std::fs::create_dir(here.join("tree/.git")).expect("a folder");
    std::os::unix::fs::symlink("..", here.join("tree/b/up")).expect("linked");
    written(&here.join("tree"), "a.json", GOOD);
    written(&here.join("tree/.git"), "hidden.json", BAD);
    written(&inner, "d.xml", BAD_XML);
    written(&here.join("tree/b"), "z.json", [&b"\xef\xbb\xbf"[..], GOOD.as_bytes()].concat());
    let tree = here.join("tree").to_str().expect("a path").to_owned();
    let output = validate(&["--output", "ndjson", &tree]);
    let files = lines(&output).iter().map(|v| v["file"].as_str().expect("a file").to_owned()).collect::<Vec<_>>();
    assert_eq!(files, ["a.json", "b/c/d.xml", "b/z.json"].map(|name| format!("{tree}/{name}")));
    assert_eq!(output.status.code(), Some(1));

    let good = written(here, "good.json", GOOD);
    let latin = written(here, "latin.json", b"{\n \"resourceType\": \"Caf\xe9\" }");
    let empty = here.join("empty");
    std::fs::create_dir(&empty).expect("a folder");
    let empty = empty.to_str().expect("a path");
    for output in ["text", "json", "ndjson"] {
        let run = validate(&["--output", output, "nowhere.json", empty, &latin, &good]);
        let (out, err) = (text(&run.stdout), text(&run.stderr));
        assert_eq!(run.status.code(), Some(2));
        assert!(err.contains("nowhere.json: ") && err.contains(&format!("{empty}: no .json")), "{err}");
        assert!(out.contains(&latin) && out.contains(&good) && out.contains("structure-not-utf-8"), "{out}");
    }
    let tally = text(&validate(&["nowhere.json", &latin, &good]).stdout);
    assert!(tally.ends_with("\n2 resources: 1 valid, 1 not; 1 could not be read\n"), "{tally}");
    let dutch = text(&validate(&["--language", "nl", &latin, &good]).stdout);
    assert!(dutch.contains("latin.json: 1 fout") && dutch.contains("good.json: geldig"), "{dutch}");
    let place = &lines(&validate(&["--output", "ndjson", &latin]))[0]["issues"][0];
    assert_eq!((&place["line"], &place["column"]), (&json!(2), &json!(22)));
    let alone = validate(&["-", empty]);
    assert_eq!((alone.status.code(), text(&alone.stdout).contains("valid")), (Some(2), false));
}

#[test]
fn what_is_no_json_says_what_keeps_it_from_being_so() {
    if !common::packages() {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    for (content, english, dutch) in [
        ("", "nothing in it", "staat niets in"),
        ("{\"resourceType\": \"Basic\",}", "leave it out", "laat die weg"),
        ("{\"resourceType\": \"Basic\"", "ends before", "houdt op"),
        ("{\"resourceType\": \"Basic\"} x", "after the end", "na het einde"),
        ("{resourceType: \"Basic\"}", "double quotes", "aanhalingstekens"),
        ("{\"resourceType\" \"Basic\"}", "colon", "dubbele punt"),
        ("{\"a\": [1 2]}", "a comma or a closing bracket", "een komma of een sluithaak"),
        ("{\"a\": 01}", "number", "getal"),
        ("{\"a\": \"\\x\"}", "no escape", "deze escape"),
        ("{\"a\": \"\\ud800x\"}", "no escape", "deze escape"),
        ("{\"a\": \"1\n2\"}", "control character", "stuurteken"),
        ("resourceType", "expected here", "hier hoort"),
    ] {
        let file = written(folder.path(), "broken.json", content);
        for (language, words) in [("en", english), ("nl", dutch)] {
            let verdict = &lines(&validate(&["--output", "ndjson", "--language", language, &file]))[0];
            let message = verdict["issues"][0]["message"].as_str().expect("a message");
            assert_eq!(verdict["issues"][0]["id"], "structure-not-json");
            assert!(message.contains(words), "{content:?}: {message}");
        }
    }
}

#[test]
fn what_is_no_xml_of_fhir_says_what_keeps_it_from_being_so() {
    if !common::packages() {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let of = |inner: &str| format!("<Basic xmlns=\"http://hl7.org/fhir\">\n{inner}</Basic>");
    for (content, place, english, dutch) in [
        ("<Basic><id value=\"x\"/></Basic>".to_owned(), (1, 1), "no namespace", "geen namespace"),
        ("<Basic xmlns=\"urn:x\"/>".to_owned(), (1, 1), "another namespace", "andere namespace"),
        ("\n<ClinicalDocument xmlns=\"urn:hl7-org:v3\"/>".to_owned(), (2, 1), "clinical document", "klinisch document"),
        ("<!DOCTYPE html><html><body/></html>".to_owned(), (1, 1), "HTML", "HTML"),
        (format!("<!DOCTYPE x [<!ENTITY a \"b\">]>{}", of("")), (1, 1), "DOCTYPE", "DOCTYPE"),
        (of("<id value=\"a & b\"/>"), (2, 1), "&amp;", "&amp;"),
        (of("<id>a &b; c</id>"), (2, 5), "between elements", "tussen elementen"),
        (of("<language>nl</language>"), (2, 11), "between elements", "tussen elementen"),
        (of("<code></id>"), (2, 7), "end tag", "eindtag"),
        (of("<id value=x/>"), (2, 1), "attributes", "attributen"),
        (of("<id value=\"x\" value=\"y\"/>"), (2, 1), "attributes", "attributen"),
        (of("<code>").replace("</Basic>", ""), (2, 7), "ends before", "houdt op"),
        (format!("{}<Basic/>", of("")), (2, 9), "after the end", "na het einde"),
        ("<Basic".to_owned(), (1, 1), "ends before", "houdt op"),
    ] {
        let file = written(folder.path(), "broken.xml", &content);
        for (language, words) in [("en", english), ("nl", dutch)] {
            let verdict = &lines(&validate(&["--output", "ndjson", "--language", language, &file]))[0];
            let issue = &verdict["issues"][0];
            assert_eq!(issue["id"], "structure-not-xml", "{content:?}: {verdict}");
            assert!(issue["message"].as_str().is_some_and(|text| text.contains(words)), "{content:?}: {issue}");
            assert_eq!((&issue["line"], &issue["column"]), (&json!(place.0), &json!(place.1)), "{content:?}");
        }
    }
}

#[test]
fn an_issue_inside_a_bundle_names_its_resource() {
    if !common::packages() {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let entry = |id: &str| {
        json!({ "fullUrl": "http://example.org/fhir/Patient/p-7",
                                   "resource": { "resourceType": "Patient", "id": id, "gender": "man" } })
    };
    let named = |id: &str| {
        let bundle = json!({ "resourceType": "Bundle", "type": "collection", "entry": [entry(id)] });
        let file = written(folder.path(), "bundle.json", bundle.to_string());
        let verdict = lines(&validate(&["--output", "ndjson", &file])).remove(0);
        let issues = verdict["issues"].as_array().expect("issues").clone();
        let of = |path: &str| issues.iter().find(|i| i["expression"] == path).map(|i| i["resource"].clone());
        (of("Bundle.entry[0].resource.gender"), text(&validate(&[&file]).stdout))
    };
    let (resource, shown) = named("p-7");
    assert_eq!(resource, Some(json!("Patient/p-7")));
    assert!(shown.contains(" in Patient/p-7\n"), "{shown}");
    let (resource, shown) = named("Jan de Vries");
    assert_eq!(resource, Some(Value::Null));
    assert!(!shown.contains("Jan"), "{shown}");
}

#[test]
fn names_in_capitals_lines_that_are_none_and_what_cannot_be_read_are_all_told() {
    if !common::packages() {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let here = folder.path();
    written(here, "UPPER.JSON", GOOD);
    let pretty = written(here, "pretty.ndjson", format!("{:#}", serde_json::from_str::<Value>(GOOD).expect("JSON")));
    let output = validate(&["--output", "ndjson", here.to_str().expect("a path")]);
    assert_eq!(lines(&output).iter().map(|v| v["valid"].clone()).collect::<Vec<_>>(), [json!(true), json!(true)]);
    assert_eq!(text(&output.stderr).matches("one JSON document").count(), 1, "{output:?}");
    assert!(text(&validate(&["--language", "nl", &pretty]).stderr).contains("één JSON-document"));
    for form in ["json", "ndjson"] {
        let output = validate(&["--output", form, "nowhere.json"]);
        let all =
            if form == "json" { serde_json::from_slice(&output.stdout).expect("JSON") } else { json!(lines(&output)) };
        assert_eq!((&all[0]["file"], &all[0]["valid"]), (&json!("nowhere.json"), &json!(false)), "{all}");
        assert_eq!(all[0]["issues"][0]["id"], "file-unreadable");
    }
    let patient = written(here, "patient.json", json!({ "resourceType": "Patient" }).to_string());
    let said = text(&validate(&["--supporting", &patient, &pretty]).stderr);
    assert!(said.contains("patient.json: this is no definition"), "{said}");
}

#[test]
fn a_core_package_that_cannot_be_read_is_not_said_to_be_absent() {
    let folder = tempfile::tempdir().expect("a folder");
    written(folder.path(), "hl7.fhir.r4.core#4.0.1.tgz", "broken");
    let file = written(folder.path(), "good.json", GOOD);
    let output = command(&[&file]).env("OVERDRACHT_PACKAGES", folder.path()).output().expect("it runs");
    assert_eq!(output.status.code(), Some(2));
    let said = text(&output.stderr);
    assert!(said.contains("hl7.fhir.r4.core#4.0.1.tgz") && !said.contains("are not in"), "{said}");
}

/// A copy of the packages with more beside them.
fn library(folder: &Path) -> PathBuf {
    let core = "hl7.fhir.r4.core#4.0.1.tgz";
    let packages = folder.join("packages");
    std::fs::create_dir(&packages).expect("a folder");
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("profiles/packages");
    std::os::unix::fs::symlink(from.join(core), packages.join(core)).expect("linked");
    packages
}

#[test]
fn a_package_set_with_gaps_says_what_is_missing_and_checks_the_rest() {
    if !common::packages() {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let library = library(folder.path());
    written(&library, "broken.tgz", "no package");
    let own = folder.path().join("own");
    std::fs::create_dir_all(own.join("package")).expect("a folder");
    let manifest = json!({ "name": "own", "version": "1.0.0", "dependencies": { "other.package": "2.0.0" } });
    written(&own.join("package"), "package.json", manifest.to_string());
    let profile = json!({
        "resourceType": "StructureDefinition", "url": "http://example.com/StructureDefinition/own", "name": "Own",
        "status": "draft", "kind": "resource", "abstract": false, "type": "Patient", "derivation": "constraint",
        "baseDefinition": "http://example.com/StructureDefinition/gone",
        "differential": { "element": [{ "id": "Patient.gender", "path": "Patient.gender", "min": 1 }] },
    });
    written(&own.join("package"), "own.json", profile.to_string());
    let claims = |canonical: &str| json!({ "resourceType": "Patient", "meta": { "profile": [canonical] } }).to_string();
    let url = "http://example.com/StructureDefinition/own";
    // A definition that says no version may be of any.
    let first = written(folder.path(), "first.json", claims(url));
    let second = written(folder.path(), "second.json", claims(&format!("{url}|1.0.0")));
    let mut command = command(&["--output", "ndjson", "--packages", own.to_str().expect("a path"), &first, &second]);
    let output = command.env("OVERDRACHT_PACKAGES", &library).output().expect("it runs");
    let said = text(&output.stderr);
    assert!(said.contains("broken.tgz"), "{said}");
    assert!(said.contains("own#1.0.0 needs other.package#2.0.0, which is missing"), "{said}");
    for verdict in lines(&output) {
        let ids: BTreeSet<_> = issues(&verdict).into_iter().map(|issue| issue.0).collect();
        assert_eq!(ids.into_iter().collect::<Vec<_>>(), ["cardinality-too-few", "profile-incomplete"], "{verdict}");
        assert!(verdict.to_string().contains("http://example.com/StructureDefinition/gone"), "{verdict}");
    }
}

#[test]
fn hl7s_cases_get_the_verdict_of_the_reference_from_the_binary_that_ships() {
    let Some(folder) = common::shared("validator-cases/hl7-r4") else { return };
    let listed: BTreeSet<&str> = include_str!("validator_cases/hl7.tsv")
        .lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| line.split('\t').next())
        .collect();
    let cases = std::fs::read_to_string(folder.join("cases.ndjson")).expect("cases are readable");
    let cases = cases.lines().map(|line| serde_json::from_str::<Value>(line).expect("a case is JSON"));
    let mut differ = BTreeSet::new();
    let mut total = 0;
    for case in cases.filter(|case| case["in_scope"] == true) {
        let mut arguments = vec!["--unknown-extensions".to_owned(), "error".into(), "--output".into(), "ndjson".into()];
        let named = |name: &str| case[name].as_array().into_iter().flatten().filter_map(Value::as_str);
        let place = |file: &str| folder.join(file).to_str().expect("a path").to_owned();
        named("profiles").for_each(|profile| arguments.extend(["--profile".into(), profile.into()]));
        named("supporting").for_each(|file| arguments.extend(["--supporting".into(), place(file)]));
        arguments.push(place(case["file"].as_str().expect("a file")));
        let output = validate(&arguments.iter().map(String::as_str).collect::<Vec<_>>());
        let id = case["id"].as_str().expect("an id").to_owned();
        let valid = lines(&output).first().unwrap_or_else(|| panic!("{id}: {}", text(&output.stderr)))["valid"].clone();
        total += 1;
        if valid != case["expect_valid"] {
            differ.insert(id);
        }
    }
    assert!(total > 100, "{total} cases");
    assert_eq!(differ.iter().map(String::as_str).collect::<BTreeSet<_>>(), listed);
}
