//! Slices as pairs of a condition and what then holds.

use std::sync::OnceLock;

use ahash::AHashMap;
use serde_json::Value;
use smallvec::SmallVec;

use super::node::{NodeId, Source};
use super::rules::binding::BindingRule;
use super::structure::SlicingRules;

/// The slicing of one element by one definition.
pub struct Group {
    pub rules: SlicingRules,
    pub ordered: bool,
    pub slices: Vec<Slice>,
    /// Extensions are told apart by their url alone.
    pub by_url: Option<AHashMap<Box<str>, u16>>,
    /// No item can be in two slices: their conditions say so, so that the first that matches is the only one.
    pub exclusive: bool,
    /// A slice whose definition gives nothing to tell it by, so that no item can be told to be in it or not.
    pub undecidable: Option<u16>,
    /// `@default`: what holds for an item that matches no slice.
    pub default: Option<u16>,
}

pub struct Slice {
    pub name: Box<str>,
    pub min: u32,
    pub max: Option<u32>,
    pub conditions: Vec<Condition>,
    pub sources: SmallVec<[Source; 4]>,
    pub type_name: Box<str>,
    pub node: OnceLock<NodeId>,
    pub reslices: Option<Box<Group>>,
}

/// One discriminator of a slice: where to look, and what must be there.
pub struct Condition {
    pub path: Vec<Step>,
    pub expected: Expected,
}

pub enum Step {
    Name(Box<str>),
    /// A choice: the properties that it may be.
    Choice(Box<[Box<str>]>),
    OfType(Box<str>),
    Extension(Box<str>),
    Resolve,
}

/// A discriminator's path as it is written: `coding.code`, `value.ofType(Quantity)`; `$this` for none.
pub fn written(path: &[Step]) -> String {
    let parts = path.iter().map(|step| match step {
        Step::Name(name) => name.to_string(),
        Step::Choice(names) => names.first().map_or_else(String::new, |name| {
            let end = name.find(|c: char| c.is_ascii_uppercase()).unwrap_or(name.len());
            name[..end].to_owned()
        }),
        Step::OfType(name) => format!("ofType({name})"),
        Step::Extension(url) => format!("extension('{url}')"),
        Step::Resolve => "resolve()".to_owned(),
    });
    let path = parts.collect::<Vec<_>>().join(".");
    if path.is_empty() { "$this".to_owned() } else { path }
}

pub enum Expected {
    Fixed(Value),
    Pattern(Value),
    Binding(Box<BindingRule>),
    Exists(bool),
    /// Names of types; for a choice the JSON property tells the type.
    Type(Vec<Box<str>>),
    /// Sources of profiles, one of which must hold.
    Profile(Vec<Source>),
    /// What tells the slice is said by a profile that is not there.
    Missing(Box<str>),
    /// The definition gives nothing to tell the slice by.
    Nothing,
    /// The definition has no discriminator at all.
    Never,
}
