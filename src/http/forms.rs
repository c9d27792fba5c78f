//! The one place where a resource becomes the bytes of an answer, and the bytes of a body become a resource.

use std::sync::Arc;

use serde_json::Value;

use super::error::Refusal;
use super::representation::Representation;
use crate::fhir::json::{JsonError, SyntaxFault};
use crate::fhir::place::utf8;
use crate::fhir::stu3::Stu3;
use crate::fhir::subset::{self, View};
use crate::fhir::{FhirVersion, Format, Source, xml};

/// The forms that resources have on the wire.
pub struct Forms {
    r4: Arc<dyn xml::Layout>,
}

impl Forms {
    /// `layout` is that of R4.
    pub fn new(layout: Arc<dyn xml::Layout>) -> Self {
        Forms { r4: layout }
    }

    fn layout(&self, release: FhirVersion) -> &dyn xml::Layout {
        match release {
            FhirVersion::R4 => self.r4.as_ref(),
            FhirVersion::Stu3 => &Stu3,
        }
    }

    /// The text of a resource.
    pub fn encode(&self, resource: &Value, to: Representation) -> Result<String, Refusal> {
        match to.format {
            Format::Json => Ok(resource.to_string()),
            Format::Xml => xml::write(self.layout(to.version), resource).map_err(|error| {
                tracing::error!(%error, "a resource cannot be written as XML");
                Refusal::Failed
            }),
        }
    }

    /// Leaves the part that a view shows, of a resource of this release or of each that a search found.
    pub fn show(&self, resource: &mut Value, view: &View, release: FhirVersion) {
        let layout = self.layout(release);
        if resource["resourceType"] != "Bundle" {
            *resource = subset::subset(layout, release, resource.take(), view);
            return;
        }
        for entry in resource.get_mut("entry").and_then(Value::as_array_mut).into_iter().flatten() {
            if entry["search"]["mode"] != "outcome" {
                entry["resource"] = subset::subset(layout, release, entry["resource"].take(), view);
            }
        }
    }

    /// The resource of a body, with its text.
    ///
    /// # Errors
    /// What is no JSON, or no XML of FHIR; what is no valid resource is for the validator to say.
    pub fn decode(&self, body: &[u8], of: Representation) -> Result<Source, Refusal> {
        // A byte order mark is no part of the text, here as on the command line.
        let text = utf8(body).map(|text| text.strip_prefix('\u{feff}').unwrap_or(text).to_owned());
        match of.format {
            Format::Json => {
                let syntax = |(line, column)| JsonError::Syntax {
                    line: line as usize,
                    column: column as usize,
                    fault: SyntaxFault::NotUtf8,
                };
                Ok(Source::json(text.map_err(syntax)?)?)
            }
            Format::Xml => text
                .map_err(|at| (at, xml::SyntaxFault::NotUtf8))
                .and_then(|text| Source::xml(self.layout(of.version), text))
                .map_err(|((line, column), fault)| Refusal::NotXml { line, column, fault }),
        }
    }
}
