//! Running a program. Items stream from the operation that finds them to the one that asks, which can stop them:
//! `exists()` looks at one, and no step of a path makes a collection.

mod arithmetic;
mod call;
mod compare;
mod convert;
mod dates;
mod equality;
mod fhir;
mod html;
mod math;
mod path;
mod strings;
mod truth;

use super::builtin;
use super::context::Context;
use super::error::{EvalError, EvalErrorKind};
use super::function::Function;
use super::item::{Collection, Item, Node};
use super::program::{Op, OpKind, Program, TypeTest};
use super::types::{TypeId, Types};
use equality::Seen;
pub(super) use equality::close;
use std::borrow::Cow;
use std::cell::Cell;

impl Program {
    /// All items that the expression yields for `focus`.
    ///
    /// # Errors
    /// What the expression cannot do with this instance (two items where one is needed, types that do not go
    /// together), and [`EvalErrorKind::TooCostly`] past the context's budget.
    pub fn evaluate<'a>(&'a self, context: &Context<'a>, focus: Node<'a>) -> Result<Collection<'a>, EvalError> {
        let env = Env::new(self, context, focus);
        let this = [Item::Node(focus)];
        env.told(env.collect(&self.root, Frame::of(&this)))
    }

    /// The truth of a constraint: `None` when the result is empty, which FHIR takes for false. One item that is no
    /// boolean is true.
    ///
    /// # Errors
    /// As [`evaluate`](Program::evaluate); also when the result has several items.
    pub fn evaluate_bool<'a>(&'a self, context: &Context<'a>, focus: Node<'a>) -> Result<Option<bool>, EvalError> {
        let env = Env::new(self, context, focus);
        let this = [Item::Node(focus)];
        env.told(env.truth(&self.root, Frame::of(&this)))
    }
}

/// Why items stopped coming.
enum Stop {
    /// Who asked has seen enough. Only who said so may take it for success.
    Done,
    Error(EvalError),
}

type Run = Result<(), Stop>;
type Sink<'s, 'a> = &'s mut dyn FnMut(Item<'a>) -> Run;

/// Largest text, in bytes, and collection that an expression may make.
const LARGEST: usize = 1 << 20;

/// How many letters of a text are as much work as an item.
const LETTERS: usize = 64;

/// What `$this`, `$index` and `$total` are. `this` is one item but for the branches of `iif()`.
#[derive(Clone, Copy)]
struct Frame<'f, 'a> {
    this: &'f [Item<'a>],
    index: i64,
    total: &'f [Item<'a>],
}

impl<'f, 'a> Frame<'f, 'a> {
    fn of(this: &'f [Item<'a>]) -> Self {
        Frame { this, index: 0, total: &[] }
    }

    fn at(self, this: &'f [Item<'a>], index: i64) -> Self {
        Frame { this, index, total: self.total }
    }
}

/// One evaluation.
struct Env<'e, 'a> {
    types: &'a Types,
    context: &'e Context<'a>,
    focus: Node<'a>,
    left: Cell<u64>,
    root: &'a Op,
}

impl<'e, 'a> Env<'e, 'a> {
    fn new(program: &'a Program, context: &'e Context<'a>, focus: Node<'a>) -> Self {
        Env { types: &program.types, context, focus, left: Cell::new(context.budget), root: &program.root }
    }

    /// What the evaluation came to, once what it cost is told.
    fn told<T>(&self, result: Result<T, Stop>) -> Result<T, EvalError> {
        if let Some(spent) = self.context.spent {
            spent.set(self.context.budget - self.left.get());
        }
        result.map_err(|stop| match stop {
            Stop::Error(error) => error,
            // Nobody lets it out; were it to happen, the evaluation did not complete.
            Stop::Done => EvalError { at: self.root.at, kind: EvalErrorKind::TooCostly },
        })
    }

    fn tick(&self) -> Run {
        match self.left.get().checked_sub(1) {
            Some(left) => {
                self.left.set(left);
                Ok(())
            }
            None => Err(Stop::Error(EvalError { at: self.root.at, kind: EvalErrorKind::TooCostly })),
        }
    }

    /// Counts work that is more than visiting an item; what that leaves is seen at the next one.
    fn spend(&self, work: usize) {
        self.left.set(self.left.get().saturating_sub(work as u64));
    }

