//! What a validator knows: structures read once, nodes compiled once, both on demand.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

use ahash::AHashMap;
use parking_lot::RwLock;

use super::arena::Arena;
use super::node::{Node, NodeId, Source, Variant};
use super::rules::constraint::ConstraintRule;
use super::slicing::Slice;
use super::structure::{Constraint, Element, Structure, StructureKind};
use super::terminology::Terminology;
use super::types::Model;
use crate::fhir::definitions::{Definitions, Slot};
use crate::fhirpath::{self, Program, TypeId, Types};

/// Where HL7's own types and resources are defined.
pub const CORE: &str = "http://hl7.org/fhir/StructureDefinition/";

/// Definitions of a place → its node, by type.
type Memo = AHashMap<Box<[Source]>, Vec<(Box<str>, NodeId)>>;

/// The most nodes of several profiles at once: more than any set of resources needs, and less than fills the memory.
const MOST_UNITED: usize = 10_000;

/// The most extensions at places of their own.
const MOST_JOINED: usize = 5_000;

/// From a node and a structure to the node that holds for both.
type Joined = AHashMap<(NodeId, u32), NodeId>;

pub struct Schema {
    pub definitions: Arc<Definitions>,
    pub terminology: Terminology,
    pub types: Arc<Types>,
    structures: Arena<Structure>,
    by_url: RwLock<AHashMap<Box<str>, Option<u32>>>,
    by_slot: RwLock<AHashMap<Slot, Option<u32>>>,
    nodes: Arena<Node>,
    memo: RwLock<Memo>,
    joined: RwLock<Joined>,
    /// How many nodes there are of several profiles at once.
    united: AtomicUsize,
    globals: OnceLock<AHashMap<Box<str>, Vec<u32>>>,
    constraints: RwLock<AHashMap<Box<str>, Vec<Arc<ConstraintRule>>>>,
    keys: OnceLock<AHashMap<Box<str>, Vec<Box<str>>>>,
    /// Expressions that definitions have beside constraints, by the type of their focus.
    programs: RwLock<AHashMap<TypeId, AHashMap<Box<str>, Compiled>>>,
    oids: OnceLock<AHashMap<Box<str>, Box<str>>>,
}

/// An expression, or why it is none.
pub type Compiled = Arc<Result<Program, Box<str>>>;

impl Schema {
    pub fn new(definitions: Arc<Definitions>) -> Self {
        Schema {
            terminology: Terminology::new(definitions.clone()),
            types: Arc::new(Types::new(Arc::new(Model(definitions.clone())))),
            definitions,
            structures: Arena::new(),
            by_url: RwLock::default(),
            by_slot: RwLock::default(),
            nodes: Arena::new(),
            memo: RwLock::default(),
            joined: RwLock::default(),
            united: AtomicUsize::new(0),
            globals: OnceLock::new(),
            constraints: RwLock::default(),
            keys: OnceLock::new(),
            programs: RwLock::default(),
            oids: OnceLock::new(),
        }
    }

    /// Number of the structure with this canonical (`url` or `url|version`), read on first use.
    pub fn structure(&self, canonical: &str) -> Option<u32> {
        if let Some(known) = self.by_url.read().get(canonical) {
            return *known;
        }
        // What a sender makes up is looked for in the index alone, and not remembered.
        let (slot, is_plain) = self.definitions.structure_slot(canonical)?;
        let known = self.by_slot.read().get(&slot).copied();
        let id = known.unwrap_or_else(|| self.read(slot, canonical));
        if is_plain {
            self.by_url.write().insert(canonical.into(), id);
        }
        id
    }

    fn read(&self, slot: Slot, canonical: &str) -> Option<u32> {
        let mut read = self.definitions.structure(canonical).and_then(|definition| Structure::read(&definition));
        if let Some(structure) = &mut read {
            let issues = self.definitions.snapshot_issues(canonical).into_iter();
            structure.gaps = issues.filter(|issue| issue.severity.refuses()).map(|issue| issue.text.into()).collect();
        }
        let mut by_slot = self.by_slot.write();
        *by_slot.entry(slot).or_insert_with(|| read.map(|structure| self.structures.push(structure)))
    }

