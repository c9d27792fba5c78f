//! Definitions: packages as they are published, snapshots as others generate them, value sets as they expand.

#[path = "definitions/snapshots.rs"]
mod snapshots;

mod common;

use std::sync::{Arc, LazyLock};

use overdracht::fhir::definitions::{Definitions, DefinitionsError};
use overdracht::fhir::package::Library;
use serde_json::Value;

/// What is in the library alone: the core package, and whatever else was added on this machine.
fn core() -> Arc<Definitions> {
    static CORE: LazyLock<Arc<Definitions>> =
        LazyLock::new(|| Arc::new(Definitions::builder().open().expect("`make definitions` was run")));
    CORE.clone()
}

#[test]
fn hl7_s_own_definitions_are_there_with_their_snapshots() {
    let core = core();
    let patient = core.structure_for_type("Patient").unwrap();
    let elements = patient["snapshot"]["element"].as_array().unwrap();
    assert!(elements.iter().any(|element| element["path"] == "Patient.contact.name"));
    assert!(core.contains("http://hl7.org/fhir/ValueSet/administrative-gender|4.0.1"));
    assert!(!core.contains("http://hl7.org/fhir/ValueSet/administrative-gender|5.0.0"));
    assert_eq!(core.resource_type_of("http://hl7.org/fhir/StructureDefinition/bodyweight"), Some("Observation"));
    assert!(core.search_parameters(Some(&["Consent"])).iter().any(|parameter| parameter["code"] == "period"));
}

#[test]
fn without_the_core_package_the_error_names_what_mends_it() {
    let empty = tempfile::tempdir().unwrap();
    let error = Definitions::builder().library(Library::new(empty.path())).open().unwrap_err();
    assert!(matches!(error, DefinitionsError::CoreMissing(_)));
    assert!(error.to_string().contains("make definitions"));
}

#[test]
fn every_profile_of_our_own_gets_a_snapshot_without_an_issue() {
    let core = core();
    let own = core.entries("StructureDefinition").filter(|entry| entry.url.starts_with("https://overdracht.example/"));
    for entry in own {
        let issues = core.snapshot_issues(&entry.url);
        assert!(issues.is_empty(), "{}: {issues:#?}", entry.url);
        let structure = core.structure(&entry.url).unwrap();
        assert!(structure["snapshot"]["element"].as_array().is_some_and(|elements| elements.len() > 1));
    }
}

#[test]
fn a_differential_on_a_differential_keeps_what_both_say() {
    let base = profile(
        "base",
        "http://hl7.org/fhir/StructureDefinition/Observation",
        serde_json::json!([
            { "id": "Observation.subject", "path": "Observation.subject", "min": 1 },
            { "id": "Observation.component", "path": "Observation.component",
              "slicing": { "discriminator": [{ "type": "pattern", "path": "code" }], "rules": "open" } },
            { "id": "Observation.component:a", "path": "Observation.component", "sliceName": "a", "min": 1, "max": "1" },
            { "id": "Observation.component:a.code", "path": "Observation.component.code",
              "patternCodeableConcept": { "coding": [{ "code": "a" }] } },
        ]),
    );
    let own = profile(
        "own",
        "http://example.org/base",
        serde_json::json!([
            { "id": "Observation.component:a.value[x]:valueQuantity", "path": "Observation.component.valueQuantity",
              "sliceName": "valueQuantity", "min": 1 },
            { "id": "Observation.component:a.value[x]:valueQuantity.unit", "path": "Observation.component.valueQuantity.unit",
              "min": 1 },
            { "id": "Observation.component:b", "path": "Observation.component", "sliceName": "b" },
        ]),
    );
    let definitions = Definitions::builder().definitions([base, own]).open().unwrap();
    assert_eq!(definitions.snapshot_issues("http://example.org/own"), []);
    let snapshot = definitions.structure("http://example.org/own").unwrap();
    let at = |id: &str| {
        let elements = snapshot["snapshot"]["element"].as_array().unwrap();
        elements.iter().find(|element| element["id"] == id).unwrap_or_else(|| panic!("{id}")).clone()
    };
    assert_eq!(at("Observation.subject")["min"], 1);
    assert_eq!(at("Observation.component:a")["max"], "1");
    assert_eq!(at("Observation.component:a.code")["patternCodeableConcept"]["coding"][0]["code"], "a");
    let quantity = at("Observation.component:a.value[x]:valueQuantity");
    assert_eq!(quantity["type"], serde_json::json!([{ "code": "Quantity" }]));
    assert_eq!(quantity["path"], "Observation.component.value[x]");
    assert_eq!(at("Observation.component:a.value[x]:valueQuantity.unit")["min"], 1);
    assert_eq!(at("Observation.component:b")["min"], 0);
    assert_eq!(at("Observation.component:b")["max"], "*");
}

