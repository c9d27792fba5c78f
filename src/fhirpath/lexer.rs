//! From text to tokens. Strings and delimited names are unescaped, numbers and moments kept as written.

use super::error::{ParseError, ParseErrorKind};

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Token {
    /// An identifier or keyword, as written.
    Word(String),
    /// `` `a name` ``: never a keyword.
    Delimited(String),
    Text(String),
    /// Digits with at most one point between them.
    Number(String),
    /// What follows `@`.
    Moment(String),
    /// What follows `%`.
    External(String),
    /// What follows `$`.
    Variable(String),
    /// Punctuation: one of [`SYMBOLS`].
    Symbol(&'static str),
    End,
}

/// Longest first, so that `<=` is not read as `<`.
const SYMBOLS: &[&str] =
    &["<=", ">=", "!=", "!~", "=", "~", "<", ">", "+", "-", "*", "/", "&", "|", "(", ")", "[", "]", "{", "}", ".", ","];

/// The tokens of `text` with their offsets; the last is [`Token::End`].
pub(super) fn tokens(text: &str) -> Result<Vec<(Token, usize)>, ParseError> {
    let mut lexer = Lexer { text, at: 0 };
    let mut found = Vec::new();
    loop {
        lexer.skip_blank()?;
        let start = lexer.at;
        let token = lexer.token()?;
        let last = token == Token::End;
        found.push((token, start));
        if last {
            return Ok(found);
        }
    }
}

struct Lexer<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> Lexer<'t> {
    fn rest(&self) -> &'t str {
        &self.text[self.at..]
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn error<T>(&self, at: usize, kind: ParseErrorKind) -> Result<T, ParseError> {
        Err(ParseError::new(at, kind))
    }

    fn skip_blank(&mut self) -> Result<(), ParseError> {
        loop {
            let rest = self.rest();
            let trimmed = rest.trim_start();
            self.at += rest.len() - trimmed.len();
            if trimmed.starts_with("//") {
                self.at += trimmed.find(['\n', '\r']).unwrap_or(trimmed.len());
            } else if let Some(comment) = trimmed.strip_prefix("/*") {
                match comment.find("*/") {
                    Some(length) => self.at += length + 4,
                    None => return self.error(self.at, ParseErrorKind::UnterminatedComment),
                }
            } else {
                return Ok(());
            }
        }
    }

    fn take_while(&mut self, accept: impl Fn(char) -> bool) -> &'t str {
        let rest = self.rest();
        let end = rest.find(|c| !accept(c)).unwrap_or(rest.len());
        self.at += end;
        &rest[..end]
    }

    fn token(&mut self) -> Result<Token, ParseError> {
        let start = self.at;
        let Some(c) = self.peek() else { return Ok(Token::End) };
        match c {
            '\'' => Ok(Token::Text(self.quoted('\'')?)),
            '`' | '"' => Ok(Token::Delimited(self.quoted(c)?)),
            '0'..='9' => Ok(self.number()),
            'A'..='Z' | 'a'..='z' | '_' => Ok(Token::Word(self.take_while(is_word).to_owned())),
            '@' => {
                self.at += 1;
                Ok(Token::Moment(self.moment().to_owned()))
            }
            '%' => {
                self.at += 1;
                self.external(start)
            }
            '$' => {
                self.at += 1;
                Ok(Token::Variable(self.take_while(is_word).to_owned()))
            }
            _ => match SYMBOLS.iter().find(|symbol| self.rest().starts_with(**symbol)) {
                Some(symbol) => {
                    self.at += symbol.len();
                    Ok(Token::Symbol(symbol))
                }
                None => self.error(start, ParseErrorKind::UnexpectedCharacter(c)),
            },
        }
    }

    fn number(&mut self) -> Token {
        let start = self.at;
        self.take_while(|c| c.is_ascii_digit());
        let mut after = self.rest().chars();
        if after.next() == Some('.') && after.next().is_some_and(|c| c.is_ascii_digit()) {
            self.at += 1;
            self.take_while(|c| c.is_ascii_digit());
        }
        Token::Number(self.text[start..self.at].to_owned())
    }

    /// A point belongs to a moment only before a digit, so that `@2020-01-01.toString()` is a call; a sign only in
    /// front of an offset, so that `@2020-01-01 - 1 day` and `@T10:00-1 hour` are sums.
    fn moment(&mut self) -> &'t str {
        let rest = self.rest();
        let bytes = rest.as_bytes();
        let digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
        let mut end = 0;
        let mut in_time = false;
        while let Some(&byte) = bytes.get(end) {
            let belongs = match byte {
                b'0'..=b'9' | b':' => true,
                b'T' if !in_time => {
                    in_time = true;
                    true
                }
                b'.' => in_time && digit(end + 1),
                b'-' if !in_time => digit(end + 1),
                b'+' | b'-' => digit(end + 1) && digit(end + 2) && bytes.get(end + 3) == Some(&b':'),
                b'Z' if in_time => {
                    end += 1;
                    break;
                }
                _ => false,
            };
            if !belongs {
                break;
            }
            end += 1;
        }
        self.at += end;
        &rest[..end]
    }

    /// `%name`, `` %`any name` ``, `%'any name'`, and FHIR's `%vs-name` and `%ext-name`, which are written without
    /// quotes more often than with.
    fn external(&mut self, start: usize) -> Result<Token, ParseError> {
        match self.peek() {
            Some(quote @ ('\'' | '`' | '"')) => Ok(Token::External(self.quoted(quote)?)),
            Some(c) if is_word(c) => {
                let from = self.at;
                let word = self.take_while(is_word);
                if matches!(word, "vs" | "ext") && self.peek() == Some('-') {
                    self.take_while(|c| is_word(c) || c == '-');
                }
                Ok(Token::External(self.text[from..self.at].to_owned()))
            }
            _ => self.error(start, ParseErrorKind::UnexpectedCharacter('%')),
        }
    }

    fn quoted(&mut self, quote: char) -> Result<String, ParseError> {
        let start = self.at;
        self.at += 1;
        let mut content = String::new();
        while let Some(c) = self.peek() {
            let at = self.at;
            self.at += c.len_utf8();
            if c == quote {
                return Ok(content);
            }
            if c != '\\' {
                content.push(c);
                continue;
            }
            let Some(escaped) = self.peek() else { break };
            self.at += escaped.len_utf8();
            match escaped {
                'r' => content.push('\r'),
                'n' => content.push('\n'),
                't' => content.push('\t'),
                'f' => content.push('\u{c}'),
                'u' if self.is_hex() => content.push(self.unicode(at)?),
                // In front of anything else it means nothing: `'\p'` is `'p'`.
                // Source: <http://hl7.org/fhirpath/N1/#string>.
                other => content.push(other),
            }
        }
        self.error(start, ParseErrorKind::UnterminatedString)
    }

    /// The character of `\uXXXX`, or of the two that make a surrogate pair.
    fn unicode(&mut self, at: usize) -> Result<char, ParseError> {
        let bad = ParseError::new(at, ParseErrorKind::BadEscape);
        let high = self.hex().ok_or(bad.clone())?;
        if !(0xD800..0xDC00).contains(&high) {
            return char::from_u32(high).ok_or(bad);
        }
        if !self.rest().starts_with("\\u") {
            return Err(bad);
        }
        self.at += 2;
        let low = self.hex().filter(|low| (0xDC00..0xE000).contains(low)).ok_or(bad.clone())?;
        char::from_u32(0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00)).ok_or(bad)
    }

    fn is_hex(&self) -> bool {
        self.rest().get(..4).is_some_and(|digits| digits.bytes().all(|b| b.is_ascii_hexdigit()))
    }

    fn hex(&mut self) -> Option<u32> {
        let digits = self.rest().get(..4).filter(|_| self.is_hex())?;
        self.at += 4;
        u32::from_str_radix(digits, 16).ok()
    }
}

fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}
