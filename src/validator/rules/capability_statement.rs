//! A CapabilityStatement's search parameters are of the types that their definitions say.
//!
//! Source: <http://hl7.org/fhir/R4/capabilitystatement.html>.

use serde_json::Value;

use super::{list, text};
use crate::validator::kind::Kind;
use crate::validator::path::Path;
use crate::validator::sink::{Flow, Sink};
use crate::validator::walk::Walk;

pub fn check<S: Sink>(walk: &mut Walk<'_, '_, S>, statement: &Value, at: &Path<'_>) -> Flow {
    let all = at.name("rest");
    for (i, rest) in list(statement, "rest").iter().enumerate() {
        let here = all.index(i);
        parameters(walk, rest, &here)?;
        let resources = here.name("resource");
        for (i, resource) in list(rest, "resource").iter().enumerate() {
            parameters(walk, resource, &resources.index(i))?;
        }
    }
    Flow::Continue(())
}

fn parameters<S: Sink>(walk: &mut Walk<'_, '_, S>, holder: &Value, at: &Path<'_>) -> Flow {
    let all = at.name("searchParam");
    for (i, parameter) in list(holder, "searchParam").iter().enumerate() {
        let (Some(definition), Some(given)) = (text(parameter, "definition"), text(parameter, "type")) else {
            continue;
        };
        let defined = walk.schema().definitions.resource("SearchParameter", definition);
        if defined.is_some_and(|defined| text(&defined, "type").is_some_and(|wanted| wanted != given)) {
            walk.error(&all.index(i), || Kind::SearchParameterDiffers { property: "type".into() })?;
        }
    }
    Flow::Continue(())
}
