//! Dutch: parts of what is said.

use crate::validator::kind::{Lack, Nearly, Wanted};
use crate::validator::reason::{FilterForm, Fixed, NoCriterion, NoSnapshot, NotAllCodes, NotByType, Unchecked};

/// How values of a primitive type are written.
pub(super) fn form(type_name: &str) -> &'static str {
    match type_name {
        "integer" => "een geheel getal van -2147483648 tot en met 2147483647",
        "unsignedInt" => "een geheel getal van 0 tot en met 2147483647",
        "positiveInt" => "een geheel getal van 1 tot en met 2147483647",
        "decimal" => "cijfers, met een punt voor de decimalen",
        "code" => "geen witruimte aan begin of eind, en daarbinnen hoogstens één spatie achter elkaar",
        "id" => "1 tot 64 tekens uit A-Z, a-z, 0-9, koppelteken en punt",
        "oid" => "urn:oid: en getallen met punten ertussen",
        "uuid" => "urn:uuid: en 8-4-4-4-12 hexadecimale cijfers in kleine letters",
        "base64Binary" => "groepen van vier uit A-Z, a-z, 0-9, + en /, aangevuld met =",
        "instant" => "JJJJ-MM-DDTuu:mm:ss met een tijdzone, zoals +01:00 of Z",
        "date" => "JJJJ, JJJJ-MM of JJJJ-MM-DD",
        "dateTime" => "JJJJ, JJJJ-MM, JJJJ-MM-DD, of JJJJ-MM-DDTuu:mm:ss met een tijdzone, zoals +01:00 of Z",
        "time" => "uu:mm:ss",
        "uri" | "url" | "canonical" => "geen witruimte, en wat RFC 3986 toestaat",
        _ => "zie de datatypen van FHIR R4",
    }
}

/// What JSON calls these, of which primitives give the English names.
pub(super) fn json_type(expected: &str) -> &str {
    match expected {
        "a number" => "een getal",
        "a string" => "een tekst (in JSON tussen dubbele aanhalingstekens)",
        "a boolean (true or false)" => "true of false (in JSON zonder aanhalingstekens)",
        "true or false" => "true of false",
        other => other,
    }
}

/// The item or slice that came nearest, and what it lacks.
pub(super) fn near(nearly: &Nearly) -> String {
    let lack = |Lack { path, wanted }: &Lack| match wanted {
        Wanted::Value(value) => format!("`{path}` moet {value} zijn"),
        Wanted::CodeFrom(value_set) => format!("`{path}` moet een code uit {value_set} hebben"),
        Wanted::Present => format!("`{path}` moet er zijn"),
        Wanted::Absent => format!("`{path}` mag er niet zijn"),
        Wanted::Type(name) => format!("`{path}` moet een {name} zijn"),
        Wanted::Profile(profile) => format!("`{path}` moet aan {profile} voldoen"),
    };
    let lacks: Vec<String> = nearly.lacks.iter().map(lack).collect();
    format!(" Het dichtst in de buurt komt {}: {}.", nearly.name, lacks.join(", en "))
}

/// Why a snapshot is not to be made.
pub(super) fn no_snapshot(it: NoSnapshot) -> &'static str {
    match it {
        NoSnapshot::RootSliced => "de wortel is gesliced",
        NoSnapshot::NoMatch => "een element komt in de basisdefinitie niet voor",
        NoSnapshot::Order => "elementen staan niet in de volgorde van de basisdefinitie",
        NoSnapshot::SliceUnnamed => "een slice heeft geen naam",
        NoSnapshot::SliceNotSetUp => "een slice staat voor zijn slicing",
        NoSnapshot::ChoiceSliced => "een keuze is gesliced op iets anders dan haar type",
        NoSnapshot::SlicingChanged => "er is anders gesliced dan in de basisdefinitie",
        NoSnapshot::TypeNotAllowed => "een element heeft een type dat de basisdefinitie niet toestaat",
        NoSnapshot::Widens => "een element staat toe wat de basisdefinitie niet toestaat",
        NoSnapshot::SlicingOfOne => "een element dat niet herhaalt, is gesliced",
        NoSnapshot::ProfileOfOtherType => "een profiel is voor een ander type dan zijn element",
    }
}

/// Why a value set does not have all codes.
pub(super) fn not_all(it: NotAllCodes) -> &'static str {
    match it {
        NotAllCodes::OtherSystem => "ze neemt een ander codesysteem op",
        NotAllCodes::Part => "ze neemt het codesysteem niet in zijn geheel op",
        NotAllCodes::Count => "haar expansie heeft een ander aantal codes",
        NotAllCodes::Includes => "ze heeft niet precies één include",
    }
}

