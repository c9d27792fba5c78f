//! zib ContactInformation ↔ ContactPoint.

use serde_json::{Value, json};

use super::element::{CODE_SPECIFICATION, NL_CORE, Object, Spot, extension, extension_of, extension_path, listed};
use crate::domain::common::codes::{EMAIL_TYPE, NUMBER_TYPE, TELECOM_TYPE};
use crate::domain::common::{ContactDetails, Email, Telephone, codes};
use crate::mapping::Trace;

/// Codes of AddressUse and what FHIR calls them.
const USES: &[(&str, &str)] = &[("HP", "home"), ("TMP", "temp"), ("WP", "work")];
const SYSTEMS: &[(&str, &str)] = &[("LL", "phone"), ("FAX", "fax"), ("MC", "phone"), ("PG", "pager")];

pub(super) fn look_up<'t>(table: &[(&'t str, &'t str)], code: &str) -> Option<&'t str> {
    table.iter().find(|(zib, _)| *zib == code).map(|(_, fhir)| *fhir)
}

fn look_back<'t>(table: &[(&'t str, &'t str)], code: &str) -> Option<&'t str> {
    table.iter().find(|(_, fhir)| *fhir == code).map(|(zib, _)| *zib)
}

/// Telephones first, then e-mail addresses.
pub fn contact_points(details: Option<&ContactDetails>, at: &Spot, trace: &mut Trace) -> Vec<Value> {
    let Some(details) = details else { return Vec::new() };
    let mut points = Vec::new();
    for (i, telephone) in details.telephones.iter().enumerate() {
        let spot = at.down(&format!("telephones/{i}"), &format!("[{}]", points.len()));
        points.push(phone(telephone, &spot, trace));
    }
    for (i, email) in details.emails.iter().enumerate() {
        let spot = at.down(&format!("emails/{i}"), &format!("[{}]", points.len()));
        points.push(mail(email, &spot, trace));
    }
    points
}

fn phone(telephone: &Telephone, at: &Spot, trace: &mut Trace) -> Value {
    let mut point = Object::new();
    if let Some(comment) = &telephone.comment {
        let url = format!("{NL_CORE}ext-Comment");
        point.set("extension", json!([extension(&url, "valueString", comment.as_str())]));
        trace.carried(&at.down("comment", &extension_path(&url)));
    }
    match &telephone.telecom_type {
        Some(kind) => {
            let specification = extension(CODE_SPECIFICATION, "valueCodeableConcept", listed(TELECOM_TYPE, kind));
            point.set("system", look_up(SYSTEMS, kind).unwrap_or("phone"));
            point.set("_system", json!({ "extension": [specification] }));
            trace.carried(&at.down("telecomType", "system"));
        }
        None => {
            point.set("system", "phone");
            trace.defaulted(
                &at.down("telecomType", "system"),
                "FHIR asks for a system: a telephone without a kind is a phone",
            );
        }
    }
    point.set("value", telephone.number.as_str());
    trace.carried(&at.down("number", "value"));
    if let Some(kind) = &telephone.number_type {
        point.maybe("use", look_up(USES, kind));
        trace.converted(&at.down("numberType", "use"), "the zib's code became FHIR's");
    }
    point.build()
}

fn mail(email: &Email, at: &Spot, trace: &mut Trace) -> Value {
    let mut point = Object::new();
    point.set("system", "email").set("value", email.address.as_str());
    trace.carried(&at.down("address", "value"));
    if let Some(kind) = &email.email_type {
        point.maybe("use", look_up(USES, kind));
        trace.converted(&at.down("emailType", "use"), "the zib's code became FHIR's");
    }
    point.build()
}

/// A contact point of an organisation, of which FHIR lets no use be `home` (org-3): the zib's code says it instead.
pub(super) fn without_home(point: &mut Value) {
    if point["use"] == "home"
        && let Some(point) = point.as_object_mut()
    {
        point.shift_remove("use");
        let specification = extension(CODE_SPECIFICATION, "valueCodeableConcept", listed(NUMBER_TYPE, "HP"));
        point.insert("_use".to_owned(), json!({ "extension": [specification] }));
    }
}

/// The zib's code of an element that has it beside FHIR's.
fn specified(element: &Value) -> Option<&str> {
    extension_of(element, CODE_SPECIFICATION)?["valueCodeableConcept"]["coding"][0]["code"].as_str()
}

/// The contact details that these ContactPoints say; None where there are none.
pub fn read(points: Option<&Value>) -> Option<ContactDetails> {
    let mut details = ContactDetails::default();
    for point in points.and_then(Value::as_array).into_iter().flatten() {
        let Some(value) = point["value"].as_str().map(str::to_owned) else { continue };
        let kind = point["use"].as_str().and_then(|code| look_back(USES, code)).or_else(|| specified(&point["_use"]));
        let kind = kind.map(str::to_owned);
        if point["system"] == "email" {
            let email_type = kind.filter(|code| codes::find(EMAIL_TYPE, code).is_some());
            details.emails.push(Email { address: value, email_type });
            continue;
        }
        let system = point["system"].as_str().filter(|system| *system != "phone");
        let telecom_type = specified(&point["_system"])
            .or_else(|| system.and_then(|system| look_back(SYSTEMS, system)))
            .map(str::to_owned);
        let comment = extension_of(point, &format!("{NL_CORE}ext-Comment"))
            .and_then(|extension| extension["valueString"].as_str())
            .map(str::to_owned);
        let number_type = kind.filter(|code| codes::find(NUMBER_TYPE, code).is_some());
        details.telephones.push(Telephone { number: value, telecom_type, number_type, comment });
    }
    (details != ContactDetails::default()).then_some(details)
}
