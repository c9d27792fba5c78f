//! What became of every field of a source document.

use serde::{Deserialize, Serialize};

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
    /// `Consent/<id>#Consent.provision.code`; none where the field is not carried.
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
}
