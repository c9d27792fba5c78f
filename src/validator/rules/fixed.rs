//! `fixed[x]`: exactly this value, nothing more and nothing less.

use serde_json::Value;

use super::pattern::{has_precision, same_primitive};
use crate::validator::kind::Kind;
use crate::validator::node::Node;
use crate::validator::path::Path;
use crate::validator::property::property_of;
use crate::validator::reason::Fixed;
use crate::validator::sink::{Flow, Sink};
use crate::validator::walk::Walk;

pub fn check<S: Sink>(
    walk: &mut Walk<'_, '_, S>,
    node: &Node,
    value: &Value,
    sibling: Option<&Value>,
    at: &Path<'_>,
) -> Flow {
    for fixed in &node.fixed {
        compare(walk, fixed, value, at)?;
    }
    // An object has its extensions among its properties, where they are compared.
    let has_extensions = sibling.is_some_and(|part| part.get("extension").is_some()) && !value.is_object();
    match node.fixed.first() {
        Some(fixed) if has_extensions => {
            walk.error(at, || Kind::NotFixed { expected: Fixed::WithoutExtensions(shown(fixed, "")) })
        }
        _ => Flow::Continue(()),
    }
}

pub fn equal(fixed: &Value, value: &Value) -> bool {
    match (fixed, value) {
        (Value::Object(fixed), Value::Object(value)) => {
            fixed.len() == value.len() && fixed.iter().all(|(k, f)| property_of(value, k).is_some_and(|v| equal(f, v)))
        }
        (Value::Array(fixed), Value::Array(value)) => {
            fixed.len() == value.len() && fixed.iter().zip(value).all(|(f, v)| equal(f, v))
        }
        _ => same_primitive(fixed, value),
    }
}

/// Reports each place that differs.
fn compare<S: Sink>(walk: &mut Walk<'_, '_, S>, fixed: &Value, value: &Value, at: &Path<'_>) -> Flow {
    match (fixed, value) {
        (Value::Object(fixed), Value::Object(value)) => {
            for (name, wanted) in fixed {
                match property_of(value, name) {
                    Some(found) => compare(walk, wanted, found, &at.name(name))?,
                    None => walk.error(at, || Kind::NotFixed { expected: Fixed::Value(shown(wanted, name)) })?,
                }
            }
            for name in value.keys().filter(|name| !fixed.contains_key(*name)) {
                walk.error(&at.name(name), || Kind::NotFixed { expected: Fixed::Nothing })?;
            }
            Flow::Continue(())
        }
        (Value::Array(wanted), Value::Array(found)) if wanted.len() == found.len() => {
            for (i, (wanted, found)) in wanted.iter().zip(found).enumerate() {
                compare(walk, wanted, found, &at.index(i))?;
            }
            Flow::Continue(())
        }
        _ if equal(fixed, value) && has_precision(fixed, value) => Flow::Continue(()),
        _ => walk.error(at, || Kind::NotFixed { expected: Fixed::Value(shown(fixed, "")) }),
    }
}

/// Characters of a wanted value that a message shows.
const SHOWN: usize = 200;

/// A value of a definition, shortened.
pub fn shown(value: &Value, name: &str) -> Box<str> {
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    // Long enough for a Coding; what is cut off is said to be.
    let short = match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    };
    if name.is_empty() { short.into() } else { format!("{name}: {short}").into() }
}
