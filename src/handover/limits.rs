//! What a locum needs first: whether the patient decides, and the limits of treatment, in one table.

use serde_json::Value;

use super::narrative::paragraph;
use crate::mapping::care_plan::limits;
use crate::mapping::care_plan::limits::{ALWAYS, LIMITS, NOT_RECORDED, beside, decided, place};
use crate::mapping::common::narrative::escape;

/// The limits, each with its decision and date. One that was not agreed says so, and two that contradict are both
/// shown.
pub(super) fn table(directives: &[&Value]) -> String {
    let rows = LIMITS.iter().enumerate().filter_map(|(i, (_, label))| {
        let about: Vec<&Value> = directives.iter().copied().filter(|one| place(one) == Some(i)).collect();
        let agreed: Vec<String> = about.iter().map(|one| said(one)).collect();
        let differ = about.iter().any(|one| decided(one) != decided(about[0]));
        let said = match agreed.as_slice() {
            [] if i < ALWAYS => NOT_RECORDED.to_owned(),
            [] => return None,
            several if differ => format!("<b>TEGENSTRIJDIG:</b> {}", several.join(" / ")),
            several => several.join(" / "),
        };
        Some(format!("<tr><th>{label}</th><td>{said}</td></tr>"))
    });
    format!("<table><tbody>{}</tbody></table>", rows.collect::<String>())
}

/// The decision, which stands out, with its comment and date.
fn said(directive: &Value) -> String {
    format!("<b>{}</b>{}", escape(&decided(directive)), escape(&beside(directive)))
}

/// Whether the patient can decide about treatment, and who decides instead; none where the plan does not say.
pub(super) fn capacity(patient: &Value, resources: &[&Value]) -> Option<String> {
    let said = limits::capacity(patient, resources)?;
    Some(if said.cannot { format!("<p><b>{}</b></p>", escape(&said.words)) } else { paragraph(&said.words) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mapping::care_plan::SPECIFICATION_OTHER;
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
        assert!(at("Reanimatie") < at("NIET uitvoeren</b> (besproken 05-03-2026)"));
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
        assert!(table(&[&other]).contains("&lt;b&gt;&amp;</b> ("));
    }
}
