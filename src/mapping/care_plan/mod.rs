//! The care plan ↔ the resources of PZP (FHIR R4, 1.0.0-rc2).

mod answers;
mod composition;
mod consent;
mod context;
pub mod current;
mod device;
mod encounter;
mod form;
pub mod limits;
mod people;
mod read;

use serde_json::Value;

pub use answers::QUESTIONS;
pub use composition::{has_profile, recompose};
pub use consent::{DECISION, REASON_FOR_ENDING, SPECIFICATION_OTHER, decision, is_ambiguous, is_treatment_directive};
pub use context::{POLICY, PZP};
pub use form::{FORM, FORM_PROFILE};
pub use people::{ACCEPTED_BY_GP, AUTHORISED_IN_WRITING, LEGAL_REPRESENTATIVE};
pub use read::{Conversation, Read, account, conversations, read};

use context::{Context, pzp};

use crate::domain::CarePlan;
use crate::fhir::{Issue, IssueCode, ResourceKey};
use crate::mapping::common::merge::merge;
use crate::mapping::common::practitioner::{self, Canonicals};
use crate::mapping::common::{organization, patient, provenance};
use crate::mapping::{Existing, Ids, Mapped, Party};

pub(super) const AUTHOR: &str = "practitioner/author";

/// The parties that only a care plan names.
pub fn parties(plan: &CarePlan) -> Vec<Party> {
    let place = plan.content.icd.as_ref().and_then(|icd| icd.organization.as_ref()).and_then(organization::party);
    plan.content.practitioners.iter().flat_map(|entry| practitioner::parties(&entry.value)).chain(place).collect()
}

/// The resources of a care plan: the patient first, the Provenance last.
///
/// # Errors
/// What PZP cannot express.
pub fn map(plan: &CarePlan, ids: &Ids, existing: &Existing) -> Result<Mapped, Vec<Issue>> {
    let mut mapped = Mapped::default();
    let trace = &mut mapped.trace;
    let context = Context { plan, ids };
    let (envelope, content) = (&plan.envelope, &plan.content);

    let mut patient = patient::patient(envelope, ids, &[&pzp("ACP-Patient")], trace);
    let persons = people::contact_persons(context, trace);
    people::extend_patient(context, &mut patient, &persons, trace);
    let mut resources = vec![patient];
    resources.push(organization::organization(&envelope.source.organization, ids, "/source/organization", trace));
    if let Some(author) = &envelope.source.author {
        let canonicals = Canonicals::default();
        resources.extend(practitioner::practitioner(author, ids, AUTHOR, "/source/author", canonicals, trace));
    }
    resources.extend(people::practitioners(context, trace));
    resources.extend(persons);
    resources.extend(encounter::encounter(context, trace));
    resources.extend(encounter::procedure(context, trace));
    resources.extend(device::problems(context, trace));
    resources.extend(consent::advance_directives(context, trace));
    resources.extend(consent::treatment_directives(context, trace));
    resources.extend(content.icd_deactivation.iter().map(|one| consent::icd_deactivation(context, one, trace)));
    resources.extend(device::icd(context, trace));
    resources.extend(answers::goal(context, trace));
    resources.extend(answers::observations(context, trace));
    resources.extend(answers::inform_relatives(context, trace));
    resources.extend(answers::own_answers(context, trace));
    resources.extend(content.sharing_consent.map(|one| consent::sharing(context, one, trace)));
    resources.extend(content.in_charge.iter().map(|one| people::in_charge(context, one, trace)));
    let mut resources = united(resources);
    resources.push(composition::composition(context, &resources, trace));
    let (form, form_trace) = form::form(context);
    resources.push(form);
    resources.push(provenance::provenance(envelope, ids, &resources, AUTHOR, trace));
    mapped.resources = resources.into_iter().map(|resource| existing.merged(resource, trace)).collect();
    mapped.warnings = warnings(context);
    mapped.form = form_trace;
    Ok(mapped)
}

/// One resource per key: someone who is named twice in a document (the author who also held the conversation) is one.
fn united(resources: Vec<Value>) -> Vec<Value> {
    let mut all: Vec<Value> = Vec::with_capacity(resources.len());
    for resource in resources {
        match all.iter().position(|one| ResourceKey::of(one) == ResourceKey::of(&resource)) {
            Some(at) => all[at] = merge(&all[at], &resource),
            None => all.push(resource),
        }
    }
    all
}

/// What the sender should know though the plan is accepted.
fn warnings(context: Context<'_>) -> Vec<Issue> {
    let content = context.content();
    let mut warnings = Vec::new();
    let incapable = content.legal_capacity.as_ref().is_some_and(|one| one.capable == Some(false));
    if incapable && content.legal_representative.is_none() {
        let text = "The patient is not legally capable; a legal representative is expected.";
        let issue = Issue::warning(IssueCode::BusinessRule, "care-plan-no-representative", text);
        warnings.push(issue.at("/legalRepresentative"));
    }
    for (i, directive) in content.treatment_directives.iter().enumerate() {
        if directive.agreement_parties.is_empty() && context.conversation_parties().len() < 2 {
            let text = "An agreement has at least two parties; the conversation does not say who they were.";
            let issue = Issue::warning(IssueCode::Incomplete, "care-plan-too-few-parties", text);
            warnings.push(issue.at(format!("/treatmentDirectives/{i}/agreementParties")));
        }
        if directive.decision == "1" && directive.specification_other.is_none() && directive.comment.is_none() {
            let text = "The decision is `otherwise`; what was agreed is expected in `specificationOther`.";
            let issue = Issue::warning(IssueCode::Incomplete, "care-plan-otherwise-unsaid", text);
            warnings.push(issue.at(format!("/treatmentDirectives/{i}/specificationOther")));
        }
    }
    if content.earlier_agreements.as_ref().is_some_and(|one| one.differ.as_deref() == Some("373066001")) {
        let text = "Earlier agreements say something else; the reader is shown that they differ.";
        let issue = Issue::information(IssueCode::Informational, "care-plan-contradicts-earlier", text);
        warnings.push(issue.at("/earlierAgreements/differ"));
    }
    warnings
}
