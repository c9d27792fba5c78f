//! Whether a code is in a value set, as far as the definitions that are here can tell.
//!
//! A value set is not written out: it is compiled to a rule with three answers. What cannot be decided, because a code
//! system such as SNOMED CT is not here, is [`Membership::Unknown`] and comes with a [`Gap`] that says why; all that
//! does not depend on it is decided all the same. Source: <http://hl7.org/fhir/R4/valueset.html#compositions>.

mod code_table;
mod compose;
mod filter;
#[cfg(test)]
mod tests;

use std::cell::Cell;
use std::sync::Arc;

use ahash::HashSet;
use serde_json::Value;

pub use code_table::{CodeTable, Concept, DisplayCheck};
pub use compose::{Terms, compile};

/// Whether a code is in a value set, as asked of somebody else. Only the code goes out, never what it was found in.
#[derive(Clone, Copy, Debug)]
pub struct Question<'q> {
    /// Canonical of the value set: `url` or `url|version`.
    pub value_set: &'q str,
    /// The value set itself, where it is here: the other side may not know it.
    pub definition: Option<&'q Value>,
    pub system: Option<&'q str>,
    pub code: &'q str,
}

/// Whether a code is in a value set. Ordered so that "all of these" is the smallest and "any of these" the largest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Membership {
    Out,
    /// What would decide it is not here.
    Unknown,
    In,
}

impl Membership {
    fn not(self) -> Membership {
        match self {
            Membership::Out => Membership::In,
            Membership::Unknown => Membership::Unknown,
            Membership::In => Membership::Out,
        }
    }
}

/// Why a part of a value set cannot be decided.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Gap {
    /// The codes of this system are not here.
    CodeSystemMissing(Box<str>),
    /// Only some codes of this system are here.
    CodeSystemIncomplete(Box<str>),
    /// This version (`system|version`) is not here.
    VersionMissing(Box<str>),
    /// This value set is not here.
    ValueSetMissing(Box<str>),
    /// This value set imports itself.
    Circular(Box<str>),
    /// This value set is imported through too many others.
    TooDeep(Box<str>),
    /// A filter that is not understood: property and operation.
    Filter(Box<str>),
    /// The published expansion is only a part.
    ExpansionIncomplete,
    /// The value set says nothing of what is in it.
    Undefined,
}

impl std::fmt::Display for Gap {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Gap::Undefined => f.write_str("the value set does not say what is in it"),
            Gap::CodeSystemMissing(system) => write!(f, "code system {system} is not here"),
            Gap::CodeSystemIncomplete(system) => write!(f, "code system {system} is here in part only"),
            Gap::VersionMissing(canonical) => write!(f, "{canonical} is not here in that version"),
            Gap::ValueSetMissing(canonical) => write!(f, "value set {canonical} is not here"),
            Gap::Circular(canonical) => write!(f, "value set {canonical} imports itself"),
            Gap::TooDeep(canonical) => write!(f, "value set {canonical} is imported through too many others"),
            Gap::Filter(filter) => write!(f, "the filter {filter} is not understood"),
            Gap::ExpansionIncomplete => f.write_str("its expansion was published in part only"),
        }
    }
}

/// A value set, ready to be asked. Hold on to it: asking allocates nothing but for systems that ignore case.
#[derive(Debug, Default)]
pub struct ValueSet {
    include: Vec<Part>,
    exclude: Vec<Part>,
    gaps: Vec<Gap>,
    /// Every system that a code may be of, for codes that come without one.
    systems: Vec<Box<str>>,
    /// A part of it may have codes of systems that are not among `systems`.
    any_system: bool,
    /// It is not here: nothing can be said of any code.
    undecided: bool,
}

/// What is in every one of its members.
#[derive(Debug)]
struct Part {
    codes: Option<SystemCodes>,
    imports: Vec<Arc<ValueSet>>,
}

#[derive(Debug)]
struct SystemCodes {
    system: Box<str>,
    codes: Codes,
}

#[derive(Debug)]
enum Codes {
    /// These; for other codes the answer is `otherwise`. Lower case where `fold`.
    Listed { codes: HashSet<Box<str>>, fold: bool, otherwise: Membership },
    /// All of a code system that is here.
    Table(Arc<CodeTable>),
    /// All of a code system that is not here.
    Whole,
    /// Some of a code system that is not here.
    Some,
}

