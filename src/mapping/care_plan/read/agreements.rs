//! Consents: treatment directives, the deactivation of an ICD, advance directives, sharing; and the problems.

use serde_json::{Value, json};

use super::Reader;
use crate::domain::common::codes::{ADVANCE_DIRECTIVE_TYPE, ICD_DECISION, TREATMENT, TREATMENT_DECISION, find};
use crate::fhir::{Issue, IssueCode, ResourceKey};
use crate::mapping::Fate;
use crate::mapping::care_plan::composition::has_profile;
use crate::mapping::care_plan::consent::{
    ADDITIONAL, DEACTIVATION_CODE, DISORDER, REASON_FOR_ENDING, SPECIFICATION_OTHER, decision, is_treatment_directive,
};
use crate::mapping::common::element::{extension_of, is_stated, listed_code};

impl<'r> Reader<'r> {
    pub(super) fn agreements(&mut self) {
        self.problems();
        let found = self.of("Consent", |one| one["scope"]["coding"][0]["code"] == "adr");
        for (i, (key, one)) in self.list("advanceDirectives", found).into_iter().enumerate() {
            self.advance_directive(one, key, &format!("/advanceDirectives/{i}"));
        }
        let mut number = 0;
        let found = self.of("Consent", is_treatment_directive);
        for (_, one) in self.list("treatmentDirectives", found) {
            if is_deactivation(one) {
                self.agreement(one, "/icdDeactivation");
                continue;
            }
            let at = format!("/treatmentDirectives/{number}");
            let code = &one["provision"]["code"][0];
            self.put(one, "provision.code[0]", &format!("{at}/treatment"), listed_code(TREATMENT, code));
            let words = code["coding"].is_array().then(|| code["text"].clone());
            self.put(one, "provision.code[0].text", &format!("{at}/otherTreatment"), words);
            self.agreement(one, &at);
            number += 1;
        }
        for one in self.of("Consent", |one| has_profile(one, "Overdracht-SharingConsent")) {
            let said = match one["provision"]["type"].as_str() {
                Some("permit") => "yes",
                Some(_) => "refused",
                None => "unknown",
            };
            self.put(one, "provision", "/sharingConsent", Some(said));
        }
    }

    /// What a treatment directive and the deactivation of an ICD have in common.
    fn agreement(&mut self, one: &'r Value, at: &str) {
        let code = decision(one).map(|(_, code)| code);
        self.put(one, "extension", &format!("{at}/decision"), code);
        let other = one["modifierExtension"].as_array().into_iter().flatten();
        let other = other.filter(|other| is_stated(&other["_valueString"]));
        if let Some(text) =
            other.filter(|one| one["url"] == SPECIFICATION_OTHER).find_map(|one| one["valueString"].as_str())
        {
            // A restriction of another decision than `otherwise` stands behind the decision's own words.
            let words = code
                .and_then(|code| find(TREATMENT_DECISION, code).or_else(|| find(ICD_DECISION, code)))
                .map(|entry| format!("{}: ", entry.display))
                .filter(|_| code != Some("1"));
            let own = words.and_then(|words| text.strip_prefix(words.as_str())).unwrap_or(text);
            // Words that are the decision itself (another system's `Onbekend`) say nothing besides.
            if self.ours || code == Some("1") || own != text {
                self.put(one, "modifierExtension", &format!("{at}/specificationOther"), Some(own));
            }
        }
        self.stated(one, "dateTime", &format!("{at}/discussedAt"));
        let provision = &one["provision"];
        self.put(one, "provision.period.end", &format!("{at}/endedAt"), Some(provision["period"]["end"].clone()));
        let reason = extension_of(provision, REASON_FOR_ENDING).map(|one| one["valueString"].clone());
        self.put(one, "provision.extension", &format!("{at}/reasonEnded"), reason);
        self.comment(one, &format!("{at}/comment"));
        let more = one["extension"].as_array().into_iter().flatten().filter(|one| one["url"] == ADDITIONAL);
        let directives: Vec<String> = std::iter::once(&one["sourceReference"])
            .chain(more.map(|one| &one["valueReference"]))
            .filter_map(|reference| self.key("advanceDirectives", reference))
            .collect();
        for (i, key) in directives.into_iter().enumerate() {
            self.put(one, "sourceReference", &format!("{at}/advanceDirectives/{i}"), Some(key));
        }
        let actors = provision["actor"].as_array().into_iter().flatten().filter(|actor| is_stated(actor));
        let parties: Vec<Value> = actors.filter_map(|actor| self.party(&actor["reference"], &one["patient"])).collect();
        if parties.len() == 1 {
            self.too_few_parties(one);
            return;
        }
        for (i, party) in parties.into_iter().enumerate() {
            self.put(one, &format!("provision.actor[{i}]"), &format!("{at}/agreementParties/{i}"), Some(party));
        }
    }

