//! FHIR STU3 (3.0.2): the elements of the types that a care plan travels in, in the order of the specification.
//!
//! `elements.txt` has a line a type: its kind (`D` resource with narrative, `R` resource without, `B` element with
//! modifier extensions, `T` data type), its name, and its elements. `!` is 1..1, `+` 1..*, `*` 0..*, nothing 0..1;
//! a required value set stands behind `code`, the targets of a reference behind `Reference`, `~` marks what belongs
//! to a summary, and `@` what is an attribute in XML.

mod layout;

use std::collections::BTreeMap;
use std::sync::LazyLock;

pub use layout::Stu3;

static TABLE: &str = include_str!("elements.txt");

/// What every type of a kind begins with.
const PREFIXES: &[(&str, &str)] = &[
    (
        "D",
        "id:id~ meta:Meta~ implicitRules:uri~ language:code text:Narrative contained:Resource* extension:Extension* \
         modifierExtension:Extension*",
    ),
    ("R", "id:id~ meta:Meta~ implicitRules:uri~ language:code"),
    ("B", "@id:string extension:Extension* modifierExtension:Extension*"),
    ("T", "@id:string extension:Extension*"),
];

/// An element of a type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Element {
    /// Without `[x]`.
    pub name: &'static str,
    pub choice: bool,
    pub required: bool,
    pub repeats: bool,
    pub summary: bool,
    /// Written as attribute in XML.
    pub attribute: bool,
    /// More than one only for a choice.
    pub types: Vec<Type>,
}

impl Element {
    /// The names of its types: every data type where any will do.
    fn kinds(&self) -> impl Iterator<Item = &'static str> {
        let any = self.types.iter().any(|one| one.name == "any");
        let all: &[&str] = if any { ANY } else { &[] };
        self.types.iter().map(|one| one.name).filter(|name| *name != "any").chain(all.iter().copied())
    }
}

/// `CodeableConcept` for `CodeableConcept`, `String` for `string`.
fn is_capitalised(text: &str, name: &str) -> bool {
    let mut letters = name.chars();
    letters.next().is_some_and(|first| text.strip_prefix(first.to_ascii_uppercase()) == Some(letters.as_str()))
}

/// A type that an element may have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Type {
    /// `code`, `Period`, `Consent.except`, `Resource` (any resource), or `any` (any data type, by its name).
    pub name: &'static str,
    /// The codes of a required value set, or the types that a reference may lead to; empty where any will do.
    pub allowed: Vec<&'static str>,
}

struct Known {
    resource: bool,
    elements: Vec<Element>,
}

static KNOWN: LazyLock<BTreeMap<&'static str, Known>> = LazyLock::new(|| TABLE.lines().filter_map(line).collect());

fn line(line: &'static str) -> Option<(&'static str, Known)> {
    let mut words = line.split(' ');
    let (kind, name) = (words.next()?, words.next()?);
    let prefix = PREFIXES.iter().find(|(known, _)| *known == kind)?.1;
    let elements = prefix.split(' ').chain(words).filter_map(element_of).collect();
    Some((name, Known { resource: matches!(kind, "D" | "R"), elements }))
}

fn element_of(text: &'static str) -> Option<Element> {
    let (name, rest) = text.split_once(':')?;
    let types = rest.trim_end_matches(['!', '+', '*', '~']);
    let marks = &rest[types.len()..];
    Some(Element {
        name: name.trim_start_matches('@').trim_end_matches("[x]"),
        choice: name.ends_with("[x]"),
        required: marks.contains(['!', '+']),
        repeats: marks.contains(['*', '+']),
        summary: marks.contains('~'),
        attribute: name.starts_with('@'),
        types: types.split('/').map(type_of).collect(),
    })
}

fn type_of(text: &'static str) -> Type {
    let (name, allowed) = text.split_once('(').unwrap_or((text, ""));
    let allowed = allowed.trim_end_matches(')').split('|').filter(|one| !one.is_empty() && *one != "Resource");
    Type { name, allowed: allowed.collect() }
}

/// True for a resource type that can be said in STU3 here.
pub fn is_resource(name: &str) -> bool {
    KNOWN.get(name).is_some_and(|known| known.resource)
}

/// The resource types that can be said in STU3 here, by name.
pub fn resource_types() -> impl Iterator<Item = &'static str> {
    KNOWN.iter().filter(|(_, known)| known.resource).map(|(name, _)| *name)
}

/// The elements of a type, in order; None for a primitive and for a type that is not here.
pub fn elements(type_name: &str) -> Option<&'static [Element]> {
    KNOWN.get(type_name).map(|known| known.elements.as_slice())
}

/// The element that a JSON property of a type is, with the name of its type: `valueString` is `value[x]` as `string`.
/// The property is given without a leading `_`.
pub fn property(type_name: &str, property: &str) -> Option<(&'static Element, &'static str)> {
    elements(type_name)?.iter().find_map(|element| {
        if !element.choice {
            return (element.name == property).then(|| (element, element.types[0].name));
        }
        let suffix = property.strip_prefix(element.name)?;
        element.kinds().find(|kind| is_capitalised(suffix, kind)).map(|kind| (element, kind))
    })
}

/// The types that an extension's value may have.
const ANY: &[&str] = &[
    "base64Binary",
    "boolean",
    "code",
    "date",
    "dateTime",
    "decimal",
    "id",
    "instant",
    "integer",
    "markdown",
    "oid",
    "positiveInt",
    "string",
    "time",
    "unsignedInt",
    "uri",
    "Address",
    "Age",
    "Annotation",
    "Attachment",
    "CodeableConcept",
    "Coding",
    "ContactPoint",
    "Count",
    "Distance",
    "Duration",
    "HumanName",
    "Identifier",
    "Money",
    "Period",
    "Quantity",
    "Range",
    "Ratio",
    "Reference",
    "SampledData",
    "Signature",
    "Timing",
    "Meta",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_type_that_an_element_names_is_there_or_a_primitive() {
        for (name, known) in KNOWN.iter() {
            for element in &known.elements {
                for one in &element.types {
                    let primitive = one.name.starts_with(|c: char| c.is_ascii_lowercase());
                    assert!(
                        primitive || one.name == "Resource" || KNOWN.contains_key(one.name),
                        "{name}.{}: {}",
                        element.name,
                        one.name
                    );
                }
            }
        }
    }

    #[test]
    fn a_choice_is_found_by_the_name_of_its_type() {
        let found = |type_name, name| property(type_name, name).map(|(element, kind)| (element.name, kind));
        assert_eq!(found("Observation", "valueString"), Some(("value", "string")));
        assert_eq!(found("Observation", "valueInteger"), None);
        assert_eq!(found("Extension", "valuePositiveInt"), Some(("value", "positiveInt")));
        assert_eq!(found("Consent", "scope"), None);
        assert_eq!(found("Consent", "except"), Some(("except", "Consent.except")));
    }

    #[test]
    fn cardinality_codes_and_targets_are_read() {
        let (status, _) = property("Goal", "status").unwrap();
        assert!(status.required && !status.repeats && status.types[0].allowed.contains(&"in-progress"));
        let (except, _) = property("Consent", "except").unwrap();
        assert!(!except.required && except.repeats);
        let (agent, _) = property("CommunicationRequest.requester", "agent").unwrap();
        assert!(!agent.types[0].allowed.contains(&"PractitionerRole"));
    }
}
