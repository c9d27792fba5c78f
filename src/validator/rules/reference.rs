//! References and canonicals: the type of what they name, and its profile where it is in reach.

use serde_json::Value;

use super::aggregation;
use crate::fhir::Severity;
use crate::validator::kind::Kind;
use crate::validator::node::Node;
use crate::validator::path::Path;
use crate::validator::property::property;
use crate::validator::resolve;
use crate::validator::schema::{CORE, Schema};
use crate::validator::sink::{Flow, Sink, Verdict};
use crate::validator::structure::StructureKind;
use crate::validator::walk::{Scope, Shared, Walk};

/// One allowed target: a type, or a profile on it.
#[derive(Clone, PartialEq)]
pub struct Target {
    url: Box<str>,
    /// `None` where the profile is not there, so that its type is not known.
    type_name: Option<Box<str>>,
    profile: Option<u32>,
}

impl Target {
    pub fn of(schema: &Schema, url: &str) -> Target {
        let core = url
            .strip_prefix(CORE)
            .filter(|name| !name.contains(['/', '|', '-']) && name.starts_with(char::is_uppercase));
        let structure = schema.structure(url);
        let type_name = structure.map(|s| schema.get(s).type_name.clone());
        let is_profile = structure.is_some_and(|s| schema.get(s).is_profile);
        Target {
            url: url.into(),
            type_name: type_name.or_else(|| core.map(Box::from)),
            profile: structure.filter(|_| is_profile),
        }
    }

    fn allows(&self, type_name: &str) -> bool {
        self.type_name.as_deref().is_none_or(|t| t == type_name || matches!(t, "Resource" | "DomainResource"))
    }
}

fn names(targets: &[Target]) -> Box<str> {
    targets.iter().map(|t| t.url.strip_prefix(CORE).unwrap_or(&t.url)).collect::<Vec<_>>().join(", ").into()
}

pub fn check<'a, S: Sink>(
    walk: &mut Walk<'_, 'a, S>,
    scope: &Scope<'_, 'a>,
    node: &'a Node,
    value: &'a Value,
    at: &Path<'_>,
) -> Flow {
    let text = |name: &str| property(value, name).and_then(Value::as_str);
    let stated_as = text("type").filter(|t| !t.trim().is_empty());
    let stated = stated_as.map(|t| t.strip_prefix(CORE).unwrap_or(t));
    let Some(reference) = text("reference") else {
        // What is meant is told by its identifier or display, if at all.
        return stated.map_or(Flow::Continue(()), |stated| allowed(walk, node, stated, Severity::Warning, at));
    };
    if !is_written_right(walk.schema(), reference) {
        walk.error(at, || Kind::ReferenceForm)?;
    }
    // What the Bundle itself refers to (who signed it) stands in no entry.
    let of_entry = scope.bundle.filter(|b| !std::ptr::eq(b.bundle(), scope.resource) && !reference.starts_with('#'));
    if let Some(bundle) = of_entry
        && let Some(flaw) = bundle.flaw(scope.full_url, reference)
    {
        walk.report(at, flaw.base_severity(), || flaw)?;
    }
    let found = resolve::within(&walk.shared.lookup, scope, reference);
    aggregation::check(walk, node, reference, found.is_some(), at)?;
    if reference.starts_with('#') && found.is_none() {
        return walk.error(at, || Kind::ContainedNotFound);
    }
    let outside = match (found, walk.shared.resolver) {
        (None, Some(resolver)) => resolver.resolve(reference),
        _ => None,
    };
    let in_text = resolve::typed(reference).filter(|(name, start)| {
        // In an absolute URL of something that is no FHIR server, the part in front of the last may be anything.
        *start == 0 || is_resource(walk.schema(), name)
    });
    if let Some((name, 0)) = in_text
        && !is_resource(walk.schema(), name)
    {
        // It leads nowhere, as one to another server may that is not known here.
        return walk.report(at, Severity::Warning, || Kind::ReferenceTypeUnknown);
    }
    let type_of = |resource: &'a Value| property(resource, "resourceType").and_then(Value::as_str);
    let outside_type = outside.as_ref().and_then(|r| property(r, "resourceType")).and_then(Value::as_str);
    let actual = found.and_then(type_of).or(outside_type).or(in_text.map(|(name, _)| name));
    // An absolute URL is for types that FHIR does not have.
    if let (Some(actual), Some(stated)) = (actual, stated_as)
        && actual != stated
    {
        walk.error(at, || Kind::ReferenceTypeMismatch)?;
    }
    let Some(type_name) = actual.or(stated) else { return Flow::Continue(()) };
    allowed(walk, node, type_name, Severity::Error, at)?;
    let fault = match (found, outside.as_deref()) {
        (Some(resource), _) => {
            Target::of_resource(walk, scope, node, (resource, reference.starts_with('#')), type_name)
        }
        (None, Some(resource)) => Target::of_outside(walk, node, resource, type_name),
        (None, None) => None,
    };
    match fault {
        Some(Fault::Broken(allowed)) => walk.error(at, || Kind::ReferenceProfile { allowed }),
        // What is here to be checked, and by nothing but what is not, is not taken on trust.
        Some(Fault::Missing(profile)) if found.is_some() => {
            walk.error(at, || Kind::ReferenceProfileMissing { profile })
        }
        Some(Fault::Missing(profile) | Fault::Unknown(profile)) => {
            walk.say_once(&profile.clone(), at, || Kind::UnknownProfile { profile })
        }
        None => Flow::Continue(()),
    }
}

