//! The types that expressions are compiled against: what a definition says of them, read when first needed.

use super::builtin::{self, Primitive};
use super::describe::TypeDescription;
use ahash::AHashMap;
use parking_lot::RwLock;
use smallvec::SmallVec;
use std::sync::{Arc, OnceLock};

/// Where the types of elements come from; the definitions of a FHIR version, or a table in a test.
pub trait TypeModel: Send + Sync {
    /// What the type `name` consists of. `name` is a resource or datatype (`Patient`, `HumanName`) or the path of an
    /// element with elements of its own (`Patient.contact`, `Timing.repeat`). Called at most once a name;
    /// [`TypeDescription::from_structure`] makes the answer from a StructureDefinition with a snapshot.
    fn describe(&self, name: &str) -> Option<TypeDescription>;
}

/// A type known to a [`Types`]; numbers, so that nodes can carry it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TypeId(pub(super) u16);

impl TypeId {
    /// Nothing is known: types are inferred from the JSON as far as it goes.
    pub const UNKNOWN: TypeId = TypeId(0);
}

/// A type that no item has.
const NO_TYPE: &str = "(none)";

/// The types of one [`TypeModel`], or of none. Shared by all programs compiled against it and by all threads.
pub struct Types {
    model: Option<Arc<dyn TypeModel>>,
    by_name: RwLock<AHashMap<Arc<str>, TypeId>>,
    /// Filled from the front, never emptied: reading takes no lock.
    chunks: Box<[OnceLock<Chunk>]>,
}

type Chunk = Box<[OnceLock<Slot>]>;

const CHUNK: usize = 256;
const CHUNKS: usize = 128;

struct Slot {
    name: Arc<str>,
    info: OnceLock<Info>,
}

#[derive(Default)]
struct Info {
    base: Option<TypeId>,
    /// `None` when nobody described the type.
    elements: Option<AHashMap<Box<str>, Arc<Element>>>,
}

/// An element of a type: the properties that it can have in JSON, with their types.
#[derive(Debug)]
pub(super) struct Element {
    pub name: Box<str>,
    /// `value[x]` has one for each type; others have one named like the element.
    pub forms: SmallVec<[Form; 1]>,
    pub choice: bool,
}

#[derive(Debug)]
pub(super) struct Form {
    pub property: Box<str>,
    /// `_property` of a primitive; empty of other types.
    pub sibling: Box<str>,
    pub of: TypeId,
}

/// What is known of an element by its type and name.
pub(super) enum Lookup<'t> {
    Known(&'t Arc<Element>),
    /// The type is known and has no such element.
    Absent,
    /// Nothing is known of the type.
    Open,
}

impl Types {
    /// The types of `model`; described when an expression or a resource first mentions them.
    pub fn new(model: Arc<dyn TypeModel>) -> Self {
        Self::build(Some(model))
    }

    /// No definitions: only FHIR's primitive types are known, everything else is inferred from the JSON.
    pub fn untyped() -> Self {
        Self::build(None)
    }

    fn build(model: Option<Arc<dyn TypeModel>>) -> Self {
        let chunks = (0..CHUNKS).map(|_| OnceLock::new()).collect();
        let types = Types { model, by_name: RwLock::default(), chunks };
        for (name, ..) in builtin::TYPES {
            types.intern(name);
        }
        for name in builtin::COMPLEX {
            types.intern(name);
        }
        types
    }

    fn slot(&self, id: TypeId) -> Option<&Slot> {
        self.chunks[usize::from(id.0) / CHUNK].get()?[usize::from(id.0) % CHUNK].get()
    }

    /// The type called `name`, known or not yet; [`TypeId::UNKNOWN`] only when there are more than 32,768 of them.
    pub fn intern(&self, name: &str) -> TypeId {
        if let Some(id) = self.by_name.read().get(name) {
            return *id;
        }
        let mut names = self.by_name.write();
        if let Some(id) = names.get(name) {
            return *id;
        }
        let index = names.len();
        if index >= CHUNK * CHUNKS {
            return TypeId::UNKNOWN;
        }
        let id = TypeId(index as u16);
        let shared: Arc<str> = name.into();
        let chunk = self.chunks[index / CHUNK].get_or_init(|| (0..CHUNK).map(|_| OnceLock::new()).collect());
        // The write lock makes this the only one to fill the slot.
        chunk[index % CHUNK].get_or_init(|| Slot { name: shared.clone(), info: OnceLock::new() });
        names.insert(shared, id);
        id
    }

