//! Asking again: may this delivery go now? Gathers what is known about a patient and applies the table.

use std::sync::Arc;

use async_trait::async_trait;
use serde_json::Value;

use super::{Decision, Purpose, Statement, Statements, decide, registry_opt_out, sharing_consent};
use crate::fhir::{Identity, ResourceKey, systems};
use crate::store::{Delivery, DeliveryKind, Store, StoreError};

/// Where consent is recorded outside the care plan: a local register, Mitz.
#[async_trait]
pub trait ConsentSource: Send + Sync + 'static {
    /// What the source says about this patient for this purpose. A source that cannot be reached says unknown for
    /// [`Purpose::Reading`], where unknown is not a yes.
    async fn statements(&self, patient: &ResourceKey, purpose: Purpose) -> OtherStatements;
}

/// What the sources outside the care plan say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OtherStatements {
    pub local_register: Statement,
    pub mitz: Statement,
    /// `Unknown` leaves it to what the record says.
    pub registry_opt_out: Statement,
}

/// For an installation without a register of its own and without Mitz: the care plan alone speaks.
pub struct NoOtherSource;

#[async_trait]
impl ConsentSource for NoOtherSource {
    async fn statements(&self, _: &ResourceKey, _: Purpose) -> OtherStatements {
        OtherStatements::default()
    }
}

/// Whether a delivery that waits may still go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    Go,
    /// It never will; the reason is for the worklist, without a value of the patient.
    Withdrawn(&'static str),
}

/// Asked at every attempt (decision 8: withdrawn consent cancels; so does death, for what is for care).
#[async_trait]
pub trait Gate: Send + Sync + 'static {
    async fn standing(&self, delivery: &Delivery) -> Result<Standing, StoreError>;
}

/// The gate over what is stored and the sources outside.
pub struct StoreGate {
    pub store: Arc<dyn Store>,
    pub source: Arc<dyn ConsentSource>,
}

#[async_trait]
impl Gate for StoreGate {
    async fn standing(&self, delivery: &Delivery) -> Result<Standing, StoreError> {
        let resources = bodies(self.store.as_ref(), &delivery.patient).await?;
        let purpose = match delivery.kind {
            DeliveryKind::RegistryBundle => Purpose::Registry,
            DeliveryKind::Handover if is_deceased(&resources) => {
                return Ok(Standing::Withdrawn("The patient has died: what was meant for care is not sent."));
            }
            DeliveryKind::Handover => purpose_tag(&delivery.bundle),
        };
        let decision = decision(self.source.as_ref(), &delivery.patient, &resources, purpose).await;
        Ok(if !decision.allowed {
            Standing::Withdrawn(decision.text())
        } else if !decision.care_plan && carries_care_plan(&delivery.bundle) {
            Standing::Withdrawn("The patient no longer agrees to sharing the care plan, which this handover carries.")
        } else {
            Standing::Go
        })
    }
}

/// The decision for one patient, from the resources of the compartment and the sources outside.
pub async fn decision(source: &dyn ConsentSource, patient: &str, resources: &[Value], purpose: Purpose) -> Decision {
    let other = source.statements(&ResourceKey::new("Patient", patient), purpose).await;
    decide(
        purpose,
        &Statements {
            care_plan: sharing_consent(resources).statement,
            local_register: other.local_register,
            mitz: other.mitz,
            registry_opt_out: match other.registry_opt_out {
                Statement::Unknown => registry_opt_out(resources),
                said => said,
            },
        },
    )
}

/// Whether the organisation treats the patient, as far as the record says: it is the GP of the Patient, or a resource
/// of the patient refers to it (directly, or through a practitioner's role).
pub async fn purpose_of(
    store: &dyn Store,
    resources: &[Value],
    system: &str,
    value: &str,
) -> Result<Purpose, StoreError> {
    let identity = Identity { resource_type: "Organization".into(), system: system.into(), value: value.into() };
    let Some(organization) = store.find(&identity).await? else { return Ok(Purpose::HandoverToOther) };
    let mut referenced = Vec::new();
    resources.iter().for_each(|resource| references(resource, &mut referenced));
    if referenced.contains(&organization) {
        return Ok(Purpose::HandoverToTreating);
    }
    for role in referenced.iter().filter(|key| key.resource_type == "PractitionerRole") {
        let works_at = store.read(role).await?.and_then(|role| reference_of(&role.body["organization"]));
        if works_at.as_ref() == Some(&organization) {
            return Ok(Purpose::HandoverToTreating);
        }
    }
    Ok(Purpose::HandoverToOther)
}

/// True where the Patient among the resources is known to have died.
pub fn is_deceased(resources: &[Value]) -> bool {
    resources
        .iter()
        .filter(|resource| resource["resourceType"] == "Patient")
        .any(|patient| patient["deceasedBoolean"] == true || patient["deceasedDateTime"].is_string())
}

/// True where a handover Bundle was composed with the care plan in it ([`systems::HANDOVER_CONTENT`]).
pub fn carries_care_plan(bundle: &Value) -> bool {
    bundle["meta"]["tag"].as_array().is_some_and(|tags| {
        tags.iter().any(|tag| tag["system"] == systems::HANDOVER_CONTENT && tag["code"] == "care-plan")
    })
}

/// The purpose that was decided at the door; one that is not said gets the stricter rules.
fn purpose_tag(bundle: &Value) -> Purpose {
    let tags = bundle["meta"]["tag"].as_array().into_iter().flatten();
    let tag = tags.into_iter().find(|tag| tag["system"] == systems::CONSENT_PURPOSE);
    tag.and_then(|tag| serde_json::from_value(tag["code"].clone()).ok()).unwrap_or(Purpose::HandoverToOther)
}

async fn bodies(store: &dyn Store, patient: &str) -> Result<Vec<Value>, StoreError> {
    Ok(store.compartment(patient, None).await?.into_iter().map(|version| version.body).collect())
}

/// Every relative reference in a resource.
fn references(value: &Value, found: &mut Vec<ResourceKey>) {
    match value {
        Value::Object(object) => {
            found.extend(reference_of(value));
            object.values().for_each(|child| references(child, found));
        }
        Value::Array(list) => list.iter().for_each(|child| references(child, found)),
        _ => {}
    }
}

fn reference_of(reference: &Value) -> Option<ResourceKey> {
    ResourceKey::parse(reference.get("reference")?.as_str()?)
}
