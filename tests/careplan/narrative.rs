//! The narrative as a person meets it: whatever a sender wrote, and in the order in which a locum reads.

use overdracht::domain::{self, Kind};
use overdracht::mapping::common::narrative::narrative;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::generate;
use super::{VALIDATOR, common, file, mapped, now};

/// What senders put into free text, and what they should not.
fn hostile() -> impl Strategy<Value = String> {
    let pieces = prop_oneof![
        Just("<script>alert(1)</script>".to_owned()),
        Just("</td></table></div>".to_owned()),
        Just("<!-- ".to_owned()),
        Just("]]>".to_owned()),
        Just("&amp;&nbsp;&#0;&".to_owned()),
        Just("\" onclick='x'".to_owned()),
        Just("\u{0}\u{8}\u{b}\u{1f}\u{7f}\u{85}\u{9f}".to_owned()),
        Just("\u{202e}neit\u{202c}\u{2067}x\u{2069}\u{200f}".to_owned()),
        Just("\u{fffe}\u{ffff}\u{feff}".to_owned()),
        Just("\r\n\tregel twee\n".to_owned()),
        Just("👩🏽‍⚕️🫀 e\u{301}".to_owned()),
        Just("lang ".repeat(2000)),
        any::<String>(),
    ];
    prop::collection::vec(pieces, 1..5).prop_map(|pieces| pieces.concat())
}

/// The text of a narrative as a reader of XML gets it: every tag must be one of ours, and what is left is unescaped.
fn read(div: &str) -> String {
    let mut text = String::new();
    let mut rest = div;
    while let Some((before, tag)) = rest.split_once('<') {
        text.push_str(before);
        let (tag, after) = tag.split_once('>').expect("a tag ends");
        let name = tag.trim_start_matches('/').split([' ', '/']).next().unwrap_or_default();
        assert!(["div", "p", "b", "table", "tbody", "tr", "th", "td", "br"].contains(&name), "<{tag}>");
        if name == "br" {
            text.push('\n');
        }
        rest = after;
    }
    text.push_str(rest);
    ["&lt;", "&gt;", "&quot;", "&amp;"]
        .iter()
        .zip(["<", ">", "\"", "&"])
        .fold(text, |text, (escaped, plain)| text.replace(escaped, plain))
}