    /// Number of the structure that defines a type of FHIR, such as `Patient` or `HumanName`.
    pub fn type_structure(&self, code: &str) -> Option<u32> {
        if code.contains("://") {
            return self.structure(code);
        }
        // No part of a name.
        if code.contains(['#', '|']) {
            return None;
        }
        let mut url = smallvec::SmallVec::<[u8; 96]>::new();
        url.extend_from_slice(CORE.as_bytes());
        url.extend_from_slice(code.as_bytes());
        self.structure(std::str::from_utf8(&url).ok()?)
    }

    /// Profiles that ImplementationGuides among the definitions ask of every resource of a type.
    ///
    /// Source: `ImplementationGuide.global`.
    pub fn globals(&self, type_name: &str) -> &[u32] {
        self.globals.get_or_init(|| self.read_globals()).get(type_name).map_or(&[], Vec::as_slice)
    }

    fn read_globals(&self) -> AHashMap<Box<str>, Vec<u32>> {
        let mut by_type: AHashMap<Box<str>, Vec<u32>> = AHashMap::new();
        for entry in self.definitions.entries("ImplementationGuide") {
            let Some(guide) = self.definitions.resource("ImplementationGuide", &entry.url) else { continue };
            for global in guide.get("global").and_then(|g| g.as_array()).into_iter().flatten() {
                let text = |name: &str| global.get(name).and_then(|v| v.as_str());
                if let (Some(type_name), Some(structure)) =
                    (text("type"), text("profile").and_then(|p| self.structure(p)))
                {
                    by_type.entry(type_name.into()).or_default().push(structure);
                }
            }
        }
        by_type
    }

    /// Whether types of FHIR have a constraint under this key, and if so whether one is this expression. Reads them all when
    /// first asked, which only checking a definition does.
    pub fn core_constraint(&self, key: &str, expression: &str) -> Option<bool> {
        let known = self.keys.get_or_init(|| self.read_keys()).get(key)?;
        Some(known.iter().any(|one| **one == *expression))
    }

    fn read_keys(&self) -> AHashMap<Box<str>, Vec<Box<str>>> {
        let mut keys: AHashMap<Box<str>, Vec<Box<str>>> = AHashMap::new();
        for entry in self.definitions.entries("StructureDefinition") {
            if entry.url.strip_prefix(CORE) != Some(&*entry.about) {
                continue;
            }
            let Some(definition) = self.definitions.structure(&entry.url) else { continue };
            let Some(structure) = Structure::read(&definition) else { continue };
            for constraint in structure.elements.into_iter().flat_map(|e| e.constraints) {
                keys.entry(constraint.key).or_default().push(constraint.expression);
            }
        }
        keys
    }

    /// The url of the code system that has this OID (`urn:oid:…`) as an identifier. Reads them all when first asked, which
    /// only checking a value set that names an unknown one does.
    pub fn by_oid(&self, oid: &str) -> Option<&str> {
        if !oid.starts_with("urn:oid:") {
            return None;
        }
        self.oids.get_or_init(|| self.read_oids()).get(oid).map(|url| &**url)
    }

    fn read_oids(&self) -> AHashMap<Box<str>, Box<str>> {
        let mut oids = AHashMap::new();
        for entry in self.definitions.entries("CodeSystem") {
            let Some(system) = self.definitions.resource("CodeSystem", &entry.url) else { continue };
            let identifiers = system.get("identifier").and_then(|all| all.as_array()).into_iter().flatten();
            for oid in identifiers.filter_map(|i| i.get("value")?.as_str()).filter(|v| v.starts_with("urn:oid:")) {
                oids.insert(oid.into(), entry.url.clone());
            }
        }
        oids
    }

