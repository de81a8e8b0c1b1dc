//! A queue of bytes that grows at the back and is consumed at the front, always contiguous.

use crate::limits::IDLE_CAPACITY;

#[derive(Debug, Default)]
pub struct ByteLog {
    bytes: Vec<u8>,
    head: usize,
}

impl ByteLog {
    pub fn len(&self) -> usize {
        self.bytes.len() - self.head
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    pub fn as_slice(&self) -> &[u8] {
        &self.bytes[self.head..]
    }

    pub fn push(&mut self, bytes: &[u8]) {
        self.make_room(bytes.len());
        self.bytes.extend_from_slice(bytes);
    }

    pub fn push_zeros(&mut self, count: usize) {
        self.make_room(count);
        self.bytes.resize(self.bytes.len() + count, 0);
    }

    /// Drops the first `count` bytes.
    pub fn consume(&mut self, count: usize) {
        debug_assert!(count <= self.len());
        self.head += count;
        if self.is_empty() {
            self.bytes.clear();
            self.head = 0;
            if self.bytes.capacity() > IDLE_CAPACITY {
                self.bytes.shrink_to(IDLE_CAPACITY);
            }
        }
    }

    /// Lets `fill` write up to `count` bytes at the back; it answers how many it wrote, and whatever else it found.
    pub fn fill<T>(&mut self, count: usize, fill: impl FnOnce(&mut [u8]) -> (usize, T)) -> T {
        self.make_room(count);
        let start = self.bytes.len();
        self.bytes.resize(start + count, 0);
        let (filled, found) = fill(&mut self.bytes[start..]);
        self.bytes.truncate(start + filled.min(count));
        found
    }

    /// Moves the live bytes to the front before a growth would copy them anyway. Only when they are the smaller half,
    /// so that every byte is moved a bounded number of times.
    fn make_room(&mut self, count: usize) {
        if self.head > self.len() && self.bytes.capacity() - self.bytes.len() < count {
            self.bytes.drain(..self.head);
            self.head = 0;
        }
    }
}
