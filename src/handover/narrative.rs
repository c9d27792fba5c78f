//! Dutch narrative of the sections, from the narratives that the resources carry.

use serde_json::{Value, json};

use crate::mapping::common::narrative::{date, escape};

pub(super) const XHTML: &str = "http://www.w3.org/1999/xhtml";

/// What a locum needs first, in this order: SNOMED CT code of the treatment, and the words.
const FIRST: [(&str, &str); 6] = [
    ("89666000", "Reanimatie"),
    ("32485007", "Opname in het ziekenhuis"),
    ("305351004", "Opname op de intensive care"),
    ("40617009", "Kunstmatige beademing"),
    ("281789004", "Behandeling met antibiotica"),
    ("116762002", "Toediening van bloedproducten"),
];
const SPECIFICATION_OTHER: &str =
    "http://nictiz.nl/fhir/StructureDefinition/ext-TreatmentDirective2.SpecificationOther";
const COMMENT: &str = "http://nictiz.nl/fhir/StructureDefinition/ext-Comment";

/// A `Narrative` of XHTML parts that are complete in themselves.
pub(super) fn narrative(parts: &[String]) -> Value {
    let div = format!("<div xmlns=\"{XHTML}\" lang=\"nl\" xml:lang=\"nl\">{}</div>", parts.concat());
    json!({ "status": "generated", "div": div })
}

pub(super) fn paragraph(text: &str) -> String {
    format!("<p>{}</p>", escape(text))
}

/// The narrative that a resource carries, or what its code says where it carries none.
pub(super) fn of_resource(resource: &Value) -> Option<String> {
    if let Some(div) = resource["text"]["div"].as_str() {
        return Some(div.to_owned());
    }
    let said = [&resource["code"], &resource["description"], &resource["type"], &resource["category"][0]];
    said.iter().find_map(|concept| words(concept)).map(|words| paragraph(&words))
}

/// The six limits on top, each with its decision and date. One that was not agreed says so: unknown is not absent, and
/// two that contradict are both shown.
pub(super) fn limits(directives: &[&Value]) -> String {
    let rows = FIRST.iter().map(|(code, label)| {
        let agreed: Vec<String> =
            directives.iter().filter(|one| is_about(one, code)).map(|one| decision(one)).collect();
        let said = match agreed.as_slice() {
            [] => "niet vastgelegd: vraag het na".to_owned(),
            [one] => one.clone(),
            several => format!("TEGENSTRIJDIG: {}", several.join(" / ")),
        };
        format!("<tr><th>{label}</th><td>{}</td></tr>", escape(&said))
    });
    format!("<table><tbody>{}</tbody></table>", rows.collect::<String>())
}

/// True for a directive that [`limits`] shows.
pub(super) fn is_first(directive: &Value) -> bool {
    FIRST.iter().any(|(code, _)| is_about(directive, code))
}

fn is_about(directive: &Value, code: &str) -> bool {
    let concepts = directive["provision"]["code"].as_array().into_iter().flatten();
    concepts.flat_map(|concept| concept["coding"].as_array().into_iter().flatten()).any(|coding| coding["code"] == code)
}

fn decision(directive: &Value) -> String {
    let extension = |list: &str, url: &str| {
        let found = directive[list].as_array()?.iter().find(|one| one["url"] == url)?;
        found["valueString"].as_str().map(str::to_owned).or_else(|| words(&found["valueCodeableConcept"]))
    };
    let other = extension("modifierExtension", SPECIFICATION_OTHER);
    let mut said = match (other, directive["provision"]["type"].as_str()) {
        (Some(other), _) => other,
        (None, Some("permit")) => "WEL uitvoeren".to_owned(),
        (None, Some("deny")) => "NIET uitvoeren".to_owned(),
        (None, _) => "nog onbekend".to_owned(),
    };
    if let Some(comment) = extension("extension", COMMENT) {
        said.push_str(&format!("; {comment}"));
    }
    if let Some(agreed) = directive["dateTime"].as_str() {
        said.push_str(&format!(" (afgesproken {})", date(agreed)));
    }
    said
}

/// What a CodeableConcept says to a person.
fn words(concept: &Value) -> Option<String> {
    concept["text"].as_str().or_else(|| concept["coding"][0]["display"].as_str()).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn directive(code: &str, kind: Option<&str>) -> Value {
        let mut directive = json!({
            "dateTime": "2026-03-05",
            "provision": { "code": [{ "coding": [{ "code": code }] }] },
        });
        if let Some(kind) = kind {
            directive["provision"]["type"] = json!(kind);
        }
        directive
    }

    #[test]
    fn the_six_limits_stand_in_order_and_a_missing_one_says_so() {
        let (no, yes) = (directive("89666000", Some("deny")), directive("281789004", Some("permit")));
        let table = limits(&[&yes, &no]);
        let at = |text: &str| table.find(text).unwrap_or_else(|| panic!("{text} is not in {table}"));
        assert!(at("Reanimatie") < at("NIET uitvoeren (afgesproken 05-03-2026)"));
        assert!(at("NIET uitvoeren") < at("Opname in het ziekenhuis"));
        assert!(at("antibiotica") < at("WEL uitvoeren"));
        assert_eq!(table.matches("niet vastgelegd").count(), 4);
    }

    #[test]
    fn two_directives_that_contradict_are_both_shown() {
        let (no, yes) = (directive("89666000", Some("deny")), directive("89666000", Some("permit")));
        let table = limits(&[&yes, &no]);
        assert!(table.contains("TEGENSTRIJDIG") && table.contains("WEL") && table.contains("NIET"));
    }

    #[test]
    fn what_a_sender_wrote_cannot_become_markup() {
        let mut other = directive("89666000", None);
        other["modifierExtension"] = json!([{ "url": SPECIFICATION_OTHER, "valueString": "<b>&\u{1}" }]);
        assert!(limits(&[&other]).contains("&lt;b&gt;&amp; ("));
    }
}