    /// An agreement of a document has two parties; one alone is told, and those of the conversation hold.
    fn too_few_parties(&mut self, one: &Value) {
        let Some(key) = ResourceKey::of(one) else { return };
        let at = format!("{key}#Consent.provision.actor");
        let text = "An agreement has at least two parties; the one that is named was not taken in.";
        self.warnings.push(Issue::warning(IssueCode::Incomplete, "care-plan-one-party", text).at(at.as_str()));
        let reason = "an agreement has at least two parties".to_owned();
        self.trace.add(at, None, Fate::NotCarried { reason });
    }

    fn party(&self, reference: &Value, patient: &Value) -> Option<Value> {
        // Whom the agreement is about may be somebody whose resource stays at home.
        if !patient["reference"].is_null() && patient["reference"] == reference["reference"] {
            return Some(json!({ "patient": true }));
        }
        let person = if reference["reference"].is_null() { self.named(reference["display"].as_str()?) } else { None };
        if let Some(person) = person {
            return Some(json!({ "representative": self.key("contactPersons", &person)? }));
        }
        match self.at(reference)["resourceType"].as_str()? {
            "Patient" => Some(json!({ "patient": true })),
            "RelatedPerson" => Some(json!({ "representative": self.key("contactPersons", reference)? })),
            _ => Some(json!({ "practitioner": self.key("practitioners", reference)? })),
        }
    }

    /// A reference to the one contact person who is called so: STU3 says with whom it was agreed in words alone.
    fn named(&self, words: &str) -> Option<Value> {
        let called = |one: &Value| {
            let key = ResourceKey::of(one).map(|key| key.to_string());
            let name = one["name"].as_array().into_iter().flatten().find_map(|name| name["text"].as_str());
            name.is_some_and(|name| name == words)
                || self.resources.iter().any(|other| is_called(other, key.as_deref().unwrap_or_default(), words))
        };
        match self.of("RelatedPerson", called).as_slice() {
            [only] => Some(json!({ "reference": ResourceKey::of(only)?.to_string() })),
            _ => None,
        }
    }

    fn advance_directive(&mut self, one: &'r Value, key: String, at: &str) {
        self.put(one, "id", &format!("{at}/key"), Some(key));
        let code = listed_code(ADVANCE_DIRECTIVE_TYPE, &one["provision"]["code"][0]);
        self.put(one, "provision.code[0]", &format!("{at}/type"), code);
        self.put(one, "dateTime", &format!("{at}/date"), Some(one["dateTime"].clone()));
        let all = one["extension"].as_array().into_iter().flatten().filter(|one| one["url"] == DISORDER);
        let disorders: Vec<String> = all.filter_map(|one| self.key("problems", &one["valueReference"])).collect();
        for (i, key) in disorders.into_iter().enumerate() {
            self.put(one, "extension", &format!("{at}/disorders/{i}"), Some(key));
        }
        let person = self.key("contactPersons", &one["provision"]["actor"][0]["reference"]);
        self.put(one, "provision.actor[0].reference", &format!("{at}/representative"), person);
        for field in ["contentType", "data", "title", "creation"] {
            let value = one["sourceAttachment"][field].clone();
            self.put(one, &format!("sourceAttachment.{field}"), &format!("{at}/document/{field}"), Some(value));
        }
        self.comment(one, &format!("{at}/comment"));
    }

    fn problems(&mut self) {
        let found = self.of("Condition", |one| has_profile(one, "nl-core-Problem"));
        for (i, (key, one)) in self.list("problems", found).into_iter().enumerate() {
            let at = format!("/problems/{i}");
            self.put(one, "id", &format!("{at}/key"), Some(key));
            let coding = Some(&one["code"]["coding"][0]).filter(|coding| is_stated(coding));
            for field in ["system", "code", "display"] {
                let value = coding.map(|coding| coding[field].clone());
                self.put(one, &format!("code.coding[0].{field}"), &format!("{at}/code/{field}"), Some(value));
            }
            self.put(one, "code.text", &format!("{at}/text"), Some(one["code"]["text"].clone()));
        }
    }
}

/// True where a reference to this resource stands beside these words.
fn is_called(value: &Value, key: &str, words: &str) -> bool {
    match value {
        Value::Array(items) => items.iter().any(|item| is_called(item, key, words)),
        Value::Object(object) => {
            let is = |name: &str, text: &str| object.get(name).is_some_and(|found| found == text);
            (is("reference", key) && is("display", words)) || object.values().any(|value| is_called(value, key, words))
        }
        _ => false,
    }
}

/// PZP tells the deactivation of an ICD apart by words, in which its code stands.
fn is_deactivation(consent: &Value) -> bool {
    let code = &consent["provision"]["code"][0];
    code["text"].as_str().is_some_and(|text| text.contains(DEACTIVATION_CODE))
        || code["coding"].as_array().into_iter().flatten().any(|coding| coding["code"] == DEACTIVATION_CODE)
}
