//! The compiled form of a set of profiles: a tree of nodes that a resource is walked over.

use std::sync::{Arc, OnceLock};

use ahash::AHashMap;
use serde_json::Value;
use smallvec::SmallVec;

use super::primitive::Primitive;
use super::rules::aggregation::Aggregation;
use super::rules::binding::BindingRule;
use super::rules::constraint::ConstraintRule;
use super::rules::form::FormRule;
use super::rules::reference::Target;
use super::slicing::Group;
use crate::fhirpath::TypeId;

pub type NodeId = u32;

/// A type of resource and the profiles on it that a place asks for.
pub type ResourceType = (Box<str>, Vec<Box<str>>);

/// An element of a loaded structure: number of the structure, number of the element.
pub type Source = (u32, u32);

/// Everything that holds for a value at one place, united from all definitions that say something about it: the base
/// type, each profile, the datatype and its profiles, the slice.
pub struct Node {
    pub type_name: Box<str>,
    /// The definitions that were asked to hold here, before their types were followed.
    pub sources: Box<[Source]>,
    pub shape: Shape,
    /// Names by which an extension's context may call this place (`Patient.name`, `HumanName`).
    pub paths: Vec<Box<str>>,
    /// JSON property → which property and which of its types. Element parts (`_birthDate`) are looked up without `_`.
    pub table: AHashMap<Box<str>, Entry>,
    pub properties: Vec<Property>,
    /// Properties with `min` above 0, as bits.
    pub required: u128,
    /// Properties of which a slice has `min` above 0, as bits.
    pub sliced: u128,
    pub fixed: Vec<Value>,
    pub patterns: Vec<Value>,
    pub max_length: Option<u64>,
    pub forms: Vec<FormRule>,
    pub bounds: Vec<Bound>,
    pub bindings: Vec<BindingRule>,
    pub constraints: Vec<Arc<ConstraintRule>>,
    /// Each definition's list of allowed targets of a Reference or canonical.
    pub targets: Vec<Vec<Target>>,
    /// Each definition's allowed ways to the target of a Reference, where not all are.
    pub aggregations: Vec<Aggregation>,
    /// Where a type has several profiles, one of them must hold.
    pub alternatives: Vec<Vec<Source>>,
    /// For a place that takes any resource: the types that each definition allows.
    pub resource_types: Vec<Vec<ResourceType>>,
    /// Profiles named by a definition that are not there.
    pub missing: Vec<Box<str>>,
    /// What the definitions that hold here build on and is not there.
    pub gaps: Vec<Box<str>>,
    /// The type of a value here, for constraints.
    pub focus: TypeId,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    Primitive(Primitive),
    Object,
    /// A resource of a known type.
    Resource,
    /// Any resource: which node holds is known from `resourceType`.
    AnyResource,
}

#[derive(Clone, Copy)]
pub struct Entry {
    pub property: u16,
    pub variant: u16,
}

pub struct Property {
    /// The element's name; without `[x]` for a choice.
    pub name: Box<str>,
    pub array: bool,
    pub min: u32,
    pub max: Option<u32>,
    /// Which definition says so.
    pub origin: u32,
    pub variants: Vec<Variant>,
    pub groups: Vec<Group>,
    /// Slices of a choice that must be there: name, property, and its definition.
    pub required_variants: Vec<(Box<str>, Box<str>)>,
    pub extension: Option<ExtensionKind>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExtensionKind {
    Plain,
    Modifier,
}

/// One type of a property: the only one, or one of a choice.
pub struct Variant {
    pub json: Box<str>,
    /// Where a primitive's id and extensions stand: `_birthDate`.
    pub sibling: Box<str>,
    pub type_name: Box<str>,
    pub allowed: bool,
    pub primitive: bool,
    pub sources: SmallVec<[Source; 4]>,
    pub node: OnceLock<NodeId>,
}

/// Source: `ElementDefinition.minValue[x]` and `maxValue[x]`.
pub struct Bound {
    pub upper: bool,
    pub value: Value,
}
