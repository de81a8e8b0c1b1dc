//! A queue of bytes that grows at the back and is consumed at the front, always contiguous.

use crate::limits::IDLE_CAPACITY;

/// Invariant: the live bytes are `head..tail` of `bytes`. What lies behind them is room that is initialized already, so
/// that reads which fill only part of what they are offered do not clear it again and again.
#[derive(Debug, Default)]
pub struct ByteLog {
    bytes: Vec<u8>,
    head: usize,
    tail: usize,
}

impl From<Vec<u8>> for ByteLog {
    fn from(bytes: Vec<u8>) -> Self {
        let tail = bytes.len();
        ByteLog { bytes, head: 0, tail }
    }
}

impl ByteLog {
    pub fn len(&self) -> usize {
        self.tail - self.head
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    pub fn as_slice(&self) -> &[u8] {
        &self.bytes[self.head..self.tail]
    }

    pub fn push(&mut self, bytes: &[u8]) {
        self.make_room(bytes.len());
        self.bytes.truncate(self.tail);
        self.bytes.extend_from_slice(bytes);
        self.tail = self.bytes.len();
    }

    pub fn push_zeros(&mut self, count: usize) {
        self.make_room(count);
        self.bytes.truncate(self.tail);
        self.bytes.resize(self.tail + count, 0);
        self.tail = self.bytes.len();
    }

    /// Drops the first `count` bytes.
    pub fn consume(&mut self, count: usize) {
        debug_assert!(count <= self.len());
        self.head += count;
        if self.is_empty() {
            self.bytes.clear();
            (self.head, self.tail) = (0, 0);
            if self.bytes.capacity() > IDLE_CAPACITY {
                self.bytes.shrink_to(IDLE_CAPACITY);
            }
        }
    }

    /// Lets `fill` write up to `count` bytes at the back; it answers how many it wrote, and whatever else it found.
    pub fn fill<T>(&mut self, count: usize, fill: impl FnOnce(&mut [u8]) -> (usize, T)) -> T {
        self.make_room(count);
        if self.bytes.len() < self.tail + count {
            self.bytes.resize(self.tail + count, 0);
        }
        let (filled, found) = fill(&mut self.bytes[self.tail..self.tail + count]);
        self.tail += filled.min(count);
        found
    }

    /// Moves the live bytes to the front before a growth would copy them anyway. Only when they are the smaller half,
    /// so that every byte is moved a bounded number of times.
    fn make_room(&mut self, count: usize) {
        if self.head > self.len() && self.bytes.capacity() - self.tail < count {
            self.bytes.copy_within(self.head..self.tail, 0);
            (self.head, self.tail) = (0, self.len());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[derive(Debug, Clone)]
    enum Step {
        Push(Vec<u8>),
        Zeros(usize),
        Consume(prop::sample::Index),
        Fill(usize, prop::sample::Index),
    }

    fn step() -> impl Strategy<Value = Step> {
        prop_oneof![
            prop::collection::vec(any::<u8>(), 0..300).prop_map(Step::Push),
            (0usize..20).prop_map(Step::Zeros),
            any::<prop::sample::Index>().prop_map(Step::Consume),
            (0usize..300, any::<prop::sample::Index>()).prop_map(|(count, filled)| Step::Fill(count, filled)),
        ]
    }

    proptest! {
        #[test]
        fn what_went_in_at_the_back_comes_out_at_the_front(steps in prop::collection::vec(step(), 0..60)) {
            let (mut log, mut model) = (ByteLog::default(), Vec::new());
            for step in steps {
                match step {
                    Step::Push(bytes) => {
                        log.push(&bytes);
                        model.extend(bytes);
                    }
                    Step::Zeros(count) => {
                        log.push_zeros(count);
                        model.resize(model.len() + count, 0);
                    }
                    Step::Consume(count) => {
                        let count = count.index(model.len() + 1);
                        log.consume(count);
                        model.drain(..count);
                    }
                    Step::Fill(count, filled) => {
                        let filled = filled.index(count + 1);
                        let offered = log.fill(count, |place| {
                            place[..filled].fill(9);
                            (filled, place.len())
                        });
                        prop_assert_eq!(offered, count);
                        model.resize(model.len() + filled, 9);
                    }
                }
                prop_assert_eq!(log.as_slice(), &model[..]);
                prop_assert_eq!((log.len(), log.is_empty()), (model.len(), model.is_empty()));
            }
        }
    }

    #[test]
    fn a_queue_that_was_long_once_does_not_stay_large() {
        let mut log = ByteLog::default();
        log.push(&vec![1; 8 * IDLE_CAPACITY]);
        log.consume(8 * IDLE_CAPACITY);
        assert!(log.bytes.capacity() <= IDLE_CAPACITY);
    }

    #[test]
    fn a_queue_that_never_runs_empty_stays_as_large_as_what_is_in_it() {
        let mut log = ByteLog::default();
        log.push(&[1; 1000]);
        for _ in 0..10_000 {
            log.push(&[2; 100]);
            log.consume(100);
        }
        assert_eq!(log.len(), 1000);
        assert!(log.bytes.capacity() <= 8000, "{}", log.bytes.capacity());
    }
}
