//! Code systems that are a grammar or a standard outside FHIR.

use super::Membership;
use crate::fhir::systems::UCUM;

const LANGUAGES: &str = "urn:ietf:bcp:47";
const MIME_TYPES: &str = "urn:ietf:bcp:13";
const CURRENCIES: &str = "urn:iso:std:iso:4217";
pub(super) const COUNTRIES: &str = "urn:iso:std:iso:3166";
const AREAS: &str = "http://unstats.un.org/unsd/methods/m49/m49.htm";
const COUNTRY_PARTS: &str = "urn:iso:std:iso:3166:-2";

/// ISO 4217: what is in use, and what went out of use since the euro came, as an old amount may be in it.
const CURRENCY_CODES: &str = "\
    AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE \
    CHF CHW CLF CLP CNY COP COU CRC CUC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ \
    GYD HKD HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD \
    MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG \
    QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SLL SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD \
    TZS UAH UGX USD USN UYI UYU UYW UZS VED VES VND VUV WST XAF XAG XAU XBA XBB XBC XBD XCD XCG XDR XOF XPD XPF XPT XSU \
    XTS XUA XXX YER ZAR ZMW ZWG ZWL \
    AFA ATS AZM BEF BYR CSD CYP DEM EEK ESP FIM FRF GHC GRD HRK IEP ITL LTL LUF LVL MGF MRO MTL MZM NLG PTE ROL SDD SIT \
    SKK SRG STD TMM TRL VEB VEF ZMK ZWD";

pub(super) fn contains(system: &str, code: &str) -> Membership {
    let told = |holds: bool| if holds { Membership::In } else { Membership::Out };
    match system {
        UCUM => told(crate::validator::rules::quantity::is_unit(code)),
        LANGUAGES => told(oxilangtag::LanguageTag::parse(code).is_ok()),
        MIME_TYPES => told(is_mime_type(code)),
        // What does not have the form of a code is none; of those with two letters R4 has a list.
        COUNTRIES => {
            possible(matches!(code.len(), 2 | 3) && code.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit()))
        }
        CURRENCIES => told(code.len() == 3 && CURRENCY_CODES.split_ascii_whitespace().any(|known| known == code)),
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
        assert_eq!((contains(CURRENCIES, "EUR"), contains(CURRENCIES, "NLG")), (Membership::In, Membership::In));
        assert_eq!((contains(CURRENCIES, "EUX"), contains(CURRENCIES, "eur")), (Membership::Out, Membership::Out));
    }
}
