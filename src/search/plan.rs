//! What must be fetched before a query can run: nearly always one patient's compartment.

use super::parse::needs_patient;
use super::query::{Filter, Query};
use super::value::{Reference, System, Test, Token};
use crate::fhir::{Identity, Issue, IssueCode};

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
        match found.or_else(by_id) {
            Some(plan) => Ok(plan),
            None if !needs_patient(&self.resource_type) => Ok(Plan::Unfiled),
            None => Err(Issue::error(
                IssueCode::TooCostly,
                "search-needs-patient",
                "The search must name the patient, as patient=[id]; a patient is found by POST Patient/_search.",
            )),
        }
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
