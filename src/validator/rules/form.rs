//! What a definition says about the text of a value in extensions of its element: a regular expression, a least length,
//! a number of decimal places, a size of data.

use std::sync::OnceLock;

use regex::Regex;
use serde_json::Value;

use crate::validator::kind::Kind;
use crate::validator::node::Node;
use crate::validator::path::Path;
use crate::validator::primitive::base64_length;
use crate::validator::sink::{Flow, Sink};
use crate::validator::structure::Form;
use crate::validator::walk::Walk;

/// The forms of one element, with the regular expression made on first use.
pub struct FormRule {
    form: Form,
    regex: OnceLock<Option<Regex>>,
}

impl FormRule {
    pub fn new(form: Form) -> FormRule {
        FormRule { form, regex: OnceLock::new() }
    }

    /// A regular expression speaks of the whole value; `None` where it is of a kind that is not understood.
    fn regex(&self, text: &str) -> Option<&Regex> {
        self.regex.get_or_init(|| Regex::new(&format!("^(?:{text})$")).ok()).as_ref()
    }
}

pub fn check<S: Sink>(walk: &mut Walk<'_, '_, S>, node: &Node, value: &Value, at: &Path<'_>) -> Flow {
    for rule in &node.forms {
        one(walk, rule, value, at)?;
    }
    Flow::Continue(())
}

fn one<S: Sink>(walk: &mut Walk<'_, '_, S>, rule: &FormRule, value: &Value, at: &Path<'_>) -> Flow {
    let form = &rule.form;
    let text = value.as_str();
    if let (Some(expression), Some(text)) = (&form.regex, text) {
        match rule.regex(expression) {
            Some(regex) if !regex.is_match(text) => {
                walk.error(at, || Kind::FormRefused { form: super::fixed::shown(&Value::from(&**expression), "") })?;
            }
            Some(_) => {}
            None => {
                let reason = "its regular expression is not one that is understood here".into();
                walk.say_once(expression, at, || Kind::ConstraintUnchecked { key: "regex".into(), reason })?;
            }
        }
    }
    if let (Some(min), Some(text)) = (form.min_length, text)
        && (text.chars().count() as u64) < min
    {
        walk.error(at, || Kind::TooShort { min })?;
    }
    let number = if value.is_object() { value.get("value") } else { Some(value) };
    if let (Some(max), Some(Value::Number(number))) = (form.max_decimals, number) {
        let places = number.to_string().split_once('.').map_or(0, |(_, fraction)| fraction.len() as u64);
        if places > max {
            walk.error(at, || Kind::TooManyDecimals { max })?;
        }
    }
    let data = text.or_else(|| value.get("data").and_then(Value::as_str));
    let size = || data.and_then(base64_length).or_else(|| value.get("size").and_then(Value::as_u64));
    match form.max_size.zip(form.max_size.and_then(|_| size())) {
        Some((max, size)) if size > max => walk.error(at, || Kind::DataTooLarge { max }),
        _ => Flow::Continue(()),
    }
}
