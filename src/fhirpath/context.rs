//! What an evaluation may know besides the expression and its focus.

use super::item::{Item, Node};
use super::types::Types;
use serde_json::Value;
use std::cell::Cell;

/// Finds what a reference points at.
pub trait Resolve {
    /// The resource at `reference` (`Patient/1`, `urn:uuid:…`, a canonical), or `None`. Fragments (`#contained`) are
    /// not asked for.
    fn resolve(&self, reference: &str) -> Option<&Value>;
}

/// Knows value sets and code systems.
pub trait Terminology {
    /// Is the code, Coding or CodeableConcept in the value set? `None` when that cannot be told.
    fn member_of(&self, coded: &Item<'_>, types: &Types, value_set: &str) -> Option<bool>;

    /// Is a code of `above` one of `below` or an ancestor of it in their code system? Both are codes, Codings or
    /// CodeableConcepts; `None` when that cannot be told, or where one has no code at all.
    fn subsumes(&self, above: &Item<'_>, below: &Item<'_>) -> Option<bool>;
}

/// Knows profiles.
pub trait Conformance {
    /// Does the node conform to the profile? `None` when that cannot be told.
    fn conforms_to(&self, node: Node<'_>, profile: &str) -> Option<bool>;

    /// Is the node in the slice of this name in the profile? `None` where there is no such profile or slice.
    fn is_in_slice(&self, node: Node<'_>, structure: &str, slice: &str) -> Option<bool>;
}

/// The surroundings of a focus. One for each resource serves all its constraints.
#[derive(Clone, Copy)]
pub struct Context<'a> {
    /// `%resource`: the resource that the focus is in, a contained one if it is in that.
    pub resource: Node<'a>,
    /// `%rootResource`: the resource that contains `resource`, or the same.
    pub root_resource: Node<'a>,
    /// `%context`; the focus when `None`.
    pub context: Option<Node<'a>>,
    pub resolver: Option<&'a dyn Resolve>,
    pub terminology: Option<&'a dyn Terminology>,
    pub conformance: Option<&'a dyn Conformance>,
    /// What `now()`, `today()` and `timeOfDay()` say, in the zone that they say it in.
    pub now: Option<&'a jiff::Zoned>,
    /// Values of further `%names`, asked before the ones that FHIR defines.
    pub variables: &'a [(&'a str, Item<'a>)],
    /// Items that one evaluation may visit before it ends with `TooCostly`.
    pub budget: u64,
    /// Is told how many it visited.
    pub spent: Option<&'a Cell<u64>>,
}

/// Enough for any honest constraint on any resource that fits in a request.
pub const DEFAULT_BUDGET: u64 = 10_000_000;

impl<'a> Context<'a> {
    /// A context in which only the resource is known.
    pub fn new(resource: Node<'a>) -> Self {
        Context {
            resource,
            root_resource: resource,
            context: None,
            resolver: None,
            terminology: None,
            conformance: None,
            now: None,
            variables: &[],
            budget: DEFAULT_BUDGET,
            spent: None,
        }
    }
}
