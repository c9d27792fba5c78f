//! zib Patient → Patient.

use serde_json::{Value, json};

use super::element::{
    CODE_SPECIFICATION, NL_CORE, Object, STATED_AS, Spot, extension, extension_of, identifier_path, json_of, listed,
    listed_code, stated_as,
};
use super::narrative::{self, narrative};
use super::{address, name, telecom};
use crate::domain::Identifier;
use crate::domain::common::codes::{self, GENDER};
use crate::domain::common::{Envelope, HospitalNumber, Patient};
use crate::fhir::systems::{AGB, BSN, IDENTIFIER_TYPE, OVERDRACHT};
use crate::mapping::{Ids, Party, Trace};

/// When the demographics were recorded: of two documents the newer one's hold. `valueDateTime`.
pub const RECORDED: &str = "https://overdracht.example/fhir/StructureDefinition/ext-DemographicsRecorded";
const GENDERS: &[(&str, &str)] = &[("M", "male"), ("F", "female"), ("UN", "other"), ("UNK", "unknown")];

/// The identifier system of a hospital's patient numbers: each hospital has its own.
pub fn hospital_number_system(agb: &str) -> String {
    format!("{OVERDRACHT}/NamingSystem/hospital-number-{agb}")
}

fn hospital_number(number: &HospitalNumber) -> Identifier {
    Identifier::new(hospital_number_system(number.organization_agb.as_str()), number.number.as_str())
}

/// The party of the patient; None where no number names the patient.
pub fn party(patient: &Patient) -> Option<Party> {
    let mut identifiers = Vec::new();
    identifiers.extend(patient.identifiers.bsn.as_ref().map(|bsn| Identifier::new(BSN, bsn.as_str())));
    identifiers.extend(patient.identifiers.hospital_numbers.iter().map(hospital_number));
    (!identifiers.is_empty()).then_some(Party { resource_type: "Patient", identifiers })
}

/// The Patient of a document, before it is merged with what is stored.
pub fn patient(envelope: &Envelope, ids: &Ids, official: &[&str], trace: &mut Trace) -> Value {
    let patient = &envelope.patient;
    let at = Spot::resource("/patient", "Patient", &ids.patient);
    let nl_core = format!("{NL_CORE}nl-core-Patient");
    let official: Vec<&str> = std::iter::once(nl_core.as_str()).chain(official.iter().copied()).collect();
    let mut resource = Object::resource("Patient", &ids.patient, "Overdracht-Patient", &official);
    resource.set("text", text(patient));
    resource.set("extension", json!([extension(RECORDED, "valueDateTime", envelope.recorded_at.to_string())]));
    resource.list("identifier", identifiers(patient, &at, trace));
    resource.list("name", name::human_names(&patient.name, &at.down("name", "name"), trace));
    let details = patient.contact_details.as_ref();
    resource.list("telecom", telecom::contact_points(details, &at.down("contactDetails", "telecom"), trace));
    if let Some(code) = &patient.gender {
        let gender = GENDERS.iter().find(|(zib, _)| zib == code).map_or("unknown", |(_, fhir)| *fhir);
        let specification = extension(CODE_SPECIFICATION, "valueCodeableConcept", listed(GENDER, code));
        resource.set("gender", gender).set("_gender", json!({ "extension": [specification] }));
        trace.carried(&at.down("gender", "gender"));
    }
    if let Some(birth) = &patient.birth_date {
        resource.set("birthDate", birth.as_str());
        trace.carried(&at.down("birthDate", "birthDate"));
    }
    match (&patient.deceased_date, patient.deceased) {
        (Some(date), said) => {
            resource.set("deceasedDateTime", date.as_str());
            trace.carried(&at.down("deceasedDate", "deceasedDateTime"));
            if said.is_some() {
                resource.set("_deceasedDateTime", stated_as("deceased"));
                trace.converted(&at.down("deceased", "deceasedDateTime"), "the date of death implies it");
            }
        }
        (None, Some(said)) => {
            resource.set("deceasedBoolean", said);
            trace.carried(&at.down("deceased", "deceasedBoolean"));
        }
        (None, None) => {}
    }
    resource.list("address", address::addresses(&patient.addresses, &at.down("addresses", "address"), trace));
    resource.build()
}

