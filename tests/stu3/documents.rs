//! Documents as resources: the fixtures, and generated care plans.

use std::fs;
use std::path::Path;

use overdracht::domain::{self, Kind};
use overdracht::mapping::{self, Existing, Ids};
use serde_json::Value;

use super::generate::Schemas;

/// Resources that refer to each other.
#[derive(Default)]
pub struct Known {
    pub resources: Vec<Value>,
}

impl Known {
    /// Finds one by `Type/id`.
    pub fn find(&self, reference: &str) -> Option<Value> {
        let (name, id) = reference.split_once('/')?;
        self.resources.iter().find(|one| one["resourceType"] == name && one["id"] == id).cloned()
    }
}

pub fn mapped(kind: Kind, sent: &Value) -> Known {
    let now: jiff::Timestamp = "2026-11-22T12:00:00Z".parse().unwrap();
    let document = domain::parse(kind, sent, now).unwrap();
    let parties = mapping::parties(&document).into_iter().enumerate();
    let envelope = document.envelope();
    let ids = Ids {
        patient: "patient-1".into(),
        source: envelope.source.system.clone(),
        document: envelope.document_id.clone(),
        parties: parties.map(|(i, party)| (party, format!("party-{i}"))).collect(),
    };
    Known { resources: mapping::map(&document, &ids, &Existing::default()).unwrap().resources }
}

/// The resources of every fixture, of all three kinds of document.
pub fn fixtures() -> Vec<(String, Known)> {
    let kinds = [
        ("care-plan", Kind::CarePlan),
        ("registry-record", Kind::RegistryRecord),
        ("metastasis-event", Kind::MetastasisEvent),
    ];
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let mut all = Vec::new();
    for patient in fs::read_dir(root).unwrap().flatten().filter(|one| one.file_name() != "invalid") {
        for file in fs::read_dir(patient.path()).into_iter().flatten().flatten() {
            let name = file.file_name().into_string().unwrap();
            let Some((_, kind)) = kinds.iter().find(|(start, _)| name.starts_with(start)) else { continue };
            let sent: Value = serde_json::from_str(&fs::read_to_string(file.path()).unwrap()).unwrap();
            all.push((file.path().display().to_string(), mapped(*kind, &sent)));
        }
    }
    assert!(all.len() > 15, "{} fixtures", all.len());
    all
}

/// The resources of a care plan.
pub fn care_plan(sent: &Value) -> Known {
    mapped(Kind::CarePlan, sent)
}

/// The resources of a generated care plan.
pub fn generated(seed: u64) -> Known {
    care_plan(&Schemas::load().plan(seed))
}
