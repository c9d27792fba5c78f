//! How each statement stands, written on the resources: status, mark and narrative.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::policy::{Standing, standings};
use super::statement::{CONTACT_PERSONS, ICD, has_ended, role_topic, said, statements};
use crate::mapping::care_plan::consent::is_treatment_directive;
use crate::mapping::care_plan::device::YES;
use crate::mapping::common::element::{extension_of, listed_code};
use crate::mapping::common::narrative;

/// On a statement that another one replaced: which (`valueReference`).
pub const REPLACED_BY: &str = "https://overdracht.example/fhir/StructureDefinition/ext-ReplacedBy";
/// On a statement that contradicts another one of which neither is newer: which (`valueReference`).
pub const CONFLICTS_WITH: &str = "https://overdracht.example/fhir/StructureDefinition/ext-ConflictsWith";

/// Before the narrative of what its own words ended.
const ENDED: &str = "Beëindigd";

/// True for a resource, or a role of a contact person, that a newer one replaced.
pub fn is_replaced(element: &Value) -> bool {
    extension_of(element, REPLACED_BY).is_some()
}

/// True for a statement that neither was replaced, nor has ended, nor was a mistake.
pub fn holds(resource: &Value) -> bool {
    let status = resource["status"].as_str().or(resource["lifecycleStatus"].as_str()).unwrap_or_default();
    let ended = match resource["resourceType"].as_str().unwrap_or_default() {
        "DeviceUseStatement" => status == "completed",
        "RelatedPerson" => resource["active"] == false,
        _ => matches!(status, "inactive" | "rejected" | "revoked" | "cancelled"),
    };
    !ended && status != "entered-in-error" && !is_replaced(resource)
}

/// How a resource stands, from the standings of its statements; numbers are places in the list of resources.
#[derive(Default)]
struct Mark {
    replaced_by: Option<usize>,
    conflicts: Vec<usize>,
    ended: bool,
    /// Topics of roles that the newest plan gives to somebody else, with who that is.
    roles: Vec<(String, usize)>,
}

/// The resources of a patient as they must be stored: each statement with its status, marks and narrative. Everything
/// else is returned as it came. Settling again changes nothing, and the order makes no difference.
///
/// Give it all that is stored of one patient, with what a document brings in place of its own older version.
pub fn settle(mut resources: Vec<Value>, now: Timestamp) -> Vec<Value> {
    let mut all = Vec::new();
    let mut owners = Vec::new();
    for (place, resource) in resources.iter().enumerate() {
        for one in statements(resource, now) {
            all.push(one);
            owners.push(place);
        }
    }
    let mut marks: Vec<Option<Mark>> = resources.iter().map(|_| None).collect();
    let standings = standings(&all);
    for ((one, standing), owner) in all.iter().zip(standings).zip(&owners) {
        let person = resources[*owner]["resourceType"] == "RelatedPerson";
        if marks[*owner].is_some() && !person {
            // What follows from a statement stands with it.
            continue;
        }
        let mark = marks[*owner].get_or_insert_default();
        let role = person && one.topic != CONTACT_PERSONS;
        match standing {
            Standing::Current => {}
            Standing::Ended => mark.ended = true,
            Standing::ReplacedBy(by) if role => mark.roles.push((one.topic.clone(), owners[by])),
            Standing::ReplacedBy(by) => mark.replaced_by = Some(owners[by]),
            Standing::ConflictsWith(others) => mark.conflicts = others.iter().map(|j| owners[*j]).collect(),
        }
    }
    // Who still speaks for the patient, or is still the first to call, stands whoever else is named.
    for (place, mark) in marks.iter_mut().enumerate() {
        let Some(mark) = mark else { continue };
        let roles = resources[place]["relationship"].as_array().into_iter().flatten().filter_map(role_topic);
        if roles.into_iter().any(|topic| mark.roles.iter().all(|(lost, _)| *lost != topic)) {
            mark.replaced_by = None;
        }
    }
    let names: Vec<Value> = resources.iter().map(name).collect();
    let dates: Vec<String> =
        resources.iter().map(|one| said(one).map(|date| narrative::date(date.as_str())).unwrap_or_default()).collect();
    let absent: Vec<bool> = resources.iter().map(says_no_icd).collect();
    for (resource, mark) in resources.iter_mut().zip(marks) {
        let Some(mark) = mark else { continue };
        let gone = mark.replaced_by.is_some_and(|by| absent[by]);
        set_status(resource, &mark, gone, now);
        let of = |url: &str, place: usize| json!({ "url": url, "valueReference": names[place] });
        let mut extensions: Vec<Value> = mark.replaced_by.iter().map(|by| of(REPLACED_BY, *by)).collect();
        let mut conflicts: Vec<Value> = mark.conflicts.iter().map(|other| of(CONFLICTS_WITH, *other)).collect();
        // The order makes no difference to what is said, and must make none to what is stored.
        conflicts.sort_by_key(|mark| mark["valueReference"]["reference"].to_string());
        extensions.extend(conflicts);
        set_marks(resource, extensions);
        let concepts = resource.get_mut("relationship").and_then(Value::as_array_mut);
        for concept in concepts.into_iter().flatten() {
            let lost = role_topic(concept).and_then(|topic| mark.roles.iter().find(|(lost, _)| *lost == topic));
            let marks = lost.map(|(_, by)| of(REPLACED_BY, *by)).into_iter().collect();
            set_marks(concept, marks);
        }
        let words = match &mark {
            Mark { replaced_by: Some(by), .. } if dates[*by].is_empty() => "Vervangen door iets anders".to_owned(),
            Mark { replaced_by: Some(by), .. } => format!("Vervangen door wat op {} is vastgelegd", dates[*by]),
            Mark { ended: true, .. } => ENDED.to_owned(),
            Mark { conflicts, .. } if !conflicts.is_empty() => "TEGENSTRIJDIG: er is ook iets anders vastgelegd, en \
                                                                niet te zeggen is welk van beide nieuwer is"
                .to_owned(),
            _ => String::new(),
        };
        narrative::set_standing(resource, &words);
    }
    resources
}

