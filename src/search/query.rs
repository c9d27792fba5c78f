//! A search as typed data: nothing in it is text that must be read again.

use super::parameter::Parameter;
use super::value::Test;
use crate::fhir::subset::View;

/// What a search asks of one resource type.
#[derive(Debug)]
pub struct Query {
    pub resource_type: String,
    /// All must hold.
    pub(super) filters: Vec<Filter>,
    pub includes: Vec<Include>,
    pub reverse_includes: Vec<Include>,
    pub sort: Vec<Sort>,
    pub count: Option<usize>,
    /// Only the number of matches is asked for (`_summary=count`, `_count=0`).
    pub count_only: bool,
    pub total: Total,
    /// Which part of each resource is asked for.
    pub view: View,
    /// Names of parameters that were left out under lenient handling, where they may be shown.
    pub ignored: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Total {
    #[default]
    Accurate,
    None,
}

#[derive(Debug)]
pub(super) enum Filter {
    /// A value at the parameter's paths passes one of the tests; `negated`: none does.
    Values { parameter: &'static Parameter, tests: Vec<Test>, negated: bool },
    /// There is no value (or there is one).
    Missing { parameter: &'static Parameter, missing: bool },
    /// What the reference points at answers one of these, each for one type.
    Chain { parameter: &'static Parameter, targets: Vec<(&'static str, Filter)> },
    /// A resource of this type points here by the parameter and answers the filter.
    Has { source: &'static str, parameter: &'static Parameter, filter: Box<Filter> },
}

/// `_include=Type:parameter:target`, and `_revinclude` of the same form.
#[derive(Clone, Debug)]
pub struct Include {
    pub source: String,
    pub(super) parameter: &'static Parameter,
    pub target: Option<String>,
    /// Also from what was included itself.
    pub iterate: bool,
}

#[derive(Clone, Copy, Debug)]
pub struct Sort {
    pub(super) parameter: &'static Parameter,
    pub descending: bool,
}
