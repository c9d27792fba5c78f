//! The rules, one in each file. Cheap ones come first.

pub mod aggregation;
pub mod attachment;
pub mod binding;
pub mod bounds;
pub mod bundle;
pub mod capability_statement;
pub mod code_system;
pub mod coding;
pub mod concept_map;
pub mod constraint;
pub mod contained;
pub mod definition;
pub mod discriminator;
pub mod extension;
pub mod fixed;
pub mod form;
pub mod identifier;
pub mod ids;
pub mod implementation_guide;
pub mod max_length;
pub mod measure;
pub mod narrative;
pub mod operation_definition;
pub mod pattern;
pub mod profile;
pub mod quantity;
pub mod questionnaire;
pub mod reference;
pub mod search_parameter;
pub mod structure_map;
pub mod value_set;
pub mod version;
pub mod vital_signs;

use ahash::AHashSet;
use serde_json::Value;

use super::kind::Kind;
use super::node::{Node, Shape};
use super::path::Path;
use super::primitive::{Primitive, is_absolute};
use super::property::property;
use super::sink::{Flow, Sink};
use super::walk::{Place, Scope, Walk};

/// All rules on one value, after its structure was checked.
pub fn apply<'a, S: Sink>(
    walk: &mut Walk<'_, 'a, S>,
    scope: &Scope<'_, 'a>,
    node: &'a Node,
    value: Option<&'a Value>,
    sibling: Option<&'a Value>,
    at: &Path<'_>,
) -> Flow {
    if let Some(value) = value {
        max_length::check(walk, node, value, at)?;
        form::check(walk, node, value, at)?;
        fixed::check(walk, node, value, sibling, at)?;
        pattern::check(walk, node, value, at)?;
        bounds::check(walk, node, value, at)?;
        binding::check(walk, scope, node, value, at)?;
        match &*node.type_name {
            "Reference" => reference::check(walk, scope, node, value, at)?,
            "Coding" => coding::check(walk, scope, value, at)?,
            "Identifier" => identifier::check(walk, value, at)?,
            "Attachment" => attachment::check(walk, value, at)?,
            "Quantity" | "Age" | "Duration" | "Count" | "Distance" => quantity::check(walk, value, at)?,
            "canonical" => reference::check_canonical(walk, scope, node, value, at)?,
            _ => {}
        }
        if node.shape == Shape::Primitive(Primitive::Xhtml) {
            narrative::check(walk, scope, value, at)?;
        }
        profile::check(walk, scope, node, value, at)?;
    }
    if let (None, Some(part)) = (value, sibling) {
        binding::check_absent(walk, node, part, at)?;
    }
    constraint::check(walk, scope, node, value, sibling, at)
}

/// Rules on a resource as a whole, by its type and place.
pub fn resource<'a, S: Sink>(
    walk: &mut Walk<'_, 'a, S>,
    scope: &Scope<'_, 'a>,
    type_name: &str,
    value: &'a Value,
    place: Place,
    at: &Path<'_>,
) -> Flow {
    if place != Place::Contained {
        contained::check(walk, value, at)?;
    }
    ids::check(walk, value, at)?;
    ids::has_value(walk, value, at)?;
    security_labels(walk, value, at)?;
    canonical_url(walk, type_name, value, at)?;
    match type_name {
        "Bundle" => bundle::check(walk, scope, value, at),
        "MeasureReport" => measure::check(walk, scope, value, at),
        "StructureDefinition" => definition::check(walk, value, at),
        "Questionnaire" => questionnaire::definition::check(walk, value, at),
        "ConceptMap" => concept_map::check(walk, value, at),
        "CodeSystem" => code_system::check(walk, value, at),
        "ValueSet" => value_set::check(walk, value, at),
        "CapabilityStatement" => capability_statement::check(walk, value, at),
        "SearchParameter" => search_parameter::check(walk, value, at),
        "StructureMap" => structure_map::check(walk, value, at),
        "OperationDefinition" => operation_definition::check(walk, value, at),
        "ImplementationGuide" => implementation_guide::check(walk, value, at),
        "Measure" => measure::criteria::check(walk, value, at),
        "QuestionnaireResponse" => questionnaire::check(walk, scope, value, at),
        _ => Flow::Continue(()),
    }
}

/// Security labels are a set.
fn security_labels<S: Sink>(walk: &mut Walk<'_, '_, S>, value: &Value, at: &Path<'_>) -> Flow {
    let Some(labels) = value.get("meta").and_then(|meta| meta.get("security")).and_then(Value::as_array) else {
        return Flow::Continue(());
    };
    let meta = at.name("meta");
    let mut seen = AHashSet::new();
    for (i, label) in labels.iter().enumerate() {
        // One without a code is told by its words, which may be any.
        let Some(code) = text(label, "code") else { continue };
        if !seen.insert((text(label, "system"), code)) {
            walk.error(&meta.name("security").index(i), || Kind::SecurityLabelTwice)?;
        }
    }
    Flow::Continue(())
}

/// The canonical url by which others name a definition is absolute.
fn canonical_url<S: Sink>(walk: &mut Walk<'_, '_, S>, type_name: &str, value: &Value, at: &Path<'_>) -> Flow {
    let url = text(value, "url").filter(|_| type_name != "Subscription");
    match url {
        Some(url) if !is_absolute(url) => walk.error(&at.name("url"), || Kind::NotAbsolute { type_name: "uri" }),
        _ => Flow::Continue(()),
    }
}

/// A property that is a text.
fn text<'v>(value: &'v Value, name: &str) -> Option<&'v str> {
    property(value, name)?.as_str()
}

/// The items of a property; none where it is no list.
fn list<'v>(value: &'v Value, name: &str) -> &'v [Value] {
    property(value, name).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}
