//! Extensions: known, of the right kind, at a place that their definition allows, with a value or with parts.

use serde_json::Value;

use super::constraint;
use crate::fhir::Severity;
use crate::validator::UnknownExtensions;
use crate::validator::kind::Kind;
use crate::validator::node::{ExtensionKind, Node, Shape};
use crate::validator::path::Path;
use crate::validator::sink::{Flow, Sink};
use crate::validator::structure::{Context, Structure};
use crate::validator::walk::{Scope, Walk};

pub const EXTENSION: &str = "http://hl7.org/fhir/StructureDefinition/Extension";

/// Erratum: its context names `ElementDefinition.type.code`, and R4's own definitions carry it on the type.
const FHIR_TYPE: &str = "http://hl7.org/fhir/StructureDefinition/structuredefinition-fhir-type";

/// An extension whose definition is not there: an error where it changes meaning, or where the caller wants it to be;
/// but then not where its url is made up for an example, which no definition will ever have.
pub fn unknown<S: Sink>(walk: &mut Walk<'_, '_, S>, kind: ExtensionKind, url: &str, at: &Path<'_>) -> Flow {
    match (kind, walk.shared.options.unknown_extensions) {
        (ExtensionKind::Modifier, _) => walk.error(at, || Kind::UnknownModifierExtension),
        (_, UnknownExtensions::Error) if !is_made_up(url) => walk.error(at, || Kind::UnknownExtensionRefused),
        _ if S::ALL => walk.report(at, Severity::Information, || Kind::UnknownExtension),
        _ => Flow::Continue(()),
    }
}

/// Whether a url lies where HL7's examples make theirs up, or belongs to its publishing tools: no package defines those.
fn is_made_up(url: &str) -> bool {
    let host = url.split_once("://").and_then(|(_, rest)| rest.split(['/', ':', '?', '#']).next()).unwrap_or_default();
    let within = |domain: &str| host.strip_suffix(domain).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'));
    within("example.org") || within("acme.com") || url.starts_with("http://hl7.org/fhir/tools/StructureDefinition/")
}

/// Whether a url names an element of another version of FHIR: such an extension is defined by that version, so that it
/// is known without a package that says so.
///
/// Source: <http://hl7.org/fhir/R4/versions.html#extensions>.
pub fn is_of_other_version(url: &str) -> bool {
    let Some((version, rest)) = url.strip_prefix("http://hl7.org/fhir/").and_then(|u| u.split_once('/')) else {
        return false;
    };
    let Some(path) = rest.strip_prefix("StructureDefinition/extension-") else { return false };
    let mut parts = path.split('.');
    let is_name = |p: &str| !p.is_empty() && p.bytes().all(|b| b.is_ascii_alphanumeric());
    matches!(version, "1.0" | "3.0" | "4.3" | "5.0")
        && parts.next().is_some_and(|t| t.starts_with(|c: char| c.is_ascii_uppercase()) && is_name(t))
        && parts.clone().next().is_some()
        && parts.all(|p| is_name(p.strip_suffix("[x]").unwrap_or(p)))
}

pub fn check_kind<S: Sink>(walk: &mut Walk<'_, '_, S>, of: &Structure, kind: ExtensionKind, at: &Path<'_>) -> Flow {
    match (kind, of.is_modifier()) {
        (ExtensionKind::Plain, true) => walk.error(at, || Kind::ExtensionIsModifier),
        (ExtensionKind::Modifier, false) => walk.error(at, || Kind::ExtensionIsNoModifier),
        _ => Flow::Continue(()),
    }
}

/// An extension that is defined with a value has one, if only the element part of a primitive.
pub fn check_value<S: Sink>(walk: &mut Walk<'_, '_, S>, of: &Structure, value: Option<&Value>, at: &Path<'_>) -> Flow {
    let Some(map) = value.and_then(Value::as_object) else { return Flow::Continue(()) };
    let has_value = map.keys().any(|key| key.trim_start_matches('_').starts_with("value"));
    if has_value || !of.is_simple_extension() {
        return Flow::Continue(());
    }
    walk.error(at, || Kind::ExtensionWithoutValue)
}

