//! What registry records and metastasis events share: canonicals, codes of our lists, the tumour as a party, and the
//! frame of patient, organisation, author and Provenance around what a document says.

pub mod sheet;

use serde_json::{Value, json};

use crate::domain::common::Envelope;
use crate::domain::tumour::Laterality;
use crate::domain::{Coded, Identifier};
use crate::fhir::systems::{OVERDRACHT, SNOMED};
use crate::mapping::common::element::{NL_CORE, concept_of, extension, extension_path};
use crate::mapping::common::practitioner::Canonicals;
use crate::mapping::common::{organization, patient, practitioner, provenance};
use crate::mapping::{Existing, Ids, Mapped, Party, Trace};
pub use sheet::Sheet;

/// ICD-O-3 as zib and as mCODE name it: one code, said in both.
pub const ICD_O_3_ZIB: &str = "urn:oid:2.16.840.1.113883.6.43.1";
pub const ASSERTED_DATE: &str = "http://hl7.org/fhir/StructureDefinition/condition-assertedDate";
pub const CONDITION_RELATED: &str = "http://hl7.org/fhir/StructureDefinition/condition-related";
pub const EPISODE: &str = "http://hl7.org/fhir/StructureDefinition/workflow-episodeOfCare";
pub const CONDITION_CATEGORY: &str = "http://terminology.hl7.org/CodeSystem/condition-category";
const CLINICAL: &str = "http://terminology.hl7.org/CodeSystem/condition-clinical";
const VERIFICATION: &str = "http://terminology.hl7.org/CodeSystem/condition-ver-status";
const OBSERVATION_CATEGORY: &str = "http://terminology.hl7.org/CodeSystem/observation-category";

/// The concept under which the author of a document is mapped.
pub const AUTHOR: &str = "author";

/// Canonical of one of our extensions.
pub fn ours(name: &str) -> String {
    format!("{OVERDRACHT}/StructureDefinition/{name}")
}

/// FHIRPath of one of our extensions.
pub fn ours_path(name: &str) -> String {
    extension_path(&ours(name))
}

/// FHIRPath of a side on a `bodySite`, as [`body_site`] writes it.
pub fn side_path() -> String {
    format!("bodySite[0].{}", extension_path(&nl_core(LATERALITY)))
}

/// Canonical of one of nl-core's profiles.
pub fn nl_core(name: &str) -> String {
    format!("{NL_CORE}{name}")
}

/// The code system of one of our lists: `TreatmentKind` is `…/CodeSystem/treatment-kind`.
pub fn code_system(list: &str) -> String {
    let mut kebab = String::new();
    for c in list.chars() {
        if c.is_ascii_uppercase() && !kebab.is_empty() {
            kebab.push('-');
        }
        kebab.push(c.to_ascii_lowercase());
    }
    format!("{OVERDRACHT}/CodeSystem/{kebab}")
}

pub fn coding<C: Coded>(answer: C) -> Value {
    json!({ "system": code_system(C::LIST), "code": answer.code(), "display": answer.dutch() })
}

pub fn concept<C: Coded>(answer: C) -> Value {
    json!({ "coding": [coding(answer)] })
}

/// One of our extensions with an answer of one of our lists.
pub fn answer<C: Coded>(name: &str, answer: C) -> Value {
    extension(&ours(name), "valueCodeableConcept", concept(answer))
}

/// The identifier of a tumour: the number is the sending system's own.
pub fn tumour_identifier(envelope: &Envelope, number: &str) -> Identifier {
    Identifier::new(numbers_of(&envelope.source.system, "tumour"), number)
}

/// The identifier system of what a source system numbers: below its own address where it is one.
pub fn numbers_of(system: &str, what: &str) -> String {
    match system.trim_end_matches('/') {
        address if address.starts_with("http") => format!("{address}/{what}"),
        name => format!("{OVERDRACHT}/NamingSystem/{what}/{name}"),
    }
}

/// The tumour as a party; none without a number.
pub fn tumour_party(envelope: &Envelope, number: Option<&str>) -> Option<Party> {
    let identifiers = vec![tumour_identifier(envelope, number?)];
    Some(Party { resource_type: "Condition", identifiers })
}

/// The logical id of the tumour's Condition.
pub fn tumour_id(envelope: &Envelope, number: Option<&str>, ids: &Ids) -> String {
    tumour_party(envelope, number).map_or_else(|| ids.derived("tumour"), |party| ids.party(&party, "tumour"))
}

