//! The types that FHIRPath and FHIR have whatever the definitions: System types, primitives, and a few by name.

use super::types::TypeId;

/// How a primitive's text is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Primitive {
    Boolean,
    Integer,
    Decimal,
    Text,
    Date,
    DateTime,
    Time,
}

use Primitive::*;

pub(super) const SYSTEM_BOOLEAN: TypeId = TypeId(1);
pub(super) const SYSTEM_STRING: TypeId = TypeId(2);
pub(super) const SYSTEM_INTEGER: TypeId = TypeId(3);
pub(super) const SYSTEM_DECIMAL: TypeId = TypeId(4);
pub(super) const SYSTEM_DATE: TypeId = TypeId(5);
pub(super) const SYSTEM_DATE_TIME: TypeId = TypeId(6);
pub(super) const SYSTEM_TIME: TypeId = TypeId(7);
pub(super) const SYSTEM_QUANTITY: TypeId = TypeId(8);
pub(super) const SYSTEM_ANY: TypeId = TypeId(9);
pub(super) const ELEMENT: TypeId = TypeId(10);
pub(super) const BOOLEAN: TypeId = TypeId(11);
pub(super) const INTEGER: TypeId = TypeId(12);
pub(super) const DECIMAL: TypeId = TypeId(15);
pub(super) const STRING: TypeId = TypeId(16);
pub(super) const CODE: TypeId = TypeId(17);
pub(super) const URI: TypeId = TypeId(20);
pub(super) const XHTML: TypeId = TypeId(30);
pub(super) const BACKBONE_ELEMENT: TypeId = TypeId(31);
pub(super) const RESOURCE: TypeId = TypeId(32);
pub(super) const DOMAIN_RESOURCE: TypeId = TypeId(33);
pub(super) const QUANTITY: TypeId = TypeId(34);
pub(super) const EXTENSION: TypeId = TypeId(35);

/// Name, reading and base of the types above and their kin: `TypeId(n)` is the n-th.
pub(super) const TYPES: &[(&str, Option<Primitive>, Option<TypeId>)] = &[
    ("", None, None),
    ("System.Boolean", Some(Boolean), Some(SYSTEM_ANY)),
    ("System.String", Some(Text), Some(SYSTEM_ANY)),
    ("System.Integer", Some(Integer), Some(SYSTEM_ANY)),
    ("System.Decimal", Some(Decimal), Some(SYSTEM_ANY)),
    ("System.Date", Some(Date), Some(SYSTEM_ANY)),
    ("System.DateTime", Some(DateTime), Some(SYSTEM_ANY)),
    ("System.Time", Some(Time), Some(SYSTEM_ANY)),
    ("System.Quantity", None, Some(SYSTEM_ANY)),
    ("System.Any", None, None),
    ("Element", None, None),
    ("boolean", Some(Boolean), Some(ELEMENT)),
    ("integer", Some(Integer), Some(ELEMENT)),
    ("positiveInt", Some(Integer), Some(INTEGER)),
    ("unsignedInt", Some(Integer), Some(INTEGER)),
    ("decimal", Some(Decimal), Some(ELEMENT)),
    ("string", Some(Text), Some(ELEMENT)),
    ("code", Some(Text), Some(STRING)),
    ("id", Some(Text), Some(STRING)),
    ("markdown", Some(Text), Some(STRING)),
    ("uri", Some(Text), Some(ELEMENT)),
    ("url", Some(Text), Some(URI)),
    ("canonical", Some(Text), Some(URI)),
    ("uuid", Some(Text), Some(URI)),
    ("oid", Some(Text), Some(URI)),
    ("base64Binary", Some(Text), Some(ELEMENT)),
    ("date", Some(Date), Some(ELEMENT)),
    ("dateTime", Some(DateTime), Some(ELEMENT)),
    ("instant", Some(DateTime), Some(ELEMENT)),
    ("time", Some(Time), Some(ELEMENT)),
    ("xhtml", Some(Text), Some(ELEMENT)),
    ("BackboneElement", None, Some(ELEMENT)),
    ("Resource", None, None),
    ("DomainResource", None, Some(RESOURCE)),
    ("Quantity", None, Some(ELEMENT)),
    ("Extension", None, Some(ELEMENT)),
    ("Reference", None, Some(ELEMENT)),
    ("Age", None, Some(QUANTITY)),
    ("Count", None, Some(QUANTITY)),
    ("Distance", None, Some(QUANTITY)),
    ("Duration", None, Some(QUANTITY)),
    ("MoneyQuantity", None, Some(QUANTITY)),
    ("SimpleQuantity", None, Some(QUANTITY)),
];

/// What the type derives from, for the types above.
pub(super) fn base(id: TypeId) -> Option<TypeId> {
    TYPES.get(usize::from(id.0)).and_then(|(_, _, base)| *base)
}

/// Types whose instances have elements that the type itself does not list.
pub(super) fn is_abstract(id: TypeId) -> bool {
    matches!(id, ELEMENT | BACKBONE_ELEMENT | RESOURCE | DOMAIN_RESOURCE)
}

/// FHIR's datatypes that can stand behind a choice element such as `value[x]`, for JSON without definitions: the
/// property `valueHumanName` is an element `value` only because this says that `HumanName` is a type.
/// Source: <http://hl7.org/fhir/R4/datatypes.html#open>.
pub(super) const COMPLEX: &[&str] = &[
    "Address",
    "Age",
    "Annotation",
    "Attachment",
    "CodeableConcept",
    "Coding",
    "ContactDetail",
    "ContactPoint",
    "Contributor",
    "Count",
    "DataRequirement",
    "Distance",
    "Dosage",
    "Duration",
    "Expression",
    "HumanName",
    "Identifier",
    "Meta",
    "Money",
    "ParameterDefinition",
    "Period",
    "Quantity",
    "Range",
    "Ratio",
    "Reference",
    "RelatedArtifact",
    "SampledData",
    "Signature",
    "Timing",
    "TriggerDefinition",
    "UsageContext",
];

/// The type named by the end of a choice's property (`Quantity`, `DateTime`); `None` when there is none.
pub(super) fn from_suffix(suffix: &str) -> Option<&'static str> {
    if let Some(complex) = COMPLEX.iter().find(|name| **name == suffix) {
        return Some(complex);
    }
    TYPES[usize::from(BOOLEAN.0)..usize::from(XHTML.0)].iter().map(|(name, ..)| *name).find(|name| {
        name.len() == suffix.len()
            && name.as_bytes()[0].to_ascii_uppercase() == suffix.as_bytes()[0]
            && name[1..] == suffix[1..]
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_constants_are_where_the_table_has_them() {
        let named = [
            (SYSTEM_BOOLEAN, "System.Boolean"),
            (SYSTEM_QUANTITY, "System.Quantity"),
            (ELEMENT, "Element"),
            (BOOLEAN, "boolean"),
            (DECIMAL, "decimal"),
            (CODE, "code"),
            (URI, "uri"),
            (XHTML, "xhtml"),
            (DOMAIN_RESOURCE, "DomainResource"),
            (QUANTITY, "Quantity"),
            (EXTENSION, "Extension"),
        ];
        for (id, name) in named {
            assert_eq!(TYPES[usize::from(id.0)].0, name);
        }
    }
}
