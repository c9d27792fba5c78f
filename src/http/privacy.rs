//! No person in a URL: what stands in one ends in logs, histories and proxies.

use super::door::Door;
use crate::domain::Bsn;
use crate::fhir::systems;

/// The system of BSNs as an OID.
const BSN_OID: &str = "2.16.840.1.113883.2.4.6.3";

/// Search parameters whose values say who someone is.
const OF_A_PERSON: &[&str] = &[
    "address",
    "address-city",
    "address-country",
    "address-postalcode",
    "address-state",
    "birthdate",
    "death-date",
    "email",
    "family",
    "given",
    "name",
    "phone",
    "phonetic",
    "telecom",
    "_content",
    "_filter",
    "_text",
];
/// Types that are people, and the parameters that lead to one.
const PEOPLE: &[&str] = &["Patient", "Person", "RelatedPerson", "Practitioner", "PractitionerRole"];
const TO_A_PERSON: &[&str] = &["patient", "subject", "performer", "practitioner", "requester", "sender", "author"];

/// Search parameters whose values are codes: one in eleven codes of nine digits passes the eleven-test.
const CODES: &[&str] =
    &["category", "class", "code", "device-type", "reason", "reason-code", "scope", "specialty", "status", "type"];

/// True where the URL holds a BSN or a parameter that names a person.
pub fn names_person(path: &str, query: &str) -> bool {
    let below = Door::of(path).below(path).unwrap_or_default();
    let resource_type = below.split('/').nth(1).unwrap_or_default();
    // A path reads as a form without `=`: only its escapes are undone.
    let decoded: String = url::form_urlencoded::parse(path.as_bytes()).map(|(name, _)| name.into_owned()).collect();
    holds_bsn(path)
        || holds_bsn(&decoded)
        || url::form_urlencoded::parse(query.as_bytes()).any(|(name, value)| {
            let said = if is_code(&name) { value.contains(systems::BSN) } else { holds_bsn(&value) };
            said || holds_bsn(&name) || asks_for_person(resource_type, &name)
        })
}

fn is_code(name: &str) -> bool {
    let last = name.rsplit('.').next().unwrap_or(name);
    CODES.contains(&last.split(':').next().unwrap_or(last))
}

fn asks_for_person(resource_type: &str, name: &str) -> bool {
    let last = name.rsplit('.').next().unwrap_or(name);
    let (base, modifier) = last.split_once(':').unwrap_or((last, ""));
    let person = PEOPLE.contains(&resource_type) || name.contains('.') || name.starts_with("_has:");
    (person && (OF_A_PERSON.contains(&base) || base == "identifier"))
        || base.starts_with('_') && OF_A_PERSON.contains(&base)
        || (modifier == "identifier" && TO_A_PERSON.contains(&base))
}

/// The system of BSNs, or the digits of one by themselves, also as people write them: with spaces, dots or dashes.
fn holds_bsn(text: &str) -> bool {
    let written = |part: &str| {
        let digits: String = part.chars().filter(|c| !matches!(c, ' ' | '.' | '-')).collect();
        digits.len() == 9 && Bsn::parse(&digits).is_ok()
    };
    text.contains(systems::BSN)
        || text.contains(BSN_OID)
        || text.split(['/', '|', ',', '=', '&', '?']).any(written)
        || text.split(|c: char| !c.is_ascii_alphanumeric()).any(|word| word.len() == 9 && Bsn::parse(word).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_person_in_a_url_is_seen() {
        for (path, query) in [
            ("/fhir/Patient", "identifier=http://fhir.nl/fhir/NamingSystem/bsn|123456782"),
            ("/fhir/Patient", "identifier=http%3A%2F%2Ffhir.nl%2Ffhir%2FNamingSystem%2Fbsn%7C1"),
            ("/fhir/Patient", "identifier=x"),
            ("/fhir/stu3/Patient", "identifier=x"),
            ("/fhir/Patient", "name=x"),
            ("/fhir/Patient", "family:exact=x"),
            ("/fhir/Consent", "patient.identifier=x"),
            ("/fhir/Consent", "patient:identifier=x"),
            ("/fhir/Consent", "patient:Patient.birthdate=1950"),
            ("/fhir/Observation", "_content=x"),
            ("/fhir/Patient/123456782", ""),
            ("/fhir/Patient/%3123456782", ""),
            ("/api/v1/documents/999990019", ""),
            ("/fhir/Goal", "description=patient-123456782"),
            ("/fhir/Goal", "patient=1234%2056782"),
            ("/fhir/Patient/1234.567-82", ""),
            ("/fhir/Goal", "patient=123456782"),
            ("/fhir/Consent", "code=http://fhir.nl/fhir/NamingSystem/bsn|123456782"),
        ] {
            assert!(names_person(path, query), "{path}?{query}");
        }
    }

    #[test]
    fn ids_and_codes_are_no_persons() {
        for (path, query) in [
            ("/fhir/Consent", "patient=Patient/0b3f9f1e-2a61-4c43-9d3c-6b4b7d3f9a10"),
            ("/fhir/Observation", "code=153851000146100,395091006&patient=1"),
            // A code of SNOMED CT that passes the eleven-test.
            ("/fhir/DeviceUseStatement", "device.type=72506001,465460004,468542000"),
            ("/fhir/DeviceUseStatement", "device.type=http://snomed.info/sct|468542000"),
            ("/fhir/Organization", "identifier=http://fhir.nl/fhir/NamingSystem/agb-z|01999911"),
            ("/fhir/Organization", "name=brink"),
            ("/fhir/Patient", "_id=1"),
        ] {
            assert!(!names_person(path, query), "{path}?{query}");
        }
    }
}
