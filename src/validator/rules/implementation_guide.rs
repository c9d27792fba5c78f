//! What an ImplementationGuide depends on: guides by their own url, and versions in their place.
//!
//! Source: <http://hl7.org/fhir/R4/implementationguide.html>.

use serde_json::Value;

use super::{list, text};
use crate::validator::kind::Kind;
use crate::validator::path::Path;
use crate::validator::sink::{Flow, Sink};
use crate::validator::walk::Walk;

pub fn check<S: Sink>(walk: &mut Walk<'_, '_, S>, guide: &Value, at: &Path<'_>) -> Flow {
    let all = at.name("dependsOn");
    for (i, dependency) in list(guide, "dependsOn").iter().enumerate() {
        let Some(uri) = text(dependency, "uri") else { continue };
        let (url, version) = uri.split_once('|').map_or((uri, None), |(url, version)| (url, Some(version)));
        let here = all.index(i);
        if !url.contains("/ImplementationGuide/") {
            walk.error(&here, || Kind::GuideUrl)?;
        }
        if version.is_some_and(|version| version.is_empty() || dependency.get("version").is_none()) {
            walk.error(&here, || Kind::GuideVersion)?;
        }
    }
    Flow::Continue(())
}