#[test]
fn a_profile_that_builds_on_itself_or_on_nothing_says_so_and_ends() {
    let circular = profile("circular", "http://example.org/circular", serde_json::json!([]));
    let orphan = profile(
        "orphan",
        "http://example.org/gone",
        serde_json::json!([
            { "id": "Observation.subject", "path": "Observation.subject", "min": 1 },
        ]),
    );
    let definitions = Definitions::builder().definitions([circular, orphan]).open().unwrap();
    let ids = |canonical: &str| definitions.snapshot_issues(canonical).iter().map(|i| i.id).collect::<Vec<_>>();
    assert!(ids("http://example.org/circular").contains(&"snapshot-base-missing"));
    assert_eq!(ids("http://example.org/orphan"), ["snapshot-base-missing"]);
    let orphan = definitions.structure("http://example.org/orphan").unwrap();
    assert!(orphan["snapshot"]["element"].as_array().unwrap().iter().any(|e| e["min"] == 1), "its own rule is kept");
}

fn profile(name: &str, base: &str, differential: Value) -> Value {
    serde_json::json!({
        "resourceType": "StructureDefinition", "url": format!("http://example.org/{name}"), "name": name,
        "status": "draft", "kind": "resource", "abstract": false, "type": "Observation", "baseDefinition": base,
        "derivation": "constraint", "differential": { "element": differential },
    })
}

#[test]
fn a_package_without_snapshots_for_an_older_base_is_used_and_its_missing_base_is_told() {
    let Some(folder) = common::shared("packages") else { return };
    let packages = [
        "iknl.fhir.nl.r4.palga-1.0.1.tgz",
        "nictiz.fhir.nl.r4.nl-core-0.12.0-beta.4.tgz",
        "nictiz.fhir.nl.r4.zib2020-0.12.0-beta.4.tgz",
    ];
    let definitions = Definitions::builder().packages(packages.map(|name| folder.join(name))).open().unwrap();
    assert!(definitions.issues().iter().any(|issue| issue.id == "definitions-dependency-version"));
    let profiles: Vec<_> = definitions
        .entries("StructureDefinition")
        .filter(|entry| entry.url.contains("palga") && !entry.has_snapshot)
        .map(|entry| entry.url.clone())
        .collect();
    assert_eq!(profiles.len(), 13);
    for url in profiles {
        let structure = definitions.structure(&url).unwrap();
        let elements = structure["snapshot"]["element"].as_array();
        assert!(elements.is_some_and(|elements| elements.len() > 3), "{url}");
    }
}

#[test]
fn a_damaged_or_half_written_pack_is_made_anew() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("own.json"), profile("p", "http://b", serde_json::json!([])).to_string())
        .unwrap();
    let cache = folder.path().join("cache");
    let open = || overdracht::fhir::pack::open(folder.path(), &cache).unwrap();
    let file = {
        open();
        std::fs::read_dir(&cache).unwrap().next().unwrap().unwrap().path()
    };
    let whole = std::fs::read(&file).unwrap();
    for length in [0, 7, whole.len() / 2, whole.len() - 1] {
        std::fs::write(&file, &whole[..length]).unwrap();
        let pack = open();
        assert_eq!(pack.read(&pack.entries()[0]).unwrap()["url"], "http://example.org/p");
    }
    let mut changed = whole.clone();
    changed[3] ^= 1;
    std::fs::write(&file, &changed).unwrap();
    let pack = open();
    assert_eq!(pack.read(&pack.entries()[0]).unwrap()["url"], "http://example.org/p");
    assert_eq!(std::fs::read(&file).unwrap(), whole, "and whole again for the next one");
    std::fs::write(folder.path().join("own.json"), profile("q", "http://b", serde_json::json!([])).to_string())
        .unwrap();
    assert_eq!(&*open().entries()[0].url, "http://example.org/q", "another content is another pack");
}