/// zib Patient of a Patient, as a document says it.
pub fn read(resource: &Value) -> Value {
    let mut numbers = Object::new();
    let all = || resource["identifier"].as_array().into_iter().flatten();
    numbers.maybe("bsn", all().find(|one| one["system"] == BSN).and_then(|one| one["value"].as_str()));
    let hospitals = all().filter_map(|one| {
        let agb = &one["assigner"]["identifier"];
        let agb = (agb["system"] == AGB).then(|| agb["value"].as_str())??;
        Some(json!({ "number": one["value"].as_str()?, "organizationAgb": agb }))
    });
    numbers.list("hospitalNumbers", hospitals.collect());
    let mut patient = Object::new();
    if !numbers.is_empty() {
        patient.set("identifiers", numbers.build());
    }
    patient.maybe("name", json_of(name::read(resource.get("name"))));
    patient.maybe("birthDate", resource["birthDate"].as_str());
    let said = resource["gender"].as_str();
    let gender = extension_of(&resource["_gender"], CODE_SPECIFICATION)
        .and_then(|one| listed_code(GENDER, &one["valueCodeableConcept"]))
        .or_else(|| GENDERS.iter().find(|(_, fhir)| Some(*fhir) == said).map(|(zib, _)| (*zib).to_owned()));
    patient.maybe("gender", gender);
    patient.list(
        "addresses",
        address::read_all(resource.get("address")).into_iter().filter_map(|one| json_of(Some(one))).collect(),
    );
    patient.maybe("contactDetails", json_of(telecom::read(resource.get("telecom"))));
    patient.maybe("deceased", resource["deceasedBoolean"].as_bool());
    if let Some(date) = resource["deceasedDateTime"].as_str() {
        patient.set("deceasedDate", date);
        if extension_of(&resource["_deceasedDateTime"], STATED_AS).is_some() {
            patient.set("deceased", true);
        }
    }
    patient.build()
}

fn identifiers(patient: &Patient, at: &Spot, trace: &mut Trace) -> Vec<Value> {
    let mut identifiers = Vec::new();
    if let Some(bsn) = &patient.identifiers.bsn {
        identifiers.push(json!({ "system": BSN, "value": bsn.as_str() }));
        trace.carried(&at.down("identifiers/bsn", &identifier_path(BSN)));
    }
    for (i, number) in patient.identifiers.hospital_numbers.iter().enumerate() {
        let identifier = hospital_number(number);
        let spot = at.down(&format!("identifiers/hospitalNumbers/{i}"), &identifier_path(&identifier.system));
        identifiers.push(json!({
            "type": { "coding": [{ "system": IDENTIFIER_TYPE, "code": "MR" }] },
            "system": identifier.system,
            "value": identifier.value,
            "assigner": { "type": "Organization", "identifier": { "system": AGB, "value": number.organization_agb.as_str() } },
        }));
        trace.carried(&spot.down("number", "value"));
        trace.carried(&spot.down("organizationAgb", "assigner.identifier"));
    }
    identifiers
}

fn text(patient: &Patient) -> Value {
    let gender = patient.gender.as_deref().and_then(|code| codes::find(GENDER, code));
    narrative(
        "Patiënt",
        &[
            ("Naam", patient.name.display()),
            (
                "Geboortedatum",
                patient.birth_date.as_ref().map(|date| narrative::date(date.as_str())).unwrap_or_default(),
            ),
            ("Geslacht", gender.map(|code| code.display.to_owned()).unwrap_or_default()),
            (
                "Overleden",
                patient.deceased_date.as_ref().map(|date| narrative::date(date.as_str())).unwrap_or_default(),
            ),
        ],
    )
}
