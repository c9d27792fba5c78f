//! Constraints: one expression for a key, from this definition, that can be evaluated where it stands.

use ahash::AHashMap;
use serde_json::Value;

use super::super::{constraint, list, text};
use super::{Element, plain, slicing};
use crate::fhir::Severity;
use crate::fhirpath::{self, CheckError, TypeId};
use crate::validator::kind::Kind;
use crate::validator::path::Path;
use crate::validator::schema::Schema;
use crate::validator::sink::{Flow, Sink};
use crate::validator::walk::Walk;

/// The constraints of one list of elements.
pub(super) struct Keys<'d> {
    url: Option<&'d str>,
    version: Option<&'d str>,
    base: u32,
    in_snapshot: bool,
    /// Whether the expressions are looked at: once, in the snapshot where there is one.
    is_read: bool,
    expressions: AHashMap<&'d str, Option<&'d str>>,
}

impl<'d> Keys<'d> {
    pub(super) fn new(definition: &'d Value, base: u32, in_snapshot: bool) -> Self {
        let (url, version) = (text(definition, "url"), text(definition, "version"));
        let is_read = in_snapshot || definition.get("snapshot").is_none();
        Keys { url, version, base, in_snapshot, is_read, expressions: AHashMap::new() }
    }

    pub(super) fn check<S: Sink>(&mut self, walk: &mut Walk<'_, '_, S>, element: &Element<'d>, at: &Path<'_>) -> Flow {
        let all = at.name("constraint");
        for (i, constraint) in list(element.json, "constraint").iter().enumerate() {
            let Some(key) = text(constraint, "key") else { continue };
            let Some(expression) = text(constraint, "expression") else { continue };
            let here = all.index(i);
            let named = || plain(&key.into(), "");
            if !self.in_snapshot && !self.is_own(text(constraint, "source")) {
                walk.error(&here, || Kind::ConstraintSource { key: named() })?;
                continue;
            }
            let taken = !self.in_snapshot && elsewhere(walk.schema(), self.base, key, expression);
            let earlier = *self.expressions.entry(key).or_insert(Some(expression));
            // R4 publishes ele-1 in two forms.
            if taken || (earlier != Some(expression) && !(self.in_snapshot && key == "ele-1")) {
                walk.error(&here, || Kind::ConstraintKeyTaken { key: named() })?;
            }
            let source = text(constraint, "source");
            if self.is_read && earlier == Some(expression) && self.is_own(source) {
                let focuses = self.focuses(walk, element);
                if !focuses.is_empty()
                    && let Err(error) = fhirpath::check(expression, &focuses, &walk.schema().types, &[])
                    && !matches!(&error, CheckError::Parse(error) if constraint::is_beyond(error))
                {
                    // Published definitions name at their root what only some of its types have.
                    let is_doubt = matches!(error, CheckError::Element(_)) && !element.path.contains('.');
                    let severity = if is_doubt { Severity::Warning } else { Severity::Error };
                    let reason = plain(&error.to_string().into(), "");
                    walk.report(&here, severity, || Kind::ConstraintExpression { key: named(), reason })?;
                }
            }
        }
        Flow::Continue(())
    }

    /// What an expression on the element meets. The root has no type but its own, and a differential alone names few.
    fn focuses<S: Sink>(&self, walk: &Walk<'_, '_, S>, element: &Element<'_>) -> Vec<TypeId> {
        if !element.path.contains('.') {
            return vec![walk.schema().types.find(element.path)];
        }
        match self.in_snapshot {
            true => element.types.iter().map(|t| slicing::focus(walk, t, element.path)).collect(),
            false => vec![TypeId::UNKNOWN],
        }
    }

    fn is_own(&self, source: Option<&str>) -> bool {
        let Some(source) = source else { return true };
        let Some(url) = self.url else { return false };
        source == url
            || self
                .version
                .is_some_and(|version| source.strip_prefix(url).and_then(|r| r.strip_prefix('|')) == Some(version))
    }
}

/// Whether the base, or a type of FHIR, has this key with another expression.
fn elsewhere(schema: &Schema, base: u32, key: &str, expression: &str) -> bool {
    let of = |structure: u32| {
        let all = schema.get(structure).elements.iter().flat_map(|e| &e.constraints);
        all.filter(|c| *c.key == *key).map(|c| *c.expression == *expression).next()
    };
    of(base).or_else(|| schema.core_constraint(key, expression)).is_some_and(|same| !same)
}