    /// A slice of a profile by its name, with the property that is sliced.
    pub fn slice(&self, structure: u32, name: &str) -> Option<(&Slice, &Variant)> {
        let definition = self.get(structure);
        let is_it = |element: &&Element| element.slice_name.as_deref() == Some(name);
        let element = definition.elements.iter().find(is_it)?;
        let mut node = self.node(self.compile(&[(structure, 0)], &definition.type_name));
        let mut names = element.path.split('.').skip(1).map(|name| name.trim_end_matches("[x]")).peekable();
        while let Some(part) = names.next() {
            let property = node.properties.iter().find(|property| &*property.name == part)?;
            let variant = property.variants.iter().find(|variant| variant.allowed)?;
            if names.peek().is_none() {
                let mut slices = property.groups.iter().flat_map(|group| &group.slices);
                return slices.find(|slice| &*slice.name == name).map(|slice| (slice, variant));
            }
            node = self.node(self.variant_node(variant));
        }
        None
    }

    pub fn get(&self, structure: u32) -> &Structure {
        self.structures.get(structure)
    }

    pub fn element(&self, source: Source) -> &Element {
        &self.structures.get(source.0).elements[source.1 as usize]
    }

    pub fn node(&self, id: NodeId) -> &Node {
        self.nodes.get(id)
    }

    /// How many nodes have been compiled.
    pub fn size(&self) -> usize {
        self.nodes.len()
    }

    /// How many nodes, names, expressions, value sets and code systems are kept.
    pub fn kept(&self) -> usize {
        let programs: usize = self.programs.read().values().map(|of| of.len()).sum();
        let named = self.by_url.read().len() + self.joined.read().len() + self.types.count();
        self.size() + programs + named + self.definitions.kept()
    }

    /// The node for these definitions of a value of this type, compiled on first use.
    pub fn compile(&self, sources: &[Source], type_name: &str) -> NodeId {
        let known = |memo: &Memo| memo.get(sources)?.iter().find(|(t, _)| &**t == type_name).map(|(_, id)| *id);
        if let Some(id) = known(&self.memo.read()) {
            return id;
        }
        let node = super::compile::node(self, sources, type_name);
        let mut memo = self.memo.write();
        if let Some(id) = known(&memo) {
            return id;
        }
        let id = self.nodes.push(node);
        if self.unites(sources) {
            self.united.fetch_add(1, Ordering::Relaxed);
        }
        memo.entry(sources.into()).or_default().push((type_name.into(), id));
        id
    }

    /// Whether these are of more than one profile on a resource. A sender chooses which profiles come together.
    fn unites(&self, sources: &[Source]) -> bool {
        let mut profiles = sources.iter().map(|source| source.0).filter(|structure| {
            let structure = self.get(*structure);
            structure.kind == StructureKind::Resource && structure.url.strip_prefix(CORE) != Some(&*structure.type_name)
        });
        let first = profiles.next();
        profiles.any(|other| Some(other) != first)
    }

    /// Whether there is room for nodes of several profiles at once. Where not, each profile is judged by itself, which
    /// finds the same and takes longer.
    pub fn may_unite(&self, sources: &[Source]) -> bool {
        self.united.load(Ordering::Relaxed) < MOST_UNITED || !self.unites(sources)
    }

    /// The node for values of one type of a property, compiled on first use.
    pub fn variant_node(&self, variant: &Variant) -> NodeId {
        *variant.node.get_or_init(|| self.compile(&variant.sources, &variant.type_name))
    }

    /// A node with the root of one more structure, such as the definition of an extension; `None` where there are so many
    /// that the two are to be judged one by one. Which structures come where is up to a sender.
    pub fn join(&self, node: NodeId, type_name: &str, structure: u32) -> Option<NodeId> {
        let key = (node, structure);
        {
            let joined = self.joined.read();
            if let Some(id) = joined.get(&key) {
                return Some(*id);
            }
            if joined.len() >= MOST_JOINED {
                return None;
            }
        }
        let mut sources: Vec<Source> = self.node(node).sources.to_vec();
        if !sources.contains(&(structure, 0)) {
            sources.push((structure, 0));
        }
        let id = self.compile(&sources, type_name);
        self.joined.write().insert(key, id);
        Some(id)
    }

