//! What constraints may ask about the world around a value, and what becomes of an answer that nobody has.

use std::cell::{Cell, RefCell};

use serde_json::Value;

use crate::fhirpath::{self, Context, DEFAULT_BUDGET, EvalError, EvalErrorKind, Item, Program, Types};
use crate::validator::path::Path;
use crate::validator::property::property;
use crate::validator::reason::Unchecked;
use crate::validator::resolve;
use crate::validator::rules::binding;
use crate::validator::sink::{Sink, Verdict};
use crate::validator::terminology::Membership;
use crate::validator::walk::{Scope, Shared, Walk};

/// Each evaluation adds so many steps to those that a document may take, which is far more than nearly all need: so that
/// many which each look at much end with the document unchecked, and not in an hour.
const EARNED: u64 = 1_000;

/// Evaluates within what the document may still take.
pub(super) fn counted<T>(shared: &Shared<'_>, context: Context<'_>, evaluate: impl FnOnce(&Context<'_>) -> T) -> T {
    let spent = Cell::new(0);
    let context = Context { budget: shared.steps.get() + EARNED, spent: Some(&spent), ..context };
    let result = evaluate(&context);
    shared.steps.set((shared.steps.get() + EARNED).saturating_sub(spent.get()).min(DEFAULT_BUDGET));
    result
}

/// Profiles that each ask in a constraint for the next: deeper than this they go round.
const CIRCLE: u8 = 4;

/// Questions without an answer that one evaluation may have, each of which is tried both ways.
const OPEN_QUESTIONS: usize = 4;

/// Whether an expression holds; why that cannot be told where it hangs on what nobody here knows.
pub(super) fn run<'a, S: Sink>(
    walk: &Walk<'_, 'a, S>,
    scope: &Scope<'_, 'a>,
    program: &Program,
    focus: fhirpath::Node<'a>,
    variables: &[(&'a str, Item<'a>)],
) -> Result<bool, Unchecked> {
    let surroundings = Surroundings::new(walk.shared, scope);
    let holds = surroundings.once(program, focus, variables)?;
    let mut tried = 1;
    while tried < 1 << surroundings.open.borrow().len() {
        surroundings.answers.set(tried);
        let is_same = surroundings.once(program, focus, variables)? == holds;
        if !is_same || surroundings.open.borrow().len() > OPEN_QUESTIONS {
            return Err(Unchecked::Untold);
        }
        tried += 1;
    }
    if !holds && surroundings.unfollowed.get() { Err(Unchecked::Unfollowed) } else { Ok(holds) }
}

/// The world around a value, as constraints see it.
pub(super) struct Surroundings<'c, 's, 'a> {
    shared: &'c Shared<'a>,
    scope: &'c Scope<'s, 'a>,
    /// What was asked and nobody could tell.
    open: RefCell<Vec<Box<str>>>,
    /// How those are answered in this evaluation, a bit each.
    answers: Cell<u32>,
    /// Whether a reference led out of the document.
    unfollowed: Cell<bool>,
}

impl<'c, 's, 'a> Surroundings<'c, 's, 'a> {
    pub(super) fn new(shared: &'c Shared<'a>, scope: &'c Scope<'s, 'a>) -> Self {
        Surroundings { shared, scope, open: RefCell::default(), answers: Cell::new(0), unfollowed: Cell::new(false) }
    }

    pub(super) fn context<'k>(&'k self, variables: &'k [(&'k str, Item<'a>)]) -> Context<'k>
    where
        'a: 'k,
    {
        let mut context = Context::new(self.shared.typed(self.scope.resource));
        if !std::ptr::eq(self.scope.root, self.scope.resource) {
            context.root_resource = fhirpath::Node::resource(self.scope.root, &self.shared.schema.types);
        }
        if self.shared.options.clock.is_some() {
            context.now = self.shared.now();
        }
        context.variables = variables;
        context.resolver = Some(self);
        context.terminology = Some(self);
        context.conformance = Some(self);
        context
    }

