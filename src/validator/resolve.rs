//! Finding the resource that a reference names: in the document itself, or through a resolver of the caller.

use std::sync::Arc;

use serde_json::Value;

use super::walk::{Lookup, Scope};

/// Finds resources outside the document, such as those in a store. Owned here and plugged in by the caller.
pub trait Resolve: Send + Sync {
    /// The resource that a relative or absolute reference names; `None` where it is not known here.
    fn resolve(&self, reference: &str) -> Option<Arc<Value>>;
}

/// The resource in the same document that a reference names.
pub fn within<'a>(lookup: &Lookup<'a>, scope: &Scope<'_, 'a>, reference: &str) -> Option<&'a Value> {
    if let Some(id) = reference.strip_prefix('#') {
        return lookup.contained(scope.root, id);
    }
    scope.bundle.and_then(|bundle| bundle.resolve(scope.full_url, reference))
}

/// The type of resource in a reference of the form `[base/]Type/id[/_history/version]`, and where its `Type` starts.
pub fn typed(reference: &str) -> Option<(&str, usize)> {
    let path = reference.split(['?', '#']).next()?;
    let path = path.split_once("/_history/").map_or(path, |(p, _)| p);
    let (before, id) = path.rsplit_once('/')?;
    let start = before.rfind('/').map_or(0, |slash| slash + 1);
    let name = &before[start..];
    let is_type = name.starts_with(|c: char| c.is_ascii_uppercase()) && name.bytes().all(|b| b.is_ascii_alphabetic());
    (is_type && !id.is_empty()).then_some((name, start))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_type_is_read_from_relative_and_absolute_references() {
        assert_eq!(typed("Patient/1").map(|t| t.0), Some("Patient"));
        assert_eq!(typed("http://example.org/fhir/Patient/1/_history/2"), Some(("Patient", 24)));
        assert_eq!(typed("urn:uuid:1"), None);
        assert_eq!(typed("http://example.org"), None);
    }
}
