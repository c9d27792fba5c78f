//! Booleans, of which there are three: true, false and empty.

use super::*;
use crate::fhirpath::program::Comparison;

type Truth = Result<Option<bool>, Stop>;

impl<'a> Env<'_, 'a> {
    /// What `op` yields, as a boolean: one item that is no boolean is true, several are an error.
    pub(super) fn truth(&self, op: &'a Op, frame: Frame<'_, 'a>) -> Truth {
        Ok(match &op.kind {
            OpKind::And(operands) => return self.all_of(operands, frame, false),
            OpKind::Or(operands) => return self.all_of(operands, frame, true),
            OpKind::Xor(left, right) => match (self.truth(left, frame)?, self.truth(right, frame)?) {
                (Some(left), Some(right)) => Some(left != right),
                _ => None,
            },
            OpKind::Implies(left, right) => match self.truth(left, frame)? {
                Some(false) => Some(true),
                Some(true) => self.truth(right, frame)?,
                None => self.truth(right, frame)?.filter(|right| *right),
            },
            OpKind::Not(base) => self.truth(base, frame)?.map(|value| !value),
            OpKind::Exists(base, criteria) => Some(self.exists(base, criteria.as_deref(), frame)?),
            OpKind::IsEmpty(base) => Some(!self.exists(base, None, frame)?),
            OpKind::All(base, criteria) => Some(self.all(base, criteria, frame)?),
            OpKind::Is(base, test) => self.single(base, frame)?.map(|item| self.is_type(&item, *test)),
            OpKind::Equal(left, right, negated) => self.equality(left, right, frame)?.map(|equal| equal != *negated),
            OpKind::Equivalent(left, right, negated) => Some(self.equivalence(left, right, frame)? != *negated),
            OpKind::Compare(left, right, comparison) => return self.comparison(op, (left, right), *comparison, frame),
            OpKind::In(item, collection) => match self.single(item, frame)? {
                Some(item) => Some(self.contains(collection, &item, frame)?),
                None => None,
            },
            OpKind::Matches(base, regex) => self.text(base, frame)?.map(|text| {
                self.spend(text.len() / LETTERS);
                regex.is_match(&text)
            }),
            _ => match self.single(op, frame)? {
                None => None,
                Some(item) => self.boolean(item),
            },
        })
    }

    /// `and` (decided by false) or `or` (decided by true) of all.
    fn all_of(&self, operands: &'a [Op], frame: Frame<'_, 'a>, decisive: bool) -> Truth {
        let mut known = true;
        for operand in operands {
            match self.truth(operand, frame)? {
                Some(value) if value == decisive => return Ok(Some(decisive)),
                Some(_) => {}
                None => known = false,
            }
        }
        Ok(known.then_some(!decisive))
    }

    fn all(&self, base: &'a Op, criteria: &'a Op, frame: Frame<'_, 'a>) -> Result<bool, Stop> {
        let mut all = true;
        let run = self.each_indexed(base, frame, &mut |item, index| {
            all = self.truth(criteria, frame.at(&[item], index))? == Some(true);
            if all { Ok(()) } else { Err(Stop::Done) }
        });
        done(run)?;
        Ok(all)
    }

    fn equality(&self, left: &'a Op, right: &'a Op, frame: Frame<'_, 'a>) -> Truth {
        match (&left.kind, &right.kind) {
            (_, OpKind::Constant(constant)) => self.equals_one(left, constant, frame),
            (OpKind::Constant(constant), _) => self.equals_one(right, constant, frame),
            (left_kind, right_kind) if is_boolean(left_kind) && is_boolean(right_kind) => {
                let (left, right) = (self.truth(left, frame)?, self.truth(right, frame)?);
                Ok(left.zip(right).map(|(left, right)| left == right))
            }
            _ => self.equal_collections(left, right, frame),
        }
    }

    fn equivalence(&self, left: &'a Op, right: &'a Op, frame: Frame<'_, 'a>) -> Result<bool, Stop> {
        let (left, right) = (self.collect(left, frame)?, self.collect(right, frame)?);
        self.equivalent_collections(&left, &right)
    }

    fn comparison(
        &self,
        op: &'a Op,
        (left, right): (&'a Op, &'a Op),
        comparison: Comparison,
        frame: Frame<'_, 'a>,
    ) -> Truth {
        let (Some(left), Some(right)) = (self.value(left, frame)?, self.value(right, frame)?) else { return Ok(None) };
        match self.compare(&left, &right) {
            Ok(ordering) => Ok(ordering.map(|ordering| match comparison {
                Comparison::Less => ordering.is_lt(),
                Comparison::LessOrEqual => ordering.is_le(),
                Comparison::Greater => ordering.is_gt(),
                Comparison::GreaterOrEqual => ordering.is_ge(),
            })),
            Err(kind) => fail(op, kind),
        }
    }

    pub(super) fn exists(&self, base: &'a Op, criteria: Option<&'a Op>, frame: Frame<'_, 'a>) -> Result<bool, Stop> {
        let mut found = false;
        let run = match criteria {
            None => self.each(base, frame, &mut |_| {
                found = true;
                Err(Stop::Done)
            }),
            Some(criteria) => self.each_indexed(base, frame, &mut |item, index| {
                found = self.truth(criteria, frame.at(&[item], index))? == Some(true);
                if found { Err(Stop::Done) } else { Ok(()) }
            }),
        };
        done(run)?;
        Ok(found)
    }

    /// True where `collection` yields something equal to `item`.
    pub(super) fn contains(&self, collection: &'a Op, item: &Item<'a>, frame: Frame<'_, 'a>) -> Result<bool, Stop> {
        let mut found = false;
        let run = self.each(collection, frame, &mut |candidate| {
            found = self.equal(&candidate, item) == Some(true);
            if found { Err(Stop::Done) } else { Ok(()) }
        });
        done(run)?;
        Ok(found)
    }

    fn equals_one(&self, op: &'a Op, constant: &'a Item<'static>, frame: Frame<'_, 'a>) -> Truth {
        let mut equal = None;
        let mut first = true;
        self.until(op, frame, &mut |item| {
            if first {
                first = false;
                equal = self.equal(&item, constant);
                Ok(())
            } else {
                equal = Some(false);
                Err(Stop::Done)
            }
        })?;
        Ok(equal)
    }

    /// One item as a boolean; a boolean element without a value is empty.
    pub(super) fn boolean(&self, item: Item<'a>) -> Option<bool> {
        match item.system(self.types) {
            Item::Boolean(value) => Some(value),
            Item::Node(node) if node.value().is_null() && node.of() == builtin::BOOLEAN => None,
            _ => Some(true),
        }
    }
}

/// True of operations that yield nothing but a boolean.
fn is_boolean(kind: &OpKind) -> bool {
    matches!(
        kind,
        OpKind::And(_)
            | OpKind::Or(_)
            | OpKind::Xor(..)
            | OpKind::Implies(..)
            | OpKind::Not(_)
            | OpKind::Exists(..)
            | OpKind::IsEmpty(_)
            | OpKind::All(..)
            | OpKind::Is(..)
            | OpKind::Equal(..)
            | OpKind::Compare(..)
            | OpKind::In(..)
            | OpKind::Matches(..)
    )
}

/// Where a sink of ours was the last one, its `Done` is success.
pub(super) fn done(run: Run) -> Run {
    match run {
        Err(Stop::Done) => Ok(()),
        other => other,
    }
}
