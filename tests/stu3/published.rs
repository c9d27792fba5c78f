//! The published guide: its example resources, its forms, its profiles.

use std::fs;
use std::path::PathBuf;

use serde_json::Value;

use super::common;
use super::documents::Known;

/// The published files whose names begin with one of these; None where they are not there.
pub fn files(starts: &[&str]) -> Option<Vec<Value>> {
    let folder = common::shared("pzp/stu3")?;
    let mut paths: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| {
        let name = path.file_name().unwrap().to_str().unwrap();
        starts.iter().any(|start| name.starts_with(start))
    });
    paths.sort();
    Some(paths.iter().map(|path| serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()).collect())
}

/// The 74 example resources and the two filled forms.
pub fn instances() -> Option<Known> {
    let resources = files(&["converted-", "QuestionnaireResponse-"])?;
    assert_eq!(resources.len(), 76, "published instances");
    Some(Known { resources })
}