/// What is to be said of a resource that is referred to.
enum Fault {
    /// It keeps none of these profiles.
    Broken(Box<str>),
    /// Nothing but profiles that are not here is asked of it, of which this is the first.
    Missing(Box<str>),
    /// It may keep this profile, which is not here, and none that is.
    Unknown(Box<str>),
}

/// Without white space; a conditional one (`Patient?identifier=…`) with names and values.
fn is_written_right(schema: &Schema, reference: &str) -> bool {
    let is_pair = |pair: &str| {
        let name = |n: &str| {
            n.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
                && n.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b':' | b'.'))
        };
        pair.split_once('=').is_some_and(|(n, _)| name(n))
    };
    match reference.split_once('?') {
        _ if reference.contains(char::is_whitespace) => false,
        Some((name, query)) if is_resource(schema, name) => query.split('&').all(is_pair),
        _ => true,
    }
}

impl Target {
    /// What a resource in the document breaks; `None` where it keeps one of each list of targets.
    fn of_resource<'a, S: Sink>(
        walk: &Walk<'_, 'a, S>,
        scope: &Scope<'_, 'a>,
        node: &Node,
        (resource, is_contained): (&'a Value, bool),
        type_name: &str,
    ) -> Option<Fault> {
        fault(node, type_name, |profile| {
            let inner = if is_contained {
                *scope
            } else {
                let full_url = scope.bundle.and_then(|bundle| bundle.full_url_of(resource));
                Scope { root: resource, full_url, ..*scope }
            };
            walk.resource_holds(&inner, resource, (profile, 0))
        })
    }

    fn of_outside<S: Sink>(walk: &Walk<'_, '_, S>, node: &Node, resource: &Value, type_name: &str) -> Option<Fault> {
        fault(node, type_name, |profile| {
            let shared = Shared::new(walk.schema(), walk.shared.options, None);
            let inner = Walk::new(&shared, Verdict);
            let scope = Scope { resource, root: resource, bundle: None, full_url: None };
            inner.resource_holds(&scope, resource, (profile, 0))
        })
    }
}

/// What is wrong by the first list of targets of which a resource keeps none.
fn fault(node: &Node, type_name: &str, mut holds: impl FnMut(u32) -> bool) -> Option<Fault> {
    node.targets.iter().find_map(|targets| {
        let of_type = || targets.iter().filter(|t| t.allows(type_name));
        let is_missing = |t: &&Target| t.type_name.is_none();
        if of_type().next().is_none() || of_type().any(|t| !is_missing(&t) && t.profile.is_none_or(&mut holds)) {
            return None;
        }
        let missing = of_type().find(is_missing).map(|t| t.url.clone());
        Some(match missing {
            None => Fault::Broken(names(targets)),
            Some(missing) if of_type().all(|t| is_missing(&t)) => Fault::Missing(missing),
            Some(missing) => Fault::Unknown(missing),
        })
    })
}

fn allowed<S: Sink>(
    walk: &mut Walk<'_, '_, S>,
    node: &Node,
    type_name: &str,
    severity: Severity,
    at: &Path<'_>,
) -> Flow {
    for targets in &node.targets {
        if !targets.iter().any(|t| t.allows(type_name)) {
            walk.report(at, severity, || Kind::ReferenceTarget { allowed: names(targets) })?;
            break;
        }
    }
    Flow::Continue(())
}

fn is_resource(schema: &Schema, name: &str) -> bool {
    schema.type_structure(name).is_some_and(|s| schema.get(s).kind == StructureKind::Resource)
}

/// A canonical that names a definition of another kind than its element asks for.
pub fn check_canonical<'a, S: Sink>(
    walk: &mut Walk<'_, 'a, S>,
    scope: &Scope<'_, 'a>,
    node: &'a Node,
    value: &'a Value,
    at: &Path<'_>,
) -> Flow {
    let Some(canonical) = value.as_str() else { return Flow::Continue(()) };
    if let Some(id) = canonical.strip_prefix('#') {
        return match walk.shared.lookup.contained(scope.root, id) {
            Some(_) => Flow::Continue(()),
            None => walk.error(at, || Kind::ContainedNotFound),
        };
    }
    if node.targets.is_empty() {
        return Flow::Continue(());
    }
    let schema = walk.schema();
    match schema.definitions.entry(canonical) {
        Some(entry) => allowed_canonical(walk, node, &entry.resource_type, at),
        None => Flow::Continue(()),
    }
}

fn allowed_canonical<S: Sink>(walk: &mut Walk<'_, '_, S>, node: &Node, type_name: &str, at: &Path<'_>) -> Flow {
    // A claim that cannot be checked is told as such; nothing else of the resource hangs on it.
    let is_claim = node.paths.iter().any(|path| &**path == "Meta.profile");
    let severity = if is_claim { Severity::Warning } else { Severity::Error };
    for targets in &node.targets {
        if !targets.iter().any(|t| t.allows(type_name)) {
            return walk.report(at, severity, || Kind::CanonicalOfOtherType { allowed: names(targets) });
        }
    }
    Flow::Continue(())
}
