//! Holds a resource against the table of STU3's elements: what is not there is kept, told, or refuses the resource.

use serde_json::{Map, Value};

use super::draft::Draft;
use super::reference::{role_to_stu3, target};
use super::{Loss, Others, kept};
use crate::fhir::stu3::{self, Element};

const NO_ELEMENT: &str = "STU3 has no such element";
const ONCE: &str = "STU3 has this element once";
const NO_TARGET: &str = "STU3 does not let this element refer to such a resource";
const UNKNOWN: &str = "this is no element of STU3";

/// Elements of R4 that turn the meaning of what they stand in: without them nothing is said rather than something else.
const MODIFIERS: &[&str] = &["CommunicationRequest.doNotPerform", "Consent.except.provision"];

/// Leaves what STU3 knows, in its order.
pub(super) fn to_stu3(draft: &mut Draft<'_>) {
    let mut fitter = Fitter { others: Some(draft.others), losses: Vec::new(), refused: None };
    let body = fitter.object(&draft.body, draft.name, draft.name);
    draft.body = body;
    finish(draft, fitter);
}

/// Leaves what STU3 knows of a resource that says it is STU3.
pub(super) fn known(draft: &mut Draft<'_>) {
    let mut fitter = Fitter { others: None, losses: Vec::new(), refused: None };
    let body = fitter.object(&draft.body, draft.name, draft.name);
    draft.body = body;
    finish(draft, fitter);
}

fn finish(draft: &mut Draft<'_>, fitter: Fitter<'_>) {
    for one in fitter.losses {
        let element = one.at.strip_prefix(draft.name).unwrap_or(&one.at).trim_start_matches('.').to_owned();
        if fitter.refused.as_ref() == Some(&one.at) {
            draft.refuse(&element, one.reason);
        } else {
            draft.lose(&element, one.reason);
        }
    }
}

struct Fitter<'o> {
    /// What references lead to; None where the resource is STU3 already.
    others: Option<&'o Others<'o>>,
    losses: Vec<Loss>,
    refused: Option<String>,
}

impl Fitter<'_> {
    fn lose(&mut self, at: String, reason: &'static str) {
        self.losses.push(Loss { at, reason });
    }

    /// An object of this type, with its properties in STU3's order.
    fn object(&mut self, value: &Value, type_name: &str, at: &str) -> Value {
        let (Some(object), Some(elements)) = (value.as_object(), stu3::elements(type_name)) else {
            return value.clone();
        };
        let mut fitted: Vec<(usize, String, Value)> = Vec::new();
        let mut left: Vec<(&String, &Value)> = Vec::new();
        for (name, value) in object {
            if name == "resourceType" {
                continue;
            }
            let property = name.strip_prefix('_').unwrap_or(name);
            let Some((element, kind)) = stu3::property(type_name, property) else {
                left.push((name, value));
                continue;
            };
            let order = elements.iter().position(|one| one.name == element.name).unwrap_or_default();
            let below = format!("{at}.{name}");
            let Some(value) = self.property(name, value, element, kind, &below, &mut left) else { continue };
            fitted.push((order, name.clone(), value));
        }
        fitted.sort_by_key(|(order, ..)| *order);
        let mut result = Map::new();
        if let Some(resource_type) = object.get("resourceType") {
            result.insert("resourceType".into(), resource_type.clone());
        }
        result.extend(fitted.into_iter().map(|(_, name, value)| (name, value)));
        let mut result = Value::Object(result);
        for (name, value) in left {
            self.left(&mut result, type_name, name, value, &format!("{at}.{name}"));
        }
        result
    }

    fn property<'v>(
        &mut self,
        name: &'v String,
        value: &'v Value,
        element: &Element,
        kind: &str,
        at: &str,
        left: &mut Vec<(&'v String, &'v Value)>,
    ) -> Option<Value> {
        let fitted = match value {
            Value::Array(items) if !element.repeats => {
                if items.len() > 1 {
                    left.push((name, value));
                }
                let first = items.first()?;
                self.item(first, element, kind, at)?
            }
            Value::Array(items) => {
                let all = items.iter().enumerate();
                let all: Vec<Value> =
                    all.filter_map(|(i, item)| self.item(item, element, kind, &format!("{at}[{i}]"))).collect();
                if all.is_empty() {
                    return None;
                }
                Value::Array(all)
            }
            one if element.repeats && !name.starts_with('_') => Value::Array(vec![self.item(one, element, kind, at)?]),
            one => self.item(one, element, kind, at)?,
        };
        Some(fitted)
    }

    fn item(&mut self, value: &Value, element: &Element, kind: &str, at: &str) -> Option<Value> {
        if kind != "Reference" || self.others.is_none() {
            return Some(self.object(value, kind, at));
        }
        let mut reference = value.clone();
        let allowed =
            element.types.iter().find(|one| one.name == kind).map(|one| one.allowed.as_slice()).unwrap_or_default();
        let leads_to = target(&reference).map(str::to_owned);
        let fits = |kind: &str| allowed.is_empty() || allowed.contains(&kind);
        if leads_to.as_deref() == Some("PractitionerRole") && !allowed.is_empty() && fits("Practitioner") {
            role_to_stu3(&mut reference, self.others?);
        } else if leads_to.as_deref().is_some_and(|kind| !fits(kind) && kind.starts_with(char::is_uppercase)) {
            self.lose(at.to_owned(), NO_TARGET);
            return None;
        }
        super::draft::take(&mut reference, "type");
        Some(self.object(&reference, kind, at))
    }

    /// What STU3 has no place for.
    fn left(&mut self, parent: &mut Value, type_name: &str, name: &str, value: &Value, at: &str) {
        if self.others.is_none() {
            return self.lose(at.to_owned(), UNKNOWN);
        }
        let path = format!("{type_name}.{name}");
        let there = stu3::property(type_name, name).is_some();
        let (value, reason) = match value {
            Value::Array(items) if there => (Value::Array(items.iter().skip(1).cloned().collect()), ONCE),
            one => (one.clone(), NO_ELEMENT),
        };
        if path.ends_with(".type") && type_name == "Reference" || kept::keep(parent, type_name, name, &value) {
            return;
        }
        if MODIFIERS.contains(&path.as_str()) && value != Value::Bool(false) {
            self.refused = Some(at.to_owned());
        }
        self.lose(at.to_owned(), reason);
    }
}