/// `clinicalStatus`, `verificationStatus` (with the code of the zib beside FHIR's) and `category`.
pub fn condition_status(sheet: &mut Sheet, category: &str, verification: (&str, &str, &str)) {
    let (fhir, system, zib) = verification;
    sheet
        .set("clinicalStatus", json!({ "coding": [{ "system": CLINICAL, "code": "active" }] }))
        .set(
            "verificationStatus",
            json!({ "coding": [{ "system": VERIFICATION, "code": fhir }, { "system": system, "code": zib }] }),
        )
        .set(
            "category",
            json!([
                { "coding": [{ "system": CONDITION_CATEGORY, "code": category }] },
                { "coding": [{ "system": SNOMED, "code": "282291009", "display": "interpretatie van diagnose" }] },
            ]),
        );
}

/// Confirmed, in FHIR's words and the zib's.
pub const CONFIRMED: (&str, &str, &str) = ("confirmed", SNOMED, "410605003");

/// `Observation.category`.
pub fn observation_category(code: &str) -> Value {
    json!([{ "coding": [{ "system": OBSERVATION_CATEGORY, "code": code }] }])
}

const LATERALITY: &str = "ext-AnatomicalLocation.Laterality";

/// SNOMED CT codes of the zib's list of sides.
const SIDES: &[(Laterality, &str, &str)] = &[
    (Laterality::Left, "7771000", "links"),
    (Laterality::Right, "24028007", "rechts"),
    (Laterality::Bilateral, "51440002", "bilateraal"),
];

/// The side that a `bodySite` says, as [`body_site`] writes it.
pub fn side_of(site: &Value) -> Option<Laterality> {
    let code = &site["extension"][0]["valueCodeableConcept"]["coding"][0]["code"];
    SIDES.iter().find(|row| *code == row.1).map(|row| row.0)
}

/// The side as the zib AnatomicalLocation has it, on a `bodySite`.
fn laterality(side: Laterality) -> Value {
    let (code, display) = SIDES.iter().find(|row| row.0 == side).map_or(("", ""), |row| (row.1, row.2));
    extension(&nl_core(LATERALITY), "valueCodeableConcept", concept_of(SNOMED, code, display))
}

/// A `bodySite` of an ICD-O-3 topography, with the side.
pub fn body_site(topography: &str, side: Option<Laterality>) -> Value {
    let mut site = json!({});
    if let Some(side) = side {
        site["extension"] = json!([laterality(side)]);
    }
    site["coding"] = json!([
        { "system": ICD_O_3_ZIB, "code": topography },
        { "system": crate::fhir::systems::ICD_O_3, "code": topography },
    ]);
    site
}

pub fn patient_reference(ids: &Ids) -> Value {
    json!({ "reference": format!("Patient/{}", ids.patient), "type": "Patient" })
}

pub fn condition_reference(id: &str) -> Value {
    json!({ "reference": format!("Condition/{id}"), "type": "Condition" })
}

/// The author as recorder, where the document names one.
pub fn recorder(envelope: &Envelope, ids: &Ids) -> Option<Value> {
    envelope.source.author.as_ref().map(|author| practitioner::role_reference(author, ids, AUTHOR))
}

/// Patient, sending organisation and author, merged with what is stored; the patient first.
pub fn opening(envelope: &Envelope, ids: &Ids, existing: &Existing, trace: &mut Trace) -> Vec<Value> {
    let mut resources = vec![
        patient::patient(envelope, ids, &[], trace),
        organization::organization(&envelope.source.organization, ids, "/source/organization", trace),
    ];
    if let Some(author) = &envelope.source.author {
        let canonicals = Canonicals::default();
        resources.extend(practitioner::practitioner(author, ids, AUTHOR, "/source/author", canonicals, trace));
    }
    resources.into_iter().map(|resource| existing.merged(resource, trace)).collect()
}

/// Adds the Provenance of all that stands in `mapped`. A resource that two fields of the document lead to (an
/// organisation named twice) stands there once.
pub fn close(envelope: &Envelope, ids: &Ids, mapped: &mut Mapped) {
    let mut seen = std::collections::BTreeSet::new();
    mapped.resources.retain(|resource| crate::fhir::ResourceKey::of(resource).is_none_or(|key| seen.insert(key)));
    let provenance = provenance::provenance(envelope, ids, &mapped.resources, AUTHOR, &mut mapped.trace);
    mapped.resources.push(provenance);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_that_is_no_address_has_numbers_of_its_own_too() {
        assert_eq!(numbers_of("https://epd.example/", "tumour"), "https://epd.example/tumour");
        let named = numbers_of("urn:oid:2.999.1", "tumour");
        assert_eq!(named, "https://overdracht.example/fhir/NamingSystem/tumour/urn:oid:2.999.1");
    }

    #[test]
    fn a_list_has_a_code_system_of_its_name() {
        assert!(code_system("TreatmentKind").ends_with("/CodeSystem/treatment-kind"));
        assert!(code_system("QlqC30").ends_with("/CodeSystem/qlq-c30"));
    }
}
