//! The people of a care plan: professionals, contact persons, who is in charge, and what the plan adds to the patient.

use serde_json::{Value, json};

use super::context::{Context, practitioner_concept, pzp};
use crate::domain::care_plan::InCharge;
use crate::domain::common::ListCode;
use crate::domain::common::codes::ROLE;
use crate::mapping::Trace;
use crate::mapping::common::element::{NOT_STATED, Object, Spot, extension, extension_path, listed, stated_as};
use crate::mapping::common::narrative::{self, narrative};
use crate::mapping::common::practitioner::{self, Canonicals};
use crate::mapping::common::related_person;

pub const LEGAL_REPRESENTATIVE: &str = "24";
pub const FIRST_CONTACT: &str = "01";
/// SNOMED CT, where the other roles are of the zib's own list.
pub const AUTHORISED_IN_WRITING: &str = "310141000146103";
const CONTACT_PERSON: &str = "23";
const RELATED_PERSON: &str = "http://hl7.org/fhir/StructureDefinition/patient-relatedPerson";
/// Whether, when and by whom the GP accepted who is in charge.
pub const ACCEPTED_BY_GP: &str = "https://overdracht.example/fhir/StructureDefinition/ext-AcceptedByGp";

pub fn practitioners(context: Context<'_>, trace: &mut Trace) -> Vec<Value> {
    let (person, role) = (pzp("ACP-HealthProfessional-Practitioner"), pzp("ACP-HealthProfessional-PractitionerRole"));
    let canonicals = Canonicals { practitioner: Some(&person), role: Some(&role) };
    let mut resources = Vec::new();
    for (i, entry) in context.content().practitioners.iter().enumerate() {
        let (source, concept) = (format!("/practitioners/{i}"), practitioner_concept(&entry.key));
        resources.extend(practitioner::practitioner(&entry.value, context.ids, &concept, &source, canonicals, trace));
        let role = practitioner::role_id(&entry.value, context.ids, &concept);
        trace
            .converted(&Spot::resource(format!("{source}/key"), "PractitionerRole", &role), "a key became a reference");
    }
    resources
}

/// A RelatedPerson for each contact person; PZP asks for a role, so one that follows from how the plan mentions the
/// person is added where it is missing.
pub fn contact_persons(context: Context<'_>, trace: &mut Trace) -> Vec<Value> {
    let content = context.content();
    let official = pzp("ACP-ContactPerson");
    let mut resources = Vec::new();
    for (i, entry) in content.contact_persons.iter().enumerate() {
        let (source, id) = (format!("/contactPersons/{i}"), context.person_id(&entry.key));
        let at = Spot::resource(source.as_str(), "RelatedPerson", &id);
        trace.converted(&at.down("key", "id"), "a key became a reference");
        let mut derived = Vec::new();
        for (role, reason) in derived_roles(context, &entry.key) {
            let said = entry.value.roles.iter().any(|code| *code == ListCode::Listed(role.to_owned()));
            let listed_role = entry.value.roles.iter().any(|code| matches!(code, ListCode::Listed(_)));
            let needed = role != CONTACT_PERSON || (!listed_role && !mentioned(context, &entry.key));
            if !said && needed {
                let mut concept = listed(ROLE, role);
                concept["extension"] = stated_as(NOT_STATED)["extension"].clone();
                trace.defaulted(&at.down("roles", &format!("relationship[{}]", derived.len())), reason);
                derived.push(concept);
            }
        }
        let person = related_person::Person { person: &entry.value, derived, id: &id, source: &source };
        let mut resource = related_person::related_person(person, context.ids, &[&official], trace);
        if let Some(object) = resource.as_object_mut() {
            let extensions = object.entry("extension").or_insert_with(|| json!([]));
            extensions.as_array_mut().into_iter().for_each(|all| all.push(context.said_on()));
        }
        resources.push(resource);
    }
    for (field, keys) in [
        ("/legalRepresentative", content.legal_representative.iter().collect::<Vec<_>>()),
        ("/firstContacts", content.first_contacts.iter().collect()),
    ] {
        for (i, key) in keys.into_iter().enumerate() {
            let source = if field == "/firstContacts" { format!("{field}/{i}") } else { field.to_owned() };
            let spot = Spot::resource(source, "RelatedPerson", &context.person_id(key));
            trace.converted(&spot.element("relationship"), "became the role of the person");
        }
    }
    resources
}

/// Whether the plan gives the person a role of its own beside those that the entry lists.
fn mentioned(context: Context<'_>, key: &str) -> bool {
    let content = context.content();
    content.legal_representative.as_deref() == Some(key) || content.first_contacts.iter().any(|first| first == key)
}

fn derived_roles(context: Context<'_>, key: &str) -> Vec<(&'static str, &'static str)> {
    let content = context.content();
    let representative = content.legal_representative.as_deref() == Some(key);
    let mut roles = Vec::new();
    if representative {
        roles.push((LEGAL_REPRESENTATIVE, "the plan names the person as legal representative"));
    }
    if content.first_contacts.iter().any(|first| first == key) {
        roles.push((FIRST_CONTACT, "the plan names the person as first contact"));
    } else if representative && content.legal_representative_is_contact_person == Some(true) {
        roles.push((FIRST_CONTACT, "the plan says that the representative is the first contact too"));
    }
    roles.push((CONTACT_PERSON, "PZP asks for a role of its list, and the plan gives none"));
    roles
}

