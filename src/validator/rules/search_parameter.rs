//! A SearchParameter: an expression that is one, a composite with its parts, and what it is derived from.
//!
//! Source: <http://hl7.org/fhir/R4/searchparameter.html>.

use serde_json::Value;

use super::{list, text};
use crate::fhirpath::{self, CheckError};
use crate::validator::kind::Kind;
use crate::validator::path::Path;
use crate::validator::sink::{Flow, Sink};
use crate::validator::walk::Walk;

pub fn check<S: Sink>(walk: &mut Walk<'_, '_, S>, parameter: &Value, at: &Path<'_>) -> Flow {
    if let Some(expression) = text(parameter, "expression") {
        let types = &walk.schema().types;
        let bases = list(parameter, "base").iter().filter_map(Value::as_str);
        let focuses: Vec<_> = bases.map(|base| types.find(base)).collect();
        match fhirpath::check(expression, &focuses, types, &[]) {
            Ok(()) => {}
            Err(CheckError::Parse(error)) if super::constraint::is_beyond(&error) => {}
            Err(CheckError::Parse(_)) => walk.error(&at.name("expression"), || Kind::ExpressionBroken)?,
            Err(error) => {
                let reason = super::fixed::shown(&error.to_string().into(), "");
                walk.error(&at.name("expression"), || Kind::ExpressionWrong { reason })?;
            }
        }
    }
    if text(parameter, "type") == Some("composite") && list(parameter, "component").len() < 2 {
        walk.error(at, || Kind::CompositeParts)?;
    }
    let Some(from) = text(parameter, "derivedFrom") else { return Flow::Continue(()) };
    let Some(from) = walk.schema().definitions.resource("SearchParameter", from) else { return Flow::Continue(()) };
    let bases = list(&from, "base");
    let resource = bases.iter().any(|base| base.as_str() == Some("Resource"));
    if !resource && list(parameter, "base").iter().any(|base| !bases.contains(base)) {
        walk.error(at, || Kind::SearchParameterDiffers { property: "base".into() })?;
    }
    if text(parameter, "type") != text(&from, "type") {
        walk.error(at, || Kind::SearchParameterDiffers { property: "type".into() })?;
    }
    Flow::Continue(())
}
