//! Reading the Consent resources that say whether the care plan may be shared.

use jiff::Timestamp;
use serde_json::Value;

use super::Statement;
use crate::fhir::{ResourceKey, systems::SHARING_CONSENT};

const REGISTRY_OPT_OUT: &str = "https://overdracht.example/fhir/StructureDefinition/ext-RegistryOptOut";

/// What the patient's record says about sharing the care plan.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SharingConsent {
    pub statement: Statement,
    /// The Consent on which it rests; none where nothing was recorded.
    pub consent: Option<ResourceKey>,
}

/// True for a Consent of the profile `Overdracht-SharingConsent`, whatever it says.
pub fn is_sharing_consent(resource: &Value) -> bool {
    resource["resourceType"] == "Consent"
        && resource["meta"]["profile"].as_array().is_some_and(|profiles| {
            profiles.iter().filter_map(Value::as_str).any(|p| p.split('|').next() == Some(SHARING_CONSENT))
        })
}

/// The current statement, from the active ones. A later decision replaces an earlier one; "unknown" undoes none. A
/// refusal stands until a permission that is certainly later: when the dates leave doubt, the plan stays.
pub fn sharing_consent<'a>(resources: impl IntoIterator<Item = &'a Value>) -> SharingConsent {
    let (mut permits, mut denials, mut undecided) = (Vec::new(), Vec::new(), None);
    for consent in resources.into_iter().filter(|r| is_sharing_consent(r) && r["status"] == "active") {
        match consent["provision"]["type"].as_str() {
            Some("permit") => permits.push(consent),
            Some("deny") => denials.push(consent),
            _ => undecided = Some(consent),
        }
    }
    let standing = |denial: &&&Value| !permits.iter().any(|permit| is_later(date_of(permit), date_of(denial)));
    let (statement, consent) = match (denials.iter().find(standing), permits.last()) {
        (Some(denial), _) => (Statement::No, Some(*denial)),
        (None, Some(permit)) => (Statement::Yes, Some(*permit)),
        (None, None) => (Statement::Unknown, undecided),
    };
    SharingConsent { statement, consent: consent.and_then(ResourceKey::of) }
}

/// The opt-out that a registry record carries on the Patient.
pub fn registry_opt_out<'a>(resources: impl IntoIterator<Item = &'a Value>) -> Statement {
    let patients = resources.into_iter().filter(|resource| resource["resourceType"] == "Patient");
    let mut extensions = patients.flat_map(|patient| patient["extension"].as_array().into_iter().flatten());
    match extensions.find(|extension| extension["url"] == REGISTRY_OPT_OUT).map(|it| &it["valueBoolean"]) {
        Some(Value::Bool(true)) => Statement::Yes,
        Some(Value::Bool(false)) => Statement::No,
        _ => Statement::Unknown,
    }
}

fn date_of(consent: &Value) -> &str {
    consent["dateTime"].as_str().unwrap_or_default()
}

/// True only where `a` is certainly later than `b`: dates may be partial, and 2026-03-05 is not later than 2026-03.
fn is_later(a: &str, b: &str) -> bool {
    if let (Ok(a), Ok(b)) = (a.parse::<Timestamp>(), b.parse::<Timestamp>()) {
        return a > b;
    }
    let shared = a.len().min(b.len()).min("2026-03-05".len());
    a.get(..shared) > b.get(..shared)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn consent(id: &str, date: &str, provision: Option<&str>) -> Value {
        let mut consent = json!({
            "resourceType": "Consent", "id": id, "status": "active", "dateTime": date,
            "meta": { "profile": [SHARING_CONSENT] },
        });
        if let Some(kind) = provision {
            consent["provision"] = json!({ "type": kind });
        }
        consent
    }

    fn says(consents: &[Value]) -> Statement {
        sharing_consent(consents).statement
    }

    #[test]
    fn the_newest_decision_counts_and_unknown_undoes_none() {
        let yes = consent("a", "2026-01-01", Some("permit"));
        let no = consent("b", "2026-02-01", Some("deny"));
        let unknown = consent("c", "2026-03-01", None);
        assert_eq!(says(&[yes.clone(), no.clone(), unknown.clone()]), Statement::No);
        assert_eq!(says(&[no.clone(), yes.clone()]), Statement::No);
        let again = consent("d", "2026-04-01", Some("permit"));
        assert_eq!(says(&[yes, no, again]), Statement::Yes);
        let found = sharing_consent(&[unknown]);
        assert_eq!((found.statement, found.consent), (Statement::Unknown, Some(ResourceKey::new("Consent", "c"))));
        assert_eq!(sharing_consent(&[]), SharingConsent::default());
    }

    #[test]
    fn when_two_cannot_be_ordered_the_plan_stays() {
        let yes = consent("a", "2026-03-05", Some("permit"));
        let no = consent("b", "2026-03", Some("deny"));
        assert_eq!(says(&[yes.clone(), no.clone()]), Statement::No);
        assert_eq!(says(&[no, yes]), Statement::No);
    }

    #[test]
    fn an_opt_out_is_read_from_the_patient() {
        let patient = |out: bool| json!({ "resourceType": "Patient", "extension": [{ "url": REGISTRY_OPT_OUT, "valueBoolean": out }] });
        assert_eq!(registry_opt_out(&[patient(true)]), Statement::Yes);
        assert_eq!(registry_opt_out(&[patient(false)]), Statement::No);
        assert_eq!(registry_opt_out(&[json!({ "resourceType": "Patient" })]), Statement::Unknown);
    }

    #[test]
    fn other_consents_and_inactive_ones_say_nothing() {
        let mut treatment = consent("a", "2026-01-01", Some("deny"));
        treatment["meta"]["profile"] = json!(["http://example.org/TreatmentDirective"]);
        let mut inactive = consent("b", "2026-01-01", Some("deny"));
        inactive["status"] = json!("inactive");
        assert_eq!(says(&[treatment, inactive]), Statement::Unknown);
    }
}
