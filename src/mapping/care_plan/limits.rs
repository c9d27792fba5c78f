//! The limits of treatment in the words in which they are read at night, and who decides.

use serde_json::Value;

use super::consent::{DEACTIVATION_CODE, decision, specification};
use super::context::pzp;
use super::current::is_replaced;
use super::people::LEGAL_REPRESENTATIVE;
use crate::domain::common::codes::{ICD_DECISION, TREATMENT_DECISION, TREATMENT_DECISION_SYSTEM, find};
use crate::mapping::common::element::{NL_CORE, extension_of};
use crate::mapping::common::narrative;

/// SNOMED CT code of each treatment and what it is called at the bedside, in the order of urgency.
pub const LIMITS: [(&str, &str); 7] = [
    ("89666000", "Reanimatie"),
    ("32485007", "Opname in het ziekenhuis"),
    ("305351004", "Opname op de intensive care"),
    ("40617009", "Kunstmatige beademing"),
    ("281789004", "Behandeling met antibiotica"),
    ("116762002", "Toediening van bloedproducten"),
    (DEACTIVATION_CODE, "Uitzetten van de ICD in de laatste levensfase"),
];
/// These are shown also where nothing was agreed: unknown is not absent. Not everybody has an ICD.
pub const ALWAYS: usize = 6;
pub const NOT_RECORDED: &str = "niet vastgelegd: vraag het na";

/// Which of [`LIMITS`] a treatment directive is about; none for another treatment.
pub fn place(directive: &Value) -> Option<usize> {
    let treatments = directive["provision"]["code"].as_array()?;
    treatments.iter().find_map(|treatment| {
        // PZP says the ICD's deactivation in the text, beside a code that means "other".
        let text = treatment["text"].as_str().unwrap_or_default();
        let coded =
            |code: &str| treatment["coding"].as_array().is_some_and(|all| all.iter().any(|it| it["code"] == code));
        LIMITS.iter().position(|(code, _)| coded(code) || text.contains(code))
    })
}

/// What a treatment directive is about.
pub fn treatment(directive: &Value) -> String {
    let code = &directive["provision"]["code"][0];
    let words = || code["text"].as_str().or(code["coding"][0]["display"].as_str()).unwrap_or("Andere behandeling");
    place(directive).map_or_else(|| words().to_owned(), |at| LIMITS[at].1.to_owned())
}

/// What was decided, so that no plain yes or no is read where there is a restriction or no decision.
pub fn decided(directive: &Value) -> String {
    let Some((system, code)) = decision(directive) else { return "niet duidelijk: vraag het na".to_owned() };
    let known = find(TREATMENT_DECISION, code).or_else(|| find(ICD_DECISION, code)).map_or("", |one| one.display);
    // A restriction stands behind the words of a plain decision, and a decision without one is those words alone.
    let said = specification(directive).filter(|text| *text != known);
    let said = said.map(|text| text.strip_prefix(known).and_then(|rest| rest.strip_prefix(": ")).unwrap_or(text));
    match (system == TREATMENT_DECISION_SYSTEM, code, said) {
        (true, "0", None) => "WEL uitvoeren".to_owned(),
        (true, "0", Some(more)) => format!("WEL uitvoeren: {more}"),
        (true, "2", None) => "NIET uitvoeren".to_owned(),
        (true, "2", Some(more)) => format!("NIET uitvoeren: {more}"),
        (true, _, Some(more)) => more.to_owned(),
        (true, _, None) => "anders, en niet gezegd hoe: vraag het na".to_owned(),
        (false, "NASK", _) => "niet besproken: vraag het na".to_owned(),
        (false, "ASKU", _) => "nog geen besluit genomen".to_owned(),
        (false, _, None) => "nog onbekend: vraag het na".to_owned(),
        (false, _, Some(more)) => format!("nog onbekend: {more}"),
    }
}

/// What is said beside the decision: the comment, and when it was discussed.
pub fn beside(directive: &Value) -> String {
    let comment = extension_of(directive, &format!("{NL_CORE}ext-Comment")).and_then(|one| one["valueString"].as_str());
    let comment = comment.map(|comment| format!("; {comment}")).unwrap_or_default();
    let date = directive["dateTime"].as_str().map(|date| format!(" (besproken {})", narrative::date(date)));
    format!("{comment}{}", date.unwrap_or_default())
}

/// Whether the patient can decide about treatment, and who decides instead.
pub struct Capacity {
    pub words: String,
    /// The patient cannot: who reads on must know first.
    pub cannot: bool,
}

