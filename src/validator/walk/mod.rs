//! Running a compiled tree: one walk of a resource, with findings into a sink.

mod element;
mod extensions;
mod lookup;
mod object;
mod resource;
mod slices;

use std::cell::{Cell, OnceCell, RefCell};

use ahash::{AHashMap, AHashSet};
use serde_json::Value;

pub use lookup::Lookup;
pub(super) use object::joined;
pub use resource::Place;

use super::Options;
use super::kind::Kind;
use super::node::{NodeId, Source};
use super::path::Path;
use super::property::property;
use super::resolve::Resolve;
use super::rules::bundle::Index;
use super::schema::Schema;
use super::sink::{Flow, Sink, Verdict};
use crate::fhir::Severity;
use crate::fhirpath::{self, DEFAULT_BUDGET, TypeId};

/// Deeper than any document that means something; guards the stack.
pub const DEPTH_LIMIT: usize = 120;

/// What a whole validation shares between its walks.
pub struct Shared<'a> {
    pub schema: &'a Schema,
    pub options: &'a Options,
    pub resolver: Option<&'a dyn Resolve>,
    /// Whether a resource holds for a node; `None` while that is being found out, which ends circles of references.
    judged: RefCell<AHashMap<(usize, NodeId), Option<bool>>>,
    /// What is said once per document.
    said: RefCell<AHashSet<Box<str>>>,
    now: OnceCell<Option<jiff::Zoned>>,
    /// A value set that a required binding names and that is not here, since this was last cleared: what holds may not.
    pub absent: Cell<Option<&'a str>>,
    pub lookup: Lookup<'a>,
    /// The resource that was last asked about, by address, and its type.
    typed: Cell<(usize, TypeId)>,
    /// What constraints may still visit in this document.
    pub steps: Cell<u64>,
    /// The same for those that only warn: who asks for the verdict alone leaves them out, and must get the same one.
    pub warning_steps: Cell<u64>,
    /// In how many looks at a value on its own, each asked for by a constraint of the one before, this is.
    pub within: u8,
}

impl<'a> Shared<'a> {
    pub fn new(schema: &'a Schema, options: &'a Options, resolver: Option<&'a dyn Resolve>) -> Self {
        Shared {
            schema,
            options,
            resolver,
            judged: RefCell::default(),
            said: RefCell::default(),
            now: OnceCell::new(),
            absent: Cell::new(None),
            lookup: Lookup::default(),
            typed: Cell::new((0, TypeId::UNKNOWN)),
            steps: Cell::new(DEFAULT_BUDGET),
            warning_steps: Cell::new(DEFAULT_BUDGET),
            within: 0,
        }
    }

    /// A resource for constraints. They nearly always ask about the same one as before.
    pub fn typed(&self, resource: &'a Value) -> fhirpath::Node<'a> {
        let address = std::ptr::from_ref(resource) as usize;
        let (known, of) = self.typed.get();
        if known == address {
            return fhirpath::Node::new(resource, None, of);
        }
        let node = fhirpath::Node::resource(resource, &self.schema.types);
        self.typed.set((address, node.of()));
        node
    }

    /// Whether what cannot be checked of a subject was said before.
    pub fn has_said(&self, subject: &str) -> bool {
        self.said.borrow().contains(subject)
    }

    /// The time that one validation goes by, read once.
    pub fn now(&self) -> Option<&jiff::Zoned> {
        self.now.get_or_init(|| self.options.clock.map(|clock| clock())).as_ref()
    }
}

/// The resources around a value, from the inside out.
#[derive(Clone, Copy)]
pub struct Scope<'s, 'a> {
    /// `%resource` of constraints.
    pub resource: &'a Value,
    /// `%rootResource`: the container of a contained resource, else the resource itself.
    pub root: &'a Value,
    pub bundle: Option<&'s Index<'a>>,
    /// Of the entry that holds the resource.
    pub full_url: Option<&'a str>,
}

pub struct Walk<'w, 'a, S> {
    pub shared: &'w Shared<'a>,
    pub sink: S,
    pub depth: usize,
    /// Whether the definition of an extension of this element says something of the element itself.
    pub asks_around: bool,
}

impl<'w, 'a, S: Sink> Walk<'w, 'a, S> {
    pub fn new(shared: &'w Shared<'a>, sink: S) -> Self {
        Walk { shared, sink, depth: 0, asks_around: false }
    }

    pub fn schema(&self) -> &'a Schema {
        self.shared.schema
    }

    /// Reports at the severity of the kind.
    pub fn report(&mut self, at: &Path<'_>, severity: Severity, kind: impl FnOnce() -> Kind) -> Flow {
        self.sink.take(severity, at, kind)
    }

    pub fn error(&mut self, at: &Path<'_>, kind: impl FnOnce() -> Kind) -> Flow {
        self.sink.take(Severity::Error, at, kind)
    }

    /// Reports what could not be checked, once per document for a subject.
    pub fn say_once(&mut self, subject: &str, at: &Path<'_>, kind: impl FnOnce() -> Kind) -> Flow {
        if !S::ALL || self.shared.has_said(subject) {
            return Flow::Continue(());
        }
        self.shared.said.borrow_mut().insert(subject.into());
        let kind = kind();
        self.sink.take(kind.base_severity(), at, || kind)
    }

    /// Whether a value holds for these definitions, without saying why not.
    pub fn holds(&self, scope: &Scope<'_, 'a>, node: NodeId, value: &'a Value) -> bool {
        let mut walk = Walk { shared: self.shared, sink: Verdict, depth: self.depth, asks_around: false };
        walk.element(scope, node, Some(value), None, &Path::root("")).is_continue()
    }

    /// Whether a resource holds for a profile. Remembered, so that many references to one resource cost one look.
    pub fn resource_holds(&self, scope: &Scope<'_, 'a>, resource: &'a Value, profile: Source) -> bool {
        let type_name = &self.schema().get(profile.0).type_name;
        if property(resource, "resourceType").and_then(Value::as_str) != Some(type_name) {
            return false;
        }
        let node = self.schema().compile(&[profile], type_name);
        let key = (std::ptr::from_ref(resource) as usize, node);
        if let Some(known) = self.shared.judged.borrow().get(&key) {
            return known.unwrap_or(true);
        }
        self.shared.judged.borrow_mut().insert(key, None);
        let mut walk = Walk { shared: self.shared, sink: Verdict, depth: self.depth, asks_around: false };
        let inner = Scope { resource, ..*scope };
        let holds = walk.known_resource(&inner, node, resource, &Path::root("")).is_continue();
        self.shared.judged.borrow_mut().insert(key, Some(holds));
        holds
    }
}
