//! Constraints in FHIRPath. Those that the structure or a rule of its own checks are left out at compile time.

mod surroundings;

use std::borrow::Cow;
use std::sync::{Arc, OnceLock};

use serde_json::Value;

use crate::fhir::Severity;
use crate::fhirpath::{self, Item, ParseError, ParseErrorKind, Program, TypeId, compile};
use crate::validator::kind::Kind;
use crate::validator::node::Node;
use crate::validator::path::Path;
use crate::validator::reason::Unchecked;
use crate::validator::schema::{Compiled, Schema};
use crate::validator::sink::{Flow, Sink};
use crate::validator::structure::Constraint;
use crate::validator::walk::{Scope, Walk};
use surroundings::{Surroundings, counted, run};

/// One constraint on one type, compiled when it is first evaluated.
pub struct ConstraintRule {
    key: Box<str>,
    error: bool,
    human: Box<str>,
    expression: Box<str>,
    focus: TypeId,
    native: Option<Native>,
    /// The error is that of the definition's text, not of a resource.
    program: OnceLock<Result<Program, Unanswered>>,
}

/// Constraints that nearly every element has, written out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Native {
    /// ext-1: a value or extensions, not both and not neither.
    ExtensionHasOne,
}

/// Why an expression gives no answer.
#[derive(Clone)]
enum Unanswered {
    /// It is no FHIRPath.
    Broken(Box<str>),
    /// It asks what cannot be told here.
    Unchecked(Unchecked),
}

/// Functions of later versions of FHIRPath and FHIR: an expression that has them is none that is broken.
const LATER: &[&str] = &[
    "coalesce",
    "convertsToLong",
    "decode",
    "defineVariable",
    "difference",
    "duration",
    "elementDefinition",
    "encode",
    "escape",
    "hasTemplateIdOf",
    "htmlChecks2",
    "repeatAll",
    "sort",
    "sum",
    "toLong",
    "unescape",
    "validateVS",
    "weight",
];

/// Whether an expression may well be right, and only is not read here.
pub(super) fn is_beyond(error: &ParseError) -> bool {
    match &error.kind {
        ParseErrorKind::TooDeep | ParseErrorKind::TooLong | ParseErrorKind::RegularExpressionBeyond => true,
        ParseErrorKind::UnknownFunction(name) => LATER.contains(&name.as_str()),
        _ => false,
    }
}

fn unread(error: ParseError) -> Unanswered {
    let reason = error.to_string().into();
    if is_beyond(&error) { Unanswered::Unchecked(Unchecked::Expression(reason)) } else { Unanswered::Broken(reason) }
}

/// R4's expressions that other rules hold: `ele-1` (structure), `ref-1` (references), `dom-3` (contained), and the
/// narrative's. Told by their text, so that another constraint under the same key is evaluated.
const HELD_ELSEWHERE: &[&str] = &[
    "hasValue() or (children().count() > id.count())",
    "hasValue() or (children().count() > id.count()) or $this is Parameters",
    "reference.startsWith('#').not() or (reference.substring(1).trace('url') in %rootResource.contained.id.trace('ids'))",
    "contained.where((('#'+id in (%resource.descendants().reference | %resource.descendants().as(canonical) | %resource.descendants().as(uri) | %resource.descendants().as(url))) or descendants().where(reference = '#').exists() or descendants().where(as(canonical) = '#').exists() or descendants().where(as(canonical) = '#').exists()).not()).trace('unmatched', id).empty()",
    "htmlChecks()",
];

impl ConstraintRule {
    pub fn new(constraint: &Constraint, focus: TypeId) -> Self {
        let native = match &*constraint.expression {
            "extension.exists() != value.exists()" => Some(Native::ExtensionHasOne),
            _ => None,
        };
        ConstraintRule {
            key: constraint.key.clone(),
            error: constraint.error && !constraint.best_practice,
            human: constraint.human.clone(),
            expression: constraint.expression.clone(),
            focus,
            native,
            program: OnceLock::new(),
        }
    }

    pub fn is(&self, constraint: &Constraint, focus: TypeId) -> bool {
        self.focus == focus
            && self.expression == constraint.expression
            && self.error == (constraint.error && !constraint.best_practice)
    }

