//! What a definition says about the text of a value in extensions of its element: a regular expression, a least length,
//! a number of decimal places, a size of data.

use std::sync::OnceLock;

use regex::Regex;
use serde_json::Value;

use crate::fhir::pattern;
use crate::validator::kind::Kind;
use crate::validator::node::Node;
use crate::validator::path::Path;
use crate::validator::primitive::base64_length;
use crate::validator::reason::Unchecked;
use crate::validator::sink::{Flow, Sink};
use crate::validator::structure::{choice, extension};
use crate::validator::walk::Walk;

const REGEX: &str = "http://hl7.org/fhir/StructureDefinition/regex";
const MIN_LENGTH: &str = "http://hl7.org/fhir/StructureDefinition/minLength";
const MAX_DECIMALS: &str = "http://hl7.org/fhir/StructureDefinition/maxDecimalPlaces";
const MAX_SIZE: &str = "http://hl7.org/fhir/StructureDefinition/maxSize";

/// What one element says about the text of its value.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Form {
    regex: Option<Box<str>>,
    min_length: Option<u64>,
    max_decimals: Option<u64>,
    /// In bytes.
    max_size: Option<u64>,
}

impl Form {
    /// Reads an ElementDefinition. The regular expression may also stand on its type.
    pub fn read(element: &Value) -> Option<Form> {
        let types = || element.get("type").and_then(Value::as_array).into_iter().flatten();
        element.get("extension").or_else(|| types().find_map(|t| t.get("extension")))?;
        let regex = |of: &Value| extension(of, REGEX).and_then(|e| choice(e, "value")?.as_str()).map(Box::from);
        let number = |url: &str| {
            let value = choice(extension(element, url)?, "value")?;
            value.as_u64().or_else(|| value.as_f64().map(|v| v as u64))
        };
        let form = Form {
            regex: regex(element).or_else(|| types().find_map(regex)),
            min_length: number(MIN_LENGTH),
            max_decimals: number(MAX_DECIMALS),
            max_size: number(MAX_SIZE),
        };
        (form != Form::default()).then_some(form)
    }
}

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
        self.regex.get_or_init(|| pattern::whole(text)).as_ref()
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
                let reason = Unchecked::Pattern;
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
