//! Bundles in files, one each: durable before they are acknowledged.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use parking_lot::Mutex;
use serde_json::Value;
use uuid::Uuid;

/// What a create came to.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Shelved {
    Created(String),
    /// The condition names one that is there.
    Existing(String),
    /// The condition names several.
    Several,
}

/// A folder of `<id>.json`, and an index of `system|value` of `Bundle.identifier` in memory.
pub(super) struct Shelf {
    folder: PathBuf,
    index: Mutex<BTreeMap<String, Vec<String>>>,
}

impl Shelf {
    /// Reads what is there; a file that was not finished is removed.
    pub(super) fn open(folder: &Path) -> io::Result<Self> {
        fs::create_dir_all(folder)?;
        let mut index: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for file in fs::read_dir(folder)? {
            let path = file?.path();
            match path.extension().and_then(|extension| extension.to_str()) {
                Some("tmp") => fs::remove_file(&path)?,
                Some("json") => {
                    let bundle: Value = serde_json::from_slice(&fs::read(&path)?)?;
                    let id = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
                    index.entry(identifier_of(&bundle)).or_default().push(id);
                }
                _ => {}
            }
        }
        Ok(Shelf { folder: folder.to_owned(), index: Mutex::new(index) })
    }

    /// Stores the Bundle unless `unless` (`system|value`) names one that is there. One at a time: the condition and the
    /// writing are one step. When it returns, the file, its name and its content are on the disk.
    pub(super) fn create(&self, mut bundle: Value, unless: Option<&str>) -> io::Result<Shelved> {
        let mut index = self.index.lock();
        if let Some(held) = unless.and_then(|identifier| index.get(identifier)) {
            return Ok(match held.as_slice() {
                [one] => Shelved::Existing(one.clone()),
                _ => Shelved::Several,
            });
        }
        let id = Uuid::new_v4().to_string();
        bundle["id"] = Value::from(id.clone());
        let (unfinished, finished) = (self.path(&id, "tmp"), self.path(&id, "json"));
        let mut file = File::create(&unfinished)?;
        file.write_all(bundle.to_string().as_bytes())?;
        file.sync_all()?;
        fs::rename(&unfinished, &finished)?;
        File::open(&self.folder)?.sync_all()?;
        index.entry(identifier_of(&bundle)).or_default().push(id.clone());
        Ok(Shelved::Created(id))
    }

    pub(super) fn read(&self, id: &str) -> io::Result<Option<Value>> {
        // The id comes from a URL: only what we could have made names a file.
        let Ok(id) = Uuid::parse_str(id) else { return Ok(None) };
        match fs::read(self.path(&id.to_string(), "json")) {
            Ok(bytes) => Ok(Some(serde_json::from_slice(&bytes)?)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Ids of all, or of those with this identifier (`system|value`).
    pub(super) fn find(&self, identifier: Option<&str>) -> Vec<String> {
        let index = self.index.lock();
        match identifier {
            Some(identifier) => index.get(identifier).cloned().unwrap_or_default(),
            None => index.values().flatten().cloned().collect(),
        }
    }

    fn path(&self, id: &str, extension: &str) -> PathBuf {
        self.folder.join(format!("{id}.{extension}"))
    }
}

fn identifier_of(bundle: &Value) -> String {
    let part = |name: &str| bundle["identifier"][name].as_str().unwrap_or_default();
    format!("{}|{}", part("system"), part("value"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn bundle(value: &str) -> Value {
        json!({ "resourceType": "Bundle", "type": "document", "identifier": { "system": "s", "value": value } })
    }

    #[test]
    fn what_was_created_is_there_after_a_restart_and_is_not_created_again() {
        let folder = tempfile::tempdir().expect("a folder");
        let shelf = Shelf::open(folder.path()).expect("opened");
        let Shelved::Created(id) = shelf.create(bundle("a"), Some("s|a")).expect("stored") else {
            panic!("created");
        };
        fs::write(folder.path().join("half.tmp"), "{").expect("written");
        let again = Shelf::open(folder.path()).expect("opened again");
        assert_eq!(again.create(bundle("a"), Some("s|a")).expect("answered"), Shelved::Existing(id.clone()));
        assert_eq!(again.find(Some("s|a")), std::slice::from_ref(&id));
        assert_eq!(again.read(&id).expect("read").expect("there")["identifier"]["value"], "a");
        assert!(!folder.path().join("half.tmp").exists());
    }

    #[test]
    fn several_of_one_identifier_are_told_apart_from_one() {
        let folder = tempfile::tempdir().expect("a folder");
        let shelf = Shelf::open(folder.path()).expect("opened");
        for _ in 0..2 {
            shelf.create(bundle("a"), None).expect("stored");
        }
        assert_eq!(shelf.create(bundle("a"), Some("s|a")).expect("answered"), Shelved::Several);
        assert_eq!(shelf.find(None).len(), 2);
    }

    #[test]
    fn an_id_cannot_lead_out_of_the_folder() {
        let folder = tempfile::tempdir().expect("a folder");
        let shelf = Shelf::open(&folder.path().join("data")).expect("opened");
        fs::write(folder.path().join("secret.json"), "{}").expect("written");
        assert_eq!(shelf.read("../secret").expect("answered"), None);
    }
}