    fn program(&self, schema: &Schema) -> Result<&Program, &Unanswered> {
        let compiled = self
            .program
            .get_or_init(|| compile(&mended(&self.key, &self.expression), self.focus, &schema.types).map_err(unread));
        compiled.as_ref()
    }

    /// A warning that is no FHIRPath is an error: what it would have warned of cannot be told.
    fn is_broken(&self, schema: &Schema) -> bool {
        self.native.is_none() && matches!(self.program(schema), Err(Unanswered::Broken(_)))
    }
}

/// Errata of R4, by text: as published, and as meant. What a constraint says of an element that is not there holds
/// where the element is optional; a name matches as a whole.
const ERRATA: &[(&str, &str)] = &[
    // que-12 says "more than one" and counts more than two.
    (
        "enableWhen.count() > 2 implies enableBehavior.exists()",
        "enableWhen.count() > 1 implies enableBehavior.exists()",
    ),
    ("fullUrl.contains('/_history/').not()", "fullUrl.exists() implies fullUrl.contains('/_history/').not()"),
    (
        "probability is decimal implies (probability as decimal) <= 100",
        "probability.empty() or (probability is decimal implies (probability as decimal) <= 100)",
    ),
    (
        "name.matches('[A-Z]([A-Za-z0-9_]){0,254}')",
        "name.exists() implies name.matches('^[A-Z]([A-Za-z0-9_]){0,254}$')",
    ),
];

/// Errata of the invariants of extensions' contexts: FHIRPath knows a choice by its name without the type.
const TYPED_NAMES: &[(&str, &str)] = &[("%extension.valueInteger", "%extension.value")];

/// Errata of R4 by key and how they begin: a path matches as a whole.
const WHOLE_PATH: &[&str] = &["eld-19", "eld-20"];

fn mended<'e>(key: &str, expression: &'e str) -> Cow<'e, str> {
    if let Some((_, right)) = ERRATA.iter().find(|(published, _)| *published == expression) {
        return Cow::Borrowed(right);
    }
    let form = expression.strip_prefix("path.matches('").and_then(|e| e.strip_suffix("')"));
    match form.filter(|form| WHOLE_PATH.contains(&key) && !form.starts_with('^')) {
        Some(form) => Cow::Owned(format!("path.matches('^{form}$')")),
        None => Cow::Borrowed(expression),
    }
}

/// The rule for a constraint; `None` where another rule holds it, or it is for people alone.
pub fn needed(schema: &Schema, constraint: &Constraint, focus: TypeId) -> Option<Arc<ConstraintRule>> {
    let is_read = !constraint.expression.trim().is_empty();
    (is_read && !HELD_ELSEWHERE.contains(&&*constraint.expression)).then(|| schema.constraint(constraint, focus))
}

pub fn check<'a, S: Sink>(
    walk: &mut Walk<'_, 'a, S>,
    scope: &Scope<'_, 'a>,
    node: &'a Node,
    value: Option<&'a Value>,
    sibling: Option<&'a Value>,
    at: &Path<'_>,
) -> Flow {
    for rule in &node.constraints {
        if !S::ALL && !rule.error && !rule.is_broken(walk.schema()) {
            continue;
        }
        let shared = walk.shared;
        let kept = (!rule.error).then(|| shared.steps.replace(shared.warning_steps.get()));
        let holds = match rule.native {
            Some(Native::ExtensionHasOne) => Ok(has_one(value)),
            None => evaluate(walk, scope, rule, value, sibling),
        };
        if let Some(kept) = kept {
            shared.warning_steps.set(shared.steps.replace(kept));
        }
        match holds {
            Ok(true) => {}
            Ok(false) => {
                let (key, human) = (rule.key.clone(), rule.human.clone());
                match rule.error {
                    true => walk.error(at, || Kind::ConstraintFailed { key, human })?,
                    false => walk.report(at, Severity::Warning, || Kind::ConstraintWarning { key, human })?,
                }
            }
            Err(Unanswered::Broken(reason)) => {
                walk.error(at, || Kind::ConstraintBroken { key: rule.key.clone(), reason })?;
            }
            Err(Unanswered::Unchecked(reason)) => {
                // Two definitions may have one key for what they ask.
                walk.say_once(&format!("{} {}", rule.key, rule.expression), at, || Kind::ConstraintUnchecked {
                    key: rule.key.clone(),
                    reason,
                })?;
            }
        }
    }
    Flow::Continue(())
}

