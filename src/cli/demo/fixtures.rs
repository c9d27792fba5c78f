//! The invented people of `fixtures/`, inside the binary.

use rust_embed::RustEmbed;

#[derive(RustEmbed)]
#[folder = "fixtures/"]
struct Files;

/// A document of a patient, with the route that takes it.
pub struct Document {
    pub patient: String,
    /// `registry record`, as a person says it.
    pub kind: &'static str,
    pub route: &'static str,
    pub body: Vec<u8>,
}

/// File name → what it is; in the order in which a hospital would send them.
const KINDS: [(&str, &str, &str); 3] = [
    ("registry-record", "registry record", "/api/v1/registry-records"),
    ("metastasis-event", "metastasis event", "/api/v1/metastasis-events"),
    ("care-plan", "care plan", "/api/v1/care-plans"),
];

/// All documents, a patient's together.
pub fn documents() -> Vec<Document> {
    let mut found: Vec<(String, usize, String)> = Files::iter()
        .filter_map(|path| {
            let (patient, file) = path.split_once('/')?;
            if patient == "invalid" {
                return None;
            }
            let order = KINDS.iter().position(|(prefix, _, _)| file.starts_with(prefix))?;
            Some((patient.to_owned(), order, path.to_string()))
        })
        .collect();
    found.sort();
    found
        .into_iter()
        .filter_map(|(patient, order, path)| {
            let (_, kind, route) = KINDS[order];
            Some(Document { patient, kind, route, body: Files::get(&path)?.data.into_owned() })
        })
        .collect()
}
