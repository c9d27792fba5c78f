//! Which slice an item is in, and how many items each slice has.

use serde_json::Value;
use smallvec::{SmallVec, smallvec};

use super::{Scope, Walk};
use crate::validator::kind::{Kind, Nearly};
use crate::validator::node::{Node, NodeId, Property, Variant};
use crate::validator::path::Path;
use crate::validator::property::property;
use crate::validator::rules::discriminator;
use crate::validator::sink::{Flow, Sink};
use crate::validator::slicing::{Group, Slice};
use crate::validator::structure::SlicingRules;
use crate::validator::terminology::Membership;

/// Items per slice, for each slicing of a property and for its reslices, in the order of `flatten`.
pub struct Tally {
    counts: SmallVec<[u32; 16]>,
    /// Per slicing: the last slice that was seen, and whether an unmatched item was.
    last: SmallVec<[(u16, bool); 2]>,
    /// A slice's place in `counts` for each item that may be in it, where what would tell is not here.
    open: Vec<usize>,
}

fn slots(group: &Group) -> usize {
    group.slices.iter().map(|s| 1 + s.reslices.as_deref().map_or(0, slots)).sum()
}

/// Of how many items, and of how many other slices, the nearest is looked for: a hint is not worth more.
const MOST_ITEMS: usize = 50;
const MOST_OTHERS: usize = 50;

