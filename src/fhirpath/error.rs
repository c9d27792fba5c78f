//! What can go wrong, as data: with parsing and compiling an expression, and with evaluating it.

use std::fmt;

/// Why a text is no FHIRPath, or no FHIRPath that can be compiled. Never carries instance data: there is none yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseError {
    /// Byte offset into the expression.
    pub at: u32,
    pub kind: ParseErrorKind,
}

/// What was wrong at [`ParseError::at`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ParseErrorKind {
    UnexpectedCharacter(char),
    UnterminatedString,
    UnterminatedComment,
    BadEscape,
    BadNumber,
    BadDateOrTime,
    /// What stood there (as written), and what could have stood there.
    Unexpected {
        found: String,
        expected: &'static str,
    },
    /// Nested deeper than [`MAX_NESTING`](super::MAX_NESTING), or a tree higher than
    /// [`MAX_DEPTH`](super::MAX_DEPTH).
    TooDeep,
    /// Longer than [`MAX_LENGTH`](super::MAX_LENGTH) bytes.
    TooLong,
    UnknownFunction(String),
    /// The function, and how many arguments it takes.
    WrongArguments {
        function: &'static str,
        least: u8,
        most: u8,
    },
    /// A type specifier was expected, such as `Quantity` or `FHIR.Patient`.
    NotAType,
    BadRegularExpression,
    /// A regular expression that is one, and asks for more than the engine here has or may take.
    RegularExpressionBeyond,
}

impl ParseError {
    pub(super) fn new(at: usize, kind: ParseErrorKind) -> Self {
        ParseError { at: u32::try_from(at).unwrap_or(u32::MAX), kind }
    }
}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        use ParseErrorKind::*;
        match &self.kind {
            UnexpectedCharacter(c) => write!(f, "the character {c:?} has no meaning in FHIRPath")?,
            UnterminatedString => write!(f, "a string or delimited name is not closed")?,
            UnterminatedComment => write!(f, "a comment is not closed")?,
            BadEscape => write!(f, "a \\uXXXX in a string is half of a character")?,
            BadNumber => write!(f, "a number is out of range")?,
            BadDateOrTime => write!(f, "a date, date-time or time literal is not a possible one")?,
            Unexpected { found, expected } => write!(f, "expected {expected}, found {found}")?,
            TooDeep => write!(f, "the expression is nested too deeply")?,
            TooLong => write!(f, "the expression is too long")?,
            UnknownFunction(name) => write!(f, "there is no function {name}()")?,
            WrongArguments { function, least, most } if least == most => {
                write!(f, "{function}() takes {least} argument(s)")?;
            }
            WrongArguments { function, least, most } => write!(f, "{function}() takes {least} to {most} arguments")?,
            NotAType => write!(f, "expected the name of a type")?,
            BadRegularExpression => write!(f, "the regular expression cannot be compiled")?,
            RegularExpressionBeyond => write!(f, "the regular expression is more than can be tried here")?,
        }
        write!(f, " (at offset {})", self.at)
    }
}

impl std::error::Error for ParseError {}

/// Why an expression could not be evaluated on this instance. Never carries a value of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EvalError {
    /// Byte offset into the expression.
    pub at: u32,
    pub kind: EvalErrorKind,
}

/// What went wrong at [`EvalError::at`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EvalErrorKind {
    /// One item was needed, and there were several.
    NotSingle,
    /// Operands of types that the operator or function does not take.
    WrongType,
    /// `now()`, `today()` or `timeOfDay()` without a clock in the context.
    NoClock,
    /// `conformsTo()`, `memberOf()` and their kin without anyone in the context who could tell.
    NotSupported,
    /// `checkModifiers()` found an extension that changes the meaning and is not among those it names.
    UnexpectedModifier,
    /// A `%name` that the context does not have.
    UnknownVariable,
    /// A regular expression made at run time is not one.
    BadRegularExpression,
    /// The evaluation took more than [`Context::budget`](super::Context::budget) steps, or made a text or a
    /// collection that is too large.
    TooCostly,
}

impl fmt::Display for EvalError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match self.kind {
            EvalErrorKind::NotSingle => "one item was needed, and there were several",
            EvalErrorKind::WrongType => "the operands are of types that do not go together",
            EvalErrorKind::NoClock => "the time is not known here",
            EvalErrorKind::NotSupported => "this cannot be answered here",
            EvalErrorKind::UnexpectedModifier => "there is a modifier extension that is not expected",
            EvalErrorKind::UnknownVariable => "there is no such variable here",
            EvalErrorKind::BadRegularExpression => "the regular expression cannot be compiled",
            EvalErrorKind::TooCostly => "the evaluation takes too long or grows too large",
        };
        write!(f, "{what} (at offset {})", self.at)
    }
}

impl std::error::Error for EvalError {}
