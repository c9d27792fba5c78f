//! What the FHIR side can do, made from the tables by which it does it.

mod profiles;

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::fhir::FhirVersion;
use crate::search::{Catalog, Kind, Parameter, is_filed};
use profiles::profiles;

/// What the care planning guide asks of who provides a care plan.
const PROVIDER: &str = "https://api.iknl.nl/docs/pzp/r4/CapabilityStatement/ACP-CapabilityStatementProvider";

/// Types that can be read and searched. Audit records are kept in a chain of their own: `GET /api/v1/audit`.
pub fn served_types(release: FhirVersion) -> impl Iterator<Item = &'static str> {
    Catalog::of_release(release).types().into_iter().filter(|name| *name != "AuditEvent")
}

/// The type of the forms that are taken in.
pub const FORM_TYPE: &str = "Questionnaire";

/// Types of definition that are served as they are. Our own are written in R4; the forms there are in both releases.
pub fn definition_types(release: FhirVersion) -> impl Iterator<Item = &'static str> {
    let all = [FORM_TYPE, "StructureDefinition", "ValueSet", "CodeSystem"];
    all.into_iter().filter(move |name| release == FhirVersion::R4 || *name == FORM_TYPE)
}

/// The CapabilityStatement of this instance for a release of FHIR, written as R4 writes it.
pub fn statement(base: &str, release: FhirVersion, now: Timestamp) -> Value {
    let resources: Vec<Value> = served_types(release)
        .map(|name| resource(name, release))
        .chain(definition_types(release).map(definition))
        .collect();
    json!({
        "resourceType": "CapabilityStatement",
        "name": "Overdracht",
        "status": "active",
        "date": now.strftime("%Y-%m-%d").to_string(),
        "kind": "instance",
        "instantiates": [PROVIDER],
        "software": { "name": "Overdracht", "version": env!("CARGO_PKG_VERSION") },
        "implementation": { "description": "Overdracht: handover in the last phase of life", "url": base },
        "fhirVersion": "4.0.1",
        "format": ["application/fhir+json", "application/fhir+xml"],
        "rest": [{
            "mode": "server",
            "documentation": "Search for a person with POST [type]/_search: a BSN, a name or another mark of a person \
                              in a URL is refused. A search names the patient. Parameters that are not known are an \
                              error unless Prefer says handling=lenient. _include and _revinclude take * for all; \
                              _has is answered; a page holds what its own matches include.",
            "security": { "description": "Loopback only: the service answers nobody else until access control is there." },
            "resource": resources,
            "operation": [validate()],
        }],
    })
}

fn resource(name: &str, release: FhirVersion) -> Value {
    let create = (name == "QuestionnaireResponse").then_some("create");
    let interactions = ["read", "vread", "history-instance", "search-type"].into_iter().chain(create);
    let interactions: Vec<Value> = interactions.map(|code| json!({ "code": code })).collect();
    let own = Catalog::of_release(release).parameters(name);
    let described: Vec<Value> = own
        .iter()
        .map(|parameter| {
            json!({
                "name": parameter.name,
                "type": parameter.kind.as_str(),
                "documentation": documentation(name, parameter),
            })
        })
        .collect();
    let includes = own.iter().filter(|it| it.kind == Kind::Reference).map(|it| format!("{name}:{}", it.name));
    let mut resource = json!({
        "type": name,
        "interaction": interactions,
        "versioning": "versioned",
        "readHistory": true,
        "conditionalRead": "full-support",
        "referencePolicy": ["literal", "local", "resolves"],
        "searchInclude": includes.collect::<Vec<_>>(),
        "searchRevInclude": reverse(name, release).collect::<Vec<_>>(),
        "searchParam": described,
        "operation": [validate()],
    });
    let profiles = profiles(name);
    if !profiles.is_empty() {
        resource["supportedProfile"] = json!(profiles);
    }
    for empty in ["searchInclude", "searchRevInclude"] {
        if resource[empty] == json!([]) {
            resource.as_object_mut().map(|it| it.shift_remove(empty));
        }
    }
    resource
}

/// What may be added to a name.
fn documentation(of: &str, parameter: &Parameter) -> &'static str {
    match parameter.kind {
        Kind::Token => {
            "Modifiers :not, :in, :not-in, :text, :missing. In a list, a code without a system is one of any."
        }
        Kind::Reference if of != "Patient" && matches!(parameter.name, "patient" | "subject") => {
            "By logical id, Type/id or URL; :missing. By identifier in the body of a search alone."
        }
        Kind::Reference => "By logical id, Type/id or URL; chained; :identifier, :[type], :missing.",
        Kind::Date => "Prefixes eq, ne, gt, ge, lt, le, sa, eb, ap; :missing.",
        Kind::String => "Modifiers :exact, :contains, :missing.",
        Kind::Uri | Kind::Canonical => "By URL, with or without its version. Modifiers :below, :missing.",
        Kind::Quantity => "Prefixes as for dates; :missing.",
    }
}

/// References of other types that may lead to this one and can be followed back: what lies in the records of patients is
/// not looked through for one that lies in none.
fn reverse(name: &str, release: FhirVersion) -> impl Iterator<Item = String> {
    let catalog = Catalog::of_release(release);
    let followed = move |source: &&str| is_filed(name) || !is_filed(source);
    served_types(release).filter(followed).flat_map(move |source| {
        let leading =
            catalog.parameters(source).into_iter().filter(move |it| it.kind == Kind::Reference && it.may_target(name));
        leading.map(move |parameter| format!("{source}:{}", parameter.name))
    })
}

/// Definitions that are served as they are.
fn definition(name: &str) -> Value {
    json!({
        "type": name,
        "interaction": [{ "code": "read" }, { "code": "search-type" }],
        "searchParam": [{ "name": "url", "type": "uri" }, { "name": "version", "type": "token" }],
    })
}

fn validate() -> Value {
    json!({ "name": "validate", "definition": "http://hl7.org/fhir/OperationDefinition/Resource-validate" })
}
