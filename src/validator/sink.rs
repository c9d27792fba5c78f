//! Where findings go: a list, or the first error and no further.

use std::ops::ControlFlow;

use super::kind::{Finding, Kind};
use super::path::Path;
use crate::fhir::Severity;

/// `Break` ends the walk.
pub type Flow = ControlFlow<()>;

/// What a walk does with what it finds. The same walk serves both, so that `is_valid` and `validate` cannot disagree.
pub trait Sink {
    /// Whether findings that are not errors are wanted; where not, they are not looked for.
    const ALL: bool;

    /// Takes a finding; `kind` is made only where it is kept.
    fn take(&mut self, severity: Severity, at: &Path<'_>, kind: impl FnOnce() -> Kind) -> Flow;
}

/// Keeps everything.
#[derive(Default)]
pub struct Collect {
    pub found: Vec<(Severity, Finding)>,
}

impl Sink for Collect {
    const ALL: bool = true;

    fn take(&mut self, severity: Severity, at: &Path<'_>, kind: impl FnOnce() -> Kind) -> Flow {
        self.found.push((severity, Finding { kind: kind(), at: at.to_string() }));
        Flow::Continue(())
    }
}

/// Stops at the first error; makes nothing.
pub struct Verdict;

impl Sink for Verdict {
    const ALL: bool = false;

    fn take(&mut self, severity: Severity, _: &Path<'_>, _: impl FnOnce() -> Kind) -> Flow {
        if severity.refuses() { Flow::Break(()) } else { Flow::Continue(()) }
    }
}
