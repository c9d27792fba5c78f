//! The validator with the Dutch packages and the official profiles of PZP, installed as a package.

use std::path::Path;
use std::sync::{Arc, LazyLock};

use overdracht::fhir::Issue;
use overdracht::fhir::definitions::Definitions;
use overdracht::mapping::questionnaire_response::{Edition, skeleton};
use overdracht::validator::{Options, UnknownExtensions, Validator};
use serde_json::{Value, json};

use super::{build, common};

const BASES: [&str; 2] = ["nictiz.fhir.nl.r4.zib2020-0.12.0-beta.4.tgz", "nictiz.fhir.nl.r4.nl-core-0.12.0-beta.4.tgz"];

pub struct Official {
    pub definitions: Arc<Definitions>,
    validator: Validator,
    /// Canonicals of the profiles of resources.
    pub profiles: Vec<String>,
}

static OFFICIAL: LazyLock<Option<Official>> = LazyLock::new(open);

/// None where the shared facts are not there: the caller skips its test.
pub fn official() -> Option<&'static Official> {
    OFFICIAL.as_ref()
}

fn open() -> Option<Official> {
    if !common::packages() {
        return None;
    }
    let made = build::definitions()?;
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), &made);
    let mut packages: Vec<_> =
        BASES.iter().map(|name| common::shared(&format!("packages/{name}"))).collect::<Option<_>>()?;
    packages.push(folder.path().to_owned());
    let forms = Edition::ALL.map(skeleton);
    let definitions = Arc::new(Definitions::builder().packages(packages).definitions(forms).open().unwrap());
    assert_eq!(definitions.issues(), []);
    let profiles: Vec<String> = made
        .iter()
        .filter(|one| one["resourceType"] == "StructureDefinition" && one["type"] != "Extension")
        .map(|one| one["url"].as_str().unwrap().to_owned())
        .collect();
    let options = Options { unknown_extensions: UnknownExtensions::Error, ..Options::default() };
    Some(Official { validator: Validator::new(Arc::clone(&definitions), options), definitions, profiles })
}

fn write(folder: &Path, definitions: &[Value]) {
    let manifest = json!({
        "name": "iknl.fhir.r4.pzp", "version": "1.0.0-rc2", "fhirVersions": ["4.0.1"],
        "dependencies": { "hl7.fhir.r4.core": "4.0.1", "nictiz.fhir.nl.r4.nl-core": "0.12.0-beta.4" },
    });
    std::fs::write(folder.join("package.json"), manifest.to_string()).unwrap();
    for one in definitions {
        let name = format!("{}-{}.json", one["resourceType"].as_str().unwrap(), one["id"].as_str().unwrap());
        std::fs::write(folder.join(name), one.to_string()).unwrap();
    }
}

impl Official {
    /// What refuses these resources, as one record in which every reference finds its resource: the identifier of the
    /// finding, its place in the resource, and its words.
    pub fn refusing(&self, resources: &[Value]) -> Vec<String> {
        let found = self.issues(resources).into_iter().filter(|issue| issue.severity.refuses());
        found
            .map(|issue| format!("{} {} {}", issue.id, place(&issue.at.unwrap_or_default(), resources), issue.text))
            .collect()
    }

    /// All that is found in these resources.
    pub fn issues(&self, resources: &[Value]) -> Vec<Issue> {
        self.validator.validate(&collection(resources), &[])
    }
}

/// `Patient.name[0]` for `Bundle.entry[3].resource.name[0]`.
fn place(at: &str, resources: &[Value]) -> String {
    let inside = at.strip_prefix("Bundle.entry[").and_then(|rest| rest.split_once("].resource"));
    let found = inside.and_then(|(entry, below)| Some((resources.get(entry.parse::<usize>().ok()?)?, below)));
    match found {
        Some((resource, below)) => format!("{}{below}", resource["resourceType"].as_str().unwrap_or_default()),
        None => at.to_owned(),
    }
}

/// The resources as a Bundle.
fn collection(resources: &[Value]) -> Value {
    let entries = resources.iter().map(|resource| {
        let (name, id) = (resource["resourceType"].as_str().unwrap(), resource["id"].as_str().unwrap());
        json!({ "fullUrl": format!("https://example.org/fhir/{name}/{id}"), "resource": resource })
    });
    json!({ "resourceType": "Bundle", "type": "collection", "entry": entries.collect::<Vec<_>>() })
}