#[test]
fn an_archive_that_reaches_outside_or_grows_without_end_is_refused() {
    use overdracht::fhir::package::{self, Cause, Limits};
    let tgz = |name: &str, content: &[u8]| {
        let mut tar = tar::Builder::new(flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast()));
        let mut header = tar::Header::new_gnu();
        header.set_size(content.len() as u64);
        header.as_gnu_mut().unwrap().name[..name.len()].copy_from_slice(name.as_bytes());
        header.set_cksum();
        tar.append(&header, content).unwrap();
        tar.into_inner().unwrap().finish().unwrap()
    };
    let read = |bytes: &[u8], limits: &Limits| {
        package::read_archive(bytes, std::path::Path::new("p.tgz"), limits, &mut |_, _| Ok(())).map_err(|e| e.cause)
    };
    let limits = Limits { file_bytes: 1000, total_bytes: 20_000, files: 10 };
    for name in ["package/../../up.json", "/etc/up.json", "../package/a.json"] {
        assert!(matches!(read(&tgz(name, b"{}"), &limits), Err(Cause::OutsidePackage(_))), "{name}");
    }
    assert!(matches!(read(&tgz("package/a.json", &[b' '; 1001]), &limits), Err(Cause::FileTooLarge { .. })));
    assert!(matches!(read(&tgz("other/a.bin", &[0; 40_000]), &limits), Err(Cause::TooLarge(_))));
    assert!(matches!(read(&tgz("package/a.json", b"{}"), &limits), Err(Cause::NotAPackage(_))));
    assert!(read(b"\x1f\x8bnonsense", &limits).is_err());
}

