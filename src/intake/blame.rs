//! A fault in what was made of a document, told at the field of the document that it comes from.

use serde_json::Value;

use crate::fhir::{Issue, ResourceKey};
use crate::mapping::Trace;

/// The issue with `at` as a JSON pointer into the sender's document, and the element of the resource in its text. The
/// field is the one that was mapped to the nearest element; the document itself where none was.
pub(super) fn at_the_source(issue: Issue, resource: &Value, trace: &Trace) -> Issue {
    let Some(key) = ResourceKey::of(resource) else { return issue.at("") };
    let element = issue.at.clone().unwrap_or_else(|| key.resource_type.clone());
    let wanted = without_indices(&element);
    let prefix = format!("{key}#");
    let nearest = trace
        .rows
        .iter()
        .filter_map(|row| Some((row, without_indices(row.target.as_deref()?.strip_prefix(&prefix)?))))
        // Of equals the last counts, so the first field is put last.
        .rev()
        .max_by_key(|(_, target)| common_steps(target, &wanted))
        .map(|(row, _)| row.source.clone());
    let text = format!("{} (in {element})", issue.text);
    Issue { text, at: Some(nearest.unwrap_or_default()), ..issue }
}

/// `Consent.provision.code[0]` → `Consent.provision.code`.
fn without_indices(expression: &str) -> String {
    let mut depth = 0;
    expression
        .chars()
        .filter(|c| {
            match c {
                '[' => depth += 1,
                ']' => {
                    depth -= 1;
                    return false;
                }
                _ => {}
            }
            depth == 0
        })
        .collect()
}

fn common_steps(one: &str, other: &str) -> usize {
    one.split('.').zip(other.split('.')).take_while(|(a, b)| a == b).count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fhir::IssueCode;
    use crate::mapping::Fate;
    use serde_json::json;

    #[test]
    fn a_fault_is_told_at_the_field_that_was_mapped_nearest_to_it() {
        let mut trace = Trace::default();
        trace.add("/treatments/0/decision", Some("Consent/c#Consent.provision.type".into()), Fate::Carried);
        trace.add("/treatments/0/code", Some("Consent/c#Consent.provision.code".into()), Fate::Carried);
        trace.add("/treatments/1/code", Some("Consent/d#Consent.provision.code".into()), Fate::Carried);
        let consent = json!({"resourceType": "Consent", "id": "c"});
        let issue = Issue::error(IssueCode::CodeInvalid, "x", "Not in the value set.");
        let told = at_the_source(issue.clone().at("Consent.provision.code[0].coding[0]"), &consent, &trace);
        assert_eq!(told.at.as_deref(), Some("/treatments/0/code"));
        assert!(told.text.ends_with("(in Consent.provision.code[0].coding[0])"));
        let goal = json!({"resourceType": "Goal", "id": "g"});
        assert_eq!(at_the_source(issue, &goal, &trace).at.as_deref(), Some(""));
    }
}
