//! Consent. STU3 has no scope: the category tells a treatment directive and an advance directive apart. What R4 says in
//! one provision stands in STU3 as extensions of the zib ([`super::directive`]), or as an exception.

use serde_json::{Value, json};

use super::directive;
use super::draft::{Draft, extend, list, take, take_extensions};
use super::names::nictiz;
use crate::fhir::systems::SNOMED;

/// A kind of Consent that the zibs know.
struct Kind {
    /// Scope of R4: code and words.
    scope: (&'static str, &'static str),
    /// Category of R4: system, code, words.
    category: (&'static str, &'static str, &'static str),
    /// Category of STU3: SNOMED code, and the words where PZP gives them.
    stu3: (&'static str, Option<&'static str>),
}

const TREATMENT: Kind = Kind {
    scope: ("treatment", "Treatment"),
    category: (SNOMED, "129125009", "verrichting met expliciete context"),
    stu3: ("11291000146105", Some("Treatment instructions (record artifact)")),
};
const ADVANCE: Kind = Kind {
    scope: ("adr", "Advanced Care Directive"),
    category: ("http://terminology.hl7.org/CodeSystem/consentcategorycodes", "acd", "Advance Directive"),
    stu3: ("11341000146107", None),
};
const SCOPE: &str = "http://terminology.hl7.org/CodeSystem/consentscope";

pub(super) fn treatment() -> String {
    nictiz("zib-TreatmentDirective-Treatment")
}

fn is(concept: &Value, system: &str, code: &str) -> bool {
    concept["coding"].as_array().into_iter().flatten().any(|one| one["system"] == system && one["code"] == code)
}

pub(super) fn to_stu3(draft: &mut Draft<'_>) {
    let scope = draft.body["scope"].clone();
    let kind = [TREATMENT, ADVANCE].into_iter().find(|kind| is(&scope, SCOPE, kind.scope.0));
    let mut identifiers = draft.take_list("identifier");
    if !identifiers.is_empty() {
        draft.set("identifier", identifiers.remove(0));
        identifiers.iter().for_each(|one| {
            super::kept::keep(&mut draft.body, "Consent", "identifier", one);
        });
    }
    match kind {
        Some(kind) => {
            draft.take("scope");
            for category in draft.body.get_mut("category").and_then(Value::as_array_mut).into_iter().flatten() {
                if is(category, kind.category.0, kind.category.1) {
                    *category = stu3_category(&kind);
                }
            }
            match kind.scope.0 {
                "treatment" => directive::to_stu3(draft),
                _ => advance_to_stu3(draft),
            }
        }
        None => provision_to_stu3(draft),
    }
}

fn stu3_category(kind: &Kind) -> Value {
    let mut coding = json!({ "system": SNOMED, "code": kind.stu3.0 });
    if let Some(display) = kind.stu3.1 {
        coding["display"] = Value::from(display);
    }
    json!({ "coding": [coding] })
}

/// The kind of directive is a further category; PZP repeats it in the extension of the treatment directive.
fn advance_to_stu3(draft: &mut Draft<'_>) {
    let mut provision = draft.take("provision").unwrap_or(json!({}));
    for code in list(take(&mut provision, "code")) {
        extend(&mut draft.body, json!({ "url": treatment(), "valueCodeableConcept": code }));
        let mut categories = draft.take_list("category");
        categories.push(code);
        draft.set_list("category", categories);
    }
    let parties: Vec<Value> =
        list(take(&mut provision, "actor")).into_iter().map(|actor| actor["reference"].clone()).collect();
    draft.set_list("consentingParty", parties);
    rest(draft, provision);
}

/// What is left of a provision after its parts found their place.
pub(super) fn rest(draft: &mut Draft<'_>, provision: Value) {
    for (name, value) in provision.as_object().into_iter().flatten() {
        let element = format!("provision.{name}");
        if matches!(name.as_str(), "provision" | "type") && !value.is_null() {
            draft.refuse(&element, "a directive of STU3 has no place for it, and says something else without it");
        } else if !value.is_null() {
            draft.lose(&element, "a directive of STU3 has no such element");
        }
    }
}

/// Any other Consent: the provision is an exception.
fn provision_to_stu3(draft: &mut Draft<'_>) {
    let Some(mut provision) = draft.take("provision") else { return };
    let codes = list(take(&mut provision, "code"));
    let codings: Vec<Value> = codes.iter().flat_map(|one| list(one.get("coding").cloned())).collect();
    if codes.iter().any(|one| one.get("text").is_some()) {
        draft.lose("provision.code.text", "STU3 has codes here, without a text");
    }
    if !codings.is_empty() {
        provision["code"] = Value::Array(codings);
    }
    if provision.get("type").is_some() {
        draft.set("except", json!([provision]));
        return;
    }
    // Without a type there is neither a permit nor a deny: what it is about stands on the Consent itself.
    let names = ["period", "actor", "action", "purpose", "securityLabel", "dataPeriod", "data"];
    for name in names {
        if let Some(value) = take(&mut provision, name) {
            draft.set(name, value);
        }
    }
    if let Some(codes) = take(&mut provision, "code") {
        extend(&mut draft.body, json!({ "url": untyped(), "valueCodeableConcept": { "coding": codes } }));
    }
    rest(draft, provision);
}

/// What a provision that neither permits nor denies is about.
fn untyped() -> String {
    "http://hl7.org/fhir/4.0/StructureDefinition/extension-Consent.provision.code".to_owned()
}

pub(super) fn to_r4(draft: &mut Draft<'_>) {
    let identifier = draft.take("identifier");
    draft.set_list("identifier", identifier.into_iter().collect());
    let categories = draft.body["category"].as_array().cloned().unwrap_or_default();
    let kind = [TREATMENT, ADVANCE].into_iter().find(|kind| categories.iter().any(|one| is(one, SNOMED, kind.stu3.0)));
    let Some(kind) = kind else { return provision_to_r4(draft) };
    draft.set("scope", json!({ "coding": [{ "system": SCOPE, "code": kind.scope.0, "display": kind.scope.1 }] }));
    let (system, code, display) = kind.category;
    for category in draft.body.get_mut("category").and_then(Value::as_array_mut).into_iter().flatten() {
        if is(category, SNOMED, kind.stu3.0) {
            *category = json!({ "coding": [{ "system": system, "code": code, "display": display }] });
        }
    }
    match kind.scope.0 {
        "treatment" => directive::to_r4(draft),
        _ => advance_to_r4(draft),
    }
    if draft.body["policy"].is_null() && draft.body["policyRule"].is_null() {
        draft.set("policy", json!([{ "uri": crate::mapping::care_plan::POLICY }]));
    }
}

const ROLE: &str = "http://terminology.hl7.org/CodeSystem/v3-RoleCode";

fn advance_to_r4(draft: &mut Draft<'_>) {
    let mut provision = json!({});
    let (known, kinds): (Vec<Value>, Vec<Value>) =
        draft.take_list("category").into_iter().partition(|one| is(one, ADVANCE.category.0, ADVANCE.category.1));
    draft.set_list("category", known);
    let repeated = take_extensions(&mut draft.body, &treatment());
    let repeated = repeated.iter().map(|one| one["valueCodeableConcept"].clone());
    let mut codes = kinds;
    for one in repeated {
        if !codes.contains(&one) {
            codes.push(one);
        }
    }
    if !codes.is_empty() {
        provision["code"] = Value::Array(codes);
    }
    let role = json!({ "coding": [{ "system": ROLE, "code": "RESPRSN", "display": "responsible party" }] });
    let actors = draft.take_list("consentingParty").into_iter();
    let actors: Vec<Value> = actors.map(|one| json!({ "role": role, "reference": one })).collect();
    if !actors.is_empty() {
        provision["actor"] = Value::Array(actors);
    }
    if let Some(period) = draft.take("period") {
        provision["period"] = period;
    }
    if let Some(exception) = draft.take_list("except").into_iter().next() {
        provision["type"] = exception["type"].clone();
    }
    draft.set("provision", provision);
}

fn provision_to_r4(draft: &mut Draft<'_>) {
    let exceptions = draft.take_list("except");
    let untyped = take_extensions(&mut draft.body, &untyped());
    let mut provision = json!({});
    for (i, one) in exceptions.into_iter().enumerate() {
        match i {
            0 => provision = one,
            _ => draft.refuse(&format!("except[{i}]"), "R4 has one provision, and would say something else"),
        }
    }
    let names = ["period", "actor", "action", "purpose", "securityLabel", "dataPeriod", "data"];
    for name in names {
        if let Some(value) = draft.take(name) {
            provision[name] = value;
        }
    }
    if let Some(codes) = take(&mut provision, "code") {
        provision["code"] = list(Some(codes)).into_iter().map(|one| json!({ "coding": [one] })).collect();
    }
    for one in untyped {
        let codings = list(one["valueCodeableConcept"].get("coding").cloned());
        provision["code"] = codings.into_iter().map(|one| json!({ "coding": [one] })).collect();
    }
    let parties = draft.take_list("consentingParty");
    draft.set_list("performer", parties);
    if provision.as_object().is_some_and(|one| !one.is_empty()) {
        draft.set("provision", provision);
    }
}
