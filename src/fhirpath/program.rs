//! A compiled expression: names resolved, types bound, constants and regular expressions made.

use super::builtin::Primitive;
use super::function::Function;
use super::item::Item;
use super::types::{Element, TypeId, Types};
use regex::Regex;
use smallvec::SmallVec;
use std::sync::Arc;

/// An expression compiled for one type of focus. Evaluating parses nothing and changes nothing: share it freely.
pub struct Program {
    pub(super) types: Arc<Types>,
    pub(super) root: Op,
    pub(super) warnings: Vec<Warning>,
}

/// An element that the expression names and its type does not have: such a path is always empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning {
    /// Byte offset into the expression.
    pub at: u32,
    pub element: String,
    /// The type that lacks it.
    pub of: String,
}

impl Program {
    /// The types that it was compiled against.
    pub fn types(&self) -> &Arc<Types> {
        &self.types
    }

    /// Names in the expression that its types do not have.
    pub fn warnings(&self) -> &[Warning] {
        &self.warnings
    }
}

impl std::fmt::Debug for Program {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Program").field("warnings", &self.warnings).finish_non_exhaustive()
    }
}

pub(super) struct Op {
    pub at: u32,
    pub kind: OpKind,
}

pub(super) enum OpKind {
    /// `{}`
    Empty,
    Constant(Item<'static>),
    This,
    Index,
    Total,
    Resource,
    RootResource,
    Context,
    /// A `%name` that only the context can know.
    External(Box<str>),
    /// Steps from the focus (`None`) or from what an operation yields.
    Path(Option<Box<Op>>, Box<[Step]>),
    Where(Box<Op>, Box<Op>),
    Select(Box<Op>, Box<Op>),
    Repeat(Box<Op>, Box<Op>),
    All(Box<Op>, Box<Op>),
    Exists(Box<Op>, Option<Box<Op>>),
    /// `empty()`
    IsEmpty(Box<Op>),
    Count(Box<Op>),
    Not(Box<Op>),
    /// Items of a type: `ofType()`, `as()`, `as`.
    OfType(Box<Op>, TypeTest),
    Is(Box<Op>, TypeTest),
    Indexer(Box<Op>, Box<Op>),
    /// A chain of the same operator, flat.
    And(Box<[Op]>),
    Or(Box<[Op]>),
    Xor(Box<Op>, Box<Op>),
    Implies(Box<Op>, Box<Op>),
    /// The flag is true of `!=`.
    Equal(Box<Op>, Box<Op>, bool),
    Equivalent(Box<Op>, Box<Op>, bool),
    Compare(Box<Op>, Box<Op>, Comparison),
    /// Item, collection: `in`, and `contains` turned round.
    In(Box<Op>, Box<Op>),
    /// The flag is false where the consumer does not care about duplicates.
    Union(Box<[Op]>, bool),
    Arithmetic(Arithmetic, Box<Op>, Box<Op>),
    Negate(Box<Op>),
    /// `extension('url')` with the URL known.
    Extension(Box<Op>, Box<str>),
    /// `matches` with the expression known.
    Matches(Box<Op>, Box<Regex>),
    ReplaceMatches(Box<Op>, Box<Regex>, Box<Op>),
    Iif(Box<Op>, Box<[Op]>),
    /// Aggregator and start.
    Aggregate(Box<Op>, Box<Op>, Option<Box<Op>>),
    Call(Function, Box<Op>, Box<[Op]>),
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Comparison {
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Arithmetic {
    Add,
    Subtract,
    Multiply,
    Divide,
    Div,
    Mod,
    Concatenate,
}

/// One name of a path.
pub(super) struct Step {
    pub name: Box<str>,
    /// The element in the types that the step can meet, as far as the compiler could tell.
    pub known: SmallVec<[(TypeId, Arc<Element>); 1]>,
}

/// A type to test for: `of` and what derives from it.
#[derive(Clone, Copy)]
pub(super) struct TypeTest {
    pub of: TypeId,
    /// The type of FHIRPath's own that the name also means: `Quantity` is FHIR's and System's.
    pub also: Option<TypeId>,
    /// Primitives of this reading pass too: R4 writes `Boolean` where it means `boolean` (que-7).
    pub primitive: Option<Primitive>,
}