fn has_one(value: Option<&Value>) -> bool {
    let Some(Value::Object(map)) = value else { return true };
    let is_there = |value: &Value| match value {
        Value::Object(map) => !map.is_empty(),
        Value::Array(items) => !items.is_empty(),
        value => !value.is_null(),
    };
    let has_value = map.iter().any(|(k, v)| k.trim_start_matches('_').starts_with("value") && is_there(v));
    has_value != map.get("extension").is_some_and(is_there)
}

/// Whether an expression that is no constraint of a node holds for a resource.
pub fn holds<'a, S: Sink>(
    walk: &Walk<'_, 'a, S>,
    scope: &Scope<'_, 'a>,
    expression: &str,
    resource: &'a Value,
) -> Result<bool, Unchecked> {
    let types = &walk.schema().types;
    let type_name = resource.get("resourceType").and_then(Value::as_str).unwrap_or("Resource");
    let program = compile(expression, types.intern(type_name), types);
    let program = program.map_err(|error| Unchecked::Expression(error.to_string().into()))?;
    run(walk, scope, &program, fhirpath::Node::resource(resource, types), &[])
}

/// Whether the invariant of an extension's context holds for the element that it stands on (`%extension` is the extension
/// itself).
pub fn holds_around<'a, S: Sink>(
    walk: &Walk<'_, 'a, S>,
    scope: &Scope<'_, 'a>,
    expression: &str,
    owner: fhirpath::Node<'a>,
    extension: &'a Value,
) -> Result<bool, Unchecked> {
    let types = &walk.schema().types;
    let mut mended = Cow::Borrowed(expression);
    for (wrong, right) in TYPED_NAMES.iter().filter(|(wrong, _)| expression.contains(wrong)) {
        mended = Cow::Owned(mended.replace(wrong, right));
    }
    let program = walk.schema().program(&mended, owner.of());
    let extension = Item::Node(fhirpath::Node::new(extension, None, types.intern("Extension")));
    run(walk, scope, compiled(&program)?, owner, &[("extension", extension)])
}

/// Whether an element is among those that an expression finds in its resource.
pub fn finds<'a, S: Sink>(
    walk: &Walk<'_, 'a, S>,
    scope: &Scope<'_, 'a>,
    expression: &str,
    element: &'a Value,
) -> Result<bool, Unchecked> {
    let focus = walk.shared.typed(scope.resource);
    let program = walk.schema().program(expression, focus.of());
    let program = compiled(&program)?;
    let surroundings = Surroundings::new(walk.shared, scope);
    let context = surroundings.context(&[]);
    let is_it = |node: fhirpath::Node<'_>| {
        std::ptr::eq(node.value(), element) || node.sibling().is_some_and(|part| std::ptr::eq(part, element))
    };
    counted(walk.shared, context, |context| {
        let found = program.evaluate(context, focus);
        let found = found.map_err(|error| Unchecked::Expression(error.to_string().into()))?;
        Ok(found.iter().filter_map(Item::node).any(is_it))
    })
}

/// The program of an expression that is one.
fn compiled(program: &Compiled) -> Result<&Program, Unchecked> {
    program.as_ref().as_ref().map_err(|reason| Unchecked::Expression(reason.clone()))
}

fn evaluate<'a, S: Sink>(
    walk: &Walk<'_, 'a, S>,
    scope: &Scope<'_, 'a>,
    rule: &ConstraintRule,
    value: Option<&'a Value>,
    sibling: Option<&'a Value>,
) -> Result<bool, Unanswered> {
    let focus = match (value, sibling) {
        (Some(value), sibling) => fhirpath::Node::new(value, sibling, rule.focus),
        (None, Some(sibling)) => fhirpath::Node::without_value(sibling, rule.focus),
        (None, None) => return Ok(true),
    };
    let program = rule.program(walk.schema()).map_err(Clone::clone)?;
    run(walk, scope, program, focus, &[]).map_err(Unanswered::Unchecked)
}
