//! What a locum needs first: whether the patient decides, and the limits of treatment, in one table.

use serde_json::Value;

use super::narrative::{paragraph, words};
use crate::mapping::care_plan::current::is_replaced;
use crate::mapping::care_plan::{LEGAL_REPRESENTATIVE, SPECIFICATION_OTHER};
use crate::mapping::common::narrative::{date, escape};

/// SNOMED CT code of the treatment, and the words, in the order of urgency.
const LIMITS: [(&str, &str); 7] = [
    ("89666000", "Reanimatie"),
    ("32485007", "Opname in het ziekenhuis"),
    ("305351004", "Opname op de intensive care"),
    ("40617009", "Kunstmatige beademing"),
    ("281789004", "Behandeling met antibiotica"),
    ("116762002", "Toediening van bloedproducten"),
    ("400231000146108", "Uitzetten van de ICD in de laatste levensfase"),
];
/// These are shown also where nothing was agreed: unknown is not absent. Not everybody has an ICD.
const ALWAYS: usize = 6;
const COMMENT: &str = "http://nictiz.nl/fhir/StructureDefinition/ext-Comment";
const LEGALLY_CAPABLE: &str =
    "https://api.iknl.nl/docs/pzp/r4/StructureDefinition/ext-LegallyCapable-MedicalTreatmentDecisions";

/// The limits, each with its decision and date. One that was not agreed says so, and two that contradict are both
/// shown.
pub(super) fn table(directives: &[&Value]) -> String {
    let rows = LIMITS.iter().enumerate().filter_map(|(i, (_, label))| {
        let about: Vec<&Value> = directives.iter().copied().filter(|one| place(one) == Some(i)).collect();
        let agreed: Vec<String> = about.iter().map(|one| said(one)).collect();
        let differ = about.iter().any(|one| decision(one) != decision(about[0]));
        let said = match agreed.as_slice() {
            [] if i < ALWAYS => "niet vastgelegd: vraag het na".to_owned(),
            [] => return None,
            several if differ => format!("TEGENSTRIJDIG: {}", several.join(" / ")),
            several => several.join(" / "),
        };
        Some(format!("<tr><th>{label}</th><td>{}</td></tr>", escape(&said)))
    });
    format!("<table><tbody>{}</tbody></table>", rows.collect::<String>())
}

/// The row of [`table`] that says all of this directive; none where it has no row.
pub(super) fn place(directive: &Value) -> Option<usize> {
    let treatments = directive["provision"]["code"].as_array()?;
    treatments.iter().find_map(|treatment| {
        // PZP says the ICD's deactivation in the text, beside a code that means "other".
        let text = treatment["text"].as_str().unwrap_or_default();
        let coded =
            |code: &str| treatment["coding"].as_array().is_some_and(|all| all.iter().any(|it| it["code"] == code));
        LIMITS.iter().position(|(code, _)| coded(code) || text.contains(code))
    })
}

/// The words of an extension in one of a directive's lists.
fn extension(directive: &Value, list: &str, url: &str) -> Option<String> {
    let found = directive[list].as_array()?.iter().find(|one| one["url"] == url)?;
    found["valueString"].as_str().map(str::to_owned).or_else(|| words(&found["valueCodeableConcept"]))
}

fn decision(directive: &Value) -> String {
    let other = extension(directive, "modifierExtension", SPECIFICATION_OTHER);
    match (other, directive["provision"]["type"].as_str()) {
        (Some(other), _) => other,
        (None, Some("permit")) => "WEL uitvoeren".to_owned(),
        (None, Some("deny")) => "NIET uitvoeren".to_owned(),
        (None, _) => "nog onbekend".to_owned(),
    }
}

/// The decision with its comment and date.
fn said(directive: &Value) -> String {
    let mut said = decision(directive);
    if let Some(comment) = extension(directive, "extension", COMMENT) {
        said.push_str(&format!("; {comment}"));
    }
    if let Some(agreed) = directive["dateTime"].as_str() {
        said.push_str(&format!(" (afgesproken {})", date(agreed)));
    }
    said
}

