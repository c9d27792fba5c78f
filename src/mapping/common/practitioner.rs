//! zib HealthProfessional → Practitioner and PractitionerRole (with the Organization where given).

use serde_json::{Value, json};

use super::element::{NL_CORE, Object, Spot, identifier_path, json_of, listed, listed_code, reference};
use super::narrative::narrative;
use super::{name, organization, telecom};
use crate::domain::Identifier;
use crate::domain::common::codes::{self, SPECIALTY};
use crate::domain::common::{HumanName, Practitioner};
use crate::fhir::systems::{AGB, BIG, UZI};
use crate::mapping::{Ids, Party, Trace};

const AGB_SPECIALTIES: &str = "urn:oid:2.16.840.1.113883.2.4.6.7";

/// The official canonicals that a document's kind adds to those of nl-core.
#[derive(Clone, Copy, Default)]
pub struct Canonicals<'c> {
    pub practitioner: Option<&'c str>,
    pub role: Option<&'c str>,
}

/// A professional as a document mentions one.
struct Mention<'m> {
    practitioner: &'m Practitioner,
    ids: &'m Ids,
    concept: &'m str,
    source: &'m str,
    canonicals: Canonicals<'m>,
}

fn numbers(practitioner: &Practitioner) -> Vec<(&'static str, Identifier)> {
    let mut numbers = Vec::new();
    numbers.extend(practitioner.uzi.as_ref().map(|uzi| ("uzi", Identifier::new(UZI, uzi.as_str()))));
    numbers.extend(practitioner.agb.as_ref().map(|agb| ("agb", Identifier::new(AGB, agb.as_str()))));
    numbers.extend(practitioner.big.as_ref().map(|big| ("big", Identifier::new(BIG, big.as_str()))));
    numbers
}

/// The party of a professional; None where no number names it.
pub fn party(practitioner: &Practitioner) -> Option<Party> {
    let identifiers: Vec<Identifier> = numbers(practitioner).into_iter().map(|(_, number)| number).collect();
    (!identifiers.is_empty()).then_some(Party { resource_type: "Practitioner", identifiers })
}

/// The professional and the organisation, as far as numbers name them.
pub fn parties(practitioner: &Practitioner) -> Vec<Party> {
    let place = practitioner.organization.as_ref().and_then(organization::party);
    party(practitioner).into_iter().chain(place).collect()
}

/// The logical id of the Practitioner. `concept` names one without a number within the document.
pub fn id(practitioner: &Practitioner, ids: &Ids, concept: &str) -> String {
    party(practitioner).map_or_else(|| ids.derived(concept), |party| ids.party(&party, concept))
}

/// The logical id of the PractitionerRole: the same person at the same organisation with the same specialty has one
/// role, whichever document brings it.
pub fn role_id(practitioner: &Practitioner, ids: &Ids, concept: &str) -> String {
    let person = id(practitioner, ids, concept);
    let place = practitioner.organization.as_ref().map(|place| organization::id(place, ids)).unwrap_or_default();
    let specialty = practitioner.specialty.as_deref().unwrap_or_default();
    let agb_specialty = practitioner.agb_specialty.as_deref().unwrap_or_default();
    Ids::shared(&["practitioner-role", &person, &place, specialty, agb_specialty])
}

pub fn display(practitioner: &Practitioner) -> Option<String> {
    practitioner.name.as_ref().map(HumanName::display)
}

/// A reference to the role of the professional.
pub fn role_reference(practitioner: &Practitioner, ids: &Ids, concept: &str) -> Value {
    reference("PractitionerRole", &role_id(practitioner, ids, concept), display(practitioner))
}

/// zib HealthProfessional of a role, the person who has it, and the organisation; Null stands for what is not there.
pub fn read(role: &Value, person: &Value, place: &Value) -> Value {
    let mut practitioner = Object::new();
    for (field, system) in [("uzi", UZI), ("agb", AGB), ("big", BIG)] {
        practitioner.maybe(field, organization::number_of(person, system));
    }
    practitioner.maybe("name", json_of(name::read(person.get("name"))));
    for concept in role["specialty"].as_array().into_iter().flatten() {
        let coding = &concept["coding"][0];
        let field = if coding["system"] == AGB_SPECIALTIES { "agbSpecialty" } else { "specialty" };
        practitioner.maybe(field, listed_code(SPECIALTY, concept));
    }
    if !place.is_null() {
        practitioner.set("organization", organization::read(place));
    }
    let telecom = telecom::read(role.get("telecom")).or_else(|| telecom::read(person.get("telecom")));
    practitioner.maybe("contactDetails", json_of(telecom));
    practitioner.build()
}