/// What the value of a filter is to be.
pub(super) fn filter_form(it: FilterForm) -> &'static str {
    match it {
        FilterForm::Boolean => "true of false",
        FilterForm::Integer => "een geheel getal",
        FilterForm::Decimal => "een decimaal getal",
        FilterForm::DateTime => "een dateTime",
        FilterForm::Code => "een code",
        FilterForm::Coding => "system#code",
        FilterForm::Text => "tekst",
    }
}

/// What slices that have a type each are to be.
pub(super) fn by_type(it: NotByType) -> &'static str {
    match it {
        NotByType::Ordered => "ze hebben geen volgorde: laat `ordered` weg",
        NotByType::Discriminator => "ze worden alleen herkend aan `type` op `$this`",
        NotByType::Name => "elk heet naar zijn type, zoals valueQuantity",
        NotByType::Needed => "er kan er hoogstens één verplicht zijn",
    }
}

/// What is fixed.
pub(super) fn fixed(expected: &Fixed) -> String {
    match expected {
        Fixed::Value(value) => value.to_string(),
        Fixed::WithoutExtensions(value) => format!("{value}, zonder extensies"),
        Fixed::Nothing => "niets".into(),
    }
}

/// Why a constraint gives no answer.
pub(super) fn unchecked(it: &Unchecked) -> &str {
    match it {
        Unchecked::Untold => "wat zij vraagt van een waardelijst, codesysteem of profiel is hier niet vast te stellen",
        Unchecked::Unfollowed => "waar een verwijzing naar wijst, staat niet in dit document",
        Unchecked::Pattern => "de reguliere expressie is er geen die hier begrepen wordt",
        Unchecked::Expression(reason) => reason,
    }
}

/// Why a criterion is found in no library.
pub(super) fn no_criterion(it: NoCriterion) -> &'static str {
    match it {
        NoCriterion::NotCompiled => "zijn bibliotheek heeft geen gecompileerde vorm (ELM)",
        NoCriterion::Several => "meer dan één bibliotheek kan het definiëren; zet de naam van de bibliotheek ervoor",
        NoCriterion::NoLibrary => "de meting noemt geen bibliotheek",
        NoCriterion::OtherLibraries => "de meting heeft geen bibliotheek met de naam die ervoor staat",
    }
}

/// A resource of another version of FHIR, and the element that says so.
pub(super) fn other_version(version: &str, element: Option<&str>) -> String {
    let only = "hier wordt alleen FHIR R4 (4.0.1) gecontroleerd. Zet hem eerst om";
    match element {
        Some(name) => format!("`{name}` maakt dit een resource van FHIR {version}; {only}, of laat `{name}` weg."),
        None => format!("Deze resource is FHIR {version}; {only}."),
    }
}

/// A slice that has too few items: how many it must have, and how many it has.
pub(super) fn slice_too_few(slice: &str, (min, found): (u32, u32), nearly: Option<&Nearly>) -> String {
    let nearly = nearly.map_or(String::new(), near);
    match (min, found) {
        (1, 0) => format!("Slice `{slice}` is verplicht, en niets past erbij.{nearly}"),
        _ => format!("Slice `{slice}`: minstens {min} verplicht, {found} gevonden.{nearly}"),
    }
}

/// An element that occurs too few times: how often it must, and how often it does.
pub(super) fn too_few(element: &str, (min, found): (u32, u32), profile: &str) -> String {
    match (min, found) {
        (1, 0) => format!("`{element}` is verplicht en ontbreekt (volgens {profile})."),
        _ => format!("`{element}`: minstens {min} verplicht, gevonden {found} (volgens {profile})."),
    }
}

/// A required code that is not in its value set, with the codes that are where they are few.
pub(super) fn not_in_value_set(value_set: &str, codes: &str) -> String {
    let codes = if codes.is_empty() { String::new() } else { format!(" De codes: {codes}.") };
    format!("Een code uit waardelijst {value_set} is verplicht, en dit is er geen.{codes}")
}

/// A value set of which codes cannot be told.
pub(super) fn value_set_unchecked(value_set: &str, is_here: bool) -> String {
    if is_here {
        format!("Codes van waardelijst {value_set} konden niet gecontroleerd worden: de codesystemen zijn er niet.")
    } else {
        format!("Waardelijst {value_set} is hier niet, en codes eruit zijn niet gecontroleerd: voeg het pakket toe.")
    }
}
