//! Bindings: codes from a value set, as strongly as the definition binds them.

use std::sync::{Arc, OnceLock};

use serde_json::Value;

use crate::fhir::Severity;
use crate::fhir::value_set::ValueSet;
use crate::validator::kind::Kind;
use crate::validator::node::Node;
use crate::validator::path::Path;
use crate::validator::property::property;
use crate::validator::sink::{Flow, Sink};
use crate::validator::structure::{Binding, Strength};
use crate::validator::terminology::{Membership, Terminology};
use crate::validator::walk::{Scope, Walk};

/// The most codes that a message lists.
const FEW: usize = 10;

/// One value set that a value is held to.
pub struct BindingRule {
    strength: Bound,
    value_set: Box<str>,
    coded: Coded,
    /// Whether a code must be there: in a required binding, and an extensible one that has a limit.
    needs_code: bool,
    /// Found on first use.
    found: OnceLock<Option<Arc<ValueSet>>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Bound {
    Required,
    Max,
    Extensible,
    Preferred,
}

/// How a type carries codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Coded {
    Code,
    Coding,
    Concept,
}

impl BindingRule {
    /// The rules of a binding on a value of this type; none for examples and for types that carry no code.
    pub fn of(binding: &Binding, type_name: &str) -> Vec<BindingRule> {
        let coded = match type_name {
            "code" | "string" | "uri" | "url" | "canonical" | "id" | "markdown" => Coded::Code,
            "Coding" | "Quantity" | "Age" | "Duration" | "Count" | "Distance" | "Money" => Coded::Coding,
            "CodeableConcept" => Coded::Concept,
            _ => return Vec::new(),
        };
        let strength = match binding.strength {
            Strength::Required => Some(Bound::Required),
            Strength::Extensible => Some(Bound::Extensible),
            Strength::Preferred => Some(Bound::Preferred),
            Strength::Example => None,
        };
        let needs_code = matches!(binding.strength, Strength::Required | Strength::Extensible);
        let rule = |strength: Bound, value_set| BindingRule {
            needs_code: needs_code && matches!(strength, Bound::Required | Bound::Max),
            strength,
            value_set,
            coded,
            found: OnceLock::new(),
        };
        let own = strength.map(|strength| rule(strength, binding.value_set.clone()));
        let max = binding.max_value_set.clone().map(|value_set| rule(Bound::Max, value_set));
        own.into_iter().chain(max).collect()
    }

    pub fn is_same(&self, other: &BindingRule) -> bool {
        self.strength == other.strength
            && self.value_set == other.value_set
            && self.coded == other.coded
            && self.needs_code == other.needs_code
    }

    /// Whether a value without any code breaks the binding. One that says why it has none does not, but a concept without
    /// codings.
    fn lacks(&self, value: &Value) -> bool {
        let absent = |v: &Value| v.get("_code").is_some() || property(v, "extension").is_some();
        let codings = property(value, "coding").and_then(Value::as_array);
        match (self.needs_code, self.strength, self.coded) {
            (false, ..) => false,
            (_, Bound::Max, coded) => coded == Coded::Concept,
            (_, _, Coded::Concept) if codings.is_none() => !has_code_beside(value),
            _ => !absent(value) && !codings.into_iter().flatten().any(absent),
        }
    }

    pub fn value_set(&self) -> &str {
        &self.value_set
    }

    /// The codes of a small value set, for people; asked after [`BindingRule::membership`].
    fn few(&self) -> Box<str> {
        let set = self.found.get().and_then(Option::as_ref);
        set.and_then(|set| set.few(FEW)).map_or("".into(), |codes| codes.join(", ").into())
    }

    /// Whether the value set is here; asked after [`BindingRule::membership`].
    fn is_here(&self) -> bool {
        self.found.get().is_none_or(Option::is_some)
    }

    /// Whether any code of the value is in the value set; `None` where the value carries no code at all.
    pub fn membership<S: Sink>(&self, walk: &Walk<'_, '_, S>, value: &Value) -> Option<Membership> {
        let terminology = &walk.schema().terminology;
        let set = self.found.get_or_init(|| terminology.value_set(&self.value_set));
        member(terminology, &self.value_set, set.as_deref(), value)
    }
}

