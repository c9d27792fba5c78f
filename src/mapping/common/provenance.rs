//! The Provenance of a document: what it became, who sent it, and where it came from.

use serde_json::{Value, json};

use super::element::{Object, Spot, extension_path};
use super::narrative::{self, narrative};
use super::{organization, practitioner};
use crate::domain::common::Envelope;
use crate::fhir::ResourceKey;
use crate::fhir::systems::OVERDRACHT;
use crate::mapping::{Ids, Trace};

/// The identifier system of documents of a source system.
pub const DOCUMENT_ID: &str = "https://overdracht.example/fhir/NamingSystem/source-document";
/// The document's version, on `Provenance.entity.what.identifier`. `valueDecimal`: versions
/// count further than the integers of FHIR (those that are a moment, such as 20260105093000).
pub const DOCUMENT_VERSION: &str = "https://overdracht.example/fhir/StructureDefinition/ext-DocumentVersion";
const AGENT: &str = "http://terminology.hl7.org/CodeSystem/provenance-participant-type";

/// Points from every resource of a document to the document. `author_concept` is the concept under which the author
/// was mapped; the trace of the envelope is made here.
pub fn provenance(
    envelope: &Envelope,
    ids: &Ids,
    resources: &[Value],
    author_concept: &str,
    trace: &mut Trace,
) -> Value {
    let id = ids.derived("provenance");
    let at = Spot::resource("", "Provenance", &id);
    let mut resource = Object::resource("Provenance", &id, "Overdracht-Provenance", &[]);
    let source = &envelope.source;
    resource.set(
        "text",
        narrative(
            "Herkomst",
            &[
                ("Bron", source.organization.name.clone()),
                ("Vastgelegd", narrative::date(&envelope.recorded_at.to_string())),
            ],
        ),
    );
    let targets: Vec<Value> =
        resources.iter().filter_map(ResourceKey::of).map(|key| json!({ "reference": key.to_string() })).collect();
    resource.list("target", targets).set("recorded", envelope.recorded_at.to_string());
    trace.converted(&at.down("recordedAt", "recorded"), "the same moment, in UTC");
    resource.set(
        "activity",
        json!({ "coding": [{ "system": "http://terminology.hl7.org/CodeSystem/v3-DataOperation", "code": "CREATE" }] }),
    );
    let place = json!({ "reference": format!("Organization/{}", organization::id(&source.organization, ids)) });
    let mut agents = Vec::new();
    if let Some(author) = &source.author {
        agents.push(json!({
            "type": { "coding": [{ "system": AGENT, "code": "author" }] },
            "who": practitioner::role_reference(author, ids, author_concept),
            "onBehalfOf": place,
        }));
    }
    agents.push(json!({ "type": { "coding": [{ "system": AGENT, "code": "custodian" }] }, "who": place }));
    resource.list("agent", agents);
    resource.set(
        "entity",
        json!([{
            "role": "source",
            "what": {
                "identifier": {
                    "extension": [{ "url": DOCUMENT_VERSION, "valueDecimal": envelope.version }],
                    "system": DOCUMENT_ID,
                    "value": envelope.document_id,
                    "assigner": { "identifier": { "system": format!("{OVERDRACHT}/NamingSystem/source-system"), "value": source.system } },
                },
            },
        }]),
    );
    trace.carried(&at.down("documentId", "entity[0].what.identifier.value"));
    let version = format!("entity[0].what.identifier.{}", extension_path(DOCUMENT_VERSION));
    trace.carried(&at.down("version", &version));
    trace.carried(&at.down("source/system", "entity[0].what.identifier.assigner"));
    resource.build()
}