    fn once(
        &self,
        program: &Program,
        focus: fhirpath::Node<'a>,
        variables: &[(&'a str, Item<'a>)],
    ) -> Result<bool, Unchecked> {
        let context = self.context(variables);
        match counted(self.shared, context, |context| program.evaluate_bool(context, focus)) {
            Ok(truth) => Ok(truth.unwrap_or(false)),
            // What an expression says of one item does not hold of several, nor of an operand that it is not made for, nor
            // of what nobody told it.
            Err(EvalError {
                kind:
                    EvalErrorKind::NotSingle
                    | EvalErrorKind::WrongType
                    | EvalErrorKind::UnknownVariable
                    | EvalErrorKind::UnexpectedModifier
                    | EvalErrorKind::BadRegularExpression,
                ..
            }) => Ok(false),
            Err(error) => Err(Unchecked::Expression(error.to_string().into())),
        }
    }

    /// The answer that this evaluation takes a question to have which nobody can tell.
    fn assumed(&self, question: std::fmt::Arguments<'_>) -> bool {
        let question = question.to_string();
        let mut open = self.open.borrow_mut();
        let known = open.iter().position(|other| **other == *question);
        let at = known.unwrap_or_else(|| {
            // Past the limit all share a place, as they are not tried.
            if open.len() <= OPEN_QUESTIONS {
                open.push(question.into());
            }
            open.len() - 1
        });
        self.answers.get() & 1 << at != 0
    }
}

/// What a question is about: where a value stands, or a code that an expression itself has.
fn named(coded: &Item<'_>) -> String {
    match coded {
        Item::Text(code) => format!("'{code}'"),
        coded => format!("{:p}", coded.node().map_or(std::ptr::null(), |node| std::ptr::from_ref(node.value()))),
    }
}

/// The codes of a code, Coding or CodeableConcept, with their systems.
fn codes<'v>(coded: &'v Item<'_>) -> Vec<(&'v str, &'v str)> {
    let text = |coding: &'v Value, name: &str| property(coding, name).and_then(Value::as_str);
    let pair = |coding: &'v Value| Some((text(coding, "system").unwrap_or_default(), text(coding, "code")?));
    match coded {
        Item::Text(code) => vec![("", code)],
        Item::Node(node) => match (node.value(), property(node.value(), "coding").and_then(Value::as_array)) {
            (Value::String(code), _) => vec![("", code)],
            (_, Some(codings)) => codings.iter().filter_map(pair).collect(),
            (value, None) => pair(value).into_iter().collect(),
        },
        _ => Vec::new(),
    }
}

impl fhirpath::Resolve for Surroundings<'_, '_, '_> {
    fn resolve(&self, reference: &str) -> Option<&Value> {
        let found = resolve::within(&self.shared.lookup, self.scope, reference);
        if found.is_none() {
            self.unfollowed.set(true);
        }
        found
    }
}

impl fhirpath::Terminology for Surroundings<'_, '_, '_> {
    fn member_of(&self, coded: &Item<'_>, _: &Types, value_set: &str) -> Option<bool> {
        let terminology = &self.shared.schema.terminology;
        let membership = match coded {
            Item::Text(code) => Some(terminology.contains(value_set, None, code)),
            coded => binding::any_member(terminology, value_set, coded.node()?.value()),
        };
        Some(match membership {
            Some(Membership::In) => true,
            Some(Membership::Unknown) => self.assumed(format_args!("{} in {value_set}", named(coded))),
            Some(Membership::Out) | None => false,
        })
    }

    fn subsumes(&self, above: &Item<'_>, below: &Item<'_>) -> Option<bool> {
        let terminology = &self.shared.schema.terminology;
        let (above_codes, below_codes) = (codes(above), codes(below));
        let pairs = above_codes.iter().flat_map(|a| below_codes.iter().map(move |b| (a, b)));
        Some(match pairs.map(|(a, b)| terminology.subsumes(*a, *b)).max()? {
            Membership::In => true,
            Membership::Out => false,
            Membership::Unknown => self.assumed(format_args!("{above_codes:?} above {below_codes:?}")),
        })
    }
}

