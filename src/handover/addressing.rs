//! Where a receiver's FHIR endpoint is.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;

use crate::fhir::systems::{AGB, URA};

/// An organisation that can receive a handover.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Listing {
    /// Eight digits.
    pub agb: String,
    /// Eight digits.
    #[serde(default)]
    pub ura: Option<String>,
    pub name: String,
    /// Code of the national list of organisation types: `Z3` GP practice, `N6` GP post.
    #[serde(rename = "type")]
    pub kind: String,
    /// FHIR base URL.
    pub endpoint: String,
}

impl Listing {
    /// True for a practice of general practitioners.
    pub fn is_gp_practice(&self) -> bool {
        matches!(self.kind.as_str(), "Z3" | "H1")
    }
}

/// Finds a receiver by business identifier. A national directory of care providers can take the file's place.
pub trait Directory: Send + Sync + 'static {
    fn find(&self, system: &str, value: &str) -> Option<Listing>;
}

/// A list in a JSON file: `[{ "agb", "ura"?, "name", "type", "endpoint" }]`, read once.
#[derive(Clone, Debug, Default)]
pub struct FileDirectory {
    by_identifier: BTreeMap<(&'static str, String), Listing>,
}

/// Why a directory is refused. Names the place in the list, counted from 1.
#[derive(Debug, thiserror::Error)]
pub enum DirectoryError {
    #[error("the directory of receivers cannot be read: {0}")]
    Read(#[from] std::io::Error),
    #[error("the directory of receivers is not a list of {{agb, ura, name, type, endpoint}}: {0}")]
    Json(#[from] serde_json::Error),
    #[error("receiver {0} of the directory: {1}")]
    Listing(usize, &'static str),
}

impl FileDirectory {
    pub fn read(path: &Path) -> Result<Self, DirectoryError> {
        Self::parse(&std::fs::read(path)?)
    }

    pub fn parse(json: &[u8]) -> Result<Self, DirectoryError> {
        let mut directory = FileDirectory::default();
        let listings: Vec<Listing> = serde_json::from_slice(json)?;
        for (i, listing) in listings.into_iter().enumerate() {
            let wrong = |why| DirectoryError::Listing(i + 1, why);
            check(&listing).map_err(wrong)?;
            let identifiers = [(AGB, Some(&listing.agb)), (URA, listing.ura.as_ref())];
            for (system, value) in identifiers.into_iter().filter_map(|(system, value)| Some((system, value?))) {
                if directory.by_identifier.insert((system, value.clone()), listing.clone()).is_some() {
                    return Err(wrong("its AGB or URA stands there twice"));
                }
            }
        }
        Ok(directory)
    }
}

impl Directory for FileDirectory {
    fn find(&self, system: &str, value: &str) -> Option<Listing> {
        let system = [AGB, URA].into_iter().find(|known| *known == system)?;
        self.by_identifier.get(&(system, value.to_owned())).cloned()
    }
}

fn check(listing: &Listing) -> Result<(), &'static str> {
    let eight_digits = |text: &str| text.len() == 8 && text.bytes().all(|byte| byte.is_ascii_digit());
    if !eight_digits(&listing.agb) {
        return Err("an AGB has eight digits");
    }
    if listing.ura.as_deref().is_some_and(|ura| !eight_digits(ura)) {
        return Err("a URA has eight digits");
    }
    if listing.name.trim().is_empty() || listing.kind.trim().is_empty() {
        return Err("name and type are needed");
    }
    let url = url::Url::parse(&listing.endpoint).map_err(|_| "the endpoint is no URL")?;
    if !matches!(url.scheme(), "http" | "https") || url.host().is_none() {
        return Err("the endpoint is no http(s) URL");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn one() -> Value {
        json!({ "agb": "01999911", "ura": "90000111", "name": "De Brink", "type": "Z3", "endpoint": "https://gp.example/fhir" })
    }

    fn parse(listings: Value) -> Result<FileDirectory, DirectoryError> {
        FileDirectory::parse(listings.to_string().as_bytes())
    }

    #[test]
    fn a_receiver_is_found_by_agb_and_by_ura() {
        let directory = parse(json!([one()])).expect("a directory");
        let by_agb = directory.find(AGB, "01999911").expect("found");
        assert_eq!(directory.find(URA, "90000111"), Some(by_agb));
        assert_eq!(directory.find(URA, "01999911"), None);
    }

    #[test]
    fn a_wrong_list_is_refused_with_the_place() {
        let mut cases = vec![json!([one(), one()])];
        for (key, value) in [("agb", "1"), ("ura", "x"), ("name", " "), ("endpoint", "gp"), ("endpoint", "ftp://gp")] {
            let mut wrong = one();
            wrong[key] = json!(value);
            cases.push(json!([wrong]));
        }
        for case in cases {
            let n = case.as_array().map_or(0, Vec::len);
            let error = parse(case.clone()).expect_err("refused").to_string();
            assert!(error.starts_with(&format!("receiver {n} ")), "{case}: {error}");
        }
        assert!(parse(json!([{ "agb": "01999911" }])).is_err());
    }
}