/// Practitioner, Organization where given, and PractitionerRole, in this order.
pub fn practitioner(
    practitioner: &Practitioner,
    ids: &Ids,
    concept: &str,
    source: &str,
    canonicals: Canonicals<'_>,
    trace: &mut Trace,
) -> Vec<Value> {
    let mention = Mention { practitioner, ids, concept, source, canonicals };
    let mut resources = vec![person(&mention, trace)];
    if let Some(place) = &practitioner.organization {
        resources.push(organization::organization(place, ids, &format!("{source}/organization"), trace));
    }
    resources.push(role(&mention, trace));
    resources
}

fn person(mention: &Mention<'_>, trace: &mut Trace) -> Value {
    let Mention { practitioner, ids, concept, source, canonicals } = *mention;
    let id = id(practitioner, ids, concept);
    let at = Spot::resource(source, "Practitioner", &id);
    let nl_core = format!("{NL_CORE}nl-core-HealthProfessional-Practitioner");
    let official: Vec<&str> = std::iter::once(nl_core.as_str()).chain(canonicals.practitioner).collect();
    let mut resource = Object::resource("Practitioner", &id, "Overdracht-Practitioner", &official);
    resource.set("text", narrative("Zorgverlener", &[("Naam", display(practitioner).unwrap_or_default())]));
    let mut identifiers = Vec::new();
    for (field, number) in numbers(practitioner) {
        trace.carried(&at.down(field, &identifier_path(&number.system)));
        identifiers.push(json!({ "system": number.system, "value": number.value }));
    }
    resource.list("identifier", identifiers);
    if let Some(name) = &practitioner.name {
        resource.list("name", name::human_names(name, &at.down("name", "name"), trace));
    }
    resource.build()
}

fn role(mention: &Mention<'_>, trace: &mut Trace) -> Value {
    let Mention { practitioner, ids, concept, source, canonicals } = *mention;
    let id = role_id(practitioner, ids, concept);
    let at = Spot::resource(source, "PractitionerRole", &id);
    let nl_core = format!("{NL_CORE}nl-core-HealthProfessional-PractitionerRole");
    let official: Vec<&str> = std::iter::once(nl_core.as_str()).chain(canonicals.role).collect();
    let mut resource = Object::resource("PractitionerRole", &id, "Overdracht-PractitionerRole", &official);
    let place = practitioner.organization.as_ref();
    let specialty = practitioner.specialty.as_deref();
    let words = specialty.and_then(|code| codes::find(SPECIALTY, code)).map(|code| code.display.to_owned());
    resource.set(
        "text",
        narrative(
            "Zorgverlener in functie",
            &[
                ("Naam", display(practitioner).unwrap_or_default()),
                ("Functie", words.unwrap_or_default()),
                ("Zorgaanbieder", place.map(|place| place.name.clone()).unwrap_or_default()),
            ],
        ),
    );
    let person = self::id(practitioner, ids, concept);
    resource.set("practitioner", reference("Practitioner", &person, display(practitioner)));
    if let Some(place) = place {
        let id = organization::id(place, ids);
        resource.set("organization", reference("Organization", &id, Some(place.name.clone())));
    }
    let mut specialties = Vec::new();
    if let Some(code) = specialty {
        specialties.push(listed(SPECIALTY, code));
        trace.carried(&at.down("specialty", "specialty[0]"));
    }
    if let Some(code) = &practitioner.agb_specialty {
        trace.carried(&at.down("agbSpecialty", &format!("specialty[{}]", specialties.len())));
        specialties.push(json!({ "coding": [{ "system": AGB_SPECIALTIES, "code": code }] }));
    }
    resource.list("specialty", specialties);
    let details = practitioner.contact_details.as_ref();
    resource.list("telecom", telecom::contact_points(details, &at.down("contactDetails", "telecom"), trace));
    resource.build()
}
