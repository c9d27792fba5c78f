//! From a parsed expression to a program: binds names to elements and functions, makes constants.

use super::ast::{Expression, Kind, Literal, Operator, Variable};
use super::error::{ParseError, ParseErrorKind};
use super::function::Function;
use super::item::Item;
use super::program::{Arithmetic, Comparison, Op, OpKind, Program, Warning};
use super::quantity::Quantity;
use super::shape::{Shape, type_test};
use super::types::{TypeId, Types};
use super::{builtin, parse};
use crate::fhir::pattern::{DEFINED, SIZE_LIMIT};
use std::borrow::Cow;
use std::sync::Arc;

/// Compiles `text` for a focus of the type `focus` ([`TypeId::UNKNOWN`] when it can be any).
///
/// # Errors
/// What [`parse`] refuses, unknown functions, wrong numbers of arguments, regular expressions that are none.
/// A name that its type does not have is no error but a [`Warning`].
pub fn compile(text: &str, focus: TypeId, types: &Arc<Types>) -> Result<Program, ParseError> {
    compile_expression(&parse(text)?, focus, types)
}

/// [`compile`] for an expression that has been parsed.
///
/// # Errors
/// As [`compile`], but for those of parsing.
pub fn compile_expression(expression: &Expression, focus: TypeId, types: &Arc<Types>) -> Result<Program, ParseError> {
    let root = types.name(focus).split('.').next().unwrap_or_default();
    let root = types.find(root);
    let resource = if types.is_a(root, builtin::RESOURCE) { Shape::of(root) } else { Shape::open() };
    let mut compiler = Compiler {
        types,
        warnings: Vec::new(),
        externals: Vec::new(),
        focus: Shape::of(focus),
        resource,
        limit: DEFINED,
    };
    let this = compiler.focus.clone();
    let (root, _) = compiler.expression(expression, &this)?;
    let warnings = compiler.warnings;
    Ok(Program { types: types.clone(), root, warnings })
}

/// The names that no item of these types has, and the environment variables that FHIR does not give.
pub(super) fn findings(
    expression: &Expression,
    focuses: &[TypeId],
    types: &Arc<Types>,
) -> Result<(Vec<Warning>, Vec<String>), ParseError> {
    let focus = focuses.iter().fold(Shape::default(), |shape, id| shape.join(&Shape::of(*id)));
    let resource = Shape::open();
    let limit = SIZE_LIMIT;
    let mut compiler = Compiler { types, warnings: Vec::new(), externals: Vec::new(), focus, resource, limit };
    let this = compiler.focus.clone();
    compiler.expression(expression, &this)?;
    Ok((compiler.warnings, compiler.externals))
}

pub(super) struct Compiler<'t> {
    pub types: &'t Types,
    warnings: Vec<Warning>,
    /// Environment variables that the caller must give.
    externals: Vec<String>,
    focus: Shape,
    resource: Shape,
    /// What a regular expression may take, in bytes.
    pub limit: usize,
}

pub(super) type Compiled = Result<(Op, Shape), ParseError>;

