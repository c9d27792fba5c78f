//! A SearchParameter on its own: an expression that is one, and a composite with its parts.
//!
//! Source: <http://hl7.org/fhir/R4/searchparameter.html>.

use serde_json::Value;

use super::{list, text};
use crate::fhirpath;
use crate::validator::kind::Kind;
use crate::validator::path::Path;
use crate::validator::sink::{Flow, Sink};
use crate::validator::walk::Walk;

pub fn check<S: Sink>(walk: &mut Walk<'_, '_, S>, parameter: &Value, at: &Path<'_>) -> Flow {
    if text(parameter, "expression").is_some_and(|expression| fhirpath::parse(expression).is_err()) {
        walk.error(&at.name("expression"), || Kind::ExpressionBroken)?;
    }
    if text(parameter, "type") == Some("composite") && list(parameter, "component").len() < 2 {
        walk.error(at, || Kind::CompositeParts)?;
    }
    Flow::Continue(())
}
