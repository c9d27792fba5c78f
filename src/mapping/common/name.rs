//! zib NameInformation ↔ HumanName.

use serde_json::{Value, json};

use super::element::{Object, Spot, extension, extension_of, extension_path};
use crate::domain::common::{FamilyName, HumanName};
use crate::mapping::Trace;

const QUALIFIER: &str = "http://hl7.org/fhir/StructureDefinition/iso21090-EN-qualifier";
const ASSEMBLY_ORDER: &str = "http://hl7.org/fhir/StructureDefinition/humanname-assembly-order";
const OWN: (&str, &str) = (
    "http://hl7.org/fhir/StructureDefinition/humanname-own-prefix",
    "http://hl7.org/fhir/StructureDefinition/humanname-own-name",
);
const PARTNER: (&str, &str) = (
    "http://hl7.org/fhir/StructureDefinition/humanname-partner-prefix",
    "http://hl7.org/fhir/StructureDefinition/humanname-partner-name",
);

/// The names of FHIR for one name: an official one with the family name in its parts, a second official one for
/// initials beside full first names (as nl-core's own examples have it), and a usual one for the name by which the
/// person is called.
pub fn human_names(name: &HumanName, at: &Spot, trace: &mut Trace) -> Vec<Value> {
    let mut names = Vec::new();
    let mut official = Object::new();
    if let Some(usage) = &name.name_usage {
        official.set("extension", json!([extension(ASSEMBLY_ORDER, "valueCode", usage.as_str())]));
        trace.carried(&at.down("nameUsage", &format!("[0].{}", extension_path(ASSEMBLY_ORDER))));
    }
    official.set("use", "official").maybe("text", Some(name.display()).filter(|text| !text.is_empty()));
    let parts = family_parts(name, at, trace);
    if !parts.is_empty() {
        official.set("family", name.family()).set("_family", json!({ "extension": parts }));
    }
    let initials = name.initials.as_deref().map(initials_of);
    match (&name.first_names, &initials) {
        (Some(first_names), _) => {
            let given_names = words_of(first_names);
            parted(trace, &at.down("firstNames", "[0].given"), &given_names, "each first name apart");
            given(&mut official, given_names, "BR");
        }
        (None, Some(initials)) => {
            given(&mut official, initials.clone(), "IN");
            parted(trace, &at.down("initials", "[0].given"), initials, "each initial apart");
        }
        (None, None) => {}
    }
    if let Some(titles) = &name.titles {
        official.set("suffix", json!([titles]));
        trace.carried(&at.down("titles", "[0].suffix"));
    }
    names.push(official.build());
    if let (Some(_), Some(initials)) = (&name.first_names, initials) {
        let mut second = Object::new();
        second.set("use", "official");
        parted(trace, &at.down("initials", &format!("[{}].given", names.len())), &initials, "each initial apart");
        given(&mut second, initials, "IN");
        names.push(second.build());
    }
    if let Some(called) = &name.given_name {
        trace.carried(&at.down("givenName", &format!("[{}].given", names.len())));
        names.push(json!({ "use": "usual", "given": [called] }));
    }
    names
}

fn family_parts(name: &HumanName, at: &Spot, trace: &mut Trace) -> Vec<Value> {
    let mut parts = Vec::new();
    for (field, family, (prefix_url, name_url)) in
        [("lastName", &name.last_name, OWN), ("partnerLastName", &name.partner_last_name, PARTNER)]
    {
        let Some(family) = family else { continue };
        if let Some(prefix) = &family.prefix {
            parts.push(extension(prefix_url, "valueString", prefix.as_str()));
            trace.carried(&at.down(&format!("{field}/prefix"), &format!("[0].family.{}", extension_path(prefix_url))));
        }
        parts.push(extension(name_url, "valueString", family.name.as_str()));
        trace.carried(&at.down(&format!("{field}/name"), &format!("[0].family.{}", extension_path(name_url))));
    }
    parts
}

/// `J.P.M.` is three initials. What has no full stops, or more than letters and full stops, is kept whole.
fn initials_of(initials: &str) -> Vec<String> {
    if initials.contains(char::is_whitespace) {
        return vec![initials.to_owned()];
    }
    initials.split_inclusive('.').map(str::to_owned).collect()
}

/// Each first name apart; kept whole where more than single spaces stand between them.
fn words_of(names: &str) -> Vec<String> {
    let words: Vec<String> = names.split(' ').map(str::to_owned).collect();
    if words.iter().any(String::is_empty) { vec![names.to_owned()] } else { words }
}

