//! An expression as parsed: names and literals, not yet bound to types.

use super::temporal::Temporal;
use rust_decimal::Decimal;

/// A parsed FHIRPath expression. Printing it (`Display`) gives a text that parses to an equal expression; equality
/// does not look at offsets.
#[derive(Clone, Debug)]
pub struct Expression {
    pub(super) at: u32,
    /// Height of this tree; the parser bounds it, so that no walk over it can overflow the stack.
    pub(super) depth: u16,
    pub(super) kind: Kind,
}

impl PartialEq for Expression {
    fn eq(&self, other: &Self) -> bool {
        self.kind == other.kind
    }
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Kind {
    /// `{}`
    Empty,
    Literal(Literal),
    /// `%name`
    External(String),
    /// `$this`, `x.$this`
    Variable(Option<Box<Expression>>, Variable),
    /// `name`, `x.name`
    Member(Option<Box<Expression>>, String),
    /// `f(…)`, `x.f(…)`
    Call(Option<Box<Expression>>, String, Vec<Expression>),
    /// `x[i]`
    Indexer(Box<Expression>, Box<Expression>),
    /// `+x` (false), `-x` (true)
    Sign(bool, Box<Expression>),
    Binary(Operator, Box<Expression>, Box<Expression>),
    /// `x is T` (false), `x as T` (true)
    Type(bool, Box<Expression>, TypeName),
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Literal {
    Boolean(bool),
    Integer(i64),
    Decimal(Decimal),
    Text(String),
    Moment(Temporal),
    Quantity(Decimal, Unit),
}

/// The unit of a quantity literal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Unit {
    /// As written: `day` or `days`.
    Calendar(&'static str),
    Ucum(String),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Variable {
    This,
    Index,
    Total,
}

/// `Patient`, `FHIR.Patient`, `System.String`; a longer qualifier keeps its points.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct TypeName {
    pub namespace: Option<String>,
    pub name: String,
}

macro_rules! operators {
    ($($variant:ident $text:literal $precedence:literal,)*) => {
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(super) enum Operator { $($variant),* }

        impl Operator {
            #[cfg(test)]
            pub(super) const ALL: &[Operator] = &[$(Operator::$variant),*];

            pub(super) fn from_text(text: &str) -> Option<Operator> {
                match text { $($text => Some(Operator::$variant),)* _ => None }
            }

            pub(super) fn text(self) -> &'static str {
                match self { $(Operator::$variant => $text),* }
            }

            /// Higher binds tighter; all associate to the left.
            pub(super) fn precedence(self) -> u8 {
                match self { $(Operator::$variant => $precedence),* }
            }
        }
    };
}

operators! {
    Multiply "*" 11, Divide "/" 11, Div "div" 11, Mod "mod" 11,
    Add "+" 10, Subtract "-" 10, Concatenate "&" 10,
    Union "|" 8,
    LessOrEqual "<=" 7, Less "<" 7, Greater ">" 7, GreaterOrEqual ">=" 7,
    Equal "=" 6, Equivalent "~" 6, NotEqual "!=" 6, NotEquivalent "!~" 6,
    In "in" 5, Contains "contains" 5,
    And "and" 4, Or "or" 3, Xor "xor" 3, Implies "implies" 2,
}

/// `is` and `as` stand between `+` and `|`.
pub(super) const TYPE_PRECEDENCE: u8 = 9;

/// Words for the calendar's units, singular first.
pub(super) const CALENDAR_UNITS: &[(&str, &str)] = &[
    ("year", "years"),
    ("month", "months"),
    ("week", "weeks"),
    ("day", "days"),
    ("hour", "hours"),
    ("minute", "minutes"),
    ("second", "seconds"),
    ("millisecond", "milliseconds"),
];

/// `word` as one of [`CALENDAR_UNITS`], in the number in which it was written.
pub(super) fn calendar_unit(word: &str) -> Option<&'static str> {
    CALENDAR_UNITS.iter().flat_map(|(one, many)| [*one, *many]).find(|unit| *unit == word)
}

impl Expression {
    pub(super) fn new(at: usize, kind: Kind) -> Self {
        let below = match &kind {
            Kind::Empty | Kind::Literal(_) | Kind::External(_) => 0,
            Kind::Variable(target, _) | Kind::Member(target, _) => height(target),
            Kind::Call(target, _, arguments) => {
                arguments.iter().map(|argument| argument.depth).max().unwrap_or(0).max(height(target))
            }
            Kind::Indexer(left, right) | Kind::Binary(_, left, right) => left.depth.max(right.depth),
            Kind::Sign(_, operand) | Kind::Type(_, operand, _) => operand.depth,
        };
        Expression { at: u32::try_from(at).unwrap_or(u32::MAX), depth: below.saturating_add(1), kind }
    }
}

fn height(target: &Option<Box<Expression>>) -> u16 {
    target.as_ref().map_or(0, |target| target.depth)
}
