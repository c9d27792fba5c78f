//! Dutch: parts of what is said.

use crate::validator::kind::{Lack, Nearly, Wanted};

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
    format!(" Het dichtst bij komt {}: {}.", nearly.name, lacks.join(", en "))
}
