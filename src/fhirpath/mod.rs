//! FHIRPath 2.0 (N1) with FHIR's additions: parsed and bound to types once, evaluated over borrowed JSON values.
//!
//! ```
//! use overdracht::fhirpath::{Context, Node, Types, compile};
//! use serde_json::json;
//! use std::sync::Arc;
//!
//! // One `Types` for a set of definitions; `Types::new(model)` where there is a model.
//! let types = Arc::new(Types::untyped());
//! // Once a constraint, with the type of its element as the type of the focus.
//! let program = compile("start.empty() or end.empty() or (start <= end)", types.intern("Period"), &types).unwrap();
//!
//! let resource = json!({ "resourceType": "Encounter", "period": { "start": "2024-05", "end": "2024-04" } });
//! // Once a resource: what %resource and %rootResource are, and who resolves references.
//! let context = Context::new(Node::resource(&resource, &types));
//! // Once an element: its value, its `_element` if it is a primitive, and its type.
//! let focus = Node::new(&resource["period"], None, types.intern("Period"));
//! assert_eq!(program.evaluate_bool(&context, focus), Ok(Some(false)));
//! ```
//!
//! - [`parse`] gives an [`Expression`] (printable), [`compile`] a [`Program`]: `Send + Sync`, to be shared.
//! - [`TypeModel`] says what types consist of; [`TypeDescription::from_structure`] reads that from a snapshot.
//! - [`Program::evaluate`] and [`Program::evaluate_bool`] take a [`Context`] and a focus [`Node`]. They neither copy
//!   the resource nor parse anything; [`EvalError`] says what an instance made impossible, and where.
//! - Outside help comes through [`Resolve`], [`Terminology`] and [`Conformance`], and `now` through the context.
//!
//! What differs from the letter of the specification, as FHIR's own constraints need it: `as` and `as()` take
//! collections of any size (dom-3 does), and unqualified `Boolean`, `String` … also mean FHIR's primitives (que-7).

mod ast;
mod builtin;
mod check;
mod compile;
mod compile_function;
mod context;
mod describe;
mod error;
mod evaluate;
mod function;
mod item;
mod lexer;
mod parser;
mod print;
mod program;
#[cfg(test)]
mod properties;
mod quantity;
mod shape;
mod temporal;
mod types;

pub use ast::Expression;
pub use check::{CheckError, check};
pub use compile::{compile, compile_expression};
pub use context::{Conformance, Context, DEFAULT_BUDGET, Resolve, Terminology};
pub use describe::{ElementDescription, TypeDescription};
pub use error::{EvalError, EvalErrorKind, ParseError, ParseErrorKind};
pub use function::functions;
pub use item::{Collection, Item, Node};
pub use parser::parse;
pub use program::{Program, Warning};
pub use quantity::Quantity;
pub use temporal::Temporal;
pub use types::{TypeId, TypeModel, Types};

/// Longest expression, in bytes.
pub const MAX_LENGTH: usize = 64 * 1024;

/// How deep parentheses, arguments, indexes and signs can be nested.
pub const MAX_NESTING: usize = 32;

/// How high the tree of an expression can be; a path and a chain of `a + b + c …` are as high as they are long, one of
/// `and`, `or` or `|` is not.
pub const MAX_DEPTH: u16 = 64;
