//! Functions on strings. Positions count characters, not bytes.

use super::*;
use crate::fhir::pattern::{self, Refusal, SIZE_LIMIT};
use regex::Regex;

/// How many items making a regular expression is as much work as.
const EXPRESSION: usize = 10_000;

impl<'a> Env<'_, 'a> {
    /// The one text that `op` yields; the text of a primitive that JSON writes as one, whatever its type.
    pub(super) fn text(&self, op: &'a Op, frame: Frame<'_, 'a>) -> Result<Option<Cow<'a, str>>, Stop> {
        match self.single(op, frame)? {
            None => Ok(None),
            Some(Item::Text(text)) => Ok(Some(text)),
            Some(Item::Node(node)) if node.text().is_some() => Ok(node.text().map(Cow::Borrowed)),
            Some(Item::Node(node)) if node.value().is_null() => Ok(None),
            Some(_) => fail(op, EvalErrorKind::WrongType),
        }
    }

    fn integer(&self, op: &'a Op, frame: Frame<'_, 'a>) -> Result<Option<i64>, Stop> {
        match self.value(op, frame)? {
            None => Ok(None),
            Some(Item::Integer(value)) => Ok(Some(value)),
            Some(_) => fail(op, EvalErrorKind::WrongType),
        }
    }

    /// A function of one string; empty of none, and of an argument that is none.
    pub(super) fn string(
        &self,
        op: &'a Op,
        function: Function,
        base: &'a Op,
        arguments: &'a [Op],
        frame: Frame<'_, 'a>,
        sink: Sink<'_, 'a>,
    ) -> Run {
        if function == Function::Join {
            return self.join(op, base, arguments, frame, sink);
        }
        let Some(text) = self.text(base, frame)? else { return Ok(()) };
        let number = |value: Option<usize>| Item::Integer(value.and_then(|v| i64::try_from(v).ok()).unwrap_or(-1));
        let owned = |text: String| Item::Text(Cow::Owned(text));
        if let Function::Substring = function {
            let Some(start) = self.integer(&arguments[0], frame)? else { return Ok(()) };
            let length = match arguments.get(1) {
                Some(length) => self.integer(length, frame)?,
                None => None,
            };
            return match part(&text, start, length) {
                Some(part) => sink(owned(part.to_owned())),
                None => Ok(()),
            };
        }
        let argument = match arguments.first() {
            None => Cow::Borrowed(""),
            Some(argument) => match self.text(argument, frame)? {
                Some(argument) => argument,
                None => return Ok(()),
            },
        };
        self.spend(text.len() / LETTERS);
        sink(match function {
            Function::Length => number(Some(text.chars().count())),
            Function::Upper => owned(text.to_uppercase()),
            Function::Lower => owned(text.to_lowercase()),
            Function::Trim => owned(text.trim().to_owned()),
            Function::StartsWith => Item::Boolean(text.starts_with(&*argument)),
            Function::EndsWith => Item::Boolean(text.ends_with(&*argument)),
            Function::Contains => Item::Boolean(text.contains(&*argument)),
            Function::IndexOf => number(text.find(&*argument).map(|at| text[..at].chars().count())),
            Function::LastIndexOf => number(text.rfind(&*argument).map(|at| text[..at].chars().count())),
            // Without a separator its letters, and not also what is in front of the first.
            Function::ToChars | Function::Split if argument.is_empty() => {
                return text.chars().try_for_each(|c| {
                    self.tick()?;
                    sink(owned(c.to_string()))
                });
            }
            Function::Split => {
                return text.split(&*argument).try_for_each(|part| {
                    self.tick()?;
                    sink(owned(part.to_owned()))
                });
            }
            Function::Replace => {
                let Some(with) = self.text(&arguments[1], frame)? else { return Ok(()) };
                let grown = text.len().saturating_add(text.len().saturating_add(1).saturating_mul(with.len()));
                if grown > LARGEST && text.matches(&*argument).count().saturating_mul(with.len()) > LARGEST {
                    return fail(op, EvalErrorKind::TooCostly);
                }
                owned(text.replace(&*argument, &with))
            }
            Function::Matches | Function::MatchesFull => {
                let pattern =
                    if function == Function::MatchesFull { format!("^(?:{argument})$") } else { argument.into() };
                self.spend(EXPRESSION);
                match pattern::anywhere(&pattern, SIZE_LIMIT) {
                    Ok(regex) => Item::Boolean(regex.is_match(&text)),
                    Err(refusal) => return fail(op, refused(refusal)),
                }
            }
            Function::ReplaceMatches => {
                let Some(with) = self.text(&arguments[1], frame)? else { return Ok(()) };
                self.spend(EXPRESSION);
                match pattern::anywhere(&argument, SIZE_LIMIT) {
                    Ok(regex) => owned(self.bounded(op, regex.replace_all(&text, &*with).into_owned())?),
                    Err(refusal) => return fail(op, refused(refusal)),
                }
            }
            _ => return fail(op, EvalErrorKind::NotSupported),
        })
    }

    /// `replaceMatches()` of a text, with an expression that is compiled, by a text.
    pub(super) fn replace_matches(
        &self,
        op: &'a Op,
        (base, regex, replacement): (&'a Op, &Regex, &'a Op),
        frame: Frame<'_, 'a>,
        sink: Sink<'_, 'a>,
    ) -> Run {
        let (Some(text), Some(with)) = (self.text(base, frame)?, self.text(replacement, frame)?) else {
            return Ok(());
        };
        self.spend(text.len());
        sink(Item::Text(Cow::Owned(self.bounded(op, regex.replace_all(&text, &*with).into_owned())?)))
    }

    fn join(&self, op: &'a Op, base: &'a Op, arguments: &'a [Op], frame: Frame<'_, 'a>, sink: Sink<'_, 'a>) -> Run {
        let separator = match arguments.first() {
            Some(separator) => self.text(separator, frame)?.unwrap_or_default(),
            None => Cow::Borrowed(""),
        };
        let mut joined: Option<String> = None;
        self.each(base, frame, &mut |item| {
            let Item::Text(text) = item.system(self.types) else { return fail(op, EvalErrorKind::WrongType) };
            match &mut joined {
                None => joined = Some(text.into_owned()),
                Some(joined) => {
                    joined.push_str(&separator);
                    joined.push_str(&text);
                    if joined.len() > LARGEST {
                        return fail(op, EvalErrorKind::TooCostly);
                    }
                }
            }
            Ok(())
        })?;
        joined.map_or(Ok(()), |joined| sink(Item::Text(Cow::Owned(joined))))
    }
}

fn refused(refusal: Refusal) -> EvalErrorKind {
    match refusal {
        Refusal::Broken => EvalErrorKind::BadRegularExpression,
        Refusal::Beyond => EvalErrorKind::NotSupported,
    }
}

/// `length` characters from `start`; `None` when that starts outside of the text.
fn part(text: &str, start: i64, length: Option<i64>) -> Option<&str> {
    let start = usize::try_from(start).ok()?;
    let (from, _) = text.char_indices().nth(start)?;
    let rest = &text[from..];
    Some(match length {
        None => rest,
        Some(length) => {
            let length = usize::try_from(length).unwrap_or(0);
            rest.char_indices().nth(length).map_or(rest, |(end, _)| &rest[..end])
        }
    })
}