    /// The type of a resource by its `resourceType`: one that the model describes or an expression mentions.
    /// Anything else is unknown, and is not remembered, whatever a sender makes up.
    pub fn find(&self, name: &str) -> TypeId {
        if let Some(id) = self.by_name.read().get(name) {
            return *id;
        }
        match self.model.as_ref().and_then(|model| model.describe(name)) {
            Some(_) => self.intern(name),
            None => TypeId::UNKNOWN,
        }
    }

    /// The type that an expression names. Of a name that nothing goes by none is kept: expressions are a sender's too, and
    /// there is room for so many names.
    pub(super) fn named(&self, name: &str) -> TypeId {
        if self.model.is_none() {
            return self.intern(name);
        }
        match self.find(name) {
            TypeId::UNKNOWN => self.intern(NO_TYPE),
            known => known,
        }
    }

    /// How many types have a name.
    pub fn count(&self) -> usize {
        self.by_name.read().len()
    }

    /// The name under which `id` was interned: `Patient`, `Patient.contact`, `System.String`; empty when unknown.
    pub fn name(&self, id: TypeId) -> &str {
        self.slot(id).map_or("", |slot| &slot.name)
    }

    fn info(&self, id: TypeId) -> Option<&Info> {
        if id == TypeId::UNKNOWN {
            return None;
        }
        let slot = self.slot(id)?;
        Some(slot.info.get_or_init(|| {
            let described = self.model.as_ref().and_then(|model| model.describe(&slot.name));
            let base = builtin::base(id).or_else(|| Some(self.intern(described.as_ref()?.base.as_deref()?)));
            let elements = described
                .map(|description| description.elements.into_iter().map(|element| self.element_of(element)).collect());
            Info { base, elements }
        }))
    }

    fn element_of(&self, described: super::describe::ElementDescription) -> (Box<str>, Arc<Element>) {
        let form = |of: &String| {
            let property = if described.choice {
                format!("{}{}", described.name, capitalised(of))
            } else {
                described.name.clone()
            };
            let of = self.intern(of);
            let sibling = if self.primitive(of).is_some() { format!("_{property}") } else { String::new() };
            Form { property: property.into(), sibling: sibling.into(), of }
        };
        let forms = described.types.iter().map(form).collect();
        let name: Box<str> = described.name.as_str().into();
        (name.clone(), Arc::new(Element { name, forms, choice: described.choice }))
    }

    pub(super) fn element(&self, of: TypeId, name: &str) -> Lookup<'_> {
        let Some(elements) = self.info(of).and_then(|info| info.elements.as_ref()) else { return Lookup::Open };
        match elements.get(name) {
            Some(element) => Lookup::Known(element),
            None if builtin::is_abstract(of) => Lookup::Open,
            None => Lookup::Absent,
        }
    }

    /// The element that the JSON property `property` of a `parent` belongs to, and its type there.
    pub(super) fn of_property(&self, parent: TypeId, property: &str) -> TypeId {
        let Some(elements) = self.info(parent).and_then(|info| info.elements.as_ref()) else {
            return TypeId::UNKNOWN;
        };
        if let Some(element) = elements.get(property) {
            return if element.choice { TypeId::UNKNOWN } else { element.forms[0].of };
        }
        // A choice: `valueQuantity` is found under the part in front of a capital.
        property
            .char_indices()
            .filter(|(_, c)| c.is_ascii_uppercase())
            .filter_map(|(at, _)| elements.get(&property[..at]))
            .flat_map(|element| element.forms.iter())
            .find(|form| &*form.property == property)
            .map_or(TypeId::UNKNOWN, |form| form.of)
    }

    /// True where nobody described the type.
    pub(super) fn is_open(&self, id: TypeId) -> bool {
        self.info(id).is_none_or(|info| info.elements.is_none())
    }

    /// True where `id` is `ancestor` or derives from it.
    pub fn is_a(&self, id: TypeId, ancestor: TypeId) -> bool {
        let mut at = id;
        // Bounded, should a definition name itself among its bases.
        for _ in 0..32 {
            if at == ancestor {
                return true;
            }
            match self.info(at).and_then(|info| info.base) {
                Some(base) => at = base,
                None => return false,
            }
        }
        false
    }

    pub(super) fn primitive(&self, id: TypeId) -> Option<Primitive> {
        builtin::TYPES.get(usize::from(id.0)).and_then(|(_, primitive, _)| *primitive)
    }
}

fn capitalised(name: &str) -> String {
    let mut characters = name.chars();
    characters.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(characters).collect()
}

impl std::fmt::Debug for Types {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Types({} known)", self.by_name.read().len())
    }
}
