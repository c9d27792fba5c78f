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
        LANGUAGES => told(is_language(code)),
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

/// Countries that were, in which people are born all the same. Source: ISO 3166-3, since 1974.
const FORMER_COUNTRIES: &[&str] = &[
    "AN", "BU", "CS", "CT", "DD", "DY", "FQ", "FX", "HV", "JT", "MI", "NH", "NQ", "NT", "PC", "PU", "PZ", "RH", "SU",
    "TP", "VD", "WK", "YD", "YU", "ZR",
];

/// Whether a code of two letters is one that no list of countries has, and that can be right: of a country that was, or
/// one that users assign themselves (`AA`, `QM` to `QZ`, `XA` to `XZ`, `ZZ`). Source: ISO 3166-1, 8.1.3.
pub(super) fn is_unlisted_country(code: &str) -> bool {
    FORMER_COUNTRIES.contains(&code)
        || matches!(code.as_bytes(), b"AA" | b"ZZ" | [b'Q', b'M'..=b'Z'] | [b'X', b'A'..=b'Z'])
}

/// ISO 639's codes of two letters, which are all that BCP 47 has.
const LANGUAGE_CODES: &str = "\
    aa ab ae af ak am an ar as av ay az ba be bg bh bi bm bn bo br bs ca ce ch co cr cs cu cv cy da de dv dz ee el en eo \
    es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy hz ia id ie ig ii ik in io is it iu iw ja ji \
    jv jw ka kg ki kj kk kl km kn ko kr ks ku kv kw ky la lb lg li ln lo lt lu lv mg mh mi mk ml mn mo mr ms mt my na nb \
    nd ne ng nl nn no nr nv ny oc oj om or os pa pi pl ps pt qu rm rn ro ru rw sa sc sd se sg sh si sk sl sm sn so sq sr \
    ss st su sv sw ta te tg th ti tk tl tn to tr ts tt tw ty ug uk ur uz ve vi vo wa wo xh yi yo za zh zu";

/// A well-formed tag; its language is one where it has two letters, and has no more than three.
///
/// Source: RFC 5646, section 2.2.1: no language of four letters or more was ever registered.
fn is_language(code: &str) -> bool {
    let Ok(tag) = oxilangtag::LanguageTag::parse(code) else { return false };
    let language = tag.primary_language();
    match language.len() {
        2 => {
            let lower = language.to_ascii_lowercase();
            LANGUAGE_CODES.split_ascii_whitespace().any(|known| known == lower)
        }
        // What was registered before there were rules (`i-klingon`) and what is private comes as a whole.
        length => length <= 3 || language.contains('-'),
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
        for wrong in ["dutch language", "xx", "zz-NL", "dutch"] {
            assert_eq!(contains(LANGUAGES, wrong), Membership::Out, "{wrong}");
        }
        for right in ["NL", "sr-Latn-RS", "nds-NL", "x-private", "i-klingon", "zh-min-nan"] {
            assert_eq!(contains(LANGUAGES, right), Membership::In, "{right}");
        }
        assert_eq!(contains(UCUM, "mm[Hg]"), Membership::In);
        assert_eq!(contains(COUNTRIES, "Australia"), Membership::Out);
        assert_eq!(contains(MIME_TYPES, "application/pdf"), Membership::In);
        assert_eq!(contains(MIME_TYPES, "json"), Membership::In);
        assert_eq!(contains(MIME_TYPES, "pdf"), Membership::Out);
        assert_eq!((contains(CURRENCIES, "EUR"), contains(CURRENCIES, "NLG")), (Membership::In, Membership::In));
        assert_eq!((contains(CURRENCIES, "EUX"), contains(CURRENCIES, "eur")), (Membership::Out, Membership::Out));
    }
}