impl fhirpath::Conformance for Surroundings<'_, '_, '_> {
    fn conforms_to(&self, node: fhirpath::Node<'_>, profile: &str) -> Option<bool> {
        let Some(structure) = self.shared.schema.structure(profile) else {
            return Some(self.assumed(format_args!("{:p} of {profile}", std::ptr::from_ref(node.value()))));
        };
        let schema = self.shared.schema;
        let types = &schema.types;
        let type_name = &schema.get(structure).type_name;
        let holds = if types.is_a(node.of(), types.intern("Resource")) {
            self.apart(node, |walk, scope, value| walk.resource_holds(scope, value, (structure, 0)))
        } else if types.is_a(node.of(), types.intern(type_name)) {
            let (id, sibling) = (schema.compile(&[(structure, 0)], type_name), node.sibling());
            self.apart(node, |walk, scope, value| {
                let value = (!value.is_null()).then_some(value);
                walk.element(scope, id, value, sibling, &Path::root("")).is_continue()
            })
        } else {
            Some(false)
        };
        Some(holds.unwrap_or_else(|| self.assumed(format_args!("{:p} of {profile}", std::ptr::from_ref(node.value())))))
    }

    fn is_in_slice(&self, node: fhirpath::Node<'_>, structure: &str, slice: &str) -> Option<bool> {
        let profile = self.shared.schema.structure(structure)?;
        let (slice, variant) = self.shared.schema.slice(profile, slice)?;
        let membership = self.apart(node, |walk, scope, value| walk.matches(scope, slice, Some(value), variant));
        Some(match membership.unwrap_or(Membership::Unknown) {
            Membership::In => true,
            Membership::Out => false,
            Membership::Unknown => {
                let place = std::ptr::from_ref(node.value());
                self.assumed(format_args!("{place:p} in {} of {structure}", slice.name))
            }
        })
    }
}

impl Surroundings<'_, '_, '_> {
    /// Looks at a value on its own, within what the document may still take; `None` where profiles ask for one another
    /// in a circle.
    fn apart<'v, T>(
        &'v self,
        node: fhirpath::Node<'v>,
        judge: impl FnOnce(&mut Walk<'_, 'v, Verdict>, &Scope<'_, 'v>, &'v Value) -> T,
    ) -> Option<T> {
        if self.shared.within == CIRCLE {
            return None;
        }
        let mut shared = Shared::new(self.shared.schema, self.shared.options, None);
        shared.within = self.shared.within + 1;
        let scope = self.around(node);
        shared.steps.set(self.shared.steps.get());
        let holds = judge(&mut Walk::new(&shared, Verdict), &scope, node.value());
        self.shared.steps.set(shared.steps.get());
        Some(holds)
    }

    /// What is around a value that an expression walked to: an element, a resource, a contained one or that of an entry.
    fn around<'v>(&'v self, node: fhirpath::Node<'v>) -> Scope<'v, 'v> {
        let (outer, value): (Scope<'v, 'v>, _) = (*self.scope, node.value());
        let types = &self.shared.schema.types;
        if std::ptr::eq(value, outer.resource) || !types.is_a(node.of(), types.intern("Resource")) {
            return outer;
        }
        let mut contained = outer.root.get("contained").and_then(Value::as_array).into_iter().flatten();
        if contained.any(|other| std::ptr::eq(other, value)) {
            return Scope { resource: value, ..outer };
        }
        let full_url = outer.bundle.and_then(|bundle| bundle.full_url_of(value));
        Scope { resource: value, root: value, full_url, ..outer }
    }
}
