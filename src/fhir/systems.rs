//! The URIs that more than one module needs: code systems, identifier systems and Overdracht's own canonicals.

/// Base of everything that Overdracht itself defines (profiles, code systems, identifier systems).
pub const OVERDRACHT: &str = "https://overdracht.example/fhir";
pub const PROFILE_BASE: &str = "https://overdracht.example/fhir/StructureDefinition/";
/// Code system of the stable message identifiers (`docs/messages.md`).
pub const MESSAGE_ID: &str = "https://overdracht.example/fhir/CodeSystem/message-id";

pub const SNOMED: &str = "http://snomed.info/sct";
pub const LOINC: &str = "http://loinc.org";
pub const NULL_FLAVOR: &str = "http://terminology.hl7.org/CodeSystem/v3-NullFlavor";
pub const ICD10_NL: &str = "http://hl7.org/fhir/sid/icd-10-nl";
pub const ICD_O_3: &str = "http://terminology.hl7.org/CodeSystem/icd-o-3";
pub const IDENTIFIER_TYPE: &str = "http://terminology.hl7.org/CodeSystem/v2-0203";
pub const UCUM: &str = "http://unitsofmeasure.org";

pub const BSN: &str = "http://fhir.nl/fhir/NamingSystem/bsn";
pub const AGB: &str = "http://fhir.nl/fhir/NamingSystem/agb-z";
pub const URA: &str = "http://fhir.nl/fhir/NamingSystem/ura";
pub const UZI: &str = "http://fhir.nl/fhir/NamingSystem/uzi-nr-pers";
pub const BIG: &str = "http://fhir.nl/fhir/NamingSystem/big";
pub const ORGANIZATION_TYPE: &str = "http://nictiz.nl/fhir/NamingSystem/organization-type";

/// Profile of the Consent that says whether the care plan may be shared (permit, deny; unknown has no provision type).
pub const SHARING_CONSENT: &str = "https://overdracht.example/fhir/StructureDefinition/Overdracht-SharingConsent";
/// Identifier system for URIs, `urn:uuid:…` among them.
pub const URI: &str = "urn:ietf:rfc:3986";
/// Tags on a handover Bundle: what it carries (`care-plan`, or `care-plan-withheld`).
pub const HANDOVER_CONTENT: &str = "https://overdracht.example/fhir/CodeSystem/handover-content";
/// Tag on a handover Bundle: the purpose on which consent was decided.
pub const CONSENT_PURPOSE: &str = "https://overdracht.example/fhir/CodeSystem/consent-purpose";