    /// The one compiled form of an expression of a definition: of a sender's none is kept.
    pub fn program(&self, expression: &str, focus: TypeId) -> Compiled {
        if let Some(known) = self.programs.read().get(&focus).and_then(|of| of.get(expression)) {
            return known.clone();
        }
        let compiled = fhirpath::compile(expression, focus, &self.types).map_err(|error| error.to_string().into());
        let mut programs = self.programs.write();
        programs.entry(focus).or_default().entry(expression.into()).or_insert_with(|| Arc::new(compiled)).clone()
    }

    /// The one compiled form of a constraint, however many definitions repeat it.
    pub fn constraint(&self, constraint: &Constraint, focus: TypeId) -> Arc<ConstraintRule> {
        let mut all = self.constraints.write();
        let same_key = all.entry(constraint.key.clone()).or_default();
        if let Some(rule) = same_key.iter().find(|r| r.is(constraint, focus)) {
            return rule.clone();
        }
        let rule = Arc::new(ConstraintRule::new(constraint, focus));
        same_key.push(rule.clone());
        rule
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::validator::{Options, Validator};

    #[test]
    fn canonicals_that_a_sender_makes_up_are_not_kept() {
        let schema = Schema::new(Arc::new(Definitions::builder().open().expect("definitions open")));
        for n in 0..100 {
            assert_eq!(schema.structure(&format!("http://example.org/fhir/StructureDefinition/{n}")), None);
            assert_eq!(schema.type_structure(&format!("Type{n}")), None);
        }
        assert!(schema.type_structure("Patient").is_some());
        assert_eq!(schema.by_url.read().len(), 1);
    }

    #[test]
    fn profiles_for_which_there_is_no_room_at_once_are_judged_by_themselves() {
        let definitions = Arc::new(Definitions::builder().open().expect("definitions open"));
        let observation = |profiles: &[&str]| {
            let profiles: Vec<String> = profiles.iter().map(|name| format!("{CORE}{name}")).collect();
            let extension = json!({ "url": format!("{CORE}observation-focusCode"), "valueString": "x" });
            json!({ "resourceType": "Observation", "meta": { "profile": profiles }, "status": "final",
                    "code": { "text": "x", "extension": [extension] }, "valueString": "x", "extension": [extension] })
        };
        let told = |validator: &Validator, resource: &Value| {
            let found = validator.findings(resource, &[]);
            let refused = found.iter().any(|(severity, _)| severity.refuses());
            assert_eq!(validator.is_valid(resource, &[]), !refused);
            // Which profile asks for what is missing is told of each, or of the first.
            let mut found: Vec<_> = found.into_iter().map(|(_, one)| (one.kind.id(), one.at)).collect();
            found.sort();
            found.dedup();
            found
        };
        let (roomy, full) =
            (Validator::new(definitions.clone(), Options::default()), Validator::new(definitions, Options::default()));
        full.schema.united.store(MOST_UNITED, Ordering::Relaxed);
        full.schema.joined.write().extend((0..MOST_JOINED as u32).map(|n| ((n, u32::MAX), 0)));
        let names = ["bodyheight", "bodyweight", "bmi", "heartrate"];
        for profiles in [&names[..], &names[..2], &["vitalsigns"], &[]] {
            let resource = observation(profiles);
            assert_eq!(told(&full, &resource), told(&roomy, &resource), "{profiles:?}");
        }
        let size = full.size();
        for (a, b) in [(0, 2), (0, 3), (1, 2), (1, 3), (2, 3), (3, 2), (3, 0)] {
            full.validate(&observation(&[names[a], names[b]]), &[]);
        }
        assert_eq!(full.size(), size);
        assert_eq!(full.schema.joined.read().len(), MOST_JOINED);
        assert!(roomy.schema.united.load(Ordering::Relaxed) > 0);
    }
}