#[test]
fn adding_a_package_twice_changes_nothing_and_a_folder_becomes_a_package() {
    let (folder, library) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    std::fs::write(folder.path().join("package.json"), r#"{"name":"made.up","version":"1.2.3"}"#).unwrap();
    std::fs::write(folder.path().join("p.json"), profile("p", "http://b", serde_json::json!([])).to_string()).unwrap();
    let library = Library::new(library.path());
    let first = library.add(folder.path()).unwrap();
    assert!(first.changed && first.path.ends_with("made.up#1.2.3.tgz"));
    assert!(!library.add(folder.path()).unwrap().changed);
    assert!(!library.add(&first.path).unwrap().changed, "the copy is the same package");
    assert_eq!(library.packages().unwrap(), [first.path]);
}

#[test]
fn a_chain_of_hundreds_of_profiles_keeps_what_each_says() {
    let name = |n: usize| {
        if n == 0 {
            "http://hl7.org/fhir/StructureDefinition/Observation".into()
        } else {
            format!("http://example.org/c{n}")
        }
    };
    let made = (1..=600).map(|n| {
        let rule = serde_json::json!([{ "id": "Observation.note", "path": "Observation.note", "max": (1000 - n).to_string() }]);
        let mut made = profile(&format!("c{n}"), &name(n - 1), rule);
        if n == 1 {
            made["differential"]["element"].as_array_mut().unwrap().insert(0, serde_json::json!(
                { "id": "Observation.subject", "path": "Observation.subject", "min": 1 }));
        }
        made
    });
    let definitions = Definitions::builder().definitions(made).open().unwrap();
    let last = definitions.structure("http://example.org/c600").unwrap();
    assert_eq!(definitions.snapshot_issues("http://example.org/c600"), []);
    let at = |id: &str| last["snapshot"]["element"].as_array().unwrap().iter().find(|e| e["id"] == id).unwrap().clone();
    assert_eq!(at("Observation.note")["max"], "400");
    assert_eq!(at("Observation.subject")["min"], 1);
}

#[test]
fn profiles_that_build_on_each_other_in_a_circle_end_whichever_is_asked_first() {
    let next = |n: usize| format!("http://example.org/r{}", (n + 1) % 3);
    let made: Vec<_> = (0..3).map(|n| profile(&format!("r{n}"), &next(n), serde_json::json!([]))).collect();
    for first in 0..3 {
        let definitions = Definitions::builder().definitions(made.clone()).open().unwrap();
        let mut told = 0;
        for n in 0..3 {
            let url = format!("http://example.org/r{}", (first + n) % 3);
            assert!(definitions.structure(&url).is_some_and(|found| found["snapshot"]["element"].is_array()), "{url}");
            told += definitions.snapshot_issues(&url).len();
        }
        assert!(told > 0, "the circle is told");
    }
}

#[test]
fn a_text_of_megabytes_in_a_definition_is_carried_like_any_other() {
    let long = "x".repeat(2 << 20);
    let rule = serde_json::json!([
        { "id": "Observation.note", "path": "Observation.note", "comment": long, "min": 1,
          "constraint": [{ "key": "a-1", "severity": "error", "human": long, "expression": "text.exists()" }] },
    ]);
    let made = profile("long", "http://hl7.org/fhir/StructureDefinition/Observation", rule);
    let definitions = Definitions::builder().definitions([made]).open().unwrap();
    let structure = definitions.structure("http://example.org/long").unwrap();
    let note =
        structure["snapshot"]["element"].as_array().unwrap().iter().find(|e| e["id"] == "Observation.note").cloned();
    assert_eq!(note.unwrap()["min"], 1);
}

#[test]
fn a_package_whose_dependency_is_missing_names_it_and_is_used() {
    let folder = tempfile::tempdir().unwrap();
    let manifest = r#"{"name":"made.up","version":"1.2.3","dependencies":{"nobody.has.this":"9.9.9"}}"#;
    std::fs::write(folder.path().join("package.json"), manifest).unwrap();
    let observation = "http://hl7.org/fhir/StructureDefinition/Observation";
    for (name, base) in [("whole", observation), ("half", "http://nobody.example.org/base")] {
        let rule = serde_json::json!([{ "id": "Observation.subject", "path": "Observation.subject", "min": 1 }]);
        std::fs::write(folder.path().join(format!("{name}.json")), profile(name, base, rule).to_string()).unwrap();
    }
    std::fs::write(folder.path().join("broken.json"), "{").unwrap();
    let definitions = Definitions::builder().packages([folder.path().to_owned()]).open().unwrap();
    let told =
        |id: &str, text: &str| definitions.issues().iter().any(|issue| issue.id == id && issue.text.contains(text));
    assert!(told("definitions-dependency-missing", "nobody.has.this"), "{:?}", definitions.issues());
    assert!(told("definitions-file-unreadable", "broken.json"), "{:?}", definitions.issues());
    assert_eq!(definitions.snapshot_issues("http://example.org/whole"), []);
    let half = definitions.snapshot_issues("http://example.org/half");
    assert!(half.iter().any(|issue| issue.text.contains("http://nobody.example.org/base")), "{half:?}");
    assert!(definitions.structure("http://example.org/half").is_some());
}

#[test]
fn profiles_that_walk_into_each_other_without_end_are_left_out_and_told() {
    let made = (0..300).map(|n| {
        let name = format!("http://example.org/w{}", n + 1);
        let rule = serde_json::json!([
            { "id": "Bundle.entry", "path": "Bundle.entry" },
            { "id": "Bundle.entry.resource", "path": "Bundle.entry.resource", "type": [{ "code": "Bundle", "profile": [name] }] },
            { "id": "Bundle.entry.resource.type", "path": "Bundle.entry.resource.type", "min": 1 },
        ]);
        let mut made = profile(&format!("w{n}"), "http://hl7.org/fhir/StructureDefinition/Bundle", rule);
        made["type"] = "Bundle".into();
        made
    });
    let definitions = Definitions::builder().definitions(made).open().unwrap();
    assert!(
        definitions.structure("http://example.org/w0").is_some_and(|found| found["snapshot"]["element"].is_array())
    );
}