/// Without what no reader sees, and with one kind of line end.
fn visible(text: &str) -> String {
    let hidden = |c: char| {
        (c.is_control() && !matches!(c, '\n' | '\t'))
            || matches!(c, '\u{fffe}' | '\u{ffff}' | '\u{200e}' | '\u{200f}' | '\u{61c}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    text.chars().filter(|c| !hidden(*c)).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn what_a_sender_wrote_is_read_as_it_was_written(text in hostile()) {
        if !common::packages() {
            return Ok(());
        }
        let said = narrative("Wens", &[("Toelichting", text.clone())]);
        let div = said["div"].as_str().expect("text");
        let visible = visible(&text);
        let expected = if text.is_empty() { "Wens".to_owned() } else { format!("WensToelichting{visible}") };
        prop_assert_eq!(read(div), expected);
        // FHIR's own check of a narrative finds nothing.
        let basic = json!({ "resourceType": "Basic", "text": said, "code": { "text": "x" } });
        let found: Vec<String> = VALIDATOR.validate(&basic, &[]).into_iter()
            .filter(|issue| issue.severity.refuses()).map(|issue| format!("{} {}", issue.id, issue.text)).collect();
        prop_assert_eq!(found, Vec::<String>::new());
    }

    #[test]
    fn a_plan_with_any_words_has_narratives_that_are_sound(seed in any::<u64>(), text in hostile()) {
        if !common::packages() {
            return Ok(());
        }
        let text: String = text.chars().filter(|c| !c.is_control() || matches!(c, '\n' | '\t')).take(1500).collect();
        prop_assume!(!text.trim().is_empty());
        let mut sent = generate::document(Kind::CarePlan, seed).0;
        sent["specificCareWishes"] = json!({ "wishes": text });
        sent["treatmentDirectives"] = json!([
            { "treatment": "89666000", "decision": "1", "specificationOther": text, "comment": text },
            { "treatment": "OTH", "otherTreatment": text, "decision": "2" },
        ]);
        let Ok(document) = domain::parse(Kind::CarePlan, &sent, now()) else { return Ok(()) };
        for resource in mapped(&document).resources {
            let narratives = narratives(&resource);
            prop_assert!(!narratives.is_empty());
            for one in narratives {
                let div = one["div"].as_str().expect("text");
                prop_assert!(div.starts_with("<div xmlns=\"http://www.w3.org/1999/xhtml\" lang=\"nl\""), "{div}");
                read(div);
                let basic = json!({ "resourceType": "Basic", "text": one, "code": { "text": "x" } });
                let found: Vec<&str> = VALIDATOR.validate(&basic, &[]).iter()
                    .filter(|issue| issue.severity.refuses()).map(|issue| issue.id).collect();
                prop_assert!(found.is_empty(), "{found:?}");
            }
        }
    }
}

/// The narrative of a resource and of its sections.
fn narratives(resource: &Value) -> Vec<&Value> {
    let sections = resource["section"].as_array().into_iter().flatten().map(|section| &section["text"]);
    std::iter::once(&resource["text"]).chain(sections).filter(|text| !text.is_null()).collect()
}

fn plan_of(changes: Value) -> String {
    let mut sent = file("fixtures/prostate-bone/care-plan.json");
    for (name, value) in changes.as_object().expect("an object") {
        sent[name] = value.clone();
    }
    let document = domain::parse(Kind::CarePlan, &sent, now()).unwrap_or_else(|faults| panic!("{faults:#?}"));
    let mapped = mapped(&document);
    let composition = mapped.resources.iter().find(|one| one["resourceType"] == "Composition").expect("a plan");
    read(composition["text"]["div"].as_str().expect("text"))
}

#[test]
fn a_locum_reads_whose_plan_it_is_and_then_whether_to_resuscitate() {
    let said = plan_of(json!({ "earlierAgreements": { "recorded": "373067005" } }));
    assert!(said.starts_with("Proactieve zorgplanning: Willem Adriaan PostmaReanimatieNIET uitvoeren"), "{said}");
}

#[test]
fn a_limit_that_was_not_agreed_upon_is_said_to_be_unknown() {
    let said = plan_of(json!({ "treatmentDirectives": [{ "treatment": "40617009", "decision": "2" }] }));
    assert_eq!(said.matches("niet vastgelegd: vraag het na").count(), 5, "{said}");
    assert!(said.contains("Kunstmatige beademingNIET uitvoeren"), "{said}");
}

#[test]
fn who_cannot_decide_is_told_before_the_limits() {
    let said = plan_of(json!({ "legalCapacity": { "capable": false, "comment": "delier" } }));
    let place = |words: &str| said.find(words).unwrap_or_else(|| panic!("{words} is not in {said}"));
    assert!(place("NIET wilsbekwaam") < place("Reanimatie"));
}

#[test]
fn no_word_of_a_narrative_is_in_code_or_in_english() {
    for person in common::PEOPLE {
        let sent = file(&format!("fixtures/{person}/care-plan.json"));
        let document = domain::parse(Kind::CarePlan, &sent, now()).expect("a fixture");
        for resource in mapped(&document).resources {
            for one in narratives(&resource) {
                let said = read(one["div"].as_str().expect("text"));
                for word in ["Patient ", "Unknown", "null", "UNK", "SNOMED", "urn:", "http", "active", "Consent"] {
                    assert!(!said.contains(word), "{person}: {} says {word}: {said}", resource["resourceType"]);
                }
                let code = said.split(|c: char| !c.is_ascii_digit()).find(|run| run.len() > 12);
                assert!(code.is_none(), "{person}: {} says a code: {said}", resource["resourceType"]);
            }
        }
    }
}
