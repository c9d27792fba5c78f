//! What the compiler knows of the types that an operation can yield.

use super::ast::{Expression, Kind, TypeName};
use super::builtin::{self, Primitive};
use super::program::{Step, TypeTest};
use super::types::{Lookup, TypeId, Types};
use smallvec::SmallVec;

/// The types that items can have. `open` when there may be others: then nothing can be called unknown.
#[derive(Clone, Default)]
pub(super) struct Shape {
    types: SmallVec<[TypeId; 4]>,
    open: bool,
}

/// A step remembers the elements of so many types; others are looked up when they come by.
const REMEMBERED: usize = 4;

impl Shape {
    pub(super) fn open() -> Self {
        Shape { types: SmallVec::new(), open: true }
    }

    /// Items of one type; of its subtypes too when it is abstract.
    pub(super) fn of(id: TypeId) -> Self {
        let mut shape = Shape::default();
        shape.add(id);
        shape
    }

    fn add(&mut self, id: TypeId) {
        self.open |= id == TypeId::UNKNOWN || builtin::is_abstract(id);
        if id != TypeId::UNKNOWN && !self.types.contains(&id) {
            self.types.push(id);
        }
    }

    pub(super) fn join(mut self, other: &Shape) -> Self {
        self.open |= other.open;
        for id in &other.types {
            self.add(*id);
        }
        self
    }

    /// The step `name` from here, where it leads, and the type that lacks it when every possible one does.
    pub(super) fn step(&self, name: &str, types: &Types) -> (Step, Shape, Option<TypeId>) {
        let mut step = Step { name: name.into(), known: SmallVec::new() };
        let mut next = Shape { types: SmallVec::new(), open: self.open };
        let mut lacking = self.types.first().copied();
        for id in &self.types {
            match types.element(*id, name) {
                Lookup::Known(element) => {
                    lacking = None;
                    if step.known.len() < REMEMBERED {
                        step.known.push((*id, element.clone()));
                    }
                    element.forms.iter().for_each(|form| next.add(form.of));
                }
                Lookup::Absent => {}
                Lookup::Open => {
                    lacking = None;
                    next.open |= types.primitive(*id).is_none();
                    // What a primitive carries in its `_element`.
                    match name {
                        "extension" => next.add(builtin::EXTENSION),
                        "id" => next.add(builtin::STRING),
                        _ => {}
                    }
                }
            }
        }
        (step, next, lacking.filter(|_| !self.open))
    }

    /// The type of items here, where none can be of the type `of`.
    pub(super) fn never(&self, of: TypeId, types: &Types) -> Option<TypeId> {
        let may_be = |id: &TypeId| types.is_a(*id, of) || types.is_a(of, *id) || types.is_open(*id);
        self.types.first().copied().filter(|_| !self.open && !self.types.iter().any(may_be))
    }

    /// True where an item here can be of a type that has the element `name`.
    pub(super) fn has(&self, name: &str, types: &Types) -> bool {
        self.types.iter().any(|id| matches!(types.element(*id, name), Lookup::Known(_)))
    }
}

/// The type that an argument such as `Quantity` or `FHIR.Quantity` names.
pub(super) fn type_argument(argument: &Expression) -> Option<TypeName> {
    let Kind::Member(qualifier, name) = &argument.kind else { return None };
    let namespace = match qualifier.as_deref() {
        None => None,
        Some(Expression { kind: Kind::Member(None, namespace), .. }) => Some(namespace.clone()),
        Some(_) => return None,
    };
    Some(TypeName { namespace, name: name.clone() })
}

pub(super) fn type_test(name: &TypeName, types: &Types) -> TypeTest {
    let system = |of| TypeTest { of, also: None, primitive: None };
    match name.namespace.as_deref() {
        Some("System") => return system(types.named(&format!("System.{}", name.name))),
        Some(_) => return system(types.named(&name.name)),
        None => {}
    }
    let (also, primitive) = match name.name.as_str() {
        "Boolean" => (builtin::SYSTEM_BOOLEAN, Some(Primitive::Boolean)),
        "String" => (builtin::SYSTEM_STRING, Some(Primitive::Text)),
        "Integer" => (builtin::SYSTEM_INTEGER, Some(Primitive::Integer)),
        "Decimal" => (builtin::SYSTEM_DECIMAL, Some(Primitive::Decimal)),
        "Date" => (builtin::SYSTEM_DATE, Some(Primitive::Date)),
        "DateTime" => (builtin::SYSTEM_DATE_TIME, Some(Primitive::DateTime)),
        "Time" => (builtin::SYSTEM_TIME, Some(Primitive::Time)),
        "Quantity" => return TypeTest { also: Some(builtin::SYSTEM_QUANTITY), ..system(builtin::QUANTITY) },
        "Any" => return system(builtin::SYSTEM_ANY),
        name => return system(types.named(name)),
    };
    TypeTest { of: also, also: None, primitive }
}
