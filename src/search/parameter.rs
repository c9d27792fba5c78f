//! A search parameter: its name, kind, and where its values lie.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::path::Path;
use super::{stu3, table};
use crate::fhir::FhirVersion;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    Token,
    Reference,
    Date,
    String,
    Uri,
    /// A reference to a definition by its canonical, which is compared as a URI.
    Canonical,
    Quantity,
}

impl Kind {
    /// The code in a SearchParameter or CapabilityStatement.
    pub fn as_str(self) -> &'static str {
        match self {
            Kind::Token => "token",
            Kind::Reference | Kind::Canonical => "reference",
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
            "c" => Kind::Canonical,
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

/// The search parameters of one release of FHIR.
pub struct Catalog(HashMap<&'static str, Type>);

static R4: LazyLock<Catalog> = LazyLock::new(|| Catalog::of(table::RESOURCE, table::TYPES));
static STU3: LazyLock<Catalog> = LazyLock::new(|| Catalog::of(stu3::RESOURCE, stu3::TYPES));

impl Catalog {
    fn of(resource: &'static str, types: &[table::Row]) -> Self {
        let rows = |text: &'static str| text.split(';').map(str::trim).filter(|row| !row.is_empty());
        let of = |&(name, filed, shared, own): &table::Row| {
            let parameters = [resource, shared, own]
                .into_iter()
                .flat_map(rows)
                .filter_map(Parameter::of)
                .map(|parameter| (parameter.name, parameter))
                .collect();
            (name, Type { filed, parameters })
        };
        Catalog(types.iter().map(of).collect())
    }

    pub fn of_release(release: FhirVersion) -> &'static Catalog {
        match release {
            FhirVersion::R4 => &R4,
            FhirVersion::Stu3 => &STU3,
        }
    }

    /// The parameter of this name for this type.
    pub fn parameter(&'static self, resource_type: &str, name: &str) -> Option<&'static Parameter> {
        self.0.get(resource_type)?.parameters.get(name)
    }

    /// All parameters of a type by name, for the CapabilityStatement; none where the type cannot be searched.
    pub fn parameters(&'static self, resource_type: &str) -> Vec<&'static Parameter> {
        let mut all: Vec<_> =
            self.0.get(resource_type).map(|found| found.parameters.values().collect()).unwrap_or_default();
        all.sort_by_key(|parameter: &&Parameter| parameter.name);
        all
    }

    /// The types that can be searched, by name.
    pub fn types(&self) -> Vec<&'static str> {
        let mut names: Vec<_> = self.0.keys().copied().collect();
        names.sort_unstable();
        names
    }
}

/// True where resources of this type lie in a patient's compartment.
pub fn is_filed(resource_type: &str) -> bool {
    R4.0.get(resource_type).is_some_and(|found| found.filed)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLES: &[(FhirVersion, &str, &[table::Row])] =
        &[(FhirVersion::R4, table::RESOURCE, table::TYPES), (FhirVersion::Stu3, stu3::RESOURCE, stu3::TYPES)];

    #[test]
    fn every_row_of_a_table_is_a_parameter() {
        for (release, resource, types) in TABLES {
            let catalog = Catalog::of_release(*release);
            for &(name, _, shared, own) in *types {
                let rows: Vec<_> = [resource, shared, own]
                    .iter()
                    .flat_map(|text| text.split(';'))
                    .filter(|row| !row.trim().is_empty())
                    .collect();
                let found = catalog.parameters(name).len();
                assert_eq!(found, rows.len(), "{name}: a row that cannot be read, or twice the same name");
            }
            assert!(types.is_sorted_by_key(|(name, ..)| *name));
        }
    }

    #[test]
    fn targets_are_types_that_can_be_searched() {
        for (release, ..) in TABLES {
            let catalog = Catalog::of_release(*release);
            for name in catalog.types() {
                for parameter in catalog.parameters(name) {
                    for target in &parameter.targets {
                        assert!(catalog.0.contains_key(target), "{name}.{}: {target}", parameter.name);
                    }
                }
            }
        }
    }

    #[test]
    fn a_type_lies_in_a_compartment_in_both_releases_or_in_neither() {
        for (name, found) in &STU3.0 {
            assert_eq!(found.filed, is_filed(name), "{name}");
        }
    }

    /// The first step of each path is an element of the type; paths through extensions are ours.
    #[test]
    fn paths_of_stu3_are_elements_of_stu3() {
        use crate::fhir::stu3::property;
        for name in STU3.types() {
            for parameter in STU3.parameters(name) {
                for path in &parameter.paths {
                    let first = path.first();
                    assert!(property(name, first).is_some(), "{name}.{}: {first}", parameter.name);
                }
            }
        }
    }
}
