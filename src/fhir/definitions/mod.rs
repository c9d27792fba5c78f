//! Every definition that is known: HL7's own, those of the packages that were added, and Overdracht's.
//!
//! ```no_run
//! use overdracht::fhir::definitions::Definitions;
//!
//! let definitions = Definitions::builder().open()?;
//! let patient = definitions.structure_for_type("Patient").expect("R4 has patients");
//! let snapshot = patient.pointer("/snapshot/element");
//! # Ok::<(), overdracht::fhir::definitions::DefinitionsError>(())
//! ```
//!
//! - A canonical is `url` or `url|version`. With a version only that one is found (`4.0` also finds `4.0.1`); without,
//!   the newest, and definitions given for this call before any of a package.
//! - [`Definitions::structure`] always has a snapshot; where the definition has none it is generated, and
//!   [`Definitions::snapshot_issues`] says what was wrong with its differential.
//! - Prose and mappings are left out of what is given (see [`super::pack`]); a differential as well, where the package
//!   has a snapshot.
//! - JSON is read on demand. What was read lately stays for the next asker; call [`Definitions::forget`] when done
//!   compiling.
//! - [`Definitions::codes`] is a value set ready to be asked, [`Definitions::code_table`] a code system; both are made
//!   when first asked for and kept.
//! - What is wrong with the packages (a dependency that is missing, a file that is no JSON) is in
//!   [`Definitions::issues`] and stops nothing.

mod builder;
mod canonical;
mod catalog;
mod dependencies;
pub mod errata;
mod own;
mod recent;
mod terminology;

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use parking_lot::Mutex;
use serde_json::Value;

pub use builder::{Builder, DefinitionsError};
pub use canonical::Canonical;
pub use catalog::Slot;
use catalog::{Catalog, Content};
pub use dependencies::check as check_dependencies;
pub use own::published;
use recent::Recent;

use super::pack::{Entry, Pack};
use super::package::Manifest;
use super::snapshot::{self, Structures};
use super::{Issue, IssueCode};
use terminology::Terminology;

/// Base of the canonicals of HL7's own structures.
pub const HL7_STRUCTURE: &str = "http://hl7.org/fhir/StructureDefinition/";

/// All definitions; share it in an `Arc`.
pub struct Definitions {
    catalog: Catalog,
    packs: Vec<Pack>,
    issues: Vec<Issue>,
    recent: Mutex<Recent>,
    snapshots: Mutex<HashMap<Slot, Arc<snapshot::Generated>>>,
    terminology: Terminology,
}

impl Definitions {
    /// Says where definitions come from; [`Builder::open`] gives them.
    pub fn builder() -> Builder {
        Builder::default()
    }

    /// The StructureDefinition, with a snapshot.
    pub fn structure(&self, canonical: &str) -> Option<Arc<Value>> {
        let slot = self.catalog.find("StructureDefinition", canonical)?;
        if self.catalog.entry(slot).has_snapshot {
            return self.read(slot);
        }
        Some(self.generated(slot)?.definition.clone())
    }

    /// Which StructureDefinition a canonical means, and whether the canonical is its url, alone or with its whole version:
    /// of the other ways to name it there is no end.
    pub fn structure_slot(&self, canonical: &str) -> Option<(Slot, bool)> {
        let slot = self.catalog.find("StructureDefinition", canonical)?;
        let entry = self.catalog.entry(slot);
        let is_plain = canonical.strip_prefix(&*entry.url).is_some_and(|rest| {
            rest.is_empty() || rest.strip_prefix('|').is_some_and(|version| version == &*entry.version)
        });
        Some((slot, is_plain))
    }

    /// How many value sets and code systems are kept ready to be asked.
    pub fn kept(&self) -> usize {
        self.terminology.kept()
    }

    /// The definition of a resource type or data type, such as `Patient` or `HumanName`.
    pub fn structure_for_type(&self, type_name: &str) -> Option<Arc<Value>> {
        self.structure(&format!("{HL7_STRUCTURE}{type_name}"))
    }

    /// The StructureDefinition as it was published, without generating a snapshot.
    pub fn structure_as_published(&self, canonical: &str) -> Option<Arc<Value>> {
        self.read(self.catalog.find("StructureDefinition", canonical)?)
    }

    /// What could not be done when the snapshot of this structure was generated; none where it came with one.
    pub fn snapshot_issues(&self, canonical: &str) -> Vec<Issue> {
        let Some(slot) = self.catalog.find("StructureDefinition", canonical) else { return Vec::new() };
        if self.catalog.entry(slot).has_snapshot {
            return Vec::new();
        }
        self.generated(slot).map_or_else(Vec::new, |generated| generated.issues.clone())
    }

    /// The `type` of a structure, such as `Patient` for a profile on it.
    pub fn resource_type_of(&self, canonical: &str) -> Option<&str> {
        let slot = self.catalog.find("StructureDefinition", canonical)?;
        Some(&*self.catalog.entry(slot).about)
    }

    pub fn value_set(&self, canonical: &str) -> Option<Arc<Value>> {
        self.resource("ValueSet", canonical)
    }

