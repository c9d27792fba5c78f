//! From tokens to an expression: precedence climbing over the grammar of FHIRPath 2.0 (N1).
//! Source: <http://hl7.org/fhirpath/N1/grammar.html>.

use super::ast::{Expression, Kind, Literal, Operator, TYPE_PRECEDENCE, TypeName, Unit, Variable, calendar_unit};
use super::error::{ParseError, ParseErrorKind};
use super::lexer::{Token, tokens};
use super::temporal::Temporal;
use super::{MAX_DEPTH, MAX_LENGTH, MAX_NESTING};
use rust_decimal::Decimal;

/// Signs bind tighter than every binary operator.
const SIGN_PRECEDENCE: u8 = 12;

/// Parses FHIRPath 2.0 with the literals, external constants and type specifiers of the normative grammar.
///
/// # Errors
/// The first thing that is not FHIRPath, with its offset; also what exceeds [`MAX_LENGTH`], [`MAX_NESTING`] or
/// [`MAX_DEPTH`], so that no expression can exhaust the stack.
pub fn parse(text: &str) -> Result<Expression, ParseError> {
    if text.len() > MAX_LENGTH {
        return Err(ParseError::new(MAX_LENGTH, ParseErrorKind::TooLong));
    }
    let mut parser = Parser { tokens: tokens(text)?, next: 0, nesting: 0 };
    let expression = parser.expression(0)?;
    match parser.peek() {
        Token::End => Ok(expression),
        _ => Err(parser.unexpected("an operator or the end")),
    }
}

struct Parser {
    tokens: Vec<(Token, usize)>,
    next: usize,
    nesting: usize,
}

impl Parser {
    /// The last token is `End` and is never passed.
    fn peek(&self) -> &Token {
        &self.tokens[self.next].0
    }

    fn at(&self) -> usize {
        self.tokens[self.next].1
    }

    fn advance(&mut self) -> Token {
        let token = self.peek().clone();
        if token != Token::End {
            self.next += 1;
        }
        token
    }

    fn is_symbol(&self, symbol: &str) -> bool {
        matches!(self.peek(), Token::Symbol(found) if *found == symbol)
    }

    fn accept(&mut self, symbol: &str) -> bool {
        let found = self.is_symbol(symbol);
        if found {
            self.next += 1;
        }
        found
    }

    fn expect(&mut self, symbol: &'static str) -> Result<(), ParseError> {
        if self.accept(symbol) { Ok(()) } else { Err(self.unexpected(symbol)) }
    }

    fn unexpected(&self, expected: &'static str) -> ParseError {
        let found = match self.peek() {
            Token::Word(word) => word.clone(),
            Token::Delimited(_) => "a delimited name".to_owned(),
            Token::Text(_) => "a string".to_owned(),
            Token::Number(digits) => digits.clone(),
            Token::Moment(_) => "a date or time".to_owned(),
            Token::External(name) => format!("%{name}"),
            Token::Variable(name) => format!("${name}"),
            Token::Symbol(symbol) => (*symbol).to_owned(),
            Token::End => "the end".to_owned(),
        };
        ParseError::new(self.at(), ParseErrorKind::Unexpected { found, expected })
    }

    fn build(&self, at: usize, kind: Kind) -> Result<Expression, ParseError> {
        let built = Expression::new(at, kind);
        if built.depth > MAX_DEPTH { Err(ParseError::new(at, ParseErrorKind::TooDeep)) } else { Ok(built) }
    }

    /// An expression whose operators all bind at least as tight as `least`.
    fn expression(&mut self, least: u8) -> Result<Expression, ParseError> {
        self.nesting += 1;
        if self.nesting > MAX_NESTING {
            return Err(ParseError::new(self.at(), ParseErrorKind::TooDeep));
        }
        let mut left = self.signed()?;
        loop {
            let at = self.at();
            let cast = match self.peek() {
                Token::Word(word) if word == "is" => Some(false),
                Token::Word(word) if word == "as" => Some(true),
                _ => None,
            };
            if let Some(cast) = cast {
                if TYPE_PRECEDENCE < least {
                    break;
                }
                self.next += 1;
                let name = self.type_name()?;
                left = self.build(at, Kind::Type(cast, Box::new(left), name))?;
                continue;
            }
            let operator = match self.peek() {
                Token::Word(word) => Operator::from_text(word),
                Token::Symbol(symbol) => Operator::from_text(symbol),
                _ => None,
            };
            let Some(operator) = operator.filter(|operator| operator.precedence() >= least) else { break };
            self.next += 1;
            let mut operands = vec![left, self.expression(operator.precedence() + 1)?];
            while is_associative(operator) && self.is_operator(operator) {
                self.next += 1;
                operands.push(self.expression(operator.precedence() + 1)?);
            }
            left = self.balanced(at, operator, operands)?;
        }
        self.nesting -= 1;
        Ok(left)
    }

    fn is_operator(&self, operator: Operator) -> bool {
        matches!(self.peek(), Token::Word(text) if text == operator.text()) || self.is_symbol(operator.text())
    }

    /// A chain of one operator as a tree that is as low as can be, however many codes are listed.
    fn balanced(&self, at: usize, operator: Operator, mut operands: Vec<Expression>) -> Result<Expression, ParseError> {
        while operands.len() > 1 {
            let mut pairs = Vec::with_capacity(operands.len().div_ceil(2));
            let mut rest = operands.into_iter();
            while let Some(left) = rest.next() {
                pairs.push(match rest.next() {
                    Some(right) => self.build(at, Kind::Binary(operator, Box::new(left), Box::new(right)))?,
                    None => left,
                });
            }
            operands = pairs;
        }
        operands.pop().ok_or_else(|| self.unexpected("a value or a path"))
    }

