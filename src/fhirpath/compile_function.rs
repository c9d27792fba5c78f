//! Compiling calls: functions whose arguments are types, criteria or constants become operations of their own.

use super::ast::{Expression, Kind, Literal};
use super::builtin;
use super::compile::{Compiled, Compiler, regardless};
use super::error::{ParseError, ParseErrorKind};
use super::function::Function;
use super::program::{Op, OpKind, TypeTest};
use super::shape::{Shape, type_argument, type_test};
use crate::fhir::pattern::{self, Refusal};
use regex::Regex;

impl Compiler<'_> {
    /// `base.function(arguments)` where the caller checked the number of arguments.
    pub(super) fn function(
        &mut self,
        function: Function,
        (base, shape): (Op, Shape),
        arguments: &[Expression],
        at: u32,
        this: &Shape,
    ) -> Compiled {
        let op = |kind| Op { at, kind };
        let boolean = || Shape::of(builtin::SYSTEM_BOOLEAN);
        Ok(match (function, arguments) {
            (Function::Where, [criteria]) => {
                let criteria = self.boxed(criteria, &shape)?;
                (op(OpKind::Where(Box::new(base), criteria)), shape)
            }
            (Function::Select, [projection]) => {
                let (projection, selected) = self.expression(projection, &shape)?;
                (op(OpKind::Select(Box::new(base), Box::new(projection))), selected)
            }
            (Function::Repeat, [projection]) => {
                // The result is projected again, so its types can be any that the projection ever leads to. Finding them
                // first would compile twice, and double with each `repeat` in a `repeat`.
                let (projection, once) = self.expression(projection, &Shape::open().join(&shape))?;
                (op(OpKind::Repeat(Box::new(base), Box::new(projection))), Shape::open().join(&once))
            }
            (Function::All, [criteria]) => {
                let criteria = self.boxed(criteria, &shape)?;
                (op(OpKind::All(Box::new(regardless(base)), criteria)), boolean())
            }
            (Function::Exists, []) => (op(OpKind::Exists(Box::new(regardless(base)), None)), boolean()),
            (Function::Exists, [criteria]) => {
                let criteria = self.boxed(criteria, &shape)?;
                (op(OpKind::Exists(Box::new(regardless(base)), Some(criteria))), boolean())
            }
            (Function::Empty, _) => (op(OpKind::IsEmpty(Box::new(regardless(base)))), boolean()),
            (Function::Count, _) => (op(OpKind::Count(Box::new(base))), Shape::of(builtin::SYSTEM_INTEGER)),
            (Function::Not, _) => (op(OpKind::Not(Box::new(base))), boolean()),
            (Function::OfType | Function::As, [name]) => {
                let test = self.test(name)?;
                (op(OpKind::OfType(Box::new(base), test)), Shape::of(test.of))
            }
            (Function::Is, [name]) => (op(OpKind::Is(Box::new(base), self.test(name)?)), boolean()),
            (Function::Iif, branches) => {
                // The branches see the input itself as their focus, be it empty or many.
                let mut compiled = Vec::with_capacity(branches.len());
                let mut result = Shape::default();
                for (index, branch) in branches.iter().enumerate() {
                    let (branch, shape) = self.expression(branch, &shape)?;
                    compiled.push(branch);
                    if index > 0 {
                        result = result.join(&shape);
                    }
                }
                (op(OpKind::Iif(Box::new(base), compiled.into())), result)
            }
            (Function::Aggregate, [aggregator, start @ ..]) => {
                let aggregator = self.boxed(aggregator, &shape)?;
                let start = start.first().map(|start| self.boxed(start, this)).transpose()?;
                (op(OpKind::Aggregate(Box::new(base), aggregator, start)), Shape::open())
            }
            // Where tracing goes to is nobody's business here: the data are a patient's.
            (Function::Trace, arguments) => {
                for argument in arguments {
                    self.expression(argument, &shape)?;
                }
                (base, shape)
            }
            (Function::Extension, [Expression { kind: Kind::Literal(Literal::Text(url)), .. }]) => {
                (op(OpKind::Extension(Box::new(base), url.as_str().into())), Shape::of(builtin::EXTENSION))
            }
            (Function::HasExtension, [url]) => {
                let url = self.boxed(url, this)?;
                let found = op(OpKind::Call(Function::Extension, Box::new(base), Box::new([*url])));
                (op(OpKind::Exists(Box::new(found), None)), boolean())
            }
            (Function::Matches, [Expression { kind: Kind::Literal(Literal::Text(pattern)), at, .. }]) => {
                let regex = Box::new(constant_regex(pattern, *at, self.limit)?);
                (op(OpKind::Matches(Box::new(base), regex)), boolean())
            }
            (
                Function::ReplaceMatches,
                [Expression { kind: Kind::Literal(Literal::Text(pattern)), at, .. }, replacement],
            ) => {
                let regex = Box::new(constant_regex(pattern, *at, self.limit)?);
                let replacement = self.boxed(replacement, this)?;
                (op(OpKind::ReplaceMatches(Box::new(base), regex, replacement)), Shape::of(builtin::SYSTEM_STRING))
            }
            (function, arguments) => {
                let arguments =
                    arguments.iter().map(|argument| self.expression(argument, this)).collect::<Result<Vec<_>, _>>()?;
                let result = result_of(function, &shape, &arguments);
                let arguments = arguments.into_iter().map(|(argument, _)| argument).collect();
                (op(OpKind::Call(function, Box::new(base), arguments)), result)
            }
        })
    }

    fn test(&self, name: &Expression) -> Result<TypeTest, ParseError> {
        let name = type_argument(name).ok_or(ParseError { at: name.at, kind: ParseErrorKind::NotAType })?;
        Ok(type_test(&name, self.types))
    }
}

fn constant_regex(expression: &str, at: u32, limit: usize) -> Result<Regex, ParseError> {
    pattern::anywhere(expression, limit).map_err(|refusal| {
        let kind = match refusal {
            Refusal::Broken => ParseErrorKind::BadRegularExpression,
            Refusal::Beyond => ParseErrorKind::RegularExpressionBeyond,
        };
        ParseError { at, kind }
    })
}

/// The types of what the function yields, as far as they help later steps.
fn result_of(function: Function, input: &Shape, arguments: &[(Op, Shape)]) -> Shape {
    use Function::*;
    match function {
        First | Last | Tail | Skip | Take | Single | Distinct | Intersect | Exclude | Slice | CheckModifiers => {
            input.clone()
        }
        Union | Combine => arguments.iter().fold(input.clone(), |shape, (_, other)| shape.join(other)),
        Extension => Shape::of(builtin::EXTENSION),
        _ => Shape::open(),
    }
}
