//! Who may do what, and the audit record of every access.
//!
//! Until tokens come, who reaches loopback may do everything, and nobody else anything: the peer must be loopback, and
//! so must the `Host` that was asked for, because a web page in a browser on this machine can reach loopback too under a
//! name of its own.

use std::net::IpAddr;
use std::sync::Arc;

use jiff::Timestamp;
use serde_json::Value;

use crate::fhir::audit_event::{Action, Agent, EventType, Outcome};
use crate::fhir::{AuditEvent, ResourceKey};
use crate::store::{AuditPut, Commit, CommitError, Store, StoreError};

/// Name of this service in its own audit records (`AuditEvent.source.observer`).
const OBSERVER: &str = "overdracht";

/// Who asks.
#[derive(Clone, Debug)]
pub struct Caller {
    pub address: Option<IpAddr>,
    pub request_id: String,
}

impl Caller {
    /// For the audit record: until tokens come only the address is known.
    pub fn agent(&self) -> Agent {
        match self.address {
            Some(address) => Agent::anonymous().address(&address.to_string()),
            None => Agent::anonymous(),
        }
    }
}

/// What was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Interaction {
    TakeIn,
    ReadDocument,
    Handover,
    ReadHandover,
    Read,
    Vread,
    History,
    Search,
    Validate,
    ReadAudit,
}

impl Interaction {
    /// Type and action of the event, and the code of the REST interaction or of our own.
    fn row(self) -> (EventType, Action, Code) {
        match self {
            Interaction::TakeIn => (EventType::Import, Action::Create, Code::Own("document-intake")),
            Interaction::ReadDocument => (EventType::Rest, Action::Read, Code::Own("document-read")),
            Interaction::Handover => (EventType::Export, Action::Create, Code::Own("handover-request")),
            Interaction::ReadHandover => (EventType::Rest, Action::Read, Code::Own("handover-read")),
            Interaction::Read => (EventType::Rest, Action::Read, Code::Rest("read")),
            Interaction::Vread => (EventType::Rest, Action::Read, Code::Rest("vread")),
            Interaction::History => (EventType::Rest, Action::Read, Code::Rest("history-instance")),
            Interaction::Search => (EventType::Query, Action::Execute, Code::Rest("search-type")),
            Interaction::Validate => (EventType::Rest, Action::Execute, Code::Rest("operation")),
            Interaction::ReadAudit => (EventType::Query, Action::Execute, Code::Own("audit-read")),
        }
    }
}

enum Code {
    Rest(&'static str),
    Own(&'static str),
}

/// What an access came upon: whose record, and which resources.
#[derive(Clone, Debug, Default)]
pub struct Seen {
    /// Logical ids.
    pub patients: Vec<String>,
    pub resources: Vec<ResourceKey>,
    /// Names of the search parameters that were used, without their values.
    pub query: Option<String>,
}

impl Seen {
    /// A resource with the patient whose it is.
    pub fn resource(resource: &Value) -> Self {
        let mut seen = Seen::default();
        seen.add(resource);
        seen
    }

    pub fn patient(id: impl Into<String>) -> Self {
        Seen { patients: vec![id.into()], ..Seen::default() }
    }

    pub fn add(&mut self, resource: &Value) {
        self.add_patient(resource);
        self.resources.extend(ResourceKey::of(resource));
    }

    /// The patient whose resource it is, without the resource.
    pub fn add_patient(&mut self, resource: &Value) {
        if let Some(patient) = patient_of(resource).filter(|patient| !self.patients.contains(patient)) {
            self.patients.push(patient);
        }
    }
}

/// The patient whose resource it is, by logical id.
pub fn patient_of(resource: &Value) -> Option<String> {
    if resource["resourceType"] == "Patient" {
        return resource["id"].as_str().map(str::to_owned);
    }
    ["subject", "patient", "beneficiary"]
        .iter()
        .filter_map(|element| ResourceKey::parse(resource[*element]["reference"].as_str()?))
        .find(|key| key.resource_type == "Patient")
        .map(|key| key.id)
}

/// Why someone is not let in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Denied {
    #[error("this service answers callers on the same machine alone, until access control comes")]
    NotLocal,
    #[error("the Host header names another host than this machine")]
    ForeignHost,
}

/// The record of every access, and the door.
#[derive(Clone)]
pub struct Access {
    store: Arc<dyn Store>,
}

impl Access {
    pub fn new(store: Arc<dyn Store>) -> Self {
        Access { store }
    }

