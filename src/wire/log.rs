//! A queue of bytes that grows at the back and is consumed at the front, always contiguous.

use std::ops::Range;

use crate::limits::IDLE_CAPACITY;
use crate::slab::Slab;

/// Invariant: the live bytes are `head..tail` of `room`, all of which is initialized.
#[derive(Debug, Default)]
pub struct ByteLog {
    room: Option<Slab>,
    head: usize,
    tail: usize,
}

impl ByteLog {
    pub fn len(&self) -> usize {
        self.tail - self.head
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    pub fn as_slice(&self) -> &[u8] {
        self.room.as_ref().map_or(&[], |room| &room[self.head..self.tail])
    }

    pub fn push(&mut self, bytes: &[u8]) {
        self.room_for(bytes.len()).copy_from_slice(bytes);
        self.tail += bytes.len();
    }

    pub fn push_zeros(&mut self, count: usize) {
        self.room_for(count).fill(0);
        self.tail += count;
    }

    /// Drops the first `count` bytes. That there are so many is the caller's to know, and not for memory to depend on.
    pub fn consume(&mut self, count: usize) {
        debug_assert!(count <= self.len());
        self.head += count.min(self.len());
        if self.is_empty() {
            (self.head, self.tail) = (0, 0);
            if self.capacity() > IDLE_CAPACITY {
                self.room = None;
            }
        }
    }

    /// Lets `fill` write up to `count` bytes at the back; it answers how many it wrote, and whatever else it found.
    pub fn fill<T>(&mut self, count: usize, fill: impl FnOnce(&mut [u8]) -> (usize, T)) -> T {
        let (filled, found) = fill(self.room_for(count));
        self.tail += filled.min(count);
        found
    }

    /// Makes room for `count` bytes more, in one step, and for `ahead` if that is much: in memory that was used before for
    /// as many as there will be `in_all`, if there is such memory.
    pub fn reserve(&mut self, count: usize, ahead: usize, in_all: usize) {
        if self.capacity() - self.tail >= count {
            return;
        }
        let wanted = self.tail.saturating_add(ahead.max(count));
        let kept = Slab::kept(self.len().saturating_add(in_all));
        if kept.is_none() && self.tail >= WORTH_MOVING && self.grow(wanted) {
            return;
        }
        self.move_to(kept.or_else(|| Slab::paged(wanted)));
    }

    fn grow(&mut self, length: usize) -> bool {
        let grown = self.room.as_mut().is_some_and(|room| room.grow(length));
        if let (true, Some(room)) = (grown, &self.room) {
            room.expect_use();
        }
        grown
    }

    fn move_to(&mut self, larger: Option<Slab>) {
        if let Some(mut larger) = larger {
            let live = self.len();
            larger[..live].copy_from_slice(self.as_slice());
            self.room = Some(larger);
            (self.head, self.tail) = (0, live);
        }
    }

    /// Gives all of it away where it lies, if that is in pages of its own: the slab, and where in it.
    pub fn give_away(&mut self) -> Option<(Slab, Range<usize>)> {
        let slab = self.room.take_if(|room| room.is_paged())?;
        let range = self.head..self.tail;
        (self.head, self.tail) = (0, 0);
        Some((slab, range))
    }

    fn capacity(&self) -> usize {
        self.room.as_ref().map_or(0, |room| room.len())
    }

    /// The next `count` bytes behind the last.
    fn room_for(&mut self, count: usize) -> &mut [u8] {
        if self.capacity() - self.tail < count {
            self.make_room(count);
        }
        let tail = self.tail;
        match &mut self.room {
            Some(room) => &mut room[tail..tail + count],
            None => &mut [],
        }
    }

    /// Moves the live bytes to the front, or to where there is room for all. To the front only when they are the smaller
    /// half, so that every byte is moved a bounded number of times.
    fn make_room(&mut self, count: usize) {
        let (head, live) = (self.head, self.len());
        match &mut self.room {
            Some(room) if head > live && room.len() - live >= count => {
                room.copy_within(head..head + live, 0);
                (self.head, self.tail) = (0, live);
            }
            _ => self.move_to(Some(Slab::of((live + count).max(2 * live).max(LEAST)))),
        }
    }
}

impl From<Vec<u8>> for ByteLog {
    fn from(bytes: Vec<u8>) -> Self {
        let tail = bytes.len();
        ByteLog { room: Some(bytes.into()), head: 0, tail }
    }
}

/// What a queue begins with: one small message.
const LEAST: usize = 64;

/// From here on to give pages another place costs less than to copy what is in them.
const WORTH_MOVING: usize = 1 << 20;

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
        assert!(log.capacity() <= IDLE_CAPACITY);
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
        assert!(log.capacity() <= 8000, "{}", log.capacity());
    }
}
