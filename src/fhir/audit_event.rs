//! Builds the AuditEvent of one action: who did what to whose record, when, from where, why, and with what result.
//!
//! Fields follow NEN 7513; codes are those of FHIR R4, DICOM and IHE BALP. The event carries references and codes
//! only: there is no way to put a name, a BSN or a clinical value into it except as free text, which callers write
//! themselves and keep free of them.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::ResourceKey;

const AUDIT_EVENT_TYPE: &str = "http://terminology.hl7.org/CodeSystem/audit-event-type";
const DICOM: &str = "http://dicom.nema.org/resources/ontology/DCM";
const RESTFUL_INTERACTION: &str = "http://hl7.org/fhir/restful-interaction";
const AUDIT_EVENT_SUBTYPE: &str = "https://overdracht.example/fhir/CodeSystem/audit-event-subtype";
const ACT_REASON: &str = "http://terminology.hl7.org/CodeSystem/v3-ActReason";
const ENTITY_TYPE: &str = "http://terminology.hl7.org/CodeSystem/audit-entity-type";
const BALP_ENTITY_TYPE: &str = "https://profiles.ihe.net/ITI/BALP/CodeSystem/BasicAuditEntityType";
const OBJECT_ROLE: &str = "http://terminology.hl7.org/CodeSystem/object-role";
const PARTICIPATION_TYPE: &str = "http://terminology.hl7.org/CodeSystem/v3-ParticipationType";

/// What kind of event it is (`AuditEvent.type`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EventType {
    /// A call of the FHIR or the native interface.
    Rest,
    /// A document came in.
    Import,
    /// Data left for another organisation.
    Export,
    /// A search.
    Query,
    /// Someone or something was let in or kept out.
    SecurityAlert,
}

impl EventType {
    fn coding(self) -> Value {
        match self {
            EventType::Rest => coding(AUDIT_EVENT_TYPE, "rest", "RESTful Operation"),
            EventType::Import => coding(DICOM, "110107", "Import"),
            EventType::Export => coding(DICOM, "110106", "Export"),
            EventType::Query => coding(DICOM, "110112", "Query"),
            EventType::SecurityAlert => coding(DICOM, "110113", "Security Alert"),
        }
    }
}

/// `AuditEvent.action`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    Create,
    Read,
    Update,
    Delete,
    Execute,
}

impl Action {
    fn code(self) -> &'static str {
        match self {
            Action::Create => "C",
            Action::Read => "R",
            Action::Update => "U",
            Action::Delete => "D",
            Action::Execute => "E",
        }
    }
}

/// `AuditEvent.outcome`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    Success,
    /// The action was refused or has to be repeated; nothing is wrong with the service.
    MinorFailure,
    SeriousFailure,
    MajorFailure,
}

impl Outcome {
    fn code(self) -> &'static str {
        match self {
            Outcome::Success => "0",
            Outcome::MinorFailure => "4",
            Outcome::SeriousFailure => "8",
            Outcome::MajorFailure => "12",
        }
    }
}

/// Someone or something that took part (`AuditEvent.agent`).
#[derive(Clone, Debug, PartialEq)]
pub struct Agent {
    json: Value,
}

impl Agent {
    /// The one that asked for it, named by a business identifier (URA, AGB, UZI, a client id).
    pub fn requestor(system: &str, value: &str) -> Self {
        Self::new(Some((system, value)), "IRCP", true)
    }

    /// A caller that did not say who it is (only while nothing but loopback is served).
    pub fn anonymous() -> Self {
        Agent { json: json!({ "who": { "display": "not identified" }, "requestor": true }) }
    }

    /// This service, acting by itself (the worker that delivers).
    pub fn service(name: &str) -> Self {
        Agent { json: json!({ "who": { "display": name }, "requestor": true }) }
    }

    /// The organisation to which something is sent.
    pub fn receiver(system: &str, value: &str) -> Self {
        Self::new(Some((system, value)), "IRCP", false)
    }

