//! An expression as text. Every compound operand stands in parentheses, so that no precedence can be mistaken.

use super::ast::{Expression, Kind, Literal, TypeName, Unit, Variable};
use super::temporal::Kind as Moment;
use std::fmt::{self, Display, Formatter, Write};

impl Display for Expression {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match &self.kind {
            Kind::Empty => f.write_str("{}"),
            Kind::Literal(literal) => literal.fmt(f),
            Kind::External(name) => {
                f.write_char('%')?;
                quoted(f, '`', name)
            }
            Kind::Variable(target, variable) => {
                prefix(f, target)?;
                f.write_str(match variable {
                    Variable::This => "$this",
                    Variable::Index => "$index",
                    Variable::Total => "$total",
                })
            }
            Kind::Member(target, name) => {
                prefix(f, target)?;
                identifier(f, name)
            }
            Kind::Call(target, name, arguments) => {
                prefix(f, target)?;
                identifier(f, name)?;
                f.write_char('(')?;
                for (index, argument) in arguments.iter().enumerate() {
                    if index > 0 {
                        f.write_str(", ")?;
                    }
                    argument.fmt(f)?;
                }
                f.write_char(')')
            }
            Kind::Indexer(target, index) => {
                operand(f, target)?;
                write!(f, "[{index}]")
            }
            Kind::Sign(negative, of) => {
                f.write_char(if *negative { '-' } else { '+' })?;
                operand(f, of)
            }
            Kind::Binary(operator, left, right) => {
                operand(f, left)?;
                write!(f, " {} ", operator.text())?;
                operand(f, right)
            }
            Kind::Type(cast, of, name) => {
                operand(f, of)?;
                write!(f, " {} {name}", if *cast { "as" } else { "is" })
            }
        }
    }
}

fn prefix(f: &mut Formatter<'_>, target: &Option<Box<Expression>>) -> fmt::Result {
    match target {
        Some(target) => {
            operand(f, target)?;
            f.write_char('.')
        }
        None => Ok(()),
    }
}

fn operand(f: &mut Formatter<'_>, of: &Expression) -> fmt::Result {
    match of.kind {
        Kind::Binary(..) | Kind::Sign(..) | Kind::Type(..) | Kind::Literal(Literal::Quantity(..)) => {
            write!(f, "({of})")
        }
        _ => of.fmt(f),
    }
}

/// Delimited where it could be read as anything else than a name.
fn identifier(f: &mut Formatter<'_>, name: &str) -> fmt::Result {
    const RESERVED: &[&str] = &["true", "false", "and", "or", "xor", "implies", "div", "mod"];
    let mut characters = name.chars();
    let plain = characters.next().is_some_and(|c| c.is_ascii_alphabetic() || c == '_')
        && characters.all(|c| c.is_ascii_alphanumeric() || c == '_')
        && !RESERVED.contains(&name)
        && super::ast::calendar_unit(name).is_none();
    if plain { f.write_str(name) } else { quoted(f, '`', name) }
}

fn quoted(f: &mut Formatter<'_>, quote: char, text: &str) -> fmt::Result {
    f.write_char(quote)?;
    for c in text.chars() {
        match c {
            '\\' => f.write_str("\\\\")?,
            '\r' => f.write_str("\\r")?,
            '\n' => f.write_str("\\n")?,
            '\t' => f.write_str("\\t")?,
            '\u{c}' => f.write_str("\\f")?,
            c if c == quote => write!(f, "\\{c}")?,
            c => f.write_char(c)?,
        }
    }
    f.write_char(quote)
}

impl Display for Literal {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Literal::Boolean(value) => value.fmt(f),
            Literal::Integer(value) => value.fmt(f),
            Literal::Decimal(value) => value.fmt(f),
            Literal::Text(text) => quoted(f, '\'', text),
            Literal::Moment(moment) => {
                f.write_char('@')?;
                if moment.kind == Moment::Time {
                    f.write_char('T')?;
                }
                moment.fmt(f)?;
                // A partial date-time is told from a date by its `T` alone.
                if moment.kind == Moment::DateTime && !moment.has_time() { f.write_char('T') } else { Ok(()) }
            }
            Literal::Quantity(value, Unit::Calendar(unit)) => write!(f, "{value} {unit}"),
            Literal::Quantity(value, Unit::Ucum(unit)) => {
                write!(f, "{value} ")?;
                quoted(f, '\'', unit)
            }
        }
    }
}

impl Display for TypeName {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        if let Some(namespace) = &self.namespace {
            identifier(f, namespace)?;
            f.write_char('.')?;
        }
        identifier(f, &self.name)
    }
}
