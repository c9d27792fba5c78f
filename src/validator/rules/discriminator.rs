//! Whether an item meets a condition of a slice; what is not here may leave that open.

use serde_json::Value;

use super::{fixed, pattern};
use crate::validator::kind::{Lack, Wanted};
use crate::validator::node::Source;
use crate::validator::property::property;
use crate::validator::resolve;
use crate::validator::sink::Sink;
use crate::validator::slicing::{Condition, Expected, Step, written};
use crate::validator::terminology::Membership;
use crate::validator::walk::{Scope, Walk, joined};

/// What a path led to: a value, its type where the property's name gives it, or a reference that could not be followed.
enum Found<'a> {
    Value(&'a Value, Option<&'a str>),
    Unresolved(&'a str),
}

/// Whether an item meets all conditions of a slice.
pub fn all<'a, S: Sink>(
    walk: &Walk<'_, 'a, S>,
    scope: &Scope<'_, 'a>,
    conditions: &'a [Condition],
    value: &'a Value,
    type_name: &'a str,
) -> Membership {
    let mut all = Membership::In;
    for condition in conditions {
        all = all.min(holds(walk, scope, condition, value, type_name));
        if all == Membership::Out {
            break;
        }
    }
    all
}

fn holds<'a, S: Sink>(
    walk: &Walk<'_, 'a, S>,
    scope: &Scope<'_, 'a>,
    condition: &'a Condition,
    value: &'a Value,
    type_name: &'a str,
) -> Membership {
    match condition.expected {
        Expected::Exists(wanted) => told(any((walk, scope), &condition.path, value, None, &mut |_| true) == wanted),
        Expected::Missing(_) => Membership::Unknown,
        _ => {
            let mut best = Membership::Out;
            any((walk, scope), &condition.path, value, Some(type_name), &mut |found| {
                best = best.max(meets(walk, scope, condition, &found));
                best == Membership::In
            });
            best
        }
    }
}

/// The canonical of what is not here and would tell whether an item meets these conditions; `None` for what a reference names.
pub fn needs<'a, S: Sink>(
    walk: &Walk<'_, 'a, S>,
    scope: &Scope<'_, 'a>,
    conditions: &'a [Condition],
    value: &'a Value,
    type_name: &'a str,
) -> Option<Box<str>> {
    walk.shared.absent.set(None);
    let is_open = |c: &&'a Condition| holds(walk, scope, c, value, type_name) == Membership::Unknown;
    match &conditions.iter().find(is_open)?.expected {
        Expected::Missing(profile) => Some(profile.clone()),
        Expected::Binding(rule) => Some(rule.value_set().into()),
        _ => walk.shared.absent.take().map(Box::from),
    }
}

fn told(holds: bool) -> Membership {
    if holds { Membership::In } else { Membership::Out }
}

/// Whether any value at the end of the path passes.
fn any<'a, S: Sink>(
    around: (&Walk<'_, 'a, S>, &Scope<'_, 'a>),
    path: &'a [Step],
    value: &'a Value,
    type_name: Option<&'a str>,
    test: &mut dyn FnMut(Found<'a>) -> bool,
) -> bool {
    if let Value::Array(items) = value {
        return items.iter().any(|item| any(around, path, item, type_name, test));
    }
    let Some((step, rest)) = path.split_first() else { return test(Found::Value(value, type_name)) };
    match step {
        Step::Name(name) => property(value, name).is_some_and(|v| any(around, rest, v, None, test)),
        Step::Choice(names) => {
            names.iter().any(|name| property(value, name).is_some_and(|v| any(around, rest, v, Some(name), test)))
        }
        Step::OfType(wanted) => {
            let actual = property(value, "resourceType").and_then(Value::as_str).or(type_name);
            actual.is_none_or(|a| a == &**wanted || a.ends_with(&**wanted)) && any(around, rest, value, type_name, test)
        }
        Step::Extension(url) => {
            let all = property(value, "extension").and_then(Value::as_array);
            all.into_iter()
                .flatten()
                .filter(|e| property(e, "url").and_then(Value::as_str) == Some(url))
                .any(|e| any(around, rest, e, Some("Extension"), test))
        }
        Step::Resolve => {
            let reference = value.as_str().or_else(|| property(value, "reference").and_then(Value::as_str));
            let Some(reference) = reference else { return false };
            match resolve::within(&around.0.shared.lookup, around.1, reference) {
                Some(resource) => any(around, rest, resource, None, test),
                None if rest.is_empty() => test(Found::Unresolved(reference)),
                None => false,
            }
        }
    }
}