impl Compiler<'_> {
    /// `expression` where `$this` is of the shape `this`.
    pub(super) fn expression(&mut self, expression: &Expression, this: &Shape) -> Compiled {
        let at = expression.at;
        let op = |kind| Op { at, kind };
        Ok(match &expression.kind {
            Kind::Empty => (op(OpKind::Empty), Shape::default()),
            Kind::Literal(literal) => {
                let item = constant(literal);
                let shape = Shape::of(item.type_id());
                (op(OpKind::Constant(item)), shape)
            }
            Kind::External(name) => self.external(name, at),
            Kind::Variable(None, Variable::This) => (op(OpKind::This), this.clone()),
            Kind::Variable(None, Variable::Index) => (op(OpKind::Index), Shape::of(builtin::SYSTEM_INTEGER)),
            Kind::Variable(None, Variable::Total) => (op(OpKind::Total), Shape::open()),
            Kind::Variable(Some(target), Variable::This) => self.expression(target, this)?,
            Kind::Variable(Some(_), _) => {
                let found = "$index or $total".to_owned();
                let kind = ParseErrorKind::Unexpected { found, expected: "an element or function" };
                return Err(ParseError { at, kind });
            }
            Kind::Member(target, name) => self.member(target.as_deref(), name, at, this)?,
            Kind::Call(target, name, arguments) => {
                let (base, shape) = match target {
                    Some(target) => self.expression(target, this)?,
                    None => (op(OpKind::This), this.clone()),
                };
                self.call(name, (base, shape), arguments, at, this)?
            }
            Kind::Indexer(target, index) => {
                let (target, shape) = self.expression(target, this)?;
                let index = self.boxed(index, this)?;
                (op(OpKind::Indexer(Box::new(target), index)), shape)
            }
            Kind::Sign(false, operand) => self.expression(operand, this)?,
            Kind::Sign(true, operand) => {
                let (operand, shape) = self.expression(operand, this)?;
                (op(OpKind::Negate(Box::new(operand))), shape)
            }
            Kind::Binary(operator, left, right) => self.binary(*operator, left, right, at, this)?,
            Kind::Type(cast, operand, name) => {
                let operand = self.boxed(operand, this)?;
                let test = type_test(name, self.types);
                if *cast {
                    (op(OpKind::OfType(operand, test)), Shape::of(test.of))
                } else {
                    (op(OpKind::Is(operand, test)), Shape::of(builtin::SYSTEM_BOOLEAN))
                }
            }
        })
    }

    pub(super) fn boxed(&mut self, expression: &Expression, this: &Shape) -> Result<Box<Op>, ParseError> {
        self.expression(expression, this).map(|(op, _)| Box::new(op))
    }

    fn external(&mut self, name: &str, at: u32) -> (Op, Shape) {
        let text = |text: String| OpKind::Constant(Item::Text(Cow::Owned(text)));
        let (kind, shape) = match name {
            "resource" => (OpKind::Resource, self.resource.clone()),
            "rootResource" => (OpKind::RootResource, Shape::open()),
            "context" => (OpKind::Context, self.focus.clone()),
            _ => match well_known(name) {
                Some(url) => (text(url), Shape::of(builtin::SYSTEM_STRING)),
                None => {
                    self.externals.push(name.to_owned());
                    (OpKind::External(name.into()), Shape::open())
                }
            },
        };
        (Op { at, kind }, shape)
    }

    fn member(&mut self, target: Option<&Expression>, name: &str, at: u32, this: &Shape) -> Compiled {
        let (base, shape) = match target {
            Some(target) => {
                let (base, shape) = self.expression(target, this)?;
                (Some(base), shape)
            }
            // A type's name in front means the focus, if it is of that type.
            None if name.starts_with(|c: char| c.is_ascii_uppercase()) && !this.has(name, self.types) => {
                let of = self.types.named(name);
                if let Some(not) = this.never(of, self.types) {
                    let not = self.types.name(not).to_owned();
                    self.warnings.push(Warning { at, element: name.to_owned(), of: not });
                }
                let test = super::program::TypeTest { of, also: None, primitive: None };
                let focus = Box::new(Op { at, kind: OpKind::This });
                return Ok((Op { at, kind: OpKind::OfType(focus, test) }, Shape::of(of)));
            }
            None => (None, this.clone()),
        };
        let (step, next, lacking) = shape.step(name, self.types);
        if let Some(of) = lacking {
            let of = self.types.name(of).to_owned();
            self.warnings.push(Warning { at, element: name.to_owned(), of });
        }
        let kind = match base {
            Some(Op { kind: OpKind::Path(base, steps), .. }) => {
                let mut steps = steps.into_vec();
                steps.push(step);
                OpKind::Path(base, steps.into())
            }
            Some(Op { kind: OpKind::This, .. }) | None => OpKind::Path(None, Box::new([step])),
            Some(base) => OpKind::Path(Some(Box::new(base)), Box::new([step])),
        };
        Ok((Op { at, kind }, next))
    }

    fn binary(&mut self, operator: Operator, left: &Expression, right: &Expression, at: u32, this: &Shape) -> Compiled {
        let (left, left_shape) = self.expression(left, this)?;
        let (right, right_shape) = self.expression(right, this)?;
        let boolean = Shape::of(builtin::SYSTEM_BOOLEAN);
        let op = |kind| Op { at, kind };
        let two = |make: fn(Box<Op>, Box<Op>) -> OpKind, left, right| op(make(Box::new(left), Box::new(right)));
        let compare = |comparison, left, right| op(OpKind::Compare(Box::new(left), Box::new(right), comparison));
        let calculate = |kind, left, right| op(OpKind::Arithmetic(kind, Box::new(left), Box::new(right)));
        let made = match operator {
            Operator::And => op(OpKind::And(flat(left, right, |kind| match kind {
                OpKind::And(operands) => Ok(operands),
                other => Err(other),
            }))),
            Operator::Or => op(OpKind::Or(flat(left, right, |kind| match kind {
                OpKind::Or(operands) => Ok(operands),
                other => Err(other),
            }))),
            Operator::Union => {
                let operands = flat(left, right, |kind| match kind {
                    OpKind::Union(operands, _) => Ok(operands),
                    other => Err(other),
                });
                return Ok((op(OpKind::Union(operands, true)), left_shape.join(&right_shape)));
            }
            Operator::Xor => two(OpKind::Xor, left, right),
            Operator::Implies => two(OpKind::Implies, left, right),
            Operator::Equal => op(OpKind::Equal(Box::new(left), Box::new(right), false)),
            Operator::NotEqual => op(OpKind::Equal(Box::new(left), Box::new(right), true)),
            Operator::Equivalent => op(OpKind::Equivalent(Box::new(left), Box::new(right), false)),
            Operator::NotEquivalent => op(OpKind::Equivalent(Box::new(left), Box::new(right), true)),
            Operator::Less => compare(Comparison::Less, left, right),
            Operator::LessOrEqual => compare(Comparison::LessOrEqual, left, right),
            Operator::Greater => compare(Comparison::Greater, left, right),
            Operator::GreaterOrEqual => compare(Comparison::GreaterOrEqual, left, right),
            Operator::In => two(OpKind::In, left, regardless(right)),
            Operator::Contains => two(OpKind::In, right, regardless(left)),
            Operator::Add => return Ok((calculate(Arithmetic::Add, left, right), left_shape)),
            Operator::Subtract => return Ok((calculate(Arithmetic::Subtract, left, right), left_shape)),
            Operator::Multiply => return Ok((calculate(Arithmetic::Multiply, left, right), left_shape)),
            Operator::Divide => return Ok((calculate(Arithmetic::Divide, left, right), Shape::open())),
            Operator::Div => return Ok((calculate(Arithmetic::Div, left, right), Shape::open())),
            Operator::Mod => return Ok((calculate(Arithmetic::Mod, left, right), Shape::open())),
            Operator::Concatenate => {
                let shape = Shape::of(builtin::SYSTEM_STRING);
                return Ok((calculate(Arithmetic::Concatenate, left, right), shape));
            }
        };
        Ok((made, boolean))
    }

    fn call(
        &mut self,
        name: &str,
        (base, shape): (Op, Shape),
        arguments: &[Expression],
        at: u32,
        this: &Shape,
    ) -> Compiled {
        let Some((function, name, least, most)) = Function::find(name) else {
            return Err(ParseError { at, kind: ParseErrorKind::UnknownFunction(name.to_owned()) });
        };
        if arguments.len() < usize::from(least) || arguments.len() > usize::from(most) {
            return Err(ParseError { at, kind: ParseErrorKind::WrongArguments { function: name, least, most } });
        }
        self.function(function, (base, shape), arguments, at, this)
    }
}