    fn signed(&mut self) -> Result<Expression, ParseError> {
        let at = self.at();
        for (symbol, negative) in [("+", false), ("-", true)] {
            if self.accept(symbol) {
                let operand = self.expression(SIGN_PRECEDENCE)?;
                return self.build(at, Kind::Sign(negative, Box::new(operand)));
            }
        }
        self.chain()
    }

    /// A term and the invocations and indexes behind it.
    fn chain(&mut self) -> Result<Expression, ParseError> {
        let mut chain = self.term()?;
        loop {
            let at = self.at();
            if self.accept(".") {
                chain = self.invocation(Some(Box::new(chain)))?;
            } else if self.accept("[") {
                let index = self.expression(0)?;
                self.expect("]")?;
                chain = self.build(at, Kind::Indexer(Box::new(chain), Box::new(index)))?;
            } else {
                return Ok(chain);
            }
        }
    }

    fn term(&mut self) -> Result<Expression, ParseError> {
        let at = self.at();
        let kind = match self.peek().clone() {
            Token::Symbol("(") => {
                self.next += 1;
                let inner = self.expression(0)?;
                self.expect(")")?;
                return Ok(inner);
            }
            Token::Symbol("{") => {
                self.next += 1;
                self.expect("}")?;
                Kind::Empty
            }
            Token::Word(word) if word == "true" || word == "false" => {
                self.next += 1;
                Kind::Literal(Literal::Boolean(word == "true"))
            }
            Token::Text(text) => {
                self.next += 1;
                Kind::Literal(Literal::Text(text))
            }
            Token::Number(digits) => {
                self.next += 1;
                Kind::Literal(self.number(&digits, at)?)
            }
            Token::Moment(text) => {
                self.next += 1;
                let moment = Temporal::literal(&text).ok_or(ParseError::new(at, ParseErrorKind::BadDateOrTime))?;
                Kind::Literal(Literal::Moment(moment))
            }
            Token::External(name) => {
                self.next += 1;
                Kind::External(name)
            }
            Token::Word(_) | Token::Delimited(_) | Token::Variable(_) => return self.invocation(None),
            Token::Symbol(_) | Token::End => return Err(self.unexpected("a value or a path")),
        };
        self.build(at, kind)
    }

    /// A number, or with a unit behind it a quantity.
    fn number(&mut self, digits: &str, at: usize) -> Result<Literal, ParseError> {
        let bad = || ParseError::new(at, ParseErrorKind::BadNumber);
        let unit = match self.peek() {
            Token::Text(unit) => Some(Unit::Ucum(unit.clone())),
            Token::Word(word) => calendar_unit(word).map(Unit::Calendar),
            _ => None,
        };
        if let Some(unit) = unit {
            self.next += 1;
            return Ok(Literal::Quantity(Decimal::from_str_exact(digits).map_err(|_| bad())?, unit));
        }
        if digits.contains('.') {
            return Ok(Literal::Decimal(Decimal::from_str_exact(digits).map_err(|_| bad())?));
        }
        digits.parse().map(Literal::Integer).map_err(|_| bad())
    }

    /// A member, function or `$variable`, of `target` or of the focus.
    fn invocation(&mut self, target: Option<Box<Expression>>) -> Result<Expression, ParseError> {
        let at = self.at();
        let (name, reserved) = match self.peek() {
            Token::Word(word) => (word.clone(), Operator::from_text(word).is_some() && !is_name(word)),
            Token::Delimited(name) => (name.clone(), false),
            Token::Variable(name) => {
                let variable = match name.as_str() {
                    "this" => Variable::This,
                    "index" => Variable::Index,
                    "total" => Variable::Total,
                    _ => return Err(self.unexpected("$this, $index or $total")),
                };
                self.next += 1;
                return self.build(at, Kind::Variable(target, variable));
            }
            _ => return Err(self.unexpected("a name")),
        };
        if reserved || matches!(self.peek(), Token::Word(word) if word == "true" || word == "false") {
            return Err(self.unexpected("a name"));
        }
        self.next += 1;
        if !self.accept("(") {
            return self.build(at, Kind::Member(target, name));
        }
        let mut arguments = Vec::new();
        if !self.accept(")") {
            loop {
                arguments.push(self.expression(0)?);
                if self.accept(")") {
                    break;
                }
                self.expect(",")?;
            }
        }
        self.build(at, Kind::Call(target, name, arguments))
    }

    fn type_name(&mut self) -> Result<TypeName, ParseError> {
        let mut name = self.type_name_part()?;
        let mut namespace: Option<String> = None;
        // After a type, `.` can only go on with the name: a call on the result needs parentheses.
        while self.is_symbol(".") {
            self.next += 1;
            let qualifier = match namespace {
                Some(outer) => format!("{outer}.{name}"),
                None => name,
            };
            namespace = Some(qualifier);
            name = self.type_name_part()?;
        }
        Ok(TypeName { namespace, name })
    }

    fn type_name_part(&mut self) -> Result<String, ParseError> {
        match self.advance() {
            Token::Word(name) | Token::Delimited(name) => Ok(name),
            _ => {
                self.next = self.next.saturating_sub(1);
                Err(self.unexpected("the name of a type"))
            }
        }
    }
}

/// Operators of which `(a or b) or c` and `a or (b or c)` are the same, and of which chains are long.
fn is_associative(operator: Operator) -> bool {
    matches!(operator, Operator::And | Operator::Or | Operator::Union)
}

/// Keywords that the grammar also takes as names of elements and functions.
fn is_name(word: &str) -> bool {
    matches!(word, "as" | "contains" | "in" | "is")
}