    fn new(identifier: Option<(&str, &str)>, participation: &str, requestor: bool) -> Self {
        let mut json = json!({ "requestor": requestor });
        if let Some((system, value)) = identifier {
            json["who"] = json!({ "identifier": { "system": system, "value": value } });
        }
        if !requestor {
            json["type"] = json!({ "coding": [coding(PARTICIPATION_TYPE, participation, "information recipient")] });
        }
        Agent { json }
    }

    /// A role in which it acted (`AuditEvent.agent.role`), such as a UZI role code.
    #[must_use]
    pub fn role(mut self, system: &str, code: &str) -> Self {
        push(&mut self.json, "role", json!({ "coding": [{ "system": system, "code": code }] }));
        self
    }

    /// The policy or consent (`Consent/…`) on which it was allowed.
    #[must_use]
    pub fn policy(mut self, uri: &str) -> Self {
        push(&mut self.json, "policy", json!(uri));
        self
    }

    /// The network address from which it came.
    #[must_use]
    pub fn address(mut self, address: &str) -> Self {
        self.json["network"] = json!({ "address": address, "type": "2" });
        self
    }
}

/// One event under construction; [`AuditEvent::build`] gives the resource.
#[derive(Clone, Debug, PartialEq)]
pub struct AuditEvent {
    json: Value,
}

impl AuditEvent {
    /// `observer` names the system that recorded it; `outcome` is success until said otherwise.
    pub fn new(kind: EventType, action: Action, recorded: Timestamp, observer: &str) -> Self {
        AuditEvent {
            json: json!({
                "resourceType": "AuditEvent",
                "type": kind.coding(),
                "subtype": [],
                "action": action.code(),
                "recorded": recorded.to_string(),
                "outcome": Outcome::Success.code(),
                "agent": [],
                "source": { "observer": { "display": observer } },
                "entity": [],
            }),
        }
    }

    /// A REST interaction: `create`, `read`, `vread`, `history-instance`, `search-type`, `operation`, `capabilities`…
    #[must_use]
    pub fn interaction(mut self, code: &str) -> Self {
        push(&mut self.json, "subtype", json!({ "system": RESTFUL_INTERACTION, "code": code }));
        self
    }

    /// What Overdracht did in its own terms: `handover-queued`, `delivery-attempt`, `document-refused`…
    #[must_use]
    pub fn subtype(mut self, code: &str) -> Self {
        push(&mut self.json, "subtype", json!({ "system": AUDIT_EVENT_SUBTYPE, "code": code }));
        self
    }

    /// `description` says what happened, without a value of the patient.
    #[must_use]
    pub fn outcome(mut self, outcome: Outcome, description: &str) -> Self {
        self.json["outcome"] = json!(outcome.code());
        self.json["outcomeDesc"] = json!(description);
        self
    }

    /// Why, as a code of v3-ActReason: `TREAT`, `ETREAT`, `BTG` (break-glass), `PUBHLTH`, `PATRQT`…
    #[must_use]
    pub fn purpose(mut self, code: &str) -> Self {
        push(&mut self.json, "purposeOfEvent", json!({ "coding": [{ "system": ACT_REASON, "code": code }] }));
        self
    }

    #[must_use]
    pub fn agent(mut self, agent: Agent) -> Self {
        push(&mut self.json, "agent", agent.json);
        self
    }

    /// The patient whose record it is, by logical id: never by BSN.
    #[must_use]
    pub fn patient(self, id: &str) -> Self {
        self.entity(json!({
            "what": { "reference": format!("Patient/{id}") },
            "type": coding(ENTITY_TYPE, "1", "Person"),
            "role": coding(OBJECT_ROLE, "1", "Patient"),
        }))
    }

    /// A resource that was read, written or used.
    #[must_use]
    pub fn resource(self, key: &ResourceKey) -> Self {
        self.entity(json!({
            "what": { "reference": key.to_string() },
            "type": coding(ENTITY_TYPE, "2", "System Object"),
            "role": coding(OBJECT_ROLE, "4", "Domain Resource"),
        }))
    }