/// None where the plan does not say.
pub fn capacity(patient: &Value, resources: &[&Value]) -> Option<Capacity> {
    let said = extension_of(patient, &pzp("ext-LegallyCapable-MedicalTreatmentDecisions"))?;
    let capable = extension_of(said, "legallyCapable").and_then(|one| one["valueBoolean"].as_bool());
    let mut words = match capable {
        Some(true) => "De patiënt is wilsbekwaam voor beslissingen over behandeling".to_owned(),
        Some(false) => "De patiënt is NIET wilsbekwaam voor beslissingen over behandeling".to_owned(),
        None => "Of de patiënt wilsbekwaam is voor beslissingen over behandeling, is niet vastgelegd".to_owned(),
    };
    if let Some(comment) = extension_of(said, "legallyCapableComment").and_then(|one| one["valueString"].as_str()) {
        words.push_str(&format!(": {comment}"));
    }
    words.push('.');
    let representatives: Vec<String> =
        resources.iter().filter(|one| is_representative(one)).filter_map(|one| named(one)).collect();
    if !representatives.is_empty() {
        words.push_str(&format!(" Wettelijk vertegenwoordiger: {}.", representatives.join("; ")));
    }
    Some(Capacity { words, cannot: capable == Some(false) })
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
    use super::super::consent::{DECISION, SPECIFICATION_OTHER};
    use super::*;
    use crate::fhir::systems::NULL_FLAVOR;
    use serde_json::json;

    fn directive(system: &str, code: &str, other: Option<&str>) -> Value {
        let mut one = json!({
            "extension": [{ "url": DECISION, "valueCodeableConcept": { "coding": [{ "system": system, "code": code }] } }],
            "provision": { "code": [{ "coding": [{ "code": "89666000" }] }] },
        });
        if let Some(other) = other {
            one["modifierExtension"] = json!([{ "url": SPECIFICATION_OTHER, "valueString": other }]);
        }
        one
    }

    #[test]
    fn a_plain_yes_or_no_is_read_only_where_it_is_one() {
        let zib = TREATMENT_DECISION_SYSTEM;
        for (system, code, other, words) in [
            (zib, "0", None, "WEL uitvoeren"),
            (zib, "2", None, "NIET uitvoeren"),
            (zib, "2", Some("Niet uitvoeren: behalve bij een operatie"), "NIET uitvoeren: behalve bij een operatie"),
            (zib, "1", Some("Alleen thuis"), "Alleen thuis"),
            (zib, "1", Some("Anders"), "anders, en niet gezegd hoe: vraag het na"),
            (NULL_FLAVOR, "UNK", Some("Onbekend"), "nog onbekend: vraag het na"),
            (NULL_FLAVOR, "NASK", Some("Niet besproken"), "niet besproken: vraag het na"),
            (NULL_FLAVOR, "ASKU", Some("Nee, nog geen besluit genomen"), "nog geen besluit genomen"),
        ] {
            assert_eq!(decided(&directive(system, code, other)), words, "{code} {other:?}");
        }
        assert_eq!(decided(&json!({})), "niet duidelijk: vraag het na");
    }

    #[test]
    fn who_decides_for_a_patient_who_cannot_is_named_with_a_number() {
        let patient = |capable: Value| {
            json!({ "extension": [{ "url": pzp("ext-LegallyCapable-MedicalTreatmentDecisions"), "extension": [
                { "url": "legallyCapable", "valueBoolean": capable },
                { "url": "legallyCapableComment", "valueString": "dementie" },
            ] }] })
        };
        let mentor = json!({
            "resourceType": "RelatedPerson", "name": [{ "text": "A. Mentor" }],
            "relationship": [{ "coding": [{ "code": LEGAL_REPRESENTATIVE }] }],
            "telecom": [{ "system": "phone", "value": "06 55550000" }],
        });
        let said = capacity(&patient(json!(false)), &[&mentor]).expect("the plan says so");
        let words = "De patiënt is NIET wilsbekwaam voor beslissingen over behandeling: dementie. Wettelijk \
                     vertegenwoordiger: A. Mentor, 06 55550000.";
        assert_eq!((said.words.as_str(), said.cannot), (words, true));
        assert!(capacity(&patient(json!(true)), &[]).is_some_and(|said| said.words.contains("is wilsbekwaam")));
        assert!(capacity(&json!({}), &[&mentor]).is_none());
    }
}