    /// Sends what `op` yields to `sink`, in order, until it has had enough.
    fn each(&self, op: &'a Op, frame: Frame<'_, 'a>, sink: Sink<'_, 'a>) -> Run {
        match &op.kind {
            OpKind::Empty => Ok(()),
            OpKind::Constant(item) => sink(item.borrowed()),
            OpKind::This => frame.this.iter().try_for_each(|item| sink(item.clone())),
            OpKind::Index => sink(Item::Integer(frame.index)),
            OpKind::Total => frame.total.iter().try_for_each(|item| {
                self.tick()?;
                sink(item.clone())
            }),
            OpKind::Resource => sink(Item::Node(self.context.resource)),
            OpKind::RootResource => sink(Item::Node(self.context.root_resource)),
            OpKind::Context => sink(Item::Node(self.context.context.unwrap_or(self.focus))),
            OpKind::External(name) => match self.context.variables.iter().find(|(known, _)| *known == &**name) {
                Some((_, item)) => sink(item.clone()),
                None => fail(op, EvalErrorKind::UnknownVariable),
            },
            OpKind::Path(base, steps) => self.path(base.as_deref(), steps, frame, sink),
            OpKind::Where(base, criteria) => self.filter(base, criteria, frame, sink),
            OpKind::Select(base, projection) => {
                self.each_indexed(base, frame, &mut |item, index| self.each(projection, frame.at(&[item], index), sink))
            }
            OpKind::Repeat(base, projection) => self.repeat(base, projection, frame, sink),
            OpKind::OfType(base, test) => self.each(base, frame, &mut |item| {
                if self.is_type(&item, *test) { sink(item) } else { Ok(()) }
            }),
            OpKind::Indexer(base, index) => self.indexed(op, base, index, frame, sink),
            OpKind::Union(operands, true) => self.union(operands, frame, sink),
            OpKind::Union(operands, false) => operands.iter().try_for_each(|operand| self.each(operand, frame, sink)),
            OpKind::Count(base) => sink(Item::Integer(self.count(base, frame)?)),
            OpKind::Arithmetic(..) | OpKind::Negate(_) => self.calculate(op, frame, sink),
            OpKind::Extension(base, url) => {
                self.each(base, frame, &mut |item| self.extensions(&item, url, &mut |found| sink(Item::Node(found))))
            }
            OpKind::ReplaceMatches(base, regex, replacement) => {
                self.replace_matches(op, (base, regex, replacement), frame, sink)
            }
            OpKind::Iif(base, branches) => self.choose(base, branches, frame, sink),
            OpKind::Aggregate(base, aggregator, start) => {
                self.aggregate(base, aggregator, start.as_deref(), frame, sink)
            }
            OpKind::Call(function, base, arguments) => self.call(op, *function, base, arguments, frame, sink),
            // The rest are the operations that `truth` knows.
            _ => match self.truth(op, frame)? {
                Some(value) => sink(Item::Boolean(value)),
                None => Ok(()),
            },
        }
    }

    fn filter(&self, base: &'a Op, criteria: &'a Op, frame: Frame<'_, 'a>, sink: Sink<'_, 'a>) -> Run {
        self.each_indexed(base, frame, &mut |item, index| {
            let this = [item];
            match self.truth(criteria, frame.at(&this, index))? {
                Some(true) => {
                    let [item] = this;
                    sink(item)
                }
                _ => Ok(()),
            }
        })
    }

    fn union(&self, operands: &'a [Op], frame: Frame<'_, 'a>, sink: Sink<'_, 'a>) -> Run {
        let mut seen = Seen::default();
        operands.iter().try_for_each(|operand| {
            self.each(operand, frame, &mut |item| if self.is_new(&mut seen, &item)? { sink(item) } else { Ok(()) })
        })
    }

    fn count(&self, base: &'a Op, frame: Frame<'_, 'a>) -> Result<i64, Stop> {
        let mut count = 0;
        if let OpKind::Call(Function::Children, parents, _) = &base.kind {
            // ele-1 counts the children of every element there is: no need to know what they are.
            self.each(parents, frame, &mut |item| {
                count += item.node().map_or(Ok(0), |node| self.child_count(node))?;
                Ok(())
            })?;
            return Ok(count);
        }
        self.each(base, frame, &mut |_| {
            count += 1;
            self.tick()
        })?;
        Ok(count)
    }

    /// `iif()`: its branches see the input as their focus.
    fn choose(&self, base: &'a Op, branches: &'a [Op], frame: Frame<'_, 'a>, sink: Sink<'_, 'a>) -> Run {
        let input = self.collect(base, frame)?;
        let inner = Frame { this: &input, ..frame };
        let chosen = if self.truth(&branches[0], inner)? == Some(true) { Some(&branches[1]) } else { branches.get(2) };
        chosen.map_or(Ok(()), |branch| self.each(branch, inner, sink))
    }

