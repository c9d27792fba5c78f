//! Links of a Bundle: paging belongs to search sets and histories, a relation stands once, a stylesheet is there.

use ahash::AHashSet;
use serde_json::Value;

use super::{Index, text};
use crate::validator::kind::Kind;
use crate::validator::path::Path;
use crate::validator::sink::{Flow, Sink};
use crate::validator::walk::Walk;

fn links(bundle: &Value) -> &[Value] {
    bundle.get("link").and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// The addresses of the document's stylesheets.
pub(super) fn stylesheets(bundle: &Value) -> impl Iterator<Item = &str> {
    links(bundle).iter().filter(|l| text(l, "relation") == Some("stylesheet")).filter_map(|l| text(l, "url"))
}

pub(super) fn check<S: Sink>(
    walk: &mut Walk<'_, '_, S>,
    index: Option<&Index<'_>>,
    bundle: &Value,
    type_name: &str,
    at: &Path<'_>,
) -> Flow {
    let has_pages = matches!(type_name, "searchset" | "history");
    let list = at.name("link");
    let mut earlier = AHashSet::new();
    for (i, link) in links(bundle).iter().enumerate() {
        let here = list.index(i);
        let Some(relation) = text(link, "relation") else { continue };
        let is_page = matches!(relation, "first" | "prev" | "previous" | "next" | "last");
        if is_page && !has_pages {
            walk.error(&here.name("relation"), || Kind::LinkNotAllowed)?;
        }
        let again = !earlier.insert(relation);
        if again && (is_page || relation == "self") {
            let named = here.name("relation");
            walk.error(if has_pages { &here } else { &named }, || Kind::LinkTwice)?;
        }
        if let ("document", "stylesheet", Some(url)) = (type_name, relation, text(link, "url"))
            && !url.contains(':')
            && !index.is_some_and(|index| index.has(url))
        {
            walk.error(&here.name("url"), || Kind::StylesheetUnresolved)?;
        }
    }
    Flow::Continue(())
}