/// Source: `StructureDefinition.context`. Of a definition with contexts in FHIRPath the element itself asks, as it knows
/// what it is ([`check_around`]).
pub fn check_context<S: Sink>(walk: &mut Walk<'_, '_, S>, of: &Structure, parent: &Node, at: &Path<'_>) -> Flow {
    let is_elsewhere = &*of.url == FHIR_TYPE || of.contexts.iter().any(|c| matches!(c, Context::FhirPath(_)));
    if of.contexts.is_empty() || is_elsewhere || of.contexts.iter().any(|c| allows(c, parent)) {
        return Flow::Continue(());
    }
    not_here(walk, of, at.parent().and_then(Path::parent).unwrap_or(at))
}

fn not_here<S: Sink>(walk: &mut Walk<'_, '_, S>, of: &Structure, owner: &Path<'_>) -> Flow {
    walk.error(owner, || {
        let names = of.contexts.iter().map(|c| match c {
            Context::Element(e) | Context::Extension(e) | Context::FhirPath(e) => &**e,
        });
        Kind::ExtensionNotHere { allowed: names.collect::<Vec<_>>().join(", ").into() }
    })
}

/// What the definitions of an element's extensions say of the element itself: contexts in FHIRPath and
/// `StructureDefinition.contextInvariant`.
pub fn check_around<'a, S: Sink>(
    walk: &mut Walk<'_, 'a, S>,
    scope: &Scope<'_, 'a>,
    node: &Node,
    value: &'a Value,
    at: &Path<'_>,
) -> Flow {
    let schema = walk.schema();
    let of = |name: &str| value.get(name).and_then(Value::as_array).into_iter().flatten();
    for extension in of("extension").chain(of("modifierExtension")) {
        let url = extension.get("url").and_then(Value::as_str).filter(|url| url.contains(':'));
        let Some(definition) = url.and_then(|url| schema.structure(url)).map(|s| schema.get(s)) else { continue };
        found_by_context(walk, scope, node, definition, value, at)?;
        // Of a primitive only the part beside its value is at hand.
        let invariants = definition.context_invariants.iter().filter(|_| !matches!(node.shape, Shape::Primitive(_)));
        for invariant in invariants {
            match constraint::holds_around(walk, scope, invariant, (value, node.focus), extension) {
                Ok(true) => {}
                Ok(false) => walk.error(at, || Kind::ExtensionInvariant { invariant: invariant.clone() })?,
                Err(reason) => {
                    walk.say_once(invariant, at, || Kind::ConstraintUnchecked { key: invariant.clone(), reason })?;
                }
            }
        }
    }
    Flow::Continue(())
}

/// An element that a context in FHIRPath finds in the resource, where no other context allows the extension.
fn found_by_context<'a, S: Sink>(
    walk: &mut Walk<'_, 'a, S>,
    scope: &Scope<'_, 'a>,
    node: &Node,
    of: &Structure,
    element: &'a Value,
    at: &Path<'_>,
) -> Flow {
    let expressions = || of.contexts.iter().filter_map(|c| if let Context::FhirPath(e) = c { Some(e) } else { None });
    if expressions().next().is_none() || of.contexts.iter().any(|c| allows(c, node)) {
        return Flow::Continue(());
    }
    for expression in expressions() {
        match constraint::finds(walk, scope, expression, element) {
            Ok(true) => return Flow::Continue(()),
            Ok(false) => {}
            Err(reason) => {
                return walk.say_once(expression, at, || Kind::ConstraintUnchecked { key: expression.clone(), reason });
            }
        }
    }
    not_here(walk, of, at)
}

fn allows(context: &Context, parent: &Node) -> bool {
    let named = |expression: &str| parent.paths.iter().any(|p| **p == *expression);
    match context {
        Context::Element(expression) => match &**expression {
            "Element" => true,
            "Resource" => parent.shape == Shape::Resource,
            "DomainResource" => {
                parent.shape == Shape::Resource && !matches!(&*parent.type_name, "Bundle" | "Parameters" | "Binary")
            }
            // What later versions call the resources that have a canonical url.
            "CanonicalResource" | "MetadataResource" => {
                parent.shape == Shape::Resource && parent.table.contains_key("url")
            }
            other => {
                let path = other.rsplit_once('#').map_or(other, |(_, path)| path);
                named(other) || named(path) || named(path.strip_suffix("[x]").unwrap_or(path))
            }
        },
        Context::Extension(url) => named(url.split('#').next().unwrap_or(url)),
        Context::FhirPath(_) => false,
    }
}
