//! A path into a resource's JSON, through arrays: `provision.actor.reference`, `telecom(system=email)`.

use serde_json::Value;

#[derive(Debug)]
pub struct Path(Vec<Step>);

#[derive(Debug)]
struct Step {
    name: &'static str,
    /// Only members in which this property has this value.
    filter: Option<(&'static str, &'static str)>,
}

impl Path {
    pub fn parse(text: &'static str) -> Self {
        let step = |text: &'static str| match text.strip_suffix(')').and_then(|text| text.split_once('(')) {
            Some((name, filter)) => Step { name, filter: filter.split_once('=') },
            None => Step { name: text, filter: None },
        };
        Path(text.split('.').map(step).collect())
    }

    #[cfg(test)]
    pub fn first(&self) -> &'static str {
        self.0[0].name
    }

    /// Calls `visit` for each value until it returns true; true where it did.
    pub fn any<'v>(&self, resource: &'v Value, visit: &mut dyn FnMut(&'v Value) -> bool) -> bool {
        walk(resource, &self.0, visit)
    }
}

fn walk<'v>(value: &'v Value, steps: &[Step], visit: &mut dyn FnMut(&'v Value) -> bool) -> bool {
    match (value, steps) {
        (Value::Array(items), _) => items.iter().any(|item| walk(item, steps, visit)),
        (Value::Null, _) => false,
        (_, []) => visit(value),
        (_, [step, rest @ ..]) => match value.get(step.name) {
            None => false,
            Some(next) => match step.filter {
                None => walk(next, rest, visit),
                Some((name, wanted)) => members(next)
                    .filter(|member| member.get(name).and_then(Value::as_str) == Some(wanted))
                    .any(|member| walk(member, rest, visit)),
            },
        },
    }
}

fn members(value: &Value) -> impl Iterator<Item = &Value> {
    match value {
        Value::Array(items) => items.iter(),
        one => std::slice::from_ref(one).iter(),
    }
}
