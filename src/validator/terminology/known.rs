//! Code systems that are a grammar or a standard outside FHIR.

use super::Membership;
use crate::fhir::systems::UCUM;

const LANGUAGES: &str = "urn:ietf:bcp:47";
const MIME_TYPES: &str = "urn:ietf:bcp:13";
const COUNTRIES: &str = "urn:iso:std:iso:3166";
const AREAS: &str = "http://unstats.un.org/unsd/methods/m49/m49.htm";
const COUNTRY_PARTS: &str = "urn:iso:std:iso:3166:-2";

pub(super) fn contains(system: &str, code: &str) -> Membership {
    let told = |holds: bool| if holds { Membership::In } else { Membership::Out };
    match system {
        UCUM => told(crate::validator::rules::quantity::is_unit(code)),
        LANGUAGES => told(oxilangtag::LanguageTag::parse(code).is_ok()),
        MIME_TYPES => told(is_mime_type(code)),
        // The list is not here; what does not have the form of a code is none.
        COUNTRIES => {
            possible(matches!(code.len(), 2 | 3) && code.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit()))
        }
        AREAS => possible(code.len() == 3 && code.bytes().all(|b| b.is_ascii_digit())),
        COUNTRY_PARTS => possible(code.as_bytes().get(2) == Some(&b'-') && (4..=6).contains(&code.len())),
        _ => Membership::Unknown,
    }
}

fn possible(has_form: bool) -> Membership {
    if has_form { Membership::Unknown } else { Membership::Out }
}

/// `type/subtype`, with or without parameters, or one of FHIR's formats by its short name.
///
/// Source: <http://hl7.org/fhir/R4/capabilitystatement-definitions.html#CapabilityStatement.format>.
fn is_mime_type(code: &str) -> bool {
    if matches!(code, "xml" | "json" | "ttl") {
        return true;
    }
    let token = |t: &str| !t.is_empty() && t.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$&-^_.+".contains(&b));
    let essence = code.split(';').next().unwrap_or(code).trim();
    essence.split_once('/').is_some_and(|(kind, sub)| token(kind) && token(sub))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grammars_tell_codes_from_other_texts() {
        assert_eq!(contains(LANGUAGES, "nl-NL"), Membership::In);
        assert_eq!(contains(LANGUAGES, "dutch language"), Membership::Out);
        assert_eq!(contains(UCUM, "mm[Hg]"), Membership::In);
        assert_eq!(contains(COUNTRIES, "Australia"), Membership::Out);
        assert_eq!(contains(MIME_TYPES, "application/pdf"), Membership::In);
        assert_eq!(contains(MIME_TYPES, "json"), Membership::In);
        assert_eq!(contains(MIME_TYPES, "pdf"), Membership::Out);
    }
}