/// The same for any value set, by canonical.
pub fn any_member(terminology: &Terminology, value_set: &str, value: &Value) -> Option<Membership> {
    member(terminology, value_set, terminology.value_set(value_set).as_deref(), value)
}

/// A code, a Coding (or Quantity), or a concept of which one coding will do.
fn member(terminology: &Terminology, canonical: &str, set: Option<&ValueSet>, value: &Value) -> Option<Membership> {
    let has = |system: Option<&str>, code: &str| terminology.in_set(canonical, set, system, code);
    let coding = |coding: &Value| {
        let code = property(coding, "code").and_then(Value::as_str)?;
        Some(has(Some(property(coding, "system").and_then(Value::as_str).unwrap_or("")), code))
    };
    match (value, property(value, "coding")) {
        (Value::String(code), _) => Some(has(None, code)),
        (_, Some(Value::Array(codings))) => codings.iter().filter_map(coding).max(),
        _ => coding(value),
    }
}

pub fn check<'a, S: Sink>(
    walk: &mut Walk<'_, 'a, S>,
    _scope: &Scope<'_, 'a>,
    node: &'a Node,
    value: &'a Value,
    at: &Path<'_>,
) -> Flow {
    for rule in &node.bindings {
        let refuses = matches!(rule.strength, Bound::Required | Bound::Max);
        if !S::ALL && !refuses {
            continue;
        }
        let value_set = || rule.value_set.clone();
        match rule.membership(walk, value) {
            Some(Membership::In) => {}
            Some(Membership::Unknown) => {
                let is_here = rule.is_here();
                if refuses && !is_here {
                    walk.shared.absent.set(Some(&rule.value_set));
                }
                if walk.schema().terminology.is_silent() {
                    walk.say_once("terminology server", at, || Kind::ServerSilent)?;
                }
                walk.say_once(&rule.value_set, at, || Kind::ValueSetUnchecked { value_set: value_set(), is_here })?;
            }
            Some(Membership::Out) => match rule.strength {
                Bound::Required => {
                    walk.error(at, || Kind::CodeNotInValueSet { value_set: value_set(), codes: rule.few() })?;
                }
                Bound::Max => walk.error(at, || Kind::MaxValueSetOutside { value_set: value_set() })?,
                Bound::Extensible => {
                    walk.report(at, Severity::Warning, || Kind::ExtensibleOutside { value_set: value_set() })?;
                }
                Bound::Preferred => {
                    walk.report(at, Severity::Information, || Kind::PreferredOutside { value_set: value_set() })?;
                }
            },
            // A quantity without code, or a concept of text alone.
            None if rule.lacks(value) => {
                walk.error(at, || Kind::NoCodeFromValueSet { value_set: value_set() })?;
            }
            None => {}
        }
    }
    Flow::Continue(())
}

/// What is absent as a whole (`_status` with extensions alone) where a code is required.
pub fn check_absent<S: Sink>(walk: &mut Walk<'_, '_, S>, node: &Node, part: &Value, at: &Path<'_>) -> Flow {
    match node.bindings.iter().find(|rule| rule.strength == Bound::Required) {
        Some(rule) if !has_code_beside(part) => {
            walk.error(at, || Kind::NoCodeFromValueSet { value_set: rule.value_set.clone() })
        }
        _ => Flow::Continue(()),
    }
}

/// Whether an extension carries the code, such as one of a later version of FHIR or of a national code list: not the reason
/// why there is none.
fn has_code_beside(part: &Value) -> bool {
    const ABSENCE: [&str; 2] = [
        "http://hl7.org/fhir/StructureDefinition/data-absent-reason",
        "http://hl7.org/fhir/StructureDefinition/iso21090-nullFlavor",
    ];
    let carries = |extension: &Value| {
        let url = property(extension, "url").and_then(Value::as_str).unwrap_or_default();
        let coded =
            ["valueCode", "valueCoding", "valueCodeableConcept"].iter().any(|name| extension.get(name).is_some());
        coded && !ABSENCE.contains(&url)
    };
    property(part, "extension").and_then(Value::as_array).into_iter().flatten().any(carries)
}
