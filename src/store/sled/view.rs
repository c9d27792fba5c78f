//! The tree as the group committer sees it: what is stored, and over it what the group is about to write.

use std::collections::BTreeMap;
use std::ops::Bound;

use crate::store::StoreError;

/// sled's own errors name paths and causes, never keys or values.
pub fn failed(error: sled::Error) -> StoreError {
    match error {
        sled::Error::Corruption { .. } => StoreError::Corrupt("the database file fails its checksum".into()),
        other => StoreError::Io(other.to_string()),
    }
}

/// A key with its value.
pub type Entry = (Vec<u8>, Vec<u8>);

/// Where records are read from: the tree, or a view over it.
pub trait Read {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError>;
    /// Keys from `start` that begin with `prefix`, in order.
    fn scan(&self, prefix: &[u8], start: &[u8]) -> impl Iterator<Item = Result<Entry, StoreError>>;
}

impl Read for sled::Tree {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(sled::Tree::get(self, key).map_err(failed)?.map(|value| value.to_vec()))
    }

    fn scan(&self, prefix: &[u8], start: &[u8]) -> impl Iterator<Item = Result<Entry, StoreError>> {
        self.range::<&[u8], _>((
            Bound::Included(start.max(prefix)),
            end_of(prefix).as_deref().map_or(Bound::Unbounded, Bound::Excluded),
        ))
        .map(|entry| entry.map(|(key, value)| (key.to_vec(), value.to_vec())).map_err(failed))
    }
}

/// The first key after all that begin with `prefix`.
fn end_of(prefix: &[u8]) -> Option<Vec<u8>> {
    let mut end = prefix.to_vec();
    while let Some(last) = end.pop() {
        if last < u8::MAX {
            end.push(last + 1);
            return Some(end);
        }
    }
    None
}

/// A value to write; none removes the key.
type Write = Option<Vec<u8>>;

/// A group's writes over the tree. A commit that fails is rolled back to its savepoint without touching the others.
pub struct View<'t> {
    tree: &'t sled::Tree,
    writes: BTreeMap<Vec<u8>, Write>,
    undo: Vec<(Vec<u8>, Option<Write>)>,
}

impl<'t> View<'t> {
    pub fn new(tree: &'t sled::Tree) -> Self {
        View { tree, writes: BTreeMap::new(), undo: Vec::new() }
    }

    pub fn put(&mut self, key: Vec<u8>, value: Vec<u8>) {
        self.set(key, Some(value));
    }

    pub fn remove(&mut self, key: Vec<u8>) {
        self.set(key, None);
    }

    fn set(&mut self, key: Vec<u8>, value: Option<Vec<u8>>) {
        let former = self.writes.insert(key.clone(), value);
        self.undo.push((key, former));
    }

    /// What was written until now stays, whatever is rolled back later.
    pub fn savepoint(&mut self) {
        self.undo.clear();
    }

    pub fn roll_back(&mut self) {
        while let Some((key, former)) = self.undo.pop() {
            match former {
                Some(value) => self.writes.insert(key, value),
                None => self.writes.remove(&key),
            };
        }
    }

    pub fn is_empty(&self) -> bool {
        self.writes.is_empty()
    }

    pub fn into_batch(self) -> sled::Batch {
        let mut batch = sled::Batch::default();
        for (key, value) in self.writes {
            match value {
                Some(value) => batch.insert(key, value),
                None => batch.remove(key),
            }
        }
        batch
    }
}

impl Read for View<'_> {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        match self.writes.get(key) {
            Some(value) => Ok(value.clone()),
            None => Read::get(self.tree, key),
        }
    }

    fn scan(&self, prefix: &[u8], start: &[u8]) -> impl Iterator<Item = Result<Entry, StoreError>> {
        let mut stored = Read::scan(self.tree, prefix, start).peekable();
        let from = start.max(prefix).to_vec();
        let prefix = prefix.to_vec();
        let mut written = self.writes.range(from..).take_while(move |(key, _)| key.starts_with(&prefix)).peekable();
        std::iter::from_fn(move || {
            loop {
                let write_comes_first = match (stored.peek(), written.peek()) {
                    (Some(Ok((stored, _))), Some((written, _))) => *written <= stored,
                    (None, Some(_)) => true,
                    _ => false,
                };
                if !write_comes_first {
                    return stored.next();
                }
                let (key, value) = written.next()?;
                if matches!(stored.peek(), Some(Ok((stored, _))) if stored == key) {
                    stored.next();
                }
                if let Some(value) = value {
                    return Some(Ok((key.clone(), value.clone())));
                }
            }
        })
    }
}