    /// Lets in who comes from this machine and asked for this machine.
    pub fn admit(&self, caller: &Caller, host: Option<&str>) -> Result<(), Denied> {
        if !caller.address.is_some_and(|address| address.is_loopback()) {
            return Err(Denied::NotLocal);
        }
        if !host.is_none_or(is_this_machine) {
            return Err(Denied::ForeignHost);
        }
        Ok(())
    }

    /// An event of this interaction, for a room that writes it in its own commit.
    pub fn event(&self, interaction: Interaction, caller: &Caller, now: Timestamp) -> AuditEvent {
        let (kind, action, code) = interaction.row();
        let event = AuditEvent::new(kind, action, now, OBSERVER).agent(caller.agent()).request_id(&caller.request_id);
        match code {
            Code::Rest(code) => event.interaction(code),
            Code::Own(code) => event.subtype(code),
        }
    }

    /// Makes an access durable in the audit chain: an event per patient, one where no patient was come upon. Nothing
    /// may be answered before this returns.
    pub async fn record(
        &self,
        interaction: Interaction,
        caller: &Caller,
        seen: &Seen,
        outcome: (Outcome, &str),
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let mut patients: Vec<Option<&String>> = seen.patients.iter().map(Some).collect();
        if patients.is_empty() {
            patients.push(None);
        }
        let mut commit = Commit::at(now);
        for patient in patients {
            let mut event = self.event(interaction, caller, now).outcome(outcome.0, outcome.1);
            if let Some(patient) = patient {
                event = event.patient(patient);
            }
            if let Some(query) = &seen.query {
                event = event.query(&base64_of(query));
            }
            event = seen.resources.iter().fold(event, AuditEvent::resource);
            commit.audit.push(AuditPut { patient: patient.cloned(), event: event.build() });
        }
        match self.store.commit(commit).await {
            Ok(_) => Ok(()),
            Err(CommitError::Store(error)) => Err(error),
            Err(error) => Err(StoreError::Io(error.to_string())),
        }
    }
}

fn base64_of(text: &str) -> String {
    use base64::Engine;
    base64::engine::general_purpose::STANDARD.encode(text)
}

/// `localhost`, `127.x.x.x` or `[::1]`, with or without a port.
fn is_this_machine(host: &str) -> bool {
    let name = match host.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => host.rsplit_once(':').map_or(host, |(name, _)| name),
    };
    name.eq_ignore_ascii_case("localhost") || name.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn this_machine_is_known_under_its_own_names_alone() {
        for host in ["localhost", "localhost:8080", "127.0.0.1:8080", "127.0.0.1", "[::1]:80", "[::1]"] {
            assert!(is_this_machine(host), "{host}");
        }
        for host in ["evil.example", "localhost.evil.example:8080", "192.0.2.1", "", "127.0.0.1.evil.example"] {
            assert!(!is_this_machine(host), "{host}");
        }
    }

    #[test]
    fn whose_a_resource_is_stands_in_its_subject() {
        assert_eq!(patient_of(&json!({"resourceType": "Patient", "id": "p"})).as_deref(), Some("p"));
        let consent = json!({"resourceType": "Consent", "patient": {"reference": "Patient/p"}});
        assert_eq!(patient_of(&consent).as_deref(), Some("p"));
        let device = json!({"resourceType": "Goal", "subject": {"reference": "Group/g"}});
        assert_eq!(patient_of(&device), None);
    }
}
