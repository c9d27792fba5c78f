//! Whether an expression can mean anything for items of given types: names that none of them has, and types that none is.

use std::fmt;
use std::sync::Arc;

use super::compile::findings;
use super::error::ParseError;
use super::program::Warning;
use super::types::{TypeId, Types};

/// Why an expression cannot be right where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CheckError {
    Parse(ParseError),
    /// No item that the expression may meet there has such an element.
    Element(Warning),
    /// An environment variable that nobody gives.
    Variable(String),
}

/// Checks `text` for items of any of `focuses`; `variables` are those that are given besides FHIR's own.
///
/// # Errors
/// What [`compile`](super::compile) refuses, the first name that is no element, and the first unknown variable.
pub fn check(text: &str, focuses: &[TypeId], types: &Arc<Types>, variables: &[&str]) -> Result<(), CheckError> {
    let expression = super::parse(text).map_err(CheckError::Parse)?;
    let (warnings, externals) = findings(&expression, focuses, types).map_err(CheckError::Parse)?;
    if let Some(warning) = warnings.into_iter().next() {
        return Err(CheckError::Element(warning));
    }
    match externals.into_iter().find(|name| !variables.contains(&name.as_str())) {
        Some(name) => Err(CheckError::Variable(name)),
        None => Ok(()),
    }
}

impl fmt::Display for CheckError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            CheckError::Parse(error) => write!(f, "{error}"),
            CheckError::Element(Warning { element, of, .. }) => write!(f, "{of} has no {element}"),
            CheckError::Variable(name) => write!(f, "%{name} is not known"),
        }
    }
}
