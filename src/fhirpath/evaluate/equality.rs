//! `=`, `~` and what duplicates are.

use super::*;
use ahash::AHashSet;
use rust_decimal::Decimal;
use serde_json::Value;

/// Items met before. Texts and numbers are found by hash, so that many distinct codes stay cheap.
#[derive(Default)]
pub(super) struct Seen<'a> {
    texts: AHashSet<Cow<'a, str>>,
    numbers: AHashSet<Decimal>,
    others: Vec<Item<'a>>,
}

impl<'a> Env<'_, 'a> {
    /// True when nothing equal to `item` has been seen, which from now on it is.
    pub(super) fn is_new(&self, seen: &mut Seen<'a>, item: &Item<'a>) -> Result<bool, Stop> {
        self.tick()?;
        Ok(match item.clone().system(self.types) {
            Item::Text(text) => seen.texts.insert(text),
            Item::Integer(number) => seen.numbers.insert(number.into()),
            Item::Decimal(number) => seen.numbers.insert(number),
            other => {
                for known in &seen.others {
                    self.tick()?;
                    if self.equal(known, &other) == Some(true) {
                        return Ok(false);
                    }
                }
                seen.others.push(other);
                true
            }
        })
    }

    pub(super) fn equal_collections(
        &self,
        left: &'a Op,
        right: &'a Op,
        frame: Frame<'_, 'a>,
    ) -> Result<Option<bool>, Stop> {
        let left = self.collect(left, frame)?;
        if left.is_empty() {
            return Ok(None);
        }
        let right = self.collect(right, frame)?;
        if right.is_empty() {
            return Ok(None);
        }
        if left.len() != right.len() {
            return Ok(Some(false));
        }
        let mut known = true;
        for (left, right) in left.iter().zip(&right) {
            self.tick()?;
            match self.equal(left, right) {
                Some(true) => {}
                Some(false) => return Ok(Some(false)),
                None => known = false,
            }
        }
        Ok(known.then_some(true))
    }

    /// `None` where it cannot be told: dates of different precision, units that do not compare.
    pub(super) fn equal<'b>(&self, left: &Item<'b>, right: &Item<'b>) -> Option<bool> {
        if let (Item::Node(node), Item::Text(text)) = (left, right)
            && let Value::String(found) = node.value()
            && matches!(node.of(), TypeId::UNKNOWN | builtin::CODE | builtin::URI | builtin::STRING)
        {
            return Some(found == text);
        }
        let (left, right) = (left.clone().system(self.types), right.clone().system(self.types));
        match (&left, &right) {
            (Item::Boolean(left), Item::Boolean(right)) => Some(left == right),
            (Item::Integer(left), Item::Integer(right)) => Some(left == right),
            (Item::Text(left), Item::Text(right)) => {
                self.spend(left.len() / LETTERS);
                Some(left == right)
            }
            (Item::Text(_), Item::Boolean(_) | Item::Integer(_) | Item::Decimal(_)) => Some(false),
            (Item::Moment(left), Item::Moment(right)) if !left.comparable(right) => Some(false),
            (Item::Node(left), Item::Node(right)) => match (self.quantity(*left), self.quantity(*right)) {
                (Some(left), Some(right)) => left.compare(&right).map(|ordering| ordering.is_eq()),
                _ => Some(self.same(*left, *right)),
            },
            _ => match self.compare(&left, &right) {
                Ok(ordering) => ordering.map(|ordering| ordering.is_eq()),
                Err(_) => Some(false),
            },
        }
    }

    /// Deep equality of elements: the same children with the same content, their order in JSON aside.
    fn same(&self, left: Node<'_>, right: Node<'_>) -> bool {
        match (left.value(), right.value()) {
            (Value::Null, Value::Null) => match (left.sibling(), right.sibling()) {
                (Some(left), Some(right)) => self.same_json(left, builtin::ELEMENT, right, builtin::ELEMENT),
                _ => false,
            },
            (one, other) => self.same_json(one, left.of(), other, right.of()),
        }
    }

    fn same_json(&self, left: &Value, of_left: TypeId, right: &Value, of_right: TypeId) -> bool {
        self.spend(1);
        match (left, right) {
            (Value::Object(one), Value::Object(other)) => {
                one.len() == other.len()
                    && one.iter().all(|(key, left)| {
                        let types = (self.types.of_property(of_left, key), self.types.of_property(of_right, key));
                        other.get(key).is_some_and(|right| self.same_json(left, types.0, right, types.1))
                    })
            }
            (Value::Array(one), Value::Array(other)) => {
                one.len() == other.len()
                    && one.iter().zip(other).all(|(left, right)| self.same_json(left, of_left, right, of_right))
            }
            (Value::Object(_) | Value::Array(_), _) | (_, Value::Object(_) | Value::Array(_)) => false,
            (Value::Null, Value::Null) => true,
            (Value::Null, _) | (_, Value::Null) => false,
            _ => {
                let item = |value, of| Item::Node(Node::new(value, None, of));
                left == right || self.equal(&item(left, of_left), &item(right, of_right)) == Some(true)
            }
        }
    }

    /// `~` of collections: the same items in any order.
    pub(super) fn equivalent_collections(&self, left: &[Item<'a>], right: &[Item<'a>]) -> Result<bool, Stop> {
        if left.len() != right.len() {
            return Ok(false);
        }
        let mut open: Vec<&Item<'a>> = right.iter().collect();
        for item in left {
            self.tick()?;
            match open.iter().position(|candidate| self.equivalent(item, candidate)) {
                Some(index) => {
                    self.spend(index);
                    open.swap_remove(index);
                }
                None => return Ok(false),
            }
        }
        Ok(true)
    }

    pub(super) fn equivalent(&self, left: &Item<'a>, right: &Item<'a>) -> bool {
        let (left, right) = (left.clone().system(self.types), right.clone().system(self.types));
        match (&left, &right) {
            (Item::Text(left), Item::Text(right)) => words(left).eq(words(right)),
            (Item::Integer(left), Item::Decimal(right)) => close((*left).into(), *right),
            (Item::Decimal(left), Item::Integer(right)) => close(*left, (*right).into()),
            (Item::Decimal(left), Item::Decimal(right)) => close(*left, *right),
            (Item::Moment(left), Item::Moment(right)) => {
                left.precision == right.precision
                    && self.equal(&Item::Moment(*left), &Item::Moment(*right)) == Some(true)
            }
            (Item::Quantity(left), Item::Quantity(right)) => left.is_like(right),
            (Item::Node(left), Item::Node(right)) => self.alike(*left, *right),
            _ => self.equal(&left, &right) == Some(true),
        }
    }

    /// Equivalence of elements: their children are equivalent, in whatever order.
    fn alike(&self, left: Node<'a>, right: Node<'a>) -> bool {
        if let (Some(left), Some(right)) = (self.quantity(left), self.quantity(right)) {
            return left.is_like(&right);
        }
        let (Value::Object(one), Value::Object(other)) = (left.value(), right.value()) else {
            return self.same(left, right);
        };
        let items = |parent: Node<'a>, key: &str, value: &'a Value| -> Vec<Item<'a>> {
            let of = self.types.of_property(parent.of(), key);
            let values = value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice);
            values.iter().map(|value| Item::Node(Node::new(value, None, of))).collect()
        };
        one.len() == other.len()
            && one.iter().all(|(key, value)| {
                other.get(key).is_some_and(|counterpart| {
                    let (left, right) = (items(left, key, value), items(right, key, counterpart));
                    self.equivalent_collections(&left, &right).unwrap_or(false)
                })
            })
    }
}

/// Equal as far as the less precise of the two says.
pub(in crate::fhirpath) fn close(left: Decimal, right: Decimal) -> bool {
    let scale = left.normalize().scale().min(right.normalize().scale());
    left.round_dp(scale) == right.round_dp(scale)
}

/// A text without its case and with every run of white space alike.
fn words(text: &str) -> impl Iterator<Item = String> {
    text.split_whitespace().map(str::to_lowercase)
}