    fn aggregate(
        &self,
        base: &'a Op,
        aggregator: &'a Op,
        start: Option<&'a Op>,
        frame: Frame<'_, 'a>,
        sink: Sink<'_, 'a>,
    ) -> Run {
        let mut total = match start {
            Some(start) => self.collect(start, frame)?,
            None => Collection::new(),
        };
        self.each_indexed(base, frame, &mut |item, index| {
            let next = self.collect(aggregator, Frame { this: &[item], index, total: &total })?;
            total = next;
            Ok(())
        })?;
        total.into_iter().try_for_each(sink)
    }

    /// [`each`](Env::each) with the position of every item.
    fn each_indexed(&self, op: &'a Op, frame: Frame<'_, 'a>, sink: &mut dyn FnMut(Item<'a>, i64) -> Run) -> Run {
        let mut index = 0;
        self.each(op, frame, &mut |item| {
            self.tick()?;
            sink(item, index)?;
            index += 1;
            Ok(())
        })
    }

    /// [`each`](Env::each) for a sink that is the last one: its `Done` is success.
    fn until(&self, op: &'a Op, frame: Frame<'_, 'a>, sink: Sink<'_, 'a>) -> Run {
        match self.each(op, frame, sink) {
            Err(Stop::Done) => Ok(()),
            other => other,
        }
    }

    fn collect(&self, op: &'a Op, frame: Frame<'_, 'a>) -> Result<Collection<'a>, Stop> {
        let mut items = Collection::new();
        self.each(op, frame, &mut |item| {
            if items.len() >= LARGEST {
                return fail(op, EvalErrorKind::TooCostly);
            }
            items.push(item);
            Ok(())
        })?;
        Ok(items)
    }

    /// The one item that `op` yields, or none; several are an error.
    fn single(&self, op: &'a Op, frame: Frame<'_, 'a>) -> Result<Option<Item<'a>>, Stop> {
        let mut found = None;
        self.each(op, frame, &mut |item| match found {
            None => {
                found = Some(item);
                Ok(())
            }
            Some(_) => fail(op, EvalErrorKind::NotSingle),
        })?;
        Ok(found)
    }

    /// [`single`](Env::single) as a value: a primitive node as what it holds.
    fn value(&self, op: &'a Op, frame: Frame<'_, 'a>) -> Result<Option<Item<'a>>, Stop> {
        Ok(self.single(op, frame)?.map(|item| item.system(self.types)))
    }

    fn is_type(&self, item: &Item<'a>, test: TypeTest) -> bool {
        let of = item.type_id();
        if self.types.is_a(of, test.of) || test.also.is_some_and(|also| self.types.is_a(of, also)) {
            return true;
        }
        if test.primitive.is_some() && test.primitive == self.types.primitive(of) {
            return true;
        }
        // Without definitions nobody says what a resource derives from.
        let resource = |node: Node<'_>| node.value().get("resourceType").is_some();
        matches!(test.of, builtin::RESOURCE | builtin::DOMAIN_RESOURCE)
            && self.types.is_open(of)
            && item.node().is_some_and(resource)
    }

    fn indexed(&self, op: &'a Op, base: &'a Op, index: &'a Op, frame: Frame<'_, 'a>, sink: Sink<'_, 'a>) -> Run {
        let wanted = match self.value(index, frame)? {
            None => return Ok(()),
            Some(Item::Integer(wanted)) => wanted,
            Some(_) => return fail(op, EvalErrorKind::WrongType),
        };
        let mut found = None;
        let mut at = 0;
        self.until(base, frame, &mut |item| {
            if at == wanted {
                found = Some(item);
                return Err(Stop::Done);
            }
            at += 1;
            Ok(())
        })?;
        found.map_or(Ok(()), sink)
    }

    /// Projects until nothing new comes.
    fn repeat(&self, base: &'a Op, projection: &'a Op, frame: Frame<'_, 'a>, sink: Sink<'_, 'a>) -> Run {
        let mut seen = Seen::default();
        let mut pending = self.collect(base, frame)?;
        while !pending.is_empty() {
            let mut next = Collection::new();
            for item in pending {
                self.each(projection, frame.at(&[item], 0), &mut |found| {
                    self.tick()?;
                    if self.is_new(&mut seen, &found)? {
                        next.push(found.clone());
                        sink(found)?;
                    }
                    Ok(())
                })?;
            }
            pending = next;
        }
        Ok(())
    }

    /// `text`, unless an expression has made it too large.
    fn bounded(&self, op: &Op, text: String) -> Result<String, Stop> {
        if text.len() > LARGEST { fail(op, EvalErrorKind::TooCostly) } else { Ok(text) }
    }
}

fn fail<T>(op: &Op, kind: EvalErrorKind) -> Result<T, Stop> {
    Err(Stop::Error(EvalError { at: op.at, kind }))
}