/// A stored statement as it stands on the day that it is read: what its own words ended since it was stored no longer
/// holds, though no document came that says so. None where it stands as it is stored.
pub fn as_of(resource: &Value, now: Timestamp) -> Option<Value> {
    let ended = has_ended(resource, now) && holds(resource);
    ended.then(|| {
        let mut resource = resource.clone();
        set_status(&mut resource, &Mark { ended: true, ..Mark::default() }, false, now);
        narrative::set_standing(&mut resource, ENDED);
        resource
    })
}

/// A reference to a resource by its type and id.
fn name(resource: &Value) -> Value {
    let text = |field: &str| resource[field].as_str().unwrap_or_default();
    json!({ "reference": format!("{}/{}", text("resourceType"), text("id")) })
}

/// True for the answer that there is no ICD.
fn says_no_icd(resource: &Value) -> bool {
    use crate::domain::common::codes::YES_NO_UNKNOWN;
    resource["resourceType"] == "Observation"
        && ICD.ends_with(resource["code"]["coding"][0]["code"].as_str().unwrap_or("-"))
        && listed_code(YES_NO_UNKNOWN, &resource["valueCodeableConcept"]).is_some_and(|code| code != YES)
}

/// The status that FHIR has for it. An Observation stays `final`: it is true that it was said, and only its mark tells
/// that it no longer holds.
fn set_status(resource: &mut Value, mark: &Mark, gone: bool, now: Timestamp) {
    let over = mark.replaced_by.is_some() || mark.ended;
    let kind = resource["resourceType"].as_str().unwrap_or_default().to_owned();
    match kind.as_str() {
        // Whether the patient agrees to share is not known yet: proposed, until it is.
        "Consent" if !over && !is_treatment_directive(resource) && resource["scope"]["coding"][0]["code"] != "adr" => {
            let known = resource["provision"]["type"].is_string();
            resource["status"] = json!(if known { "active" } else { "proposed" });
        }
        "Consent" => resource["status"] = json!(if over { "inactive" } else { "active" }),
        "CareTeam" => {
            let later = statements(resource, now).iter().any(|one| one.topic != "in charge");
            resource["status"] = json!(match (over, later) {
                (true, _) => "inactive",
                (false, true) => "proposed",
                (false, false) => "active",
            });
        }
        "Goal" => resource["lifecycleStatus"] = json!(if over { "cancelled" } else { "active" }),
        "CommunicationRequest" => resource["status"] = json!(if over { "revoked" } else { "active" }),
        // A newer plan that describes an ICD too does not say that this one was taken out.
        "DeviceUseStatement" => resource["status"] = json!(if mark.ended || gone { "completed" } else { "active" }),
        "RelatedPerson" => resource["active"] = json!(!over),
        _ => {}
    }
}

/// These marks, in place of those that the element had.
fn set_marks(element: &mut Value, marks: Vec<Value>) {
    let mut extensions = element["extension"].as_array().cloned().unwrap_or_default();
    extensions.retain(|one| one["url"] != REPLACED_BY && one["url"] != CONFLICTS_WITH);
    extensions.extend(marks);
    let Some(object) = element.as_object_mut() else { return };
    if extensions.is_empty() {
        object.shift_remove("extension");
    } else {
        object.insert("extension".to_owned(), Value::Array(extensions));
    }
}
