//! What must be fetched before a query can run: nearly always one patient's compartment.

use serde_json::Value;

use super::parameter::{Catalog, is_filed};
use super::query::{Filter, Query};
use super::value::{Reference, System, Test, Token, local};
use crate::fhir::{FhirVersion, Identity, Issue, IssueCode};

/// The smallest set of resources in which all matches lie.
#[derive(Clone, PartialEq, Eq)]
pub enum Plan {
    /// The compartments of these patients, by logical id.
    Patients(Vec<String>),
    /// The compartments of the patients that these identifiers name.
    Identities(Vec<Identity>),
    /// These resources of the query's type, by logical id.
    Ids(Vec<String>),
    /// Everything of the query's type, which lies in no compartment.
    Unfiled,
}

impl Query {
    /// # Errors
    /// `too-costly`: the query names no patient, so that it would look at everybody.
    pub fn plan(&self) -> Result<Plan, Issue> {
        let is_patient = self.resource_type == "Patient";
        let found = self.filters.iter().find_map(|filter| match filter {
            Filter::Values { parameter, tests, negated: false } => match parameter.name {
                "patient" | "subject" => patients(tests),
                "_id" if is_patient => codes(tests).map(Plan::Patients),
                "identifier" if is_patient => identities(tests),
                _ => None,
            },
            Filter::Chain { parameter, targets } if ["patient", "subject"].contains(&parameter.name) => {
                match &targets[..] {
                    [("Patient", Filter::Values { parameter, tests, negated: false })]
                        if parameter.name == "identifier" =>
                    {
                        identities(tests)
                    }
                    _ => None,
                }
            }
            _ => None,
        });
        let by_id = || {
            self.filters.iter().find_map(|filter| match filter {
                Filter::Values { parameter, tests, negated: false } if parameter.name == "_id" => {
                    codes(tests).map(Plan::Ids)
                }
                _ => None,
            })
        };
        let too_costly = |text| Err(Issue::error(IssueCode::TooCostly, "search-needs-patient", text));
        // What no patient's compartment holds may be pointed at from every one of them.
        if !is_filed(&self.resource_type) && self.points_back().any(is_filed) {
            return too_costly(
                "What points here lies in the records of patients; search it by its own type and patient.",
            );
        }
        match found.or_else(by_id) {
            Some(plan) => Ok(plan),
            None if !is_filed(&self.resource_type) => Ok(Plan::Unfiled),
            None => too_costly(
                "The search must name the patient, as patient=[id]; a patient is found by POST Patient/_search.",
            ),
        }
    }

    /// The patients in whose record a resource of the query's type lies.
    pub fn patients_of(&self, resource: &Value) -> Vec<String> {
        let patient = Catalog::of_release(FhirVersion::R4).parameter(&self.resource_type, "patient");
        let references = patient.map(|patient| patient.references(resource)).unwrap_or_default();
        references.into_iter().filter_map(|reference| Some(local(reference)?.1.to_owned())).collect()
    }
}

fn patients(tests: &[Test]) -> Option<Plan> {
    let ids = tests.iter().map(|test| match test {
        Test::Reference(Reference::Local { resource_type, id })
            if resource_type.as_deref().is_none_or(|name| name == "Patient") =>
        {
            Some(id.clone())
        }
        _ => None,
    });
    ids.collect::<Option<_>>().map(Plan::Patients)
}

fn codes(tests: &[Test]) -> Option<Vec<String>> {
    let code = |test: &Test| match test {
        Test::Token(Token { code: Some(code), .. }) => Some(code.clone()),
        _ => None,
    };
    tests.iter().map(code).collect()
}

fn identities(tests: &[Test]) -> Option<Plan> {
    let identity = |test: &Test| match test {
        Test::Token(Token { system: System::Is(system), code: Some(value) }) => {
            Some(Identity { resource_type: "Patient".into(), system: system.clone(), value: value.clone() })
        }
        _ => None,
    };
    tests.iter().map(identity).collect::<Option<_>>().map(Plan::Identities)
}
