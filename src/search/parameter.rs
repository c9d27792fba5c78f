//! A search parameter: its name, kind, and where its values lie.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::path::Path;
use super::table;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    Token,
    Reference,
    Date,
    String,
    Uri,
    Quantity,
}

impl Kind {
    /// The code in a SearchParameter or CapabilityStatement.
    pub fn as_str(self) -> &'static str {
        match self {
            Kind::Token => "token",
            Kind::Reference => "reference",
            Kind::Date => "date",
            Kind::String => "string",
            Kind::Uri => "uri",
            Kind::Quantity => "quantity",
        }
    }

    fn of(letter: &str) -> Option<Self> {
        Some(match letter {
            "t" => Kind::Token,
            "r" => Kind::Reference,
            "d" => Kind::Date,
            "s" => Kind::String,
            "u" => Kind::Uri,
            "q" => Kind::Quantity,
            _ => return None,
        })
    }
}

#[derive(Debug)]
pub struct Parameter {
    pub name: &'static str,
    pub kind: Kind,
    /// Types that a reference may point at; none named: any.
    pub targets: Vec<&'static str>,
    pub(super) paths: Vec<Path>,
}

impl Parameter {
    /// Reads a row of the table: `name kind path|path >Target,Target`.
    fn of(row: &'static str) -> Option<Self> {
        let mut words = row.split_whitespace();
        let (name, kind, paths) = (words.next()?, Kind::of(words.next()?)?, words.next()?);
        let targets = words.next().and_then(|word| word.strip_prefix('>'));
        Some(Parameter {
            name,
            kind,
            targets: targets.map(|targets| targets.split(',').collect()).unwrap_or_default(),
            paths: paths.split('|').map(Path::parse).collect(),
        })
    }

    /// True where a reference to this type may be among the values.
    pub fn may_target(&self, resource_type: &str) -> bool {
        self.targets.is_empty() || self.targets.contains(&resource_type)
    }
}

struct Type {
    filed: bool,
    parameters: HashMap<&'static str, Parameter>,
}

static TYPES: LazyLock<HashMap<&'static str, Type>> = LazyLock::new(|| {
    let rows = |text: &'static str| text.split(';').map(str::trim).filter(|row| !row.is_empty());
    let of = |&(name, filed, shared, own): &(&'static str, bool, &'static str, &'static str)| {
        let parameters = [table::RESOURCE, shared, own]
            .into_iter()
            .flat_map(rows)
            .filter_map(Parameter::of)
            .map(|parameter| (parameter.name, parameter))
            .collect();
        (name, Type { filed, parameters })
    };
    table::TYPES.iter().map(of).collect()
});

/// The parameter of this name for this type.
pub fn parameter(resource_type: &str, name: &str) -> Option<&'static Parameter> {
    TYPES.get(resource_type)?.parameters.get(name)
}

/// All parameters of a type by name, for the CapabilityStatement; none where the type cannot be searched.
pub fn parameters(resource_type: &str) -> Vec<&'static Parameter> {
    let mut all: Vec<_> = TYPES.get(resource_type).map(|found| found.parameters.values().collect()).unwrap_or_default();
    all.sort_by_key(|parameter: &&Parameter| parameter.name);
    all
}

/// The types that can be searched, by name.
pub fn supported_types() -> impl Iterator<Item = &'static str> {
    table::TYPES.iter().map(|(name, ..)| *name)
}

/// True where resources of this type lie in a patient's compartment.
pub(super) fn is_filed(resource_type: &str) -> bool {
    TYPES.get(resource_type).is_some_and(|found| found.filed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_of_the_table_is_a_parameter() {
        for &(name, _, shared, own) in table::TYPES {
            let rows: Vec<_> = [table::RESOURCE, shared, own]
                .iter()
                .flat_map(|text| text.split(';'))
                .filter(|row| !row.trim().is_empty())
                .collect();
            assert_eq!(parameters(name).len(), rows.len(), "{name}: a row that cannot be read, or twice the same name");
        }
        assert!(table::TYPES.is_sorted_by_key(|(name, ..)| *name));
    }

    #[test]
    fn targets_are_types_that_can_be_searched() {
        for name in supported_types() {
            for parameter in parameters(name) {
                for target in &parameter.targets {
                    assert!(TYPES.contains_key(target), "{name}.{}: {target}", parameter.name);
                }
            }
        }
    }
}
