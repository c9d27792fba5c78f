//! An append-only store of compiled nodes that can be read while it grows.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

const CHUNK: usize = 512;
const CHUNKS: usize = 8192;

type Chunk<T> = Box<[OnceLock<T>]>;

/// Items are added once and never moved or removed, so that a reference lives as long as the arena. Reading takes
/// no lock. Holds at most `CHUNK * CHUNKS` items (four million).
pub struct Arena<T> {
    chunks: Box<[OnceLock<Chunk<T>>]>,
    next: AtomicU32,
}

impl<T> Arena<T> {
    pub fn new() -> Self {
        Arena { chunks: (0..CHUNKS).map(|_| OnceLock::new()).collect(), next: AtomicU32::new(0) }
    }

    /// Adds an item and returns its number.
    pub fn push(&self, item: T) -> u32 {
        let id = self.next.fetch_add(1, Ordering::Relaxed);
        let chunk = self.chunks[id as usize / CHUNK].get_or_init(|| (0..CHUNK).map(|_| OnceLock::new()).collect());
        // A number is handed out once, so the place is empty.
        let _ = chunk[id as usize % CHUNK].set(item);
        id
    }

    /// The item with this number. Numbers come from `push` alone.
    pub fn get(&self, id: u32) -> &T {
        self.chunks[id as usize / CHUNK]
            .get()
            .and_then(|chunk| chunk[id as usize % CHUNK].get())
            .expect("a number of the arena comes from push")
    }

    pub fn len(&self) -> usize {
        self.next.load(Ordering::Relaxed) as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_keep_their_number_over_chunks() {
        let arena = Arena::new();
        for i in 0..(CHUNK as u32 * 2 + 3) {
            assert_eq!(arena.push(i * 7), i);
        }
        assert_eq!(*arena.get(CHUNK as u32 + 1), (CHUNK as u32 + 1) * 7);
        assert_eq!(arena.len(), CHUNK * 2 + 3);
    }
}