fn meets<'a, S: Sink>(
    walk: &Walk<'_, 'a, S>,
    scope: &Scope<'_, 'a>,
    condition: &'a Condition,
    found: &Found<'a>,
) -> Membership {
    let (value, type_name) = match found {
        Found::Value(value, type_name) => (*value, *type_name),
        Found::Unresolved(reference) => return unresolved(walk, condition, reference),
    };
    let holds = match &condition.expected {
        Expected::Fixed(wanted) => fixed::equal(wanted, value),
        Expected::Pattern(wanted) => pattern::contains(wanted, value),
        Expected::Binding(rule) => return rule.membership(walk, value).unwrap_or(Membership::Out),
        Expected::Exists(_) => true,
        Expected::Type(names) => is_of(value, type_name, names),
        Expected::Profile(profiles) if property(value, "resourceType").is_some() => {
            let scope = scope_of(walk, scope, value);
            profiles.iter().any(|p| walk.resource_holds(&scope, value, *p))
        }
        Expected::Profile(profiles) => {
            let of = profiles.iter().map(|p| of_profile(walk, scope, *p, value));
            return of.max().unwrap_or(Membership::Out);
        }
        Expected::Nothing | Expected::Never | Expected::Missing(_) => false,
    };
    told(holds)
}

/// Whether a value of a datatype is of a profile. What is so but for a value set that is not here may be of another.
fn of_profile<'a, S: Sink>(
    walk: &Walk<'_, 'a, S>,
    scope: &Scope<'_, 'a>,
    profile: Source,
    value: &'a Value,
) -> Membership {
    let before = walk.shared.absent.take();
    let structure = walk.schema().get(profile.0);
    let holds = walk.holds(scope, walk.schema().compile(&[profile], &structure.type_name), value);
    if holds && walk.shared.absent.get().is_some() {
        return Membership::Unknown;
    }
    walk.shared.absent.set(before);
    told(holds)
}

/// A reference to something outside the document still tells a type by its text, and no more.
fn unresolved<S: Sink>(walk: &Walk<'_, '_, S>, condition: &Condition, reference: &str) -> Membership {
    let Some((name, _)) = resolve::typed(reference) else { return Membership::Out };
    match &condition.expected {
        Expected::Type(names) => told(names.iter().any(|n| **n == *name)),
        Expected::Profile(profiles) if profiles.iter().any(|p| *walk.schema().get(p.0).type_name == *name) => {
            Membership::Unknown
        }
        _ => Membership::Out,
    }
}

/// What an item lacks to meet these conditions.
pub fn lacks<'a, S: Sink>(
    walk: &Walk<'_, 'a, S>,
    scope: &Scope<'_, 'a>,
    conditions: &'a [Condition],
    value: &'a Value,
    type_name: &'a str,
) -> Vec<Lack> {
    let missed = conditions.iter().filter(|c| holds(walk, scope, c, value, type_name) == Membership::Out);
    missed.map(|condition| lack(walk, condition)).collect()
}

fn lack<S: Sink>(walk: &Walk<'_, '_, S>, condition: &Condition) -> Lack {
    let wanted = match &condition.expected {
        Expected::Fixed(value) | Expected::Pattern(value) => Wanted::Value(fixed::shown(value, "")),
        Expected::Binding(rule) => Wanted::CodeFrom(rule.value_set().into()),
        Expected::Exists(false) => Wanted::Absent,
        Expected::Exists(true) | Expected::Nothing | Expected::Never | Expected::Missing(_) => Wanted::Present,
        Expected::Type(names) => Wanted::Type(joined(names.iter().map(|n| &**n))),
        Expected::Profile(profiles) => Wanted::Profile(joined(profiles.iter().map(|p| &*walk.schema().get(p.0).url))),
    };
    Lack { path: written(&condition.path).into(), wanted }
}

/// Where the references of a resource that a path led to start from: those of a contained one from its container.
fn scope_of<'s, 'a, S: Sink>(walk: &Walk<'_, 'a, S>, scope: &Scope<'s, 'a>, resource: &'a Value) -> Scope<'s, 'a> {
    let id = property(resource, "id").and_then(Value::as_str).unwrap_or_default();
    let contained = walk.shared.lookup.contained(scope.root, id);
    if contained.is_some_and(|contained| std::ptr::eq(contained, resource)) {
        return *scope;
    }
    let full_url = scope.bundle.and_then(|bundle| bundle.full_url_of(resource));
    Scope { root: resource, full_url, ..*scope }
}

fn is_of(value: &Value, type_name: Option<&str>, names: &[Box<str>]) -> bool {
    let actual = property(value, "resourceType").and_then(Value::as_str).or(type_name);
    let Some(actual) = actual else { return true };
    names.iter().any(|name| {
        let suffix = |a: &str| a.len() > name.len() && a.to_ascii_lowercase().ends_with(&name.to_ascii_lowercase());
        actual == &**name || (property(value, "resourceType").is_none() && suffix(actual))
    })
}
