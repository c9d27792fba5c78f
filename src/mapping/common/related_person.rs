//! zib ContactPerson → RelatedPerson.

use serde_json::Value;

use super::element::{
    NL_CORE, NOT_STATED, Object, STATED_AS, Spot, extension_of, is_stated, json_of, list_code, list_concept,
    list_words, reference, stated_as,
};
use super::narrative::narrative;
use super::{address, name, telecom};
use crate::domain::common::codes::{Code, RELATIONSHIP, ROLE, find};
use crate::domain::common::{ContactPerson, HumanName, ListCode};
use crate::mapping::{Ids, Trace};

/// zib ContactPerson of a RelatedPerson, as a document says it.
pub fn read(resource: &Value) -> Value {
    let (mut roles, mut relationships) = (Vec::new(), Vec::new());
    for concept in resource["relationship"].as_array().into_iter().flatten().filter(|one| is_stated(one)) {
        let coding = &concept["coding"][0];
        let (list, all) = if is_role(concept) { (ROLE, &mut roles) } else { (RELATIONSHIP, &mut relationships) };
        all.extend(json_of(list_code(list, coding)));
    }
    let mut person = Object::new();
    person.list("roles", roles).list("relationships", relationships);
    person.maybe("name", json_of(name::read(resource.get("name"))));
    person.maybe("contactDetails", json_of(telecom::read(resource.get("telecom"))));
    let addresses = address::read_all(resource.get("address")).into_iter();
    person.list("addresses", addresses.filter_map(|one| json_of(Some(one))).collect());
    person.build()
}

/// Whether a relationship of a RelatedPerson is the role of a contact person rather than a kinship.
pub fn is_role(concept: &Value) -> bool {
    match extension_of(concept, STATED_AS).and_then(|one| one["valueCode"].as_str()) {
        Some(said) if said != NOT_STATED => said == "role",
        _ => matches!(list_code(ROLE, &concept["coding"][0]), Some(ListCode::Listed(_))),
    }
}

/// A role or relationship; one outside its list says which of the two it is.
fn stated(list: &'static [Code], code: &ListCode, kind: &str) -> Value {
    let mut concept = list_concept(list, code);
    let evident = match code {
        ListCode::Listed(code) => [ROLE, RELATIONSHIP].iter().filter(|list| find(list, code).is_some()).count() == 1,
        ListCode::Other(_) => false,
    };
    if !evident {
        concept["extension"] = stated_as(kind)["extension"].clone();
    }
    concept
}

/// A contact person as a document mentions one.
pub struct Person<'p> {
    pub person: &'p ContactPerson,
    /// Roles that follow from how the document mentions the person; they come first.
    pub derived: Vec<Value>,
    pub id: &'p str,
    pub source: &'p str,
}

/// The RelatedPerson of this patient.
pub fn related_person(one: Person<'_>, ids: &Ids, official: &[&str], trace: &mut Trace) -> Value {
    let Person { person, derived, id, source } = one;
    let at = Spot::resource(source, "RelatedPerson", id);
    let nl_core = format!("{NL_CORE}nl-core-ContactPerson");
    let official: Vec<&str> = std::iter::once(nl_core.as_str()).chain(official.iter().copied()).collect();
    let mut resource = Object::resource("RelatedPerson", id, "Overdracht-ContactPerson", &official);
    let words = |list, all: &[_]| all.iter().map(|code| list_words(list, code)).collect::<Vec<_>>().join(", ");
    let telephones: Vec<&str> =
        person.contact_details.iter().flat_map(|details| &details.telephones).map(|one| one.number.as_str()).collect();
    resource.set(
        "text",
        narrative(
            "Contactpersoon",
            &[
                ("Naam", person.name.as_ref().map(HumanName::display).unwrap_or_default()),
                ("Rol", words(ROLE, &person.roles)),
                ("Relatie", words(RELATIONSHIP, &person.relationships)),
                ("Telefoon", telephones.join(", ")),
            ],
        ),
    );
    resource.set("active", true).set("patient", reference("Patient", &ids.patient, None));
    let mut relationships = derived;
    for (field, kind, list, all) in
        [("roles", "role", ROLE, &person.roles), ("relationships", "relationship", RELATIONSHIP, &person.relationships)]
    {
        for (i, code) in all.iter().enumerate() {
            trace.code(&at.down(&format!("{field}/{i}"), &format!("relationship[{}]", relationships.len())), code);
            relationships.push(stated(list, code, kind));
        }
    }
    resource.list("relationship", relationships);
    if let Some(name) = &person.name {
        resource.list("name", name::human_names(name, &at.down("name", "name"), trace));
    }
    let details = person.contact_details.as_ref();
    resource.list("telecom", telecom::contact_points(details, &at.down("contactDetails", "telecom"), trace));
    resource.list("address", address::addresses(&person.addresses, &at.down("addresses", "address"), trace));
    resource.build()
}