impl<'a, S: Sink> Walk<'_, 'a, S> {
    pub fn tally(&self, property: &Property) -> Tally {
        let size = property.groups.iter().map(slots).sum();
        Tally { counts: smallvec![0; size], last: smallvec![(0, false); property.groups.len()], open: Vec::new() }
    }

    /// One item of a sliced property, or an extension.
    #[allow(clippy::too_many_arguments)]
    pub fn sliced_item(
        &mut self,
        scope: &Scope<'_, 'a>,
        parent: &'a Node,
        property: &'a Property,
        variant: &'a Variant,
        value: Option<&'a Value>,
        sibling: Option<&'a Value>,
        _index: usize,
        tally: &mut Tally,
        at: &Path<'_>,
    ) -> Flow {
        let mut first = None;
        let mut more: SmallVec<[NodeId; 2]> = SmallVec::new();
        let mut slot = 0;
        for (number, group) in property.groups.iter().enumerate() {
            if let Some(slice) = group.undecidable {
                let slice = group.slices[slice as usize].name.clone();
                self.error(at, || Kind::SliceUndecidable { slice })?;
            }
            let open = tally.open.len();
            let chosen = self.choose(scope, group, value, variant, slot, tally);
            slot += slots(group);
            let is_open = tally.open.len() > open;
            match chosen {
                Some((slice, node)) => {
                    self.in_one_slice(scope, group, slice, value, variant, at)?;
                    self.in_order(group, slice, &mut tally.last[number], at)?;
                    if first.is_none() { first = Some(node) } else { more.push(node) }
                }
                None if is_open => self.untold(scope, group, value, variant, at)?,
                None => {
                    tally.last[number].1 = true;
                    if group.rules == SlicingRules::Closed && group.undecidable.is_none() {
                        let nearly = self.nearest_slice(scope, group, value, variant);
                        self.error(at, || Kind::NoSlice {
                            slices: super::object::joined(group.slices.iter().map(|s| &*s.name)),
                            nearly,
                        })?;
                    }
                }
            }
        }
        let node = first.unwrap_or_else(|| self.variant_node(variant));
        if let Some(kind) = property.extension {
            self.extension(scope, parent, kind, node, first.is_some(), value, at)?;
        } else {
            self.element(scope, node, value, sibling, at)?;
        }
        for node in more {
            self.element(scope, node, value, sibling, at)?;
        }
        Flow::Continue(())
    }

    /// Says of an item that it may be in a slice, once for each slice.
    fn untold(
        &mut self,
        scope: &Scope<'_, 'a>,
        group: &'a Group,
        value: Option<&'a Value>,
        variant: &'a Variant,
        at: &Path<'_>,
    ) -> Flow {
        let Some(value) = value.filter(|_| S::ALL) else { return Flow::Continue(()) };
        let is_open = |s: &&'a Slice| self.matches(scope, s, Some(value), variant) == Membership::Unknown;
        let Some(slice) = group.slices.iter().find(is_open).filter(|slice| !self.shared.has_said(&slice.name)) else {
            return Flow::Continue(());
        };
        let needs = discriminator::needs(self, scope, &slice.conditions, value, &variant.type_name);
        self.say_once(&slice.name, at, || Kind::SliceUnchecked { slice: slice.name.clone(), needs })
    }

    /// The slice of a group that an item is in, with the node of the innermost reslice.
    fn choose(
        &mut self,
        scope: &Scope<'_, 'a>,
        group: &'a Group,
        value: Option<&'a Value>,
        variant: &'a Variant,
        mut slot: usize,
        tally: &mut Tally,
    ) -> Option<(u16, NodeId)> {
        let url = || value.and_then(|v| property(v, "url")).and_then(Value::as_str);
        let by_url = group.by_url.as_ref().map(|urls| url().and_then(|u| urls.get(u).copied()));
        let open = tally.open.len();
        for (number, slice) in group.slices.iter().enumerate() {
            let membership = match by_url {
                Some(found) if found == Some(number as u16) => Membership::In,
                Some(_) => Membership::Out,
                None => self.matches(scope, slice, value, variant),
            };
            if membership == Membership::Unknown {
                tally.open.push(slot);
            }
            if membership == Membership::In {
                // What it is in is told, whatever is not of those before.
                tally.open.truncate(open);
                tally.counts[slot] += 1;
                let inner = slice.reslices.as_deref();
                let reslice = inner.and_then(|g| self.choose(scope, g, value, variant, slot + 1, tally));
                let node = reslice.map_or_else(|| self.slice_node(slice), |(_, node)| node);
                return Some((number as u16, node));
            }
            slot += 1 + slice.reslices.as_deref().map_or(0, slots);
        }
        let default = group.default.filter(|_| tally.open.len() == open);
        default.map(|default| (default, self.slice_node(&group.slices[default as usize])))
    }

    /// What matches one slice matches no other.
    fn in_one_slice(
        &mut self,
        scope: &Scope<'_, 'a>,
        group: &'a Group,
        chosen: u16,
        value: Option<&'a Value>,
        variant: &'a Variant,
        at: &Path<'_>,
    ) -> Flow {
        if group.exclusive {
            return Flow::Continue(());
        }
        let others = &group.slices[chosen as usize + 1..];
        match others.iter().find(|slice| self.matches(scope, slice, value, variant) == Membership::In) {
            Some(other) => self.error(at, || Kind::SeveralSlices {
                slices: super::object::joined([&*group.slices[chosen as usize].name, &*other.name].into_iter()),
            }),
            None => Flow::Continue(()),
        }
    }

    fn slice_node(&self, slice: &'a Slice) -> NodeId {
        *slice.node.get_or_init(|| self.schema().compile(&slice.sources, &slice.type_name))
    }

    /// Whether an item meets the conditions of a slice.
    pub fn matches(
        &self,
        scope: &Scope<'_, 'a>,
        slice: &'a Slice,
        value: Option<&'a Value>,
        variant: &'a Variant,
    ) -> Membership {
        let Some(value) = value else { return Membership::Out };
        discriminator::all(self, scope, &slice.conditions, value, &variant.type_name)
    }

    fn in_order(&mut self, group: &'a Group, slice: u16, last: &mut (u16, bool), at: &Path<'_>) -> Flow {
        if group.rules == SlicingRules::OpenAtEnd && last.1 {
            self.error(at, || Kind::SliceNotAtEnd)?;
        }
        if group.ordered && slice < last.0 {
            self.error(at, || Kind::SliceOrder { slice: group.slices[slice as usize].name.clone() })?;
        }
        last.0 = last.0.max(slice);
        Flow::Continue(())
    }

    /// The item that lacks least to be in a slice, of those that are in no other; none where only one url could tell.
    fn nearest_item(
        &self,
        scope: &Scope<'_, 'a>,
        group: &'a Group,
        slice: &'a Slice,
        property: &'a Property,
        (items, variant): (&'a [Value], &'a Variant),
    ) -> Option<Nearly> {
        if !S::ALL || group.by_url.is_some() {
            return None;
        }
        let taken = |item: &'a Value| {
            let others = group.slices.iter().filter(|other| !std::ptr::eq(*other, slice) && &*other.name != "@default");
            others.take(MOST_OTHERS).any(|other| self.matches(scope, other, Some(item), variant) == Membership::In)
        };
        let all = items.iter().enumerate().take(MOST_ITEMS).filter(|(_, item)| !taken(item));
        let lacking =
            all.map(|(i, item)| (i, discriminator::lacks(self, scope, &slice.conditions, item, &variant.type_name)));
        let (i, lacks) = lacking.filter(|(_, lacks)| !lacks.is_empty()).min_by_key(|(_, lacks)| lacks.len())?;
        let name = if property.array { format!("{}[{i}]", variant.json) } else { variant.json.to_string() };
        Some(Nearly { name: name.into(), lacks })
    }

    /// The slice that an item lacks least to be in.
    fn nearest_slice(
        &self,
        scope: &Scope<'_, 'a>,
        group: &'a Group,
        value: Option<&'a Value>,
        variant: &'a Variant,
    ) -> Option<Nearly> {
        let value = value.filter(|_| S::ALL && group.by_url.is_none())?;
        let lacking = group
            .slices
            .iter()
            .map(|slice| (slice, discriminator::lacks(self, scope, &slice.conditions, value, &variant.type_name)));
        let (slice, lacks) = lacking.min_by_key(|(_, lacks)| lacks.len())?;
        Some(Nearly { name: slice.name.clone(), lacks })
    }

    /// Checks how many of these items each slice got.
    pub fn settle(
        &mut self,
        scope: &Scope<'_, 'a>,
        property: &'a Property,
        items: (&'a [Value], &'a Variant),
        tally: &Tally,
        at: &Path<'_>,
    ) -> Flow {
        let mut slot = 0;
        // More than one profile may slice an element alike; what is missing is said once.
        let mut missing = SmallVec::new();
        for group in &property.groups {
            self.settle_group(scope, property, items, group, &mut slot, tally, true, &mut missing, at)?;
        }
        Flow::Continue(())
    }

    #[allow(clippy::too_many_arguments)]
    fn settle_group(
        &mut self,
        scope: &Scope<'_, 'a>,
        property: &'a Property,
        items: (&'a [Value], &'a Variant),
        group: &'a Group,
        slot: &mut usize,
        tally: &Tally,
        within: bool,
        missing: &mut SmallVec<[(&'a str, u32, u32); 2]>,
        at: &Path<'_>,
    ) -> Flow {
        for slice in &group.slices {
            let found = tally.counts[*slot];
            let open = tally.open.iter().filter(|at| **at == *slot).count() as u32;
            *slot += 1;
            let name = || -> Box<str> { format!("{}:{}", property.name, slice.name).into() };
            let told = (&*slice.name, slice.min, found);
            if within && found + open < slice.min && group.undecidable.is_none() && !missing.contains(&told) {
                missing.push(told);
                let nearly = self.nearest_item(scope, group, slice, property, items);
                self.error(at, || Kind::SliceTooFew { slice: name(), min: slice.min, found, nearly })?;
            }
            if let Some(max) = slice.max.filter(|max| found > *max) {
                self.error(at, || Kind::SliceTooMany { slice: name(), max, found })?;
            }
            if let Some(inner) = &slice.reslices {
                self.settle_group(scope, property, items, inner, slot, tally, found > 0, missing, at)?;
            }
        }
        Flow::Continue(())
    }
}