    /// A thing with an identifier of its own: a document, a handover Bundle, a delivery.
    #[must_use]
    pub fn object(self, system: &str, value: &str) -> Self {
        self.entity(json!({
            "what": { "identifier": { "system": system, "value": value } },
            "type": coding(ENTITY_TYPE, "2", "System Object"),
            "role": coding(OBJECT_ROLE, "3", "Report"),
        }))
    }

    /// A search: `query` in base64, with every value of a patient already taken out.
    #[must_use]
    pub fn query(self, base64: &str) -> Self {
        self.entity(json!({
            "type": coding(ENTITY_TYPE, "2", "System Object"),
            "role": coding(OBJECT_ROLE, "24", "Query"),
            "query": base64,
        }))
    }

    /// The id under which the request is logged here and at the other side.
    #[must_use]
    pub fn request_id(self, id: &str) -> Self {
        self.entity(json!({
            "what": { "identifier": { "value": id } },
            "type": { "system": BALP_ENTITY_TYPE, "code": "XrequestId" },
        }))
    }

    /// The trace (W3C `traceparent`) that the request is part of.
    #[must_use]
    pub fn trace_id(self, id: &str) -> Self {
        self.entity(json!({
            "what": { "identifier": { "system": "https://www.w3.org/TR/trace-context", "value": id } },
            "type": coding(ENTITY_TYPE, "4", "Other"),
        }))
    }

    /// An AuditEvent (R4) without an id; an event without an agent gets the anonymous one, because `agent` is 1..*.
    pub fn build(mut self) -> Value {
        if self.json["agent"].as_array().is_some_and(Vec::is_empty) {
            self = self.agent(Agent::anonymous());
        }
        if let Value::Object(event) = &mut self.json {
            event.retain(|_, value| value.as_array().is_none_or(|list| !list.is_empty()));
        }
        self.json
    }

    fn entity(mut self, entity: Value) -> Self {
        push(&mut self.json, "entity", entity);
        self
    }
}

fn coding(system: &str, code: &str, display: &str) -> Value {
    json!({ "system": system, "code": code, "display": display })
}

/// Appends to a list property, which is made where it is missing.
fn push(object: &mut Value, property: &str, item: Value) {
    match &mut object[property] {
        Value::Array(list) => list.push(item),
        other => *other = Value::Array(vec![item]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event() -> AuditEvent {
        let at = "2026-03-01T22:15:00Z".parse().expect("a timestamp");
        AuditEvent::new(EventType::Export, Action::Execute, at, "overdracht")
    }

    #[test]
    fn what_r4_requires_is_there_even_when_nobody_is_known() {
        let built = event().build();
        for required in ["type", "recorded", "agent", "source"] {
            assert!(built.get(required).is_some(), "{required}");
        }
        assert_eq!(built["agent"][0]["requestor"], true);
        assert_eq!(built["source"]["observer"]["display"], "overdracht");
        assert!(built.get("entity").is_none() && built.get("subtype").is_none(), "an empty list is no FHIR");
    }

    #[test]
    fn an_event_says_who_what_whose_why_and_how_it_ended() {
        let built = event()
            .subtype("delivery-attempt")
            .outcome(Outcome::MinorFailure, "answered 503, will be tried again")
            .purpose("TREAT")
            .agent(Agent::service("outbox").policy("Consent/c1"))
            .agent(Agent::receiver(crate::fhir::systems::AGB, "01000001").address("127.0.0.1"))
            .patient("p1")
            .object("urn:ietf:rfc:3986", "urn:uuid:0")
            .request_id("r1")
            .build();
        assert_eq!(built["recorded"], "2026-03-01T22:15:00Z");
        assert_eq!((&built["action"], &built["outcome"]), (&json!("E"), &json!("4")));
        assert_eq!(built["agent"].as_array().map(Vec::len), Some(2));
        assert_eq!(built["agent"][0]["policy"], json!(["Consent/c1"]));
        assert_eq!(built["agent"][1]["requestor"], false);
        assert_eq!(built["entity"][0]["what"]["reference"], "Patient/p1");
        assert_eq!(built["entity"][1]["what"]["identifier"]["value"], "urn:uuid:0");
        assert_eq!(built["entity"][2]["type"]["code"], "XrequestId");
    }
}
