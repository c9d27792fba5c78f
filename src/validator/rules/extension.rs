//! Extensions: known, of the right kind, at a place that their definition allows, with a value or with parts.

use serde_json::Value;

use super::constraint;
use crate::fhir::Severity;
use crate::fhirpath;
use crate::validator::UnknownExtensions;
use crate::validator::kind::Kind;
use crate::validator::node::{ExtensionKind, Node, Shape};
use crate::validator::path::Path;
use crate::validator::property::property;
use crate::validator::schema::{CORE, Schema};
use crate::validator::sink::{Flow, Sink};
use crate::validator::structure::{Context, Structure};
use crate::validator::walk::{Scope, Walk};

pub const EXTENSION: &str = "http://hl7.org/fhir/StructureDefinition/Extension";

/// Errata: contexts of extensions that R4's own definitions bear elsewhere.
const ALSO_ON: [(&str, &str); 5] = [
    ("structuredefinition-fhir-type", "ElementDefinition.type"),
    ("regex", "ElementDefinition.type"),
    ("structuredefinition-normative-version", "Element"),
    ("capabilitystatement-expectation", "Element"),
    ("capabilitystatement-prohibited", "Element"),
];

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

/// An extension that is defined with a value has one, if only the element part of a primitive; unless it has parts, and
/// need have no value.
pub fn check_value<S: Sink>(walk: &mut Walk<'_, '_, S>, of: &Structure, value: Option<&Value>, at: &Path<'_>) -> Flow {
    let Some(map) = value.and_then(Value::as_object) else { return Flow::Continue(()) };
    let has_value = map.keys().any(|key| key.trim_start_matches('_').starts_with("value"));
    match of.extension_value() {
        Some(value) if !has_value && (value.min > 0 || !map.contains_key("extension")) => {
            walk.error(at, || Kind::ExtensionWithoutValue)
        }
        _ => Flow::Continue(()),
    }
}

/// Source: `StructureDefinition.context`. Of a definition with contexts in FHIRPath the element itself asks, as it knows
/// what it is ([`check_around`]).
pub fn check_context<S: Sink>(walk: &mut Walk<'_, '_, S>, of: &Structure, parent: &Node, at: &Path<'_>) -> Flow {
    let is_elsewhere = of.contexts.iter().any(|c| matches!(c, Context::FhirPath(_)));
    let owner = at.parent().and_then(Path::parent).unwrap_or(at);
    if is_elsewhere || allows_any(walk.schema(), of, parent, owner) {
        return Flow::Continue(());
    }
    not_here(walk, of, owner)
}

/// Whether one of the contexts that name elements or extensions is this place.
fn allows_any(schema: &Schema, of: &Structure, parent: &Node, owner: &Path<'_>) -> bool {
    of.contexts.iter().any(|c| allows(schema, c, parent) || is_way(c, owner)) || is_also_on(schema, of, parent)
}

fn not_here<S: Sink>(walk: &mut Walk<'_, '_, S>, of: &Structure, owner: &Path<'_>) -> Flow {
    walk.error(owner, || {
        let names = of.contexts.iter().map(|c| match c {
            Context::Element(e) | Context::Extension(e) | Context::FhirPath(e) => &**e,
        });
        Kind::ExtensionNotHere { url: (&*of.url).into(), allowed: names.collect::<Vec<_>>().join(", ").into() }
    })
}

/// Whether the definition of an extension says more of the element that it stands on than its type.
pub fn asks_around(of: &Structure) -> bool {
    !of.context_invariants.is_empty() || of.contexts.iter().any(|c| matches!(c, Context::FhirPath(_)))
}

/// What the definitions of the extensions that `bearer` has (the owner, or what stands beside a primitive) say of the
/// owner: contexts in FHIRPath and `StructureDefinition.contextInvariant`.
pub fn check_around<'a, S: Sink>(
    walk: &mut Walk<'_, 'a, S>,
    scope: &Scope<'_, 'a>,
    node: &Node,
    bearer: &'a Value,
    owner: fhirpath::Node<'a>,
    at: &Path<'_>,
) -> Flow {
    let schema = walk.schema();
    let of = |name: &str| property(bearer, name).and_then(Value::as_array).into_iter().flatten();
    for extension in of("extension").chain(of("modifierExtension")) {
        let url = property(extension, "url").and_then(Value::as_str).filter(|url| url.contains(':'));
        let Some(definition) = url.and_then(|url| schema.structure(url)).map(|s| schema.get(s)) else { continue };
        found_by_context(walk, scope, node, definition, bearer, at)?;
        for invariant in &definition.context_invariants {
            match constraint::holds_around(walk, scope, invariant, owner, extension) {
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
    if expressions().next().is_none() || allows_any(walk.schema(), of, node, at) {
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

fn allows(schema: &Schema, context: &Context, parent: &Node) -> bool {
    let named = |expression: &str| parent.paths.iter().any(|p| **p == *expression);
    match context {
        Context::Element(expression) => allows_element(schema, expression, parent),
        Context::Extension(url) => named(url.split('#').next().unwrap_or(url)),
        Context::FhirPath(_) => false,
    }
}

/// Whether a context is the whole way to this place, through types too: `Questionnaire.item.code.display`.
fn is_way(context: &Context, owner: &Path<'_>) -> bool {
    matches!(context, Context::Element(expression) if expression.contains('.') && owner.is_written(expression))
}

fn is_also_on(schema: &Schema, of: &Structure, parent: &Node) -> bool {
    let Some(name) = of.url.strip_prefix(CORE) else { return false };
    let also = ALSO_ON.iter().find(|(extension, _)| *extension == name);
    also.is_some_and(|(_, expression)| allows_element(schema, expression, parent))
}

/// Whether a context that names an element or type is this place: by its path, by its type, or by what that is made from.
fn allows_element(schema: &Schema, expression: &str, parent: &Node) -> bool {
    match expression {
        "Element" | "Any" => true,
        // What later versions call the resources that have a canonical url.
        "CanonicalResource" | "MetadataResource" => parent.shape == Shape::Resource && parent.table.contains_key("url"),
        other => {
            let path = other.rsplit_once('#').map_or(other, |(_, path)| path);
            let path = path.strip_suffix("[x]").unwrap_or(path);
            parent.paths.iter().any(|p| **p == *other || **p == *path || descends(schema, p, path))
        }
    }
}

/// Whether a path, such as `Patient.contained` or `code`, is one of the same name of a type that its type is made from.
fn descends(schema: &Schema, path: &str, ancestor: &str) -> bool {
    let split = |p: &str| p.find('.').unwrap_or(p.len());
    let ((own, rest), (of, same)) = (path.split_at(split(path)), ancestor.split_at(split(ancestor)));
    if rest != same || own.contains(':') {
        return false;
    }
    let mut next = schema.type_structure(own);
    while let Some(structure) = next.map(|s| schema.get(s)) {
        if *structure.type_name == *of {
            return true;
        }
        next = structure.base.as_deref().and_then(|base| schema.structure(base));
    }
    false
}