/// Whether the patient can decide about treatment, and who decides instead; none where the plan does not say.
pub(super) fn capacity(patient: &Value, resources: &[&Value]) -> Option<String> {
    let all = patient["extension"].as_array()?;
    let parts = all.iter().find(|one| one["url"] == LEGALLY_CAPABLE)?["extension"].as_array()?;
    let part = |url: &str| parts.iter().find(|one| one["url"] == url);
    let capable = part("legallyCapable").and_then(|one| one["valueBoolean"].as_bool());
    let mut said = match capable {
        Some(true) => "De patiënt is wilsbekwaam voor beslissingen over behandeling".to_owned(),
        Some(false) => "De patiënt is NIET wilsbekwaam voor beslissingen over behandeling".to_owned(),
        None => "Of de patiënt wilsbekwaam is voor beslissingen over behandeling, is niet vastgelegd".to_owned(),
    };
    if let Some(comment) = part("legallyCapableComment").and_then(|one| one["valueString"].as_str()) {
        said.push_str(&format!(": {comment}"));
    }
    said.push('.');
    let representatives = resources.iter().filter(|one| is_representative(one)).filter_map(|one| named(one));
    let representatives: Vec<String> = representatives.collect();
    if !representatives.is_empty() {
        said.push_str(&format!(" Wettelijk vertegenwoordiger: {}.", representatives.join("; ")));
    }
    Some(match capable {
        Some(false) => format!("<p><b>{}</b></p>", escape(&said)),
        _ => paragraph(&said),
    })
}

fn is_representative(person: &Value) -> bool {
    let relationships = person["relationship"].as_array().into_iter().flatten();
    person["resourceType"] == "RelatedPerson"
        && relationships
            .filter(|one| !is_replaced(one))
            .flat_map(|one| one["coding"].as_array().into_iter().flatten())
            .any(|coding| coding["code"] == LEGAL_REPRESENTATIVE)
}

/// Name and telephone number of a person.
fn named(person: &Value) -> Option<String> {
    let name = person["name"][0]["text"].as_str()?;
    let telecoms = person["telecom"].as_array().into_iter().flatten();
    let phone = telecoms.filter(|one| one["system"] == "phone").find_map(|one| one["value"].as_str());
    Some(phone.map_or_else(|| name.to_owned(), |phone| format!("{name}, {phone}")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

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
        let table = table(&[&yes, &no]);
        let at = |text: &str| table.find(text).unwrap_or_else(|| panic!("{text} is not in {table}"));
        assert!(at("Reanimatie") < at("NIET uitvoeren (afgesproken 05-03-2026)"));
        assert!(at("NIET uitvoeren") < at("Opname in het ziekenhuis"));
        assert!(at("antibiotica") < at("WEL uitvoeren"));
        assert_eq!(table.matches("niet vastgelegd").count(), 4);
        assert!(!table.contains("ICD"), "without a word about an ICD there is no row");
    }

    #[test]
    fn switching_off_an_icd_is_a_limit_however_it_is_said() {
        let mut off = directive("OTH", Some("permit"));
        off["provision"]["code"][0]["text"] = json!("uitzetten (SNOMED CT - 400231000146108)");
        for directive in [off, directive("400231000146108", Some("permit"))] {
            assert_eq!(place(&directive), Some(6));
            assert!(table(&[&directive]).contains("ICD"));
        }
    }

    #[test]
    fn two_directives_that_contradict_are_both_shown() {
        let (no, yes) = (directive("89666000", Some("deny")), directive("89666000", Some("permit")));
        let table = table(&[&no, &yes]);
        assert!(table.contains("TEGENSTRIJDIG") && table.contains("WEL") && table.contains("NIET"));
        assert!(!self::table(&[&no, &no]).contains("TEGENSTRIJDIG"), "two that say the same contradict nothing");
    }

    #[test]
    fn what_a_sender_wrote_cannot_become_markup() {
        let mut other = directive("89666000", None);
        other["modifierExtension"] = json!([{ "url": SPECIFICATION_OTHER, "valueString": "<b>&\u{1}" }]);
        assert!(table(&[&other]).contains("&lt;b&gt;&amp; ("));
    }

    #[test]
    fn who_decides_for_a_patient_who_cannot_is_named_with_a_number() {
        let patient = |capable: Value| {
            json!({ "extension": [{ "url": LEGALLY_CAPABLE, "extension": [
                { "url": "legallyCapable", "valueBoolean": capable },
                { "url": "legallyCapableComment", "valueString": "<dementie>" },
            ] }] })
        };
        let mentor = json!({
            "resourceType": "RelatedPerson", "name": [{ "text": "A. Mentor" }],
            "relationship": [{ "coding": [{ "code": LEGAL_REPRESENTATIVE }] }],
            "telecom": [{ "system": "phone", "value": "06 55550000" }],
        });
        let said = capacity(&patient(json!(false)), &[&mentor]).expect("the plan says so");
        assert_eq!(
            said,
            "<p><b>De patiënt is NIET wilsbekwaam voor beslissingen over behandeling: &lt;dementie&gt;. Wettelijk \
             vertegenwoordiger: A. Mentor, 06 55550000.</b></p>"
        );
        assert!(capacity(&patient(json!(true)), &[]).is_some_and(|said| said.contains("is wilsbekwaam")));
        assert_eq!(capacity(&json!({}), &[&mentor]), None);
    }
}