    pub fn code_system(&self, canonical: &str) -> Option<Arc<Value>> {
        self.resource("CodeSystem", canonical)
    }

    /// Any definition of this resource type, as published. For a structure that must have a snapshot call
    /// [`Definitions::structure`].
    pub fn resource(&self, resource_type: &str, canonical: &str) -> Option<Arc<Value>> {
        self.read(self.catalog.find(resource_type, canonical)?)
    }

    /// The search parameters, newest version of each, optionally only those for one of these resource types (those
    /// for `Resource` and `DomainResource` are named so).
    pub fn search_parameters(&self, for_types: Option<&[&str]>) -> Vec<Arc<Value>> {
        let wanted =
            |entry: &Entry| for_types.is_none_or(|types| entry.about.split(' ').any(|base| types.contains(&base)));
        self.catalog
            .of_type("SearchParameter")
            .filter(|slot| wanted(self.catalog.entry(*slot)))
            .filter_map(|slot| self.read_apart(slot).map(Arc::new))
            .collect()
    }

    /// What the index knows of every definition of a resource type, newest version of each.
    pub fn entries<'a>(&'a self, resource_type: &'a str) -> impl Iterator<Item = &'a Entry> {
        self.catalog.of_type(resource_type).map(|slot| self.catalog.entry(slot))
    }

    /// True where some definition has this canonical.
    pub fn contains(&self, canonical: &str) -> bool {
        self.catalog.find_any(canonical).is_some()
    }

    /// What the index knows of the definition with this canonical, whatever its type.
    pub fn entry(&self, canonical: &str) -> Option<&Entry> {
        self.catalog.find_any(canonical).map(|slot| self.catalog.entry(slot))
    }

    /// `4.0.1`: the version of FHIR that everything here is of.
    pub fn fhir_version(&self) -> &'static str {
        "4.0.1"
    }

    /// The packages that are loaded, with the number of definitions of each.
    pub fn packages(&self) -> impl Iterator<Item = (&Manifest, usize)> {
        self.packs.iter().map(|pack| (pack.manifest(), pack.entries().len()))
    }

    /// What is wrong with the packages; what they do hold is used all the same.
    pub fn issues(&self) -> &[Issue] {
        &self.issues
    }

    /// Lets go of the JSON that was kept for the next asker.
    pub fn forget(&self) {
        self.recent.lock().clear();
        self.snapshots.lock().clear();
    }

    fn read(&self, slot: Slot) -> Option<Arc<Value>> {
        if let Some(known) = self.recent.lock().get(slot) {
            return Some(known);
        }
        let read = Arc::new(self.read_apart(slot)?);
        self.recent.lock().put(slot, read.clone());
        Some(read)
    }

    /// Reads without keeping. What cannot be read is as good as absent: the caller reports it as unknown.
    fn read_apart(&self, slot: Slot) -> Option<Value> {
        match self.catalog.content(slot) {
            Content::Packed { pack, entry } => {
                let pack = self.packs.get(*pack)?;
                let read = pack.read(pack.entries().get(*entry)?);
                read.inspect_err(|error| tracing::error!(%error, "a definition cannot be read")).ok()
            }
            Content::Loose(text) => serde_json::from_slice(text).ok(),
        }
    }

    /// From the bottom up, as a chain of bases may be longer than the stack is deep.
    fn generated(&self, slot: Slot) -> Option<Arc<snapshot::Generated>> {
        let mut chain = vec![slot];
        let mut seen = HashSet::from([slot]);
        while let Some(base) = chain.last().and_then(|slot| self.base_without_snapshot(*slot)) {
            if self.snapshots.lock().contains_key(&base) || !seen.insert(base) {
                break;
            }
            chain.push(base);
        }
        chain.into_iter().rev().map(|slot| self.generate(slot)).last()?
    }

    fn base_without_snapshot(&self, slot: Slot) -> Option<Slot> {
        let base = self.catalog.find("StructureDefinition", &self.catalog.entry(slot).base)?;
        (!self.catalog.entry(base).has_snapshot).then_some(base)
    }

    fn generate(&self, slot: Slot) -> Option<Arc<snapshot::Generated>> {
        if let Some(known) = self.snapshots.lock().get(&slot) {
            return Some(known.clone());
        }
        let definition = self.read(slot)?;
        let generated = Arc::new(snapshot::generate(&definition, self));
        self.snapshots.lock().insert(slot, generated.clone());
        Some(generated)
    }
}

impl Structures for Definitions {
    fn structure(&self, canonical: &str) -> Option<Arc<Value>> {
        Definitions::structure(self, canonical)
    }
}

impl std::fmt::Debug for Definitions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let packages: Vec<_> = self.packages().map(|(manifest, _)| manifest.label()).collect();
        f.debug_struct("Definitions").field("packages", &packages).field("count", &self.catalog.len()).finish()
    }
}

fn not_json(package: &str, file: &str) -> Issue {
    let text = format!("Package {package}: {file} is not JSON and was skipped.");
    Issue::warning(IssueCode::Incomplete, "definitions-file-unreadable", text)
}
