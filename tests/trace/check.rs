//! What must be true of a trace. Its targets are read with the FHIRPath of the validator, which mapping does not know.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, LazyLock, Mutex};

use overdracht::fhir::ResourceKey;
use overdracht::fhirpath::{Context, Node, Program, Types, compile};
use overdracht::mapping::{Fate, trace::Row};
use serde_json::Value;

static TYPES: LazyLock<Arc<Types>> = LazyLock::new(|| Arc::new(Types::untyped()));

/// A target is read many times; what is kept of it is what the few paths of all documents come to.
fn program(expression: &str) -> Result<&'static Program, String> {
    static PROGRAMS: Mutex<BTreeMap<String, &'static Program>> = Mutex::new(BTreeMap::new());
    let mut programs = PROGRAMS.lock().expect("no test fails while it holds this");
    if let Some(program) = programs.get(expression) {
        return Ok(program);
    }
    let focus = TYPES.intern(expression.split(['.', '[']).next().unwrap_or_default());
    let program = compile(expression, focus, &TYPES).map_err(|error| format!("{expression}: {error}"))?;
    let program: &'static Program = Box::leak(Box::new(program));
    programs.insert(expression.to_owned(), program);
    Ok(program)
}

/// The elements that an expression leads to: each value, and what stands beside a primitive.
pub fn elements<'r>(resource: &'r Value, expression: &str) -> Result<Vec<&'r Value>, String> {
    let program = program(expression)?;
    let node = Node::resource(resource, &TYPES);
    let context = Context::new(node);
    let items = program.evaluate(&context, node).map_err(|error| format!("{expression}: {error:?}"))?;
    let nodes = items.iter().filter_map(|item| item.node());
    Ok(nodes.flat_map(|node| std::iter::once(node.value()).chain(node.sibling())).collect())
}

/// Every leaf of a document, by its JSON pointer.
pub fn leaves<'v>(value: &'v Value, at: &str, found: &mut BTreeMap<String, &'v Value>) {
    match value {
        Value::Object(object) => object.iter().for_each(|(name, value)| leaves(value, &format!("{at}/{name}"), found)),
        Value::Array(items) => items.iter().enumerate().for_each(|(i, item)| leaves(item, &format!("{at}/{i}"), found)),
        _ => {
            found.insert(at.to_owned(), value);
        }
    }
}

fn said(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// What is wrong with the trace of a native document: never a value of it.
pub fn faults(document: &Value, resources: &[Value], rows: &[Row]) -> Vec<String> {
    let mut found = Vec::new();
    let mut fields = BTreeMap::new();
    leaves(document, "", &mut fields);
    let known: BTreeSet<&str> = rows.iter().map(|row| row.source.as_str()).collect();
    found.extend(
        fields.keys().filter(|field| !known.contains(field.as_str())).map(|field| format!("{field} has no row")),
    );
    let made: BTreeMap<String, &Value> =
        resources.iter().filter_map(|one| Some((ResourceKey::of(one)?.to_string(), one))).collect();
    // Where the text of a field stands though no row of it leads there.
    let mut told: BTreeMap<&str, BTreeSet<*const Value>> = BTreeMap::new();
    for row in rows {
        let place = format!("{} → {}", row.source, row.target.as_deref().unwrap_or("-"));
        match (&row.fate, fields.contains_key(&row.source)) {
            (Fate::Carried | Fate::Converted { .. } | Fate::NotCarried { .. }, false) => {
                found.push(format!("{place}: the document has no such field"));
            }
            (Fate::Defaulted { .. }, true) => found.push(format!("{place}: the document says it")),
            _ => {}
        }
        if let Fate::Converted { reason } | Fate::Defaulted { reason } | Fate::NotCarried { reason } = &row.fate
            && reason.trim().is_empty()
        {
            found.push(format!("{place}: no reason"));
        }
        let Some(target) = &row.target else {
            if !matches!(row.fate, Fate::NotCarried { .. }) {
                found.push(format!("{place}: no target"));
            }
            continue;
        };
        let (key, path) = target.split_once('#').unwrap_or((target, ""));
        let Some(resource) = made.get(key) else {
            found.push(format!("{place}: no such resource"));
            continue;
        };
        let elements = match elements(resource, path) {
            Ok(elements) if !elements.is_empty() => elements,
            Ok(_) => {
                found.push(format!("{place}: no such element"));
                continue;
            }
            Err(error) => {
                found.push(error);
                continue;
            }
        };
        let mut within = BTreeMap::new();
        elements.iter().enumerate().for_each(|(i, element)| leaves(element, &i.to_string(), &mut within));
        told.entry(&row.source).or_default().extend(within.values().map(|leaf| std::ptr::from_ref(*leaf)));
        if let (Fate::Carried, Some(field)) = (&row.fate, fields.get(&row.source)) {
            let wanted = said(field);
            if !within.values().any(|leaf| said(leaf) == wanted) {
                found.push(format!("{place}: it holds something else"));
            }
        }
    }
    found.extend(untold(&fields, resources, &told));
    found
}

/// Free text of the document in an element to which no row of its field leads.
fn untold(
    fields: &BTreeMap<String, &Value>,
    resources: &[Value],
    told: &BTreeMap<&str, BTreeSet<*const Value>>,
) -> Vec<String> {
    let mut found = Vec::new();
    // Generated text has a number that no other text of the document has.
    let texts: Vec<(&String, &str)> = fields
        .iter()
        .filter_map(|(field, value)| Some((field, value.as_str()?)))
        .filter(|(_, text)| text.contains('x') && text.chars().any(|c| c.is_ascii_digit()))
        .collect();
    for resource in resources {
        let key = ResourceKey::of(resource).map(|key| key.to_string()).unwrap_or_default();
        let mut within = BTreeMap::new();
        leaves(resource, "", &mut within);
        for (at, leaf) in within.iter().filter(|(at, _)| !says_again(at)) {
            let Some(text) = leaf.as_str() else { continue };
            for (field, said) in texts.iter().filter(|(_, said)| text == *said) {
                let led = told.get(field.as_str()).is_some_and(|all| all.contains(&std::ptr::from_ref(*leaf)));
                // The same text elsewhere in the document may be what stands here.
                let other = texts.iter().any(|(other, text)| {
                    text == said && told.get(other.as_str()).is_some_and(|all| all.contains(&std::ptr::from_ref(*leaf)))
                });
                if !led && !other {
                    found.push(format!("{field} stands in {key} at {at}, and no row says so"));
                }
            }
        }
    }
    found
}

/// Places that say again what stands elsewhere: the narrative, what a reference shows, and the whole of a name or of a
/// line of an address, whose parts stand beside it.
fn says_again(at: &str) -> bool {
    let parent = |of: &str| at.rsplit('/').any(|step| step == of);
    at == "/text/div"
        || at.starts_with("/section/")
        || at.ends_with("/display")
        || (parent("name") && (at.ends_with("/text") || at.ends_with("/family")))
        || (parent("address") && parent("line"))
}
