//! FHIR R4 ↔ STU3 (zib2017): every resource that a care plan becomes, in both versions.
//!
//! A resource goes through three steps. [`names`] exchanges what both versions have under other URIs (profiles,
//! extensions, code systems). The file of its type moves what stands elsewhere; each does both directions, so that they
//! are read side by side. [`fit`] then holds the result against the table of STU3's elements: what has no place there
//! travels as FHIR's own cross-version extension where [`kept`] names it, and is told as a [`Loss`] where it does not.
//! A resource whose meaning would turn without the element that is lost is not rendered at all.

mod care_team;
mod communication_request;
mod composition;
mod condition;
mod consent;
mod device;
mod directive;
mod draft;
mod encounter;
mod fit;
mod goal;
mod infrastructure;
mod kept;
mod names;
mod observation;
mod people;
mod procedure;
mod provenance;
mod questionnaire;
mod reference;

use serde_json::Value;

use crate::fhir::stu3;
use draft::Draft;

/// Finds a resource of the same version by `Type/id`, for what one version says by way of another resource.
pub type Others<'o> = dyn Fn(&str) -> Option<Value> + 'o;

/// For a caller that has no other resources at hand.
pub fn alone(_: &str) -> Option<Value> {
    None
}

/// An element that the other version has no place for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Loss {
    /// FHIRPath into the resource that was converted: `Condition.stage[1]`.
    pub at: String,
    pub reason: &'static str,
}

/// A resource in the other version.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rendered {
    /// None where the other version cannot say it without saying something else; a loss then tells why.
    pub resource: Option<Value>,
    pub losses: Vec<Loss>,
}

/// Moves what stands elsewhere in the other version.
type Step = fn(&mut Draft<'_>);

/// Resource type, to STU3, to R4. A type that is the same in both has nothing to move.
const KINDS: &[(&str, Step, Step)] = &[
    ("Bundle", infrastructure::bundle_to_stu3, infrastructure::bundle_to_r4),
    ("CapabilityStatement", infrastructure::capability_to_stu3, infrastructure::capability_to_r4),
    ("CareTeam", care_team::to_stu3, care_team::to_r4),
    ("ClinicalImpression", care_team::to_stu3, care_team::to_r4),
    ("CommunicationRequest", communication_request::to_stu3, communication_request::to_r4),
    ("Composition", composition::to_stu3, composition::to_r4),
    ("Condition", condition::to_stu3, condition::to_r4),
    ("Consent", consent::to_stu3, consent::to_r4),
    ("Device", device::to_stu3, device::to_r4),
    ("DeviceUseStatement", device::use_to_stu3, device::use_to_r4),
    ("Encounter", encounter::to_stu3, encounter::to_r4),
    ("EpisodeOfCare", same, same),
    ("Goal", goal::to_stu3, goal::to_r4),
    ("Location", same, people::location_to_r4),
    ("Observation", observation::to_stu3, observation::to_r4),
    ("OperationOutcome", infrastructure::outcome_to_stu3, same),
    ("Organization", same, same),
    ("Parameters", same, same),
    ("Patient", same, same),
    ("Practitioner", same, same),
    ("PractitionerRole", same, same),
    ("Procedure", procedure::to_stu3, procedure::to_r4),
    ("Provenance", provenance::to_stu3, provenance::to_r4),
    ("Questionnaire", questionnaire::to_stu3, questionnaire::to_r4),
    ("QuestionnaireResponse", questionnaire::response_to_stu3, questionnaire::response_to_r4),
    ("RelatedPerson", people::related_to_stu3, people::related_to_r4),
];

fn same(_: &mut Draft<'_>) {}

fn kind(resource: &Value) -> Option<&'static (&'static str, Step, Step)> {
    let name = resource["resourceType"].as_str()?;
    KINDS.iter().find(|(known, ..)| *known == name)
}

fn not_here(resource: &Value) -> Rendered {
    let at = resource["resourceType"].as_str().unwrap_or("Resource").to_owned();
    Rendered { resource: None, losses: vec![Loss { at, reason: "this type of resource is not said in STU3 here" }] }
}

/// An R4 resource as STU3 says it.
pub fn to_stu3(resource: &Value, others: &Others<'_>) -> Rendered {
    let Some((name, step, _)) = kind(resource) else { return not_here(resource) };
    let mut draft = Draft::new(name, resource, others);
    names::to_stu3(&mut draft.body);
    step(&mut draft);
    contained(&mut draft, to_stu3);
    fit::to_stu3(&mut draft);
    draft.finish()
}

/// A STU3 resource as R4 says it. What STU3 does not know is told and left out.
pub fn to_r4(resource: &Value, others: &Others<'_>) -> Rendered {
    let Some((name, _, step)) = kind(resource) else { return not_here(resource) };
    let mut draft = Draft::new(name, resource, others);
    fit::known(&mut draft);
    names::to_r4(&mut draft.body);
    reference::to_r4(&mut draft.body);
    step(&mut draft);
    contained(&mut draft, to_r4);
    kept::restore(&mut draft.body);
    draft.finish()
}

/// Converts what a resource contains.
fn contained(draft: &mut Draft<'_>, convert: fn(&Value, &Others<'_>) -> Rendered) {
    let mut all = Vec::new();
    for (i, one) in draft.take_list("contained").iter().enumerate() {
        let rendered = convert(one, draft.others);
        draft.told(rendered.losses, &format!("contained[{i}]"));
        all.extend(rendered.resource);
    }
    draft.set_list("contained", all);
}

/// The resource types that are said in both versions.
pub fn resource_types() -> impl Iterator<Item = &'static str> {
    KINDS.iter().map(|(name, ..)| *name).filter(|name| stu3::is_resource(name))
}