/// How many parts are asked before a code counts as undecided: sets that import one another can make any number.
const LONGEST: u32 = 1_000_000;

impl ValueSet {
    /// Whether the code is in; without a system, whether it is in for any system of the value set.
    pub fn contains(&self, system: Option<&str>, code: &str) -> Membership {
        match system {
            Some(system) => self.has(system, code, &Cell::new(LONGEST)),
            None => {
                let left = Cell::new(LONGEST);
                let mut any = if self.any_system { Membership::Unknown } else { Membership::Out };
                for system in &self.systems {
                    any = any.max(self.has(system, code, &left));
                    if any == Membership::In {
                        break;
                    }
                }
                any
            }
        }
    }

    fn has(&self, system: &str, code: &str, left: &Cell<u32>) -> Membership {
        if self.undecided || left.get() == 0 {
            return Membership::Unknown;
        }
        let included = any(&self.include, system, code, left);
        if included == Membership::Out || self.exclude.is_empty() {
            return included;
        }
        included.min(any(&self.exclude, system, code, left).not())
    }

    /// Why some answers are [`Membership::Unknown`]; empty when none is.
    pub fn gaps(&self) -> &[Gap] {
        &self.gaps
    }

    /// True where every code of this system is in, whichever they are: for systems that have a grammar and no list
    /// (UCUM, language tags, MIME types) the grammar then decides.
    pub fn takes_all_of(&self, system: &str) -> bool {
        self.takes_all(system, &Cell::new(LONGEST))
    }

    fn takes_all(&self, system: &str, left: &Cell<u32>) -> bool {
        left.set(left.get().saturating_sub(1));
        left.get() > 0
            && self.exclude.is_empty()
            && self.include.iter().any(|part| {
                let own = part.codes.as_ref().is_none_or(|codes| {
                    &*codes.system == system && matches!(codes.codes, Codes::Whole | Codes::Table(_))
                });
                own && part.imports.iter().all(|import| import.takes_all(system, left))
            })
    }

    /// Its codes, sorted, where they are no more than this many and all of them are known.
    pub fn few(&self, most: usize) -> Option<Vec<&str>> {
        let mut codes = Vec::new();
        if self.undecided || !self.exclude.is_empty() || !self.gaps.is_empty() {
            return None;
        }
        for part in &self.include {
            match &part.codes {
                Some(SystemCodes { codes: Codes::Listed { codes: own, .. }, .. }) if part.imports.is_empty() => {
                    codes.extend(own.iter().map(|code| &**code).take(most + 1));
                }
                Some(SystemCodes { codes: Codes::Table(table), .. })
                    if part.imports.is_empty() && table.is_complete() =>
                {
                    codes.extend(table.concepts().iter().map(|concept| &*concept.code).take(most + 1));
                }
                _ => return None,
            }
        }
        codes.sort_unstable();
        codes.dedup();
        (1..=most).contains(&codes.len()).then_some(codes)
    }

    /// The systems that its codes may be of.
    pub fn systems(&self) -> impl Iterator<Item = &str> {
        self.systems.iter().map(|system| &**system)
    }
}

fn any(parts: &[Part], system: &str, code: &str, left: &Cell<u32>) -> Membership {
    let mut any = Membership::Out;
    for part in parts {
        any = any.max(part.has(system, code, left));
        if any == Membership::In {
            break;
        }
    }
    any
}

impl Part {
    fn has(&self, system: &str, code: &str, left: &Cell<u32>) -> Membership {
        left.set(left.get().saturating_sub(1));
        let mut all = self.codes.as_ref().map_or(Membership::In, |codes| codes.has(system, code));
        for import in &self.imports {
            if all == Membership::Out {
                break;
            }
            all = all.min(import.has(system, code, left));
        }
        all
    }
}

impl SystemCodes {
    fn has(&self, system: &str, code: &str) -> Membership {
        if *self.system != *system {
            return Membership::Out;
        }
        match &self.codes {
            Codes::Listed { codes, fold, otherwise } => {
                let listed = if *fold { codes.contains(&*code.to_lowercase()) } else { codes.contains(code) };
                if listed { Membership::In } else { *otherwise }
            }
            Codes::Table(table) => table.contains(code),
            Codes::Whole | Codes::Some => Membership::Unknown,
        }
    }
}
