//! zib AddressInformation ↔ Address.

use serde_json::{Value, json};

use super::element::{CODE_SPECIFICATION, NL_CORE, Object, Spot, extension, extension_path, list_concept};
use super::telecom::look_up;
use crate::domain::common::codes::{ADDRESS_TYPE, find_in};
use crate::domain::common::{Address, Coding, ListCode};
use crate::mapping::Trace;

const ADXP: &str = "http://hl7.org/fhir/StructureDefinition/iso21090-ADXP-";
const ISO_3166: &str = "urn:iso:std:iso:3166";
const GBA_COUNTRIES: &str = "urn:oid:2.16.840.1.113883.2.4.4.16.34";
const USES: &[(&str, &str)] = &[("HP", "home"), ("PHYS", "home"), ("TMP", "temp"), ("WP", "work"), ("HV", "temp")];
const TYPES: &[(&str, &str)] = &[("PST", "postal"), ("HP", "both"), ("PHYS", "physical")];

pub fn addresses(all: &[Address], at: &Spot, trace: &mut Trace) -> Vec<Value> {
    all.iter().enumerate().map(|(i, one)| address(one, &at.item(i), trace)).collect()
}

pub fn address(address: &Address, at: &Spot, trace: &mut Trace) -> Value {
    let mut result = Object::new();
    if let Some(kind) = &address.address_type {
        let url = format!("{NL_CORE}ext-AddressInformation.AddressType");
        result.set("extension", json!([extension(&url, "valueCodeableConcept", list_concept(ADDRESS_TYPE, kind))]));
        if let ListCode::Listed(code) = kind {
            result.maybe("use", look_up(USES, code)).maybe("type", look_up(TYPES, code));
        }
        trace.code(&at.down("addressType", &extension_path(&url)), kind);
    }
    line(address, &mut result, at, trace);
    for (field, value, element) in [
        ("city", &address.city, "city"),
        ("municipality", &address.municipality, "district"),
        ("postalCode", &address.postal_code, "postalCode"),
    ] {
        if let Some(value) = value {
            result.set(element, value.as_str());
            trace.carried(&at.down(field, element));
        }
    }
    let mut codings = Vec::new();
    for (field, code, system) in
        [("country", &address.country, ISO_3166), ("countryGba", &address.country_gba, GBA_COUNTRIES)]
    {
        if let Some(code) = code {
            codings.push(json!({ "system": system, "code": code }));
            trace.carried(&at.down(field, &format!("country.{}", extension_path(CODE_SPECIFICATION))));
        }
    }
    if !codings.is_empty() {
        result.maybe("country", address.country.as_deref());
        let specification = extension(CODE_SPECIFICATION, "valueCodeableConcept", json!({ "coding": codings }));
        result.set("_country", json!({ "extension": [specification] }));
    }
    result.build()
}

/// The address of an organisation, of which FHIR lets no use be `home` (org-2): the zib's code beside it says it.
pub(super) fn without_home(address: &mut Value) {
    if address["use"] == "home"
        && let Some(address) = address.as_object_mut()
    {
        address.shift_remove("use");
    }
}

