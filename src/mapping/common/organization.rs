//! zib HealthcareProvider → Organization.

use serde_json::{Value, json};

use super::element::{NL_CORE, Object, Spot, identifier_path, json_of};
use super::narrative::narrative;
use super::{address, telecom};
use crate::domain::Identifier;
use crate::domain::common::Organization;
use crate::fhir::systems::{AGB, ORGANIZATION_TYPE, URA};
use crate::mapping::{Ids, Party, Trace};

/// The party of an organisation; None where no number names it.
pub fn party(organization: &Organization) -> Option<Party> {
    let mut identifiers = Vec::new();
    identifiers.extend(organization.agb.as_ref().map(|agb| Identifier::new(AGB, agb.as_str())));
    identifiers.extend(organization.ura.as_ref().map(|ura| Identifier::new(URA, ura.as_str())));
    (!identifiers.is_empty()).then_some(Party { resource_type: "Organization", identifiers })
}

/// Its logical id: that of the party, or derived from its name where no number names it.
pub fn id(organization: &Organization, ids: &Ids) -> String {
    let concept = format!("organization/{}", organization.name);
    party(organization).map_or_else(|| ids.derived(&concept), |party| ids.party(&party, &concept))
}

/// zib HealthcareProvider of an Organization, as a document says it.
pub fn read(resource: &Value) -> Value {
    let number = |system: &str| number_of(resource, system);
    let mut organization = Object::new();
    organization.maybe("agb", number(AGB)).maybe("ura", number(URA));
    organization.maybe("name", resource["name"].as_str());
    organization.maybe("type", resource["type"][0]["coding"][0]["code"].as_str());
    organization.maybe("contactDetails", json_of(telecom::read(resource.get("telecom"))));
    organization.maybe("address", json_of(address::read_all(resource.get("address")).into_iter().next()));
    organization.build()
}

/// The identifier of this system.
pub(super) fn number_of<'r>(resource: &'r Value, system: &str) -> Option<&'r str> {
    resource["identifier"].as_array()?.iter().find(|one| one["system"] == system)?["value"].as_str()
}

pub fn organization(organization: &Organization, ids: &Ids, source: &str, trace: &mut Trace) -> Value {
    let id = id(organization, ids);
    let at = Spot::resource(source, "Organization", &id);
    let official = format!("{NL_CORE}nl-core-HealthcareProvider-Organization");
    let mut resource = Object::resource("Organization", &id, "Overdracht-Organization", &[&official]);
    resource.set("text", narrative("Zorgaanbieder", &[("Naam", organization.name.clone())]));
    let mut identifiers = Vec::new();
    for (field, system, value) in [
        ("agb", AGB, organization.agb.as_ref().map(|agb| agb.as_str())),
        ("ura", URA, organization.ura.as_ref().map(|ura| ura.as_str())),
    ] {
        if let Some(value) = value {
            trace.carried(&at.down(field, &identifier_path(system)));
            identifiers.push(json!({ "system": system, "value": value }));
        }
    }
    resource.list("identifier", identifiers).set("active", true);
    if let Some(kind) = &organization.organization_type {
        resource.set("type", json!([{ "coding": [{ "system": ORGANIZATION_TYPE, "code": kind }] }]));
        trace.carried(&at.down("type", "type"));
    }
    resource.set("name", organization.name.as_str());
    trace.carried(&at.down("name", "name"));
    let details = organization.contact_details.as_ref();
    let mut points = telecom::contact_points(details, &at.down("contactDetails", "telecom"), trace);
    points.iter_mut().for_each(telecom::without_home);
    resource.list("telecom", points);
    if let Some(one) = &organization.address {
        let mut one = address::address(one, &at.down("address", "address[0]"), trace);
        address::without_home(&mut one);
        resource.list("address", vec![one]);
    }
    resource.build()
}