/// Adds to the Patient what only the plan knows: legal capacity and contact persons.
pub fn extend_patient(context: Context<'_>, patient: &mut Value, persons: &[Value], trace: &mut Trace) {
    let at = Spot::resource("", "Patient", &context.ids.patient);
    if let Some(capacity) = &context.content().legal_capacity {
        let url = pzp("ext-LegallyCapable-MedicalTreatmentDecisions");
        let element = |part: &str| format!("{}.{}", extension_path(&url), extension_path(part));
        let mut parts = Vec::new();
        if let Some(capable) = capacity.capable {
            parts.push(extension("legallyCapable", "valueBoolean", capable));
            trace.carried(&at.down("legalCapacity/capable", &element("legallyCapable")));
        }
        if let Some(comment) = &capacity.comment {
            parts.push(extension("legallyCapableComment", "valueString", comment.as_str()));
            trace.carried(&at.down("legalCapacity/comment", &element("legallyCapableComment")));
        }
        if let Some(extensions) = patient["extension"].as_array_mut() {
            extensions.push(json!({ "url": url, "extension": parts }));
        }
    }
    let mut contacts: Vec<Value> = Vec::new();
    for (person, contact) in persons.iter().filter_map(|person| Some((person, contact(person)?))) {
        let from = Spot::resource("", "RelatedPerson", person["id"].as_str().unwrap_or_default()).target;
        let to = format!("{}.contact[{}]", at.target, contacts.len());
        for (element, copy) in
            [("relationship", "relationship"), ("name[0]", "name"), ("telecom", "telecom"), ("address[0]", "address")]
        {
            if contact.get(copy).is_some() {
                trace.copied(&format!("{from}.{element}"), &format!("{to}.{copy}"));
            }
        }
        contacts.push(contact);
    }
    if !contacts.is_empty() {
        patient["contact"] = Value::Array(contacts);
    }
}

/// `Patient.contact` of a RelatedPerson. FHIR asks for a detail beside the relationship; without one there is none.
fn contact(person: &Value) -> Option<Value> {
    let mut contact = Object::new();
    let reference =
        json!({ "reference": format!("RelatedPerson/{}", person["id"].as_str()?), "type": "RelatedPerson" });
    contact.set("extension", json!([extension(RELATED_PERSON, "valueReference", reference)]));
    contact.maybe("relationship", person.get("relationship").cloned());
    let name = person["name"].get(0).filter(|name| name["use"] == "official").cloned();
    let (telecom, address) = (person.get("telecom").cloned(), person["address"].get(0).cloned());
    if name.is_none() && telecom.is_none() && address.is_none() {
        return None;
    }
    contact.maybe("name", name).maybe("telecom", telecom).maybe("address", address);
    Some(contact.build())
}

/// A CareTeam of own profile: who is in charge, from when to when, and whether the GP accepted it.
pub fn in_charge(context: Context<'_>, charge: &InCharge, trace: &mut Trace) -> Value {
    let id = context.id("in-charge");
    let at = Spot::resource("/inCharge", "CareTeam", &id);
    let mut resource = Object::resource("CareTeam", &id, "Overdracht-InCharge", &[]);
    let member = context.practitioner(&charge.practitioner);
    let name = member.as_ref().and_then(|one| one["display"].as_str()).unwrap_or_default().to_owned();
    let reached = context.content().practitioner(&charge.practitioner).and_then(|one| one.contact_details.as_ref());
    let telephones: Vec<&str> =
        reached.iter().flat_map(|details| &details.telephones).map(|one| one.number.as_str()).collect();
    let accepted = charge.accepted_by_gp.map(|yes| if yes { "ja" } else { "nee" }).unwrap_or("niet bekend");
    let said = |moment: &Option<_>| {
        moment.as_ref().map(|one: &crate::domain::common::Moment| narrative::date(one.as_str())).unwrap_or_default()
    };
    resource.set(
        "text",
        narrative(
            "Regie",
            &[
                ("Regievoerder", name),
                ("Telefoon", telephones.join(", ")),
                ("Vanaf", said(&charge.from)),
                ("Tot", said(&charge.to)),
                ("Aanvaard door huisarts", accepted.to_owned()),
            ],
        ),
    );
    let element = |part: &str| format!("{}.{}", extension_path(ACCEPTED_BY_GP), extension_path(part));
    let mut parts = Vec::new();
    if let Some(accepted) = charge.accepted_by_gp {
        parts.push(extension("accepted", "valueBoolean", accepted));
        trace.carried(&at.down("acceptedByGp", &element("accepted")));
    }
    if let Some(moment) = &charge.accepted_at {
        parts.push(extension("at", "valueDateTime", moment.as_str()));
        trace.carried(&at.down("acceptedAt", &element("at")));
    }
    if let Some(gp) = charge.accepted_by.as_deref().and_then(|key| context.practitioner(key)) {
        parts.push(extension("by", "valueReference", gp));
        trace.converted(&at.down("acceptedBy", &element("by")), "a key became a reference");
    }
    let mut extensions = vec![context.said_on()];
    if !parts.is_empty() {
        extensions.push(json!({ "url": ACCEPTED_BY_GP, "extension": parts }));
    }
    resource.set("extension", extensions);
    resource.set("status", if charge.to.is_some() { "inactive" } else { "active" }).set("subject", context.patient());
    let mut period = Object::new();
    for (field, element, moment) in [("from", "start", &charge.from), ("to", "end", &charge.to)] {
        if let Some(moment) = moment {
            period.set(element, moment.as_str());
            trace.carried(&at.down(field, &format!("period.{element}")));
        }
    }
    if !period.is_empty() {
        resource.set("period", period.build());
    }
    let mut participant = Object::new();
    participant.maybe("member", member);
    trace.converted(&at.down("practitioner", "participant[0].member"), "a key became a reference");
    resource.set("participant", json!([participant.build()]));
    resource.build()
}
