//! What expressions yield: nodes of a resource, borrowed, and values of FHIRPath's own types.

use super::builtin::{self, Primitive};
use super::quantity::Quantity;
use super::temporal::{Kind, Temporal};
use super::types::{TypeId, Types};
use rust_decimal::Decimal;
use serde_json::Value;
use smallvec::SmallVec;
use std::borrow::Cow;
use std::fmt;

/// The items of a result, in order. Most results have one or two.
pub type Collection<'a> = SmallVec<[Item<'a>; 2]>;

/// Stands for the value of a primitive that has only an `_element`.
pub(super) static NOTHING: Value = Value::Null;

/// An element of a resource, or a resource: its JSON, what stands beside it in `_element`, and its type.
#[derive(Clone, Copy)]
pub struct Node<'a> {
    value: &'a Value,
    sibling: Option<&'a Value>,
    of: TypeId,
}

impl<'a> Node<'a> {
    /// An element with its JSON `value`, and for a primitive the object of its `_element`, if there is one.
    pub fn new(value: &'a Value, sibling: Option<&'a Value>, of: TypeId) -> Self {
        Node { value, sibling, of }
    }

    /// A primitive that has no value, only the object of its `_element`.
    pub fn without_value(sibling: &'a Value, of: TypeId) -> Self {
        Node { value: &NOTHING, sibling: Some(sibling), of }
    }

    /// A resource, of the type that its `resourceType` names.
    pub fn resource(value: &'a Value, types: &Types) -> Self {
        let of = value.get("resourceType").and_then(Value::as_str).map_or(TypeId::UNKNOWN, |name| types.find(name));
        Node { value, sibling: None, of }
    }

    /// JSON `null` when the element has no value.
    pub fn value(&self) -> &'a Value {
        self.value
    }

    /// The object of a primitive's `_element`: its `id` and `extension`s.
    pub fn sibling(&self) -> Option<&'a Value> {
        self.sibling
    }

    /// [`TypeId::UNKNOWN`] where nobody described the type.
    pub fn of(&self) -> TypeId {
        self.of
    }

    pub(super) fn text(&self) -> Option<&'a str> {
        self.value.as_str()
    }
}

/// One item of a collection.
#[derive(Clone)]
pub enum Item<'a> {
    Node(Node<'a>),
    Boolean(bool),
    Integer(i64),
    Decimal(Decimal),
    Text(Cow<'a, str>),
    /// A date, date-time or time.
    Moment(Temporal),
    Quantity(Box<Quantity>),
}

/// Says what kind of item it is; its content may be a patient's and is not printed.
impl fmt::Debug for Item<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Item::Node(_) => "Node",
            Item::Boolean(_) => "Boolean",
            Item::Integer(_) => "Integer",
            Item::Decimal(_) => "Decimal",
            Item::Text(_) => "Text",
            Item::Moment(_) => "Moment",
            Item::Quantity(_) => "Quantity",
        })
    }
}

impl<'a> Item<'a> {
    /// The node of the resource that this item is, if it is one and not a computed value.
    pub fn node(&self) -> Option<Node<'a>> {
        match self {
            Item::Node(node) => Some(*node),
            _ => None,
        }
    }

    /// The same item, borrowing its text.
    pub(super) fn borrowed<'b>(&'b self) -> Item<'b>
    where
        'a: 'b,
    {
        match self {
            Item::Text(text) => Item::Text(Cow::Borrowed(text)),
            other => other.clone(),
        }
    }

    /// A primitive node as the value that it holds; anything else as it is. A primitive without a value, or with
    /// one that does not fit its type, stays a node.
    pub(super) fn system(self, types: &Types) -> Item<'a> {
        match self {
            Item::Node(node) => system_value(node, types).unwrap_or(self),
            other => other,
        }
    }

    /// The type of the item: that of a node (inferred from its JSON if need be), or FHIRPath's own.
    pub(super) fn type_id(&self) -> TypeId {
        match self {
            Item::Node(node) if node.of != TypeId::UNKNOWN => node.of,
            Item::Node(node) => match node.value {
                Value::Bool(_) => builtin::BOOLEAN,
                Value::String(_) => builtin::STRING,
                Value::Number(number) if is_integer(number.as_str()) => builtin::INTEGER,
                Value::Number(_) => builtin::DECIMAL,
                _ => TypeId::UNKNOWN,
            },
            Item::Boolean(_) => builtin::SYSTEM_BOOLEAN,
            Item::Integer(_) => builtin::SYSTEM_INTEGER,
            Item::Decimal(_) => builtin::SYSTEM_DECIMAL,
            Item::Text(_) => builtin::SYSTEM_STRING,
            Item::Moment(moment) => match moment.kind {
                Kind::Date => builtin::SYSTEM_DATE,
                Kind::DateTime => builtin::SYSTEM_DATE_TIME,
                Kind::Time => builtin::SYSTEM_TIME,
            },
            Item::Quantity(_) => builtin::SYSTEM_QUANTITY,
        }
    }
}

fn system_value<'a>(node: Node<'a>, types: &Types) -> Option<Item<'a>> {
    match node.value {
        Value::Bool(value) => Some(Item::Boolean(*value)),
        Value::String(text) => Some(match types.primitive(node.of) {
            Some(Primitive::Date) => moment(Temporal::date(text), text),
            Some(Primitive::DateTime) => moment(Temporal::date_time(text), text),
            Some(Primitive::Time) => moment(Temporal::time(text), text),
            _ => Item::Text(Cow::Borrowed(text)),
        }),
        Value::Number(number) => number_item(number.as_str(), types.primitive(node.of)),
        _ => None,
    }
}

fn moment<'a>(parsed: Option<Temporal>, text: &'a str) -> Item<'a> {
    parsed.map_or(Item::Text(Cow::Borrowed(text)), Item::Moment)
}

fn number_item<'a>(text: &str, primitive: Option<Primitive>) -> Option<Item<'a>> {
    if primitive != Some(Primitive::Decimal)
        && is_integer(text)
        && let Ok(value) = text.parse()
    {
        return Some(Item::Integer(value));
    }
    decimal(text).map(Item::Decimal)
}

fn is_integer(text: &str) -> bool {
    !text.contains(['.', 'e', 'E'])
}

/// Exact, as long as 28 digits hold it; a longer fraction is rounded to them.
pub(super) fn decimal(text: &str) -> Option<Decimal> {
    if text.contains(['e', 'E']) {
        Decimal::from_scientific(text).ok()
    } else {
        Decimal::from_str_exact(text).or_else(|_| text.parse()).ok()
    }
}
