//! What became of every field of a source document.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::fhir::ResourceKey;

/// What became of a field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "fate", rename_all = "kebab-case")]
pub enum Fate {
    /// Stands in the resource as it was sent.
    Carried,
    /// Stands in the resource in another form, for this reason.
    Converted { reason: String },
    /// Was not in the document and was filled in, for this reason.
    Defaulted { reason: String },
    /// Stands in no resource, for this reason.
    NotCarried { reason: String },
}

/// One source field and the element that it became.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    /// JSON pointer into the source document (linkId for a form).
    pub source: String,
    /// `Consent/<id>#Consent.provision.code`: the resource, and FHIRPath in it; none where the field is not carried.
    pub target: Option<String>,
    #[serde(flatten)]
    pub fate: Fate,
}

/// Rows in the order of mapping; a source field may have several.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trace {
    pub rows: Vec<Row>,
}

impl Trace {
    pub fn add(&mut self, source: impl Into<String>, target: Option<String>, fate: Fate) {
        self.rows.push(Row { source: source.into(), target, fate });
    }

    /// An element is a copy of another: every field that became the one became the other too.
    pub fn copied(&mut self, from: &str, to: &str) {
        let copy = |row: &Row| {
            let rest = row.target.as_deref()?.strip_prefix(from)?;
            let whole = rest.is_empty() || rest.starts_with(['.', '[']);
            whole.then(|| Row { target: Some(format!("{to}{rest}")), ..row.clone() })
        };
        let copies: Vec<Row> = self.rows.iter().filter_map(copy).collect();
        self.rows.extend(copies);
    }

    /// A resource is kept otherwise than it was made, because what is stored says more, or says it later: a field whose
    /// element gave way is not carried.
    pub fn follow(&mut self, made: &Value, kept: &Value) {
        let Some(key) = ResourceKey::of(made).filter(|_| made != kept) else { return };
        let prefix = format!("{key}#{}.", key.resource_type);
        for row in &mut self.rows {
            let Some(path) = row.target.as_deref().and_then(|target| target.strip_prefix(&prefix)) else { continue };
            if !stays(path, made, kept) {
                row.target = None;
                let reason = "a document that was recorded later says it otherwise".to_owned();
                row.fate = Fate::NotCarried { reason };
            }
        }
    }
}

/// Whether the element of a resource to which a path leads is in `kept` what it was in `made`, as merging takes them:
/// whole, and lists of identifiers and extensions item by item.
fn stays(path: &str, made: &Value, kept: &Value) -> bool {
    let name = path.split(['.', '[', '(']).next().unwrap_or_default();
    match name {
        "id" | "meta" => true,
        "identifier" | "extension" => {
            let items = |resource: &Value| resource[name].as_array().cloned().unwrap_or_default();
            let (kept, mentioned) = (items(kept), |one: &Value| {
                ["system", "url"].iter().any(|field| one[*field].as_str().is_some_and(|name| path.contains(name)))
            });
            items(made).iter().filter(|one| mentioned(one)).all(|one| kept.contains(one))
        }
        _ => {
            let beside = format!("_{name}");
            kept[name] == made[name] && kept[beside.as_str()] == made[beside.as_str()]
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_field_that_gave_way_to_a_later_document_is_not_carried() {
        let mut trace = Trace::default();
        for element in ["gender", "identifier.where(system = 's').value", "extension('u')", "name[0].given"] {
            trace.add("/x", Some(format!("Patient/1#Patient.{element}")), Fate::Carried);
        }
        let made = json!({
            "resourceType": "Patient", "id": "1", "gender": "male", "name": [{ "given": ["A"] }],
            "identifier": [{ "system": "s", "value": "1" }], "extension": [{ "url": "u", "valueString": "old" }],
        });
        let mut kept = made.clone();
        trace.follow(&made, &kept);
        assert!(trace.rows.iter().all(|row| row.fate == Fate::Carried));
        kept["gender"] = json!("female");
        kept["extension"][0]["valueString"] = json!("new");
        kept["identifier"] = json!([{ "system": "r", "value": "0" }, { "system": "s", "value": "1" }]);
        trace.follow(&made, &kept);
        let carried: Vec<bool> = trace.rows.iter().map(|row| row.target.is_some()).collect();
        assert_eq!(carried, [false, true, false, true]);
    }

    #[test]
    fn a_copy_has_the_rows_of_what_it_copies() {
        let mut trace = Trace::default();
        trace.add("/a", Some("R/1#R.name[0].given".into()), Fate::Carried);
        trace.add("/b", Some("R/1#R.name[01]".into()), Fate::Carried);
        trace.copied("R/1#R.name[0]", "P/1#P.contact[2].name");
        let targets: Vec<_> = trace.rows.iter().skip(2).map(|row| row.target.as_deref()).collect();
        assert_eq!(targets, [Some("P/1#P.contact[2].name.given")]);
    }
}