/// One line as it is written, and its parts as ISO 21090 names them.
fn line(address: &Address, result: &mut Object, at: &Spot, trace: &mut Trace) {
    let mut parts = Vec::new();
    let mut part = |name: &str, value: String, fields: &[(&str, &str)]| {
        let url = format!("{ADXP}{name}");
        let element = format!("line.{}", extension_path(&url));
        parts.push(extension(&url, "valueString", value.as_str()));
        for (field, said) in fields {
            let spot = at.down(field, &element);
            if *said == value { trace.carried(&spot) } else { trace.converted(&spot, "put together as the suffix") }
        }
    };
    let mut words: Vec<String> = Vec::new();
    if let Some(street) = &address.street {
        part("streetName", street.clone(), &[("street", street)]);
        words.push(street.clone());
    }
    if let Some(indication) = &address.house_number_indication {
        part("additionalLocator", indication.clone(), &[("houseNumberIndication", indication)]);
        words.push(indication.clone());
    }
    if let Some(number) = &address.house_number {
        part("houseNumber", number.clone(), &[("houseNumber", number)]);
        words.push(number.clone());
    }
    match (&address.house_number_letter, &address.house_number_addition) {
        (Some(letter), Some(addition)) => {
            let suffix = format!("{letter} {addition}");
            let fields = [("houseNumberLetter", letter.as_str()), ("houseNumberAddition", addition)];
            part("buildingNumberSuffix", suffix.clone(), &fields);
            words.push(suffix);
        }
        (Some(letter), None) => {
            part("buildingNumberSuffix", letter.clone(), &[("houseNumberLetter", letter)]);
            words.push(letter.clone());
        }
        (None, Some(addition)) => {
            // A leading space says that there is no letter: `bis` alone could otherwise not be told from one.
            part("buildingNumberSuffix", format!(" {addition}"), &[("houseNumberAddition", addition)]);
            words.push(addition.clone());
        }
        (None, None) => {}
    }
    if let Some(information) = &address.additional_information {
        part("unitID", information.clone(), &[("additionalInformation", information)]);
        words.push(information.clone());
    }
    if !parts.is_empty() {
        result.set("line", json!([words.join(" ")])).set("_line", json!([{ "extension": parts }]));
    }
}

/// The addresses that these FHIR addresses say.
pub fn read_all(addresses: Option<&Value>) -> Vec<Address> {
    addresses.and_then(Value::as_array).into_iter().flatten().map(read).filter(|a| *a != Address::default()).collect()
}

pub fn read(address: &Value) -> Address {
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let parts = &address["_line"][0]["extension"];
    let part = |name: &str| {
        let url = format!("{ADXP}{name}");
        let found = parts.as_array()?.iter().find(|extension| extension["url"] == url.as_str())?;
        text(&found["valueString"])
    };
    let suffix = part("buildingNumberSuffix").unwrap_or_default();
    let (letter, addition) = suffix_parts(&suffix);
    let countries = codings(&address["_country"], CODE_SPECIFICATION);
    let country =
        |system: &str| countries.iter().find(|coding| coding.system == system).map(|coding| coding.code.clone());
    Address {
        street: part("streetName").or_else(|| if parts.is_null() { text(&address["line"][0]) } else { None }),
        house_number: part("houseNumber"),
        house_number_letter: letter,
        house_number_addition: addition,
        house_number_indication: part("additionalLocator"),
        postal_code: text(&address["postalCode"]),
        city: text(&address["city"]),
        municipality: text(&address["district"]),
        country: country(ISO_3166),
        country_gba: country(GBA_COUNTRIES),
        additional_information: part("unitID"),
        address_type: codings(address, &format!("{NL_CORE}ext-AddressInformation.AddressType")).into_iter().next().map(
            |coding| match find_in(ADDRESS_TYPE, &coding.system, &coding.code) {
                Some(_) => ListCode::Listed(coding.code),
                None => ListCode::Other(coding),
            },
        ),
    }
}

fn suffix_parts(suffix: &str) -> (Option<String>, Option<String>) {
    let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    match suffix.split_once(' ') {
        Some((letter, addition)) => (some(letter), some(addition)),
        None if suffix.len() == 1 && suffix.chars().all(|c| c.is_ascii_alphabetic()) => (some(suffix), None),
        None => (None, some(suffix)),
    }
}

fn codings(element: &Value, url: &str) -> Vec<Coding> {
    let extensions = element["extension"].as_array().into_iter().flatten();
    extensions
        .filter(|extension| extension["url"] == url)
        .flat_map(|extension| extension["valueCodeableConcept"]["coding"].as_array().into_iter().flatten())
        .filter_map(|coding| {
            Some(Coding {
                system: coding["system"].as_str()?.to_owned(),
                code: coding["code"].as_str()?.to_owned(),
                display: coding["display"].as_str().map(str::to_owned),
            })
        })
        .collect()
}
