//! English: parts of what is said.

use crate::validator::kind::{Lack, Nearly, Wanted};
use crate::validator::reason::{FilterForm, Fixed, NoCriterion, NoSnapshot, NotAllCodes, NotByType, Unchecked};

/// A name with the article that it takes.
pub(super) fn a(name: &str) -> String {
    // Of the names with a u, `unsignedInt` alone is spoken with a vowel.
    let is_open = name.starts_with(['a', 'e', 'i', 'o', 'A', 'E', 'I', 'O']) || name.starts_with("un");
    format!("{} {name}", if is_open { "an" } else { "a" })
}

/// How values of a primitive type are written.
pub(super) fn form(type_name: &str) -> &'static str {
    match type_name {
        "integer" => "a whole number from -2147483648 to 2147483647",
        "unsignedInt" => "a whole number from 0 to 2147483647",
        "positiveInt" => "a whole number from 1 to 2147483647",
        "decimal" => "digits with a full stop before the decimals",
        "code" => "no white space at its ends, and no more than one space at a time within",
        "id" => "1 to 64 of A-Z, a-z, 0-9, hyphen and full stop",
        "oid" => "urn:oid: and numbers with full stops between them",
        "uuid" => "urn:uuid: and 8-4-4-4-12 hexadecimal digits in lower case",
        "base64Binary" => "groups of four of A-Z, a-z, 0-9, + and /, filled up with =",
        "instant" => "YYYY-MM-DDThh:mm:ss with a time zone, such as +01:00 or Z",
        "date" => "YYYY, YYYY-MM or YYYY-MM-DD",
        "dateTime" => "YYYY, YYYY-MM, YYYY-MM-DD, or YYYY-MM-DDThh:mm:ss with a time zone, such as +01:00 or Z",
        "time" => "hh:mm:ss",
        "uri" | "url" | "canonical" => "no white space, and what RFC 3986 allows",
        _ => "see the data types of FHIR R4",
    }
}

/// The item or slice that came nearest, and what it lacks.
pub(super) fn near(nearly: &Nearly) -> String {
    let lack = |Lack { path, wanted }: &Lack| match wanted {
        Wanted::Value(value) => format!("`{path}` must be {value}"),
        Wanted::CodeFrom(value_set) => format!("`{path}` must have a code from {value_set}"),
        Wanted::Present => format!("`{path}` must be there"),
        Wanted::Absent => format!("`{path}` must not be there"),
        Wanted::Type(name) => format!("`{path}` must be {}", a(name)),
        Wanted::Profile(profile) => format!("`{path}` must keep {profile}"),
    };
    let lacks: Vec<String> = nearly.lacks.iter().map(lack).collect();
    format!(" Nearest is {}: {}.", nearly.name, lacks.join(", and "))
}

/// Why a snapshot is not to be made.
pub(super) fn no_snapshot(it: NoSnapshot) -> &'static str {
    match it {
        NoSnapshot::RootSliced => "the root is sliced",
        NoSnapshot::NoMatch => "an element has no match in the base definition",
        NoSnapshot::Order => "elements are not in the order of the base definition",
        NoSnapshot::SliceUnnamed => "a slice has no name",
        NoSnapshot::SliceNotSetUp => "a slice stands before its slicing",
        NoSnapshot::ChoiceSliced => "a choice is sliced by something else than its type",
        NoSnapshot::SlicingChanged => "it is sliced in another way than the base definition",
        NoSnapshot::TypeNotAllowed => "an element has a type that the base definition does not allow",
        NoSnapshot::Widens => "an element allows what the base definition does not",
        NoSnapshot::SlicingOfOne => "an element that does not repeat is sliced",
        NoSnapshot::ProfileOfOtherType => "a profile is for another type than its element",
    }
}

/// Why a value set does not have all codes.
pub(super) fn not_all(it: NotAllCodes) -> &'static str {
    match it {
        NotAllCodes::OtherSystem => "it includes another code system",
        NotAllCodes::Part => "it does not include the code system as a whole",
        NotAllCodes::Count => "its expansion has another number of codes",
        NotAllCodes::Includes => "it does not have one include",
    }
}

/// What the value of a filter is to be.
pub(super) fn filter_form(it: FilterForm) -> &'static str {
    match it {
        FilterForm::Boolean => "true or false",
        FilterForm::Integer => "an integer",
        FilterForm::Decimal => "a decimal",
        FilterForm::DateTime => "a dateTime",
        FilterForm::Code => "a code",
        FilterForm::Coding => "system#code",
        FilterForm::Text => "text",
    }
}

/// What slices that have a type each are to be.
pub(super) fn by_type(it: NotByType) -> &'static str {
    match it {
        NotByType::Ordered => "they have no order: leave `ordered` out",
        NotByType::Discriminator => "they are told by `type` at `$this` alone",
        NotByType::Name => "each is named by its type, such as valueQuantity",
        NotByType::Needed => "no more than one can be needed",
    }
}

/// What is fixed.
pub(super) fn fixed(expected: &Fixed) -> String {
    match expected {
        Fixed::Value(value) => value.to_string(),
        Fixed::WithoutExtensions(value) => format!("{value}, without extensions"),
        Fixed::Nothing => "nothing".into(),
    }
}

/// A resource of another version of FHIR, and the element that says so.
pub(super) fn other_version(version: &str, element: Option<&str>) -> String {
    let only = "only FHIR R4 (4.0.1) is validated here. Convert it first";
    match element {
        Some(name) => format!("`{name}` makes this a resource of FHIR {version}; {only}, or leave `{name}` out."),
        None => format!("This resource is of FHIR {version}; {only}."),
    }
}

/// Why a constraint gives no answer.
pub(super) fn unchecked(it: &Unchecked) -> &str {
    match it {
        Unchecked::Untold => "what it asks of a value set, code system or profile cannot be told here",
        Unchecked::Unfollowed => "what a reference names is not in this document",
        Unchecked::Pattern => "its regular expression is not one that is understood here",
        Unchecked::Expression(reason) => reason,
    }
}

/// Why a criterion is found in no library.
pub(super) fn no_criterion(it: NoCriterion) -> &'static str {
    match it {
        NoCriterion::NotCompiled => "its library has no compiled form (ELM)",
        NoCriterion::Several => "more than one library could define it; name the library in front of it",
        NoCriterion::NoLibrary => "the measure names no library",
        NoCriterion::OtherLibraries => "the measure has no library of the name in front of it",
    }
}