fn parted(trace: &mut Trace, spot: &Spot, parts: &[String], how: &str) {
    if parts.len() == 1 { trace.carried(spot) } else { trace.converted(spot, how) }
}

fn given(name: &mut Object, parts: Vec<String>, qualifier: &str) {
    let marks: Vec<Value> =
        parts.iter().map(|_| json!({ "extension": [extension(QUALIFIER, "valueCode", qualifier)] })).collect();
    name.list("given", parts.into_iter().map(Value::from).collect()).list("_given", marks);
}

/// The name that these FHIR names say; None where they say none of its parts.
pub fn read(names: Option<&Value>) -> Option<HumanName> {
    let mut name = HumanName::default();
    let (mut first, mut initials) = (Vec::new(), Vec::new());
    for one in names.and_then(Value::as_array).into_iter().flatten() {
        // One that is null has its place too: what stands beside it says why.
        let given = one["given"].as_array().into_iter().flatten().enumerate();
        let mut given = given.filter_map(|(i, part)| Some((i, part.as_str()?)));
        if one["use"] == "usual" {
            name.given_name = name.given_name.or_else(|| given.next().map(|(_, called)| called.to_owned()));
            continue;
        }
        for (i, part) in given {
            let initial = value_of(&one["_given"][i], QUALIFIER).as_deref() == Some("IN");
            if initial { initials.push(part.to_owned()) } else { first.push(part.to_owned()) }
        }
        name.name_usage = name.name_usage.or_else(|| value_of(one, ASSEMBLY_ORDER));
        name.titles = name.titles.or_else(|| one["suffix"][0].as_str().map(str::to_owned));
        name.last_name = name.last_name.or_else(|| family(one, OWN));
        name.partner_last_name = name.partner_last_name.or_else(|| family(one, PARTNER));
        if name.last_name.is_none() && name.partner_last_name.is_none() {
            name.last_name = one["family"].as_str().map(|whole| FamilyName { prefix: None, name: whole.to_owned() });
        }
    }
    name.first_names = (!first.is_empty()).then(|| first.join(" "));
    name.initials = (!initials.is_empty()).then(|| initials.concat());
    if name == HumanName::default() {
        // Said in words alone, which nobody can take apart.
        let words = names.and_then(|all| all.as_array()?.iter().find_map(|one| one["text"].as_str()))?;
        name.last_name = Some(FamilyName { prefix: None, name: words.to_owned() });
    }
    Some(name)
}

fn family(name: &Value, (prefix, own): (&str, &str)) -> Option<FamilyName> {
    let parts = &name["_family"];
    value_of(parts, own).map(|name| FamilyName { prefix: value_of(parts, prefix), name })
}

fn value_of(element: &Value, url: &str) -> Option<String> {
    let found = extension_of(element, url)?;
    found["valueString"].as_str().or_else(|| found["valueCode"].as_str()).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn family_name() -> impl Strategy<Value = FamilyName> {
        (proptest::option::of("(van|de|van der)"), "[A-Z][a-z]{1,8}")
            .prop_map(|(prefix, name)| FamilyName { prefix, name })
    }

    fn any_name() -> impl Strategy<Value = HumanName> {
        use proptest::option::of;
        (
            of("[A-Z][a-z]{1,6}( [A-Z][a-z]{1,6})?"),
            of("([A-Z]\\.){1,3}"),
            of("[A-Z][a-z]{1,6}"),
            of("(NL[1-4]|UNK)"),
            of(family_name()),
            of(family_name()),
            of("(dr\\.|ir\\.)"),
        )
            .prop_map(
                |(first_names, initials, given_name, name_usage, last_name, partner_last_name, titles)| HumanName {
                    first_names,
                    initials,
                    given_name,
                    name_usage,
                    last_name,
                    partner_last_name,
                    titles,
                },
            )
    }

    #[test]
    fn a_name_in_words_alone_is_kept_whole() {
        let name = read(Some(&json!([{ "use": "official", "text": "Richard Santos" }]))).unwrap();
        assert_eq!(name.display(), "Richard Santos");
        assert!(read(Some(&json!([{ "use": "official" }]))).is_none());
    }

    proptest! {
        #[test]
        fn every_part_of_a_name_comes_back(name in any_name()) {
            let names = human_names(&name, &Spot::resource("/patient/name", "Patient", "1"), &mut Trace::default());
            prop_assert_eq!(read(Some(&Value::from(names))).unwrap_or_default() == name, true);
        }
    }
}