/// A chain of one associative operator, as one list.
fn flat(left: Op, right: Op, open: impl Fn(OpKind) -> Result<Box<[Op]>, OpKind>) -> Box<[Op]> {
    let mut operands = Vec::new();
    for side in [left, right] {
        match open(side.kind) {
            Ok(inner) => operands.extend(inner.into_vec()),
            Err(kind) => operands.push(Op { at: side.at, kind }),
        }
    }
    operands.into()
}

/// `op` for a consumer that asks only whether something is there: unions in it need not look for duplicates.
pub(super) fn regardless(op: Op) -> Op {
    let on = |base: Box<Op>| Box::new(regardless(*base));
    let kind = match op.kind {
        OpKind::Union(operands, _) => OpKind::Union(operands.into_vec().into_iter().map(regardless).collect(), false),
        OpKind::Where(base, criteria) => OpKind::Where(on(base), criteria),
        OpKind::Select(base, projection) => OpKind::Select(on(base), Box::new(regardless(*projection))),
        OpKind::OfType(base, test) => OpKind::OfType(on(base), test),
        OpKind::Path(Some(base), steps) => OpKind::Path(Some(on(base)), steps),
        other => other,
    };
    Op { at: op.at, kind }
}

/// What FHIR defines `%ucum`, `%vs-name` and the like to be. Source: <http://hl7.org/fhir/R4/fhirpath.html#vars>.
fn well_known(name: &str) -> Option<String> {
    Some(match name {
        "ucum" => "http://unitsofmeasure.org".to_owned(),
        "sct" => "http://snomed.info/sct".to_owned(),
        "loinc" => "http://loinc.org".to_owned(),
        _ => match name.split_once('-')? {
            ("vs", id) => format!("http://hl7.org/fhir/ValueSet/{id}"),
            ("ext", id) => format!("http://hl7.org/fhir/StructureDefinition/{id}"),
            _ => return None,
        },
    })
}

fn constant(literal: &Literal) -> Item<'static> {
    match literal {
        Literal::Boolean(value) => Item::Boolean(*value),
        Literal::Integer(value) => Item::Integer(*value),
        Literal::Decimal(value) => Item::Decimal(*value),
        Literal::Text(text) => Item::Text(Cow::Owned(text.clone())),
        Literal::Moment(moment) => Item::Moment(*moment),
        Literal::Quantity(value, unit) => Item::Quantity(Box::new(Quantity::written(*value, unit))),
    }
}
